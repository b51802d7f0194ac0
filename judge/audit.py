"""A rubric or a judge under perturbation: what was varied that must not matter, and what it moved."""

from __future__ import annotations

from dataclasses import dataclass

from judge.aggregate import Analysis, trial_rows
from judge.analysis import cautions, judge_battery, repetition, rubric_sensitivity
from judge.analysis.audit_asked import AuditAsked
from judge.analysis.judge_audit import JudgeAudit
from judge.analysis.judge_rows import counted
from judge.analysis.rubric_audit import RubricAudit
from judge.controls import position, verbosity
from judge.stats.values import ASKED_WITH, parts
from judge.table import VerdictTable
from judge.table import canonical as turned

__all__ = ["Audited", "JudgeAudit", "RubricAudit", "analysis", "measured"]

ELSEWHERE = "not measured here: an audit is about what is in its own section"
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Audited:
    """What an audit asked and what came out, in the place of its kind."""

    asked: AuditAsked
    n_items: int
    rubric: RubricAudit | None = None
    judge: JudgeAudit | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What stands against believing it."""
        found = self.rubric or self.judge
        return () if found is None else found.warnings


def measured(table: VerdictTable, asked: AuditAsked, *, seed: int = 0) -> Audited:
    """What an audit's verdicts say."""
    n_items = table.frame["item_id"].nunique()
    if asked.kind == "rubric":
        return Audited(asked, n_items, rubric=rubric_sensitivity.measure(table, asked, seed=seed))
    return Audited(asked, n_items, judge=judge_battery.measure(table, asked, seed=seed))


def analysis(table: VerdictTable) -> Analysis:
    """What a report has beside its audit: each judge's counts and repeats, and nothing on systems."""
    trials = trial_rows(table)
    canonical = turned(table) if table.mode == "pairwise" else table
    verdicts = dict(parts(canonical.frame, ASKED_WITH))
    rows = tuple(
        counted(
            key,
            asked_for,
            position=position.unknown(ELSEWHERE, CONFIDENCE),
            verbosity=verbosity.unknown(ELSEWHERE, CONFIDENCE),
            self_preference=None,
            repeats=repetition.measure(table.mode, verdicts[key]),
        )
        for key, asked_for in parts(trials, ASKED_WITH)
    )
    return Analysis(
        mode=table.mode,
        baseline=None,
        comparisons=(),
        scores=(),
        judges=rows,
        warnings=(*table.warnings, *cautions.of_missing(trials)),
        simulated=any(row.simulated for row in rows),
    )
