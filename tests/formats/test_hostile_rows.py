"""Whatever stands in a cell, a format answers with a table or with an error for the caller."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
from format_files import files
from hypothesis import given, settings
from hypothesis import strategies as st

from judge import registry
from judge.errors import InputError
from judge.formats import Format

JUDGED = {"judgment": {"judge_model": "j", "response": "why"}, "decision": "A>B"}
GRADED = {"pass": True, "score": 1, "reason": "r", "assertion": {"type": "g-eval", "metric": "m"}}
OUTPUTS = {"input": "p", "output_1": "a", "output_2": "b", "label": 1, "subset": "s", "idx": 0}
SWAPS = {"swap = False": {"completion": ["x"], "winner": "1"}, "swap = True": {"winner": None}}

# Format -> a sound row of every role, each of a shape of its own.
SOUND: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "llmbar": [
        ("verdicts", {**OUTPUTS, "judge": "j", "strategy": "s", "winner_order_ab": "1"}),
        ("verdicts", {**OUTPUTS, "results": [["step"], SWAPS]}),
        ("verdicts", {**OUTPUTS, "results": [{"score_1": ["3"], "score_2": ["4"]}]}),
        ("labels", OUTPUTS),
    ],
    "judgebench": [
        (
            role,
            {
                "pair_id": "p",
                "source": "s",
                "question": "q",
                "judge_name": "n",
                "response_A": "a",
                "response_B": "b",
                "label": "A>B",
                "judgments": [JUDGED, None],
            },
        )
        for role in ("verdicts", "labels")
    ],
    "evalbiasbench": [
        (role, {"bias": "t", "instruction": "p", "response1": "a", "response2": "b", "label": 1})
        for role in ("responses", "labels")
    ],
    "pandalm": [
        (
            role,
            {
                "idx": 0,
                "cmp_key": "x_y",
                "instruction": "p",
                "input": "",
                "annotator1": 1,
                "response1": "a",
                "response2": "b",
                "gpt_result": "1",
                "gpt_reason": "r",
            },
        )
        for role in ("verdicts", "labels")
    ],
    "prometheus": [
        ("verdicts", {"idx": 1, "instruction": "p", "response": "a", "output": "f [RESULT] 4"}),
        ("verdicts", {"idx": 1, "instruction": "p", "x_score": [4, 5], "x_feedback": ["a", "b"]}),
        ("verdicts", {"id": 1, "response_A": "a", "response_B": "b", "score": "A", "model_A": "x"}),
        ("responses", {"idx": 1, "instruction": "p", "response": "a", "reference_answer": "r"}),
    ],
    "promptfoo": [
        (
            role,
            {
                "testIdx": 0,
                "provider": {"id": "x"},
                "vars": {"v": "w"},
                "failureReason": 0,
                "prompt": {"raw": "p", "label": "l"},
                "response": {"output": "o"},
                "error": "",
                "gradingResult": {"pass": True, "componentResults": [GRADED]},
                "testCase": {"assert": [{"type": "g-eval"}], "options": {"provider": "y"}},
            },
        )
        for role in ("verdicts", "responses")
    ],
    "inspect": [
        (
            role,
            {
                "eval": {"model": "m"},
                "results": {"scores": [{"scorer": "g"}]},
                "samples": [
                    {
                        "id": 1,
                        "epoch": 1,
                        "input": [{"role": "user", "content": "p"}],
                        "target": ["t"],
                        "attachments": {"a": "b"},
                        "error": None,
                        "output": {"choices": [{"message": {"content": [{"text": "o"}]}}]},
                        "scores": {"g": {"value": {"x": 1}, "explanation": "e"}},
                    }
                ],
            },
        )
        for role in ("verdicts", "responses")
    ],
    "lm_eval": [
        (
            role,
            {
                "doc_id": 0,
                "target": "t",
                "resps": [["r"]],
                "filter": "none",
                "f1": 0.5,
                "arguments": {"gen_args_0": {"arg_0": "p"}},
                "metrics": ["f1"],
            },
        )
        for role in ("verdicts", "responses")
    ],
}
OURS = {"item_id": "i", "system": "s", "judge": "j", "score": 1}
SOUND["inspect"].append(("verdicts", {"id": 1, "value": 1, "metadata": {"verdicts": [OURS]}}))
CASES = [(name, role, row) for name, rows in SOUND.items() for role, row in rows]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value within."""
    inner = value.items() if isinstance(value, Mapping) else enumerate(value)
    found = [path] if path else []
    if isinstance(value, Mapping | list):
        for key, part in inner:
            found += places(part, (*path, key)) if isinstance(part, Mapping | list) else []
            found += [] if isinstance(part, Mapping | list) else [(*path, key)]
    return found


def changed(row: Mapping[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The row with another value there, or with none."""
    new: Any = copy.deepcopy(dict(row))
    inner = new
    for key in path[:-1]:
        inner = inner[key]
    if value is ... and isinstance(inner, dict):
        del inner[path[-1]]
    else:
        inner[path[-1]] = None if value is ... else value
    return dict(new)


@pytest.mark.parametrize(("name", "role", "row"), CASES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_value_in_any_cell_is_read_or_refused(
    name: str, role: str, row: dict[str, Any], data: st.DataObject
) -> None:
    loaded: Format = registry.load("formats", name)
    path = data.draw(st.sampled_from(places(row)))
    bad = changed(row, path, data.draw(st.just(...) | anything))
    with suppress(InputError):
        assert loaded.reads[role](files(**{role: [bad]})) is not None


@pytest.mark.parametrize(("name", "role", "row"), CASES)
def test_the_rows_are_sound_as_they_stand(name: str, role: str, row: dict[str, Any]) -> None:
    loaded: Format = registry.load("formats", name)
    assert loaded.reads[role](files(**{role: [row]}))
