"""Shares near the ends of their range."""

from __future__ import annotations

import numpy as np
import pytest

from judge.stats.shares import share


def test_the_interval_is_symmetric_in_log_odds_and_stays_inside() -> None:
    """Mean .95 of 20 clusters of two: logit 2.944 -+ 2.093 se / (.95 x .05)."""
    values = np.ones(40)
    values[[0, 5]] = 0.0
    e = share(values, np.repeat(np.arange(20), 2), name="x")
    assert e.value == 0.95
    assert e.se is not None
    half = 2.0930 * e.se / (0.95 * 0.05)
    ends = [1 / (1 + np.exp(-(np.log(19) + sign * half))) for sign in (-1, 1)]
    assert (e.ci_low, e.ci_high) == pytest.approx(ends, abs=1e-4)


@pytest.mark.parametrize("values", [[], [1.0] * 8, [0.5] * 8])
def test_what_has_no_spread_is_as_the_mean_has_it(values: list[float]) -> None:
    e = share(np.array(values), np.arange(len(values)), name="x")
    assert (e.value is None) == (not values)
    assert (e.ci_low is None) == (values != [1.0] * 8)


@pytest.mark.slow
@pytest.mark.parametrize("n", [50, 100])
def test_it_covers_near_the_end_where_t_does_not(n: int) -> None:
    """Shares of .9, one value a cluster or the mean of two: false in at most 5 % of 4,000 and chance."""
    rng = np.random.default_rng(20261121)
    for size in (1, 2):
        misses = 0
        for _ in range(4000):
            strength = rng.beta(9, 1, n)
            values = (rng.random((n, size)) < strength[:, None]).astype(float).ravel()
            e = share(values, np.repeat(np.arange(n), size), name="x")
            assert e.ci_low is not None
            assert e.ci_high is not None
            misses += not e.ci_low <= 0.9 <= e.ci_high
        assert misses / 4000 < 0.058, (size, misses / 4000)
