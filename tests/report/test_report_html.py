"""A report as a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import full, report, scored, sections

from judge.report import html
from judge.report.blocks import Heading, Paragraph, Section
from judge.report.html import anchor_of
from judge.report.schema import Report
from judge.report.words import clean, is_hidden

SCRIPT = '<script>alert("x")</script>'
ATTACKS = (
    SCRIPT,
    "</script></style></title><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "{{ 7 * 7 }} {% raw %} {# x #} ${7*7}",
    "\u202eright\u202c \u2066to\u2069 left\u200b",
    "\x1b[2J\x00\x07\x9b\ud800\u2028",
    "</svg><svg onload=alert(1)>]]><!-- --!>",
    "javascript:alert(1)",
)
VOID = {"meta", "link"}
ALLOWED = {
    "html": {"lang"},
    "meta": {"charset", "http-equiv", "content", "name"},
    "link": {"rel", "href"},
    "main": {"id", "tabindex"},
    "nav": {"aria-label"},
    "a": {"class", "href"},
    "h2": {"id"},
    "p": {"class"},
    "ul": {"class"},
    "dl": {"class"},
    "div": {"class", "tabindex", "role", "aria-label", "dir"},
    "th": {"scope", "class"},
    "td": {"class"},
    "details": {"open"},
    "svg": {"class", "role", "viewbox"},
    "g": {"fill", "stroke-miterlimit", "transform"},
    "line": {"transform", "x2", "y2", "stroke", "stroke-width", "stroke-dasharray"},
    "path": {"transform", "d", "fill", "stroke", "stroke-width"},
    "text": {"transform", "text-anchor", "font-size", "font-weight", "fill"},
}
PLAIN = {
    *("head", "title", "style", "body", "section", "h1", "h3", "h4", "li", "dt", "dd", "table"),
    *("caption", "span", "thead", "tbody", "tr", "figure", "figcaption", "desc", "summary"),
}
# Words that the schema fixes; every other text of a report comes from outside.
# Tables whose names come from outside as well.
FREE = ("versions", "sent", "parameters")
FIXED = ("schema", "conclusion", "basis", "kind", "confidence")


class Page(HTMLParser):
    """Collects the tags and attributes of a page, and checks that tags are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, *names: str) -> list[str]:
        return [value for _, name, value in self.attributes if name in names]


def page(made: Report) -> Page:
    return Page(html.render(made, sections()))


def hostile(text: str) -> Report:
    """The fullest report with the text wherever a file, a judge or an API could put one."""
    return Report.model_validate(poisoned(full().model_dump(by_alias=True), text))


def poisoned(value: Any, text: str, key: str = "") -> Any:
    if key in FIXED:
        return value
    if key in FREE:
        return {text: text}
    if isinstance(value, str):
        return text
    if isinstance(value, list):
        return [poisoned(part, text) for part in value]
    if isinstance(value, dict):
        return {name: poisoned(part, text, name) for name, part in value.items()}
    return value


def assert_harmless(text: str) -> None:
    """Only the tags and attributes that a page of ours has, no hidden character, no way out."""
    read = Page(text)
    assert read.open == []
    assert set(read.tags) <= {*ALLOWED, *PLAIN}
    assert {(tag, name) for tag, name, _ in read.attributes} <= {
        (tag, name) for tag, names in ALLOWED.items() for name in names
    }
    assert not [char for char in text if is_hidden(char) and char != "\n"]
    assert all(re.fullmatch(r"#[a-z0-9-]+|data:,", link) for link in read.values("href", "src"))


@pytest.mark.parametrize("made", [report(), scored(), full()], ids=["two", "one", "full"])
def test_tags_are_balanced_and_there_is_no_script(made: Report) -> None:
    assert_harmless(html.render(made, sections()))


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_in_every_field_is_shown_as_text(attack: str) -> None:
    text = html.render(hostile(attack), sections())
    assert_harmless(text)
    assert clean(attack) in Page(text).text
    assert "49" not in Page(text).text


@settings(max_examples=8, deadline=None)
@given(st.text(st.one_of(st.characters(), st.sampled_from("<>\"'&{}%\x1b\u202e\n")), max_size=30))
def test_no_text_can_add_a_tag_or_an_attribute(text: str) -> None:
    assert_harmless(html.render(hostile(text), sections()))


def test_page_asks_nothing_of_anyone() -> None:
    text = html.render(full(), sections())
    policy = next(v for v in Page(text).values("content") if "default-src" in v)
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert "base-uri 'none'; form-action 'none'" in policy
    for asking in ("url(", "@import", "http://", "https://"):
        assert asking not in text


def test_every_link_leads_to_something_and_no_two_things_have_one_name() -> None:
    read = page(full())
    ids = read.values("id")
    assert len(ids) == len(set(ids))
    links = {link.removeprefix("#") for link in read.values("href") if link.startswith("#")}
    assert {"report", "comparisons", "warnings", "examples", "missing-verdicts"} <= links <= {*ids}


def test_headings_with_one_text_have_links_of_their_own_and_odd_ones_have_any() -> None:
    blocks = [Heading("Title", 1), Heading("Same"), Heading("Same"), Heading("漢字")]
    read = Page(html.render(report(), [Section("x", lambda _: blocks)]))
    assert read.values("id") == ["report", "same", "same-2", "section"]


def test_a_paragraph_leads_to_a_section_only_where_there_is_one() -> None:
    linked = Section("x", lambda _: [Heading("Warnings"), Paragraph("see", target="Warnings")])
    alone = Section("x", lambda _: [Paragraph("see", target="Warnings")])
    assert '<a href="#warnings">see</a>' in html.render(report(), [linked])
    assert "#warnings" not in html.render(report(), [alone])
    assert anchor_of("Warnings") == "warnings"


def test_the_same_report_is_the_same_page() -> None:
    from judge.report import charts

    first = html.render(full(), sections())
    charts.drawings.cache_clear()
    assert html.render(full(), sections()) == first


def test_page_can_be_used_with_the_keyboard_alone() -> None:
    text = html.render(full(), sections())
    read = Page(text)
    assert text.index('class="skip" href="#report"') < text.index("<main")
    assert ":focus-visible" in text
    scrolling = [
        tag for tag, name, value in read.attributes if (name, value) == ("class", "scroll")
    ]
    focusable = [v for t, n, v in read.attributes if t == "div" and n == "tabindex"]
    assert len(scrolling) == len(focusable) > 0


def test_a_report_stays_light() -> None:
    assert len(html.render(full(), sections()).encode()) < 60_000


def test_first_thing_on_the_page_is_the_conclusion_then_trust() -> None:
    text = re.sub(r"<[^>]+>", " ", html.render(report(), sections()).split('tabindex="-1">')[1])
    said = " ".join(text.split())
    assert said.startswith(
        "tuned against base tuned is better than base: it wins 61.2 % of 62 items"
    )
    assert said.index("not checked against people") < said.index("Comparisons")


def test_page_says_what_it_does_not_establish() -> None:
    text = html.render(report(), sections())
    assert "What this report does not establish" in text
    assert "no human labels were compared" in text
    assert "simulated judges answer from a rule" in text
    assert "simulated judges answer from a rule" not in html.render(scored(), sections())


def test_page_suits_dark_screens_small_screens_and_paper() -> None:
    text = html.render(report(), sections())
    for rule in ("prefers-color-scheme: dark", "width=device-width", "@media print"):
        assert rule in text
