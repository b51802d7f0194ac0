"""AlpacaEval's files: which output is the baseline's, what a preference says, and what is not recorded."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import pytest
from format_files import column, first, refusal, responses, verdicts
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.analysis.asked import Asked
from judge.analysis.outcome import raw
from judge.errors import InputError
from judge.formats.alpaca_eval import FORMAT
from judge.records import read_responses
from judge.table import VerdictTable, from_rows
from judge.types import Item, Response


def annotation(**changes: Any) -> dict[str, Any]:
    return {
        "instruction": "Name a colour.",
        "output_1": "Blue, I think.",
        "generator_1": "base",
        "output_2": "Red.",
        "generator_2": "tuned",
        "dataset": "koala",
        "annotator": "judge-1",
        "preference": 2.0,
        **changes,
    }


# -- verdicts ------------------------------------------------------------------------------------


def test_generator_1_is_the_baseline_and_preference_2_a_win_of_the_other() -> None:
    row = first(verdicts(FORMAT, [annotation()]))
    assert (row["system_a"], row["system_b"], row["label"]) == ("tuned", "base", "a")
    assert (row["len_a"], row["len_b"], row["len_prompt"]) == (4, 14, 14)
    assert (row["judge"], row["category"], row["status"]) == ("judge-1", "koala", "ok")


@pytest.mark.parametrize(
    ("preference", "label"), [(1, "b"), (1.0, "b"), ("2", "a"), (1.5, "tie"), (0, "tie")]
)
def test_a_hard_preference_is_a_label_without_a_probability(preference: Any, label: str) -> None:
    row = first(verdicts(FORMAT, [annotation(preference=preference)]))
    assert (row["label"], row["p_a"]) == (label, None)


def test_a_preference_between_is_the_probability_that_generator_2_wins() -> None:
    table = verdicts(
        FORMAT,
        [
            annotation(preference=1.25),
            annotation(preference=1.75, instruction="Another?"),
        ],
    )
    assert column(table, "p_a") == [0.25, 0.75]
    assert column(table, "label") == ["b", "a"]


@pytest.mark.parametrize("preference", [None, math.nan, -1, -1.0, "no verdict", "", True, [2]])
def test_what_is_no_preference_is_unparsed_and_counted(preference: Any) -> None:
    table = verdicts(FORMAT, [annotation(preference=preference), annotation(instruction="Two?")])
    assert column(table, "status") == ["unparsed", "ok"]
    assert column(table, "label")[0] == ""
    assert any("1 of 2 preferences are no number" in w for w in table.warnings)


def test_a_draw_of_an_older_file_is_a_tie_and_counted() -> None:
    table = verdicts(FORMAT, [annotation(preference=0), annotation(instruction="Two?")])
    assert any("1 of 2 preferences are 0" in warning for warning in table.warnings)


@pytest.mark.parametrize("preference", [3, 0.5, 2.01, -2])
def test_a_preference_out_of_range_is_refused_with_its_place(preference: float) -> None:
    message = refusal(FORMAT, "verdicts", [annotation(), annotation(preference=preference)])
    assert "verdicts.jsonl, row 2, field `preference`" in message
    assert "outside 1 to 2" in message


def test_the_order_is_not_invented_and_that_is_said() -> None:
    table = verdicts(FORMAT, [annotation()])
    assert column(table, "order") == [""]
    assert any("does not record which output was shown first" in w for w in table.warnings)


def test_an_item_has_the_id_that_the_responses_to_its_instruction_have(tmp_path: Path) -> None:
    path = tmp_path / "outputs.json"
    outputs = [{"instruction": "Name a colour.", "output": "Red.", "generator": "tuned"}]
    path.write_text(json.dumps(outputs), "utf-8")
    (item,) = read_responses([path], format="alpaca_eval").items
    assert column(verdicts(FORMAT, [annotation()]), "item_id") == [item.item_id]


def test_one_instruction_with_two_pairs_of_outputs_is_two_items_of_one_cluster() -> None:
    twice = [annotation(), annotation(output_2="Green."), annotation(annotator="judge-2")]
    table = verdicts(FORMAT, twice)
    ids = column(table, "item_id")
    assert ids[0] != ids[1]
    assert ids[0] == ids[2]
    assert len(set(column(table, "cluster"))) == 1


def test_the_same_annotation_twice_is_refused() -> None:
    assert "row 3: repeats row 1" in refusal(
        FORMAT, "verdicts", [annotation(), annotation(instruction="Two?"), annotation()]
    )


@pytest.mark.parametrize(
    "name", ["concise_explanation", "raw_completion", "preference_raw_completion"]
)
def test_the_explanation_is_the_judges_own_text(name: str) -> None:
    row = annotation(**{name: "It is shorter."})
    assert first(verdicts(FORMAT, [row]))["explanation"] == "It is shorter."
    assert first(verdicts(FORMAT, [annotation(**{name: {"a": 1}})]))["explanation"] == ""


def test_other_plain_columns_are_kept() -> None:
    row = first(verdicts(FORMAT, [annotation(price_per_example=0.01, referenced_models={})]))
    assert row["price_per_example"] == 0.01
    assert "referenced_models" not in row


def test_a_file_without_the_columns_says_which_are_missing() -> None:
    message = refusal(FORMAT, "verdicts", [{"instruction": "x", "preference": 1}])
    assert "here is no output_1, output_2, generator_1, generator_2" in message
    assert "no rows" in refusal(FORMAT, "verdicts", [])


def test_the_condensed_form_names_the_system_its_row_and_the_lengths() -> None:
    row = {
        "model": "m",
        "row": 0,
        "preference": 1.25,
        "len_output_1": 9,
        "len_output_2": 4,
        "dataset": "koala",
    }
    table = verdicts(FORMAT, [row])
    found = first(table)
    assert (found["item_id"], found["system_a"], found["system_b"]) == ("0", "m", "baseline")
    assert (found["len_a"], found["len_b"], found["p_a"]) == (4, 9, 0.25)
    assert any("it is called baseline" in warning for warning in table.warnings)


# -- responses -----------------------------------------------------------------------------------


def test_outputs_are_responses_of_their_generator() -> None:
    rows: list[dict[str, Any]] = [
        {"instruction": "Q", "output": "A", "generator": "m", "dataset": "koala", "datasplit": "x"},
        {"instruction": "R", "output": None},
    ]
    one, two = responses(FORMAT, rows).rows
    assert (one.system, one.prompt, one.turns, one.category) == ("m", ("Q",), ("A",), "koala")
    assert one.metadata == {"datasplit": "x"}
    assert (two.system, two.turns) == ("responses", None)


@pytest.mark.parametrize("row", [{"output": "A"}, {"instruction": "Q", "output": 3}])
def test_outputs_without_texts_are_refused(row: dict[str, Any]) -> None:
    assert "responses.jsonl, row 1, field" in refusal(FORMAT, "responses", [row])


# -- writing -------------------------------------------------------------------------------------


def items(number: int) -> dict[str, Item]:
    answers = (Response("tuned", ("Red.",)), Response("base", ("Blue, I think.",)))
    made = (Item(f"i{n}", (f"Question {n}?",), answers, category="koala") for n in range(number))
    return {item.item_id: item for item in made}


def own(*rows: dict[str, Any]) -> VerdictTable:
    shared = {"system_a": "tuned", "system_b": "base", "judge": "j", "category": "koala"}
    return from_rows("pairwise", [{**shared, **row} for row in rows])


def back(table: VerdictTable, number: int) -> VerdictTable:
    """What is read in what was written, by way of JSON."""
    rows = json.loads(json.dumps(list(FORMAT.writes["verdicts"](table, items(number)))))
    return verdicts(FORMAT, rows)


LABELS = st.sampled_from(["a", "b", "tie", ""])


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=8))
def test_what_is_written_reads_back_to_the_same_comparisons(said: list[tuple[str, str]]) -> None:
    table = own(
        *(
            {"item_id": f"i{n}", "order": order, "label": label}
            for n, pair in enumerate(said)
            for order, label in zip(("AB", "BA"), pair, strict=True)
        )
    )
    again = back(table, len(said))
    ours, theirs = (
        raw(t, "base", {"j": 0}, [], Asked()).comparisons[0].raw for t in (table, again)
    )
    assert (theirs.value, theirs.n, theirs.n_missing) == pytest.approx(
        (ours.value, ours.n, ours.n_missing), abs=1e-12
    )
    assert theirs.se == (None if ours.se is None else pytest.approx(ours.se, abs=1e-12))


def test_the_mean_of_both_orders_is_written_and_null_where_one_is_missing() -> None:
    table = own(
        {"item_id": "i0", "order": "AB", "label": "a", "explanation": "first"},
        {"item_id": "i0", "order": "BA", "label": "tie", "explanation": "second"},
        {"item_id": "i1", "order": "AB", "label": "a"},
        {"item_id": "i1", "order": "BA", "status": "refused"},
        {"item_id": "i2", "order": "AB", "p_a": 0.2},
    )
    rows = list(FORMAT.writes["verdicts"](table, items(3)))
    # (1 + 0.5) / 2 = 0.75 for generator_2
    assert [row["preference"] for row in rows] == [1.75, None, 1.2]
    assert rows[0]["concise_explanation"] == "first\n\nsecond"
    assert rows[0] | {"preference": 0} == {
        "instruction": "Question 0?",
        "output_1": "Blue, I think.",
        "generator_1": "base",
        "output_2": "Red.",
        "generator_2": "tuned",
        "dataset": "koala",
        "annotator": "j",
        "preference": 0,
        "concise_explanation": "first\n\nsecond",
    }


def test_a_pair_that_stands_both_ways_round_is_written_one_way() -> None:
    turned = {"item_id": "i0", "order": "AB", "system_a": "base", "system_b": "tuned", "label": "a"}
    table = own({"item_id": "i0", "order": "AB", "label": "b"}, turned)
    (row,) = FORMAT.writes["verdicts"](table, items(1))
    # the baseline won twice: 1 is a win of generator_1
    assert (row["generator_1"], row["preference"]) == ("base", 1.0)


def test_a_pair_that_a_policy_stopped_is_not_written() -> None:
    stopped = {"item_id": "i1", "order": "AB", "status": "not_asked", "reason": "policy"}
    table = own({"item_id": "i0", "order": "AB", "label": "a"}, stopped)
    assert len(list(FORMAT.writes["verdicts"](table, items(2)))) == 1


def test_clusters_families_and_simulated_survive() -> None:
    said = {"order": "AB", "label": "a", "cluster": "c", "judge_families": "x", "simulated": True}
    table = own({"item_id": "i0", **said}, {"item_id": "i1", **said})
    again = back(table, 2).frame
    assert again["cluster"].tolist() == ["c", "c"]
    assert again["judge_families"].tolist() == ["x", "x"]
    assert again["simulated"].tolist() == [True, True]


def test_what_the_shape_cannot_hold_is_refused() -> None:
    write = FORMAT.writes["verdicts"]
    row = {"item_id": "i0", "order": "AB", "label": "a"}
    with pytest.raises(InputError, match="several rubrics"):
        list(write(own(row, row | {"rubric": "other"}), items(1)))
    turns = {"i0": dataclasses.replace(items(1)["i0"], prompt=("one", "two"))}
    with pytest.raises(InputError, match="several turns"):
        list(write(own(row), turns))
    with pytest.raises(InputError, match="give the items"):
        list(write(own(row)))
    single = from_rows("single", [{"item_id": "i", "system": "x", "judge": "j", "score": 1}])
    with pytest.raises(InputError, match="verdicts on pairs"):
        list(write(single, {}))


def test_an_output_that_is_not_there_has_no_length() -> None:
    table = verdicts(FORMAT, [annotation(output_1=None, output_2="")])
    assert (column(table, "len_a"), column(table, "len_b")) == ([0], [None])
