"""What showing an answer first did to each judge's verdicts."""

from __future__ import annotations

from judge.report import words
from judge.report.blocks import Block, Bullets, Column, Heading, Paragraph, Section, Table
from judge.report.schema import E, JudgeEntry, Report

TITLE = "Position"
ALPHA = 0.05
ONE_ORDER = "not asked in both orders"  # as in the note that controls.position writes


def blocks(report: Report) -> list[Block]:
    """A table of the judges, and in words who leans; nothing where single answers were scored."""
    if report.scores is not None and report.comparisons is None:
        return []
    if not report.judges:
        return []
    measured = [j for j in report.judges if j.position.consistency.value is not None]
    if not measured:
        return [Heading(TITLE), *_notes(report.judges)]
    return [Heading(TITLE), Paragraph(MEANING), _table(report.judges), *_leaning(measured)]


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
        label(judge),
        words.percent(position.consistency.value),
        words.interval(position.consistency),
        words.percent(position.first_shown_rate.value),
        words.interval(position.first_shown_rate),
        words.p_value(position.p_value),
        words.count(position.n_pairs),
        words.NONE if fairness is None else f"{fairness:+.3f}",
    )


def label(judge: JudgeEntry) -> str:
    """A judge's name with the wording that it was asked in, where that is not the rubric's own."""
    return f"{judge.judge} ({judge.variant})" if judge.variant else judge.judge


def _leaning(judges: list[JudgeEntry]) -> list[Block]:
    lines = tuple(_lean(j) for j in judges if j.position.p_value is not None and _leans(j))
    return [Bullets(lines, tone="warning")] if lines else []


def _leans(judge: JudgeEntry) -> bool:
    p = judge.position.p_value
    return p is not None and p < ALPHA and judge.position.first_shown_rate.value is not None


def _lean(judge: JudgeEntry) -> str:
    """Who leans where. The direction is that of the p value: both count pairs and not points."""
    e, fairness = judge.position.first_shown_rate, judge.position.preference_fairness.value or 0.0
    side = "first" if fairness < 0 else "second"
    head = f"{words.name(label(judge))} leans to the answer shown {side}"
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


SECTION = Section("position", blocks)
