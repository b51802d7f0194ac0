"""One judge's seat in a run, and when its troubles are the judge's and no longer a trial's."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass, field

from judge.engine.feed import Feed
from judge.engine.pace import Clock, Pacer
from judge.engine.retry import Patience
from judge.errors import JudgeUnavailable, ProviderError, RequestRejected
from judge.providers import Provider
from judge.types import JudgeModel

# So many trials failing in a row mean that the server is gone: the rest get one attempt each until
# one is answered, so that a dead server costs seconds and not hours.
GONE_AFTER = 32

# A judge that has answered nothing and refused so many requests refuses them all.
REFUSES_AFTER = 20


@dataclass
class Lane:
    """One judge's seat in a run: who answers, at what pace, and what is left to ask.

    left: how many of its workers have left. is_given_up: the policy knows of all that it had left.
    """

    judge: JudgeModel
    provider: Provider
    pacer: Pacer
    feed: Feed
    patience: Patience
    stopped: str = ""
    answered: int = 0
    failed_in_row: int = 0
    rejected: int = 0
    left: int = 0
    is_given_up: bool = False
    giving_up: asyncio.Lock = field(default_factory=asyncio.Lock)

    def stop(self, why: str) -> None:
        self.stopped = self.stopped or why

    def note_answer(self) -> None:
        self.answered += 1
        self.failed_in_row = 0

    def note_failure(self, error: ProviderError) -> None:
        self.failed_in_row += error.retryable
        self.rejected += isinstance(error, RequestRejected)
        if isinstance(error, JudgeUnavailable):
            self.stop(str(error))
        elif not self.answered and self.rejected >= REFUSES_AFTER:
            self.stop(f"it refused its first {self.rejected} requests: {error}")

    def patience_now(self) -> Patience:
        gone = self.failed_in_row >= GONE_AFTER
        return dataclasses.replace(self.patience, attempts=1) if gone else self.patience


@dataclass
class Stopwatch:
    """The time of one item without the turns that it waited for, and what it may have cost so far.

    is_limited: its last attempt was refused by the limit.
    """

    clock: Clock
    paused_s: float = 0.0
    booked_usd: float = 0.0
    is_limited: bool = False

    def __post_init__(self) -> None:
        self._begun = self.clock()

    def elapsed_s(self) -> float:
        return self.clock() - self._begun - self.paused_s
