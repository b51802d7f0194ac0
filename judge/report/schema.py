"""The report as JSON: these models are its definition, docs/report.schema.json is made from them.

A section that does not apply is absent; a key that holds an estimate is always there, its value null
with a note where it is undefined or was not computed. Rates run from 0 to 1. NaN and infinity cannot
be written.

    python -m judge.report.schema > docs/report.schema.json
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.json_schema import SkipJsonSchema

SCHEMA = "judge.report/1"

Conclusion = Literal["better", "worse", "equivalent", "no difference shown"]
Basis = Literal["raw", "human_corrected"]
Rate = Annotated[float, Field(ge=0, le=1)]


class _Model(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        populate_by_name=True,
        json_schema_serialization_defaults_required=True,
    )


def _is_none(value: object) -> bool:
    return value is None


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


# A section that is left out of the JSON where it does not apply, rather than written as null.
_absent: Any = Field(default=None, exclude_if=_is_none, json_schema_extra=_without_default)


class E(_Model):
    """An estimate: a number with its uncertainty and its denominator."""

    value: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    confidence: float
    unit: str
    n: int
    n_clusters: int
    n_missing: int
    method: str
    note: str


# -- how the numbers came about ------------------------------------------------------------------


class RunRubric(_Model):
    id: str
    fingerprint: str


class RunPrices(_Model):
    usd_per_mtok_in: float | None = None
    usd_per_mtok_out: float | None = None


class RunCapabilities(_Model):
    structured: str
    temperature: bool
    seed: bool
    logprobs: bool


class RunJudge(_Model):
    """A judge as it was configured. Keys and the names of their variables are no part of it."""

    judge: str
    provider: str | None = None
    model: str | None = None
    base_url: str | None = None
    families: list[str] = []
    parameters: dict[str, JsonValue] = {}
    capabilities: RunCapabilities | None = None
    prices: RunPrices = RunPrices()
    simulated: bool = False


class Source(_Model):
    """The file that verdicts recorded elsewhere were read from."""

    file: str
    sha256: str | None = None
    rows: int | None = None
    format: str | None = None


class RunModel(_Model):
    """Provenance. What is not known, or does not apply to the command, is null."""

    run_id: str | None = None
    command: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    state: str | None = None
    seed: int | None = None
    items_hash: str | None = None
    items: int | None = None
    rubrics: list[RunRubric] = []
    judges: list[RunJudge] = []
    simulated_judges: list[str] = []
    versions: dict[str, str] = {}
    swap: str | None = None
    repeats: int | None = None
    reused: int | None = None
    cost_usd: float | None = None
    calls: int | None = None
    attempts: int | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    source: Source | None = None


# -- what came out -------------------------------------------------------------------------------


class Comparison(_Model):
    """The share that `system` wins against `baseline`, ties half, in the eyes of one judge or the panel."""

    system: str
    baseline: str
    judge: str
    members: list[str]
    rubric: str
    variant: str
    slice: str
    raw: E
    length_controlled: E
    human_corrected: E
    smallest_detectable: float | None
    conclusion: Conclusion | None
    basis: Basis | None
    notes: list[str]


class Score(_Model):
    """The mean score of a system on a criterion; criterion "" is the overall score."""

    system: str
    judge: str
    members: list[str]
    rubric: str
    criterion: str
    slice: str
    raw: E
    adjusted: E
    difference_from_baseline: E


class RankedSystem(_Model):
    system: str
    strength: E
    rank_low: int
    rank_high: int
    p_best: Rate | None


class Ranking(_Model):
    systems: list[RankedSystem]
    connected: bool


class Position(_Model):
    """What showing an answer first did. 0.5 is no effect on first_shown_rate, 0 none on the fairness."""

    consistency: E
    preference_fairness: E
    first_shown_rate: E
    p_value: Rate | None
    n_pairs: int


class Length(_Model):
    """A coefficient above 0 means that the judge favours the longer answer."""

    coefficient: E
    scale: float | None


class JudgeEntry(_Model):
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
    self_preference: dict[str, JsonValue]
    repetition_stability: E


class AltTest(_Model):
    winning_rate: Rate | None
    advantage_probability: Rate | None
    epsilon: float | None
    passed: bool | None


class JudgeAgreement(_Model):
    """How far a judge concurs with people."""

    judge: str
    criterion: str
    n_items: int
    n_raters: int
    percent: E
    cohen_kappa: E
    krippendorff_alpha: E
    gwet_ac1: E
    spearman: E
    kendall_tau: E
    human_ceiling: E
    difference_from_ceiling: E
    alt_test: AltTest


class RaterPair(_Model):
    rater_a: str
    rater_b: str
    kappa: E


class Raters(_Model):
    """How far people concur with each other."""

    krippendorff_alpha: E
    pairwise_cohen_kappa: list[RaterPair]


class Agreement(_Model):
    judges: list[JudgeAgreement]
    raters: Raters


def _sections_are_optional(schema: dict[str, Any]) -> None:
    schema["required"] = [name for name in schema["required"] if name not in _SECTIONS]


_SECTIONS = ("comparisons", "scores", "ranking", "agreement")


class Report(_Model):
    """A report of `judge`. Sections that do not apply are absent."""

    model_config = ConfigDict(json_schema_extra=_sections_are_optional)

    schema_: Literal["judge.report/1"] = Field(default="judge.report/1", alias="schema")
    run: RunModel
    warnings: list[str]
    comparisons: list[Comparison] | SkipJsonSchema[None] = _absent
    scores: list[Score] | SkipJsonSchema[None] = _absent
    ranking: Ranking | SkipJsonSchema[None] = _absent
    judges: list[JudgeEntry]
    agreement: Agreement | SkipJsonSchema[None] = _absent


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
