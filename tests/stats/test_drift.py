"""The alarm on anchors: exact by hand, quiet on an unchanged judge, and not fooled by a lucky reference."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from judge.stats.drift import at_least, bet, changes, mcnemar_worse, p_value, steps

NAN = math.nan


def test_with_one_earlier_run_the_p_value_is_mcnemars() -> None:
    """5 newly wrong, 1 newly right of 10: P(Bin(6, 1/2) >= 5) = (6 + 1) / 64."""
    before = np.array([1, 0, 0, 0, 0, 0, 0, 0, 1, 0], dtype=float)
    after = np.array([0, 1, 1, 1, 1, 1, 0, 0, 1, 0], dtype=float)
    assert changes(before, after) == (5, 1)
    assert mcnemar_worse(5, 1) == pytest.approx(7 / 64)
    assert p_value(np.array([before, after]), np.arange(10)) == pytest.approx(7 / 64)


def test_with_more_runs_each_presentation_is_held_to_its_own_record() -> None:
    """Wrong in 1 of 3, and now: 1/3 each. Two of those, and one that always errs: p = 1/9."""
    errors = np.array([[0, 0, 1, 0], [0, 0, 1, 0], [1, 1, 1, 0]], dtype=float)
    assert p_value(errors, np.arange(4)) == pytest.approx(1 / 9)


def test_orders_of_an_anchor_that_err_together_are_one_piece_of_evidence() -> None:
    """Two anchors, both orders wrong now and never before: 1/4, where four apart would give 1/16."""
    errors = np.array([[0, 0, 0, 0], [1, 1, 1, 1]], dtype=float)
    assert p_value(errors, np.array(["x", "x", "y", "y"])) == pytest.approx(1 / 4)
    assert p_value(errors, np.arange(4)) == pytest.approx(1 / 16)


def test_a_run_that_lacks_a_verdict_of_an_anchor_is_none_to_hold_it_against() -> None:
    """x: 2 errors now, 0 before, and a run with one verdict only: 1/2."""
    errors = np.array([[0, 0], [1, NAN], [1, 1]], dtype=float)
    assert p_value(errors, np.array(["x", "x"])) == pytest.approx(1 / 2)


@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 2**31))
def test_the_p_value_is_that_of_counting_every_order_of_the_runs(
    n_runs: int, n_anchors: int, seed: int
) -> None:
    """Each anchor's last run may have been any of its runs: all n_runs^n_anchors ways, counted."""
    random = np.random.default_rng(seed)
    errors = (random.random((n_runs, 2 * n_anchors)) < 0.4).astype(float)
    counts = errors.reshape(n_runs, n_anchors, 2).sum(axis=2)
    sums = [sum(way) for way in itertools.product(*counts.T)]
    expected = np.mean(np.array(sums) >= counts[-1].sum())
    assert p_value(errors, np.arange(2 * n_anchors) // 2) == pytest.approx(expected)


def test_without_a_verdict_a_presentation_counts_neither_now_nor_before() -> None:
    """The first is wrong in 1 of its 2 runs with a verdict; the second has none now."""
    errors = np.array([[NAN, 0], [0, 0], [1, NAN]])
    assert p_value(errors, np.arange(2)) == pytest.approx(1 / 2)
    assert changes(errors[0], errors[2]) == (0, 0)
    assert steps(errors)[2].error_rate.n_missing == 1


def test_the_sum_of_unequal_chances_is_exact() -> None:
    """1/2 and 1/4: none 3/8, both 1/8."""
    chances = np.array([[0.5, 0.5], [0.75, 0.25]])
    assert at_least(chances, 0) == 1
    assert at_least(chances, 1) == pytest.approx(5 / 8)
    assert at_least(chances, 2) == pytest.approx(1 / 8)
    assert at_least(np.array([[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]), 2) == pytest.approx(1 / 2)


def test_a_bet_on_a_uniform_p_value_is_fair() -> None:
    """Its mean is 1. From a to 1 it is what is left after the head, which falls as 1 / ln(1/a)."""
    tail, _ = integrate.quad(lambda u: bet(math.exp(-u)) * math.exp(-u), 0, 600, limit=400)
    assert tail == pytest.approx(1, abs=2 / 600)
    assert bet(1.0) == 0.5
    # (1 - .01 + .01 * -4.60517) / (.01 * 21.2076)
    assert bet(0.01) == pytest.approx(4.4510, abs=1e-4)


def test_a_single_run_far_off_is_an_alarm_at_once() -> None:
    """10 of 100 wrong, then 20, the same 10 and 10 more: p = 2^-10 is below .05 / 2 / 2."""
    before = (np.arange(100) < 10).astype(float)
    after = (np.arange(100) < 20).astype(float)
    first, second = steps(np.array([before, after]))
    assert not first.alarm
    assert second.p_value == pytest.approx(2**-10)
    assert second.alarm
    # Half the mean capital of bets of bet(2^-10) = 21.2135, and 1 / alpha for the run that is far off.
    capital = np.mean([1 - s + s * bet(2**-10) for s in (0.05, 0.2, 0.5, 1.0)])
    assert second.e_value == pytest.approx(capital / 2 + 20)


def test_an_alarm_stays_until_the_history_begins_anew() -> None:
    quiet = (np.arange(100) < 10).astype(float)
    loud = (np.arange(100) < 30).astype(float)
    assert [step.alarm for step in steps(np.array([quiet, loud, quiet, quiet]))] == [
        False,
        True,
        True,
        True,
    ]
    assert not any(step.alarm for step in steps(np.array([quiet, quiet, quiet])))


def test_a_judge_that_gets_better_never_alarms() -> None:
    errors = np.array([(np.arange(60) < n) for n in (30, 20, 10, 5, 0)], dtype=float)
    assert not any(step.alarm for step in steps(errors))


def test_a_rise_that_no_single_run_shows_is_found_over_several() -> None:
    """Twenty quiet runs, then three presentations more that are wrong each time: p is 1/21^3 at first."""
    quiet = (np.arange(40) < 4).astype(float)
    worse = (np.arange(40) < 7).astype(float)
    found = steps(np.array([quiet] * 20 + [worse] * 6))
    single = [s.p_value <= 0.025 / (t * (t + 1)) for t, s in enumerate(found) if s.p_value]
    assert not any(single)
    assert found[-1].alarm


def test_a_run_without_any_verdict_says_nothing() -> None:
    errors = np.array([[0, 1], [NAN, NAN], [0, 1]])
    found = steps(errors)
    assert found[1].error_rate.value is None
    assert "no anchor" in found[1].error_rate.note
    assert found[1].p_value == 1
    assert steps(np.zeros((0, 4))) == []


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0, NAN]), min_size=6, max_size=6), min_size=1))
def test_every_p_value_is_one_and_the_first_run_accuses_nobody(rows: list[list[float]]) -> None:
    found = steps(np.array(rows))
    assert found[0].p_value is None
    assert not found[0].alarm
    assert all(0 < (s.p_value or 0) <= 1 and (s.e_value or 0) > 0 for s in found[1:])


@given(st.integers(0, 8), st.integers(0, 8))
def test_more_that_got_worse_is_never_less_evidence(worse: int, better: int) -> None:
    assert mcnemar_worse(worse + 1, better) <= mcnemar_worse(worse, better)


def test_an_unchanged_judge_is_rarely_accused_whatever_its_rates() -> None:
    """40 histories of 10 runs, rates between never and always wrong: the level is .05 over all runs."""
    random = np.random.default_rng(20261121)
    alarms = 0
    for _ in range(40):
        rates = random.beta(0.2, 0.8, 60)
        alarms += steps((random.random((10, 60)) < rates).astype(float))[-1].alarm
    assert alarms <= 7  # P(Bin(40, .05) > 7) = .001
