"""What our own rows of human labels mean: one label a rater and answer or pair, and no contradiction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from judge.errors import InputError
from judge.formats.native_labels import labels
from judge.types import HumanLabel

LABEL = {"item_id": "i", "rater": "r", "system_a": "x", "system_b": "y", "label": "a"}
SCORE = {"item_id": "i", "rater": "r", "system": "x", "score": 4}


def human(*rows: Mapping[str, Any], **columns: str) -> tuple[HumanLabel, ...]:
    return labels(enumerate(rows, 1), source="l.csv", columns=columns)


def label_refusal(*rows: Mapping[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        human(*rows)
    return str(caught.value)


def test_labels_of_pairs_and_of_answers_are_read_with_all_their_fields() -> None:
    more = {
        "criterion": "accuracy",
        "order_shown": "BA",
        "labelled_at": "2024-05-01",
        "inclusion_prob": "0.25",
        "split": "test",
    }
    assert human({**LABEL, **more}) == (
        HumanLabel(
            item_id="i",
            rater="r",
            system_a="x",
            system_b="y",
            criterion="accuracy",
            label="a",
            order_shown="BA",
            labelled_at="2024-05-01",
            inclusion_prob=0.25,
            split="test",
        ),
    )
    assert human(SCORE) == (HumanLabel(item_id="i", rater="r", system="x", score=4.0),)
    assert human({**SCORE, "label": 4})[0].label == "4"


@pytest.mark.parametrize("field", ["item_id", "rater", "system_a", "criterion"])
def test_a_lone_surrogate_in_a_name_is_refused(field: str) -> None:
    said = label_refusal(LABEL, LABEL | {field: "x\ud83d"})
    assert said.startswith(f"l.csv, row 2, field `{field}`: 'x\\ud83d' holds half a character")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"item_id": None}, "item_id"),
        ({"rater": ""}, "rater"),
        ({"system_b": None}, "system_b"),
        ({"system_b": "x"}, "system_b"),
        ({"system": "x"}, "system"),
        ({"label": None}, "label"),
        ({"label": "A"}, "label"),
        ({"label": "c"}, "label"),
        ({"score": 1}, "score"),
        ({"order_shown": "ab"}, "order_shown"),
        ({"inclusion_prob": 0}, "inclusion_prob"),
        ({"inclusion_prob": 1.1}, "inclusion_prob"),
    ],
)
def test_a_bad_label_of_a_pair_is_named(change: dict[str, Any], field: str) -> None:
    assert label_refusal({**LABEL, **change}).startswith(f"l.csv, row 1, field `{field}`: ")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"score": None}, "label"),
        ({"score": "four"}, "score"),
        ({"score": "nan"}, "score"),
        ({"score": True}, "score"),
        ({"score": 10**400}, "score"),
        ({"label": "5"}, "score"),
        ({"order_shown": "AB"}, "order_shown"),
    ],
)
def test_a_bad_label_of_an_answer_is_named(change: dict[str, Any], field: str) -> None:
    assert label_refusal({**SCORE, **change}).startswith(f"l.csv, row 1, field `{field}`: ")


def test_one_rater_labels_a_pair_once_whichever_way_it_is_written() -> None:
    turned = {**LABEL, "system_a": "y", "system_b": "x"}
    assert "repeats row 1" in label_refusal(LABEL, turned)
    assert "repeats row 1" in label_refusal(
        {**LABEL, "order_shown": "AB"}, {**turned, "order_shown": "BA"}
    )
    assert "repeats row 1" in label_refusal(SCORE, {**SCORE, "score": 5})


def test_raters_criteria_and_orders_tell_labels_apart() -> None:
    read = human(
        {**LABEL, "order_shown": "AB"},
        {**LABEL, "order_shown": "BA"},
        {**LABEL, "criterion": "tone"},
        {**LABEL, "rater": "s"},
    )
    assert len(read) == 4


def test_labels_of_pairs_and_of_answers_do_not_mix() -> None:
    assert "two files" in label_refusal(LABEL, SCORE)


def test_one_label_has_one_score_in_a_file() -> None:
    good = {**SCORE, "label": "good"}
    message = label_refusal(good, {**good, "item_id": "k", "score": 3})
    assert message.startswith("l.csv, row 2, field `score`: ")
    assert "row 1" in message
    assert len(human(good, {**good, "item_id": "k"}, {**good, "criterion": "c", "score": 3})) == 3
