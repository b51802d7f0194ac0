"""Means, intervals, tests: worked numbers, second implementations and edge cases."""

from __future__ import annotations

import gc

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from judge.stats.intervals import (
    Floats,
    cautious_p_value,
    counted,
    effective_clusters,
    equivalence_p,
    holm,
    mean,
    p_value,
    smallest_detectable,
    undefined,
)
from judge.types import Estimate

RATE = (0.0, 1.0)


def rate(values: list[float], clusters: list[int] | None = None, **options: float) -> Estimate:
    labels = np.arange(len(values)) if clusters is None else np.array(clusters)
    return mean(np.array(values, float), labels, name="m", unit="rate", bounds=RATE, **options)  # type: ignore[arg-type]


def test_clustered_mean_of_sixteen_scores_is_the_worked_example() -> None:
    """s = 1110 000 11 101 0011 in clusters of 4, 3, 2, 3, 4: mean 9/16, CR1 .145505, t(4)."""
    values = [1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 1, 1]
    clusters = [0] * 4 + [1] * 3 + [2] * 2 + [3] * 3 + [4] * 4
    found = rate([float(v) for v in values], clusters)
    assert found.value == 0.5625
    assert found.se == pytest.approx(0.145505, abs=5e-7)
    assert (found.ci_low, found.ci_high) == pytest.approx((0.1585, 0.9665), abs=5e-5)
    assert (found.n, found.n_clusters, found.method[-4:]) == (16, 5, "t(4)")


def test_paired_difference_is_the_worked_example() -> None:
    """a = 1101101110, b = 1001001100: differences sum to 3 of 10, se .152753."""
    a = np.array([1, 1, 0, 1, 1, 0, 1, 1, 1, 0], float)
    b = np.array([1, 0, 0, 1, 0, 0, 1, 1, 0, 0], float)
    found = mean(a - b, np.arange(10), name="d", unit="score")
    assert found.value == pytest.approx(0.3)
    assert found.se == pytest.approx(0.152753, abs=5e-7)


values_and_clusters = st.lists(
    st.tuples(st.floats(-5, 5).map(lambda x: round(x, 3)), st.integers(0, 6)),
    min_size=3,
    max_size=40,
).filter(lambda rows: len({c for _, c in rows}) > 1)


@settings(max_examples=60, deadline=None)
@given(values_and_clusters)
def test_the_standard_error_is_that_of_statsmodels(rows: list[tuple[float, int]]) -> None:
    values = np.array([v for v, _ in rows])
    clusters = np.array([c for _, c in rows])
    found = mean(values, clusters, name="m", unit="score")
    fit = sm.OLS(values, np.ones(len(values))).fit(
        cov_type="cluster", cov_kwds={"groups": clusters}
    )
    assert found.value == pytest.approx(float(fit.params[0]), abs=1e-9)
    assert found.se == pytest.approx(float(fit.bse[0]), abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(values_and_clusters, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_names_of_clusters_matter(
    rows: list[tuple[float, int]], random: object
) -> None:
    shuffled = [*rows]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first = mean(*_arrays(rows), name="m", unit="score")
    second = mean(*_arrays([(v, 9 - c) for v, c in shuffled]), name="m", unit="score")
    assert (first.value, first.se) == pytest.approx((second.value, second.se), abs=1e-9)


def _arrays(rows: list[tuple[float, int]]) -> tuple[Floats, Floats]:
    return np.array([v for v, _ in rows]), np.array([c for _, c in rows], float)


def test_writing_every_item_twice_in_its_cluster_does_not_narrow_the_interval() -> None:
    once = rate([1, 0, 1, 1, 0.5], [0, 1, 2, 3, 4])
    twice = rate([1, 0, 1, 1, 0.5] * 2, [0, 1, 2, 3, 4] * 2)
    assert twice.se == pytest.approx(once.se)


def test_an_interval_of_a_rate_is_cut_to_what_a_rate_can_be() -> None:
    found = rate([1, 1, 1, 0.5])
    assert found.ci_high == 1.0
    assert found.ci_low is not None
    assert found.ci_low < 0.9


@pytest.mark.parametrize("n_clusters", [2, 5, 30])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_rate_of_0_or_1_has_clopper_pearsons_interval_over_clusters(
    n_clusters: int, value: float
) -> None:
    clusters = [c for c in range(n_clusters) for _ in range(3)]
    found = rate([value] * len(clusters), clusters)
    expected = proportion_confint(value * n_clusters, n_clusters, method="beta")
    assert (found.ci_low, found.ci_high) == pytest.approx(expected)
    assert "Clopper-Pearson" in found.method


def test_values_that_all_lie_on_a_bound_have_an_interval_inside_the_bounds() -> None:
    """Five of five at -1 on -1..1 is Clopper-Pearson of 0 of 5, stretched: 2 x .5218 - 1."""
    found = mean(np.full(5, -1.0), np.arange(5), name="m", unit="difference", bounds=(-1.0, 1.0))
    _, high = proportion_confint(0, 5, method="beta")
    assert (found.ci_low, found.ci_high) == pytest.approx((-1, 2 * high - 1))


def test_equal_values_inside_the_bounds_have_no_interval_and_no_p() -> None:
    found = rate([0.5] * 6)
    assert (found.se, found.ci_low, found.ci_high) == (0, None, None)
    assert found.note == "no interval: every value is the same"
    assert p_value(found, 0.5) is None


def test_clusters_that_cancel_have_no_interval_and_are_not_called_equal_values() -> None:
    """Each of six clusters holds 1, 1, 0: its deviations from 2/3 sum to 0."""
    found = rate([1, 1, 0] * 6, [c for c in range(6) for _ in range(3)])
    assert found.value == pytest.approx(2 / 3)
    assert (found.se, found.ci_low, found.ci_high) == (0, None, None)
    assert found.note == "no interval: no spread between clusters"
    assert p_value(found, 0.5) is None


def test_rounding_of_large_equal_values_is_no_spread() -> None:
    found = mean(np.full(7, 1e9 + 0.1), np.arange(7), name="m", unit="score")
    assert found.note == "no interval: every value is the same"


def test_one_cluster_has_a_mean_and_no_interval() -> None:
    found = rate([1, 0, 1], [0, 0, 0])
    assert found.value == pytest.approx(2 / 3)
    assert (found.se, found.ci_low, found.ci_high) == (None, None, None)
    assert "no interval" in found.note


def test_no_values_have_no_mean_and_a_reason() -> None:
    found = rate([], n_missing=4)
    assert (found.value, found.n, found.n_missing, found.note) == (None, 0, 4, "no values")


def test_undefined_keeps_its_reason_and_level() -> None:
    found = undefined("m", "rate", "because", 0.9)
    assert (found.value, found.note, found.confidence) == (None, "because", 0.9)


def test_a_wider_confidence_has_a_wider_interval() -> None:
    narrow, wide = (rate([1, 0.5, 0, 1, 0.5, 0.5], confidence=c) for c in (0.8, 0.95))
    assert narrow.ci_low is not None
    assert wide.ci_low is not None
    assert wide.ci_low < narrow.ci_low


# -- tests ---------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([0, 0.25, 0.5, 0.75, 1]), min_size=2, max_size=20))
def test_p_is_below_5_percent_exactly_where_the_interval_leaves_out_the_null(
    values: list[float],
) -> None:
    found = rate(values)
    p = p_value(found, 0.5)
    if p is None or found.ci_low is None or found.ci_high is None:
        assert (p, found.ci_low, found.ci_high, found.se) == (None, None, None, 0)
        return
    assert (p < 0.05) == (not found.ci_low <= 0.5 <= found.ci_high)


def test_p_of_values_on_a_bound_is_the_exact_binomial_over_clusters() -> None:
    """Six clusters, all won: 2 x .5^6 = .03125; five: .0625."""
    assert p_value(rate([1.0] * 6), 0.5) == pytest.approx(0.03125)
    assert p_value(rate([0.0] * 5), 0.5) == pytest.approx(0.0625)
    assert p_value(rate([0.75] * 5), 0.5) is None


def test_there_is_no_p_without_a_standard_error() -> None:
    assert p_value(rate([1.0]), 0.5) is None
    assert p_value(undefined("m", "rate", "none"), 0.5) is None


def test_holm_gives_the_worked_numbers() -> None:
    """p x (8, 7, 6, ...), never below the one before, at most 1."""
    found = holm([0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205])
    assert found[:3] == pytest.approx([0.008, 0.056, 0.234])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_is_that_of_statsmodels(p_values: list[float]) -> None:
    gc.freeze()  # statsmodels collects garbage in every call, through all that was ever imported
    expected = multipletests(p_values, method="holm")[1] if p_values else []
    gc.unfreeze()
    assert holm(p_values) == pytest.approx(list(expected))


def test_the_smallest_detectable_difference_is_the_worked_one() -> None:
    """n = 198, omega^2 = 1/9, two noise variances of 1/6: se = sqrt(4/9 / 198), MDE .133."""
    se = ((1 / 9 + 1 / 6 + 1 / 6) / 198) ** 0.5
    assert smallest_detectable(se) == pytest.approx(0.133, abs=5e-4)
    assert smallest_detectable(0.1) == pytest.approx(0.1 * (1.959964 + 0.841621), abs=1e-6)


@pytest.mark.parametrize("se", [None, 0.0])
def test_without_a_spread_nothing_is_said_to_be_detectable(se: float | None) -> None:
    assert smallest_detectable(se) is None


def test_equivalence_needs_the_90_percent_interval_inside_the_margin() -> None:
    values = [0.5, 0.6, 0.4, 0.5, 0.55, 0.45, 0.5, 0.5]
    found = rate(values)
    inner = rate(values, confidence=0.9)
    assert inner.ci_high is not None
    half = inner.ci_high - 0.5
    assert equivalence_p(found, 0.5, half) == pytest.approx(0.05)
    wide, narrow = (equivalence_p(found, 0.5, half * share) for share in (1.01, 0.99))
    assert wide is not None
    assert narrow is not None
    assert wide < 0.05 < narrow


def test_values_without_a_spread_are_never_called_equivalent() -> None:
    assert equivalence_p(rate([0.5] * 50), 0.5, 0.4) is None
    assert equivalence_p(rate([0.5]), 0.5, 0.4) is None


def test_a_count_stands_with_its_noun() -> None:
    assert (counted(1, "pair"), counted(1200, "pair")) == ("1 pair", "1,200 pairs")


# -- clusters of unequal size --------------------------------------------------------------------


def test_a_large_cluster_and_small_ones_are_worth_few_of_equal_size() -> None:
    """Sizes 16 and eight of 1: 24^2 / (256 + 8) = 2.18; equal sizes are worth their number."""
    assert effective_clusters(np.array([0] * 16 + [*range(1, 9)])) == pytest.approx(576 / 264)
    assert effective_clusters(np.repeat(np.arange(7), 3)) == pytest.approx(7)


@given(st.lists(st.integers(0, 2), min_size=4, max_size=12), st.integers(1, 3))
def test_with_clusters_of_one_size_the_cautious_p_is_the_plain_one(
    points: list[int], size: int
) -> None:
    values = [point / 2 for point in points for _ in range(size)]
    clusters = np.repeat(np.arange(len(points)), size)
    found = rate(values, list(clusters))
    cautious = cautious_p_value(found, np.array(values), clusters, 0.5)
    assert cautious == pytest.approx(p_value(found, 0.5))


def test_the_cautious_p_leaves_out_one_cluster_after_the_other() -> None:
    """The jackknife of the mean by hand: what it is without each cluster, about the whole's."""
    values = np.array([1, 1, 1, 0.5, 1, 0, 1, 0.5, 1, 1])
    clusters = np.array([0, 0, 0, 0, 1, 2, 3, 3, 4, 5])
    without = [values[clusters != c].mean() for c in range(6)]
    se = np.sqrt(5 / 6 * sum((w - values.mean()) ** 2 for w in without))
    df = 100 / (16 + 1 + 1 + 4 + 1 + 1) - 1
    expected = 2 * stats.t.sf((values.mean() - 0.5) / se, df)
    found = rate(values.tolist(), clusters.tolist())
    assert expected > (p_value(found, 0.5) or 1)
    assert cautious_p_value(found, values, clusters, 0.5) == pytest.approx(expected)


def test_unequal_clusters_are_seldom_called_different() -> None:
    """Eight documents of 1 to 12 items, each of one mind, worth 5 or more; 1,000 draws, 5 % is right.

    Two standard errors of it are 1.4 points.
    """
    rng = np.random.default_rng(4)
    clusters = np.repeat(np.arange(9), [12, 8, 6, 5, 4, 3, 2, 1, 1])
    assert 5 < effective_clusters(clusters) < 6
    wrong = 0
    for _ in range(1000):
        minds = rng.normal(size=9)[clusters] + rng.normal(size=42) / 2
        values = stats.norm.cdf(minds)
        found = rate(values.tolist(), clusters.tolist())
        wrong += (cautious_p_value(found, values, clusters, 0.5) or 1) < 0.05
    assert wrong / 1000 < 0.065


def test_a_mean_that_few_clusters_carry_is_said_to_have_too_narrow_an_interval() -> None:
    rng = np.random.default_rng(1)
    uneven = rate(rng.random(24).tolist(), [0] * 16 + [*range(1, 9)])
    assert "spread over 9 clusters that they are worth 2.2: the interval may be too" in uneven.note
    even = rate(rng.random(24).tolist(), [n // 3 for n in range(24)])
    assert even.note == ""
