"""What came out and whether to believe it: all that many readers will read."""

from __future__ import annotations

from judge.report import words
from judge.report.blocks import Block, Bullets, Heading, Paragraph, Section
from judge.report.schema import Report


def blocks(report: Report) -> list[Block]:
    """The title, the findings, and what stands against trusting them."""
    return [Heading(_title(report), level=1), *_findings(report), *_trust(report), *_alarm(report)]


def _title(report: Report) -> str:
    rows = report.comparisons or []
    pairs = {(row.system, row.baseline) for row in rows}
    if len(pairs) == 1:
        return f"{words.name(rows[0].system)} against {words.name(rows[0].baseline)}"
    return "Scores" if report.scores else "Judge report"


def _findings(report: Report) -> list[Block]:
    told = words.findings(report)
    if len(told) == 1:
        return [Paragraph(told[0], tone="lead")]
    return [Bullets(tuple(told), tone="lead")]


def _trust(report: Report) -> list[Block]:
    return [Paragraph(" ".join(words.trust(report)), tone="note")]


def _alarm(report: Report) -> list[Block]:
    if not report.warnings:
        return []
    many = words.counted(len(report.warnings), "warning")
    return [Paragraph(f"{many} below should be read first.", tone="warning")]


SECTION = Section("conclusion", blocks)
