"""What showing an answer first did to each judge's verdicts."""

from __future__ import annotations

from judge.analysis import no_skill
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
from judge.report.named_judges import told_apart
from judge.report.schema import JudgeEntry, Report
from judge.report.sections import position_numbers, position_told
from judge.report.sections.position_told import Tested
from judge.stats.intervals import holm

TITLE = "Position"


def blocks(report: Report) -> list[Block]:
    """Who leans, with a plot and a table of all; a line for who does not, the numbers behind it.

    Nothing where single answers were scored.
    """
    measured = _measured(report)
    if not measured:
        return _unmeasured(report)
    tested = _tested(measured)
    numbers: list[Block] = [
        Paragraph(MEANING),
        _forest(measured),
        _table(told_apart(report.judges), tested),
        Paragraph(_beside(tested), tone="note"),
    ]
    more = position_numbers.blocks(measured)
    if any(one.leans and not one.within for one in tested):
        behind = Disclosure("More on position: the judges' models and their noise", tuple(more))
        return [Heading(TITLE), *numbers, *position_told.blocks(tested, report), behind]
    behind = Disclosure("The numbers behind this", (*numbers, *more))
    return [Heading(TITLE), *position_told.blocks(tested, report), behind]


def brief(report: Report) -> list[Block]:
    """The same without the numbers where nobody leans."""
    found = blocks(report)
    return [block for block in found if not isinstance(block, Disclosure)]


def _measured(report: Report) -> list[JudgeEntry]:
    return [j for j in told_apart(report.judges) if j.position.consistency.value is not None]


def _unmeasured(report: Report) -> list[Block]:
    is_single = report.scores is not None and report.comparisons is None
    if is_single or not report.judges:
        return []
    by_model = position_numbers.sentences(told_apart(report.judges))
    told = [Bullets(by_model, tone="note")] if by_model else []
    return [Heading(TITLE), *_notes(report.judges), *told]


def _tested(judges: list[JudgeEntry]) -> list[Tested]:
    """The judges with their p values after Holm, which goes over all that are printed."""
    found = [judge.position for judge in judges]
    lean = _holm([position.p_value_clustered for position in found])
    stated = [position.equivalence for position in found]
    outside = _holm([None if one is None else one.p_value for one in stated])
    n_tests = sum(p is not None for p in lean)
    rows = zip(judges, lean, outside, strict=True)
    return [Tested(judge, p, other, n_tests) for judge, p, other in rows]


def _holm(p_values: list[float | None]) -> list[float | None]:
    known = [p for p in p_values if p is not None]
    adjusted = iter(holm(known))
    return [None if p is None else next(adjusted) for p in p_values]


def _beside(tested: list[Tested]) -> str:
    """What judges without skill would show, and how p was adjusted."""
    known = max((one.entry.position.no_skill for one in tested), key=len)
    shown = (
        f"{_NO_SKILL.get(j.judge, j.judge)} {words.percent(j.consistency)}, "
        f"{words.percent(j.first_shown_rate)}"
        for j in known
    )
    n = tested[0].n_tests
    return " ".join(
        [
            *(
                [f"Without any skill (consistency, first shown): {'; '.join(shown)}."]
                if known
                else []
            ),
            *([f"p is adjusted for {n} judges tested (Holm)."] if n > 1 else []),
        ]
    )


_NO_SKILL = {
    no_skill.FAIR_COIN: "a fair coin",
    no_skill.ALWAYS_FIRST: "always the first",
    no_skill.ALWAYS_LONGER: "always the longer",
}

MEANING = (
    "Pairs that were asked in both orders: how often the verdict named the same answer both times "
    "(consistency), and how often the answer shown first won (50 % is no effect)."
)


def _table(judges: list[JudgeEntry], tested: list[Tested]) -> Table:
    level = words.level(judges[0].position.consistency.confidence)
    columns = (
        Column("judge", "name"),
        Column("consistency"),
        Column(level, optional=True),
        Column("first shown"),
        Column(level),
        Column("p"),
        Column("pairs"),
        Column("preference fairness", optional=True),
    )
    p_values = {one.entry.judge: one.p for one in tested}
    return Table(columns, tuple(_cells(judge, p_values.get(judge.judge)) for judge in judges))


def _cells(judge: JudgeEntry, p: float | None) -> tuple[str, ...]:
    position = judge.position
    fairness = position.preference_fairness.value
    return (
        judge.judge,
        words.percent(position.consistency.value),
        words.interval(position.consistency),
        words.percent(position.first_shown_rate.value),
        words.interval(position.first_shown_rate),
        words.p_value(p),
        words.count(position.n_pairs),
        words.signed(fairness, 3),
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


def _notes(judges: list[JudgeEntry]) -> list[Block]:
    notes = dict.fromkeys(j.position.consistency.note for j in judges)
    said = "; ".join(note for note in notes if note)
    return [Paragraph(f"Not measured: {said}." if said else "Not measured.", tone="note")]


SECTION = Section("position", blocks, brief=brief)
