"""The alternative annotator test: may the judge take the place of one of several raters?

Against each rater in turn, judge and rater are held to what the others said of a unit. A judge that was
asked several times is each of its presentations, the expectation over them being taken: of two orders that
disagree one wins and the other loses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from judge.agreement.ratings import Mask, Ratings
from judge.stats.intervals import ROUNDING, Floats, counted, joined, mean, undefined
from judge.types import Estimate

FEWEST_UNITS = 30  # that a rater shares with the judge and another rater; Calderon et al. 2025
FEWEST_RATERS = 3  # advised there: with two, the other one alone says what is right
FALSE_DISCOVERIES = 0.05
ENOUGH_WON = 0.5  # of the raters


@dataclass(frozen=True, slots=True)
class AgainstRater:
    """The judge against one rater. place: the rater's column; n: the units that both share with others.

    judge_wins, rater_wins: mean W_f and W_h, ties give 1 to both. p: one-sided, of the judge being
    `epsilon` or more worse; adjusted_p: Benjamini-Yekutieli over raters. All None, and why, where the
    rater is refused.
    """

    place: int
    n: int
    judge_wins: float | None = None
    rater_wins: float | None = None
    p: float | None = None
    adjusted_p: float | None = None
    is_beaten: bool | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class AltTest:
    """winning_rate: the share of tested raters that the judge beats; passed: at least half.

    Both None where no rater could be tested. advantage_probability: mean W_f over tested raters, with its
    interval by cluster.
    """

    winning_rate: float | None
    advantage_probability: Estimate
    epsilon: float
    passed: bool | None
    raters: tuple[AgainstRater, ...]
    note: str = ""

    @property
    def n_refused(self) -> int:
        return sum(rater.p is None for rater in self.raters)


def alt_test(
    r: Ratings, epsilon: float = 0.2, *, is_numeric: bool = False, confidence: float = 0.95
) -> AltTest:
    """The test of every rater with FEWEST_UNITS shared units.

    is_numeric: scored by -RMSE of numbers in place of the share of equal labels. Units of one cluster are
    not independent: CR1 and t(G-1), which with clusters of one is the published t test.
    Source: Calderon, Reichart and Dror 2025 (2501.10970), section 3; Benjamini and Yekutieli 2001.
    """
    played = [_played(r, place, is_numeric=is_numeric) for place in range(r.ratings.shape[1])]
    each = [_against(p, r, place, epsilon) for place, p in enumerate(played)]
    adjusted = iter(benjamini_yekutieli([one.p for one in each if one.p is not None]))
    raters = tuple(one if one.p is None else _decided(one, next(adjusted)) for one in each)
    beaten = [one.is_beaten for one in raters if one.is_beaten is not None]
    rate = sum(beaten) / len(beaten) if beaten else None
    return AltTest(
        winning_rate=rate,
        advantage_probability=_advantage(
            [played[one.place] for one in raters if one.p is not None], r, confidence
        ),
        epsilon=epsilon,
        passed=None if rate is None else rate >= ENOUGH_WON,
        raters=raters,
        note=_note(raters, len(beaten)),
    )


def _note(raters: Sequence[AgainstRater], n_tested: int) -> str:
    labelled = sum(one.n > 0 for one in raters)
    refused = len(raters) - n_tested
    said = counted(refused, "rater") + f" of {len(raters):,} not tested"
    few = f"{labelled:,} raters share units with another: three are advised"
    return joined(
        "no rater could be tested" if not n_tested else said if refused else "",
        few if labelled < FEWEST_RATERS else "",
    )


# -- against one rater ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Played:
    """rows: units of both with another rater, shape (n,). judge, rater: W_f, W_h of these."""

    rows: Mask
    judge: Floats
    rater: Floats


def _played(r: Ratings, place: int, *, is_numeric: bool) -> _Played:
    others = [column for column in range(r.ratings.shape[1]) if column != place]
    if is_numeric:
        return _by_numbers(r, place, others)
    there = r.ratings[:, place] >= 0
    rest = r.of_raters(others)
    rows = there & r.has_verdict & (rest.ratings >= 0).any(axis=1)
    votes = rest.kept(rows).votes
    scores = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)  # of each label, (n, q)
    own = np.take_along_axis(scores, r.ratings[rows, place][:, None], axis=1) if r.q else scores
    return _won(rows, r.shares[rows], scores, own)


def _by_numbers(r: Ratings, place: int, others: Sequence[int]) -> _Played:
    numbers = r.numbers[:, others]
    rows = np.isfinite(r.numbers[:, place]) & np.isfinite(numbers).any(axis=1)
    has_labels = bool(r.scale_values) and bool(r.has_verdict.any())
    rows &= r.has_verdict if has_labels else np.isfinite(r.values)
    rest = numbers[rows]
    points = np.asarray(r.scale_values)[None] if has_labels else r.values[rows][:, None]
    shares = r.shares[rows] if has_labels else np.ones((int(rows.sum()), 1))
    own = _rmse(r.numbers[rows, place][:, None], rest)
    return _won(rows, shares, -_rmse(points, rest), -own)


def _rmse(points: Floats, rest: Floats) -> Floats:
    """Of each point to the numbers of a unit, shape (n, p). points: (n, p) or (1, p); rest: (n, R)."""
    given = np.isfinite(rest)
    apart = np.where(given[:, None, :], points[:, :, None] - rest[:, None, :], 0.0)
    mean_square = (apart**2).sum(axis=2) / np.maximum(given.sum(axis=1), 1)[:, None]
    return np.asarray(np.sqrt(mean_square))


def _won(rows: Mask, shares: Floats, scores: Floats, own: Floats) -> _Played:
    """shares: of the judge's labels; scores: of these, shapes (n, q); own: the rater's, shape (n, 1)."""
    judge = (shares * (scores >= own - ROUNDING)).sum(axis=1)
    rater = (shares * (own >= scores - ROUNDING)).sum(axis=1)
    return _Played(rows, judge, rater)


def _against(played: _Played, r: Ratings, place: int, epsilon: float) -> AgainstRater:
    n = len(played.judge)
    if n < FEWEST_UNITS:
        why = f"{counted(n, 'unit')} shared with the judge and another rater: {FEWEST_UNITS} are needed"
        return AgainstRater(place, n, why=why)
    worse = played.rater - played.judge
    clusters = r.clusters[played.rows]
    if len(np.unique(clusters)) < 2:
        return AgainstRater(place, n, why="all shared units are of one cluster")
    p = p_of_worse(worse, clusters, epsilon)
    return AgainstRater(place, n, float(played.judge.mean()), float(played.rater.mean()), p)


def p_of_worse(worse: Floats, clusters: NDArray[Any], epsilon: float) -> float:
    """The one-sided p of the mean being `epsilon` or more; 0 or 1 where the values do not vary."""
    found = mean(worse, clusters, name="worse", unit="difference")
    apart = float(worse.mean()) - epsilon
    if not found.se or found.se <= ROUNDING:
        return 0.0 if apart < -ROUNDING else 1.0
    return float(stats.t.cdf(apart / found.se, found.n_clusters - 1))


def _decided(one: AgainstRater, adjusted: float) -> AgainstRater:
    return replace(one, adjusted_p=adjusted, is_beaten=adjusted <= FALSE_DISCOVERIES)


def benjamini_yekutieli(p_values: Sequence[float]) -> list[float]:
    """The p-values adjusted for false discoveries under any dependence, in their order.

    Source: Benjamini and Yekutieli 2001, theorem 1.3.
    """
    m = len(p_values)
    harmonic = math.fsum(1 / i for i in range(1, m + 1))
    adjusted, least = [1.0] * m, 1.0
    for rank, index in sorted(enumerate(np.argsort(p_values).tolist(), 1), reverse=True):
        least = min(least, p_values[index] * m * harmonic / rank)
        adjusted[index] = least
    return adjusted


# -- over raters ---------------------------------------------------------------------------------


def _advantage(played: Sequence[_Played], r: Ratings, confidence: float) -> Estimate:
    """Mean W_f, raters weighing equally. A unit stands for what it adds to each rater's mean."""
    name = "advantage_probability"
    if not played:
        return undefined(name, "rate", "no rater could be tested", confidence)
    rows = np.any([one.rows for one in played], axis=0)
    n = int(rows.sum())
    means = [float(one.judge.mean()) for one in played]
    values = np.full(len(rows), float(np.mean(means)))
    for one, own in zip(played, means, strict=True):
        values[one.rows] += (one.judge - own) * n / len(one.judge) / len(played)
    return mean(
        values[rows],
        r.clusters[rows],
        name=name,
        unit="rate",
        bounds=(0.0, 1.0),
        confidence=confidence,
        n_missing=len(rows) - n,
    )
