"""The audit of a rubric in the JSON of a report."""

from __future__ import annotations

from judge.report.schema_base import Model


class RubricAudit(Model):
    """What the wording of a rubric did to the verdicts."""
