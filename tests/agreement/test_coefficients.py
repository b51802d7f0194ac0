"""Agreement coefficients against published numbers and second implementations."""

from __future__ import annotations

from typing import get_args

import evalica
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.agreement.cohen_kappa import Weights, cohen_kappa
from judge.agreement.krippendorff_alpha import krippendorff_alpha
from judge.agreement.percent import percent
from judge.errors import InputError
from judge.registry import load
from judge.types import Level

N = None
# Krippendorff 2011, four observers and twelve units.
CANONICAL = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
]
WORDS = {1: "poor", 2: "fair", 3: "good", 4: "fine", 5: "best"}  # not in the alphabet's order


@pytest.mark.parametrize("name", ["percent", "cohen_kappa", "krippendorff_alpha"])
def test_the_registry_finds_the_coefficient_by_its_name(name: str) -> None:
    assert load("coefficients", name).name == name


# -- Krippendorff's alpha ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.7434), ("ordinal", 0.8154), ("interval", 0.8491)]
)
def test_alpha_of_the_canonical_data(level: Level, alpha: float) -> None:
    found = krippendorff_alpha(*CANONICAL, level=level)
    assert found.value == pytest.approx(alpha, abs=5e-5)
    assert (found.n, found.n_missing) == (11, 1)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(st.none() | st.integers(1, 5), min_size=3, max_size=3), min_size=2, max_size=12
    ),
    st.sampled_from(["nominal", "ordinal", "interval"]),
)
def test_alpha_is_that_of_evalica(items: list[list[int | None]], level: Level) -> None:
    raters = list(zip(*items, strict=True))
    found = krippendorff_alpha(*raters, level=level)
    if found.value is not None:
        expected = evalica.alpha(pd.DataFrame(raters, dtype=float), level).alpha
        assert found.value == pytest.approx(expected, abs=1e-9)
    else:
        paired = [{x for x in item if x} for item in items if sum(x is not None for x in item) > 1]
        assert len(set().union(*paired)) < 2


def test_ordinal_words_go_by_the_order_of_the_scale_and_not_by_the_alphabet() -> None:
    words = [[WORDS[x] if x else None for x in rater] for rater in CANONICAL]
    found = krippendorff_alpha(*words, level="ordinal", labels=list(WORDS.values()))
    assert found.value == pytest.approx(0.8154, abs=5e-5)
    with pytest.raises(InputError, match="pass numbers, or `labels` in their order"):
        krippendorff_alpha(*words, level="ordinal")
    with pytest.raises(InputError, match="interval alpha of words"):
        krippendorff_alpha(*words, level="interval", labels=list(WORDS.values()))


def test_nominal_alpha_does_not_hang_on_the_names_of_labels() -> None:
    words = [[WORDS[x] if x else None for x in rater] for rater in CANONICAL]
    assert krippendorff_alpha(*words).value == pytest.approx(0.7434, abs=5e-5)


@pytest.mark.parametrize(
    ("raters", "why"),
    [
        ([["a", "a"], ["a", "a"]], "no variation"),
        ([["a", "a", "b"], ["a", "a", None]], "no variation"),
        ([["a", None], [None, "b"]], "no item has two labels"),
    ],
)
def test_alpha_without_variation_is_undefined_and_not_1(
    raters: list[list[str | None]], why: str
) -> None:
    found = krippendorff_alpha(*raters)
    assert found.value is None
    assert why in found.note


def test_a_label_outside_the_scale_is_refused() -> None:
    with pytest.raises(InputError, match="labels outside the scale"):
        krippendorff_alpha([1, 2], [1, 7], level="ordinal", labels=[1, 2, 3])
    with pytest.raises(InputError, match="label 7 is not on the scale"):
        cohen_kappa([1, 2], [1, 7], labels=[1, 2, 3])


# -- Cohen's kappa -------------------------------------------------------------------------------


def spread(table: list[list[int]]) -> tuple[list[int], list[int]]:
    """The two label sequences of a table of counts."""
    cells = [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
    return [i for i, _ in cells], [j for _, j in cells]


def test_kappa_of_a_two_by_two_table() -> None:
    """[[20, 5], [10, 15]]: po .7, pe .5, kappa .4, standard error .126996."""
    found = cohen_kappa(*spread([[20, 5], [10, 15]]), labels=[0, 1])
    assert found.value == pytest.approx(0.4)
    assert found.se == pytest.approx(0.126996, abs=5e-7)
    assert (found.ci_low, found.ci_high) == pytest.approx((0.1511, 0.6489), abs=5e-5)


def test_the_kappa_paradox_is_shown_next_to_percent_agreement() -> None:
    """[[118, 5], [2, 0]]: 94.4 % agree, kappa -.02339, and always 0 would agree as often or more."""
    judge, rater = spread([[118, 5], [2, 0]])
    assert cohen_kappa(judge, rater, labels=[0, 1]).value == pytest.approx(-0.02339, abs=5e-6)
    found = percent(judge, rater)
    assert found.value == pytest.approx(118 / 125)
    assert found.note.startswith("always 0 would agree on 0.960")


@pytest.mark.parametrize(("weights", "kappa"), [("linear", 0.63636), ("quadratic", 0.83333)])
def test_weighted_kappa(weights: Weights, kappa: float) -> None:
    x, y = [1, 2, 3, 4, 5, 3, 2, 4], [1, 3, 3, 4, 4, 2, 2, 5]
    found = cohen_kappa(x, y, labels=[1, 2, 3, 4, 5], weights=weights)
    assert found.value == pytest.approx(kappa, abs=5e-6)


def test_weighted_kappa_hangs_on_the_full_scale() -> None:
    """Quadratic kappa of 1 2 5 against 1 5 5: .597 on 1..5; .80 if only the labels used counted."""
    x, y = [1, 2, 5], [1, 5, 5]
    full = cohen_kappa(x, y, labels=[1, 2, 3, 4, 5], weights="quadratic")
    used = cohen_kappa(x, y, labels=[1, 2, 5], weights="quadratic")
    assert full.value == pytest.approx(0.597, abs=5e-4)
    assert used.value == pytest.approx(0.80, abs=5e-3)


def test_kappa_leaves_out_and_counts_items_without_both_labels() -> None:
    found = cohen_kappa(["a", "b", None, "a"], ["a", "b", "b", None], labels=["a", "b"])
    assert (found.n, found.n_missing, found.value) == (2, 2, 1.0)
    assert found.ci_low is None  # its asymptotic variance is 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=2, max_size=8).filter(lambda x: len(set(x)) > 1))
def test_perfect_agreement_has_kappa_1_and_no_interval(labels: list[int]) -> None:
    """Its asymptotic variance is a difference of equal numbers, which rounding takes below 0."""
    for weights in get_args(Weights):
        found = cohen_kappa(labels, labels, labels=range(5), weights=weights)
        assert found.value == pytest.approx(1.0)
        assert (found.se, found.ci_low, found.ci_high) == (0.0, None, None)
        assert found.note == "no interval: the asymptotic standard error is 0"


def test_kappa_of_one_label_is_undefined_and_of_one_constant_rater_0() -> None:
    same = cohen_kappa(["a", "a"], ["a", "a"], labels=["a", "b"])
    assert same.value is None
    assert "no variation" in same.note
    assert cohen_kappa([None], ["a"], labels=["a"]).note == "no item has a label of both"
    constant = cohen_kappa(["a", "a", "a"], ["a", "b", "a"], labels=["a", "b"])
    assert (constant.value, constant.se, constant.ci_low) == (0.0, None, None)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=4, max_size=30))
def test_nominal_kappa_does_not_hang_on_names_or_sides(pairs: list[tuple[str, str]]) -> None:
    x, y = [a for a, _ in pairs], [b for _, b in pairs]
    found = cohen_kappa(x, y, labels=list("abc")).value
    assert cohen_kappa(y, x, labels=list("cab")).value == (
        None if found is None else pytest.approx(found)
    )


# -- percent agreement ---------------------------------------------------------------------------


def test_an_item_counts_once_however_many_raters_it_has() -> None:
    """Items agree with 2 of 2, 1 of 2, 0 of 1: mean .5, where single labels would give 3 of 5."""
    found = percent(["a", "a", "a"], ["a", "a", "b"], ["a", "b", None])
    assert found.value == pytest.approx(0.5)
    assert found.n == 3


def test_percent_leaves_out_and_counts_items_without_both() -> None:
    found = percent(["a", None, "b"], ["a", "a", None])
    assert (found.value, found.n, found.n_missing) == (1.0, 1, 2)
    empty = percent([None], ["a"])
    assert empty.value is None
    assert empty.note == "no item has a label of the judge and of a rater"


def test_the_interval_of_percent_is_that_of_a_mean_over_items() -> None:
    found = percent(list("aabb"), list("abbb"))
    half = np.std([1, 0, 1, 1], ddof=1) / 2
    assert found.se == pytest.approx(half)
