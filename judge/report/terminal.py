"""A report as plain text that fits a terminal: no line is longer than the width that is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise, product

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style

from judge.report.blocks import (
    Block,
    Bullets,
    Columns,
    Disclosure,
    Facts,
    Forest,
    Heading,
    Paragraph,
    Quote,
    Section,
    Stack,
    Table,
    Tiles,
)
from judge.report.schema import Report
from judge.report.words import clean, shorten

STYLES = {
    "heading": Style(bold=True),
    "lead": Style(bold=True),
    "note": Style(),
    "warning": Style(color="yellow"),
    "plain": Style(),
}
WHOLE_CELLS = (32, 20, 8)  # optional columns go before names of so many cells are shortened
SMALLEST_WIDTH = 20

Lines = list[str]


def render(
    report: Report,
    sections: Iterable[Section],
    *,
    width: int = 80,
    color: bool = False,
    files: Sequence[str] = (),
) -> str:
    """The report's main sections as text, then where the files with the rest are."""
    shown = [section.brief or section.blocks for section in sections if not section.detail]
    blocks = _gathered([make(report) for make in shown])
    return text_of([*blocks, *_files(files)], width=width, color=color)


def _gathered(parts: Iterable[list[Block]]) -> list[Block]:
    """The sections' blocks; those that have one quiet line to say are a list of such lines."""
    out: list[Block] = []
    quiet: list[str] = []
    for part in [*(cut for section in parts for cut in _cut(section)), []]:
        line = _quiet(part)
        if line:
            quiet.append(line)
            continue
        if quiet:
            out.append(Bullets(tuple(quiet), "note"))
        quiet = []
        out += part
    return out


def _cut(part: list[Block]) -> list[list[Block]]:
    """The blocks cut before each title of a section."""
    starts = [i for i, b in enumerate(part) if i and isinstance(b, Heading) and b.level == 2]
    ends = [0, *starts, len(part)]
    return [part[low:high] for low, high in pairwise(ends) if low < high]


def _quiet(part: list[Block]) -> str:
    """What a section says that found nothing, after its title; "" where it has more to say."""
    match part:
        case [Heading(title, 2), Paragraph(text, "note")]:
            return f"{title}. {text}"
        case [Heading(title, 2), Bullets((text,), "note")]:
            return f"{title}. {text}"
    return ""


def text_of(blocks: Iterable[Block], *, width: int = 80, color: bool = False) -> str:
    """The blocks as text."""
    drawn = [(block, _draw(block, max(width, SMALLEST_WIDTH))) for block in blocks]
    return (
        "".join(_part(block, lines, color) for block, lines in drawn if lines).rstrip("\n") + "\n"
    )


def _files(files: Sequence[str]) -> list[Block]:
    return [Heading("Files"), Bullets(tuple(files))] if files else []


def _part(block: Block, lines: Lines, color: bool) -> str:
    """A block's text with the empty line after it, which a heading does not have."""
    end = "\n" if isinstance(block, Heading) else "\n\n"
    return "\n".join(_paint(block, lines, color)) + end


def _paint(block: Block, lines: Lines, color: bool) -> Lines:
    if not color:
        return lines
    tone = "heading" if isinstance(block, Heading) else getattr(block, "tone", "plain")
    return [STYLES[tone].render(line, color_system=ColorSystem.STANDARD) for line in lines]


def _draw(block: Block, width: int) -> Lines:
    """The lines of a block; none for a title, which a terminal has in its prompt, and for drawings."""
    match block:
        case Heading(text, level):
            return [shorten(clean(text), width)] if level > 1 else []
        case Paragraph(text):
            return wrap(text, width)
        case Bullets(items):
            return [line for item in items for line in _hanging("- ", item, width)]
        case Facts(pairs):
            return _facts(pairs, width)
        case Table():
            return _table(block, width)
        case Tiles() | Forest() | Stack():
            return []
        case Quote(text, more):
            lines = [line for part in text.split("\n") for line in wrap(part, width - 2) or [""]]
            return [*(f"  {line}".rstrip() for line in lines), *wrap(more, width)]
        case Columns(cells):
            return [line for cell in cells for line in _inner(cell, width)]
        case Disclosure(summary, blocks):
            return [*wrap(summary, width), *_inner(blocks, width)]


def _inner(blocks: Iterable[Block], width: int) -> Lines:
    return [line for block in blocks for line in _draw(block, width)]


# -- text ----------------------------------------------------------------------------------------


def wrap(text: str, width: int) -> Lines:
    """The text in lines of at most so many cells; a word that is longer is broken."""
    lines = [""]
    for word in _words(clean(text)):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(joined) <= width:
            lines[-1] = joined
        else:
            lines += _broken(word, width)
    return [line for line in lines if line]


def _words(text: str) -> Lines:
    """The text cut at its spaces; "61.2 %" stays in one piece."""
    return re.split(r" (?!%)", text)


def _broken(word: str, width: int) -> Lines:
    pieces = [""]
    for char in word:
        if cell_len(pieces[-1] + char) > width:
            pieces.append("")
        pieces[-1] += char
    return pieces


def _hanging(head: str, text: str, width: int) -> Lines:
    """The text after its head, later lines indented by two."""
    first, *rest = wrap(f"{head}{text}", width - 2) or [""]
    return [first, *(f"  {line}" for line in rest)]


# -- tables --------------------------------------------------------------------------------------


def _table(table: Table, width: int) -> Lines:
    """The table in columns, optional ones left out where it is too wide; else one row after another."""
    caption = wrap(table.caption, width)
    for whole, gap in product(WHOLE_CELLS, (2, 1)):
        for columns in _choices(table):
            widths = _widths(table, columns, width, gap, whole)
            if widths:
                return [*caption, *_columns(table, widths, gap)]
    return [*caption, *_stacked(table, width)]


def _choices(table: Table) -> list[list[int]]:
    """The columns to try: all, then without the optional ones, the last of these first."""
    choices = [list(range(len(table.columns)))]
    for i in reversed(choices[0]):
        if table.columns[i].optional:
            choices.append([kept for kept in choices[-1] if kept != i])
    return choices


def _widths(
    table: Table, columns: Iterable[int], width: int, gap: int, whole: int
) -> dict[int, int]:
    """Column -> cells, names shortened but not below `whole`; empty where that is not enough.

    Names that are not the same must not look the same.
    """
    natural = {i: max(cell_len(text) for text in _texts(table, i)) for i in columns}
    room = width - gap * (len(natural) - 1)
    least = {i: max(whole, _title_cells(table, i)) for i in natural if _is_name(table, i)}
    while sum(natural.values()) > room:
        wide = [i for i, cells in least.items() if natural[i] > cells]
        if not wide:
            return {}
        natural[max(wide, key=lambda i: natural[i])] -= 1
    are_apart = all(_apart(table, i, natural[i]) for i in least)
    return natural if are_apart else {}


def _apart(table: Table, i: int, cells: int) -> bool:
    """True where the names of a column that differ still do when they are shortened."""
    names = {clean(row[i]) for row in table.rows}
    return len({shorten(name, cells) for name in names}) == len(names)


def _is_name(table: Table, i: int) -> bool:
    return table.columns[i].kind == "name"


def _title_cells(table: Table, i: int) -> int:
    """The widest word of a title: a title may be wrapped, its words may not."""
    return max(map(cell_len, _words(table.columns[i].title)), default=0)


def _texts(table: Table, i: int) -> list[str]:
    """What decides a column's width: its cells and the words of its title."""
    return [*_words(table.columns[i].title), *(clean(row[i]) for row in table.rows)]


def _columns(table: Table, widths: dict[int, int], gap: int) -> Lines:
    heads = {i: wrap(table.columns[i].title, cells) for i, cells in widths.items()}
    depth = max(map(len, heads.values()))
    padded = {i: [""] * (depth - len(head)) + head for i, head in heads.items()}
    rows = [{i: padded[i][line] for i in widths} for line in range(depth)]
    rows.append({i: "-" * cells for i, cells in widths.items()})
    rows += [{i: clean(row[i]) for i in widths} for row in table.rows]
    return [_line(table, row, widths, gap) for row in rows]


def _line(table: Table, row: dict[int, str], widths: dict[int, int], gap: int) -> str:
    cells = (_cell(text, widths[i], table.columns[i].kind) for i, text in row.items())
    return (" " * gap).join(cells).rstrip()


def _cell(text: str, cells: int, kind: str) -> str:
    short = shorten(text, cells)
    space = " " * (cells - cell_len(short))
    return f"{space}{short}" if kind == "number" else f"{short}{space}"


def _stacked(table: Table, width: int) -> Lines:
    rows = ["\n".join(_facts(zip(_titles(table), row, strict=True), width)) for row in table.rows]
    return "\n\n".join(rows).split("\n")


def _titles(table: Table) -> Lines:
    return [column.title for column in table.columns]


def _facts(pairs: Iterable[tuple[str, str]], width: int) -> Lines:
    return [line for key, value in pairs for line in _hanging(f"{key}: ", value, width)]
