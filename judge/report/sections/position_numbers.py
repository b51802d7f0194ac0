"""What stands behind the section on position: the judges' models, and their noise."""

from __future__ import annotations

from collections.abc import Sequence

from judge.report import words
from judge.report.blocks import Block, Column, Paragraph, Table
from judge.report.schema import E, JudgeEntry

BY_MODEL = (
    "By each judge's model, which holds the systems' strengths apart: the log-odds that being shown first "
    "adds, and how often the first of two equal answers would win."
)
NOISE = (
    "How much oftener verdicts differ between the two orders than when the very same is asked again, in "
    "points; 0 is noise alone."
)


def blocks(judges: Sequence[JudgeEntry]) -> list[Block]:
    """The coefficients, then the excess over noise, each with the reason where there is none."""
    return [*_coefficients(judges), *_noise(judges)]


def sentences(judges: Sequence[JudgeEntry]) -> tuple[str, ...]:
    """What the models say where no pair was asked in both orders."""
    return tuple(
        f"{words.name(j.judge)}: by its model the first of two equal answers wins "
        f"{words.percent(e.value)} {words.bracket(e)}."
        for j in judges
        if (e := j.position.first_shown_if_equal).value is not None
    )


def _coefficients(judges: Sequence[JudgeEntry]) -> list[Block]:
    known = [j for j in judges if j.position.coefficient.value is not None]
    reasons = [
        f"{words.name(j.judge)}: {_why(j.position.coefficient)}" for j in judges if j not in known
    ]
    told = [Paragraph(f"{'; '.join(reasons)}.", tone="note")] if reasons else []
    if not known:
        return [Paragraph("By the judges' models:"), *told]
    level = words.level(known[0].position.coefficient.confidence)
    columns = (
        Column("judge", "name"),
        Column("log-odds"),
        Column(level),
        Column("first of two equal"),
        Column(level),
    )
    return [Paragraph(BY_MODEL), Table(columns, tuple(_model(j) for j in known)), *told]


def _model(judge: JudgeEntry) -> tuple[str, ...]:
    coefficient, rate = judge.position.coefficient, judge.position.first_shown_if_equal
    return (
        judge.judge,
        words.number(coefficient.value, coefficient.unit),
        words.interval(coefficient),
        words.percent(rate.value),
        words.interval(rate),
    )


def _noise(judges: Sequence[JudgeEntry]) -> list[Block]:
    known = [j for j in judges if j.position.excess_inconsistency.value is not None]
    if not known:
        reasons = dict.fromkeys(_why(j.position.excess_inconsistency) for j in judges)
        return [Paragraph(f"Apart from noise: not known, {'; '.join(reasons)}.", tone="note")]
    columns = (
        Column("judge", "name"),
        Column("excess"),
        Column(words.level(known[0].position.excess_inconsistency.confidence)),
        Column("pairs asked again"),
    )
    return [Paragraph(NOISE), Table(columns, tuple(_excess(j) for j in known))]


def _excess(judge: JudgeEntry) -> tuple[str, ...]:
    e = judge.position.excess_inconsistency
    interval = words.NONE
    if e.ci_low is not None and e.ci_high is not None:
        interval = f"{words.signed(100 * e.ci_low, 1)} to {words.signed(100 * e.ci_high, 1)}"
    return (judge.judge, words.signed(100 * (e.value or 0.0), 1), interval, words.count(e.n))


def _why(e: E) -> str:
    return words.clean(e.note) or "not computed"
