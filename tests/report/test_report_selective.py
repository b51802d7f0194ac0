"""What is said of judges that may decide alone, and of runs that went from cheap judges to dear ones."""

from __future__ import annotations

from typing import Any

import pytest
from report_samples import e

from judge.report.blocks import Block, Bullets, Disclosure, Paragraph
from judge.report.schema import Report, RunModel
from judge.report.schema_selective import (
    Escalation,
    EscalationTier,
    Selective,
    SelectiveLevel,
    SelectiveTier,
)
from judge.report.sections import selective


def found(**changes: Any) -> Selective:
    known: dict[str, Any] = {
        "kind": "judge",
        "judge": "gpt",
        "members": ["gpt"],
        "criterion": "",
        "rubric": "",
        "variant": "",
        "threshold": 0.75,
        "why": "",
        "risk": 0.2,
        "delta": 0.1,
        "fitted_on": "the labels of split calib",
        "n_fit": 200,
        "n_fit_judged": 150,
        "n_fit_wrong": 12,
        "upper": 0.12,
        "levels": [SelectiveLevel(threshold=1.0, n=100, wrong=5)],
        "n_levels": 1,
        "coverage": e(0.8, 0.7, 0.9, n=100),
        "agreement": e(0.9, 0.85, 0.95),
        "agreement_all": e(0.82, 0.76, 0.9),
        "n_undecided": 0,
        "orders": 2,
        "repeats": 1,
        "tiers": [],
        "calls_saved": None,
        "notes": [],
    }
    return Selective(**(known | changes))


def report(*of: Selective, escalation: Escalation | None = None) -> Report:
    return Report(
        run=RunModel(), warnings=[], judges=[], selective=[*of] or None, escalation=escalation
    )


def said(blocks: list[Block]) -> str:
    told = [
        *(block.text for block in blocks if isinstance(block, Paragraph)),
        *(item for block in blocks if isinstance(block, Bullets) for item in block.items),
    ]
    return " ".join(told)


def test_a_threshold_is_told_with_what_it_is_worth_beside_the_judge_on_everything() -> None:
    told = said(selective.blocks(report(found())))
    assert (
        "gpt may decide alone from a confidence of 0.75: 80.0 % of 100 other units, and people agree "
        "with 90.0 % of these (of all: 82.0 %)."
    ) in told
    assert "with probability 90 % at most 20 %" in told


def test_a_judge_that_decides_nothing_says_why() -> None:
    none = e(note="nothing is judged without a threshold")
    told = said(
        selective.blocks(
            report(found(threshold=None, why="too few", coverage=none, agreement=none))
        )
    )
    assert "gpt decides nothing alone: too few." in told


def test_a_cascade_names_its_order_and_what_it_saves() -> None:
    tiers = [
        SelectiveTier(judge="cheap", decides=60, reached=100),
        SelectiveTier(judge="dear", decides=20, reached=40),
    ]
    one = found(
        kind="cascade", judge="panel", members=["cheap", "dear"], tiers=tiers, calls_saved=0.3
    )
    told = said(selective.blocks(report(one)))
    assert "The cascade cheap, then dear may decide alone" in told
    assert "(of all by dear alone: 82.0 %)" in told
    assert "cheap decides 60, dear decides 20, and 30.0 % of the calls are saved" in told


def test_a_note_of_one_of_several_is_named_and_one_of_all_is_not() -> None:
    told = said(
        selective.blocks(report(found(notes=["both", "own"]), found(judge="pal", notes=["both"])))
    )
    assert "Both. gpt: own." in told


def test_without_labels_and_without_a_cascade_there_is_nothing() -> None:
    assert selective.blocks(report()) == selective.escalated(report()) == []


def escalation(**changes: Any) -> Escalation:
    tiers = [
        EscalationTier(
            judge=judge,
            reached=reached,
            decides=decides,
            calls_planned=120,
            calls_asked=120 - saved,
            calls_saved=saved,
            cost_usd=1.0,
            cost_saved_usd=cost,
        )
        for judge, reached, decides, saved, cost in (
            ("cheap", 60, 48, 0, 0.0),
            ("dear", 12, 7, 96, 4.0),
        )
    ]
    known: dict[str, Any] = {
        "threshold": 0.9,
        "risk": None,
        "delta": None,
        "source": None,
        "unit": "pair",
        "n_units": 60,
        "n_unsure": 5,
        "n_missing": 0,
        "tiers": tiers,
    }
    return Escalation(**(known | changes))


def test_a_run_that_escalated_says_who_decided_what_was_saved_and_what_it_guarantees() -> None:
    told = said(selective.escalated(report(escalation=escalation())))
    assert "Of 60 pairs, cheap was sure of 48, dear was sure of 7" in told
    assert "5 stay below it, and count as dear judged them" in told
    assert "96 of 240 calls (40 %) were not needed, about $4.00." in told
    assert "guarantees nothing" in told
    sure = said(
        selective.escalated(report(escalation=escalation(risk=0.2, delta=0.1, source="r.json")))
    )
    assert "With probability 90 % at most 20 %" in sure


@pytest.mark.parametrize("blocks", [selective.brief, selective.escalated_brief])
def test_a_terminal_goes_without_the_numbers_behind_it(blocks: Any) -> None:
    shown = blocks(report(found(), escalation=escalation()))
    assert shown
    assert not any(isinstance(block, Disclosure) for block in shown)
