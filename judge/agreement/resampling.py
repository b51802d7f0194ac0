"""Intervals of agreement: units are drawn by cluster, and the spread is laid on Fisher's scale.

Coefficients end at 1 and lean towards 0 near it, so that percentiles are too narrow with few units. The
bootstrap's standard error on Fisher's scale, where it hardly hangs on the coefficient, with t(G-1) for the
number of clusters, holds its level (docs/simulations.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np
from scipy import stats

from judge.agreement.ratings import Clusters
from judge.stats.bootstrap import MOST_UNDEFINED, draws
from judge.stats.intervals import (
    NO_INTERVAL,
    ROUNDING,
    Floats,
    counted,
    effective_clusters,
    joined,
    uneven_note,
)
from judge.types import Estimate

# Weights of clusters, shape (B, G) -> the coefficient of each row, shape (B,), NaN where undefined.
Statistic = Callable[[Floats], Floats]

ENOUGH = 25  # clusters; the fewest with which every coefficient covers in docs/simulations.md
CELLS = 4_000_000  # of an array that a statistic makes at once


def cluster_sums(rows: Floats, clusters: Clusters) -> Floats:
    """What the units of each cluster sum to, shape (G, p). rows: shape (n, ...); clusters: 0 .. G-1."""
    flat = rows.reshape(len(rows), math.prod(rows.shape[1:]))
    sums = np.zeros((int(clusters.max()) + 1, flat.shape[1]))
    np.add.at(sums, clusters, flat)
    return sums


def at_point(statistic: Statistic, n_clusters: int) -> float:
    """The coefficient of all units, NaN where undefined."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(statistic(np.ones((1, n_clusters)))[0])


def with_interval(
    found: Estimate,
    statistic: Statistic,
    clusters: Clusters,
    *,
    seed: int,
    replicates: int,
    width: int = 1,
    low: float = -1.0,
    by_percentiles: bool = False,
) -> Estimate:
    """The estimate, whose value the statistic gives of all units, with its interval.

    clusters: of the units, shape (n,). width: the largest array that the statistic makes of a row of
    weights. low: the least that the coefficient can be, 0 for a rate. by_percentiles: for what moves in
    few steps, up to the end of its scale. Undefined replicates are left out, and where they are more than
    MOST_UNDEFINED there is no interval. Source: Efron 1979 (standard error); Fisher 1921 (scale);
    Hesterberg 2015, section 4.5 (percentiles, their tails those of t(G-1)).
    """
    value, g = found.value, found.n_clusters
    if value is None:
        return found
    if g < 2:
        return _without(found, "all units are of one cluster")
    values = _replicated(statistic, g, seed, replicates, width)
    there = values[np.isfinite(values)]
    lost = len(values) - len(there)
    if lost > MOST_UNDEFINED * len(values):
        return _without(found, f"not defined in {lost:,} of {len(values):,} replicates")
    se = float(there.std(ddof=1)) * math.sqrt(g / (g - 1))
    if not se > ROUNDING:
        return _without(replace(found, se=0.0), "every replicate gives the same")
    found = replace(found, se=se, note=joined(found.note, _few(g, clusters)))
    v = 1 - 2 * (1 - value) / (1 - low)  # the value on a scale from -1 to 1
    if by_percentiles or not abs(v) < 1 - ROUNDING:
        return _with_percentiles(found, there)
    return _on_fishers_scale(found, v, 2 * se / (1 - low), low, len(there))


def _without(found: Estimate, why: str) -> Estimate:
    return replace(found, note=joined(found.note, NO_INTERVAL + why))


def _replicated(
    statistic: Statistic, n_clusters: int, seed: int, replicates: int, width: int
) -> Floats:
    step = max(1, CELLS // max(width, n_clusters))
    parts = _parts(_drawn(n_clusters, seed, replicates), step)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.concatenate([statistic(part) for part in parts])


@lru_cache(maxsize=2)
def _drawn(n_clusters: int, seed: int, replicates: int) -> Floats:
    """The same draws serve every coefficient of the same units, and cost more than most of these."""
    drawn = draws(n_clusters, seed, replicates).astype(np.float64)
    drawn.setflags(write=False)
    return drawn


def _parts(drawn: Floats, step: int) -> Iterator[Floats]:
    for start in range(0, len(drawn), step):
        yield drawn[start : start + step]


def _on_fishers_scale(
    found: Estimate, v: float, se: float, low: float, n_replicates: int
) -> Estimate:
    """tanh(atanh(v) -+ t se / (1 - v^2)); v, se: on a scale from -1 to 1."""
    half = _t(found) * se / (1 - v**2)
    ends = [
        1 - (1 - low) * (1 - math.tanh(math.atanh(v) + sign * half)) / 2 for sign in (-1.0, 1.0)
    ]
    scale = "Fisher's" if low == -1.0 else "the logit"
    said = (
        f"standard error of {n_replicates:,} cluster bootstrap replicates on {scale} scale, "
        f"t({found.n_clusters - 1})"
    )
    return replace(found, ci_low=ends[0], ci_high=ends[1], method=joined(found.method, said))


def _with_percentiles(found: Estimate, values: Floats) -> Estimate:
    g = found.n_clusters
    tail = float(stats.norm.sf(_t(found) * math.sqrt(g / (g - 1))))
    low, high = np.quantile(values, [tail, 1 - tail])
    said = f"percentiles of {len(values):,} cluster bootstrap replicates, tails of t({g - 1})"
    method = joined(found.method, said)
    return replace(found, ci_low=float(low), ci_high=float(high), method=method)


def _t(found: Estimate) -> float:
    return float(stats.t.ppf((1 + found.confidence) / 2, found.n_clusters - 1))


def _few(n_clusters: int, clusters: Clusters) -> str:
    if n_clusters >= ENOUGH:
        return uneven_note(n_clusters, effective_clusters(clusters))
    return f"from {counted(n_clusters, 'cluster')}: the interval may be too narrow"
