"""Is a mean the same in every slice of the items, or does the whole hide a difference?

A Wald test with the joint cluster-robust covariance of the slices' means, so that clusters that reach
over several slices count as they should. Two readings of the spread are taken and the larger p stands:
each slice's own spread, which few alike values understate, and the spread of all slices pooled, which is
wrong where slices truly differ in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from judge.stats.intervals import ROUNDING, Floats, effective_clusters

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """p_value: of all slices having one mean, None with the reason in the note.

    smallest_detectable: the difference between two slices, whichever they are, that would be shown
    with a power of 80 %.
    """

    p_value: float | None
    smallest_detectable: float | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Test:
    """An F test of (distances' quadratic form under `covariance`) x scale on (slices - 1, df) degrees."""

    covariance: Floats
    scale: float
    df: float

    def p_value(self, means: Floats) -> float:
        form = wald(means, self.covariance)
        return float(stats.f.sf(form * self.scale, len(means) - 1, self.df))

    def detectable(self, alpha: float, power: float) -> float:
        """The distance of any two means that is shown with this power, wherever the others lie."""
        n = len(self.covariance)
        away = _noncentrality(n - 1, self.df, alpha, power) / (self.scale * (n - 1))
        return float(np.sqrt(away * max(_variances(self.covariance))))


def same_mean(
    values: Floats,
    slices: NDArray[Any],
    clusters: NDArray[Any],
    *,
    alpha: float = 0.05,
    power: float = 0.8,
) -> Heterogeneity:
    """Whether the slices' means differ.

    values, slices, clusters: one per item, shape (n,); slices and clusters are any labels. alpha: at
    which smallest_detectable holds. Source: Wald with the CR1 covariance of joint cluster sums, each
    slice with its own G/(G-1); degrees of freedom by Welch 1951, and by Hotelling (the larger p of both)
    where clusters reach over slices; pooled: the F test of one-way analysis of variance.
    """
    _, place = np.unique(slices, return_inverse=True)
    _, cluster = np.unique(clusters, return_inverse=True)
    n_clusters = _clusters_by_slice(place, cluster)
    if len(n_clusters) < 2:
        return Heterogeneity(None, None, "fewer than two slices can be compared")
    if n_clusters.min() < 2:
        return Heterogeneity(None, None, "a slice of one cluster has no spread")
    means = np.bincount(place, values) / np.bincount(place)
    within = covariance(values - means[place], place, cluster)
    if float(np.diag(within).max()) < ROUNDING:  # no slice has a spread: what the whole has is left
        within = covariance(values - values.mean(), place, cluster)
    if float(np.diag(within).max()) < ROUNDING:
        return Heterogeneity(None, None, "every value is the same")
    worth = np.array([effective_clusters(cluster[place == n]) for n in range(len(means))])
    n_all = int(cluster.max()) + 1
    is_apart = int(n_clusters.sum()) == n_all  # no cluster reaches over slices
    tests = [*_tests(within, np.bincount(place), worth, n_all, is_apart=is_apart)]
    if not tests:
        return Heterogeneity(None, None, "too few clusters for so many slices")
    return Heterogeneity(
        max(test.p_value(means) for test in tests),
        max(test.detectable(alpha, power) for test in tests),
    )


def covariance(deviations: Floats, place: Codes, cluster: Codes) -> Floats:
    """The cluster-robust covariance of the slices' means, shape (slices, slices).

    deviations: of each value from its mean; place, cluster: 0, 1, ... An entry is the sum over clusters
    of the product of their sums in both slices, over both slices' counts, with the root of each slice's
    G/(G-1).
    """
    sums = np.zeros((int(cluster.max()) + 1, int(place.max()) + 1))
    np.add.at(sums, (cluster, place), deviations)
    n_clusters = _clusters_by_slice(place, cluster)
    per_value = np.sqrt(n_clusters / (n_clusters - 1)) / np.bincount(place)
    return np.asarray((sums.T @ sums) * np.outer(per_value, per_value))


def wald(means: Floats, covariance: Floats) -> float:
    """The quadratic form of the differences from the first mean, whichever that is."""
    contrast = _contrast(len(means))
    apart = contrast @ means
    return float(apart @ np.linalg.solve(contrast @ covariance @ contrast.T, apart))


def _contrast(k: int) -> Floats:
    """The matrix that takes the first of k means from each of the others."""
    contrast: Floats = np.eye(k)[1:] - np.eye(k)[0]
    return contrast


def _clusters_by_slice(place: Codes, cluster: Codes) -> Floats:
    pairs = np.unique(np.stack([place, cluster]), axis=1)
    return np.bincount(pairs[0]).astype(float)


def _tests(
    own: Floats, n: Codes, n_clusters: Floats, n_all: int, *, is_apart: bool
) -> Iterator[_Test]:
    """The tests that must agree that the slices differ.

    n: of each slice; n_clusters: what each slice's are worth, as many as there are where they are of one
    size: degrees of freedom by their mere number promise too much where a few hold most items.
    """
    k = len(n)
    spread = np.diag(own) * n
    pooled = float(np.average(spread, weights=n_clusters - 1)) / n
    if is_apart:
        yield _Test(np.diag(pooled), 1 / (k - 1), float(n_clusters.sum() - k))
        if np.diag(own).min() > ROUNDING:
            yield _welch(own, n_clusters)
        return
    raised = own.copy()
    np.fill_diagonal(raised, np.maximum(np.diag(own), pooled))
    if _is_singular(raised):  # slices that go together in every cluster: take them as independent
        raised = np.diag(np.diag(raised))
    if n_all >= k:
        df = n_all - k + 1
        yield _Test(raised, df / ((n_all - 1) * (k - 1)), float(df))
        yield _welch(raised, n_clusters)


def _is_singular(covariance: Floats) -> bool:
    contrast = _contrast(len(covariance))
    least = np.linalg.eigvalsh(contrast @ covariance @ contrast.T)[0]
    return bool(least < ROUNDING * np.diag(covariance).max() * 1e3)


def _welch(covariance: Floats, n_clusters: Floats) -> _Test:
    k, weights = len(covariance), 1 / np.diag(covariance)
    lost = float(np.sum((1 - weights / weights.sum()) ** 2 / (n_clusters - 1)))
    scale = 1 / (k - 1) / (1 + 2 * (k - 2) / (k * k - 1) * lost)
    return _Test(covariance, scale, (k * k - 1) / (3 * lost))


def _variances(covariance: Floats) -> list[float]:
    """The variance of the difference of every two means."""
    pairs = combinations(range(len(covariance)), 2)
    return [covariance[i, i] + covariance[j, j] - 2 * covariance[i, j] for i, j in pairs]


def _noncentrality(df1: int, df2: float, alpha: float, power: float) -> float:
    """The noncentrality at which an F test of that size has that power."""
    critical = stats.f.isf(alpha, df1, df2)

    def lacking(away: float) -> float:
        return float(stats.ncf.sf(critical, df1, df2, away)) - power

    most = 10.0
    while lacking(most) < 0:
        most *= 2
    return float(optimize.brentq(lacking, 0.0, most))
