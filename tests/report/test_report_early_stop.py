"""The section on stopping early."""

from __future__ import annotations

from typing import Any

from report_samples import e, report

from judge.report import terminal
from judge.report.blocks import Disclosure, Section
from judge.report.schema import Report, Stopping, to_json
from judge.report.sections.early_stop import SECTION, blocks


def stopping(**changes: Any) -> Stopping:
    known: dict[str, Any] = {
        "system": "tuned",
        "baseline": "base",
        "rubric": "",
        "stopped": True,
        "items_used": 212,
        "items_planned": 800,
        "decided": 180,
        "wins": 112,
        "decided_rate": e(0.62, 0.51, 0.72),
        "e_value": 24.04,
        "alpha": 0.05,
        "conclusion": "better",
        "calls_asked": 868,
        "calls_planned": 3220,
        "calls_saved": 2352,
        "notes": [],
    }
    return Stopping(**(known | changes))


def stopped(*rows: Stopping) -> Report:
    return report().model_copy(update={"early_stop": [*rows]})


def told(*rows: Stopping) -> str:
    one = [Section("early_stop", SECTION.blocks, brief=SECTION.brief)]
    return " ".join(terminal.render(stopped(*rows), one, width=80, color=False, files=[]).split())


def test_one_sentence_says_where_it_stopped_what_was_saved_and_on_what_evidence() -> None:
    assert (
        "Stopped after 212 of 800 items; 2,352 calls (73 %) were not needed; the e-value was 24.0 "
        "against 20."
    ) in told(stopping())


def test_a_run_to_the_end_says_that_nothing_was_saved_and_how_near_it_came() -> None:
    never = stopping(
        stopped=False, items_used=800, calls_saved=0, e_value=3.2, conclusion="no difference shown"
    )
    assert (
        "Not stopped: all of 800 items were read; no call was saved; the e-value came to 3.2 against 20."
    ) in told(never)


def test_a_run_that_is_not_finished_says_how_far_it_was_read() -> None:
    some = stopping(
        stopped=False, items_used=31, calls_saved=0, notes=["not all items have an outcome"]
    )
    text = told(some)
    assert "Not stopped, and read as far as 31 of 800 items" in text
    assert "Not all items have an outcome." in text


def test_several_comparisons_are_told_apart_and_an_equivalent_one_names_its_reason() -> None:
    text = told(stopping(), stopping(system="alike", conclusion="equivalent"))
    assert "- tuned against base: stopped after 212" in text
    assert "- alike against base: stopped after 212" in text
    assert "the interval lies within the margin that was stated" in text


def test_the_numbers_stand_behind_a_line_and_not_on_a_terminal() -> None:
    assert any(isinstance(block, Disclosure) for block in blocks(stopped(stopping())))
    assert "112 of 180" not in told(stopping())


def test_a_run_that_could_not_stop_has_no_section() -> None:
    assert blocks(report()) == []
    assert "early_stop" not in to_json(report())


def test_the_record_reads_back_as_itself() -> None:
    made = stopped(stopping(decided=None, wins=None))
    assert Report.model_validate_json(to_json(made)) == made
