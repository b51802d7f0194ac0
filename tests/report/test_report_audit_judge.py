"""The page of a judge's audit says what the records say, in words, tables and JSON."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from report_samples import (
    asked_of_judge,
    audited,
    audited_judge,
    battery,
    effect,
    est,
    report,
)

from judge.analysis import judge_audit
from judge.analysis.judge_audit import JudgeAudit
from judge.perturbations import PERTURBATIONS
from judge.report import html, markdown, schema_audit_judge, terminal
from judge.report.blocks import Disclosure, Forest, Heading, Table
from judge.report.schema import Missing, Report, json_schema, to_json
from judge.report.sections import audit_judge as section
from judge.report.sections import audit_judge_told as told
from judge.report.sections import missing, provenance
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


def test_the_lead_counts_and_names_what_moved_the_judge_and_where_to() -> None:
    said = " ".join(brief(audited_judge()).split())
    assert said.startswith("Careful: 2 of 15 perturbations moved sim-x: ")
    assert "injection-instruction (towards it, +16.0 points)" in said


def test_a_clean_audit_claims_no_more_than_it_could_have_seen() -> None:
    """Never that there is no bias: how large a shift may have been missed with so many items."""
    said = " ".join(brief(audited_judge(battery(moved=False))).split())
    assert said.startswith(
        "Nothing shown: none of 15 perturbations was shown to move sim-x on 100 items; shifts under 14 "
        "points may have gone unseen."
    )
    assert "no bias" not in said.lower()
    assert "Nothing was shown that asks for a change." in said


def test_a_judge_without_verdicts_is_not_called_clean() -> None:
    nothing = effect("authority", "claims", finding="no verdicts", shift=est(), n_missing=100)
    said = " ".join(brief(audited_judge(battery(effects=(nothing,)))).split())
    assert said.startswith("Nothing can be said of sim-x")
    assert "Nothing was shown that asks for a change" not in said
    assert "Items left out for want of a verdict: authority (100)." in said


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({}, "towards it"),
        ({"ups": 2, "downs": 18}, "away from it"),
        ({"shift_p_adjusted": 0.2}, "more flips"),
        ({"shift_p_adjusted": 0.2, "extra": 3, "fewer": 18}, "fewer flips"),
        ({"group": "null"}, "passes"),
        ({"finding": "none shown"}, "none shown"),
    ],
)
def test_a_finding_says_where_verdicts_went_by_the_test_that_found_it(
    changes: dict[str, Any], where: str
) -> None:
    made = dataclasses.replace(effect("authority", "claims", moved=True), **changes)
    own = audited_judge(battery(effects=(made,))).judge_audit
    assert own is not None
    assert told.direction(own.batteries[0].effects[0], 0.05) == where


def test_position_and_a_constant_answer_are_findings_of_their_own() -> None:
    plain = battery(moved=False)
    assert plain.position is not None
    assert plain.constant is not None
    bad = dataclasses.replace(
        plain,
        position=dataclasses.replace(plain.position, finding="moved", p_adjusted=0.001),
        constant=dataclasses.replace(plain.constant, is_last=False, rank=2),
    )
    said = flat(audited_judge(bad))
    assert "Careful: the order in which answers are shown moves sim-x." in said
    assert "ranks 2 of 3 with sim-x, and not last" in said
    assert "ask every pair in both orders (--swap both)" in said
    assert "Constant answer: do not rank systems with this judge" in said


def test_remedies_stand_once_with_all_that_they_are_for() -> None:
    """Both injections have one remedy; what moved nothing has none."""
    names = ("injection-instruction", "injection-delimiter")
    effects = (
        *(effect(name, "injection", moved=True) for name in names),
        effect("null", "null", moved=True),
        effect("sentiment", "claims"),
    )
    found = audited_judge(battery(effects=effects)).judge_audit
    assert found is not None
    changes = told.changes(found)
    assert changes[0].startswith("injection-instruction and injection-delimiter: ask for JSON only")
    assert changes[1].startswith("null answers: refuse empty and stock answers")
    assert len(changes) == 2


def test_filler_that_pulls_is_told_though_no_padding_by_itself_was_shown_to() -> None:
    """All padded verdicts decide the slope, Holm's correction over the battery each padding."""
    slope = est(0.94, 0.57, 1.33, "log-odds per doubling")
    made = audited_judge(battery(moved=False, padding_slope=slope))
    said = " ".join(brief(made).split())
    assert said.startswith(
        "Careful: filler moves sim-x towards the padded answer (+0.94 log-odds a doubling). By itself none "
        "of 15 perturbations was shown to move sim-x on 100 items; shifts under 14 points may have gone "
        "unseen."
    )
    assert "filler: say in the rubric that length is no merit" in said
    assert "Nothing was shown that asks for a change" not in said
    away = est(-0.94, -1.33, -0.57, "log-odds per doubling")
    assert "away from the padded answer" in brief(
        audited_judge(battery(moved=False, padding_slope=away))
    )


def changes_of(*effects: judge_audit.Effect, **changes: Any) -> list[str]:
    found = audited_judge(battery(effects=effects, **changes)).judge_audit
    assert found is not None
    return told.changes(found)


def test_what_a_judge_that_likes_length_gives_to_any_added_text_sends_to_padding_first() -> None:
    """sentiment goes no further than filler; injection-verdict does, and markdown-removed adds nothing."""
    effects = (
        effect("padding-x3", "padding", moved=True),
        effect("sentiment", "claims", moved=True, shift=est(0.1, 0.05, 0.2)),
        effect("markdown-removed", "format", moved=True, shift=est(0.1, 0.05, 0.2)),
        effect("injection-verdict", "injection", moved=True, shift=est(0.5, 0.4, 0.6)),
    )
    assert changes_of(*effects)[0] == (
        "Look at padding first: sentiment makes an answer longer too and moved a judge no further than "
        "filler did."
    )
    flat_slope = est(0.05, -0.2, 0.3, "log-odds")
    assert not any("first" in one for one in changes_of(*effects, padding_slope=flat_slope))


def test_many_of_one_group_stand_together_in_the_lead() -> None:
    """Five injections would leave no room for what else moved the judge."""
    names = [name for name in PERTURBATIONS if name.startswith("injection")]
    shifts = (0.30, 0.37, 0.36, 0.32, 0.36)
    effects = (
        *(
            effect(name, "injection", moved=True, shift=est(x, 0.1, 0.5))
            for name, x in zip(names, shifts, strict=True)
        ),
        effect("padding-x3", "padding", moved=True),
    )
    said = " ".join(brief(audited_judge(battery(effects=effects))).split())
    assert said.startswith(
        "Careful: 6 of 6 perturbations moved sim-x: all 5 injections (towards it, +30.0 to +37.0 points) "
        "and padding-x3 (towards it, +16.0 points)."
    )


def test_where_no_effect_could_have_been_shown_the_lead_says_so() -> None:
    """Known shifts without a smallest one: even the largest would be missed too often."""
    made = effect("authority", "claims", smallest_detectable=None)
    said = flat(audited_judge(battery(moved=False, effects=(made,))))
    assert "no effect, however large, is sure to be shown" in said


def with_missing(made: Report, *rows: Missing) -> Report:
    entry = report().judges[0].model_copy(update={"planned": 3800})
    return made.model_copy(update={"judges": [entry], "missing": list(rows)})


def missing_row(status: Any, reason: str, n: int) -> Missing:
    return Missing(
        judge="sim-x", rubric="h", variant="", status=status, reason=reason, n=n, items=["i1"]
    )


def test_answers_that_did_not_lose_are_no_missing_verdicts() -> None:
    """Both answers are planned to be perturbed, one of them is: 3,800 - 1,600 = 2,200 were due."""
    ready = missing_row("not_asked", "policy", 1600)
    whole = with_missing(audited_judge(), ready)
    assert missing.brief(whole) == []
    said = terminal.text_of(missing.blocks(whole), width=300)
    assert "all 2,200 planned trials have a verdict. 1,600 more were for answers not known" in said
    lacking = with_missing(audited_judge(), ready, missing_row("unparsed", "no label", 12))
    said = terminal.text_of(missing.brief(lacking), width=300)
    assert "12 of 2,200 planned trials have no verdict. 1,600 more were for answers not" in said
    assert "not asked" not in said


def test_a_judge_without_any_effect_has_no_empty_table() -> None:
    said = brief(audited_judge(battery(effects=())))
    assert "Nothing was measured." in said
    assert "finding" not in said


def test_padding_is_said_to_be_asked_in_both_orders() -> None:
    assert "padding in both orders, the second for the worth of filler alone" in flat(
        audited_judge()
    )


def test_an_audit_does_not_deny_what_it_measured() -> None:
    said = terminal.text_of(provenance.blocks(audited_judge()), width=300)
    assert "How much the length of an answer moved a verdict" not in said
    assert "no human labels were compared" not in said
    bare = battery(known=(), padding_slope=est(note="nothing was padded"))
    said = terminal.text_of(provenance.blocks(audited_judge(bare)), width=300)
    assert "How much the length of an answer moved a verdict" in said
    assert "no human labels were compared" in said


def test_the_page_says_what_was_tried_on_which_items_and_what_it_cost() -> None:
    said = flat(audited_judge())
    assert "the answer cites a source that does not exist" in said
    assert 'the answer is replaced by "", " ", "."' in said
    assert "items: 100 of 340 items, drawn at random by the seed" in said
    assert "by the judge's own first verdict" in said
    assert "hash of the audit: sha256:cdcd" in said
    assert "1,895 calls, 81,000 tokens in and 9,000 out, cost $0.0312" in said
    assert "adjusted for the 31 tests of this judge (Holm)" in said  # 15 effects x 2 and position


def test_labels_that_decide_are_named() -> None:
    asked = asked_of_judge(targets={"i1": "base"}, answers={"i1": "a"}, target_source="gold@2")
    said = flat(audited(JudgeAudit((battery(),)), asked))
    assert "known to be worse, by gold@2" in said


def test_slope_floors_known_answers_and_constant_answer_are_told() -> None:
    """exp(0.48) = 1.62."""
    said = flat(audited_judge())
    assert "worth +0.48 log-odds to sim-x (95 % interval +0.21 to +0.75)" in said
    assert "odds of winning times 1.62" in said
    assert "sim-x is right on 80.0 % (70.0 to 85.0 %) of 100 items" in said
    assert "comes last of 3 with sim-x, as it must" in said
    assert "fair coin" in str(section.blocks(audited_judge()))


def test_a_slope_whose_interval_holds_0_is_no_effect_that_was_shown() -> None:
    slope = est(0.2, -0.1, 0.5, "log-odds per doubling")
    said = flat(audited_judge(battery(padding_slope=slope)))
    assert "No effect of filler on sim-x was shown" in said
    unknown = flat(audited_judge(battery(padding_slope=est(note="nothing flips"))))
    assert "What filler is worth to sim-x is not known: nothing flips." in unknown


def test_scores_are_told_in_points_of_the_scale_and_not_in_percent() -> None:
    made = effect("authority", "claims", moved=True, shift=est(0.31, 0.1, 0.5, "score"))
    said = flat(audited_judge(battery(effects=(made,))))
    assert "authority (towards it, +0.31)" in said
    assert "a shift of 0.14, by perturbation" in said


def test_an_unknown_estimate_is_a_dash_and_no_number() -> None:
    nothing = {name: est() for name in ("robustness", "excess_flips", "shift", "success", "floor")}
    changes: dict[str, Any] = dict.fromkeys(
        ("success_upper", "flips_p_adjusted", "shift_p_adjusted", "smallest_detectable")
    )
    made = effect("authority", "claims", **nothing, **changes)
    rendered = brief(audited_judge(battery(effects=(made,))))
    row = next(line for line in rendered.splitlines() if line.startswith("authority"))
    assert row.split()[1:5] == ["–"] * 4
    assert "how small an effect would have been seen is not known" in " ".join(rendered.split())


def test_plot_has_a_row_for_each_effect_and_the_tables_behind_are_closed() -> None:
    found = section.blocks(audited_judge())
    (plot,) = (block for block in found if isinstance(block, Forest))
    assert [mark.strong for mark in plot.marks[:3]] == [False, True, True]
    assert {name for _, name in plot.axis.ticks} == {"-30", "-15", "0", "+15", "+30"}
    behind = [b for b in found if isinstance(b, Disclosure)]
    assert [b.is_open for b in behind] == [False, False]
    assert len([b for b in behind[0].blocks if isinstance(b, Table)]) == 3


def test_several_judges_stand_under_their_names_and_many_in_one_table() -> None:
    two = audited_judge(battery("a"), battery("b", moved=False))
    headings = [b.text for b in section.blocks(two) if isinstance(b, Heading) and b.level == 3]
    assert headings[:2] == ["a", "b"]
    rendered = brief(audited_judge(*(battery(f"j{n}") for n in range(4))))
    assert "2 of 15" in rendered
    assert len(rendered.splitlines()) < 45


def test_one_judge_fits_a_terminal() -> None:
    lines = brief(audited_judge()).splitlines()
    assert len(lines) <= 52
    assert max(map(len, lines)) <= 80


def test_warnings_of_the_audit_are_the_reports_and_shown_once() -> None:
    made = audited_judge(warnings=("fewer than 30 items",))
    assert "fewer than 30 items" in made.warnings
    assert flat(made).count("fewer than 30 items") == 1


def test_hostile_names_are_harmless_in_every_writer() -> None:
    """Names of judges, rubrics, systems, categories and notes come from files and APIs."""
    plain = battery()
    assert plain.constant is not None
    hostile = dataclasses.replace(
        plain,
        judge=HOSTILE,
        rubric=HOSTILE,
        known=(dataclasses.replace(plain.known[0], category=HOSTILE),),
        constant=dataclasses.replace(plain.constant, systems=(HOSTILE, "b"), note=HOSTILE),
        padding_slope=est(note=HOSTILE),
    )
    made = audited_judge(hostile)
    ordered = sections("audit judge")
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


# -- JSON ----------------------------------------------------------------------------------------

MODELS = {
    "Effect": schema_audit_judge.PerturbationEffect,
    "Floor": schema_audit_judge.NoSkillFloor,
    "PositionEffect": schema_audit_judge.PositionEffect,
    "KnownAnswers": schema_audit_judge.KnownAnswers,
    "ConstantAnswer": schema_audit_judge.ConstantAnswer,
    "JudgeBattery": schema_audit_judge.JudgeBattery,
}


@pytest.mark.parametrize("name", MODELS)
def test_json_has_every_field_of_the_records(name: str) -> None:
    record = getattr(judge_audit, name)
    assert {f.name for f in dataclasses.fields(record)} == set(MODELS[name].model_fields)


def test_parts_have_all_that_effects_have_but_parts() -> None:
    whole = set(schema_audit_judge.PerturbationEffect.model_fields)
    assert set(schema_audit_judge.PerturbationPart.model_fields) == whole - {"parts"}


def test_written_audit_satisfies_the_schema_and_reads_back_as_itself() -> None:
    made = audited_judge()
    text = to_json(made)
    jsonschema.Draft202012Validator(json.loads(json_schema())).validate(json.loads(text))
    assert Report.model_validate_json(text) == made
    audit = json.loads(text)["judge_audit"]["audit"]
    assert audit["kind"] == "judge"
    assert audit["costs"][0]["calls"] == 1895
    assert audit["perturbations"][-1]["remedy"]
