"""What a run that may stop early has shown: conclusions by the rule that it stopped by, and no other.

A t-test after a run that stopped because of its verdicts is not valid, and a second test beside the
rule would be a second look. So the rule is read again from the verdicts, in the same order and as far
as it went, and conclusions, intervals and p values follow from that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import pandas as pd

from judge.analysis.early_stop import EarlyStop, is_final, unit_difference
from judge.stats import comparisons, scores
from judge.stats.comparisons import Cell, Comparison
from judge.stats.intervals import NO_INTERVAL, counted, joined, undefined
from judge.stats.scores import ScoreCells, ScoreRow
from judge.stats.sequential import (
    CONFIDENCE_SEQUENCE,
    Sequential,
    decided_rate,
    hedged_interval,
)
from judge.stats.values import is_stopped
from judge.table import VerdictTable, against
from judge.types import Estimate, Mode, Status

NOTHING = "no difference shown"
NOT_FIXED = (
    "the number of items was not fixed beforehand: there is no smallest detectable difference, and "
    "corrected win rates have intervals as if it had been"
)
AGAINST = "the e-value speaks for one side, the mean over all items is on the other: neither is called better"
WAITS = "not all items have an outcome: read as far as the first that has none"
NO_SLICES = "slices of the items are left out: nothing may be concluded from those of such a run"


@dataclass(frozen=True, slots=True)
class Stopping:
    """How far a comparison was read, and what was known then. rubric "" in pairwise mode.

    stopped: the rule was met. items_used: those that were read. decided, wins: clusters of items without
    a tie, and those that `system` won; None for scores. decided_rate: the share, at this comparison's
    alpha. e_value: the largest, which stops at 1/alpha. calls_saved: trials that need not be asked.
    """

    system: str
    baseline: str
    rubric: str
    stopped: bool
    items_used: int
    items_planned: int
    decided: int | None
    wins: int | None
    decided_rate: Estimate
    e_value: float
    alpha: float
    conclusion: str
    calls_asked: int
    calls_planned: int
    calls_saved: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """A comparison as far as its rule read it. prefix: the clusters that were read, as their items."""

    process: Sequential
    prefix: tuple[tuple[str, ...], ...]
    n_items: int
    is_whole: bool
    trials: pd.DataFrame

    @property
    def n_used(self) -> int:
        return sum(map(len, self.prefix))


def warnings(table: VerdictTable, early_stop: EarlyStop | None) -> list[str]:
    """That a table was cut short by a policy, where nobody says by which rule."""
    n = int((is_stopped(table.frame) & (table.frame["reason"] == "policy")).sum())
    if early_stop is not None or not n:
        return []
    were = "was" if n == 1 else "were"
    return [
        f"{counted(n, 'trial')} {were} stopped by a policy: where it looked at verdicts, as "
        "--stop-early does, only the run's own report may conclude from them"
    ]


def noted(found: Sequence[Stopping], slices: Sequence[object]) -> tuple[Stopping, ...]:
    """The comparisons, with a note where slices were asked for."""
    if not slices:
        return tuple(found)
    return tuple(replace(one, notes=(*one.notes, NO_SLICES)) for one in found)


# -- pairs ---------------------------------------------------------------------------------------


def compared(
    cells: Sequence[Cell],
    rows: Sequence[Comparison],
    table: VerdictTable,
    baseline: str,
    settings: EarlyStop,
    confidence: float,
) -> tuple[list[Comparison], list[Stopping]]:
    """The rows of these cells with what the rule concluded, and how far it read each comparison."""
    pairs = against(table, baseline).frame
    heads = comparisons.deciding(cells)
    means = {row.system: row.raw.value for row in comparisons.deciding_rows(rows)}
    read = {
        cell.system: _read(
            _values(cell.values), pairs[pairs["system_a"] == cell.system], settings, "pairwise"
        )
        for cell in heads
    }
    found = []
    for cell, row in zip(cells, rows, strict=True):
        own, decides = read[cell.system], any(cell is head for head in heads)
        raw = _with_sequence(row.raw, _values(cell.values), own, (0.0, 1.0), confidence)
        held = replace(row, raw=raw, smallest_detectable=None)
        found.append(_concluded(held, own, settings) if decides and raw.value is not None else held)
    return found, [
        _stopping((s, baseline, ""), own, settings, _said(own, means[s], 0.5))
        for s, own in read.items()
    ]


def _said(own: _Read, mean: float | None, null: float) -> str:
    """What the rule said, "" where the mean that it would be said of is on the other side."""
    said = own.process.said
    if mean is None or said not in ("better", "worse"):
        return said
    return said if (mean > null if said == "better" else mean < null) else ""


def _concluded(row: Comparison, own: _Read, settings: EarlyStop) -> Comparison:
    """The row that decides, with its conclusion; without one its interval holds a half."""
    process, said = own.process, _said(own, row.raw.value, 0.5)
    p = min(1.0, settings.n_tests * process.p_value)
    over = f" (times {settings.n_tests} comparisons)" if settings.n_tests > 1 else ""
    notes = [f"p = {p:.3g}{over}, valid whenever one stops; {_evidence(process, settings)}"]
    if _is_against(own, said, settings):
        notes.append(AGAINST)
    if said == "equivalent":
        notes.append(
            f"equivalent: the mean is within {settings.margin:g} of 0.5 at any stopping time"
        )
    return replace(
        row,
        raw=row.raw if said else _holding(row.raw, 0.5),
        conclusion=said or NOTHING,
        basis="raw",
        p_value=p,
        notes=(*row.notes, *notes, NOT_FIXED),
    )


def _is_against(own: _Read, said: str, settings: EarlyStop) -> bool:
    """Whether there is evidence of a difference that the mean does not bear out."""
    return not said and own.process.e_value >= 1 / settings.alpha


def _evidence(process: Sequential, settings: EarlyStop) -> str:
    return f"the e-value reached {process.e_value:.4g}, {1 / settings.alpha:.4g} decides"


# -- scores --------------------------------------------------------------------------------------


def scored(
    found: Sequence[ScoreCells],
    rows: Sequence[ScoreRow],
    table: VerdictTable,
    baseline: str,
    settings: EarlyStop,
    confidence: float,
) -> tuple[list[ScoreRow], list[Stopping]]:
    """The same for scores: what is read is each item's difference from the baseline."""
    frame = table.frame[table.frame["criterion"] == ""]
    heads = scores.deciding(found)
    read = {
        (system, cells.rubric): _read_difference(cells, system, baseline, frame, settings)
        for cells in heads
        for system in cells.of
        if system != baseline and baseline in cells.of and not cells.why_not
    }
    places = [(cells, system) for cells in found for system in cells.of]
    held = []
    said = {}
    for (cells, system), row in zip(places, rows, strict=True):
        own = _score_row(row, cells, system, baseline, read, settings, confidence)
        decides = any(cells is head for head in heads)
        known = read.get((system, cells.rubric)) if decides else None
        if known is not None:
            of_mean = _said(known, own.difference_from_baseline.value, 0.0)
            said[system, cells.rubric] = of_mean
            own = _decided(own, known, settings, of_mean)
        held.append(own)
    return held, [
        _stopping((s, baseline, rubric), own, settings, said.get((s, rubric), ""))
        for (s, rubric), own in read.items()
    ]


def _read_difference(
    cells: ScoreCells, system: str, baseline: str, frame: pd.DataFrame, settings: EarlyStop
) -> _Read:
    scale = settings.scales[cells.rubric, ""]
    apart = _values(scores.differences(cells.of[system], cells.of[baseline]))
    values = {item: unit_difference(value, scale) for item, value in apart.items()}
    own = frame[(frame["rubric"] == cells.rubric) & frame["system"].isin([system, baseline])]
    both = own.groupby("item_id", observed=True)["system"].nunique()
    asked = own[own["item_id"].isin(both.index[both == 2])]
    return _read(values, asked, settings, "single")


def _score_row(
    row: ScoreRow,
    cells: ScoreCells,
    system: str,
    baseline: str,
    read: Mapping[tuple[str, str], _Read],
    settings: EarlyStop,
    confidence: float,
) -> ScoreRow:
    """The row with confidence sequences for its score and for its difference from the baseline.

    The baseline's own score is read as far as the comparison that was read furthest.
    """
    scale = settings.scales.get((cells.rubric, cells.criterion))
    known = [
        own
        for (of, rubric), own in read.items()
        if rubric == cells.rubric and system in (of, baseline)
    ]
    if not known or scale is None:
        return row
    own = max(known, key=lambda one: one.n_used)
    raw = _with_sequence(row.raw, _values(cells.of[system]), own, scale, confidence)
    if system == baseline or baseline not in cells.of:
        return replace(row, raw=raw)
    span = scale[1] - scale[0]
    apart = _values(scores.differences(cells.of[system], cells.of[baseline]))
    difference = _with_sequence(row.difference_from_baseline, apart, own, (-span, span), confidence)
    return replace(row, raw=raw, difference_from_baseline=difference)


def _decided(row: ScoreRow, own: _Read, settings: EarlyStop, said: str) -> ScoreRow:
    """The row that decides; its difference's interval holds 0 where none was shown."""
    e = row.difference_from_baseline
    if e.value is None:
        return row
    e = replace(e, note=joined(e.note, _evidence(own.process, settings)))
    return replace(row, difference_from_baseline=e if said else _holding(e, 0.0))


# -- the rule, read again ------------------------------------------------------------------------


def _values(frame: pd.DataFrame) -> dict[str, float]:
    """Item -> its value, items without one left out."""
    there = frame[frame["value"].notna()]
    items, values = there["item_id"].astype(object), there["value"].astype(float)
    return dict(zip(items, values, strict=True))


def _read(
    values: Mapping[str, float], trials: pd.DataFrame, settings: EarlyStop, mode: Mode
) -> _Read:
    """The comparison read in its fixed order: to the rule's stop, or to the first item that waits."""
    final = [is_final(s, r) for s, r in zip(trials["status"], trials["reason"], strict=True)]
    waiting = set(trials.loc[[not one for one in final], "item_id"])
    clusters = _in_order(trials, settings.order)
    process, prefix = Sequential(settings.rule(mode)), list[tuple[str, ...]]()
    for items in clusters:
        if process.said or not waiting.isdisjoint(items):
            break
        prefix.append(items)
        for value in _sequence(values, [items]):
            process.add(value)
    is_whole = len(prefix) == len(clusters)
    return _Read(process, tuple(prefix), sum(map(len, clusters)), is_whole, trials)


def _in_order(trials: pd.DataFrame, order: Sequence[str]) -> list[tuple[str, ...]]:
    """The clusters in the order of the first of their items, each with its items."""
    rank = {item: place for place, item in enumerate(order)}
    known = trials[["item_id", "cluster"]].drop_duplicates().astype(object)
    pairs = sorted(known.itertuples(index=False, name=None), key=lambda pair: rank[pair[0]])
    clusters: dict[str, list[str]] = {}
    for item, cluster in pairs:
        clusters.setdefault(cluster, []).append(item)
    return [tuple(items) for items in clusters.values()]


def _sequence(values: Mapping[str, float], clusters: Iterable[Sequence[str]]) -> Iterator[float]:
    """The mean of each cluster that has a value."""
    for items in clusters:
        known = [values[item] for item in items if item in values]
        if known:
            yield fmean(known)


def _with_sequence(
    e: Estimate,
    values: Mapping[str, float],
    own: _Read,
    scale: tuple[float, float],
    confidence: float,
) -> Estimate:
    """The mean over all items with the confidence sequence over those that were read."""
    if e.value is None:
        return e
    span = scale[1] - scale[0]
    read = [(value - scale[0]) / span for value in _sequence(values, own.prefix)]
    without = replace(e, se=None, ci_low=None, ci_high=None, method="mean")
    if not read:
        return replace(without, note=joined(_kept(e.note), f"{NO_INTERVAL}no item was read yet"))
    low, high = hedged_interval(read, 1 - confidence)
    return replace(
        without,
        ci_low=scale[0] + span * low,
        ci_high=scale[0] + span * high,
        method=f"mean; {CONFIDENCE_SEQUENCE}",
        note=joined(_kept(e.note), _over(e, len(read))),
    )


def _kept(note: str) -> str:
    """A note without what it says of the interval that is replaced."""
    stale = (NO_INTERVAL, "the interval may be too narrow")
    return joined(*(part for part in note.split("; ") if not any(word in part for word in stale)))


def _over(e: Estimate, n_read: int) -> str:
    """What the interval is made of, where that is not what the mean is made of."""
    unit = "item" if e.n == e.n_clusters else "cluster"
    weighs = "" if unit == "item" else ", which weigh equally in it"
    if n_read == e.n and not weighs:
        return ""
    return (
        f"the mean is that of all {counted(e.n, 'value')}, the interval that of the first "
        f"{counted(n_read, unit)} in the run's order{weighs}"
    )


def _holding(e: Estimate, null: float) -> Estimate:
    """The estimate with an interval that holds `null`: wider is valid, and no difference was shown."""
    if e.ci_low is None or e.ci_high is None:
        return e
    return replace(e, ci_low=min(e.ci_low, null), ci_high=max(e.ci_high, null))


def _stopping(of: tuple[str, str, str], own: _Read, settings: EarlyStop, said: str) -> Stopping:
    """of: system, baseline, rubric. said: what is concluded, "" for nothing."""
    system, baseline, rubric = of
    process, by_sign = own.process, own.process.rule.by_sign
    n_planned, waits = len(own.trials), not process.said and not own.is_whole
    return Stopping(
        system=system,
        baseline=baseline,
        rubric=rubric,
        stopped=bool(process.said),
        items_used=own.n_used,
        items_planned=own.n_items,
        decided=process.decided if by_sign else None,
        wins=process.wins if by_sign else None,
        decided_rate=_decided_rate(process, settings),
        e_value=process.e_value,
        alpha=settings.alpha,
        conclusion=said or NOTHING,
        calls_asked=n_planned - int((own.trials["status"] == Status.NOT_ASKED).sum()),
        calls_planned=n_planned,
        calls_saved=int(is_stopped(own.trials).sum()),
        notes=(
            *([WAITS] if waits else []),
            *([AGAINST] if _is_against(own, said, settings) else []),
        ),
    )


def _decided_rate(process: Sequential, settings: EarlyStop) -> Estimate:
    if process.rule.by_sign:
        return decided_rate(process.wins, process.decided, settings.alpha)
    return undefined("decided_win_rate", "rate", "scores are not won or lost", 1 - settings.alpha)
