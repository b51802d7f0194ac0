"""A plan of labels for people."""

from __future__ import annotations

from judge.labels.plan import AGREEMENT, Need, PilotNeed, Plan
from judge.report.blocks import Block, Bullets, Column, Paragraph, Table
from judge.report.terminal import text_of
from judge.report.words import count, counted, level, points

NOT_ENOUGH = "more than all"
TYPICAL = 0.7  # the correlation that the first sentence tells of


def text(plan: Plan, *, width: int = 80) -> str:
    """The plan as plain text, no line longer than the width."""
    return text_of(blocks(plan), width=width)


def blocks(plan: Plan) -> list[Block]:
    return [
        Paragraph(_lead(plan), "lead"),
        _piloted(plan) if plan.pilot else _assumed(plan),
        Bullets(tuple(_besides(plan))),
    ]


def _width(plan: Plan) -> str:
    return points(plan.half_width) if plan.unit == "rate" else f"{plan.half_width:.3g}"


def _lead(plan: Plan) -> str:
    what = "a win rate" if plan.unit == "rate" else "a mean score"
    known = f"To know {what} to within {_width(plan)} ({level(plan.confidence)})"
    if plan.pilot:
        best = min(plan.pilot, key=_worth)
        if best.labels_low is None:
            return f"{known}, labels on all {count(best.items)} items are not enough: have more judged."
        return f"{known}, have people label {_range(best)}, with the help of {best.judge}."
    alone, *others = plan.needs
    helped = ""
    if others:
        most = next((one for one in others if one.correlation == TYPICAL), others[-1])
        helped = (
            f", or {_number(most.labels)} where a judge goes with people at a correlation of "
            f"{most.correlation:g}"
        )
    return f"{known}, have people label {_number(alone.labels)} without a judge{helped}."


def _number(labels: int | None) -> str:
    return NOT_ENOUGH if labels is None else count(labels)


def _worth(one: PilotNeed) -> tuple[float, float]:
    """What sorts the judge that saves most labels first."""
    return (float("inf") if one.labels_high is None else one.labels_high, -one.correlation)


def _range(one: PilotNeed) -> str:
    """The range, since a pilot knows the correlation roughly."""
    if one.labels_high is None:
        return (
            f"{_number(one.labels_low)} items, or more than all {count(one.items)} that were judged"
        )
    return f"{_number(one.labels_low)} to {count(one.labels_high)} items"


def _assumed(plan: Plan) -> Table:
    columns = (Column("correlation"), Column("labels"), Column("without a judge"), Column("saving"))
    alone = plan.needs[0]
    return Table(columns, tuple(_row(one, alone) for one in plan.needs))


def _row(one: Need, alone: Need) -> tuple[str, ...]:
    return (
        f"{one.correlation:g}",
        _number(one.labels),
        _number(alone.labels),
        "" if one.correlation == 0 else f"{one.saving:.2f}x",
    )


def _piloted(plan: Plan) -> Table:
    columns = (
        Column("judge", "name"),
        Column("correlation"),
        Column("95 % interval"),
        Column("labels"),
        Column("from"),
        Column("to"),
    )
    return Table(columns, tuple(_pilot_row(one) for one in plan.pilot))


def _pilot_row(one: PilotNeed) -> tuple[str, ...]:
    return (
        f"{one.judge}, {one.criterion}" if one.criterion else one.judge,
        f"{one.correlation:.2f}",
        f"{one.correlation_low:.2f} to {one.correlation_high:.2f}",
        _number(one.labels),
        _number(one.labels_low),
        _number(one.labels_high),
    )


def _besides(plan: Plan) -> list[str]:
    ends = ", ".join(
        f"{count(n)} for at most {100 * risk:g} % at {100 * (1 - delta):g} %"
        for risk, delta, n in plan.guarantees
    )
    said = [
        f"Where the judge is no more accurate than the systems it judges, it saves at most "
        f"{plan.weak_judge_saves:g}x, whatever its correlation (Dorner et al. 2024).",
        f"To know the agreement of a judge with people to within {points(plan.agreement_half_width)}: "
        f"{count(plan.agreement)} items, if it is about {100 * AGREEMENT:g} %.",
        "For a guarantee on selective judging, at the very least (all agreeing), of disagreement: "
        f"{ends}.",
    ]
    if plan.items is not None:
        said.append(
            f"Planned for {counted(plan.items, 'judged item')} of each comparison or system, those with "
            "labels among them."
        )
    if plan.pilot:
        one = plan.pilot[0]
        of = (
            "labels"
            if one.n == one.n_clusters
            else f"labels in {counted(one.n_clusters, 'cluster')}"
        )
        said.append(
            f"The range is what {count(one.n)} {of} leave open about the correlation and the spread "
            "(cluster bootstrap); plan on its upper end."
        )
    return [*said, *(f"{note[0].upper()}{note[1:]}." for note in plan.notes)]
