"""A report as a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import comparison, decided, e, judge, report, scored, sections

from judge.report import html
from judge.report.blocks import LABEL_CELLS, Mark, forest
from judge.report.schema import Report, RunJudge, RunModel, RunRubric

SCRIPT = '<script>alert("x")</script>'
VOID = {"meta", "link"}


class Page(HTMLParser):
    """Collects the tags and attributes of a page, and checks that tags are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(made: Report) -> Page:
    return Page(html.render(made, sections()))


def hostile(text: str) -> Report:
    """A report with the text wherever a file or a judge's API could put it."""
    raw = e(0.6, 0.5, 0.7, note=text)
    return report(
        run=RunModel(
            command=text,
            rubrics=[RunRubric(id=text, fingerprint=text)],
            judges=[RunJudge(judge=text, model=text, parameters={text: text}, families=[text])],
            simulated_judges=[text],
            versions={text: text},
        ),
        comparisons=[
            decided("better", raw, system=text, baseline=text, members=[text, "b"], notes=[text]),
            comparison(text, raw, slice=text, rubric=text, variant=text),
        ],
        judges=[judge(text, rubric=text, variant=text), judge("b")],
        warnings=[text],
    )


@pytest.mark.parametrize("made", [report(), scored(), hostile(SCRIPT)], ids=["two", "one", "bad"])
def test_tags_are_balanced_and_there_is_no_script(made: Report) -> None:
    read = page(made)
    assert read.open == []
    assert "script" not in read.tags


def test_markup_in_names_notes_and_warnings_is_shown_as_text() -> None:
    text = html.render(hostile(SCRIPT), sections())
    assert "<script" not in text
    assert "&lt;script&gt;" in text


@settings(max_examples=40, deadline=None)
@given(st.text(st.one_of(st.characters(), st.sampled_from("<>\"'&{}%\x1b\u202e")), max_size=30))
def test_no_text_can_add_a_tag_or_an_attribute(text: str) -> None:
    named = page(hostile(text))
    plain = page(hostile("x"))
    tags = set(plain.tags) | {"ul", "li", "p"}
    assert set(named.tags) <= tags
    assert {name for name, _ in named.attributes} <= {name for name, _ in plain.attributes}


def test_page_asks_nothing_of_anyone() -> None:
    read = page(report())
    links = [value for key, value in read.attributes if key in ("src", "href")]
    assert links == ["data:,"]
    assert (
        "content",
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    ) in read.attributes
    assert "url(" not in html.render(report(), sections())


def test_first_thing_on_the_page_is_the_conclusion_then_trust() -> None:
    text = re.sub(r"<[^>]+>", " ", html.render(report(), sections()).split("<main>")[1])
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


def test_forest_plot_puts_a_half_in_the_middle_and_leaves_out_what_is_unknown() -> None:
    known = Mark("j", "50.0 %", 0.5, 0.25, 1.0)
    unknown = Mark("k", "–", None, None, None)
    svg = forest([known, unknown], "Shares", ("base", "tuned")).svg
    assert svg.count('class="dot"') == svg.count('class="ci"') == 1
    assert 'cx="50.00%"' in svg
    assert 'x1="27.50%" x2="95.00%" y1="27"' in svg


def test_forest_plot_shortens_and_escapes_labels() -> None:
    svg = forest([Mark("<b>" * 40, "", None, None, None)], "<i>", ("<a>", "<u>")).svg
    assert "<b>" not in svg
    assert "…" in svg
    assert "<title>&lt;i&gt;</title>" in svg
    assert LABEL_CELLS < 40
