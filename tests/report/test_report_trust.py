"""Whether the judges may be trusted, where labels were given and where they were not."""

from __future__ import annotations

from typing import Any

from report_samples import e, judge, report, scored
from test_report_length import given, measured
from test_report_panel import labelled

from judge.report import trust
from judge.report.blocks import Tiles
from judge.report.schema import LengthSlope, Report, Source
from judge.report.sections import conclusion, provenance


def of(**changes: Any) -> Report:
    return report(run=report().run.model_copy(update={"simulated_judges": []}), **changes)


def slope(source: str) -> LengthSlope:
    return LengthSlope(
        judge="j",
        rubric="",
        criterion="",
        association=e(0.1, 0, 0.2, unit="score"),
        bias=e(0.1, 0, 0.2, unit="score"),
        source=source,
    )


def test_without_labels_nobody_checked() -> None:
    (said,) = trust.sentences(of())
    assert said.startswith("These judges were not checked against people")
    assert trust.checked(of()) == "no"
    assert trust.is_alarming(of())


def test_with_labels_a_panel_is_said_to_be_as_right_as_it_is() -> None:
    made = of(panels=[labelled(-0.25, -0.3, -0.2)])
    (said,) = trust.sentences(made)
    assert said == (
        "On 62 pairs with labels the panel is right on 65.0 % (95 % interval 50.0 to 95.0 %), ties half; "
        "a coin would be on 50 %."
    )
    assert trust.checked(made) == "65.0 % right"
    assert trust.is_alarming(made)  # its interval holds a half
    better = (
        made.panels[0].model_copy(update={"accuracy": e(0.8, 0.7, 0.9)}) if made.panels else None
    )
    assert not trust.is_alarming(of(panels=[better]))


def test_with_labels_and_no_panel_it_is_said_what_they_were_used_for() -> None:
    by_gold = of(judges=[judge("j", length=measured(0.2, given_gold=given(0.2)))])
    by_score = scored(length_slopes=[slope("labels")])
    for made in (by_gold, by_score):
        assert trust.sentences(made)[0].startswith(
            "Labels served to tell the effect of length from merit"
        )
        assert "not checked against people" not in " ".join(trust.sentences(made))
        assert trust.checked(made) == "no"
        assert "no human labels were compared" not in str(provenance.SECTION.blocks(made))
    padded = scored(length_slopes=[slope("padding")])
    assert "not checked against people" in trust.sentences(padded)[0]


def test_labels_that_could_not_be_used_are_not_passed_over() -> None:
    run = report().run.model_copy(update={"labels": Source(file="labels.jsonl")})
    said = trust.sentences(report(run=run))[0]
    assert said.startswith("Labels were read, and nothing here could be held against them")
    assert trust.is_alarming(report(run=run))


def test_the_tile_says_the_same() -> None:
    made = of(panels=[labelled(-0.25, -0.3, -0.2)])
    (tiles,) = (b for b in conclusion.SECTION.blocks(made) if isinstance(b, Tiles))
    assert dict(tiles.pairs)["checked against people"] == "65.0 % right"
