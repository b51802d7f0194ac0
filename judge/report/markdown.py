"""A report as Markdown, for a pull request or a wiki. Everything a name could do there is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

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
from judge.report.words import clean, clean_lines

_MARKS = re.compile(r"([\\`*_\[\]#|~$@]|:(?=//))")
_START = re.compile(r"^(\d*)([-+.)=])(?=[\s=-]|$)")  # a list, a rule, a heading's underline


def render(report: Report, sections: Iterable[Section]) -> str:
    """The whole report as GitHub-flavoured Markdown."""
    return _joined(block for section in sections for block in section.blocks(report)) + "\n"


def _joined(blocks: Iterable[Block]) -> str:
    return "\n\n".join(part for part in map(_draw, blocks) if part)


def text(raw: str) -> str:
    """The text with all that Markdown or HTML would read in it escaped."""
    html = clean(raw).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _START.sub(r"\1\\\2", _MARKS.sub(r"\\\1", html))


def _draw(block: Block) -> str:
    """A block's Markdown; none for drawings and tiles, whose numbers stand beside them."""
    match block:
        case Heading(words, level):
            return f"{'#' * level} {text(words)}"
        case Paragraph(words, tone):
            return f"**{text(words)}**" if tone == "lead" else text(words)
        case Bullets(items):
            return "\n".join(f"- {text(item)}" for item in items)
        case Facts(pairs):
            return "\n".join(f"- {text(key)}: {text(value)}" for key, value in pairs)
        case Table():
            return _table(block)
        case Tiles() | Forest() | Stack():
            return ""
        case Quote(words, more):
            return "\n\n".join(part for part in (_fenced(words), text(more)) if part)
        case Columns(cells):
            return "\n\n".join(_joined(cell) for cell in cells)
        case Disclosure(summary, blocks):
            head = f"<details>\n<summary>{escape(clean(summary))}</summary>"
            return f"{head}\n\n{_joined(blocks)}\n\n</details>"


def _fenced(raw: str) -> str:
    """The text in a fence that is longer than any in it, so that nothing in it is read."""
    longest = max((len(run) for run in re.findall("`+", raw)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{clean_lines(raw)}\n{fence}"


def _table(table: Table) -> str:
    titles = [text(column.title) for column in table.columns]
    rules = ["---:" if column.kind == "number" else "---" for column in table.columns]
    rows = [[text(cell) for cell in row] for row in table.rows]
    lines = [f"| {' | '.join(cells)} |" for cells in (titles, rules, *rows)]
    caption = [f"{text(table.caption)}:", ""] if table.caption else []
    return "\n".join([*caption, *lines])
