"""Every verdict that there is not, by judge and reason: a number without them says how far it reaches."""

from __future__ import annotations

from collections import Counter

from judge.report import words
from judge.report.blocks import Block, Column, Heading, Paragraph, Section, Table
from judge.report.schema import Missing, Report

TITLE = "Missing verdicts"
SHOWN = 3  # judges and statuses that one line names
NO_REASON = "no reason was recorded"
# Which answer lost is known once a judge has said so: both are planned, one of them is perturbed.
AUDITED = (
    "{} more were for answers not known to have lost: these are not perturbed, and not missing."
)


def blocks(report: Report) -> list[Block]:
    """A line where nothing is missing, else a table of what is and why."""
    rows = report.missing
    if rows is None or not report.judges:
        return []
    rows = _due(report, rows)
    if not rows:
        return [Heading(TITLE), Paragraph(_none(report))]
    return [Heading(TITLE), Paragraph(_head(report, rows)), _table(rows)]


def brief(report: Report) -> list[Block]:
    """What is missing, in one paragraph; nothing where nothing is, as the counts say so already."""
    rows = _due(report, report.missing or [])
    if not rows:
        return []
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows:
        sums[row.judge, _status(row)] += row.n
    shown = sums.most_common(SHOWN)
    said = ", ".join(
        f"{words.name(judge)} {status} {words.count(n)}" for (judge, status), n in shown
    )
    more = f" and {words.count(len(sums) - SHOWN)} more" if len(sums) > SHOWN else ""
    return [Heading(TITLE), Paragraph(f"{_head(report, rows)} By judge: {said}{more}.")]


def _none(report: Report) -> str:
    said = f"Checked, nothing found: all {words.count(_planned(report))} planned trials have a verdict."
    return f"{said}{_ready(report)}"


def _due(report: Report, rows: list[Missing]) -> list[Missing]:
    """Those that a reader has to know of: not the answers that an audit had no reason to perturb."""
    return [row for row in rows if not (report.judge_audit and _is_stopped(row))]


def _n_ready(report: Report) -> int:
    """Trials of an audit that would have been asked if the other answer had lost."""
    rows = (report.missing or []) if report.judge_audit else []
    return sum(row.n for row in rows if _is_stopped(row))


def _ready(report: Report) -> str:
    n = _n_ready(report)
    return f" {AUDITED.format(words.count(n))}" if n else ""


def _head(report: Report, rows: list[Missing]) -> str:
    n = sum(row.n for row in rows)
    unwanted = sum(row.n for row in rows if _is_stopped(row))
    said = f"{words.count(n)} of {words.count(_planned(report))} planned trials have no verdict."
    if not unwanted:
        return f"{said}{_ready(report)}"
    return f"{said} {words.count(unwanted)} of these were left out on purpose and are not counted missing."


def _planned(report: Report) -> int:
    return sum(judge.planned for judge in report.judges) - _n_ready(report)


def _is_stopped(row: Missing) -> bool:
    """Whether a policy kept these from being asked."""
    return row.status == "not_asked" and row.reason in ("", "policy")


def _table(rows: list[Missing]) -> Table:
    worded = any(row.variant for row in rows) or len({row.rubric for row in rows}) > 1
    columns = (
        Column("judge", "name"),
        *([Column("wording", "name")] if worded else []),
        Column("status", "text"),
        Column("reason", "name"),
        Column("trials"),
        Column("first items", "name", optional=True),
    )
    return Table(columns, tuple(_cells(row, worded) for row in rows))


def _cells(row: Missing, worded: bool) -> tuple[str, ...]:
    wording = " ".join(part for part in (row.rubric, row.variant) if part)
    return (
        row.judge,
        *([wording] if worded else []),
        _status(row),
        row.reason or NO_REASON,
        words.count(row.n),
        ", ".join(words.name(item) for item in row.items),
    )


def _status(row: Missing) -> str:
    return row.status.replace("_", " ")


SECTION = Section("missing", blocks, brief=brief)
