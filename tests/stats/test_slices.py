"""How items are told apart: by name, by number, in thirds, and never by what came out."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import InputError
from judge.stats.slices import Slice, by_length, by_value, tells_apart, thirds


def numbered(numbers: list[float]) -> dict[str, float]:
    return {f"i{n}": number for n, number in enumerate(numbers)}


def test_nine_lengths_are_three_short_three_medium_and_three_long() -> None:
    found = by_length("prompt_length", numbered([10, 20, 30, 40, 50, 60, 70, 80, 1900]))
    assert Counter(found.of.values()) == {"short": 3, "medium": 3, "long": 3}
    assert found.values == ("short", "medium", "long")
    assert found.note == ("short is up to 30 characters, medium up to 60, long is above 60")
    assert found.label("long") == "prompt_length=long"


def test_ties_are_never_split_and_no_third_is_empty() -> None:
    """Six of 10, one of 20, one of 30: the cut after 10 is the only one that comes near a third."""
    found = by_length("prompt_length", numbered([10] * 6 + [20, 30]))
    assert Counter(found.of.values()) == {"short": 6, "medium": 1, "long": 1}


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_thirds_hold_something_each_and_equal_numbers_stay_together(numbers: list[int]) -> None:
    bounds = thirds([float(n) for n in numbers])
    if len(set(numbers)) < 3:
        assert bounds is None
        return
    assert bounds is not None
    low, high = bounds
    assert min(numbers) <= low < high < max(numbers)
    assert {low, high} <= set(numbers)


@given(st.lists(st.integers(0, 10_000), min_size=3, max_size=60, unique=True))
def test_thirds_of_distinct_numbers_are_as_even_as_can_be(numbers: list[int]) -> None:
    low, high = thirds([float(n) for n in numbers]) or (math.nan, math.nan)
    sizes = [
        sum(n <= low for n in numbers),
        sum(low < n <= high for n in numbers),
        sum(n > high for n in numbers),
    ]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("lengths", [[], [5], [5, 5, 5], [5, 5, 9]])
def test_fewer_than_three_lengths_tell_nothing_apart_and_say_so(lengths: list[float]) -> None:
    found = by_length("prompt_length", numbered(lengths))
    assert (found.of, found.values) == ({}, ())
    assert "fewer than three" in found.note


def test_an_item_without_a_length_is_in_no_third() -> None:
    found = by_length("prompt_length", numbered([1, 2, 3, math.nan]))
    assert set(found.of) == {"i0", "i1", "i2"}


def test_names_are_slices_in_the_order_of_their_names() -> None:
    found = by_value("topic", {"i1": "math", "i2": "code", "i3": "math", "i4": None, "i5": ""})
    assert found == Slice("topic", {"i1": "math", "i2": "code", "i3": "math"}, ("code", "math"))


def test_few_numbers_are_slices_in_the_order_of_their_values_also_as_texts() -> None:
    assert by_value("level", {"i1": 10, "i2": 9.0, "i3": 2}).values == ("2", "9", "10")
    assert by_value("level", {"i1": "10", "i2": "9", "i3": "2"}).values == ("2", "9", "10")


@pytest.mark.parametrize("written", [float, str])
def test_many_numbers_are_cut_into_thirds_with_their_bounds(written: type) -> None:
    found = by_value("difficulty", {f"i{n}": written(n) for n in range(12)})
    assert Counter(found.of.values()) == {"low": 4, "middle": 4, "high": 4}
    assert found.note == "low is up to 3, middle up to 7, high is above 7"
    ten = by_value("difficulty", {f"i{n}": written(n) for n in range(10)})
    assert len(ten.values) == 10


def test_true_and_false_are_names() -> None:
    assert by_value("hard", {"i1": True, "i2": False}).values == ("false", "true")


def test_too_many_names_are_refused_with_their_number() -> None:
    with pytest.raises(InputError, match=r"--slice user: has 51 different values"):
        by_value("user", {f"i{n}": f"user {n}" for n in range(51)})


def test_a_list_is_no_slice() -> None:
    with pytest.raises(InputError, match=r"--slice tags: item 'i1' holds \['a'\]"):
        by_value("tags", {"i1": ["a"]})


def test_items_without_a_value_are_apart_from_those_with_one() -> None:
    only = by_value("topic", {"i1": "math"})
    assert not tells_apart(only, {"i1"})
    assert tells_apart(only, {"i1", "i2"})
