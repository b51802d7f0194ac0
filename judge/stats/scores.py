"""What systems score against a rubric: a row per judge and criterion, and the panel's.

A panel stays within one rubric: another rubric may have another scale.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import pandas as pd

from judge.stats.intervals import counted, mean, undefined
from judge.stats.panel import panel_values
from judge.stats.slices import NO_VALUE, Slice, cut_up
from judge.stats.values import ITEM, answer_values, parts, spread_failures
from judge.types import PANEL, Estimate, Status

NOMINAL = "labels without numbers have no mean"


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """The mean score of a system by one judge or the panel; criterion "" is the overall score.

    severity_adjusted: of a panel, over every answer that any judge scored, each judge's severity off.
    adjusted: brought to equal length by what length adds beyond merit. penalised: less a stated price of
    length. family_adjusted: without what judges add to their own family's answers. human_corrected,
    human_corrected_difference: the score, and its difference from the baseline's, by people's labels.
    """

    system: str
    judge: str
    members: tuple[str, ...]
    rubric: str
    criterion: str
    slice: str
    raw: Estimate
    severity_adjusted: Estimate
    family_adjusted: Estimate
    adjusted: Estimate
    penalised: Estimate
    human_corrected: Estimate
    difference_from_baseline: Estimate
    human_corrected_difference: Estimate


@dataclass(frozen=True, slots=True)
class ScoreCells:
    """What one judge, or the panel, makes of every system on one criterion.

    of: system -> one row per item with item_id, cluster, value and is_missing. why_not: why there is no
    mean, "" where there is one.
    """

    judge: str
    members: tuple[str, ...]
    rubric: str
    criterion: str
    of: Mapping[str, pd.DataFrame]
    why_not: str = ""


def score_cells(frame: pd.DataFrame, groups: Mapping[str, int]) -> list[ScoreCells]:
    """Per rubric and criterion the cells of each judge, then the panel's where there are several."""
    full = spread_failures(frame)
    nominal = _nominal(full)
    values = answer_values(_countable(full, nominal))
    values["is_missing"] = values["value"].isna() & values["is_asked"]
    return [
        ScoreCells(
            judge, members, rubric, criterion, of, NOMINAL if (rubric, criterion) in nominal else ""
        )
        for (rubric, criterion), part in parts(values, ["rubric", "criterion"])
        for judge, members, of in _by_judge(part, groups)
    ]


def deciding(found: Sequence[ScoreCells]) -> list[ScoreCells]:
    """The overall scores of each rubric's panel, or of its sole judge."""
    overall = [cells for cells in found if not cells.criterion]
    panels = {cells.rubric for cells in overall if cells.judge == PANEL}
    return [c for c in overall if c.judge == PANEL or c.rubric not in panels]


def score_rows(
    found: Iterable[ScoreCells], baseline: str | None, confidence: float
) -> Iterator[ScoreRow]:
    """Per rubric and criterion a row for each judge and system, then the panel's."""
    for cells in found:
        yield from _rows(cells, cells.of, baseline, "", confidence)


def score_slices(
    found: Sequence[ScoreCells],
    baseline: str | None,
    slices: Iterable[Slice],
    confidence: float,
) -> Iterator[ScoreRow]:
    """The same rows for each slice, of overall scores only."""
    overall = [cells for cells in found if not cells.criterion]
    for slicing in slices:
        for cells in overall:
            cut = {system: dict(cut_up(own, slicing)) for system, own in cells.of.items()}
            for value in (*slicing.values, NO_VALUE):
                of = {system: own[value] for system, own in cut.items() if value in own}
                yield from _rows(cells, of, baseline, slicing.label(value), confidence)


def differences(own: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """One row per item that both systems answered, `value` being the first's score minus the other's.

    NaN where one of the two has none; is_missing where one lacks it.
    """
    both = own.merge(other, on=[*ITEM], suffixes=("", "_baseline"))
    return both[[*ITEM]].assign(
        value=both["value"] - both["value_baseline"],
        is_missing=both["is_missing"] | both["is_missing_baseline"],
    )


def _rows(
    cells: ScoreCells,
    of: Mapping[str, pd.DataFrame],
    baseline: str | None,
    label: str,
    confidence: float,
) -> Iterator[ScoreRow]:
    for system, own in of.items():
        yield ScoreRow(
            system=system,
            judge=cells.judge,
            members=cells.members,
            rubric=cells.rubric,
            criterion=cells.criterion,
            slice=label,
            raw=_score(own, confidence, cells.why_not),
            severity_adjusted=undefined(
                "severity_adjusted_score", "score", "one judge", confidence
            ),
            family_adjusted=undefined("family_adjusted_score", "score", "not computed", confidence),
            adjusted=undefined("adjusted_score", "score", "not computed", confidence),
            penalised=undefined("penalised_score", "score", "not computed", confidence),
            human_corrected=undefined(
                "human_corrected_score", "score", "no human labels", confidence
            ),
            difference_from_baseline=_difference(system, baseline, of, confidence, cells.why_not),
            human_corrected_difference=undefined(
                "human_corrected_difference", "score", "no human labels", confidence
            ),
        )


def _nominal(frame: pd.DataFrame) -> set[tuple[str, str]]:
    """The (rubric, criterion) whose verdicts are labels without scores."""
    ok = frame[frame["status"] == Status.OK]
    any_score = ok["score"].notna().groupby([ok["rubric"], ok["criterion"]], observed=True).any()
    return set(any_score.index[~any_score])


def _countable(frame: pd.DataFrame, nominal: AbstractSet[tuple[str, str]]) -> pd.DataFrame:
    """The frame with 0 beside each label that has no number, so that it does not count as missing.

    No mean is ever made of these.
    """
    if not nominal:
        return frame
    keys = pd.MultiIndex.from_frame(frame[["rubric", "criterion"]].astype(object))
    is_label = (frame["status"] == Status.OK) & keys.isin(nominal)
    return frame.assign(score=frame["score"].mask(is_label, 0.0))


def _by_judge(
    values: pd.DataFrame, groups: Mapping[str, int]
) -> Iterator[tuple[str, tuple[str, ...], dict[str, pd.DataFrame]]]:
    """(judge, its members, system -> values) for each judge, then for the panel of several."""
    asked = values[values["is_asked"]]
    judges = tuple(sorted(asked["judge"].unique()))
    for judge in judges:
        yield judge, (judge,), _by_system(asked[asked["judge"] == judge])
    if len(judges) > 1:
        cells = {s: panel_values(cell, groups) for s, cell in _by_system(values).items()}
        yield PANEL, judges, cells


def _by_system(values: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {system: cell for (system,), cell in parts(values, ["system"])}


def _score(values: pd.DataFrame, confidence: float, why_not: str) -> Estimate:
    n_missing = int(values["is_missing"].sum())
    if why_not:
        return undefined("score", "score", why_not, confidence, n_missing)
    there = values[values["value"].notna()]
    note = f"{counted(n_missing, 'answer')} without a score left out" if n_missing else ""
    return mean(
        there["value"].to_numpy(dtype=float),
        there["cluster"].cat.codes.to_numpy(),
        name="score",
        unit="score",
        confidence=confidence,
        n_missing=n_missing,
        note=note,
    )


def _difference(
    system: str,
    baseline: str | None,
    cells: Mapping[str, pd.DataFrame],
    confidence: float,
    why_not: str,
) -> Estimate:
    """The mean over items of the system's score minus the baseline's, on items that have both."""
    if baseline is None:
        why_not = "no baseline named"
    elif system == baseline:
        why_not = "this is the baseline"
    elif baseline not in cells:
        why_not = "the baseline has no answers here"
    if baseline is None or why_not:
        return undefined("difference_from_baseline", "score", why_not, confidence)
    own, other = cells[system], cells[baseline]
    both = differences(own, other)
    there = both[both["value"].notna()]
    n_alone = len(own) + len(other) - 2 * len(both)
    return mean(
        there["value"].to_numpy(dtype=float),
        there["cluster"].cat.codes.to_numpy(),
        name="difference_from_baseline",
        unit="score",
        confidence=confidence,
        n_missing=int(both["is_missing"].sum()),
        note=f"{counted(n_alone, 'answer')} without a counterpart left out" if n_alone else "",
    )
