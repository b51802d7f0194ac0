"""What the report says of a panel: who is severe, what it is worth, its best member."""

from __future__ import annotations

from typing import Any

import pytest
from report_samples import e, report, score, scored

from judge.report import terminal
from judge.report.blocks import Bullets, Disclosure, Forest, Heading, Paragraph, Table
from judge.report.schema import Panel, PanelMember
from judge.report.sections.panel import SECTION


def member(judge: str, **changes: Any) -> PanelMember:
    known: dict[str, Any] = {
        "judge": judge,
        "family": 0,
        "share": 0.5,
        "severity": e(unit="score", note="pairs have no severity"),
        "p_value": None,
        "spread": None,
        "accuracy": e(note="no human labels of these pairs"),
        "log_odds": None,
    }
    return PanelMember(**(known | changes))


def severe(judge: str, value: float, p: float, **changes: Any) -> PanelMember:
    severity = e(value, value - 0.1, value + 0.1, unit="score", n=40)
    return member(judge, severity=severity, p_value=p, spread=1.0, **changes)


def panel(*members: PanelMember, **changes: Any) -> Panel:
    known: dict[str, Any] = {
        "mode": "pairwise",
        "rubric": "helpfulness@1",
        "criterion": "",
        "wordings": ["helpfulness@1"],
        "n_votes": len(members),
        "members": list(members),
        "effective_judges": e(unit="judges", note="no human labels of these pairs"),
        "effective_votes": e(unit="judges", note="no human labels of these pairs"),
        "accuracy": e(note="no human labels of these pairs"),
        "best": None,
        "versus_best": e(note="no human labels of these pairs"),
        "is_worse": False,
        "is_better": False,
    }
    return Panel(**(known | changes))


def labelled(value: float, low: float, high: float, **changes: Any) -> Panel:
    members = [member(j, accuracy=e(a, a - 0.05, a + 0.05)) for j, a in (("good", 0.9), ("x", 0.5))]
    known: dict[str, Any] = {
        "accuracy": e(0.9 + value, 0.5, 0.95),
        "best": "good",
        "versus_best": e(value, low, high),
        "is_worse": high < 0,
        "is_better": low > 0,
        "effective_judges": e(1.6, 1.4, 1.8, unit="judges"),
        "effective_votes": e(1.6, 1.4, 1.8, unit="judges"),
    }
    return panel(*members, **(known | changes))


def told(*panels: Panel, **changes: Any) -> str:
    """The section as a terminal shows it, in one line."""
    made = report(panels=list(panels), **changes)
    return " ".join(terminal.render(made, [SECTION], width=80).split())


def test_without_a_panel_there_is_no_section() -> None:
    assert SECTION.blocks(report()) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "2 judges (j1 and j2) on helpfulness@1, each with one vote."),
        ({"n_votes": 1}, "of one family, who share one vote"),
        ({"rubric": "", "wordings": ["r1", "r2"]}, "under r1 and r2 is averaged before it votes"),
    ],
)
def test_how_a_panel_votes_is_said(changes: dict[str, Any], said: str) -> None:
    assert said in told(panel(member("j1"), member("j2"), **changes))


def test_fewer_families_than_judges_are_said() -> None:
    three = panel(member("j1"), member("j2"), member("j3"), n_votes=2)
    said = "3 judges (j1, j2 and j3) on helpfulness@1 of 2 families: a family has one vote."
    assert said in told(three)


def test_without_labels_one_line_says_what_is_not_known() -> None:
    found = SECTION.blocks(report(panels=[panel(member("j1"), member("j2"))]))
    assert [type(block) for block in found] == [Heading, Paragraph]
    said = "beside the best of them is not known: no human labels of these pairs."
    assert said in told(panel(member("j1"), member("j2")))


def test_a_worse_panel_is_a_warning_with_its_numbers_in_the_open() -> None:
    text = told(labelled(-0.25, -0.3, -0.2))
    assert "The panel is worse than good alone: right on 65.0 % of 62 labelled pairs" in text
    assert "-25.0 points (95 % interval -30.0 to -20.0)" in text
    blocks = SECTION.blocks(report(panels=[labelled(-0.25, -0.3, -0.2)]))
    assert any(isinstance(b, Bullets) and b.tone == "warning" for b in blocks)
    assert any(isinstance(b, Table) for b in blocks)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((0.01, 0.09), "The panel is better than each of its members, the best being good"),
        ((-0.02, 0.09), "not shown to be better or worse than its best member, good"),
    ],
)
def test_a_panel_that_is_not_worse_is_said_quietly(ends: tuple[float, float], said: str) -> None:
    found = labelled(0.05, *ends)
    assert said in told(found)
    assert isinstance(SECTION.blocks(report(panels=[found]))[-1], Disclosure)


def test_what_the_judges_are_worth_is_said() -> None:
    assert "By their errors the 2 judges are worth 1.6 independent ones" in told(
        labelled(0, -0.1, 0.1)
    )
    kin = labelled(0, -0.1, 0.1, n_votes=1)
    assert "the 1 votes 1.6" not in told(labelled(0, -0.1, 0.1))
    assert ", the one vote" not in told(kin)


def single(*members: PanelMember, **changes: Any) -> Panel:
    return panel(*members, mode="single", rubric="helpfulness-single@1", **changes)


def test_a_severe_and_a_lenient_judge_are_named() -> None:
    text = told(single(severe("hard", -0.5, 0.001), severe("soft", 0.5, 0.001)))
    assert "hard is severe: it scores the same answers 0.50 below the panel" in text
    assert "soft is lenient: it scores the same answers 0.50 above the panel" in text


def test_nobody_severe_is_one_line_that_says_how_small_a_difference_would_have_shown() -> None:
    """(2.2414 + .8416) * .05 = .154: Bonferroni over two judges, power .8."""
    found = single(severe("a", -0.01, 0.8), severe("b", 0.01, 0.8))
    text = told(found)
    assert (
        "no judge scores above or below the others; 0.15 would most likely have been seen" in text
    )
    assert "Labelled pairs" not in text
    assert isinstance(SECTION.blocks(report(panels=[found]))[-1], Disclosure)


def test_severity_that_cannot_be_known_says_why() -> None:
    none = e(unit="score", note="judges fall into groups that share no answer")
    text = told(single(member("a", severity=none), member("b", severity=none)))
    assert "Severity is not known: judges fall into groups that share no answer." in text


def test_raw_and_adjusted_scores_stand_side_by_side() -> None:
    row = score(
        "tuned",
        e(4.2, 3.16, 5.24, unit="score", n=5),
        e(unit="score"),
        judge="panel",
        members=["hard", "soft"],
        severity_adjusted=e(4.0, 3.5, 4.5, unit="score", n=9),
    )
    found = single(severe("hard", -0.5, 0.001), severe("soft", 0.5, 0.001))
    text = told(found, scores=[row], comparisons=None)
    assert "severity taken off" in text
    assert "4.20" in text
    assert "4.00" in text
    assert "5 / 9" in text


def test_criteria_stand_behind_a_line_and_findings_in_them_in_the_open() -> None:
    whole = single(severe("a", 0.0, 0.9), severe("b", 0.0, 0.9))
    part = single(severe("a", -0.4, 0.001), severe("b", 0.4, 0.9), criterion="clarity")
    text = told(whole, part)
    assert "a is severe on clarity" in text
    assert "Severity (helpfulness-single@1, clarity)" not in text


def test_plots_are_symmetrical_about_no_severity() -> None:
    found = SECTION.blocks(
        scored(panels=[single(severe("hard", -0.52, 0.001), severe("soft", 0.5, 0.001))])
    )
    (plot,) = (block for block in found if isinstance(block, Forest))
    assert (plot.axis.low, plot.axis.high, plot.axis.middle) == pytest.approx((-0.7, 0.7, 0.0))
