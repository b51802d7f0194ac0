"""The numbers behind the section on length: judges, their errors given what is right, win rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from judge.analysis import no_skill
from judge.report import notes, words
from judge.report.blocks import Block, Bullets, Column, Forest, Mark, Paragraph, Table
from judge.report.schema import Comparison, E, JudgeEntry, LengthGivenGold, Report

ALPHA = 0.05
CAPTION = "Win rates as judged and at equal length"
MEANING = (
    "How often the longer answer won (50 % is no effect, equally long pairs left out), and the coefficient "
    "of length in log-odds (0 is no effect, above 0 the longer is preferred)."
)
MEANING_GOLD = (
    "Where people said which answer is right: the coefficient of length beside theirs, and how often a "
    "judge errs where the longer or the shorter answer is right. A judge without skill has a coefficient "
    "of 0, and the same errors on both sides."
)


@dataclass(frozen=True, slots=True)
class Tested:
    """A judge with the estimate that a statement about it stands on.

    p: of its being 0, after Holm over all judges of the report. gold: the same given what is right, None
    without labels.
    """

    entry: JudgeEntry
    e: E
    p: float | None
    n_tests: int
    gold: LengthGivenGold | None

    @property
    def is_found(self) -> bool:
        return self.p is not None and self.p < ALPHA and bool(self.e.value)

    @property
    def side(self) -> str:
        return "longer" if (self.e.value or 0.0) > 0 else "shorter"


def judges(tested: Sequence[Tested]) -> list[Block]:
    """How often the longer answer won with each judge, and its coefficient."""
    level = words.level(tested[0].entry.length.longer_wins.confidence)
    has_p = any(one.gold is None for one in tested)  # else p is that of the coefficient given gold
    columns = (
        Column("judge", "name"),
        Column("longer wins"),
        Column(level),
        Column("coefficient"),
        *([Column("p")] if has_p else []),
        Column("pairs"),
    )
    rows = tuple(
        (
            one.entry.judge,
            words.percent(one.entry.length.longer_wins.value),
            words.interval(one.entry.length.longer_wins),
            words.estimate(one.entry.length.coefficient),
            *([words.p_value(one.p if one.gold is None else None)] if has_p else []),
            words.count(one.entry.length.longer_wins.n),
        )
        for one in tested
    )
    return [Paragraph(MEANING), Table(columns, rows), Paragraph(_beside(tested), tone="note")]


def _beside(tested: Sequence[Tested]) -> str:
    """What judges without skill would show, and how p is adjusted where something is stated."""
    known = max((one.entry.length.no_skill for one in tested), key=len)
    shown = ", ".join(
        f"{_NO_SKILL.get(j.judge, j.judge)} {words.percent(j.longer_wins)}" for j in known
    )
    n = tested[0].n_tests
    said = [
        f"Without any skill, the longer wins: {shown}." if shown else "",
        f"p is adjusted for {n} judges tested (Holm)." if n > 1 else "",
    ]
    return " ".join(part for part in said if part)


_NO_SKILL = {
    no_skill.FAIR_COIN: "by a fair coin",
    no_skill.ALWAYS_FIRST: "always the first",
    no_skill.ALWAYS_LONGER: "always the longer",
}


def given_gold(tested: Sequence[Tested]) -> list[Block]:
    """The same given what people hold for right; nothing without labels."""
    rows = tuple(
        (
            one.entry.judge,
            words.estimate(one.gold.coefficient),
            words.p_value(one.p),
            words.percent(one.gold.error_shorter.value),
            words.percent(one.gold.error_longer.value),
            words.estimate(one.gold.gap),
        )
        for one in tested
        if one.gold is not None
    )
    if not rows:
        return []
    columns = (
        Column("judge", "name"),
        Column("coefficient"),
        Column("p (Holm)"),
        Column("errs, shorter right"),
        Column("errs, longer right"),
        Column("gap", optional=True),
    )
    share = next(one.gold.longer_right for one in tested if one.gold is not None)
    right = f" People hold the longer for right in {words.percent(share)} of unequal pairs."
    return [Paragraph(MEANING_GOLD + right), Table(columns, rows)]


def pairs(report: Report) -> list[Block]:
    """Raw, at equal length, and among pairs of nearly equal length, for each system."""
    rows = [r for r in words.deciding(report.comparisons or []) if r.raw.value is not None]
    if not rows:
        return []
    if len(rows) > words.SENTENCES:
        rows.sort(key=lambda row: -(row.length_controlled.value or 0.0))
    columns = (
        Column("system", "name"),
        Column("as judged"),
        Column("at equal length"),
        Column("nearly equal pairs"),
        Column("n"),
        Column("log length ratio", optional=True),
    )
    cells = tuple(
        (
            row.system,
            words.percent(row.raw.value),
            words.estimate(row.length_controlled),
            words.estimate(row.matched_length),
            words.count(row.matched_length.n),
            words.number(row.log_length_ratio.value, "log ratio"),
        )
        for row in rows
    )
    told = notes.lines(
        ((words.name(r.system), r.matched_length.note) for r in rows if r.matched_length.note),
        [words.name(row.system) for row in rows],
    )
    marks = tuple(
        Mark(row.system, _both(row), e.value, e.ci_low, e.ci_high, before=row.raw.value)
        for row in rows
        if (e := row.length_controlled).value is not None
    )
    sides = ("← baseline wins", "system wins →")
    return [
        *([Forest(marks, f"{CAPTION}: ○ as judged, ● at equal length", sides)] if marks else []),
        Table(columns, cells, CAPTION),
        *([Bullets(told, tone="note")] if told else []),
    ]


def _both(row: Comparison) -> str:
    """The win rate as judged and at equal length."""
    return f"{words.percent(row.raw.value)} → {words.percent(row.length_controlled.value)}"


def style(tested: Sequence[Tested]) -> list[Block]:
    """The coefficients of style, where they were asked for."""
    features = list(dict.fromkeys(f for one in tested for f in one.entry.length.style))
    if not features:
        return []
    columns = (Column("judge", "name"), *(Column(name.replace("_", " ")) for name in features))
    rows = tuple(
        (
            one.entry.judge,
            *(
                words.estimate(one.entry.length.style[name])
                if name in one.entry.length.style
                else words.NONE
                for name in features
            ),
        )
        for one in tested
    )
    caption = "Coefficients of style beside length, in log-odds (0 is no effect)"
    return [Table(columns, rows, caption)]
