"""What a page is made of. Sections give blocks, writers draw them; neither knows the other.

Texts in blocks are as they came: every writer makes them harmless itself, in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from judge.report.schema import Report
from judge.report.words import clean, shorten

Tone = Literal["plain", "lead", "note", "warning"]


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    tone: Tone = "plain"


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
class Figure:
    """A drawing for pages. The table beside it says the same, so text writers leave it out.

    svg: made by this module alone, every text in it escaped.
    """

    svg: str
    caption: str


Block = Heading | Paragraph | Bullets | Facts | Table | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report as a pure function. detail: for pages, not for a terminal."""

    name: str
    blocks: Callable[[Report], list[Block]]
    detail: bool = False


# -- the forest plot -----------------------------------------------------------------------------

ROW_PX = 40
AXIS_PX = 46
LABEL_CELLS = 26
SIDE_CELLS = 16
# The axis leaves room on both sides for half of its outer labels.
LEFT, WIDTH = 5.0, 90.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of a forest plot: rates in 0..1, None where unknown; strong: the row that decides."""

    label: str
    text: str
    value: float | None
    low: float | None
    high: float | None
    strong: bool = False


def forest(marks: Sequence[Mark], caption: str, sides: tuple[str, str]) -> Figure:
    """Points with their intervals on an axis from 0 to 100 %, with a line at 50 %.

    sides: who is favoured on the left and on the right of that line. Widths are shares of the page
    and heights are pixels, so that texts keep their size on any screen.
    """
    height = ROW_PX * len(marks) + AXIS_PX
    rows = "".join(_row(mark, ROW_PX * i) for i, mark in enumerate(marks))
    svg = (
        f'<svg class="forest" role="img" width="100%" height="{height}" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{escape(clean(caption))}</title>'
        f"{_axis(ROW_PX * len(marks))}{_sides(sides, height - 6)}{rows}</svg>"
    )
    return Figure(svg, caption)


def _x(rate: float) -> str:
    return f"{LEFT + WIDTH * rate:.2f}%"


def _axis(bottom: int) -> str:
    return "".join(
        f'<line class="{"half" if tick == 50 else "grid"}" x1="{_x(tick / 100)}" x2="{_x(tick / 100)}" '
        f'y1="0" y2="{bottom}"/>'
        f'<text class="tick" x="{_x(tick / 100)}" y="{bottom + 16}">{tick} %</text>'
        for tick in (0, 25, 50, 75, 100)
    )


def _sides(sides: tuple[str, str], y: int) -> str:
    left, right = (escape(shorten(clean(side), SIDE_CELLS)) for side in sides)
    return (
        f'<text class="side" x="0" y="{y}">← {left} wins</text>'
        f'<text class="side what" x="100%" y="{y}">{right} wins →</text>'
    )


def _row(mark: Mark, top: int) -> str:
    label = escape(shorten(clean(mark.label), LABEL_CELLS))
    strong = " strong" if mark.strong else ""
    return (
        f'<g class="mark{strong}"><text class="who" x="0" y="{top + 14}">{label}</text>'
        f'<text class="what" x="100%" y="{top + 14}">{escape(mark.text)}</text>'
        f"{_whisker(mark, top + 27)}{_point(mark, top + 27)}</g>"
    )


def _whisker(mark: Mark, y: int) -> str:
    if mark.low is None or mark.high is None:
        return ""
    return f'<line class="ci" x1="{_x(mark.low)}" x2="{_x(mark.high)}" y1="{y}" y2="{y}"/>'


def _point(mark: Mark, y: int) -> str:
    if mark.value is None:
        return ""
    return f'<circle class="dot" cx="{_x(mark.value)}" cy="{y}" r="{6 if mark.strong else 4.5}"/>'
