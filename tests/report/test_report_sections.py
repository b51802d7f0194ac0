"""What each section says, and that nothing undefined breaks a writer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from report_samples import (
    comparison,
    decided,
    e,
    judge,
    no_position,
    position,
    report,
    score,
    scored,
    sections,
)

from judge.report import html, markdown, terminal
from judge.report.blocks import Block, Bullets, Heading, Paragraph, Table
from judge.report.schema import E, Report, RunModel
from judge.report.sections import comparisons, conclusion, provenance, scores, verdicts
from judge.report.sections import position as position_section

EMPTY = Report(run=RunModel(), warnings=[], judges=[])
UNDEFINED = report(
    run=RunModel(),
    comparisons=[decided(None, e(), smallest_detectable=None)],
    scores=[score("x", e(unit="score"), e(unit="score"))],
    judges=[judge("j", reused=None, cost_usd=None, position=no_position(""))],
)


def tables(blocks: list[Block]) -> list[Table]:
    return [block for block in blocks if isinstance(block, Table)]


def texts(blocks: list[Block]) -> str:
    said = [block.text for block in blocks if isinstance(block, Heading | Paragraph)]
    return " ".join([*said, *(i for b in blocks if isinstance(b, Bullets) for i in b.items)])


@pytest.mark.parametrize("made", [EMPTY, UNDEFINED], ids=["empty", "undefined"])
def test_report_of_nothing_known_renders_everywhere(made: Report) -> None:
    written = [
        terminal.render(made, sections()),
        markdown.render(made, sections()),
        html.render(made, sections()),
    ]
    for text in written:
        assert "not checked against people" in text
        assert "None" not in text
        assert not re.search(r"\bnan\b", text, re.IGNORECASE)


def test_columns_and_cells_are_as_many_in_every_table() -> None:
    for made in (report(), scored(), UNDEFINED):
        for section in sections():
            for table in tables(section.blocks(made)):
                assert {len(row) for row in table.rows} == {len(table.columns)}


def test_several_warnings_are_announced_at_the_top_and_listed() -> None:
    made = report(warnings=["one", "two"])
    assert "2 warnings below" in texts(conclusion.SECTION.blocks(made))
    assert texts(verdicts.SECTION.blocks(made)).endswith("one two")


def test_no_warning_no_word_of_it() -> None:
    made = report(warnings=[])
    assert "warning" not in texts(conclusion.SECTION.blocks(made)).lower()
    assert "Warnings" not in texts(verdicts.SECTION.blocks(made))


def test_corrected_numbers_stand_beside_the_raw_where_there_are_any() -> None:
    rows = [comparison("j", e(0.6, 0.5, 0.7), length_controlled=e(0.55, 0.45, 0.65))]
    (table,) = tables(comparisons.SECTION.blocks(report(comparisons=rows)))
    titles = [column.title for column in table.columns]
    assert "length-controlled" in titles
    assert "human-corrected" not in titles
    assert "55.0 % (45.0 to 65.0 %)" in table.rows[0]


def test_wordings_and_slices_get_tables_of_their_own() -> None:
    raw = e(0.6, 0.5, 0.7)
    rows = [
        comparison("j", raw),
        comparison("j", raw, slice="code"),
        comparison("j", raw, variant="v"),
    ]
    made = tables(comparisons.SECTION.blocks(report(comparisons=rows)))
    assert [table.caption.split("half ")[1] for table in made] == [
        "(helpfulness@1)",
        "(helpfulness@1, v)",
        "(code, helpfulness@1)",
    ]


def test_several_systems_are_named_in_the_table() -> None:
    raw = e(0.6, 0.5, 0.7)
    rows = [comparison("j", raw, system=name) for name in ("s1", "s2")]
    (table,) = tables(comparisons.SECTION.blocks(report(comparisons=rows)))
    assert [row[0] for row in table.rows] == ["s1", "s2"]


def test_worst_and_best_case_of_missing_verdicts_are_told() -> None:
    assert "if all 2 missing pairs were lost" in texts(comparisons.SECTION.blocks(report()))


def test_judge_that_leans_is_named_and_one_that_does_not_is_not() -> None:
    said = texts(position_section.SECTION.blocks(report()))
    assert "sim-first leans to the answer shown first: the first wins 65.0 %" in said
    assert "sim-fair leans" not in said


def test_judge_that_leans_to_the_second_is_said_so() -> None:
    assert "shown second: the first wins 30.0 %" in lean(e(0.3, 0.2, 0.4), fairness=0.4)


def lean(first: E, **options: Any) -> str:
    entry = judge("j", position=position(e(0.6, 0.5, 0.7), first, 0.001, **options))
    return texts(position_section.SECTION.blocks(report(judges=[entry])))


def test_the_direction_of_a_lean_is_that_of_its_p_value_and_not_of_the_rate() -> None:
    """40 pairs turn a little to the first (with a tie), 21 wholly to the second: rate .492."""
    said = lean(e(0.492, 0.4, 0.58), fairness=-0.311)
    assert "leans to the answer shown first: more pairs turn towards it than away" in said
    assert "(preference fairness -0.311), though the first wins 49.2 %" in said


def test_asking_in_both_orders_is_not_said_to_cancel_what_was_asked_in_one() -> None:
    biased = e(0.7, 0.6, 0.8)
    assert "cancels this in the comparison, at the price" in lean(biased)
    some = e(0.7, 0.6, 0.8, note="80 pairs not asked in both orders left out")
    assert "part of the verdicts on pairs that were asked in one order" in lean(some)


def test_order_not_recorded_is_said_instead_of_an_empty_table() -> None:
    blocks = position_section.SECTION.blocks(report(judges=[judge("j")]))
    assert texts(blocks) == "Position Not measured: order not recorded."
    assert not tables(blocks)


def test_single_answers_have_no_position_section() -> None:
    assert position_section.SECTION.blocks(scored()) == []


def test_criteria_are_a_column_only_where_there_are_several() -> None:
    raw = e(4.0, 3.0, 5.0, unit="score")
    (one,) = tables(scores.SECTION.blocks(scored()))
    rows = [score("x", raw, e()), score("x", raw, e(), criterion="accuracy")]
    (two,) = tables(scores.SECTION.blocks(scored(scores=rows)))
    assert "criterion" not in [column.title for column in one.columns]
    assert [row[1] for row in two.rows] == ["overall", "accuracy"]
    assert "from baseline" in [column.title for column in one.columns]
    assert "from baseline" not in [column.title for column in two.columns]


def test_limits_name_length_only_where_it_was_not_controlled() -> None:
    rows = [comparison("j", e(0.6, 0.5, 0.7), length_controlled=e(0.55, 0.45, 0.65))]
    assert "length" in texts(provenance.SECTION.blocks(report()))
    assert "length" not in texts(provenance.SECTION.blocks(report(comparisons=rows)))
