"""What is read off a fit: win rates, their intervals, means of several judges, inflation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import expit, logit

from judge.stats import contrasts
from judge.stats.contrasts import Contrast
from judge.stats.intervals import mean
from judge.stats.pairwise import PairwiseData, fit, fit_or_shrunk


def rows(seed: int, n_systems: int = 3, n: int = 120) -> PairwiseData:
    rng = np.random.default_rng(seed)
    a = rng.integers(0, n_systems, n)
    b = (a + rng.integers(1, n_systems, n)) % n_systems
    order, length = rng.choice([-1.0, 1.0], n), np.tanh(rng.normal(0.3, 1, n))
    strengths = np.linspace(0.6, -0.6, n_systems)
    p = expit(strengths[a] - strengths[b] + 0.4 * order + 0.5 * length)
    return PairwiseData(
        a=a,
        b=b,
        y=(rng.random(n) < p).astype(float),
        clusters=rng.integers(0, 40, n),
        n_systems=n_systems,
        terms=np.stack([order, length], 1),
    )


def constant(y: list[float], clusters: list[int] | None = None) -> PairwiseData:
    n = len(y)
    labels = np.arange(n) if clusters is None else np.array(clusters)
    zeros, ones = np.zeros(n, np.int64), np.ones(n, np.int64)
    return PairwiseData(zeros, ones, np.array(y), labels, 2, np.zeros((n, 0)))


def of_rate(contrast: Contrast, n: int = 10, **options: float) -> contrasts.Estimate:
    return contrasts.estimate(contrast, name="w", unit="rate", n=n, **options)  # type: ignore[arg-type]


seeds = st.integers(0, 5_000)


# -- one judge ---------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_without_terms_the_win_rate_of_two_systems_is_the_plain_mean_with_its_standard_error(
    seed: int,
) -> None:
    """One parameter: (n-1)/(n-p) is 1, and the sandwich is CR1 of the mean."""
    rng = np.random.default_rng(seed)
    y, clusters = rng.choice([0.0, 0.5, 1.0], 40), rng.integers(0, 12, 40)
    found = of_rate(contrasts.win_rate(fit(constant(list(y), list(clusters))), 0, 1))
    plain = mean(y, clusters, name="m", unit="rate", bounds=(0, 1))
    assert found.value == pytest.approx(plain.value)
    assert found.se == pytest.approx(plain.se)
    assert found.n_clusters == plain.n_clusters


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_the_two_sides_of_a_win_rate_make_up_one(seed: int) -> None:
    found = fit(rows(seed))
    ours = of_rate(contrasts.win_rate(found, 0, 2))
    theirs = of_rate(contrasts.win_rate(found, 2, 0))
    assert (ours.value or 0) + (theirs.value or 0) == pytest.approx(1)
    assert ours.se == pytest.approx(theirs.se)
    assert (ours.ci_low or 0) + (theirs.ci_high or 0) == pytest.approx(1)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_the_standard_error_is_the_covariances(seed: int) -> None:
    """Var(a - b) = V_aa + V_bb - 2 V_ab, and p (1 - p) times its root for the rate."""
    found = fit(rows(seed))
    v = found.covariance
    se = np.sqrt(v[0, 0] + v[1, 1] - 2 * v[0, 1])
    difference = contrasts.strength_difference(found, 0, 1)
    assert difference.se == pytest.approx(se)
    p = expit(difference.value)
    assert contrasts.win_rate(found, 0, 1).se == pytest.approx(se * p * (1 - p))
    assert contrasts.coefficient(found, 1).se == pytest.approx(np.sqrt(v[4, 4]))


def test_the_interval_of_a_rate_is_formed_in_log_odds_and_stays_inside() -> None:
    """9 of 10 won: logit .9 +- t(9) se / (.9 x .1)."""
    found = of_rate(contrasts.win_rate(fit(constant([1.0] * 9 + [0.0])), 0, 1))
    half = stats.t.ppf(0.975, 9) * 0.1 / 0.09
    assert found.se == pytest.approx(0.1)
    ends = expit(logit(0.9) + np.array([-half, half]))
    assert (found.ci_low, found.ci_high) == pytest.approx(tuple(ends))
    assert 0 < ends[0] < 0.9 < ends[1] < 1


def test_the_interval_of_a_coefficient_is_plain() -> None:
    contrast = contrasts.coefficient(fit(rows(1)), 0)
    found = contrasts.estimate(contrast, name="c", unit="log-odds", n=5, confidence=0.9)
    g = len(contrast.clusters)
    half = stats.t.ppf(0.95, g - 1) * contrast.se
    ends = (contrast.value - half, contrast.value + half)
    assert (found.ci_low, found.ci_high) == pytest.approx(ends)
    assert found.method == f"pairwise model; sandwich by cluster, t({g - 1})"


# -- several judges ------------------------------------------------------------------------------------


def test_the_same_judge_twice_is_that_judge() -> None:
    one = contrasts.win_rate(fit(rows(2)), 0, 1)
    both = contrasts.weighted([one, one], [1, 1])
    assert both.value == pytest.approx(one.value)
    assert both.se == pytest.approx(one.se)


def test_judges_of_different_items_are_independent() -> None:
    """Var of the mean of two on other clusters: a quarter of the sum, to the factor for few clusters."""
    first, second = (contrasts.win_rate(fit(rows(seed)), 0, 1) for seed in (3, 4))
    apart = replace(second, clusters=second.clusters + 1000)
    both = contrasts.weighted([first, apart], [1, 1])
    g, h = len(first.clusters), len(second.clusters)
    plain = first.se**2 * (g - 1) / g + second.se**2 * (h - 1) / h
    assert both.se**2 == pytest.approx((g + h) / (g + h - 1) * plain / 4)
    assert len(both.clusters) == g + h


def test_judges_who_err_together_are_not_two_witnesses() -> None:
    """Opposite judges of the same items cancel; independent formulas would miss both."""
    up = Contrast(0.6, np.arange(4), np.array([0.1, -0.1, 0.2, -0.2]))
    down = replace(up, influence=-up.influence)
    assert contrasts.weighted([up, up], [1, 3]).se == pytest.approx(up.se)
    assert contrasts.weighted([up, down], [1, 1]).se == pytest.approx(0)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.1, 10), min_size=2, max_size=4))
def test_only_the_ratio_of_weights_counts(weights: list[float]) -> None:
    parts = [contrasts.win_rate(fit(rows(seed)), 0, 1) for seed in range(len(weights))]
    found = contrasts.weighted(parts, weights)
    other = contrasts.weighted(parts, [3 * w for w in weights])
    assert found.value == pytest.approx(other.value)
    assert found.se == pytest.approx(other.se)
    assert found.value == pytest.approx(np.average([p.value for p in parts], weights=weights))


def test_the_mean_of_panel_members_without_terms_is_the_mean_of_their_values() -> None:
    """Two judges of the same items: the mean of win rates has the error of the mean of values."""
    rng = np.random.default_rng(5)
    clusters = list(rng.integers(0, 15, 50))
    y = rng.choice([0.0, 1.0], (2, 50))
    parts = [contrasts.win_rate(fit(constant(list(one), clusters)), 0, 1) for one in y]
    panel = contrasts.weighted(parts, [1, 1])
    plain = mean(y.mean(axis=0), np.array(clusters), name="m", unit="rate")
    assert panel.value == pytest.approx(plain.value)
    assert panel.se == pytest.approx(plain.se)


# -- where there is no interval --------------------------------------------------------------------------


def test_one_cluster_has_a_value_and_no_interval() -> None:
    found = of_rate(contrasts.win_rate(fit(constant([1, 0, 1], [7, 7, 7])), 0, 1))
    assert found.value == pytest.approx(2 / 3)
    assert (found.se, found.ci_low, found.ci_high) == (None, None, None)
    assert "one cluster" in found.note


def test_verdicts_without_a_spread_have_no_interval() -> None:
    found = of_rate(contrasts.win_rate(fit(constant([0.5] * 8)), 0, 1))
    assert found.value == pytest.approx(0.5)
    assert found.ci_low is None
    assert "no spread" in found.note


def test_systems_that_only_the_prior_tells_apart_have_no_interval() -> None:
    found = of_rate(contrasts.win_rate(fit_or_shrunk(constant([1.0] * 9)), 0, 1))
    assert (found.se, found.ci_low) == (None, None)
    assert "only the prior tells the two apart" in found.note


def test_of_a_graph_with_an_undefeated_system_the_others_keep_their_interval() -> None:
    """0 beat everyone; 1 and 2 beat each other."""
    a, b = np.array([0, 0, 0, 1, 1, 1, 1]), np.array([1, 2, 1, 2, 2, 2, 2])
    y = np.array([1.0, 1, 1, 1, 0, 1, 0])
    found = fit_or_shrunk(PairwiseData(a, b, y, np.arange(7), 3, np.zeros((7, 0))))
    assert of_rate(contrasts.win_rate(found, 0, 1)).ci_low is None
    known = of_rate(contrasts.win_rate(found, 1, 2))
    assert known.ci_low is not None
    assert "prior of 0.5 pseudo-verdicts a pair" in known.note


def test_a_term_that_only_wins_without_a_loss_could_tell_has_no_interval() -> None:
    """All won, so that the prior alone says how much a longer answer is worth."""
    length = np.random.default_rng(4).normal(0.4, 1, (60, 1))
    all_won = PairwiseData(
        np.zeros(60, int), np.ones(60, int), np.ones(60), np.arange(60), 2, length
    )
    e = contrasts.estimate(
        contrasts.coefficient(fit_or_shrunk(all_won), 0), name="length", unit="log-odds", n=60
    )
    assert (e.se, e.ci_low) == (None, None)
    assert "only the prior tells it" in e.note


def test_a_panel_with_a_member_without_an_interval_has_none() -> None:
    sure = contrasts.win_rate(fit(constant([1.0, 0.0, 1.0])), 0, 1)
    unsure = contrasts.win_rate(fit_or_shrunk(constant([1.0, 1.0, 1.0])), 0, 1)
    found = of_rate(contrasts.weighted([sure, unsure], [1, 1]))
    assert found.value == pytest.approx((sure.value + unsure.value) / 2)
    assert found.ci_low is None


# -- inflation ---------------------------------------------------------------------------------------------


def test_a_term_that_is_unlike_the_systems_inflates_nothing() -> None:
    n = 400
    order = np.tile([1.0, -1.0], n // 2)
    y = np.tile([1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0], n // 8)
    base = constant(list(y))
    found = fit(replace(base, terms=order[:, None]))
    assert contrasts.inflation(found, 0, 1) == pytest.approx(1, abs=0.05)
    assert contrasts.inflation(fit(base), 0, 1) == 1


def test_a_system_that_is_always_longer_is_inflated_as_the_textbook_says() -> None:
    """Near 0 strengths all weights are 1/4, so that it is the inflation of the plain regression."""
    rng = np.random.default_rng(8)
    length = np.tanh(1 + 0.3 * rng.normal(size=4000))
    base = constant(list(np.full(4000, 0.5) + 0.01 * rng.choice([-1, 1], 4000)))
    found = fit(replace(base, terms=length[:, None]))
    # 1 / (1 - R2) of regressing the column of ones on length, without a constant.
    textbook = 1 / (1 - length.sum() ** 2 / (4000 * (length**2).sum()))
    assert contrasts.inflation(found, 0, 1) == pytest.approx(textbook, rel=1e-3)
    assert textbook > 10


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_terms_never_make_a_difference_more_certain_at_the_same_weights(seed: int) -> None:
    assert contrasts.inflation(fit(rows(seed)), 0, 1) >= 1


def test_inflation_is_that_of_the_weighted_regression() -> None:
    """The variance with the terms over that without, both at the fitted weights p (1 - p)."""
    of = rows(9, n_systems=2)
    found = fit(of)
    sign = np.where(of.a == 0, 1.0, -1.0)
    eta = sign * (found.strengths[0] - found.strengths[1]) + of.terms @ found.coefficients
    w = expit(eta) * (1 - expit(eta))
    whole = sm.WLS(of.y, np.column_stack([sign, of.terms]), weights=w).fit()
    alone = sm.WLS(of.y, sign[:, None], weights=w).fit()
    ratio = whole.normalized_cov_params[0, 0] / alone.normalized_cov_params[0, 0]
    assert contrasts.inflation(found, 0, 1) == pytest.approx(ratio)
