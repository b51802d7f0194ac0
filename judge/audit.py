"""A rubric or a judge under perturbation: what was varied that must not matter, and what it moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from judge.aggregate import Analysis, JudgeRow, trial_rows
from judge.analysis import judge_battery, rubric_sensitivity
from judge.analysis.audit_asked import CONSTANT, AuditAsked, origin
from judge.analysis.judge_audit import JudgeAudit
from judge.analysis.rubric_audit import RubricAudit
from judge.stats.values import ASKED_WITH, n_missing, n_wanted, parts
from judge.table import VerdictTable
from judge.types import Status

__all__ = ["Audited", "JudgeAudit", "RubricAudit", "judges_only", "measured", "unperturbed"]


@dataclass(frozen=True, slots=True)
class Audited:
    """What an audit asked and what came out, in the place of its kind."""

    asked: AuditAsked
    n_items: int
    rubric: RubricAudit | None = None
    judge: JudgeAudit | None = None


def measured(table: VerdictTable, asked: AuditAsked, *, seed: int = 0) -> Audited:
    """What an audit's verdicts say."""
    n_items = table.frame["item_id"].nunique()
    if asked.kind == "rubric":
        return Audited(asked, n_items, rubric=rubric_sensitivity.measure(table, asked, seed=seed))
    return Audited(asked, n_items, judge=judge_battery.measure(table, asked, seed=seed))


def unperturbed(table: VerdictTable, asked: AuditAsked) -> VerdictTable:
    """The rows about answers as they came: no judge's usual numbers count what was perturbed."""
    names = ("system",) if table.mode == "single" else ("system_a", "system_b")
    kept = np.ones(len(table.frame), dtype=bool)
    for name in names:
        systems = table.frame[name].astype(str)
        made = {s for s in systems.unique() if s == CONSTANT or origin(s, asked.perturbations)[1]}
        kept &= ~systems.isin(made).to_numpy()
    return replace(table, frame=table.frame[kept])


def judges_only(analysis: Analysis, table: VerdictTable) -> Analysis:
    """The analysis without what compares systems, each judge's counts over everything it was asked."""
    trials = dict(parts(trial_rows(table), ASKED_WITH))
    return replace(
        analysis,
        comparisons=(),
        scores=(),
        slicings=(),
        length_slopes=(),
        ranking=None,
        panels=(),
        self_preference=None,
        judges=tuple(
            _counted(row, trials[row.judge, row.rubric, row.variant]) for row in analysis.judges
        ),
    )


def _counted(row: JudgeRow, asked_for: pd.DataFrame) -> JudgeRow:
    counts: dict[str, Any] = {
        str(status): int((asked_for["status"] == status).sum()) for status in Status
    }
    return replace(
        row,
        planned=len(asked_for),
        **counts,
        wanted=n_wanted(asked_for),
        missing=n_missing(asked_for),
    )
