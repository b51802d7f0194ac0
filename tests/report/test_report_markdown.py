"""A report as Markdown."""

from __future__ import annotations

import pytest
from report_samples import decided, e, report, sections

from judge.report import markdown


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("<script>", "&lt;script&gt;"),
        ("a|b", "a\\|b"),
        ("**bold** `code`", "\\*\\*bold\\*\\* \\`code\\`"),
        ("[text](http://x)", "\\[text\\](http\\://x)"),
        ("# title", "\\# title"),
        ("1. one", "1\\. one"),
        ("- one", "\\- one"),
        ("---", "\\---"),
        ("a\nb", "a\\\\nb"),
        ("61.2 %", "61.2 %"),
        ("-0.150", "-0.150"),
        ("@everyone", "\\@everyone"),
    ],
)
def test_text_stays_text(raw: str, expected: str) -> None:
    assert markdown.text(raw) == expected


def test_report_has_its_conclusion_its_tables_and_its_provenance() -> None:
    text = markdown.render(report(), sections())
    assert text.startswith("# tuned against base\n\n**tuned is better than base: it wins 61.2 %")
    assert "| panel | 61.2 % | 54.0 to 68.4 % | 62 | 0 | better | 9 points |" in text
    assert "## What this report does not establish" in text
    assert "- run: r-20260801-1" in text


def test_a_name_cannot_leave_its_cell() -> None:
    made = report(comparisons=[decided("better", e(0.6, 0.5, 0.7), judge="a | b\n| c")])
    lines = markdown.render(made, sections()).split("\n")
    row = next(line for line in lines if line.startswith("| a"))
    assert row.replace("\\|", "").count("|") == 8
