"""What each section says, and that nothing undefined breaks a writer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from report_samples import (
    comparison,
    decided,
    e,
    example,
    full,
    judge,
    lacking,
    length,
    no_position,
    position,
    report,
    score,
    scored,
    sections,
)

from judge.report import html, markdown, terminal
from judge.report.blocks import (
    Block,
    Bullets,
    Columns,
    Disclosure,
    Forest,
    Heading,
    Paragraph,
    Quote,
    Table,
    Tiles,
)
from judge.report.schema import Comparison, E, Report, RunJudge, RunModel, Source
from judge.report.sections import (
    comparisons,
    conclusion,
    examples,
    missing,
    provenance,
    scores,
    verdicts,
)
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
    _, table = tables(comparisons.SECTION.blocks(report(comparisons=rows)))
    assert [row[:3] for row in table.rows] == [
        ("as judged", "60.0 %", "50.0 to 70.0 %"),
        ("length-controlled", "55.0 %", "45.0 to 65.0 %"),
    ]


def test_many_systems_have_their_corrected_numbers_in_columns_beside_the_raw() -> None:
    rows = [
        comparison("j", e(0.6, 0.5, 0.7), system=name, length_controlled=e(0.55, 0.45, 0.65))
        for name in "wxyz"
    ]
    blocks = comparisons.SECTION.blocks(report(comparisons=rows))
    (table,) = tables(blocks)
    assert [column.title for column in table.columns][:4] == [
        *("system", "wins", "95 % interval", "length controlled"),
    ]
    assert table.rows[0][:4] == ("w", "60.0 %", "50.0 to 70.0 %", "55.0 %")
    (behind,) = (b for b in blocks if isinstance(b, Disclosure))
    (whole,) = tables(list(behind.blocks))
    assert whole.rows[0] == ("w", "60.0 % (50.0 to 70.0 %)", "55.0 % (45.0 to 65.0 %)")


def test_more_than_a_few_systems_stand_in_the_order_of_what_they_won() -> None:
    wins = {"a": 0.2, "b": 0.9, "c": 0.5, "d": 0.6, "e": 0.1, "f": 0.3}
    rows = [comparison("j", e(v, v - 0.1, v + 0.1), system=name) for name, v in wins.items()]
    few = tables(comparisons.SECTION.blocks(report(comparisons=rows[:5])))
    many = comparisons.SECTION.blocks(report(comparisons=rows))
    (plot,) = (b for b in many if isinstance(b, Forest))
    assert [row[0] for row in few[0].rows] == list("abcde")
    assert [row[0] for row in tables(many)[0].rows] == list("bdcfae")
    assert [mark.label for mark in plot.marks] == list("bdcfae")


def test_rows_of_several_systems_and_judges_are_named_by_both_and_of_one_judge_by_the_system() -> (
    None
):
    raw = e(0.6, 0.5, 0.7)
    rows = [comparison(j, raw, system=s) for s in ("s1", "s2") for j in ("j1", "j2")]

    def labels(own: list[Comparison]) -> list[str]:
        blocks = comparisons.SECTION.blocks(report(comparisons=own))
        return [m.label for b in blocks if isinstance(b, Forest) for m in b.marks]

    assert labels(rows) == ["s1 · j1", "s1 · j2", "s2 · j1", "s2 · j2"]
    assert labels(rows[::2]) == ["s1", "s2"]
    assert labels(rows[:2]) == ["j1", "j2"]


def test_why_nothing_is_length_controlled_is_left_to_the_section_on_length() -> None:
    rows = [comparison("j", e(0.6, 0.5, 0.7), length_controlled=e(note="not known of 3 rows"))]
    assert "not known of 3 rows" not in texts(
        comparisons.SECTION.blocks(report(comparisons=rows, judges=[judge("j")]))
    )
    known = judge("j", length=length(longer_wins=e(0.5, 0.4, 0.6)))
    assert "length-controlled: not known of 3 rows" in texts(
        comparisons.SECTION.blocks(report(comparisons=rows, judges=[known]))
    )


def test_counts_of_verdicts_are_a_line_on_a_terminal_where_none_is_missing() -> None:
    brief = verdicts.SECTION.brief
    assert brief is not None
    run = RunModel(reused=3, cost_usd=0.25)
    complete = report(judges=[judge("j")], warnings=[], run=run)
    assert texts(brief(complete)) == (
        "Verdicts All 124 planned trials have one; 3 reused, cost $0.25."
    )
    (table,) = tables(brief(report()))
    assert [row[0] for row in table.rows] == ["sim-first"]
    assert not tables(brief(report(missing=[lacking()])))


def test_wordings_and_slicings_get_tables_of_their_own() -> None:
    raw = e(0.6, 0.5, 0.7)
    rows = [
        comparison("j", raw),
        comparison("j", raw, slice="category=code"),
        comparison("j", raw, variant="v"),
    ]
    made = comparisons.SECTION.blocks(report(comparisons=rows))
    assert [table.caption.partition("half ")[2] for table in tables(made)] == [
        "(helpfulness@1)",
        "(helpfulness@1, v)",
        "",
    ]
    assert "By category" in texts(made)


def test_a_slicing_is_one_plot_of_the_panel_in_the_order_of_its_slices() -> None:
    made = comparisons.SECTION.blocks(full())
    whole, sliced = (block for block in made if isinstance(block, Forest))
    assert [mark.label for mark in whole.marks] == ["panel", "sim-fair", "sim-first"]
    assert [mark.label for mark in sliced.marks] == [
        "short (n 20)",
        "medium (n 20)",
        "long (n 20)",
    ]
    assert [mark.strong for mark in whole.marks] == [True, False, False]
    assert tables(made)[1].rows[0][:2] == ("short", "panel")


def test_a_plot_says_who_wins_on_which_side() -> None:
    (plot, *_) = (b for b in comparisons.SECTION.blocks(report()) if isinstance(b, Forest))
    assert plot.sides == ("← base wins", "tuned wins →")
    raw = e(0.6, 0.5, 0.7)
    several = report(comparisons=[comparison("j", raw, system=name) for name in ("s1", "s2")])
    (plot, *_) = (b for b in comparisons.SECTION.blocks(several) if isinstance(b, Forest))
    assert plot.sides == ("← base wins", "system wins →")


def test_first_screen_has_the_figures_of_the_one_finding_and_what_to_be_wary_of() -> None:
    (tiles,) = (b for b in conclusion.SECTION.blocks(report()) if isinstance(b, Tiles))
    assert dict(tiles.pairs) == {
        "tuned wins, ties half": "61.2 %",
        "95 % interval": "54.0 to 68.4 %",
        "items": "62",
        "judges": "2",
        "checked against people": "no",
        "warning": "1",
    }
    assert tiles.warning == ("checked against people", "warning")
    assert not [b for b in conclusion.SECTION.blocks(scored()) if isinstance(b, Tiles)]


def test_scores_are_drawn_on_an_axis_of_round_ticks_that_holds_their_intervals() -> None:
    """Of 2.16 to 5.24 a fifth is 0.616; the next round step is 1, so the axis goes from 2 to 6."""
    (plot,) = (b for b in scores.SECTION.blocks(scored()) if isinstance(b, Forest))
    assert (plot.axis.low, plot.axis.high, plot.axis.middle) == (2.0, 6.0, None)
    assert [name for _, name in plot.axis.ticks] == ["2", "3", "4", "5", "6"]
    assert [mark.label for mark in plot.marks] == ["tuned", "base"]


@pytest.mark.parametrize("value", [0.0, 1e-7, -3.5, 1e6])
def test_scores_that_are_all_the_same_have_an_axis_too(value: float) -> None:
    row = score("x", e(value, unit="score"), e())
    (plot,) = (b for b in scores.SECTION.blocks(scored(scores=[row])) if isinstance(b, Forest))
    assert plot.axis.low <= value <= plot.axis.high
    assert plot.axis.low < plot.axis.high
    assert 2 <= len(plot.axis.ticks) <= 12


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


def test_a_check_that_found_nothing_takes_a_line_with_what_it_would_have_found() -> None:
    """(1.960 + 0.842) times a standard error of 0.05 is 0.140."""
    entry = judge("j", position=position(e(0.9, 0.8, 1.0), e(0.52, 0.42, 0.62), 0.7))
    made = report(judges=[entry])
    said = texts(position_section.SECTION.blocks(made))
    seen = "an effect above 14 points would most likely have been seen"
    assert said == f"Position j: checked, nothing found; {seen}."
    brief = position_section.SECTION.brief
    assert brief is not None
    assert texts(brief(made)) == said
    assert not tables(brief(made))
    (behind,) = (b for b in position_section.SECTION.blocks(made) if isinstance(b, Disclosure))
    assert tables(list(behind.blocks))


def test_a_check_without_a_standard_error_does_not_claim_what_it_would_have_found() -> None:
    same = e(0.5, 0.5, 0.5, se=0.0)
    entry = judge("j", position=position(e(1.0, 0.9, 1.0), same, 1.0))
    said = texts(position_section.SECTION.blocks(report(judges=[entry])))
    assert "how small an effect would have been seen is not known" in said
    assert "all pairs came out the same" in said


def test_nothing_missing_is_a_line_and_what_is_missing_a_table_that_adds_up() -> None:
    none = missing.SECTION.blocks(report(missing=[]))
    assert texts(none).endswith("Checked, nothing found: all 248 planned trials have a verdict.")
    assert missing.SECTION.blocks(report()) == []
    some = missing.SECTION.blocks(report(missing=[lacking()]))
    assert "2 of 248 planned trials have no verdict" in texts(some)
    (table,) = tables(some)
    assert table.rows == (("sim-first", "failed", "no answer after 5 attempts", "2", "i1, i7"),)


def test_trials_that_a_policy_stopped_are_not_called_missing() -> None:
    stopped = lacking(status="not_asked", reason="policy", n=7)
    said = texts(missing.SECTION.blocks(report(missing=[lacking(), stopped])))
    assert "9 of 248 planned trials have no verdict. 7 of these were left out on purpose" in said


def test_terminal_says_what_is_missing_in_a_line() -> None:
    """The reasons and wordings of a judge's missing verdicts are one number."""
    rows = [lacking(reason=str(n)) for n in range(4)]
    rows += [lacking(judge=name, rubric=name) for name in ("j1", "j2", "j3")]
    text = terminal.render(report(missing=rows), sections(), width=200)
    said = "sim-first failed 8, j1 failed 2, j2 failed 2 and 1 more."
    assert f"14 of 248 planned trials have no verdict. By judge: {said}" in text
    assert "Missing" not in terminal.render(report(missing=[]), sections())


def test_a_judge_with_several_rubrics_has_them_beside_its_name() -> None:
    lean = position(e(0.6, 0.5, 0.7), e(0.65, 0.58, 0.72), 0.001)
    rows = [judge("j1", rubric=f"r@{n}", position=lean) for n in (1, 2)]
    rows.append(judge("j2", rubric="r@1", variant="v", position=lean))
    text = terminal.render(report(judges=rows), sections(), width=200)
    assert all(name in text for name in ("j1 (r@1)", "j1 (r@2)", "j2 (v)"))


def test_examples_are_two_lists_with_the_first_of_each_open() -> None:
    made = [b for b in examples.SECTION.blocks(full()) if isinstance(b, Disclosure)]
    assert [(b.summary.split(" ")[0], b.is_open) for b in made] == [
        ("i1", True),
        ("i2", False),
        ("i3", False),
        ("i9", True),
    ]
    assert made[0].summary == "i1 · code · tuned is better 4×"
    assert made[3].summary == "i9 · code · tuned is better 2×, base is better 1×, failed 1×"


def test_an_example_has_both_responses_and_both_orders_side_by_side() -> None:
    (made,) = (
        b
        for b in examples.SECTION.blocks(full())
        if isinstance(b, Disclosure) and "i9" in b.summary
    )
    responses, fair, first = (b for b in made.blocks if isinstance(b, Columns))
    assert [len(columns.cells) for columns in (responses, fair, first)] == [2, 2, 2]
    assert "2,000 more characters: judge show r-20260801-1 i9" in [
        b.more for b in responses.cells[0] if isinstance(b, Quote)
    ]
    assert texts(list(fair.cells[1])) == "base shown first: base is better"
    assert texts(list(first.cells[1])) == "base shown first: failed (no answer after 5 attempts)"


def test_without_a_conclusion_no_item_is_said_to_show_it() -> None:
    undecided = report(
        comparisons=[decided("no difference shown", e(0.52, 0.45, 0.59))],
        examples=[example("contested", "i9")],
    )
    assert "No difference was concluded, so no item is picked" in texts(
        examples.SECTION.blocks(undecided)
    )
    mixed = report(examples=[example("contested", "i9")])
    assert "No item has the same verdict from every judge" in texts(examples.SECTION.blocks(mixed))


def test_recorded_verdicts_have_examples_without_texts() -> None:
    bare = example(prompt=None, reference=None, responses=[])
    made = examples.SECTION.blocks(report(run=RunModel(), examples=[bare]))
    assert "recorded without the texts" in texts(made)
    assert "judge show" not in html.render(report(run=RunModel(), examples=[bare]), sections())


def test_terminal_names_the_examples_and_how_to_read_one() -> None:
    text = terminal.render(full(), sections(), width=300)
    assert (
        "To read: i1, i2 and i3 (items that show the difference best); i9 (most contested items). "
        "`judge show r-20260801-1 ITEM` shows one whole." in text
    )
    assert "Rayleigh" not in text
    assert "Examples" not in terminal.render(report(), sections())


def test_provenance_has_the_rubric_the_settings_as_sent_and_the_way_back() -> None:
    blocks = provenance.SECTION.blocks(full())
    (rubric,) = (b for b in blocks if isinstance(b, Disclosure))
    assert [b.text for b in rubric.blocks if isinstance(b, Quote)] == [
        "You compare.",
        "{{ question }}\n{{ a }}",
    ]
    assert "max_tokens 2048" in tables(blocks)[0].rows[0]
    assert "judge report r-20260801-1: this report again" in texts(blocks)
    elsewhere = RunModel(source=Source(file="v.jsonl"))
    assert "judge analyze v.jsonl" in texts(provenance.SECTION.blocks(report(run=elsewhere)))


def test_provenance_says_which_judge_is_an_endpoint_and_which_is_read_by_log_probabilities() -> (
    None
):
    judges = [
        RunJudge(judge="house", provider="http", endpoint={"label": "x"}, reading="label"),
        RunJudge(judge="weighed", provider="openai", reading="logprobs", sent={"model": "m"}),
    ]
    made = tables(provenance.SECTION.blocks(report(run=RunModel(judges=judges))))[0]
    house, weighed = made.rows
    assert house[1] == "http (configured endpoint)"
    assert weighed[4] == "defaults, verdicts by log-probabilities"
    assert "log-probabilities" not in " ".join(house)


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
