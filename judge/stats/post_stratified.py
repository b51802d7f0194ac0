"""A mean as people would have it, from a judge that says one of few things: people's mean at each of them.

What people say where the judge says a certain thing, weighted by how often it says that. For a binary
judge this is the efficient estimator, and PPI++ with the best weight tends to the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from judge.stats.bounded import Bounds
from judge.stats.correction import (
    FEWEST,
    Corrected,
    Sample,
    correlation,
    degrees_of_freedom,
    estimate_of,
    interval_of,
    labels_only,
)
from judge.stats.intervals import Floats, counted, undefined

IN_STRATUM = 5  # labels at each thing the judge says; neighbours with fewer are put together
MOST_VALUES = 10  # different values of a judge that says few things


@dataclass(frozen=True, slots=True)
class _Strata:
    """The stratum of each unit, shape (m,), and how many there are."""

    of: Floats
    n: int


def post_stratified(
    sample: Sample,
    *,
    name: str = "post_stratified",
    unit: str = "rate",
    bounds: Bounds | None = (0.0, 1.0),
    confidence: float = 0.95,
    shares_of_all: bool = True,
    ddof: int = 1,
    fewest: int = FEWEST,
    in_stratum: int = IN_STRATUM,
) -> Corrected:
    """sum_h W_h mean(Y | h) over what the judge says, h; units without a verdict are one h more.

    W_h: the share of h among all units, or among the unlabelled ones alone. ddof 0 leaves out the small
    sample factor of each variance. A stratum whose labels all agree has the variance of (k + 1/2) / (m + 1).
    Undefined where the judge says more than MOST_VALUES things, or one alone once neighbours with fewer than
    in_stratum labels are put together. Source: Chen et al. 2601.05420 (EIF); Holt and Smith 1979.
    """
    labelled = sample.is_labelled
    codes = np.unique(sample.clusters, return_inverse=True)[1]
    g = len(np.unique(codes[labelled]))
    why = _why_not(sample, g, fewest)
    strata = _strata(sample, in_stratum) if not why else _Strata(np.zeros(len(codes)), 1)
    if not why and strata.n < 2:
        why = "the judge says one thing only, or too few labels are at another"
    alone = labels_only(sample, name=name, unit=unit, bounds=bounds, confidence=confidence)
    if why:
        nothing = undefined(name, unit, why, confidence)
        return replace(alone, estimate=nothing, interval=None, worth=None)
    value, parts, more = _sums(sample, strata, bounds, shares_of_all, ddof)
    sums = np.bincount(codes, weights=parts)
    g_all = len(sums)
    factor = g_all / (g_all - 1) if ddof else 1.0
    se = math.sqrt(factor * float(sums @ sums) + more)
    interval = interval_of(value, se, degrees_of_freedom(sample), bounds)
    how = f"EIF over {strata.n} things the judge says"
    e = estimate_of(interval, name, unit, confidence, len(codes), g, how, "")
    n = alone.n_labelled
    spread = alone.interval.se if alone.interval else 0.0
    worth = n * max(1.0, (spread / se) ** 2) if se > 0 else None
    return Corrected(e, interval, None, correlation(sample), n, g, worth)


def _why_not(sample: Sample, g: int, fewest: int) -> str:
    said = np.unique(sample.judged[np.isfinite(sample.judged)])
    if g < fewest:
        return f"{counted(g, 'labelled cluster')}: {fewest} are needed to correct"
    if sample.is_labelled.all():
        return "every item is labelled"
    if len(said) > MOST_VALUES:
        return f"the judge says {len(said):,} different things; at most {MOST_VALUES} can be told apart"
    return ""


def _strata(sample: Sample, in_stratum: int) -> _Strata:
    """A stratum for each value, neighbours with few labels put together; no verdict lies beyond the last."""
    values = np.where(np.isfinite(sample.judged), sample.judged, np.inf)
    found, codes = np.unique(values, return_inverse=True)
    labels = np.bincount(codes[sample.is_labelled], minlength=len(found))
    place, joined_to, held = 0, np.zeros(len(found), dtype=np.int64), 0
    for k, many in enumerate(labels):
        joined_to[k] = place
        held += int(many)
        if held >= in_stratum:
            place, held = place + 1, 0
    if held or joined_to[-1] == place:  # the last ones have too few: they go with those before
        joined_to = np.minimum(joined_to, max(place - 1, 0))
    return _Strata(joined_to[codes].astype(float), int(joined_to.max()) + 1)


def _sums(
    sample: Sample, strata: _Strata, bounds: Bounds | None, shares_of_all: bool, ddof: int
) -> tuple[float, Floats, float]:
    """The value, what each unit moves it by, and the variance of strata whose labels all agree."""
    labelled, w = sample.is_labelled, sample.weights
    weights = np.zeros(len(sample.human))
    weights[labelled] = 1.0 if w is None else w
    counted_in = sample.shares if shares_of_all or w is not None else ~labelled / (~labelled).sum()
    y = np.where(labelled, sample.human, 0.0)
    parts, means, more = np.zeros(len(y)), np.zeros(len(y)), 0.0
    for h in range(strata.n):
        here = strata.of == h
        own, share = here & labelled, float(counted_in @ here)
        total, m = float(weights[own].sum()), int(own.sum())
        mu = float(weights[own] @ y[own]) / total
        means[here] = mu
        small = math.sqrt(m / (m - 1)) if ddof and m > 1 else 1.0
        parts[own] += small * share * weights[own] * (y[own] - mu) / total
        if np.ptp(y[own]) == 0:
            more += share**2 * _of_one_kind(mu, m, bounds)
    value = float(counted_in @ means)
    parts += counted_in * (means - value)
    return value, parts, more


def _of_one_kind(mu: float, m: int, bounds: Bounds | None) -> float:
    """The variance of the mean of m labels that all agree: half of one at each end is added (Jeffreys)."""
    if bounds is None:
        return 0.0
    low, high = bounds
    share = ((mu - low) / (high - low) * m + 0.5) / (m + 1)
    return (high - low) ** 2 * share * (1 - share) / m
