"""lm-evaluation-harness: what a model wrote, and what the metrics gave it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from format_files import column, first, refusal, responses, verdicts

from judge.formats import Rows
from judge.formats.lm_eval import FORMAT
from judge.records import read_responses

SAMPLE = {
    "doc_id": 3,
    "doc": {"question": "2 + 2?"},
    "target": "4",
    "arguments": {"gen_args_0": {"arg_0": "Q: 2 + 2? A:", "arg_1": {"until": ["Q:"]}}},
    "resps": [["It is 4."]],
    "filtered_resps": ["4"],
    "filter": "strict-match",
    "metrics": ["exact_match"],
    "doc_hash": "a",
    "exact_match": 1.0,
}


def rows_at(path: str, *samples: dict[str, Any]) -> Rows:
    stem = path.split("/")[-1].removesuffix(".jsonl")
    return Rows(path, stem, list(enumerate(samples, 1)))


def test_a_response_is_what_the_model_wrote_and_not_what_a_filter_left() -> None:
    (answer,) = responses(FORMAT, [SAMPLE]).rows
    assert (answer.prompt, answer.turns) == (("Q: 2 + 2? A:",), ("It is 4.",))
    assert (answer.reference, answer.item_id, answer.system) == ("4", "3", "responses")


@pytest.mark.parametrize("name", ["samples_gsm8k", "samples_gsm8k_2025-01-02T03-04-05.678901"])
def test_the_path_names_the_model_and_the_task(name: str) -> None:
    rows = rows_at(f"out/org__model/{name}.jsonl", SAMPLE)
    (answer,) = FORMAT.reads["responses"]({"responses": rows}).rows
    assert (answer.system, answer.item_id, answer.category) == ("org__model", "gsm8k/3", "gsm8k")
    row = first(FORMAT.reads["verdicts"]({"verdicts": rows}))
    assert (row["system"], row["item_id"], row["category"]) == ("org__model", "gsm8k/3", "gsm8k")


def test_a_file_that_was_renamed_is_called_by_its_name() -> None:
    (answer,) = FORMAT.reads["responses"]({"responses": rows_at("out/tuned.jsonl", SAMPLE)}).rows
    assert (answer.system, answer.item_id) == ("tuned", "3")


def test_files_of_two_models_pair_by_document(tmp_path: Path) -> None:
    paths = []
    for model, text in (("base", "5"), ("tuned", "4")):
        path = tmp_path / model / "samples_sums_2025-01-02T03-04-05.6.jsonl"
        path.parent.mkdir()
        path.write_text(json.dumps({**SAMPLE, "resps": [[text]]}), "utf-8")
        paths.append(path)
    found = read_responses(paths, format="lm_eval")
    assert found.systems == ("base", "tuned")
    assert [r.turns for r in found.items[0].responses] == [("5",), ("4",)]


CHAT = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "2 + 2?"}]


@pytest.mark.parametrize(
    ("arguments", "prompt"),
    [
        ([["Q: 2 + 2?", {"until": []}]], "Q: 2 + 2?"),
        ({"gen_args_0": {"arg_0": [json.dumps(CHAT)]}}, "[system] Be brief.\n2 + 2?"),
        ({"gen_args_0": {"arg_0": json.dumps(CHAT)}}, "[system] Be brief.\n2 + 2?"),
        ({"gen_args_0": {"arg_0": '[{"role": cut'}}, '[{"role": cut'),
    ],
)
def test_every_way_to_write_the_prompt_is_read(arguments: Any, prompt: str) -> None:
    (answer,) = responses(FORMAT, [{**SAMPLE, "arguments": arguments}]).rows
    assert answer.prompt == (prompt,)


def test_another_filter_on_the_same_response_is_no_second_response() -> None:
    other = {**SAMPLE, "filter": "flexible-extract", "filtered_resps": ["It is 4"]}
    assert len(responses(FORMAT, [SAMPLE, other]).rows) == 1


def test_of_several_responses_the_first_is_taken_and_that_is_said() -> None:
    found = responses(FORMAT, [{**SAMPLE, "resps": [["one", "two"]]}])
    assert found.rows[0].turns == ("one",)
    assert "1 documents have several responses" in found.warnings[0]


def test_every_metric_is_a_criterion_and_a_filter_a_variant() -> None:
    other = {**SAMPLE, "filter": "none", "metrics": ["exact_match", "f1"], "f1": None}
    table = verdicts(FORMAT, [SAMPLE, {**other, "exact_match": False}])
    assert column(table, "variant") == ["strict-match", "", ""]
    assert column(table, "criterion") == ["exact_match", "exact_match", "f1"]
    assert column(table, "score") == [1, 0, None]
    assert column(table, "status") == ["ok", "ok", "unparsed"]
    assert set(column(table, "judge")) == {"lm_eval"}
    assert set(column(table, "len")) == {8}
    assert "2 filters" in table.warnings[0]


def test_without_a_list_of_metrics_every_other_column_is_one() -> None:
    row = {name: value for name, value in SAMPLE.items() if name != "metrics"}
    assert column(verdicts(FORMAT, [row]), "criterion") == ["exact_match"]


def test_choices_have_scores_and_no_responses() -> None:
    choice = {
        **SAMPLE,
        "resps": [[[-3.5, False]], [[-1.0, True]]],
        "filtered_resps": [[-3.5, False]],
    }
    assert column(verdicts(FORMAT, [choice]), "score") == [1]
    assert column(verdicts(FORMAT, [choice]), "len") == [None]
    assert "log-likelihoods" in refusal(FORMAT, "responses", [choice])


def test_a_metric_of_several_numbers_is_left_out_and_named() -> None:
    row = {**SAMPLE, "metrics": ["exact_match", "word_perplexity"], "word_perplexity": [-9.0, 4]}
    table = verdicts(FORMAT, [row])
    assert column(table, "criterion") == ["exact_match"]
    assert "word_perplexity" in table.warnings[0]


@pytest.mark.parametrize(
    ("role", "rows", "said"),
    [
        (
            "verdicts",
            [{**SAMPLE, "exact_match": "yes"}],
            "field `exact_match`: 'yes' is not a number",
        ),
        ("verdicts", [{**SAMPLE, "metrics": []}], "no metric with one number"),
        ("verdicts", [SAMPLE, SAMPLE], "row 2: repeats row 1"),
        ("responses", [SAMPLE, {**SAMPLE, "resps": [["5"]]}], "another response in row 1"),
        ("responses", [{**SAMPLE, "arguments": {}}], "field `arguments`"),
        ("responses", [{**SAMPLE, "doc_id": None}], "field `doc_id`"),
        ("responses", [], "--log_samples"),
    ],
)
def test_what_cannot_be_read_is_named(role: str, rows: list[Any], said: str) -> None:
    assert said in refusal(FORMAT, role, rows)


@pytest.mark.parametrize(
    ("arguments", "resps"),
    [
        (
            {"gen_args_0": {"arg_0": "q", "arg_1": " a"}, "gen_args_1": {"arg_0": "q"}},
            [[["-3.5", "False"]], [["-1.0", "True"]]],
        ),
        ([["q", " a"], ["q", " b"]], [["-3.5", "False"], ["-1.0", "True"]]),
        ({"gen_args_0": {"arg_0": "a whole text"}}, [["-123.25"]]),
        ({"gen_args_0": {"arg_0": "a whole text"}}, [["-inf"]]),
    ],
)
def test_log_likelihoods_that_were_written_as_texts_are_no_responses(
    arguments: Any, resps: Any
) -> None:
    scored = {**SAMPLE, "arguments": arguments, "resps": resps}
    table = verdicts(FORMAT, [scored])
    assert (column(table, "score"), column(table, "len")) == ([1], [None])
    assert "log-likelihoods" in refusal(FORMAT, "responses", [scored])


def test_a_number_that_a_model_wrote_is_a_response() -> None:
    row = {**SAMPLE, "resps": [["-4.0"]]}
    assert responses(FORMAT, [row]).rows[0].turns == ("-4.0",)
    assert column(verdicts(FORMAT, [row]), "len") == [4]


def test_a_metric_of_numpy_stands_there_as_a_text() -> None:
    rows = [{**SAMPLE, "doc_id": n, "exact_match": v} for n, v in enumerate(("0.5", "nan", ""))]
    table = verdicts(FORMAT, rows)
    assert column(table, "score") == [0.5, None, None]
    assert column(table, "status") == ["ok", "unparsed", "unparsed"]
