"""From what anchors say of a judge to the JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from judge.analysis.anchors import Drift, Past
from judge.report import schema_drift as schema
from judge.report.schema_base import E
from judge.types import Estimate


def drift(one: Drift, estimate: Callable[[Estimate], E]) -> schema.Drift:
    """One judge's history as the JSON has it."""
    return schema.Drift(
        judge=one.judge,
        rubric=one.rubric,
        anchors=one.anchors,
        fingerprint=one.fingerprint,
        n_anchors=one.n_anchors,
        state=_state(one),
        since=one.since,
        alpha=one.alpha,
        reference=one.reference,
        calls=one.calls,
        cost_usd=one.cost_usd,
        runs=[_run(past, estimate) for past in one.runs],
    )


def _state(one: Drift) -> Literal["first run", "quiet", "alarm"]:
    if one.since is not None:
        return "alarm"
    return "quiet" if len(one.runs) > 1 else "first run"


def _run(past: Past, estimate: Callable[[Estimate], E]) -> schema.DriftRun:
    step = past.step
    return schema.DriftRun(
        run_id=past.run_id,
        started_at=past.started_at,
        error_rate=estimate(step.error_rate),
        newly_wrong=step.newly_wrong,
        newly_right=step.newly_right,
        reference_p_value=step.reference_p_value,
        p_value=step.p_value,
        e_value=step.e_value,
        alarm=step.alarm,
    )
