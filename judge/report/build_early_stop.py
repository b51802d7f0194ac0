"""From what the rule of an early stop read to the record of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from judge.analysis.early_stopped import Stopping
from judge.report import schema
from judge.report.schema import E
from judge.types import Estimate


def stopping(one: Stopping, estimate: Callable[[Estimate], E]) -> schema.Stopping:
    """One comparison as the JSON has it."""
    own = {name: getattr(one, name) for name in schema.Stopping.model_fields}
    given: dict[str, Any] = {"decided_rate": estimate(one.decided_rate), "notes": [*one.notes]}
    return schema.Stopping(**(own | given))
