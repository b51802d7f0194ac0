"""What in one run stands for what in another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from judge.diff.match import Roles, common, facts_of, rubrics, systems
from judge.errors import InputError
from judge.types import Item, Response


def test_systems_of_one_name_are_one_system_and_nothing_is_said() -> None:
    run = Roles(("tuned", "base"), "base")
    names, said = systems([run, run], {})
    assert names == [{"tuned": "tuned", "base": "base"}] * 2
    assert said == []


def test_the_only_system_that_each_run_has_for_itself_takes_the_others_place_and_it_is_said() -> (
    None
):
    names, said = systems([Roles(("one", "base"), "base"), Roles(("two", "base"), "base")], {})
    assert names[1] == {"two": "one", "base": "base"}
    assert "two of run 2 is taken for one of run 1" in said[0]


def test_a_system_does_not_take_the_place_of_a_baseline() -> None:
    """Run 1: new against base; run 2: base against old. To take old for new would turn the question."""
    names, said = systems([Roles(("new", "base"), "base"), Roles(("base", "old"), "old")], {})
    assert names[1] == {"base": "base", "old": "old"}
    assert said == []


def test_two_that_differ_are_not_guessed_at() -> None:
    names, _ = systems([Roles(("a", "b", "base")), Roles(("c", "d", "base"))], {})
    assert names[1] == {"c": "c", "d": "d", "base": "base"}


def test_what_the_caller_maps_goes_before_the_place() -> None:
    runs = [Roles(("a", "b", "base")), Roles(("c", "d", "base"))]
    names, said = systems(runs, {"c": "b"})
    assert names[1] == {"c": "b", "d": "a", "base": "base"}
    assert len(said) == 1


def test_two_names_can_be_exchanged() -> None:
    names, _ = systems([Roles(("a", "b")), Roles(("a", "b"))], {"a": "b", "b": "a"})
    assert names[1] == {"a": "b", "b": "a"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"nobody": "one"}, "no later run has a system nobody"),
        ({"two": "nobody"}, "the first run has no system nobody"),
        ({"two": "base"}, "two systems for base"),
    ],
)
def test_a_map_that_cannot_be_meant_is_refused(given: dict[str, str], said: str) -> None:
    runs = [Roles(("one", "base"), "base"), Roles(("two", "base"), "base")]
    with pytest.raises(InputError, match=said):
        systems(runs, given)


def test_a_new_version_of_the_only_rubric_takes_its_place() -> None:
    assert rubrics(["help@1"], ["help@2"]) == {"help@2": "help@1"}
    assert rubrics(["help@1", "safe@1"], ["safe@1", "help@2"]) == {
        "safe@1": "safe@1",
        "help@2": "help@1",
    }
    assert rubrics(["help@1", "safe@1"], ["x@1", "y@1"]) == {"x@1": "x@1", "y@1": "y@1"}


ITEM = Item("i1", ("question",), (Response("base", ("answer",)),))


def test_an_item_with_another_prompt_under_its_id_is_not_the_same_item() -> None:
    other = facts_of(replace(ITEM, prompt=("another question",)))
    answered = facts_of(replace(ITEM, responses=(Response("base", ("another answer",)),)))
    assert common([{"i1": facts_of(ITEM)}, {"i1": other}]) == frozenset()
    assert common([{"i1": facts_of(ITEM)}, {"i1": answered}]) == {"i1"}
