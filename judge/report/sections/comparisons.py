"""Every judge's own number beside the panel's, as it came and as it was corrected."""

from __future__ import annotations

from itertools import groupby

from judge.report import slice_words, words
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
from judge.report.schema import Comparison, Report
from judge.report.sections import corrected, slices
from judge.types import PANEL

Group = tuple[str, str]

SIDE_CELLS = 12  # of a name beside a plot's axis on a phone


def blocks(report: Report) -> list[Block]:
    """A plot and a table for each rubric and wording, then for each way to tell items apart.

    Nothing where nothing is compared.
    """
    rows = report.comparisons
    return [*_whole(rows), *_slicings(report, rows)] if rows else []


def brief(report: Report) -> list[Block]:
    """The same for a terminal: of slices one table a slicing, without the judges one by one."""
    if not report.comparisons:
        return []
    whole = [b for b in _whole(report.comparisons) if not isinstance(b, Disclosure)]
    if report.slicings is None:
        return [*whole, *_slicings(report, report.comparisons)]
    return [*whole, *slices.tables(report)]


def _whole(rows: list[Comparison]) -> list[Block]:
    whole = sorted((row for row in rows if not row.slice), key=_group)
    groups = [(key, list(group)) for key, group in groupby(whole, key=_group)]
    out: list[Block] = [Heading("Comparisons")]
    for key, group in groups:
        out += _group_blocks(group, _caption(key, group, with_group=len(groups) > 1))
        out += corrected.blocks(group)
    return [*out, *_notes(whole)]


def _group(row: Comparison) -> Group:
    return (row.rubric, row.variant)


def _caption(key: Group, rows: list[Comparison], *, with_group: bool) -> str:
    pairs = {(row.system, row.baseline) for row in rows}
    head = "Share of items that the system wins, ties half"
    if len(pairs) == 1:
        head = f"Share of items that {words.name(rows[0].system)} wins, ties half"
    said = [words.name(part) for part in key if part]
    return f"{head} ({', '.join(said)})" if with_group and said else head


def _group_blocks(rows: list[Comparison], caption: str) -> list[Block]:
    marks = [_mark(row, rows) for row in rows]
    return [Forest(tuple(marks), caption, _sides(rows)), _table(rows, caption)]


def _sides(rows: list[Comparison]) -> tuple[str, str]:
    """Who wins on either side, general words where there are several."""
    baselines, systems = {row.baseline for row in rows}, {row.system for row in rows}
    left = words.name(baselines.pop(), SIDE_CELLS) if len(baselines) == 1 else "baseline"
    right = words.name(systems.pop(), SIDE_CELLS) if len(systems) == 1 else "system"
    return f"← {left} wins", f"{right} wins →"


def _mark(row: Comparison, rows: list[Comparison]) -> Mark:
    several = len({other.system for other in rows}) > 1
    e = words.decided(row)
    return Mark(
        label=f"{row.system} · {row.judge}" if several else row.judge,
        text=words.estimate(e),
        value=e.value,
        low=e.ci_low,
        high=e.ci_high,
        strong=row.conclusion is not None,
    )


# -- slices --------------------------------------------------------------------------------------


def _slicings(report: Report, rows: list[Comparison]) -> list[Block]:
    """For each way to tell items apart, its slices in the order that they came in."""
    by: dict[str, list[Comparison]] = {}
    for row in rows:
        if row.slice:
            by.setdefault(words.slicing(row.slice)[0], []).append(row)
    return [block for name, own in by.items() for block in _slicing(report, name, own)]


def _slicing(report: Report, name: str, rows: list[Comparison]) -> list[Block]:
    """What is concluded from as a plot and a table, every judge behind a line."""
    caption = f"{_by(name)}: {_caption(('', ''), rows, with_group=False)}"
    concluded = list(slices.of(report, name))
    everybody = (_table(rows, caption), *_notes(rows))
    behind = [Disclosure("Judge by judge", everybody)] if concluded else everybody
    title = next((block.caption for block in concluded if isinstance(block, Table)), caption)
    return [Heading(_by(name), 3), *_slice_plot(rows, title), *concluded, *behind]


def _by(name: str) -> str:
    return f"By {slice_words.title(name)}" if name else "By slice"


def _slice_plot(rows: list[Comparison], caption: str) -> list[Block]:
    """The rows of the panel or the sole judge."""
    pairs = {(row.system, row.baseline) for row in rows}
    judges = {row.judge for row in rows}
    heads = [row for row in rows if row.judge == PANEL or len(judges) == 1]
    marks = tuple(_slice_mark(row, several=len(pairs) > 1) for row in heads)
    return [Forest(marks, caption, _sides(rows))] if marks else []


def _slice_mark(row: Comparison, *, several: bool) -> Mark:
    e = words.decided(row)
    value = f"{words.slicing(row.slice)[1]} (n {words.count(e.n)})"
    label = f"{row.system} · {value}" if several else value
    return Mark(label, words.estimate(e), e.value, e.ci_low, e.ci_high)


# -- the numbers ---------------------------------------------------------------------------------


def _table(rows: list[Comparison], caption: str) -> Table:
    several = len({row.system for row in rows}) > 1
    columns = (
        *([Column("slice", "name")] if rows[0].slice else []),
        *([Column("system", "name")] if several else []),
        Column("judge", "name"),
        Column("wins"),
        Column(words.level(rows[0].raw.confidence)),
        Column("n"),
        Column("missing"),
        Column("conclusion", "text"),
        Column("smallest detectable", optional=True),
    )
    return Table(columns, tuple(_cells(row, several) for row in rows), caption)


def _cells(row: Comparison, several: bool) -> tuple[str, ...]:
    detectable = row.smallest_detectable
    return (
        *([words.slicing(row.slice)[1]] if row.slice else []),
        *([row.system] if several else []),
        row.judge,
        words.percent(row.raw.value),
        words.interval(row.raw),
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
        if len(row.members) > 1 and not row.slice
    ]
    told = [
        f"{', '.join(_who(row, several=several))}: {note}"
        for row in rows
        for note in (row.raw.note, *row.notes)
        if note
    ]
    lines = tuple(dict.fromkeys([*made, *told]))
    return [Bullets(lines, tone="note")] if lines else []


def _who(row: Comparison, *, several: bool) -> list[str]:
    """Whom a note is about."""
    said = (words.slicing(row.slice)[1], row.system if several else "", row.judge)
    return [words.name(part) for part in said if part]


SECTION = Section("comparisons", blocks, brief=brief)
