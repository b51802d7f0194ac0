"""What the report says of length: a bias only where labels show one, else what a judge goes with."""

from __future__ import annotations

from typing import Any

from report_samples import comparison, decided, e, judge, length, report, scored, sections

from judge.report import terminal
from judge.report.blocks import Block, Bullets, Disclosure, Paragraph, Table
from judge.report.schema import JudgeEntry, Length, LengthGivenGold, LengthNoSkill, Report
from judge.report.sections import verbosity

COIN = [LengthNoSkill(judge="fair coin", longer_wins=0.5, coefficient=0.0)]


def measured(p: float | None, share: float = 0.62, **changes: Any) -> Length:
    value = 1.2 if share > 0.5 else -1.2
    coefficient = e(value, value - 0.4, value + 0.4, unit="log-odds")
    wins = e(share, share - 0.05, share + 0.05, se=0.02)
    return length(coefficient, p, longer_wins=wins, no_skill=COIN, **changes)


def given(p: float | None, value: float = 1.0) -> LengthGivenGold:
    return LengthGivenGold(
        coefficient=e(value, value - 0.5, value + 0.5, unit="log-odds"),
        p_value=p,
        gold=e(1.5, 1.0, 2.0, unit="log-odds"),
        error_longer=e(0.2, 0.1, 0.3),
        error_shorter=e(0.35, 0.25, 0.45),
        gap=e(0.15, 0.05, 0.25, unit="difference"),
        longer_right=0.271,
        n_undecided=0,
    )


def made(*judges: JudgeEntry, **changes: Any) -> Report:
    return report(judges=list(judges), **changes)


def words(blocks: list[Block], kind: type[Block] = Bullets) -> str:
    found = [b for b in blocks if isinstance(b, kind)]
    return " ".join(
        " ".join(b.items) if isinstance(b, Bullets) else getattr(b, "text", "") for b in found
    )


def behind(blocks: list[Block]) -> tuple[Block, ...]:
    (one,) = (b for b in blocks if isinstance(b, Disclosure))
    return one.blocks


def test_without_labels_a_judge_goes_with_length_and_is_not_called_biased() -> None:
    said = words(verbosity.blocks(made(judge("j", length=measured(0.001)))))
    assert "The longer answer does better with j (wins 62.0 %). That is not called a bias" in said
    assert "longer answers may be better, which only labels can tell (--labels)." in said
    assert "favours" not in said


def test_what_is_no_bias_is_one_quiet_line_for_all_judges() -> None:
    both = [judge(name, length=measured(0.001)) for name in ("x", "y")]
    (line,) = (b for b in verbosity.brief(made(*both)) if isinstance(b, Bullets))
    assert line.tone == "note"
    assert len(line.items) == 1
    assert "with x (wins 62.0 %) and y (wins 62.0 %)" in line.items[0]


def test_a_coefficient_against_the_plain_share_is_shown_as_such() -> None:
    """The longer wins 52 %, and at equal strength of the systems less than half."""
    turned = measured(0.001, share=0.4).model_copy(update={"longer_wins": e(0.52, 0.5, 0.54)})
    said = words(verbosity.blocks(made(judge("j", length=turned))))
    assert "The longer answer does worse with j (coefficient -1.20)" in said


def test_the_shorter_side_is_named_where_the_coefficient_is_negative() -> None:
    said = words(verbosity.blocks(made(judge("j", length=measured(0.001, share=0.4)))))
    assert "The longer answer does worse with j (wins 40.0 %)" in said


def test_with_labels_the_statement_stands_on_what_is_left_given_the_right_answer() -> None:
    """The coefficient alone is far from 0; given gold it is not, and nothing is said to be found."""
    fair = measured(1e-9, given_gold=given(0.4))
    biased = measured(0.5, given_gold=given(0.001))
    said = words(verbosity.blocks(made(judge("fair", length=fair), judge("biased", length=biased))))
    assert "fair: checked, no bias by length beyond what is right found" in said
    assert "biased favours the longer answer, whichever is right: it errs on 35.0 %" in said
    assert "20.0 % where the longer is" in said


def test_p_is_adjusted_for_all_judges_of_the_report() -> None:
    """.03 is found alone, and is .06 among two."""
    alone = verbosity.blocks(made(judge("x", length=measured(0.03))))
    two = verbosity.blocks(
        made(judge("x", length=measured(0.03)), judge("y", length=measured(0.04)))
    )
    assert "does better with x" in words(alone)
    assert "does better" not in words(two)
    assert "x and y: checked, no effect of length found; one above" in words(two)


def test_what_would_have_been_seen_is_of_the_coefficient_that_was_tested() -> None:
    """Its se is .05 and the share's .02: 2.8016 x .05 = .1401, between equals .535 - .5 = 3.5 points."""
    said = words(verbosity.blocks(made(judge("j", length=measured(0.5)))))
    assert "one above 3.5 points between answers far apart in length would" in said


def test_many_findings_are_counted_after_the_first_few() -> None:
    many = [judge(f"j{n}", length=measured(1e-6, given_gold=given(1e-6))) for n in range(8)]
    said = words(verbosity.blocks(made(*many)))
    assert said.count("favours the longer") == 5
    assert "3 more judges likewise" in said


def test_what_a_coin_would_show_stands_under_the_table() -> None:
    out = behind(verbosity.blocks(made(judge("j", length=measured(0.5)))))
    assert "the longer wins: by a fair coin 50.0 %" in words([*out], Paragraph)


def test_where_length_is_not_known_one_line_says_so() -> None:
    unknown = length(longer_wins=e(note="the length of some answers is not known"))
    _, line = verbosity.blocks(made(judge("j", length=unknown)))
    assert isinstance(line, Paragraph)
    assert line.text == "Not measured: the length of some answers is not known."


def test_raw_and_length_controlled_stand_side_by_side_with_the_check() -> None:
    row = decided(
        "better",
        e(0.6, 0.55, 0.65),
        length_controlled=e(0.48, 0.4, 0.56),
        matched_length=e(0.5, 0.4, 0.6, n=40, note="may be misspecified"),
        log_length_ratio=e(0.25, 0.2, 0.3, unit="log ratio"),
        length_dependent=True,
    )
    blocks = verbosity.blocks(
        made(judge("j", length=measured(0.5)), comparisons=[row, comparison("j", e(0.6, 0.5, 0.7))])
    )
    (table,) = (
        b for b in behind(blocks) if isinstance(b, Table) and b.caption.startswith("Win rates")
    )
    (cells,) = table.rows
    assert cells == (
        "tuned",
        "60.0 %",
        "48.0 % (40.0 to 56.0 %)",
        "50.0 % (40.0 to 60.0 %)",
        "40",
        "0.25",
    )
    assert (
        "Which of tuned and base is ahead hangs on length: 60.0 % as judged, 48.0 % at equal "
        "length." in words(blocks)
    )


def test_coefficients_of_style_have_a_table_where_they_were_asked_for() -> None:
    styled = measured(0.5, style={"bold": e(0.4, 0.1, 0.7, unit="log-odds")})
    out = behind(verbosity.blocks(made(judge("j", length=styled))))
    assert any(isinstance(b, Table) and b.rows == (("j", "0.40 (0.10 to 0.70)"),) for b in out)


def test_a_terminal_shows_the_sentence_alone_where_nothing_was_found() -> None:
    quiet = verbosity.brief(made(judge("j", length=measured(0.5))))
    assert not any(isinstance(b, Table | Disclosure) for b in quiet)
    loud = verbosity.brief(made(judge("j", length=measured(1e-4, given_gold=given(1e-4)))))
    assert any(isinstance(b, Table) for b in loud)


def test_every_line_fits_a_terminal_of_80_columns() -> None:
    found = made(judge("a-judge-with-a-long-name", length=measured(1e-4, given_gold=given(1e-4))))
    text = terminal.render(found, sections(), width=80)
    assert max(map(len, text.splitlines())) <= 80


def test_nothing_is_said_of_scores_whose_length_was_not_looked_at() -> None:
    assert verbosity.blocks(scored()) == []
