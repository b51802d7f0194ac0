"""What an analysis says of position, as the JSON has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from judge.controls.position import Position
from judge.report import schema_position as schema
from judge.report.schema_base import E
from judge.types import Estimate

Writes = Callable[[Estimate], E]


def position(found: Position, write: Writes) -> schema.Position:
    """A judge's position entry. write: an estimate as the JSON has it."""
    equivalence = found.equivalence
    return schema.Position(
        consistency=write(found.consistency),
        preference_fairness=write(found.preference_fairness),
        first_shown_rate=write(found.first_shown_rate),
        p_value=found.p_value,
        n_pairs=found.n_pairs,
        coefficient=write(found.coefficient),
        first_shown_if_equal=write(found.first_shown_if_equal),
        excess_inconsistency=write(found.excess_inconsistency),
        p_value_clustered=found.p_value_clustered,
        no_skill=[schema.PositionNoSkill(**asdict(one)) for one in found.no_skill],
        equivalence=None if equivalence is None else schema.Equivalence(**asdict(equivalence)),
    )
