"""A report as one HTML file that needs nothing else: no script, no font, no request to anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from judge.report.blocks import Block, Figure, Heading, Section
from judge.report.schema import Report
from judge.report.words import clean


def render(report: Report, sections: Iterable[Section]) -> str:
    """The whole report as a self-contained page."""
    parts = [(section.name, section.blocks(report)) for section in sections]
    return _template().render(sections=parts, title=_title(parts))


def _title(parts: Sequence[tuple[str, list[Block]]]) -> str:
    """The first title of the page."""
    return next((b.text for _, blocks in parts for b in blocks if isinstance(b, Heading)), "Report")


@cache
def _template() -> Template:
    source = files("judge.report").joinpath("report.html.j2").read_text("utf-8")
    page = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page.filters |= {"clean": clean, "kind": _kind, "svg": _svg}
    return page.from_string(source)


def _kind(block: object) -> str:
    return type(block).__name__


def _svg(figure: Figure) -> Markup:
    """The figure's drawing as it is: blocks.py made it and escaped every text in it."""
    return Markup(figure.svg)
