"""Length in scores: three slopes that are not the same, and scores at equal length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from judge.stats.intervals import mean
from judge.stats.lengths import (
    DOUBLING,
    log_length,
    normalised,
    padding_slope,
    penalised,
    slope,
)

Array = NDArray[Any]


@dataclass(frozen=True)
class World:
    """Answers of 4 systems to items, in long form: what each is worth and what a judge gives it."""

    item: Array
    system: Array
    length: Array
    quality: Array
    score: Array


def world(seed: int, *, bias: float, merit: float, n: int = 400) -> World:
    """METHODS 2.4: later systems are longer (L rises by .25) and better (quality by .2).

    merit: quality for each unit of L. bias: what the judge adds for each unit of L.
    """
    rng = np.random.default_rng(seed)
    item, system = np.repeat(np.arange(n), 4), np.tile(np.arange(4), n)
    length = 5 + 0.25 * system + rng.normal(0, 0.3, n)[item] + rng.normal(0, 0.3, 4 * n)
    quality = 0.2 * system + merit * (length - 5) + rng.normal(0, 0.5, 4 * n)
    score = quality + bias * (length - 5) + rng.normal(0, 0.4, 4 * n)
    return World(item, system, length, quality, score)


def spread(values: Array, w: World) -> float:
    """The last system's mean minus the first's."""
    return float(values[w.system == 3].mean() - values[w.system == 0].mean())


def association(w: World) -> float:
    found = slope(w.score, w.length, w.item, w.system)
    assert found is not None
    return found.value


def bias_of(w: World, labelled: int = 80) -> Any:
    """The slope of the judge's score beyond quality, from the first items."""
    own = w.item < labelled
    found = slope((w.score - w.quality)[own], w.length[own], w.item[own], np.zeros(int(own.sum())))
    assert found is not None
    return found


# -- over-correction -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bias", "merit", "true"),
    [(0.8, 0.0, 0.60), (0.0, 0.8, 1.20), (0.8, 0.8, 1.20)],
    ids=["pure bias", "pure merit", "both"],
)
def test_the_human_anchored_slope_keeps_the_true_spread(
    bias: float, merit: float, true: float
) -> None:
    """True spread: 3 x .2, and with merit .8 x 3 x .25 = .6 more."""
    w = world(11, bias=bias, merit=merit)
    b = bias_of(w)
    corrected = w.score - b.value * (w.length - w.length.mean())
    assert spread(corrected, w) == pytest.approx(spread(w.quality, w), abs=0.1)
    assert spread(w.quality, w) == pytest.approx(true, abs=0.12)


def test_residualising_halves_the_spread_where_length_is_merit() -> None:
    """What is never done here: taking the association off gives about .6 where 1.2 is true."""
    w = world(11, bias=0.0, merit=0.8)
    residual = w.score - association(w) * (w.length - w.length.mean())
    assert spread(residual, w) == pytest.approx(spread(w.quality, w) / 2, abs=0.1)


def test_association_and_bias_are_different_slopes() -> None:
    """Merit .8 and bias .8: scores go with length by 1.6, of which .8 is bias."""
    w = world(3, bias=0.8, merit=0.8)
    assert association(w) == pytest.approx(1.6, abs=0.1)
    assert bias_of(w).value == pytest.approx(0.8, abs=0.15)


# -- a second implementation -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_slopes_and_their_errors_are_those_of_statsmodels(seed: int) -> None:
    w = world(seed, bias=0.5, merit=0.3, n=25)
    frame = pd.DataFrame({"s": w.score, "L": w.length, "g": w.system, "c": w.item})
    other = smf.ols("s ~ C(g) + L", frame).fit(cov_type="cluster", cov_kwds={"groups": frame["c"]})
    found = slope(w.score, w.length, w.item, w.system)
    assert found is not None
    assert found.value == pytest.approx(other.params["L"], abs=1e-9)
    assert found.se == pytest.approx(other.bse["L"], rel=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_the_padding_slope_has_the_error_of_a_regression_through_the_origin_with_its_instrument(
    seed: int,
) -> None:
    """mean(gain) / mean(lengthening) is the instrumental regression with a constant as instrument."""
    rng = np.random.default_rng(seed)
    lengthened = rng.uniform(0.2, 1.0, 60)
    gains, clusters = 0.4 * lengthened + rng.normal(0, 0.2, 60), np.arange(60) // 2
    found = padding_slope(gains, lengthened, clusters)
    assert found is not None
    assert found.value == pytest.approx(gains.mean() / lengthened.mean())
    fit = sm.OLS(gains - found.value * lengthened, np.ones(60)).fit(
        cov_type="cluster", cov_kwds={"groups": clusters}
    )
    assert found.se == pytest.approx(fit.bse[0] / lengthened.mean(), rel=1e-9)


# -- normalised scores -------------------------------------------------------------------------------


def test_at_the_reference_length_the_normalised_score_is_the_raw_one() -> None:
    w = world(5, bias=0.5, merit=0.0, n=30)
    own = w.system == 1
    values, lengths, items = w.score[own], np.full(30, 5.0), w.item[own]
    e = normalised(values, lengths, items, bias_of(w, 30), 5.0)
    raw = mean(values, items, name="s", unit="score")
    assert (e.value, e.se) == (pytest.approx(raw.value), pytest.approx(raw.se))
    assert (e.ci_low, e.ci_high) == (pytest.approx(raw.ci_low), pytest.approx(raw.ci_high))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(-3, 3), st.floats(-2, 2))
def test_adding_a_constant_or_a_multiple_of_length_moves_scores_as_it_should(
    seed: int, constant: float, more: float
) -> None:
    """A constant is added to the score; a further bias of length is taken off again."""
    w = world(seed, bias=0.5, merit=0.0, n=20)
    biased = World(w.item, w.system, w.length, w.quality, w.score + constant + more * w.length)
    own, reference = w.system == 3, float(w.length.mean())
    one, other = (
        normalised(x.score[own], x.length[own], x.item[own], bias_of(x, 20), reference)
        for x in (w, biased)
    )
    assert one.value is not None
    assert other.value == pytest.approx(one.value + constant + more * reference, abs=1e-8)


def coverage(runs: int, labelled: int) -> int:
    """How many of the intervals of the longest system hold its true score at the reference length.

    Labelled and scored items are the same ones, so that slope and mean go together.
    """
    held = 0
    for seed in range(runs):
        w = world(seed, bias=0.8, merit=0.0, n=100)
        own = w.system == 3
        e = normalised(w.score[own], w.length[own], w.item[own], bias_of(w, labelled), 5.0)
        assert e.ci_low is not None
        assert e.ci_high is not None
        held += e.ci_low <= 0.6 <= e.ci_high
    return held


def test_intervals_carry_the_slopes_uncertainty_and_hold_the_truth_19_times_in_20() -> None:
    """True at L = 5: quality .6 and no bias. 20 labelled items of 100, L = 5.75 on average."""
    assert stats.binomtest(coverage(200, 20), 200, 0.95).pvalue > 0.01


@pytest.mark.slow
@pytest.mark.parametrize("labelled", [20, 100])
def test_coverage_of_normalised_scores_is_between_93_and_97_percent(labelled: int) -> None:
    held = coverage(2000, labelled)
    low = stats.binomtest(held, 2000, 0.93, alternative="less").pvalue
    high = stats.binomtest(held, 2000, 0.97, alternative="greater").pvalue
    assert min(low, high) > 0.01


def test_without_the_slopes_uncertainty_the_interval_would_be_too_narrow() -> None:
    w = world(1, bias=0.8, merit=0.0, n=100)
    own, b = w.system == 3, bias_of(w, 10)
    whole = normalised(w.score[own], w.length[own], w.item[own], b, 5.0)
    fixed = mean(w.score[own] - b.value * (w.length[own] - 5), w.item[own], name="s", unit="score")
    assert (whole.se or 0) > 1.1 * (fixed.se or 1)


# -- undefined ---------------------------------------------------------------------------------------


def test_lengths_that_do_not_vary_have_no_slope() -> None:
    items = np.arange(10)
    assert slope(np.arange(10.0), np.full(10, 3.0), items, np.zeros(10)) is None
    # System and length are the same thing: nothing is left within systems.
    groups = np.repeat([0, 1], 5)
    assert slope(np.arange(10.0), groups.astype(float), items, groups) is None


def test_too_few_answers_have_no_slope() -> None:
    assert slope(np.array([1.0, 2.0]), np.array([1.0, 2.0]), np.arange(2), np.zeros(2)) is None


def test_answers_that_were_not_lengthened_have_no_padding_slope() -> None:
    nothing = np.zeros(5)
    assert padding_slope(nothing, nothing, np.arange(5)) is None
    assert padding_slope(nothing, nothing - 1, np.arange(5)) is None
    assert padding_slope(np.zeros(0), np.zeros(0), np.zeros(0)) is None


def test_no_scores_and_one_cluster_have_no_interval() -> None:
    b = bias_of(world(1, bias=0.1, merit=0.0, n=10), 10)
    none = np.zeros(0)
    assert normalised(none, none, none, b, 5.0).value is None
    one = normalised(np.array([1.0, 2.0]), np.array([5.0, 6.0]), np.zeros(2), b, 5.0)
    assert one.value is not None
    assert one.ci_low is None
    assert "no interval" in one.note


# -- penalties ---------------------------------------------------------------------------------------


def test_a_penalty_is_paid_by_the_doubling_and_never_refunded() -> None:
    """1 + characters doubles from 100 to 200: one doubling; to 400 two; shorter than the median: none."""
    characters, medians = np.array([99.0, 199.0, 399.0, 49.0]), np.full(4, 99.0)
    found = penalised(np.full(4, 5.0), characters, medians, 0.5)
    np.testing.assert_allclose(found, [5.0, 4.5, 4.0, 5.0])
    assert log_length(np.array([199.0])) - log_length(np.array([99.0])) == pytest.approx(DOUBLING)
