"""Whether systems rank alike under several wordings: taus of their means, and who comes first.

The systems and the wordings are these; other items would have moved the means, so clusters of items are
drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judge.agreement.resampling import cluster_sums
from judge.stats.bootstrap import REPLICATES, draws
from judge.stats.intervals import NO_INTERVAL, ROUNDING, Floats, counted, joined, undefined
from judge.types import Estimate

FEWEST = 3  # systems; two of them are ordered alike or not: no correlation
ROUNDED = 12  # decimals: equal means may differ by rounding

OTHER_ITEMS = "the noise of means of few items moves it as well as the wording"


@dataclass(frozen=True, slots=True)
class Ranks:
    """means: shape (S, W). first: of each wording the places of the systems that share the first place."""

    means: Floats
    first: tuple[tuple[int, ...], ...]
    tau_mean: Estimate
    tau_min: Estimate
    top_is_stable: bool | None
    p_top_changes: Estimate


def ranks(
    values: Floats,
    systems: NDArray[np.int64],
    clusters: NDArray[Any],
    *,
    seed: int = 0,
    replicates: int = REPLICATES,
    confidence: float = 0.95,
    n_missing: int = 0,
) -> Ranks:
    """values: what a system got, under each wording, shape (n, W), finite; systems: 0 .. S-1, shape (n,).

    tau_mean, tau_min: Kendall's tau-b of the systems' means, over pairs of wordings. top_is_stable: some
    system has the first place, alone or shared, under every wording; None of fewer than two systems.
    p_top_changes: the share of the replicates in which none has.
    Source: Kendall 1945 (tau-b); Efron 1979 (cluster bootstrap).
    """
    own = np.unique(clusters, return_inverse=True)[1].reshape(-1)
    n_systems, n_wordings = int(systems.max()) + 1, values.shape[1]
    totals = np.zeros((len(values), n_systems, 1 + n_wordings))
    totals[np.arange(len(values)), systems] = np.column_stack([np.ones(len(values)), values])
    sums = cluster_sums(totals, own)
    shape = n_systems, n_wordings
    means = _means(np.ones((1, len(sums))) @ sums, shape)
    drawn = _means(draws(len(sums), seed, replicates) @ sums, shape)
    counts = n_systems, len(sums), n_missing
    taus, replicated = kendall_taus(means[0]), _taus(drawn)
    stable = bool(_has_common_top(means)[0]) if n_systems > 1 else None
    return Ranks(
        means[0],
        tuple(tuple(np.flatnonzero(_is_first(means)[0, :, w])) for w in range(n_wordings)),
        _of_taus("tau_mean", taus.mean(), replicated.mean(axis=1), counts, confidence),
        _of_taus("tau_min", taus.min(), replicated.min(axis=1), counts, confidence),
        stable,
        _changes(drawn, counts, confidence),
    )


def kendall_taus(means: Floats) -> Floats:
    """tau-b of every pair of wordings, NaN where one ranks none. means: shape (S, W)."""
    found: Floats = _taus(means[None])[0]
    return found


def _means(sums: Floats, shape: tuple[int, int]) -> Floats:
    """Shape (B, S, W), NaN where a system was not drawn."""
    cells = sums.reshape(-1, shape[0], 1 + shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.round(cells[:, :, 1:] / cells[:, :, :1], ROUNDED)


def _taus(means: Floats) -> Floats:
    """Shape (B, pairs of wordings)."""
    a, b = np.triu_indices(means.shape[1], 1)
    signs = np.sign(means[:, a] - means[:, b])
    both = np.einsum("bpv,bpw->bvw", signs, signs)
    untied = np.einsum("bpv->bv", signs**2)
    scale = untied[:, :, None] * untied[:, None, :]
    found = both / np.sqrt(np.where(scale > 0, scale, np.nan))
    pairs = [found[:, v, w] for v, w in combinations(range(means.shape[2]), 2)]
    return np.stack(pairs, axis=1) if pairs else np.empty((len(means), 0))


def _is_first(means: Floats) -> NDArray[np.bool_]:
    return np.asarray(means >= means.max(axis=1, keepdims=True))


def _has_common_top(means: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.any(_is_first(means).all(axis=2), axis=1))


def _of_taus(
    name: str, value: float, drawn: Floats, counts: tuple[int, int, int], confidence: float
) -> Estimate:
    n_systems, n_clusters, n_missing = counts
    empty = undefined(name, "correlation", "", confidence, n_missing)
    if n_systems < FEWEST:
        return replace(empty, note=f"{counted(n_systems, 'system')}: three are needed")
    if not np.isfinite(value):
        return replace(empty, note="a wording gives every system the same")
    found = replace(empty, value=float(value), n=n_systems, n_clusters=n_clusters)
    return _with_percentiles(found, drawn)


def _with_percentiles(found: Estimate, drawn: Floats) -> Estimate:
    there = drawn[np.isfinite(drawn)]
    method = "tau-b of the systems' means"
    if not len(drawn):
        return replace(found, method=method, note=NO_INTERVAL + "no replicates")
    if found.n_clusters < 2 or len(there) < 0.95 * len(drawn) or np.ptp(there) <= ROUNDING:
        why = NO_INTERVAL + "it hardly varies over other items"
        return replace(found, method=method, note=why)
    tail = (1 - found.confidence) / 2
    low, high = (float(end) for end in np.quantile(there, [tail, 1 - tail]))
    return replace(
        found,
        se=float(there.std(ddof=1)),
        ci_low=low,
        ci_high=high,
        method=f"{method}; percentiles of {len(there):,} cluster bootstrap replicates",
        note=joined(found.note, OTHER_ITEMS),
    )


def _changes(drawn: Floats, counts: tuple[int, int, int], confidence: float) -> Estimate:
    n_systems, n_clusters, n_missing = counts
    whole = drawn[np.isfinite(drawn).all(axis=(1, 2))]
    why = "fewer than two systems" if n_systems < 2 else "no replicate has every system"
    empty = undefined("p_top_changes", "rate", why, confidence, n_missing)
    if n_systems < 2 or not len(whole):
        return empty
    return replace(
        empty,
        value=float(1 - _has_common_top(whole).mean()),
        n=n_systems,
        n_clusters=n_clusters,
        method=f"share of {len(whole):,} cluster bootstrap replicates",
        note=OTHER_ITEMS,
    )
