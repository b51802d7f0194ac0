"""The check of a set of items for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from judge.items_check import Issue, ItemsReport, Lengths, Size
from judge.items_lock import Drift, Lock
from judge.report.doctor import hanging
from judge.report.terminal import wrap
from judge.report.words import clean, count, counted, listed, name, points

MOST_SIZES = 11  # all items and ten categories


def text(
    report: ItemsReport, lock: Lock | None, drift: Drift | None, place: str, *, width: int = 80
) -> str:
    """The check as plain text, no line longer than the width. place: where the lock is or would be."""
    found = [issue for issue in report.issues if issue.count or issue.note]
    clear = [issue.title for issue in report.issues if not (issue.count or issue.note)]
    parts = [
        [*wrap(_head(report), width)],
        ["Lengths in characters", *_all(_lengths(report), width)],
        ["What so many items can show (80 % power)", *_all(_sizes(report.sizes), width)],
        ["Found", *_all(map(_issue, found), width)] if found else [],
        [*wrap(f"Looked for and not found: {', '.join(clear)}.", width)] if clear else [],
        [*wrap(_lock(lock, drift, place), width)],
        _all(report.warnings, width),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def payload(
    report: ItemsReport, lock: Lock | None, drift: Drift | None, place: str
) -> dict[str, Any]:
    """The check as JSON values: the report's, and `lock` (null where the items are not locked)."""
    return {**report.payload(), "lock": None if lock is None else _locked(lock, drift, place)}


def _locked(lock: Lock, drift: Drift | None, place: str) -> dict[str, Any]:
    last = lock.entries[-1]
    return {
        "file": place,
        "locked_at": last.locked_at,
        "reason": last.reason,
        "count": last.count,
        "items_hash": last.items_hash,
        "holds": not drift,
        "added": list(drift.added) if drift else [],
        "removed": list(drift.removed) if drift else [],
        "changed": {part: list(ids) for part, ids in drift.changed.items()} if drift else {},
    }


def _all(sentences: Any, width: int) -> list[str]:
    return [line for sentence in sentences for line in hanging(sentence, width)]


def _head(report: ItemsReport) -> str:
    clusters = "" if report.clusters == report.items else f" in {count(report.clusters)} clusters"
    systems = f" ({listed(report.systems)})" if report.systems else ""
    return (
        f"{counted(report.items, 'item')}{clusters}, {counted(len(report.systems), 'system')}"
        f"{systems}"
    )


def _lengths(report: ItemsReport) -> Iterator[str]:
    if report.prompts:
        yield f"prompts: {_spread(report.prompts)}"
    by_system: Mapping[str, Lengths] = report.responses
    for system, found in by_system.items():
        yield f"{name(system)}: {_spread(found)}"


def _spread(found: Lengths) -> str:
    return (
        f"median {count(found.median)}, 95 % up to {count(found.p95)}, from {count(found.shortest)} "
        f"to {count(found.longest)} ({count(found.n)})"
    )


def _sizes(sizes: Sequence[Size]) -> Iterator[str]:
    yield from map(_size, sizes[:MOST_SIZES])
    more = len(sizes) - MOST_SIZES
    if more > 0:
        yield f"and {count(more)} smaller categories"


def _size(size: Size) -> str:
    shown = []
    if size.win_rate is not None:
        enough = size.win_rate < 0.5
        shown.append(f"win rates {points(size.win_rate)} from 50 %" if enough else "no win rate")
    if size.score is not None:
        shown.append(f"scores {size.score:.2f} standard deviations apart")
    clusters = "" if size.clusters == size.items else f" in {counted(size.clusters, 'cluster')}"
    who = name(size.category) if size.category else "all"
    return f"{who}, {counted(size.items, 'item')}{clusters}: {' or '.join(shown) or 'nothing'}"


def _issue(issue: Issue) -> str:
    some = [clean(example) for example in issue.first]
    more = ", ..." if issue.count > len(some) and some else ""
    named = f": {', '.join(some)}{more}" if some else ""
    share = f"{count(issue.count)} of {count(issue.out_of)} {issue.unit}s"
    return f"{issue.title}: {share}{named}" + _noted(issue.note)


def _noted(note: str) -> str:
    return f". {note[0].upper()}{note[1:]}" if note else ""


def _lock(lock: Lock | None, drift: Drift | None, place: str) -> str:
    if lock is None:
        return f"Not locked: `judge items lock` writes {clean(place)}, and later checks hold it."
    last = lock.entries[-1]
    when = f"locked {clean(last.locked_at)} ({clean(last.reason)})"
    if drift:
        changes: Sequence[str] = drift.sentences()
        return f"The lock does not hold ({when}): {clean('; '.join(changes))}."
    return f"The lock holds: {counted(last.count, 'item')}, {when}, {last.items_hash[:19]}."
