"""Is one system better than another? A row per judge and wording, and the panel's.

A conclusion is drawn once per system, on the panel's row or the sole judge's: to draw it on every row
would be to ask again until one agrees. Slices of the items have rows and conclusions of their own, with
a correction of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from judge.stats.intervals import (
    cautious_p_value,
    counted,
    effective_clusters,
    equivalence_p,
    holm,
    mean,
    p_value,
    smallest_detectable,
    undefined,
    uneven,
)
from judge.stats.merge import AVERAGE, NOTES
from judge.stats.panel import panel_values
from judge.stats.slices import FEWEST_CLUSTERS, Slice, cut_up
from judge.stats.values import ASKED_WITH, pair_values, parts
from judge.table import VerdictTable, against
from judge.types import PANEL, Estimate


@dataclass(frozen=True, slots=True)
class Comparison:
    """The share that `system` wins against `baseline`, ties half, by one judge or the panel.

    members: the judges, with their wording where a judge has several. slice "" is the whole table.
    conclusion: "better", "worse", "equivalent", "no difference shown"; None on rows that decide nothing.
    basis: the field that decided. p_value: of no difference, after Holm; None on rows that decide nothing.
    matched_length: of pairs of nearly equal length. length_dependent: whether the side of a half or the
    rank among systems is clear and another at equal length.
    """

    system: str
    baseline: str
    judge: str
    members: tuple[str, ...]
    rubric: str
    variant: str
    slice: str
    raw: Estimate
    position_adjusted: Estimate
    length_controlled: Estimate
    style_controlled: Estimate
    matched_length: Estimate
    log_length_ratio: Estimate
    family_adjusted: Estimate
    human_corrected: Estimate
    smallest_detectable: float | None
    conclusion: str | None = None
    basis: str | None = None
    notes: tuple[str, ...] = ()
    p_value: float | None = None
    length_dependent: bool | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """What one judge under one wording, or the panel, makes of a system.

    values: one row per item with item_id, cluster, value (NaN where there is none) and is_missing.
    """

    system: str
    judge: str
    members: tuple[str, ...]
    rubric: str
    variant: str
    values: pd.DataFrame


@dataclass(frozen=True, slots=True)
class SliceRow:
    """A row of a slice with what a conclusion takes. effective: clusters of equal size it is worth.

    p_value: of no difference, before Holm.
    """

    row: Comparison
    effective: float
    p_value: float | None


def cells(
    table: VerdictTable, baseline: str, groups: Mapping[str, int], merge: str = AVERAGE
) -> list[Cell]:
    """Per system a cell for each judge and wording, then the panel's where there are several.

    merge: how the orders of a pair become one value (judge.stats.merge).
    """
    values = pair_values(against(table, baseline), merge)
    values["is_missing"] = values["value"].isna()
    found: list[Cell] = []
    for (system,), part in parts(values, ["system_a"]):
        asked = part[part["is_asked"]]
        members = _members(asked)
        for (judge, rubric, variant), own in parts(asked, ASKED_WITH):
            name = (members[judge, rubric, variant],)
            found.append(Cell(system, judge, name, rubric, variant, own))
        if len(members) > 1:
            rubric, variant = (_common(key[n] for key in members) for n in (1, 2))
            panel = panel_values(part, groups)
            found.append(Cell(system, PANEL, tuple(members.values()), rubric, variant, panel))
    return found


def deciding(found: Sequence[Cell]) -> list[Cell]:
    """The cells that are concluded from: of each system the panel's, else the sole judge's."""
    panels = {cell.system for cell in found if cell.judge == PANEL}
    return [cell for cell in found if cell.judge == PANEL or cell.system not in panels]


def deciding_rows(rows: Sequence[Comparison]) -> list[Comparison]:
    """The rows over all items that are concluded from: of each system the panel's, else the sole judge's."""
    whole = [row for row in rows if not row.slice]
    return [whole[place] for place in sorted(_heads(whole))]


def compare(found: Iterable[Cell], baseline: str, confidence: float) -> list[Comparison]:
    """A row for each cell, over all its items."""
    return [_comparison(cell, baseline, "", cell.values, confidence) for cell in found]


def with_merge(rows: Sequence[Comparison], merge: str) -> list[Comparison]:
    """The rows with a note where another rule than the usual one made a pair's orders one value."""
    told = (NOTES[merge],) if merge in NOTES else ()
    return [replace(row, notes=(*row.notes, *told)) for row in rows]


def compare_slices(
    found: Sequence[Cell], baseline: str, slices: Iterable[Slice], confidence: float
) -> list[SliceRow]:
    """A row for each slice and each cell with items in it.

    The panel's values are those of the whole, so that the slices of a cell make up its whole row.
    """
    return [
        _slice_row(_comparison(cell, baseline, slicing.label(value), part, confidence), part)
        for slicing in slices
        for cell in found
        for value, part in cut_up(cell.values, slicing)
    ]


def _slice_row(row: Comparison, values: pd.DataFrame) -> SliceRow:
    there = values[values["value"].notna()]
    clusters = there["cluster"].cat.codes.to_numpy()
    if not len(there):
        return SliceRow(row, 0.0, None)
    p = cautious_p_value(row.raw, there["value"].to_numpy(dtype=float), clusters, 0.5)
    return SliceRow(row, effective_clusters(clusters), p)


def _common(names: Iterable[str]) -> str:
    """The one name that all share, "" where there are several."""
    found = set(names)
    return found.pop() if len(found) == 1 else ""


def _comparison(
    cell: Cell, baseline: str, label: str, values: pd.DataFrame, confidence: float
) -> Comparison:
    raw = _win_rate(values, confidence)
    no_model = "not computed: needs the judges' pairwise models"
    return Comparison(
        system=cell.system,
        baseline=baseline,
        judge=cell.judge,
        members=cell.members,
        rubric=cell.rubric,
        variant=cell.variant,
        slice=label,
        raw=raw,
        position_adjusted=undefined("position_adjusted_win_rate", "rate", no_model, confidence),
        length_controlled=undefined("length_controlled_win_rate", "rate", no_model, confidence),
        style_controlled=undefined("style_controlled_win_rate", "rate", no_model, confidence),
        matched_length=undefined("matched_length_win_rate", "rate", no_model, confidence),
        log_length_ratio=undefined("log_length_ratio", "log ratio", no_model, confidence),
        family_adjusted=undefined("family_adjusted_win_rate", "rate", no_model, confidence),
        human_corrected=undefined(
            "human_corrected_win_rate", "rate", "no human labels", confidence
        ),
        smallest_detectable=smallest_detectable(raw.se, alpha=1 - raw.confidence),
    )


def _win_rate(values: pd.DataFrame, confidence: float) -> Estimate:
    """The mean of the values that are there, with the worst and best case for those that are not."""
    there, n_missing = values[values["value"].notna()], int(values["is_missing"].sum())
    planned, won = len(there) + n_missing, float(there["value"].sum())
    note = ""
    if n_missing:
        note = (
            f"{n_missing} of {planned} pairs lack a verdict and are left out: the win rate is "
            f"{won / planned:.3f} if all of them were lost, {(won + n_missing) / planned:.3f} if won"
        )
    return mean(
        there["value"].to_numpy(dtype=float),
        there["cluster"].cat.codes.to_numpy(),
        name="win_rate",
        unit="rate",
        bounds=(0.0, 1.0),
        confidence=confidence,
        n_missing=n_missing,
        note=note,
    )


# -- conclusions ---------------------------------------------------------------------------------


def concluded(
    rows: Sequence[Comparison], confidence: float, margin: float | None
) -> Iterator[Comparison]:
    """The rows with a conclusion on those that may have one, Holm's correction over these."""
    yield from concluded_from(rows, raw_bases(rows, margin), confidence, margin)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a row is concluded from. name: the field; p: of no difference; outside: of the margin."""

    name: str
    estimate: Estimate
    p: float | None
    outside: float | None


def raw_bases(rows: Sequence[Comparison], margin: float | None) -> dict[int, Basis]:
    """The raw win rates of the rows that are concluded from, by their places."""
    return {i: _raw_basis(rows[i].raw, margin) for i in sorted(_heads(rows))}


def _raw_basis(e: Estimate, margin: float | None) -> Basis:
    outside = None if margin is None else equivalence_p(e, 0.5, margin)
    return Basis("raw", e, p_value(e, 0.5), outside)


def concluded_from(
    rows: Sequence[Comparison],
    bases: Mapping[int, Basis],
    confidence: float,
    margin: float | None,
) -> Iterator[Comparison]:
    """The rows with a conclusion where there is a basis for one. bases: by place; Holm over these."""
    tests = {i: basis.p for i, basis in bases.items() if basis.p is not None}
    outside = {i: p for i in tests if (p := bases[i].outside) is not None}
    over = f", Holm over {len(tests)} comparisons" if len(tests) > 1 else ""
    shown = _Shown(_holm(tests), _holm(outside), over, 1 - confidence, margin)
    for index, row in enumerate(rows):
        basis = bases.get(index)
        if basis is not None and basis.estimate.value is not None:
            yield _conclude(row, index, shown, basis)
        else:
            yield row


def concluded_slices(
    parts: Sequence[SliceRow], confidence: float, margin: float | None
) -> Iterator[Comparison]:
    """The rows of slices with a conclusion on those that may have one.

    Holm's correction goes over the slices of all slicings and systems together, apart from that of
    the whole. A slice of few clusters, or one that is worth few, concludes nothing, and by its sizes
    alone, so it is no test.
    """
    rows = [part.row for part in parts]
    heads = {i for i in _heads(rows) if rows[i].raw.value is not None}
    tests = {
        i: p
        for i in heads
        if parts[i].effective >= FEWEST_CLUSTERS and (p := parts[i].p_value) is not None
    }
    over = f", Holm over {len(tests)} of {len(heads)} slices shown"
    shown = _Shown(_holm(tests), _equivalent(rows, tests, margin), over, 1 - confidence, margin)
    for index, part in enumerate(parts):
        if index not in heads:
            yield part.row
        elif part.effective < FEWEST_CLUSTERS:
            yield replace(part.row, notes=(*part.row.notes, _too_few(part.row.raw, part.effective)))
        else:
            yield _conclude(part.row, index, shown)


def _too_few(e: Estimate, effective: float) -> str:
    if e.n_clusters >= FEWEST_CLUSTERS:
        told = uneven(e.n_clusters, effective)
        return f"no conclusion: items are {told}; {FEWEST_CLUSTERS} are needed"
    return f"no conclusion from {counted(e.n_clusters, 'cluster')}: {FEWEST_CLUSTERS} are needed"


def _heads(rows: Sequence[Comparison]) -> set[int]:
    """The places of the rows that are concluded from: the panel's, else the sole judge's."""
    panels = {row.system for row in rows if row.judge == PANEL}
    return {i for i, row in enumerate(rows) if row.judge == PANEL or row.system not in panels}


def _holm(tests: Mapping[int, float]) -> dict[int, float]:
    return dict(zip(tests, holm(list(tests.values())), strict=True))


def _equivalent(
    rows: Sequence[Comparison], tests: Iterable[int], margin: float | None
) -> dict[int, float]:
    """Of each row that is tested the p of lying outside the margin, after Holm over these."""
    if margin is None:
        return {}
    known = {i: equivalence_p(rows[i].raw, 0.5, margin) for i in tests}
    return _holm({i: p for i, p in known.items() if p is not None})


@dataclass(frozen=True, slots=True)
class _Shown:
    """What rows may conclude from, by their places. different, equivalent: p after Holm."""

    different: Mapping[int, float]
    equivalent: Mapping[int, float]
    over: str
    alpha: float
    margin: float | None


def is_of_conclusion(note: str) -> bool:
    """Whether a row's note is of its conclusion: what is said of the tests it stands on."""
    return " against 0.5" in note or note.startswith("equivalent: ")


def _p(p: float) -> str:
    """The p value in words: smaller ones hang on the far tail, and the smallest are 0 as floats."""
    return f"p = {p:.3g}" if p >= 0.0001 else "p < 0.0001"


def _conclude(row: Comparison, index: int, shown: _Shown, basis: Basis | None = None) -> Comparison:
    """The row with what its win rate shows. A stated margin goes before a difference within it."""
    e = row.raw if basis is None else basis.estimate
    p, outside, alpha = shown.different.get(index), shown.equivalent.get(index), shown.alpha
    conclusion = "no difference shown"
    notes = [] if p is None else [f"{_p(p)} against 0.5{shown.over}"]
    if outside is not None and outside < alpha:
        conclusion = "equivalent"
        within = f"the {1 - 2 * alpha:.0%} interval is within {shown.margin:g} of 0.5"
        notes.append(f"equivalent: {within}{shown.over}")
    elif p is not None and p < alpha:
        conclusion = "better" if (e.value or 0) > 0.5 else "worse"
    return replace(
        row,
        conclusion=conclusion,
        basis="raw" if basis is None else basis.name,
        notes=(*row.notes, *notes),
        p_value=p,
        # As if each were the first that Holm looks at, which is the hardest to show.
        smallest_detectable=smallest_detectable(e.se, alpha=alpha / max(1, len(shown.different))),
    )


def _members(frame: pd.DataFrame) -> dict[tuple[str, str, str], str]:
    """(judge, rubric, variant) -> the member's name: the judge's, with the wording where it has several."""
    keys = [(judge, rubric, variant) for (judge, rubric, variant), _ in parts(frame, ASKED_WITH)]
    several = {judge for judge, _, _ in keys if sum(key[0] == judge for key in keys) > 1}
    return {key: _with_wording(*key) if key[0] in several else key[0] for key in keys}


def _with_wording(judge: str, rubric: str, variant: str) -> str:
    return f"{judge} ({', '.join(name for name in (rubric, variant) if name) or 'no rubric'})"
