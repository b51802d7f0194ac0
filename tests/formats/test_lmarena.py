"""LMArena's votes: labels of people, or verdicts of one judge, with what is not recorded left empty."""

from __future__ import annotations

import json
from typing import Any

import pytest
from format_files import column, first, labels, refusal, verdicts

from judge.aggregate import analyze
from judge.formats.lmarena import FORMAT


def said(text: Any, prompt: str = "Why?") -> list[dict[str, Any]]:
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": text}]


def vote(**changes: Any) -> dict[str, Any]:
    return {
        "question_id": "q1",
        "model_a": "x",
        "model_b": "y",
        "winner": "model_a",
        "judge": "user_7",
        "conversation_a": said("12345"),
        "conversation_b": said("123"),
        **changes,
    }


@pytest.mark.parametrize(
    ("winner", "label", "both_bad"),
    [
        ("model_a", "a", False),
        ("model_b", "b", False),
        ("tie", "tie", False),
        ("tie (bothbad)", "tie", True),
        ("both_bad", "tie", True),
    ],
)
def test_a_vote_is_a_label_and_a_verdict(winner: str, label: str, both_bad: bool) -> None:
    (human,) = labels(FORMAT, [vote(winner=winner)])
    assert (human.item_id, human.rater, human.label) == ("q1", "user_7", label)
    assert (human.system_a, human.system_b, human.order_shown) == ("x", "y", None)
    table = verdicts(FORMAT, [vote(winner=winner)])
    row = first(table)
    assert (row["label"], row["judge"], row["rater"]) == (label, "people", "user_7")
    assert (row["order"], row["len_a"], row["len_b"], row["len_prompt"]) == ("", 5, 3, 4)
    assert ("both_bad" in row) == both_bad
    assert any("call both answers bad" in w for w in table.warnings) == both_bad
    assert any("position bias" in w for w in table.warnings)


def test_a_vote_without_a_winner_is_no_verdict_and_no_label() -> None:
    assert column(verdicts(FORMAT, [vote(winner=None)]), "status") == ["unparsed"]
    assert "field `winner`" in refusal(FORMAT, "labels", [vote(winner=None)])


def test_an_unknown_winner_is_refused_with_its_place() -> None:
    message = refusal(FORMAT, "verdicts", [vote(), vote(winner="model_1")])
    assert "verdicts.jsonl, row 2, field `winner`" in message


def test_further_votes_on_a_pair_are_repeats_whichever_way_round_they_stand() -> None:
    turned = vote(model_a="y", model_b="x", winner="model_b", judge="user_8")
    table = verdicts(FORMAT, [vote(), turned, vote(question_id="q2")])
    assert column(table, "repeat") == [1, 2, 1]
    (row,) = analyze(table, baseline="y").comparisons
    # x won all three votes: two of q1, averaged, and one of q2
    assert (row.raw.value, row.raw.n) == (1.0, 2)


def test_votes_of_one_session_or_one_prompt_are_one_cluster() -> None:
    rows = [
        vote(question_id=None, id="a", evaluation_session_id="s"),
        vote(question_id=None, id="b", evaluation_session_id="s"),
        vote(question_id="c"),
        vote(question_id="d"),
        vote(question_id="e", conversation_a=said("1", prompt="How?")),
        vote(question_id="f", conversation_a=None, conversation_b=None),
    ]
    found = column(verdicts(FORMAT, rows), "cluster")
    assert found[:2] == ["s", "s"]
    assert found[2] == found[3]
    assert len(set(found)) == 4
    assert found[5] == "f"


def test_rows_without_an_id_or_rater_are_told_apart_by_their_number() -> None:
    rows = [vote(question_id=None, judge=None, winner=winner) for winner in ("model_a", "tie")]
    assert column(verdicts(FORMAT, rows), "item_id") == ["row-1", "row-2"]
    found = labels(FORMAT, rows)
    assert [(label.item_id, label.rater) for label in found] == [
        ("row-1", "people"),
        ("row-2", "people"),
    ]


def test_conversations_may_be_lists_of_parts_or_stand_in_a_cell_as_json() -> None:
    parts = [{"type": "text", "text": "12"}, {"type": "image", "image": "..."}]
    row = vote(conversation_a=said(parts), conversation_b=json.dumps(said("1234")))
    found = first(verdicts(FORMAT, [row]))
    assert (found["len_a"], found["len_b"]) == (2, 4)


def test_votes_without_conversations_have_no_lengths() -> None:
    found = first(verdicts(FORMAT, [vote(conversation_a=None, conversation_b=None)]))
    assert (found["len_a"], found["len_b"]) == (None, None)


@pytest.mark.parametrize("conversation", ["not JSON", 3, [3], "{}"])
def test_a_conversation_of_another_kind_is_refused(conversation: Any) -> None:
    assert "field `conversation_a`" in refusal(
        FORMAT, "verdicts", [vote(conversation_a=conversation)]
    )


def test_votes_in_columns_of_another_name_are_not_read_as_missing() -> None:
    row = {"id": 1, "model_a": "x", "model_b": "y", "winner_model_a": 1, "winner_model_b": 0}
    assert "field `winner`: is not there" in refusal(FORMAT, "verdicts", [row])
