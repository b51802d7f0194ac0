"""Whether one order does justice to the pairs: circles are found, and noise is not."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from scipy.special import expit

from judge.stats.intervals import Floats
from judge.stats.pairwise import PairwiseData, fit
from judge.stats.transitivity import FEW_CLUSTERS, Member, PairFit, check, n_cycles, pair_fits


def drawn(seed: int, rates: Floats, items: int, spread: float = 0.0) -> PairwiseData:
    """rates: P(row beats column), shape (K, K); all pairs on each item, in both orders."""
    rng, k = np.random.default_rng(seed), len(rates)
    pairs = np.array([*itertools.combinations(range(k), 2)] * 2, dtype=np.int64)
    a, b = np.tile(pairs[:, 0], items), np.tile(pairs[:, 1], items)
    clusters = np.repeat(np.arange(items), len(pairs))
    shift = spread * rng.standard_normal((items, k))
    logits = np.log(rates[a, b] / (1 - rates[a, b]))
    p = expit(logits + shift[clusters, a] - shift[clusters, b])
    order = np.tile(np.repeat([1.0, -1.0], len(pairs) // 2), items)
    y = (rng.random(len(p)) < p).astype(float)
    return PairwiseData(a, b, y, clusters, k, order[:, None])


def member(data: PairwiseData, weight: float = 1.0) -> Member:
    return Member(data, fit(data), weight)


def ordered(truth: Floats) -> Floats:
    return expit(truth[:, None] - truth[None, :])


CIRCLE = np.array([[0.5, 0.7, 0.3], [0.3, 0.5, 0.7], [0.7, 0.3, 0.5]])


def test_a_circle_is_found_and_counted() -> None:
    found = check([member(drawn(0, CIRCLE, 150))], 0.05)
    assert found.pair is not None
    assert found.p_value is not None
    assert found.p_value < 0.001
    assert found.cycles == 1
    assert found.n_tested == 3
    assert found.pair.fitted == pytest.approx(0.5, abs=0.05)


def test_a_circle_of_pairs_that_one_side_always_wins_is_counted() -> None:
    data = drawn(0, CIRCLE, 20)
    y = np.array([1.0 if (a, b) != (0, 2) else 0.0 for a, b in zip(data.a, data.b, strict=True)])
    assert check([member(dataclasses.replace(data, y=y))], 0.05).cycles == 1


def test_a_judge_with_one_order_of_systems_has_no_circle() -> None:
    found = check([member(drawn(1, ordered(np.array([1.0, 0.0, -1.0, -0.5])), 100))], 0.05)
    assert found.cycles == 0
    assert found.p_value is not None
    assert found.p_value > 0.05


def test_direct_less_fitted_is_the_mean_residual_of_the_pair() -> None:
    data = drawn(2, CIRCLE, 40)
    model = member(data)
    (first, *_) = pair_fits([model])
    own = (data.a == 0) & (data.b == 1)
    eta = model.fit.strengths[0] - model.fit.strengths[1] + data.terms @ model.fit.coefficients
    assert first.direct == pytest.approx(data.y[own].mean())
    assert first.residual == pytest.approx((data.y - expit(eta))[own].mean())


def test_the_test_of_a_pair_is_the_wald_test_of_its_own_parameter_where_it_hardly_departs() -> None:
    """A score test and a Wald test agree near the null; statsmodels fits the pair's parameter."""
    data = drawn(3, ordered(np.array([0.4, 0.0, -0.3])), 400, spread=0.8)
    design = np.zeros((len(data.y), 5))
    design[np.arange(len(data.y)), data.a] = 1
    design[np.arange(len(data.y)), data.b] = -1
    design[:, 3] = data.terms[:, 0]
    for pair in pair_fits([member(data)]):
        design[:, 4] = (data.a == pair.a) & (data.b == pair.b)
        model = sm.GLM(data.y, design[:, 1:], family=sm.families.Binomial())
        result = model.fit(cov_type="cluster", cov_kwds={"groups": data.clusters})
        assert pair.residual / pair.se == pytest.approx(result.tvalues[-1], abs=0.05)


def test_a_chain_has_no_loop_to_check() -> None:
    data = drawn(4, ordered(np.array([0.5, 0.0, -0.5])), 40)
    is_chain = ~((data.a == 0) & (data.b == 2))
    cut = PairwiseData(
        *(data.a[is_chain], data.b[is_chain], data.y[is_chain], data.clusters[is_chain]),
        3,
        data.terms[is_chain],
    )
    found = check([member(cut)], 0.05)
    assert (found.pair, found.p_value, found.n_tested) == (None, None, 0)
    assert "form no loop" in found.note


def test_a_pair_that_hangs_on_the_loop_alone_is_not_tested() -> None:
    """0, 1 and 2 form a loop; 3 met 0 only, and the model always meets that pair."""
    data = drawn(5, ordered(np.array([0.5, 0.0, -0.5, 0.2])), 60)
    keep = (data.b != 3) | (data.a == 0)
    cut = PairwiseData(
        data.a[keep], data.b[keep], data.y[keep], data.clusters[keep], 4, data.terms[keep]
    )
    assert check([member(cut)], 0.05).n_tested == 3


def test_too_few_items_are_not_held_against_the_model() -> None:
    found = check([member(drawn(6, CIRCLE, FEW_CLUSTERS - 1))], 0.05)
    assert found.pair is None
    assert "10 items" in found.note


def test_a_panel_of_one_judge_twice_finds_what_that_judge_finds() -> None:
    data = drawn(7, CIRCLE, 60)
    one, two = check([member(data)], 0.05), check([member(data, 0.3), member(data, 0.7)], 0.05)
    assert one.pair is not None
    assert two.pair is not None
    assert dataclasses.astuple(two.pair) == pytest.approx(dataclasses.astuple(one.pair))
    assert two.p_value == pytest.approx(one.p_value)


def test_a_panel_takes_the_mean_where_one_of_its_judges_saw_the_pair() -> None:
    data = drawn(8, CIRCLE, 60)
    keep = ~((data.a == 0) & (data.b == 2))
    cut = PairwiseData(
        data.a[keep], data.b[keep], data.y[keep], data.clusters[keep], 3, data.terms[keep]
    )
    whole, panel = pair_fits([member(data)]), pair_fits([member(data, 0.5), member(cut, 0.5)])
    assert panel[1].direct == pytest.approx(whole[1].direct)


def test_no_pair_is_a_circle() -> None:
    assert n_cycles([], 0.05) == 0


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.0, 1.0], ids=["independent", "clustered"])
def test_one_order_is_called_too_little_in_5_of_100_samples(spread: float) -> None:
    """500 samples of one order of four systems with 60 items: not above 5 % by a binomial test."""
    rates = ordered(np.array([0.8, 0.3, 0.0, -0.6]))
    found = [check([member(drawn(seed, rates, 60, spread))], 0.05) for seed in range(500)]
    alarms = sum(one.p_value is not None and one.p_value < 0.05 for one in found)
    assert stats.binomtest(alarms, 500, 0.05, alternative="greater").pvalue > 0.01
    assert sum(one.cycles > 0 for one in found) <= alarms + 5


def one_order(y: Floats, items: int) -> PairwiseData:
    """Three systems of which each is shown first against the next, and never the other way round."""
    a, b = np.tile([0, 1, 0], items), np.tile([1, 2, 2], items)
    order = np.tile([1.0, 1.0, -1.0], items)
    return PairwiseData(a, b, y, np.repeat(np.arange(items), 3), 3, order[:, None])


def test_a_judge_that_favours_the_first_makes_no_circle_of_pairs_in_one_order() -> None:
    """0 before 1, 1 before 2, 2 before 0, and the first wins 90 %: "each beats the next" is its order."""
    rng = np.random.default_rng(5)
    first = rng.random((100, 3)) < 0.9
    data = one_order(np.where([False, False, True], ~first, first).ravel().astype(float), 100)
    assert check([member(data)], 0.05).cycles == 0


def test_first_places_that_always_won_make_no_circle_either() -> None:
    """Each first answer won on all of 20 items. With .95 to be had for being first, .95^20 = .36."""
    loop = [(0, 1, 1.0), (1, 2, 1.0), (0, 2, 0.0)]

    def circles(first: float) -> int:
        fitted = {1.0: first, 0.0: 1 - first}
        pairs = [PairFit(a, b, y, fitted[y], 0.5, 0.1, 0.0, 20) for a, b, y in loop]
        return n_cycles(pairs, 0.05)

    assert (circles(0.5), circles(0.95)) == (1, 0)
