"""Draws plots for pages with Altair, as SVG that takes its fonts and colours from the page.

A plot is drawn twice, for wide and for narrow screens, since an SVG's texts shrink with it; the page
shows one of the two. Altair and the compiler behind it are imported by no other module, and this one
is imported where a page is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import takewhile
from typing import Any
from xml.etree import ElementTree

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode

from judge.report.blocks import Forest, Mark, Stack
from judge.report.words import clean, percent, shorten

# The page defines these; so a plot is light or dark with it.
INK, SOFT, LINE, ACCENT = "var(--ink)", "var(--soft)", "var(--line)", "var(--accent)"
CARD = "var(--card)"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are in a drawing, in pixels. mark_dy: from the middle of a row down to its interval."""

    name: str
    width: int
    left: int
    right: int
    row: int
    text_dy: int
    mark_dy: int
    label_cells: int
    side_cells: int


WIDE = Layout("wide", 880, 210, 670, 30, 0, 0, 28, 30)
NARROW = Layout("narrow", 344, 16, 328, 46, -12, 8, 20, 20)
Style = dict[str, Any]

# Places in pixels. Altair gives these classes no types; by keyword it takes twice as long.
AT_X: Any = alt.XValue
AT_Y: Any = alt.YValue
AT_Y2: Any = alt.Y2Value

AXIS_PX = 24
SIDES_PX = 18
TEXT_PX = 13
SMALL_PX = 12
KEPT = 6  # characters of a common start that stay before what differs


@lru_cache(maxsize=64)
def drawings(plot: Forest | Stack) -> tuple[str, ...]:
    """The SVG of a plot for wide screens, and the one for narrow screens."""
    return tuple(_drawn(plot, layout) for layout in (WIDE, NARROW))


def _drawn(plot: Forest | Stack, layout: Layout) -> str:
    # Half of the time would go into checks of what nobody but this module writes.
    with debug_mode(False):
        chart = _stacked(plot, layout) if isinstance(plot, Stack) else _chart(plot, layout)
        spec = chart.to_dict(validate=False)
    svg = vl_convert.vegalite_to_svg(json.dumps(spec), allowed_base_urls=[])
    return _svg(ElementTree.fromstring(svg), layout, (clean(plot.caption), _told(plot)))


def _told(plot: Forest | Stack) -> str:
    """Every row of a drawing in words, for those who cannot see it."""
    if isinstance(plot, Stack):
        rows = [
            (bar.label, ", ".join(f"{n} {percent(x)}" for n, x in bar.parts)) for bar in plot.bars
        ]
    else:
        rows = [(mark.label, mark.text) for mark in plot.marks]
    return "; ".join(f"{clean(label)}: {clean(text)}" for label, text in rows)


# -- the plot ------------------------------------------------------------------------------------


def _chart(forest: Forest, layout: Layout) -> alt.LayerChart:
    bottom = layout.row * len(forest.marks)
    height = bottom + AXIS_PX + (SIDES_PX if any(forest.sides) else 0)
    layers = [
        *_grid(forest, layout, bottom),
        *_rows(forest, layout),
        *_sides(forest, layout, height),
    ]
    return _whole(layers, layout, height)


def _whole(layers: Sequence[alt.Chart], layout: Layout, height: int) -> alt.LayerChart:
    chart: alt.LayerChart = (
        alt.layer(*layers)
        .properties(
            width=layout.width, height=height, padding=0, autosize=alt.AutoSizeParams(type="none")
        )
        .configure(background="transparent", aria=False)
        .configure_view(stroke=None)
    )
    return chart


def _x(forest: Forest, layout: Layout, field: str) -> alt.X:
    axis = forest.axis
    scale = alt.Scale(domain=[axis.low, axis.high], range=[layout.left, layout.right], zero=False)
    return alt.X(f"{field}:Q", scale=scale, axis=None)


def _y(field: str = "y") -> alt.Y:
    """Pixels from the top, as the rows have them."""
    return alt.Y(f"{field}:Q", scale=None, axis=None)


def _data(rows: Sequence[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=list(rows)))


def _grid(forest: Forest, layout: Layout, bottom: int) -> Iterator[alt.Chart]:
    middle = forest.axis.middle
    ticks = [{"x": x, "name": name, "is_middle": x == middle} for x, name in forest.axis.ticks]
    x = _x(forest, layout, "x")
    styles: tuple[Style, Style] = {"color": LINE}, {"color": SOFT, "strokeDash": [4, 3]}
    for is_middle, style in zip((False, True), styles, strict=True):
        lines = [tick for tick in ticks if tick["is_middle"] is is_middle]
        yield _data(lines).mark_rule(**style).encode(x, AT_Y(0), AT_Y2(bottom))
    names = _data(ticks).mark_text(color=SOFT, fontSize=SMALL_PX, baseline="top")
    yield names.encode(x, AT_Y(bottom + 6), alt.Text("name:N"))


def _rows(forest: Forest, layout: Layout) -> Iterator[alt.Chart]:
    """The names, the values in words, the intervals and the points, the strong rows in bold."""
    names = _names(forest, layout)
    rows = [_row(mark, n, layout, names[n]) for n, mark in enumerate(forest.marks)]
    for strong in (False, True):
        own = [row for row in rows if row["strong"] is strong]
        weight = "bold" if strong else "normal"
        text: Style = {
            "fontSize": TEXT_PX,
            "baseline": "middle",
            "color": INK,
            "fontWeight": weight,
        }
        labels = _data(own).mark_text(align="left", **text)
        yield labels.encode(AT_X(0), _y("text_y"), alt.Text("label:N"))
        said = _data(own).mark_text(align="right", **text)
        yield said.encode(AT_X(layout.width), _y("text_y"), alt.Text("text:N"))
        lines = _data([row for row in own if row["low"] is not None])
        yield lines.mark_rule(color=ACCENT, strokeWidth=4 if strong else 2).encode(
            _x(forest, layout, "low"), alt.X2("high:Q"), _y()
        )
        hollow = _data([row for row in own if row["before"] is not None])
        yield hollow.mark_point(
            shape="circle", size=60, fill=CARD, stroke=ACCENT, strokeWidth=1.5, opacity=1
        ).encode(_x(forest, layout, "before"), _y())
        points = _data([row for row in own if row["value"] is not None])
        yield points.mark_point(
            shape="diamond" if strong else "circle",
            size=160 if strong else 70,
            filled=True,
            color=ACCENT,
            opacity=1,
        ).encode(_x(forest, layout, "value"), _y())


def _names(forest: Forest, layout: Layout) -> list[str]:
    """The rows' names, shortened; without their common start where they would look the same."""
    names = [clean(mark.label) for mark in forest.marks]
    short = [shorten(name, layout.label_cells) for name in names]
    if len(set(short)) == len(set(names)):
        return short
    same = sum(1 for _ in takewhile(lambda cs: len(set(cs)) == 1, zip(*names, strict=False)))
    start = max(same - KEPT, 0)
    return [shorten(f"…{name[start:]}" if start else name, layout.label_cells) for name in names]


def _row(mark: Mark, n: int, layout: Layout, name: str) -> dict[str, Any]:
    middle = layout.row * n + layout.row / 2
    has_interval = mark.low is not None and mark.high is not None
    return {
        "label": name,
        "text": clean(mark.text),
        "value": mark.value,
        "before": mark.before,
        "low": mark.low if has_interval else None,
        "high": mark.high if has_interval else None,
        "strong": mark.strong,
        "text_y": middle + layout.text_dy,
        "y": middle + layout.mark_dy,
    }


def _sides(forest: Forest, layout: Layout, height: int) -> Iterator[alt.Chart]:
    """Whom a point on either side favours."""
    ends: tuple[Style, Style] = (
        {"x": layout.left, "align": "left"},
        {"x": layout.right, "align": "right"},
    )
    for side, end in zip(forest.sides, ends, strict=True):
        if side:
            said = _data([{"said": shorten(clean(side), layout.side_cells)}])
            text = said.mark_text(
                align=end["align"], baseline="bottom", color=SOFT, fontSize=SMALL_PX
            )
            yield text.encode(AT_X(end["x"]), AT_Y(height), alt.Text("said:N"))


# -- stacked bars ---------------------------------------------------------------------------------

BAR_PX = 18
KEY_PX = 22  # a row of the key below the bars
SWATCH_PX = 12
LEAST_PX = 44  # a part that is at least so wide has its figure written on it
ACCENTS, GREYS = (100, 65, 38, 22), (70, 42, 24, 14)  # percent of a colour, part after part


def _stacked(stack: Stack, layout: Layout) -> alt.LayerChart:
    """The bars one below another, each with its name, and what the shades mean below them all."""
    key = _key(stack)
    columns = 4 if layout is WIDE else 2
    bottom = layout.row * len(stack.bars)
    height = bottom + KEY_PX * -(-len(key) // columns) + SMALL_PX
    layers = [
        *_bar_names(stack, layout),
        *_parts(stack, layout, key),
        *_key_layers(key, layout, bottom, columns),
    ]
    return _whole(layers, layout, height)


def _key(stack: Stack) -> dict[str, str]:
    """Part -> its colour, those that the eye is to find in shades of their own."""
    names = list(dict.fromkeys(name for bar in stack.bars for name, _ in bar.parts))
    strong = [name for name in names if name in stack.accents]
    weak = [name for name in names if name not in stack.accents]
    return {
        name: f"color-mix(in srgb, {ink} {shades[n % len(shades)]}%, {CARD})"
        for own, ink, shades in ((strong, ACCENT, ACCENTS), (weak, SOFT, GREYS))
        for n, name in enumerate(own)
    }


def _bar_names(stack: Stack, layout: Layout) -> Iterator[alt.Chart]:
    rows = [
        {
            "label": shorten(clean(bar.label), layout.label_cells),
            "y": layout.row * n + layout.row / 2 + layout.text_dy,
        }
        for n, bar in enumerate(stack.bars)
    ]
    text = _data(rows).mark_text(align="left", baseline="middle", color=INK, fontSize=TEXT_PX)
    yield text.encode(AT_X(0), _y(), alt.Text("label:N"))


def _parts(stack: Stack, layout: Layout, key: dict[str, str]) -> Iterator[alt.Chart]:
    """The parts of all bars, and the figures of those that have room for one."""
    parts: list[dict[str, Any]] = [
        {"part": name, "share": share, **_place(bar.parts[:k], share, n, layout)}
        for n, bar in enumerate(stack.bars)
        for k, (name, share) in enumerate(bar.parts)
    ]
    for name, color in key.items():
        own = [part for part in parts if part["part"] == name and part["share"] > 0]
        yield _boxes(own, color)
    large = [
        part | {"text": percent(part["share"])}
        for part in parts
        if part["x2"] - part["x"] >= LEAST_PX
    ]
    text = _data(large).mark_text(align="center", baseline="middle", color=INK, fontSize=SMALL_PX)
    yield text.encode(_px("middle"), _y(), alt.Text("text:N"))


def _place(
    before: Sequence[tuple[str, float]], share: float, n: int, layout: Layout
) -> dict[str, float]:
    """Where a part begins and ends, in pixels."""
    wide = layout.width - layout.left if layout is WIDE else layout.right - layout.left
    x = layout.left + wide * sum(share for _, share in before)
    y = layout.row * n + layout.row / 2 + layout.mark_dy
    ends = {"x": x, "x2": x + wide * share, "middle": x + wide * share / 2}
    return ends | {"y": y, "top": y - BAR_PX / 2, "bottom": y + BAR_PX / 2}


def _px(field: str) -> alt.X:
    return alt.X(f"{field}:Q", scale=None, axis=None)


def _boxes(rows: Sequence[dict[str, Any]], color: str) -> alt.Chart:
    boxes = _data(rows).mark_rect(color=color, stroke=CARD, strokeWidth=1)
    made: alt.Chart = boxes.encode(_px("x"), alt.X2("x2:Q"), _y("top"), alt.Y2("bottom:Q"))
    return made


def _key_layers(key: dict[str, str], layout: Layout, top: int, columns: int) -> Iterator[alt.Chart]:
    step = layout.width / columns
    rows: list[dict[str, Any]] = [
        {
            "text": shorten(clean(name), 28),
            "x": step * (n % columns),
            "x2": step * (n % columns) + SWATCH_PX,
            "at": step * (n % columns) + SWATCH_PX + 6,
            "y": top + KEY_PX * (n // columns) + KEY_PX / 2 + SMALL_PX / 2,
        }
        for n, name in enumerate(key)
    ]
    rows = [
        row | {"top": row["y"] - SWATCH_PX / 2, "bottom": row["y"] + SWATCH_PX / 2} for row in rows
    ]
    for row, color in zip(rows, key.values(), strict=True):
        yield _boxes([row], color)
    text = _data(rows).mark_text(align="left", baseline="middle", color=SOFT, fontSize=SMALL_PX)
    yield text.encode(_px("at"), _y(), alt.Text("text:N"))


# -- the SVG -------------------------------------------------------------------------------------

# All that a drawing may hold. What else the compiler writes is for itself: fonts, roles, identities.
_ATTRIBUTES = {
    "g": ("fill", "stroke-miterlimit", "transform"),
    "line": ("transform", "x2", "y2", "stroke", "stroke-width", "stroke-dasharray"),
    "path": ("transform", "d", "fill", "stroke", "stroke-width"),
    "text": ("transform", "text-anchor", "font-size", "font-weight", "fill"),
}


def _svg(root: ElementTree.Element, layout: Layout, told: tuple[str, str]) -> str:
    """The drawing as part of a page: it fills its place up to its own width and reads as one picture."""
    title, rows = told
    box = f"0 0 {root.get('width')} {root.get('height')}"
    inner = "".join(_element(child) for child in root)
    return (
        f'<svg class="plot {layout.name}" role="img" viewBox="{escape(box)}">'
        f"<title>{escape(title)}</title><desc>{escape(rows)}</desc>{inner}</svg>"
    )


def _element(element: ElementTree.Element) -> str:
    """An element with what a drawing may hold, nothing where that draws nothing."""
    tag = element.tag.rpartition("}")[2]
    inner = "".join(_element(child) for child in element)
    if tag == "text":
        inner = escape(element.text or "")
    if not _is_drawn(tag, element, inner):
        return ""
    known = ((name, element.get(name)) for name in _ATTRIBUTES[tag])
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in known if value is not None)
    return f"<{tag}{attributes}>{inner}</{tag}>" if tag != "g" or attributes else inner


def _is_drawn(tag: str, element: ElementTree.Element, inner: str) -> bool:
    if tag in ("g", "text"):
        return bool(inner)
    return tag in _ATTRIBUTES and (tag == "line" or element.get("fill") is not None)
