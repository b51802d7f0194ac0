"""The audit of a judge in the JSON of a report."""

from __future__ import annotations

from judge.report.schema_base import Model


class JudgeAudit(Model):
    """What moved a judge that must not."""
