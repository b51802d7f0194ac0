"""From which confidence on a judge's verdicts may stand alone, with a guarantee on how often they err.

A threshold is sought from the highest confidence down, each step an exact binomial test of "more than
alpha of what is judged is wrong", until one fails. Steps hang on confidences alone, so the first that
fails ends the search and no correction for their number is due: fixed-sequence testing. One start at the
top is often stuck on its few units, so there are several, which share delta.

Judges in a row, cheap to dear, have one threshold together: the first whose confidence reaches it
decides. That is one search, not one a judge.
Source: Jung, Brahman and Choi 2407.18370 (guarantee, cascade); Bauer 1991 (fixed sequences).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from judge.stats.intervals import Floats
from judge.stats.proportions import clopper_pearson

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]

STARTS = (30, 60, 120)  # units above which a search begins. Source: METHODS, on 500 Arena items
MOST_LEVELS = 1000  # steps of a search; finer confidences are thinned, which looks at no verdict
SAME = 1e-9  # confidences nearer than this are one: sums of shares do not come out alike everywhere
ABSTAINS = "no confidence is high enough for the guarantee"


@dataclass(frozen=True, slots=True)
class Level:
    """One threshold: how many units are judged at it, and how many of these wrongly."""

    threshold: float
    n: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """What the search found. value: None to abstain on everything, then why says so.

    at: the level of the threshold, None without one; upper: the largest share of wrong verdicts that its
    start's part of delta allows there. levels: all that was looked at, highest first. starts: the units
    judged where each search began.
    """

    value: float | None
    at: Level | None
    upper: float | None
    levels: tuple[Level, ...]
    starts: tuple[int, ...]
    why: str = ""


def fewest(alpha: float, delta: float) -> int:
    """The fewest units, none of them wrong, that can show at most alpha: ceil(ln delta / ln(1 - alpha))."""
    return math.ceil(math.log(delta) / math.log1p(-alpha) - SAME)


def p_value(wrong: int, n: int, alpha: float) -> float:
    """The probability of so few wrong of n where a share of alpha is: P(Bin(n, alpha) <= wrong)."""
    return float(stats.binom.cdf(wrong, n, alpha))


def upper(wrong: int, n: int, delta: float) -> float:
    """The largest share of wrong that so few do not rule out at delta: Clopper and Pearson's upper end.

    At most alpha if and only if p_value is at most delta.
    """
    return clopper_pearson(wrong, n, 1 - delta, side="upper")[1]


def decided_by(confidences: Floats, threshold: float) -> Codes:
    """The first tier whose confidence reaches the threshold, -1 where none does; shape (n,).

    confidences: shape (n, tiers), NaN where a tier says nothing.
    """
    reaches = np.nan_to_num(confidences, nan=-np.inf) >= threshold - SAME
    return np.where(reaches.any(axis=1), reaches.argmax(axis=1), -1)


def levels(confidences: Floats, wrong: Floats) -> tuple[Level, ...]:
    """What is judged at each confidence that occurs, highest first: the risk-coverage curve.

    confidences, wrong: shape (n, tiers), wrong 0 or 1 (anything where there is no confidence). Raises
    ValueError for a share of wrong: the binomial counts whole units.
    """
    said = np.isfinite(confidences)
    if not np.isin(wrong[said], (0.0, 1.0)).all():
        raise ValueError("wrong is 0 or 1 for each unit")
    at = _thresholds(confidences[said])
    own = np.where(said, confidences, -np.inf)
    best = np.maximum.accumulate(own, axis=1)
    before = np.column_stack([np.full(len(own), -np.inf), best[:, :-1]])
    # A tier decides at thresholds above all that the tiers before it reach, up to its own confidence.
    decides = own > before
    errors = np.where(decides, wrong, 0.0)[decides]
    n_wrong = _reaching(own[decides], errors, at) - _reaching(before[decides], errors, at)
    n_judged = _reaching(best[:, -1], np.ones(len(best)), at)
    rows = zip(at.tolist(), n_judged.tolist(), n_wrong.tolist(), strict=True)
    return tuple(Level(threshold, round(n), round(k)) for threshold, n, k in rows)


def _reaching(values: Floats, weights: Floats, thresholds: Floats) -> Floats:
    """The sum of the weights of the values that reach each threshold."""
    order = np.argsort(values)[::-1]
    sums = np.concatenate([[0.0], np.cumsum(weights[order])])
    return sums[np.searchsorted(-values[order], -(thresholds - SAME), side="right")]


def _thresholds(confidences: Floats) -> Floats:
    """The confidences that occur, highest first, ties and their rounding one; at most MOST_LEVELS."""
    distinct = np.unique(confidences)[::-1]
    if not len(distinct):
        return distinct
    # The lowest of a run of equal ones, so that each reaches it.
    last = np.append(distinct[:-1] - distinct[1:] > SAME, True)
    kept = distinct[last]
    if len(kept) > MOST_LEVELS:
        kept = kept[np.linspace(0, len(kept) - 1, MOST_LEVELS).round().astype(int)]
    return np.asarray(kept, dtype=np.float64)


def threshold(
    confidences: Floats,
    wrong: Floats,
    *,
    alpha: float,
    delta: float,
    starts: Sequence[int] = STARTS,
) -> Threshold:
    """The lowest threshold at which at most alpha of what is judged is wrong, but for a chance of delta.

    confidences, wrong: shape (n,) of one judge or (n, tiers) of a cascade, cheap to dear, of units that
    are independent: where several share a cluster, one of it (`one_a_cluster`). None of them may have
    served to choose the judge, its prompt or how confidence is made.
    """
    confidences, wrong = _columns(confidences), _columns(wrong)
    found = levels(confidences, wrong)
    begins = _begins(found, alpha, delta, starts)
    n_starts = tuple(found[place].n for place in begins)
    if not begins:
        need = fewest(alpha, delta)
        most = found[-1].n if found else 0
        why = f"{most:,} units are too few: the guarantee needs {need:,} that are all right"
        return Threshold(None, None, None, found, n_starts, why)
    share = delta / len(begins)
    passed = [place for begin in begins if (place := _last(found, begin, alpha, share)) is not None]
    if not passed:
        return Threshold(None, None, None, found, n_starts, ABSTAINS)
    at = found[max(passed)]
    return Threshold(at.threshold, at, upper(at.wrong, at.n, share), found, n_starts)


def _columns(values: Floats) -> Floats:
    return values[:, None] if values.ndim == 1 else values


def _begins(
    found: Sequence[Level], alpha: float, delta: float, starts: Sequence[int]
) -> tuple[int, ...]:
    """The places where a search begins: the first level with so many units, each place once.

    None before a pass is possible with its part of delta. Nothing but numbers of units is looked at.
    """
    least = fewest(alpha, delta / max(len(starts), 1))
    places = {_first_with(found, max(start, least)) for start in starts} - {None}
    if not places:
        places = {_first_with(found, fewest(alpha, delta))} - {None}
    return tuple(sorted(place for place in places if place is not None))


def _first_with(found: Sequence[Level], n: int) -> int | None:
    return next((place for place, level in enumerate(found) if level.n >= n), None)


def _last(found: Sequence[Level], begin: int, alpha: float, delta: float) -> int | None:
    """The last place before the first failure, None where the first fails."""
    last = None
    for place in range(begin, len(found)):
        if p_value(found[place].wrong, found[place].n, alpha) > delta:
            break
        last = place
    return last


def evened(probs: Floats, seed: int) -> Flags:
    """True for a random part of the labelled units in which all are as probable; shape (n,).

    probs: how probable each was to be labelled. A unit stays with probability min(probs) / its own: a
    guarantee from labels of mostly hard, or mostly easy, units would be of such units only.
    """
    if not len(probs) or np.ptp(probs) <= SAME:
        return np.ones(len(probs), dtype=bool)
    return np.asarray(np.random.default_rng(seed).random(len(probs)) < probs.min() / probs)


def one_a_cluster(clusters: NDArray[Any], seed: int) -> Flags:
    """True for one unit of each cluster, drawn at random; shape (n,).

    The binomial counts units as independent, and those of a cluster are not.
    """
    order = np.random.default_rng(seed).permutation(len(clusters))
    _, first = np.unique(clusters[order], return_index=True)
    kept = np.zeros(len(clusters), dtype=bool)
    kept[order[first]] = True
    return kept
