"""The cluster bootstrap: clusters are drawn, the seed decides, and what is undefined says so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.stats.bootstrap import FEW, Codes, cluster_bootstrap, draws, resampled
from judge.stats.intervals import Floats, mean
from judge.types import Estimate


def of_mean(values: Floats, clusters: Codes, seed: int = 1) -> Estimate:
    return cluster_bootstrap(
        lambda rows: float(values[rows].mean()),
        clusters,
        name="mean",
        unit="score",
        seed=seed,
    )


def sample(n_clusters: int, size: int, seed: int = 3) -> tuple[Floats, Codes]:
    """Rows of a cluster share half of their variance."""
    rng = np.random.default_rng(seed)
    shared = np.repeat(rng.normal(size=n_clusters), size)
    return shared + rng.normal(size=n_clusters * size), np.repeat(np.arange(n_clusters), size)


def test_of_a_mean_it_finds_the_formulas_error_and_not_that_of_independent_rows() -> None:
    """CR1 has G/(G-1) on top, which at G = 100 is half a percent of the standard error."""
    values, clusters = sample(100, 5)
    formula = mean(values, clusters, name="mean", unit="score")
    found = of_mean(values, clusters)
    assert formula.se is not None
    assert found.se == pytest.approx(formula.se, rel=0.05)
    assert formula.se > 1.5 * values.std() / np.sqrt(len(values))
    assert found.value == pytest.approx(values.mean())
    assert (found.n, found.n_clusters, found.note) == (500, 100, "")


def test_the_same_seed_gives_the_same_interval_and_another_does_not() -> None:
    values, clusters = sample(50, 2)
    first, again = of_mean(values, clusters), of_mean(values, clusters)
    assert first == again
    assert first.ci_low != of_mean(values, clusters, seed=2).ci_low


def test_a_matrix_of_draws_gives_the_same_as_row_by_row() -> None:
    """A ratio of sums by cluster is two matrix products."""
    values, clusters = sample(30, 4)
    sums, sizes = np.bincount(clusters, values), np.bincount(clusters)
    counts = draws(30, seed=5, replicates=200)
    one_by_one = resampled(lambda rows: float(values[rows].mean()), clusters, 5, 200)
    assert (counts @ sums) / (counts @ sizes) == pytest.approx(one_by_one)


def test_few_clusters_come_with_a_warning() -> None:
    values, clusters = sample(FEW - 1, 2)
    assert "from 39 clusters: the interval may be too narrow" in of_mean(values, clusters).note


def test_of_one_cluster_there_is_a_value_and_no_interval() -> None:
    found = of_mean(np.array([1.0, 2.0]), np.zeros(2, dtype=np.int64))
    assert (found.value, found.se, found.ci_low) == (1.5, None, None)
    assert found.note == "no interval: all values are of one cluster"


def test_of_nothing_there_is_no_value() -> None:
    found = of_mean(np.zeros(0), np.zeros(0, dtype=np.int64))
    assert (found.value, found.note) == (None, "not defined")


def test_a_statistic_that_most_replicates_do_not_have_has_no_interval() -> None:
    """Defined only where the first row was drawn, which happens in 63 % of replicates."""
    found = cluster_bootstrap(
        lambda rows: 1.0 if 0 in rows else float("nan"),
        np.arange(50),
        name="x",
        unit="score",
        seed=1,
        replicates=300,
    )
    assert (found.value, found.ci_low) == (1.0, None)
    assert "no interval: not defined in" in found.note


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=20), st.integers(0, 99))
def test_a_cluster_is_drawn_whole_or_not_at_all(clusters: list[int], seed: int) -> None:
    codes = np.array(clusters)
    seen: list[Codes] = []

    def keep(rows: Codes) -> float:
        seen.append(rows)
        return 0.0

    resampled(keep, codes, seed, 5)
    n_clusters = len(set(clusters))
    for rows in seen:
        times = np.bincount(rows, minlength=len(codes))
        assert all(len(set(times[codes == c])) == 1 for c in set(clusters))
        assert sum(times[codes == c][0] for c in set(clusters)) == n_clusters
