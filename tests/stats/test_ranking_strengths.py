"""Ranks, groups and P(best) from strengths: published numbers, a second implementation, properties."""

from __future__ import annotations

import itertools
import math

import evalica
import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.stats import ranking
from judge.stats.intervals import Floats
from judge.stats.pairwise import Codes, PairwiseData, fit, fit_or_shrunk
from judge.stats.ranking import Flags, Strengths

# 1987 American League East, wins of the row's team over the column's. Source: Agresti 1990, table 10.10.
# Milwaukee, Detroit, Toronto, New York, Boston, Cleveland, Baltimore.
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


def won(wins: Floats) -> PairwiseData:
    """A row for every game, each a cluster of its own."""
    cells = [(i, j) for i, j in np.ndindex(wins.shape) for _ in range(int(wins[i, j]))]
    a, b = (np.array([cell[n] for cell in cells], dtype=np.int64) for n in (0, 1))
    n = len(cells)
    return PairwiseData(a, b, np.ones(n), np.arange(n), len(wins), np.zeros((n, 0)))


def clustered(seed: int, truth: Floats, items: int, spread: float = 0.5) -> PairwiseData:
    """All pairs on every item, each system with a luck of its own on each item; an item is a cluster."""
    rng, k = np.random.default_rng(seed), len(truth)
    pairs = np.array([*itertools.combinations(range(k), 2)], dtype=np.int64)
    luck = truth + spread * rng.standard_normal((items, k))
    a, b = np.tile(pairs[:, 0], items), np.tile(pairs[:, 1], items)
    clusters = np.repeat(np.arange(items), len(pairs))
    p = 1 / (1 + np.exp(luck[clusters, b] - luck[clusters, a]))
    y = (rng.random(len(p)) < p).astype(float)
    return PairwiseData(a, b, y, clusters, k, np.zeros((len(y), 0)))


def strengths(data: PairwiseData) -> Strengths:
    return ranking.of_fit(fit_or_shrunk(data))


def test_agrestis_table_comes_out_and_evalica_agrees() -> None:
    found = strengths(won(BASEBALL))
    published = [1.581, 1.436, 1.294, 1.248, 1.108, 0.684, 0]
    assert found.values - found.values[-1] == pytest.approx(published, abs=5e-4)
    data = won(BASEBALL)
    other = evalica.bradley_terry(
        data.a.tolist(),
        data.b.tolist(),
        [evalica.Winner.X] * len(data.a),
        tolerance=1e-12,
        limit=9999,
    )
    logs = np.log(other.scores.sort_index().to_numpy())
    assert found.values == pytest.approx(logs - logs.mean(), abs=1e-6)


def test_differences_have_the_sandwich_of_statsmodels_with_clusters_and_t() -> None:
    """p before Holm of each pair, from a GLM with the first system at 0 and the same clusters."""
    data = clustered(3, np.array([0.0, 0.4, 0.9, 1.0]), 60)
    design = np.zeros((len(data.y), 4))
    design[np.arange(len(data.y)), data.a] = 1
    design[np.arange(len(data.y)), data.b] = -1
    groups = {"groups": data.clusters, "use_correction": True, "df_correction": True}
    model = sm.GLM(data.y, design[:, 1:], family=sm.families.Binomial())
    result = model.fit(cov_type="cluster", cov_kwds=groups, use_t=True)
    expected = {}
    for i, j in itertools.combinations(range(4), 2):
        contrast = np.eye(4)[i] - np.eye(4)[j]
        expected[i, j] = float(np.squeeze(result.t_test(contrast[1:]).pvalue))
    ordered = sorted(expected, key=lambda pair: expected[pair])
    found = ranking.difference_p(strengths(data))
    largest = 0.0
    for n, pair in enumerate(ordered):  # Holm 1979 by hand
        largest = max(largest, min(1.0, (len(ordered) - n) * expected[pair]))
        assert found[pair] == pytest.approx(largest, rel=1e-4, abs=1e-12)


def test_only_cleveland_of_the_rest_cannot_be_told_from_baltimore() -> None:
    """Six teams share ranks 1 to 6 or 7; Baltimore is 6 or 7."""
    found = strengths(won(BASEBALL))
    p = ranking.difference_p(found)
    low, high = ranking.rank_intervals(found.values, p, 0.05)
    assert low.tolist() == [1, 1, 1, 1, 1, 1, 6]
    assert high.tolist() == [6, 6, 6, 6, 6, 7, 7]
    letters = ranking.letters(p < 0.05, np.argsort(-found.values).tolist())
    assert letters == [*[("a",)] * 5, ("a", "b"), ("b",)]


def test_ranks_follow_from_sure_differences_and_not_from_the_overlap_of_intervals() -> None:
    """Two systems that move together: their own errors are large and that of their difference is 0.1.

    0.5 / 0.1 = 5 standard errors apart, though each alone lies within 0.5 / 1 of the other.
    """
    rng = np.random.default_rng(0)
    shared, own = rng.standard_normal(400), rng.standard_normal(400)
    g = len(own)
    influence = np.stack([shared, shared], 1) / math.sqrt(g)
    influence[:, 1] += 0.1 * own / math.sqrt(g)
    of = Strengths(np.array([0.5, 0.0]), np.arange(g), influence, np.ones((2, 2), dtype=bool))
    low, high = ranking.rank_intervals(of.values, ranking.difference_p(of), 0.05)
    assert (low.tolist(), high.tolist()) == ([1, 2], [1, 2])
    assert ranking.strength(of, 0).se > 0.9


def test_the_step_bootstrap_gives_the_p_best_of_fitting_anew() -> None:
    """400 resamples of 80 items, each fitted again, against one step from the fit."""
    data = clustered(2, np.array([0.6, 0.5, 0.2, -0.5]), 80)
    cheap = ranking.best_shares(ranking.resampled(strengths(data), 1))
    rng, rows = np.random.default_rng(2), [np.flatnonzero(data.clusters == c) for c in range(80)]
    anew = []
    for _ in range(400):
        drawn = [rows[c] for c in rng.integers(0, 80, 80)]
        take = np.concatenate(drawn)
        labels = np.repeat(np.arange(80), [len(d) for d in drawn])
        again = PairwiseData(
            data.a[take], data.b[take], data.y[take], labels, 4, np.zeros((len(take), 0))
        )
        anew.append(fit(again).strengths)
    full = ranking.best_shares(np.array(anew))
    assert 0.5 < full[0] < 0.95  # a case in doubt
    assert cheap == pytest.approx(full, abs=0.06)  # 2.4 standard errors of 400 draws at one half


def test_with_many_clusters_the_joint_normal_gives_the_same() -> None:
    data = clustered(5, np.array([0.12, 0.06, 0.0]), ranking.MANY_CLUSTERS + 1)
    of = strengths(data)
    cut = Strengths(of.values, of.clusters[1:], of.influence[1:], of.is_told)
    many, few = (ranking.best_shares(ranking.resampled(s, 7)) for s in (of, cut))
    assert many == pytest.approx(few, abs=0.04)


def test_resampled_strengths_have_the_covariance_of_the_fit() -> None:
    of = strengths(clustered(4, np.array([0.6, 0.0, -0.6]), 50))
    drawn = ranking.resampled(of, 0, draws=40_000)
    expected = 50 / 49 * of.influence.T @ of.influence
    assert np.cov(drawn.T) == pytest.approx(expected, abs=0.003)
    assert drawn.mean(axis=0) == pytest.approx(of.values, abs=0.01)


def test_what_only_a_prior_tells_apart_is_surely_better_than_nothing() -> None:
    """a always beats b and c, which beat each other: ranks stay as wide as they can be."""
    wins = np.array([[0, 9, 9], [0, 0, 5], [0, 4, 0]], dtype=float)
    of = strengths(won(wins))
    low, high = ranking.rank_intervals(of.values, ranking.difference_p(of), 0.05)
    assert (low.tolist(), high.tolist()) == ([1] * 3, [3] * 3)
    assert not ranking.strength(of, 0).has_interval
    assert not ranking.win_probability(of, 1, np.array([0])).has_interval
    assert ranking.win_probability(of, 1, np.array([2])).has_interval


def test_the_win_probability_against_the_field_is_the_mean_over_the_others() -> None:
    of = strengths(clustered(6, np.array([0.9, 0.3, 0.0, -0.4]), 60))
    single = [ranking.win_probability(of, 0, np.array([other])) for other in (1, 2, 3)]
    field = ranking.win_probability(of, 0, np.array([1, 2, 3]))
    assert field.value == pytest.approx(np.mean([c.value for c in single]))
    assert field.influence == pytest.approx(np.mean([c.influence for c in single], axis=0))
    d = of.values[0] - of.values[1]
    assert single[0].value == pytest.approx(1 / (1 + math.exp(-d)))


def test_a_panel_of_one_judge_twice_is_that_judge() -> None:
    of = strengths(clustered(7, np.array([0.5, 0.0, -0.5]), 40))
    twice = ranking.averaged([of, of], [0.2, 0.7])
    assert twice.values == pytest.approx(of.values)
    assert twice.influence == pytest.approx(of.influence)


def test_judges_of_other_items_are_independent_in_a_panel() -> None:
    """Variance of the mean of two independent ones: a quarter of their sum (times 2G-1 over 2G-2)."""
    one, two = (strengths(clustered(s, np.array([0.5, 0.0, -0.5]), 40)) for s in (1, 2))
    two = Strengths(two.values, two.clusters + 40, two.influence, two.is_told)
    both = ranking.strength(ranking.averaged([one, two], [1, 1]), 0).se ** 2
    apart = sum(ranking.strength(s, 0).se ** 2 for s in (one, two)) * (39 / 40) / 4
    assert both == pytest.approx(apart * 80 / 79)


# -- properties ----------------------------------------------------------------------------------


@st.composite
def relations(draw: st.DrawFn) -> tuple[Flags, list[int]]:
    k = draw(st.integers(2, 12))
    pairs = [*itertools.combinations(range(k), 2)]
    differs = draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    found = np.zeros((k, k), dtype=bool)
    for (i, j), flag in zip(pairs, differs, strict=True):
        found[i, j] = found[j, i] = flag
    return found, draw(st.permutations(range(k)))


@given(relations())
def test_two_systems_share_a_letter_if_and_only_if_they_do_not_differ(
    case: tuple[Flags, list[int]],
) -> None:
    differs, order = case
    letters = ranking.letters(differs, order)
    assert all(letters)
    for i, j in itertools.combinations(range(len(order)), 2):
        assert bool({*letters[i]} & {*letters[j]}) == (not differs[i, j])


@given(relations())
def test_no_group_of_letters_could_be_spared(case: tuple[Flags, list[int]]) -> None:
    """Each letter holds a pair, or a lone system, that no other letter holds."""
    differs, order = case
    letters = ranking.letters(differs, order)
    names = {name for own in letters for name in own}
    for name in names:
        left = [{*own} - {name} for own in letters]
        is_held = all(left) and all(
            left[i] & left[j]
            for i, j in itertools.combinations(range(len(order)), 2)
            if not differs[i, j]
        )
        assert not is_held


def test_letters_go_on_after_z() -> None:
    """30 systems that all differ have 30 letters: a to z, then aa, ab, ac, ad."""
    letters = ranking.letters(~np.eye(30, dtype=bool), list(range(30)))
    assert [own[0] for own in letters[24:]] == ["y", "z", "aa", "ab", "ac", "ad"]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.permutations(range(4)))
def test_permuting_systems_permutes_the_result(seed: int, order: list[int]) -> None:
    data = clustered(seed, np.array([0.8, 0.3, 0.0, -0.6]), 30)
    place: Codes = np.argsort(np.array(order)).astype(np.int64)
    other = PairwiseData(place[data.a], place[data.b], data.y, data.clusters, 4, data.terms)
    of, moved = strengths(data), strengths(other)
    assert moved.values == pytest.approx(of.values[order], abs=1e-7)
    p, q = ranking.difference_p(of), ranking.difference_p(moved)
    assert q == pytest.approx(p[np.ix_(order, order)], abs=1e-6)
    best, again = (ranking.best_shares(ranking.resampled(s, 3)) for s in (of, moved))
    assert again == pytest.approx(best[order], abs=2e-3)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_every_rank_interval_holds_the_rank_of_the_estimate(seed: int) -> None:
    of = strengths(clustered(seed, np.array([1.0, 0.2, 0.1, 0.0, -0.9]), 25))
    low, high = ranking.rank_intervals(of.values, ranking.difference_p(of), 0.05)
    rank = 1 + (of.values[None, :] > of.values[:, None]).sum(axis=1)
    assert ((low <= rank) & (rank <= high)).all()


# -- coverage ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.0, 1.0], ids=["independent", "clustered"])
def test_all_rank_intervals_hold_at_once_in_95_of_100_samples(spread: float) -> None:
    """500 samples of 60 items, five systems of which two are equal; a false order counts as a miss.

    Not below .95 by more than two Monte Carlo standard errors: .95 - 2 sqrt(.95 .05 / 500) = .9305.
    """
    truth = np.array([0.6, 0.6, 0.2, 0.0, -0.7])
    better = (truth[None, :] > truth[:, None]).sum(axis=1)
    worse = (truth[None, :] < truth[:, None]).sum(axis=1)
    held = 0
    for seed in range(500):
        of = strengths(clustered(seed, truth, 60, spread))
        low, high = ranking.rank_intervals(of.values, ranking.difference_p(of), 0.05)
        held += bool(((low <= 1 + better) & (high >= 5 - worse)).all())
    assert held / 500 >= 0.95 - 2 * math.sqrt(0.95 * 0.05 / 500)


def test_a_system_judged_on_one_item_of_many_is_told_from_none_by_one_tie() -> None:
    """0 beats 1 on 90 of 100 items; 2 met 0 once, and tied: nothing says that it is better than 1.

    The tie leaves no residual, so that the sandwich has 2 as strong as 0 without a doubt.
    """
    y = np.array([1.0] * 90 + [0.0] * 10 + [1.0, 0.0])
    b = np.array([1] * 100 + [2, 2])
    data = PairwiseData(
        np.zeros(102, dtype=np.int64), b, y, np.array([*range(100), 7, 7]), 3, np.zeros((102, 0))
    )
    plain = ranking.of_fit(fit_or_shrunk(data))
    assert ranking.difference_p(plain)[1, 2] < 1e-6
    held = ranking.enough_of(plain, data)
    assert ranking.difference_p(held)[1, 2] == 1
    assert ranking.difference_p(held)[0, 1] < 1e-6
    assert not ranking.strength(held, 2).has_interval
    assert ranking.enough_of(held, data).is_told[0, 1]
