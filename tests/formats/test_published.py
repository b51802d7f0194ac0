"""What published shapes share: row numbers of the source, slots, texts in any wrapping."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.errors import InputError
from judge.formats.published import (
    SLOT_WINNER,
    Cells,
    Places,
    coded,
    one_way,
    spoken,
    table_of,
    text_of,
)
from judge.table import canonical, from_rows, to_rows
from judge.types import Trial

PAIR = {"item_id": "i", "system_a": "x", "system_b": "y", "judge": "j", "label": "a"}


@pytest.mark.parametrize("order", ["AB", "BA"])
@pytest.mark.parametrize("slot", ["A", "B", "tie"])
def test_a_slots_winner_is_the_one_that_a_trial_of_ours_would_name(order: Any, slot: Any) -> None:
    trial = Trial("i", "j", "r", "", "x", "y", order, 1)
    assert SLOT_WINNER[order][slot] == trial.unshown(slot)


def test_errors_name_the_rows_of_the_source_where_several_come_from_one() -> None:
    rows = [
        (3, {**PAIR, "order": "AB"}),
        (3, {**PAIR, "order": "BA"}),
        (7, {**PAIR, "order": "AB"}),
    ]
    with pytest.raises(InputError, match="f, row 7: repeats row 3"):
        table_of("pairwise", rows, "f")
    with pytest.raises(InputError, match="f: holds no rows"):
        table_of("pairwise", [], "f")


SYSTEMS = st.sampled_from([("x", "y"), ("y", "x"), ("x", "z"), ("z", "x")])


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(SYSTEMS, st.sampled_from(["a", "b", "tie", ""])), min_size=1, max_size=8))
def test_one_way_says_the_same_of_every_pair_in_one_direction(
    said: list[tuple[tuple[str, str], str]],
) -> None:
    rows = [
        {**PAIR, "item_id": f"i{n}", "system_a": a, "system_b": b, "label": label, "order": "AB"}
        for n, ((a, b), label) in enumerate(said)
    ]
    table = from_rows("pairwise", rows)
    found = one_way(table)
    assert list(to_rows(canonical(found))) == list(to_rows(canonical(table)))
    pairs = set(zip(found.frame["system_a"], found.frame["system_b"], strict=True))
    assert len(pairs) == len({frozenset(pair) for pair in pairs})
    assert (rows[0]["system_a"], rows[0]["system_b"]) in pairs


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a", "a"),
        ({"answer": "a"}, "a"),
        ({"content": {"answer": "a"}}, "a"),
        ([{"type": "text", "text": "a"}, {"type": "image"}, "b"], "a\nb"),
        ([], ""),
    ],
)
def test_a_text_is_found_in_any_wrapping(content: Any, text: str) -> None:
    assert text_of(content) == text


def test_messages_are_told_apart_by_their_role() -> None:
    said = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    assert (spoken(said, "user"), spoken(said, "assistant"), spoken(said, "system")) == (
        ("q",),
        ("a",),
        (),
    )


def test_a_cell_that_cannot_be_read_names_file_row_and_column() -> None:
    row = Cells("f", 4, {"model": "", "id": 5})
    assert row.name("model", "id") == "5"
    assert row.optional("model") == ""
    assert Cells("f", 1, {"id": 0}).optional("id") == "0"
    with pytest.raises(InputError, match="f, row 4, field `model`: is empty"):
        row.name("model")


@pytest.mark.parametrize("value", [1, 1.0, "1", " 1.0 "])
def test_a_coding_reads_the_same_from_every_kind_of_file(value: object) -> None:
    assert coded(value) == "1"


@pytest.mark.parametrize("value", [True, None, [1], {"a": 1}])
def test_what_is_no_text_and_no_number_is_in_no_coding(value: object) -> None:
    assert coded(value) == ""


def test_texts_of_one_prompt_are_numbered_for_each_pair_of_systems() -> None:
    places = Places()
    said = [("x", "1"), ("x", "2"), ("y", "3"), ("x", "1"), ("x", "2")]
    assert [places.item("p", (s,), (t,)) for s, t in said] == ["p", "p-2", "p", "p", "p-2"]
    assert places.item("q", ("x",), ("2",)) == "q"
