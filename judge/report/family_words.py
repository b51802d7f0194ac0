"""Who is kin to whom, as provenance shows it."""

from __future__ import annotations

from judge.report.blocks import Block, Column, Disclosure, Table
from judge.report.schema import Report, RunFamilies, RunName

SAID_BY = {
    "declared": "declared",
    "table": "built-in table",
    "unknown": "nobody: not declared",
}


def blocks(found: RunFamilies | None) -> list[Block]:
    """Every judge and system with its families and who says so, behind a line."""
    if found is None or not found.names:
        return []
    columns = (
        Column("name", "name"),
        Column("role", "text"),
        Column("families", "name"),
        Column("said by", "text"),
    )
    table = Table(columns, tuple(_cells(name) for name in found.names))
    return [Disclosure(f"Families (built-in table {found.table})", (table,))]


def _cells(name: RunName) -> tuple[str, ...]:
    return (name.name, name.role, " + ".join(name.families), SAID_BY[name.origin])


def is_measured(report: Report) -> bool:
    """Whether self-preference was measured."""
    return any(panel.measured for panel in report.self_preference or [])
