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

from judge.report.blocks import Forest, Mark
from judge.report.words import clean, shorten

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
def drawings(forest: Forest) -> tuple[str, ...]:
    """The SVG of a plot for wide screens, and the one for narrow screens."""
    return tuple(_drawn(forest, layout) for layout in (WIDE, NARROW))


def _drawn(forest: Forest, layout: Layout) -> str:
    # Half of the time would go into checks of what nobody but this module writes.
    with debug_mode(False):
        spec = _chart(forest, layout).to_dict(validate=False)
    svg = vl_convert.vegalite_to_svg(json.dumps(spec), allowed_base_urls=[])
    return _svg(ElementTree.fromstring(svg), layout, _told(forest))


def _told(forest: Forest) -> tuple[str, str]:
    """What a drawing shows, for those who cannot see it: its title, and every row in words."""
    rows = "; ".join(f"{clean(mark.label)}: {clean(mark.text)}" for mark in forest.marks)
    return clean(forest.caption), rows


# -- the plot ------------------------------------------------------------------------------------


def _chart(forest: Forest, layout: Layout) -> alt.LayerChart:
    bottom = layout.row * len(forest.marks)
    height = bottom + AXIS_PX + (SIDES_PX if any(forest.sides) else 0)
    layers = [
        *_grid(forest, layout, bottom),
        *_rows(forest, layout),
        *_sides(forest, layout, height),
    ]
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
