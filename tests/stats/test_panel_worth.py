"""What a panel is worth on labelled items: METHODS 6.1, families, and the luck of picking the best."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from judge.stats.panel import vote_shares, votes_of
from judge.stats.panel_worth import (
    effective_judges,
    effective_number,
    is_right,
    log_odds_weights,
    versus_best,
    wrongness,
)

Table = NDArray[np.float64]


def verdicts(right: NDArray[np.bool_], gold: Table) -> Table:
    """What judges said who were right there, shape (n, k)."""
    return np.where(right, gold[:, None], 1 - gold[:, None])


def copies(seed: int, n: int = 200) -> tuple[Table, Table]:
    """Two good judges (.85) and three near-copies of one poor one (.65), as METHODS 6.1 draws them."""
    rng = np.random.default_rng(seed)
    gold = rng.integers(0, 2, n).astype(float)
    rng.random(5 * n)  # its five other judges
    poor = np.where(rng.random(n) < 0.65, gold, 1 - gold)
    good = [np.where(rng.random(n) < 0.85, gold, 1 - gold) for _ in range(2)]
    alike = [np.where(rng.random(n) < 0.97, poor, 1 - poor) for _ in range(3)]
    return np.column_stack([*good, *alike]), gold


def test_methods_majority_of_near_copies_and_one_vote_per_family() -> None:
    """METHODS 6.1: majority .64, one vote per family .91, from the same draws."""
    members, gold = copies(7)
    votes = votes_of(members, [0, 1, 2, 2, 2])
    assert is_right(members.mean(axis=1), gold).mean() == pytest.approx(0.64)
    assert is_right(votes.mean(axis=1), gold).mean() == pytest.approx(0.91)


def test_near_copies_are_worth_little_more_than_their_families() -> None:
    members, gold = copies(1, 20_000)
    clusters = np.arange(len(gold))
    five = effective_judges(wrongness(members, gold), clusters)
    three = effective_judges(wrongness(votes_of(members, [0, 1, 2, 2, 2]), gold), clusters)
    assert five.value == pytest.approx(2.5, abs=0.15)
    assert three.value == pytest.approx(3, abs=0.1)


def test_correlation_is_that_of_numpy_over_pairs_of_judges() -> None:
    rng = np.random.default_rng(2)
    wrong = (rng.random((300, 4)) < rng.random((300, 1))).astype(float)
    pairs = np.corrcoef(wrong.T)[np.triu_indices(4, 1)]
    found = effective_judges(wrong, np.arange(300))
    assert found.value == pytest.approx(4 / (1 + 3 * pairs.mean()))
    assert found.n == found.n_clusters == 300


def test_judges_without_skill_err_independently_whatever_gold_favours() -> None:
    """Coins share nothing; their signed errors, which gold turns, would correlate by .5."""
    rng = np.random.default_rng(3)
    gold = (rng.random(20_000) < 0.3).astype(float)
    coins = (rng.random((20_000, 3)) < 0.5).astype(float)
    assert np.corrcoef((coins - gold[:, None]).T)[0, 1] > 0.4
    assert effective_judges(wrongness(coins, gold), np.arange(20_000)).value == pytest.approx(
        3, abs=0.06
    )


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 9), st.floats(-1, 1))
def test_a_panel_is_worth_one_judge_at_least_and_all_at_most(k: int, rho: float) -> None:
    assert 1 <= effective_number(k, rho) <= k


def test_effective_number_of_equals_and_of_copies() -> None:
    """k / (1 + (k - 1) rho): 5 / 1, 5 / 5, 5 / (1 + 4 / 4)."""
    assert [effective_number(5, rho) for rho in (0.0, 1.0, 0.25)] == [5, 1, 2.5]


@pytest.mark.parametrize(
    ("wrong", "clusters", "note"),
    [
        (np.zeros((0, 2)), np.zeros(0), "no labelled item"),
        (np.zeros((5, 1)), np.arange(5), "one judge is one judge"),
        (np.zeros((5, 2)), np.arange(5), "errors that vary"),
    ],
)
def test_undefined_number_of_judges_says_why(wrong: Table, clusters: Table, note: str) -> None:
    found = effective_judges(wrong, clusters)
    assert found.value is None
    assert note in found.note


def test_one_cluster_has_no_interval() -> None:
    wrong = np.array([[1.0, 0], [0, 1], [1, 1], [0, 0]])
    found = effective_judges(wrong, np.zeros(4))
    assert found.value == 2
    assert found.ci_low is None
    assert "no interval" in found.note


def test_a_tie_is_half_right_also_where_thirds_miss_it_by_rounding() -> None:
    thirds = np.array([(0.1 + 0.2 + 1.2) / 3, 1 / 3, 2 / 3])
    assert is_right(thirds, np.array([1.0, 1.0, 1.0])).tolist() == [0.5, 0, 1]
    assert is_right(np.array([0.4]), np.array([0.0])).tolist() == [1]


def test_log_odds_weights_are_shrunk() -> None:
    """(17 + 2) / (20 + 4) = .79167, ln(.79167 / .20833) = 1.3350; nothing known weighs nothing."""
    found = log_odds_weights(np.array([17.0, 0.0, 10.0]), np.array([20.0, 0.0, 20.0]))
    assert found == pytest.approx([1.3350, 0, 0], abs=1e-4)


def test_shares_of_votes_sum_to_1_and_families_weigh_equally() -> None:
    assert vote_shares(["a", "b", "c"], {"a": 0, "b": 0, "c": 1}) == {
        "a": 0.25,
        "b": 0.25,
        "c": 0.5,
    }


# -- against the best member ---------------------------------------------------------------------


def test_a_panel_of_poor_judges_is_worse_than_the_good_one_among_them() -> None:
    rng = np.random.default_rng(4)
    gold = (rng.random(400) < 0.5).astype(float)
    members = verdicts(rng.random((400, 4)) < [0.85, 0.5, 0.45, 0.5], gold)
    found = versus_best(members, members.mean(axis=1), gold, np.arange(400))
    assert (found.best, found.picked, found.is_worse) == (0, (0, 0), True)
    right = (members[:, 0] == gold).astype(float)
    own = is_right(members.mean(axis=1), gold)
    assert found.difference.value == pytest.approx((own - right).mean())
    assert found.difference.unit == "difference"  # a rate is never below 0
    assert found.difference.se == pytest.approx((own - right).std(ddof=1) / 20)


def test_a_panel_of_equals_who_err_apart_is_better_and_never_called_worse() -> None:
    rng = np.random.default_rng(5)
    gold = (rng.random(400) < 0.5).astype(float)
    members = verdicts(rng.random((400, 5)) < 0.7, gold)
    found = versus_best(members, members.mean(axis=1), gold, np.arange(400))
    assert found.difference.ci_low is not None
    assert found.difference.ci_low > 0
    assert (found.is_worse, found.is_better) == (False, True)


@pytest.mark.parametrize("n", [60, 200])
def test_a_panel_as_good_as_its_best_member_is_seldom_called_better(n: int) -> None:
    """Judges of accuracy a, .6, .6, where a majority is right as often as the first: a = .36 / .52.

    A half often picks one of the others, so that the cross-validated difference lay above 0 in 13 % of
    runs with 60 items and 18 % with 200. A two-sided interval leaves 2.5 % on this side.
    """
    rng = np.random.default_rng(n)
    found = 0
    for _ in range(150):
        gold = (rng.random(n) < 0.5).astype(float)
        members = verdicts(rng.random((n, 3)) < [0.36 / 0.52, 0.6, 0.6], gold)
        found += versus_best(members, members.mean(axis=1), gold, np.arange(n)).is_better
    assert stats.binomtest(found, 150, 0.025, alternative="greater").pvalue > 0.001


def test_one_cluster_is_no_ground_to_pick_on() -> None:
    gold = np.array([1.0, 0.0])
    found = versus_best(np.array([[1.0, 0], [0, 0]]), gold, gold, np.zeros(2))
    assert found.difference.value is None
    assert "one cluster" in found.difference.note
    assert not found.is_worse


def test_halves_hang_on_the_seed_alone() -> None:
    rng = np.random.default_rng(6)
    gold = (rng.random(60) < 0.5).astype(float)
    members = verdicts(rng.random((60, 4)) < 0.6, gold)
    twice = [versus_best(members, members.mean(axis=1), gold, np.arange(60)) for _ in range(2)]
    assert twice[0] == twice[1]


@pytest.mark.slow
@pytest.mark.parametrize("n", [40, 100, 400])
def test_a_panel_as_good_as_its_best_member_is_called_worse_in_one_run_of_twenty_at_most(
    n: int,
) -> None:
    """Judges of accuracy a, .65, .65, where a majority is right as often as the first: a = .7752.

    a (1 - .35^2) + (1 - a) .65^2 = a gives a = .4225 / (.4225 + .1225) = .77523. 2,000 runs; a two-sided
    95 % interval leaves 2.5 % on this side, and the bound is three Monte Carlo errors above 5 %.
    """
    rng = np.random.default_rng(20261121)
    accuracy = [0.4225 / 0.545, 0.65, 0.65]
    alarms = 0
    for _ in range(2_000):
        gold = (rng.random(n) < 0.5).astype(float)
        members = verdicts(rng.random((n, 3)) < accuracy, gold)
        alarms += versus_best(members, members.mean(axis=1), gold, np.arange(n)).is_worse
    assert alarms / 2_000 < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("n", [100, 400])
def test_interval_of_the_number_of_judges_holds_its_coverage(n: int) -> None:
    """Each judge takes the common error with probability sqrt(rho), so any two correlate by rho = .3."""
    rng = np.random.default_rng(20261121)
    hits = 0
    for _ in range(2_000):
        common = rng.random((n, 1)) < 0.3
        is_shared = rng.random((n, 3)) < np.sqrt(0.3)
        wrong = np.where(is_shared, common, rng.random((n, 3)) < 0.3).astype(float)
        found = effective_judges(wrong, np.arange(n))
        assert found.ci_low is not None
        assert found.ci_high is not None
        hits += found.ci_low <= effective_number(3, 0.3) <= found.ci_high
    assert 0.93 < hits / 2_000 < 0.97
