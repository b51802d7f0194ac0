"""What a report says of slices: a difference aloud, none in one line, and one table a slicing."""

from __future__ import annotations

from typing import Any

import pytest
from report_samples import decided, e, report, score, scored, sections

from judge.report import html, slice_words, terminal
from judge.report.blocks import Table
from judge.report.schema import Comparison, Report, Score, SlicePart, Slicing, to_json
from judge.report.sections import comparisons, conclusion, slices

SIZES = ("short", "medium", "long")


def sliced(name: str, rates: dict[str, float], **changes: Any) -> list[Comparison]:
    return [
        decided("no difference shown", e(rate, 0.1, 0.9, n=20), slice=f"{name}={value}", **changes)
        for value, rate in rates.items()
    ]


def slicing(name: str, values: dict[str, float] | tuple[str, ...], **changes: Any) -> Slicing:
    known: dict[str, Any] = {
        "name": name,
        "system": "tuned",
        "baseline": "base",
        "judge": "panel",
        "rubric": "helpfulness@1",
        "unit": "rate",
        "p_value": 0.4,
        "differs": False,
        "smallest_detectable": 0.32,
        "slices": [SlicePart(slice=f"{name}={v}", p_value=0.2, in_test=True) for v in values],
        "note": "",
    }
    return Slicing(**(known | changes))


FALLING = {"short": 0.81, "medium": 0.6, "long": 0.35}


def with_slices(*made: Slicing, rows: list[Comparison] | None = None) -> Report:
    whole = report().comparisons or []
    return report(comparisons=[*whole, *(rows or [])], slicings=list(made) or None)


def test_a_difference_is_said_with_its_two_ends_and_its_p() -> None:
    made = with_slices(
        slicing("prompt_length", FALLING, differs=True, p_value=0.0041),
        rows=sliced("prompt_length", FALLING),
    )
    assert slice_words.differences(made) == [
        "tuned wins 81.0 % on short prompts and 35.0 % on long ones (p = 0.004): the whole hides a "
        "difference."
    ]
    assert slice_words.quiet(made) == ""


def test_other_columns_are_named_with_their_values() -> None:
    rates = {"math": 0.7, "code": 0.2, "(none)": 0.5}
    made = with_slices(
        slicing("category", rates, differs=True, p_value=0.0001), rows=sliced("category", rates)
    )
    assert slice_words.differences(made) == [
        "tuned wins 70.0 % where category is math and 20.0 % where it is code (p < 0.001): the whole "
        "hides a difference."
    ]


def test_a_slice_too_small_for_the_test_is_not_an_end_of_the_sentence() -> None:
    rates = {**FALLING, "(none)": 0.0}
    parts = [
        SlicePart(slice=f"prompt_length={v}", p_value=None, in_test=v != "(none)") for v in rates
    ]
    made = with_slices(
        slicing("prompt_length", rates, differs=True, slices=parts),
        rows=sliced("prompt_length", rates),
    )
    assert "35.0 % on long ones" in slice_words.differences(made)[0]


@pytest.mark.parametrize(
    ("baseline", "said"),
    [
        ("base", "tuned scores 1.50 above base on short prompts and 0.25 below base on long ones"),
        (None, "tuned scores 4.50 on short prompts and 2.25 on long ones"),
    ],
)
def test_scores_are_said_with_or_without_their_baseline(baseline: str | None, said: str) -> None:
    rows: list[Score] = [
        score(
            "tuned",
            e(value, 1, 5, unit="score"),
            e(away, -1, 2, unit="score"),
            slice=f"prompt_length={size}",
        )
        for size, value, away in (("short", 4.5, 1.5), ("medium", 3.0, 0.5), ("long", 2.25, -0.25))
    ]
    one = slicing(
        "prompt_length", SIZES, differs=True, baseline=baseline, unit="score", judge="sim-fair"
    ).model_copy(update={"rubric": "helpfulness-single@1"})
    made = scored(scores=[*(scored().scores or []), *rows], slicings=[one])
    assert slice_words.differences(made)[0].startswith(said)


def test_where_nothing_was_found_one_line_says_what_would_have_been() -> None:
    made = with_slices(slicing("category", ("a", "b")), slicing("prompt_length", SIZES))
    assert slice_words.differences(made) == []
    assert slice_words.quiet(made) == (
        "Checked by category and prompt length: no difference between slices was shown; one above "
        "32 points would most likely have been seen."
    )


def test_each_slicing_has_a_size_of_its_own_and_several_systems_the_largest() -> None:
    made = with_slices(
        slicing("category", ("a", "b"), smallest_detectable=0.41),
        slicing("category", ("a", "b"), smallest_detectable=0.52, system="other"),
        slicing("prompt_length", SIZES),
    )
    assert "one above 52 points by category or 32 points by prompt length" in slice_words.quiet(
        made
    )


def test_what_could_not_be_seen_or_tested_is_said_so() -> None:
    unseen = slicing("category", ("a", "b"), smallest_detectable=1.2)
    assert slice_words.quiet(with_slices(unseen)).endswith("there are too few items to see one.")
    untested = slicing("topic", ("a", "b"), p_value=None, differs=None, smallest_detectable=None)
    assert slice_words.quiet(with_slices(untested)) == (
        "By topic there are too few items to compare slices."
    )


def test_a_slicing_that_differs_is_not_in_the_quiet_line() -> None:
    made = with_slices(
        slicing("prompt_length", FALLING, differs=True),
        slicing("category", ("a", "b")),
        rows=sliced("prompt_length", FALLING),
    )
    assert slice_words.quiet(made).startswith("Checked by category: no difference")


def test_both_stand_in_the_conclusion_and_a_report_without_slices_has_neither() -> None:
    made = with_slices(
        slicing("prompt_length", FALLING, differs=True),
        slicing("category", ("a", "b")),
        rows=sliced("prompt_length", FALLING),
    )
    drawn = conclusion.SECTION.blocks(made)
    tones = [
        getattr(b, "tone", "") for b in drawn if "slices was shown" in str(b) or "hides" in str(b)
    ]
    assert tones == ["warning", "note"]
    assert not any("slices" in str(b) for b in conclusion.SECTION.blocks(report()))


def test_a_terminal_has_one_table_a_slicing_and_no_judge_one_by_one() -> None:
    of_judges = [
        row.model_copy(update={"judge": "sim-fair", "conclusion": None, "basis": None})
        for row in sliced("prompt_length", FALLING)
    ]
    made = with_slices(
        slicing("prompt_length", FALLING, note="short is up to 120 characters"),
        slicing("category", ("a", "b")),
        rows=[
            *sliced("prompt_length", FALLING),
            *of_judges,
            *sliced("category", {"a": 0.5, "b": 0.6}),
        ],
    )
    assert comparisons.SECTION.brief is not None
    tables = [b for b in comparisons.SECTION.brief(made) if isinstance(b, Table)]
    assert len(tables) == 3  # the whole, and one for each slicing
    lengths = tables[1]
    assert lengths.caption.startswith("By prompt length: share of items that tuned wins")
    assert [column.title for column in lengths.columns][:5] == [
        "slice",
        "wins",
        "95 % interval",
        "n",
        "p (Holm)",
    ]
    assert [row[:2] for row in lengths.rows] == [
        ("short", "81.0 %"),
        ("medium", "60.0 %"),
        ("long", "35.0 %"),
    ]
    assert {row[4] for row in lengths.rows} == {"0.200"}
    assert "short is up to 120 characters" in terminal.render(made, sections())


def test_a_name_of_a_slice_cannot_steer_the_terminal_or_the_page() -> None:
    rates = {"\x1b[31mred": 0.9, "<b>bold</b>": 0.1}
    made = with_slices(
        slicing("to\u202epic", rates, differs=True), rows=sliced("to\u202epic", rates)
    )
    for text in (terminal.render(made, sections()), html.render(made, sections()), to_json(made)):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "<b>bold</b>" not in html.render(made, sections())


def test_slices_of_scores_have_a_table_with_the_baseline() -> None:
    rows = [
        score(
            "tuned", e(4.0, 3.0, 5.0, unit="score"), e(d, -1, 2, unit="score"), slice=f"topic={v}"
        )
        for v, d in (("a", 1.0), ("b", -0.5))
    ]
    one = slicing(
        "topic", ("a", "b"), unit="score", judge="sim-fair", rubric="helpfulness-single@1"
    )
    made = scored(scores=[*(scored().scores or []), *rows], slicings=[one])
    (table,) = (b for b in slices.tables(made) if isinstance(b, Table))
    assert [row[:2] for row in table.rows] == [("a", "4.00"), ("b", "4.00")]
    assert [row[3] for row in table.rows] == ["+1.00", "-0.50"]
    assert table.caption == "By topic: mean score of tuned (sim-fair)"
