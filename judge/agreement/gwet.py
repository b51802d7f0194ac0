"""Gwet's AC1 and AC2: agreement beyond chance where one label is so common that kappa collapses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from judge.agreement import NO_VARIATION, Coefficient, Label, Labels
from judge.agreement.distances import Distance, distances, points_of
from judge.agreement.ratings import Clusters, Mask, Ratings, both_labelled, why_no_labels
from judge.agreement.resampling import Statistic, at_point, cluster_sums, with_interval
from judge.errors import InputError
from judge.stats.bootstrap import REPLICATES
from judge.stats.intervals import NO_INTERVAL, ROUNDING, Floats, undefined
from judge.types import Estimate

TOO_FEW = "no unit has two labels"


@dataclass(frozen=True, slots=True)
class Units:
    """What the coefficient is a function of. alike: the weights of agreement, shape (q, q).

    shares: of each label among a unit's labels, shape (n, q). pairs: the mean weight of two of its labels,
    shape (n,), 0 where it has one. has_pairs: where it has two.
    """

    alike: Floats
    shares: Floats
    pairs: Floats
    has_pairs: Mask

    @property
    def scale(self) -> float:
        """Tw / (q (q - 1)), by which chance agreement is weighted."""
        q = len(self.alike)
        return float(self.alike.sum()) / (q * (q - 1))


def units_of(votes: Floats, shares: Floats | None, apart: Floats) -> Units:
    """The units of raters alone, or with the judge as one coder more.

    votes: how many raters gave each label, shape (n, q). shares: the judge's, shape (n, q); a unit is then
    the expectation over its presentations.
    """
    alike = 1 - apart
    judge = np.zeros_like(votes) if shares is None else shares
    m = votes.sum(axis=1) + judge.sum(axis=1)
    among = np.einsum("nk,kl,nl->n", votes, alike, votes) - votes.sum(axis=1)
    with_judge = 2 * np.einsum("nk,kl,nl->n", votes, alike, judge)
    pairs = (among + with_judge) / np.maximum(m * (m - 1), 1)
    return Units(alike, (votes + judge) / m[:, None], np.where(m > 1.5, pairs, 0.0), m > 1.5)


def gwet_ac1(
    judge: Labels,
    *raters: Labels,
    labels: Sequence[Label] = (),
    weights: Distance = "none",
    confidence: float = 0.95,
) -> Estimate:
    """AC1, or AC2 with weights, with Gwet's standard error and t(n - 1), items taken as independent.

    labels: the full scale, lowest first (default: those that occur, in order). Items with one label say
    how common it is and nothing of agreement; None where all labels are the same.
    Source: Gwet 2008; Gwet 2014, chapters 3 and 5 (weights, gaps, standard error).
    """
    rows = [
        [label for label in item if label is not None] for item in zip(judge, *raters, strict=True)
    ]
    told = [row for row in rows if row]
    scale = _scale(told, labels)
    name = "gwet_ac1" if weights == "none" else "gwet_ac2"
    empty = undefined(name, "coefficient", "", confidence, n_missing=len(rows) - len(told))
    if not any(len(row) > 1 for row in told):
        return replace(empty, note=TOO_FEW)
    if len({label for row in told for label in row}) < 2:
        return replace(empty, note=NO_VARIATION)
    votes = np.array([[row.count(label) for label in scale] for row in told], dtype=float)
    units = units_of(votes, None, distances(range(len(scale)), weights))
    value, se = _with_gwets_se(units)
    found = replace(
        empty,
        value=value,
        se=se,
        n=len(told),
        n_clusters=len(told),
        method=f"weights: {weights}; Gwet's standard error, t({len(told) - 1})",
    )
    if not se > ROUNDING:
        return replace(found, se=0.0, note=NO_INTERVAL + "the standard error is 0")
    half = float(stats.t.ppf((1 + confidence) / 2, len(told) - 1)) * se
    return replace(found, ci_low=max(-1.0, value - half), ci_high=min(1.0, value + half))


def _scale(rows: Sequence[Sequence[Label]], labels: Sequence[Label]) -> list[Label]:
    found = {label for row in rows for label in row}
    if not labels:
        return sorted(found, key=lambda label: (isinstance(label, str), label))
    if not found <= set(labels):
        unknown = ", ".join(sorted(repr(label) for label in found - set(labels)))
        raise InputError(f"labels outside the scale {list(labels)}: {unknown}")
    return list(labels)


def _with_gwets_se(u: Units) -> tuple[float, float]:
    """AC and its standard error by linearisation over items. Source: Gwet 2014, equation 5.26."""
    n, n_pairs = len(u.pairs), int(u.has_pairs.sum())
    found = float(u.pairs.sum()) / n_pairs
    common = u.shares.mean(axis=0)
    chance = u.scale * float((common * (1 - common)).sum())
    value = (found - chance) / (1 - chance)
    own = n / n_pairs * np.where(u.has_pairs, u.pairs - chance, 0.0) / (1 - chance)
    of_chance = u.scale * (u.shares @ (1 - common)) - chance
    apart = own - 2 * (1 - value) * of_chance / (1 - chance) - value
    return value, math.sqrt(float(apart @ apart) / (n * max(n - 1, 1)))


def gwet_of(
    r: Ratings,
    weights: Distance = "none",
    *,
    seed: int,
    replicates: int = REPLICATES,
    confidence: float = 0.95,
) -> Estimate:
    """AC1 (AC2 with weights) of the judge and its raters as coders, over units that both labelled.

    Chance agreement of labels without an order is over the labels that one of them gave: a tie that was
    never on offer would pass for one that chance left out. With weights it is over the full scale.
    """
    own = both_labelled(r)
    why = why_no_labels(r)
    return _estimated(own, own.shares, weights, (len(r.shares), why, confidence, seed, replicates))


def gwet_of_raters(
    r: Ratings,
    weights: Distance = "none",
    *,
    seed: int,
    replicates: int = REPLICATES,
    confidence: float = 0.95,
) -> Estimate:
    """The same of the raters alone, over units that one of them labelled."""
    own = r.kept(np.asarray((r.ratings >= 0).any(axis=1)))
    return _estimated(own, None, weights, (len(r.shares), TOO_FEW, confidence, seed, replicates))


def _estimated(
    own: Ratings,
    shares: Floats | None,
    weights: Distance,
    asked: tuple[int, str, float, int, int],
) -> Estimate:
    n_units, why, confidence, seed, replicates = asked
    name = "gwet_ac1" if weights == "none" else "gwet_ac2"
    empty = undefined(name, "coefficient", why, confidence, n_units - len(own.shares))
    if not own.q or not len(own.shares):
        return empty
    votes = own.votes
    used = votes.sum(axis=0) + (0 if shares is None else shares.sum(axis=0))
    if np.count_nonzero(used) < 2:
        return replace(empty, note=NO_VARIATION)
    apart = distances(points_of(own, weights), weights)
    if weights == "none":
        votes, apart = votes[:, used > 0], apart[np.ix_(used > 0, used > 0)]
        shares = None if shares is None else shares[:, used > 0]
    units = units_of(votes, shares, apart)
    if not units.has_pairs.any():
        return replace(empty, note=TOO_FEW)
    clusters = own.cluster_numbers
    n_clusters = int(clusters.max()) + 1
    statistic = _statistic(units, clusters)
    found = replace(
        empty,
        value=at_point(statistic, n_clusters),
        n=len(votes),
        n_clusters=n_clusters,
        method=f"weights: {weights}",
        note="",
    )
    return with_interval(
        found, statistic, clusters, seed=seed, replicates=replicates, width=own.q + 3
    )


def _statistic(u: Units, clusters: Clusters) -> Statistic:
    ones = np.ones(len(u.pairs))
    sums = cluster_sums(np.column_stack([ones, u.has_pairs, u.pairs, u.shares]), clusters)

    def ac(weights: Floats) -> Floats:
        drawn = weights @ sums
        common = drawn[:, 3:] / drawn[:, :1]
        chance = u.scale * (common * (1 - common)).sum(axis=1)
        observed = drawn[:, 2] / np.where(drawn[:, 1] > 0, drawn[:, 1], np.nan)
        found: Floats = (observed - chance) / (1 - chance)
        return found

    return ac


COEFFICIENT = Coefficient("gwet_ac1", gwet_ac1)
