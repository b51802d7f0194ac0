"""What is read off fitted models: a number with each cluster's part in it.

A contrast keeps the influence of every cluster, so that numbers of several judges, who saw the same
items, can be averaged with the right uncertainty.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit, logit

from judge.stats.intervals import NO_INTERVAL, ROUNDING, Floats, joined, uneven_note
from judge.stats.pairwise import PairwiseFit
from judge.types import Estimate

FEWEST_DF = 0.5  # what hangs on fewer than one and a half clusters hangs on one


@dataclass(frozen=True, slots=True)
class Contrast:
    """A value and its influence by cluster. clusters: labels, shape (G,); influence: shape (G,).

    note: said of the estimate. has_interval: False where its standard error would mean nothing.
    worth: how many clusters of equal size it hangs on, None for all of them.
    """

    value: float
    clusters: NDArray[Any]
    influence: Floats
    note: str = ""
    has_interval: bool = True
    worth: float | None = None

    @property
    def df(self) -> float:
        """The degrees of freedom of its t: one less than the clusters that it hangs on."""
        return (len(self.clusters) if self.worth is None else self.worth) - 1

    @property
    def se(self) -> float:
        """The standard error by cluster, 0 with one cluster."""
        g = len(self.clusters)
        return math.sqrt(g / (g - 1) * float(self.influence @ self.influence)) if g > 1 else 0.0


def worth(weights: Floats, codes: NDArray[Any]) -> float:
    """How many clusters of equal size a sum hangs on. weights: of its values; codes: their clusters from 0.

    The sandwich is as good as so many clusters: where few of many hold what a coefficient is told from,
    the others add degrees of freedom and no knowledge. Source: Bell and McCaffrey 2002, of independent
    values; Carter, Schnepel and Steigerwald 2017.
    """
    parts = np.bincount(codes, weights**2)
    return float(parts.sum() ** 2 / np.sum(parts**2))


def least_worth(parts: Sequence[Contrast]) -> float | None:
    """The worth of what several contrasts go into: that of the one that hangs on the fewest clusters."""
    return min((part.worth for part in parts if part.worth is not None), default=None)


def p_value(contrast: Contrast) -> float | None:
    """The two-sided p of a contrast being 0, by t; None where it has no spread or hangs on one cluster."""
    if contrast.se <= ROUNDING or contrast.df < FEWEST_DF:
        return None
    return float(2 * stats.t.sf(abs(contrast.value) / contrast.se, contrast.df))


def strength_difference(fit: PairwiseFit, a: int, b: int) -> Contrast:
    """How much stronger a is than b, in log-odds; without an interval where only a prior tells them apart."""
    is_known = not fit.prior or bool(fit.unbeaten[a] == fit.unbeaten[b] and fit.terms_told)
    note = joined(_prior_note(fit, "the two apart", is_known=is_known), _uneven(fit))
    value = float(fit.strengths[a] - fit.strengths[b])
    influence = fit.influence[:, a] - fit.influence[:, b]
    met = min(int(fit.met[a]), int(fit.met[b]))  # what it is told from, if the others know it all
    worth = None if met == len(fit.clusters) else float(met)
    return Contrast(value, fit.clusters, influence, note, is_known, worth)


def win_rate(fit: PairwiseFit, a: int, b: int) -> Contrast:
    """The share that a wins against b where all terms are 0: in no order, at equal length."""
    difference = strength_difference(fit, a, b)
    p = float(expit(difference.value))
    return replace(difference, value=p, influence=difference.influence * p * (1 - p))


def coefficient(fit: PairwiseFit, term: int) -> Contrast:
    """A term's coefficient in log-odds; without an interval where only a prior tells it."""
    influence = fit.influence[:, len(fit.strengths) + term]
    note = joined(_prior_note(fit, "it", is_known=fit.terms_told), _uneven(fit))
    value = float(fit.coefficients[term])
    return Contrast(value, fit.clusters, influence, note, fit.terms_told)


def _uneven(fit: PairwiseFit) -> str:
    """A warning where few clusters hold most of the verdicts."""
    worth = float(fit.sizes.sum() ** 2 / np.sum(fit.sizes**2))
    return uneven_note(len(fit.sizes), worth)


def _prior_note(fit: PairwiseFit, what: str, *, is_known: bool) -> str:
    """What the prior has to do with a number. what: it tells, as in "the two apart"."""
    if not fit.prior:
        return ""
    said = (
        f"with a prior of {fit.prior:g} pseudo-verdicts a pair, as some system always won or lost"
    )
    return said if is_known else f"{NO_INTERVAL}only the prior tells {what} ({said})"


def weighted(parts: Sequence[Contrast], weights: Sequence[float]) -> Contrast:
    """The weighted mean of contrasts over the same clusters or others. weights: any, above 0."""
    shares = np.asarray(weights, dtype=float) / float(np.sum(weights))
    labels = np.unique(np.concatenate([part.clusters for part in parts]))
    influence = np.zeros(len(labels))
    for part, share in zip(parts, shares, strict=True):
        influence[np.searchsorted(labels, part.clusters)] += share * part.influence
    return Contrast(
        float(shares @ [part.value for part in parts]),
        labels,
        influence,
        joined(*dict.fromkeys(part.note for part in parts)),
        all(part.has_interval for part in parts),
        least_worth(parts),
    )


def estimate(
    contrast: Contrast,
    *,
    name: str,
    unit: str,
    n: int,
    n_missing: int = 0,
    confidence: float = 0.95,
    note: str = "",
) -> Estimate:
    """The estimate with its t(G-1) interval; that of a rate is formed in log-odds, so it stays inside."""
    g, se = len(contrast.clusters), contrast.se
    uneven = "" if contrast.worth is None else uneven_note(g, contrast.worth)
    note = joined(note, contrast.note, uneven)
    found = Estimate(
        name,
        contrast.value,
        confidence=confidence,
        unit=unit,
        n=n,
        n_clusters=g,
        n_missing=n_missing,
        method="pairwise model",
        note=note,
    )
    if not contrast.has_interval:
        return found
    if g < 2 or se <= ROUNDING:
        why = "all verdicts are of one cluster" if g < 2 else "no spread between clusters"
        return replace(found, note=joined(note, NO_INTERVAL + why))
    if contrast.df < FEWEST_DF:
        return replace(found, note=joined(note, NO_INTERVAL + "it hangs on one cluster"))
    low, high = _ends(contrast, confidence, is_rate=unit == "rate")
    method = f"pairwise model; sandwich by cluster, t({round(contrast.df, 1):.12g})"
    return replace(found, se=se, ci_low=low, ci_high=high, method=method)


def _ends(contrast: Contrast, confidence: float, *, is_rate: bool) -> tuple[float, float]:
    value = contrast.value
    half = float(stats.t.ppf((1 + confidence) / 2, contrast.df)) * contrast.se
    if not is_rate or not 0 < value < 1:
        return value - half, value + half
    middle, half = float(logit(value)), half / (value * (1 - value))
    return float(expit(middle - half)), float(expit(middle + half))


def inflation(fit: PairwiseFit, a: int, b: int) -> float:
    """How many times the terms raise the variance of a's difference from b (1: not at all).

    The variance inflation factor in the fitted model's own weights. Source: Fox and Monette 1992.
    """
    k = len(fit.strengths)
    contrast = np.zeros(k)
    contrast[a], contrast[b] = 1.0, -1.0
    with_terms = fit.bread[:k, :k]
    if len(fit.coefficients) == 0:
        return 1.0
    cross, own = fit.bread[:k, k:], fit.bread[k:, k:]
    alone = with_terms - cross @ np.linalg.solve(own, cross.T)
    return float((contrast @ with_terms @ contrast) / (contrast @ alone @ contrast))
