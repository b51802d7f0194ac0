"""What filler alone does to a judge: the log-odds that an answer gains with each doubling of its length.

Nothing but length differs between an item's answers here, so that the slope is causal. Items differ in how
good their answers are; conditioning on how often an item's target won takes all of that out, and with it
that the target may have been chosen by an earlier verdict.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from judge.stats import lengths
from judge.stats.intervals import NO_INTERVAL, ROUNDING, Floats, counted, joined, undefined
from judge.types import Estimate

NAME = "padding_slope"
UNIT = "log-odds per doubling"
POINTS = "points per doubling"
FEWEST = 5  # items whose verdict changed, from which a slope is told
_FURTHEST = 50.0  # log-odds per doubling; nothing that can be told apart lies beyond
_NOT_ASKED = "no padded answer has a verdict beside the answer as it was"


@dataclass(frozen=True, slots=True)
class _Likelihood:
    """The conditional likelihood of strata. sums: shape (n, c), the doublings of each possible set of wins.

    weights: shape (n, c), what the observed verdicts weigh on it, a tie half on either side.
    totals: shape (c,), how many wins the set has. allowed: shape (n, c), sets of verdicts that are there.
    items: shape (n,), the place from 0 of the item that a stratum is of.
    """

    sums: Floats
    weights: Floats
    totals: NDArray[np.int64]
    allowed: NDArray[np.bool_]
    items: NDArray[np.int64]

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return int(self.items.max(initial=-1)) + 1

    def at(self, slope: float) -> tuple[float, Floats, float]:
        """The log-likelihood, each item's score (its derivative), and the information, at a slope."""
        value, information, scores = 0.0, 0.0, np.zeros(len(self.sums))
        for total in range(
            1, int(self.totals.max())
        ):  # where none or all won there is one set alone
            own = self.totals == total
            sums, weights, allowed = self.sums[:, own], self.weights[:, own], self.allowed[:, own]
            logs = np.where(allowed, slope * sums, -np.inf)
            top = np.where(allowed.any(axis=1), logs.max(axis=1), 0.0)
            chances = np.exp(logs - top[:, None])
            mass = np.maximum(chances.sum(axis=1), 1e-300)
            chances = chances / mass[:, None]
            apart = sums - (chances * sums).sum(axis=1)[:, None]
            weight = weights.sum(axis=1)
            value += float(slope * (weights * sums).sum() - weight @ (top + np.log(mass)))
            scores += (weights * apart).sum(axis=1)
            information += float(weight @ (chances * apart**2).sum(axis=1))
        return value, np.bincount(self.items, scores).astype(np.float64), information


def slope(
    verdicts: Floats,
    doublings: Floats,
    items: NDArray[np.int64] | None = None,
    *,
    confidence: float = 0.95,
    n_missing: int = 0,
) -> Estimate:
    """The log-odds that the target wins by for each doubling of its length by filler.

    verdicts: shape (n, k), a stratum a row: of each presentation of an item in one order whether the
    target won, 1, 0.5 or 0, NaN where there is none. doublings: shape (n, k), log2 of its length over that
    of the answer as it was. items: shape (n,), which item a stratum is of; None where each has its own.
    Conditional logistic regression; a tie counts half either way. The interval is where the likelihood is
    not too low, with its height brought to the spread of the items' scores.
    Null where too few verdicts changed, or all changed the same way: no slope is then too steep.
    Verdicts that are coins in part make the slope of the others look flatter than it is.
    n: items with verdicts on two lengths in one order. Source: Breslow and Day 1980, chapter 7
    (conditional likelihood); Chandler and Bate 2007 (adjusted height).
    """
    there = ~np.isnan(verdicts) & ~np.isnan(doublings)
    lowest = np.where(there, doublings, np.inf).min(axis=1, initial=np.inf)
    highest = np.where(there, doublings, -np.inf).max(axis=1, initial=-np.inf)
    kept = highest - lowest > ROUNDING
    if not kept.any():
        return undefined(NAME, UNIT, _NOT_ASKED, confidence, n_missing)
    of = np.arange(len(verdicts)) if items is None else items
    likelihood = _likelihood(verdicts[kept], doublings[kept], there[kept], of[kept])
    why = _why_not(likelihood)
    if why:
        return undefined(NAME, UNIT, why, confidence, n_missing)
    value = _maximum(likelihood)
    low, high, se = _interval(likelihood, value, confidence)
    n = len(np.unique(of[kept]))
    return Estimate(
        NAME,
        value,
        se=se,
        ci_low=low,
        ci_high=high,
        confidence=confidence,
        unit=UNIT,
        n=n,
        n_clusters=n,
        n_missing=n_missing,
        method="conditional logistic regression by item and order; likelihood interval adjusted by item",
        note=joined(
            f"told by {counted(likelihood.n_items, 'item')} whose verdict changed",
            "" if low is not None and high is not None else NO_INTERVAL + "one end is not bounded",
        ),
    )


def _likelihood(
    verdicts: Floats, doublings: Floats, there: NDArray[np.bool_], items: NDArray[np.int64]
) -> _Likelihood:
    """Of the strata whose verdict changed with length: the others have nothing to tell."""
    sets = np.array([*product((0.0, 1.0), repeat=verdicts.shape[1])])
    wins = np.where(there, verdicts, 0.0)[:, None, :]
    each = wins * sets + (1 - wins) * (1 - sets)  # an absent verdict weighs on not winning alone
    allowed = np.asarray(~((sets[None] > 0) & ~there[:, None, :]).any(axis=2))
    sums = np.where(there, doublings, 0.0) @ sets.T
    totals = sets.sum(axis=1).astype(np.int64)
    whole = _Likelihood(sums, each.prod(axis=2) * allowed, totals, allowed, items)
    least, most = _ranges(whole)
    told = ((whole.weights > 0) & (most - least > ROUNDING)).any(axis=1)
    _, codes = np.unique(items[told], return_inverse=True)
    return _Likelihood(sums[told], whole.weights[told], totals, allowed[told], codes)


def _ranges(likelihood: _Likelihood) -> tuple[Floats, Floats]:
    """The least and the most that the sum of doublings could be, given how many wins: shape (n, c)."""
    least, most = np.zeros_like(likelihood.sums), np.zeros_like(likelihood.sums)
    for total in np.unique(likelihood.totals):
        own = likelihood.totals == total
        sums, allowed = likelihood.sums[:, own], likelihood.allowed[:, own]
        least[:, own] = np.where(allowed, sums, np.inf).min(axis=1, keepdims=True)
        most[:, own] = np.where(allowed, sums, -np.inf).max(axis=1, keepdims=True)
    return least, most


def _why_not(likelihood: _Likelihood) -> str:
    """Why there is no slope, "" where there is one."""
    n_told = likelihood.n_items
    if n_told < FEWEST:
        return (
            f"the verdict changed with length in {counted(n_told, 'item')}: too few to tell a slope"
        )
    least, most = _ranges(likelihood)
    weights = likelihood.weights > 0
    for ends, word in ((most, "longer"), (least, "shorter")):
        if np.abs(np.where(weights, ends - likelihood.sums, 0.0)).max() <= ROUNDING:
            return f"every verdict that changed was for the {word} answer: no slope is too steep"
    return ""


def _maximum(likelihood: _Likelihood) -> float:
    def score(at: float) -> float:
        return float(likelihood.at(at)[1].sum())

    reach = 1.0
    while score(-reach) < 0 or score(reach) > 0:
        reach *= 2
    return float(optimize.brentq(score, -reach, reach, xtol=1e-10))


def _interval(
    likelihood: _Likelihood, value: float, confidence: float
) -> tuple[float | None, float | None, float]:
    """Both ends, None where the likelihood stays high, and the sandwich's standard error."""
    top, scores, information = likelihood.at(value)
    n = likelihood.n_items
    spread = n / (n - 1) * float(scores @ scores)
    t = float(stats.t.ppf((1 + confidence) / 2, n - 1))
    allowed = t**2 * spread / information / 2

    def beyond(at: float) -> float:
        return top - likelihood.at(at)[0] - allowed

    se = math.sqrt(spread) / information
    low, high = (_crossing(beyond, value, side * max(se, 1e-3)) for side in (-1, 1))
    return low, high, se


def _crossing(beyond: Callable[[float], float], value: float, step: float) -> float | None:
    """Where the likelihood has fallen far enough, looked for in steps that grow."""
    near, far = value, value + 2 * step
    while beyond(far) <= 0:
        near, far = far, value + 2 * (far - value)
        if abs(far - value) > _FURTHEST:
            return None
    return float(optimize.brentq(beyond, min(near, far), max(near, far), xtol=1e-9))


def points(
    gains: Floats,
    lengthened: Floats,
    items: NDArray[np.int64],
    *,
    confidence: float,
    n_missing: int,
) -> Estimate:
    """The points that an answer's score gains with each doubling of its length by filler.

    gains: its score padded less its score as it was; lengthened: of log(1 + characters), shape (n,).
    items: which item it is of. The interval is t by item.
    """
    known = ~np.isnan(gains) & ~np.isnan(lengthened)
    found = lengths.padding_slope(gains[known], lengthened[known], items[known])
    if found is None:
        return undefined(NAME, POINTS, _NOT_ASKED, confidence, n_missing)
    value, se, g = found.value * lengths.DOUBLING, found.se * lengths.DOUBLING, len(found.clusters)
    has_spread = g > 1 and se > ROUNDING
    half = float(stats.t.ppf((1 + confidence) / 2, g - 1)) * se if has_spread else None
    return Estimate(
        NAME,
        value,
        se=se,
        ci_low=None if half is None else value - half,
        ci_high=None if half is None else value + half,
        confidence=confidence,
        unit=POINTS,
        n=g,
        n_clusters=g,
        n_missing=n_missing,
        method="mean gain over mean lengthening; delta method by item",
        note="" if has_spread else NO_INTERVAL + "no spread between items",
    )
