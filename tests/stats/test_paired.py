"""The difference of two runs on the same items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.api import OLS

from judge.stats.paired import paired
from judge.types import Estimate

Value = float | None


def values(scores: Sequence[Value], clusters: Sequence[str] | None = None) -> pd.DataFrame:
    """A row per item; None is missing."""
    names = [f"i{n}" for n in range(len(scores))]
    return pd.DataFrame(
        {
            "item_id": pd.Categorical(names),
            "cluster": pd.Categorical(clusters or names),
            "value": [np.nan if s is None else s for s in scores],
            "is_missing": [s is None for s in scores],
        }
    )


def gain(before: Sequence[Value], after: Sequence[Value], **options: Any) -> Estimate:
    return paired(values(before), values(after), unit="score", **options)


A = [1.0, 1, 0, 1, 1, 0, 1, 1, 1, 0]
B = [1.0, 0, 0, 1, 0, 0, 1, 1, 0, 0]


def test_the_worked_example_has_its_published_standard_error() -> None:
    """d = a - b is 1 three times in ten: mean 0.3; its variance is (3 * 0.49 + 7 * 0.09) / 9 = 0.2333,
    so that the standard error is sqrt(0.02333) = 0.152753. Unpaired it would be 0.223607."""
    found = gain(B, A)
    assert found.value == pytest.approx(0.3)
    assert found.se == pytest.approx(0.152753, abs=1e-6)


def test_where_every_item_is_its_own_cluster_it_is_the_paired_t_test() -> None:
    rng = np.random.default_rng(1)
    before, after = rng.normal(3, 1, 30), rng.normal(3.2, 1, 30)
    found = gain(before.tolist(), after.tolist())
    theirs = stats.ttest_rel(after, before)
    interval = theirs.confidence_interval(0.95)
    assert found.value is not None
    assert found.se == pytest.approx(found.value / theirs.statistic)
    assert (found.ci_low, found.ci_high) == pytest.approx((interval.low, interval.high))


def test_with_clusters_it_is_least_squares_with_clustered_covariance() -> None:
    rng = np.random.default_rng(2)
    groups = rng.integers(0, 9, 50)
    before, after = rng.random(50), rng.random(50) + 0.1 * groups
    clusters = [f"c{g}" for g in groups]
    found = paired(values(before.tolist(), clusters), values(after.tolist(), clusters), unit="rate")
    fit = OLS(after - before, np.ones(50)).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
    )
    assert found.n_clusters == len(set(groups))
    assert found.se == pytest.approx(fit.bse[0])
    assert (found.ci_low, found.ci_high) == pytest.approx(tuple(fit.conf_int()[0]))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=20), st.data())
def test_turning_the_runs_around_turns_the_sign_and_keeps_the_width(
    before: list[float], data: st.DataObject
) -> None:
    same_length = st.lists(st.floats(0, 1), min_size=len(before), max_size=len(before))
    after = data.draw(same_length)
    there, back = gain(before, after), gain(after, before)
    assert there.value == pytest.approx(-(back.value or 0.0), abs=1e-12)
    assert there.se == pytest.approx(back.se)


def test_an_item_without_a_value_in_either_run_is_left_out_and_counted() -> None:
    """Items 0 and 3 have both values: gains 1 and 0."""
    found = gain([0.0, None, 1.0, 0.5], [1.0, 1.0, None, 0.5])
    assert (found.value, found.n, found.n_missing) == (0.5, 2, 2)
    assert "2 items without a value in both left out" in found.note


def test_what_a_policy_kept_from_being_asked_is_not_missing() -> None:
    stopped = values([0.0, None, 1.0]).assign(is_missing=False)
    found = paired(stopped, values([1.0, 1.0, 1.0]), unit="rate")
    assert (found.n, found.n_missing) == (2, 0)
    assert "1 item asked in one of the two only" in found.note


def test_without_an_item_in_both_there_is_no_difference() -> None:
    found = gain([None, 1.0], [1.0, None])
    assert (found.value, found.n, found.n_missing) == (None, 0, 2)


def test_items_that_all_moved_alike_have_no_interval() -> None:
    found = gain([0.0, 0.5, 1.0], [0.25, 0.75, 1.25])
    assert (found.value, found.ci_low) == (0.25, None)
    assert "every value is the same" in found.note


def test_where_every_item_moved_by_all_that_it_can_the_interval_is_exact() -> None:
    """Clopper-Pearson over 5 clusters: a mean of m on [-1, 1] lets all five be 1 with probability
    ((1 + m) / 2)^5 at most, which is 0.025 at m = 2 * 0.025^(1/5) - 1 = -0.043645."""
    found = gain([0.0] * 5, [1.0] * 5, bounds=(-1.0, 1.0))
    assert (found.value, found.ci_high) == (1.0, 1.0)
    assert found.ci_low == pytest.approx(2 * 0.025 ** (1 / 5) - 1)


def covered(simulations: int, seed: int) -> float:
    """The share of intervals that hold the truth: 12 clusters of 3 items, whose gains move together."""
    rng, hits = np.random.default_rng(seed), 0
    clusters = [f"c{n // 3}" for n in range(36)]
    for _ in range(simulations):
        difficulty = rng.normal(0, 2, 36)
        shift = 0.3 + np.repeat(rng.normal(0, 0.5, 12), 3)
        before = difficulty + rng.normal(0, 0.3, 36)
        after = difficulty + shift + rng.normal(0, 0.3, 36)
        found = paired(
            values(before.tolist(), clusters), values(after.tolist(), clusters), unit="score"
        )
        assert found.ci_low is not None
        assert found.ci_high is not None
        hits += found.ci_low <= 0.3 <= found.ci_high
    return hits / simulations


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Of 200 intervals 95 % should; 0.95 - 4 standard errors of 0.0154 is 0.888."""
    assert 0.888 <= covered(200, seed=3) <= 0.995


@pytest.mark.slow
def test_the_interval_covers_the_truth_within_two_points() -> None:
    assert 0.93 <= covered(2000, seed=4) <= 0.97


def test_items_are_of_one_cluster_where_either_run_says_so() -> None:
    """a-b of one cluster before, b-c after: a, b, c are one; d and e stand alone."""
    before = values([1, 2, 3, 4, 5], ["x", "x", "c", "d", "e"])
    after = values([2, 4, 4, 4, 4], ["p", "q", "q", "r", "s"])
    both = values([2, 4, 4, 4, 4], ["x", "x", "x", "d", "e"])
    found = paired(before, after, unit="score")
    same = paired(values([1, 2, 3, 4, 5], ["x", "x", "x", "d", "e"]), both, unit="score")
    assert found.n_clusters == 3
    assert (found.se, found.ci_low) == (same.se, same.ci_low)


def test_a_mean_that_few_clusters_carry_says_that_its_interval_may_be_too_narrow() -> None:
    """20 of 40 items are one cluster: 40^2 / (20^2 + 20) = 3.8 of equal size."""
    clusters = ["x"] * 20 + [f"c{n}" for n in range(20)]
    rng = np.random.default_rng(2)
    found = paired(values([0.0] * 40), values(rng.normal(size=40).tolist()), unit="score")
    assert "too narrow" not in found.note
    few = paired(
        values([0.0] * 40, clusters), values(rng.normal(size=40).tolist(), clusters), unit="score"
    )
    assert few.note == (
        "values are so unevenly spread over 21 clusters that they are worth 3.8: the interval may be "
        "too narrow"
    )
