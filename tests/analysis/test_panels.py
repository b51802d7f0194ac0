"""Panels from verdict tables: votes, wordings, severity, labels, and scores of unequal judges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from judge.aggregate import Analysis, Panel, ScoreRow, analyze
from judge.table import from_rows
from judge.types import HumanLabel

Row = dict[str, Any]
KIN = {"j1": frozenset({"x"}), "j2": frozenset({"x"}), "j3": frozenset({"y"})}


def pair(item: int, judge: str, label: str | None, **fields: Any) -> Row:
    shared = {"item_id": f"i{item}", "system_a": "new", "system_b": "old", "judge": judge}
    return shared | {"label": label} | fields


def gold(*labels: str) -> list[HumanLabel]:
    return [
        HumanLabel(f"i{n}", "r", system_a="new", system_b="old", label=label)
        for n, label in enumerate(labels)
    ]


def answers(table: list[list[float | None]], system: str = "s", first: int = 0) -> list[Row]:
    """Items x judges j1, j2, ...; None was not asked."""
    return [
        {"item_id": f"i{first + i}", "system": system, "judge": f"j{j}", "score": score}
        for i, scores in enumerate(table)
        for j, score in enumerate(scores, 1)
        if score is not None
    ]


def compared(rows: list[Row], **options: Any) -> Analysis:
    return analyze(from_rows("pairwise", rows), **options)


def scored(rows: list[Row], **options: Any) -> Analysis:
    return analyze(from_rows("single", rows), **options)


def panel_of(found: Analysis) -> Panel:
    (panel,) = found.panels
    return panel


def score_of(found: Analysis, judge: str = "panel", system: str = "s") -> ScoreRow:
    (row,) = (r for r in found.scores if (r.judge, r.system) == (judge, system))
    return row


# -- votes ---------------------------------------------------------------------------------------


def test_wordings_are_averaged_in_a_judge_before_its_family_votes() -> None:
    """Two rubrics x two judges of one family, and one judge of another with a single rubric.

    j1 says 1 and 0, j2 says 1 and 1, j3 says 0: family x (1/2 + 1) / 2 = 3/4, family y 0: panel 3/8. With
    five equal voices it would be 3/5.
    """
    rows = [
        *(pair(0, "j1", "a", rubric="r1"), pair(0, "j1", "b", rubric="r2")),
        *(pair(0, "j2", "a", rubric="r1"), pair(0, "j2", "a", rubric="r2")),
        pair(0, "j3", "b", rubric="r1"),
    ]
    found = compared(rows, families=KIN)
    (row,) = (r for r in found.comparisons if r.judge == "panel")
    assert row.raw.value == pytest.approx(3 / 8)
    assert row.members == ("j1 (r1)", "j1 (r2)", "j2 (r1)", "j2 (r2)", "j3")
    panel = panel_of(found)
    assert panel.wordings == ("r1", "r2")
    assert panel.n_votes == 2
    assert [m.share for m in panel.members] == [0.25, 0.25, 0.5]


def test_one_judge_is_no_panel() -> None:
    assert compared([pair(0, "j1", "a")]).panels == ()
    assert scored(answers([[1.0], [2.0]])).panels == ()


def test_without_labels_the_worth_of_a_panel_is_unknown() -> None:
    panel = panel_of(compared([pair(0, "j1", "a"), pair(0, "j2", "a")]))
    estimates = (panel.effective_judges, panel.effective_votes, panel.accuracy, panel.versus_best)
    assert [e.value for e in estimates] == [None] * 4
    assert all("no human labels" in e.note for e in estimates)
    assert panel.best is None


# -- labels --------------------------------------------------------------------------------------


def labelled(n: int = 120, right: tuple[float, ...] = (0.95, 0.5, 0.45)) -> tuple[Any, ...]:
    """Judges that are right so often, in both orders alike, and the labels."""
    rng = np.random.default_rng(1)
    truth = rng.choice(["a", "b"], n)
    other = {"a": "b", "b": "a"}
    rows = []
    for i, said in enumerate(truth):
        for j, share in enumerate(right, 1):
            label = said if rng.random() < share else other[said]
            rows += [pair(i, f"j{j}", label, order=order) for order in ("AB", "BA")]
    return rows, gold(*truth)


def test_a_panel_worse_than_its_best_member_is_warned_of() -> None:
    rows, labels = labelled(400, (0.95, 0.5, 0.45, 0.5))
    found = compared(rows, labels=labels)
    panel = panel_of(found)
    assert (panel.best, panel.is_worse) == ("j1", True)
    assert panel.versus_best.ci_high is not None
    assert panel.versus_best.ci_high < 0
    assert any("panel is worse than j1 alone" in warning for warning in found.warnings)


def test_a_panel_that_is_better_is_not_warned_of() -> None:
    rows, labels = labelled(400, (0.7, 0.7, 0.7, 0.7, 0.7))
    found = compared(rows, labels=labels)
    assert not panel_of(found).is_worse
    assert not any("worse than" in warning for warning in found.warnings)


def test_accuracies_count_a_turn_as_half_and_leave_out_what_some_judge_lacks() -> None:
    """i0: j1 right, j2 turned. i1: both right. i2: j2 has no verdict; it is labelled, so missing."""
    rows = [
        *(pair(0, "j1", "a", order=o) for o in ("AB", "BA")),
        *(pair(0, "j2", label, order=o) for o, label in (("AB", "a"), ("BA", "b"))),
        *(pair(1, j, "b", order=o) for j in ("j1", "j2") for o in ("AB", "BA")),
        *(pair(2, "j1", "a", order=o) for o in ("AB", "BA")),
        *(pair(2, "j2", None, order=o, status="failed") for o in ("AB", "BA")),
    ]
    panel = panel_of(compared(rows, labels=gold("a", "b", "a")))
    assert [m.accuracy.value for m in panel.members] == [1, 0.75]
    assert (panel.accuracy.value, panel.accuracy.n, panel.accuracy.n_missing) == (1, 2, 1)


def test_labels_count_whichever_way_round_the_systems_stand() -> None:
    rows, labels = labelled()
    turned = [
        HumanLabel(
            one.item_id,
            "r",
            system_a="old",
            system_b="new",
            label={"a": "b", "b": "a"}[str(one.label)],
        )
        for one in labels
    ]
    assert panel_of(compared(rows, labels=labels)) == panel_of(compared(rows, labels=turned))


def test_families_change_the_votes_and_not_the_judges() -> None:
    rows, labels = labelled()
    apart, kin = (panel_of(compared(rows, labels=labels, families=f)) for f in ({}, KIN))
    assert apart.effective_judges == kin.effective_judges
    assert (apart.n_votes, kin.n_votes) == (3, 2)
    assert kin.effective_votes.value is not None
    assert kin.effective_votes.value <= 2


# -- severity ------------------------------------------------------------------------------------

METHODS: list[list[float | None]] = [[4, 3, 5], [3, 2, 4], [5, 4, 5], [2, 1, 3], [4, None, 5]]


def test_methods_table_through_the_verdict_table() -> None:
    """c .0583, -.9167, .8583; the fifth answer 4.0417. The raw score leaves it out: (4 + 3 + 14/3 + 2) / 4;
    the adjusted one takes all five: (4 + 3 + 14/3 + 2 + 4.0417) / 5 = 3.5417."""
    found = scored(answers(METHODS))
    severities = [m.severity.value for m in panel_of(found).members]
    assert severities == pytest.approx([0.058333, -0.916667, 0.858333], abs=1e-6)
    row = score_of(found)
    assert (row.raw.value, row.raw.n) == (pytest.approx(41 / 12), 4)
    assert (row.severity_adjusted.value, row.severity_adjusted.n) == (pytest.approx(3.541667), 5)


def test_a_whole_table_has_the_same_score_with_severity_off() -> None:
    rng = np.random.default_rng(2)
    found = scored(answers(rng.normal(size=(30, 3)).tolist()), families=KIN)
    row = score_of(found)
    assert row.severity_adjusted.value == pytest.approx(row.raw.value)
    assert row.severity_adjusted.se == pytest.approx(row.raw.se)


def test_a_severe_judge_that_saw_one_system_only_does_not_lower_it() -> None:
    """j2 scores 1 less and was asked about every answer of s and every fifth of t; both are equally good."""
    rng = np.random.default_rng(3)
    rows = []
    for system in ("s", "t"):
        good = rng.normal(3, 0.5, 200)
        table = [
            [g, g - 1 if system == "s" or i % 5 == 0 else None] for i, g in enumerate(good.tolist())
        ]
        rows += answers(table, system)
    found = scored(rows)
    adjusted = [score_of(found, system=s).severity_adjusted for s in ("s", "t")]
    assert [e.n for e in adjusted] == [200, 200]
    assert adjusted[0].value == pytest.approx(adjusted[1].value, abs=0.15)
    row = score_of(found, system="t")
    assert (row.raw.n, row.raw.n_missing) == (40, 160)


def test_severity_is_found_where_planted_and_holm_goes_over_the_members() -> None:
    rng = np.random.default_rng(4)
    table = rng.normal(size=(60, 1)) + np.array([0, 0, -1.0]) + rng.normal(0, 0.5, (60, 3))
    members = panel_of(scored(answers(table.tolist()))).members
    ps = [m.p_value for m in members]
    assert ps[2] is not None
    assert ps[2] < 0.001
    assert members[2].severity.value == pytest.approx(-2 / 3, abs=0.15)
    assert members[2].spread is not None


def test_judges_who_share_no_answer_have_no_severity_and_no_adjusted_score() -> None:
    found = scored(answers([[1.0, None], [2.0, None], [None, 3.0], [None, 4.0]]))
    members = panel_of(found).members
    assert [m.severity.value for m in members] == [None, None]
    assert "share no answer" in members[0].severity.note
    assert score_of(found).severity_adjusted.value is None


def test_rows_of_judges_and_slices_say_why_they_have_no_adjusted_score() -> None:
    found = scored(answers(METHODS))
    assert "of the panel only" in score_of(found, "j1").severity_adjusted.note


def test_every_criterion_has_a_panel_of_its_own() -> None:
    rows = [row | {"criterion": name} for row in answers(METHODS) for name in ("", "clarity")]
    assert [panel.criterion for panel in scored(rows).panels] == ["", "clarity"]


def test_labels_without_numbers_have_no_panel_to_measure() -> None:
    rows = [
        {"item_id": f"i{i}", "system": "s", "judge": j, "label": "good"}
        for i in range(3)
        for j in ("j1", "j2")
    ]
    assert scored(rows).panels == ()


def test_an_empty_table_has_no_panels() -> None:
    assert scored([]).panels == compared([]).panels == ()
