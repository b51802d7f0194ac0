"""How far verdicts on the same presentations are the same under several wordings of a rubric.

Arrays have a row a presentation (an item, its systems, one order) and, where there are several wordings, a
column a wording. Decisions are whole numbers that stand for labels, or for equal scores; below 0 there is
none. Pairs of verdicts with one missing are left out and counted; what was never asked is neither.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judge.agreement.correlations import CONSTANT
from judge.agreement.orders import points, statistic
from judge.agreement.resampling import Statistic, at_point, with_interval
from judge.stats import sign_flip
from judge.stats.bootstrap import REPLICATES
from judge.stats.intervals import NO_INTERVAL, Floats, counted, joined, mean, undefined
from judge.stats.shares import share
from judge.types import Estimate

Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

MISSING = -1  # asked, and no verdict came
UNASKED = -2  # never asked: no part of any denominator

NO_PAIR = "no presentation has both verdicts"
NOT_TWICE = "nothing was asked twice"


@dataclass(frozen=True, slots=True)
class Tested:
    """An estimate with the exact p of its being 0, None where it has no value."""

    estimate: Estimate
    p_value: float | None


def mirror(scores: Floats, low: float, high: float) -> Floats:
    """What was given on the reversed scale, on the scale itself, and the other way: lo + hi - s."""
    found: Floats = low + high - np.asarray(scores, dtype=float)
    return found


def rescaled(scores: Floats, old: tuple[float, float], new: tuple[float, float]) -> Floats:
    """Scores of one scale on another: lo + (x - lo1)(hi - lo) / (hi1 - lo1)."""
    share = (np.asarray(scores, dtype=float) - old[0]) / (old[1] - old[0])
    found: Floats = new[0] + share * (new[1] - new[0])
    return found


# -- two verdicts on each presentation -----------------------------------------------------------


def _both(*verdicts: Codes) -> tuple[Mask, int]:
    """Where all are there, and how many presentations lack one that was asked."""
    asked = np.logical_and.reduce([v > UNASKED for v in verdicts])
    told = np.logical_and.reduce([v >= 0 for v in verdicts])
    return told, int((asked & ~told).sum())


def identical(base: Codes, other: Codes, clusters: NDArray[Any], confidence: float) -> Estimate:
    """The share of presentations on which both decisions are the same. base, other: shape (n,)."""
    return _rate("identical", base == other, base, other, clusters, confidence)


def flips(base: Codes, other: Codes, clusters: NDArray[Any], confidence: float) -> Estimate:
    """The share on which they differ."""
    return _rate("flips", base != other, base, other, clusters, confidence)


def _rate(
    name: str, hits: Mask, base: Codes, other: Codes, clusters: NDArray[Any], confidence: float
) -> Estimate:
    told, n_missing = _both(base, other)
    return share(
        hits[told].astype(float),
        clusters[told],
        name=name,
        confidence=confidence,
        n_missing=n_missing,
        note="" if told.any() else NO_PAIR,
    )


def first_told(again: Codes) -> Codes:
    """The first verdict of each row of further repeats, shape (n, K) -> (n,)."""
    if not again.shape[1]:
        return np.full(len(again), UNASKED, dtype=np.int64)
    place = (again >= 0).argmax(axis=1)
    found = again[np.arange(len(again)), place]
    return np.asarray(np.where(found >= 0, found, again.max(axis=1)))


def excess_flips(
    base: Codes,
    again: Codes,
    other: Codes,
    clusters: NDArray[Any],
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> Tested:
    """Flips of a wording above those of the base asked again, on the presentations that have all three.

    1[b != p] - 1[b != b']: where the wording changes nothing p and b' are exchangeable, so that sums of
    clusters are as often on either side. Source: exact randomisation of signs (judge.stats.sign_flip).
    """
    told, n_missing = _both(base, again, other)
    apart = (base != other).astype(float) - (base != again)
    is_asked = bool((again > UNASKED).any())
    return _tested("excess_flips", "rate", apart[told], clusters[told], n_missing, confidence, seed,
                   note="no presentation has all three verdicts" if is_asked else NOT_TWICE)  # fmt: skip


def shift(
    base: Floats,
    other: Floats,
    clusters: NDArray[Any],
    *,
    unit: str,
    confidence: float = 0.95,
    seed: int = 0,
    n_missing: int = 0,
) -> Tested:
    """The mean of a wording's values less the base's, NaN where there is none."""
    apart = other - base
    told = np.isfinite(apart)
    return _tested("shift", unit, apart[told], clusters[told], n_missing, confidence, seed, NO_PAIR)


def _tested(
    name: str,
    unit: str,
    apart: Floats,
    clusters: NDArray[Any],
    n_missing: int,
    confidence: float,
    seed: int,
    note: str,
) -> Tested:
    found = mean(
        apart,
        clusters,
        name=name,
        unit=unit,
        bounds=(-1.0, 1.0) if unit == "rate" else None,
        confidence=confidence,
        n_missing=n_missing,
        note="" if len(apart) else note,
    )
    if found.value is None:
        return Tested(found, None)
    return Tested(found, sign_flip.p_value(sign_flip.cluster_sums(apart, clusters), seed=seed))


def mean_absolute(
    base: Floats, other: Floats, clusters: NDArray[Any], confidence: float, n_missing: int = 0
) -> Estimate:
    """How far two scores of a presentation lie apart."""
    apart = np.abs(other - base)
    told = np.isfinite(apart)
    return mean(
        apart[told],
        clusters[told],
        name="mean_absolute",
        unit="score",
        confidence=confidence,
        n_missing=n_missing,
        note="" if told.any() else NO_PAIR,
    )


def acquiescence(
    base: Floats, mirrored: Floats, clusters: NDArray[Any], confidence: float, n_missing: int = 0
) -> Estimate:
    """How much a judge leans to one end of whatever scale it is offered: mean of (s - m) / 2.

    mirrored: scores given on the reversed scale, mapped back; with s_rev as given, m = lo + hi - s_rev and
    this is mean(s + s_rev) / 2 - (lo + hi) / 2. Above 0: towards the high end.
    """
    apart = (base - mirrored) / 2
    told = np.isfinite(apart)
    return mean(
        apart[told],
        clusters[told],
        name="acquiescence",
        unit="score",
        confidence=confidence,
        n_missing=n_missing,
        note="" if told.any() else NO_PAIR,
    )


def rank_correlation(
    base: Floats,
    other: Floats,
    clusters: NDArray[Any],
    *,
    seed: int = 0,
    replicates: int = REPLICATES,
    confidence: float = 0.95,
    n_missing: int = 0,
) -> Estimate:
    """Spearman's correlation of two scores of a presentation: what survives a change of scale."""
    told = np.isfinite(base) & np.isfinite(other)
    empty = undefined("rank_correlation", "correlation", NO_PAIR, confidence, n_missing)
    if not told.any():
        return empty
    own = numbered(clusters[told])
    p = points(base[told], other[told], own)
    of_weights = statistic("spearman", p)
    value = at_point(of_weights, len(p.counts))
    if not np.isfinite(value) or np.ptp(p.x) == 0 or np.ptp(p.y) == 0:
        return replace(empty, note=CONSTANT.replace("the judge's or people's", "one wording's"))
    found = replace(
        empty,
        value=value,
        n=int(told.sum()),
        n_clusters=len(p.counts),
        method="Spearman, mean ranks",
        note="",
    )
    return resampled(found, of_weights, own, seed, replicates, len(p.x))


def numbered(clusters: NDArray[Any]) -> Codes:
    return np.unique(clusters, return_inverse=True)[1].reshape(-1)


def resampled(
    found: Estimate, of: Statistic, clusters: Codes, seed: int, replicates: int, width: int
) -> Estimate:
    """With its interval, unless no replicate is wanted."""
    if not replicates:
        return replace(found, note=joined(found.note, NO_INTERVAL + "no replicates"))
    return with_interval(found, of, clusters, seed=seed, replicates=replicates, width=width)


# -- several wordings ----------------------------------------------------------------------------


def agreement_of(said: Codes) -> Floats:
    """Of each presentation the share of its pairs of verdicts that are the same, NaN without a pair.

    said: shape (n, W).
    """
    alike, pairs = np.zeros(len(said)), np.zeros(len(said))
    for a, b in combinations(range(said.shape[1]), 2):
        both = (said[:, a] >= 0) & (said[:, b] >= 0)
        alike += both & (said[:, a] == said[:, b])
        pairs += both
    return np.asarray(np.divide(alike, pairs, out=np.full(len(said), np.nan), where=pairs > 0))


def agreement(said: Codes, clusters: NDArray[Any], confidence: float = 0.95) -> Estimate:
    """The share of identical decisions over all pairs of wordings; presentations weigh equally."""
    values = agreement_of(said)
    told = np.isfinite(values)
    return share(
        values[told],
        clusters[told],
        name="agreement",
        confidence=confidence,
        n_missing=without_pair(said),
        note=_left_out(said) if told.any() else NO_PAIR,
    )


def without_pair(said: Codes) -> int:
    """How many presentations were asked in two wordings or more and have fewer than two verdicts."""
    return int((((said > UNASKED).sum(axis=1) >= 2) & ((said >= 0).sum(axis=1) < 2)).sum())


def _left_out(said: Codes) -> str:
    asked, told = (said > UNASKED).sum(axis=1), (said >= 0).sum(axis=1)
    lost = int((asked * (asked - 1) // 2 - told * (told - 1) // 2)[told >= 2].sum())
    return f"{counted(lost, 'pair')} of verdicts with one missing left out" if lost else ""


def all_same(said: Codes, clusters: NDArray[Any], confidence: float = 0.95) -> Estimate:
    """The share of presentations on which every verdict is the same, of those that have all."""
    asked, told = (said > UNASKED).all(axis=1), (said >= 0).all(axis=1)
    own = said[told]
    return share(
        (own == own[:, :1]).all(axis=1).astype(float),
        clusters[told],
        name="all_same",
        confidence=confidence,
        n_missing=int((asked & ~told).sum()),
        note="" if told.any() else "no presentation has all verdicts",
    )


def net_agreement(
    said: Codes, repeats: Codes, clusters: NDArray[Any], confidence: float = 0.95
) -> Estimate:
    """Agreement over wordings less that of the base with itself, on presentations that have both.

    repeats: the base's own verdicts, shape (n, K).
    """
    apart = agreement_of(said) - agreement_of(repeats)
    told = np.isfinite(apart)
    is_asked = repeats.shape[1] > 1 and bool((repeats[:, 1:] > UNASKED).any())
    lost = (_asked_twice(said) & _asked_twice(repeats) & ~told).sum()
    return mean(
        apart[told],
        clusters[told],
        name="net_agreement",
        unit="rate",
        bounds=(-1.0, 1.0),
        confidence=confidence,
        n_missing=int(lost),
        note="" if told.any() else NO_PAIR if is_asked else NOT_TWICE,
    )


def _asked_twice(said: Codes) -> Mask:
    return np.asarray((said > UNASKED).sum(axis=1) >= 2)


def items_that_flip(
    said: Codes, items: NDArray[Any], clusters: NDArray[Any], confidence: float = 0.95
) -> Estimate:
    """The share of items with any presentation on which two verdicts differ. items: labels, (n,)."""
    told = (said >= 0).sum(axis=1) >= 2
    own = said[told]
    highest = own.max(axis=1, initial=MISSING)
    lowest = np.where(own >= 0, own, np.iinfo(np.int64).max).min(
        axis=1, initial=highest.max(initial=0)
    )
    _, first, places = np.unique(items[told], return_index=True, return_inverse=True)
    any_flip = np.bincount(places.reshape(-1), highest != lowest, minlength=len(first)) > 0
    asked = np.unique(items[_asked_twice(said)])
    return share(
        any_flip.astype(float),
        clusters[told][first],
        name="items_that_flip",
        confidence=confidence,
        n_missing=len(asked) - len(first),
        note="" if len(first) else NO_PAIR,
    )
