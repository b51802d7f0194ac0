"""A run in which a judge was asked only where the cheaper one before it was not sure.

What a unit (a pair, or an item with all its answers) is worth is what the tier said that decided it: the
first whose confidence reaches the threshold, else the last. That is found again from the verdicts, by
the rule that the run went by. What the later judges said besides is of hard items only, and nothing may
be concluded from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from judge.analysis import confidence as sure
from judge.analysis.people import Labelled, Voice, turned_alike
from judge.analysis.people_scales import PAIRS, scale_found
from judge.stats.comparisons import Cell, Comparison
from judge.stats.intervals import joined, undefined
from judge.stats.scores import ScoreCells, ScoreRow
from judge.stats.selective import Codes, decided_by
from judge.stats.values import is_stopped
from judge.table import VerdictTable
from judge.types import PANEL, Estimate, Scale, Status

if TYPE_CHECKING:
    from judge.analysis.outcome import Outcome

MIXED = "not computed: in a cascade items are decided by different judges"
HARD = "asked only where the judges before it were not sure: of hard items, nothing follows from it alone"

Unit = tuple[str, ...]  # item, and of pairs the two systems in the order of their names


@dataclass(frozen=True, slots=True)
class Escalate:
    """How a run escalates. tiers: its judges, cheap to dear; each item goes on below the threshold.

    risk, delta: the guarantee that the threshold was found for, None where somebody chose it; source: the
    file that it was read from.
    """

    threshold: float
    tiers: tuple[str, ...]
    risk: float | None = None
    delta: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class TierRow:
    """What one tier did. decides: units; of the last tier only those that it is sure of."""

    judge: str
    reached: int
    decides: int
    calls_planned: int
    calls_asked: int
    calls_saved: int


@dataclass(frozen=True, slots=True)
class Escalation:
    """What a cascade came to. n_unsure: units below the threshold at the last tier, decided by it all the
    same; n_missing: units without a verdict of the tier that they came to."""

    escalate: Escalate
    unit: str
    n_units: int
    n_unsure: int
    n_missing: int
    tiers: tuple[TierRow, ...]


@dataclass(frozen=True, slots=True)
class _Decided:
    """Each unit with the tier that decides it. is_sure: whether it reached the threshold there;
    is_known: whether that tier said anything."""

    of: Mapping[Unit, int]
    is_sure: Mapping[Unit, bool]
    is_known: Mapping[Unit, bool]

    def tier(self, item: str, systems: Sequence[str]) -> int:
        """The tier of a unit, the first for one that nobody knows."""
        return self.of.get(unit_of(item, systems), 0)


def unit_of(item: str, systems: Sequence[str]) -> Unit:
    """systems: the two of a pair; none of single answers, which go on with their item."""
    return (item, *sorted(systems))


def _decided(table: VerdictTable, escalate: Escalate) -> _Decided:
    """The tier of every unit of the table, by the rule."""
    mode = table.mode
    rows = turned_alike(table).frame if mode == "pairwise" else _overall(table.frame)
    found = sure.by_item(mode, sure.of_rows(mode, rows, _scale(table, rows)))
    systems = ["system_a", "system_b"] if mode == "pairwise" else []
    names = zip(*(found[name].astype(str) for name in ("item_id", *systems)), strict=True)
    units = [unit_of(item, rest) for item, *rest in names]
    places = {unit: place for place, unit in enumerate(dict.fromkeys(units))}
    tiers = {judge: place for place, judge in enumerate(escalate.tiers)}
    confidences = np.full((len(places), len(tiers)), np.nan)
    judges, said = found["judge"].astype(str), found["confidence"].to_numpy(dtype=float)
    for unit, judge, confidence in zip(units, judges, said, strict=True):
        confidences[places[unit], tiers[judge]] = confidence
    decided = decided_by(confidences, escalate.threshold)
    at = np.where(decided < 0, len(tiers) - 1, decided)
    known = np.isfinite(confidences[np.arange(len(at)), at])
    return _Decided(
        of={unit: int(at[place]) for unit, place in places.items()},
        is_sure={unit: bool(decided[place] >= 0) for unit, place in places.items()},
        is_known={unit: bool(known[place]) for unit, place in places.items()},
    )


def _overall(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["criterion"] == ""]


def _scale(table: VerdictTable, rows: pd.DataFrame) -> Scale:
    """Whatever labels occur: how sure a judge is hangs on none that do not.

    A label that was drawn beside a mean score is what counts, as it is where the run is carried out.
    """
    if table.mode == "pairwise":
        return PAIRS
    ok = rows[rows["status"] == Status.OK]
    labels = [label for label in ok["label"].astype(str) if label]
    return scale_found(labels, [] if labels else ok["score"].dropna().tolist())


def measure(table: VerdictTable, escalate: Escalate | None) -> Escalation | None:
    """What each tier decided and did not need to be asked; None where a run did not escalate."""
    if escalate is None:
        return None
    decided = _decided(table, escalate)
    tier = np.array([*decided.of.values()], dtype=np.int64)
    is_sure, known = (
        np.array([*flags.values()], dtype=bool) for flags in (decided.is_sure, decided.is_known)
    )
    frame = table.frame if table.mode == "pairwise" else _overall(table.frame)
    return Escalation(
        escalate=escalate,
        unit="pair" if table.mode == "pairwise" else "item",
        n_units=len(tier),
        n_unsure=int((~is_sure & known).sum()),
        n_missing=int((~known).sum()),
        tiers=tuple(
            _tier_row(judge, place, frame, tier, is_sure)
            for place, judge in enumerate(escalate.tiers)
        ),
    )


def _tier_row(
    judge: str,
    place: int,
    frame: pd.DataFrame,
    tier: Codes,
    is_sure: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> TierRow:
    own = frame[frame["judge"] == judge]
    n_saved = int(is_stopped(own).sum())
    return TierRow(
        judge=judge,
        reached=int((tier >= place).sum()),
        decides=int(((tier == place) & is_sure).sum()),
        calls_planned=len(own),
        calls_asked=len(own) - int((own["status"] == Status.NOT_ASKED).sum()),
        calls_saved=n_saved,
    )


# -- values --------------------------------------------------------------------------------------


def of_pairs(
    cells: Sequence[Cell], table: VerdictTable, baseline: str, escalate: Escalate | None
) -> list[Cell]:
    """The cells with the cascade's in the place of the panel's; as they are without a cascade."""
    if escalate is None:
        return [*cells]
    decided = _decided(table, escalate)
    found: list[Cell] = []
    for system in dict.fromkeys(cell.system for cell in cells):
        own = [c for c in cells if c.system == system and c.judge != PANEL]
        parts = {cell.judge: cell.values for cell in own}
        tiers = {
            item: decided.tier(item, (system, baseline))
            for values in parts.values()
            for item in values["item_id"].astype(str)
        }
        values = _values(parts, tiers, escalate)
        members = tuple(judge for judge in escalate.tiers if judge in parts)
        rubric = own[0].rubric if len({cell.rubric for cell in own}) == 1 else ""
        found += [*own, Cell(system, PANEL, members, rubric, own[0].variant, values)]
    return found


def of_scores(
    cells: Sequence[ScoreCells], table: VerdictTable, escalate: Escalate | None
) -> list[ScoreCells]:
    """The same for single answers, whose criteria follow the item's overall score."""
    if escalate is None:
        return [*cells]
    decided = _decided(table, escalate)
    found: list[ScoreCells] = []
    for key in dict.fromkeys((cell.rubric, cell.criterion) for cell in cells):
        own = [c for c in cells if (c.rubric, c.criterion) == key and c.judge != PANEL]
        systems = dict.fromkeys(system for cell in own for system in cell.of)
        of = {}
        for system in systems:
            parts = {cell.judge: cell.of[system] for cell in own if system in cell.of}
            items = {item for values in parts.values() for item in values["item_id"].astype(str)}
            tiers = {item: decided.tier(item, ()) for item in items}
            of[system] = _values(parts, tiers, escalate)
        judges = {cell.judge for cell in own}
        members = tuple(judge for judge in escalate.tiers if judge in judges)
        found += [*own, ScoreCells(PANEL, members, *key, of, own[0].why_not)]
    return found


def _values(
    parts: Mapping[str, pd.DataFrame], tiers: Mapping[str, int], escalate: Escalate
) -> pd.DataFrame:
    """One row an item: the value of the tier that decides it. parts: judge -> its values."""
    columns = ["item_id", "cluster", "value", "is_missing"]
    chosen = [
        own.loc[own["item_id"].astype(str).map(tiers) == place, columns]
        for place, judge in enumerate(escalate.tiers)
        if (own := parts.get(judge)) is not None
    ]
    return pd.concat(chosen).sort_values("item_id", kind="stable").reset_index(drop=True)


def voiced(
    found: Sequence[Labelled], table: VerdictTable, escalate: Escalate | None
) -> list[Labelled]:
    """What people and judges said, with the cascade in the place of the panel."""
    if escalate is None or not found:
        return [*found]
    decided = _decided(table, escalate)
    return [_voiced(one, decided, escalate) for one in found]


def _voiced(one: Labelled, decided: _Decided, escalate: Escalate) -> Labelled:
    own = [voice for voice in one.voices if voice.judge != PANEL]
    by_judge = {voice.judge: voice for voice in own}
    systems = ["system_a", "system_b"] if one.mode == "pairwise" else []
    names = zip(*(one.units[name].astype(str) for name in ("item_id", *systems)), strict=True)
    tier = np.array([decided.tier(item, rest) for item, *rest in names], dtype=np.int64)
    members = tuple(judge for judge in escalate.tiers if judge in by_judge)
    if not members:
        return one
    base = by_judge[members[0]]
    shares = np.full_like(base.shares, np.nan)
    values = np.full_like(base.values, np.nan)
    missing = np.zeros_like(base.is_missing)
    for place, judge in enumerate(escalate.tiers):
        if judge in by_judge:
            mine, voice = tier == place, by_judge[judge]
            shares[mine], values[mine] = voice.shares[mine], voice.values[mine]
            missing[mine] = voice.is_missing[mine]
    cascade = Voice(PANEL, members, base.rubric, base.variant, shares, values, missing)
    return replace(one, voices=(*own, cascade))


# -- what does not hold of a cascade -------------------------------------------------------------


def held(outcome: Outcome, escalate: Escalate | None) -> Outcome:
    """The outcome without what only judges that saw the same items can give; without a cascade as it is."""
    if escalate is None:
        return outcome
    return replace(
        outcome,
        comparisons=tuple(_comparison(row, escalate) for row in outcome.comparisons),
        scores=tuple(_score(row, escalate) for row in outcome.scores),
        panels=(),
    )


def _comparison(row: Comparison, escalate: Escalate) -> Comparison:
    if row.judge == PANEL:
        return replace(
            row,
            position_adjusted=_mixed(row.position_adjusted),
            length_controlled=_mixed(row.length_controlled),
            style_controlled=_mixed(row.style_controlled),
            matched_length=_mixed(row.matched_length),
            log_length_ratio=_mixed(row.log_length_ratio),
            family_adjusted=_mixed(row.family_adjusted),
            length_dependent=None,
            notes=(*row.notes, told(escalate)),
        )
    return replace(row, notes=(*row.notes, HARD)) if _is_later(row.judge, escalate) else row


def _score(row: ScoreRow, escalate: Escalate) -> ScoreRow:
    if row.judge == PANEL:
        return replace(
            row,
            raw=replace(row.raw, note=joined(row.raw.note, told(escalate))),
            severity_adjusted=_mixed(row.severity_adjusted),
            family_adjusted=_mixed(row.family_adjusted),
            adjusted=_mixed(row.adjusted),
            penalised=_mixed(row.penalised),
        )
    if _is_later(row.judge, escalate):
        return replace(row, raw=replace(row.raw, note=joined(row.raw.note, HARD)))
    return row


def _is_later(judge: str, escalate: Escalate) -> bool:
    return judge in escalate.tiers[1:]


def _mixed(e: Estimate) -> Estimate:
    return undefined(e.name, e.unit, MIXED, e.confidence)


def told(escalate: Escalate) -> str:
    """The cascade in a note."""
    return (
        f"cascade: the first of {', '.join(escalate.tiers)} whose confidence reaches "
        f"{escalate.threshold:.4g} decides, else the last"
    )
