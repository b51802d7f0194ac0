"""LLMBar: winners are in the item's own numbering, and what could not be read has no winner."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from format_files import column, first, labels, refusal, verdicts
from pandas.testing import assert_frame_equal

from judge.formats import Rows
from judge.formats.llmbar import FORMAT
from judge.records import read_labels, read_verdicts
from judge.table import VerdictTable

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "llmbar"
real = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"LLMBar is not part of the repository and not at {DATA}"
)

ITEM = {"input": "Say yes.", "output_1": "Yes.", "output_2": "No, never.", "label": 1}
PAIR = {
    "subset": "Natural",
    "idx": 0,
    "judge": "GPT-4",
    "strategy": "CoT",
    "label": 1,
    "winner_order_ab": "1",
    "winner_order_ba": "2",
}


def swap(ab: str | None, ba: str | None) -> dict[str, Any]:
    return {
        "swap = False": {"completion": ["first", "stop"], "winner": ab},
        "swap = True": {"completion": ["second", "stop"], "winner": ba},
    }


def result(*results: Any) -> dict[str, Any]:
    return {**ITEM, "results": list(results)}


def at(path: str, *rows: dict[str, Any]) -> VerdictTable:
    """The verdicts of a file that lies there."""
    found: VerdictTable = FORMAT.reads["verdicts"](
        {"verdicts": Rows(path, path.split("/")[-1].split(".")[0], enumerate(rows, 1))}
    )
    return found


def said(table: VerdictTable) -> list[tuple[str, str, str]]:
    return list(zip(*(column(table, n) for n in ("order", "label", "status")), strict=True))


def test_a_condensed_row_is_two_verdicts_in_the_items_own_numbering() -> None:
    table = verdicts(FORMAT, [PAIR])
    assert said(table) == [("AB", "a", "ok"), ("BA", "b", "ok")]
    assert not table.comparable
    row = first(table)
    assert (row["item_id"], row["category"]) == ("Natural/0", "Natural")
    assert (row["judge"], row["rubric"]) == ("GPT-4", "CoT")
    assert (row["system_a"], row["system_b"]) == ("output_1", "output_2")


def test_null_is_unparsed_and_no_winner() -> None:
    table = verdicts(FORMAT, [{**PAIR, "winner_order_ba": None}])
    assert said(table)[1] == ("BA", "", "unparsed")


def test_a_result_file_names_subset_judge_and_strategy_in_its_path() -> None:
    path = "x/Dataset/LLMBar/Adversarial/Manual/evaluators/GPT-4/Vanilla/result.json"
    table = at(path, result(swap("1", "2")), result(swap("2", None)))
    row = first(table)
    assert (row["judge"], row["rubric"]) == ("GPT-4", "Vanilla")
    assert row["category"] == "LLMBar/Adversarial/Manual"
    assert column(table, "item_id")[::2] == [f"{row['category']}/0", f"{row['category']}/1"]
    assert (row["len_a"], row["len_b"], row["explanation"]) == (4, 10, "first")
    assert said(table)[2:] == [("AB", "b", "ok"), ("BA", "", "unparsed")]
    assert table.warnings == ()


def test_without_the_folders_the_judge_is_called_like_the_file_and_that_is_said() -> None:
    table = at("result.json", result(swap("1", "1")))
    assert first(table)["judge"] == "result"
    assert "keep the folders" in table.warnings[0]


def test_steps_before_the_verdict_are_not_the_verdict() -> None:
    """Metrics first, then a debate of two contrary answers, then the decision."""
    table = at("result.json", result(["metrics", "stop"], swap("1", "2"), swap("2", "2")))
    assert said(table) == [("AB", "b", "ok"), ("BA", "b", "ok")]


@pytest.mark.parametrize(
    ("first_score", "second_score", "label", "status"),
    [
        ("7", "3", "a", "ok"),
        ("3", "7", "b", "ok"),
        ("5", "5", "tie", "ok"),
        ("5", "?", "", "unparsed"),
    ],
)
def test_ratings_are_compared_and_what_the_source_made_of_them_is_not(
    first_score: str, second_score: str, label: str, status: str
) -> None:
    """The source writes a draw as 2 and 1, and unreadable ratings as 1 and 2."""
    scores = {"score_1": [first_score, "stop"], "score_2": [second_score, "stop"]}
    table = at("result.json", result({**scores, **swap("1", "2")}))
    assert said(table) == [("", label, status)]


def test_items_beside_add_lengths_and_the_cluster_of_a_shared_instruction() -> None:
    items = [{**ITEM, "subset": "Natural", "idx": n} for n in (0, 1)]
    items.append({**ITEM, "subset": "Natural", "idx": 2, "input": "Say no."})
    table = verdicts(FORMAT, [{**PAIR, "idx": n} for n in range(3)], items=items)
    assert column(table, "len_b") == [10] * 6
    clusters = column(table, "cluster")[::2]
    assert clusters[0] == clusters[1] != clusters[2] == "Natural/2"


def test_an_item_that_is_not_beside_is_an_error_with_its_row() -> None:
    message = refusal(FORMAT, "verdicts", [PAIR], items=[{**ITEM, "subset": "Natural", "idx": 9}])
    assert "row 1, field `idx`: item 'Natural/0'" in message


@pytest.mark.parametrize(
    ("row", "said_of_it"),
    [
        ({**PAIR, "winner_order_ab": "3"}, "field `winner_order_ab`: '3' is not one of 1, 2"),
        ({"subset": "s", "idx": 1, "judge": "j"}, "neither `results` nor `winner_order_ab`"),
        (result(), "field `results`"),
        (result({"swap = False": {"winner": "1"}}), "has no `swap = True`"),
    ],
)
def test_a_row_that_is_none_of_the_shapes_is_refused(row: dict[str, Any], said_of_it: str) -> None:
    assert said_of_it in refusal(FORMAT, "verdicts", [row])


def test_labels_repeated_over_judges_are_one_gold_label_an_item() -> None:
    rows = [PAIR, {**PAIR, "judge": "ChatGPT"}, {**PAIR, "idx": 1, "label": 2}]
    found = labels(FORMAT, rows)
    assert [(one.item_id, one.rater, one.label) for one in found] == [
        ("Natural/0", "gold", "a"),
        ("Natural/1", "gold", "b"),
    ]


def test_labels_that_contradict_each_other_are_refused_with_both_rows() -> None:
    message = refusal(FORMAT, "labels", [PAIR, {**PAIR, "judge": "ChatGPT", "label": 2}])
    assert "row 2, field `label`" in message
    assert "row 1" in message


# -- the published data --------------------------------------------------------------------------


@real
def test_the_published_verdicts_are_what_their_own_columns_say() -> None:
    """20,112 verdicts, of which 56 could not be read: counted as null in the file itself."""
    table = read_verdicts(DATA / "verdicts.jsonl", format="llmbar")
    raw = [line for line in (DATA / "verdicts.jsonl").read_text("utf-8").splitlines() if line]
    nulls = sum(line.count('_ab": null') + line.count('_ba": null') for line in raw)
    counts = table.frame["status"].value_counts()
    assert (counts["ok"], counts["unparsed"]) == (2 * 10056 - nulls, nulls)
    first_ab = sum('winner_order_ab": "1"' in line for line in raw)
    is_ab = table.frame["order"] == "AB"
    assert int((table.frame["label"][is_ab] == "a").sum()) == first_ab


@real
def test_the_format_gives_what_a_mapping_by_hand_gives(tmp_path: Path) -> None:
    """The mapping that the project's own analysis of these verdicts was checked with."""
    path, winners = tmp_path / "native.jsonl", {"1": "a", "2": "b", None: None}
    with path.open("w", encoding="utf-8") as file:
        for line in (DATA / "verdicts.jsonl").read_text("utf-8").splitlines():
            pair = json.loads(line)
            shared = {
                "item_id": f"{pair['subset']}/{pair['idx']}",
                "system_a": "output_1",
                "system_b": "output_2",
                "judge": pair["judge"],
                "rubric": pair["strategy"],
            }
            for order in ("AB", "BA"):
                label = winners[pair[f"winner_order_{order.lower()}"]]
                file.write(json.dumps({**shared, "order": order, "label": label}) + "\n")
    names = [*("item_id", "system_a", "system_b", "judge", "rubric", "order", "status", "label")]
    by_hand = read_verdicts(path).frame[names]
    assert_frame_equal(
        read_verdicts(DATA / "verdicts.jsonl", format="llmbar").frame[names], by_hand
    )


@real
def test_every_published_accuracy_comes_out_of_verdicts_and_labels() -> None:
    table = read_verdicts(
        DATA / "verdicts.jsonl", format="llmbar", beside={"items": DATA / "items.jsonl"}
    )
    gold = {one.item_id: one.label for one in read_labels(DATA / "items.jsonl", format="llmbar")}
    frame = table.frame.astype({"item_id": str, "label": str})
    right = frame["label"] == frame["item_id"].map(gold)
    keys = [frame[name].astype(str) for name in ("category", "judge", "rubric", "order")]
    found = right.groupby(keys).agg(["sum", "size"])
    assert len(found) == 240
    for line in (DATA / "published_statistics.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        for order, name in (("AB", "correct_False"), ("BA", "correct_True")):
            of = found.loc[(row["subset"], row["judge"], row["strategy"], order)]
            assert row[name].startswith(f"{of['sum']} / {of['size']} =")
    assert (table.frame["len_a"] > 0).all()


@real
def test_labels_of_items_and_of_verdicts_are_the_same() -> None:
    items = read_labels(DATA / "items.jsonl", format="llmbar")
    assert items == read_labels(DATA / "verdicts.jsonl", format="llmbar")
    assert len(items) == 419


@pytest.mark.parametrize(("value", "label"), [(1.0, "a"), ("2.0", "b"), ("2", "b")])
def test_a_column_of_floats_says_the_same_as_one_of_whole_numbers(value: Any, label: str) -> None:
    assert labels(FORMAT, [{"idx": 0, "label": value}])[0].label == label
