"""Davidson's ties: the worked numbers, a second maximum, and what evalica does not refuse."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize
from statsmodels.tools import numdiff

from judge.stats import davidson
from judge.stats.davidson import LabelData
from judge.stats.intervals import Floats

WINS = np.array([[0, 12, 15], [6, 0, 10], [3, 5, 0]])
TIES = np.array([[0, 7, 4], [0, 0, 8], [0, 0, 0]])


def said(wins: NDArray[np.int64], ties: NDArray[np.int64]) -> LabelData:
    """A row for each verdict, each a cluster of its own."""
    rows = [(i, j, 1) for i, j in np.ndindex(wins.shape) for _ in range(wins[i, j])]
    rows += [(i, j, 0) for i, j in np.ndindex(ties.shape) for _ in range(ties[i, j])]
    a, b, label = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return LabelData(a, b, label, np.arange(len(a)), np.ones(len(a)), len(wins))


def rows(free: Floats, data: LabelData) -> Floats:
    """The log-likelihood of each row by Davidson 1970; free: strengths after the first, then log nu."""
    theta = np.r_[0, free[:-1]]
    chances = davidson.probabilities(theta[data.a] - theta[data.b], float(np.exp(free[-1])))
    return np.log(chances[np.arange(len(data.a)), 1 - data.said])


def loss(free: Floats, data: LabelData) -> float:
    return -float(rows(free, data).sum())


def test_the_worked_example_comes_out() -> None:
    """METHODS 10: theta (0, -.82459, -1.5896), v .42901, so nu .85801."""
    found = davidson.fit(said(WINS, TIES))
    assert found.strengths - found.strengths[0] == pytest.approx([0, -0.82459, -1.5896], abs=1e-4)
    assert found.nu == pytest.approx(0.85801, abs=1e-4)
    assert found.strengths.sum() == pytest.approx(0, abs=1e-12)


def test_the_chances_are_davidsons() -> None:
    """pi = (3, 1), nu = .5: tie .5 sqrt(3) = .866 of 4.866."""
    (row,) = davidson.probabilities(np.array([np.log(3)]), 0.5)
    total = 4 + 0.5 * np.sqrt(3)
    assert row == pytest.approx([3 / total, 0.5 * np.sqrt(3) / total, 1 / total])


@pytest.mark.parametrize("seed", range(5))
def test_maximum_and_sandwich_are_those_of_scipy_and_of_differences(seed: int) -> None:
    """The likelihood maximised by scipy, its slopes and curvature by statsmodels' finite differences."""
    rng = np.random.default_rng(seed)
    theta = np.array([0.0, 0.5, -0.4])
    a, b = np.repeat([0, 0, 1], 70), np.repeat([1, 2, 2], 70)
    chances = davidson.probabilities(theta[a] - theta[b], 0.7)
    label = 1 - (rng.random((len(a), 1)) > np.cumsum(chances, axis=1)).sum(axis=1)
    data = LabelData(a, b, label, np.arange(len(a)), np.ones(len(a)), 3)
    found = davidson.fit(data)
    best = optimize.minimize(loss, np.zeros(3), args=(data,), method="BFGS")
    known = np.r_[found.strengths[1:] - found.strengths[0], np.log(found.nu)]
    assert known == pytest.approx(best.x, abs=1e-4)
    slopes = numdiff.approx_fprime(known, rows, args=(data,), centered=True)
    curvature = numdiff.approx_hess(known, loss, args=(data,))
    expected = slopes @ np.linalg.inv(curvature) * np.sqrt((len(a) - 1) / (len(a) - 3))
    own = found.influence
    assert own[:, 1:3] - own[:, [0]] == pytest.approx(expected[:, :2], abs=1e-5)
    assert own[:, 3] == pytest.approx(expected[:, 2], abs=1e-5)


def test_a_win_probability_is_the_win_and_half_the_tie_with_its_own_slope() -> None:
    found = davidson.fit(said(WINS, TIES))
    contrast = davidson.win_probability(found, 0, np.array([1, 2]))
    chances = davidson.probabilities(found.strengths[0] - found.strengths[1:], found.nu)
    assert contrast.value == pytest.approx((chances[:, 0] + chances[:, 1] / 2).mean())

    def value(parameters: Floats) -> float:
        chances = davidson.probabilities(parameters[0] - parameters[1:3], np.exp(parameters[3]))
        return float((chances[:, 0] + chances[:, 1] / 2).mean())

    at = np.r_[found.strengths, np.log(found.nu)]
    slope = optimize.approx_fprime(at, value, 1e-7)
    assert contrast.influence == pytest.approx(found.influence @ slope, abs=1e-7)


def test_the_same_items_twice_give_the_same_standard_error_and_new_items_a_smaller() -> None:
    one = said(WINS, TIES)
    twice = LabelData(
        np.tile(one.a, 2),
        np.tile(one.b, 2),
        np.tile(one.said, 2),
        np.tile(one.clusters, 2),
        np.ones(2 * len(one.a)),
        3,
    )
    new = LabelData(twice.a, twice.b, twice.said, np.arange(len(twice.a)), twice.weights, 3)
    se = [davidson.tie_parameter(davidson.fit(data)).se for data in (one, twice, new)]
    assert se[1] == pytest.approx(se[0], rel=0.02)
    assert se[2] == pytest.approx(se[0] / np.sqrt(2), rel=0.02)


def test_repeats_that_share_a_weight_count_once() -> None:
    one = said(WINS, TIES)
    a, b, label, clusters = (np.tile(c, 2) for c in (one.a, one.b, one.said, one.clusters))
    shared = LabelData(a, b, label, clusters, np.full(len(a), 0.5), 3)
    assert davidson.fit(shared).strengths == pytest.approx(davidson.fit(one).strengths, abs=1e-6)


@pytest.mark.parametrize(
    ("wins", "ties", "why"),
    [
        ([[0, 5, 0], [0, 0, 5], [0, 0, 0]], [[0, 0, 0]] * 3, "always won or lost"),
        (WINS, [[0, 0, 0]] * 3, "no ties"),
        ([[0, 0, 0]] * 3, TIES, "nothing but ties"),
        (
            [[0, 4, 0], [4, 0, 0], [0, 0, 0]],
            [[0, 1, 0], [0, 0, 0], [0, 0, 0]],
            "not all systems met",
        ),
    ],
    ids=["undefeated chain", "no tie", "all ties", "disconnected"],
)
def test_where_there_is_no_maximum_it_is_refused(wins: object, ties: object, why: str) -> None:
    """evalica ranks an undefeated chain a > b > c as three equals, without a word."""
    found = davidson.fit(said(np.array(wins), np.array(ties)))
    assert why in found.problem
    assert not len(found.strengths)
