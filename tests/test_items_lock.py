"""The lock of a set of items: it follows the set through its changes, and holds against an editor."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import InputError
from judge.items_lock import Lock, Print, drift, line, prints, read, set_hash
from judge.types import Item

PRINTS = st.tuples(
    st.sampled_from(["p1", "p2"]), st.sampled_from([None, "r"]), st.sampled_from([None, "c"])
)
SETS = st.dictionaries(st.sampled_from("abcdef"), PRINTS, max_size=6)


def written(sets: list[Mapping[str, Print]]) -> str:
    """The file that locking one set after the other makes."""
    lock: Lock | None = None
    text = ""
    for n, items in enumerate(sets):
        text += line(lock, items, locked_at=f"day {n}", reason=f"because {n}") + "\n"
        lock = read(text, "items.lock")
    return text


@given(st.lists(SETS, min_size=1, max_size=5))
def test_a_lock_comes_to_the_set_that_was_locked_last(sets: list[dict[str, Print]]) -> None:
    lock = read(written(sets), "items.lock")
    assert dict(lock.items) == sets[-1]
    assert not drift(lock.items, sets[-1])
    assert [entry.reason for entry in lock.entries] == [f"because {n}" for n in range(len(sets))]
    assert lock.entries[-1].items_hash == set_hash(sets[-1])


ONE: Mapping[str, Print] = {"a": ("p1", None, "c"), "b": ("p2", "r", None)}
TWO: Mapping[str, Print] = {"a": ("p9", None, "c"), "c": ("p3", None, None)}


def test_a_later_line_holds_only_what_changed() -> None:
    _, last = written([ONE, TWO]).splitlines()
    told = json.loads(last)
    assert (told["count"], list(told["added"]), list(told["changed"])) == (2, ["c"], ["a"])
    assert told["removed"] == ["b"]


@pytest.mark.parametrize(
    ("old", "new", "number"),
    [
        ('"p1"', '"p8"', 1),
        ('"p9"', '"p8"', 2),
        ('"count":2', '"count":3', 1),
        ('"removed":["b"]', '"removed":["z"]', 2),
        ('"changed"', '"added"', 2),
        ('"format"', '"from"', 1),
        ("{", "", 1),
    ],
)
def test_an_edited_line_is_refused_and_named(old: str, new: str, number: int) -> None:
    lines = written([ONE, TWO]).split("\n")
    assert old in lines[number - 1]
    lines[number - 1] = lines[number - 1].replace(old, new, 1)
    with pytest.raises(InputError, match=f"items.lock, line {number}"):
        read("\n".join(lines), "items.lock")


def test_a_line_that_is_gone_is_noticed_by_the_next() -> None:
    third = {**TWO, "d": ("p4", None, None)}
    first, _, last = written([ONE, TWO, third]).splitlines()
    with pytest.raises(InputError, match="line 2: does not follow"):
        read(f"{first}\n{last}\n", "items.lock")


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_empty_lock_is_no_lock(text: str) -> None:
    with pytest.raises(InputError, match="is empty"):
        read(text, "items.lock")


def test_turns_references_and_categories_count_and_their_texts_cannot_run_together() -> None:
    def kept(*prompt: str, reference: str | None = None, category: str | None = None) -> Print:
        return prints([Item("i", prompt, (), reference, category)])["i"]

    assert kept("a", "b") != kept("ab")
    assert kept("a") != kept("a", "")
    assert kept("a", reference="") != kept("a")
    assert kept("a", reference="x") != kept("a", category="x")
    assert kept("a", reference="x")[1] == kept("b", reference="x")[1]


def test_half_a_character_in_a_prompt_can_be_locked() -> None:
    found = prints([Item("i", ("\ud83d",), ())])
    text = line(None, found, locked_at="day", reason="why") + "\n"
    assert dict(read(text, "items.lock").items) == found
