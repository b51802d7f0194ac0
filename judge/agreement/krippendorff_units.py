"""Krippendorff's alpha of a judge and its raters, with an interval over units.

The value is the krippendorff package's. A judge with several presentations of a unit is one coder whose
reading is each of them in turn: the units go to the package as often as there are presentations, so that
each counts its share. Where numbers have no labels (a continuum, the mean of a panel) and the package
would need a column for each, interval alpha is taken from their sums of squares.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import krippendorff
import numpy as np

from judge.agreement import NO_VARIATION
from judge.agreement.ratings import Clusters, Ratings, both_labelled, why_no_labels
from judge.agreement.resampling import Statistic, at_point, cluster_sums, with_interval
from judge.stats.bootstrap import REPLICATES
from judge.stats.intervals import ROUNDING, Floats, undefined
from judge.types import Estimate, Level

MOST_PRESENTATIONS = (
    60  # of a unit, for the package; with more, or none found, ours gives the value
)
FEWER_THAN_TWO = "no unit has two labels"
NO_NUMBERS = "the labels of this scale have no numbers"

# Numbers of values, shape (B, q) -> how far values lie apart, shape (B, q, q) or (1, q, q).
_Apart = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class _Asked:
    level: Level
    seed: int
    replicates: int
    confidence: float

    def empty(self, why: str, n_missing: int) -> Estimate:
        return undefined("krippendorff_alpha", "coefficient", why, self.confidence, n_missing)


def krippendorff_alpha_of(
    r: Ratings,
    level: Level | None = None,
    *,
    seed: int,
    replicates: int = REPLICATES,
    confidence: float = 0.95,
) -> Estimate:
    """Alpha of the judge and its raters as coders, at `level` (default: the scale's).

    Units that the judge or all raters left out are missing. None without variation.
    Source: Krippendorff 2011 (Computing Krippendorff's alpha-reliability).
    """
    asked = _Asked(level or r.level, seed, replicates, confidence)
    own = both_labelled(r)
    if not len(own.shares) and np.isfinite(r.values).any():
        return _of_numbers(r, np.column_stack([r.values, r.numbers]), asked, needs_first=True)
    if not len(own.shares):
        return asked.empty(why_no_labels(r), len(r.shares))
    return _of_labels(own, own.shares, asked, len(r.shares) - len(own.shares))


def krippendorff_alpha_of_raters(
    r: Ratings,
    level: Level | None = None,
    *,
    seed: int,
    replicates: int = REPLICATES,
    confidence: float = 0.95,
) -> Estimate:
    """The same of the raters alone, over units with two labels; n_missing: units with fewer."""
    asked = _Asked(level or r.level, seed, replicates, confidence)
    if not r.q:
        return _of_numbers(r, r.numbers, asked, needs_first=False)
    own = r.kept((r.ratings >= 0).sum(axis=1) >= 2)
    if not len(own.shares):
        return asked.empty(FEWER_THAN_TWO, len(r.shares))
    return _of_labels(own, None, asked, len(r.shares) - len(own.shares))


# -- labels --------------------------------------------------------------------------------------


def _of_labels(own: Ratings, shares: Floats | None, asked: _Asked, n_missing: int) -> Estimate:
    points = own.scale_values
    if asked.level == "interval" and not points:
        return asked.empty(NO_NUMBERS, n_missing)
    values = np.asarray(points if asked.level == "interval" and points else range(own.q), float)
    votes = own.votes
    used = (votes.sum(axis=0) + (0 if shares is None else shares.sum(axis=0))) > 0
    if np.count_nonzero(used) < 2:
        return asked.empty(NO_VARIATION, n_missing)
    votes, values = votes[:, used], values[used]
    judge = None if shares is None else shares[:, used]
    times = 1 if judge is None else _presentations(judge)
    clusters = own.cluster_numbers
    sums = cluster_sums(coincidences(votes, judge), clusters)
    statistic = alpha_statistic(sums, _apart(asked.level, values), times or 1)
    n_clusters = len(sums)
    value = at_point(statistic, n_clusters)
    if times is not None:
        value = _of_package(votes, judge, times, values, asked.level)
    found = replace(
        asked.empty("", n_missing),
        value=value,
        n=len(votes),
        n_clusters=n_clusters,
        method=f"{asked.level} alpha",
    )
    return with_interval(
        found,
        statistic,
        clusters,
        seed=asked.seed,
        replicates=asked.replicates,
        width=sums.shape[1],
    )


def coincidences(votes: Floats, shares: Floats | None) -> Floats:
    """The pairs of values within each unit over its number of values less 1, shape (n, q, q).

    votes: shape (n, q); shares: the judge's, the expectation over its presentations being taken.
    """
    judge = np.zeros_like(votes) if shares is None else shares
    among = votes[:, :, None] * votes[:, None, :] - votes[:, :, None] * np.eye(votes.shape[1])
    crossed = votes[:, :, None] * judge[:, None, :]
    n_values = np.rint(votes.sum(axis=1) + judge.sum(axis=1))
    others = np.maximum(n_values - 1, 1)[:, None, None]
    return np.asarray((among + crossed + crossed.transpose(0, 2, 1)) / others)


def alpha_statistic(sums: Floats, apart: _Apart, times: int) -> Statistic:
    """1 - Do / De of weights of clusters. sums: coincidences by cluster, shape (G, q q).

    times: how often each unit goes to the package: its correction for drawing values without putting
    them back, N - 1 for N values, is then N - 1 / times.
    """
    q = round(sums.shape[1] ** 0.5)

    def alpha(weights: Floats) -> Floats:
        drawn = (weights @ sums).reshape(-1, q, q)
        counts = drawn.sum(axis=2)
        far = apart(counts)
        observed = (drawn * far).sum(axis=(1, 2)) * (counts.sum(axis=1) - 1 / times)
        expected = (counts[:, :, None] * counts[:, None, :] * far).sum(axis=(1, 2))
        found: Floats = 1 - observed / np.where(expected > ROUNDING, expected, np.nan)
        return found

    return alpha


def _apart(level: Level, values: Floats) -> _Apart:
    if level == "ordinal":
        return _ordinal
    fixed = (values[:, None] - values) ** 2
    if level == "nominal":
        fixed = (fixed > 0).astype(float)
    return lambda counts: fixed[None]


def _ordinal(counts: Floats) -> Floats:
    """The values between two, both halves of these included, squared: differences of mean ranks."""
    ranks = np.cumsum(counts, axis=1) - counts / 2
    found: Floats = (ranks[:, :, None] - ranks[:, None, :]) ** 2
    return found


def _presentations(shares: Floats) -> int | None:
    """The least number by which all shares are whole numbers, None above MOST_PRESENTATIONS."""
    distinct = np.unique(shares)
    for times in range(1, MOST_PRESENTATIONS + 1):
        if np.abs(distinct * times - np.rint(distinct * times)).max() < 1e-6:
            return times
    return None


def _of_package(
    votes: Floats, shares: Floats | None, times: int, values: Floats, level: Level
) -> float:
    """The package's alpha, each unit there `times` times with the judge's presentations in turn."""
    counts = np.rint(votes).astype(int)
    if shares is not None:
        own = np.rint(shares * times).astype(int)
        units, labels = np.nonzero(own)
        each = counts[units] + np.eye(len(values), dtype=int)[labels]
        counts = np.repeat(each, own[units, labels], axis=0)
    return float(
        krippendorff.alpha(value_counts=counts, value_domain=values, level_of_measurement=level)
    )


# -- numbers without labels ----------------------------------------------------------------------


def _of_numbers(r: Ratings, coders: Floats, asked: _Asked, *, needs_first: bool) -> Estimate:
    """Interval alpha of numbers, shape (n, coders), NaN where there is none."""
    given = np.isfinite(coders)
    rows = given.sum(axis=1) >= 2
    if needs_first:
        rows &= given[:, 0]
    n_missing = len(coders) - int(rows.sum())
    if not rows.any():
        return asked.empty(FEWER_THAN_TWO, n_missing)
    kept = np.where(given[rows], coders[rows], 0.0)
    moved = np.where(given[rows], kept - kept.sum() / given[rows].sum(), 0.0)
    if float(np.abs(moved).max()) <= ROUNDING * max(1.0, float(np.abs(kept).max())):
        return asked.empty(NO_VARIATION, n_missing)
    clusters = r.kept(rows).cluster_numbers
    statistic = _numbers_statistic(moved, given[rows].sum(axis=1).astype(float), clusters)
    n_clusters = int(clusters.max()) + 1
    found = replace(
        asked.empty("", n_missing),
        value=at_point(statistic, n_clusters),
        n=len(moved),
        n_clusters=n_clusters,
        method="interval alpha",
    )
    return with_interval(
        found, statistic, clusters, seed=asked.seed, replicates=asked.replicates, width=4
    )


def _numbers_statistic(moved: Floats, m: Floats, clusters: Clusters) -> Statistic:
    totals, squares = moved.sum(axis=1), (moved**2).sum(axis=1)
    apart = 2 * (m * squares - totals**2) / (m - 1)
    sums = cluster_sums(np.column_stack([m, totals, squares, apart]), clusters)

    def alpha(weights: Floats) -> Floats:
        n, total, square, observed = (weights @ sums).T
        expected = 2 * (n * square - total**2) / (n - 1)
        found: Floats = 1 - observed / np.where(expected > ROUNDING, expected, np.nan)
        return found

    return alpha
