"""The cluster bootstrap: uncertainty of what no formula serves, such as taus, ranks and ratios.

Clusters are drawn and never rows: rows of one cluster say less than as many of their own. Where a
formula exists it is used instead, since percentiles are too narrow with few clusters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judge.stats.intervals import NO_INTERVAL, Floats, counted, joined, undefined
from judge.types import Estimate

Codes = NDArray[np.int64]
Statistic = Callable[[Codes], float]  # the places of rows, some several times -> number, NaN: none

REPLICATES = 2000
FEW = 40  # clusters below which percentiles cover too seldom (docs/methods.md)
MOST_UNDEFINED = 0.05  # of the replicates; with more the rest would be a choice of them


def draws(n_clusters: int, seed: int, replicates: int = REPLICATES) -> Codes:
    """How often each cluster is drawn in each replicate, shape (replicates, n_clusters).

    For statistics of sums by cluster, which are then one matrix product: draws @ sums.
    """
    rng = np.random.default_rng(seed)
    shares = np.full(n_clusters, 1 / n_clusters)
    return rng.multinomial(n_clusters, shares, size=replicates).astype(np.int64)


def resampled(
    statistic: Statistic, clusters: NDArray[Any], seed: int, replicates: int = REPLICATES
) -> Floats:
    """The statistic of each replicate, shape (replicates,). clusters: shape (n,), any labels."""
    return np.array([statistic(rows) for rows in _rows(clusters, seed, replicates)], dtype=float)


def _rows(clusters: NDArray[Any], seed: int, replicates: int) -> Iterator[Codes]:
    """The places of the rows of each replicate, those of one cluster together."""
    labels, codes = np.unique(clusters, return_inverse=True)
    by_cluster = np.argsort(codes, kind="stable")
    for drawn in draws(len(labels), seed, replicates):
        yield np.repeat(by_cluster, drawn[codes[by_cluster]])


def cluster_bootstrap(
    statistic: Statistic,
    clusters: NDArray[Any],
    *,
    name: str,
    unit: str,
    seed: int,
    replicates: int = REPLICATES,
    confidence: float = 0.95,
    n_missing: int = 0,
    note: str = "",
) -> Estimate:
    """The statistic of all rows with the percentile interval of its replicates.

    statistic: NaN where it is undefined; its undefined replicates are left out, and where they are more
    than MOST_UNDEFINED there is no interval. Source: Efron 1979; Cameron, Gelbach and Miller 2008
    (pairs cluster bootstrap).
    """
    n_clusters = len(np.unique(clusters))
    value = float(statistic(np.arange(len(clusters)))) if len(clusters) else float("nan")
    empty = undefined(name, unit, note or "not defined", confidence, n_missing)
    if not np.isfinite(value):
        return empty
    found = replace(
        empty, value=value, n=len(clusters), n_clusters=n_clusters, method="as it is", note=note
    )
    if n_clusters < 2:
        return replace(found, note=joined(note, NO_INTERVAL + "all values are of one cluster"))
    return _with_percentiles(found, resampled(statistic, clusters, seed, replicates))


def _with_percentiles(found: Estimate, values: Floats) -> Estimate:
    there = values[np.isfinite(values)]
    lost = len(values) - len(there)
    if lost > MOST_UNDEFINED * len(values):
        why = f"not defined in {lost:,} of {len(values):,} replicates"
        return replace(found, note=joined(found.note, NO_INTERVAL + why))
    tail = (1 - found.confidence) / 2
    low, high = np.quantile(there, [tail, 1 - tail])
    return replace(
        found,
        se=float(there.std(ddof=1)),
        ci_low=float(low),
        ci_high=float(high),
        method=f"percentiles of {len(there):,} cluster bootstrap replicates",
        note=joined(found.note, _few(found.n_clusters)),
    )


def _few(n_clusters: int) -> str:
    if n_clusters >= FEW:
        return ""
    return f"from {counted(n_clusters, 'cluster')}: the interval may be too narrow"
