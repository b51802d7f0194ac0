"""The audit of a judge, from what was computed to the record that every writer reads."""

from __future__ import annotations

from collections.abc import Mapping

from judge.analysis.judge_audit import Effect, Floor, JudgeBattery
from judge.audit import Audited
from judge.report import schema_audit_judge as schema
from judge.report.accounts import Account
from judge.report.build_audit import Writes, asked, filled


def judge_audit(
    audited: Audited, estimate: Writes, accounts: Mapping[str, Account] | None = None
) -> schema.JudgeAudit | None:
    """The section's record; None where no judge was audited. accounts: judge -> what its calls came to."""
    if audited.judge is None:
        return None
    return schema.JudgeAudit(
        audit=asked(audited, accounts or {}),
        batteries=[_battery(one, estimate) for one in audited.judge.batteries],
        warnings=list(audited.judge.warnings),
    )


def _battery(one: JudgeBattery, write: Writes) -> schema.JudgeBattery:
    position, constant = one.position, one.constant
    return filled(
        schema.JudgeBattery,
        one,
        write,
        effects=[_effect(effect, write) for effect in one.effects],
        position=None if position is None else filled(schema.PositionEffect, position, write),
        floors=[_floor(floor) for floor in one.floors],
        known=[filled(schema.KnownAnswers, row, write) for row in one.known],
        constant=None if constant is None else filled(schema.ConstantAnswer, constant, write),
    )


def _effect(one: Effect, write: Writes) -> schema.PerturbationEffect:
    parts = [filled(schema.PerturbationPart, part, write) for part in one.parts]
    return filled(schema.PerturbationEffect, one, write, parts=parts)


def _floor(one: Floor) -> schema.NoSkillFloor:
    return schema.NoSkillFloor(name=one.name, shift=dict(one.shift), success=dict(one.success))
