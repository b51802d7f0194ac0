"""How people's own order of systems is put into words, beside a ranking by judges."""

from __future__ import annotations

from judge.report import words
from judge.report.blocks import Block, Column, Disclosure, Paragraph, Table
from judge.report.schema_ranking import AgainstPeople, PeopleOrder, Ranking, Swap

TITLE = "The order of people"


def of_ranking(ranking: Ranking) -> list[Block]:
    """One sentence on whether people order the systems alike, and their order; nothing without labels."""
    people = ranking.people
    if people is None:
        return []
    if not people.systems:
        return [Paragraph(f"No order by people: {words.clean(people.note)}.", "note")]
    told = any(swap.is_told for swap in people.judges[0].swaps)
    return [
        Paragraph(sentence(people), "warning" if told else "note"),
        Disclosure(TITLE, (_systems(people), _judges(people))),
    ]


def sentence(people: PeopleOrder) -> str:
    """Whether the ranking stands to people's order, and which systems changed places."""
    swaps = people.judges[0].swaps
    base = f"People, on {words.counted(people.n_pairs, 'labelled pair')}, "
    if not swaps:
        return f"{base}put the systems in the same order."
    tau = words.number(people.judges[0].kendall_tau.value, "correlation")
    named = "; ".join(_swap(swap) for swap in swaps[: words.SENTENCES])
    more = len(swaps) - words.SENTENCES
    rest = f"; and {words.counted(more, 'pair')} more" if more > 0 else ""
    return f"{base}order the systems otherwise (Kendall's tau {tau}): they put {named}{rest}."


def _swap(swap: Swap) -> str:
    told = "" if swap.is_told else ", though their labels do not tell the two apart"
    return f"{words.name(swap.first)} before {words.name(swap.then)}{told}"


def _systems(people: PeopleOrder) -> Table:
    columns = (
        Column("rank"),
        Column("system", "name"),
        Column("strength (log-odds)"),
        Column("groups", "text"),
    )
    rows = tuple(
        (
            _rank(row.rank_low, row.rank_high),
            row.system,
            words.estimate(row.strength),
            "".join(row.letters),
        )
        for row in people.systems
    )
    caption = f"By people: {words.counted(people.n_raters, 'rater')}, ties half"
    return Table(columns, rows, caption)


def _rank(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _judges(people: PeopleOrder) -> Table:
    columns = (Column("judge", "name"), Column("Kendall's tau"), Column("changed places", "text"))
    return Table(columns, tuple(_against(row) for row in people.judges))


def _against(row: AgainstPeople) -> tuple[str, ...]:
    named = ", ".join(part for part in (row.judge, row.rubric, row.variant) if part)
    swaps = "; ".join(f"{words.name(s.first)}, {words.name(s.then)}" for s in row.swaps)
    return (named, words.number(row.kendall_tau.value, "correlation"), swaps or words.NONE)
