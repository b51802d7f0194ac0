"""Within a margin: the exact limit, the test that it becomes, and how often it is wrong at the margin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from judge.stats.equivalence import within_p
from judge.stats.intervals import equivalence_p, mean


def test_where_no_unit_shows_the_effect_it_is_the_chance_of_that() -> None:
    """(1 - .1) ** 30 = .0424."""
    assert within_p(np.zeros(30), np.arange(30), 0.1) == pytest.approx(0.9**30)


def test_where_all_effects_have_one_direction_it_is_never_below_the_exact_binomial() -> None:
    """Turns of n pairs that would all go one way: P(Bin(n, .2) <= k)."""
    for k, n in [(0, 20), (1, 20), (4, 60), (10, 60), (30, 200)]:
        values = np.repeat([1.0, 0.0], [k, n - k])
        found = within_p(values, np.arange(n), 0.2)
        assert found is not None
        assert found >= stats.binom.cdf(k, n, 0.2)


def test_the_skewed_test_has_halls_transform() -> None:
    """10 and 2 of 50, margin .4: mean .16, s^2 = (.24 - .0256) 50/49 = .218776, S = -.51311;

    third moment .16 - 3 * .16 * .24 + 2 * .16^3 = .052992, over s^3 .51786.
    """
    values = np.repeat([1.0, -1.0, 0.0], [10, 2, 38])
    variance = (0.24 - 0.16**2) * 50 / 49
    s, skew = (0.16 - 0.4) / variance**0.5, 0.052992 / variance**1.5
    assert (s, skew) == pytest.approx((-0.51311, 0.51786), abs=5e-6)
    bent = s + skew * s**2 / 3 + skew**2 * s**3 / 27 + skew / 300
    found = within_p(values, np.arange(50), 0.4)
    assert found == pytest.approx(stats.t.cdf(50**0.5 * bent, 49))


def test_where_many_units_show_it_both_ways_it_is_the_plain_test() -> None:
    """Without skewness nothing is bent: 300 one way and 300 the other of 1,000."""
    values = np.repeat([1.0, -1.0, 0.0], [300, 300, 400])
    clusters = np.arange(1000)
    plain = equivalence_p(mean(values, clusters, name="x", unit="difference"), 0.0, 0.05)
    assert within_p(values, clusters, 0.05) == pytest.approx(plain)


def test_an_effect_at_the_margin_or_beyond_is_not_within() -> None:
    for share in (20, 40, 100):
        values = np.repeat([1.0, 0.0], [share, 100 - share])
        found = within_p(values, np.arange(100), 0.2)
        assert found is not None
        assert found >= 0.5


def test_of_fewer_than_two_clusters_there_is_no_p() -> None:
    assert within_p(np.zeros(5), np.zeros(5), 0.2) is None
    assert within_p(np.zeros(0), np.zeros(0), 0.2) is None


gains = st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.0, 0.0, 0.5, 1.0]), min_size=3, max_size=40)


@settings(max_examples=60, deadline=None)
@given(gains, st.floats(0.02, 0.4))
def test_direction_does_not_matter_and_a_wider_margin_is_easier(
    found: list[float], margin: float
) -> None:
    values, clusters = np.array(found), np.arange(len(found))
    p = within_p(values, clusters, margin)
    assert p is not None
    assert 0 <= p <= 1
    assert within_p(-values, clusters, margin) == pytest.approx(p)
    doubled = within_p(np.repeat(values, 2), np.repeat(clusters, 2), margin)
    assert doubled == pytest.approx(p, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("one_way", [1.0, 0.9, 0.75, 0.65])
@pytest.mark.parametrize("margin", [0.1, 0.2])
@pytest.mark.parametrize("n", [30, 60, 200])
def test_an_effect_of_just_the_margin_is_called_within_it_in_at_most_5_percent_of_runs(
    n: int, margin: float, one_way: float
) -> None:
    """one_way: the share of the effects in one direction, which makes margin / (2 one_way - 1) of all."""
    all_effects = margin / (2 * one_way - 1)
    assert all_effects <= 1
    rng = np.random.default_rng(20261121)
    shares = [all_effects * one_way, all_effects * (1 - one_way), 1 - all_effects]
    called = 0
    for counts in rng.multinomial(n, shares, 2000):
        p = within_p(np.repeat([1.0, -1.0, 0.0], counts), np.arange(n), margin)
        called += p is not None and p < 0.05
    assert stats.binomtest(called, 2000, 0.05, alternative="greater").pvalue > 0.01 / 24
