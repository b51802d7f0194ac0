"""What both audits say alike: effects in points, what was tried, on which items, and what it cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from judge.report import axes, trust, words
from judge.report.blocks import (
    Axis,
    Block,
    Bullets,
    Column,
    Facts,
    Forest,
    Heading,
    Mark,
    Paragraph,
    Table,
    Tone,
)
from judge.report.schema import Report
from judge.report.schema_audit import Audited
from judge.report.schema_base import E

_ORDERS = {
    "random": "one order for each item, drawn by the seed",
    "both": "both orders",
    "none": "the order as given",
}

POWER_UNKNOWN = "how small an effect would have been seen is not known"
NO_POWER = "with so few items and this noise no effect, however large, is sure to be shown"


class OfJudge(Protocol):
    """What an audit found of one judge under one rubric."""

    @property
    def judge(self) -> str: ...
    @property
    def rubric(self) -> str: ...


T = TypeVar("T", bound=OfJudge)


# -- effects -------------------------------------------------------------------------------------


def is_score(e: E) -> bool:
    return e.unit not in ("rate", "difference")


def change(e: E) -> str:
    """A difference with its sign: "+12.5 points" of a rate, "+0.31" of a score."""
    if e.value is None:
        return words.NONE
    return f"{change_cell(e)}{'' if is_score(e) else ' points'}"


def change_cell(e: E) -> str:
    """The same in a table, whose title has the unit."""
    return signed(e.value, score=is_score(e))


def signed(value: float | None, *, score: bool = False) -> str:
    """A difference with its sign: of scores with two decimals, of rates in points."""
    if value is None:
        return words.NONE
    return words.signed(value) if score else words.signed(100 * value, 1)


def change_range(e: E) -> str:
    """The interval of a difference as a cell: "+4.2 to +18.8"."""
    if e.ci_low is None or e.ci_high is None:
        return words.NONE
    low, high = (signed(end, score=is_score(e)) for end in (e.ci_low, e.ci_high))
    return f"{low} to {high}"


def change_told(e: E) -> str:
    """A difference with its interval, as it stands in a sentence."""
    if e.value is None:
        return why_not(e)
    if e.ci_low is None:
        return change(e)
    return f"{change(e)} ({words.level(e.confidence)} {change_range(e)})"


def size(value: float, *, score: bool = False) -> str:
    """How large a difference is, without its sign."""
    return f"{value:.2f}" if score else words.points(value)


def span(sizes: Sequence[float], *, score: bool = False) -> str:
    """From the smallest to the largest of several differences."""
    low, high = (size(end, score=score) for end in (min(sizes), max(sizes)))
    return high if low == high else f"{low.removesuffix(' points')} to {high}"


def why_not(e: E) -> str:
    """Why there is no value."""
    return f"not known: {words.clean(e.note)}" if e.note else "not known"


def forest(
    marks: Sequence[tuple[str, E, bool]], caption: str, sides: tuple[str, str] = ("", "")
) -> list[Block]:
    """Differences with their intervals about no effect; nothing where none is known."""
    known = [(name, e, strong) for name, e, strong in marks if e.value is not None]
    if not known:
        return []
    drawn = tuple(
        Mark(name, _on_plot(e), e.value, e.ci_low, e.ci_high, strong) for name, e, strong in known
    )
    axis = axes.both_sides(drawn)
    shown = axis if is_score(known[0][1]) else _in_points(axis)
    return [Forest(drawn, caption, sides, shown)]


def _on_plot(e: E) -> str:
    return change_cell(e) if e.ci_low is None else f"{change_cell(e)} ({change_range(e)})"


def _in_points(axis: Axis) -> Axis:
    ticks = tuple((x, "0" if x == 0 else f"{100 * x:+.6g}") for x, _ in axis.ticks)
    return replace(axis, ticks=ticks)


# -- the page's common parts ---------------------------------------------------------------------


def who(one: OfJudge, known: Sequence[OfJudge]) -> str:
    """A judge's name, with its rubric where that is needed to tell two apart."""
    name = words.name(one.judge)
    several = len({other.rubric for other in known}) > 1
    return f"{name} ({words.name(one.rubric)})" if several else name


def topic(
    known: Sequence[T], title: str, made: Callable[[T, str], list[Block]], *after: Block
) -> list[Block]:
    """A part of the page: of several judges one after the other under their names, then what is of all."""
    found = [(who(one, known), one) for one in known]
    shown = [(name, own) for name, one in found if (own := made(one, name))]
    out: list[Block] = [Heading(title)] if shown else []
    for name, own in shown:
        out += [*([Heading(name, level=3)] if len(known) > 1 else []), *own]
    return [*out, *after] if shown else []


def said(texts: Sequence[str], tone: Tone = "plain") -> list[Block]:
    """One sentence as a paragraph, several as a list."""
    if not texts:
        return []
    return [Paragraph(texts[0], tone)] if len(texts) == 1 else [Bullets(tuple(texts), tone)]


def several(texts: Sequence[str], more: str) -> list[str]:
    """The first few of many sentences, and how many more there are."""
    rest = len(texts) - words.SENTENCES
    if rest <= 0:
        return list(texts)
    return [*texts[: words.SENTENCES], f"{words.counted(rest, more)} in the tables below."]


def warnings(report: Report, own: Sequence[str]) -> list[Block]:
    """What stands against believing the audit, and that a judge is simulated."""
    told = list(dict.fromkeys([*report.warnings, *own]))
    simulated = trust.of_simulated(report)
    out: list[Block] = [Paragraph(simulated, "note")] if simulated else []
    if told:
        out += [Heading("Warnings"), Bullets(tuple(told), "warning")]
    return out


def items(report: Report, audit: Audited, more: Sequence[tuple[str, str]] = ()) -> Facts:
    """On what was asked, and what fixes it. The battery of a judge has orders of its own, in `more`."""
    run = report.run
    rubrics = [f"{rubric.id} {rubric.fingerprint}".strip() for rubric in run.rubrics]
    pairs = (
        ("items", n_items(audit)),
        (
            "order shown",
            "" if audit.kind == "judge" else _ORDERS.get(run.swap or "", run.swap or ""),
        ),
        *more,
        ("seed", "" if run.seed is None else str(run.seed)),
        ("rubric" if len(rubrics) == 1 else "rubrics", ", ".join(rubrics)),
        ("hash of the items", run.items_hash or ""),
        ("hash of the audit", audit.fingerprint),
    )
    return Facts(tuple((key, value) for key, value in pairs if value))


def n_items(audit: Audited) -> str:
    """How many items of how many: a sample says how it was drawn."""
    if audit.n_available <= audit.n_items:
        return words.counted(audit.n_items, "item")
    of = words.counted(audit.n_available, "item")
    return f"{words.count(audit.n_items)} of {of}, drawn at random by the seed"


def cost(report: Report) -> str:
    """What the audit took, in a sentence; of verdicts recorded elsewhere that nothing was asked."""
    run = report.run
    if run.calls is None:
        return "Nothing was asked here: the verdicts were recorded elsewhere."
    tokens = " and ".join(_tokens(run.tokens_in, run.tokens_out))
    reused = f"; {words.counted(run.reused, 'answer')} reused" if run.reused else ""
    return (
        f"{words.counted(run.calls, 'call')}{f', {tokens}' if tokens else ''}, cost "
        f"{words.usd(run.cost_usd)}{reused}."
    )


def _tokens(tokens_in: int | None, tokens_out: int | None) -> Iterator[str]:
    if tokens_in:
        yield f"{words.count(tokens_in)} tokens in"
    if tokens_out:
        yield f"{words.count(tokens_out)} out"


def costs(report: Report, audit: Audited) -> list[Block]:
    """The same with a table of several judges."""
    said = Paragraph(cost(report))
    return [said, _by_judge(audit)] if len(audit.costs) > 1 else [said]


def _by_judge(audit: Audited) -> Table:
    columns = (
        Column("judge", "name"),
        Column("calls"),
        Column("reused"),
        Column("tokens in"),
        Column("out"),
        Column("cost"),
    )
    rows = tuple(
        (
            one.judge,
            *(words.count(n) for n in (one.calls, one.reused, one.tokens_in, one.tokens_out)),
            words.usd(one.cost_usd),
        )
        for one in audit.costs
    )
    return Table(columns, rows)
