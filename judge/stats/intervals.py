"""Means with their uncertainty, and what may be concluded from them.

Items weigh equally in every mean. Items of one cluster are not independent, so clusters decide the
width of an interval and nothing else. A value that is undefined is None, with the reason in the note.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from judge.types import Estimate

Floats = NDArray[np.float64]

ROUNDING = 1e-12  # below this a spread or a distance is the rounding of equal numbers
ENOUGH_EFFECTIVE = 30  # clusters of equal size; with as many as these unequal ones do no harm
# Of sum s^3 / (sum s^2)^1.5 over clusters: t intervals lose about a quarter of its square in coverage
# (Hall 1992, the Edgeworth expansion at 95 %), rates, which move in steps, up to 2 points at this value.
SKEWED = 0.18
NO_INTERVAL = "no interval: "  # how the note of a value without an interval begins its reason


def mean(
    values: Floats,
    clusters: NDArray[Any],
    *,
    name: str,
    unit: str,
    bounds: tuple[float, float] | None = None,
    confidence: float = 0.95,
    n_missing: int = 0,
    note: str = "",
) -> Estimate:
    """The mean with its CR1 standard error and t(G-1) interval, G being the number of clusters.

    values: finite, shape (n,). clusters: shape (n,), any labels. bounds: what the mean can be; the
    interval is cut to them, and where every value lies on one bound it is Clopper-Pearson's over
    clusters. With one cluster, or clusters without a spread, there is no interval: what does not vary
    cannot say how far it would. With no value there is no mean.
    Source: Miller 2411.00640 (clustered standard error) with the factor G/(G-1).
    """
    empty = undefined(name, unit, note or "no values", confidence, n_missing)
    if not len(values):
        return empty
    value, sums = float(values.mean()), _cluster_sums(values - values.mean(), clusters)
    found = replace(
        empty, value=value, n=len(values), n_clusters=len(sums), method="mean", note=note
    )
    if len(sums) < 2:
        return replace(found, note=joined(note, NO_INTERVAL + "all values are of one cluster"))
    se = math.sqrt(len(sums) / (len(sums) - 1) * float(np.sum(sums**2))) / len(values)
    rounding = ROUNDING * max(1.0, float(np.abs(values).max()))
    if se > rounding:
        note = joined(note, _uneven(clusters, len(sums)), _skewed(sums))
        return _with_interval(replace(found, se=se, note=note), value, se, bounds)
    if bounds and value in bounds:
        return _exact(replace(found, se=0.0), bounds)
    is_constant = float(np.ptp(values)) <= rounding
    why = "every value is the same" if is_constant else "no spread between clusters"
    return replace(found, se=0.0, note=joined(note, NO_INTERVAL + why))


def undefined(
    name: str, unit: str, note: str, confidence: float = 0.95, n_missing: int = 0
) -> Estimate:
    """An estimate without a value, and why."""
    return Estimate(
        name, None, confidence=confidence, unit=unit, n_missing=n_missing, method="none", note=note
    )


def _cluster_sums(deviations: Floats, clusters: NDArray[Any]) -> Floats:
    _, codes = np.unique(clusters, return_inverse=True)
    return np.bincount(codes, weights=deviations).astype(np.float64)


def _with_interval(
    found: Estimate, value: float, se: float, bounds: tuple[float, float] | None
) -> Estimate:
    low, high = _student(value, se, found.n_clusters, found.confidence)
    if bounds:
        low, high = max(low, bounds[0]), min(high, bounds[1])
    method = f"mean; CR1 standard error by cluster, t({found.n_clusters - 1})"
    return replace(found, ci_low=low, ci_high=high, method=method)


def _student(value: float, se: float, n_clusters: int, confidence: float) -> tuple[float, float]:
    """Both ends of the t(G-1) interval, not cut."""
    half = float(stats.t.ppf((1 + confidence) / 2, n_clusters - 1)) * se
    return value - half, value + half


def _exact(found: Estimate, bounds: tuple[float, float]) -> Estimate:
    """Clopper-Pearson where all G clusters agree: (alpha/2)^(1/G) of the range is sure to be there."""
    low, high = bounds
    sure = (high - low) * ((1 - found.confidence) / 2) ** (1 / found.n_clusters)
    ends = (low + sure, high) if found.value == high else (low, high - sure)
    method = "mean; Clopper-Pearson interval over clusters"
    return replace(found, ci_low=ends[0], ci_high=ends[1], method=method)


def effective_clusters(clusters: NDArray[Any]) -> float:
    """How many clusters of equal size these are worth: (sum of sizes)^2 / sum of squares, at most G.

    Source: Kish 1965 (effective sample size of unequal weights).
    """
    _, sizes = np.unique(clusters, return_counts=True)
    return float(sizes.sum() ** 2 / np.sum(sizes**2))


def uneven(n_clusters: int, effective: float) -> str:
    """The beginning of a note on clusters of unequal size."""
    return f"so unevenly spread over {n_clusters:,} clusters that they are worth {effective:.1f}"


def _uneven(clusters: NDArray[Any], n_clusters: int) -> str:
    return uneven_note(n_clusters, effective_clusters(clusters))


def uneven_note(n_clusters: int, effective: float) -> str:
    """A warning where a few clusters carry the mean: the t(G-1) interval then covers too seldom."""
    if effective >= min(n_clusters / 2, ENOUGH_EFFECTIVE):
        return ""
    return f"values are {uneven(n_clusters, effective)}: the interval may be too narrow"


def _skewed(sums: Floats) -> str:
    """A warning where a few rare values on one side decide the spread, as of a rate near 0 or 1."""
    skewness = abs(float(np.sum(sums**3))) / float(np.sum(sums**2)) ** 1.5
    if skewness < SKEWED:
        return ""
    return "few values are far from the rest, all on one side: the interval may be too narrow"


def joined(*notes: str) -> str:
    """Notes in one line, empty ones left out."""
    return "; ".join(note for note in notes if note)


def counted(number: int, thing: str) -> str:
    """A count with its noun, as in "1 pair" and "2 pairs"."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


# -- what may be concluded -----------------------------------------------------------------------


def p_value(e: Estimate, null: float) -> float | None:
    """The two-sided p of the mean being `null`, None where it has no interval.

    t(G-1); where every value lies on one bound, the exact binomial over clusters, all of which then
    lie on one side.
    """
    if e.value is None or e.se is None or e.ci_low is None:
        return None
    distance = abs(e.value - null)
    if distance < ROUNDING:
        return 1.0
    if e.se == 0:
        return float(stats.binomtest(e.n_clusters, e.n_clusters, 0.5).pvalue)
    return float(2 * stats.t.sf(distance / e.se, e.n_clusters - 1))


def cautious_p_value(
    e: Estimate, values: Floats, clusters: NDArray[Any], null: float
) -> float | None:
    """The same for small parts of a table: the larger of it and the jackknife's over clusters.

    The jackknife's t has as many degrees of freedom as clusters of equal size would have. Where they are
    equal both are the same. Source: Bell and McCaffrey 2002 (CR3); Carter, Schnepel, Steigerwald 2017.
    """
    plain = p_value(e, null)
    if plain is None or not e.se or e.value is None:
        return plain
    _, codes = np.unique(clusters, return_inverse=True)
    left = 1 - np.bincount(codes) / len(codes)
    apart = _cluster_sums(values - e.value, clusters) / left / len(codes)
    se = math.sqrt((len(left) - 1) / len(left) * float(np.sum(apart**2)))
    df = effective_clusters(clusters) - 1
    return max(plain, float(2 * stats.t.sf(abs(e.value - null) / se, df)))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values adjusted for being several, in their order. Source: Holm 1979."""
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def smallest_detectable(
    se: float | None, *, power: float = 0.8, alpha: float = 0.05
) -> float | None:
    """(z_{1-alpha/2} + z_power) se: the difference that would be shown with this power.

    The normal quantiles and not t's, as in Miller 2411.00640: with few clusters it is a little too
    hopeful. None where the standard error is absent or 0.
    """
    if not se:
        return None
    return float(stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)) * se


def equivalence_p(e: Estimate, null: float, margin: float) -> float | None:
    """The larger p of the two one-sided tests of the mean lying `margin` or more from `null`.

    It is below alpha where the interval of confidence 1 - 2 alpha (90 % where others have 95 %) lies
    inside the margin. None where values are all the same: there is no spread to test with.
    Source: Schuirmann 1987.
    """
    if e.value is None or not e.se or e.n_clusters < 2:
        return None
    inside = margin - abs(e.value - null)
    return float(stats.t.sf(inside / e.se, e.n_clusters - 1))
