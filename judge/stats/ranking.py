"""How systems stand to each other: who is surely better than whom, and what rank each may have.

Strengths of one judge, or their mean over a panel, with the part of every cluster in them. Marginal
intervals may overlap while a difference is sure, so ranks follow from all differences of two, tested
together with Holm's correction, and never from single intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit

from judge.stats.contrasts import Contrast
from judge.stats.intervals import ROUNDING, Floats, holm
from judge.stats.pairwise import Codes, PairwiseData, PairwiseFit
from judge.stats.slices import FEWEST_CLUSTERS

Flags = NDArray[np.bool_]

DRAWS = 2000  # resamples of clusters
MANY_CLUSTERS = (
    5000  # above it a sum over resampled clusters is normal, and costs less drawn as such
)


@dataclass(frozen=True, slots=True)
class Strengths:
    """Log-odds of K systems with mean 0. values: shape (K,); influence: shape (G, K), by cluster.

    clusters: labels, shape (G,). is_told: shape (K, K), False where nothing but a prior tells two apart,
    or one of them was judged too seldom.
    The covariance of the values is G/(G-1) influence' influence.
    """

    values: Floats
    clusters: NDArray[Any]
    influence: Floats
    is_told: Flags


def of_fit(fit: PairwiseFit) -> Strengths:
    """The strengths of a fit whose systems all met, directly or through others."""
    same = (fit.unbeaten[:, None] == fit.unbeaten[None, :]) & fit.terms_told
    is_told = same | (not fit.prior)
    influence = fit.influence[:, : len(fit.strengths)]
    return Strengths(fit.strengths, fit.clusters, influence, is_told)


def enough_of(of: Strengths, data: PairwiseData) -> Strengths:
    """The strengths, where a system on fewer than FEWEST_CLUSTERS of many clusters is told from none.

    Its strength hangs on those alone, and one tie with a strong system has no spread: the sandwich would
    take it for as strong beyond doubt.
    """
    _, clusters = np.unique(data.clusters, return_inverse=True)
    sides = np.stack([np.concatenate([data.a, data.b]), np.tile(clusters, 2)])
    judged = np.bincount(np.unique(sides, axis=1)[0], minlength=data.n_systems)
    enough = judged >= min(FEWEST_CLUSTERS, len(of.clusters))
    return replace(of, is_told=of.is_told & enough[:, None] & enough[None, :])


def averaged(parts: Sequence[Strengths], weights: Sequence[float]) -> Strengths:
    """The weighted mean over judges who saw the same clusters or others. weights: any, above 0."""
    shares = np.asarray(weights, dtype=float) / float(np.sum(weights))
    labels = np.unique(np.concatenate([part.clusters for part in parts]))
    influence = np.zeros((len(labels), len(parts[0].values)))
    for part, share in zip(parts, shares, strict=True):
        influence[np.searchsorted(labels, part.clusters)] += share * part.influence
    values = np.sum([share * p.values for share, p in zip(shares, parts, strict=True)], axis=0)
    return Strengths(values, labels, influence, np.all([p.is_told for p in parts], axis=0))


# -- single numbers ------------------------------------------------------------------------------


def strength(of: Strengths, system: int) -> Contrast:
    """A system's own strength, in log-odds above the mean of all."""
    is_told = bool(of.is_told[system].all())
    return Contrast(
        float(of.values[system]), of.clusters, of.influence[:, system], "", has_interval=is_told
    )


def win_probability(of: Strengths, system: int, others: Codes) -> Contrast:
    """The mean of a system's probabilities to win against each of these others, ties half."""
    p = expit(of.values[system] - of.values[others])
    slopes = p * (1 - p)
    influence = (of.influence[:, [system]] - of.influence[:, others]) @ slopes / len(others)
    is_told = bool(of.is_told[system, others].all())
    return Contrast(float(p.mean()), of.clusters, influence, "", has_interval=is_told)


# -- ranks ---------------------------------------------------------------------------------------


def difference_p(of: Strengths) -> Floats:
    """The p of no difference of each two systems, Holm-adjusted over all of them, shape (K, K).

    Each from t(G-1) with the joint covariance; 1 where two are not told apart by data.
    """
    k, g = len(of.values), len(of.clusters)
    a, b = np.triu_indices(k, 1)
    apart = np.abs(of.values[a] - of.values[b])
    parts = of.influence[:, a] - of.influence[:, b]
    se = np.sqrt(g / (g - 1) * np.sum(parts**2, axis=0)) if g > 1 else np.zeros(len(a))
    is_tested = of.is_told[a, b] & (se > ROUNDING)
    p = np.ones(len(a))
    p[is_tested] = 2 * stats.t.sf(apart[is_tested] / se[is_tested], g - 1)
    found = np.ones((k, k))
    found[a, b] = found[b, a] = holm(p.tolist())
    return found


def rank_intervals(values: Floats, p: Floats, alpha: float) -> tuple[Codes, Codes]:
    """The best and the worst rank of each system: 1 + those surely better, K - those surely worse.

    values: strengths, shape (K,); p: as difference_p gives it. All intervals hold at once with
    probability 1 - alpha, since no difference is claimed that Holm's family does not bear.
    """
    better = (p < alpha) & (values[None, :] > values[:, None])
    worse = (p < alpha) & (values[None, :] < values[:, None])
    low = 1 + better.sum(axis=1)
    high = len(values) - worse.sum(axis=1)
    return low.astype(np.int64), high.astype(np.int64)


def resampled(of: Strengths, seed: int, draws: int = DRAWS) -> Floats:
    """Strengths as they would come out on other clusters, shape (draws, K).

    A cluster bootstrap in one step: clusters are drawn with replacement, and the strengths moved by the
    influence of those drawn instead of fitted anew. The moves are stretched by the factor G/(G-1) of
    the covariance, and drawn from the joint normal where there are many clusters.
    """
    rng, g = np.random.default_rng(seed), len(of.clusters)
    centred = of.influence - of.influence.mean(axis=0)
    if g > MANY_CLUSTERS:
        values, vectors = np.linalg.eigh(centred.T @ centred)
        root = vectors * np.sqrt(np.maximum(values, 0))
        moves = rng.standard_normal((draws, len(values))) @ root.T
    else:
        moves = rng.multinomial(g, np.full(g, 1 / g), size=draws) @ centred
    return np.asarray(of.values + np.sqrt(g / max(g - 1, 1)) * moves, dtype=np.float64)


def best_shares(drawn: Floats) -> Floats:
    """How often each system is the strongest, equally strong ones sharing it, shape (K,)."""
    is_best = drawn >= drawn.max(axis=1, keepdims=True) - ROUNDING
    return np.asarray((is_best / is_best.sum(axis=1, keepdims=True)).mean(axis=0), dtype=np.float64)


# -- groups --------------------------------------------------------------------------------------


def letters(is_different: Flags, order: Sequence[int]) -> list[tuple[str, ...]]:
    """The groups of each system, by letters: two share one if and only if they do not differ.

    is_different: symmetric, shape (K, K). order: systems, strongest first, so that "a" holds the best.
    Source: Piepho 2004 (insert and absorb); groups whose every pair another one holds too are left out.
    """
    place = {system: n for n, system in enumerate(order)}
    k = len(order)
    groups = [(1 << k) - 1]  # a set of places as bits; first all are in one group
    for i in range(k):
        for j in range(i + 1, k):
            if is_different[order[i], order[j]]:
                groups = _split(groups, i, j)
                groups = _needed(groups, k) if len(groups) > 4 * k else groups
    kept = sorted(_needed(groups, k), key=lambda group: _members(group, k))
    names = [(_letter(n), _members(group, k)) for n, group in enumerate(kept)]
    return [tuple(name for name, own in names if place[system] in own) for system in range(k)]


def _split(groups: Sequence[int], i: int, j: int) -> list[int]:
    """The groups after i and j have been found to differ; those within another one are absorbed."""
    both = (1 << i) | (1 << j)
    kept = [group for group in groups if group & both != both]
    for group in groups:
        if group & both != both:
            continue
        for part in (group & ~(1 << i), group & ~(1 << j)):
            if not any(part & other == part for other in kept):
                kept = [other for other in kept if part & other != other] + [part]
    return kept


def _needed(groups: Sequence[int], k: int) -> list[int]:
    """The groups without those that hold no pair, and no system, of their own."""
    matrix = np.array([[group >> n & 1 for n in range(k)] for group in groups], dtype=np.int64)
    held = matrix.T @ matrix  # how many groups hold each pair; on the diagonal each system
    kept = []
    for n in sorted(range(len(groups)), key=lambda n: int(matrix[n].sum())):
        own = np.outer(matrix[n], matrix[n])
        if (held[own > 0] > 1).all():
            held = held - own
        else:
            kept.append(n)
    return [groups[n] for n in sorted(kept)]


def _members(group: int, k: int) -> tuple[int, ...]:
    return tuple(n for n in range(k) if group >> n & 1)


def _letter(number: int) -> str:
    """a to z, then aa, ab and so on."""
    head, tail = divmod(number, 26)
    return (_letter(head - 1) if head else "") + chr(ord("a") + tail)
