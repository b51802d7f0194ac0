"""How far judges repeat themselves when they are asked the same again, and whether asking more helps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from judge.report import words
from judge.report.blocks import (
    Block,
    Bullets,
    Column,
    Disclosure,
    Forest,
    Heading,
    Mark,
    Paragraph,
    Section,
    Table,
)
from judge.report.named_judges import told_apart
from judge.report.schema import E, JudgeEntry, Report

TITLE = "Repeats"
NOTHING = "Not measured: nothing was asked twice"
HOW = "--repeats 2 --repeat-share 0.2 asks a fifth of the items again"
HOW_ELSEWHERE = "log `repeat` where the same was asked again"  # of verdicts that came in a file
NO_VERDICTS = "Not measured: what was asked again has no second verdict."


def blocks(report: Report) -> list[Block]:
    """A few sentences a judge and the numbers behind them; one line where nothing was repeated."""
    if not report.judges:
        return []
    told = [judge for judge in told_apart(report.judges) if judge.repeats.n_repeated]
    if not told:
        return [Heading(TITLE), Paragraph(_nothing(report), tone="note")]
    rest = len(told) - words.SENTENCES
    more = [f"{words.counted(rest, 'more judge')} likewise: see the numbers."] if rest > 0 else []
    each = (" ".join(_sentences(judge)) for judge in told[: words.SENTENCES])
    lines = (*each, *more, *_worth(told))
    behind = Disclosure("The numbers behind this", (_plot(told), _table(told)))
    return [Heading(TITLE), Bullets(lines), behind]


def brief(report: Report) -> list[Block]:
    """The same without the numbers."""
    return [block for block in blocks(report) if not isinstance(block, Disclosure)]


def _wording(judge: JudgeEntry) -> str:
    return ", ".join(part for part in (judge.rubric, judge.variant) if part) or "no rubric"


def _nothing(report: Report) -> str:
    if any(judge.repetition_stability.n_missing for judge in report.judges):
        return NO_VERDICTS
    return f"{NOTHING} ({HOW_ELSEWHERE if report.run.source else HOW})."


def _sentences(judge: JudgeEntry) -> Iterator[str]:
    own = judge.repeats
    name = words.name(judge.judge)
    if own.pairwise_agreement.value is not None:
        yield (
            f"{name} gave two askings of one question the same verdict in "
            f"{words.percent(own.pairwise_agreement.value)} of cases {words.bracket(own.pairwise_agreement)}."
        )
    if own.repeatability.value is not None and own.repeatability.unit != "rate":
        yield (
            "Two of its scores of one answer lie less than "
            f"{words.number(own.repeatability.value, 'score')} apart in 95 of 100 cases: a smaller change is "
            "noise."
        )
    yield from _reliability(own.icc, own.repeats_needed, own.target)


def _reliability(icc: E, needed: float | None, target: float) -> Iterator[str]:
    if icc.value is None:
        return
    said = f"The reliability of one verdict is {words.number(icc.value, '')} {words.bracket(icc)}"
    if needed is None:
        yield f"{said}: not above 0, so how many repeats would help cannot be told."
    elif needed <= 1:
        yield f"{said}: one is enough for {target:g}."
    else:
        yield f"{said}: averaging {math.ceil(needed):,} would reach {target:g}."


def _worth(judges: Sequence[JudgeEntry]) -> Iterator[str]:
    """What twice the items would bring the means, and what twice the repeats."""
    own = [judge.repeats for judge in judges]
    items = [o.se_twice_items for o in own if o.se_twice_items is not None]
    repeats = [o.se_twice_repeats for o in own if o.se_twice_repeats is not None]
    if items and repeats:
        yield (
            "Asking everything twice as often would narrow the interval of a judge's mean by "
            f"{_narrower(repeats)}, twice as many items by {_narrower(items)}."
        )


def _narrower(factors: Sequence[float]) -> str:
    ends = [f"{100 * (1 - factor):.0f}" for factor in (max(factors), min(factors))]
    return f"{' to '.join(dict.fromkeys(ends))} %"


def _plot(judges: Sequence[JudgeEntry]) -> Forest:
    marks = tuple(_mark(judge) for judge in judges)
    return Forest(marks, "How often two askings of one question got the same verdict")


def _mark(judge: JudgeEntry) -> Mark:
    e = judge.repeats.pairwise_agreement
    return Mark(judge.judge, words.estimate(e), e.value, e.ci_low, e.ci_high)


def _table(judges: Sequence[JudgeEntry]) -> Table:
    are_scores = any(judge.repeats.sem.unit == "score" for judge in judges)
    columns = (
        Column("judge", "name"),
        Column("same again"),
        Column("reliability"),
        Column("one is off by"),
        *([Column("noise below")] if are_scores else []),
        Column("questions"),
        Column("commonest verdict", optional=True),
        Column("entropy, nats", optional=True),
    )
    noise = "; noise below: two differ by less in 95 of 100 cases" if are_scores else ""
    caption = (
        "Same again: two askings with the same verdict; reliability: ICC(1,1) of verdicts as numbers; one "
        f"is off by: its standard error (SEM){noise}"
    )
    return Table(columns, tuple(_cells(judge, are_scores) for judge in judges), caption)


def _cells(judge: JudgeEntry, are_scores: bool) -> tuple[str, ...]:
    own = judge.repeats
    return (
        judge.judge,
        words.percent(own.pairwise_agreement.value),
        words.number(own.icc.value, ""),
        words.number(own.sem.value, "score"),
        *([words.number(own.repeatability.value, "score")] if are_scores else []),
        words.count(own.n_repeated),
        words.percent(judge.repetition_stability.value),
        words.number(own.entropy.value, ""),
    )


SECTION = Section("repeats", blocks, brief=brief)
