"""Shares corrected by sensitivity and specificity."""

from __future__ import annotations

import pytest

from judge.stats.rogan_gladen import RightOf, allocation, rogan_gladen


@pytest.mark.parametrize(
    ("said", "negatives", "positives", "value", "ends"),
    [
        # (.4 + .7 - 1) / (.7 + .9 - 1) = .166667
        (RightOf(400, 1000), RightOf(140, 200), RightOf(180, 200), 0.166667, (0.056351, 0.262733)),
        # (.8 + .85 - 1) / (.85 + .9 - 1) = .866667
        (RightOf(400, 500), RightOf(34, 40), RightOf(54, 60), 0.866667, (0.774466, 0.992831)),
    ],
)
def test_the_papers_examples(
    said: RightOf,
    negatives: RightOf,
    positives: RightOf,
    value: float,
    ends: tuple[float, float],
) -> None:
    e = rogan_gladen(said, negatives, positives)
    assert e.value == pytest.approx(value, abs=1e-6)
    assert (e.ci_low, e.ci_high) == pytest.approx(ends, abs=1e-6)


@pytest.mark.parametrize(
    ("negatives", "positives"),
    [
        (RightOf(20, 40), RightOf(20, 40)),  # a coin
        (
            RightOf(10, 40),
            RightOf(10, 40),
        ),  # worse than a coin: the plain formula inverts its interval
        (RightOf(23, 40), RightOf(24, 40)),  # J .175
        (RightOf(3, 5), RightOf(4, 5)),  # J .4, but of ten labels: its interval holds 0
    ],
)
def test_a_judge_that_is_not_clearly_better_than_a_coin_is_refused(
    negatives: RightOf, positives: RightOf
) -> None:
    e = rogan_gladen(RightOf(50, 100), negatives, positives)
    assert e.value is None
    assert "too near 0" in e.note


def test_no_labels_of_a_class_are_refused() -> None:
    assert rogan_gladen(RightOf(5, 10), RightOf(0, 0), RightOf(5, 6)).value is None


def test_labels_go_where_they_narrow_the_interval_most() -> None:
    """kappa = (10 * .3 + 1) / (10 * .1 + 1) = 2; 200 / (1 + 1.5 sqrt 2) = 64 to the positives."""
    assert allocation(0.4, 0.7, 0.9, 10, 200) == (136, 64)
