"""The audit of a rubric, from what was computed to the record that every writer reads."""

from __future__ import annotations

from collections.abc import Callable

from judge.audit import Audited
from judge.report import schema_audit_rubric as schema
from judge.report.schema_base import E
from judge.types import Estimate


def rubric_audit(audited: Audited, estimate: Callable[[Estimate], E]) -> schema.RubricAudit | None:
    """The section's record; None where no rubric was audited."""
    if audited.rubric is None:
        return None
    return schema.RubricAudit()
