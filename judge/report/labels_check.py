"""The check of a set of labels for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from judge.labels.check import Finding, LabelsReport
from judge.report.doctor import hanging
from judge.report.terminal import wrap
from judge.report.words import clean, count, counted

HEADS = {"error": "To mend", "warning": "To know"}
_PLURALS = {"criterion": "criteria"}


def text(report: LabelsReport, *, width: int = 80) -> str:
    """The check as plain text, no line longer than the width."""
    clear = [one.title for one in report.findings if not one.count]
    parts = [
        [line for sentence in _head(report) for line in wrap(sentence, width)],
        *(_part(report, grade, width) for grade in HEADS),
        wrap(f"Looked for and not found: {', '.join(clear)}.", width) if clear else [],
        wrap(_verdict(report), width),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _head(report: LabelsReport) -> Iterator[str]:
    of = "pairs" if report.mode == "pairwise" else "answers"
    yield (
        f"{clean(report.name)}: {counted(report.labels, 'label')} by {counted(report.raters, 'rater')} of "
        f"{count(report.units)} {of} on {counted(report.items, 'item')}"
    )
    splits = ", ".join(f"{clean(name)} {count(n)}" for name, n in report.splits.items())
    if splits:
        yield f"items by split: {splits}"
    if report.origin == "synthetic":
        yield "The labels are invented: no person gave them, and they certify no judge."


def _part(report: LabelsReport, grade: str, width: int) -> list[str]:
    found = [one for one in report.findings if one.count and one.grade == grade]
    return [HEADS[grade], *_all(map(_sentence, found), width)] if found else []


def _all(sentences: Iterable[str], width: int) -> list[str]:
    return [line for sentence in sentences for line in hanging(sentence, width)]


def _sentence(one: Finding) -> str:
    some = ", ".join(clean(case) for case in one.first)
    more = ", ..." if one.count > len(one.first) else ""
    units = _PLURALS.get(one.unit, f"{one.unit}s")
    told = f"{one.title}: {count(one.count)} of {count(one.out_of)} {units}: {some}{more}"
    return f"{told}. {one.note[0].upper()}{clean(one.note[1:])}" if one.note else told


def _verdict(report: LabelsReport) -> str:
    locked = {
        True: "The lock holds.",
        False: "Not locked: `judge labels lock` freezes it.",
        None: "",
    }
    n = len(report.errors)
    mend = (
        ""
        if report.holds
        else f"{counted(n, 'thing')} to mend before numbers stand on these labels."
    )
    return " ".join(part for part in (mend, locked[report.locked]) if part)
