"""PandaLM: every result column is a judge, and garbage is no tie."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from format_files import column, first, labels, refusal, verdicts

from judge.aggregate import analyze
from judge.formats.pandalm import FORMAT
from judge.records import read_labels, read_verdicts

DATA = (
    Path(__file__).parents[2].parent / "shared" / "data" / "pandalm" / "testset_with_judges.jsonl"
)
real = pytest.mark.skipif(
    not DATA.is_file(), reason=f"PandaLM's test set is not part of the repository and not at {DATA}"
)

ROW = {
    "idx": 0,
    "motivation_app": "Gmail",
    "cmp_key": "bloom-7b_llama-7b",
    "instruction": "Sort.",
    "input": "b, a",
    "response1": "a, b",
    "response2": "b",
    "annotator1": 1,
    "annotator2": 0,
    "annotator3": 2,
    "gpt_result": "1",
    "gpt_reason": "sorted",
    "pandalm_result": 2,
}


def test_every_result_column_is_a_judge_of_the_pair() -> None:
    table = verdicts(FORMAT, [{**ROW, "mine_result": "0"}])
    assert column(table, "judge") == ["gpt-3.5-turbo", "PandaLM-7B", "mine"]
    assert column(table, "label") == ["a", "b", "tie"]
    row = first(table)
    assert (row["system_a"], row["system_b"], row["category"]) == ("bloom-7b", "llama-7b", "Gmail")
    assert (row["len_a"], row["len_b"], row["explanation"]) == (4, 1, "sorted")
    assert table.comparable


@pytest.mark.parametrize("value", ["Tie", "tie", "0", 0])
def test_a_tie_is_a_tie(value: Any) -> None:
    assert first(verdicts(FORMAT, [{**ROW, "gpt_result": value}]))["label"] == "tie"


@pytest.mark.parametrize("value", ["garbage", "", None, 3, "1.", True, [1]])
def test_what_names_no_winner_is_unparsed_and_never_a_tie(value: Any) -> None:
    row = first(verdicts(FORMAT, [{**ROW, "gpt_result": value}]))
    assert (row["label"], row["status"]) == ("", "unparsed")


def test_the_order_is_not_known_and_that_is_said() -> None:
    table = verdicts(FORMAT, [ROW])
    assert set(column(table, "order")) == {""}
    assert "one order" in table.warnings[0]
    assert analyze(table).judges[0].position.consistency.value is None


def test_pairs_of_one_instruction_and_input_are_one_cluster() -> None:
    rows = [{**ROW, "idx": 0}, {**ROW, "idx": 1}, {**ROW, "idx": 2, "input": "d, c"}]
    clusters = column(verdicts(FORMAT, rows), "cluster")[::2]
    assert clusters[0] == clusters[1] != clusters[2] == "2"


@pytest.mark.parametrize("key", ["bloom-7b", "a_b_c", "_b", "a_", None, 7])
def test_a_key_that_does_not_name_two_systems_is_refused(key: Any) -> None:
    for role in ("verdicts", "labels"):
        assert "row 1, field `cmp_key`" in refusal(FORMAT, role, [{**ROW, "cmp_key": key}])


def test_every_annotator_has_a_label_of_their_own() -> None:
    found = labels(FORMAT, [{**ROW, "annotator4": None}])
    assert [(one.rater, one.label) for one in found] == [
        ("annotator1", "a"),
        ("annotator2", "tie"),
        ("annotator3", "b"),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({**ROW, "annotator2": 3}, "field `annotator2`: 3 is not one of 0 (tie), 1, 2"),
        ({**ROW, "annotator2": "Tie?"}, "field `annotator2`"),
    ],
)
def test_a_label_that_is_none_is_refused(row: dict[str, Any], said: str) -> None:
    assert said in refusal(FORMAT, "labels", [row])


def test_a_pair_that_stands_twice_is_refused() -> None:
    assert "row 2, field `idx`: '0' is row 1 too" in refusal(FORMAT, "labels", [ROW, ROW])
    assert "row 2: repeats row 1" in refusal(FORMAT, "verdicts", [ROW, ROW])


def test_a_file_without_judges_has_no_verdicts() -> None:
    row = {name: value for name, value in ROW.items() if not name.endswith("_result")}
    assert "no column <judge>_result" in refusal(FORMAT, "verdicts", [row])


# -- the published data --------------------------------------------------------------------------


@real
def test_the_unreadable_verdicts_of_the_published_file_are_counted_as_such() -> None:
    judges = {row.judge: row for row in analyze(read_verdicts(DATA, format="pandalm")).judges}
    gpt, panda = judges["gpt-3.5-turbo"], judges["PandaLM-7B"]
    assert (gpt.planned, gpt.ok, gpt.unparsed) == (999, 974, 25)
    assert (panda.planned, panda.ok, panda.unparsed) == (999, 999, 0)


@real
def test_accuracy_leaves_the_unreadable_out() -> None:
    """Against the majority of the annotators: 697 of 974, 71.56 %; as ties they would make 71.07 %."""
    frame = read_verdicts(DATA, format="pandalm").frame
    majority = _majority()
    own = frame[(frame["judge"] == "gpt-3.5-turbo") & (frame["status"] == "ok")]
    right = own["label"].astype(str) == own["item_id"].astype(str).map(majority)
    assert (int(right.sum()), len(own)) == (697, 974)
    assert round(100 * right.mean(), 2) == 71.56


@real
def test_the_annotators_majority_is_the_published_one() -> None:
    assert Counter(_majority().values()) == {"tie": 105, "a": 422, "b": 472}


def _majority() -> dict[str, str | None]:
    said: dict[str, Counter[str | None]] = {}
    for one in read_labels(DATA, format="pandalm"):
        said.setdefault(one.item_id, Counter())[one.label] += 1
    assert all(votes.total() == 3 for votes in said.values())
    return {item: votes.most_common(1)[0][0] for item, votes in said.items()}


@pytest.mark.parametrize(("value", "label"), [(1.0, "a"), ("2.0", "b"), (0.0, "tie"), (" 1 ", "a")])
def test_a_column_of_floats_says_the_same_as_one_of_whole_numbers(value: Any, label: str) -> None:
    row = {"idx": 1, "cmp_key": "x_y", "gpt_result": value, "annotator1": value}
    assert column(verdicts(FORMAT, [row]), "label") == [label]
    assert labels(FORMAT, [row])[0].label == label
