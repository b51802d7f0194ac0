"""One pacer for all workers of a limit.

A 429 says that the account asks too fast, not that an item is at fault: items that back off each on
their own return as a herd and lose most of a run at a real limit. So the rate is held in one place.
It is unknown and unbounded at first. Where the share of refused requests is surely above a threshold
(single refusals are weather), the rate falls to what the server was seen to accept, and creeps up
again from there.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

# Above this share of 429s a limit is taken to be in force. Two standard errors of a binomial share
# keep a run of stray ones from counting as one.
LIMITED_SHARE = 0.12
WINDOW = 100
FEWEST_OUTCOMES = 16

# Growth of the rate a second: fast until the limit was met for the second time, then slow.
FAST_GROWTH = 1.0
LARGEST_GROWTH = 10.0
SLOW_GROWTH = 0.05

# A first guess of the rate is no lower than this; a second cut mends one that was too high.
LOWEST_GUESS_PER_S = 8.0

# A sleep ends late by about a millisecond; so much lost time may be caught up.
CATCH_UP_S = 0.02

# The accepted rate is read from the passes of the last second, or of half of one at the least.
RECENT_S = 1.0
SHORTEST_S = 0.5

# Each refused item heeds the server's wish to wait. All wait together where the limit is new or the
# wish is long, up to where an item's deadline ends it anyway.
SHORT_WISH_S = 2.0
LONGEST_PAUSE_S = 120.0


@dataclass
class Pacer:
    """Hands out starting times for the requests of one limit.

    ceiling_per_s: a configured limit that is never passed; tokens_per_s likewise for tokens.
    """

    clock: Clock
    sleep: Sleep
    ceiling_per_s: float = math.inf
    tokens_per_s: float = math.inf
    _rate: float = math.inf
    _cuts: int = 0
    _changed_at: float = -math.inf
    _grown_at: float = 0.0
    _next: float = -math.inf
    _next_tokens: float = -math.inf
    _outcomes: deque[bool] = field(default_factory=lambda: deque(maxlen=WINDOW))
    _passes: deque[float] = field(default_factory=deque)
    _longest_hint_s: float = 0.0
    _first_pass_at: float | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def rate_per_s(self) -> float:
        """Requests a second that are let through now; infinite where no limit is known."""
        return min(self._rate, self.ceiling_per_s)

    @property
    def is_limiting(self) -> bool:
        """True where a limit was met and requests are held back because of it."""
        return self._cuts > 0

    async def start(self, tokens: float = 0.0) -> float:
        """Waits for this request's turn; the time at which it starts. First come, first served."""
        async with self._turn:
            while (wait := self._due() - self.clock()) > 0:
                await self.sleep(wait)
            return self._book(tokens)

    def passed(self, started: float) -> None:
        """A request that started then was not refused by the limit."""
        self._note(started, limited=False)

    def limited(self, started: float, retry_after_s: float | None) -> None:
        """A request that started then met the limit."""
        self._note(started, limited=True)
        self._longest_hint_s = max(self._longest_hint_s, retry_after_s or 0.0)
        if self._is_over():
            self._cut(retry_after_s or 0.0)

    def _due(self) -> float:
        return max(self._next, self._next_tokens)

    def _book(self, tokens: float) -> float:
        now = self.clock()
        self._grow(now)
        earliest = now - CATCH_UP_S
        self._next = max(self._next, earliest) + 1 / self.rate_per_s
        self._next_tokens = max(self._next_tokens, earliest) + tokens / self.tokens_per_s
        return now

    def _grow(self, now: float) -> None:
        if math.isfinite(self._rate) and now > self._grown_at:
            growth = (FAST_GROWTH if self._cuts < 2 else SLOW_GROWTH) * self._headroom()
            # After a long idle time the rate is as good as unbounded; its exponent must not be.
            self._rate *= math.exp(min(growth * (now - self._grown_at), LARGEST_GROWTH))
            self._grown_at = now

    def _headroom(self) -> float:
        """1 where nothing is refused, 0 from half the share at which a limit counts as met."""
        if not self._outcomes:
            return 1.0
        share = sum(self._outcomes) / len(self._outcomes)
        return max(0.0, 1 - share / (LIMITED_SHARE / 2))

    def _note(self, started: float, *, limited: bool) -> None:
        # What was sent before the last change says nothing about the rate after it.
        if started >= self._changed_at:
            self._outcomes.append(limited)
            if not limited:
                self._note_pass(self.clock())

    def _note_pass(self, now: float) -> None:
        if self._first_pass_at is None:
            self._first_pass_at = now
        self._passes.append(now)
        while self._passes[0] < now - RECENT_S:
            self._passes.popleft()

    def _is_over(self) -> bool:
        n, limited = len(self._outcomes), sum(self._outcomes)
        slack = 2 * math.sqrt(LIMITED_SHARE * (1 - LIMITED_SHARE) * n)
        return n >= FEWEST_OUTCOMES and limited > LIMITED_SHARE * n + slack

    def _cut(self, retry_after_s: float) -> None:
        now = self.clock()
        self._rate = max(self._accepted_per_s(now), 1e-3)
        if self._cuts == 0 or retry_after_s > SHORT_WISH_S:
            self._next = now + min(retry_after_s, LONGEST_PAUSE_S)
        self._cuts += 1
        self._changed_at = self._grown_at = max(now, self._next)
        self._outcomes.clear()
        self._passes.clear()
        self._longest_hint_s = 0.0
        self._first_pass_at = None

    def _accepted_per_s(self, now: float) -> float:
        """The rate that the server was seen to accept, or a guess where it was not seen for long.

        An honest hint says how long until one place is free. The longest of many is near the whole
        time of a place, whose inverse is a rate; a single one may be the last moment of it.
        """
        seen_s = 0.0 if self._first_pass_at is None else now - self._first_pass_at
        if seen_s >= SHORTEST_S:
            recent = sum(at >= now - RECENT_S for at in self._passes)
            return min(recent / min(seen_s, RECENT_S), self._rate)
        if math.isfinite(self._rate):
            return 0.7 * self._rate
        hinted = 1 / self._longest_hint_s if self._longest_hint_s else 0.0
        return max(hinted, LOWEST_GUESS_PER_S)
