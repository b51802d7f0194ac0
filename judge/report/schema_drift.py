"""The models of what anchors say of a judge over its runs."""

from __future__ import annotations

from typing import Literal

from judge.report.schema_base import E, Model, Rate


class DriftRun(Model):
    """One run. error_rate: of the presentations of anchors that have a verdict.

    newly_wrong, newly_right: presentations that were otherwise in the first run; reference_p_value: of
    so many more newly wrong, exact and one-sided. p_value: of so many errors now, given how often each
    presentation was wrong in all runs so far. e_value: the evidence so far; alarm: it has reached
    1 / alpha. All but the rate are null in the first run.
    """

    run_id: str
    started_at: str
    error_rate: E
    newly_wrong: int | None
    newly_right: int | None
    reference_p_value: Rate | None
    p_value: Rate | None
    e_value: float | None
    alarm: bool


class Drift(Model):
    """Whether a judge errs more often on items with known answers than it did, its settings the same.

    anchors: their file or set, fingerprint: of what it holds; n_anchors: how many there are.
    runs: those with the same judge, rubric and anchors, this one last. since: the first run with an
    alarm. alpha: the chance of ever a false alarm, shared among the judges of a run. reference: where the
    history begins. calls, cost_usd: of the anchors in this run, part of its totals.
    """

    judge: str
    rubric: str
    anchors: str
    fingerprint: str
    n_anchors: int
    state: Literal["first run", "quiet", "alarm"]
    since: str | None
    alpha: float
    reference: str
    calls: int
    cost_usd: float | None
    runs: list[DriftRun]
