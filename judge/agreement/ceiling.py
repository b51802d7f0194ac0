"""How well people agree with each other: what a judge is held against instead of 1."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from judge.agreement.icc import icc_of_raters
from judge.agreement.ratings import CONTINUUM, Mask, Ratings, why_no_labels
from judge.agreement.resampling import Statistic, at_point, cluster_sums, with_interval
from judge.stats.bootstrap import REPLICATES
from judge.stats.intervals import Floats, joined, mean, undefined
from judge.types import Estimate

ONE_RATER = "no unit with a verdict has two raters: there is no telling how far people agree"
NO_AGREEMENT = "people's numbers have no more in common than chance gives"


@dataclass(frozen=True, slots=True)
class OfRater:
    """One rater against the others: theirs, and the judge's in their place, over n units."""

    place: int
    human: float
    judge: float
    n: int


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Leave-one-out: each rater, and the judge in their place, against the unit's other raters.

    human: mean A, the ceiling; judge: mean J; difference: mean J - mean A, of the same units, each
    averaged over the raters of a unit and then over units. by_rater: raters who have such units.
    """

    human: Estimate
    judge: Estimate
    difference: Estimate
    by_rater: tuple[OfRater, ...]


def human_ceiling(r: Ratings, *, confidence: float = 0.95) -> Ceiling:
    """The leave-one-out ceiling of percent agreement, over units with two raters and a verdict.

    n_missing: the other units. CR1 by cluster.
    """
    rows = r.has_verdict & ((r.ratings >= 0).sum(axis=1) >= 2)
    own = r.kept(rows)
    people, judge, given = _leave_one_out(own)
    n_raters = np.maximum(given.sum(axis=1), 1)
    a = np.where(given, people, 0.0).sum(axis=1) / n_raters
    j = np.where(given, judge, 0.0).sum(axis=1) / n_raters
    why = _why_not(r, rows)
    return Ceiling(
        _mean("human_ceiling", a, own, len(r.shares), confidence, why),
        _mean("judge_leave_one_out", j, own, len(r.shares), confidence, why),
        _mean("difference_from_ceiling", j - a, own, len(r.shares), confidence, why),
        tuple(
            OfRater(h, float(people[on, h].mean()), float(judge[on, h].mean()), int(on.sum()))
            for h, on in enumerate(given.T)
            if on.any()
        ),
    )


def _leave_one_out(
    own: Ratings,
) -> tuple[Floats, Floats, Mask]:
    """The share of a unit's other raters with a rater's label, and with the judge's; shape (n, R) each.

    The third says where a rater labelled.
    """
    given = own.ratings >= 0
    votes = own.votes
    others = np.maximum(given.sum(axis=1) - 1, 1)[:, None]
    places = np.where(given, own.ratings, 0)
    same = np.take_along_axis(votes, places, axis=1) if own.q else np.zeros(given.shape)
    shares = np.where(np.isfinite(own.shares), own.shares, 0.0)
    of_judge = np.take_along_axis(shares, places, axis=1) if own.q else np.zeros(given.shape)
    with_all = (votes * shares).sum(axis=1, keepdims=True)
    return (same - 1) / others, (with_all - of_judge) / others, given


def _why_not(r: Ratings, rows: Mask) -> str:
    if rows.any():
        return ""
    if not r.q:
        return CONTINUUM
    return ONE_RATER if r.has_verdict.any() else why_no_labels(r)


def _mean(
    name: str, values: Floats, own: Ratings, n_units: int, confidence: float, why: str
) -> Estimate:
    is_rate = not name.startswith("difference")
    return mean(
        values,
        own.clusters,
        name=name,
        unit="rate" if is_rate else "difference",
        bounds=(0.0, 1.0) if is_rate else (-1.0, 1.0),
        confidence=confidence,
        n_missing=n_units - len(values),
        note=why,
    )


# -- of correlations -----------------------------------------------------------------------------


def correlation_ceiling(
    r: Ratings, *, seed: int, replicates: int = REPLICATES, confidence: float = 0.95
) -> Estimate:
    """sqrt of the reliability of the human mean: what no judge's correlation with it can pass.

    The reliability is ICC(3,k) where all raters rated all units that count: a rater's severity moves all
    of these alike. Otherwise it is that of the one-way model, for the mean number of raters of a unit.
    Source: Spearman 1904 (attenuation); Shrout and Fleiss 1979.
    """
    given = np.isfinite(r.numbers)
    rows = given.sum(axis=1) >= 2
    own = r.kept(rows)
    own = own.of_raters(np.flatnonzero(np.isfinite(own.numbers).any(axis=0)).tolist())
    empty = undefined("correlation_ceiling", "correlation", "", confidence, int((~rows).sum()))
    if int(rows.sum()) < 2:
        return replace(empty, note="fewer than two units have numbers of two raters")
    if np.isfinite(own.numbers).all():
        asked = {"seed": seed, "replicates": replicates}
        found = icc_of_raters(own, "ICC(3,k)", confidence=confidence, **asked)
        return _rooted(replace(found, n_missing=empty.n_missing))
    statistic, clusters = _one_way(own), own.cluster_numbers
    n_clusters = int(clusters.max()) + 1
    value = at_point(statistic, n_clusters)
    if not np.isfinite(value):
        return replace(empty, note=NO_AGREEMENT)
    found = replace(
        empty, value=value, n=int(rows.sum()), n_clusters=n_clusters, method="one-way model"
    )
    return _rooted(with_interval(found, statistic, clusters, seed=seed, replicates=replicates))


def _one_way(own: Ratings) -> Statistic:
    """The reliability of the mean of m raters, m being the mean number of a unit's.

    Source: Searle, Casella and McCulloch 1992, section 3.6 (unequal numbers); Spearman 1910, Brown 1910.
    """
    given = np.isfinite(own.numbers)
    moved = np.where(given, own.numbers - float(own.numbers[given].mean()), 0.0)
    m = given.sum(axis=1).astype(float)
    totals, squares = moved.sum(axis=1), (moved**2).sum(axis=1)
    rows = np.column_stack([np.ones(len(m)), m, m**2, totals, totals**2 / m, squares])
    sums = cluster_sums(rows, own.cluster_numbers)

    def reliability(weights: Floats) -> Floats:
        n, answers, squared, total, by_unit, square = (weights @ sums).T
        between = (by_unit - total**2 / answers) / (n - 1)
        within = (square - by_unit) / (answers - n)
        n0 = (answers - squared / answers) / (n - 1)
        of_unit, each = (between - within) / n0, answers / n
        found: Floats = of_unit / (of_unit + within / each)
        return found

    return reliability


def _rooted(found: Estimate) -> Estimate:
    """The root of a reliability and of its ends; None where that is not above 0."""
    named = replace(found, name="correlation_ceiling", method=f"root of {found.method}")
    if found.value is None:
        return replace(named, method="none")
    if found.value <= 0:
        note = joined(NO_AGREEMENT, found.note)
        return replace(undefined(named.name, named.unit, note, named.confidence, named.n_missing))
    value = math.sqrt(found.value)
    ends = [
        None if end is None else math.sqrt(max(end, 0.0)) for end in (found.ci_low, found.ci_high)
    ]
    se = None if found.se is None else found.se / (2 * value)
    return replace(named, value=value, se=se, ci_low=ends[0], ci_high=ends[1])
