"""Which items to look at: those that show a difference best, and those that judges disagree on most.

The rule, so that nobody can choose the examples that suit them:

best: items on which every verdict, of every judge in every order, names the side of the conclusion.
First those furthest to that side (mean p_a, or score difference), then those with more verdicts.
Without a conclusion there is no side, and no item is best.
contested: items whose verdicts vary most (labels as 1, 0.5 and 0, or scores), then those with more
verdicts. Unanimous items are never contested.

What is still equal is ordered by a hash of seed and item, never by the order of a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

import pandas as pd

from judge.aggregate import Analysis
from judge.stats.comparisons import Comparison
from judge.stats.scores import ScoreRow
from judge.stats.values import is_stopped, points
from judge.table import VerdictTable, canonical, oriented
from judge.types import PANEL, Status, digest

Kind = Literal["best", "contested"]

MOST = 5
DIGITS = 12  # beyond these a mean hangs on the order in which it was summed

_SIDES = {"better": 1.0, "worse": 0.0}


@dataclass(frozen=True, slots=True)
class Highlight:
    """An item worth reading, with the systems whose responses it is about, the baseline last."""

    kind: Kind
    item_id: str
    systems: tuple[str, ...]


def highlights(
    table: VerdictTable, analysis: Analysis, *, seed: int = 0, most: int = MOST
) -> tuple[Highlight, ...]:
    """The best items, then the contested ones, at most so many of each."""
    if table.frame.empty:
        return ()
    best, contested = _PICKED[table.mode]
    return (
        *islice(best(table, analysis, seed), most),
        *islice(contested(table, analysis, seed), most),
    )


# -- pairs ---------------------------------------------------------------------------------------


def _best_pairs(table: VerdictTable, analysis: Analysis, seed: int) -> Iterator[Highlight]:
    row = _concluded(analysis.comparisons)
    if row is None:
        return
    side = _SIDES[row.conclusion or ""]
    frame = oriented(table, row.system, row.baseline).frame
    frame = frame[~is_stopped(frame)]
    said = points(frame)
    known = pd.DataFrame(
        {
            "item_id": frame["item_id"].astype(object),
            "agrees": said == side,
            "value": frame["p_a"].fillna(said),
        }
    )
    found = known.groupby("item_id").agg(
        agrees=("agrees", "all"), value=("value", "mean"), n=("value", "size")
    )
    found = found[found["agrees"]]
    found["rank"] = (found["value"] - 0.5).abs().round(DIGITS)
    for item_id in _ranked(found, seed):
        yield Highlight("best", item_id, (row.system, row.baseline))


def _concluded(rows: Sequence[Comparison]) -> Comparison | None:
    """The first row that says better or worse."""
    return next((row for row in rows if not row.slice and row.conclusion in _SIDES), None)


def _contested_pairs(table: VerdictTable, analysis: Analysis, seed: int) -> Iterator[Highlight]:
    frame = canonical(table).frame
    frame = frame[frame["status"] == Status.OK].assign(said=points)
    unit = ["item_id", "system_a", "system_b"]
    for item_id, *pair in _most_varied(frame, unit, seed):
        systems = tuple(sorted(pair, key=lambda name: name == analysis.baseline))
        yield Highlight("contested", item_id, systems)


# -- single answers ------------------------------------------------------------------------------


def _best_scores(table: VerdictTable, analysis: Analysis, seed: int) -> Iterator[Highlight]:
    row, baseline = _differing(analysis.scores), analysis.baseline
    if row is None or baseline is None:
        return
    apart = _differences(_overall(table.frame), row.system, baseline)
    side = 1 if (row.difference_from_baseline.value or 0.0) > 0 else -1
    found = apart.groupby(level="item_id").agg(lowest="min", value="mean", n="size", highest="max")
    nearest = found["lowest"] if side > 0 else -found["highest"]
    found = found[nearest > 0]
    found["rank"] = found["value"].abs().round(DIGITS)
    lacking = _lacking(table.frame)
    for item_id in _ranked(found, seed):
        if item_id not in lacking:
            yield Highlight("best", item_id, (row.system, baseline))


def _differing(rows: Sequence[ScoreRow]) -> ScoreRow | None:
    """The first overall row, of the panel or the sole judge, whose difference is not 0."""
    whole = [row for row in rows if not row.slice and not row.criterion]
    judges = {row.judge for row in whole}
    head = PANEL if PANEL in judges else next(iter(judges)) if len(judges) == 1 else None
    return next((row for row in whole if row.judge == head and _is_apart(row)), None)


def _is_apart(row: ScoreRow) -> bool:
    e = row.difference_from_baseline
    return e.ci_low is not None and e.ci_high is not None and not e.ci_low <= 0 <= e.ci_high


def _differences(frame: pd.DataFrame, system: str, baseline: str) -> pd.Series[float]:
    """The difference of the two mean scores by item, judge and rubric."""
    keys = ["item_id", "judge", "rubric"]
    means = frame.groupby(["system", *keys], observed=True)["score"].mean()
    apart: pd.Series[float] = (means.loc[system] - means.loc[baseline]).dropna()
    return apart


def _contested_scores(table: VerdictTable, analysis: Analysis, seed: int) -> Iterator[Highlight]:
    frame = _overall(table.frame)
    scored = frame.assign(said=frame["score"])
    for item_id, system in _most_varied(scored, ["item_id", "system"], seed):
        yield Highlight("contested", item_id, (system,))


def _overall(frame: pd.DataFrame) -> pd.DataFrame:
    """The overall scores."""
    return frame[(frame["criterion"] == "") & frame["score"].notna()]


def _lacking(frame: pd.DataFrame) -> set[str]:
    """The items with a trial that should have a verdict and has none."""
    lacks = (frame["status"] != Status.OK) & ~is_stopped(frame)
    return set(frame.loc[lacks, "item_id"].astype(object))


# -- order ---------------------------------------------------------------------------------------


def _most_varied(frame: pd.DataFrame, unit: Sequence[str], seed: int) -> Iterator[tuple[str, ...]]:
    """The units whose `said` varies, most varied first, one of each item. unit: begins with item_id."""
    by_unit = frame.groupby(list(unit), observed=True)["said"]
    found = pd.DataFrame({"rank": by_unit.var(ddof=0).round(DIGITS), "n": by_unit.size()})
    seen: set[str] = set()
    for key in _ranked(found[found["rank"] > 0], seed):
        if key[0] not in seen:
            seen.add(key[0])
            yield key


def _ranked(found: pd.DataFrame, seed: int) -> list[Any]:
    """The index by rank and n, largest first, ties by a hash of seed and index."""
    rows = zip(found.index, found["rank"], found["n"], strict=True)
    ordered = sorted(rows, key=lambda row: (-row[1], -row[2], digest([seed, row[0]])))
    return [index for index, _, _ in ordered]


_PICKED = {
    "pairwise": (_best_pairs, _contested_pairs),
    "single": (_best_scores, _contested_scores),
}
