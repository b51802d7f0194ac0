"""The slope of filler: planted slopes come out, a second implementation agrees, and what has none is null."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from statsmodels.discrete.conditional_models import ConditionalLogit

from judge.stats.intervals import Floats
from judge.stats.padding import FEWEST, points, slope

DOUBLINGS = np.log2([1.0, 1.5, 3.0])


def verdicts(
    n: int, beta: float, seed: int, *, noise: float = 0.0, selected: bool = True
) -> Floats:
    """Of targets that the judge's first verdict let lose: asked again, and padded by 1.5 and 3."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(0, 1.5, n)
    first = rng.random(n) < expit(odds)
    own = np.where(first & selected, -odds, odds)
    said = rng.random((n, 3)) < expit(own[:, None] + beta * DOUBLINGS)
    coins = rng.random((n, 3)) < 0.5
    return np.where(rng.random((n, 3)) < noise, coins, said).astype(float)


def test_the_slope_is_that_of_conditional_logistic_regression() -> None:
    said = verdicts(200, 0.7, 3)
    said = said[np.ptp(said, axis=1) > 0]
    n = len(said)
    model = ConditionalLogit(
        said.ravel(), np.tile(DOUBLINGS, n)[:, None], groups=np.repeat(np.arange(n), 3)
    ).fit(disp=0)
    found = slope(said, np.tile(DOUBLINGS, (n, 1)))
    assert found.value == pytest.approx(float(model.params[0]), abs=1e-5)
    assert found.se == pytest.approx(
        float(model.bse[0]), rel=0.15
    )  # the sandwich beside the model's


def test_a_planted_slope_comes_out_although_the_target_was_chosen_by_a_verdict() -> None:
    """50 samples of 150 items; four standard errors of their mean, about .16 each, are .09."""
    found = [slope(verdicts(150, 0.5, seed), np.tile(DOUBLINGS, (150, 1))) for seed in range(50)]
    values = [one.value for one in found if one.value is not None]
    assert np.mean(values) == pytest.approx(0.5, abs=0.09)
    held = [(one.ci_low or -9) <= 0.5 <= (one.ci_high or 9) for one in found]
    assert np.mean(held) >= 0.85  # .95 less 3.2 standard errors


def test_verdicts_that_are_coins_in_part_flatten_the_slope() -> None:
    clear, noisy = (
        slope(verdicts(4_000, 0.5, 7, noise=q), np.tile(DOUBLINGS, (4_000, 1))) for q in (0.0, 0.2)
    )
    assert clear.value is not None
    assert noisy.value is not None
    assert noisy.value < clear.value


def test_turning_all_verdicts_turns_the_sign() -> None:
    said = verdicts(100, 0.4, 2)
    one, other = (slope(v, np.tile(DOUBLINGS, (100, 1))) for v in (said, 1 - said))
    assert one.value == pytest.approx(-(other.value or 0), abs=1e-8)
    assert one.ci_low == pytest.approx(-(other.ci_high or 0), abs=1e-6)


def test_a_tie_counts_half_either_way() -> None:
    """Each item with one tie weighs as half an item that won there and half one that lost."""
    said = verdicts(60, 0.3, 4)
    tied = said.copy()
    tied[:20, 2] = 0.5
    lost, won = tied.copy(), tied.copy()
    lost[:20, 2], won[:20, 2] = 0.0, 1.0
    found = slope(tied, np.tile(DOUBLINGS, (60, 1)))
    doubled = np.vstack([lost, won])
    both = slope(doubled, np.tile(DOUBLINGS, (120, 1)))
    assert found.value == pytest.approx(both.value, abs=1e-7)


def test_items_whose_verdict_never_changed_say_nothing() -> None:
    said = verdicts(80, 0.5, 5)
    more = np.vstack([said, np.zeros((50, 3)), np.ones((50, 3))])
    one = slope(said, np.tile(DOUBLINGS, (80, 1)))
    other = slope(more, np.tile(DOUBLINGS, (180, 1)))
    assert (one.value, one.se) == pytest.approx((other.value, other.se), abs=1e-9)
    assert (one.n, other.n) == (80, 180)
    assert one.note == other.note
    assert "items whose verdict changed" in one.note


def test_orders_are_strata_of_their_own_and_items_the_units_of_the_interval() -> None:
    """A lean to one place that differs from item to item falls out; the same rows twice tell no more."""
    rng = np.random.default_rng(11)
    odds, lean = rng.normal(0, 1.5, 400), rng.normal(0, 1.5, 400)
    both = np.concatenate([odds + lean, odds - lean])[:, None] + 0.5 * DOUBLINGS
    said = (rng.random((800, 3)) < expit(both)).astype(float)
    lengths, items = np.tile(DOUBLINGS, (800, 1)), np.tile(np.arange(400), 2)
    found = slope(said, lengths, items)
    assert found.value == pytest.approx(0.5, abs=4 * (found.se or 0))
    assert found.n == 400
    one = slope(said[:400], lengths[:400])
    twice = slope(np.vstack([said[:400]] * 2), lengths, items)
    assert (twice.value, twice.se) == pytest.approx((one.value, one.se), abs=1e-7)
    assert twice.ci_low == pytest.approx(one.ci_low, abs=1e-5)


def test_absent_verdicts_and_lengths_are_left_out() -> None:
    said = verdicts(80, 0.5, 6)
    one = slope(said[:, :2], np.tile(DOUBLINGS[:2], (80, 1)))
    said[:, 2] = np.nan
    assert slope(said, np.tile(DOUBLINGS, (80, 1))).value == pytest.approx(one.value, abs=1e-9)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (np.zeros((30, 3)), "the verdict changed with length in 0 items"),
        (np.tile([0.0, 0, 1], (30, 1)), "every verdict that changed was for the longer answer"),
        (np.tile([1.0, 0, 0], (30, 1)), "every verdict that changed was for the shorter answer"),
        (np.full((30, 3), np.nan), "no padded answer has a verdict"),
    ],
)
def test_where_no_slope_can_be_told_it_is_null_and_says_why(said: Floats, why: str) -> None:
    found = slope(said, np.tile(DOUBLINGS, (30, 1)))
    assert found.value is None
    assert why in found.note


def test_a_handful_of_changes_tells_no_slope() -> None:
    said = np.zeros((30, 3))
    said[: FEWEST - 1, 2] = 1
    assert slope(said, np.tile(DOUBLINGS, (30, 1))).value is None


def test_scores_gain_points_a_doubling() -> None:
    """Half a point a doubling of 1 + characters, with and without noise."""
    rng = np.random.default_rng(1)
    before = rng.integers(100, 900, 200)
    longer = np.log1p(np.concatenate([1.5 * before, 3 * before])) - np.log1p(np.tile(before, 2))
    gains = 0.5 * longer / np.log(2) + rng.normal(0, 0.3, 400)
    found = points(gains, longer, np.tile(np.arange(200), 2), confidence=0.95, n_missing=3)
    assert found.value == pytest.approx(0.5, abs=4 * (found.se or 0))
    assert (found.n, found.n_missing, found.unit) == (200, 3, "points per doubling")
    none = points(np.zeros(0), np.zeros(0), np.zeros(0, dtype=int), confidence=0.95, n_missing=0)
    assert none.value is None
