"""promptfoo: model-graded assertions are verdicts, and a result that is not there is never a pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from format_files import column, first, refusal, responses, verdicts

from judge.aggregate import analyze
from judge.formats.promptfoo import FORMAT
from judge.records import read_responses, read_verdicts


def part(
    passed: Any = True, score: Any = 1, kind: str = "llm-rubric", **more: Any
) -> dict[str, Any]:
    assertion = {"type": kind, "value": "is kind", **more.pop("assertion", {})}
    found = {"pass": passed, "score": score, "reason": "because", "assertion": assertion, **more}
    return {name: value for name, value in found.items() if value is not ...}


def result(*parts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    grading = {"pass": True, "score": 1, "reason": "All passed", "componentResults": list(parts)}
    row = {
        "testIdx": 0,
        "promptIdx": 0,
        "provider": {"id": "openai:gpt-4o", "label": ""},
        "prompt": {"raw": "Greet Ann.", "label": "Greet {{name}}."},
        "vars": {"name": "Ann"},
        "response": {"output": "Hi Ann"},
        "failureReason": 0,
        "success": True,
        "gradingResult": grading,
    }
    return {**row, **changes}


def failed(**changes: Any) -> dict[str, Any]:
    broken = {
        "failureReason": 2,
        "error": "429",
        "gradingResult": None,
        "response": {"error": "429"},
    }
    return result(**{**broken, "success": False, **changes})


def document(*results: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"evalId": "e", "results": {"version": 3, "results": list(results)}}]


# -- verdicts ------------------------------------------------------------------------------------


def test_a_graded_assertion_is_a_verdict_with_its_score_and_reason() -> None:
    own = part(False, 0.3, assertion={"metric": "kindness", "provider": "openai:gpt-4.1"})
    row = first(verdicts(FORMAT, document(result(own))))
    assert (row["item_id"], row["system"], row["judge"]) == ("0", "openai:gpt-4o", "openai:gpt-4.1")
    assert (row["criterion"], row["score"], row["status"]) == ("kindness", 0.3, "ok")
    assert (row["explanation"], row["len"], row["passed"]) == ("because", 6, False)


@pytest.mark.parametrize(
    "rows",
    [
        document(result(part())),
        [{"results": [result(part())]}],
        [result(part())],
    ],
)
def test_every_version_of_the_file_is_read(rows: list[dict[str, Any]]) -> None:
    assert column(verdicts(FORMAT, rows), "score") == [1]


@pytest.mark.parametrize(
    ("own", "status"),
    [
        (part(...), "unparsed"),
        (part(None), "unparsed"),
        (part("true"), "unparsed"),
        (part(True, "high"), "unparsed"),
        (part(True, True), "unparsed"),
        (part(False, 0, metadata={"graderError": True}), "failed"),
    ],
)
def test_a_result_without_a_readable_pass_is_no_pass(own: dict[str, Any], status: str) -> None:
    row = first(verdicts(FORMAT, document(result(own))))
    assert (row["score"], row["status"]) == (None, status)
    assert row["reason"]


@pytest.mark.parametrize(("passed", "score"), [(True, 1), (False, 0)])
def test_without_a_score_pass_counts(passed: bool, score: int) -> None:
    assert column(verdicts(FORMAT, document(result(part(passed, ...)))), "score") == [score]


def test_a_test_that_could_not_be_carried_out_failed_on_all_that_was_asked() -> None:
    kinds = [part(kind="g-eval"), part(assertion={"metric": "kindness"})]
    table = verdicts(FORMAT, document(result(*kinds), failed(testIdx=1)))
    assert column(table, "status") == ["ok", "ok", "failed", "failed"]
    assert column(table, "criterion") == ["g-eval", "kindness"] * 2
    assert column(table, "reason")[2:] == ["429", "429"]
    (row,) = analyze(table).judges
    assert (row.ok, row.failed) == (1, 1)


def test_a_failed_test_that_says_what_it_asked_lacks_that_alone() -> None:
    asked = [{"type": "assert-set", "assert": [{"type": "g-eval"}]}, {"type": "contains"}]
    table = verdicts(
        FORMAT, document(result(part()), failed(testIdx=1, testCase={"assert": asked}))
    )
    assert column(table, "criterion") == ["llm-rubric", "g-eval"]
    assert "1 results of assertions are left out" in table.warnings[0]


def test_a_failed_assertion_is_a_verdict_and_no_failure() -> None:
    """Older versions put an assertion's reason under `error` as well."""
    row = result(part(False, 0), error="because", failureReason=1, success=False)
    assert column(verdicts(FORMAT, document(row)), "status") == ["ok"]


def test_what_a_program_decides_is_left_out_and_counted() -> None:
    table = verdicts(FORMAT, document(result(part(kind="contains"), part(kind="not-llm-rubric"))))
    assert column(table, "criterion") == ["not-llm-rubric"]
    assert "1 results of assertions are left out" in table.warnings[0]
    message = refusal(FORMAT, "verdicts", document(result(part(kind="contains"))))
    assert "no assertion here was graded by a model" in message


def test_a_set_of_assertions_is_not_counted_beside_its_parts() -> None:
    whole = {"pass": True, "score": 1, "reason": "set", "componentResults": [part()]}
    assert column(verdicts(FORMAT, document(result(whole, part()))), "criterion") == ["llm-rubric"]


def test_assertions_of_one_name_are_numbered() -> None:
    table = verdicts(FORMAT, document(result(part(), part(kind="g-eval"), part())))
    assert column(table, "criterion") == ["llm-rubric 1", "g-eval", "llm-rubric 2"]


def test_a_test_without_assertions_passes_there_and_has_no_verdict_here() -> None:
    nothing = {"pass": True, "score": 1, "reason": "No assertions"}
    table = verdicts(FORMAT, document(result(part()), result(gradingResult=nothing, testIdx=1)))
    assert column(table, "item_id") == ["0"]


def test_the_grader_of_a_test_is_the_judge_where_an_assertion_names_none() -> None:
    case = {"options": {"provider": {"id": "openai:o3"}}}
    assert first(verdicts(FORMAT, document(result(part(), testCase=case))))["judge"] == "openai:o3"
    assert first(verdicts(FORMAT, document(result(part()))))["judge"] == "promptfoo"


def test_repeats_of_a_test_are_items_of_one_cluster() -> None:
    rows = [result(part(), testIdx=n) for n in (0, 1)]
    clusters = column(verdicts(FORMAT, document(*rows)), "cluster")
    assert clusters[0] == clusters[1] not in ("0", "1")


# -- responses -----------------------------------------------------------------------------------


def test_responses_are_what_every_provider_answered(tmp_path: Path) -> None:
    other = result(part(), provider={"id": "x", "label": "tuned"}, response={"output": {"a": 1}})
    path = tmp_path / "out.json"
    path.write_text(json.dumps(document(result(part()), other)[0]), "utf-8")
    found = read_responses([path], format="promptfoo")
    assert found.systems == ("openai:gpt-4o", "tuned")
    assert found.items[0].prompt == ("Greet Ann.",)
    assert [r.turns for r in found.items[0].responses] == [("Hi Ann",), ('{"a": 1}',)]
    assert column(read_verdicts(path, format="promptfoo"), "system") == list(found.systems)


def test_a_provider_that_failed_gave_no_response() -> None:
    assert responses(FORMAT, document(failed())).rows[0].turns is None


def test_several_prompts_are_several_systems_on_the_tests_variables() -> None:
    long = "Say hello to {{name}}\nand mean it."
    other = result(part(), prompt={"raw": "Say hello to Ann\nand mean it.", "label": long})
    found = responses(FORMAT, document(result(part()), other))
    assert [a.system for a in found.rows] == [
        "openai:gpt-4o | Greet {{name}}.",
        "openai:gpt-4o | prompt 2",
    ]
    assert {a.prompt for a in found.rows} == {("Ann",)}
    assert "2 prompts were tried" in found.warnings[0]


def test_without_a_number_the_variables_are_the_test() -> None:
    rows = [result(part(), testIdx=None, provider=p) for p in ("x", "y")]
    a, b = responses(FORMAT, document(*rows)).rows
    assert a.item_id is not None
    assert a.item_id == b.item_id


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"stats": {}}], "has no `results`"),
        ([{"results": {"results": []}}], "holds no results"),
        ([{"results": ["x"]}], "row 1, field `results`: 'x' is no result"),
        (document(result(part(), provider=None)), "field `provider`"),
        (document(result(part(), prompt=None)), "field `prompt`"),
        (document(result(part()), result(part())), "row 2: repeats row 1"),
    ],
)
def test_what_cannot_be_read_is_named(rows: list[dict[str, Any]], said: str) -> None:
    assert said in refusal(FORMAT, "verdicts", rows)


@pytest.mark.parametrize(
    "reason",
    [
        "No output",
        "API error: 429 Too Many Requests",
        "API call error: timed out",
        "Could not extract JSON from llm-rubric response",
        "llm-rubric produced malformed response: SyntaxError",
        "trajectory:goal-success produced malformed response - output must be string or object.",
        "Model grader produced a malformed response:\nMaybe",
        "Factuality checker output did not match expected format: hm",
        "Invalid category value: F",
        "LLM-proposed evaluation result is not in JSON format: hm",
    ],
)
@pytest.mark.parametrize(("passed", "score"), [(False, 0), (True, 1)])  # as under "not-"
def test_a_grader_that_gave_no_grade_is_no_fail_and_no_pass(
    reason: str, passed: bool, score: int
) -> None:
    table = verdicts(FORMAT, document(result(part(passed, score, reason=reason))))
    assert (column(table, "status"), column(table, "score")) == (["failed"], [None])
    assert column(table, "reason") == [reason]


@pytest.mark.parametrize("reason", ["No output format was asked for", "The API errors are handled"])
def test_a_reason_that_only_begins_alike_is_a_grade(reason: str) -> None:
    table = verdicts(FORMAT, document(result(part(False, 0, reason=reason))))
    assert (column(table, "status"), column(table, "score")) == (["ok"], [0])


def test_several_documents_of_one_file_keep_their_own_results() -> None:
    one, two = result(part(score=0.25)), result(part(score=0.75), testIdx=1)
    table = verdicts(FORMAT, [*document(one), *document(two)])
    assert column(table, "item_id") == ["0", "1"]
    assert column(table, "score") == [0.25, 0.75]


@pytest.mark.parametrize("kind", ["agent-rubric", "not-agent-rubric", "promptfoo:redteam:bias"])
def test_every_assertion_that_a_model_grades_is_a_verdict(kind: str) -> None:
    assert column(verdicts(FORMAT, document(result(part(kind=kind)))), "criterion") == [kind]
