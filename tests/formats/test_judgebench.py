"""JudgeBench: the second decision is about swapped answers, and no decision is no verdict."""

from __future__ import annotations

from typing import Any

import pytest
from format_files import column, first, labels, refusal, verdicts

from judge.formats import Rows
from judge.formats.judgebench import FORMAT

PAIR = {
    "pair_id": "p1",
    "source": "mmlu-pro-law",
    "question": "Which?",
    "response_A": "first",
    "response_B": "the second",
    "label": "B>A",
    "judge_name": "arena_hard",
}


def judged(*decisions: Any, **changes: Any) -> dict[str, Any]:
    said = [
        {"judgment": {"judge_model": "gpt-4o", "prompt": "?", "response": "why"}, "decision": one}
        for one in decisions
    ]
    return {**PAIR, "judgments": said, **changes}


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        (("A>B", "B>A"), ["a", "a"]),
        (("A>B", "A>B"), ["a", "b"]),
        (("B>A", "A>B"), ["b", "b"]),
        (("A=B", "A=B"), ["tie", "tie"]),
        (("A>B",), ["a"]),
    ],
)
def test_the_second_decision_is_turned_back(
    decisions: tuple[str, ...], expected: list[str]
) -> None:
    table = verdicts(FORMAT, [judged(*decisions)])
    assert column(table, "label") == expected
    assert column(table, "order") == ["AB", "BA"][: len(expected)]


def test_a_row_says_who_judged_what_and_how() -> None:
    table = verdicts(FORMAT, [judged("A>B", "B>A")])
    row = first(table)
    assert (row["judge"], row["rubric"], row["category"]) == (
        "gpt-4o",
        "arena_hard",
        "mmlu-pro-law",
    )
    assert (row["len_a"], row["len_b"], row["explanation"]) == (5, 10, "why")
    assert not table.comparable


def test_no_decision_is_unparsed_and_no_judgment_failed() -> None:
    row = judged(None, "A<B")
    row["judgments"].insert(0, None)
    table = verdicts(
        FORMAT, [{**row, "judgments": row["judgments"][:2]}, judged("A>B", "A<B", pair_id="p2")]
    )
    assert column(table, "status") == ["failed", "unparsed", "ok", "unparsed"]
    assert column(table, "label") == ["", "", "a", ""]


def test_where_no_judgment_was_recorded_the_file_names_the_judge() -> None:
    stem = "dataset=judgebench,response_model=gpt-4o,judge_name=vanilla,judge_model=o1-mini"
    row = {**PAIR, "judgments": [None, None]}
    files = {"verdicts": Rows(f"outputs/{stem}.jsonl", stem, [(1, row)])}
    assert column(FORMAT.reads["verdicts"](files), "judge") == ["o1-mini", "o1-mini"]


def test_pairs_of_one_question_are_one_cluster() -> None:
    rows = [judged("A>B", "A>B", pair_id=name) for name in ("p1", "p2")]
    rows.append(judged("A>B", "A>B", pair_id="p3", question="Another?"))
    clusters = column(verdicts(FORMAT, rows), "cluster")[::2]
    assert clusters[0] == clusters[1] != clusters[2] == "p3"


def test_gold_labels_are_read() -> None:
    (label,) = labels(FORMAT, [PAIR])
    assert (label.item_id, label.rater, label.label) == ("p1", "gold", "b")
    assert (label.system_a, label.system_b) == ("response_A", "response_B")


@pytest.mark.parametrize(
    ("role", "row", "said"),
    [
        ("labels", {**PAIR, "label": "A=B"}, "field `label`"),
        ("labels", {**PAIR, "label": None}, "field `label`"),
        ("verdicts", {**PAIR, "judgments": []}, "no list of one or two judgments"),
        ("verdicts", {**PAIR, "judgments": ["A>B"]}, "is no judgment"),
        ("verdicts", judged("A>B", pair_id=None), "field `pair_id`"),
    ],
)
def test_what_cannot_be_read_is_named(role: str, row: dict[str, Any], said: str) -> None:
    message = refusal(FORMAT, role, [row])
    assert "row 1" in message
    assert said in message


def test_a_pair_that_stands_twice_is_refused_with_its_rows() -> None:
    message = refusal(FORMAT, "verdicts", [judged("A>B", "A>B"), judged("A>B", "A>B")])
    assert "row 2: repeats row 1" in message
