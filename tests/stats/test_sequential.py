"""E-values, confidence sequences, and the rule that stops by them."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import integrate, stats

from judge.stats.sequential import (
    Betting,
    Rule,
    Sequential,
    decided_rate,
    e_sign,
    hedged_interval,
    log_e_sign,
    sign_interval,
    sign_stops,
)

SEED = 20261121
STEP = 0.001  # of the grid of means

VALUES = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=60)


# -- the sign test -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wins", "n", "expected"),
    [
        # 2^14 / (15 C(14, 12)) = 16384 / (15 * 91)
        (12, 14, 12.002930),
        (60, 100, 0.91305),
        (70, 100, 427.31),
        (0, 0, 1.0),
        # 2^1 / (2 C(1, 1)): a single pair says nothing
        (1, 1, 1.0),
    ],
)
def test_e_sign_has_the_worked_values(wins: int, n: int, expected: float) -> None:
    assert e_sign(wins, n) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("wins", "n", "low", "high"), [(60, 100, 0.4408, 0.7460), (600, 1000, 0.5446, 0.6537)]
)
def test_the_interval_by_inversion_has_the_worked_values(
    wins: int, n: int, low: float, high: float
) -> None:
    assert sign_interval(wins, n) == pytest.approx((low, high), abs=1e-4)


@settings(max_examples=40)
@given(n=st.integers(0, 400), share=st.floats(0, 1))
def test_e_sign_is_the_mean_likelihood_ratio_over_all_chances(n: int, share: float) -> None:
    """Against numerical integration of p^k (1-p)^(n-k) / 2^-n over p."""
    wins = round(share * n)
    mode = wins / n if n else 0.5

    def ratio(p: float) -> float:
        return math.exp(float(stats.binom.logpmf(wins, n, p) - stats.binom.logpmf(wins, n, 0.5)))

    width = 8 * math.sqrt(0.25 / max(n, 1))
    points = [p for p in (mode - width, mode, mode + width) if 0 < p < 1]
    found, _ = integrate.quad(ratio, 0, 1, points=points or None, limit=200)
    assert e_sign(wins, n) == pytest.approx(found, rel=1e-6)


@pytest.mark.parametrize("n", range(1, 15))
def test_e_sign_has_a_mean_of_exactly_one_under_even_chances(n: int) -> None:
    mean = sum(math.comb(n, k) / 2**n * e_sign(k, n) for k in range(n + 1))
    assert mean == pytest.approx(1.0, rel=1e-12)


def test_e_sign_is_a_martingale_under_even_chances() -> None:
    """The mean of the next value, whatever came before, is the value now."""
    for n in range(30):
        for k in range(n + 1):
            following = (e_sign(k, n + 1) + e_sign(k + 1, n + 1)) / 2
            assert following == pytest.approx(e_sign(k, n), rel=1e-12)


@given(n=st.integers(0, 3000), share=st.floats(0, 1))
def test_e_sign_does_not_mind_who_is_called_the_winner(n: int, share: float) -> None:
    wins = round(share * n)
    assert log_e_sign(wins, n) == pytest.approx(log_e_sign(n - wins, n))


@given(n=st.integers(1, 500), share=st.floats(0, 1), alpha=st.sampled_from([0.05, 0.025, 0.01]))
def test_the_interval_leaves_out_a_half_exactly_where_the_e_value_decides(
    n: int, share: float, alpha: float
) -> None:
    wins = round(share * n)
    low, high = sign_interval(wins, n, alpha)
    assert low <= wins / n <= high
    assert (not low <= 0.5 <= high) == (e_sign(wins, n) >= 1 / alpha)


def test_a_huge_e_value_is_still_a_number() -> None:
    assert math.isfinite(e_sign(100_000, 100_000))


def test_without_a_decided_pair_there_is_no_rate_and_a_note() -> None:
    e = decided_rate(0, 0, 0.05)
    assert (e.value, e.note) == (None, "no pair was decided")
    assert decided_rate(60, 100, 0.05).value == 0.6


# -- betting on the mean -------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "low", "high"), [(25, 0.46, 0.905), (100, 0.578, 0.820)])
def test_the_hedged_sequence_has_the_worked_values_within_the_grid(
    n: int, low: float, high: float
) -> None:
    found = hedged_interval(([1, 1, 0, 0.5, 1] * 20)[:n])
    assert found == pytest.approx((low, high), abs=STEP + 1e-9)


def plain_capital(values: list[float], mean: float, alpha: float) -> float:
    """Half the larger capital by the published formulas, term by term."""
    up = down = 1.0
    for t, x in enumerate(values, 1):
        before = values[: t - 1]
        means = [(0.5 + sum(before[: i + 1])) / (i + 2) for i in range(len(before))]
        variance = (0.25 + sum((v - m) ** 2 for v, m in zip(before, means, strict=True))) / t
        bet = math.sqrt(2 * math.log(2 / alpha) / (t * math.log(1 + t) * variance))
        up *= 1 + min(bet, 0.5 / mean) * (x - mean)
        down *= 1 - min(bet, 0.5 / (1 - mean)) * (x - mean)
    return max(up, down) / 2


@given(values=VALUES, alpha=st.sampled_from([0.05, 0.01]))
def test_capital_is_that_of_the_formulas_term_by_term(values: list[float], alpha: float) -> None:
    means = np.array([0.1, 0.5, 0.83])
    betting = Betting(alpha, means)
    for value in values:
        betting.add(value)
    expected = [math.log(plain_capital(values, mean, alpha)) for mean in means]
    assert betting.log_e == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("mean", [0.3, 0.5])
def test_each_side_of_the_bet_is_a_martingale_under_its_mean(mean: float) -> None:
    """Over all sequences of six zeros and ones, weighted by their chances, capital averages 1."""
    rows = np.array(list(product([0.0, 1.0], repeat=6)))
    betting = Betting(0.05, np.array([mean]), (len(rows),))
    for column in rows.T:
        betting.add(column)
    chances = np.prod(np.where(rows == 1, mean, 1 - mean), axis=1)
    assert chances @ np.exp(betting._up[:, 0]) == pytest.approx(1.0, rel=1e-12)
    assert chances @ np.exp(betting._down[:, 0]) == pytest.approx(1.0, rel=1e-12)


@given(values=VALUES)
def test_the_sequence_never_widens_and_turns_with_its_values(values: list[float]) -> None:
    betting, turned, before = Betting(), Betting(), (0.0, 1.0)
    for value in values:
        betting.add(value)
        turned.add(1 - value)
        low, high = betting.interval
        assert before[0] <= low <= high <= before[1]
        assert turned.interval == pytest.approx((1 - high, 1 - low), abs=STEP + 1e-9)
        before = (low, high)


# -- the rule ------------------------------------------------------------------------------------


def read(values: list[float], rule: Rule) -> Sequential:
    process = Sequential(rule)
    for value in values:
        if process.add(value):
            break
    return process


def test_seven_wins_in_a_row_say_nothing_and_the_eighth_says_better() -> None:
    """2^n / (n + 1) passes 20 between n = 7 (16.0) and n = 8 (28.4)."""
    process = read([1.0] * 20, Rule())
    assert (process.said, process.n) == ("better", 8)
    assert process.e_value == pytest.approx(256 / 9)
    assert process.p_value == pytest.approx(9 / 256)


def test_losing_is_worse_and_ties_are_not_counted_as_decided() -> None:
    process = read([0.5, 0.0] * 20, Rule())
    assert (process.said, process.decided, process.wins, process.n) == ("worse", 8, 0, 16)


def test_a_mean_that_is_a_half_but_for_rounding_is_a_tie() -> None:
    process = read([0.1 + 0.2 + 0.2, 0.5 - 1e-16], Rule())
    assert process.decided == 0


def test_a_stated_margin_makes_a_long_tie_equivalent_and_none_makes_it_nothing() -> None:
    ties = [0.5] * 400
    assert read(ties, Rule(margin=0.1)).said == "equivalent"
    assert read(ties, Rule()).said == ""


def test_half_the_share_of_the_risk_takes_more_evidence() -> None:
    assert read([1.0] * 20, Rule(alpha=0.025)).n == 9


@given(values=VALUES)
def test_scores_are_known_once_the_sequence_leaves_out_no_difference(values: list[float]) -> None:
    process = read(values, Rule(by_sign=False))
    low, high = hedged_interval(values[: process.n])
    assert bool(process.said) == (not low < 0.5 < high)


# -- how often it is wrong, and what it costs ----------------------------------------------------


def wins(preference: float, runs: int, cap: int) -> NDArray[np.bool_]:
    return np.random.default_rng(SEED).random((runs, cap)) < preference


def test_stops_over_many_runs_are_those_of_the_rule_read_one_by_one() -> None:
    rows = wins(0.65, 40, 120)
    one_by_one = [read([float(v) for v in row], Rule()) for row in rows]
    assert [p.n if p.said else 0 for p in one_by_one] == sign_stops(rows).tolist()


def test_looking_after_every_pair_is_wrong_no_more_often_than_alpha() -> None:
    """500 runs of up to 1,000 pairs without a preference; a z test looked at so is wrong in 37 %."""
    rows = wins(0.5, 500, 1000)
    false = int((sign_stops(rows) > 0).sum())
    assert stats.binomtest(false, 500, 0.05, alternative="greater").pvalue > 0.01
    n = np.arange(1, 1001)
    z = np.abs(np.cumsum(rows, axis=1) - n / 2) / np.sqrt(n / 4)
    assert (z[:, 19:] > 1.96).any(axis=1).mean() > 0.3


@pytest.mark.slow
@pytest.mark.parametrize(("preference", "median"), [(0.6, 208), (0.7, 46), (0.8, 19)])
def test_the_median_run_stops_where_published(preference: float, median: int) -> None:
    found = sign_stops(wins(preference, 2000, 3000))
    assert np.median(found[found > 0]) == pytest.approx(median, rel=0.08)


@pytest.mark.slow
def test_betting_on_scores_is_wrong_no_more_often_than_alpha() -> None:
    """Five-point differences of mean zero, looked at after each of 1,000 items in 2,000 runs."""
    rng = np.random.default_rng(SEED)
    betting = Betting(0.05, np.array([0.5]), (2000,))
    ever = np.zeros(2000, dtype=bool)
    for _ in range(1000):
        betting.add(rng.choice([0.125, 0.375, 0.5, 0.625, 0.875], 2000))
        ever |= betting.log_e[:, 0] >= math.log(20)
    assert stats.binomtest(int(ever.sum()), 2000, 0.05, alternative="greater").pvalue > 0.01
