"""What each system scored, on the whole and by criterion."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

from judge.report import slice_words, words
from judge.report.blocks import (
    Axis,
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
    """The same for a terminal: of slices one table a slicing, without the judges one by one."""
    if not report.scores or report.slicings is None:
        return blocks(report)
    return [*_whole(report.scores), *slices.tables(report)]


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

TICKS = 5  # about as many
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def _plot(rows: list[Score], caption: str) -> list[Block]:
    """The scores that a conclusion would stand on, on an axis that holds their intervals."""
    heads = words.deciding_scores(rows)
    known = [v for row in heads for v in (row.raw.value, row.raw.ci_low, row.raw.ci_high)]
    values = [value for value in known if value is not None]
    if not values:
        return []
    return [Forest(tuple(map(_mark, heads)), caption, axis=_axis(min(values), max(values)))]


def _mark(row: Score) -> Mark:
    label = " · ".join(part for part in (row.system, row.criterion) if part)
    e = row.raw
    return Mark(label, words.estimate(e), e.value, e.ci_low, e.ci_high)


def _axis(low: float, high: float) -> Axis:
    """Round ticks from below the lowest to above the highest value."""
    least = max(high - low, abs(high) * 1e-3, 1e-9) / TICKS
    power = 10.0 ** math.floor(math.log10(least))
    step = next(s * power for s in STEPS if s * power >= least * (1 - 1e-9))
    first, last = math.floor(low / step), max(math.ceil(high / step), math.floor(low / step) + 1)
    ticks = tuple((n * step, f"{n * step:.6g}") for n in range(first, last + 1))
    return Axis(first * step, last * step, ticks)


# -- the numbers ---------------------------------------------------------------------------------


def _table(rows: list[Score], caption: str) -> Table:
    level = words.level(rows[0].raw.confidence)
    differs = any(row.difference_from_baseline.value is not None for row in rows)
    criteria = len({row.criterion for row in rows}) > 1
    columns = (
        *([Column("slice", "name")] if rows[0].slice else []),
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
    told = [
        f"{', '.join(words.name(part) for part in _who(row) if part)}: {row.raw.note}"
        for row in rows
        if row.raw.note
    ]
    lines = tuple(dict.fromkeys(told))
    return [Bullets(lines, tone="note")] if lines else []


def _who(row: Score) -> tuple[str, ...]:
    return (words.slicing(row.slice)[1], row.system, row.criterion, row.judge)


SECTION = Section("scores", blocks, brief=brief)
