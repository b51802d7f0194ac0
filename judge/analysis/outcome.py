"""What came out for the systems: first as the judges said it, then beside it corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from judge.analysis import (
    adjusted,
    cascade,
    early_stopped,
    family_adjusted,
    panels,
    score_lengths,
    severities,
)
from judge.analysis.asked import Asked
from judge.analysis.early_stop import EarlyStop
from judge.analysis.early_stopped import Stopping
from judge.analysis.gold import Gold
from judge.analysis.human_rows import HumanRow
from judge.analysis.pairwise_models import JudgeModels, Key
from judge.analysis.panels import Panel
from judge.analysis.score_lengths import LengthSlope
from judge.controls import self_preference
from judge.controls.self_preference import SelfPreference
from judge.families import Kinship
from judge.stats import comparisons, scores, slicings
from judge.stats.comparisons import Cell, Comparison, with_merge
from judge.stats.optimism import pick_warning
from judge.stats.scores import ScoreCells, ScoreRow
from judge.stats.slices import Slice
from judge.stats.slicings import Slicing
from judge.table import VerdictTable

Groups = Mapping[str, int]  # judge -> its group of families


@dataclass(frozen=True, slots=True)
class Outcome:
    """The rows over all items first, then those of slices. cells: the values that they are means of."""

    comparisons: tuple[Comparison, ...] = ()
    scores: tuple[ScoreRow, ...] = ()
    length_slopes: tuple[LengthSlope, ...] = ()
    slicings: tuple[Slicing, ...] = ()
    panels: tuple[Panel, ...] = ()
    early_stop: tuple[Stopping, ...] = ()
    warnings: tuple[str, ...] = ()
    pair_cells: Sequence[Cell] = ()
    answer_cells: Sequence[ScoreCells] = ()
    correction: tuple[HumanRow, ...] = ()


# -- as the judges said it -----------------------------------------------------------------------


def raw(
    table: VerdictTable, base: str | None, groups: Groups, slices: Sequence[Slice], asked: Asked
) -> Outcome:
    """The raw numbers with their conclusions; nothing where pairs are held against no baseline."""
    if table.mode == "single":
        return _scored(table, base, groups, slices, asked)
    return Outcome() if base is None else _compared(table, base, groups, slices, asked)


def _compared(
    table: VerdictTable, base: str, groups: Groups, slices: Sequence[Slice], asked: Asked
) -> Outcome:
    stop, confidence = asked.early_stop, asked.confidence
    merge = asked.merge if stop is None else stop.merge
    cells = cascade.of_pairs(
        comparisons.cells(table, base, groups, merge), table, base, asked.escalate
    )
    rows = [*with_merge(comparisons.compare(cells, base, confidence), merge)]
    picked = {cell.system: cell.values for cell in comparisons.deciding(cells)}
    outcome = Outcome(warnings=tuple(pick_warning(picked)), pair_cells=cells)
    if stop is not None:  # a run that could stop early concludes by its own rule, and once
        held, stops = early_stopped.compared(cells, rows, table, base, stop, confidence)
        noted = early_stopped.noted(stops, slices)
        return replace(outcome, comparisons=tuple(held), early_stop=noted)
    sliced = comparisons.compare_slices(cells, base, slices, confidence)
    concluded = (
        *comparisons.concluded(rows, confidence, asked.margin),
        *comparisons.concluded_slices(sliced, confidence, asked.margin),
    )
    told = slicings.of_comparisons(cells, base, slices, confidence)
    return replace(outcome, comparisons=concluded, slicings=tuple(told))


def _scored(
    table: VerdictTable,
    base: str | None,
    groups: Groups,
    slices: Sequence[Slice],
    asked: Asked,
) -> Outcome:
    cells = cascade.of_scores(scores.score_cells(table.frame, groups), table, asked.escalate)
    rows = [*scores.score_rows(cells, base, asked.confidence)]
    if asked.early_stop is not None and base is not None:
        return _scored_early(table, base, cells, rows, slices, asked.early_stop, asked.confidence)
    sliced = scores.score_slices(cells, base, slices, asked.confidence)
    told = slicings.of_scores(cells, base, slices, asked.confidence)
    return Outcome(scores=(*rows, *sliced), slicings=tuple(told), answer_cells=cells)


def _scored_early(
    table: VerdictTable,
    base: str,
    cells: Sequence[ScoreCells],
    rows: Sequence[ScoreRow],
    slices: Sequence[Slice],
    stop: EarlyStop,
    confidence: float,
) -> Outcome:
    held, stops = early_stopped.scored(cells, rows, table, base, stop, confidence)
    noted = early_stopped.noted(stops, slices)
    return Outcome(scores=tuple(held), answer_cells=cells, early_stop=noted)


# -- corrected -----------------------------------------------------------------------------------


def corrected(
    outcome: Outcome,
    table: VerdictTable,
    models: Mapping[Key, JudgeModels],
    groups: Groups,
    gold: Gold,
    asked: Asked,
) -> Outcome:
    """The outcome with what models, lengths and severities make of its numbers; the raw ones stay."""
    if table.mode == "pairwise":
        rows = adjusted.with_models(outcome.comparisons, models, groups, asked.confidence)
        found = panels.of_pairs(table, groups, gold, asked.confidence)
        return replace(outcome, comparisons=tuple(rows), panels=tuple(found))
    said = score_lengths.Asked(gold.scores, asked.padded, asked.length_penalty)
    cells = outcome.answer_cells
    lengths, slopes = score_lengths.with_lengths(
        outcome.scores, cells, table, said, groups, asked.confidence
    )
    severity = severities.models(table.frame, groups)
    return replace(
        outcome,
        scores=tuple(severities.with_severity(lengths, severity, asked.confidence)),
        length_slopes=tuple(slopes),
        panels=tuple(panels.of_scores(table.frame, severity, groups, asked.confidence)),
    )


def family_corrected(
    outcome: Outcome, table: VerdictTable, kin: Kinship, groups: Groups, asked: Asked
) -> tuple[Outcome, SelfPreference]:
    """The outcome with its family-adjusted numbers, and what judges did for their own."""
    own = self_preference.measure(
        table, outcome.answer_cells, kin, confidence=asked.confidence, margin=asked.margin
    )
    left = family_adjusted.left_out(own, outcome.comparisons, groups, asked.confidence)
    rows = family_adjusted.comparisons(outcome.comparisons, outcome.pair_cells, own, groups)
    scored = family_adjusted.scores(outcome.scores, outcome.answer_cells, own, groups)
    found = replace(outcome, comparisons=tuple(rows), scores=tuple(scored))
    return found, replace(own, left_out=left)
