"""The test that slices differ: against other implementations, and by how often it is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.oneway import anova_oneway

from judge.stats.heterogeneity import covariance, same_mean, wald

Array = NDArray[Any]


def drawn(sizes: list[int], seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.random(sum(sizes)), np.repeat(np.arange(len(sizes)), sizes)


def ols(values: Array, slices: Array, clusters: Array) -> Any:
    """Means by slice as a regression on one indicator a slice, with its uncorrected sandwich."""
    kinds = {"groups": clusters, "use_correction": False}
    indicators = np.eye(slices.max() + 1)[slices]
    return sm.OLS(values, indicators).fit(cov_type="cluster", cov_kwds=kinds)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_covariance_is_statsmodels_sandwich_where_clusters_reach_over_slices(
    seed: int,
) -> None:
    """15 clusters all in each of 3 slices, so that the factor is 15 / 14 everywhere."""
    rng = np.random.default_rng(seed)
    clusters = np.tile(np.repeat(np.arange(15), 2), 3)
    slices = np.repeat(np.arange(3), 30)
    values = rng.random(90) + rng.random(15)[clusters]
    means = np.array([values[slices == k].mean() for k in range(3)])
    found = covariance(values - means[slices], slices, clusters)
    fitted = ols(values, slices, clusters)
    assert found == pytest.approx(np.asarray(fitted.cov_params()) * 15 / 14)
    contrast = np.array([[1, -1, 0], [1, 0, -1]])
    theirs = fitted.wald_test(contrast, use_f=False, scalar=True)
    assert wald(means, found) == pytest.approx(float(theirs.statistic) * 14 / 15)


@pytest.mark.parametrize("sizes", [[20, 30], [12, 40, 25], [9, 9, 30, 14]])
def test_items_on_their_own_give_the_larger_p_of_welchs_and_the_pooled_anova(
    sizes: list[int],
) -> None:
    values, slices = drawn(sizes, sum(sizes))
    values = values ** (1 + slices)  # unequal spreads
    groups = [values[slices == k] for k in range(len(sizes))]
    welch, pooled = (anova_oneway(groups, use_var=kind).pvalue for kind in ("unequal", "equal"))
    found = same_mean(values, slices, np.arange(len(values)))
    assert found.p_value == pytest.approx(max(welch, pooled))


def test_two_slices_of_the_same_clusters_are_a_paired_t_test() -> None:
    """Every cluster has one item in both: the p of its 20 differences, where the floor is not reached."""
    rng = np.random.default_rng(5)
    first = rng.normal(size=20)
    second = first * -1 + rng.normal(size=20) / 10 + 0.5
    first, second = (x / x.std(ddof=1) for x in (first, second))  # equal spreads: the floor is them
    values, slices = np.concatenate([first, second]), np.repeat([0, 1], 20)
    found = same_mean(values, slices, np.tile(np.arange(20), 2))
    assert found.p_value == pytest.approx(float(stats.ttest_rel(first, second).pvalue))


def test_which_slice_is_called_first_does_not_matter() -> None:
    values, slices = drawn([10, 20, 30], 3)
    clusters = np.arange(60) % 25
    one = same_mean(values, slices, clusters)
    other = same_mean(values, np.array(["c", "a", "b"])[slices], clusters)
    assert other.p_value == pytest.approx(one.p_value)
    assert other.smallest_detectable == pytest.approx(one.smallest_detectable)


def false_alarms(sizes: list[int], rate: float, per_cluster: int, runs: int) -> float:
    """How often slices that do not differ are called different at 5 %."""
    rng = np.random.default_rng(20)
    slices = np.repeat(np.arange(len(sizes)), sizes)
    clusters = np.arange(len(slices)) // per_cluster
    found = 0
    for _ in range(runs):
        of_cluster = rng.beta(6 * rate, 6 * (1 - rate), clusters.max() + 1)
        values = (rng.random(len(slices)) < of_cluster[clusters]).astype(float)
        p = same_mean(values, slices, clusters).p_value
        found += p is not None and p < 0.05
    return found / runs


@pytest.mark.parametrize(
    ("sizes", "rate", "per_cluster"),
    [
        ([10, 10, 10], 0.8, 1),
        ([30, 30, 30], 0.5, 1),
        ([10, 100, 100], 0.9, 1),
        ([20] * 6, 0.7, 1),
        ([60, 60, 60], 0.6, 4),  # clusters within slices
        ([20, 20, 20], 0.6, 3),  # some clusters reach over slices
    ],
)
def test_slices_that_do_not_differ_are_seldom_accused(
    sizes: list[int], rate: float, per_cluster: int
) -> None:
    """600 runs: 5 % is right; three standard errors of it are 2.7 points."""
    assert false_alarms(sizes, rate, per_cluster, 600) < 0.077


def test_a_difference_of_the_smallest_detectable_size_is_shown_four_times_in_five() -> None:
    rng = np.random.default_rng(7)
    slices = np.repeat([0, 1, 2], 100)
    even = (np.arange(300) % 2).astype(float)
    size = same_mean(even, slices, np.arange(300)).smallest_detectable
    assert size is not None
    rates = np.array([0.5 - size / 2, 0.5, 0.5 + size / 2])  # the worst place for the third
    shown = [
        (same_mean((rng.random(300) < rates[slices]) * 1.0, slices, np.arange(300)).p_value or 1)
        < 0.05
        for _ in range(500)
    ]
    assert 0.74 < np.mean(shown) < 0.88


def test_all_won_here_and_all_lost_there_is_a_difference() -> None:
    """No slice has a spread of its own; that of the whole is left, and tells."""
    slices = np.repeat([0, 1], 8)
    found = same_mean(1.0 - slices, slices, np.arange(16))
    assert found.p_value is not None
    assert found.p_value < 0.01


def test_values_that_are_all_the_same_cannot_be_tested() -> None:
    found = same_mean(np.ones(20), np.repeat([0, 1], 10), np.arange(20))
    assert (found.p_value, found.smallest_detectable) == (None, None)
    assert found.note == "every value is the same"


def test_slices_that_go_together_in_every_cluster_do_not_break_the_test() -> None:
    values = np.tile(np.arange(10.0), 2)
    found = same_mean(values, np.repeat([0, 1], 10), np.tile(np.arange(10), 2))
    assert found.p_value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("slices", "clusters", "note"),
    [
        ([0, 0, 0], [1, 2, 3], "fewer than two slices"),
        ([0, 0, 1], [1, 2, 3], "one cluster has no spread"),
        ([0, 0, 1, 1, 2, 2], [1, 2, 1, 2, 1, 2], "too few clusters"),
    ],
)
def test_what_cannot_be_tested_says_why(slices: list[int], clusters: list[int], note: str) -> None:
    values = np.arange(float(len(slices)))
    found = same_mean(values, np.array(slices), np.array(clusters))
    assert found.p_value is None
    assert note in found.note
