"""The models of what a run that may stop early has shown."""

from __future__ import annotations

from typing import Literal

from judge.report.schema_base import E, Model


class Stopping(Model):
    """How far one comparison was read before it was known, or to its end.

    stopped: the rule was met. items_used: items read until then. decided: clusters of items without a
    tie, wins those that `system` won; null for scores. decided_rate: the share, its interval leaving out
    a half where the e-value has reached 1 / alpha. e_value: the largest so far. calls_saved: calls that
    need not be made; of scores the baseline's count in every comparison.
    """

    system: str
    baseline: str
    rubric: str
    stopped: bool
    items_used: int
    items_planned: int
    decided: int | None
    wins: int | None
    decided_rate: E
    e_value: float
    alpha: float
    conclusion: Literal["better", "worse", "equivalent", "no difference shown"]
    calls_asked: int
    calls_planned: int
    calls_saved: int
    notes: list[str]
