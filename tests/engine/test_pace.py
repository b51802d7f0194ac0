"""The pacer in virtual time, against limits of every shape that providers use."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
import virtual_time

from judge.engine.pace import Pacer
from judge.engine.retry import Patience, retrying
from judge.errors import RateLimited

Limit = Callable[[float], float | None]


@dataclass
class Bucket:
    """A token bucket; the hint says when one token is free, in whole seconds where rounded."""

    rate: float
    burst: float
    rounded: bool = False
    level: float = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.level = self.burst

    def __call__(self, now: float) -> float | None:
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level >= 1:
            self.level -= 1
            return None
        wait = (1 - self.level) / self.rate
        return float(math.ceil(wait)) if self.rounded else wait


@dataclass
class Window:
    """So many requests a period of the clock; the hint says when the next period begins."""

    rate: float
    period_s: float
    begun: float = -1.0
    passed: int = 0

    def __call__(self, now: float) -> float | None:
        begun = now // self.period_s
        if begun != self.begun:
            self.begun, self.passed = begun, 0
        self.passed += 1
        return (
            None if self.passed <= self.rate * self.period_s else (begun + 1) * self.period_s - now
        )


@dataclass
class Stray:
    """No limit, but a share of requests is refused all the same."""

    share: float
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def __call__(self, now: float) -> float | None:
        return 0.01 if self.chance.random() < self.share else None


@dataclass
class Tally:
    took_s: float = 0.0
    sent: int = 0
    lost: int = 0


def crowd(
    limit: Limit, *, trials: int, latency_s: float, workers: int = 64, seed: int = 0
) -> Tally:
    """What became of so many trials that so many workers bring to a limited server."""
    return virtual_time.run(_crowd(limit, trials, latency_s, workers, seed))


async def _crowd(limit: Limit, trials: int, latency_s: float, workers: int, seed: int) -> Tally:
    loop, chance, tally = asyncio.get_running_loop(), random.Random(seed), Tally()
    pacer, waiting = Pacer(loop.time, asyncio.sleep), iter(range(trials))

    async def send() -> None:
        started = await pacer.start()
        tally.sent += 1
        await asyncio.sleep(latency_s / 2)
        hint = limit(loop.time())
        await asyncio.sleep(latency_s * (0.25 + 0.5 * chance.random()))
        if hint is not None:
            pacer.limited(started, hint)
            raise RateLimited("too many requests", status=429, retry_after_s=hint)
        pacer.passed(started)

    async def work() -> None:
        for _ in waiting:
            try:
                begun = loop.time()
                async for attempt in retrying(
                    Patience(),
                    pacer,
                    elapsed_s=lambda begun=begun: loop.time() - begun,  # type: ignore[misc]
                    sleep=asyncio.sleep,
                    uniform=chance.random,
                ):
                    with attempt:
                        await send()
            except RateLimited:
                tally.lost += 1

    await asyncio.gather(*(work() for _ in range(workers)))
    tally.took_s = loop.time()
    return tally


@pytest.mark.parametrize("latency_s", [0.002, 0.02, 0.2])
@pytest.mark.parametrize("burst", [5, 10, 50])
def test_a_hard_limit_loses_nothing_and_wastes_little(burst: int, latency_s: float) -> None:
    """50 requests/s, honest hints, 64 workers, 500 trials."""
    tally = crowd(Bucket(50, burst), trials=500, latency_s=latency_s)
    assert tally.lost == 0
    assert tally.sent <= 1.35 * 500
    assert tally.took_s <= 1.4 * 500 / 50


@pytest.mark.parametrize(
    "limit",
    [
        Bucket(50, 1),
        Bucket(50, 1, rounded=True),
        Bucket(50, 10, rounded=True),
        Bucket(50, 5),
        Window(50, 1.0),
        Window(10, 60.0),
    ],
    ids=str,
)
def test_no_shape_of_limit_loses_a_trial(limit: Limit) -> None:
    tally = crowd(limit, trials=1000, latency_s=0.3)
    assert tally.lost == 0
    assert tally.sent <= 1.5 * 1000


@pytest.mark.parametrize("share", [0.05, 0.10])
def test_stray_refusals_do_not_slow_a_run(share: float) -> None:
    """Refusals below the threshold are weather: the same run without them is hardly faster."""
    clear, stray = (crowd(Stray(s), trials=5000, latency_s=0.2) for s in (0.0, share))
    assert stray.lost == 0
    assert stray.took_s <= 1.4 * clear.took_s


def test_a_configured_limit_is_never_passed() -> None:
    async def starts() -> list[float]:
        loop = asyncio.get_running_loop()
        pacer = Pacer(loop.time, asyncio.sleep, ceiling_per_s=10)
        return list(await asyncio.gather(*(pacer.start() for _ in range(50))))

    times = virtual_time.run(starts())
    assert len(times) == 50
    assert all(later - now >= 0.1 - 0.02 for now, later in pairwise(times))
    assert times[-1] == pytest.approx(4.9, abs=0.05)


def test_tokens_are_paced_like_requests() -> None:
    async def starts() -> list[float]:
        loop = asyncio.get_running_loop()
        pacer = Pacer(loop.time, asyncio.sleep, tokens_per_s=100)
        return list(await asyncio.gather(*(pacer.start(tokens=50) for _ in range(9))))

    assert virtual_time.run(starts())[-1] == pytest.approx(4.0, abs=0.05)


def test_one_refusal_alone_changes_nothing() -> None:
    async def rate() -> float:
        loop = asyncio.get_running_loop()
        pacer = Pacer(loop.time, asyncio.sleep)
        for n in range(40):
            started = await pacer.start()
            if n == 20:
                pacer.limited(started, 1.0)
            else:
                pacer.passed(started)
        return pacer.rate_per_s

    assert virtual_time.run(rate()) == math.inf


def test_a_long_idle_time_after_a_limit_is_no_overflow() -> None:
    async def rate() -> float:
        loop = asyncio.get_running_loop()
        pacer = Pacer(loop.time, asyncio.sleep)
        for _ in range(40):
            pacer.limited(await pacer.start(), 0.1)
        await asyncio.sleep(100_000)
        await pacer.start()
        return pacer.rate_per_s

    assert 0 < virtual_time.run(rate()) < math.inf
