"""Inspect: scorers are judges, epochs are repeats, and what was not scored has no score."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from format_files import column, first, refusal, responses, verdicts
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from judge import table
from judge.aggregate import analyze
from judge.errors import InputError
from judge.formats.inspect_ai import FORMAT
from judge.records import read_responses, read_verdicts
from judge.table import VerdictTable
from judge.workflow.export import written


def sample(number: int = 1, epoch: int = 1, *, value: Any = "C", **changes: Any) -> dict[str, Any]:
    scores = {"grader": {"value": value, "answer": "4", "explanation": "it is"}}
    return {
        "id": number,
        "epoch": epoch,
        "input": f"What is {number} + 2?",
        "target": "3",
        "output": {"model": "m", "completion": f"It is {number}."},
        "scores": scores,
        **changes,
    }


def log(*samples: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
    header = {"version": 2, "status": "success", "eval": {"model": "openai/gpt-4o", "task": "sums"}}
    return [{**header, "samples": list(samples), **changes}]


def archived(path: Path, document: dict[str, Any], start: str = "header.json") -> Path:
    """The log as Inspect packs it: a header, and a member a sample."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        header = {name: value for name, value in document.items() if name != "samples"}
        archive.writestr(start, json.dumps(header))
        archive.writestr("summaries.json", "[]")
        for own in document["samples"]:
            name = f"samples/{own['id']}_epoch_{own['epoch']}.json"
            archive.writestr(name, json.dumps(own))
    path.write_bytes(file.getvalue())
    return path


# -- verdicts of a log ---------------------------------------------------------------------------


def test_a_score_is_a_verdict_of_its_scorer() -> None:
    row = first(verdicts(FORMAT, log(sample())))
    assert (row["item_id"], row["system"], row["judge"]) == ("1", "openai/gpt-4o", "grader")
    assert (row["score"], row["label"], row["status"]) == (1, "C", "ok")
    assert (row["explanation"], row["len"], row["answer"]) == ("it is", 8, "4")


@pytest.mark.parametrize(
    ("value", "score"),
    [
        *(("C", 1), ("P", 0.5), ("I", 0), ("N", 0)),
        *((0.25, 0.25), (7, 7), (True, 1), (False, 0), ("0.5", 0.5), ("yes", 1), ("False", 0)),
    ],
)
def test_values_have_the_numbers_that_inspect_gives_them(value: Any, score: float) -> None:
    assert column(verdicts(FORMAT, log(sample(value=value))), "score") == [score]


@pytest.mark.parametrize("value", [None, "", float("nan"), float("inf"), "nan"])
def test_what_is_no_score_is_unparsed_and_not_zero(value: Any) -> None:
    table = verdicts(FORMAT, log(sample(1, value=value), sample(2, value=0.5)))
    assert column(table, "status") == ["unparsed", "ok"]
    assert column(table, "score") == [None, 0.5]


def test_a_word_among_numbers_is_unparsed_where_inspect_would_count_zero() -> None:
    table = verdicts(FORMAT, log(sample(1, value="great"), sample(2, value=0.5)))
    assert column(table, "status") == ["unparsed", "ok"]
    assert "'great'" in column(table, "reason")[0]


def test_a_scorer_of_words_alone_gives_labels_and_its_letters_are_no_numbers() -> None:
    """A grade C is not correct where there are grades A and B."""
    values = ["A", "C", "B"]
    table = verdicts(FORMAT, log(*(sample(n, value=v) for n, v in enumerate(values))))
    assert column(table, "label") == values
    assert column(table, "score") == [None] * 3


@pytest.mark.parametrize(
    ("value", "criteria", "scores"),
    [
        ({"clear": 0.5, "right": None}, ["clear", "right"], [0.5, None]),
        ([1, 0], ["1", "2"], [1, 0]),
    ],
)
def test_parts_of_a_score_are_criteria(value: Any, criteria: list[str], scores: list[Any]) -> None:
    table = verdicts(FORMAT, log(sample(value=value)))
    assert column(table, "criterion") == criteria
    assert column(table, "score") == scores


def test_a_sample_that_a_scorer_left_out_is_counted() -> None:
    broken = sample(3, scores=None, error={"message": "time-out", "traceback": ""})
    table = verdicts(FORMAT, log(sample(1), sample(2, scores={}), broken))
    assert column(table, "status") == ["ok", "unparsed", "failed"]
    assert column(table, "reason") == ["", "the scorer gave no score", "time-out"]
    (judge,) = analyze(table).judges
    assert (judge.ok, judge.unparsed, judge.failed) == (1, 1, 1)


def test_scorers_of_the_results_count_where_no_sample_was_scored() -> None:
    results = {"scores": [{"name": "grader", "scorer": "grader"}]}
    table = verdicts(FORMAT, log(sample(scores=None, error={"message": "x"}), results=results))
    assert (column(table, "judge"), column(table, "status")) == (["grader"], ["failed"])


def test_epochs_are_repeats_of_another_response_and_that_is_said() -> None:
    table = verdicts(FORMAT, log(sample(1, 1), sample(1, 2, value="I")))
    assert column(table, "repeat") == [1, 2]
    assert column(table, "score") == [1, 0]
    assert "each has a response of its own" in table.warnings[0]


# -- responses -----------------------------------------------------------------------------------


def test_a_response_is_the_completion_with_the_target_as_reference() -> None:
    (answer,) = responses(FORMAT, log(sample(target=["3", "three"]))).rows
    assert (answer.prompt, answer.turns) == (("What is 1 + 2?",), ("It is 1.",))
    assert (answer.reference, answer.item_id) == ("3\nthree", "1")
    assert answer.system == "openai/gpt-4o"


@pytest.mark.parametrize(
    ("output", "turns"),
    [
        ({"choices": [{"message": {"content": "yes"}}]}, ("yes",)),
        (
            {"choices": [{"message": {"content": [{"type": "reasoning"}, {"text": "yes"}]}}]},
            ("yes",),
        ),
        ({"choices": []}, None),
        (None, None),
        ({"completion": "attachment://abc"}, ("a long text",)),
    ],
)
def test_every_way_to_hold_an_output_is_read(output: Any, turns: Any) -> None:
    own = sample(output=output, attachments={"abc": "a long text"})
    assert responses(FORMAT, log(own)).rows[0].turns == turns


def test_messages_of_an_input_are_turns_and_nothing_of_them_is_lost() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "attachment://q"},
        {"role": "assistant", "content": "3"},
        {"role": "user", "content": [{"type": "text", "text": "And now?"}]},
    ]
    own = sample(input=messages, attachments={"q": "1 + 2?"})
    (answer,) = responses(FORMAT, log(own)).rows
    assert answer.prompt == ("[system] Be brief.\n1 + 2?", "[assistant] 3\nAnd now?")


def test_of_several_epochs_the_first_is_taken_and_that_is_said() -> None:
    found = responses(FORMAT, log(sample(1, 2, output={"completion": "no"}), sample(1, 1)))
    assert [a.turns for a in found.rows] == [("It is 1.",)]
    assert "those of epoch 1 are taken" in found.warnings[0]


@pytest.mark.parametrize("start", ["header.json", "_journal/start.json", "start.json"])
def test_a_packed_log_reads_like_a_plain_one(tmp_path: Path, start: str) -> None:
    (document,) = log(sample(1), sample(2, value="I"))
    plain = tmp_path / "log.json"
    plain.write_text(json.dumps(document), "utf-8")
    packed = archived(tmp_path / "log.eval", document, start)
    a, b = (read_verdicts(path, format="inspect") for path in (plain, packed))
    assert_frame_equal(a.frame, b.frame)
    c, d = (read_responses([path], format="inspect") for path in (plain, packed))
    assert c.items == d.items


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"eval": {"model": "m"}}], "holds no samples"),
        (log(), "holds no samples"),
        (log(sample(), eval={}), "does not name the model"),
        (log(sample(id=None)), "row 1, field `id`"),
        (log(sample(epoch="x")), "row 1, field `epoch`"),
        (log(sample(scores=1)), "row 1, field `scores`: 1 is no object"),
        (log(sample(scores={"g": 1})), "row 1, field `scores`"),
        (log(sample(scores={})), "holds no scores"),
        (log(sample(), sample()), "row 2: repeats row 1"),
        ([{"id": 1, "value": 1}], "names no system"),
        ([], "holds no rows"),
    ],
)
def test_what_cannot_be_read_is_named(rows: list[dict[str, Any]], said: str) -> None:
    assert said in refusal(FORMAT, "verdicts", rows)


# -- rows of scores ------------------------------------------------------------------------------

SINGLE = {"system": "m", "judge": "j"}


def of(rows: list[dict[str, Any]]) -> VerdictTable:
    return table.from_rows(table.mode_of(rows[0]), rows)


def score_rows(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    return list(FORMAT.writes["verdicts"](of(list(rows)), None))


def test_a_single_verdict_is_a_row_of_inspects_own_shape() -> None:
    (row,) = score_rows({**SINGLE, "item_id": "i", "score": 4, "explanation": "why", "repeat": 2})
    metadata = row.pop("metadata")
    assert row == {"id": "i", "epoch": 2, "value": 4, "explanation": "why"}
    assert metadata["verdicts"][0]["judge"] == "j"


def test_a_missing_verdict_has_no_row_which_inspect_takes_as_unscored() -> None:
    rows = score_rows({**SINGLE, "item_id": "i", "score": 4}, {**SINGLE, "item_id": "k"})
    assert [row["id"] for row in rows] == ["i"]


def test_several_verdicts_on_an_item_are_parts_of_one_value() -> None:
    one = {**SINGLE, "item_id": "i", "criterion": "right"}
    (row,) = score_rows({**one, "score": 4}, {**one, "judge": "k"})
    assert row["value"] == {"j right": 4, "k right": None}


def test_a_pair_is_what_system_a_won_in_each_order() -> None:
    pair = {"item_id": "i", "system_a": "x", "system_b": "y", "judge": "j"}
    turned = {**pair, "system_a": "y", "system_b": "x", "order": "AB", "label": "a"}
    (row,) = score_rows({**pair, "order": "AB", "label": "a"}, turned)
    assert row["value"] == {"j AB": 1.0, "j BA": 0.0}


def test_a_table_of_several_systems_belongs_to_several_logs() -> None:
    with pytest.raises(InputError, match="here are m; n"):
        score_rows(
            {**SINGLE, "item_id": "i", "score": 4},
            {**SINGLE, "item_id": "i", "system": "n", "score": 4},
        )


cells = st.fixed_dictionaries(
    {"score": st.sampled_from([1, 2.5, None]), "explanation": st.text(max_size=5)}
)


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("ik"), st.sampled_from("jl"), st.sampled_from(["", "c"])),
        cells,
        min_size=1,
    )
)
def test_what_was_written_reads_back_as_it_was(said: dict[tuple[str, str, str], Any]) -> None:
    """Rows without a verdict come back where they are part of a value, and have no row alone."""
    rows = [
        {"item_id": item, "system": "m", "judge": judge, "criterion": criterion, **values}
        for (item, judge, criterion), values in said.items()
    ]
    own = of(rows)
    is_alone = len({row["item_id"] for row in rows}) == len(rows)
    kept = [row for row in table.to_rows(own) if not is_alone or row["status"] == "ok"]
    found = list(FORMAT.writes["verdicts"](own, None))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    if not kept:
        assert found == []
        return
    back = verdicts(FORMAT, found)
    assert sorted(map(str, table.to_rows(back))) == sorted(map(str, kept))


@pytest.mark.parametrize("name", ["scores.json", "scores.jsonl"])
def test_a_file_that_was_exported_is_read_again(tmp_path: Path, name: str) -> None:
    pair = {"item_id": "i", "system_a": "x", "system_b": "y", "judge": "j", "p_a": 0.7}
    own = of([{**pair, "order": "AB", "len_a": 3}, {**pair, "order": "BA", "label": "a"}])
    path = written(list(FORMAT.writes["verdicts"](own, None)), tmp_path / name, "inspect")
    assert_frame_equal(read_verdicts(path, format="inspect").frame, own.frame)


PARTS = {"fact": "C", "style": 0.5}


@pytest.mark.parametrize(
    "scores",
    [
        {},
        {"grader": {"value": None}},
        {"grader": {"value": {}}},
        {"grader": {"value": {"fact": None}}},
    ],
)
def test_a_sample_without_a_score_lacks_every_part_of_it(scores: dict[str, Any]) -> None:
    table = verdicts(FORMAT, log(sample(1, value=PARTS), sample(2, scores=scores)))
    assert column(table, "criterion") == ["fact", "style"] * 2
    assert column(table, "status") == ["ok", "ok", "unparsed", "unparsed"]


def test_an_empty_score_is_counted_where_no_sample_has_parts() -> None:
    table = verdicts(FORMAT, log(sample(1), sample(2, value=[]), sample(3, value={})))
    assert column(table, "status") == ["ok", "unparsed", "unparsed"]


@pytest.mark.parametrize("role", ["verdicts", "responses"])
def test_a_second_log_in_a_file_is_not_passed_over(role: str) -> None:
    assert "another log" in refusal(FORMAT, role, log(sample()) * 2)


@pytest.mark.parametrize("samples", [5, True, "x", {"1": sample()}])
def test_samples_that_are_no_list_are_refused(samples: Any) -> None:
    said = refusal(FORMAT, "verdicts", log(samples=samples))
    assert "field `samples`" in said
    assert "no list of samples" in said
