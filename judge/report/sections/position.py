"""What showing an answer first did to each judge's verdicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
from judge.report.schema import E, JudgeEntry, Report
from judge.report.sections import position_numbers
from judge.stats.intervals import holm, smallest_detectable

TITLE = "Position"
ALPHA = 0.05
MOST = 5  # judges that get a sentence each
COIN = 0.5  # the consistency of a judge that draws lots
ONE_ORDER = "not asked in both orders"  # as in the note that controls.position writes


@dataclass(frozen=True, slots=True)
class _Tested:
    """A judge with what its tests came to, each after Holm over all judges of the report.

    p: of no direction. outside: of a bias beyond the stated margin, None without one. n_tests: how many
    judges were tested.
    """

    entry: JudgeEntry
    p: float | None
    outside: float | None
    n_tests: int

    @property
    def leans(self) -> bool:
        return self.p is not None and self.p < ALPHA

    @property
    def within(self) -> bool:
        return self.outside is not None and self.outside < ALPHA


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
        return [Heading(TITLE), *numbers, *_told(tested), behind]
    behind = Disclosure("The numbers behind this", (*numbers, *more))
    return [Heading(TITLE), *_told(tested), behind]


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


def _tested(judges: list[JudgeEntry]) -> list[_Tested]:
    """The judges with their p values after Holm, which goes over all that are printed."""
    found = [judge.position for judge in judges]
    lean = _holm([position.p_value_clustered for position in found])
    stated = [position.equivalence for position in found]
    outside = _holm([None if one is None else one.p_value for one in stated])
    n_tests = sum(p is not None for p in lean)
    rows = zip(judges, lean, outside, strict=True)
    return [_Tested(judge, p, other, n_tests) for judge, p, other in rows]


def _holm(p_values: list[float | None]) -> list[float | None]:
    known = [p for p in p_values if p is not None]
    adjusted = iter(holm(known))
    return [None if p is None else next(adjusted) for p in p_values]


def _told(tested: list[_Tested]) -> list[Block]:
    """Who leans, and for whom nothing was found."""
    leaning = [one for one in tested if one.leans and not one.within]
    clear = [one for one in tested if one.within or not one.leans]
    return [
        *([Bullets((*_lines(leaning, _lean), *_remedies(leaning)), "warning")] if leaning else []),
        *([Bullets(_lines(clear, _clear), tone="note")] if clear else []),
    ]


def _lines(judges: list[_Tested], said: Callable[[_Tested], str]) -> tuple[str, ...]:
    """A sentence for each of a few judges; the table has them all."""
    rest = len(judges) - MOST
    more = (f"{words.counted(rest, 'more judge')} likewise: see the numbers.",) if rest > 0 else ()
    return (*(said(one) for one in judges[:MOST]), *more)


def _remedies(leaning: list[_Tested]) -> tuple[str, ...]:
    """What becomes of the leans in the comparison, each said once."""
    return tuple(dict.fromkeys(_remedy(one.entry.position.first_shown_rate) for one in leaning))


def _beside(tested: list[_Tested]) -> str:
    """What judges without skill would show, and how p was adjusted."""
    known = max((one.entry.position.no_skill for one in tested), key=len)
    shown = (
        f"{_NO_SKILL.get(j.judge, j.judge)} {words.percent(j.consistency)} and "
        f"{words.percent(j.first_shown_rate)}"
        for j in known
    )
    n = tested[0].n_tests
    return " ".join(
        [
            *(
                [f"Without any skill, consistency and first shown are: {', '.join(shown)}."]
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


def _table(judges: list[JudgeEntry], tested: list[_Tested]) -> Table:
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


def _clear(one: _Tested) -> str:
    """That nothing was found, and how small an effect would have been; no more without a margin."""
    judge = words.name(one.entry.judge)
    e, stated = one.entry.position.first_shown_rate, one.entry.position.equivalence
    if stated is not None and one.within:
        beyond = f"no position bias beyond {words.points(stated.margin)}"
        return f"{judge}: {beyond}: {_wins(e)}.{_within(one)}{_like_a_coin(one)}"
    head = f"{judge}: checked, nothing found"
    open_ = "" if stated is None else _not_within(stated.margin)
    size = smallest_detectable(e.se, alpha=(1 - e.confidence) / max(one.n_tests, 1))
    if size is None:
        seen = f"how small an effect would have been seen is not known ({_why(e)})"
    else:
        seen = f"an effect above {words.points(size)} would most likely have been seen"
    return f"{head}; {seen}.{open_}{_like_a_coin(one)}"


def _not_within(margin: float) -> str:
    return f" That it is within {words.points(margin)} is not shown either."


def _within(one: _Tested) -> str:
    return f" Within that it leans to the answer shown {_side(one)}." if one.leans else ""


def _why(e: E) -> str:
    return "all pairs came out the same" if e.se == 0 else "too few pairs"


def _like_a_coin(one: _Tested) -> str:
    """What consistency is worth where a coin has it too: noise, which alone is no position bias."""
    e = one.entry.position.consistency
    if e.value is None or (e.value > COIN and (e.ci_low is None or e.ci_low > COIN)):
        return ""
    same = f"the same answer both times on {words.percent(e.value)} of pairs"
    if e.value > COIN:
        return f" It names {same}, which is not shown to be more than a coin's 50 %."
    alone = "" if one.leans else ": that alone is noise and no position bias"
    return f" It names {same}, no more than a coin (50 %){alone}."


def _wins(e: E) -> str:
    return f"the first wins {words.percent(e.value)} {words.bracket(e)}"


def _side(one: _Tested) -> str:
    return "first" if (one.entry.position.preference_fairness.value or 0.0) < 0 else "second"


def _lean(one: _Tested) -> str:
    """Who leans where. The direction is that of the p value: both count pairs and not points."""
    position = one.entry.position
    e, fairness = position.first_shown_rate, position.preference_fairness.value or 0.0
    head = f"{words.name(one.entry.judge)} leans to the answer shown {_side(one)}"
    wins = _wins(e)
    if (
        e.value is not None and (e.value - 0.5) * fairness >= 0
    ):  # few large turns against many small
        wins = f"more pairs turn towards it than away (preference fairness {fairness:+.3f}), though {wins}"
    return f"{head}: {wins}.{_like_a_coin(one)}"


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
