"""What people's labels make of the judges' numbers: raw, labels alone and corrected, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from judge.report import axes, words
from judge.report.blocks import (
    RATES,
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
from judge.report.schema import Report
from judge.report.schema_base import E
from judge.report.schema_correction import CorrectedRow
from judge.types import PANEL

TITLE = "Corrected by people's labels"
MEANING = (
    "Judged: what the judges say of every item. Labels alone: what people say of the items they labelled. "
    "Corrected: the judges' number moved by how far they were off where people labelled; it is right "
    "whatever the judges get wrong, as long as the labelled items are a random part."
)
MOST = 5  # findings told one by one


def blocks(report: Report) -> list[Block]:
    """A sentence for each row that decides, with a plot; the numbers behind it. Nothing without labels."""
    rows = [] if report.correction is None else report.correction.rows
    if not rows:
        return []
    heads = _heads(rows)
    told = _told(heads)
    fine = [one for one in heads if one.ppi.value is not None]
    if not fine:
        return [Heading(TITLE), *told]
    behind = Disclosure("Every row, and other ways to correct", _numbers(rows))
    return [Heading(TITLE), *told, *_plots(fine), _table(fine), Paragraph(MEANING, "note"), behind]


def brief(report: Report) -> list[Block]:
    """The same without what is behind a line."""
    return [block for block in blocks(report) if not isinstance(block, Disclosure)]


def _heads(rows: Sequence[CorrectedRow]) -> list[CorrectedRow]:
    """The rows of the panel where there is one; of a row's judges else all."""
    panels = {_what(one) for one in rows if one.judge == PANEL}
    return [one for one in rows if one.judge == PANEL or _what(one) not in panels]


def _what(one: CorrectedRow) -> tuple[str, ...]:
    rubric = one.rubric if one.kind != "rate" else ""
    return (one.kind, one.system, one.baseline, rubric, one.criterion)


# -- findings ------------------------------------------------------------------------------------


def _told(rows: Sequence[CorrectedRow]) -> list[Block]:
    refused = list(dict.fromkeys(one.why_not for one in rows if one.ppi.value is None))
    fine = [one for one in rows if one.ppi.value is not None]
    # What differs from the judging is told first.
    fine.sort(key=lambda one: not _moved(one))
    said = [_sentence(one) for one in fine[:MOST]]
    if len(fine) > MOST:
        said.append(f"And {words.count(len(fine) - MOST)} more, in the table below.")
    out: list[Block] = [Bullets(tuple(said))] if said else []
    why = [f"Not corrected: {words.clean(one)}." for one in refused]
    if len(why) == 1:
        return [*out, Paragraph(why[0], "note")]
    return [*out, *([Bullets(tuple(why), "note")] if why else [])]


def _moved(one: CorrectedRow) -> bool:
    return one.raw_conclusion != one.conclusion


def _sentence(one: CorrectedRow) -> str:
    """What people's labels make of a number, what it was, and what the judge was worth."""
    number = words.number(one.ppi.value, one.ppi.unit)
    was = words.number(one.raw.value, one.raw.unit)
    whole = one.n_labelled == one.n_units
    how = "By people, who labelled everything," if whole else "Corrected by people's labels,"
    verb = {"rate": "wins", "score": "scores", "difference": "differs by"}[one.kind]
    on = f" on {words.name(one.criterion)}" if one.criterion else ""
    apart = "from" if one.kind == "difference" else "against"
    against = f" {apart} {words.name(one.baseline)}" if one.baseline else ""
    by = "" if one.judge == PANEL else f" by {words.name(one.judge)}"
    told = f"{how} {words.name(one.system)} {verb} {number}{on} {words.bracket(one.ppi)}{against}"
    head = f"{told}; as judged{by} {was}."
    return " ".join(part for part in (head, _change(one), _worth(one), _why(one)) if part)


def _change(one: CorrectedRow) -> str:
    if not one.eligible or not _moved(one):
        return ""
    return f"By the judging alone the conclusion would be '{one.raw_conclusion}'; it is '{one.conclusion}'."


def _worth(one: CorrectedRow) -> str:
    if one.effective_labels is None or one.n_labelled == one.n_units:
        return ""
    n = words.counted(one.n_labelled, "label")
    saved = round(one.labels_saved or 0.0)
    if saved < 1:
        return f"The judge saved no label: {n} say as much without it."
    return (
        f"{n} with the judge are worth {one.effective_labels:,.0f} without it: it saved {saved:,}."
    )


def _why(one: CorrectedRow) -> str:
    return "" if one.eligible else f"Nothing is concluded from it: {words.clean(one.why_not)}."


# -- numbers -------------------------------------------------------------------------------------


def _plots(rows: Sequence[CorrectedRow]) -> list[Block]:
    """Judged, labels alone and corrected, one under the other; of each unit a plot."""
    out: list[Block] = []
    for unit in dict.fromkeys(one.raw.unit for one in rows):
        own = [one for one in rows if one.raw.unit == unit][:MOST]
        marks = tuple(mark for one in own for mark in _marks(one, several=len(own) > 1))
        axis = RATES if unit == "rate" else axes.around(marks)
        out.append(Forest(marks, "As judged, by labels alone, and corrected", axis=axis))
    return out


def _marks(one: CorrectedRow, *, several: bool) -> list[Mark]:
    who = " · ".join(words.name(part) for part in (one.system, one.criterion) if part)
    ways = (("judged", one.raw), ("labels alone", one.labels_only), ("corrected", one.ppi))
    return [
        Mark(
            f"{who}: {what}" if several else what,
            words.estimate(e),
            e.value,
            e.ci_low,
            e.ci_high,
            strong=what == "corrected" and one.eligible,
        )
        for what, e in ways
    ]


def _table(rows: Sequence[CorrectedRow]) -> Table:
    several = len(rows) > 1
    columns = (
        *([Column("of", "name")] if several else []),
        Column("judged"),
        Column("labels alone"),
        Column("corrected"),
        Column("labels"),
        Column("worth"),
    )
    cells = tuple(
        (
            *([_label(one)] if several else []),
            words.number(one.raw.value, one.raw.unit),
            words.estimate(one.labels_only),
            words.estimate(one.ppi),
            words.count(one.n_labelled),
            words.NONE if one.effective_labels is None else f"{one.effective_labels:,.0f}",
        )
        for one in rows
    )
    return Table(columns, cells, "As judged, by labels alone, and corrected")


def _label(one: CorrectedRow) -> str:
    kind = "" if one.kind != "difference" else "difference"
    judge = "" if one.judge == PANEL else one.judge
    parts = (one.system, one.criterion, kind, judge)
    return " · ".join(words.name(part) for part in parts if part)


def _numbers(rows: Sequence[CorrectedRow]) -> tuple[Block, ...]:
    columns = (
        Column("of", "name"),
        Column("judged"),
        Column("PPI++"),
        Column("EIF"),
        Column("mapped"),
        Column("lambda"),
        Column("r"),
        Column("transport", "text"),
    )
    cells = tuple(
        (
            " · ".join(part for part in (one.system, one.judge, one.criterion, one.kind) if part),
            words.number(one.raw.value, one.raw.unit),
            *(words.estimate(e) for e in (one.ppi, one.eif, one.mapped)),
            _plain(one.weight),
            _plain(one.correlation),
            words.NONE if one.transport is None else one.transport.result,
        )
        for one in rows
    )
    notes = tuple(dict.fromkeys(note for one in rows for note in _notes(one)))
    return (Table(columns, cells, "Every row"), *([Bullets(notes, "note")] if notes else []))


def _plain(value: float | None) -> str:
    return words.NONE if value is None else f"{value:.2f}"


def _notes(one: CorrectedRow) -> list[str]:
    who = " · ".join(part for part in (words.name(one.system), words.name(one.judge)) if part)
    found: list[tuple[str, E]] = [("EIF", one.eif), ("mapped", one.mapped)]
    told = [
        f"{who}: {name} {words.clean(e.note)}" for name, e in found if e.value is None and e.note
    ]
    if one.transport is not None:
        gap = words.estimate(one.transport.difference)
        told.append(
            f"{who}: a map fitted on the other systems is off by {gap}; margin {one.transport.margin:g}: "
            f"{one.transport.result}"
        )
    return told


SECTION = Section("correction", blocks, brief=brief)
