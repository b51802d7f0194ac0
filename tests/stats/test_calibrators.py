"""Maps from a judge's values to people's, and whether they hold elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.stats.calibrators import (
    audited,
    brier,
    cross_fitted,
    expected_calibration_error,
    fitted,
    isotonic,
    kind_for,
    platt,
    transported,
)
from judge.stats.correction import Sample, ppi

J = np.array([1, 2, 2, 3, 3, 3, 4, 4, 5, 5], dtype=float)
Y = np.array([0, 0, 1, 0, 1, 0, 1, 1, 1, 1], dtype=float)
POINTS = np.arange(1, 6, dtype=float)


def test_isotonic_of_the_worked_example() -> None:
    """At 2 and 3 people's means are .5 and 1/3, which fall: together 2 of 5."""
    assert isotonic(J, Y)(POINTS) == pytest.approx([0, 0.4, 0.4, 1, 1])


def test_platt_of_the_worked_example() -> None:
    """METHODS 8.5 gives the fit with targets 0 and 1; with 7/8 and 1/6 it is flatter."""
    plain = platt(J, Y, is_smoothed=False)(POINTS)
    assert plain == pytest.approx([0.0649, 0.2411, 0.5926, 0.8695, 0.9683], abs=1e-4)
    smoothed = platt(J, Y)(POINTS)
    assert smoothed[0] > plain[0]
    assert smoothed[-1] < plain[-1]


def test_the_isotonic_mean_of_its_own_labels_is_theirs_and_proves_nothing() -> None:
    assert isotonic(J, Y)(J).mean() == pytest.approx(Y.mean())


@pytest.mark.parametrize(
    ("n", "kind"),
    [(49, "Platt"), (50, "isotonic, pooled"), (200, "isotonic, pooled"), (201, "isotonic")],
)
def test_the_map_grows_with_the_labels(n: int, kind: str) -> None:
    assert kind_for(n) == kind


@given(st.integers(0, 10_000), st.integers(1, 12))
@settings(max_examples=40, deadline=None)
def test_maps_rise_and_stay_on_the_scale(seed: int, in_bin: int) -> None:
    random = np.random.default_rng(seed)
    judged, human = random.integers(1, 6, 60).astype(float), random.random(60)
    at = np.linspace(-5, 12, 40)
    for found in (isotonic(judged, human, in_bin), platt(judged, human)):
        values = found(at)
        assert ((values >= 0) & (values <= 1)).all()
    assert (np.diff(isotonic(judged, human, in_bin)(at)) >= -1e-12).all()


def test_a_judge_that_says_one_thing_has_a_flat_map() -> None:
    assert np.ptp(platt(np.ones(20), np.tile([0.0, 1.0], 10))(POINTS)) == 0.0


def sample(seed: int, n: int = 100, m: int = 600) -> Sample:
    """A judge whose scores 1 to 5 say much, and on another scale than people's 0 to 1."""
    random = np.random.default_rng(seed)
    y = random.random(m) < 0.6
    judged = np.clip(np.round(np.where(y, 4.2, 3.0) + random.normal(size=m)), 1, 5)
    return Sample(judged, np.where(random.permutation(m) < n, y, np.nan), np.arange(m))


def test_a_label_has_no_part_in_its_own_mapped_value() -> None:
    whole = sample(1)
    place = int(np.flatnonzero(whole.is_labelled)[0])
    changed = whole.human.copy()
    changed[place] = 1 - changed[place]
    one = cross_fitted(whole, seed=3)
    two = cross_fitted(Sample(whole.judged, changed, whole.clusters), seed=3)
    assert one is not None
    assert two is not None
    assert one.sample.judged[place] == two.sample.judged[place]


def test_a_map_does_not_bend_the_corrected_mean() -> None:
    values = []
    for seed in range(150):
        found = cross_fitted(sample(seed), seed=seed)
        assert found is not None
        values.append(ppi(found.sample).estimate.value or 0.0)
    assert abs(np.mean(values) - 0.6) < 4 * np.std(values) / np.sqrt(150)


def test_folds_are_of_whole_clusters_and_need_five() -> None:
    few = Sample(np.arange(20.0), np.full(20, 1.0), np.repeat(np.arange(4), 5))
    assert cross_fitted(few, seed=0) is None


def test_a_map_that_is_off_for_a_system_fails_and_one_that_is_not_passes() -> None:
    random = np.random.default_rng(5)
    mapped = random.random(400) * 0.4 + 0.3
    human = (random.random(400) < mapped).astype(float)
    clusters = np.arange(400)
    assert audited(human, mapped, clusters, 0.1).said == "PASS"
    assert audited(human, mapped - 0.25, clusters, 0.1).said == "FAIL"
    assert audited(human[:20], mapped[:20], clusters[:20], 0.1).said == "INCONCLUSIVE"
    assert audited(human[:10], mapped[:10] - 0.9, clusters[:10], 0.1).said == "INCONCLUSIVE"


def labelled(n: int, random: np.random.Generator, kinder: float = 0.0) -> Sample:
    """People prefer .6 of n items, all labelled; a judge's value follows them with noise."""
    y = (random.random(n) < 0.6).astype(float)
    f = np.clip(random.normal(0.35 + 0.3 * y, 0.2) + kinder, 0, 1).round(1)
    return Sample(f, y, np.arange(n))


def test_a_map_from_few_labels_does_not_accuse_a_judge_that_is_no_fonder_of_a_system() -> None:
    """60 labels give the map, 300 of a system that the judge treats alike test it: FAIL in 5 % at most.

    Taking the map for known, FAIL came in more than a third of such draws.
    """
    random = np.random.default_rng(9)
    said, plain = [], []
    for _ in range(150):
        own, other = labelled(300, random), labelled(60, random)
        audit = transported(own, [other], 0.05, bounds=(0.0, 1.0))
        assert audit is not None
        said.append(audit.said)
        mapped = fitted(other.judged, other.human, kind_for(60))(own.judged)
        plain.append(audited(own.human, mapped, own.clusters, 0.05).said)
    assert said.count("FAIL") <= 14  # exceeded in 1 of 100 where it is 5 %
    assert plain.count("FAIL") > 50


def test_a_judge_that_is_fonder_of_a_system_is_told_from_one_map() -> None:
    random = np.random.default_rng(4)
    audit = transported(
        labelled(400, random, kinder=0.3), [labelled(400, random)], 0.05, bounds=(0.0, 1.0)
    )
    assert audit is not None
    assert audit.said == "FAIL"
    assert transported(labelled(40, random), [labelled(9, random)], 0.1, bounds=(0.0, 1.0)) is None


def test_good_probabilities_have_a_small_calibration_error() -> None:
    random = np.random.default_rng(6)
    p = random.random(20_000)
    y = (random.random(20_000) < p).astype(float)
    assert expected_calibration_error(y, p) < 0.015
    # Always .9 where .5 is true is off by .4; Brier of a fair coin called .5 is .25.
    assert expected_calibration_error(np.tile([0.0, 1.0], 50), np.full(100, 0.9)) == pytest.approx(
        0.4
    )
    assert brier(np.tile([0.0, 1.0], 50), np.full(100, 0.5)) == 0.25
