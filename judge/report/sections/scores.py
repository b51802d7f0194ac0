"""What each system scored, on the whole and by criterion."""

from __future__ import annotations

from itertools import groupby

from judge.report import words
from judge.report.blocks import Block, Bullets, Column, Heading, Section, Table
from judge.report.schema import E, Report, Score


def blocks(report: Report) -> list[Block]:
    """A table for each rubric and slice; nothing where no answer was scored."""
    rows = report.scores
    if not rows:
        return []
    ordered = sorted(rows, key=_group)
    groups = [(key, list(group)) for key, group in groupby(ordered, key=_group)]
    tables = [_table(group, _caption(key)) for key, group in groups]
    return [Heading("Scores"), *tables, *_notes(rows)]


def _group(row: Score) -> tuple[str, str]:
    return (row.slice, row.rubric)


def _caption(key: tuple[str, str]) -> str:
    said = [words.name(part) for part in key if part]
    return f"Mean score of an answer ({', '.join(said)})" if said else "Mean score of an answer"


def _table(rows: list[Score], caption: str) -> Table:
    level = words.level(rows[0].raw.confidence)
    differs = any(row.difference_from_baseline.value is not None for row in rows)
    criteria = len({row.criterion for row in rows}) > 1
    columns = (
        Column("system", "name"),
        *([Column("criterion", "name")] if criteria else []),
        Column("judge", "name"),
        Column("score"),
        Column(level),
        *([Column("from baseline"), Column(f"its {level}")] if differs else []),
        Column("n"),
        Column("missing"),
    )
    return Table(columns, tuple(_cells(row, criteria, differs) for row in rows), caption)


def _cells(row: Score, criteria: bool, differs: bool) -> tuple[str, ...]:
    return (
        row.system,
        *([row.criterion or "overall"] if criteria else []),
        row.judge,
        words.number(row.raw.value, row.raw.unit),
        words.interval(row.raw),
        *(_difference(row.difference_from_baseline) if differs else ()),
        words.count(row.raw.n),
        words.count(row.raw.n_missing),
    )


def _difference(e: E) -> tuple[str, str]:
    value = words.number(e.value, e.unit)
    return (f"+{value}" if e.value is not None and e.value > 0 else value, words.interval(e))


def _notes(rows: list[Score]) -> list[Block]:
    told = [
        f"{', '.join(words.name(n) for n in (row.system, row.criterion, row.judge) if n)}: "
        f"{row.raw.note}"
        for row in rows
        if row.raw.note
    ]
    lines = tuple(dict.fromkeys(told))
    return [Bullets(lines, tone="note")] if lines else []


SECTION = Section("scores", blocks)
