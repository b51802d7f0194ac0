"""Shares of counts: intervals that hold with few trials, and where all of them came out the same.

Wald's interval is not here: it has no width at 0 of n, which is where one is most needed. Every
function takes counts of independent trials; where several are of one cluster, judge.stats.intervals
has the mean by cluster.
"""

from __future__ import annotations

import math
from typing import Literal

from scipy import stats

from judge.stats.intervals import undefined
from judge.types import Estimate

Side = Literal["two", "upper", "lower"]
Ends = tuple[float, float]


def wilson(k: int, n: int, confidence: float = 0.95) -> Ends:
    """Both ends of the score interval of a share of k in n. The default for a share.

    Raises ValueError for counts that cannot be. Source: Wilson 1927.
    """
    _check(k, n)
    z = float(stats.norm.ppf((1 + confidence) / 2))
    weight = n / (n + z**2)
    middle = weight * k / n + (1 - weight) / 2
    half = z * math.sqrt(weight * (k * (n - k) / n**3 + z**2 / (4 * n**2)) * weight)
    # At 0 and n one end is 0 or 1 exactly, which rounding would miss.
    return 0.0 if k == 0 else middle - half, 1.0 if k == n else middle + half


def clopper_pearson(k: int, n: int, confidence: float = 0.95, side: Side = "two") -> Ends:
    """Both ends of the exact interval, which never covers less often than it says; for guarantees.

    side: "upper" and "lower" leave all of the error to that end, the other being 0 or 1.
    Raises ValueError for counts that cannot be. Source: Clopper and Pearson 1934.
    """
    _check(k, n)
    tail = (1 - confidence) / (2 if side == "two" else 1)
    low = 0.0 if k == 0 or side == "upper" else float(stats.beta.ppf(tail, k, n - k + 1))
    high = 1.0 if k == n or side == "lower" else float(stats.beta.isf(tail, k + 1, n - k))
    return low, high


def bonett_price(b: int, c: int, n: int, confidence: float = 0.95) -> Ends:
    """Both ends of the interval of (b - c) / n, a difference of two shares of the same n items.

    b, c: the items that only the first, only the second has. One is added to each, so that items that
    all agree leave a width. Raises ValueError for counts that cannot be.
    Source: Bonett and Price 2012 (adjusted Wald interval of paired proportions).
    """
    _check(b + c, n)
    _check(min(b, c), n)
    first, second = (b + 1) / (n + 2), (c + 1) / (n + 2)
    z = float(stats.norm.ppf((1 + confidence) / 2))
    middle = first - second
    half = z * math.sqrt((first + second - middle**2) / (n + 2))
    return max(middle - half, -1.0), min(middle + half, 1.0)


def mcnemar_exact(b: int, c: int) -> float:
    """The two-sided p of both kinds of change being equally likely: 1 where nothing changed.

    b, c: how many changed one way and the other. Source: McNemar 1947, by the exact binomial.
    """
    _check(min(b, c), b + c + 1)
    if b + c == 0:
        return 1.0
    return float(stats.binomtest(b, b + c, 0.5).pvalue)


def rate(
    k: int, n: int, *, name: str, confidence: float = 0.95, n_missing: int = 0, note: str = ""
) -> Estimate:
    """The share of k in n with Wilson's interval; undefined, with the note, of none."""
    if n == 0:
        return undefined(name, "rate", note or "no values", confidence, n_missing)
    low, high = wilson(k, n, confidence)
    return Estimate(
        name=name,
        value=k / n,
        ci_low=low,
        ci_high=high,
        confidence=confidence,
        unit="rate",
        n=n,
        n_clusters=n,
        n_missing=n_missing,
        method="Wilson interval",
        note=note,
    )


def _check(k: int, n: int) -> None:
    if n < 1 or not 0 <= k <= n:
        raise ValueError(f"{k} of {n}: give a count from 0 to the number of trials, at least one")
