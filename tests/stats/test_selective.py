"""Thresholds with a guarantee: exact tests in a fixed sequence, and one search for a cascade."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from judge.stats import selective
from judge.stats.selective import Level, decided_by, fewest, levels, one_a_cluster, threshold


def test_the_exact_test_has_the_published_numbers() -> None:
    """METHODS 16: P(Bin(60, .15) <= 3) = .014835; Clopper-Pearson's upper end of 3 of 60 at .1."""
    assert selective.p_value(3, 60, 0.15) == pytest.approx(0.014835, abs=5e-7)
    assert selective.upper(3, 60, 0.1) == pytest.approx(0.107965, abs=5e-7)


@pytest.mark.parametrize(
    ("alpha", "delta", "n"), [(0.1, 0.1, 22), (0.15, 0.1, 15), (0.05, 0.05, 59), (0.2, 0.1, 11)]
)
def test_fewest_units_are_those_of_the_paper(alpha: float, delta: float, n: int) -> None:
    """.9^22 = .0985 <= .1 < .9^21 = .1094."""
    assert fewest(alpha, delta) == n
    assert (1 - alpha) ** n <= delta < (1 - alpha) ** (n - 1)


@given(st.integers(1, 200), st.integers(0, 200), st.floats(0.02, 0.4), st.floats(0.02, 0.4))
def test_the_test_and_the_upper_end_say_the_same(
    n: int, wrong: int, alpha: float, delta: float
) -> None:
    wrong = min(wrong, n - 1)
    p, end = selective.p_value(wrong, n, alpha), selective.upper(wrong, n, delta)
    if abs(p - delta) > 1e-9:
        assert (p <= delta) == (end <= alpha)


def test_ties_are_one_step() -> None:
    confidence = np.array([1.0, 1.0, 0.5, 0.5, 0.5])
    wrong = np.array([0.0, 1.0, 0.0, 0.0, 1.0])
    found = levels(confidence[:, None], wrong[:, None])
    assert found == (Level(1.0, 2, 1), Level(0.5, 5, 2))


def test_thirds_that_were_summed_in_another_order_are_one_step() -> None:
    third = np.array([1 / 3 + 1 / 3, 1 - 1 / 3])
    assert len(levels(third[:, None], np.zeros((2, 1)))) == 1


def test_a_judge_that_is_right_when_sure_judges_what_it_is_sure_of() -> None:
    """60 sure with 3 wrong, 60 unsure with 30: P(Bin(60, .15) <= 3) = .0148; 33 of 120 fail."""
    confidence = np.repeat([1.0, 0.5], 60)
    wrong = np.concatenate([np.arange(60) < 3, np.arange(60) < 30]).astype(float)
    found = threshold(confidence, wrong, alpha=0.15, delta=0.1)
    assert found.value == 1.0
    assert found.at == Level(1.0, 60, 3)
    # Starts at 30 and 60 fall on the first level, that at 120 on the second: two parts of delta.
    assert found.starts == (60, 120)
    assert found.upper == pytest.approx(selective.upper(3, 60, 0.05))


def test_a_judge_that_is_never_right_enough_abstains_on_everything() -> None:
    wrong = (np.arange(200) % 2).astype(float)
    found = threshold(np.linspace(0, 1, 200), wrong, alpha=0.2, delta=0.1)
    assert (found.value, found.at, found.why) == (None, None, selective.ABSTAINS)


def test_too_few_units_cannot_show_anything() -> None:
    found = threshold(np.ones(21), np.zeros(21), alpha=0.1, delta=0.1)
    assert found.value is None
    assert "21 units are too few: the guarantee needs 22" in found.why
    assert threshold(np.ones(22), np.zeros(22), alpha=0.1, delta=0.1).value == 1.0
    assert threshold(np.zeros(0), np.zeros(0), alpha=0.1, delta=0.1).value is None


def test_several_starts_pass_where_one_at_the_top_is_stuck() -> None:
    """The 11 surest hold 3 errors, so that a search that begins there fails; later ones do not."""
    wrong = np.zeros(150)
    wrong[:3] = 1
    confidence = np.linspace(1, 0.5, 150)
    one = threshold(confidence, wrong, alpha=0.1, delta=0.1, starts=(22,))
    several = threshold(confidence, wrong, alpha=0.1, delta=0.1)
    assert one.value is None
    assert several.value == 0.5
    assert len(several.starts) == 3


def test_a_cascade_is_decided_by_its_first_tier_that_is_sure() -> None:
    nan = np.nan
    confidence = np.array([[0.9, 0.5], [0.5, 0.9], [0.5, 0.5], [nan, 0.9], [0.9, nan], [nan, nan]])
    assert decided_by(confidence, 0.9).tolist() == [0, 1, -1, 1, 0, -1]


def test_of_a_cascade_the_verdict_that_counts_is_that_of_the_tier_that_decides() -> None:
    """The cheap judge is wrong where it is unsure; the dear one decides that, until .5 lets the cheap."""
    confidence = np.array([[0.5, 0.9]] * 4)
    wrong = np.array([[1.0, 0.0]] * 4)
    assert levels(confidence, wrong) == (Level(0.9, 4, 0), Level(0.5, 4, 4))


@given(st.integers(0, 2**31), st.integers(1, 60), st.integers(1, 3))
def test_the_curve_is_what_deciding_at_each_threshold_gives(seed: int, n: int, tiers: int) -> None:
    random = np.random.default_rng(seed)
    confidence = random.choice([np.nan, 0.5, 2 / 3, 0.75, 1.0], (n, tiers))
    wrong = (random.random((n, tiers)) < 0.3).astype(float)
    for level in levels(confidence, wrong):
        tier = decided_by(confidence, level.threshold)
        judged = np.flatnonzero(tier >= 0)
        assert (level.n, level.wrong) == (len(judged), wrong[judged, tier[judged]].sum())


def test_shares_of_wrong_are_refused() -> None:
    with pytest.raises(ValueError, match="0 or 1"):
        threshold(np.ones(3), np.array([0.0, 0.5, 1.0]), alpha=0.1, delta=0.1)


def test_of_unequally_probable_labels_a_part_serves_in_which_all_are_as_probable() -> None:
    """Hard units labelled at .02 and easy ones at .3, half of either: half of those that stay are hard."""
    random = np.random.default_rng(3)
    is_hard = random.random(20_000) < 0.5
    probs = np.where(is_hard, 0.02, 0.3)
    labelled = random.random(20_000) < probs
    kept = selective.evened(probs[labelled], 0)
    assert is_hard[labelled].mean() < 0.1
    assert is_hard[labelled][kept].mean() == pytest.approx(0.5, abs=0.07)
    assert kept[is_hard[labelled]].all()
    assert selective.evened(np.full(9, 0.4), 0).all()


def test_one_unit_of_each_cluster_is_drawn() -> None:
    clusters = np.repeat(np.arange(40), 3)
    kept = one_a_cluster(clusters, 7)
    assert sorted(clusters[kept].tolist()) == list(range(40))
    assert not np.array_equal(kept, one_a_cluster(clusters, 8))
    assert one_a_cluster(np.array(["a", "b"]), 0).all()


@given(st.integers(0, 2**31), st.sampled_from([0.05, 0.1, 0.2]), st.integers(2, 200))
def test_what_is_found_passes_its_own_test_and_less_is_judged_at_higher_thresholds(
    seed: int, alpha: float, n: int
) -> None:
    random = np.random.default_rng(seed)
    confidence = random.choice([0.5, 0.75, 1.0], (n, 2))
    wrong = (random.random((n, 2)) > confidence + 0.1).astype(float)
    found = threshold(confidence, wrong, alpha=alpha, delta=0.1)
    counts = [level.n for level in found.levels]
    assert counts == sorted(counts)
    if found.at is not None and found.upper is not None:
        assert found.upper <= alpha
        assert stats.binom.cdf(found.at.wrong, found.at.n, alpha) <= 0.1


def test_finer_confidences_than_can_be_tried_are_thinned() -> None:
    found = levels(np.linspace(0, 1, 3000)[:, None], np.zeros((3000, 1)))
    assert len(found) == selective.MOST_LEVELS
    assert (found[0].n, found[-1].n) == (1, 3000)


@pytest.mark.parametrize("n_levels", [3, 0])
def test_the_guarantee_is_broken_no_more_often_than_delta(n_levels: int) -> None:
    """400 draws of 150 units whose risk is near alpha everywhere: a bound that chance passes once in 1e4."""
    random = np.random.default_rng(20261121)
    broken = 0
    for _ in range(400):
        confidence = random.random(150)
        if n_levels:
            confidence = np.ceil(confidence * n_levels) / n_levels
        wrong = (random.random(150) < 0.2 + 0.1 * (1 - confidence)).astype(float)
        found = threshold(confidence, wrong, alpha=0.2, delta=0.1)
        broken += found.value is not None  # at every threshold the risk is 20 % or more
    assert stats.binom.sf(broken - 1, 400, 0.1) > 1e-4
