"""What a diff says, and its JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from report_samples import e

from judge.report.diff_blocks import blocks, sentence, signed, span
from judge.report.diff_schema import Diff, DiffAspect, DiffChange, DiffRun, json_schema
from judge.report.json_text import text as json_text
from judge.report.schema import E
from judge.report.terminal import text_of

DOCS = Path(__file__).parents[2] / "docs" / "diff.schema.json"


def run(number: int, **changes: Any) -> DiffRun:
    known: dict[str, Any] = {
        "run_id": f"r{number}",
        "store": "store.db",
        "command": "compare",
        "state": "done",
        "started_at": f"2026-01-0{number}T00:00:00Z",
        "items": 62,
        "items_hash": "sha256:aa",
        "systems": ["tuned", "base"],
        "baseline": "base",
        "rubrics": ["help@1"],
        "judges": ["sim"],
        "cost_usd": None,
    }
    return DiffRun(**(known | changes))


def change(moved: E, **changes: Any) -> DiffChange:
    known: dict[str, Any] = {
        "system": "tuned",
        "baseline": "base",
        "judge": "sim",
        "rubric": "help@1",
        "variant": "",
        "criterion": "",
        "systems": ["tuned", "tuned"],
        "members": [["sim"], ["sim"]],
        "values": [e(0.5, 0.4, 0.6), e(0.6, 0.5, 0.7)],
        "from_first": [None, moved],
        "from_previous": [None, moved],
        "decides": True,
        "p_value": 0.012,
        "n_tests": 1,
        "conclusion": "higher",
    }
    return DiffChange(**(known | changes))


def diff(*found: DiffChange, **changes: Any) -> Diff:
    known: dict[str, Any] = {
        "runs": [run(1), run(2)],
        "common_items": 62,
        "warnings": [],
        "aspects": [],
        "changes": list(found),
        "judges": [],
        "verdicts": [],
    }
    return Diff(**(known | changes))


GAIN = e(0.1, 0.02, 0.18)


def test_the_sentence_has_both_values_the_paired_interval_and_p() -> None:
    assert sentence(change(GAIN), 2) == (
        "The win rate of tuned against base is higher in run 2 than in run 1: 50.0 % in run 1, 60.0 % "
        "in run 2; paired difference +10.0 points (95 % interval +2.0 to +18.0) on 62 items "
        "(p = 0.012)."
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (change(e(0.01, -0.1, 0.12), conclusion="no change shown"), "No change of the win rate"),
        (change(GAIN, n_tests=3), "Holm over 3"),
        (change(e(note="no values"), conclusion=None), "is not known"),
        (
            change(e(0.0, note="no interval: every value is the same"), conclusion=None),
            "did not move on any of 62 items",
        ),
        (
            change(e(0.1, note="no interval: no spread between clusters"), conclusion=None),
            "Whether the win rate of tuned against base moved cannot be said",
        ),
        (change(GAIN, baseline=None, criterion="clarity"), "The score of tuned on clarity"),
        (change(GAIN, systems=["one", "two"]), "The win rate of one / two against base"),
    ],
)
def test_what_is_known_is_said_and_no_more(row: DiffChange, said: str) -> None:
    assert said in sentence(row, 2)


def test_differences_carry_their_sign_and_zero_has_none() -> None:
    assert [signed(e(v)) for v in (0.0525, -0.05, 0.0001)] == ["+5.3", "-5.0", "0.0"]
    assert signed(e(1.5, unit="score")) == "+1.50"
    assert span(e(0.1, -0.02, 0.2)) == "-2.0 to +20.0"
    assert span(e()) == "–"


def test_a_name_cannot_steer_the_terminal_and_lines_fit() -> None:
    hostile = "\x1b[2J\u202eevil" * 5
    row = change(GAIN, system=hostile, systems=[hostile, hostile], judge=hostile)
    aspect = DiffAspect(kind="responses", name=hostile, same=False, said=hostile, is_cause=True)
    made = diff(row, aspects=[aspect], warnings=[hostile], runs=[run(1, run_id=hostile), run(2)])
    shown = text_of(blocks(made))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert all(c.isprintable() or c == "\n" for c in json_text(made))


def test_without_a_number_in_both_runs_it_says_so_and_blames_nothing() -> None:
    shown = text_of(blocks(diff()))
    assert "No number is in every run" in shown
    assert "put down" not in shown


def test_where_no_row_decides_nothing_is_concluded() -> None:
    row = change(GAIN, decides=False, p_value=None, conclusion=None)
    assert "Nothing is concluded" in text_of(blocks(diff(row)))


def test_the_kept_schema_is_the_one_the_models_give() -> None:
    """Remedy: python -m judge.report.diff_schema > docs/diff.schema.json"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "judge.report.diff_schema"],
        capture_output=True,
        check=True,
        cwd=DOCS.parents[1],
    )
    assert DOCS.read_text("utf-8") == json_schema() == done.stdout.decode("utf-8")


def test_a_written_diff_satisfies_its_schema_and_reads_back_as_itself() -> None:
    made = diff(change(GAIN))
    jsonschema.Draft202012Validator(json.loads(json_schema())).validate(json.loads(json_text(made)))
    assert Diff.model_validate_json(json_text(made)) == made


def cause(name: str, **changes: Any) -> DiffAspect:
    known = {"kind": "rubric", "name": name, "same": False, "said": "x", "is_cause": True}
    return DiffAspect(**(known | changes))


def test_one_thing_that_differs_is_not_the_only_thing_that_may_have_moved_a_number() -> None:
    """The judge's name is the same in both runs; whether the model behind it is, no run records."""
    said = text_of(blocks(diff(change(GAIN), aspects=[cause("rubric help")])), width=400)
    assert "or to the model behind a judge's name having changed (drift)" in said


def test_labels_that_are_the_same_are_not_called_verdicts_that_are() -> None:
    """A probability can move without its label, and a verdict can be there in one run only."""
    said = text_of(blocks(diff(change(GAIN))), width=400)
    assert "so are all verdicts" not in said
    assert "so is the label of every verdict that both have" in said
