"""Means by few labels of people and many values of a judge."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from judge.stats.correction import (
    ALIKE,
    ALL,
    CUT,
    Sample,
    best_weight,
    horvitz_thompson,
    labels_only,
    ppi,
    sample_of,
)
from judge.stats.post_stratified import post_stratified
from judge.stats.proportions import wilson

# METHODS 8.1: ten labels, and fifty judged items without, 33 of them ones.
Y = np.array([1, 0, 1, 1, 0, 1, 0, 1, 1, 0], dtype=float)
F = np.array([1, 0, 1, 1, 1, 1, 0, 0, 1, 0], dtype=float)
U = np.repeat([1.0, 0.0], [33, 17])
TEN = sample_of(Y, F, U)


def drawn(n: int, m: int, seed: int, theta: float = 0.7) -> Sample:
    """m items of which n are labelled; the judge is right on 80 and 90 %."""
    random = np.random.default_rng(seed)
    y = random.random(m) < theta
    f = (random.random(m) < np.where(y, 0.9, 0.2)).astype(float)
    labelled = random.permutation(m) < n
    return Sample(f, np.where(labelled, y, np.nan), np.arange(m))


# -- PPI++ ---------------------------------------------------------------------------------------


def test_ppi_of_the_worked_example() -> None:
    """Cov .14 / (1.2 * .231356 [39 of 60 ones]) = .504274; .6 + .504274 (.66 - .6) = .630256.

    Its se with ddof 1: sqrt(Var(Y - lambda F) / 10 + lambda^2 Var(U) / 50) = .137564.
    """
    found = ppi(TEN, fewest=2)
    assert found.weight == pytest.approx(0.504274, abs=1e-6)
    assert found.estimate.value == pytest.approx(0.630256, abs=1e-6)
    assert found.estimate.se == pytest.approx(0.137564, abs=1e-6)
    lam = found.weight or 0.0
    plain = (Y - lam * F).var() / 10 + lam**2 * U.var() / 50
    assert math.sqrt(plain) == pytest.approx(0.130861, abs=1e-6)  # ddof 0, as ppi-python has it


def test_with_weight_one_the_judge_is_taken_whole() -> None:
    """.6 + .66 - .6"""
    assert ppi(TEN, fewest=2, weight=1.0).estimate.value == pytest.approx(0.66)


def test_the_interval_is_a_t_of_the_labelled_clusters_in_log_odds() -> None:
    """logit(.630256) -+ t(9) .137564 / (.630256 * .369744)"""
    e = ppi(TEN, fewest=2).estimate
    half = stats.t.ppf(0.975, 9) * 0.1375639 / (0.6302564 * 0.3697436)
    ends = [1 / (1 + math.exp(-(math.log(0.6302564 / 0.3697436) + s * half))) for s in (-1, 1)]
    assert (e.ci_low, e.ci_high) == pytest.approx(ends, abs=1e-5)
    assert e.n_clusters == 10
    assert e.n == 60


def test_under_fifteen_labelled_clusters_nothing_is_corrected() -> None:
    assert ppi(TEN).estimate.value is None
    assert "15 are needed" in ppi(TEN).estimate.note
    found = ppi(drawn(15, 100, 1))
    assert found.estimate.value is not None
    assert not found.may_decide
    assert ppi(drawn(30, 100, 1)).may_decide


def test_a_constant_judge_leaves_the_labels_alone() -> None:
    whole = drawn(40, 200, 2)
    flat = Sample(np.ones(200), whole.human, whole.clusters)
    found, alone = ppi(flat), labels_only(flat)
    assert found.weight == 0.0
    assert found.saved == 0.0
    assert (found.estimate.value, found.estimate.ci_low) == (
        alone.estimate.value,
        alone.estimate.ci_low,
    )


def test_a_judge_that_always_agrees_pools_labels_and_judged_items_but_allows_for_one_error() -> (
    None
):
    """lambda N / (n + N), up to ddof; the mean of all 400; the width is not that of the judge's values."""
    y, u = np.repeat([1.0, 0.0], [28, 12]), np.repeat([1.0, 0.0], [252, 108])
    found = ppi(sample_of(y, y, u))
    assert found.weight == pytest.approx(360 / 400 * 399 / 400)
    assert found.estimate.value == pytest.approx(0.7)
    assert ALIKE in found.estimate.note
    assert (found.estimate.se or 0) > (found.weight or 0) / 40


def test_labels_that_all_agree_have_an_exact_interval() -> None:
    """0.025^(1/20) = .8316 is the least share that 20 of 20 allow."""
    sample = sample_of(np.ones(20), np.tile([1.0, 0.0], 10), np.tile([1.0, 0.0], 40))
    e = ppi(sample).estimate
    assert e.value == 1.0
    assert (e.ci_low, e.ci_high) == pytest.approx((0.025 ** (1 / 20), 1.0))


def test_everything_labelled_is_what_people_said() -> None:
    y = np.repeat([1.0, 0.0], [15, 5])
    found = ppi(Sample(np.ones(20), y, np.arange(20)))
    assert found.estimate.value == 0.75
    assert (found.estimate.ci_low, found.estimate.ci_high) == pytest.approx(wilson(15, 20))
    assert found.estimate.note == ALL


def test_a_value_outside_its_bounds_falls_back_to_the_labels() -> None:
    """Labels 19 of 20, the judge 10 of 20 there and 100 of 100 elsewhere: the sum is beyond 1."""
    y = np.append(np.ones(19), 0.0)
    f = np.repeat([1.0, 0.0], 10)
    found = ppi(sample_of(y, f, np.ones(100)))
    assert found.weight == 0.0
    assert CUT in found.estimate.note
    assert found.estimate.value == 0.95


def test_units_without_a_verdict_stand_with_the_judges_mean() -> None:
    """Missing verdicts that hang on the truth do not bend the answer: 400 runs, bias within 3 errors."""
    values = []
    for seed in range(400):
        whole = drawn(60, 300, seed)
        random = np.random.default_rng(seed)
        lost = random.random(300) < np.where(whole.judged == 1, 0.4, 0.05)
        lacking = Sample(np.where(lost, np.nan, whole.judged), whole.human, whole.clusters)
        values.append(ppi(lacking).estimate.value or 0.0)
    assert abs(np.mean(values) - 0.7) < 3 * np.std(values) / 20
    assert "without a verdict" in ppi(lacking).estimate.note


def test_clusters_widen_the_interval_and_leave_the_value() -> None:
    whole = drawn(80, 400, 5)
    random = np.random.default_rng(6)
    clusters = np.repeat(np.arange(200), 2)
    order = np.argsort(whole.human + random.random(400) / 100)  # alike ones share a cluster
    labels = np.empty(400, dtype=int)
    labels[order] = clusters
    tied = Sample(whole.judged, whole.human, labels)
    one, two = ppi(whole).estimate, ppi(tied).estimate
    assert one.value == two.value
    assert (two.se or 0) > (one.se or 0)


def test_one_cluster_with_most_labels_is_no_thirty() -> None:
    """200 labels of one prompt and one of each of 40 others, each prompt with its own share of wins.

    Such clusters are worth 240^2 / (200^2 + 40) = 1.44; t(40) held the truth in 3 of 5 draws.
    """
    random, held = np.random.default_rng(3), 0
    clusters = np.repeat(np.arange(81), [200, *[1] * 40, *[1] * 40])
    for _ in range(200):
        y = (random.random(len(clusters)) < random.beta(1.5, 1.0, 81)[clusters]).astype(float)
        f = np.where(random.random(len(y)) < 0.8, y, 1 - y)
        e = ppi(Sample(f, np.where(clusters <= 40, y, np.nan), clusters)).estimate
        assert e.ci_low is not None
        assert e.ci_high is not None
        held += e.ci_low <= 0.6 <= e.ci_high
    assert held >= 190


def test_labels_set_aside_leave_the_mean_of_all_units_where_it_was() -> None:
    """Where the judge says b people label four times as often, and a third of the labels is set aside.

    Those that stay stand for them: otherwise what is left would be more of what the judge calls a.
    """
    random, values = np.random.default_rng(8), []
    for _ in range(300):
        y = (random.random(600) < 0.65).astype(float)
        f = np.where(random.random(600) < 0.85, y, 1 - y)
        probs = np.where(f == 1, 0.1, 0.4)
        labelled = random.random(600) < probs
        kept = ~(labelled & (random.random(600) < 1 / 3))
        left = probs * (2 / 3) / (1 - probs / 3)
        human = np.where(labelled, y, np.nan)
        drawn = Sample(f[kept], human[kept], np.arange(600)[kept], left[kept], set_aside=1 / 3)
        values.append([ppi(drawn).estimate.value, post_stratified(drawn).estimate.value])
    se = np.std(values, axis=0) / np.sqrt(300)
    assert np.all(np.abs(np.mean(values, axis=0) - 0.65) < 3 * se)
    assert np.all(se < 0.004)


def test_twice_every_unit_with_the_same_clusters_changes_nothing() -> None:
    whole = drawn(60, 300, 7)
    twice = Sample(*(np.tile(part, 2) for part in (whole.judged, whole.human, whole.clusters)))
    one, two = ppi(whole, weight=0.5).estimate, ppi(twice, weight=0.5).estimate
    assert (two.value, two.se) == pytest.approx((one.value, one.se))


@given(st.integers(0, 10_000), st.integers(20, 120))
@settings(max_examples=40, deadline=None)
def test_turning_both_sides_turns_the_answer(seed: int, n: int) -> None:
    whole = drawn(n, 300, seed)
    turned = Sample(1 - whole.judged, 1 - whole.human, whole.clusters)
    one, two = ppi(whole).estimate, ppi(turned).estimate
    assert two.value == pytest.approx(1 - (one.value or 0.0))
    assert two.ci_low == pytest.approx(1 - (one.ci_high or 0.0), abs=1e-9)


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_points_of_another_scale_give_the_same_answer_there(seed: int) -> None:
    whole = drawn(60, 300, seed)
    scaled = Sample(1 + 4 * whole.judged, 1 + 4 * whole.human, whole.clusters)
    one, two = ppi(whole).estimate, ppi(scaled, bounds=(1.0, 5.0), unit="score").estimate
    assert two.value == pytest.approx(1 + 4 * (one.value or 0.0))
    assert two.ci_low == pytest.approx(1 + 4 * (one.ci_low or 0.0))


def test_the_effective_number_of_labels_is_that_of_theory() -> None:
    """1 / (1 - rho^2 N / (n + N)) times n: rho .7, N 10 n, gives 1.80 (1.96 for endless N)."""
    random = np.random.default_rng(8)
    n, m, rho = 4000, 44_000, 0.7
    f = random.normal(size=m)
    y = rho * f + math.sqrt(1 - rho**2) * random.normal(size=m)
    sample = Sample(f, np.where(np.arange(m) < n, y, np.nan), np.arange(m))
    worth = ppi(sample, bounds=None, unit="score").worth or 0.0
    assert worth / n == pytest.approx(1 / (1 - rho**2 * 10 / 11), rel=0.05)


# -- unequal probabilities -----------------------------------------------------------------------


def test_active_inference_of_the_worked_example() -> None:
    """METHODS 11.3: .9, 0, 1.0, .8, -.2 have mean .5 and se .248998."""
    f = np.array([0.9, 0.4, 0.6, 0.8, 0.2])
    y = np.array([np.nan, 0.0, 1.0, np.nan, 0.0])
    e = horvitz_thompson(f, y, np.array([0.5, 1.0, 1.0, 0.5, 0.5]))
    assert (e.value, e.se) == pytest.approx((0.5, 0.248998), abs=1e-6)


def test_equal_probabilities_are_no_weights() -> None:
    whole = drawn(60, 300, 9)
    even = Sample(whole.judged, whole.human, whole.clusters, np.full(300, 0.2))
    assert ppi(even) == ppi(whole)


def test_unequal_probabilities_are_weighed_out() -> None:
    """Labels four times as likely where the judge says 0: unweighted they would pull the answer down."""
    values, plain = [], []
    for seed in range(400):
        random = np.random.default_rng(seed)
        y = random.random(400) < 0.7
        f = (random.random(400) < np.where(y, 0.9, 0.2)).astype(float)
        probs = np.where(f == 1, 0.1, 0.4)
        human = np.where(random.random(400) < probs, y, np.nan)
        sample = Sample(f, human, np.arange(400), probs)
        values.append(ppi(sample).estimate.value or 0.0)
        plain.append(labels_only(Sample(f, human, np.arange(400))).estimate.value or 0.0)
    assert abs(np.mean(values) - 0.7) < 4 * np.std(values) / 20
    assert np.mean(plain) < 0.6


def test_the_weight_of_a_worthless_judge_is_small_and_never_negative() -> None:
    y = np.tile([1.0, 0.0], 50)
    assert best_weight(sample_of(y, 1 - y, y)) == 0.0


# -- tests and intervals are one -------------------------------------------------------------------


@given(st.integers(0, 10_000), st.floats(0.05, 0.95))
@settings(max_examples=40, deadline=None)
def test_the_test_rejects_what_the_interval_leaves_out(seed: int, null: float) -> None:
    for found in (ppi(drawn(40, 200, seed)), labels_only(drawn(40, 200, seed))):
        assert found.interval is not None
        low, high = found.interval.ends(0.95) or (0.0, 0.0)
        p = found.interval.p_value(null) or 0.0
        assert (p < 0.05) == (not low <= null <= high)


def test_equivalence_is_the_90_percent_interval_within_the_margin() -> None:
    found = ppi(drawn(200, 2000, 4, theta=0.5))
    assert found.interval is not None
    low, high = found.interval.ends(0.90) or (0.0, 0.0)
    need = max(0.5 - low, high - 0.5)
    assert (found.interval.outside_p(0.5, need + 1e-6) or 1) < 0.05
    assert (found.interval.outside_p(0.5, need - 1e-6) or 0) > 0.05


# -- EIF -----------------------------------------------------------------------------------------


def test_eif_of_the_worked_example() -> None:
    """Shares .66 and .34, people's means 5/6 and 1/4 there: .635; se .130496."""
    e = post_stratified(TEN, fewest=2, in_stratum=1, shares_of_all=False, ddof=0).estimate
    assert (e.value, e.se) == pytest.approx((0.635, 0.130496), abs=1e-6)


def test_eif_and_ppi_are_nearly_the_same_with_many_labels() -> None:
    whole = drawn(2000, 10_000, 11)
    one, two = ppi(whole).estimate, post_stratified(whole).estimate
    assert two.value == pytest.approx(one.value, abs=0.002)
    assert two.se == pytest.approx(one.se, rel=0.02)


@pytest.mark.parametrize(
    ("judged", "said"),
    [(np.ones(200), "one thing only"), (np.arange(200) / 200, "different things")],
    ids=["constant", "continuous"],
)
def test_eif_is_undefined_where_the_judge_says_one_thing_or_very_many(
    judged: np.ndarray, said: str
) -> None:
    whole = drawn(40, 200, 2)
    e = post_stratified(Sample(judged, whole.human, whole.clusters)).estimate
    assert e.value is None
    assert said in e.note


def test_no_verdict_is_a_stratum_of_its_own() -> None:
    whole = drawn(80, 300, 12)
    lost = np.arange(300) % 3 == 0
    e = post_stratified(
        Sample(np.where(lost, np.nan, whole.judged), whole.human, whole.clusters)
    ).estimate
    assert "3 things" in e.method


# -- coverage --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 100])
def test_ppi_covers(n: int) -> None:
    """2,000 runs: within .93 and .97."""
    held = 0
    for seed in range(2000):
        e = ppi(drawn(n, n + 1000, seed)).estimate
        held += (e.ci_low or 0) <= 0.7 <= (e.ci_high or 0)
    assert 0.93 <= held / 2000 <= 0.97
