"""A report on a terminal."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import decided, e, judge, report, scored, sections
from rich.cells import cell_len

from judge.report import terminal, words
from judge.report.blocks import Bullets, Column, Heading, Paragraph, Section, Table
from judge.report.schema import Report

GOLDEN = Path(__file__).parents[1] / "golden" / "report"

hostile = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b\x07\n\r\t\x9b\u200b\u202e\u2066\u2028\ud800漢é\u0301\ufe0f☺"),
    ),
    max_size=120,
)


def render(made: Report, width: int = 80) -> str:
    return terminal.render(made, sections(), width=width)


def test_pairwise_report_at_80_columns_is_the_golden_one() -> None:
    files = ["/home/someone/.judge/runs/r-1/report.html"]
    made = terminal.render(report(), sections(), files=files)
    assert made == (GOLDEN / "pairwise.txt").read_text("utf-8")


def test_single_report_at_80_columns_is_the_golden_one() -> None:
    assert render(scored()) == (GOLDEN / "single.txt").read_text("utf-8")


def test_first_sentence_is_the_conclusion_and_second_is_trust() -> None:
    text = " ".join(render(report()).split())
    assert text.startswith("tuned is better than base: it wins 61.2 % of 62 items (95 % interval")
    assert "ties counting half. These judges were not checked against people" in text


def test_a_percent_sign_is_never_parted_from_its_number() -> None:
    for width in range(20, 90):
        assert not any(
            line.lstrip().startswith("%") for line in render(report(), width).split("\n")
        )


@settings(max_examples=60, deadline=None)
@given(hostile, hostile, hostile, st.integers(20, 120))
def test_no_line_is_too_long_and_no_control_character_comes_through(
    system: str, who: str, note: str, width: int
) -> None:
    made = report(
        comparisons=[decided("better", e(0.6, 0.5, 0.7, note=note), system=system, judge=who)],
        judges=[judge(who, rubric=note, variant=system), judge(who)],
        warnings=[note],
    )
    text = terminal.render(made, sections(), width=width, files=[note])
    assert all(cell_len(line) <= width for line in text.split("\n"))
    assert not any(words.is_hidden(char) for char in text if char != "\n")


def test_long_names_keep_their_start_and_end() -> None:
    who = "p-" + "x" * 80 + "-v2"
    text = render(report(judges=[judge(who, ok=123, failed=1)]))
    assert re.search(r"p-x+…x+-v2 +123", text)


def test_color_only_adds_escapes() -> None:
    painted = terminal.render(report(), sections(), color=True)
    assert "\x1b[1m" in painted
    assert re.sub(r"\x1b\[[\d;]*m", "", painted) == render(report())


def test_plain_text_has_no_escape() -> None:
    assert "\x1b" not in render(report())


def test_files_are_named_at_the_end_and_long_paths_lose_nothing() -> None:
    path = "/" + "very-long-folder/" * 12 + "report.html"
    end = terminal.render(report(), sections(), files=[path]).split("Files\n")[1]
    assert "".join(line[2:] for line in end.splitlines()) == path


def test_optional_columns_go_before_names_are_cut_beyond_reading() -> None:
    table = Table(
        (Column("judge", "name"), Column("n"), Column("extra", optional=True)), (("j", "1", "9"),)
    )
    only = [Section("one", lambda _: [table])]
    assert "extra" in terminal.render(report(), only, width=20)
    wide = Table(table.columns, (("j" * 30, "1", "9" * 12),))
    narrow = terminal.render(report(), [Section("one", lambda _: [wide])], width=20)
    assert "extra" not in narrow
    assert "jjj…jjj" in narrow


def test_the_last_optional_column_goes_first() -> None:
    columns = (Column("n"), Column("second", optional=True), Column("third", optional=True))
    table = Table(columns, (("1", "2" * 8, "3" * 8),))
    text = terminal.render(report(), [Section("one", lambda _: [table])], width=20)
    assert "second" in text
    assert "third" not in text


def test_table_that_cannot_fit_is_written_row_by_row() -> None:
    columns = tuple(Column(f"title{i}") for i in range(9))
    table = Table(columns, (tuple("123456789"), tuple("abcdefghi")))
    text = terminal.render(report(), [Section("one", lambda _: [table])], width=40)
    assert "title0: 1\n" in text
    assert "title8: 9\n\ntitle0: a\n" in text


def test_details_are_left_to_the_files() -> None:
    hidden = Section("more", lambda _: [Paragraph("hash of everything")], detail=True)
    shown = Section("less", lambda _: [Bullets(("the gist",))])
    assert terminal.render(report(), [hidden, shown]) == "- the gist\n"


def test_optional_columns_go_before_names_of_usual_length_are_shortened() -> None:
    names = ["ChatGPT (Metrics_Reference)", "ChatGPT (Vanilla_NoRules)"]
    columns = (Column("judge", "name"), Column("n"), Column("more", optional=True))
    table = Table(columns, tuple((name, "1", "9" * 12) for name in names))
    text = terminal.text_of([table], width=40)
    assert all(name in text for name in names)
    assert "more" not in text


def test_sections_that_have_one_quiet_line_are_a_list_of_lines() -> None:
    quiet = [Heading("Quiet"), Paragraph("Checked, nothing found.", "note")]
    loud = [Heading("Loud"), Paragraph("It leans.", "warning")]
    cut = [Heading("Too"), Bullets(("Not measured.",), "note"), *loud]
    parts = [Section(str(n), lambda _, own=own: list(own)) for n, own in enumerate((quiet, cut))]
    assert terminal.render(report(), parts) == (
        "- Quiet. Checked, nothing found.\n- Too. Not measured.\n\nLoud\nIt leans.\n"
    )


def test_names_that_differ_never_look_the_same_in_a_table() -> None:
    names = ["Fuse-Gemma-2-9B-Instruct", "Fuse-Llama-3-1B-Instruct", "Fuse-Qwen-2-7B-Instruct"]
    columns = (Column("system", "name"), Column("smallest", optional=True), Column("wins"))
    rows = tuple((name, "5.3 points", "70.5 % of 805 items") for name in names)
    for width in (30, 40, 50, 60):
        lines = terminal.text_of([Table(columns, rows)], width=width).splitlines()
        told = [line for line in lines if "Fuse" in line or "Ins" in line]
        assert len(set(told)) == len(told) >= 3
