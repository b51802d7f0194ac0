"""What picking the best adds by luck: known values of the largest of several normal errors."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from judge.stats.optimism import optimism, pick_warning

RNG = 11


def values(numbers: list[float], *, cluster: int = 1) -> pd.DataFrame:
    names = [f"i{n // cluster}" for n in range(len(numbers))]
    return pd.DataFrame({"item_id": names, "cluster": pd.Categorical(names), "value": numbers})


def apart(n: int, seed: int) -> pd.DataFrame:
    return values([float(x) for x in np.random.default_rng(seed).permutation(n) % 2])


def test_of_two_it_is_the_spread_of_their_difference_over_root_two_pi() -> None:
    """E max(X, Y) = sd(X - Y) / sqrt(2 pi) for errors around 0."""
    one, other = apart(200, 1), apart(200, 2)
    spread = (one["value"] - other["value"]).std(ddof=1) / math.sqrt(200)
    found = optimism([one, other], np.random.default_rng(RNG))
    assert found == pytest.approx(spread / math.sqrt(2 * math.pi), rel=0.03)


def test_of_three_that_have_nothing_in_common_it_is_0_846_standard_errors() -> None:
    """3 / (2 sqrt(pi)) standard errors, the expected largest of three normals; 200 items each."""
    frames = [values([float(n % 2) for n in range(200)]) for _ in range(3)]
    frames = [
        f.assign(cluster=[f"{k}-{name}" for name in f["item_id"]]) for k, f in enumerate(frames)
    ]
    se = math.sqrt(0.25 / 200)
    found = optimism(frames, np.random.default_rng(RNG))
    assert found == pytest.approx(3 / (2 * math.sqrt(math.pi)) * se, rel=0.03)


def test_systems_that_answer_alike_leave_nothing_to_luck() -> None:
    one = apart(100, 1)
    assert optimism([one, one, one], np.random.default_rng(RNG)) == pytest.approx(0.0, abs=1e-6)


def test_it_is_what_happens_to_the_best_of_equals() -> None:
    """Three equal systems, 400 times over: the best one's mean is above one half by about as much."""
    rng = np.random.default_rng(3)
    above, told = [], []
    for _ in range(400):
        frames = [values([float(x) for x in rng.random(60) < 0.5]) for _ in range(3)]
        above.append(max(f["value"].mean() for f in frames) - 0.5)
        told.append(optimism(frames, rng))
    assert np.mean(above) == pytest.approx(np.mean(told), rel=0.1)


def test_clusters_widen_it() -> None:
    rng = np.random.default_rng(4)
    same = [np.repeat(rng.random(20) < 0.5, 5).astype(float).tolist() for _ in range(2)]
    alone = optimism([values(numbers) for numbers in same], rng)
    together = optimism([values(numbers, cluster=5) for numbers in same], rng)
    assert alone is not None
    assert together is not None
    assert together > 2 * alone  # five alike are one: the standard error times the root of five


def test_one_system_is_not_picked_and_no_value_is_no_system() -> None:
    one = apart(20, 1)
    assert [*pick_warning({"new": one})] == []
    assert [*pick_warning({"new": one, "lost": values([math.nan] * 20)})] == []


def test_the_best_of_several_is_warned_of_with_a_size_that_is_the_same_every_time() -> None:
    picked = {"step1": apart(200, 1), "step2": values([1.0, 1.0, 0.0, 1.0] * 50)}
    (said,) = pick_warning(picked)
    assert said.startswith("whoever picks the best of 2 systems (step2)")
    assert "points if all are equally good" in said
    assert "hold out items" in said
    assert [*pick_warning(picked)] == [said]
