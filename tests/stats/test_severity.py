"""How severe judges are beside each other: METHODS 6.2, properties, and statsmodels on the same data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from judge.stats.contrasts import estimate, p_value
from judge.stats.intervals import mean
from judge.stats.severity import APART, ONE_JUDGE, Cells, additive, mean_score, severity, spreads

Table = NDArray[np.float64]

# Five items, three judges; the last item was not seen by the second judge, who is the severe one.
METHODS = np.array([[4, 3, 5], [3, 2, 4], [5, 4, 5], [2, 1, 3], [4, np.nan, 5]])


def cells(
    table: Table, clusters: NDArray[np.int64] | None = None, weights: Table | None = None
) -> Cells:
    """The cells of a table of items x judges, NaN where there is no score."""
    items, judges = np.nonzero(~np.isnan(table))
    return Cells(
        scores=table[items, judges],
        items=items,
        judges=judges,
        clusters=items if clusters is None else clusters[items],
        weights=np.ones(table.shape[1]) if weights is None else weights,
    )


def random_table(rng: np.random.Generator, n: int = 30, k: int = 4) -> Table:
    table = rng.normal(size=(n, 1)) + rng.normal(size=k) + rng.normal(size=(n, k))
    table[rng.random((n, k)) < 0.3] = np.nan
    return table


def test_methods_table_with_one_score_missing() -> None:
    """c .0583, -.9167 and, as they sum to 0, .8583. Item 5: (4 - .0583 + 5 - .8583) / 2 = 4.0417.

    Its plain mean says 4.5, since the severe judge did not see it.
    """
    fit = additive(cells(METHODS))
    assert fit.severities == pytest.approx([0.058333, -0.916667, 0.858333], abs=1e-6)
    assert fit.scores == pytest.approx([4, 3, 14 / 3, 2, 4.041667], abs=1e-6)


@pytest.mark.parametrize("seed", range(100))
def test_fit_and_its_sandwich_are_those_of_statsmodels(seed: int) -> None:
    """A second implementation: OLS on dummies; items lie in clusters of up to three."""
    rng = np.random.default_rng(seed)
    table = random_table(rng)
    clusters = rng.integers(0, 12, 30)
    found = cells(table, clusters)
    fit = additive(found)
    if fit.why_not:
        pytest.skip("the draw is not connected")
    frame = pd.DataFrame(
        {"s": found.scores, "item": found.items, "judge": found.judges, "c": found.clusters}
    )
    g = len(fit.clusters)
    ols = smf.ols("s ~ C(item) + C(judge, Sum) - 1", frame).fit(
        cov_type="cluster", cov_kwds={"groups": frame["c"], "use_correction": False}
    )
    own = [f"C(judge, Sum)[S.{j}]" for j in range(3)]
    assert fit.severities[:3] == pytest.approx(ols.params[own].to_numpy(), abs=1e-9)
    factor = np.sqrt(g / (g - 1))
    ses = [severity(fit, j).se for j in range(3)]
    assert ses == pytest.approx(factor * ols.bse[own].to_numpy(), abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_mean_score_and_its_error_are_those_of_the_model_with_all_dummies(seed: int) -> None:
    """The mean of ten items' scores as a linear contrast of OLS with dummies.

    The model takes the items as they are, so those items' own spread is added by hand.
    """
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(25, 1)) + rng.normal(size=3) + rng.normal(size=(25, 3))
    table[10:20, 0] = np.nan
    found = cells(table)
    fit = additive(found)
    chosen = np.arange(5, 15)
    contrast = mean_score(fit, found, chosen)
    frame = pd.DataFrame({"s": found.scores, "item": found.items, "judge": found.judges})
    ols = smf.ols("s ~ C(item) + C(judge, Sum) - 1", frame).fit()
    names = [f"C(item)[{i}]" for i in chosen]
    assert contrast.value == pytest.approx(ols.params[names].mean(), abs=1e-9)
    design = ols.model.exog
    pulls = design @ np.linalg.pinv(design.T @ design) * ols.resid.to_numpy()[:, None]
    places = [ols.model.exog_names.index(name) for name in names]
    by_cell = pulls[:, places].mean(axis=1)
    influence = np.bincount(found.items, by_cell, 25)
    influence[chosen] += (fit.scores[chosen] - contrast.value) / 10
    assert contrast.influence == pytest.approx(influence, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(-50, 50), st.integers(0, 3))
def test_adding_a_constant_to_one_judge_leaves_the_scores(
    seed: int, constant: float, judge: int
) -> None:
    """Up to the level, which judges share: c sums to 0, so a quarter of it goes into every score."""
    table = random_table(np.random.default_rng(seed))
    before = additive(cells(table))
    table[:, judge] += constant
    after = additive(cells(table))
    if before.why_not:
        return
    moved = after.scores - before.scores
    there = ~np.isnan(moved)
    assert moved[there] == pytest.approx(np.full(there.sum(), constant / 4), abs=1e-8)
    assert severity(after, judge).se == pytest.approx(severity(before, judge).se, abs=1e-8)


def test_a_whole_table_gives_the_panels_own_mean_with_a_vote_per_family() -> None:
    """Two judges of one family have half a vote each: scores are (.25 a + .25 b + .5 c) as in the panel."""
    table = np.random.default_rng(1).normal(size=(40, 3))
    found = cells(table, weights=np.array([0.25, 0.25, 0.5]))
    fit = additive(found)
    plain = table @ [0.25, 0.25, 0.5]
    assert fit.scores == pytest.approx(plain)
    assert fit.severities @ found.weights == pytest.approx(0, abs=1e-12)
    own = mean_score(fit, found, np.arange(40))
    expected = mean(plain, np.arange(40), name="m", unit="score")
    assert (own.value, own.se) == pytest.approx((expected.value, expected.se))


def test_severity_in_a_whole_table_is_the_mean_distance_with_its_standard_error() -> None:
    """With every cell seen c_j is a mean of paired differences, and so is its error."""
    table = np.random.default_rng(2).normal(size=(50, 3))
    clusters = np.arange(50) // 2
    fit = additive(cells(table, clusters))
    apart = table[:, 0] - table.mean(axis=1)
    expected = mean(apart, clusters, name="m", unit="score")
    own = severity(fit, 0)
    assert (own.value, own.se) == pytest.approx((expected.value, expected.se))


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ([[1.0, 2.0, np.nan, np.nan], [np.nan, np.nan, 3.0, 4.0]], APART),
        ([[1.0, np.nan], [2.0, np.nan]], ONE_JUDGE),
    ],
)
def test_judges_who_cannot_be_compared_are_not(table: list[list[float]], why: str) -> None:
    assert additive(cells(np.array(table))).why_not == why


def test_no_score_is_said() -> None:
    assert additive(cells(np.full((2, 2), np.nan))).why_not == "no scores"


def test_spread_tells_the_noisy_judge_apart_and_is_1_for_equals() -> None:
    """Noise of sd 2 among judges with 1: the mean square over the pooled one is 4 / 2 and 1 / 2 nearly.

    A residual holds (1 - 1/3)^2 of its own judge's noise and 1/9 of each other's, over 1 - 1/3: for sds
    1, 1, 2 these are (4/9 + 1/9 + 4/9) / (2/3) = 1.5 and (16/9 + 2/9) / (2/3) = 3, pooled 2.
    """
    rng = np.random.default_rng(3)
    table = rng.normal(size=(20_000, 1)) + rng.normal(size=(20_000, 3)) * [1, 1, 2]
    found = cells(table)
    assert spreads(additive(found), found) == pytest.approx([0.75, 0.75, 1.5], abs=0.03)


def test_two_judges_and_judges_without_noise_have_no_spread() -> None:
    two = cells(np.random.default_rng(4).normal(size=(9, 2)))
    assert spreads(additive(two), two) == [None, None]
    exact = cells(np.arange(9.0)[:, None] + np.array([0.0, 1.0, 2.0]))
    assert spreads(additive(exact), exact) == [None] * 3


@pytest.mark.slow
def test_severity_and_adjusted_mean_hold_their_coverage_where_judges_saw_different_answers() -> (
    None
):
    """2,000 runs, 40 items of which the severe judge sees fewer of the good ones."""
    rng = np.random.default_rng(20261121)
    hits = np.zeros(2)
    for _ in range(2_000):
        good = rng.normal(3, 1, size=(40, 1))
        table = good + np.array([0.0, -1.0, 0.5]) + rng.normal(0, 0.5, size=(40, 3))
        table[:, 1][(good[:, 0] > 3) & (rng.random(40) < 0.7)] = np.nan
        found = cells(table)
        fit = additive(found)
        # The panel's level is that of the mean severity, (0 - 1 + .5) / 3.
        for place, (own, truth) in enumerate(
            ((severity(fit, 1), -1 + 0.5 / 3), (mean_score(fit, found, np.arange(40)), 3 - 0.5 / 3))
        ):
            hits[place] += abs(own.value - truth) <= 2.0227 * own.se  # t(39)
    assert np.all((hits / 2_000 > 0.935) & (hits / 2_000 < 0.965))


@pytest.mark.parametrize("shared", [1, 2, 4, 8])
def test_a_judge_that_shares_few_answers_is_not_called_severe_for_the_many_of_others(
    shared: int,
) -> None:
    """Nobody is severe. The others share 100 answers, which say nothing of the first judge.

    With t(99) one shared answer called it severe every time, four in one table of six.
    """
    rng = np.random.default_rng(shared)
    found = 0
    for _ in range(200):
        table = rng.normal(size=(100, 1)) + rng.normal(size=(100, 3))
        table[shared:, 0] = np.nan
        p = p_value(severity(additive(cells(table)), 0))
        found += p is not None and p < 0.05
    assert stats.binomtest(found, 200, 0.05, alternative="greater").pvalue > 0.001


def test_a_score_that_hangs_on_a_severity_from_one_answer_has_no_interval() -> None:
    """Judge 0 alone scored items 1 to 39; judge 1 shares one answer with it and 60 with judge 2."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=(100, 3))
    table[:40, 2] = table[1:40, 1] = table[40:, 0] = np.nan
    found = cells(table)
    e = estimate(
        mean_score(additive(found), found, np.arange(1, 40)), name="score", unit="score", n=39
    )
    assert e.value is not None
    assert e.ci_low is None
    assert "hangs on one cluster" in e.note
