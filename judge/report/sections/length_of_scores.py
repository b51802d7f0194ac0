"""The length of single answers: scores as given, at equal length and penalised, side by side."""

from __future__ import annotations

from collections.abc import Iterator

from judge.report import axes, words
from judge.report.blocks import (
    Block,
    Bullets,
    Column,
    Disclosure,
    Forest,
    Heading,
    Mark,
    Paragraph,
    Table,
)
from judge.report.schema import E, LengthSlope, Report, Score


def blocks(report: Report, title: str) -> list[Block]:
    """What length goes with, what of it is bias, and the scores without it; one line where none is known."""
    slopes = _deciding(report)
    if not slopes:
        return []
    table = _table(words.deciding_scores(report.scores or []))
    behind = [Disclosure("The slopes of every judge and criterion", (_slopes(report),))]
    lines = tuple(line for slope in slopes for line in _lines(slope))
    return [
        Heading(title),
        Bullets(lines, tone="note"),
        *table,
        *(behind if len(report.length_slopes or []) > len(slopes) else []),
        *_why_not(report, table),
    ]


def brief(report: Report, title: str) -> list[Block]:
    """The same for a terminal, in one line where no score was brought to equal length."""
    found: list[Block] = [b for b in blocks(report, title) if not isinstance(b, Disclosure)]
    lines = [line for block in found if isinstance(block, Bullets) for line in block.items]
    lines += [block.text for block in found if isinstance(block, Paragraph)]
    if any(isinstance(block, Table) for block in found) or not lines:
        return found
    return [Heading(title), Paragraph(" ".join(lines), tone="note")]


def _deciding(report: Report) -> list[LengthSlope]:
    """The slopes of the panels or sole judges that scores are concluded from."""
    heads = {(r.judge, r.rubric, r.criterion) for r in words.deciding_scores(report.scores or [])}
    known = report.length_slopes or []
    return [s for s in known if (s.judge, s.rubric, s.criterion) in heads]


def _lines(slope: LengthSlope) -> Iterator[str]:
    who, e, bias = words.name(slope.judge), slope.association, slope.bias
    if e.value is None:
        yield f"{who}: how scores go with length is not known: {words.clean(e.note)}."
    elif _is_sure(e):
        way = "rise" if e.value > 0 else "fall"
        yield (
            f"{who}: scores {way} by {_points(e)} with each doubling of the length {words.bracket(e)}. That "
            "may be merit, and nothing was subtracted for it."
        )
    else:
        yield f"{who}: scores are not shown to go with length {words.bracket(e)}."
    if bias.value is not None:
        yield _bias(who, slope)


def _bias(who: str, slope: LengthSlope) -> str:
    e = slope.bias
    beyond = "beyond people's scores" if slope.source == "labels" else "when padded with nothing"
    if not _is_sure(e):
        return f"{who}: no bias of length shown {beyond} {words.bracket(e)}."
    way = "adds" if (e.value or 0) > 0 else "takes"
    return f"{who}: a doubling of the length {way} {_points(e)} {beyond} {words.bracket(e)}."


def _is_sure(e: E) -> bool:
    return e.ci_low is not None and e.ci_high is not None and e.ci_low * e.ci_high > 0


def _points(e: E) -> str:
    return f"{words.number(abs(e.value or 0.0), e.unit)} points"


def _table(rows: list[Score]) -> list[Block]:
    """The three numbers of each system, where there is more than the score as given."""
    if not any(r.adjusted.value is not None or r.penalised.value is not None for r in rows):
        return []
    columns = (
        Column("system", "name"),
        Column("as given"),
        Column("at equal length"),
        Column("penalised"),
        Column("n"),
    )
    cells = tuple(
        (
            row.system,
            words.estimate(row.raw),
            words.estimate(row.adjusted),
            words.estimate(row.penalised),
            words.count(row.raw.n),
        )
        for row in rows
    )
    caption = "Scores as given, at equal length, and less the stated price of length"
    return [*_plot(rows), Table(columns, cells, caption)]


def _plot(rows: list[Score]) -> list[Block]:
    marks = tuple(
        Mark(
            r.system, f"{_two(r.raw)} → {_two(e)}", e.value, e.ci_low, e.ci_high, before=r.raw.value
        )
        for r in rows
        if (e := r.adjusted).value is not None
    )
    caption = "Mean scores: ○ as given, ● at equal length"
    return [Forest(marks, caption, axis=axes.around(marks))] if marks else []


def _two(e: E) -> str:
    return words.number(e.value, e.unit)


def _slopes(report: Report) -> Table:
    columns = (
        Column("judge", "name"),
        Column("criterion", "name"),
        Column("with length"),
        Column("beyond merit"),
        Column("from", "text"),
    )
    cells = tuple(
        (
            s.judge,
            s.criterion or "overall",
            words.estimate(s.association),
            words.estimate(s.bias),
            s.source,
        )
        for s in report.length_slopes or []
    )
    return Table(columns, cells, "Points for each doubling of the length")


def _why_not(report: Report, table: list[Block]) -> list[Block]:
    """Why no score was brought to equal length, in one quiet line."""
    notes = [row.adjusted.note for row in words.deciding_scores(report.scores or [])]
    said = dict.fromkeys(words.clean(note) for note in notes if note)
    return [Paragraph(f"At equal length: {'; '.join(said)}.", tone="note")] if said else []
