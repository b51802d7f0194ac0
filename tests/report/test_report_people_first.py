"""What a reader sees of people's labels before anything else: certificates, refusals, denominators."""

from __future__ import annotations

from typing import Any

import pytest
from report_samples import comparison, decided, e, judge, report
from test_report_correction import LESS, WON, row
from test_report_drift import standing
from test_report_selective import found, said
from test_report_selective import report as selected

from judge.report import trust, words
from judge.report.blocks import Column, Disclosure, Forest, Table
from judge.report.build import estimate
from judge.report.build_certificate import certificate
from judge.report.schema import Correction, Report
from judge.report.schema_certificate import Certificate
from judge.report.sections import comparisons, corrected, selective


def of(*certified: Any, judges: tuple[str, ...] = ("j1", "j2"), **changes: Any) -> Report:
    run = report().run.model_copy(update={"simulated_judges": []})
    told = [certificate(one, estimate) for one in certified] or None
    return report(run=run, judges=[judge(name) for name in judges], certificates=told, **changes)


def test_judges_with_valid_certificates_are_not_said_to_be_unchecked() -> None:
    made = of(standing("valid", "j1"), standing("valid", "j2"))
    assert trust.sentences(made) == [
        "This run has no labels by people: certificates say how far its judges agree with them."
    ]
    assert trust.checked(made) == "in an earlier run"


def test_a_certificate_without_agreement_beyond_chance_is_alarming() -> None:
    made = of(standing("valid", "j1"), standing("valid", "j2"))
    assert trust.is_alarming(made)  # its kappa is undefined
    known = [beyond_chance(one) for one in made.certificates or []]
    assert not trust.is_alarming(made.model_copy(update={"certificates": known}))


def beyond_chance(one: Certificate) -> Certificate:
    assert one.found is not None
    kappa = e(0.6, 0.5, 0.7, unit="coefficient")
    return one.model_copy(update={"found": one.found.model_copy(update={"cohen_kappa": kappa})})


@pytest.mark.parametrize("state", ["stale", "none"])
def test_of_several_judges_the_one_without_a_valid_certificate_is_named(state: str) -> None:
    made = of(standing("valid", "j1"), standing(state, "j2", "nobody checked it"))
    assert trust.sentences(made)[0].startswith("j2 was not checked against people")
    assert trust.checked(made) == "no"
    assert trust.is_alarming(made)


def test_a_stale_certificate_is_not_contradicted() -> None:
    made = of(standing("stale", "j1", "its repeats changed"), judges=("j1",))
    (said_first,) = trust.sentences(made)
    assert said_first.startswith("This judge was not checked against people as it is now:")


def test_labels_that_correct_nothing_say_so_before_the_numbers() -> None:
    why = "hand-picked labels cannot correct"
    refused = row(ppi=e(), eligible=False, why_not=why)
    said_first = trust.sentences(of(correction=Correction(rows=[refused, refused])))
    assert f"No number here is corrected by these labels: {why}." in said_first
    fine = trust.sentences(of(correction=Correction(rows=[refused, row()])))
    assert not any("No number here" in one for one in fine)


def test_a_corrected_conclusion_says_of_how_many_labels() -> None:
    decider = decided("better", WON, human_corrected=LESS, basis="human_corrected")
    names = ("system", "baseline", "judge", "rubric", "variant")
    mine = row(**{name: getattr(decider, name) for name in names})
    made = of(comparisons=[decider], correction=Correction(rows=[mine]))
    assert "corrected by people's labels of 60 pairs (as judged" in words.findings(made)[0]


def test_a_plot_says_which_of_its_rows_are_corrected() -> None:
    decider = decided("better", WON, human_corrected=LESS, basis="human_corrected")
    plots = [b for b in comparisons.blocks(of(comparisons=[decider])) if isinstance(b, Forest)]
    assert plots[0].marks[0].label.endswith(", corrected")
    raw = decided("better", WON)
    plots = [b for b in comparisons.blocks(of(comparisons=[raw])) if isinstance(b, Forest)]
    assert not plots[0].marks[0].label.endswith(", corrected")


def test_many_that_decide_nothing_for_one_reason_are_one_sentence() -> None:
    none = e(note="nothing is judged without a threshold")
    alone = {"threshold": None, "why": "too few", "coverage": none, "agreement": none}
    many = [found(judge=f"j{k}", variant="short", **alone) for k in range(25)]
    assert "None of 25 decides anything alone: too few." in said(selective.blocks(selected(*many)))
    two = [found(judge=name, variant="short", **alone) for name in ("x", "y")]
    assert "x and y decide nothing alone: too few." in said(selective.blocks(selected(*two)))


def test_the_panel_and_a_cascade_have_a_capital_at_the_beginning_alone() -> None:
    none = e(note="nothing is judged without a threshold")
    alone = {"threshold": None, "why": "too few", "coverage": none, "agreement": none}
    panel = found(judge="panel", **alone)
    cascade = found(kind="cascade", judge="panel", members=["x", "y"], **alone)
    told = said(selective.blocks(selected(found(judge="x", **alone), panel, cascade)))
    assert "x, the panel and the cascade x, then y decide nothing alone: too few." in told
    assert "The panel decides nothing alone: too few." in said(selective.blocks(selected(panel)))


def test_wordings_of_a_judge_are_told_apart_in_sentences_and_tables() -> None:
    rows = [found(variant="short"), found(variant="long", notes=["own"])]
    blocks = selective.blocks(selected(*rows))
    told = said(blocks)
    assert "gpt (short) may decide alone" in told
    assert "gpt (long): own." in told
    (behind,) = (block for block in blocks if isinstance(block, Disclosure))
    table = next(block for block in behind.blocks if isinstance(block, Table))
    assert [cells[0] for cells in table.rows] == ["gpt (short)", "gpt (long)"]


def test_the_plot_says_both_of_its_points_in_words() -> None:
    (behind,) = (b for b in selective.blocks(selected(found())) if isinstance(b, Disclosure))
    (plot,) = (block for block in behind.blocks if isinstance(block, Forest))
    assert plot.marks[0].text == "82.0 % → 90.0 %"


def test_more_than_a_few_thresholds_are_told_for_those_that_decide_most() -> None:
    rows = [found(judge=f"j{k}", coverage=e(k / 10, 0.0, 1.0, n=100)) for k in range(1, 9)]
    told = said(selective.blocks(selected(*rows)))
    assert "j8 may decide alone" in told
    assert "j1 may decide alone" not in told
    assert "3 more may: see the numbers." in told


def test_corrected_numbers_of_judges_that_decide_nothing_have_their_names() -> None:
    rows = [comparison(name, WON, position_adjusted=LESS) for name in ("x", "y")]
    (behind,) = corrected.blocks(rows, is_length_known=False)
    assert isinstance(behind, Disclosure)
    (table,) = (block for block in behind.blocks if isinstance(block, Table))
    assert table.columns[0] == Column("judge", "name")
    assert [cells[0] for cells in table.rows] == ["x", "y"]
