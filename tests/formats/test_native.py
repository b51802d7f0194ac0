"""What our own rows mean, apart from the files that they stand in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from judge.errors import InputError
from judge.formats import Answer, Answers
from judge.formats.native import FORMAT, responses, verdict_rows, verdicts
from judge.table import VerdictTable

PAIR = {"item_id": "i", "system_a": "x", "system_b": "y", "judge": "j"}


def numbered(rows: Iterable[Mapping[str, Any]]) -> list[tuple[int, Mapping[str, Any]]]:
    return list(enumerate(rows, 1))


def answers(*rows: Mapping[str, Any], **columns: str) -> Answers:
    return responses(numbered(rows), source="f.jsonl", system="f", columns=columns)


def answer(row: Mapping[str, Any]) -> Answer:
    return answers(row).rows[0]


def refusal(*rows: Mapping[str, Any], **columns: str) -> str:
    with pytest.raises(InputError) as caught:
        answers(*rows, **columns)
    return str(caught.value)


def table(*rows: Mapping[str, Any], **columns: str) -> VerdictTable:
    return verdicts(numbered(rows), source="v.jsonl", columns=columns)


# -- responses: columns --------------------------------------------------------------------------


@pytest.mark.parametrize("prompt", ["prompt", "instruction", "question", "input", "messages"])
@pytest.mark.parametrize("response", ["response", "output", "answer", "turns"])
def test_every_usual_name_of_prompt_and_response_is_found(prompt: str, response: str) -> None:
    read = answers({prompt: "p", response: "r"})
    assert (read.rows[0].prompt, read.rows[0].turns) == (("p",), ("r",))
    assert read.mapping.line == f"f.jsonl: response <- {response}, prompt <- {prompt}"
    assert read.warnings == ()


def test_turns_are_the_prompt_where_no_other_prompt_stands_beside_them() -> None:
    assert answer({"turns": ["p1", "p2"], "answer": "r"}).prompt == ("p1", "p2")
    read = answer({"question": "p", "turns": ["r1", "r2"]})
    assert (read.prompt, read.turns) == (("p",), ("r1", "r2"))


def test_a_file_with_turns_alone_has_no_response() -> None:
    message = refusal({"turns": ["a"]})
    assert "no column for `response`" in message
    assert "--map response=COLUMN" in message


def test_a_missing_prompt_column_lists_what_was_looked_for_and_what_is_there() -> None:
    message = refusal({"text": "p", "response": "r"}, prompt="ask")
    assert "looked for ask, prompt, instruction" in message
    assert "text, response" in message


def test_another_column_that_could_be_meant_is_kept_and_warned_about() -> None:
    read = answers({"instruction": "p", "input": "more", "output": "r"})
    (warning,) = read.warnings
    assert "--map prompt=input" in warning
    assert read.rows[0].metadata == {"input": "more"}


def test_a_column_that_is_named_as_ours_is_taken_without_a_warning() -> None:
    read = answers({"prompt": "p", "question": "q", "response": "r", "answer": "gold"})
    assert (read.rows[0].prompt, read.rows[0].turns, read.warnings) == (("p",), ("r",), ())
    assert read.rows[0].metadata == {"question": "q", "answer": "gold"}


def test_map_goes_before_the_usual_names() -> None:
    read = answers({"prompt": "p", "response": "r", "text": "t"}, response="text")
    assert read.rows[0].turns == ("t",)
    assert read.rows[0].metadata == {"response": "r"}


def test_a_column_that_was_mapped_away_is_not_read_under_its_own_name() -> None:
    read = answers({"prompt": "p", "output": "o", "reference": "r"}, response="reference")
    assert (read.rows[0].turns, read.rows[0].reference) == (("r",), None)
    assert read.rows[0].metadata == {"output": "o"}


def test_an_optional_column_may_first_appear_in_a_later_row() -> None:
    rows = [{"prompt": "p", "response": "r"}, {"prompt": "q", "response": "r", "gold": "g"}]
    read = answers(*rows, reference="gold")
    assert [row.reference for row in read.rows] == [None, "g"]
    assert read.mapping.columns["reference"] == "gold"


def test_a_map_of_a_field_that_we_do_not_have_names_the_nearest() -> None:
    assert "did you mean `response`?" in refusal({"prompt": "p"}, respons="x")


def test_a_map_of_one_column_to_two_fields_is_refused() -> None:
    assert "one column for two fields" in refusal({"x": "p"}, prompt="x", response="x")


# -- responses: values ---------------------------------------------------------------------------


def test_messages_become_the_turns_of_the_user_with_the_others_words_before_them() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "Go"}, {"type": "text", "text": "on"}],
        },
        {"role": "assistant", "content": "Well"},
    ]
    expected = ("[system] Be brief.\nHello", "[assistant] Hi\nGo\non\n[assistant] Well")
    assert answer({"messages": messages, "response": "r"}).prompt == expected
    assert answer({"prompt": messages, "response": "r"}).prompt == expected
    assert answer({"messages": json.dumps(messages), "response": "r"}).prompt == expected


def test_a_prompt_that_looks_like_a_list_is_a_text() -> None:
    assert answer({"prompt": '["a"]', "response": "[1]"}).prompt == ('["a"]',)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"prompt": 5, "response": "r"}, "prompt"),
        ({"prompt": None, "response": "r"}, "prompt"),
        ({"prompt": " \n", "response": "r"}, "prompt"),
        ({"prompt": [], "response": "r"}, "prompt"),
        ({"prompt": ["a", None], "response": "r"}, "prompt"),
        ({"prompt": [{"role": "system", "content": "s"}], "response": "r"}, "prompt"),
        ({"prompt": [{"content": "s"}], "response": "r"}, "prompt"),
        ({"prompt": [{"role": "user", "content": None}], "response": "r"}, "prompt"),
        ({"prompt": [{"role": "user", "content": [{"type": "image"}]}], "response": "r"}, "prompt"),
        ({"messages": "[1", "response": "r"}, "prompt` (column `messages"),
        ({"prompt": "p", "response": 5}, "response"),
        ({"prompt": "p", "response": True}, "response"),
        ({"prompt": "p", "output": {"text": "r"}}, "response` (column `output"),
        ({"prompt": "p", "response": [{"role": "assistant", "content": "r"}]}, "response"),
        ({"prompt": "p", "response": "r", "item_id": 1.5}, "item_id"),
        ({"prompt": "p", "response": "r", "item_id": ["i"]}, "item_id"),
        ({"prompt": "p", "response": "r", "system": True}, "system"),
        ({"prompt": "p", "response": "r", "reference": ["a", "b"]}, "reference"),
    ],
)
def test_a_bad_value_is_named_by_file_row_and_field(row: dict[str, Any], field: str) -> None:
    good = dict.fromkeys(row, "x")
    message = refusal(good, row)
    assert message.startswith(f"f.jsonl, row 2, field `{field}`: ")


def test_a_row_without_the_response_column_says_to_write_null() -> None:
    message = refusal({"prompt": "p", "output": "r"}, {"prompt": "p"})
    assert message.startswith("f.jsonl, row 2, field `response`: ")
    assert "write null" in message


def test_null_is_no_response_and_empty_text_is_one() -> None:
    assert answer({"prompt": "p", "response": None}).turns is None
    assert answer({"prompt": "p", "response": ""}).turns == ("",)


@pytest.mark.parametrize(("given_id", "read_id"), [(3, "3"), (3.0, "3"), ("3", "3"), ("", None)])
def test_a_number_as_item_id_is_the_text_that_a_csv_file_would_hold(
    given_id: object, read_id: str | None
) -> None:
    assert answer({"prompt": "p", "response": "r", "item_id": given_id}).item_id == read_id


# -- verdicts ------------------------------------------------------------------------------------

names = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=6
).filter(str.strip)
explanations = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
statuses = st.sampled_from(["unparsed", "refused", "truncated", "failed", "not_asked"])
shares = st.floats(0, 1, allow_nan=False)


@st.composite
def verdict_tables(draw: st.DrawFn) -> VerdictTable:
    """Tables whose rows differ in their repeat, and else hold anything that is admissible."""
    is_pairwise = draw(st.booleans())
    rows = []
    for repeat in range(1, draw(st.integers(2, 6))):
        row: dict[str, Any] = {
            "item_id": draw(names),
            "judge": draw(names.filter(lambda name: name != "panel")),
            "repeat": repeat,
            "rubric": draw(names),
            "explanation": draw(explanations),
            "simulated": draw(st.booleans()),
        }
        if is_pairwise:
            a, b = draw(st.lists(names, min_size=2, max_size=2, unique=True))
            row |= {"system_a": a, "system_b": b, "order": draw(st.sampled_from(["AB", "BA", ""]))}
            row |= {"len_a": draw(st.integers(0, 10**6))}
            verdict = {"label": draw(st.sampled_from(["a", "b", "tie"])), "p_a": draw(shares)}
        else:
            row |= {"system": draw(names), "criterion": draw(st.sampled_from(["", "c"]))}
            verdict = {"score": draw(st.floats(-1e6, 1e6, allow_nan=False))}
        rows.append(row | (verdict if draw(st.booleans()) else {"status": draw(statuses)}))
    return table(*rows)


@settings(deadline=None)  # pandas is slow on its first frame
@given(verdict_tables())
def test_verdict_rows_read_back_as_the_same_table_through_jsonl_and_csv(
    written: VerdictTable,
) -> None:
    rows = list(verdict_rows(written))
    lines = [json.loads(line) for line in map(json.dumps, rows)]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    cells = [
        {name: cell or None for name, cell in row.items()}
        for row in csv.DictReader(io.StringIO(text.getvalue(), newline=""))
    ]
    for read in (table(*lines), table(*cells)):
        assert read.mode == written.mode
        assert_frame_equal(read.frame, written.frame)


def test_map_renames_a_column_of_a_verdict_table() -> None:
    row = {"item_id": "i", "system_a": "x", "system_b": "y", "model": "j", "label": "old", "v": "b"}
    read = table(row, judge="model", label="v")
    assert list(read.frame["judge"]) == ["j"]
    assert list(read.frame["label"]) == ["b"]


def test_map_to_a_missing_column_of_a_verdict_table_is_refused() -> None:
    with pytest.raises(InputError, match=r"v\.jsonl: --map names the column `odrer`.*`order`"):
        table({**PAIR, "order": "AB", "label": "a"}, order="odrer")


def test_a_table_that_is_neither_pairwise_nor_single_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"v\.jsonl: .*system_a, system_b"):
        table({"item_id": "i", "verdict": "a"})


def test_a_message_says_where_empty_rows_make_its_count_differ_from_the_files() -> None:
    rows = [(1, {**PAIR, "label": "a"}), (3, {**PAIR, "item_id": "k", "label": "c"})]
    with pytest.raises(InputError, match=r"counted without the empty ones\), row 2"):
        verdicts(rows, source="v.jsonl")


def test_the_format_reads_and_writes_what_it_says() -> None:
    assert (FORMAT.name, set(FORMAT.reads)) == ("native", {"responses", "verdicts", "labels"})
    assert FORMAT.writes["verdicts"] is verdict_rows
