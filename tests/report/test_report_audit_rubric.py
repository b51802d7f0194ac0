"""The page of a rubric's audit says what the records say, in words, tables and JSON."""

from __future__ import annotations

import dataclasses
import json
from typing import Any
from xml.etree import ElementTree

import jsonschema  # type: ignore[import-untyped]
import pytest
from report_samples import (
    NO_CEILING,
    SHARES,
    audited_rubric,
    est,
    no_repeats_row,
    report,
    sensitivity,
    variances,
    wording,
)

from judge.analysis import rubric_audit
from judge.analysis.rubric_audit import Component, DesignPoint, Omnibus
from judge.report import charts, html, markdown, schema_audit_rubric, terminal
from judge.report.blocks import Bar, Disclosure, Forest, Heading, Stack
from judge.report.schema import Report, Source, json_schema, to_json
from judge.report.sections import audit_rubric as section
from judge.report.sections import audit_rubric_told as told
from judge.report.sections import audit_variances, provenance
from judge.workflow.reporting import sections

HOSTILE = "x\x1b[31m<script>alert(1)</script>|`" + "very-long-" * 40


def flat(report: Report) -> str:
    """The whole page as text."""
    return " ".join(terminal.text_of(section.blocks(report), width=200).split())


def brief(report: Report, width: int = 80) -> str:
    return terminal.render(report, [section.SECTION], width=width)


def test_a_report_that_is_no_audit_has_no_such_section() -> None:
    assert section.blocks(report()) == []
    assert section.brief(report()) == []


def test_the_lead_names_the_equivalents_that_move_verdicts_and_no_intervention() -> None:
    """chain-of-thought moves verdicts too: it asks for something else, so that is no fault."""
    said = " ".join(brief(audited_rubric()).split())
    assert said.startswith(
        "Careful: 1 of 4 equivalent wordings moves the verdicts of sim-x: options-reversed (22.0 % flip, "
        "+14.0 points against asking again)."
    )
    assert "Interventions: another measurement, not counted as moved" in said


def test_a_wording_that_was_found_by_its_shift_says_its_shift() -> None:
    row = wording("text-output", moved=True, p_adjusted=1.0, shift_p_adjusted=0.02)
    said = " ".join(brief(audited_rubric(sensitivity(wordings=(row,)))).split())
    assert "shift -7.0 points)" in said


def test_a_clean_audit_claims_no_more_than_it_could_have_seen() -> None:
    said = " ".join(brief(audited_rubric(sensitivity(moved=False))).split())
    assert said.startswith(
        "Nothing shown: none of 4 equivalent wordings was shown to move the verdicts of sim-x on 100 "
        "items; excess flips under 9 points may have gone unseen."
    )


def no_repeats(*names: str, kind: Any = "equivalent") -> Report:
    nothing = est(note="nothing was asked twice")
    rows = tuple(no_repeats_row(name, kind) for name in names)
    found = sensitivity(wordings=rows, ceiling=NO_CEILING, net_agreement=nothing)
    return audited_rubric(found)


def test_without_repeats_net_of_noise_is_unknown_and_the_page_says_so() -> None:
    made = no_repeats("CoT", "Metrics")
    assert made.rubric_audit is not None
    assert made.rubric_audit.sensitivities[0].net_agreement.value is None
    said = flat(made)
    assert said.startswith(
        "Net of noise nothing is known of sim-x, as nothing was asked "
        "twice: over 2 equivalent wordings and its own it keeps 85.0 % (79.0 to 90.0 %)"
    )
    assert "Net of noise that is not known: nothing was asked twice." in said
    assert "(--repeats 2), so that noise can be told from wording" in said
    assert not [block for block in section.blocks(made) if isinstance(block, Forest)]
    row = next(line for line in brief(made).splitlines() if line.startswith("CoT"))
    assert row.split() == ["CoT", "91.0", "%", "–", "0.82", "+1.0", "–", "no", "repeats"]


def test_interventions_alone_are_no_verdict_on_the_rubric() -> None:
    said = " ".join(brief(no_repeats("CoT", "Metrics", kind="intervention")).split())
    assert said.startswith(
        "No equivalent wording was asked of sim-x. Under 2 interventions sim-x keeps 91.0 % of its "
        "decisions; net of noise is not known: nothing was asked twice."
    )
    assert "Careful" not in said


def test_interventions_of_many_judges_are_one_sentence() -> None:
    rows = (no_repeats_row("CoT", "intervention"),)
    own = [sensitivity(f"j{n}", wordings=rows, ceiling=NO_CEILING) for n in range(6)]
    said = " ".join(brief(audited_rubric(*own)).split())
    assert said.startswith(
        "No equivalent wording was asked. Under 1 intervention 6 judges keep 91.0 % of their decisions; net "
        "of noise is not known: nothing was asked twice."
    )


def test_the_page_of_many_judges_says_once_what_is_true_of_all() -> None:
    """Six judges' "not known" and empty parts would make the page endless."""
    rows = (no_repeats_row("CoT", "intervention"),)
    own = [sensitivity(f"j{n}", wordings=rows, ceiling=NO_CEILING, criteria=()) for n in range(6)]
    found = section.blocks(audited_rubric(*own))
    said = flat(audited_rubric(*own))
    titles = [block.text for block in found if isinstance(block, Heading)]
    assert said.count("How often these judges repeat themselves is not known: nothing was") == 1
    assert "The judges side by side" in titles
    assert "What moved" not in titles
    assert "Interventions" in titles
    assert len([block for block in found if isinstance(block, Disclosure)]) >= 6


def test_recorded_repeats_alone_say_how_many_to_average_and_how_to_make_the_report_again() -> None:
    """Of a table without a name for its rubric, as of repeats that were published."""
    alone = sensitivity(rubric="", wordings=(), ranking=None, criteria=(), fragile=None)
    made = audited_rubric(alone, variances=())
    source = Source(file="v.jsonl", rows=960, sha256="ab", format="prometheus")
    run = made.run.model_copy(update={"run_id": None, "source": source})
    made = made.model_copy(update={"run": run})
    said = brief(made)
    assert "For a reliability of 0.9 average 2 verdicts of sim-x." in said
    assert said.count("Asked again in the same words") == 1
    whole = section.blocks(made)
    assert isinstance(whole[0], Heading)
    assert whole[0].text == "Audit of a rubric"
    again = terminal.text_of(provenance.blocks(made), width=300)
    assert "judge audit rubric --from v.jsonl --format prometheus: this report again" in again


def test_a_shift_says_whose_win_rate_it_is_of() -> None:
    assert "Shift: of the win rate of tuned" in brief(audited_rubric())
    assert "Shift: of the win rate of tuned." in flat(audited_rubric())


def test_a_judge_without_verdicts_is_not_called_stable() -> None:
    row = wording("paraphrase", finding="no verdicts")
    found = sensitivity(wordings=(row,), ceiling=NO_CEILING, criteria=(), fragile=None)
    said = " ".join(brief(audited_rubric(found)).split())
    assert said.startswith("Nothing can be said of sim-x")
    assert "Nothing can be said before there are verdicts: see what is missing." in said
    assert "--repeats 2" not in said


def test_ceiling_omnibus_ranking_criteria_and_polarity_are_told() -> None:
    said = flat(audited_rubric())
    assert "sim-x gives the same verdict on 92.0 % of decisions" in said
    assert "averaging 2 verdicts would reach 0.9" in said
    assert "(Cochran's Q 3.75, df 3, p 0.290, n 100)" in said
    assert "is 0.77 on average, 0.60 at least" in said
    assert (
        "The first place is not the same under every wording: tuned and other; two wordings differ about it "
        "in 34.0 % of resamples, noise included."
    ) in said
    assert "The most fragile criterion is clarity: its labels flip in 30.0 % of cases" in said
    assert "With mirrored labels sim-x stays +0.30 off the middle" in said
    assert "Net of noise, that is less what asking again keeps: -7.0 points" in said


def test_tests_over_interventions_stand_with_these() -> None:
    other = Omnibus("Friedman", 15.8793, 3, 0.0012005, 0.66164, 8, "", "intervention")
    found = audited_rubric(sensitivity(omnibus=(other,))).rubric_audit
    assert found is not None
    one = found.sensitivities[0]
    assert told.together(one, "equivalent") == []
    (said,) = told.together(one, "intervention")
    assert "the wordings differ (Friedman 15.88, df 3, p 0.001, n 8, Kendall's W 0.66)" in said


def test_three_askings_say_how_often_all_agree() -> None:
    three = dataclasses.replace(sensitivity().ceiling, all_same=est(0.622, 0.55, 0.69, "rate"))
    said = flat(audited_rubric(sensitivity(ceiling=three)))
    assert "All of its askings agree on 62.2 % (55.0 to 69.0 %) of decisions." in said


def test_what_to_change_names_remedies_the_fragile_criterion_and_the_design_that_is_enough() -> (
    None
):
    made = audited_rubric().rubric_audit
    assert made is not None
    assert told.changes(made, audit_variances.designs(made.variances)) == [
        "options-reversed: list the labels in both orders and average.",
        "Say more plainly what clarity asks for, with an anchor for each label.",
        "Name no first place from one asking: in other words, or by chance alone, another comes first.",
        "For a reliability of 0.9 ask 2 wordings with 2 judges (1 more judge) (a plain run, 5 wordings with "
        "1 judge, 0.84).",
    ]


def test_no_design_that_is_enough_is_said_with_the_best_one() -> None:
    designs = (DesignPoint(1, 1, 1, 0.5, 0.4), DesignPoint(10, 5, 1, 0.8, 0.7))
    made = audited_rubric(variances=(variances("a", needed=(), designs=designs),)).rubric_audit
    assert made is not None
    (said,) = audit_variances.designs(made.variances)
    assert said.startswith(
        "No design that was looked at tells items apart with a reliability of 0.9"
    )
    assert "10 wordings with 5 judges 0.80" in said


def test_variance_is_told_drawn_and_tabled_and_what_was_below_0_is_marked() -> None:
    made = audited_rubric(variances=(variances("a", "b"), variances("a", kind="intervention")))
    said = flat(made)
    assert (
        "Of the variance of 2 judges' verdicts 12.0 % (5.0 to 22.0 %) comes with the wording"
        in said
    )
    assert "0.0 % (below 0)" in said
    assert "97 units, 3 left out as incomplete" in said
    (stack,) = (block for block in section.blocks(made) if isinstance(block, Stack))
    assert [bar.label for bar in stack.bars] == ["2 judges", "a, other"]
    assert dict(stack.bars[0].parts) == SHARES
    unknown = variances("a", rubric_share=est(note="two items are needed"), components=())
    assert "comes with the wording is not known: two items are needed." in flat(
        audited_rubric(variances=(unknown,))
    )


def test_share_says_what_it_holds_beside_the_wording() -> None:
    """One judge asked once: chance too; asked twice: the wording alone; several judges: without the rest."""
    once = variances("a")
    names = ("item", "wording", "item x wording", "asked again")
    one = est(0.25, 0.2, 0.3, "rate")
    twice = variances("a", components=tuple(Component(n, one, one, False) for n in names))
    made = audited_rubric(variances=(once, twice, variances("a", "b"))).rubric_audit
    assert made is not None
    first, second, third = (audit_variances.sentence(one) for one in made.variances)
    assert "with the wording or with chance, which nothing asked twice tells apart (" in first
    assert "comes with the wording (" in second
    assert "with the wording, without what it does to one judge alone on an item (" in third


def test_several_judges_stand_under_their_names_and_many_in_one_table() -> None:
    made = audited_rubric(sensitivity("a", moved=False), sensitivity("b"))
    headings = [b.text for b in section.blocks(made) if isinstance(b, Heading) and b.level == 3]
    assert headings[:2] == ["a", "b"]
    assert brief(made).startswith("- Careful: 1 of 4 equivalent wordings moves the verdicts of b")
    many = brief(audited_rubric(*(sensitivity(f"j{n}") for n in range(6))))
    assert "1 of 4" in many
    assert "Decisions kept under each intervention" in many
    assert len(many.splitlines()) <= 60


def test_one_judge_fits_a_terminal() -> None:
    lines = brief(audited_rubric()).splitlines()
    assert len(lines) <= 55
    assert max(map(len, lines)) <= 80


def test_tables_behind_are_closed_and_hold_the_means_and_the_criteria() -> None:
    behind = [b for b in section.blocks(audited_rubric()) if isinstance(b, Disclosure)]
    assert not any(block.is_open for block in behind)
    text = terminal.text_of(behind[:1], width=200)
    assert "Means of the systems under each wording" in text
    assert "Labels of each criterion" in text


def test_hostile_names_are_harmless_in_every_writer() -> None:
    plain = sensitivity()
    assert plain.ranking is not None
    hostile = dataclasses.replace(
        plain,
        judge=HOSTILE,
        rubric=HOSTILE,
        base=HOSTILE,
        wordings=(wording(HOSTILE, moved=True, favoured=HOSTILE),),
        fragile=HOSTILE,
        ranking=dataclasses.replace(
            plain.ranking, systems=(HOSTILE, "b", "c"), top=(("", HOSTILE),)
        ),
        criteria=(dataclasses.replace(plain.criteria[0], criterion=HOSTILE),),
    )
    made = audited_rubric(hostile, variances=(variances(HOSTILE, note=HOSTILE),))
    ordered = sections("audit rubric")
    page = html.render(made, ordered)
    assert "<script>" not in page
    for text in (
        page,
        markdown.render(made, ordered),
        terminal.render(made, ordered),
        to_json(made),
    ):
        assert "\x1b" not in text
    assert max(map(len, terminal.render(made, ordered).splitlines())) <= 80


# -- stacked bars --------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "layout"), [(0, charts.WIDE), (1, charts.NARROW)])
def test_parts_of_a_bar_are_as_wide_as_their_shares(n: int, layout: charts.Layout) -> None:
    """A quarter and three quarters of the drawing's width; what is nothing is not drawn."""
    stack = Stack((Bar("a", (("one", 0.25), ("none", 0.0), ("two", 0.75))),), "Shares", ("two",))
    svg = ElementTree.fromstring(charts.drawings(stack)[n])
    boxes = [path.get("d", "") for path in svg.iter("path")]
    whole = layout.width - layout.left if layout is charts.WIDE else layout.right - layout.left
    widths = [float(d.split("h")[1].split("v")[0]) for d in boxes]
    assert widths[:2] == pytest.approx([whole * 0.75, whole * 0.25])
    texts = [text.text for text in svg.iter("text")]
    assert {"a", "25.0 %", "75.0 %", "one", "none", "two"} == set(texts)
    assert svg.find("{*}desc") is not None or "25.0 %" in "".join(svg.itertext())


def test_stack_of_hostile_names_draws_them_harmlessly() -> None:
    wide, narrow = charts.drawings(Stack((Bar(HOSTILE, ((HOSTILE, 1.0),)),), HOSTILE))
    for svg in (wide, narrow):
        assert "<script>" not in svg
        assert "\x1b" not in svg


# -- JSON ----------------------------------------------------------------------------------------

MODELS = {
    "Ceiling": schema_audit_rubric.WordingCeiling,
    "WordingRow": schema_audit_rubric.WordingEffect,
    "Omnibus": schema_audit_rubric.WordingsTest,
    "RankStability": schema_audit_rubric.RankStability,
    "CriterionRow": schema_audit_rubric.CriterionFlips,
    "Component": schema_audit_rubric.VarianceComponent,
    "DesignPoint": schema_audit_rubric.DesignPoint,
    "Variances": schema_audit_rubric.WordingVariances,
    "JudgeSensitivity": schema_audit_rubric.JudgeSensitivity,
}


@pytest.mark.parametrize("name", MODELS)
def test_json_has_every_field_of_the_records(name: str) -> None:
    record = getattr(rubric_audit, name)
    assert {f.name for f in dataclasses.fields(record)} == set(MODELS[name].model_fields)


def test_written_audit_satisfies_the_schema_and_reads_back_as_itself() -> None:
    made = audited_rubric()
    text = to_json(made)
    jsonschema.Draft202012Validator(json.loads(json_schema())).validate(json.loads(text))
    assert Report.model_validate_json(text) == made
    wordings = {one["name"]: one for one in json.loads(text)["rubric_audit"]["audit"]["wordings"]}
    assert wordings[""]["remedy"] == ""
    assert wordings["options-reversed"]["remedy"] == "list the labels in both orders and average"
    assert wordings["persona"]["kind"] == "intervention"
    assert wordings["persona"]["what"]
