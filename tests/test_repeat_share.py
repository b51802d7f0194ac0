"""Asking a random share of items again: the plan, its count, and that no value moves by it."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter

import pytest
from factories import items, judge, plan
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.plan import Plan, forecast


def shared(number: int, share: float, *, repeats: int = 3, seed: int = 0) -> Plan:
    whole = plan(items(number), [judge()], repeats=repeats, seed=seed)
    return dataclasses.replace(whole, repeat_share=share)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.01, 1), st.integers(0, 1_000))
def test_count_is_the_number_of_places_and_every_item_is_asked_once_or_always(
    share: float, seed: int
) -> None:
    made = shared(40, share, seed=seed)
    asked = Counter(trial.item_id for _, trial in made.places(judge()))
    assert made.count() == asked.total()
    assert set(asked.values()) <= {2, 6}
    assert len(asked) == 40


def test_the_share_is_that_of_the_items() -> None:
    made = shared(2_000, 0.2)
    again = sum(made.repeats_of(i, made.pairs[0]) > 1 for i in made.items)
    assert abs(again / 2_000 - 0.2) < 4 * 0.4 / math.sqrt(2_000)


def test_a_larger_share_holds_the_items_of_a_smaller_one() -> None:
    """So that whoever asks for more pays for what is new alone."""
    few, many = shared(200, 0.1), shared(200, 0.5)
    first = {t.trial_id for t, _ in few.trials(judge())}
    assert first < {t.trial_id for t, _ in many.trials(judge())}


def test_without_a_share_everything_is_repeated() -> None:
    assert shared(10, 1.0).count() == plan(items(10), [judge()], repeats=3).count() == 60


def test_a_forecast_counts_the_share() -> None:
    made = shared(100, 0.3)
    assert forecast(made, 4).calls == made.count() < 600


def test_a_repeat_is_a_question_with_a_key_of_its_own_and_never_out_of_a_cache() -> None:
    trials = [trial for trial, _ in shared(3, 1.0).trials(judge())]
    assert len({trial.content_key for trial in trials}) == len(trials) == 18


@pytest.mark.parametrize("seed", [0, 1])
def test_the_draw_hangs_on_seed_and_item_alone(seed: int) -> None:
    one, more = shared(20, 0.5, seed=seed), shared(30, 0.5, seed=seed)
    assert [one.repeats_of(i, one.pairs[0]) for i in one.items] == [
        more.repeats_of(i, more.pairs[0]) for i in one.items
    ]
