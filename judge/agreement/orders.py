"""Correlations as functions of how often each unit counts, so that a bootstrap ranks anew in each draw.

Units of equal numbers on both sides are one point with a weight: ranks, ties and pairs then follow from
weights, and a unit that is drawn twice is tied with itself as it should be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from judge.agreement.ratings import Clusters
from judge.agreement.resampling import Statistic
from judge.stats.intervals import Floats

Kind = Literal["pearson", "spearman", "kendall_tau", "acc_eq"]

ROUNDED = 12  # decimals: means that are equal may differ by rounding, and are a tie
NO_SPREAD = 1e-20  # of squared values: what rounding leaves of a spread of 0
BLOCK = 1000  # points whose pairs with all others are in memory at once


@dataclass(frozen=True, slots=True)
class Points:
    """The distinct points and how many units of each cluster lie on them.

    x: the judge's values, y: people's, shape (m,). counts: shape (G, m); sizes: units of a cluster, (G,).
    """

    x: Floats
    y: Floats
    counts: Floats

    @property
    def sizes(self) -> Floats:
        return np.asarray(self.counts.sum(axis=1))


def points(x: Floats, y: Floats, clusters: Clusters) -> Points:
    """x, y: finite, shape (n,); clusters: 0 .. G-1."""
    pairs = np.round(np.column_stack([x, y]), ROUNDED).astype(np.float64)
    both, places = np.unique(pairs, axis=0, return_inverse=True)
    counts = np.zeros((int(clusters.max()) + 1, len(both)))
    np.add.at(counts, (clusters, places.reshape(-1)), 1.0)
    return Points(both[:, 0], both[:, 1], counts)


def statistic(kind: Kind, p: Points, tie_width: float = 0.0) -> Statistic:
    """The coefficient of weights of clusters, NaN where a side does not vary."""
    if kind == "acc_eq":
        return lambda weights: _acc_eq(p, weights, tie_width)
    of_points: dict[str, Callable[[Points, Floats], Floats]] = {
        "pearson": lambda p, w: _pearson(w, p.x[None], p.y[None]),
        "spearman": lambda p, w: _pearson(w, _mean_ranks(p.x, w), _mean_ranks(p.y, w)),
        "kendall_tau": _kendall_tau,
    }
    return lambda weights: of_points[kind](p, weights @ p.counts)


# -- weights of points, shape (B, m) ---------------------------------------------------------------


def _pearson(w: Floats, x: Floats, y: Floats) -> Floats:
    """x, y: shape (B, m) or (1, m)."""
    n = w.sum(axis=1, keepdims=True)
    own = x - (w * x).sum(axis=1, keepdims=True) / n
    theirs = y - (w * y).sum(axis=1, keepdims=True) / n
    both = (w * own * theirs).sum(axis=1)
    spread = (w * own**2).sum(axis=1), (w * theirs**2).sum(axis=1)
    least = [NO_SPREAD * n[:, 0] * max(1.0, float(np.abs(v).max()) ** 2) for v in (x, y)]
    is_varied = (spread[0] > least[0]) & (spread[1] > least[1])
    found: Floats = both / np.sqrt(np.where(is_varied, spread[0] * spread[1], np.nan))
    return found


def _mean_ranks(x: Floats, w: Floats) -> Floats:
    """The mean rank of each point among all that were drawn, less a half, shape (B, m)."""
    counts, places = _by_value(x, w)
    ranks: Floats = (np.cumsum(counts, axis=1) - counts / 2)[:, places]
    return ranks


def _by_value(x: Floats, w: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """The weight of each distinct value, lowest first, shape (B, u), and each point's place there."""
    order = np.argsort(x, kind="stable")
    _, first, places = np.unique(x[order], return_index=True, return_inverse=True)
    back = np.empty_like(order)
    back[order] = places.reshape(-1)
    return np.add.reduceat(w[:, order], first, axis=1), back


def _kendall_tau(p: Points, w: Floats) -> Floats:
    """tau-b: concordant less discordant pairs over the root of the pairs untied on either side."""
    both = _over_pairs(w, lambda i: np.sign(p.x[i, None] - p.x) * np.sign(p.y[i, None] - p.y))
    untied = _untied(p.x, w) * _untied(p.y, w)
    found: Floats = both / np.sqrt(np.where(untied > 0, untied, np.nan))
    return found


def _untied(x: Floats, w: Floats) -> Floats:
    """Twice the number of pairs with different values, shape (B,)."""
    counts, _ = _by_value(x, w)
    return np.asarray(w.sum(axis=1) ** 2 - (counts**2).sum(axis=1))


def _over_pairs(w: Floats, of_pair: Callable[[slice], Floats]) -> Floats:
    """sum_ij w_i w_j k_ij, shape (B,). of_pair: rows of k, whole numbers that single precision holds."""
    light = w.astype(np.float32)
    found = np.zeros(len(w))
    for start in range(0, w.shape[1], BLOCK):
        rows = slice(start, start + BLOCK)
        k = of_pair(rows).astype(np.float32)
        found += np.einsum("bi,bi->b", w[:, rows], (light @ k.T).astype(np.float64))
    return found


def _acc_eq(p: Points, weights: Floats, tie_width: float) -> Floats:
    """The share of pairs of units that both order alike, ties being an order. weights: of clusters.

    A unit drawn twice is no pair with itself. Source: Deutsch, Foster and Freitag 2023 (acc_eq).
    """
    w = weights @ p.counts
    with_themselves = weights**2 @ p.sizes
    alike = _over_pairs(w, lambda i: _are_alike(p, i, tie_width))
    pairs = w.sum(axis=1) ** 2 - with_themselves
    found: Floats = (alike - with_themselves) / np.where(pairs > 0, pairs, np.nan)
    return found


def _are_alike(p: Points, rows: slice, tie_width: float) -> Floats:
    apart = p.x[rows, None] - p.x
    judge = np.where(np.abs(apart) <= tie_width, 0.0, np.sign(apart))
    return np.asarray(judge == np.sign(p.y[rows, None] - p.y))
