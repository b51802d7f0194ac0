"""Whether judges still get right what they got right: the anchors of this run and of those before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from judge.report import words
from judge.report.blocks import (
    RATES,
    Block,
    Bullets,
    Column,
    Disclosure,
    Forest,
    Heading,
    Mark,
    Paragraph,
    Section,
    Table,
    Tone,
)
from judge.report.schema import Report
from judge.report.schema_drift import Drift, DriftRun

TITLE = "Drift"
ERRORS = replace(RATES, middle=None)
SHOWN = 20  # runs that are shown one by one, the latest
MEANING = (
    "Anchors are items with known answers that every run asks anew. Each is held against itself in "
    "earlier runs, so neither hard anchors nor a lucky first run raise an alarm. Were a judge unchanged, "
    "its e-value would ever reach 1 / alpha with a probability of at most alpha, however many runs are "
    "looked at. An alarm stays until a new certificate begins the history anew. Anchors count in no other "
    "number of this report but calls and cost."
)


def blocks(report: Report) -> list[Block]:
    """A sentence for each judge, the runs behind it. Nothing in a run without anchors."""
    found = report.drift
    if not found:
        return []
    told = [_told(one) for one in found]
    said: Block = (
        Paragraph(told[0], _tone(found)) if len(told) == 1 else Bullets(tuple(told), _tone(found))
    )
    shown = [block for one in found for block in (*_plot(one), _table(one, several=len(found) > 1))]
    return [Heading(TITLE), said, Disclosure("The runs behind this", (Paragraph(MEANING), *shown))]


def brief(report: Report) -> list[Block]:
    """The same without the runs."""
    return [block for block in blocks(report) if not isinstance(block, Disclosure)]


def _tone(found: Sequence[Drift]) -> Tone:
    return "warning" if any(one.state == "alarm" for one in found) else "plain"


def _told(one: Drift) -> str:
    if not one.runs:
        return f"{words.name(one.judge)} has no verdict on its {words.counted(one.n_anchors, 'anchor')}."
    head = {"alarm": _alarm, "quiet": _quiet, "first run": _first}[one.state](one)
    return f"{head} {_cost(one)}"


def _alarm(one: Drift) -> str:
    now = one.runs[-1]
    return (
        f"Drift: {words.name(one.judge)} errs more often on its anchors than it did, since run {one.since}: "
        f"{_wrong(now)} in this run, {words.percent(one.runs[0].error_rate.value)} in the first of "
        f"{len(one.runs)}{_changes(now)}; the e-value is {_e_value(now)} against {1 / one.alpha:.4g}. Check "
        "it against people again before its verdicts are used."
    )


def _quiet(one: Drift) -> str:
    now = one.runs[-1]
    return (
        f"No drift shown: {words.name(one.judge)} is {_wrong(now)} in this run, "
        f"{words.percent(one.runs[0].error_rate.value)} in the first of {len(one.runs)}{_changes(now)}."
    )


def _first(one: Drift) -> str:
    return (
        f"First run with these anchors ({words.name(one.anchors)}): {words.name(one.judge)} is "
        f"{_wrong(one.runs[-1])}; later runs are held against it."
    )


def _wrong(run: DriftRun) -> str:
    e = run.error_rate
    if e.value is None:
        return "without a verdict on any anchor"
    missing = f", {e.n_missing} without a verdict" if e.n_missing else ""
    return f"wrong on {words.percent(e.value)} of {words.counted(e.n, 'presentation')}{missing}"


def _changes(run: DriftRun) -> str:
    if run.newly_wrong is None:
        return ""
    return (
        f" ({run.newly_wrong} newly wrong, {run.newly_right} newly right, p "
        f"{words.p_value(run.reference_p_value)})"
    )


def _cost(one: Drift) -> str:
    return f"Its anchors took {words.counted(one.calls, 'call')}, cost {words.usd(one.cost_usd)}."


def _e_value(run: DriftRun) -> str:
    if run.e_value is None:
        return words.NONE
    return f"{run.e_value:.1f}" if run.e_value < 1000 else f"{run.e_value:.3g}"


def _plot(one: Drift) -> list[Block]:
    shown = [run for run in one.runs[-SHOWN:] if run.error_rate.value is not None]
    marks = tuple(_mark(run) for run in shown)
    caption = f"Errors of {words.name(one.judge)} on its anchors, run by run"
    return [Forest(marks, caption, axis=ERRORS)] if len(marks) > 1 else []


def _mark(run: DriftRun) -> Mark:
    e = run.error_rate
    return Mark(_when(run), words.estimate(e), e.value, e.ci_low, e.ci_high, run.alarm)


def _when(run: DriftRun) -> str:
    return run.started_at[:16].replace("T", " ")


def _table(one: Drift, *, several: bool) -> Table:
    columns = (
        Column("run", "name"),
        Column("wrong"),
        Column("newly wrong, right"),
        Column("p, given all", optional=True),
        Column("e-value"),
    )
    rows = tuple(_cells(run) for run in one.runs[-SHOWN:])
    left_out = len(one.runs) - len(rows)
    earlier = f"; {left_out} earlier runs in the JSON" if left_out else ""
    caption = f"{words.name(one.judge)}{earlier}" if several or earlier else ""
    return Table(columns, rows, caption)


def _cells(run: DriftRun) -> tuple[str, ...]:
    changed = words.NONE if run.newly_wrong is None else f"{run.newly_wrong}, {run.newly_right}"
    return (
        run.run_id,
        words.percent(run.error_rate.value),
        changed,
        words.p_value(run.p_value),
        f"{_e_value(run)}{' alarm' if run.alarm else ''}",
    )


SECTION = Section("drift", blocks, brief=brief)
