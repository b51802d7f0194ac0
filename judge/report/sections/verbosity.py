"""What the length of answers did to the verdicts, and what is left of them at equal length."""

from __future__ import annotations

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
from judge.report.schema import E, JudgeEntry, LengthGivenGold, Report
from judge.report.sections import length_of_scores
from judge.stats.intervals import holm, smallest_detectable

TITLE = "Length"
ALPHA = 0.05
MOST_MARKS = 8  # lines of the plot of raw and length-controlled win rates
MEANING = (
    "How often the longer answer won (50 % is no effect, equally long pairs left out), and the coefficient "
    "of length in log-odds (0 is no effect, above 0 the longer is preferred)."
)
MEANING_GOLD = (
    "Where people said which answer is right: the coefficient of length beside theirs, and how often a "
    "judge errs where the longer or the shorter answer is right. A judge without skill has a coefficient "
    "of 0, and the same errors on both sides."
)


@dataclass(frozen=True, slots=True)
class _Tested:
    """A judge with the estimate that a statement about it stands on.

    p: of its being 0, after Holm over all judges of the report. gold: the same given what is right, None
    without labels.
    """

    entry: JudgeEntry
    e: E
    p: float | None
    n_tests: int
    gold: LengthGivenGold | None

    @property
    def is_found(self) -> bool:
        return self.p is not None and self.p < ALPHA and bool(self.e.value)

    @property
    def side(self) -> str:
        return "longer" if (self.e.value or 0.0) > 0 else "shorter"


def blocks(report: Report) -> list[Block]:
    """Who goes with length, a line for who does not, the numbers behind it; of scores their slopes."""
    if report.scores is not None and report.comparisons is None:
        return length_of_scores.blocks(report, TITLE)
    tested = _tested(report)
    if not tested:
        return _unmeasured(report)
    numbers = (*_judges(tested), *_given_gold(tested), *_pairs(report), *_style(tested))
    return [
        Heading(TITLE),
        *_told(tested),
        *_depends(report),
        Disclosure("The numbers behind this", numbers),
    ]


def brief(report: Report) -> list[Block]:
    """The same for a terminal: the judges' table only where something was found."""
    out: list[Block] = []
    for block in blocks(report):
        if not isinstance(block, Disclosure):
            out.append(block)
        elif any(one.is_found for one in _tested(report)):
            out += [part for part in block.blocks if isinstance(part, Table | Paragraph)][:3]
    return out


def _tested(report: Report) -> list[_Tested]:
    """The judges whose length was measured, with their p after Holm, which goes over all printed."""
    known = [j for j in told_apart(report.judges) if j.length.longer_wins.value is not None]
    stands = [_stands_on(judge) for judge in known]
    p_values = [p for _, p, _ in stands if p is not None]
    adjusted = iter(holm(p_values))
    return [
        _Tested(judge, e, None if p is None else next(adjusted), len(p_values), gold)
        for judge, (e, p, gold) in zip(known, stands, strict=True)
    ]


def _stands_on(judge: JudgeEntry) -> tuple[E, float | None, LengthGivenGold | None]:
    """The coefficient given gold where there are labels, else the one without."""
    gold = judge.length.given_gold
    if gold is not None:
        return gold.coefficient, gold.p_value, gold
    return judge.length.coefficient, judge.length.p_value, None


def _unmeasured(report: Report) -> list[Block]:
    notes = [j.length.longer_wins.note for j in report.judges]
    said = "; ".join(dict.fromkeys(note for note in notes if note))
    if not report.judges:
        return []
    return [
        Heading(TITLE),
        Paragraph(f"Not measured: {said}." if said else "Not measured.", "note"),
    ]


# -- sentences -----------------------------------------------------------------------------------


def _told(tested: list[_Tested]) -> list[Block]:
    found = _first(tuple(_found(one) for one in tested if one.is_found))
    clear = [one for one in tested if not one.is_found]
    return [
        *([Bullets(found, tone="warning")] if found else []),
        *([Bullets(tuple(_clear(clear)), tone="note")] if clear else []),
    ]


def _first(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The first few of the lines, the rest counted."""
    rest = len(lines) - words.SENTENCES
    more = (f"{words.counted(rest, 'more judge')} likewise: see the numbers.",) if rest > 0 else ()
    return (*lines[: words.SENTENCES], *more)


def _found(one: _Tested) -> str:
    """What was found; a bias only where it is known which answer is right."""
    who, share = words.name(one.entry.judge), one.entry.length.longer_wins
    if one.gold is None:
        wins = f"the longer wins {words.percent(share.value)} {words.bracket(share)}"
        return (
            f"{who} goes with the {one.side} answer: {wins}. {one.side.capitalize()} answers may also be "
            "better; labels would tell (--labels)."
        )
    head = f"{who} favours the {one.side} answer, whichever is right: it errs on"
    return (
        f"{head} {words.percent(one.gold.error_shorter.value)} of pairs where the shorter is right and on "
        f"{words.percent(one.gold.error_longer.value)} where the longer is."
    )


def _clear(clear: list[_Tested]) -> list[str]:
    """That nothing was found and how small an effect would have been; that nothing could be told."""
    tried = [one for one in clear if one.p is not None]
    untold = [one for one in clear if one.p is None]
    return [*([_nothing(tried)] if tried else []), *(_untold(one) for one in untold)]


def _nothing(tried: list[_Tested]) -> str:
    names = words.listed([one.entry.judge for one in tried])
    sizes = [_size(one) for one in tried]
    known = [size for size in sizes if size is not None]
    about = (
        "of length" if any(one.gold is None for one in tried) else "of length given what is right"
    )
    head = f"{names}: checked, no effect {about} found"
    if len(known) < len(sizes):
        return f"{head}; how small an effect would have been seen is not known."
    return f"{head}; one above {words.points(max(known))} would most likely have been seen."


def _size(one: _Tested) -> float | None:
    """The effect on the longer's win rate, or on the gap of error rates, that would have been shown."""
    e = one.entry.length.longer_wins if one.gold is None else one.gold.gap
    return smallest_detectable(e.se, alpha=(1 - e.confidence) / max(one.n_tests, 1))


def _untold(one: _Tested) -> str:
    return f"{words.name(one.entry.judge)}: length not told apart: {words.clean(one.e.note)}."


def _depends(report: Report) -> list[Block]:
    """Where the side of a half is another at equal length."""
    lines = tuple(
        f"Which of {words.name(row.system)} and {words.name(row.baseline)} is ahead hangs on length: "
        f"{words.percent(row.raw.value)} as judged, {words.percent(row.length_controlled.value)} at equal "
        "length."
        for row in words.deciding(report.comparisons or [])
        if row.length_dependent and _changes_side(row.raw, row.length_controlled)
    )
    return [Bullets(lines[: words.SENTENCES], tone="warning")] if lines else []


def _changes_side(raw: E, controlled: E) -> bool:
    return ((raw.value or 0.5) - 0.5) * ((controlled.value or 0.5) - 0.5) < 0


# -- numbers -------------------------------------------------------------------------------------


def _judges(tested: list[_Tested]) -> list[Block]:
    level = words.level(tested[0].entry.length.longer_wins.confidence)
    columns = (
        Column("judge", "name"),
        Column("longer wins"),
        Column(level),
        Column("coefficient"),
        Column("p"),
        Column("pairs"),
    )
    rows = tuple(
        (
            one.entry.judge,
            words.percent(one.entry.length.longer_wins.value),
            words.interval(one.entry.length.longer_wins),
            words.estimate(one.entry.length.coefficient),
            words.p_value(one.entry.length.p_value),
            words.count(one.entry.length.longer_wins.n),
        )
        for one in tested
    )
    return [Paragraph(MEANING), Table(columns, rows), Paragraph(_beside(tested), tone="note")]


def _beside(tested: list[_Tested]) -> str:
    """What judges without skill would show, and how p is adjusted where something is stated."""
    known = max((one.entry.length.no_skill for one in tested), key=len)
    shown = ", ".join(
        f"{_NO_SKILL.get(j.judge, j.judge)} {words.percent(j.longer_wins)}" for j in known
    )
    n = tested[0].n_tests
    said = [
        f"Without any skill, the longer wins: {shown}." if shown else "",
        f"Statements are adjusted for {n} judges tested (Holm)." if n > 1 else "",
    ]
    return " ".join(part for part in said if part)


_NO_SKILL = {
    no_skill.FAIR_COIN: "by a fair coin",
    no_skill.ALWAYS_FIRST: "always the first",
    no_skill.ALWAYS_LONGER: "always the longer",
}


def _given_gold(tested: list[_Tested]) -> list[Block]:
    rows = tuple(
        (
            one.entry.judge,
            words.estimate(one.gold.coefficient),
            words.p_value(one.p),
            words.percent(one.gold.error_shorter.value),
            words.percent(one.gold.error_longer.value),
            words.estimate(one.gold.gap),
        )
        for one in tested
        if one.gold is not None
    )
    if not rows:
        return []
    columns = (
        Column("judge", "name"),
        Column("coefficient"),
        Column("p (Holm)"),
        Column("errs, shorter right"),
        Column("errs, longer right"),
        Column("gap"),
    )
    share = next(one.gold.longer_right for one in tested if one.gold is not None)
    right = f" People hold the longer for right in {words.percent(share)} of unequal pairs."
    return [Paragraph(MEANING_GOLD + right), Table(columns, rows)]


def _pairs(report: Report) -> list[Block]:
    """Raw, at equal length, and among pairs of nearly equal length, for each system."""
    rows = [r for r in words.deciding(report.comparisons or []) if r.raw.value is not None]
    if not rows:
        return []
    columns = (
        Column("system", "name"),
        Column("as judged"),
        Column("at equal length"),
        Column("nearly equal pairs"),
        Column("n"),
        Column("log length ratio", optional=True),
    )
    cells = tuple(
        (
            row.system,
            words.percent(row.raw.value),
            words.estimate(row.length_controlled),
            words.estimate(row.matched_length),
            words.count(row.matched_length.n),
            words.number(row.log_length_ratio.value, "log ratio"),
        )
        for row in rows
    )
    notes = dict.fromkeys(
        f"{words.name(row.system)}: {words.clean(row.matched_length.note)}"
        for row in rows
        if row.matched_length.note
    )
    marks = [
        Mark(f"{row.system} {how}", words.estimate(e), e.value, e.ci_low, e.ci_high, strong)
        for row in rows
        for how, e, strong in (
            ("as judged", row.raw, True),
            ("at equal length", row.length_controlled, False),
        )
    ]
    caption = "Win rates as judged and at equal length"
    return [
        *([Forest(tuple(marks), caption)] if len(marks) <= MOST_MARKS else []),
        Table(columns, cells, caption),
        *([Bullets(tuple(notes), tone="note")] if notes else []),
    ]


def _style(tested: list[_Tested]) -> list[Block]:
    features = list(dict.fromkeys(f for one in tested for f in one.entry.length.style))
    if not features:
        return []
    columns = (Column("judge", "name"), *(Column(name.replace("_", " ")) for name in features))
    rows = tuple(
        (
            one.entry.judge,
            *(
                words.estimate(one.entry.length.style[name])
                if name in one.entry.length.style
                else words.NONE
                for name in features
            ),
        )
        for one in tested
    )
    caption = "Coefficients of style beside length, in log-odds (0 is no effect)"
    return [Table(columns, rows, caption)]


SECTION = Section("verbosity", blocks, brief=brief)
