"""The page in a real browser: readable on any screen and on paper, quiet, and without scripts."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Browser
from report_samples import e, example, excerpt, full, sections

from judge.report import html
from judge.report.schema import Report

CANARY = (
    '<img src="http://canary.example/x.png" onerror="document.title=\'ran\'">'
    "<script>document.title='ran'</script>"
    '<link rel="stylesheet" href="http://canary.example/x.css">'
    "<style>@import 'http://canary.example/y.css'; body { background: url(http://canary.example/z) }"
    "</style><iframe src='http://canary.example/'></iframe>"
)
LONG = "a-very-long-name-without-a-single-space-" * 8


def told() -> Report:
    """The fullest report, with an attack in what was judged and a long name where names are."""
    plain = full()
    assert plain.comparisons is not None
    assert plain.examples is not None
    worst = example(
        "contested",
        LONG,
        prompt=excerpt(CANARY),
        reference=excerpt(LONG),
        category=CANARY,
    )
    first = plain.comparisons[0].model_copy(update={"system": LONG, "raw": e(0.6, 0.5, 0.7)})
    return plain.model_copy(
        update={
            "warnings": [CANARY, LONG],
            "comparisons": [first, *plain.comparisons],
            "examples": [*plain.examples, worst],
        }
    )


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(html.render(told(), sections()), "utf-8")
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


def shades(png: bytes) -> set[bytes]:
    """The bytes of a picture's pixels, unpacked; a blank picture has very few."""
    at, data = 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    pixels = zlib.decompress(data)
    return {pixels[i : i + 3] for i in range(0, len(pixels), 3)}


SCREENS = [(1280, False), (1280, True), (390, False), (390, True)]


@pytest.mark.parametrize(("width", "dark"), SCREENS)
def test_page_is_drawn_and_nothing_sticks_out(
    browser: Browser, page: Path, width: int, dark: bool
) -> None:
    browser.open(page, width, dark=dark)
    assert len(shades(browser.screenshot())) > 20
    assert browser.value("document.documentElement.scrollWidth") == width
    outside = (
        "[...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll, .skip') && "
        f"e.getBoundingClientRect().right > {width} + 1).map(e => e.tagName + e.className).join()"
    )
    assert browser.value(outside) == ""


@pytest.mark.parametrize(("width", "shown"), [(1280, "wide"), (390, "narrow")])
def test_the_drawing_that_fits_the_screen_is_shown_and_the_other_is_not(
    browser: Browser, page: Path, width: int, shown: str
) -> None:
    browser.open(page, width)
    drawn = browser.value(
        "[...document.querySelectorAll('svg.plot')].filter(e => e.getBoundingClientRect().width)"
        ".map(e => e.getAttribute('class')).join()"
    )
    assert set(drawn.split(",")) == {f"plot {shown}"}
    smallest = browser.value(
        "Math.min(...[...document.querySelectorAll('svg.plot')].filter(e => e.clientWidth)"
        ".map(e => 12 * e.getBoundingClientRect().width / e.viewBox.baseVal.width))"
    )
    assert smallest > 9.5


def test_dark_screens_get_light_text_in_plots_too(browser: Browser, page: Path) -> None:
    fill = "getComputedStyle(document.querySelector('svg.plot text')).fill"
    shown = []
    for dark in (False, True):
        browser.open(page, 1280, dark=dark)
        found = browser.value(fill)
        shown.append(sum(map(int, re.findall(r"\d+", found)[:3])))
    middle = 3 * 255 / 2
    assert shown[0] < middle < shown[1]


def test_no_script_of_a_judged_text_runs_and_none_becomes_part_of_the_page(
    browser: Browser, page: Path
) -> None:
    browser.open(page, 1280)
    assert browser.value("document.title") != "ran"
    assert browser.value("document.querySelectorAll('img, script, iframe, object').length") == 0
    assert browser.value("document.querySelectorAll('style').length") == 1
    assert "<script>" in browser.value("document.body.innerText")


def test_links_lead_to_headings_and_the_first_key_stop_skips_to_the_report(
    browser: Browser, page: Path
) -> None:
    browser.open(page, 1280)
    dead = "[...document.querySelectorAll('a')].filter(a => !document.querySelector(a.hash)).length"
    assert browser.value(dead) == 0
    for key in ("keyDown", "keyUp"):
        browser.call("Input.dispatchKeyEvent", type=key, key="Tab", windowsVirtualKeyCode=9)
    assert browser.value("document.activeElement.className") == "skip"
    assert browser.value("document.activeElement.getBoundingClientRect().left") >= 0


def test_paper_has_every_text_open_in_black_on_white(browser: Browser, page: Path) -> None:
    browser.open(page, 1280, dark=True)
    printed = browser.pdf()
    assert printed.startswith(b"%PDF-")
    assert len(printed) > 20_000
    browser.call("Emulation.setEmulatedMedia", media="print")
    hidden = (
        "[...document.querySelectorAll('details:not([open]) .quote')]"
        ".filter(e => !e.getBoundingClientRect().height).length"
    )
    assert browser.value("document.querySelectorAll('details:not([open]) .quote').length") > 0
    assert browser.value(hidden) == 0
    assert browser.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.value("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_nothing_is_asked_of_any_network_and_this_would_be_seen(page: Path, tmp_path: Path) -> None:
    """By the page's own account and by the log of the whole browser, where another page is heard."""
    loud = tmp_path / "loud.html"
    loud.write_text('<img src="http://loud.example/x.png">', "utf-8")
    with Browser(tmp_path) as opened:
        opened.open(page, 1280)
        opened.pdf()
        asked = opened.requests()
        opened.open(loud, 1280)
        heard = opened.requests()
    assert {url.split(":")[0] for url in asked} == {"file"}
    assert "http://loud.example/x.png" in heard
    log = opened.net_log.read_text("utf-8")
    assert "loud.example" in log
    assert "canary.example" not in log
