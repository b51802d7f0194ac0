"""What the report says of repeats: one line without them, a few sentences a judge with them."""

from __future__ import annotations

from typing import Any

import pytest
from report_samples import e, judge, no_repeats, report, scored

from judge.report import terminal
from judge.report.schema import JudgeEntry, Repeats, Report, RunModel, Source
from judge.report.sections.repeats import SECTION


def repeated(unit: str = "score", **changes: Any) -> Repeats:
    known: dict[str, Any] = {
        "n_repeated": 30,
        "icc": e(0.8667, 0.6, 0.97, unit="correlation", n=30),
        "sem": e(0.527, 0.35, 0.79, unit=unit, n=30),
        "repeatability": e(1.461, 0.97, 2.19, unit=unit, n=30),
        "pairwise_agreement": e(0.6, 0.5, 0.7, n=30),
        "entropy": e(0.3, 0.2, 0.4, unit="nats", n=30),
        "target": 0.9,
        "repeats_needed": 1.385,
        "se_twice_items": 0.70711,
        "se_twice_repeats": 0.97,
    }
    return Repeats(**(known | changes))


def told(made: Report) -> str:
    return " ".join(terminal.render(made, [SECTION], width=80).split())


def of(*judges: JudgeEntry) -> str:
    return told(scored(judges=list(judges)))


def test_without_repeats_one_line_says_how_to_get_some() -> None:
    text = told(report())
    assert "nothing was asked twice (--repeats 2 --repeat-share 0.2 asks a fifth" in text


def test_verdicts_that_came_in_a_file_have_another_remedy() -> None:
    text = told(report(run=RunModel(source=Source(file="v.jsonl"))))
    assert "--repeats" not in text
    assert "log `repeat`" in text


def test_many_judges_are_counted_after_the_first_few() -> None:
    text = of(*(judge(f"j{n}", repeats=repeated()) for n in range(8)))
    assert text.count("gave two askings") == 5
    assert "3 more judges likewise" in text


def test_repeats_without_second_verdicts_are_not_called_unasked() -> None:
    lost = e(note="no question has two verdicts", n_missing=4)
    assert "has no second verdict" in of(judge("j", repetition_stability=lost))


def test_a_report_without_judges_says_nothing() -> None:
    assert SECTION.blocks(report(judges=[])) == []


def test_sentences_say_agreement_noise_reliability_and_what_more_would_bring() -> None:
    text = of(judge("j", repeats=repeated()))
    assert "j gave two askings of one question the same verdict in 60.0 % of cases" in text
    assert "lie less than 1.46 apart in 95 of 100 cases" in text
    assert "reliability of one verdict is 0.87" in text
    assert "averaging 2 would reach 0.9" in text
    assert "narrow the interval of a judge's mean by 3 %, twice as many items by 29 %" in text


def test_pairs_have_no_sentence_about_points_apart() -> None:
    text = of(judge("j", repeats=repeated("rate")))
    assert "apart in 95 of 100" not in text
    assert "noise below" not in text


@pytest.mark.parametrize(
    ("needed", "said"),
    [(None, "so how many repeats would help cannot be told"), (0.8, "one is enough for 0.9")],
)
def test_what_repeats_can_do_is_said(needed: float | None, said: str) -> None:
    assert said in of(judge("j", repeats=repeated(repeats_needed=needed)))


def test_judges_with_several_wordings_are_told_apart_and_those_without_repeats_left_out() -> None:
    text = of(
        judge("j", rubric="r1", repeats=repeated()),
        judge("j", rubric="r2", repeats=repeated()),
        judge("k", repeats=no_repeats()),
    )
    assert "j (r1) gave" in text
    assert "j (r2) gave" in text
    assert "k gave" not in text
