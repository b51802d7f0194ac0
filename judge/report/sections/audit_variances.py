"""Where the variance of verdicts lies, and how many wordings and judges would be enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from judge.report import audit_words, words
from judge.report.blocks import Bar, Block, Column, Disclosure, Paragraph, Stack, Table
from judge.report.schema_audit_rubric import DesignPoint, VarianceComponent, WordingVariances
from judge.stats.generalizability import OF_THE_RUBRIC, REPEATS

SHOWN = 10  # designs that one table has; the rest is in the JSON
MEANING = (
    "Item: what is to be measured. Wording: a wording is kinder to all. Item x wording: it is kinder to "
    "some, which changes who is ahead. Intervals are over items; wordings and judges are those asked."
)


def blocks(found: Sequence[WordingVariances]) -> list[Block]:
    """A sentence for each crossing, a bar for each, and their numbers behind a line."""
    if not found:
        return []
    tables = [table for one in found for table in _tables(one)]
    return [
        *audit_words.said([sentence(one) for one in found]),
        *_plot(found),
        *(
            [Disclosure("The components and the designs", (Paragraph(MEANING, "note"), *tables))]
            if tables
            else []
        ),
    ]


def sentence(one: WordingVariances) -> str:
    """How much of the variance comes with the wording."""
    whose, kinds = _whose(one), _kinds(one)
    e = one.rubric_share
    if e.value is None:
        why = f": {words.clean(e.note or one.note)}" if e.note or one.note else ""
        return f"How much of the variance of {whose} verdicts comes with the wording is not known{why}."
    over = f"{len(one.wordings)} {kinds}, {words.counted(e.n, 'unit')}"
    return (
        f"Of the variance of {whose} verdicts {words.estimate(e)} comes with the wording"
        f"{_beside(one)} ({over})."
    )


def _beside(one: WordingVariances) -> str:
    """What the share holds beside the wording, or leaves out."""
    if len(one.judges) > 1:
        return ", without what it does to one judge alone on an item"
    is_known = any(c.name == REPEATS for c in one.components)
    return "" if is_known else " or with chance, which nothing asked twice tells apart"


def _whose(one: WordingVariances) -> str:
    return f"{words.listed(one.judges)}'s" if len(one.judges) == 1 else f"{len(one.judges)} judges'"


def _kinds(one: WordingVariances) -> str:
    return "wordings" if one.kind == "equivalent" else "wordings, interventions among them"


def briefly(found: Sequence[WordingVariances]) -> list[str]:
    """The same of each rubric and kind with the most judges alone."""
    widest: dict[tuple[str, str], WordingVariances] = {}
    for one in sorted(found, key=lambda one: -len(one.judges)):
        widest.setdefault((one.rubric, one.kind), one)
    return [sentence(one) for one in widest.values()]


# -- how many are enough -------------------------------------------------------------------------


def designs(found: Sequence[WordingVariances]) -> list[str]:
    """What to ask to reach the target: of the crossing with the most judges, one sentence."""
    told = [one for one in found if one.kind == "equivalent" and one.designs]
    if not told:
        return []
    return list(_enough(max(told, key=lambda one: len(one.judges))))


def _enough(one: WordingVariances) -> Iterator[str]:
    now = one.now
    if now.e_rho2 is None:
        return
    target = f"{one.target:g}"
    reached = f"a plain run, {_design(now)}, {words.number(now.e_rho2, '')}"
    if not one.needed:
        most = max(one.designs, key=lambda point: point.e_rho2 or 0.0)
        yield (
            f"No design that was looked at tells items apart with a reliability of {target} ({reached}; "
            f"{_design(most)} {words.number(most.e_rho2, '')})."
        )
        return
    ways = [f"{_design(point)}{_more(point, now)}" for point in one.needed[:3]]
    yield f"For a reliability of {target} ask {' or '.join(ways)} ({reached})."


def _design(point: DesignPoint) -> str:
    repeats = f", {words.counted(point.repeats, 'time')} each" if point.repeats > 1 else ""
    return f"{words.counted(point.wordings, 'wording')} with {words.counted(point.judges, 'judge')}{repeats}"


def _more(point: DesignPoint, now: DesignPoint) -> str:
    """How many more judges than now, which are dearer to find than wordings."""
    more = point.judges - now.judges
    return f" ({words.counted(more, 'judge').replace(' ', ' more ', 1)})" if more > 0 else ""


# -- tables and the plot -------------------------------------------------------------------------


def _plot(found: Sequence[WordingVariances]) -> list[Block]:
    known = [one for one in found if _shares(one)]
    if not known:
        return []
    bars = tuple(Bar(_label(one, found), _shares(one)) for one in known)
    return [Stack(bars, _caption(known), OF_THE_RUBRIC)]


def _caption(found: Sequence[WordingVariances]) -> str:
    caption = "What the variance of verdicts is made of"
    has_other = any(one.kind != "equivalent" for one in found)
    return f"{caption}; other: with interventions" if has_other else caption


def _shares(one: WordingVariances) -> tuple[tuple[str, float], ...]:
    return tuple((c.name, c.share.value) for c in one.components if c.share.value is not None)


def _label(one: WordingVariances, found: Sequence[WordingVariances]) -> str:
    judges = one.judges[0] if len(one.judges) == 1 else f"{len(one.judges)} judges"
    rubric = f", {one.rubric}" if len({other.rubric for other in found}) > 1 else ""
    return f"{judges}{rubric}{'' if one.kind == 'equivalent' else ', other'}"


def _tables(one: WordingVariances) -> Iterator[Block]:
    if not one.components:
        return
    caption = f"{words.listed(one.judges)}: {words.counted(one.n, 'unit')}"
    missing = f", {words.count(one.n_missing)} left out as incomplete" if one.n_missing else ""
    columns = (Column("source", "name"), Column("share"), Column("interval"), Column("variance"))
    yield Table(columns, tuple(_component(c) for c in one.components), f"{caption}{missing}")
    if one.note:
        yield Paragraph(f"{one.note[0].upper()}{one.note[1:]}.", "note")
    if one.designs:
        yield _designs(one)


def _component(c: VarianceComponent) -> tuple[str, ...]:
    return (
        c.name,
        f"{words.percent(c.share.value)}{' (below 0)' if c.negative else ''}",
        words.interval(c.share),
        words.NONE if c.variance.value is None else f"{c.variance.value:.4g}",
    )


def _designs(one: WordingVariances) -> Table:
    """That of a plain run, those that are enough, and some others."""
    every = [one.now, *one.needed, *one.designs]
    unique = list({(p.wordings, p.judges, p.repeats): p for p in every}.values())
    rows = tuple(
        (
            words.count(p.wordings),
            words.count(p.judges),
            words.count(p.repeats),
            words.number(p.e_rho2, ""),
            words.number(p.phi, ""),
            "a plain run" if p == one.now else "enough" if p in one.needed else "",
        )
        for p in unique[:SHOWN]
    )
    columns = (
        Column("wordings"),
        Column("judges"),
        Column("repeats"),
        Column("tells items apart"),
        Column("tells their level"),
        Column("", "text"),
    )
    rest = len(unique) - len(rows)
    more = f"; {rest} more in the JSON" if rest else ""
    return Table(columns, rows, f"Reliability of designs: E rho² and Phi{more}")
