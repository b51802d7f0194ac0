"""From kinship and self-preference to their records in the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from judge.controls.self_preference import Effects
from judge.controls.self_preference import SelfPreference as Measured
from judge.families import TABLE_VERSION, Kin
from judge.report.schema_base import E, RunFamilies, RunName
from judge.report.schema_families import (
    JudgeSelfPreference,
    KinNoSkill,
    LeftOutOfFamily,
    SelfPreference,
)
from judge.types import Estimate

ToE = Callable[[Estimate], E]


def judge_terms(found: Effects | None, estimate: ToE) -> JudgeSelfPreference:
    """A judge's terms as the JSON has them. estimate: how an estimate is written."""
    if found is None:
        return JudgeSelfPreference()
    return JudgeSelfPreference(**_terms(found, estimate))


def panels(found: Measured | None, estimate: ToE) -> list[SelfPreference]:
    """The terms of all judges, where there are judges and systems that have names."""
    if found is None:
        return []
    return [
        SelfPreference(
            **_terms(panel, estimate),
            rubric=panel.rubric,
            margin=found.margin,
            left_out=[
                LeftOutOfFamily(
                    system=left.system,
                    baseline=left.baseline or None,
                    estimate=estimate(left.estimate),
                )
                for left in found.left_out
                if left.rubric == panel.rubric
            ],
        )
        for panel in found.panels
    ]


def _terms(found: Effects, estimate: ToE) -> dict[str, object]:
    return {
        "measured": found.is_measured,
        "own": estimate(found.own.estimate),
        "family": estimate(found.family.estimate),
        "p_self": found.own.p_value,
        "p_family": found.family.p_value,
        "within_self": found.own.p_within,
        "within_family": found.family.p_within,
        "n_own": found.n_own,
        "no_skill": list(_no_skill(found)),
        "note": found.note,
    }


def _no_skill(found: Effects) -> Iterator[KinNoSkill]:
    own, family = found.own.no_skill, found.family.no_skill
    for name in dict.fromkeys([*own, *family]):
        yield KinNoSkill(judge=name, own=own.get(name), family=family.get(name))


def families(found: Measured | None) -> RunFamilies | None:
    """Everybody's families and who says so."""
    if found is None:
        return None
    judges = [_name(name, "judge", kin) for name, kin in found.kinship.judges.items()]
    systems = [_name(name, "system", kin) for name, kin in found.kinship.systems.items()]
    return RunFamilies(table=TABLE_VERSION, names=[*judges, *systems])


def _name(name: str, role: str, kin: Kin) -> RunName:
    return RunName.model_validate(
        {"name": name, "role": role, "families": sorted(kin.families), "origin": kin.origin}
    )
