"""Intervals of shares: published numbers, a second implementation, and what holds for all counts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from judge.stats.proportions import (
    Ends,
    bonett_price,
    clopper_pearson,
    mcnemar_exact,
    rate,
    wilson,
)

counts = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("k", "n", "ends"),
    [
        (0, 20, (0.0, 0.1611)),  # z^2 / (20 + z^2) = 3.8415 / 23.8415
        (8, 10, (0.4902, 0.9433)),
        (45, 60, (0.6277, 0.8422)),
        (60, 100, (0.5020, 0.6906)),  # .690599
    ],
)
def test_wilson_has_the_worked_ends(k: int, n: int, ends: Ends) -> None:
    assert wilson(k, n) == pytest.approx(ends, abs=5e-5)


def test_clopper_pearson_of_one_side_has_the_worked_ends() -> None:
    """0 of 30: 1 - 0.05 ** (1/30) = .0950; 3 of 60 at 90 %: .107965."""
    assert clopper_pearson(0, 30, side="upper") == pytest.approx((0.0, 1 - 0.05 ** (1 / 30)))
    assert clopper_pearson(0, 30, side="upper")[1] == pytest.approx(0.095, abs=5e-4)
    assert clopper_pearson(3, 60, 0.9, side="upper")[1] == pytest.approx(0.107965, abs=5e-7)
    assert clopper_pearson(30, 30, side="lower") == pytest.approx((0.05 ** (1 / 30), 1.0))


def test_bonett_price_has_the_worked_ends() -> None:
    """b 9, c 2, n 40: 10/42 - 3/42 = .16667, half 1.96 * sqrt((.30952 - .02778) / 42) = .16053."""
    assert bonett_price(9, 2, 40) == pytest.approx((0.0061, 0.3272), abs=5e-5)


def test_exact_mcnemar_has_the_worked_p() -> None:
    assert mcnemar_exact(21, 6) == pytest.approx(0.0059246, abs=5e-8)
    assert mcnemar_exact(28, 12) == pytest.approx(0.016589, abs=5e-7)
    assert mcnemar_exact(0, 0) == 1.0


def random_counts(seed: int) -> list[tuple[int, int, float]]:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 400, 100)
    return [(int(rng.integers(0, n + 1)), int(n), float(rng.uniform(0.6, 0.999))) for n in sizes]


@pytest.mark.parametrize(("ours", "method"), [(wilson, "wilson"), (clopper_pearson, "beta")])
def test_100_random_counts_agree_with_statsmodels(
    ours: Callable[[int, int, float], Ends], method: str
) -> None:
    for k, n, confidence in random_counts(1):
        theirs = proportion_confint(k, n, alpha=1 - confidence, method=method)
        assert ours(k, n, confidence) == pytest.approx(theirs, abs=1e-10)


def test_exact_mcnemar_of_100_random_tables_agrees_with_statsmodels() -> None:
    rng = np.random.default_rng(2)
    for b, c in rng.integers(0, 60, (100, 2)).tolist():
        assert mcnemar_exact(b, c) == pytest.approx(mcnemar([[5, b], [c, 5]], exact=True).pvalue)


@settings(max_examples=60, deadline=None)
@given(counts, st.floats(0.6, 0.99))
def test_the_exact_interval_holds_the_share_and_mirrors(
    count: tuple[int, int], confidence: float
) -> None:
    k, n = count
    for ends in (wilson, clopper_pearson):
        low, high = ends(k, n, confidence)
        assert 0 <= low <= k / n <= high <= 1
        assert low < high
        assert ends(n - k, n, confidence) == pytest.approx((1 - high, 1 - low), abs=1e-12)
    one_sided = clopper_pearson(k, n, (1 + confidence) / 2, side="upper")[1]
    assert one_sided == pytest.approx(clopper_pearson(k, n, confidence)[1])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_the_paired_interval_turns_with_its_sides_and_always_has_a_width(
    b: int, c: int, same: int
) -> None:
    n = b + c + same + 1
    low, high = bonett_price(b, c, n)
    assert -1 <= low < high <= 1
    assert bonett_price(c, b, n) == pytest.approx((-high, -low))
    assert mcnemar_exact(b, c) == mcnemar_exact(c, b)


@pytest.mark.slow
def test_the_paired_interval_covers_as_often_as_it_says() -> None:
    """30 items, changes .2 one way and .1 the other: METHODS finds .965 of 95 %."""
    rng = np.random.default_rng(20261121)
    drawn = rng.multinomial(30, [0.2, 0.1, 0.7], 4000)
    hits = [low <= 0.1 <= high for b, c, _ in drawn for low, high in [bonett_price(b, c, 30)]]
    assert 0.945 <= np.mean(hits) <= 0.98


@pytest.mark.parametrize(("k", "n"), [(0, 0), (-1, 3), (4, 3)])
def test_counts_that_cannot_be_are_refused(k: int, n: int) -> None:
    for ends in (wilson, clopper_pearson):
        with pytest.raises(ValueError, match="from 0 to the number of trials"):
            ends(k, n)


def test_paired_counts_that_cannot_be_are_refused() -> None:
    for b, c, n in ((3, 3, 5), (-1, 2, 5)):
        with pytest.raises(ValueError, match="from 0 to the number of trials"):
            bonett_price(b, c, n)
    with pytest.raises(ValueError, match="from 0"):
        mcnemar_exact(-1, 2)


def test_a_share_of_nothing_is_undefined() -> None:
    found = rate(0, 0, name="share", n_missing=3, note="none was asked")
    assert (found.value, found.n_missing, found.note) == (None, 3, "none was asked")
    assert rate(0, 0, name="share").note == "no values"


def test_a_share_stands_with_its_interval() -> None:
    found = rate(45, 60, name="share")
    assert (found.value, found.n, found.method) == (0.75, 60, "Wilson interval")
    assert (found.ci_low, found.ci_high) == pytest.approx((0.6277, 0.8422), abs=5e-5)
