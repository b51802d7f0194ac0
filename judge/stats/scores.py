"""What systems score against a rubric: a row per judge and criterion, and the panel's.

A panel stays within one rubric: another rubric may have another scale.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import pandas as pd

from judge.stats.intervals import counted, mean, undefined
from judge.stats.panel import panel_values
from judge.stats.values import ITEM, answer_values, parts, spread_failures
from judge.types import PANEL, Estimate, Status

NOMINAL = "labels without numbers have no mean"


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """The mean score of a system by one judge or the panel; criterion "" is the overall score."""

    system: str
    judge: str
    members: tuple[str, ...]
    rubric: str
    criterion: str
    slice: str
    raw: Estimate
    adjusted: Estimate
    difference_from_baseline: Estimate


def score_rows(
    frame: pd.DataFrame, baseline: str | None, groups: Mapping[str, int], confidence: float
) -> Iterator[ScoreRow]:
    """Per rubric and criterion a row for each judge and system, then the panel's."""
    full = spread_failures(frame)
    nominal = _nominal(full)
    values = answer_values(_countable(full, nominal))
    values["is_missing"] = values["value"].isna() & values["is_asked"]
    for (rubric, criterion), part in parts(values, ["rubric", "criterion"]):
        why = NOMINAL if (rubric, criterion) in nominal else ""
        for judge, members, cells in _by_judge(part, groups):
            for system, cell in cells.items():
                yield ScoreRow(
                    system=system,
                    judge=judge,
                    members=members,
                    rubric=rubric,
                    criterion=criterion,
                    slice="",
                    raw=_score(cell, confidence, why),
                    adjusted=undefined("adjusted_score", "score", "not computed", confidence),
                    difference_from_baseline=_difference(system, baseline, cells, confidence, why),
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
    both = own.merge(other, on=[*ITEM], suffixes=("", "_baseline"))
    gain = both["value"] - both["value_baseline"]
    n_alone = len(own) + len(other) - 2 * len(both)
    return mean(
        gain.dropna().to_numpy(dtype=float),
        both.loc[gain.notna(), "cluster"].cat.codes.to_numpy(),
        name="difference_from_baseline",
        unit="score",
        confidence=confidence,
        n_missing=int((both["is_missing"] | both["is_missing_baseline"]).sum()),
        note=f"{counted(n_alone, 'answer')} without a counterpart left out" if n_alone else "",
    )
