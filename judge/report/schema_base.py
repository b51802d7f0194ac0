"""What the models of a report stand on: strictness, how an estimate is written, and provenance."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from judge.types import Reading

Rate = Annotated[float, Field(ge=0, le=1)]


class Model(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        populate_by_name=True,
        json_schema_serialization_defaults_required=True,
    )


class E(Model):
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


class RunCriterion(Model):
    name: str
    question: str
    anchors: dict[str, str] = {}


class RunWording(Model):
    """The two templates of a wording; name "" is the rubric's own."""

    name: str
    system: str
    user: str


class RunRubric(Model):
    """A rubric, whole: fingerprint is the hash of all that a judge could see of it."""

    id: str
    fingerprint: str
    mode: str | None = None
    labels: list[str] = []
    criteria: list[RunCriterion] = []
    wordings: list[RunWording] = []


class RunPrices(Model):
    usd_per_mtok_in: float | None = None
    usd_per_mtok_out: float | None = None


class RunCapabilities(Model):
    structured: str
    temperature: bool
    seed: bool
    logprobs: bool


class RunJudge(Model):
    """A judge as it was configured. Keys and the names of their variables are no part of it.

    sent: the settings of one stored request as they went out, texts left out; null where none is stored.
    reading: what a verdict is, the label as written or how probable each was; null in older reports.
    endpoint: how an endpoint of provider http is asked, and where in its answer the verdict is; null for
    every other provider.
    """

    judge: str
    provider: str | None = None
    model: str | None = None
    base_url: str | None = None
    families: list[str] = []
    parameters: dict[str, JsonValue] = {}
    capabilities: RunCapabilities | None = None
    prices: RunPrices = RunPrices()
    simulated: bool = False
    sent: dict[str, JsonValue] | None = None
    reading: Reading | None = None
    endpoint: dict[str, JsonValue] | None = None


class RunName(Model):
    """A judge or system with its families. origin: declared by the user or the data, the built-in table."""

    name: str
    role: Literal["judge", "system"]
    families: list[str]
    origin: Literal["declared", "table", "unknown"]


class RunFamilies(Model):
    """Who is kin to whom. table: the version of the built-in table of model names."""

    table: str
    names: list[RunName]


class Source(Model):
    """The file that verdicts recorded elsewhere, or people's labels, were read from."""

    file: str
    sha256: str | None = None
    rows: int | None = None
    format: str | None = None


class LabelSource(Source):
    """People's labels. set: name and version of a set, null for a plain file; fingerprint: of what it holds.

    origin: synthetic for labels that were invented. locked: whether a lock holds the set to what it was.
    """

    set: str | None = None
    fingerprint: str | None = None
    origin: Literal["human", "synthetic"] | None = None
    locked: bool | None = None


class RunModel(Model):
    """Provenance. What is not known, or does not apply to the command, is null.

    margin: what may differ from 0.5 and still count as no difference and no bias. merge: how the orders
    of a pair became one value. design: which pairs of systems were judged for a ranking. stop_early:
    whether it could stop once the answer was known. escalate: the confidence below which the next judge
    was asked. style: whether layout was told apart from length.
    length_penalty: points for each doubling of length. labels, padded: what was read beside the verdicts.
    """

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
    repeat_share: float | None = None
    margin: float | None = None
    merge: str | None = None
    design: str | None = None
    stop_early: bool | None = None
    escalate: float | None = None
    style: bool | None = None
    length_penalty: float | None = None
    reused: int | None = None
    cost_usd: float | None = None
    calls: int | None = None
    attempts: int | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    source: Source | None = None
    labels: LabelSource | None = None
    padded: Source | None = None
    families: RunFamilies | None = None
