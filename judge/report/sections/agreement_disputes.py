"""The units on which judge and people are farthest apart, with both sides."""

from __future__ import annotations

from collections import Counter

from judge.report import words
from judge.report.blocks import Block, Column, Disclosure, Heading, Paragraph, Table
from judge.report.schema import Disagreement, Example, Report
from judge.report.sections import examples

TITLE = "Where they disagree most"
CHOSEN = (
    "The farthest apart first, then those on which people were of one mind, then those on which the judge "
    "was sure. Either side may be the one that is wrong."
)


def blocks(report: Report) -> list[Block]:
    """Each unit behind a line, the first open; a line where nothing is disputed."""
    found = report.agreement.disagreements if report.agreement else []
    if not found:
        return []
    out: list[Block] = [Heading(TITLE, 3), Paragraph(CHOSEN, "note")]
    return [*out, *(_disputed(report, one, is_open=n == 0) for n, one in enumerate(found))]


def brief(report: Report) -> list[Block]:
    """The same as a table, for a terminal."""
    found = report.agreement.disagreements if report.agreement else []
    if not found:
        return []
    columns = (
        Column("item", "name"),
        Column("people", "text"),
        Column("judges", "text"),
        Column("apart"),
    )
    rows = tuple(
        (one.item_id, _first(people(one)), _first(_judges(one)), words.percent(one.distance))
        for one in found
    )
    return [Table(columns, rows)]


def people(one: Disagreement) -> str:
    """What people said, the commonest first: "a 3×"."""
    return _counted([_label(one, said.label) for said in one.people])


def _judges(one: Disagreement) -> str:
    return _counted([words.name(v.verdict or v.status) for v in one.verdicts])


def _counted(said: list[str]) -> str:
    counts = Counter(said).most_common()
    return ", ".join(f"{what} {n}×" if n > 1 else what for what, n in counts)


def _first(said: str) -> str:
    """What was said most often; the rest stands on the page."""
    first, *others = said.split(", ")
    return f"{first}, ..." if others else first


def _label(one: Disagreement, label: str) -> str:
    """A person's label as verdicts are put into words."""
    if len(one.systems) == 2 and label in ("a", "b"):
        return f"{words.name(one.systems['ab'.index(label)])} is better"
    return words.name(label)


def _disputed(report: Report, one: Disagreement, *, is_open: bool) -> Disclosure:
    example = Example(
        kind="contested",
        item_id=one.item_id,
        category=one.category,
        systems=one.systems,
        prompt=one.prompt,
        reference=None,
        responses=one.responses,
        verdicts=one.verdicts,
    )
    shown = examples.unit(report, example, is_open=is_open)
    told = "; ".join(f"{words.name(s.rater)}: {_label(one, s.label)}" for s in one.people)
    summary = f"{words.name(one.item_id)} · people: {people(one)} · judges: {_judges(one)}"
    return Disclosure(summary, (Paragraph(f"People: {told}."), *shown.blocks), is_open)
