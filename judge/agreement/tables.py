"""Judge against rater, label by label: percent agreement and Cohen's kappa of one or several raters.

A judge that was asked about a unit several times has shares of labels there, and a unit several raters:
its table is the product of both, so that units, raters of a unit and presentations each weigh equally.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from judge.agreement import NO_VARIATION
from judge.agreement.cohen_kappa import Weights
from judge.agreement.distances import distances, points_of
from judge.agreement.ratings import (
    Clusters,
    Codes,
    Mask,
    Ratings,
    both_labelled,
    why_no_labels,
)
from judge.agreement.resampling import Statistic, at_point, cluster_sums, with_interval
from judge.stats.bootstrap import REPLICATES
from judge.stats.intervals import Floats, joined, mean, undefined
from judge.types import Estimate

ONE_CONSTANT = "no interval: one side gave a single label, so kappa is 0"


def pair_tables(shares: Floats, ratings: Codes) -> tuple[Floats, Mask]:
    """The judge's labels (rows) against its raters' (columns) of each unit, and which units have both.

    shares: shape (n, q), NaN without a verdict; ratings: shape (n, R), -1 for none. Shape (n, q, q), each
    unit summing to 1, or to 0 where it lacks either side.
    """
    votes = (ratings[:, :, None] == np.arange(shares.shape[1])).sum(axis=1).astype(float)
    n_raters = votes.sum(axis=1)
    has_both = np.isfinite(shares).all(axis=1) & (n_raters > 0)
    own = np.where(has_both[:, None], shares, 0.0)
    theirs = votes / np.maximum(n_raters, 1)[:, None]
    return own[:, :, None] * theirs[:, None, :], has_both


def percent_of(r: Ratings, *, confidence: float = 0.95) -> Estimate:
    """The share of a unit's raters whose label the judge gave, averaged over units; CR1 by cluster."""
    own = both_labelled(r)
    tables, _ = pair_tables(own.shares, own.ratings)
    hits = np.trace(tables, axis1=1, axis2=2)
    return mean(
        hits,
        own.clusters,
        name="percent",
        unit="rate",
        bounds=(0.0, 1.0),
        confidence=confidence,
        n_missing=len(r.shares) - len(hits),
        note="" if len(hits) else why_no_labels(r),
    )


def base_rate(r: Ratings) -> tuple[int, float] | None:
    """The raters' commonest label and how often always giving it would agree; None without units."""
    own = both_labelled(r)
    if not len(own.shares):
        return None
    shares = pair_tables(own.shares, own.ratings)[0].sum(axis=1).mean(axis=0)
    return int(shares.argmax()), float(shares.max())


def cohen_kappa_of(
    r: Ratings,
    weights: Weights = "none",
    *,
    seed: int,
    replicates: int = REPLICATES,
    confidence: float = 0.95,
) -> Estimate:
    """Cohen's kappa of the mean pair table; with one presentation and one rater the textbook's.

    None where both sides give one label; 0 without an interval where one side does.
    """
    own = both_labelled(r)
    empty = undefined(
        "cohen_kappa", "coefficient", "", confidence, n_missing=len(r.shares) - len(own.shares)
    )
    if not len(own.shares):
        return _noted(empty, why_no_labels(r))
    tables, _ = pair_tables(own.shares, own.ratings)
    whole, clusters = tables.sum(axis=0), own.cluster_numbers
    used = (whole.sum(axis=1) > 0) | (whole.sum(axis=0) > 0)
    if np.count_nonzero(used) < 2:
        return _noted(empty, NO_VARIATION)
    statistic = kappa_statistic(tables, clusters, distances(points_of(own, weights), weights))
    n_clusters = int(clusters.max()) + 1
    found = _valued(empty, at_point(statistic, n_clusters), len(tables), n_clusters, weights)
    if 1 in (np.count_nonzero(whole.sum(axis=0)), np.count_nonzero(whole.sum(axis=1))):
        return _noted(_valued(empty, 0.0, len(tables), n_clusters, weights), ONE_CONSTANT)
    return with_interval(
        found,
        statistic,
        clusters,
        seed=seed,
        replicates=replicates,
        width=int(tables[0].size),
    )


def kappa_statistic(tables: Floats, clusters: Clusters, apart: Floats) -> Statistic:
    """1 - the observed over the expected distance, of weights of clusters. tables: (n, q, q)."""
    sums, q = cluster_sums(tables, clusters), tables.shape[1]

    def kappa(weights: Floats) -> Floats:
        drawn = (weights @ sums).reshape(-1, q, q)
        observed = np.einsum("bij,ij->b", drawn, apart) * drawn.sum(axis=(1, 2))
        expected = np.einsum("bi,ij,bj->b", drawn.sum(axis=2), apart, drawn.sum(axis=1))
        found: Floats = 1 - observed / np.where(expected > 0, expected, np.nan)
        return found

    return kappa


def _valued(empty: Estimate, value: float, n: int, n_clusters: int, weights: Weights) -> Estimate:
    return replace(empty, value=value, n=n, n_clusters=n_clusters, method=f"weights: {weights}")


def _noted(found: Estimate, note: str) -> Estimate:
    return replace(found, note=joined(found.note, note))
