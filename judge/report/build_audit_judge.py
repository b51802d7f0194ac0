"""The audit of a judge, from what was computed to the record that every writer reads."""

from __future__ import annotations

from collections.abc import Callable

from judge.audit import Audited
from judge.report import schema_audit_judge as schema
from judge.report.schema_base import E
from judge.types import Estimate


def judge_audit(audited: Audited, estimate: Callable[[Estimate], E]) -> schema.JudgeAudit | None:
    """The section's record; None where no judge was audited."""
    if audited.judge is None:
        return None
    return schema.JudgeAudit()
