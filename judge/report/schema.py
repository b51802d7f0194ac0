"""The report as JSON: these models are its definition, docs/report.schema.json is made from them.

A section that does not apply is absent; a key that holds an estimate is always there, its value null
with a note where it is undefined or was not computed. Rates run from 0 to 1. NaN and infinity cannot
be written.

    python -m judge.report.schema > docs/report.schema.json
"""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from judge.report.schema_agreement import (
    Agreement,
    AltTest,
    AltTestRater,
    Confusion,
    Correlations,
    Disagreement,
    JudgeAgreement,
    LackingVerdicts,
    MajorityAgreement,
    MarginalShare,
    RaterLabels,
    RaterPair,
    Raters,
    SaidByRater,
    SliceAgreement,
)
from judge.report.schema_audit_judge import JudgeAudit
from judge.report.schema_audit_rubric import RubricAudit
from judge.report.schema_base import (
    E,
    LabelSource,
    Model,
    Rate,
    RunCapabilities,
    RunCriterion,
    RunFamilies,
    RunJudge,
    RunModel,
    RunName,
    RunPrices,
    RunRubric,
    RunWording,
    Source,
)
from judge.report.schema_certificate import AuditCertificate, Certificate, CertificateFound
from judge.report.schema_correction import CorrectedRow, Correction, Transport
from judge.report.schema_drift import Drift, DriftRun
from judge.report.schema_early_stop import Stopping
from judge.report.schema_evidence import (
    Example,
    ExampleResponse,
    ExampleVerdict,
    Excerpt,
    Missing,
    Spotcheck,
    SpotcheckJudge,
    SpotcheckSpot,
)
from judge.report.schema_families import (
    JudgeSelfPreference,
    KinNoSkill,
    LeftOutOfFamily,
    SelfPreference,
)
from judge.report.schema_length import (
    Length,
    LengthGivenGold,
    LengthNoSkill,
    LengthPadding,
    LengthSlope,
)
from judge.report.schema_panel import Panel, PanelMember, Repeats
from judge.report.schema_position import Equivalence, Position, PositionNoSkill
from judge.report.schema_ranking import JudgeOrder, Misfit, RankedSystem, Ranking
from judge.report.schema_selective import (
    Escalation,
    EscalationTier,
    Selective,
    SelectiveLevel,
    SelectiveTier,
)

__all__ = [
    "SCHEMA",
    "Agreement",
    "AltTest",
    "AltTestRater",
    "AuditCertificate",
    "Basis",
    "Certificate",
    "CertificateFound",
    "Comparison",
    "Conclusion",
    "Confusion",
    "CorrectedRow",
    "Correction",
    "Correlations",
    "Disagreement",
    "Drift",
    "DriftRun",
    "E",
    "Equivalence",
    "Escalation",
    "EscalationTier",
    "Example",
    "ExampleResponse",
    "ExampleVerdict",
    "Excerpt",
    "JudgeAgreement",
    "JudgeAudit",
    "JudgeEntry",
    "JudgeOrder",
    "JudgeSelfPreference",
    "KinNoSkill",
    "LabelSource",
    "LackingVerdicts",
    "LeftOutOfFamily",
    "Length",
    "LengthGivenGold",
    "LengthNoSkill",
    "LengthPadding",
    "LengthSlope",
    "MajorityAgreement",
    "MarginalShare",
    "Misfit",
    "Missing",
    "Panel",
    "PanelMember",
    "Position",
    "PositionNoSkill",
    "RankedSystem",
    "Ranking",
    "Rate",
    "RaterLabels",
    "RaterPair",
    "Raters",
    "Repeats",
    "Report",
    "RubricAudit",
    "RunCapabilities",
    "RunCriterion",
    "RunFamilies",
    "RunJudge",
    "RunModel",
    "RunName",
    "RunPrices",
    "RunRubric",
    "RunWording",
    "SaidByRater",
    "Score",
    "Selective",
    "SelectiveLevel",
    "SelectiveTier",
    "SelfPreference",
    "SliceAgreement",
    "SlicePart",
    "Slicing",
    "Source",
    "Spotcheck",
    "SpotcheckJudge",
    "SpotcheckSpot",
    "Stopping",
    "Transport",
    "json_schema",
    "to_json",
]

SCHEMA = "judge.report/1"

Conclusion = Literal["better", "worse", "equivalent", "no difference shown"]
Basis = Literal["raw", "human_corrected"]


def _is_none(value: object) -> bool:
    return value is None


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


# A section that is left out of the JSON where it does not apply, rather than written as null.
_absent: Any = Field(default=None, exclude_if=_is_none, json_schema_extra=_without_default)


# -- what came out -------------------------------------------------------------------------------


class Comparison(Model):
    """The share that `system` wins against `baseline`, ties half, in the eyes of one judge or the panel.

    matched_length: the same among pairs of nearly equal length. log_length_ratio: the mean of
    log((1 + length) / (1 + the baseline's)). length_dependent: whether the side of a half, or the rank
    among the systems, is clear and another at equal length; null where that is not known.
    """

    system: str
    baseline: str
    judge: str
    members: list[str]
    rubric: str
    variant: str
    slice: str
    raw: E
    position_adjusted: E
    length_controlled: E
    style_controlled: E
    matched_length: E
    log_length_ratio: E
    length_dependent: bool | None
    family_adjusted: E
    human_corrected: E
    smallest_detectable: float | None
    conclusion: Conclusion | None
    basis: Basis | None
    notes: list[str]


class Score(Model):
    """The mean score of a system on a criterion; criterion "" is the overall score.

    adjusted: brought to equal length by what length adds beyond merit. penalised: less a stated price of
    length.

    severity_adjusted: of a panel, over every answer that any judge scored, each judge's severity off.
    family_adjusted: without what judges add to their own family's answers. human_corrected,
    human_corrected_difference: the score, and its difference from the baseline's, by people's labels.
    """

    system: str
    judge: str
    members: list[str]
    rubric: str
    criterion: str
    slice: str
    raw: E
    severity_adjusted: E
    family_adjusted: E
    adjusted: E
    penalised: E
    human_corrected: E
    difference_from_baseline: E
    human_corrected_difference: E


class SlicePart(Model):
    """p_value: of its win rate being a half, after Holm over all slices. in_test: it is large enough to
    be held against the others."""

    slice: str
    p_value: Rate | None
    in_test: bool


class Slicing(Model):
    """Whether what `system` achieves is the same in all slices of one kind of the items.

    unit rate: its win rate against `baseline`; unit score: its score, or where there is a baseline the
    difference from it. p_value: after Holm over all slicings. smallest_detectable: a difference between
    two slices that would have been shown.
    """

    name: str
    system: str
    baseline: str | None
    judge: str
    rubric: str
    unit: str
    p_value: Rate | None
    differs: bool | None
    smallest_detectable: float | None
    slices: list[SlicePart]
    note: str


class JudgeEntry(Model):
    """One judge under one wording: planned is the sum of the six counts after it."""

    judge: str
    rubric: str
    variant: str
    planned: int
    ok: int
    unparsed: int
    refused: int
    truncated: int
    failed: int
    not_asked: int
    reused: int | None
    cost_usd: float | None
    position: Position
    length: Length
    self_preference: JudgeSelfPreference
    repetition_stability: E
    repeats: Repeats


def _sections_are_optional(schema: dict[str, Any]) -> None:
    schema["required"] = [name for name in schema["required"] if name not in _SECTIONS]


_SECTIONS = (
    *("comparisons", "scores", "length_slopes", "slicings", "early_stop", "ranking"),
    *("panels", "self_preference", "agreement", "missing", "examples", "spotcheck"),
    *("certificates", "audits", "drift"),
    *("escalation", "selective"),
    *("rubric_audit", "judge_audit"),
)


class Report(Model):
    """A report of `judge`. Sections that do not apply are absent."""

    model_config = ConfigDict(json_schema_extra=_sections_are_optional)

    schema_: Literal["judge.report/1"] = Field(default="judge.report/1", alias="schema")
    run: RunModel
    warnings: list[str]
    certificates: list[Certificate] | SkipJsonSchema[None] = _absent
    audits: list[AuditCertificate] | SkipJsonSchema[None] = _absent
    comparisons: list[Comparison] | SkipJsonSchema[None] = _absent
    scores: list[Score] | SkipJsonSchema[None] = _absent
    length_slopes: list[LengthSlope] | SkipJsonSchema[None] = _absent
    slicings: list[Slicing] | SkipJsonSchema[None] = _absent
    early_stop: list[Stopping] | SkipJsonSchema[None] = _absent
    escalation: Escalation | SkipJsonSchema[None] = _absent
    selective: list[Selective] | SkipJsonSchema[None] = _absent
    ranking: Ranking | SkipJsonSchema[None] = _absent
    judges: list[JudgeEntry]
    panels: list[Panel] | SkipJsonSchema[None] = _absent
    self_preference: list[SelfPreference] | SkipJsonSchema[None] = _absent
    agreement: Agreement | SkipJsonSchema[None] = _absent
    correction: Correction | SkipJsonSchema[None] = _absent
    drift: list[Drift] | SkipJsonSchema[None] = _absent
    rubric_audit: RubricAudit | SkipJsonSchema[None] = _absent
    judge_audit: JudgeAudit | SkipJsonSchema[None] = _absent
    missing: list[Missing] | SkipJsonSchema[None] = _absent
    examples: list[Example] | SkipJsonSchema[None] = _absent
    spotcheck: Spotcheck | SkipJsonSchema[None] = _absent


def to_json(report: Report) -> str:
    """The report as indented JSON, characters that could steer a terminal written as escapes."""
    plain = report.model_dump(mode="python", by_alias=True)
    text = json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False)
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text) + "\n"


def json_schema() -> str:
    """The JSON schema (draft 2020-12) of a report, as it is kept in docs/."""
    schema = Report.model_json_schema(by_alias=True, mode="serialization")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA}
    return json.dumps(head | schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(json_schema(), end="")
