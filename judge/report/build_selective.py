"""From what judges may decide alone, and what a cascade came to, to the records of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from judge.analysis import cascade
from judge.analysis.cascade import TierRow
from judge.analysis.selective import Selective
from judge.report.schema_base import E
from judge.report.schema_selective import (
    Escalation,
    EscalationTier,
    SelectiveLevel,
    SelectiveTier,
)
from judge.report.schema_selective import Selective as SelectiveModel
from judge.types import Estimate


class Costs(Protocol):
    """What a run's store knows of a judge's calls."""

    @property
    def cost_usd(self) -> float | None: ...
    @property
    def calls(self) -> int: ...


def selective(one: Selective, estimate: Callable[[Estimate], E]) -> SelectiveModel:
    """One judge, panel or cascade as the JSON has it."""
    own = {name: getattr(one, name) for name in SelectiveModel.model_fields}
    given: dict[str, Any] = {
        name: estimate(getattr(one, name)) for name in ("coverage", "agreement", "agreement_all")
    }
    given["members"], given["notes"] = [*one.members], [*one.notes]
    given["levels"] = [
        SelectiveLevel(threshold=level.threshold, n=level.n, wrong=level.wrong)
        for level in one.levels
    ]
    given["tiers"] = [
        SelectiveTier(judge=tier.judge, decides=tier.decides, reached=tier.reached)
        for tier in one.tiers
    ]
    return SelectiveModel(**(own | given))


def escalation(one: cascade.Escalation | None, accounts: Mapping[str, Costs]) -> Escalation | None:
    """A run's cascade as the JSON has it; None without one."""
    if one is None:
        return None
    how = one.escalate
    return Escalation(
        threshold=how.threshold,
        risk=how.risk,
        delta=how.delta,
        source=how.source or None,
        unit="pair" if one.unit == "pair" else "item",
        n_units=one.n_units,
        n_unsure=one.n_unsure,
        n_missing=one.n_missing,
        tiers=[_tier(row, accounts.get(row.judge)) for row in one.tiers],
    )


def _tier(row: TierRow, account: Costs | None) -> EscalationTier:
    cost = None if account is None else account.cost_usd
    saved = None
    if account is not None and cost is not None and account.calls:
        saved = cost / account.calls * row.calls_saved
    return EscalationTier(
        judge=row.judge,
        reached=row.reached,
        decides=row.decides,
        calls_planned=row.calls_planned,
        calls_asked=row.calls_asked,
        calls_saved=row.calls_saved,
        cost_usd=cost,
        cost_saved_usd=saved,
    )
