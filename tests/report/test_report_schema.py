"""The JSON of a report."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from pydantic import ValidationError
from report_samples import e, full, no_position, report, scored

from judge.report.schema import E, Report, RunJudge, RunModel, json_schema, to_json

DOCS = Path(__file__).parents[2] / "docs" / "report.schema.json"
E_KEYS = [
    *("value", "se", "ci_low", "ci_high", "confidence", "unit"),
    *("n", "n_clusters", "n_missing", "method", "note"),
]


def validate(text: str) -> None:
    jsonschema.Draft202012Validator(json.loads(json_schema())).validate(json.loads(text))


def test_kept_schema_is_the_one_the_models_give() -> None:
    """Remedy: python -m judge.report.schema > docs/report.schema.json"""
    assert DOCS.read_text("utf-8") == json_schema()


def test_module_prints_the_schema() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "judge.report.schema"],
        capture_output=True,
        check=True,
        cwd=DOCS.parents[1],
    )
    assert done.stdout.decode("utf-8") == json_schema()


@pytest.mark.parametrize("made", [report(), scored(), full()], ids=["pairwise", "single", "full"])
def test_written_report_satisfies_its_schema_and_reads_back_as_itself(made: Report) -> None:
    text = to_json(made)
    validate(text)
    assert Report.model_validate_json(text) == made


def test_top_level_keys_stand_in_the_documented_order() -> None:
    keys = list(json.loads(to_json(report())))
    assert keys == ["schema", "run", "warnings", "comparisons", "judges"]


def test_sections_that_do_not_apply_are_absent_and_null_is_refused() -> None:
    plain = json.loads(to_json(scored()))
    assert not {"comparisons", "ranking", "agreement"} & set(plain)
    with pytest.raises(jsonschema.ValidationError):
        validate(json.dumps(plain | {"comparisons": None}))


def test_every_estimate_has_all_its_keys_in_order_even_where_undefined() -> None:
    plain = json.loads(to_json(report()))
    first = plain["comparisons"][0]
    assert [list(first[key]) for key in ("raw", "length_controlled", "human_corrected")] == [
        E_KEYS
    ] * 3
    assert first["human_corrected"]["value"] is None
    assert first["human_corrected"]["note"]


@pytest.mark.parametrize(
    ("row", "keys"),
    [
        (
            "comparisons",
            "system baseline judge members rubric variant slice raw position_adjusted "
            "length_controlled style_controlled matched_length log_length_ratio length_dependent "
            "family_adjusted human_corrected smallest_detectable conclusion basis notes",
        ),
        (
            "judges",
            "judge rubric variant planned ok unparsed refused truncated failed not_asked reused "
            "cost_usd position length self_preference repetition_stability repeats",
        ),
    ],
)
def test_rows_have_exactly_the_documented_keys(row: str, keys: str) -> None:
    assert list(json.loads(to_json(report()))[row][0]) == keys.split()


def test_score_rows_have_exactly_the_documented_keys() -> None:
    keys = (
        "system judge members rubric criterion slice raw severity_adjusted family_adjusted adjusted "
        "penalised human_corrected difference_from_baseline human_corrected_difference"
    )
    assert list(json.loads(to_json(scored()))["scores"][0]) == keys.split()


def test_an_estimate_without_one_of_its_keys_fails_the_schema() -> None:
    plain = json.loads(to_json(report()))
    del plain["comparisons"][0]["raw"]["n_missing"]
    with pytest.raises(jsonschema.ValidationError, match="n_missing"):
        validate(json.dumps(plain))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_nan_and_infinity_cannot_enter_a_report(value: float) -> None:
    with pytest.raises(ValidationError):
        e(value)
    with pytest.raises(ValidationError):
        RunJudge(judge="j", parameters={"temperature": value})
    with pytest.raises(ValidationError):
        RunModel(cost_usd=value)


def test_unknown_keys_are_refused() -> None:
    known: dict[str, Any] = e().model_dump()
    with pytest.raises(ValidationError, match="surprise"):
        E(**(known | {"surprise": 1}))


def test_json_of_hostile_text_holds_no_terminal_escape_and_reads_back() -> None:
    hostile = "\x1b[2J \x9b \u202e \ud800 \U000e0001 é"
    text = to_json(report(warnings=[hostile]))
    assert all(char.isprintable() or char == "\n" for char in text)
    assert json.loads(text)["warnings"] == [hostile]


def test_undefined_position_is_null_with_a_note() -> None:
    assert no_position().model_dump()["consistency"]["value"] is None
    assert no_position().consistency.note == "order not recorded"
