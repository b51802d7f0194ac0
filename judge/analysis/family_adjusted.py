"""Win rates and scores without what judges add to their own family's answers.

Two ways that stand beside the raw number and never in its place. The first keeps every vote and takes
the self and family terms off. The second leaves own-family votes out, which is right only where judges
are put on one level first: else leaving out a lenient judge lowers its own family alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from judge.analysis.kin_regression import OTHER_FAMILY, Fit
from judge.analysis.pairwise_models import Key, member_weights
from judge.controls.self_preference import LeftOut, SelfPreference
from judge.families import Kinship
from judge.stats import contrasts, severity
from judge.stats.comparisons import Cell, Comparison
from judge.stats.contrasts import Contrast
from judge.stats.intervals import NO_INTERVAL, ROUNDING, joined, undefined
from judge.stats.panel import panel_values
from judge.stats.scores import ScoreCells, ScoreRow
from judge.stats.self_preference import combined, mean_of
from judge.types import PANEL, Estimate

WIN_RATE = "family_adjusted_win_rate"
SCORE = "family_adjusted_score"
LEFT_OUT = "own_family_left_out"
OF_WHOLE_ONLY = "not computed for slices"
UNDECLARED = "not computed: not every family is declared; self-preference says whose"
CUT = "cut to what a rate can be"

Groups = Mapping[str, int]  # judge -> its group of families


@dataclass(frozen=True, slots=True)
class _Row:
    """A number to adjust. systems: with the sign each has in it; values: one row per item."""

    raw: Estimate
    name: str
    unit: str
    systems: Mapping[str, float]
    keys: Sequence[Key]
    values: pd.DataFrame


def comparisons(
    rows: Iterable[Comparison], cells: Sequence[Cell], own: SelfPreference, groups: Groups
) -> Iterator[Comparison]:
    """The comparisons with their family-adjusted win rates. cells: what the rows were made of."""
    fit = own.fit("", "")
    by = {(c.system, c.judge, c.rubric, c.variant): c for c in cells}
    for row in rows:
        cell = by.get((row.system, row.judge, row.rubric, row.variant))
        if row.slice or cell is None or fit is None:
            why = OF_WHOLE_ONLY if row.slice else "not computed"
            found = undefined(WIN_RATE, "rate", why, row.raw.confidence)
        else:
            signs = {row.system: 1.0, row.baseline: -1.0}
            keys = _members(cell, cells)
            about = _Row(row.raw, WIN_RATE, "rate", signs, keys, cell.values)
            found = _within_rates(_adjusted(about, fit, own.kinship, groups))
        yield replace(row, family_adjusted=found)


def scores(
    rows: Iterable[ScoreRow], cells: Sequence[ScoreCells], own: SelfPreference, groups: Groups
) -> Iterator[ScoreRow]:
    """The scores with their family-adjusted ones."""
    by = {(c.judge, c.rubric, c.criterion): c for c in cells}
    for row in rows:
        fit = own.fit(row.rubric, row.criterion)
        cell = by.get((row.judge, row.rubric, row.criterion))
        if row.slice or cell is None or fit is None or cell.why_not:
            why = OF_WHOLE_ONLY if row.slice else (cell and cell.why_not) or "not computed"
            found = undefined(SCORE, "score", why, row.raw.confidence)
        else:
            keys = [(judge, row.rubric, "") for judge in row.members]
            signs = {row.system: 1.0}
            about = _Row(row.raw, SCORE, "score", signs, keys, cell.of[row.system])
            found = _adjusted(about, fit, own.kinship, groups)
        yield replace(row, family_adjusted=found)


def _members(cell: Cell, cells: Sequence[Cell]) -> list[Key]:
    """The judges and wordings that a cell is made of."""
    own = [c for c in cells if c.system == cell.system and c.judge != PANEL]
    return [(c.judge, c.rubric, c.variant) for c in (own if cell.judge == PANEL else [cell])]


# -- the terms taken off -------------------------------------------------------------------------


def _adjusted(row: _Row, fit: Fit, kinship: Kinship, groups: Groups) -> Estimate:
    """The raw number less what the terms add to it, its uncertainty from what each item did in both."""
    why = _why_not(row, fit, kinship)
    there = row.values[row.values["value"].notna()]
    factors = _factors(row, kinship, groups)
    if not why and (there.empty or max(map(abs, factors)) < ROUNDING):
        why = row.raw.note if there.empty else "both sides have as much of it: nothing to adjust"
    if why:
        return undefined(row.name, row.unit, why, row.raw.confidence, row.raw.n_missing)
    raw = mean_of(there["value"].to_numpy(dtype=float), there["cluster"].cat.codes.to_numpy())
    terms = zip(factors, (fit.terms.own, fit.terms.kin), strict=True)
    parts = [(-factor, term) for factor, term in terms if factor and term is not None]
    found = _marked(combined([(1.0, raw), *parts]), row.raw)
    e = contrasts.estimate(
        found,
        name=row.name,
        unit=row.unit,
        n=row.raw.n,
        n_missing=row.raw.n_missing,
        confidence=row.raw.confidence,
    )
    said = "mean less one self and one family term of all judges"
    return replace(e, method=e.method.replace("pairwise model", said))


def _marked(found: Contrast, raw: Estimate) -> Contrast:
    """Without an interval where the raw number has no spread: the terms' alone would be too narrow."""
    if raw.se:
        return found
    return replace(found, has_interval=False, note=f"{NO_INTERVAL}the raw number has no spread")


def _why_not(row: _Row, fit: Fit, kinship: Kinship) -> str:
    """Why nothing is taken off."""
    judges = sorted({judge for judge, _, _ in row.keys})
    met = {(j, s): kinship.relation(j, s) for j in judges for s in row.systems}
    if "unknown" in met.values():
        return UNDECLARED
    related = [s for s in row.systems if any(met[j, s] in ("own", "kin") for j in judges)]
    if not related:
        return "no judge is of a system's family: nothing to adjust"
    if fit.why_not:
        return f"not computed: {fit.why_not}"
    alone = [system for system in related if not _outside(fit, kinship, system)]
    if alone:
        return f"not computed: every judge of {', '.join(alone)} is of its family: {OTHER_FAMILY}"
    return _unknown_term(row, fit, met)


def _outside(fit: Fit, kinship: Kinship, system: str) -> set[str]:
    """The judges of another family that saw a system's answers."""
    sides = [name for name in ("system", "system_a", "system_b") if name in fit.seen]
    is_there = np.any([fit.seen[side].astype(str) == system for side in sides], axis=0)
    judges = fit.seen.loc[is_there, "judge"].unique()
    return {str(judge) for judge in judges if kinship.relation(judge, system) == "other"}


def _unknown_term(row: _Row, fit: Fit, met: Mapping[tuple[str, str], str]) -> str:
    """That a term which is needed has no value."""
    needed = {met[judge, system] for judge, _, _ in row.keys for system in row.systems}
    for relation, term in (("own", fit.terms.own), ("kin", fit.terms.kin)):
        if relation in needed and term is None:
            what = "self" if relation == "own" else "family"
            return f"not computed: the {what} term cannot be told from the rest: {OTHER_FAMILY}"
    return ""


def _factors(row: _Row, kinship: Kinship, groups: Groups) -> tuple[float, float]:
    """How much of the self and of the family term is in the number."""
    weights = member_weights(row.keys, groups)
    own, kin = (
        sum(
            weight * sign * (kinship.relation(judge, system) == relation)
            for (judge, _, _), weight in zip(row.keys, weights, strict=True)
            for system, sign in row.systems.items()
        )
        for relation in ("own", "kin")
    )
    return own, kin


def _within_rates(e: Estimate) -> Estimate:
    """The estimate with its value and interval cut to 0 and 1."""
    ends = {name: getattr(e, name) for name in ("value", "ci_low", "ci_high")}
    cut = {name: min(1.0, max(0.0, v)) for name, v in ends.items() if v is not None}
    is_cut = e.value is not None and cut["value"] != e.value
    return replace(e, **cut, note=joined(e.note, CUT) if is_cut else e.note)


# -- the votes left out --------------------------------------------------------------------------


def left_out(
    own: SelfPreference, compared: Iterable[Comparison], groups: Groups, confidence: float
) -> tuple[LeftOut, ...]:
    """What systems get of the judges outside their families, where some judge is inside."""
    fits = [fit for fit in own.fits if not fit.criterion and fit.related and len(fit.judges) > 1]
    pairs = dict.fromkeys((row.system, row.baseline) for row in compared if not row.slice)
    found: list[LeftOut] = []
    for fit in fits:
        if fit.votes.has_severity:
            found += _scores_left(fit, groups, confidence)
        else:
            found += [_pair_left(fit, pair, own.kinship, groups, confidence) for pair in pairs]
    return tuple(found)


def _scores_left(fit: Fit, groups: Groups, confidence: float) -> Iterator[LeftOut]:
    """Of each system the score by the additive model over the votes of judges outside its family."""
    rows = fit.seen[(fit.seen["own"] == 0) & (fit.seen["kin"] == 0)]
    judges = sorted(rows["judge"].unique())
    units = np.unique(rows["cell"].to_numpy())
    cells = severity.Cells(
        scores=rows["value"].to_numpy(dtype=float),
        items=np.searchsorted(units, rows["cell"].to_numpy()),
        judges=np.searchsorted(judges, rows["judge"].to_numpy(dtype=str)),
        clusters=rows["cluster_code"].to_numpy(),
        weights=np.array(member_weights([(j, "", "") for j in judges], groups)),
    )
    additive = severity.additive(cells)
    for system in sorted(fit.seen["system"].astype(str).unique()):
        own = np.unique(cells.items[(rows["system"].astype(str) == system).to_numpy()])
        why = _left_alone(system, len(own)) or additive.why_not
        found = None if why else severity.mean_score(additive, cells, own)
        asked = fit.rows[(fit.rows["system"].astype(str) == system) & fit.rows["is_asked"]]
        counts = len(own), asked["cell"].nunique() - len(own)
        e = _left_estimate(found, "score", counts, confidence, why)
        method = e.method.replace("pairwise model", "additive model of outside judges")
        yield LeftOut(fit.rubric, system, "", replace(e, method=method))


def _left_alone(system: str, n: int) -> str:
    return "" if n else f"left without a judge: add one of another family than {system}"


def _pair_left(
    fit: Fit, pair: tuple[str, str], kinship: Kinship, groups: Groups, confidence: float
) -> LeftOut:
    """The win rate by the judges outside both families; how severe they are cancels in a pair."""
    first, second = sorted(pair)
    is_pair = (fit.rows["system_a"].astype(str) == first) & (fit.rows["system_b"] == second)
    rows = fit.rows[is_pair]
    outside = [
        judge
        for judge in sorted(rows["judge"].unique())
        if {kinship.relation(judge, system) for system in pair} == {"other"}
    ]
    why = _left_alone(" and ".join(pair), len(outside))
    if why:
        return LeftOut("", *pair, _left_estimate(None, "rate", (0, 0), confidence, why))
    items = panel_values(rows[rows["judge"].isin(outside)], groups)
    there = items[items["value"].notna()]
    found = None
    if len(there):
        won = there["value"].to_numpy(dtype=float)
        won = won if first == pair[0] else 1 - won
        found = mean_of(won, there["cluster"].cat.codes.to_numpy())
    counts = len(there), int(items["is_missing"].sum())
    why = "no pair has a verdict of every outside family"
    e = _left_estimate(found, "rate", counts, confidence, why)
    method = e.method.replace("pairwise model", "mean of outside judges")
    return LeftOut("", *pair, replace(e, method=method))


def _left_estimate(
    found: Contrast | None, unit: str, counts: tuple[int, int], confidence: float, why: str
) -> Estimate:
    """counts: how many items or answers have a value, and how many were to have one and lack it."""
    n, n_missing = counts
    if found is None:
        return undefined(LEFT_OUT, unit, why, confidence, n_missing)
    return contrasts.estimate(
        found, name=LEFT_OUT, unit=unit, n=n, n_missing=n_missing, confidence=confidence
    )
