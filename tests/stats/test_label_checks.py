"""Labels that are said to be a random part of what was judged."""

from __future__ import annotations

import numpy as np
import pytest

from judge.stats.correction import Sample
from judge.stats.label_checks import of_design, of_values


def sample(labelled: np.ndarray, probs: float | np.ndarray | None, judged: np.ndarray) -> Sample:
    m = len(labelled)
    p = None if probs is None else np.broadcast_to(probs, m).astype(float)
    return Sample(judged, np.where(labelled, 1.0, np.nan), np.arange(m), p)


RANDOM = np.random.default_rng(1)
JUDGED = RANDOM.integers(0, 3, 400) / 2
EVEN = RANDOM.permutation(400) < 80


def test_a_random_part_with_its_probability_is_fine() -> None:
    (found,) = of_design([sample(EVEN, 0.2, JUDGED)])
    assert found.why_not == ""
    assert of_values([sample(EVEN, 0.2, JUDGED)], ["judge"]).why_not == ""


def test_labels_without_a_recorded_probability_are_hand_picked() -> None:
    (found,) = of_design([sample(EVEN, None, JUDGED)])
    assert "hand-picked" in found.why_not
    assert "judge labels draw" in found.why_not


def test_everything_labelled_needs_no_probability() -> None:
    (found,) = of_design([sample(np.ones(400, bool), None, JUDGED)])
    assert found.why_not == ""


def test_probability_one_beside_unlabelled_units_contradicts_itself() -> None:
    (found,) = of_design([sample(EVEN, 1.0, JUDGED)])
    assert "320 of 400 are not" in found.why_not


@pytest.mark.parametrize(("n", "is_fine"), [(80, True), (40, False)])
def test_a_share_that_the_probabilities_make_improbable_is_refused(n: int, is_fine: bool) -> None:
    """80 of 400 at .2 are to be expected; of 40 the binomial p is about 1e-7."""
    (found,) = of_design([sample(np.arange(400) < n, 0.2, JUDGED)])
    assert (found.why_not == "") == is_fine


def test_unequal_probabilities_are_held_against_the_number_of_units() -> None:
    probs = np.where(JUDGED == 0.5, 0.4, 0.1)
    labelled = RANDOM.random(400) < probs
    (fine,) = of_design([sample(labelled, probs, JUDGED)])
    assert fine.why_not == ""
    (off,) = of_design([sample(labelled, probs / 3, JUDGED)])
    assert "not a random part" in off.why_not


def test_labels_of_what_the_judge_doubted_are_seen_in_its_values() -> None:
    """Picked where the judge says .5: their mean is like all others', their spread is not."""
    picked = np.isin(np.arange(400), np.argsort(np.abs(JUDGED - 0.5), kind="stable")[:80])
    found = of_values([sample(picked, 0.2, JUDGED)], ["judge"])
    assert "spread" in found.why_not


def test_labels_of_what_the_judge_liked_are_seen_in_its_values() -> None:
    picked = np.isin(np.arange(400), np.argsort(-JUDGED, kind="stable")[:80])
    assert "not a random part" in of_values([sample(picked, 0.2, JUDGED)], ["judge"]).why_not


def test_a_judge_without_spread_says_nothing() -> None:
    assert of_values([sample(EVEN, 0.2, np.ones(400))], ["judge"]).warnings == ()
