"""How far a run that may stop early was read, and what it did not need to ask."""

from __future__ import annotations

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
from judge.report.schema import Report, Stopping

TITLE = "Stopping early"
MEANING = (
    "Items are read in an order that the seed fixed, each only after all before it. An e-value may be "
    "looked at after every item: were there no difference, it would ever reach its threshold with a "
    "probability of at most the alpha beside it. Conclusions above follow from it and from nothing else."
)


def blocks(report: Report) -> list[Block]:
    """A sentence for each comparison, the numbers behind it. Nothing where a run could not stop."""
    found = report.early_stop
    if not found:
        return []
    told = [_told(one, several=len(found) > 1) for one in found]
    said: Block = Paragraph(told[0]) if len(told) == 1 else Bullets(tuple(told))
    behind = (Paragraph(MEANING), *_plot(found), _table(found))
    numbers = Disclosure("The numbers behind this", behind)
    return [Heading(TITLE), said, *_notes(found), numbers]


def brief(report: Report) -> list[Block]:
    """The same without the numbers."""
    return [block for block in blocks(report) if not isinstance(block, Disclosure)]


def _told(one: Stopping, *, several: bool) -> str:
    rubric = f" ({words.name(one.rubric)})" if one.rubric else ""
    head = (
        f"{words.name(one.system)} against {words.name(one.baseline)}{rubric}: " if several else ""
    )
    told = f"{head}{_stop(one)}; {_saved(one)}; {_evidence(one)}."
    return told if head else f"{told[0].upper()}{told[1:]}"


def _stop(one: Stopping) -> str:
    read = f"{words.count(one.items_used)} of {words.counted(one.items_planned, 'item')}"
    if one.stopped:
        return f"stopped after {read}"
    if one.items_used < one.items_planned:
        return f"not stopped, and read as far as {read}"
    return f"not stopped: all of {words.counted(one.items_planned, 'item')} were read"


def _saved(one: Stopping) -> str:
    if not one.calls_saved:
        return "no call was saved"
    share = f"{100 * one.calls_saved / one.calls_planned:.0f} %"
    verb = "was" if one.calls_saved == 1 else "were"
    return f"{words.counted(one.calls_saved, 'call')} ({share}) {verb} not needed"


def _evidence(one: Stopping) -> str:
    if one.conclusion == "equivalent":
        return "the interval lies within the margin that was stated"
    verb = "was" if one.stopped else "came to"
    return f"the e-value {verb} {_e_value(one.e_value)} against {1 / one.alpha:.4g}"


def _e_value(value: float) -> str:
    return f"{value:.1f}" if value < 1000 else f"{value:.3g}"


def _plot(found: list[Stopping]) -> list[Block]:
    marks = tuple(_mark(one) for one in found if one.decided_rate.value is not None)
    sides = ("← baseline wins", "system wins →")
    return (
        [Forest(marks, "Wins among decided pairs, with confidence sequences", sides)]
        if marks
        else []
    )


def _mark(one: Stopping) -> Mark:
    e = one.decided_rate
    return Mark(one.system, words.estimate(e), e.value, e.ci_low, e.ci_high, one.stopped)


def _table(found: list[Stopping]) -> Table:
    columns = (
        Column("system", "name"),
        Column("items read"),
        Column("wins of decided"),
        Column(words.level(found[0].decided_rate.confidence)),
        Column("e-value"),
        Column("alpha", optional=True),
        Column("calls"),
    )
    return Table(columns, tuple(_cells(one) for one in found))


def _cells(one: Stopping) -> tuple[str, ...]:
    decided = words.NONE
    if one.decided is not None:
        decided = f"{words.count(one.wins)} of {words.count(one.decided)}"
    return (
        one.system,
        f"{words.count(one.items_used)} of {words.count(one.items_planned)}",
        decided,
        words.interval(one.decided_rate),
        _e_value(one.e_value),
        f"{one.alpha:.3g}",
        f"{words.count(one.calls_asked)} of {words.count(one.calls_planned)}",
    )


def _notes(found: list[Stopping]) -> list[Block]:
    said = tuple(
        dict.fromkeys(f"{note[0].upper()}{note[1:]}." for one in found for note in one.notes)
    )
    return [Bullets(said, tone="note")] if said else []


SECTION = Section("early_stop", blocks, brief=brief)
