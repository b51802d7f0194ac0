"""Every judge's own number beside the panel's, as it came and as it was corrected."""

from __future__ import annotations

from itertools import groupby

from judge.report import words
from judge.report.blocks import Block, Bullets, Column, Heading, Mark, Section, Table, forest
from judge.report.schema import Comparison, E, Report

Group = tuple[str, str, str]


def blocks(report: Report) -> list[Block]:
    """A plot and a table for each rubric, wording and slice; nothing where nothing is compared."""
    rows = report.comparisons
    if not rows:
        return []
    groups = [(key, list(group)) for key, group in groupby(sorted(rows, key=_group), key=_group)]
    out: list[Block] = [Heading("Comparisons")]
    for key, group in groups:
        out += _group_blocks(group, _caption(key, group, with_group=len(groups) > 1))
    return [*out, *_notes(rows)]


def _group(row: Comparison) -> Group:
    return (row.slice, row.rubric, row.variant)


def _caption(key: Group, rows: list[Comparison], *, with_group: bool) -> str:
    pairs = {(row.system, row.baseline) for row in rows}
    head = "Share of items that the system wins, ties half"
    if len(pairs) == 1:
        head = f"Share of items that {words.name(rows[0].system)} wins, ties half"
    said = [words.name(part) for part in key if part]
    return f"{head} ({', '.join(said)})" if with_group and said else head


def _group_blocks(rows: list[Comparison], caption: str) -> list[Block]:
    marks = [_mark(row, rows) for row in rows]
    return [forest(marks, caption, _sides(rows)), _table(rows, caption)]


def _sides(rows: list[Comparison]) -> tuple[str, str]:
    """The baseline's name and the system's, general words where there are several."""
    baselines, systems = {row.baseline for row in rows}, {row.system for row in rows}
    return (
        baselines.pop() if len(baselines) == 1 else "baseline",
        systems.pop() if len(systems) == 1 else "system",
    )


def _mark(row: Comparison, rows: list[Comparison]) -> Mark:
    several = len({other.system for other in rows}) > 1
    e = words.decided(row)
    return Mark(
        label=f"{row.system} · {row.judge}" if several else row.judge,
        text=_short(e),
        value=e.value,
        low=e.ci_low,
        high=e.ci_high,
        strong=row.conclusion is not None,
    )


def _short(e: E) -> str:
    if e.ci_low is None:
        return words.percent(e.value)
    return f"{words.percent(e.value)} ({words.interval(e)})"


def _table(rows: list[Comparison], caption: str) -> Table:
    several = len({row.system for row in rows}) > 1
    corrected = [
        kind for kind in CORRECTED if any(getattr(r, kind).value is not None for r in rows)
    ]
    columns = (
        *([Column("system", "name")] if several else []),
        Column("judge", "name"),
        Column("wins"),
        Column(words.level(rows[0].raw.confidence)),
        *(Column(CORRECTED[kind]) for kind in corrected),
        Column("n"),
        Column("missing"),
        Column("conclusion", "text", optional=True),
        Column("smallest detectable", optional=True),
    )
    return Table(columns, tuple(_cells(row, several, corrected) for row in rows), caption)


CORRECTED = {"length_controlled": "length-controlled", "human_corrected": "human-corrected"}


def _cells(row: Comparison, several: bool, corrected: list[str]) -> tuple[str, ...]:
    detectable = row.smallest_detectable
    return (
        *([row.system] if several else []),
        row.judge,
        words.percent(row.raw.value),
        words.interval(row.raw),
        *(_short(getattr(row, kind)) for kind in corrected),
        words.count(row.raw.n),
        words.count(row.raw.n_missing),
        row.conclusion or "",
        words.NONE if detectable is None else words.points(detectable),
    )


def _notes(rows: list[Comparison]) -> list[Block]:
    several = len({row.system for row in rows}) > 1
    made = [
        f"{words.name(row.judge)} is made of {words.listed(row.members)}."
        for row in rows
        if len(row.members) > 1
    ]
    told = [
        f"{f'{words.name(row.system)}, ' if several else ''}{words.name(row.judge)}: {note}"
        for row in rows
        for note in (row.raw.note, *row.notes)
        if note
    ]
    lines = tuple(dict.fromkeys([*made, *told]))
    return [Bullets(lines, tone="note")] if lines else []


SECTION = Section("comparisons", blocks)
