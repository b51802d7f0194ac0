"""Prometheus: a score is what the row holds, or what the judge's own text ends in; nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from format_files import column, first, refusal, responses, verdicts
from hypothesis import given
from hypothesis import strategies as st

from judge.aggregate import analyze
from judge.formats.prometheus import FORMAT
from judge.records import read_responses, read_verdicts

DATA = (
    Path(__file__).parents[2].parent
    / "shared"
    / "data"
    / "prometheus_gpt4_x3"
    / "vicuna_eval.jsonl"
)
real = pytest.mark.skipif(
    not DATA.is_file(), reason=f"Prometheus' file is not part of the repository and not at {DATA}"
)

PROMPT = """###Task Description:
Write a feedback, then "[RESULT] (an integer number between 1 and 5)".

###The instruction to evaluate:
Name a colour.

###Response to evaluate:
Blue.

###Reference Answer (Score 5):
Red.

###Score Rubrics:
[Is it a colour?]
Score 1: No.

###Feedback: """

DIRECT = {
    "idx": 1,
    "response_source": "tuned",
    "instruction": "Name a colour.",
    "response": "Blue.",
}
PAIR = {
    "id": "p",
    "instruction": "Name a colour.",
    "response_A": "Blue.",
    "response_B": "Seven",
    "model_A": "tuned",
    "model_B": "base",
}


def direct(output: Any, **changes: Any) -> Any:
    return first(verdicts(FORMAT, [{**DIRECT, "output": output, **changes}]))


# -- what is read in a text ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("Feedback: good. [RESULT] 4", 4),
        ("good [RESULT] (5)", 5),
        ("good [RESULT]3.", 3),
        ("good [result] 2\n", 2),
    ],
)
def test_the_number_behind_result_is_the_score(text: str, score: int) -> None:
    row = direct(text)
    assert (row["score"], row["label"], row["status"]) == (score, str(score), "ok")
    assert row["judge"] == "prometheus"
    assert row["explanation"] == text[: text.lower().index("[result]")].strip()


@pytest.mark.parametrize(
    "text",
    [
        "good, 5 of 5",
        "good [RESULT]",
        "good [RESULT] 6",
        "good [RESULT] 0",
        "good [RESULT] four",
        "good [RESULT] 4 or 5",
        "first [RESULT] 4, then [RESULT] 5",
        "",
        None,
    ],
)
def test_what_cannot_be_read_is_unparsed(text: str | None) -> None:
    row = direct(text)
    assert (row["score"], row["label"], row["status"]) == (None, "", "unparsed")
    assert row["reason"]


def test_a_text_that_repeats_the_prompt_has_no_result() -> None:
    """The prompt names its own [RESULT]; a number read there would be nobody's verdict."""
    for text in (PROMPT + "Good. [RESULT] 5", "[RESULT] (an integer number) Good. [RESULT] 5"):
        assert direct(text)["status"] == "unparsed"


@given(st.text())
def test_no_text_gives_a_score_outside_the_scale(text: str) -> None:
    row = direct(f"because [RESULT] {text}")
    assert row["score"] in (None, 1, 2, 3, 4, 5)


# -- rows ----------------------------------------------------------------------------------------


def test_several_scores_of_a_judge_are_its_repeats() -> None:
    row = {**DIRECT, "gpt4_score": [5, None, 9], "gpt4_feedback": ["a", "b", "c"], "category": "x"}
    table = verdicts(FORMAT, [row])
    assert column(table, "judge") == ["gpt-4"] * 3
    assert column(table, "repeat") == [1, 2, 3]
    assert column(table, "score") == [5, None, None]
    assert column(table, "explanation") == ["a", "b", "c"]
    read = first(table)
    assert (read["item_id"], read["system"], read["len"], read["category"]) == (
        "1",
        "tuned",
        5,
        "x",
    )


def test_people_are_no_judges() -> None:
    row = {**DIRECT, "human_score": [4], "prometheus_score": [3], "prometheus_output": ["why"]}
    table = verdicts(FORMAT, [row])
    assert column(table, "judge") == ["prometheus"]
    assert column(table, "explanation") == ["why"]


def test_a_score_of_its_own_goes_before_the_text() -> None:
    row = direct("why [RESULT] 2", score=4, eval_model_name="p-7b")
    assert (row["score"], row["judge"]) == (4, "p-7b")
    assert direct("[RESULT] 2", score=4.5)["status"] == "unparsed"


def test_the_parts_of_an_embedded_prompt_are_found() -> None:
    row = {"idx": 1, "response_source": "tuned", "instruction": PROMPT, "gpt4_score": [4]}
    (answer,) = responses(FORMAT, [row]).rows
    assert (answer.prompt, answer.turns) == (("Name a colour.",), ("Blue.",))
    assert (answer.reference, answer.item_id, answer.system) == ("Red.", "1", "tuned")
    assert first(verdicts(FORMAT, [row]))["len"] == 5


def test_a_row_without_an_id_is_the_item_of_its_instruction() -> None:
    row = {k: v for k, v in DIRECT.items() if k != "idx"}
    a, b = (verdicts(FORMAT, [{**row, "score": 3, "model": m}]) for m in "xy")
    assert column(a, "item_id") == column(b, "item_id")
    assert column(a, "item_id")[0].startswith("p-")


# -- pairs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "label", "status"),
    [("A", "a", "ok"), ("B", "b", "ok"), ("C", "", "unparsed"), ("tie", "", "unparsed")],
)
def test_a_pair_is_decided_by_the_letter_behind_result(said: str, label: str, status: str) -> None:
    row = first(verdicts(FORMAT, [{**PAIR, "output": f"because [RESULT] {said}"}]))
    assert (row["label"], row["status"], row["order"]) == (label, status, "AB")
    assert (row["system_a"], row["system_b"], row["len_b"]) == ("tuned", "base", 5)


def test_the_swapped_row_of_a_pair_is_its_other_order() -> None:
    swapped = {**PAIR, "model_A": "base", "model_B": "tuned"}
    rows = [{**PAIR, "score": "A"}, {**swapped, "score": "A"}]
    table = verdicts(FORMAT, rows)
    assert column(table, "system_a") == ["tuned", "tuned"]
    assert column(table, "order") == ["AB", "BA"]
    assert column(table, "label") == ["a", "b"]
    assert table.comparable


def test_answers_without_names_are_not_compared() -> None:
    row = {k: v for k, v in PAIR.items() if not k.startswith("model_")}
    table = verdicts(FORMAT, [{**row, "orig_preference": "B"}])
    assert not table.comparable
    assert (first(table)["system_a"], first(table)["label"]) == ("response_A", "b")


def test_both_answers_of_a_pair_are_responses() -> None:
    found = responses(FORMAT, [PAIR]).rows
    assert [(a.system, a.turns) for a in found] == [("tuned", ("Blue.",)), ("base", ("Seven",))]


# -- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "rows", "said"),
    [
        ("verdicts", [DIRECT], "row 1: has no verdict; looked for <judge>_score"),
        ("verdicts", [{**DIRECT, "x_score": [1, 2], "x_output": ["a"]}], "1 texts for 2 scores"),
        ("verdicts", [{**DIRECT, "score": 1}, {**PAIR, "score": "A"}], "answers and pairs"),
        ("verdicts", [{"response": "a", "score": 1}], "field `instruction`"),
        ("verdicts", [{**DIRECT, "output": 5}], "field `output`: 5 is no text"),
        ("responses", [{"instruction": "p", "score": 1}], "field `response`: is missing"),
        ("responses", [], "holds no rows"),
    ],
)
def test_what_cannot_be_read_is_named(role: str, rows: list[Any], said: str) -> None:
    assert said in refusal(FORMAT, role, rows)


# -- the published data --------------------------------------------------------------------------


@real
def test_the_three_scores_are_identical_on_the_published_share_of_rows() -> None:
    """199 of 320 rows, 62.2 %."""
    frame = read_verdicts(DATA, format="prometheus").frame
    assert (len(frame), int((frame["status"] == "ok").sum())) == (960, 960)
    spread = frame.groupby(["item_id", "system"], observed=True)["score"].nunique()
    assert (len(spread), int((spread == 1).sum())) == (320, 199)
    assert round(100 * (spread == 1).mean(), 1) == 62.2


@real
def test_the_published_file_is_analyzed_as_one_judge_of_four_systems() -> None:
    analysis = analyze(read_verdicts(DATA, format="prometheus"))
    (judge,) = analysis.judges
    assert (judge.judge, judge.planned, judge.ok) == ("gpt-4", 960, 960)
    assert len({row.system for row in analysis.scores}) == 4


@real
def test_the_published_answers_are_found_in_their_prompts() -> None:
    found = read_responses([DATA], format="prometheus")
    assert (len(found.items), len(found.systems)) == (80, 4)
    assert found.unpaired == {}
    assert all(item.reference for item in found.items)


def test_several_responses_to_one_instruction_are_items_of_one_cluster() -> None:
    texts = ["Blue.", "Red.", "Blue."]
    rows = [
        {"instruction": "Name a colour.", "response": t, f"j{n}_score": 3}
        for n, t in enumerate(texts)
    ]
    table = verdicts(FORMAT, rows)
    items = column(table, "item_id")
    assert items[0] == items[2] != items[1]
    assert len(set(column(table, "cluster"))) == 1
    answers = responses(FORMAT, rows).rows
    assert [answer.item_id for answer in answers] == items
    assert {answer.cluster for answer in answers} == set(column(table, "cluster"))


def test_several_pairs_of_one_instruction_are_items_of_one_cluster() -> None:
    pair = {"instruction": "Name a colour.", "response_A": "Blue.", "response_B": "7"}
    other = {**pair, "response_B": "8", "orig_preference": "B"}
    table = verdicts(FORMAT, [{**pair, "orig_preference": "A"}, other])
    assert column(table, "label") == ["a", "b"]
    assert (len(set(column(table, "item_id"))), len(set(column(table, "cluster")))) == (2, 1)


def test_systems_that_answered_one_instruction_share_its_item() -> None:
    row = {"instruction": "Name a colour.", "score": 3}
    rows = [{**row, "system": s, "response": t} for s, t in (("x", "Blue."), ("y", "Red."))]
    assert len(set(column(verdicts(FORMAT, rows), "item_id"))) == 1
    assert len({answer.item_id for answer in responses(FORMAT, rows).rows}) == 1
