"""What the section on position says in words: who leans, and for whom nothing was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from judge.report import words
from judge.report.blocks import Block, Bullets
from judge.report.schema import E, JudgeEntry, Report
from judge.stats.intervals import smallest_detectable

ALPHA = 0.05
MOST = 5  # judges that get a sentence each
COIN = 0.5  # the consistency of a judge that draws lots
ONE_ORDER = "not asked in both orders"  # as in the note that controls.position writes


@dataclass(frozen=True, slots=True)
class Tested:
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


def blocks(tested: list[Tested], report: Report) -> list[Block]:
    """Who leans, the most first, and for whom nothing was found."""
    leaning = sorted((one for one in tested if one.leans and not one.within), key=_by_size)
    clear = [one for one in tested if one.within or not one.leans]
    found = (*_lines(leaning, _lean), *_remedies(leaning, report), *_like_a_coin(leaning))
    quiet = (*_lines([one for one in clear if one.within], _within), *_nothing(clear))
    return [
        *([Bullets(found, "warning")] if leaning else []),
        *([Bullets((*quiet, *_like_a_coin(clear)), "note")] if clear else []),
    ]


def _by_size(one: Tested) -> float:
    return -abs((one.entry.position.first_shown_rate.value or 0.5) - 0.5)


def _lines(judges: list[Tested], said: Callable[[Tested], str]) -> tuple[str, ...]:
    """A sentence for each of a few judges; the table has them all."""
    rest = len(judges) - MOST
    more = (
        (f"{words.counted(rest, 'more judge')} likewise, to either side: see the numbers.",)
        if rest > 0
        else ()
    )
    return (*(said(one) for one in judges[:MOST]), *more)


def _remedies(leaning: list[Tested], report: Report) -> tuple[str, ...]:
    """What becomes of the leans in the comparison, each said once; nothing where none is made."""
    if not report.comparisons and report.ranking is None:
        return ()
    return tuple(dict.fromkeys(_remedy(one.entry.position.first_shown_rate) for one in leaning))


def _within(one: Tested) -> str:
    """That a bias is smaller than the stated margin, and a lean within it."""
    e, stated = one.entry.position.first_shown_rate, one.entry.position.equivalence
    beyond = f"no position bias beyond {words.points(stated.margin)}" if stated else ""
    lean = f" Within that it leans to the answer shown {_side(one)}." if one.leans else ""
    return f"{words.name(one.entry.judge)}: {beyond}: {_wins(e)}.{lean}"


def _nothing(clear: list[Tested]) -> tuple[str, ...]:
    """That nothing was found, and how small an effect would have been; no more without a margin."""
    tried = [one for one in clear if not one.within]
    sizes = [(one, _size(one)) for one in tried]
    seen = [size for _, size in sizes if size is not None]
    told = []
    if seen:
        names = words.listed([one.entry.judge for one, size in sizes if size is not None])
        known = f"an effect above {words.points(max(seen))} would most likely have been seen"
        told.append(f"{names}: checked, nothing found; {known}.{_open(tried)}")
    unseen = [one for one, size in sizes if size is None]
    for why in dict.fromkeys(_why(one) for one in unseen):
        names = words.listed([one.entry.judge for one in unseen if _why(one) == why])
        known = f"how small an effect would have been seen is not known ({why})"
        told.append(f"{names}: checked, nothing found; {known}.{_open(tried)}")
    return tuple(told)


def _size(one: Tested) -> float | None:
    """The effect that would most likely have been seen, None where that is not known."""
    e = one.entry.position.first_shown_rate
    return smallest_detectable(e.se, alpha=(1 - e.confidence) / max(one.n_tests, 1))


def _open(tried: list[Tested]) -> str:
    """That a bias within the stated margin is not shown either, "" where none was stated."""
    margins = [one.entry.position.equivalence for one in tried]
    stated = next((margin for margin in margins if margin is not None), None)
    return (
        "" if stated is None else f" That it is within {words.points(stated.margin)} is not shown."
    )


def _why(one: Tested) -> str:
    flat = one.entry.position.first_shown_rate.se == 0
    return "all pairs came out the same" if flat else "too few pairs"


def _like_a_coin(judges: list[Tested]) -> tuple[str, ...]:
    """What consistency is worth where a coin has it too: noise, which alone is no position bias."""
    below = [one for one in judges if (_consistency(one).value or COIN) <= COIN]
    above = [one for one in judges if one not in below and not _is_sure(_consistency(one))]
    alone = "" if any(one.leans for one in below) else ", which alone is noise and no position bias"
    return (
        *([f"{_consistent(below)} no more than a coin's 50 %{alone}."] if below else []),
        *([f"{_consistent(above)} not shown to be above a coin's 50 %."] if above else []),
    )


def _consistency(one: Tested) -> E:
    return one.entry.position.consistency


def _is_sure(e: E) -> bool:
    return e.ci_low is None or e.ci_low > COIN


def _consistent(judges: list[Tested]) -> str:
    said = [f"{words.name(j.entry.judge)} ({words.percent(_consistency(j).value)})" for j in judges]
    return f"The consistency of {words.listed(said, cells=60)} is"


def _wins(e: E) -> str:
    return f"the first wins {words.percent(e.value)} {words.bracket(e)}"


def _side(one: Tested) -> str:
    return "first" if (one.entry.position.preference_fairness.value or 0.0) < 0 else "second"


def _lean(one: Tested) -> str:
    """Who leans where. The direction is that of the p value: both count pairs and not points."""
    position = one.entry.position
    e, fairness = position.first_shown_rate, position.preference_fairness.value or 0.0
    head = f"{words.name(one.entry.judge)} leans to the answer shown {_side(one)}"
    wins = _wins(e)
    if (
        e.value is not None and (e.value - 0.5) * fairness >= 0
    ):  # few large turns against many small
        turned = f"more pairs turn towards it than away (preference fairness {words.signed(fairness, 3)})"
        wins = f"{turned}, though {wins}"
    return f"{head}: {wins}."


def _remedy(e: E) -> str:
    """What becomes of the lean in the comparison: the note says whether pairs were in one order."""
    cancels = "Asking in both orders cancels this in the comparison"
    if ONE_ORDER in e.note:
        return f"{cancels}, but it is part of the verdicts on pairs that were asked in one order."
    return f"{cancels}, at the price of a wider interval."
