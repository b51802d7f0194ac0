"""How much of a judge's turning between orders is more than it turns when asked the same again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from judge.stats.intervals import NO_INTERVAL, ROUNDING, Floats, joined, undefined
from judge.types import Estimate, Status

NAME = "excess_inconsistency"
NEVER_TWICE = "nothing was asked more than once"


def excess(
    asked: pd.DataFrame,
    pairs: pd.DataFrame,
    turned: Floats,
    unit: Sequence[str],
    confidence: float,
) -> Estimate:
    """The share of pairs that turn between orders, above how often identical repeats of an order differ.

    0 where a judge turns no more than its own noise makes it. asked: canonical verdicts of one judge.
    pairs, turned: the pairs with a verdict in both orders, and 1 where these differ. unit: the columns
    that make a pair. n: pairs with two verdicts in one order. The interval is by cluster, with as many
    degrees of freedom as the scarcer of the two shares has. Source: docs/methods.md.
    """
    known = asked[asked["order"].isin(["AB", "BA"])]
    flips, n_repeated = flip_rates(known, unit)
    n_missing = n_repeated - len(flips)
    if not len(flips) or not len(pairs):
        why = "no question has two verdicts" if n_repeated else NEVER_TWICE
        note = "no pair has a verdict in both orders" if len(flips) else why
        return undefined(NAME, "difference", note, confidence, n_missing)
    between, within = turned, flips["flip"].to_numpy(dtype=float)
    found = Estimate(
        NAME,
        float(between.mean() - within.mean()),
        confidence=confidence,
        unit="difference",
        n=len(flips),
        n_clusters=int(flips["cluster"].nunique()),
        n_missing=n_missing,
        method="difference of two means",
    )
    codes = [frame["cluster"].cat.codes.to_numpy() for frame in (pairs, flips)]
    return _with_interval(found, (between, within), codes)


def flip_rates(asked: pd.DataFrame, unit: Sequence[str]) -> tuple[pd.DataFrame, int]:
    """One row per pair with cluster and flip, and how many pairs were asked more than once in an order.

    flip: the chance that two verdicts of one order differ, from all of its verdicts, averaged over the
    orders that have at least two.
    """
    key = [*unit, "cluster"]
    times = asked.groupby([*key, "order"], observed=True).size()
    repeated = times[times >= 2].groupby(level=list(key), observed=True).size()
    told = asked[asked["status"] == Status.OK]
    counts = told.groupby([*key, "order", "label"], observed=True).size()
    same = (counts * (counts - 1)).groupby(level=[*key, "order"], observed=True).sum()
    n = counts.groupby(level=[*key, "order"], observed=True).sum()
    several = n >= 2
    flip = 1 - same[several] / (n * (n - 1))[several]
    return flip.groupby(level=list(key), observed=True).mean().rename("flip").reset_index(), len(
        repeated
    )


def _with_interval(
    found: Estimate, values: tuple[Floats, Floats], codes: Sequence[NDArray[Any]]
) -> Estimate:
    scarce = min(len(np.unique(own)) for own in codes)
    if scarce < 2:
        why = "all values are of one cluster"
        return replace(found, note=joined(found.note, NO_INTERVAL + why))
    influence = _influence(values[0], codes[0], codes) - _influence(values[1], codes[1], codes)
    se = math.sqrt(scarce / (scarce - 1) * float(influence @ influence))
    if se <= ROUNDING:
        return replace(found, se=0.0, note=NO_INTERVAL + "no spread between clusters")
    half = float(stats.t.ppf((1 + found.confidence) / 2, scarce - 1)) * se
    return replace(
        found,
        se=se,
        ci_low=max((found.value or 0.0) - half, -1.0),
        ci_high=min((found.value or 0.0) + half, 1.0),
        method=f"difference of two means; CR1 standard error by cluster, t({scarce - 1})",
    )


def _influence(values: Floats, own: NDArray[Any], codes: Sequence[NDArray[Any]]) -> Floats:
    """What each cluster adds to the mean, shape (all clusters of either side,)."""
    labels = np.unique(np.concatenate(codes))
    deviations = (values - values.mean()) / len(values)
    return np.bincount(np.searchsorted(labels, own), deviations, len(labels)).astype(np.float64)
