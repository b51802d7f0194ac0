"""From the verdicts of an audit of judges to what moved them."""

from __future__ import annotations

from judge.analysis.audit_asked import AuditAsked
from judge.analysis.judge_audit import JudgeAudit
from judge.table import VerdictTable


def measure(
    table: VerdictTable, asked: AuditAsked, *, seed: int = 0, confidence: float = 0.95
) -> JudgeAudit:
    """What each perturbation did to each judge."""
    return JudgeAudit(())
