"""How many labels it takes: the formulas against numbers computed by hand and by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from judge.doctor.needs import for_agreement, for_correction, for_items


def test_agreement_of_eighty_percent_takes_246_labels_for_5_points_and_62_for_10() -> None:
    """1.959964^2 * 0.8 * 0.2 / 0.05^2 = 245.85; with 0.10 a quarter of it, 61.46."""
    assert (for_agreement(0.05), for_agreement(0.10)) == (246, 62)


@pytest.mark.parametrize(
    ("correlation", "labels"), [(0.3, 294), (0.5, 243), (0.7, 165), (0.8, 117), (0.9, 62)]
)
def test_correction_takes_the_published_numbers_where_judged_items_are_plentiful(
    correlation: float, labels: int
) -> None:
    """METHODS 8.6: 323 (1 - r^2) at a rate of 0.7; 323 is itself rounded."""
    found = for_correction(0.05, 10**9, rate=0.7, correlation=correlation)
    assert found == pytest.approx(labels, abs=1)


def test_correction_of_805_judged_items_takes_256_labels() -> None:
    """n0 = 1.959964^2 * 0.25 / 0.0025 = 384.146; 0.51 / (1 / 384.146 - 0.49 / 805) = 255.7."""
    assert for_correction(0.05, 805) == 256


def test_correction_has_no_number_where_all_items_are_too_few() -> None:
    """384.1 labels alone give +-5 points; of 385 it takes 0.51 / (1/384.146 - 0.49/385) = 383.3."""
    assert for_correction(0.05, 384) is None
    assert for_correction(0.05, 385) == 384


def test_no_correction_rests_on_fewer_than_thirty_labels() -> None:
    assert for_correction(0.4, 1000) == 30


def test_the_number_gives_the_width_that_was_asked_for() -> None:
    """PPI++ with lambda = r sd(y) / sd(f) over many draws: its half width is what it should be."""
    judged, correlation, draws = 1000, 0.7, 4000
    n = for_correction(0.05, judged, correlation=correlation)
    assert n is not None
    random = np.random.default_rng(5)
    # Two normal values with that correlation and the standard deviation of a rate of one half.
    people = 0.5 * random.standard_normal((draws, judged))
    noise = 0.5 * random.standard_normal((draws, judged))
    judge = correlation * people + math.sqrt(1 - correlation**2) * noise
    weight = correlation / (1 + n / (judged - n))
    corrected = people[:, :n].mean(axis=1) + weight * (
        judge[:, n:].mean(axis=1) - judge[:, :n].mean(axis=1)
    )
    assert 1.959964 * corrected.std() == pytest.approx(0.05, rel=0.04)


def test_items_of_one_cluster_may_say_the_same() -> None:
    """999 items in 170 clusters: 246 * 999 / 170 = 1445.6."""
    five, ten = for_items(170, 999)
    assert (five.items, five.items_clustered, five.file_items) == (246, 1446, 999)
    assert (ten.items, ten.items_clustered) == (62, 365)
    assert five.best_half_width == pytest.approx(1.959964 * 0.4 / math.sqrt(999), rel=1e-6)
    assert five.best_clustered == pytest.approx(1.959964 * 0.4 / math.sqrt(170), rel=1e-6)


def test_no_items_need_no_labels() -> None:
    assert list(for_items(0, 0)) == []
