"""How many labels: the numbers of METHODS 8.6, and what a pilot leaves open."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import InputError
from judge.labels.plan import assumed, piloted
from judge.stats.label_plan import (
    check_plan,
    labels_alone,
    labels_for,
    labels_of_guarantee,
    labels_of_rate,
    saving,
)
from judge.table import VerdictTable, from_rows
from judge.types import HumanLabel

OF_70 = math.sqrt(0.7 * 0.3)


@pytest.mark.parametrize(
    ("correlation", "labels"),
    [(0.0, 323), (0.3, 294), (0.5, 243), (0.7, 165), (0.8, 117), (0.9, 62)],
)
def test_labels_for_five_points_about_a_rate_of_70(correlation: float, labels: int) -> None:
    """1.96^2 x .21 / .05^2 = 322.7, times 1 - rho^2: 293.7, 242.0, 164.6, 116.2, 61.3, rounded up."""
    assert labels_for(0.05, OF_70, correlation) == labels


@pytest.mark.parametrize(
    ("correlation", "times"), [(0.3, 1.10), (0.5, 1.33), (0.7, 1.96), (0.8, 2.78), (0.9, 5.26)]
)
def test_savings_where_far_more_is_judged_than_labelled(correlation: float, times: float) -> None:
    """1 / (1 - rho^2): 1/.91, 1/.75, 1/.51, 1/.36, 1/.19."""
    assert saving(correlation) == pytest.approx(times, abs=0.005)


def test_labels_for_an_agreement_and_for_a_sensitivity() -> None:
    """1.96^2 x .16 / .0025 = 245.9; 1.96^2 x .16 / .01 = 61.5."""
    assert labels_of_rate(0.05, 0.8) == 246
    assert labels_of_rate(0.1, 0.8) == 62


@pytest.mark.parametrize(
    ("risk", "delta", "n"), [(0.1, 0.1, 22), (0.15, 0.1, 15), (0.05, 0.05, 59), (0.2, 0.1, 11)]
)
def test_the_fewest_labels_on_which_a_guarantee_can_pass(risk: float, delta: float, n: int) -> None:
    """(1 - risk)^n <= delta and no fewer: .9^22 = .0985, .9^21 = .1094."""
    assert labels_of_guarantee(risk, delta) == n
    assert (1 - risk) ** n <= delta < (1 - risk) ** (n - 1)


@given(
    rho=st.floats(-0.95, 0.95),
    sd=st.floats(0.1, 0.5),
    items=st.integers(50, 5000),
    width=st.floats(0.02, 0.2),
)
def test_so_many_labels_give_the_wanted_interval_and_one_fewer_does_not(
    rho: float, sd: float, items: int, width: float
) -> None:
    n = labels_for(width, sd, rho, items=items)

    def half(labels: int) -> float:
        explained = max(rho, 0.0) ** 2  # a judge that goes against people has no weight
        return 1.959964 * sd * math.sqrt((1 - explained * (items - labels) / items) / labels)

    if n is None:
        assert half(items) > width * (1 - 1e-6)
    else:
        assert half(n) <= width * (1 + 1e-6)
        assert n == 2 or half(n - 1) > width * (1 - 1e-6)
        assert n <= items


def test_a_judge_that_goes_against_people_saves_nothing() -> None:
    assert saving(-0.9) == 1.0
    assert labels_for(0.05, OF_70, -0.9) == 323


def test_without_a_judge_it_is_the_textbook_number() -> None:
    assert labels_alone(0.05, 0.5) == pytest.approx(384.1, abs=0.1)


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ((0.0, None, None, None), "--half-width 0: give a number above 0"),
        ((0.05, 0.5, 0.5, None), "--rate and --sd"),
        ((0.05, 1.0, None, None), "--rate 1"),
        ((0.6, 0.5, None, None), "--half-width 0.6"),
        ((0.05, None, 0.0, None), "--sd 0"),
        ((0.05, None, None, 1.0), "--correlation 1"),
        ((float("nan"), None, None, None), "--half-width nan"),
    ],
)
def test_numbers_that_cannot_be_meant_are_refused(
    given_: tuple[float, float | None, float | None, float | None], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        check_plan(*given_)


def test_a_plan_from_assumptions_holds_the_same_numbers() -> None:
    plan = assumed(rate=0.7)
    assert [need.labels for need in plan.needs] == [323, 294, 243, 165, 117, 62]
    assert plan.agreement == 246
    assert [n for *_, n in plan.guarantees] == [22, 15, 59, 11]
    assert plan.weak_judge_saves == 2.0


# -- from a pilot --------------------------------------------------------------------------------


def pilot(n: int, labelled: int, flip: float, seed: int) -> tuple[VerdictTable, list[HumanLabel]]:
    """A judge that says what people say but for a share of pairs, where it says the other."""
    rng = np.random.default_rng(seed)
    human = rng.random(n) < 0.6
    judge = human ^ (rng.random(n) < flip)
    rows = [
        {
            "item_id": f"i{k}",
            "system_a": "x",
            "system_b": "y",
            "judge": "j",
            "label": "a" if v else "b",
        }
        for k, v in enumerate(judge)
    ]
    labels = [
        HumanLabel(f"i{k}", "r", system_a="x", system_b="y", label="a" if human[k] else "b")
        for k in range(labelled)
    ]
    return from_rows("pairwise", rows), labels


def test_a_pilot_gives_a_range_about_what_numpy_says_of_it() -> None:
    table, labels = pilot(1000, 80, 0.1, 3)
    plan = piloted(table, labels, {"j": 0}, seed=1)
    (need,) = plan.pilot
    judge = (table.frame["label"].to_numpy()[:80] == "a").astype(float)
    human = np.array([label.label == "a" for label in labels], dtype=float)
    rho, sd = float(np.corrcoef(judge, human)[0, 1]), float(human.std(ddof=1))
    assert (need.correlation, need.sd) == (pytest.approx(rho), pytest.approx(sd))
    assert need.labels == labels_for(0.05, sd, rho, items=1000)
    assert need.correlation_low < rho < need.correlation_high
    assert need.labels_low is not None
    assert need.labels_high is not None
    assert need.labels_low < (need.labels or 0) < need.labels_high
    assert plan == piloted(table, labels, {"j": 0}, seed=1)


def test_a_larger_pilot_leaves_a_narrower_range() -> None:
    ranges = []
    for n in (40, 400):
        (need,) = piloted(*pilot(2000, n, 0.1, 5), {"j": 0}).pilot
        ranges.append((need.labels_high or 0) - (need.labels_low or 0))
    assert ranges[1] < ranges[0] / 2


def test_what_all_labels_could_not_give_is_none_and_not_a_number() -> None:
    (need,) = piloted(*pilot(60, 40, 0.1, 2), {"j": 0}, half_width=0.01).pilot
    assert (need.labels, need.labels_low, need.labels_high) == (None, None, None)


def test_too_small_a_pilot_is_refused() -> None:
    with pytest.raises(InputError, match="fewer than 15 labels"):
        piloted(*pilot(60, 14, 0.1, 2), {"j": 0})
