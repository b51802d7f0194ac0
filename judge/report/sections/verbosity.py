"""What the length of answers did to the verdicts, and what is left of them at equal length."""

from __future__ import annotations

import math
from collections.abc import Iterator

from judge.report import words
from judge.report.blocks import (
    Block,
    Bullets,
    Disclosure,
    Heading,
    Paragraph,
    Section,
)
from judge.report.named_judges import told_apart
from judge.report.schema import E, JudgeEntry, LengthGivenGold, LengthPadding, Report
from judge.report.sections import length_numbers, length_of_scores
from judge.report.sections.length_numbers import Tested
from judge.stats.intervals import holm, smallest_detectable

TITLE = "Length"


def blocks(report: Report) -> list[Block]:
    """Who favours a length, a line for who does not, the numbers behind it; of scores their slopes."""
    if report.scores is not None and report.comparisons is None:
        return length_of_scores.blocks(report, TITLE)
    tested = _tested(report)
    if not tested:
        return _unmeasured(report)
    hangs = _depends(report)
    numbers = (
        *length_numbers.pairs(report),
        *length_numbers.given_gold(tested),
        *length_numbers.judges(tested),
        *length_numbers.style(tested),
    )
    behind = Disclosure("The numbers behind this", numbers, is_open=bool(hangs))
    return [Heading(TITLE), *_told(tested), *_filler(report), *hangs, behind]


def brief(report: Report) -> list[Block]:
    """The same for a terminal: of the numbers the judges' errors alone, where a bias was found."""
    if report.scores is not None and report.comparisons is None:
        return length_of_scores.brief(report, TITLE)
    told: list[Block] = [b for b in blocks(report) if not isinstance(b, Disclosure)]
    tested = _tested(report)
    is_biased = any(one.is_found and one.gold is not None for one in tested)
    return [*told, *length_numbers.given_gold(tested)] if is_biased else told


def _tested(report: Report) -> list[Tested]:
    """The judges whose length was measured, with their p after Holm, which goes over all printed."""
    known = [j for j in told_apart(report.judges) if j.length.longer_wins.value is not None]
    stands = [_stands_on(judge) for judge in known]
    p_values = [p for _, p, _ in stands if p is not None]
    adjusted = iter(holm(p_values))
    return [
        Tested(judge, e, None if p is None else next(adjusted), len(p_values), gold)
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
        *_filler(report),
    ]


# -- sentences -----------------------------------------------------------------------------------


def _told(tested: list[Tested]) -> list[Block]:
    """Biases as warnings, the most first; what is none, or was not found, in quiet lines."""
    found = [one for one in tested if one.is_found]
    biased = sorted((one for one in found if one.gold is not None), key=_by_gap)
    clear = [one for one in tested if not one.is_found]
    quiet = (*_goes_with([one for one in found if one.gold is None]), *_clear(clear))
    return [
        *([Bullets(_first(tuple(map(_favours, biased))), "warning")] if biased else []),
        *([Bullets(quiet, "note")] if quiet else []),
    ]


def _by_gap(one: Tested) -> float:
    return -abs((one.gold.gap.value if one.gold is not None else None) or 0.0)


def _first(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The first few of the lines, the rest counted."""
    rest = len(lines) - words.SENTENCES
    more = (
        (f"{words.counted(rest, 'more judge')} likewise, to either side: see the numbers.",)
        if rest > 0
        else ()
    )
    return (*lines[: words.SENTENCES], *more)


def _favours(one: Tested) -> str:
    """A bias, which is one only where it is known which answer is right."""
    head = f"{words.name(one.entry.judge)} favours the {one.side} answer, whichever is right"
    if one.gold is None or (one.gold.gap.value or 0.0) * (one.e.value or 0.0) <= 0:
        return f"{head}: a coefficient of {words.estimate(one.e)} given which is."
    return (
        f"{head}: it errs on {words.percent(one.gold.error_shorter.value)} of pairs where the shorter is "
        f"right and on {words.percent(one.gold.error_longer.value)} where the longer is."
    )


def _goes_with(found: list[Tested]) -> Iterator[str]:
    """That verdicts go with length, a sentence a side, and that this alone is no bias."""
    for side in ("longer", "shorter"):
        own = [one for one in found if one.side == side]
        if own:
            who = [f"{words.name(one.entry.judge)} ({_share(one)})" for one in own]
            does = "better" if side == "longer" else "worse"
            yield (
                f"The longer answer does {does} with {words.listed(who, cells=60)}. That is not called a "
                f"bias: {side} answers may be better, which only labels can tell (--labels)."
            )


def _share(one: Tested) -> str:
    """How often the longer wins, or the coefficient where strengths turn that round."""
    share, coefficient = one.entry.length.longer_wins.value, one.e.value or 0.0
    if share is None or (share - 0.5) * coefficient <= 0:
        return f"coefficient {words.signed(coefficient)}"
    return f"wins {words.percent(share)}"


def _clear(clear: list[Tested]) -> list[str]:
    """That nothing was found and how small an effect would have been; that nothing could be told."""
    tried = [one for one in clear if one.p is not None]
    untold = [one for one in clear if one.p is None]
    return [*([_nothing(tried)] if tried else []), *(_untold(one) for one in untold)]


def _nothing(tried: list[Tested]) -> str:
    names = words.listed([one.entry.judge for one in tried])
    sizes = [_size(one) for one in tried]
    known = [size for size in sizes if size is not None]
    has_gold = all(one.gold is not None for one in tried)
    about = "no bias by length beyond what is right" if has_gold else "no effect of length"
    head = f"{names}: checked, {about} found"
    if len(known) < len(sizes):
        return f"{head}; how small an effect would have been seen is not known."
    least = f"one above {words.points(max(known))} between answers far apart in length"
    return f"{head}; {least} would most likely have been seen."


def _size(one: Tested) -> float | None:
    """The effect on a win rate between equals that the test of the coefficient would have shown."""
    least = smallest_detectable(one.e.se, alpha=(1 - one.e.confidence) / max(one.n_tests, 1))
    return None if least is None else math.tanh(least / 2) / 2  # the distance from a half


def _untold(one: Tested) -> str:
    return f"{words.name(one.entry.judge)}: length not told apart: {words.clean(one.e.note)}."


def _filler(report: Report) -> list[Block]:
    """What filler alone does, where an audit says it: this is length and nothing else."""
    lines = tuple(
        f"{words.name(one.judge)}: {_of_filler(one.length.padding)}"
        for one in told_apart(report.judges)
        if one.length.padding is not None
    )
    return [Bullets(lines, tone="note")] if lines else []


def _of_filler(found: LengthPadding) -> str:
    e, audit = found.slope, f"audit {words.name(found.run_id)} of {found.made_at[:10]}"
    if e.value is None:
        return f"what filler alone does is not known from {audit}: {words.clean(e.note)}."
    slope = f"{words.signed(e.value)} log-odds a doubling {words.bracket(e)}, from {audit}"
    if e.ci_low is None or e.ci_high is None or e.ci_low <= 0 <= e.ci_high:
        return f"filler alone is not shown to move it: {slope}."
    return f"filler alone moves it towards the {'longer' if e.value > 0 else 'shorter'} answer: {slope}."


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
    """Whether who is ahead is another at equal length, one of the two leads being clear."""
    is_other = ((raw.value or 0.5) - 0.5) * ((controlled.value or 0.5) - 0.5) < 0
    return is_other and any(
        not (e.ci_low or 0.0) <= 0.5 <= (e.ci_high or 1.0) for e in (raw, controlled)
    )


SECTION = Section("verbosity", blocks, brief=brief)
