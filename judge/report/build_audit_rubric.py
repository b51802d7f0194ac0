"""The audit of a rubric, from what was computed to the record that every writer reads."""

from __future__ import annotations

from collections.abc import Mapping

from judge.analysis.rubric_audit import JudgeSensitivity, RankStability, Variances
from judge.audit import Audited
from judge.report import schema_audit_rubric as schema
from judge.report.accounts import Account
from judge.report.build_audit import Writes, asked, filled


def rubric_audit(
    audited: Audited, estimate: Writes, accounts: Mapping[str, Account] | None = None
) -> schema.RubricAudit | None:
    """The section's record; None where no rubric was audited. accounts: judge -> what its calls came to."""
    if audited.rubric is None:
        return None
    return schema.RubricAudit(
        audit=asked(audited, accounts or {}),
        sensitivities=[_sensitivity(one, estimate) for one in audited.rubric.sensitivities],
        variances=[_variances(one, estimate) for one in audited.rubric.variances],
        warnings=list(audited.rubric.warnings),
    )


def _sensitivity(one: JudgeSensitivity, write: Writes) -> schema.JudgeSensitivity:
    return filled(
        schema.JudgeSensitivity,
        one,
        write,
        ceiling=filled(schema.WordingCeiling, one.ceiling, write),
        wordings=[filled(schema.WordingEffect, row, write) for row in one.wordings],
        omnibus=[filled(schema.WordingsTest, test, write) for test in one.omnibus],
        ranking=None if one.ranking is None else _ranking(one.ranking, write),
        criteria=[filled(schema.CriterionFlips, row, write) for row in one.criteria],
    )


def _ranking(one: RankStability, write: Writes) -> schema.RankStability:
    means = {wording: list(values) for wording, values in one.means}
    return filled(schema.RankStability, one, write, means=means, top=dict(one.top))


def _variances(one: Variances, write: Writes) -> schema.WordingVariances:
    return filled(
        schema.WordingVariances,
        one,
        write,
        components=[filled(schema.VarianceComponent, row, write) for row in one.components],
        now=filled(schema.DesignPoint, one.now, write),
        designs=[filled(schema.DesignPoint, point, write) for point in one.designs],
        needed=[filled(schema.DesignPoint, point, write) for point in one.needed],
    )
