"""A report as one HTML file that needs nothing else: no script, no font, no request to anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from judge.report.blocks import Block, Forest, Heading, Section, Stack
from judge.report.schema import Report
from judge.report.words import clean, clean_lines

CONTENTS_LEVEL = 2  # headings that the table of contents names


# A section of the page: its blocks, each with the name that links lead to, "" for most.
Part = list[tuple[Block, str]]


def render(report: Report, sections: Iterable[Section]) -> str:
    """The whole report as a self-contained page."""
    parts = list(_parts([section.blocks(report) for section in sections]))
    contents = [
        (anchor, block.text)
        for part in parts
        for block, anchor in part
        if isinstance(block, Heading) and anchor
    ]
    anchors = {anchor for anchor, _ in contents}
    return _template().render(parts=parts, title=_title(parts), contents=contents, anchors=anchors)


def _parts(sections: Iterable[list[Block]]) -> Iterator[Part]:
    """The sections that have anything to show; no two headings have the same anchor."""
    known: set[str] = set()
    for blocks in filter(None, sections):
        yield [(block, _anchor(block, known)) for block in blocks]


def _anchor(block: Block, known: set[str]) -> str:
    if not isinstance(block, Heading) or block.level != CONTENTS_LEVEL:
        return ""
    slug = anchor_of(block.text)
    free = next(name for name in _numbered(slug) if name not in known)
    known.add(free)
    return free


def anchor_of(heading: str) -> str:
    """What a heading is called in links: its letters and digits with dashes between."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-") or "section"


def _numbered(slug: str) -> Iterator[str]:
    yield slug
    number = 2
    while True:
        yield f"{slug}-{number}"
        number += 1


def _title(parts: Sequence[Part]) -> str:
    """The first title of the page."""
    headings = (b.text for part in parts for b, _ in part if isinstance(b, Heading))
    return next(headings, "Report")


@cache
def _template() -> Template:
    source = files("judge.report").joinpath("report.html.j2").read_text("utf-8")
    page = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page.filters |= {
        "clean": _clean,
        "clean_lines": clean_lines,
        "kind": _kind,
        "drawings": _drawings,
        "anchor": anchor_of,
    }
    return page.from_string(source)


def _clean(text: str) -> str:
    """The text made harmless; "61.2 %" stays on one line."""
    return re.sub(r"(?<=\d) %", "\u00a0%", clean(text))


def _kind(block: object) -> str:
    return type(block).__name__


def _drawings(plot: Forest | Stack) -> list[Markup]:
    """The plot's drawings as they are: charts.py made them and escaped every text in them."""
    from judge.report import charts  # slow to import, and many reports have no plot

    return [Markup(svg) for svg in charts.drawings(plot)]
