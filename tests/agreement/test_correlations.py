"""Correlations at three levels and pairwise accuracy: worked example, scipy, and ranks of each replicate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from judge.agreement.correlations import (
    correlation_of,
    correlation_of_systems,
    correlation_within_items,
)
from judge.agreement.orders import Kind, points, statistic
from judge.agreement.ratings import Ratings
from judge.stats.bootstrap import draws
from judge.stats.intervals import Floats

# Three systems (rows) on six items: people and a judge.
PEOPLE = np.array([[3, 4, 2, 5, 4, 3], [4, 4, 3, 5, 5, 4], [2, 3, 1, 4, 3, 2]], dtype=float)
JUDGE = np.array([[4, 4, 4, 5, 5, 4], [4, 5, 4, 5, 5, 5], [3, 4, 3, 4, 4, 3]], dtype=float)
ITEMS, SYSTEMS = np.tile(np.arange(6), 3), np.repeat(np.arange(3), 6)

SCIPY: dict[Kind, Callable[[Any, Any], Any]] = {
    "pearson": stats.pearsonr,
    "spearman": stats.spearmanr,
    "kendall_tau": stats.kendalltau,
}


def rated(judge: Floats, human: Floats, clusters: Any = None) -> Ratings:
    n = len(judge)
    return Ratings(
        shares=np.zeros((n, 0)),
        values=np.asarray(judge, dtype=float),
        ratings=np.full((n, 1), -1),
        numbers=np.asarray(human, dtype=float).reshape(n, -1),
        clusters=np.arange(n) if clusters is None else np.asarray(clusters),
        level="interval",
    )


EXAMPLE = rated(JUDGE.ravel(), PEOPLE.ravel(), ITEMS)


def naive_acc_eq(x: Floats, y: Floats, tie_width: float = 0.0) -> float:
    """Pair by pair, as it is defined."""
    n, alike = len(x), 0
    for i in range(n):
        for j in range(i + 1, n):
            judge = 0 if abs(x[i] - x[j]) <= tie_width else np.sign(x[i] - x[j])
            alike += judge == np.sign(y[i] - y[j])
    return 2 * alike / (n * (n - 1))


@pytest.mark.parametrize(
    ("kind", "pooled"), [("pearson", 0.8599), ("kendall_tau", 0.8007), ("acc_eq", 0.7059)]
)
def test_the_worked_example_pooled(kind: Kind, pooled: float) -> None:
    found = correlation_of(kind, EXAMPLE, seed=1)
    assert found.value == pytest.approx(pooled, abs=5e-5)
    assert (found.n, found.n_clusters) == (18, 6)


def test_the_worked_example_within_items_and_of_systems() -> None:
    """Six tau-b of three systems each, averaged; the systems' means are ordered alike: 1."""
    within = correlation_within_items("kendall_tau", EXAMPLE, ITEMS)
    assert within.value == pytest.approx(0.8249, abs=5e-5)
    assert within.n == 6
    accuracy = correlation_within_items("acc_eq", EXAMPLE, ITEMS)
    assert accuracy.value == pytest.approx(0.7222, abs=5e-5)
    systems = correlation_of_systems("kendall_tau", EXAMPLE, SYSTEMS, seed=1)
    assert (systems.value, systems.n) == (1.0, 3)
    assert systems.ci_high == 1.0


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 9)), min_size=3, max_size=20),
    st.sampled_from([*SCIPY]),
)
def test_values_are_scipys(pairs: list[tuple[int, int]], kind: Kind) -> None:
    x, y = np.array(pairs, dtype=float).T
    found = correlation_of(kind, rated(x, y / 3), seed=1, replicates=10)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert found.value is None
        assert "do not vary" in found.note
    else:
        assert found.value == pytest.approx(SCIPY[kind](x, y)[0])


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=12),
    st.sampled_from([0.0, 1.0, 1.5]),
)
def test_acc_eq_is_that_of_every_pair(pairs: list[tuple[int, int]], width: float) -> None:
    x, y = np.array(pairs, dtype=float).T
    p = points(x, y, np.arange(len(x)))
    found = statistic("acc_eq", p, width)(np.ones((1, len(x))))[0]
    assert found == pytest.approx(naive_acc_eq(x, y, width))


@pytest.mark.parametrize("kind", [*SCIPY])
@pytest.mark.parametrize("decimals", [0, 6])
def test_each_replicate_is_ranked_anew(kind: Kind, decimals: int) -> None:
    """With and without ties; clusters of two units; a unit drawn twice is tied with itself."""
    rng = np.random.default_rng(3)
    x = np.round(rng.normal(size=40), decimals)
    y = np.round(x + rng.normal(size=40), decimals)
    clusters, drawn = np.arange(40) // 2, draws(20, 5, 40)
    found = statistic(kind, points(x, y, clusters))(drawn.astype(float))
    for weights, value in zip(drawn, found, strict=True):
        rows = np.repeat(np.arange(40), weights[clusters])
        assert value == pytest.approx(SCIPY[kind](x[rows], y[rows])[0])


def test_in_a_replicate_of_acc_eq_a_unit_is_no_pair_with_itself() -> None:
    """Units 0, 0, 1: the pairs are (0, 1) twice."""
    p = points(np.array([1.0, 2.0, 5.0]), np.array([1.0, 0.0, 7.0]), np.arange(3))
    found = statistic("acc_eq", p)(np.array([[2.0, 1.0, 0.0], [2.0, 0.0, 1.0], [3.0, 0.0, 0.0]]))
    assert found[:2].tolist() == [0.0, 1.0]
    assert np.isnan(found[2])


@pytest.mark.parametrize("kind", get_args(Kind))
def test_large_blocks_of_pairs_are_summed_in_parts(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    r = rated(rng.normal(size=30), rng.normal(size=30))
    whole = correlation_of(kind, r, seed=1, replicates=50)
    monkeypatch.setattr("judge.agreement.orders.BLOCK", 7)
    monkeypatch.setattr("judge.agreement.resampling.CELLS", 200)
    assert correlation_of(kind, r, seed=1, replicates=50).se == pytest.approx(whole.se)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["spearman", "kendall_tau", "acc_eq"]))
def test_orders_do_not_hang_on_the_spacing_of_numbers(seed: int, kind: Kind) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 15))
    plain, bent = (correlation_of(kind, rated(a, y), seed=1, replicates=50) for a in (x, np.exp(x)))
    assert plain.value == pytest.approx(bent.value)
    assert plain.se == pytest.approx(bent.se)


def test_people_are_the_mean_of_a_units_raters_and_gaps_are_counted() -> None:
    human = np.array([[1, 3], [4, np.nan], [np.nan, np.nan], [2, 2], [5, 4]], dtype=float)
    r = rated(np.array([1, 3, 4, np.nan, 5.0]), human)
    found = correlation_of("pearson", r, seed=1)
    assert found.value == pytest.approx(stats.pearsonr([1, 3, 5], [2, 4, 4.5])[0])
    assert (found.n, found.n_missing) == (3, 2)


def test_items_in_which_a_side_does_not_vary_are_left_out_and_counted() -> None:
    """Items 0 and 1 of three units; the judge gives item 1 one score; item 2 has a single unit."""
    r = rated(np.array([1, 2, 3, 4, 4, 4, 5.0]), np.array([1, 3, 2, 1, 2, 3, 1.0]))
    found = correlation_within_items("spearman", r, np.array([0, 0, 0, 1, 1, 1, 2]))
    assert (found.value, found.n, found.n_missing) == (0.5, 1, 2)
    assert "2 items of 3 without one left out" in found.note


def test_the_level_of_systems_needs_three_of_them() -> None:
    two = rated(JUDGE[:2].ravel(), PEOPLE[:2].ravel(), np.tile(np.arange(6), 2))
    found = correlation_of_systems("pearson", two, np.repeat(np.arange(2), 6), seed=1)
    assert found.value is None
    assert found.note == "2 systems with numbers of both: three are needed"


@pytest.mark.parametrize("kind", get_args(Kind))
def test_means_of_systems_are_correlated_as_scipy_does(kind: Kind) -> None:
    rng = np.random.default_rng(6)
    systems = np.tile(np.arange(5), 20)
    human = rng.integers(1, 6, 100) + systems * 0.5
    judge = rng.integers(1, 6, 100) + systems * 0.3
    r = rated(judge, human, np.repeat(np.arange(20), 5))
    found = correlation_of_systems(kind, r, systems, seed=1)
    x, y = (v.reshape(20, 5).mean(axis=0).round(12) for v in (judge, human))
    expected = naive_acc_eq(x, y) if kind == "acc_eq" else SCIPY[kind](x, y)[0]
    assert found.value == pytest.approx(expected)
    assert found.method.startswith("means per system; percentiles of")


def test_nothing_to_correlate_is_said() -> None:
    empty = rated(np.full(2, np.nan), np.ones(2))
    assert "no unit has a number" in correlation_of("pearson", empty, seed=1).note
    assert "no unit has a number" in correlation_within_items("pearson", empty, np.arange(2)).note
    assert correlation_of_systems("pearson", empty, np.arange(2), seed=1).value is None
