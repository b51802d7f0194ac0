"""The pairwise model: published tables, a second implementation, what must not change it, and no fit."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit, xlogy

from judge.stats.pairwise import (
    EDGE_PRIOR,
    Floats,
    PairwiseData,
    PairwiseFit,
    beaten_components,
    fit,
    fit_or_shrunk,
    met_components,
)


def data(
    a: Any, b: Any, y: Any, *, terms: Any = None, clusters: Any = None, weights: Any = None
) -> PairwiseData:
    a, b, y = np.array(a, np.int64), np.array(b, np.int64), np.array(y, float)
    return PairwiseData(
        a=a,
        b=b,
        y=y,
        clusters=np.arange(len(y)) if clusters is None else np.asarray(clusters),
        n_systems=int(max(a.max(), b.max())) + 1 if len(a) else 2,
        terms=np.zeros((len(y), 0))
        if terms is None
        else np.array(terms, float).reshape(len(y), -1),
        weights=None if weights is None else np.array(weights, float),
    )


def standard_errors(found: PairwiseFit) -> Floats:
    return np.sqrt(np.diag(found.covariance))


# -- worked numbers ------------------------------------------------------------------------------

# Wins of the row against the column, American League East 1987: Milwaukee, Detroit, Toronto, New York,
# Boston, Cleveland, Baltimore. Source: Agresti, Categorical Data Analysis, table 11.10.
BASEBALL = np.array(
    [
        [0, 7, 9, 7, 7, 9, 11],
        [6, 0, 7, 5, 11, 9, 9],
        [4, 6, 0, 7, 7, 8, 12],
        [6, 8, 6, 0, 6, 7, 10],
        [6, 2, 6, 7, 0, 7, 12],
        [4, 4, 5, 6, 6, 0, 6],
        [2, 4, 1, 3, 1, 7, 0],
    ]
)


def baseball() -> PairwiseData:
    """A row per pair of teams: the share of games won, weighted by the number of games."""
    a, b = np.triu_indices(7, 1)
    games = BASEBALL[a, b] + BASEBALL[b, a]
    return data(a, b, BASEBALL[a, b] / games, weights=games)


def test_agrestis_baseball_table_has_its_published_strengths_errors_and_deviance() -> None:
    games, found = baseball(), fit(baseball())
    against_last = found.strengths - found.strengths[6]
    published = [1.581, 1.436, 1.294, 1.248, 1.108, 0.684, 0.0]
    assert against_last == pytest.approx(published, abs=5e-4)
    v = found.bread
    se = np.sqrt(np.diag(v)[:6] + v[6, 6] - 2 * v[:6, 6])
    assert se == pytest.approx([0.343, 0.340, 0.337, 0.336, 0.334, 0.332], abs=1e-3)
    p = expit(found.strengths[games.a] - found.strengths[games.b])
    parts = xlogy(games.y, games.y / p) + xlogy(1 - games.y, (1 - games.y) / (1 - p))
    assert games.weights is not None
    assert 2 * games.weights @ parts == pytest.approx(15.737, abs=5e-4)
    assert len(games.y) - 6 == 15  # degrees of freedom


def test_weights_are_games() -> None:
    whole = fit(baseball())
    a, b = np.triu_indices(7, 1)
    rows = [(i, j, 1.0) for i, j in zip(a, b, strict=True) for _ in range(BASEBALL[i, j])]
    rows += [(i, j, 0.0) for i, j in zip(a, b, strict=True) for _ in range(BASEBALL[j, i])]
    single = fit(data(*zip(*rows, strict=True)))
    assert single.strengths == pytest.approx(whole.strengths, abs=1e-9)
    assert single.bread == pytest.approx(whole.bread, abs=1e-9)


# Verdicts by slot in the two orders, and how many pairs had them. Source: METHODS 1.1.
HUNDRED_PAIRS = {
    "AB": 30,
    "BA": 22,
    "CC": 8,
    "AA": 21,
    "AC": 4,
    "CA": 3,
    "BB": 6,
    "BC": 3,
    "CB": 3,
}
FIRST_SLOT = {"A": 1.0, "B": 0.0, "C": 0.5}


def hundred_pairs(clusters_of: int = 1) -> PairwiseData:
    """x against y in both orders; what x got, and +1 where x was shown first."""
    codes = [code for code, count in HUNDRED_PAIRS.items() for _ in range(count)]
    y = [got for code in codes for got in (FIRST_SLOT[code[0]], 1 - FIRST_SLOT[code[1]])]
    n = len(y)
    pairs = np.repeat(np.arange(n // 2), 2) // clusters_of
    return data([0] * n, [1] * n, y, terms=np.tile([1.0, -1.0], n // 2), clusters=pairs)


def test_a_hundred_pairs_in_both_orders_are_the_worked_example() -> None:
    """The codes give gamma .31489 (clustered .10982, as if independent .14374) and theta .17466."""
    found = fit(hundred_pairs())
    assert found.coefficients[0] == pytest.approx(0.31489, abs=5e-6)
    assert standard_errors(found)[2] == pytest.approx(0.10982, abs=5e-6)
    theta = found.strengths[0] - found.strengths[1]
    assert theta == pytest.approx(0.17466, abs=5e-6)
    # 1 / (1 + exp(-.17466)) = .543555, which the source cuts to .54354.
    assert expit(theta) == pytest.approx(0.543555, abs=2e-6)
    assert expit(found.coefficients[0]) == pytest.approx(0.57808, abs=5e-6)
    assert np.sqrt(found.bread[2, 2]) == pytest.approx(0.14374, abs=5e-6)


def test_eight_rows_with_length_are_the_worked_example() -> None:
    """The scale is the standard deviation 117.95883; the source's sign is the baseline's minus ours."""
    base = np.array([100, 120, 140, 160, 180, 200, 220, 240])
    ours = np.array([150, 100, 260, 120, 400, 210, 180, 500])
    difference = ours - base
    scale = difference.std(ddof=1)
    assert scale == pytest.approx(117.95883, abs=5e-6)
    y = [0.8, 0.3, 0.9, 0.25, 0.95, 0.5, 0.35, 0.7]
    found = fit(data([0] * 8, [1] * 8, y, terms=np.tanh(difference / scale)))
    assert found.coefficients[0] == pytest.approx(2.22662576, abs=5e-9)
    assert 100 * np.mean(y) == pytest.approx(59.375)
    theta = found.strengths[0] - found.strengths[1]
    assert theta == pytest.approx(-0.13900579, abs=5e-9)
    assert 100 * expit(theta) == pytest.approx(46.53044, abs=5e-6)


def test_three_wins_to_none_under_half_a_pseudo_verdict_are_three_and_a_quarter_of_three_and_a_half() -> (
    None
):
    found = fit(data([0] * 3, [1] * 3, [1, 1, 1]), prior=0.5)
    p = expit(found.strengths[0] - found.strengths[1])
    assert p == pytest.approx(3.25 / 3.5)
    assert p == pytest.approx(0.928571, abs=5e-7)


def test_an_undefeated_chain_under_the_prior_is_the_worked_example() -> None:
    found = fit(data([0, 0, 1], [1, 2, 2], [1, 1, 1]), prior=0.5)
    assert found.strengths == pytest.approx([1.1451, 0.0, -1.1451], abs=5e-5)


# -- a second implementation ---------------------------------------------------------------------


def random_data(seed: int) -> PairwiseData:
    """From 2 to 5 systems, soft and hard verdicts, position and length, items of unequal size."""
    rng = np.random.default_rng(seed)
    k, n = int(rng.integers(2, 6)), int(rng.integers(60, 160))
    a = rng.integers(0, k, n)
    b = (a + rng.integers(1, k, n)) % k
    order, length = rng.choice([-1.0, 1.0], n), np.tanh(rng.normal(0.3, 1, n))
    strengths = rng.normal(0, 0.7, k)
    p = expit(strengths[a] - strengths[b] + 0.4 * order + 0.6 * length)
    soft = np.clip(p + rng.normal(0, 0.2, n), 0, 1)
    y = np.where(rng.random(n) < 0.5, soft, (rng.random(n) < p).astype(float))
    clusters = rng.integers(0, n // 3, n)
    return data(a, b, y, terms=np.stack([order, length], 1), clusters=clusters)


def second_implementation(rows: PairwiseData) -> Any:
    """statsmodels with system 0 as the reference."""
    design = np.zeros((len(rows.y), rows.n_systems))
    places = np.arange(len(rows.y))
    design[places, rows.a] += 1
    design[places, rows.b] -= 1
    model = sm.GLM(
        rows.y,
        np.concatenate([design[:, 1:], rows.terms], 1),
        family=sm.families.Binomial(),
    )
    with warnings.catch_warnings():
        # Said of outcomes that are shares and not counts, which is what is meant here.
        warnings.simplefilter("ignore", category=RuntimeWarning)
        return model.fit(cov_type="cluster", cov_kwds={"groups": rows.clusters}, tol=1e-12)


@pytest.mark.parametrize("seed", range(100))
def test_estimates_and_standard_errors_are_those_of_statsmodels(seed: int) -> None:
    rows = random_data(seed)
    found, other = fit(rows), second_implementation(rows)
    k, m = rows.n_systems, rows.terms.shape[1]
    # Theirs are against system 0, ours against the mean.
    to_theirs = np.zeros((k - 1 + m, k + m))
    to_theirs[: k - 1, 0] = -1
    to_theirs[: k - 1, 1:k] = np.eye(k - 1)
    to_theirs[k - 1 :, k:] = np.eye(m)
    ours = to_theirs @ np.concatenate([found.strengths, found.coefficients])
    assert ours == pytest.approx(other.params, abs=1e-7)
    covariance = to_theirs @ found.covariance @ to_theirs.T
    assert np.sqrt(np.diag(covariance)) == pytest.approx(other.bse, rel=1e-6)


# -- what must not change it, and how ------------------------------------------------------------

seeds = st.integers(0, 10_000)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_relabelling_the_slots_turns_the_position_and_leaves_the_strengths(seed: int) -> None:
    """The model in slots: a is who was shown first, and a column of ones is the position."""
    rows = random_data(seed)
    ones = np.ones_like(rows.terms[:, :1])
    found = fit(replace(rows, terms=np.concatenate([ones, rows.terms[:, 1:]], 1)))
    other = fit(
        replace(
            rows,
            a=rows.b,
            b=rows.a,
            y=1 - rows.y,
            terms=np.concatenate([ones, -rows.terms[:, 1:]], 1),
        )
    )
    assert other.strengths == pytest.approx(found.strengths, abs=1e-8)
    assert other.coefficients == pytest.approx(found.coefficients * [-1, 1], abs=1e-8)
    assert standard_errors(other) == pytest.approx(standard_errors(found), rel=1e-6)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_turning_some_rows_altogether_changes_nothing(seed: int) -> None:
    """System, verdict and terms turned together say the same."""
    rows = random_data(seed)
    turn = np.random.default_rng(seed + 1).random(len(rows.y)) < 0.5
    sign = np.where(turn, -1.0, 1.0)[:, None]
    turned = replace(
        rows,
        a=np.where(turn, rows.b, rows.a),
        b=np.where(turn, rows.a, rows.b),
        y=np.where(turn, 1 - rows.y, rows.y),
        terms=sign * rows.terms,
    )
    found, other = fit(rows), fit(turned)
    assert other.strengths == pytest.approx(found.strengths, abs=1e-8)
    assert other.coefficients == pytest.approx(found.coefficients, abs=1e-8)
    assert other.covariance == pytest.approx(found.covariance, abs=1e-8)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_permuting_the_systems_permutes_the_strengths(seed: int) -> None:
    rows = random_data(seed)
    to = np.random.default_rng(seed + 1).permutation(rows.n_systems)
    found, other = fit(rows), fit(replace(rows, a=to[rows.a], b=to[rows.b]))
    assert other.strengths[to] == pytest.approx(found.strengths, abs=1e-8)
    k = rows.n_systems
    assert other.covariance[np.ix_(to, to)] == pytest.approx(found.covariance[:k, :k], abs=1e-8)
    assert other.coefficients == pytest.approx(found.coefficients, abs=1e-8)


def twice(rows: PairwiseData, *, new_clusters: bool) -> PairwiseData:
    again = rows.clusters + (rows.clusters.max() + 1 if new_clusters else 0)
    return PairwiseData(
        a=np.tile(rows.a, 2),
        b=np.tile(rows.b, 2),
        y=np.tile(rows.y, 2),
        clusters=np.concatenate([rows.clusters, again]),
        n_systems=rows.n_systems,
        terms=np.tile(rows.terms, (2, 1)),
    )


def row_factor(n: int, p: int) -> float:
    return (n - 1) / (n - p)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_a_weight_is_as_many_rows_of_the_same_cluster(seed: int) -> None:
    """To the factor (n-1)/(n-p), which counts rows and not weights."""
    rows = random_data(seed)
    times = np.random.default_rng(seed + 1).integers(1, 4, len(rows.y))
    found = fit(replace(rows, weights=times.astype(float)))
    many = PairwiseData(
        a=np.repeat(rows.a, times),
        b=np.repeat(rows.b, times),
        y=np.repeat(rows.y, times),
        clusters=np.repeat(rows.clusters, times),
        n_systems=rows.n_systems,
        terms=np.repeat(rows.terms, times, axis=0),
    )
    other = fit(many)
    assert found.coefficients == pytest.approx(other.coefficients, abs=1e-8)
    assert found.strengths == pytest.approx(other.strengths, abs=1e-8)
    n, p = len(rows.y), rows.n_systems - 1 + rows.terms.shape[1]
    ratio = np.sqrt(row_factor(n, p) / row_factor(int(times.sum()), p))
    assert standard_errors(found) == pytest.approx(ratio * standard_errors(other), rel=1e-6)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_every_item_twice_in_its_cluster_says_nothing_new(seed: int) -> None:
    """Without the factor of rows (n-1)/(n-p), which halves its distance from 1, errors are the same."""
    rows = random_data(seed)
    found, other = fit(rows), fit(twice(rows, new_clusters=False))
    assert other.coefficients == pytest.approx(found.coefficients, abs=1e-8)
    assert other.strengths == pytest.approx(found.strengths, abs=1e-8)
    n, p = len(rows.y), rows.n_systems - 1 + rows.terms.shape[1]
    ratio = np.sqrt(row_factor(2 * n, p) / row_factor(n, p))
    assert standard_errors(other) == pytest.approx(ratio * standard_errors(found), rel=1e-6)
    assert 0.97 < ratio < 1


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_every_item_twice_as_new_clusters_halves_the_variance(seed: int) -> None:
    """To the factors for few clusters and rows, which for 80 clusters leave a ratio of .705."""
    rows = random_data(seed)
    found, other = fit(rows), fit(twice(rows, new_clusters=True))
    n, p = len(rows.y), rows.n_systems - 1 + rows.terms.shape[1]
    g = len(found.clusters)
    few = (2 * g / (2 * g - 1)) / (g / (g - 1)) * row_factor(2 * n, p) / row_factor(n, p)
    assert standard_errors(other) == pytest.approx(
        np.sqrt(few / 2) * standard_errors(found), rel=1e-6
    )


@settings(max_examples=40, deadline=None)
@given(seeds, st.floats(0, 2))
def test_the_fit_is_where_the_slope_is_zero_and_the_strengths_sum_to_nothing(
    seed: int, prior: float
) -> None:
    rows = random_data(seed)
    found = fit(rows, prior)
    eta = found.strengths[rows.a] - found.strengths[rows.b] + rows.terms @ found.coefficients
    assert rows.terms.T @ (rows.y - expit(eta)) == pytest.approx(np.zeros(2), abs=1e-6)
    assert found.strengths.sum() == pytest.approx(0.0, abs=1e-9)


def test_the_influence_of_clusters_makes_up_the_covariance() -> None:
    found = fit(random_data(1))
    g = len(found.clusters)
    whole = found.influence.T @ found.influence * g / (g - 1)
    assert whole == pytest.approx(found.covariance, rel=1e-12)


def test_leaving_a_cluster_out_moves_the_estimate_by_about_its_influence() -> None:
    rows = random_data(2)
    found = fit(rows)
    moved = []
    for cluster in found.clusters:
        left = rows.clusters != cluster
        less = replace(
            rows,
            a=rows.a[left],
            b=rows.b[left],
            y=rows.y[left],
            clusters=rows.clusters[left],
            terms=rows.terms[left],
        )
        moved.append(found.coefficients - fit(less).coefficients)
    ours = found.influence[:, rows.n_systems :]
    correlations = [np.corrcoef(np.array(moved)[:, m], ours[:, m])[0, 1] for m in range(2)]
    assert min(correlations) > 0.99


# -- scaled, never centred -----------------------------------------------------------------------


def longer_answers() -> PairwiseData:
    """Two systems as good as the baseline, each longer than it; the judge favours length by 0.9.

    Verdicts are the expected ones, so that there is no noise. The baseline is always b.
    """
    x = np.tanh(np.random.default_rng(3).normal(1.2, 1.0, 400))
    return data(np.repeat([1, 2], 200), [0] * 400, expit(0.9 * x), terms=x)


def test_a_centred_length_gives_equal_systems_the_win_rate_of_longer_ones() -> None:
    """Scaled only, equal systems have 1/2; centred they have what the average length is worth."""
    rows = longer_answers()
    scaled = fit(rows)
    centred = fit(replace(rows, terms=rows.terms - rows.terms.mean()))
    rates = expit(scaled.strengths[1:] - scaled.strengths[0])
    assert rates == pytest.approx([0.5, 0.5], abs=1e-9)
    wrong = expit(centred.strengths[1:] - centred.strengths[0])
    assert wrong == pytest.approx([expit(0.9 * rows.terms.mean())] * 2, abs=1e-9)
    assert min(wrong) > 0.6
    assert centred.coefficients == pytest.approx(scaled.coefficients)


@pytest.mark.parametrize("scale", [0.01, 3.0, 1000.0])
def test_the_scale_of_a_term_changes_its_coefficient_alone(scale: float) -> None:
    rows = random_data(5)
    found, other = fit(rows), fit(replace(rows, terms=rows.terms * [1, scale]))
    assert other.strengths == pytest.approx(found.strengths, abs=1e-8)
    assert other.coefficients[1] * scale == pytest.approx(found.coefficients[1])


# -- where there is no fit, or only the prior's ----------------------------------------------------


def test_who_always_wins_has_no_maximum_and_the_prior_gives_one() -> None:
    rows = data([0, 0, 1, 1, 2, 2], [1, 2, 2, 0, 0, 1], [1, 1, 1, 0, 0, 0])
    assert fit(rows).problem.startswith("separated")
    found = fit_or_shrunk(rows)
    assert (found.problem, found.prior) == ("", EDGE_PRIOR)
    assert list(np.argsort(-found.strengths)) == [0, 1, 2]
    assert len(set(found.unbeaten)) == 3


def test_the_prior_is_not_used_where_it_is_not_needed() -> None:
    assert fit_or_shrunk(random_data(6)).prior == 0


def test_a_position_that_decides_everything_is_separated_and_no_prior_on_pairs_helps() -> None:
    order = np.tile([1.0, -1.0], 10)
    rows = data([0] * 20, [1] * 20, order > 0, terms=order)
    assert fit_or_shrunk(rows).problem.startswith("separated")


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(12, 80))
def test_a_length_that_decides_everything_is_separated(seed: int, n: int) -> None:
    """Whatever the lengths are: where the longer always wins there is no largest coefficient."""
    length = np.random.default_rng(seed).normal(0, 1, n)
    rows = data([0] * n, [1] * n, length > 0, terms=np.tanh(length))
    assert fit_or_shrunk(rows).problem != ""


def turns_in_one_order(seed: int, n: int = 30) -> PairwiseData:
    """System 0 always wins when it is shown first, and half the time when second; two idle terms."""
    rng = np.random.default_rng(seed)
    order = np.tile([1.0, -1.0], n // 2)
    y = np.where(order > 0, 1.0, np.arange(n) // 2 % 2)
    return data([0] * n, [1] * n, y, terms=np.column_stack([order, rng.normal(0, 1, (n, 2))]))


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_separation_is_seen_beside_other_terms_too(seed: int) -> None:
    """Their rounding keeps the information of the endless direction just above 0."""
    assert fit(turns_in_one_order(seed)).problem.startswith("separated")


def test_one_loss_in_100_000_is_no_separation() -> None:
    y, order = np.ones(100_000), np.tile([1.0, -1.0], 50_000)
    y[:2] = 0.0
    found = fit(data([0] * len(y), [1] * len(y), y, terms=order))
    assert found.strengths[0] - found.strengths[1] == pytest.approx(logit(1 - 2e-5))


def test_a_prior_on_strengths_does_not_stand_in_for_what_a_term_separates() -> None:
    """Both systems won some, so that only their strength and position together are endless."""
    found = fit_or_shrunk(turns_in_one_order(1))
    assert found.problem.startswith("separated")


def test_terms_are_told_by_the_verdicts_on_systems_that_each_won_some_or_not_at_all() -> None:
    """0 lost every time. With 1 and 2 there is a length to be told; 0 and 1 alone have none."""
    rng = np.random.default_rng(8)
    a, b = np.tile([0, 1], 60), np.tile([1, 2], 60)
    y = np.where(a == 0, 0.0, rng.random(120) < 0.5)
    rows = data(a, b, y, terms=rng.normal(0, 1, 120))
    assert (fit_or_shrunk(rows).prior, fit_or_shrunk(rows).terms_told) == (EDGE_PRIOR, True)
    own = a == 0
    only = data(a[own], b[own], y[own], terms=rows.terms[own])
    assert (fit_or_shrunk(only).prior, fit_or_shrunk(only).terms_told) == (EDGE_PRIOR, False)


def test_one_order_only_cannot_tell_position_from_strength() -> None:
    rows = data([0] * 8, [1] * 8, [1, 0, 1, 1, 0, 1, 0, 1], terms=np.ones(8))
    found = fit(rows)
    assert found.problem == "collinear: a term cannot be told apart from the strengths"
    assert len(found.strengths) == 0


def test_a_term_of_zeros_is_no_term() -> None:
    rows = data([0] * 4, [1] * 4, [1, 0, 1, 1], terms=np.zeros(4))
    assert fit(rows).problem == "collinear: a term is 0 in every row"


def test_two_terms_that_are_one_cannot_be_told_apart() -> None:
    rows = random_data(7)
    doubled = replace(rows, terms=np.concatenate([rows.terms, 2 * rows.terms[:, 1:]], 1))
    assert fit(doubled).problem.startswith("collinear")


def test_no_verdicts_are_no_fit() -> None:
    assert fit(data([], [], [])).problem == "no verdicts"


def test_components_that_never_met_are_fitted_apart_and_never_joined_by_the_prior() -> None:
    y = [1, 1, 0, 1, 0, 0]
    apart = data([0, 0, 0, 2, 2, 2], [1, 1, 1, 3, 3, 3], y)
    for prior in (0.0, 0.5):
        found = fit(apart, prior)
        assert list(met_components(apart.a, apart.b, 4)) == [0, 0, 1, 1]
        assert found.strengths[:2].sum() == pytest.approx(0)
        assert found.strengths[2:].sum() == pytest.approx(0)
        alone = fit(data([0] * 3, [1] * 3, y[:3]), prior)
        assert found.strengths[:2] == pytest.approx(alone.strengths)
    assert fit(apart).strengths[0] - fit(apart).strengths[1] == pytest.approx(logit(2 / 3))


def test_a_win_leads_one_way_and_a_tie_both() -> None:
    assert len(set(beaten_components(np.array([0]), np.array([1]), np.array([1.0]), 2))) == 2
    assert len(set(beaten_components(np.array([0]), np.array([1]), np.array([0.5]), 2))) == 1


def test_all_ties_are_equal_strengths_without_a_spread() -> None:
    found = fit(data([0] * 6, [1] * 6, [0.5] * 6))
    assert found.strengths == pytest.approx([0, 0])
    assert found.covariance == pytest.approx(np.zeros((2, 2)))


def test_one_cluster_has_an_estimate_and_no_covariance() -> None:
    found = fit(data([0] * 6, [1] * 6, [1, 0, 1, 1, 0.5, 0], clusters=[7] * 6))
    assert found.strengths[0] > 0
    assert np.isnan(found.covariance).all()


def test_clusters_may_have_any_labels() -> None:
    rows = hundred_pairs(2)
    named = replace(rows, clusters=np.array([f"item {c}" for c in rows.clusters]))
    assert standard_errors(fit(named)) == pytest.approx(standard_errors(fit(rows)), rel=1e-9)


@pytest.mark.parametrize(
    "wrong",
    [
        {"y": np.array([1.0, 2.0])},
        {"y": np.array([1.0, np.nan])},
        {"terms": np.array([[np.inf], [1.0]])},
        {"b": np.array([0, 1])},
        {"clusters": np.array([1])},
    ],
)
def test_arrays_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    rows = data([0, 0], [1, 1], [1, 0], terms=[1, -1])
    with pytest.raises(ValueError, match=r"must|has two"):
        fit(replace(rows, **wrong))
