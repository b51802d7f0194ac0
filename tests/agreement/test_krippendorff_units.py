"""Krippendorff's alpha of judge and raters: the package's value, evalica's too, and our replicates."""

from __future__ import annotations

from typing import get_args

import evalica
import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.agreement.krippendorff_alpha import krippendorff_alpha
from judge.agreement.krippendorff_units import (
    krippendorff_alpha_of,
    krippendorff_alpha_of_raters,
)
from judge.agreement.ratings import Ratings
from judge.stats.intervals import Floats
from judge.types import Level

N = np.nan
CANONICAL = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
    ]
)


def rated(coders: Floats, q: int = 5) -> Ratings:
    """The first row is the judge. coders: labels 1 .. q, shape (coders, n), NaN where there is none."""
    numbers = coders[1:].T
    shares = np.where(
        np.isnan(coders[0])[:, None], np.nan, coders[0][:, None] == np.arange(1, q + 1)
    )
    ratings = np.where(np.isnan(numbers), 0, numbers).astype(int) - 1
    n = coders.shape[1]
    values = tuple(float(k) for k in range(1, q + 1))
    return Ratings(shares, coders[0], ratings, numbers, np.arange(n), "ordinal", values)


def without_labels(r: Ratings) -> Ratings:
    n = len(r.values)
    none = np.full(r.ratings.shape, -1)
    return Ratings(np.zeros((n, 0)), r.values, none, r.numbers, r.clusters, "interval")


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.7434), ("ordinal", 0.8154), ("interval", 0.8491)]
)
def test_alpha_of_the_canonical_data(level: Level, alpha: float) -> None:
    r = rated(np.vstack([np.full(12, N), CANONICAL]))
    found = krippendorff_alpha_of_raters(r, level, seed=1)
    assert found.value == pytest.approx(alpha, abs=5e-5)
    assert (found.n, found.n_missing) == (11, 1)
    assert found.method.startswith(f"{level} alpha")


def test_on_100_random_matrices_with_holes_package_evalica_and_our_replicates_agree() -> None:
    """Ours at the point: the same statistic that the replicates are of, all clusters counted once."""
    rng = np.random.default_rng(20261121)
    compared = 0
    for _ in range(100):
        shape = int(rng.integers(2, 5)), int(rng.integers(5, 30))
        coders = rng.integers(1, 6, shape).astype(float)
        coders[rng.random(shape) < 0.25] = N
        for level in get_args(Level):
            found = krippendorff_alpha_of(rated(coders), level, seed=1, replicates=2)
            kept = coders[:, ~np.isnan(coders[0]) & (~np.isnan(coders[1:])).any(axis=0)]
            if found.value is None:
                continue
            theirs = krippendorff.alpha(kept, level_of_measurement=level)
            assert found.value == pytest.approx(theirs, abs=1e-12)
            assert found.value == pytest.approx(evalica.alpha(pd.DataFrame(kept), level).alpha)
            compared += 1
            if level == "interval":
                numbers = krippendorff_alpha_of(without_labels(rated(coders)), seed=1, replicates=2)
                assert numbers.value == pytest.approx(theirs)
    assert compared > 290


@pytest.mark.parametrize("level", get_args(Level))
@pytest.mark.parametrize("n_orders", [1, 2])
def test_a_replicate_is_alpha_of_the_units_drawn(level: Level, n_orders: int) -> None:
    """Every unit twice: as in a replicate that drew all of them twice."""
    from judge.agreement.krippendorff_units import (
        _apart,
        _presentations,
        alpha_statistic,
        coincidences,
    )
    from judge.agreement.resampling import cluster_sums

    rng = np.random.default_rng(4)
    readings = rng.integers(0, 4, (20, n_orders))
    shares = np.eye(4)[readings].mean(axis=1)
    ratings = np.where(rng.random((20, 3)) < 0.2, -1, rng.integers(0, 4, (20, 3)))
    ratings[:, 0] = rng.integers(0, 4, 20)
    r = Ratings(
        shares, readings.mean(axis=1), ratings, ratings.astype(float), np.arange(20), level,
        (0.0, 1.0, 2.0, 3.0),
    )  # fmt: skip
    times = _presentations(shares) or 0
    assert times == n_orders
    sums = cluster_sums(coincidences(r.votes, shares), np.arange(20))
    statistic = alpha_statistic(sums, _apart(level, np.arange(4.0)), times)
    point = krippendorff_alpha_of(r, level, seed=1, replicates=2).value
    assert statistic(np.ones((1, 20)))[0] == pytest.approx(point, abs=1e-12)
    drawn = rng.multinomial(20, np.full(20, 1 / 20), size=5)
    for weights, value in zip(drawn, statistic(drawn.astype(float)), strict=True):
        again = krippendorff_alpha_of(
            r.kept(np.repeat(np.arange(20), weights)), level, seed=1, replicates=2
        )
        assert value == pytest.approx(again.value, abs=1e-12)


def test_presentations_go_to_the_package_in_turn() -> None:
    """Two orders of each unit: the package's alpha of all units in the first, then all in the second."""
    rng = np.random.default_rng(9)
    orders, people = rng.integers(1, 4, (2, 30)), rng.integers(1, 4, (2, 30))
    people[:, :15] = orders[:, :15]
    r = rated(np.vstack([orders[:1], people]).astype(float), q=3)
    shares = (np.eye(3)[orders[0] - 1] + np.eye(3)[orders[1] - 1]) / 2
    both = Ratings(shares, r.values, r.ratings, r.numbers, r.clusters, "ordinal", r.scale_values)
    sheet = np.hstack([np.vstack([orders[k], people]) for k in (0, 1)])
    expected = krippendorff.alpha(sheet.astype(float), level_of_measurement="ordinal")
    assert krippendorff_alpha_of(both, seed=1).value == pytest.approx(expected)


def test_the_plain_face_gives_the_same() -> None:
    rows = [[None if np.isnan(x) else x for x in row] for row in CANONICAL[:3]]
    r = rated(CANONICAL[:3])
    both = ~np.isnan(CANONICAL[0]) & ~np.isnan(CANONICAL[1:3]).all(axis=0)
    kept = [[x for x, keep in zip(row, both, strict=True) if keep] for row in rows]
    expected = krippendorff_alpha(*kept, level="ordinal").value
    assert krippendorff_alpha_of(r, seed=1).value == pytest.approx(expected)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_interval_alpha_does_not_hang_on_the_unit_of_numbers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    r = without_labels(rated(rng.integers(1, 6, (3, 12)).astype(float)))
    moved = Ratings(
        r.shares, 3 * r.values - 7, r.ratings, 3 * r.numbers - 7, r.clusters, "interval"
    )
    found, again = (krippendorff_alpha_of(x, seed=1, replicates=50) for x in (r, moved))
    assert found.value == pytest.approx(again.value)
    assert found.ci_low == pytest.approx(again.ci_low)


def test_without_variation_or_pairs_or_numbers_it_is_undefined() -> None:
    same = krippendorff_alpha_of(rated(np.ones((2, 4))), seed=1)
    assert same.value is None
    assert "no variation" in same.note
    alone = krippendorff_alpha_of_raters(rated(np.array([[1.0, 2.0], [1.0, 2.0]])), seed=1)
    assert alone.note == "no unit has two labels"
    assert (
        "no variation" in krippendorff_alpha_of(without_labels(rated(np.ones((2, 4)))), seed=1).note
    )
    r = rated(CANONICAL[:2])
    words = Ratings(r.shares, r.values, r.ratings, r.numbers, r.clusters)
    assert "have no numbers" in krippendorff_alpha_of(words, "interval", seed=1).note


def test_a_panels_mean_scores_get_interval_alpha_of_their_numbers() -> None:
    r = rated(CANONICAL[:3])
    panel = Ratings(
        np.full(r.shares.shape, np.nan), r.values, r.ratings, r.numbers, r.clusters, "ordinal",
        r.scale_values,
    )  # fmt: skip
    found = krippendorff_alpha_of(panel, seed=1)
    assert found.method.startswith("interval alpha")
    assert found.value == pytest.approx(krippendorff_alpha_of(r, "interval", seed=1).value)
