"""How agreement with people is put into sentences: what was found, against what, and what it allows."""

from __future__ import annotations

from collections.abc import Sequence

from judge.analysis.agreement_records import deciding
from judge.report import words
from judge.report.schema import E, JudgeAgreement, Report
from judge.types import PANEL

PAIRS = ["b", "tie", "a"]
LABELS = {"a": "a better", "tie": "tie", "b": "b better"}


def rows(report: Report) -> list[JudgeAgreement]:
    return report.agreement.judges if report.agreement else []


def heads(report: Report) -> list[JudgeAgreement]:
    """The rows that a finding stands on."""
    return deciding(rows(report))


def who(row: JudgeAgreement, known: Sequence[JudgeAgreement]) -> str:
    """The judge of a row, with what tells the row from the judge's others."""
    own = [other for other in known if other.judge == row.judge]
    told = [
        getattr(row, field)
        for field in ("rubric", "variant", "criterion")
        if len({getattr(other, field) for other in own}) > 1 and getattr(row, field)
    ]
    of = f" ({', '.join(words.name(part) for part in told)})" if told else ""
    return f"{words.name(row.judge)}{of}"


def subject(row: JudgeAgreement, known: Sequence[JudgeAgreement]) -> str:
    """The same at the beginning of a sentence."""
    said = who(row, known)
    return f"The {said}" if row.judge == PANEL else said


def named(row: JudgeAgreement, known: Sequence[JudgeAgreement]) -> str:
    """The same in the middle of one."""
    return subject(row, known).replace("The ", "the ", 1) if row.judge == PANEL else who(row, known)


def is_pairs(row: JudgeAgreement) -> bool:
    return row.confusion.labels == PAIRS


def units(row: JudgeAgreement, n: int) -> str:
    return words.counted(n, "labelled pair" if is_pairs(row) else "labelled answer")


# -- sentences -----------------------------------------------------------------------------------


def sentences(report: Report, most: int = words.SENTENCES) -> list[str]:
    """What is concluded from, in a few sentences each, and how its judges differ."""
    found = heads(report)
    known = rows(report)
    told = [said for row in found[:most] for said in of_row(row, known)]
    return [*told, *_range(found, known)]


def of_row(row: JudgeAgreement, known: Sequence[JudgeAgreement]) -> list[str]:
    """How often it says what people say, what people reach among themselves, what that allows."""
    return [one for one in (agrees(row, known), ceiling(row), stands_in(row)) if one]


def agrees(row: JudgeAgreement, known: Sequence[JudgeAgreement]) -> str:
    e, name = row.percent, subject(row, known)
    if e.value is not None:
        return (
            f"{name} says what people say on {words.percent(e.value)} of {units(row, row.n_items)} "
            f"{words.bracket(e)}{_base_rate(row)}."
        )
    if row.spearman.value is not None:
        order = row.spearman
        return (
            f"{name} orders {units(row, row.n_items)} as people do with a rank correlation of "
            f"{words.number(order.value, order.unit)} {words.bracket(order)}."
        )
    why = f": {words.clean(e.note)}" if e.note else ""
    return f"{name} could not be held against people{why}."


def _base_rate(row: JudgeAgreement) -> str:
    """What needs no skill: people's commonest label, always."""
    if row.commonest_label is None:
        return ""
    common = words.name(label(row.commonest_label, row))
    return f"; always saying “{common}” would reach {words.percent(row.commonest_rate)}"


def ceiling(row: JudgeAgreement) -> str:
    """How far it is from a person in its place; "" where there is no telling."""
    e, person = row.difference_from_ceiling, row.human_ceiling
    if e.value is None or person.value is None:
        return ""
    head = f"A person agrees with the other people on {words.percent(person.value)}"
    if e.ci_low is None or e.ci_high is None:
        return f"{head}."
    if e.ci_low <= 0 <= e.ci_high:
        return f"{head}; the judge in that place was not shown to do so more or less {_points(e)}."
    side = "more" if e.value > 0 else "less"
    size = words.points(abs(e.value))
    ends = sorted(abs(100 * end) for end in (e.ci_low, e.ci_high))
    within = f"({words.level(e.confidence)} {ends[0]:.1f} to {ends[1]:.1f})"
    return f"{head}; the judge in that place does so {size} {side} often {within}."


def _points(e: E) -> str:
    low, high = (f"{100 * (end or 0.0):+.1f}" for end in (e.ci_low, e.ci_high))
    return f"({words.level(e.confidence)} {low} to {high} points)"


def stands_in(row: JudgeAgreement) -> str:
    """What the alternative annotator test says; "" where it was not made."""
    test = row.alt_test
    asked = sum(rater.wins is not None for rater in test.raters)
    if test.passed is None or not asked:
        return ""
    won = sum(bool(rater.wins) for rater in test.raters)
    may = "may" if test.passed else "may not"
    return (
        f"By the alternative annotator test it {may} take a person's place: it holds its own against "
        f"{won} of {words.counted(asked, 'person').replace('persons', 'people')} (epsilon {test.epsilon:g})."
    )


def _range(found: Sequence[JudgeAgreement], known: Sequence[JudgeAgreement]) -> list[str]:
    """From which to which the members of a panel agree with people."""
    own = [
        (row.percent.value, row)
        for row in known
        if row.judge != PANEL and not row.criterion and row.percent.value is not None
    ]
    if len(own) < 2 or all(row.judge != PANEL for row in found):
        return []
    (low, worst), (high, best) = (pick(own, key=lambda one: one[0]) for pick in (min, max))
    return [
        f"Its judges one by one: from {words.percent(low)} ({who(worst, known)}) to "
        f"{words.percent(high)} ({who(best, known)})."
    ]


# -- what a tile says, and whether it is a warning -----------------------------------------------


def in_short(report: Report) -> str:
    """How often the judge says what people say, for a tile; "yes" where that is no share."""
    found = heads(report)
    if len(found) == 1 and found[0].percent.value is not None:
        return f"{words.percent(found[0].percent.value)} agree"
    return "yes"


def is_chance(report: Report) -> bool:
    """Whether what is concluded from was not shown to agree with people beyond chance."""
    return any(_is_chance(row) for row in heads(report)) or not heads(report)


def _is_chance(row: JudgeAgreement) -> bool:
    known = [e for e in (row.cohen_kappa, row.spearman) if e.value is not None]
    if not known:
        return True
    e = known[0]
    return e.ci_low is None or e.ci_low <= 0


def label(text: str, row: JudgeAgreement) -> str:
    """A label as a table names it."""
    return LABELS.get(text, text) if is_pairs(row) else text
