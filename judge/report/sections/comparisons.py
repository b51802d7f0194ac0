"""Every judge's own number beside the panel's, as it came and as it was corrected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from judge.report import notes, slice_words, words
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
    return [*_whole(report, rows), *_slicings(report, rows)] if rows else []


def brief(report: Report) -> list[Block]:
    """The same for a terminal: of slices one table a slicing, without the judges one by one."""
    if not report.comparisons:
        return []
    whole = [b for b in _whole(report, report.comparisons) if not isinstance(b, Disclosure)]
    if report.slicings is None:
        return [*whole, *_slicings(report, report.comparisons)]
    return [*whole, *slices.tables(report)]


def _whole(report: Report, rows: list[Comparison]) -> list[Block]:
    whole = sorted((row for row in rows if not row.slice), key=_group)
    groups = [(key, list(group)) for key, group in groupby(whole, key=_group)]
    out: list[Block] = [Heading("Comparisons")]
    for key, group in groups:
        ordered = _ordered(group)
        out += _group_blocks(ordered, _caption(key, group, with_group=len(groups) > 1))
        out += corrected.blocks(ordered, is_length_known=_is_length_known(report))
    return [*out, *_notes(whole, has_panel=bool(report.panels))]


def _is_length_known(report: Report) -> bool:
    """Whether the section on length has more to say than why there is nothing."""
    return any(judge.length.longer_wins.value is not None for judge in report.judges)


def _ordered(rows: list[Comparison]) -> list[Comparison]:
    """The rows as they came, those of many systems by what the systems won."""
    if len({row.system for row in rows}) <= words.SENTENCES:
        return rows
    heads = words.deciding(rows) or rows
    wins = {row.system: words.decided(row).value or 0.0 for row in heads}
    return sorted(rows, key=lambda row: -wins[row.system])


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
    table = _table(rows, caption, corrected.columns_of(rows))
    return [Forest(tuple(marks), caption, _sides(rows)), table]


def _sides(rows: list[Comparison]) -> tuple[str, str]:
    """Who wins on either side, general words where there are several."""
    baselines, systems = {row.baseline for row in rows}, {row.system for row in rows}
    left = words.name(baselines.pop(), SIDE_CELLS) if len(baselines) == 1 else "baseline"
    right = words.name(systems.pop(), SIDE_CELLS) if len(systems) == 1 else "system"
    return f"← {left} wins", f"{right} wins →"


def _mark(row: Comparison, rows: list[Comparison]) -> Mark:
    told_by = (_are_several(rows, "system"), _are_several(rows, "judge"))
    by = {(True, True): f"{row.system} · {row.judge}", (True, False): row.system}
    e = words.decided(row)
    how = ", corrected" if row.basis == "human_corrected" else ""
    return Mark(
        label=f"{by.get(told_by, row.judge)}{how}",
        text=words.estimate(e),
        value=e.value,
        low=e.ci_low,
        high=e.ci_high,
        strong=row.conclusion is not None and any(other.conclusion is None for other in rows),
    )


def _are_several(rows: list[Comparison], field: str) -> bool:
    return len({getattr(row, field) for row in rows}) > 1


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


def _table(rows: list[Comparison], caption: str, kinds: Sequence[str] = ()) -> Table:
    """A line a row. kinds: corrected win rates that have a column of their own."""
    every: list[tuple[Column, Callable[[Comparison], str]]] = [
        *([(Column("slice", "name"), _slice)] if rows[0].slice else []),
        *([(Column("system", "name"), _system)] if _are_several(rows, "system") else []),
        *([(Column("judge", "name"), _judge)] if _names_judges(rows) else []),
        (Column("wins"), lambda row: words.percent(row.raw.value)),
        (Column(words.level(rows[0].raw.confidence)), lambda row: words.interval(row.raw)),
        *((corrected.column(kind), corrected.cell(kind)) for kind in kinds),
        (Column("n"), lambda row: words.count(row.raw.n)),
        (_missing_column(rows), lambda row: words.count(row.raw.n_missing)),
        (Column("conclusion", "text"), lambda row: row.conclusion or ""),
        *([(Column("smallest detectable", optional=True), _detectable)] if _seen(rows) else []),
    ]
    cells = tuple(tuple(cell(row) for _, cell in every) for row in rows)
    return Table(tuple(column for column, _ in every), cells, caption)


def _names_judges(rows: list[Comparison]) -> bool:
    """Whether a row says whose it is: nobody asks where several systems have one judge."""
    return _are_several(rows, "judge") or not (_are_several(rows, "system") or rows[0].slice)


def _missing_column(rows: list[Comparison]) -> Column:
    return Column("missing", optional=not any(row.raw.n_missing for row in rows))


def _seen(rows: list[Comparison]) -> bool:
    return any(row.smallest_detectable is not None for row in rows)


def _slice(row: Comparison) -> str:
    return words.slicing(row.slice)[1]


def _system(row: Comparison) -> str:
    return row.system


def _judge(row: Comparison) -> str:
    return row.judge


def _detectable(row: Comparison) -> str:
    size = row.smallest_detectable
    return words.NONE if size is None else words.points(size)


# -- notes ---------------------------------------------------------------------------------------


def _notes(rows: list[Comparison], *, has_panel: bool = False) -> list[Block]:
    """Who makes up a panel that has no section of its own, then the notes, each said once."""
    made = [
        f"{words.name(row.judge)} is made of {words.listed(row.members)}."
        for row in rows
        if len(row.members) > 1 and not row.slice and not has_panel
    ]
    told = [(_who(row, rows), note) for row in rows for note in (row.raw.note, *row.notes) if note]
    everybody = [_who(row, rows) for row in rows]
    lines = tuple(dict.fromkeys([*made, *notes.lines(told, everybody)]))
    full = notes.in_full(told)
    behind = [Disclosure("Every note by itself", (Bullets(full),))] if full else []
    return [Bullets(lines, tone="note"), *behind] if lines else []


def _who(row: Comparison, rows: list[Comparison]) -> str:
    """Whom a note is about."""
    several = _are_several(rows, "system")
    judge = row.judge if _are_several(rows, "judge") or not several else ""
    said = (words.slicing(row.slice)[1], row.system if several else "", judge)
    return " · ".join(words.name(part) for part in said if part)


SECTION = Section("comparisons", blocks, brief=brief)
