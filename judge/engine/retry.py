"""When a failed request is sent again, and after what wait. The policy is data for tenacity.

A refusal by a limit waits for the shared pacer and costs the item nothing; every other fault uses up
one of its attempts. A deadline ends both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from judge.engine.pace import Pacer, Sleep
from judge.errors import ProviderError, RateLimited, TransientError

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 20.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How much trouble one item is worth."""

    attempts: int = 6
    deadline_s: float = 600.0


@dataclass
class _Trouble:
    """The faults of one item so far."""

    patience: Patience
    pacer: Pacer
    elapsed_s: Callable[[], float]
    uniform: Callable[[], float]
    faults: int = 0

    def wait_s(self, state: RetryCallState) -> float:
        """The server's wish, else a random share of a wait that doubles with each fault."""
        error = _error(state)
        asked = error.retry_after_s if isinstance(error, TransientError) else None
        if asked is not None:
            return asked * (1 + 0.1 * self.uniform())
        if isinstance(error, RateLimited) and self.pacer.is_limiting:
            return 0.0
        longest = min(FIRST_WAIT_S * 2.0**self.faults, LONGEST_WAIT_S)
        return longest * (0.5 + 0.5 * self.uniform())

    def is_over(self, state: RetryCallState) -> bool:
        """True where another attempt is not allowed, or could only come after the deadline."""
        self.faults += not isinstance(_error(state), RateLimited)
        late = self.elapsed_s() + state.upcoming_sleep > self.patience.deadline_s
        return self.faults >= self.patience.attempts or late


def retrying(
    patience: Patience,
    pacer: Pacer,
    *,
    elapsed_s: Callable[[], float],
    sleep: Sleep,
    uniform: Callable[[], float],
) -> AsyncRetrying:
    """A tenacity controller for one item.

    elapsed_s: what counts towards the item's deadline; a turn that it waits for does not. uniform:
    draws from [0, 1).
    """
    trouble = _Trouble(patience, pacer, elapsed_s, uniform)
    return AsyncRetrying(
        sleep=sleep,
        wait=trouble.wait_s,
        stop=trouble.is_over,
        retry=retry_if_exception(lambda e: isinstance(e, ProviderError) and e.retryable),
        reraise=True,
    )


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
