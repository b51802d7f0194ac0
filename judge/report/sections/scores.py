"""What each system scored, on the whole and by criterion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from judge.report import axes, notes, slice_words, words
from judge.report.blocks import (
    Block,
    Bullets,
    Column,
    Disclosure,
    Forest,
    Heading,
    Mark,
    Section,
    Table,
)
from judge.report.schema import Report, Score
from judge.report.sections import slices
from judge.types import PANEL


def blocks(report: Report) -> list[Block]:
    """A plot and a table for each rubric, then a table for each way to tell items apart.

    Nothing where no answer was scored.
    """
    rows = report.scores
    if not rows:
        return []
    out = _whole(rows)
    sliced = [row for row in rows if row.slice]
    for by, own in _grouped(sliced, lambda row: words.slicing(row.slice)[0]):
        title = f"By {slice_words.title(by)}" if by else "By slice"
        concluded = list(slices.of(report, by))
        everybody = (_table(own, f"{title}: {_caption('')}"), *_notes(own))
        behind = [Disclosure("Judge by judge", everybody)] if concluded else everybody
        out += [Heading(title, 3), *concluded, *behind]
    return out


def brief(report: Report) -> list[Block]:
    """The same for a terminal: the panel without its judges, and of slices one table a slicing."""
    if not report.scores:
        return []
    heads = [row for row in report.scores if row.judge == PANEL] or report.scores
    if report.slicings is None:
        return blocks(report.model_copy(update={"scores": heads}))
    return [*_whole(heads), *slices.tables(report)]


def _whole(rows: list[Score]) -> list[Block]:
    out: list[Block] = [Heading("Scores")]
    whole = [row for row in rows if not row.slice]
    for rubric, own in _grouped(whole, lambda row: row.rubric):
        out += [*_plot(own, _caption(rubric)), _table(own, _caption(rubric))]
    return [*out, *_notes(whole)]


def _grouped(
    rows: Iterable[Score], key: Callable[[Score], str]
) -> Iterator[tuple[str, list[Score]]]:
    """The rows that have the same key, in the order in which keys and rows came."""
    found: dict[str, list[Score]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    yield from found.items()


def _caption(rubric: str) -> str:
    said = f" ({words.name(rubric)})" if rubric else ""
    return f"Mean score of an answer{said}"


# -- the plot ------------------------------------------------------------------------------------


def _plot(rows: list[Score], caption: str) -> list[Block]:
    """The scores that a conclusion would stand on, on an axis that holds their intervals."""
    heads = words.deciding_scores(rows)
    marks = tuple(map(_mark, heads))
    if all(mark.value is None for mark in marks):
        return []
    return [Forest(marks, caption, axis=axes.around(marks))]


def _mark(row: Score) -> Mark:
    label = " · ".join(part for part in (row.system, row.criterion) if part)
    e = row.raw
    return Mark(label, words.estimate(e), e.value, e.ci_low, e.ci_high)


# -- the numbers ---------------------------------------------------------------------------------


def _table(rows: list[Score], caption: str) -> Table:
    level = words.level(rows[0].raw.confidence)
    differs = any(row.difference_from_baseline.value is not None for row in rows)
    criteria = len({row.criterion for row in rows}) > 1
    missing = any(row.raw.n_missing for row in rows)
    columns = (
        *([Column("slice", "name")] if rows[0].slice else []),
        Column("system", "name"),
        *([Column("criterion", "name")] if criteria else []),
        Column("judge", "name"),
        Column("score"),
        Column(level),
        *([Column("from baseline"), Column(f"its {level}")] if differs else []),
        Column("n"),
        Column("missing", optional=not missing),
    )
    return Table(columns, tuple(_cells(row, criteria, differs) for row in rows), caption)


def _cells(row: Score, criteria: bool, differs: bool) -> tuple[str, ...]:
    return (
        *([words.slicing(row.slice)[1]] if row.slice else []),
        row.system,
        *([row.criterion or "overall"] if criteria else []),
        row.judge,
        words.number(row.raw.value, row.raw.unit),
        words.interval(row.raw),
        *(slices.difference(row.difference_from_baseline) if differs else ()),
        words.count(row.raw.n),
        words.count(row.raw.n_missing),
    )


def _notes(rows: list[Score]) -> list[Block]:
    told = [(_who(row), row.raw.note) for row in rows if row.raw.note]
    lines = notes.lines(told, [_who(row) for row in rows])
    full = notes.in_full(told)
    behind = [Disclosure("Every note by itself", (Bullets(full),))] if full else []
    return [Bullets(lines, tone="note"), *behind] if lines else []


def _who(row: Score) -> str:
    parts = (words.slicing(row.slice)[1], row.system, row.criterion, row.judge)
    return " · ".join(words.name(part) for part in parts if part)


SECTION = Section("scores", blocks, brief=brief)
