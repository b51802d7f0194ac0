"""The exact test of signs by cluster: against full enumeration, its size under no effect, and its power."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from judge.stats.intervals import Floats
from judge.stats.proportions import mcnemar_exact
from judge.stats.sign_flip import MOST_STEPS, cluster_sums, p_value, power, smallest_shown

halves = st.lists(st.integers(-4, 4).map(lambda k: k / 2), min_size=1, max_size=9)
thirds = st.lists(st.integers(-5, 5).map(lambda k: k / 3), min_size=1, max_size=9)


def flipped(sums: Floats) -> Floats:
    """The total under each choice of signs, shape (2 ** n,)."""
    return np.array([*product((-1.0, 1.0), repeat=len(sums))]) @ sums


@settings(max_examples=60, deadline=None)
@given(st.one_of(halves, thirds))
def test_p_is_the_share_of_sign_choices_that_lie_as_far_out(values: list[float]) -> None:
    sums = np.array(values)
    every = np.abs(flipped(sums)) >= abs(sums.sum()) - 1e-9
    assert p_value(sums) == pytest.approx(every.mean(), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.one_of(halves, thirds), st.sampled_from([0.01, 0.05, 0.2, 0.5]))
def test_p_is_at_most_a_in_at_most_a_share_a_of_exchangeable_draws(
    values: list[float], a: float
) -> None:
    """Over all sign choices of these sizes, which are equally likely where nothing was done."""
    sizes = np.abs(np.array(values))[:7]
    signs = np.array([*product((-1.0, 1.0), repeat=len(sizes))])
    found = np.array([p_value(row * sizes) for row in signs])
    assert (found <= a).mean() <= a + 1e-12


@settings(max_examples=50, deadline=None)
@given(halves, st.integers(0, 2**32 - 1))
def test_order_side_and_unit_change_nothing(values: list[float], seed: int) -> None:
    sums = np.array(values)
    shuffled = np.random.default_rng(seed).permutation(sums)
    for other in (shuffled, -sums, 2.5 * sums, np.append(sums, 0.0)):
        assert p_value(other) == pytest.approx(p_value(sums), abs=1e-12)


def test_with_ones_it_is_the_exact_test_of_mcnemar() -> None:
    """18 up and 3 down: 2 P(B(21, 1/2) >= 18) = .00149."""
    assert p_value(np.repeat([1.0, -1.0, 0.0], [18, 3, 79])) == pytest.approx(0.00149, abs=5e-6)
    for up, down in ((18, 2), (5, 5), (0, 0), (1, 9)):
        ones = np.repeat([1.0, -1.0], [up, down])
        assert p_value(ones) == pytest.approx(mcnemar_exact(up, down), rel=1e-12)


def test_nothing_that_differs_has_p_1() -> None:
    assert p_value(np.zeros(5)) == p_value(np.zeros(0)) == 1.0


def test_sizes_without_a_common_step_are_drawn_and_never_0() -> None:
    rng = np.random.default_rng(20261121)
    sums = rng.normal(0.4, 1, 12)
    exact = float((np.abs(flipped(sums)) >= abs(sums.sum()) - 1e-12).mean())
    assert p_value(sums) == pytest.approx(exact, abs=4 * np.sqrt(exact / 20_000))
    assert p_value(sums, seed=1) == p_value(sums, seed=1)
    assert 0 < p_value(np.linspace(1, 2, 60) * np.pi ** np.linspace(0, 1, 60)) < 1e-3


def test_a_distribution_that_is_too_large_is_drawn() -> None:
    sums = np.array([1.0, 2.0, float(MOST_STEPS)])
    assert p_value(sums) == pytest.approx(0.25, abs=0.02)  # all three on one side: 2 of 8


def test_all_of_a_clusters_differences_turn_together() -> None:
    sums = cluster_sums(np.array([1.0, 1.0, -1.0, 1.0]), np.array(["x", "x", "y", "z"]))
    assert sums.tolist() == [2.0, -1.0, 1.0]
    same = cluster_sums(np.ones(20), np.repeat([1, 2], 10))
    assert p_value(same) == 0.5  # two clusters, however many rows


def test_with_many_p_is_that_of_the_normal_distribution() -> None:
    """The sum moves in steps of 1, so that half of one is taken off: z = 39.5 / sqrt(270)."""
    sums = np.repeat([1.0, 0.5, -0.5, -1.0], [130, 90, 70, 100])
    assert p_value(sums) == pytest.approx(2 * stats.norm.sf(39.5 / np.sqrt(270)), rel=0.01)


# -- power ---------------------------------------------------------------------------------------


def drawn(n: int, up: float, down: float, alpha: float, draws: int = 20_000) -> float:
    """The share of samples in which the exact test finds p <= alpha."""
    counts = np.random.default_rng(5).multinomial(n, [up, down, 1 - up - down], draws)
    more, either = counts[:, :2].max(axis=1), counts[:, :2].sum(axis=1)
    p = np.minimum(1.0, 2 * stats.binom.sf(more - 1, either, 0.5))
    return float((p <= alpha).mean())


@pytest.mark.parametrize(
    ("n", "up", "down", "alpha"),
    [
        (100, 0.2, 0.05, 0.05),
        (200, 0.15, 0.07, 0.05 / 20),
        (30, 0.5, 0.0, 0.01),
        (50, 0.1, 0.1, 0.05),
    ],
)
def test_power_is_what_simulation_finds(n: int, up: float, down: float, alpha: float) -> None:
    """Four standard errors of 20,000 draws are at most 1.4 points."""
    assert power(n, up, down, alpha) == pytest.approx(drawn(n, up, down, alpha), abs=0.0142)


def test_without_an_effect_power_is_at_most_alpha() -> None:
    for n in (5, 20, 100, 400):
        for noise in (0.01, 0.1, 0.4):
            assert power(n, noise, noise, 0.05) <= 0.05
    assert power(0, 0.5, 0.1) == power(10, 0.0, 0.0) == 0.0


def test_the_smallest_effect_has_the_power_and_a_smaller_one_has_not() -> None:
    for n, noise, alpha in ((100, 0.05, 0.05), (400, 0.1, 0.05 / 20), (50, 0.0, 0.01)):
        least = smallest_shown(n, noise, alpha=alpha)
        assert least is not None
        assert power(n, noise + least, noise, alpha) >= 0.8
        assert power(n, noise + least - 0.01, noise, alpha) < 0.8


def test_too_few_items_show_nothing() -> None:
    assert smallest_shown(5, 0.0, alpha=0.01) is None  # even 5 of 5: 2 / 2 ** 5 = .0625
    assert smallest_shown(0, 0.1) is None


@pytest.mark.parametrize("better", [lambda n: (n * 4, 0.1), lambda n: (n, 0.02)])
def test_more_items_or_less_noise_show_less(better: Callable[[int], tuple[int, float]]) -> None:
    plain, more = smallest_shown(100, 0.1), smallest_shown(*better(100))
    assert plain is not None
    assert more is not None
    assert more < plain
