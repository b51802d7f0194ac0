"""What a reader is told of agreement with people, on the first screen and further down."""

from __future__ import annotations

from typing import Any

import pytest
from report_samples import e, report, sections

from judge.report import agreement_words, html, terminal, trust
from judge.report.blocks import Block, Bullets, Disclosure, Heading, Paragraph, Table, Tiles
from judge.report.schema import (
    Agreement,
    AltTest,
    AltTestRater,
    Confusion,
    Correlations,
    Disagreement,
    E,
    JudgeAgreement,
    LackingVerdicts,
    MajorityAgreement,
    MarginalShare,
    RaterLabels,
    RaterPair,
    Raters,
    Report,
    SaidByRater,
    SliceAgreement,
    to_json,
)
from judge.report.sections import agreement as section
from judge.report.sections import agreement_lead, conclusion

RATE, COEFFICIENT = {"unit": "rate"}, {"unit": "coefficient"}


def correlations() -> Correlations:
    return Correlations(spearman=e(), kendall_tau=e(), pearson=e(), acc_eq=e())


def alt_test(
    passed: bool | None = False, wins: tuple[bool | None, ...] = (False, False)
) -> AltTest:
    raters = [
        AltTestRater(rater=f"r{n}", n_items=62, p_value=0.9, advantage=0.7, wins=won, note="")
        for n, won in enumerate(wins)
    ]
    return AltTest(
        winning_rate=None if passed is None else sum(map(bool, wins)) / len(wins),
        advantage_probability=0.7,
        epsilon=0.2,
        passed=passed,
        advantage=e(0.7, 0.6, 0.8),
        n_refused=0,
        raters=raters,
        note="",
    )


def agreeing(judge: str = "panel", percent: E | None = None, **changes: Any) -> JudgeAgreement:
    known: dict[str, Any] = {
        "judge": judge,
        "members": [judge],
        "rubric": "",
        "variant": "",
        "criterion": "",
        "level": "nominal",
        "n_items": 62,
        "n_raters": 2,
        "commonest_label": "a",
        "commonest_rate": 0.4,
        "percent": percent or e(0.72, 0.61, 0.83),
        "cohen_kappa": e(0.48, 0.3, 0.66, **COEFFICIENT),
        "cohen_kappa_linear": e(),
        "cohen_kappa_quadratic": e(),
        "krippendorff_alpha": e(0.6, 0.5, 0.7, **COEFFICIENT),
        "gwet_ac1": e(0.6, 0.5, 0.7, **COEFFICIENT),
        "gwet_ac2": e(),
        "spearman": e(0.5, 0.3, 0.7, **COEFFICIENT),
        "kendall_tau": e(0.45, 0.3, 0.6, **COEFFICIENT),
        "pearson": e(0.5, 0.3, 0.7, **COEFFICIENT),
        "acc_eq": e(),
        "within_item": correlations(),
        "system_level": correlations(),
        "icc": e(),
        "majority": MajorityAgreement(
            accuracy=e(0.75, 0.6, 0.9), cohen_kappa=e(), krippendorff_alpha=e(), n_without=3
        ),
        "human_ceiling": e(0.9, 0.85, 0.95),
        "difference_from_ceiling": e(-0.18, -0.25, -0.11, unit="difference"),
        "correlation_ceiling": e(),
        "alt_test": alt_test(),
        "marginals": [MarginalShare(label="a", judge=0.5, people=0.4)],
        "confusion": Confusion(
            labels=["b", "tie", "a"],
            counts=[[20, 1, 5.5], [0, 2, 0], [9.5, 1, 23]],
            lacking=[1, 0, 0],
        ),
        "lacking": LackingVerdicts(unparsed=2, refused=0, truncated=0, failed=0, not_asked=0),
        "slices": [],
    }
    return JudgeAgreement(**(known | changes))


def raters(n: int = 2, **changes: Any) -> Raters:
    known: dict[str, Any] = {
        "criterion": "",
        "krippendorff_alpha": e(0.86, 0.82, 0.9, **COEFFICIENT),
        "pairwise_cohen_kappa": [RaterPair(rater_a="r0", rater_b="r1", kappa=e(0.86, 0.8, 0.92))],
        "n_items": 62,
        "n_labels": 124,
        "labels": ["b", "tie", "a"],
        "counts": [RaterLabels(rater=f"r{k}", n=62, counts=[20, 10, 32]) for k in range(n)],
        "majority": [20, 10, 29],
        "n_without": 3,
    }
    return Raters(**(known | changes))


def disputed() -> Disagreement:
    return Disagreement(
        judge="panel",
        criterion="",
        item_id="i7",
        category="",
        systems=["tuned", "base"],
        distance=1.0,
        judge_value=1.0,
        people_value=0.0,
        people=[SaidByRater(rater="r0", label="b"), SaidByRater(rater="r1", label="b")],
        prompt=None,
        responses=[],
        verdicts=[],
    )


def held(*rows: JudgeAgreement, command: str = "analyze", **changes: Any) -> Report:
    made = Agreement(
        judges=list(rows) or [agreeing()],
        raters=changes.pop("raters", raters()),
        further_raters=[],
        disagreements=changes.pop("disagreements", []),
    )
    run = report().run.model_copy(update={"command": command, "simulated_judges": []})
    return report(run=run, agreement=made, **changes)


def said(blocks: list[Block]) -> str:
    return " ".join(
        " ".join(b.items) if isinstance(b, Bullets) else b.text
        for b in blocks
        if isinstance(b, Bullets | Paragraph | Heading)
    )


# -- sentences -----------------------------------------------------------------------------------


def test_the_sentences_say_how_often_against_what_and_what_it_allows() -> None:
    assert agreement_words.sentences(held()) == [
        "The panel says what people say on 72.0 % of 62 labelled pairs (95 % interval 61.0 to 83.0 %); "
        "always saying “a better” would reach 40.0 %.",
        "A person agrees with the other people on 90.0 %; the judge in that place does so 18 points less "
        "often (95 % interval 11.0 to 25.0).",
        "By the alternative annotator test it may not take a person's place: it holds its own against 0 of 2 "
        "people (epsilon 0.2).",
    ]


def test_a_judge_that_is_not_shown_to_differ_from_a_person_is_said_not_to_be() -> None:
    row = agreeing(difference_from_ceiling=e(0.01, -0.04, 0.06, unit="difference"))
    assert "was not shown to do so more or less (95 % interval -4.0 to +6.0 points)" in (
        agreement_words.ceiling(row)
    )


def test_a_judge_that_passes_may_take_a_persons_place() -> None:
    row = agreeing(alt_test=alt_test(True, (True, True, None)))
    assert "it may take a person's place: it holds its own against 2 of 2 people" in (
        agreement_words.stands_in(row)
    )


def test_a_test_that_was_not_made_is_not_spoken_of() -> None:
    assert agreement_words.stands_in(agreeing(alt_test=alt_test(None, (None, None)))) == ""


def test_scores_that_are_no_labels_are_told_by_their_order() -> None:
    row = agreeing(percent=e(note="a mean of several judges is a number and not a label"))
    assert agreement_words.agrees(row, [row]).startswith(
        "The panel orders 62 labelled pairs as people do with a rank correlation of 0.50"
    )


def test_members_of_a_panel_are_told_from_the_worst_to_the_best() -> None:
    made = held(agreeing(), agreeing("j", e(0.6, 0.5, 0.7)), agreeing("k", e(0.8, 0.7, 0.9)))
    assert agreement_words.sentences(made)[-1] == (
        "Its judges one by one: from 60.0 % (j) to 80.0 % (k)."
    )


def test_wordings_of_the_sole_judge_are_told_apart() -> None:
    rows = [agreeing("j", rubric="short"), agreeing("j", rubric="long")]
    assert [agreement_words.who(row, rows) for row in rows] == ["j (short)", "j (long)"]


# -- trust ---------------------------------------------------------------------------------------


def test_the_second_sentence_of_any_report_with_labels_is_of_agreement() -> None:
    assert trust.sentences(held())[0].startswith("The panel says what people say on 72.0 %")
    assert trust.checked(held()) == "72.0 % agree"
    assert not trust.is_alarming(held())


@pytest.mark.parametrize("low", [None, -0.1, 0.0])
def test_agreement_that_chance_could_give_is_alarming(low: float | None) -> None:
    row = agreeing(cohen_kappa=e(0.1, low, None if low is None else 0.3, **COEFFICIENT))
    assert trust.is_alarming(held(row))


# -- the section ---------------------------------------------------------------------------------


def test_it_stands_further_down_in_other_reports_and_leads_that_of_agree() -> None:
    assert agreement_lead.SECTION.blocks(held()) == []
    assert agreement_lead.SECTION.blocks(report()) == []
    lead = agreement_lead.SECTION.blocks(held(command="agree"))
    assert lead[0] == Heading("Does the panel agree with people?", level=1)
    assert isinstance(lead[1], Paragraph)
    assert lead[1].tone == "lead"
    (tiles,) = (block for block in lead if isinstance(block, Tiles))
    assert dict(tiles.pairs)["a person, with the others"] == "90.0 %"
    later = conclusion.SECTION.blocks(held(command="agree"))
    assert later[0] == Heading("What came out")


def test_people_that_are_one_are_no_ceiling() -> None:
    told = said(section.SECTION.blocks(held(raters=raters(1))))
    assert "One person gave the labels" in told
    assert "no ceiling" in told


def test_a_confusion_has_the_units_without_a_verdict_in_a_row() -> None:
    tables = [b for b in section.SECTION.blocks(held()) if isinstance(b, Table)]
    (made,) = (b for b in tables if b.caption.startswith("What people and the panel said"))
    assert made.rows == (
        ("b better", "20", "1", "5.5"),
        ("tie", "0", "2", "0"),
        ("a better", "9.5", "1", "23"),
        ("no verdict", "1", "0", "0"),
    )


def sliced(p: float | None) -> SliceAgreement:
    return SliceAgreement(
        slice="category=code",
        n_items=30,
        percent=e(0.5, 0.3, 0.7),
        cohen_kappa=e(),
        difference=e(-0.3, -0.5, -0.1, unit="difference"),
        p_value=p,
    )


def test_a_slice_is_spoken_of_where_it_differs_and_is_a_quiet_line_else() -> None:
    told = said(section.SECTION.blocks(held(agreeing(slices=[sliced(0.004)]))))
    assert (
        "On items with category code the panel agrees with people on 50.0 %, 30 points less than elsewhere "
        "(p 0.004 after Holm over 1 slices)."
    ) in told
    quiet = section.SECTION.blocks(held(agreeing(slices=[sliced(0.4)])))
    assert "No slice of the items (of 1) was shown" in said(quiet)


def test_disagreements_have_both_sides() -> None:
    made = held(disagreements=[disputed()])
    (one,) = (
        b
        for b in section.SECTION.blocks(made)
        if isinstance(b, Disclosure) and b.summary.startswith("i7")
    )
    assert "people: base is better 2×" in one.summary
    brief = section.SECTION.brief
    assert brief is not None
    (table,) = (b for b in brief(made) if isinstance(b, Table) and b.columns[0].title == "item")
    assert table.rows == (("i7", "base is better 2×", "", "100.0 %"),)


@pytest.mark.parametrize("command", ["agree", "analyze"])
def test_every_writer_takes_it_in_80_columns(command: str) -> None:
    rows = [agreeing("a-judge-with-a-long-name/and-more"), agreeing(slices=[sliced(0.004)])]
    made = held(*rows, command=command, disagreements=[disputed()])
    text = terminal.render(made, sections())
    assert max(map(len, text.splitlines())) <= 80
    assert "Every coefficient" in html.render(made, sections())
    assert Report.model_validate_json(to_json(made)) == made
