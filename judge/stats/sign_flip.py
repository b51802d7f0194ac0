"""Whether paired differences are as often on one side as on the other, exactly and by cluster.

If two verdicts on the same question are exchangeable, as those of a wording that changes nothing and of
the same question asked again, then the difference of a cluster is as likely to have the other sign. All
of a cluster's differences change their signs together, whatever their dependence.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from judge.stats.intervals import ROUNDING, Floats

MOST_STEPS = (
    200_000  # of the exact distribution; beyond, and for numbers without a common step, it is drawn
)
DRAWS = 20_000
_NEVER = 1e-15  # chances below it add nothing to a power
_STEPS = tuple(range(1, 61))  # denominators in which a common step is looked for


def cluster_sums(differences: Floats, clusters: NDArray[Any]) -> Floats:
    """The sum of each cluster's differences, shape (G,). differences, clusters: shape (n,)."""
    _, codes = np.unique(clusters, return_inverse=True)
    return np.bincount(codes, differences).astype(np.float64)


def p_value(sums: Floats, *, seed: int = 0) -> float:
    """The two-sided p of the sums, shape (G,), being symmetric around 0; 1 where none differs from 0.

    P(|sum of s_g d_g| >= |sum of d_g|) over independent even signs s_g. With d of -1, 0 and 1 it is the
    exact test of McNemar 1947. seed: of the draws, where the exact distribution would be too large.
    Source: Fisher 1935, section 21 (randomisation of signs).
    """
    kept = np.abs(sums[np.abs(sums) > ROUNDING])
    if not len(kept):
        return 1.0
    observed = abs(float(sums.sum()))
    if np.ptp(kept) <= ROUNDING:
        return _of_equal(len(kept), observed / float(kept[0]))
    steps = _in_steps(kept)
    if steps is None:
        return _drawn(kept, observed, seed)
    return _exact(steps, round(observed / float(kept.sum()) * int(steps.sum())))


def _of_equal(n: int, observed: float) -> float:
    """Of n sums of one size: the binomial. observed: the absolute sum in that size."""
    more = round((n + observed) / 2)
    return min(1.0, 2 * float(stats.binom.sf(more - 1, n, 0.5)))


def _in_steps(sizes: Floats) -> NDArray[np.int64] | None:
    """The sizes as whole numbers of a common step, None where there is none that is large enough."""
    least = float(sizes.min())
    for parts in _STEPS:
        scaled = sizes / least * parts
        whole = np.rint(scaled)
        if np.abs(scaled - whole).max() < 1e-9 * max(1.0, float(scaled.max())):
            return whole.astype(np.int64) if whole.sum() <= MOST_STEPS else None
    return None


def _exact(steps: NDArray[np.int64], observed: int) -> float:
    """P(|sum| >= observed) of whole sizes with even signs, by convolution."""
    total = int(steps.sum())
    chances = np.zeros(2 * total + 1)
    chances[total] = 1.0
    for step in np.sort(steps):
        moved = np.zeros_like(chances)
        moved[step:] += chances[: len(chances) - step] / 2
        moved[: len(chances) - step] += chances[step:] / 2
        chances = moved
    away = np.abs(np.arange(-total, total + 1)) >= observed
    return min(1.0, float(chances[away].sum()))


def _drawn(sizes: Floats, observed: float, seed: int) -> float:
    """The same from draws; the observed signs are one of them, so that it is never 0."""
    signs = np.random.default_rng(seed).integers(0, 2, (DRAWS, len(sizes)), dtype=np.int8) * 2 - 1
    beyond = int((np.abs(signs @ sizes) >= observed - ROUNDING * max(1.0, observed)).sum())
    return (beyond + 1) / (DRAWS + 1)


# -- power ---------------------------------------------------------------------------------------


def power(n: int, up: float, down: float, alpha: float = 0.05) -> float:
    """How often the exact test of n independent differences of 1, 0 and -1 finds p <= alpha.

    up, down: the chances of 1 and -1. Exact, over how many differ and how many of these are up.
    """
    either = up + down
    if n < 1 or either <= 0:
        return 0.0
    counts = np.arange(n + 1)
    weights = stats.binom.pmf(counts, n, min(either, 1.0))
    critical, share = _critical(n, alpha), up / either
    kept = (weights > _NEVER) & (critical <= counts)
    counts, critical = counts[kept], critical[kept]
    found = special.bdtrc(critical - 1, counts, share)
    found += special.bdtr(counts - critical, counts, share)
    return float(weights[kept] @ found)


@lru_cache(maxsize=512)
def _critical(n: int, alpha: float) -> NDArray[np.int64]:
    """Of each number of differences up to n, how many on one side are needed; more than all where none do."""
    counts = np.arange(n + 1)
    needed = np.asarray(stats.binom.isf(alpha / 2, counts, 0.5)).astype(np.int64) + 1
    too_few = stats.binom.sf(needed - 1, counts, 0.5) * 2 > alpha
    found: NDArray[np.int64] = needed + too_few
    return found


def smallest_shown(
    n: int, noise: float, *, alpha: float = 0.05, power_wanted: float = 0.8
) -> float | None:
    """The least `up - down` that n differences show with this power, None where none does.

    noise: the chance of each of both kinds where nothing was done.
    """
    low, high = 0.0, 1.0 - 2 * noise
    if high <= 0 or power(n, noise + high, noise, alpha) < power_wanted:
        return None
    while high - low > 1e-4:
        middle = (low + high) / 2
        if power(n, noise + middle, noise, alpha) < power_wanted:
            low = middle
        else:
            high = middle
    return math.ceil(high * 1000) / 1000
