"""What a page is made of. Sections give blocks, writers draw them; neither knows the other.

Texts in blocks are as they came: every writer makes them harmless itself, in one place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from judge.report.schema import Report

Tone = Literal["plain", "lead", "note", "warning"]


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """target: the section that a page leads to from here."""

    text: str
    tone: Tone = "plain"
    target: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list in a box of its own; the tone says how much it asks to be read."""

    items: tuple[str, ...]
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """kind name: text that may be shortened. optional: left out first where a line is too short."""

    title: str
    kind: Literal["name", "text", "number"] = "number"
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Tiles:
    """The figures of the first screen, each with its name; sentences beside them say the same.

    warning: the tiles (by name) that ask to be read before the rest is believed.
    """

    pairs: tuple[tuple[str, str], ...]
    warning: tuple[str, ...] = ()


# -- drawings ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of a forest plot: values on its axis, None where unknown; strong: the row that decides.

    before: where the value was before it was corrected, a hollow point.
    """

    label: str
    text: str
    value: float | None
    low: float | None
    high: float | None
    strong: bool = False
    before: float | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """Where a plot begins and ends, its ticks with their names, and the value that means no effect."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    middle: float | None = None


RATES = Axis(0.0, 1.0, tuple((n / 100, f"{n} %") for n in (0, 25, 50, 75, 100)), 0.5)


@dataclass(frozen=True, slots=True)
class Forest:
    """Points with their intervals, one row each, for pages.

    The table beside it says the same, so text writers leave it out. sides: what is on the left and on
    the right of the middle, in a few words; names in them are already short.
    """

    marks: tuple[Mark, ...]
    caption: str
    sides: tuple[str, str] = ("", "")
    axis: Axis = RATES


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a stack: the names of its parts with their shares, which come to at most 1."""

    label: str
    parts: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """What wholes are made of, one bar each, for pages; a table beside it says the same.

    accents: the names of the parts that the eye is to find.
    """

    bars: tuple[Bar, ...]
    caption: str
    accents: tuple[str, ...] = ()


# -- texts that were judged ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quote:
    """A text of somebody else's, line by line. more: what was cut, and where to find it."""

    text: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Blocks side by side where there is room, one after the other where there is not."""

    cells: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Blocks behind a line of text that opens them; on paper they are open."""

    summary: str
    blocks: tuple[Block, ...]
    is_open: bool = False


Block = (
    Heading
    | Paragraph
    | Bullets
    | Facts
    | Table
    | Tiles
    | Forest
    | Stack
    | Quote
    | Columns
    | Disclosure
)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report as a pure function. detail: for pages, not for a terminal.

    brief: what a terminal shows instead of the blocks.
    """

    name: str
    blocks: Callable[[Report], list[Block]]
    detail: bool = False
    brief: Callable[[Report], list[Block]] | None = None
