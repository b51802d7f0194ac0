"""How the numbers of several runs differ, on the items that they share.

Every number is the one that its run's report shows; every difference is taken item by item. Whether a
difference is more than chance is asked once per number, of the last run against the first, on the
panel's row or the sole judge's.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd

from judge.aggregate import Analysis, analyze
from judge.analysis import cascade
from judge.analysis.cascade import Escalate
from judge.diff.match import Names
from judge.stats import comparisons, scores
from judge.stats.intervals import holm, p_value
from judge.stats.merge import AVERAGE
from judge.stats.paired import paired
from judge.stats.panel import family_groups
from judge.table import VerdictTable
from judge.types import PANEL, Estimate

HIGHER, LOWER, NO_CHANGE = "higher", "lower", "no change shown"


@dataclass(frozen=True, slots=True)
class Side:
    """One run's verdicts on the shared items. systems, rubrics: its own names -> the first run's.

    baseline: by the run's own name, None in a table of scores or where nothing is compared. merge: how
    the orders of a pair become one value. stop_early: its verdicts could decide how many there are.
    escalate: how it went from cheap judges to dear ones; its panel is then the cascade.
    """

    table: VerdictTable
    baseline: str | None
    families: Mapping[str, frozenset[str]]
    systems: Names
    rubrics: Names
    merge: str = AVERAGE
    stop_early: bool = False
    escalate: Escalate | None = None


class Key(NamedTuple):
    """What a number is about, in the first run's names. baseline "" for a score."""

    system: str
    baseline: str
    judge: str
    rubric: str
    variant: str
    criterion: str


@dataclass(frozen=True, slots=True)
class Change:
    """One number in every run, and its differences.

    from_first, from_previous: None at the first run. p_value: of the last run against the first, Holm
    over the rows that decide; None on the others, where there is no interval, and where a run could stop
    early, which no test after it allows for. n_tests: how many.
    """

    key: Key
    values: tuple[Estimate, ...]
    from_first: tuple[Estimate | None, ...]
    from_previous: tuple[Estimate | None, ...]
    members: tuple[tuple[str, ...], ...]
    decides: bool
    p_value: float | None = None
    n_tests: int = 0
    conclusion: str | None = None

    @property
    def moved(self) -> Estimate:
        """The difference of the last run from the first."""
        last = self.from_first[-1]
        assert last is not None  # there are at least two runs
        return last


@dataclass(frozen=True, slots=True)
class _Number:
    """A number of one run with the values per item that it is the mean of."""

    estimate: Estimate
    members: tuple[str, ...]
    items: pd.DataFrame


def changes(sides: Sequence[Side], confidence: float = 0.95) -> tuple[list[Change], list[Analysis]]:
    """The numbers that are in every run with their differences, and each run's analysis."""
    analyses = [
        analyze(
            s.table,
            baseline=s.baseline,
            families=s.families,
            confidence=confidence,
            merge=s.merge,
            escalate=s.escalate,
        )
        for s in sides
    ]
    runs = [_numbers(s, a) for s, a in zip(sides, analyses, strict=True)]
    heads = [_heads(run) for run in runs]
    keys = [key for key in runs[0] if all(key in run for run in runs)]
    found = [
        _change(key, [run[key] for run in runs], all(key in head for head in heads), confidence)
        for key in keys
    ]
    if any(side.stop_early for side in sides):
        return found, analyses
    return [*_concluded(found, 1 - confidence)], analyses


def _change(key: Key, numbers: Sequence[_Number], decides: bool, confidence: float) -> Change:
    # A score's scale is its rubric's own; a win rate lies between 0 and 1.
    unit, bounds = ("rate", (-1.0, 1.0)) if key.baseline else ("score", None)

    def gain(before: _Number, after: _Number) -> Estimate:
        return paired(before.items, after.items, unit=unit, bounds=bounds, confidence=confidence)

    pairs = itertools.pairwise(numbers)
    return Change(
        key=key,
        values=tuple(number.estimate for number in numbers),
        from_first=(None, *(gain(numbers[0], number) for number in numbers[1:])),
        from_previous=(None, *(gain(before, after) for before, after in pairs)),
        members=tuple(number.members for number in numbers),
        decides=decides,
    )


def _concluded(found: Sequence[Change], alpha: float) -> Iterator[Change]:
    """The changes with what they show, Holm's correction over those that decide."""
    raw = {c.key: p for c in found if c.decides and (p := p_value(c.moved, 0.0)) is not None}
    adjusted = dict(zip(raw, holm(list(raw.values())), strict=True))
    for change in found:
        value, p = change.moved.value, adjusted.get(change.key)
        if not change.decides or value is None:
            yield change
        elif p is not None and p < alpha:
            said = HIGHER if value > 0 else LOWER
            yield replace(change, p_value=p, n_tests=len(raw), conclusion=said)
        else:
            yield replace(change, p_value=p, n_tests=len(raw), conclusion=NO_CHANGE)


# -- the numbers of one run ----------------------------------------------------------------------


def _numbers(side: Side, analysis: Analysis) -> dict[Key, _Number]:
    """Every number of a run under the names of the first."""
    if side.table.mode == "pairwise":
        return dict(_comparisons(side, analysis))
    return dict(_scores(side, analysis))


def _comparisons(side: Side, analysis: Analysis) -> Iterator[tuple[Key, _Number]]:
    if analysis.baseline is None:
        return
    items = _pair_items(side, analysis.baseline)
    baseline = side.systems[analysis.baseline]
    for row in analysis.comparisons:
        if row.slice:
            continue
        own = (row.system, row.judge, row.rubric, row.variant)
        rubric = side.rubrics.get(row.rubric, row.rubric)
        key = Key(side.systems[row.system], baseline, row.judge, rubric, row.variant, "")
        yield key, _Number(row.raw, row.members, items[own])


def _pair_items(side: Side, baseline: str) -> dict[tuple[str, str, str, str], pd.DataFrame]:
    """(system, judge, rubric, variant) -> the values per item; a panel's under its common wording."""
    cells = comparisons.cells(side.table, baseline, family_groups(_families(side)), side.merge)
    found = cascade.of_pairs(cells, side.table, baseline, side.escalate)
    return {(c.system, c.judge, c.rubric, c.variant): c.values for c in found}


def _scores(side: Side, analysis: Analysis) -> Iterator[tuple[Key, _Number]]:
    cells = scores.score_cells(side.table.frame, family_groups(_families(side)))
    found = cascade.of_scores(cells, side.table, side.escalate)
    of = {(cell.rubric, cell.criterion, cell.judge): cell.of for cell in found}
    for row in analysis.scores:
        if row.slice:
            continue
        items = of[row.rubric, row.criterion, row.judge][row.system]
        rubric = side.rubrics.get(row.rubric, row.rubric)
        key = Key(side.systems[row.system], "", row.judge, rubric, "", row.criterion)
        if row.raw.value is not None:  # labels without numbers have no mean
            yield key, _Number(row.raw, row.members, items)


def _families(side: Side) -> dict[str, frozenset[str]]:
    judges = sorted(map(str, side.table.frame["judge"].unique()))
    return {judge: side.families.get(judge, frozenset()) for judge in judges}


def _heads(run: Mapping[Key, _Number]) -> set[Key]:
    """The numbers that may decide: the panel's or the sole judge's, overall where there is an overall."""
    judges: dict[Key, set[str]] = {}
    for key in run:
        judges.setdefault(_subject(key), set()).add(key.judge)
    has_overall = {(key.system, key.rubric) for key in run if not key.criterion}
    return {
        key
        for key in run
        if (key.judge == PANEL or judges[_subject(key)] == {key.judge})
        and not (key.criterion and (key.system, key.rubric) in has_overall)
    }


def _subject(key: Key) -> Key:
    """What is judged, whoever judges it: a win rate under all wordings, a score under its rubric."""
    if key.baseline:
        return key._replace(judge="", rubric="", variant="")
    return key._replace(judge="")
