"""What a report says of numbers corrected by people's labels."""

from __future__ import annotations

from typing import Any

import pytest
from report_samples import comparison, decided, e, report

from judge.report import words
from judge.report.blocks import Bullets, Disclosure, Forest, Heading, Paragraph, Table
from judge.report.schema import Correction, Report, to_json
from judge.report.schema_correction import CorrectedRow
from judge.report.sections import correction

WON, LESS = e(0.66, 0.6, 0.72), e(0.55, 0.46, 0.64)


def row(**changes: Any) -> CorrectedRow:
    known: dict[str, Any] = {
        "kind": "rate",
        "system": "tuned",
        "baseline": "base",
        "judge": "panel",
        "members": ["x", "y"],
        "rubric": "",
        "variant": "",
        "criterion": "",
        "raw": WON,
        "ppi": LESS,
        "eif": LESS,
        "labels_only": e(0.54, 0.42, 0.66),
        "rogan_gladen": e(),
        "mapped": e(),
        "map": None,
        "transport": None,
        "n_units": 400,
        "n_labelled": 60,
        "effective_labels": 104.0,
        "labels_saved": 44.0,
        "weight": 0.7,
        "correlation": 0.71,
        "eligible": True,
        "why_not": "",
        "raw_conclusion": "better",
        "conclusion": "no difference shown",
    }
    return CorrectedRow(**(known | changes))


def made(*rows: CorrectedRow) -> Report:
    return report().model_copy(update={"correction": Correction(rows=list(rows))})


def told(*rows: CorrectedRow) -> str:
    found = [
        text
        for block in correction.blocks(made(*rows))
        for text in (block.items if isinstance(block, Bullets) else [getattr(block, "text", "")])
    ]
    return "\n".join(found)


def test_a_row_says_the_number_what_it_was_and_what_the_judge_was_worth() -> None:
    said = told(row())
    assert "Corrected by people's labels, tuned wins 55.0 %" in said
    assert "as judged 66.0 %" in said
    assert "would be 'better'; it is 'no difference shown'" in said
    assert "60 labels with the judge are worth 104 without it: it saved 44." in said


def test_raw_labels_alone_and_corrected_stand_side_by_side() -> None:
    blocks = correction.blocks(made(row()))
    (plot,) = [block for block in blocks if isinstance(block, Forest)]
    assert [mark.label for mark in plot.marks] == ["judged", "labels alone", "corrected"]
    table = next(block for block in blocks if isinstance(block, Table))
    assert len(table.columns) <= 6


def test_what_was_refused_is_one_quiet_line() -> None:
    refused = row(ppi=e(), eligible=False, why_not="hand-picked labels cannot correct")
    heading, line = correction.blocks(made(refused, refused))
    assert isinstance(heading, Heading)
    assert isinstance(line, Paragraph)
    assert line.tone == "note"
    assert line.text == "Not corrected: hand-picked labels cannot correct."


def test_without_labels_there_is_no_section() -> None:
    assert correction.blocks(report()) == []


def test_everything_labelled_is_said_to_be_peoples() -> None:
    assert "By people, who labelled everything, tuned wins" in told(row(n_labelled=400))


def test_a_terminal_leaves_out_what_is_behind_a_line() -> None:
    assert not [b for b in correction.brief(made(row())) if isinstance(b, Disclosure)]


def test_the_json_holds_every_way_and_reads_back() -> None:
    text = to_json(made(row()))
    assert Report.model_validate_json(text) == made(row())


@pytest.mark.parametrize(
    ("raw", "conclusion", "said"),
    [
        (WON, "no difference shown", "which alone would say better"),
        (e(0.52, 0.46, 0.58), "better", "which alone would show no difference"),
        (WON, "better", "(as judged 66.0 %)"),
    ],
)
def test_the_first_screen_says_what_the_judging_alone_would(
    raw: Any, conclusion: str, said: str
) -> None:
    decider = decided(conclusion, raw, human_corrected=LESS, basis="human_corrected")
    sentence = words.comparison_sentence(decider)
    assert said in sentence
    assert "by people's labels" in sentence


def test_raw_conclusions_say_nothing_of_people() -> None:
    assert "people" not in words.comparison_sentence(comparison("j", WON, conclusion="better"))
