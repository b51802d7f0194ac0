"""When a request is sent again: which faults use up attempts, whose wish to wait is heard."""

from __future__ import annotations

import asyncio

import pytest
import virtual_time

from judge.engine.pace import Pacer
from judge.engine.retry import Patience, retrying
from judge.errors import ProviderError, RateLimited, RequestRejected, TransientError


def attempts(*errors: ProviderError | None, patience: Patience | None = None) -> tuple[int, float]:
    """How many requests were sent and how long it took, given what each would bring."""
    return virtual_time.run(_attempts(list(errors), patience or Patience()))


async def _attempts(errors: list[ProviderError | None], patience: Patience) -> tuple[int, float]:
    loop, sent = asyncio.get_running_loop(), 0
    pacer = Pacer(loop.time, asyncio.sleep)
    try:
        async for attempt in retrying(
            patience, pacer, elapsed_s=loop.time, sleep=asyncio.sleep, uniform=lambda: 1.0
        ):
            with attempt:
                sent += 1
                error = errors[min(sent, len(errors)) - 1]
                if error is not None:
                    raise error
    except ProviderError:
        pass
    return sent, loop.time()


FAULT = TransientError("503", status=503)


def test_a_fault_is_tried_again_until_it_passes() -> None:
    assert attempts(FAULT, FAULT, None)[0] == 3


def test_faults_use_up_the_attempts() -> None:
    assert attempts(FAULT, patience=Patience(attempts=4))[0] == 4


def test_a_limit_does_not_use_up_the_attempts() -> None:
    limited = RateLimited("429", status=429, retry_after_s=0.1)
    errors = [limited] * 50 + [None]
    assert attempts(*errors, patience=Patience(attempts=2))[0] == 51


def test_a_deadline_ends_even_a_limit() -> None:
    limited = RateLimited("429", status=429, retry_after_s=1.0)
    sent, took_s = attempts(limited, patience=Patience(deadline_s=10))
    assert 5 < sent <= 10
    assert took_s <= 10


def test_a_wish_to_wait_beyond_the_deadline_is_not_waited_for() -> None:
    away = TransientError("503", status=503, retry_after_s=3600)
    assert attempts(away) == (1, 0.0)


def test_what_waiting_cannot_mend_is_not_tried_again() -> None:
    assert attempts(RequestRejected("400", status=400))[0] == 1


def test_the_servers_wish_is_heard_with_a_little_spread() -> None:
    _, took_s = attempts(TransientError("503", retry_after_s=7.0), None)
    assert took_s == pytest.approx(7.0 * 1.1)


def test_waits_double_without_a_wish() -> None:
    _, took_s = attempts(FAULT, FAULT, FAULT, None)
    assert took_s == pytest.approx(0.5 + 1.0 + 2.0)
