"""What became of every planned trial, judge by judge, and the warnings that follow from it."""

from __future__ import annotations

from judge.report import words
from judge.report.blocks import Block, Bullets, Column, Heading, Paragraph, Section, Table
from judge.report.schema import JudgeEntry, Report


def blocks(report: Report) -> list[Block]:
    """The counts by status with what they cost, then the warnings."""
    out: list[Block] = []
    if report.judges:
        out += [Heading("Verdicts"), _table(report.judges)]
    return [*out, *_warnings(report)]


def _warnings(report: Report) -> list[Block]:
    if not report.warnings:
        return []
    return [Heading("Warnings"), Bullets(tuple(report.warnings), tone="warning")]


def brief(report: Report) -> list[Block]:
    """The same for a terminal: a table of those judges alone that lack verdicts, if nothing else tells."""
    lacking = [judge for judge in report.judges if judge.ok < judge.planned]
    out: list[Block] = []
    if lacking and report.missing is None:
        out += [Heading("Verdicts"), _table(lacking)]
    elif said := "; ".join(part for part in (_all_ok(report), _spent(report)) if part):
        out += [Heading("Verdicts"), Paragraph(f"{said}.", "note")]
    return [*out, *_warnings(report)]


def _all_ok(report: Report) -> str:
    """That every trial has a verdict; "" where that is not so."""
    planned = sum(judge.planned for judge in report.judges)
    if not planned or any(judge.ok < judge.planned for judge in report.judges):
        return ""
    return f"All {words.count(planned)} planned trials have one"


def _spent(report: Report) -> str:
    """What they cost, "" where nothing was asked here."""
    run = report.run
    if run.reused is None:
        return ""
    return f"{words.count(run.reused)} reused, cost {words.usd(run.cost_usd)}"


def _table(judges: list[JudgeEntry]) -> Table:
    rubrics = len({j.rubric for j in judges}) > 1
    variants = len({j.variant for j in judges}) > 1
    columns = (
        Column("judge", "name"),
        *([Column("rubric", "name")] if rubrics else []),
        *([Column("variant", "name")] if variants else []),
        Column("planned", optional=True),
        *(Column(title) for title in ("ok", "unparsed", "refused", "truncated", "failed")),
        Column("not asked"),
        Column("reused"),
        Column("cost"),
    )
    return Table(columns, tuple(_cells(judge, rubrics, variants) for judge in judges))


def _cells(judge: JudgeEntry, rubrics: bool, variants: bool) -> tuple[str, ...]:
    counts = (
        *(judge.planned, judge.ok, judge.unparsed, judge.refused),
        *(judge.truncated, judge.failed, judge.not_asked, judge.reused),
    )
    return (
        judge.judge,
        *([judge.rubric] if rubrics else []),
        *([judge.variant] if variants else []),
        *(words.count(number) for number in counts),
        words.NONE if judge.reused is None else words.usd(judge.cost_usd),  # not asked here
    )


SECTION = Section("verdicts", blocks, brief=brief)
