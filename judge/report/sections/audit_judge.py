"""The page of a judge's audit: what was tried, what moved, by how much, how sure, and what to change."""

from __future__ import annotations

from judge.report.blocks import Block, Section
from judge.report.schema import Report


def blocks(report: Report) -> list[Block]:
    """Nothing in a report that is no audit of a judge."""
    return []


SECTION = Section("audit_judge", blocks)
