"""What showing an answer first did to each judge's verdicts."""

from __future__ import annotations

from collections import Counter

from judge.report import words
from judge.report.blocks import (
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
)
from judge.report.schema import E, JudgeEntry, Report
from judge.stats.intervals import smallest_detectable

TITLE = "Position"
ALPHA = 0.05
ONE_ORDER = "not asked in both orders"  # as in the note that controls.position writes


def blocks(report: Report) -> list[Block]:
    """Who leans, with a plot and a table of all; a line for who does not, the numbers behind it.

    Nothing where single answers were scored.
    """
    measured = _measured(report)
    if not measured:
        return _unmeasured(report)
    numbers: list[Block] = [
        Paragraph(MEANING),
        _forest(measured),
        _table(_told_apart(report.judges)),
    ]
    if any(_leans(judge) for judge in measured):
        return [Heading(TITLE), *numbers, *_told(measured)]
    behind = Disclosure("The numbers behind this", tuple(numbers))
    return [Heading(TITLE), *_told(measured), behind]


def brief(report: Report) -> list[Block]:
    """The same without the numbers where nobody leans."""
    found = blocks(report)
    return [block for block in found if not isinstance(block, Disclosure)]


def _measured(report: Report) -> list[JudgeEntry]:
    return [j for j in _told_apart(report.judges) if j.position.consistency.value is not None]


def _told_apart(judges: list[JudgeEntry]) -> list[JudgeEntry]:
    """The judges, those with several rubrics or a variant named with these."""
    rubrics = Counter(judge for judge, _ in {(j.judge, j.rubric) for j in judges})
    wordings = [(j.rubric if rubrics[j.judge] > 1 else "", j.variant) for j in judges]
    named = [", ".join(part for part in wording if part) for wording in wordings]
    return [
        j.model_copy(update={"judge": f"{j.judge} ({name})"}) if name else j
        for j, name in zip(judges, named, strict=True)
    ]


def _unmeasured(report: Report) -> list[Block]:
    is_single = report.scores is not None and report.comparisons is None
    if is_single or not report.judges:
        return []
    return [Heading(TITLE), *_notes(report.judges)]


def _told(judges: list[JudgeEntry]) -> list[Block]:
    """Who leans, and for whom nothing was found."""
    leaning = tuple(_lean(judge) for judge in judges if _leans(judge))
    clear = tuple(_nothing(judge) for judge in judges if not _leans(judge))
    return [
        *([Bullets(leaning, tone="warning")] if leaning else []),
        *([Bullets(clear, tone="note")] if clear else []),
    ]


MEANING = (
    "Pairs that were asked in both orders: how often the verdict named the same answer both times "
    "(consistency), and how often the answer shown first won (50 % is no effect)."
)


def _table(judges: list[JudgeEntry]) -> Table:
    level = words.level(judges[0].position.consistency.confidence)
    columns = (
        Column("judge", "name"),
        Column("consistency"),
        Column(level),
        Column("first shown"),
        Column(level),
        Column("p"),
        Column("pairs"),
        Column("preference fairness", optional=True),
    )
    return Table(columns, tuple(_cells(judge) for judge in judges))


def _cells(judge: JudgeEntry) -> tuple[str, ...]:
    position = judge.position
    fairness = position.preference_fairness.value
    return (
        judge.judge,
        words.percent(position.consistency.value),
        words.interval(position.consistency),
        words.percent(position.first_shown_rate.value),
        words.interval(position.first_shown_rate),
        words.p_value(position.p_value),
        words.count(position.n_pairs),
        words.NONE if fairness is None else f"{fairness:+.3f}",
    )


def _forest(judges: list[JudgeEntry]) -> Forest:
    return Forest(
        tuple(_mark(judge) for judge in judges),
        "How often the answer shown first won, ties half",
        ("← second shown wins", "first shown wins →"),
    )


def _mark(judge: JudgeEntry) -> Mark:
    e = judge.position.first_shown_rate
    return Mark(judge.judge, words.estimate(e), e.value, e.ci_low, e.ci_high)


def _nothing(judge: JudgeEntry) -> str:
    """That nothing was found, and how small an effect would have been."""
    head = f"{words.name(judge.judge)}: checked, nothing found"
    e = judge.position.first_shown_rate
    size = smallest_detectable(e.se, alpha=1 - e.confidence)
    if size is None:
        return f"{head}; how small an effect would have been seen is not known ({_why(e)})."
    return f"{head}; an effect above {words.points(size)} would most likely have been seen."


def _why(e: E) -> str:
    return "all pairs came out the same" if e.se == 0 else "too few pairs"


def _leans(judge: JudgeEntry) -> bool:
    p = judge.position.p_value
    return p is not None and p < ALPHA and judge.position.first_shown_rate.value is not None


def _lean(judge: JudgeEntry) -> str:
    """Who leans where. The direction is that of the p value: both count pairs and not points."""
    e, fairness = judge.position.first_shown_rate, judge.position.preference_fairness.value or 0.0
    side = "first" if fairness < 0 else "second"
    head = f"{words.name(judge.judge)} leans to the answer shown {side}"
    wins = f"the first wins {words.percent(e.value)} {words.bracket(e)}"
    if (
        e.value is not None and (e.value - 0.5) * fairness >= 0
    ):  # few large turns against many small
        wins = f"more pairs turn towards it than away (preference fairness {fairness:+.3f}), though {wins}"
    return f"{head}: {wins}. {_remedy(e)}"


def _remedy(e: E) -> str:
    """What becomes of the lean in the comparison: the note says whether pairs were in one order."""
    cancels = "Asking in both orders cancels this in the comparison"
    if ONE_ORDER in e.note:
        return f"{cancels}, but it is part of the verdicts on pairs that were asked in one order."
    return f"{cancels}, at the price of a wider interval."


def _notes(judges: list[JudgeEntry]) -> list[Block]:
    notes = dict.fromkeys(j.position.consistency.note for j in judges)
    said = "; ".join(note for note in notes if note)
    return [Paragraph(f"Not measured: {said}." if said else "Not measured.", tone="note")]


SECTION = Section("position", blocks, brief=brief)
