"""How far the judges concur with people, beside how far people concur with each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from judge.report import agreement_words, words
from judge.report.blocks import (
    RATES,
    Block,
    Column,
    Disclosure,
    Forest,
    Heading,
    Mark,
    Paragraph,
    Section,
    Table,
)
from judge.report.schema import JudgeAgreement, RaterPair, Raters, Report
from judge.report.sections import agreement_disputes, agreement_numbers
from judge.types import PANEL

TITLE = "Agreement with people"
MEANING = (
    "Agree: how often the judge gives the label of a person, a verdict that flips counting half. kappa, "
    "alpha and AC1 leave out what chance would give; they differ most where one label is common. alpha "
    "and AC1 take the judge as one more person, so that people's agreement with each other is part of them."
)
THRESHOLDS = (
    "Krippendorff (2004) relies on an alpha of .800 and concludes tentatively from .667; such bounds are "
    "conventions. The distance from people in the same place is the better measure."
)
AXIS = replace(RATES, middle=None)  # what needs no skill is not a half: the sentence says it
MOST_SHOWN = 30  # judges whose numbers stand open in a picture


def blocks(report: Report) -> list[Block]:
    """The findings, the judges beside people, confusions, slices and disagreements, numbers behind."""
    if report.agreement is None:
        return []
    known = report.agreement.judges
    heads = agreement_words.heads(report)
    shown = _shown(known, heads)
    out: list[Block] = [Heading(TITLE)]  # the findings stand on the first screen
    out += [_forest(shown, report.agreement.raters)] if any(_rates(shown)) else []
    ordered = [*heads, *(row for row in known if row not in heads)]
    out += [_table(ordered), Paragraph(MEANING, "note"), *_people(report)]
    for row in heads:
        out += agreement_numbers.confusion(row, known)
    out += agreement_numbers.slices(heads, known)
    out += agreement_disputes.blocks(report)
    out.append(agreement_numbers.behind(known, THRESHOLDS))
    return out


def brief(report: Report) -> list[Block]:
    """The same without what stands behind a line, disagreements as a table."""
    found = [block for block in blocks(report) if not isinstance(block, Disclosure)]
    return [*found, *agreement_disputes.brief(report)]


def _shown(
    known: Sequence[JudgeAgreement], heads: Sequence[JudgeAgreement]
) -> list[JudgeAgreement]:
    """The rows of a picture: overall ones, those concluded from first."""
    whole = [row for row in known if not row.criterion] or list(known)
    ordered = [*heads, *(row for row in whole if row not in heads)]
    return ordered[:MOST_SHOWN]


def _rates(rows: Sequence[JudgeAgreement]) -> list[bool]:
    return [row.percent.value is not None for row in rows]


def _forest(rows: Sequence[JudgeAgreement], raters: Raters) -> Forest:
    marks = [_mark(row, rows) for row in rows if row.percent.value is not None]
    people = [row.human_ceiling for row in rows if row.human_ceiling.value is not None][:1]
    marks += [
        Mark("a person, with the others", words.estimate(e), e.value, e.ci_low, e.ci_high)
        for e in people
    ]
    return Forest(tuple(marks), "How often each says what people say", axis=AXIS)


def _mark(row: JudgeAgreement, rows: Sequence[JudgeAgreement]) -> Mark:
    e = row.percent
    strong = row.judge == PANEL or len(rows) == 1
    label = agreement_words.who(row, rows)
    return Mark(label, words.estimate(e), e.value, e.ci_low, e.ci_high, strong)


def _table(rows: Sequence[JudgeAgreement]) -> Table:
    level = words.level(rows[0].percent.confidence)
    columns = (
        Column("judge", "name"),
        Column("agree"),
        Column(level),
        Column("kappa"),
        Column("alpha"),
        Column("AC1"),
        Column("n"),
        Column("without verdict", optional=True),
        Column("Spearman", optional=True),
        Column("less a person", optional=True),
    )
    return Table(columns, tuple(_cells(row, rows) for row in rows))


def _cells(row: JudgeAgreement, rows: Sequence[JudgeAgreement]) -> tuple[str, ...]:
    difference = row.difference_from_ceiling.value
    return (
        agreement_words.who(row, rows),
        words.percent(row.percent.value),
        words.interval(row.percent),
        *(words.number(e.value, "") for e in (row.cohen_kappa, row.krippendorff_alpha)),
        words.number(row.gwet_ac1.value, ""),
        words.count(row.n_items),
        words.count(row.percent.n_missing),
        words.number(row.spearman.value, ""),
        words.NONE if difference is None else f"{100 * difference:+.1f} points",
    )


# -- people --------------------------------------------------------------------------------------


def _people(report: Report) -> list[Block]:
    """How far people concur, in a sentence, and the numbers behind it."""
    found = report.agreement
    if found is None:
        return []
    out: list[Block] = []
    for one in [found.raters, *found.further_raters]:
        out.append(Paragraph(_of_people(one)))
        if one.pairwise_cohen_kappa or one.labels:
            out.append(Disclosure("People one by one", tuple(_tables(one))))
    return out


def _of_people(one: Raters) -> str:
    about = f" on {words.name(one.criterion)}" if one.criterion else ""
    n = len(one.counts)
    if n == 1:
        return (
            f"One person gave the labels{about}: how far people agree with each other is not known, so "
            "there is no ceiling to hold a judge against."
        )
    e = one.krippendorff_alpha
    if e.value is None:
        why = f": {words.clean(e.note)}" if e.note else ""
        return f"How far the {n:,} people agree with each other{about} is not known{why}."
    kappas = [pair.kappa.value for pair in one.pairwise_cohen_kappa]
    known = sorted(kappa for kappa in kappas if kappa is not None)
    pairs = f", kappa of each two {known[0]:.2f} to {known[-1]:.2f}" if len(known) > 1 else ""
    said = f"alpha {words.number(e.value, e.unit)} {words.bracket(e)}{pairs}"
    split = (
        f"; on {one.n_without:,} of {one.n_items:,} no label has a majority"
        if one.n_without
        else ""
    )
    return f"The {n:,} people agree with each other{about}: {said}{split}."


def _tables(one: Raters) -> list[Block]:
    out: list[Block] = []
    if one.pairwise_cohen_kappa:
        rows = tuple(_pair(pair) for pair in one.pairwise_cohen_kappa)
        level = words.level(one.krippendorff_alpha.confidence)
        columns = (Column("person", "name"), Column("and", "name"), Column("kappa"), Column(level))
        out.append(Table((*columns, Column("units")), rows))
    if one.labels:
        titles = (Column("person", "name"), *(Column(label) for label in one.labels))
        counts = [(c.rater, *map(words.count, c.counts)) for c in one.counts]
        counts.append(("the majority", *map(words.count, one.majority)))
        out.append(Table(titles, tuple(counts), "How often each gave each label"))
    return out


def _pair(pair: RaterPair) -> tuple[str, ...]:
    e = pair.kappa
    return (
        pair.rater_a,
        pair.rater_b,
        words.number(e.value, ""),
        words.interval(e),
        words.count(e.n),
    )


SECTION = Section("agreement", blocks, brief=brief)
