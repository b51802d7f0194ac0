"""From the verdicts of an audit of rubrics to what moved them."""

from __future__ import annotations

from judge.analysis.audit_asked import AuditAsked
from judge.analysis.rubric_audit import RubricAudit
from judge.table import VerdictTable


def measure(
    table: VerdictTable, asked: AuditAsked, *, seed: int = 0, confidence: float = 0.95
) -> RubricAudit:
    """What the wordings did to each judge, and where the variance lies."""
    return RubricAudit((), ())
