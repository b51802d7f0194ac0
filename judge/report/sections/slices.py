"""A table for each way in which the items are told apart: what is concluded from, slice by slice."""

from __future__ import annotations

from collections.abc import Iterator

from judge.report import slice_words, words
from judge.report.blocks import Block, Bullets, Column, Table
from judge.report.schema import Comparison, E, Report, Score, SlicePart, Slicing


def tables(report: Report) -> list[Block]:
    """One table for each slicing, whatever the number of its slices, and what is to be said of it."""
    names = dict.fromkeys(slicing.name for slicing in report.slicings or [])
    return [block for name in names for block in of(report, name)]


def notes(report: Report, name: str) -> list[Block]:
    """What the slices of a slicing are, and which of them were too small to compare."""
    own = [slicing for slicing in report.slicings or [] if slicing.name == name]
    said = tuple(dict.fromkeys(slicing.note for slicing in own if slicing.note))
    return [Bullets(said, tone="note")] if said else []


def difference(e: E) -> tuple[str, str]:
    """A difference with its sign, and its interval."""
    value = words.number(e.value, e.unit)
    return (f"+{value}" if e.value is not None and e.value > 0 else value, words.interval(e))


def of(report: Report, name: str) -> Iterator[Block]:
    """The table of one slicing and its notes; nothing where it was not tested."""
    own = [slicing for slicing in report.slicings or [] if slicing.name == name]
    rows = [(s, part, row) for s in own for part, row in _parts(report, s)]
    if not rows:
        return
    several = len({(s.system, s.rubric) for s in own}) > 1
    compared = [(part, row) for _, part, row in rows if isinstance(row, Comparison)]
    scored = [row for _, _, row in rows if isinstance(row, Score)]
    if compared:
        yield _win_rates(compared, _caption(own), several=several)
    else:
        yield _scores(
            scored, _caption(own), several=len({(r.system, r.rubric) for r in scored}) > 1
        )
    yield from notes(report, name)


def _parts(report: Report, slicing: Slicing) -> list[tuple[SlicePart, Comparison | Score]]:
    rows = {row.slice: row for row in slice_words.rows_of(report, slicing)}
    return [(part, rows[part.slice]) for part in slicing.slices if part.slice in rows]


def _caption(own: list[Slicing]) -> str:
    judges = words.listed(list(dict.fromkeys(s.judge for s in own)))
    by = f"By {slice_words.title(own[0].name)}"
    sole = words.name(own[0].system) if len({s.system for s in own}) == 1 else ""
    if own[0].unit == "rate":
        return f"{by}: share of items that {sole or 'the system'} wins, ties half ({judges})"
    return f"{by}: mean score of {sole or 'an answer'} ({judges})"


def _win_rates(rows: list[tuple[SlicePart, Comparison]], caption: str, *, several: bool) -> Table:
    columns = (
        *([Column("system", "name")] if several else []),
        Column("slice", "name"),
        Column("wins"),
        Column(words.level(rows[0][1].raw.confidence)),
        Column("n"),
        Column("p (Holm)"),
        Column("conclusion", "text"),
    )
    cells = (
        (
            *([row.system] if several else []),
            words.slicing(row.slice)[1],
            words.percent(row.raw.value),
            words.interval(row.raw),
            words.count(row.raw.n),
            words.p_value(part.p_value),
            row.conclusion or ("too few items" if row.raw.n else ""),
        )
        for part, row in rows
    )
    return Table(columns, tuple(cells), caption)


def _scores(rows: list[Score], caption: str, *, several: bool) -> Table:
    differs = any(row.difference_from_baseline.value is not None for row in rows)
    level = words.level(rows[0].raw.confidence)
    columns = (
        *([Column("system", "name")] if several else []),
        Column("slice", "name"),
        Column("score"),
        Column(level),
        *([Column("from baseline"), Column(f"its {level}")] if differs else []),
        Column("n"),
    )
    cells = (
        (
            *([row.system] if several else []),
            words.slicing(row.slice)[1],
            words.number(row.raw.value, row.raw.unit),
            words.interval(row.raw),
            *(difference(row.difference_from_baseline) if differs else ()),
            words.count(row.raw.n),
        )
        for row in rows
    )
    return Table(columns, tuple(cells), caption)
