"""Tests that may be looked at after every item, and intervals that hold whenever one stops.

A fixed test that is looked at again and again finds a difference sooner or later where there is none.
An e-value may be looked at as often as one likes: were there no difference, it would ever reach 1/alpha
with a probability of at most alpha (Ville 1939). The unit is a value of its own, so a cluster's mean,
in an order that was fixed beforehand.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from judge.stats.intervals import undefined
from judge.types import Estimate

Floats = NDArray[np.float64]

# Values nearer than this to a half are ties: means of the same verdicts differ by less.
TIE = 1e-9

# The means that are held against the values, a thousandth apart.
GRID: Floats = np.linspace(0.0, 1.0, 1001)

# No bet puts more than this share of what can be lost at stake. Source: as in hedged_interval.
MOST_AT_STAKE = 0.5

# An e-value of e^700 is written as itself: more would not be a float.
LARGEST_LOG = 700.0

CONFIDENCE_SEQUENCE = "confidence sequence, valid at any stopping time"


# -- decided pairs: the sign test ----------------------------------------------------------------


def log_e_sign(wins: ArrayLike, n: ArrayLike) -> Floats:
    """The log of 2^n / ((n+1) C(n, wins)): the e-value of n decided pairs against even chances.

    A mixture of all chances of winning, with equal weights, against one half. wins, n: any shapes.
    Source: Robbins 1970.
    """
    k, total = np.asarray(wins, dtype=np.float64), np.asarray(n, dtype=np.float64)
    return np.asarray(special.betaln(k + 1, total - k + 1) + total * math.log(2))


def e_sign(wins: int, n: int) -> float:
    """The e-value itself, no larger than a float can be."""
    return as_e_value(float(log_e_sign(wins, n)))


def as_e_value(log_e: float) -> float:
    """e to that power, no larger than a float can be."""
    return math.exp(min(log_e, LARGEST_LOG))


def sign_interval(wins: int, n: int, alpha: float = 0.05) -> tuple[float, float]:
    """The chances of winning whose e-value is below 1/alpha; (0, 1) without a decided pair.

    It leaves out a half if and only if e_sign has reached 1/alpha.
    """
    if not n:
        return 0.0, 1.0

    def excess(p: float) -> float:
        likelihood = float(special.xlogy(wins, p) + special.xlog1py(n - wins, -p))
        return float(special.betaln(wins + 1, n - wins + 1)) - likelihood + math.log(alpha)

    share = wins / n
    low = 0.0 if not wins else float(optimize.brentq(excess, 1e-300, share))
    high = 1.0 if wins == n else float(optimize.brentq(excess, share, 1 - 1e-16))
    return low, high


def decided_rate(wins: int, n: int, alpha: float) -> Estimate:
    """The share of decided pairs that were won, with the interval that the e-value stands for."""
    name, confidence = "decided_win_rate", 1 - alpha
    if not n:
        return undefined(name, "rate", "no pair was decided", confidence)
    low, high = sign_interval(wins, n, alpha)
    return Estimate(
        name,
        wins / n,
        ci_low=low,
        ci_high=high,
        confidence=confidence,
        n=n,
        n_clusters=n,
        method=f"share of decided pairs; {CONFIDENCE_SEQUENCE}",
    )


def sign_stops(wins: NDArray[np.bool_], alpha: float = 0.05) -> NDArray[np.int64]:
    """After how many decided pairs each run stops, 0 for those that never do.

    wins: shape (n_runs, n), True where a pair was won.
    """
    reached = log_e_sign(np.cumsum(wins, axis=1), np.arange(1, wins.shape[1] + 1)) >= -math.log(
        alpha
    )
    return np.where(reached.any(axis=1), reached.argmax(axis=1) + 1, 0)


# -- values from 0 to 1: betting on the mean -----------------------------------------------------


@dataclass
class Betting:
    """The hedged betting process on the mean of values from 0 to 1, for many means at once.

    means: those that are held against the values, shape (m,). shape: of the values added at once, ()
    for one sequence, (n_runs,) for many. Capital is what a bet on a larger, or smaller, mean came to.
    Source: Waudby-Smith and Ramdas 2010.09686, hedged capital process.
    """

    alpha: float = 0.05
    means: Floats = field(default_factory=lambda: GRID)
    shape: tuple[int, ...] = ()
    n: int = 0

    def __post_init__(self) -> None:
        self._sum, self._squares = np.full(self.shape, 0.5), np.full(self.shape, 0.25)
        self._up = np.zeros((*self.shape, len(self.means)))
        self._down = np.zeros_like(self._up)
        self._kept = np.ones_like(self._up, dtype=bool)
        with np.errstate(divide="ignore"):
            self._most_up = MOST_AT_STAKE / self.means
            self._most_down = MOST_AT_STAKE / (1 - self.means)

    def add(self, value: ArrayLike) -> None:
        """Takes the next value of each sequence."""
        x = np.asarray(value, dtype=np.float64)
        variance = self._squares / (self.n + 1)
        self.n += 1
        scale = self.n * math.log(1 + self.n)
        bet = np.sqrt(2 * math.log(2 / self.alpha) / (scale * variance))[..., None]
        apart = x[..., None] - self.means
        self._up += np.log1p(np.minimum(bet, self._most_up) * apart)
        self._down += np.log1p(-np.minimum(bet, self._most_down) * apart)
        self._sum = self._sum + x
        self._squares = self._squares + (x - self._sum / (self.n + 1)) ** 2
        kept = self._kept & (self.log_e < -math.log(self.alpha))
        # An empty intersection says nothing; the last one stands.
        self._kept = np.where(kept.any(axis=-1, keepdims=True), kept, self._kept)

    @property
    def log_e(self) -> Floats:
        """The log of each mean's e-value: half the larger capital."""
        return np.asarray(np.maximum(self._up, self._down) - math.log(2))

    @property
    def interval(self) -> tuple[float, float]:
        """Both ends of one sequence's confidence sequence: the first means beyond those never refuted.

        It is open at its ends: what lies between two means of the grid counts as not refuted.
        """
        kept = np.flatnonzero(self._kept)
        first, last = max(kept[0] - 1, 0), min(kept[-1] + 1, len(self.means) - 1)
        return float(self.means[first]), float(self.means[last])

    def side(self, mean: int) -> int:
        """1 where the capital speaks for more than the mean at this place of the grid, -1 for less."""
        return 1 if self._up[mean] > self._down[mean] else -1


def hedged_interval(values: Iterable[float], alpha: float = 0.05) -> tuple[float, float]:
    """The confidence sequence of the mean of values from 0 to 1 after the last of them."""
    betting = Betting(alpha)
    for value in values:
        betting.add(value)
    return betting.interval


# -- when to stop --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """When a comparison is known. by_sign: by the pairs that are not tied, else by the mean.

    margin: half the width of the region around 0.5 that counts as no difference, None where none was
    stated. A wrong "better" and a wrong "equivalent" are each held to alpha, and they cannot both be
    wrong: no mean is a half and outside the margin.
    """

    alpha: float = 0.05
    by_sign: bool = True
    margin: float | None = None


@dataclass
class Sequential:
    """A comparison being read value by value. said: "better", "worse", "equivalent", "" so far.

    total: the sum of the values. Neither "better" nor "worse" is said while their mean is on the other
    side of a half: more may be won by little than is lost by much.
    """

    rule: Rule
    n: int = 0
    total: float = 0.0
    decided: int = 0
    wins: int = 0
    largest_log_e: float = 0.0
    said: str = ""

    def __post_init__(self) -> None:
        needs_mean = not self.rule.by_sign or self.rule.margin is not None
        self._betting = Betting(self.rule.alpha) if needs_mean else None

    def add(self, value: float) -> str:
        """What is known after the next value, from 0 to 1 with 0.5 a tie."""
        self.n += 1
        self.total += value
        self.decided += abs(value - 0.5) > TIE
        self.wins += value > 0.5 + TIE
        if self._betting is not None:
            self._betting.add(value)
        log_e, is_better = self._evidence()
        self.largest_log_e = max(self.largest_log_e, log_e)
        if self._is_within_margin():
            self.said = "equivalent"
        elif log_e >= -math.log(self.rule.alpha) and is_better == (self.total > self.n / 2):
            self.said = "better" if is_better else "worse"
        return self.said

    def _evidence(self) -> tuple[float, bool]:
        """The log of the e-value against no difference, and whether it speaks for better."""
        if self._betting is None or self.rule.by_sign:
            return float(log_e_sign(self.wins, self.decided)), 2 * self.wins > self.decided
        half = len(GRID) // 2
        return float(self._betting.log_e[half]), self._betting.side(half) > 0

    def _is_within_margin(self) -> bool:
        if self._betting is None or self.rule.margin is None:
            return False
        low, high = self._betting.interval
        return max(0.5 - low, high - 0.5) <= self.rule.margin + TIE

    @property
    def e_value(self) -> float:
        """The largest e-value so far."""
        return as_e_value(self.largest_log_e)

    @property
    def p_value(self) -> float:
        """The p of no difference, valid whenever one looks: one over the largest e-value."""
        return math.exp(-self.largest_log_e)
