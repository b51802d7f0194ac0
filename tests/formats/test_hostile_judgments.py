"""Whatever stands in a cell of a benchmark's judgments, there is a table or an error for the caller."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from format_files import files
from hypothesis import given, settings
from hypothesis import strategies as st
from test_hostile_rows import anything, changed, places

from judge import registry
from judge.errors import InputError
from judge.formats import Format

SAID = [{"role": "user", "content": "q"}, {"role": "assistant", "content": [{"text": "a"}]}]
VOTE = {
    "question_id": 1,
    "model_a": "x",
    "model_b": "y",
    "winner": "tie",
    "judge": "j",
    "turn": 1,
    "conversation_a": SAID,
    "conversation_b": SAID,
    "category": "c",
    "evaluation_session_id": "s",
}
PAIR = {
    "question_id": 1,
    "model_1": "x",
    "model_2": "y",
    "g1_winner": "model_1",
    "g2_winner": "error",
    "judge": ["j", "p"],
    "g1_judgment": "so",
    "g2_judgment": "$ERROR$",
    "turn": 1,
}
QUESTION = {"question_id": 1, "category": "c", "cluster": "t", "turns": ["q"], "reference": ["r"]}
CHOICES = {"question_id": 1, "model_id": "x", "choices": [{"turns": [{"content": "a"}]}]}
GAMES = [{"score": "A>B", "judgment": {"answer": "so"}}, None]

# Format, role that is changed, and the files with a sound row each.
SOUND: list[tuple[str, str, dict[str, dict[str, Any]]]] = [
    (
        "alpaca_eval",
        "verdicts",
        {
            "verdicts": {
                "instruction": "q",
                "output_1": "a",
                "output_2": "b",
                "generator_1": "x",
                "generator_2": "y",
                "dataset": "d",
                "annotator": "j",
                "preference": 1.2,
                "raw_completion": "so",
                "cluster": "c",
                "simulated": True,
            }
        },
    ),
    (
        "alpaca_eval",
        "verdicts",
        {"verdicts": {"model": "m", "row": 0, "preference": 2, "len_output_1": 3}},
    ),
    (
        "alpaca_eval",
        "responses",
        {"responses": {"instruction": "q", "output": "a", "generator": "x", "dataset": "d"}},
    ),
    ("mt_bench", "verdicts", {"verdicts": PAIR}),
    ("mt_bench", "questions", {"verdicts": PAIR, "questions": QUESTION}),
    ("mt_bench", "answers", {"verdicts": PAIR, "answers": CHOICES}),
    ("mt_bench", "verdicts", {"verdicts": VOTE}),
    ("mt_bench", "labels", {"labels": VOTE}),
    (
        "mt_bench",
        "verdicts",
        {"verdicts": {"question_id": 1, "model": "x", "judge": ["j", "p"], "score": 7, "turn": 2}},
    ),
    ("mt_bench", "responses", {"responses": CHOICES, "questions": QUESTION}),
    (
        "arena_hard",
        "verdicts",
        {"verdicts": {"uid": "u", "judge": "j", "model": "m", "baseline": "b", "games": GAMES}},
    ),
    ("arena_hard", "responses", {"responses": {"uid": "u", "model": "m", "messages": SAID}}),
    ("lmarena", "verdicts", {"verdicts": VOTE}),
    ("lmarena", "labels", {"labels": VOTE}),
]


def read(name: str, rows: dict[str, dict[str, Any]]) -> Any:
    loaded: Format = registry.load("formats", name)
    role = next(role for role in rows if role in loaded.reads)
    return loaded.reads[role](files(**{other: [row] for other, row in rows.items()}))


@pytest.mark.parametrize(("name", "role", "rows"), SOUND)
def test_the_rows_are_sound_as_they_stand(
    name: str, role: str, rows: dict[str, dict[str, Any]]
) -> None:
    assert read(name, rows)


@pytest.mark.parametrize(("name", "role", "rows"), SOUND)
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_any_value_in_any_cell_is_read_or_refused(
    name: str, role: str, rows: dict[str, dict[str, Any]], data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(places(rows[role])))
    bad = changed(rows[role], path, data.draw(st.just(...) | anything))
    with suppress(InputError):
        assert read(name, rows | {role: bad}) is not None
