"""The plots of a page."""

from __future__ import annotations

import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.report import axes, charts
from judge.report.blocks import Axis, Forest, Mark
from judge.report.charts import NARROW, WIDE

KNOWN = Mark("j", "50.0 % (25.0 to 100.0 %)", 0.5, 0.25, 1.0)
UNKNOWN = Mark("k", "–", None, None, None)


def forest(*marks: Mark, axis: Axis | None = None) -> Forest:
    sides = ("← base wins", "tuned wins →")
    return Forest(marks, "Shares", sides, axis) if axis else Forest(marks, "Shares", sides)


def drawn(*marks: Mark, axis: Axis | None = None) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(svg) for svg in charts.drawings(forest(*marks, axis=axis))]


def places(svg: ElementTree.Element, tag: str, color: str) -> list[tuple[float, float, float]]:
    """x, y and width of the lines or points of a colour."""
    found = []
    for e in svg.iter(tag):
        if color in (e.get("stroke"), e.get("fill")):
            x, y = re.findall(r"[-\d.]+", e.get("transform", ""))
            found.append((float(x), float(y), float(e.get("x2", "0"))))
    return found


def texts(svg: ElementTree.Element) -> list[str]:
    return [e.text or "" for e in svg.iter("text")]


def test_a_plot_is_drawn_for_wide_and_for_narrow_screens_and_fills_its_place() -> None:
    wide, narrow = drawn(KNOWN)
    for svg, layout in ((wide, WIDE), (narrow, NARROW)):
        assert svg.get("class") == f"plot {layout.name}"
        assert (svg.get("viewBox") or "").startswith(f"0 0 {layout.width} ")
        assert svg.get("width") is None


@pytest.mark.parametrize("n", [0, 1])
def test_a_half_is_in_the_middle_and_the_interval_where_its_ends_are(n: int) -> None:
    """The axis is linear: a quarter is at left + (right - left) / 4, and one at the right end."""
    svg, layout = drawn(KNOWN)[n], (WIDE, NARROW)[n]
    (point,) = places(svg, "path", charts.ACCENT)
    (line,) = places(svg, "line", charts.ACCENT)
    span = layout.right - layout.left
    assert point[0] == pytest.approx(layout.left + span / 2)
    assert line[0] == pytest.approx(layout.left + span / 4)
    assert line[0] + line[2] == pytest.approx(layout.right)


def test_what_is_unknown_is_left_out_and_its_row_stays() -> None:
    for svg in drawn(KNOWN, UNKNOWN):
        assert len(places(svg, "path", charts.ACCENT)) == 1
        assert len(places(svg, "line", charts.ACCENT)) == 1
        assert {"j", "k", "–"} <= set(texts(svg))


def test_rows_stand_in_the_order_of_the_marks_whichever_decides() -> None:
    strong = Mark("s", "s", 0.7, 0.6, 0.8, strong=True)
    for svg in drawn(KNOWN, strong, Mark("l", "l", 0.2, 0.1, 0.3)):
        by_y = sorted(places(svg, "path", charts.ACCENT), key=lambda place: place[1])
        assert by_y[2][0] < by_y[0][0] < by_y[1][0]  # 0.5, then 0.7, then 0.2


def test_two_rows_of_one_name_stay_two_rows() -> None:
    for svg in drawn(KNOWN, KNOWN):
        assert len({y for _, y, _ in places(svg, "path", charts.ACCENT)}) == 2


def test_an_axis_of_scores_has_its_own_ticks_and_no_middle() -> None:
    axis = Axis(1.0, 5.0, ((1.0, "1"), (3.0, "3"), (5.0, "5")))
    for svg, layout in zip(
        drawn(Mark("s", "3", 3.0, 2.0, 4.0), axis=axis), (WIDE, NARROW), strict=True
    ):
        assert {"1", "3", "5"} <= set(texts(svg))
        assert places(svg, "line", charts.SOFT) == []
        assert places(svg, "path", charts.ACCENT)[0][0] == pytest.approx(
            (layout.left + layout.right) / 2
        )


def test_colours_and_fonts_are_the_page_s() -> None:
    for text in charts.drawings(forest(KNOWN, UNKNOWN)):
        assert not re.search(r"#[0-9a-f]{3}|font-family|\bid=|style=|xmlns", text)
        assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', text)) <= {
            *("none", charts.INK, charts.SOFT, charts.LINE, charts.ACCENT)
        }


def test_a_plot_tells_what_it_shows_to_those_who_cannot_see_it() -> None:
    for svg in drawn(KNOWN, UNKNOWN):
        assert svg.get("role") == "img"
        assert [e.text for e in svg.iter("title")] == ["Shares"]
        assert [e.text for e in svg.iter("desc")] == ["j: 50.0 % (25.0 to 100.0 %); k: –"]


def test_long_names_are_shortened_and_none_leaves_its_text() -> None:
    name = "<b onclick=x>" * 20
    for svg in drawn(Mark(name, "", 0.5, None, None)):
        (label,) = [text for text in texts(svg) if text.startswith("<b")]
        assert "…" in label
        assert len(label) <= WIDE.label_cells


@settings(max_examples=10, deadline=None)
@given(
    st.text(
        st.one_of(st.characters(), st.sampled_from("<>&\"'\x00\ud800\u202e\ufffe")), max_size=20
    )
)
def test_any_name_gives_a_drawing_that_reads_as_xml(name: str) -> None:
    for svg in drawn(Mark(name, name, 0.5, 0.4, 0.6)):
        assert {e.tag for e in svg.iter()} <= {"svg", "title", "desc", "g", "line", "path", "text"}


def test_drawing_again_gives_the_same_text() -> None:
    first = charts.drawings(forest(KNOWN))
    charts.drawings.cache_clear()
    assert charts.drawings(forest(KNOWN)) == first


def test_altair_is_imported_where_a_page_is_drawn_and_nowhere_else() -> None:
    program = (
        "import sys; import judge, judge.cli; "
        "from judge.report import html, markdown, terminal; from judge.workflow import reporting; "
        "sys.exit(bool({'altair', 'vl_convert'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_what_a_value_was_before_it_was_corrected_is_a_hollow_point_on_its_row() -> None:
    for svg, layout in zip(
        drawn(Mark("s", "60 → 50", 0.5, 0.4, 0.6, before=0.75)), (WIDE, NARROW), strict=True
    ):
        (before,) = places(svg, "path", charts.CARD)
        (after,) = [p for p in places(svg, "path", charts.ACCENT) if p != before]
        assert before[0] == pytest.approx(layout.left + (layout.right - layout.left) * 0.75)
        assert before[1] == after[1]


def test_names_that_differ_do_not_look_the_same() -> None:
    names = [f"a-model-of-some-family-{n}-that-was-tuned-for-a-long-time" for n in range(3)]
    for svg in drawn(*(Mark(name, "", 0.5, 0.4, 0.6) for name in names)):
        assert {"…amily-0", "…amily-1", "…amily-2"} == {
            t[:8] for t in texts(svg) if t.startswith("…")
        }


def test_an_axis_of_differences_is_symmetrical_and_one_of_scores_has_round_ends() -> None:
    """Of -0.52 the next tenth is 0.6; of 2.16 to 5.24 a fifth is 0.616, so a tick is 1."""
    apart = axes.both_sides([Mark("a", "", -0.5, -0.52, 0.1)])
    assert (apart.low, apart.high, apart.middle) == pytest.approx((-0.6, 0.6, 0.0))
    scores = axes.around([Mark("a", "", 4.0, 2.16, 5.24)])
    assert (scores.low, scores.high, scores.middle) == (2.0, 6.0, None)
    assert axes.both_sides([Mark("a", "", 0.0, None, None)]).high > 0
