"""The records of a run, in the order they are made.

Item -> Trial -> Prompt -> Completion -> Verdict -> Judgment -> Estimate. All are frozen; functions
between them live elsewhere. This module imports nothing of ours, so every part can share it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeVar

T = TypeVar("T")

Mode = Literal["pairwise", "single"]
Level = Literal["nominal", "ordinal", "interval"]
Order = Literal["AB", "BA"]
Reading = Literal["label", "logprobs"]
WordingKind = Literal["equivalent", "intervention"]


class Status(StrEnum):
    """What became of a planned trial. Only an OK verdict has a label or a score."""

    OK = "ok"
    UNPARSED = "unparsed"
    REFUSED = "refused"
    TRUNCATED = "truncated"
    FAILED = "failed"
    NOT_ASKED = "not_asked"


def canonical(value: object) -> str:
    """The one JSON text of a value: sorted keys, no spaces, UTF-8 kept."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def digest_text(text: str) -> str:
    """The tagged SHA-256 of a text. Lone surrogates, which JSON can carry, are hashed as they are."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def digest(value: object) -> str:
    """The tagged SHA-256 of a value's canonical JSON."""
    return digest_text(canonical(value))


# -- what is judged ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Response:
    """What one system wrote: a tuple of texts, one a turn."""

    system: str
    turns: tuple[str, ...]

    @property
    def length(self) -> int:
        """Characters over all turns."""
        return sum(len(turn) for turn in self.turns)


@dataclass(frozen=True, slots=True)
class Item:
    """One prompt with its responses. Items of one cluster are not independent of each other."""

    item_id: str
    prompt: tuple[str, ...]
    responses: tuple[Response, ...]
    reference: str | None = None
    category: str | None = None
    cluster: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.cluster:
            object.__setattr__(self, "cluster", self.item_id)

    @property
    def prompt_length(self) -> int:
        """Characters of the prompt over all turns."""
        return sum(len(turn) for turn in self.prompt)

    def response(self, system: str) -> Response | None:
        """The response of a system, None where it gave none."""
        return next((r for r in self.responses if r.system == system), None)


# -- how it is judged ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scale:
    """The admissible labels, lowest first, and their numbers where the level has any.

    In a pairwise rubric the first label means that the response shown first is better, the last that
    the second is, and tie_label that neither is.
    """

    level: Level
    labels: tuple[str, ...]
    values: tuple[float, ...] = ()
    tie_label: str | None = None

    def value(self, label: str) -> float | None:
        """The number of a label, None on a scale without numbers."""
        return self.values[self.labels.index(label)] if self.values else None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question of a rubric; anchors describe a label each; scale None is the rubric's own."""

    name: str
    question: str
    anchors: Mapping[str, str] = field(default_factory=dict)
    weight: float = 1.0
    scale: Scale | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """The two templates that a judge is asked with; name "" is the rubric's own.

    kind: an equivalent means the same, so that another verdict is instability; an intervention changes
    what is measured. forms: how it asks or is answered otherwise than by text, as wording_forms has them.
    generated: made from the rubric by rule, and no part of what its version freezes.
    """

    name: str
    system: str
    user: str
    kind: WordingKind = "equivalent"
    forms: tuple[str, ...] = ()
    generated: bool = False

    @property
    def fingerprint(self) -> str:
        """The hash of all that a judge can see of it or that decides how its answer is read."""
        return digest(self.key)

    @property
    def key(self) -> list[object]:
        """What the fingerprint is the hash of; plain wordings keep the key that they had before forms."""
        rest: list[object] = [] if self.is_plain else [self.kind, list(self.forms)]
        return [self.name, self.system, self.user, *rest]

    @property
    def is_plain(self) -> bool:
        """True for an equivalent that differs in nothing but its text."""
        return self.kind == "equivalent" and not self.forms


@dataclass(frozen=True, slots=True)
class Rubric:
    """A versioned question to a judge. Frozen for a run by its fingerprint."""

    name: str
    version: int
    mode: Mode
    criteria: tuple[Criterion, ...]
    scale: Scale
    system: str
    user: str
    description: str = ""
    needs_reference: bool = False
    source: str = ""
    licence: str = ""
    variants: tuple[Wording, ...] = ()

    @property
    def id(self) -> str:
        """Name and version, as in `helpfulness@1`."""
        return f"{self.name}@{self.version}"

    @property
    def fingerprint(self) -> str:
        """The hash of all that a judge can see or that decides how its answer is read."""
        return digest(
            {
                "name": self.name,
                "version": self.version,
                "mode": self.mode,
                "criteria": [
                    [
                        c.name,
                        c.question,
                        dict(c.anchors),
                        c.weight,
                        _scale_key(c.scale) if c.scale else None,
                    ]
                    for c in self.criteria
                ],
                "scale": _scale_key(self.scale),
                "system": self.system,
                "user": self.user,
                "needs_reference": self.needs_reference,
                "variants": [v.key for v in self.variants if not v.generated],
            }
        )

    def wording(self, variant: str = "") -> Wording:
        """The templates of a variant. Raises KeyError for an unknown one."""
        if not variant:
            return Wording("", self.system, self.user)
        return {v.name: v for v in self.variants}[variant]


def _scale_key(scale: Scale) -> list[object]:
    return [scale.level, list(scale.labels), list(scale.values), scale.tie_label]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model's API is known to accept. Unknown models are taken to enforce a JSON schema."""

    structured: Literal["json_schema", "tool", "none"] = "json_schema"
    temperature: bool = True
    seed: bool = True
    logprobs: bool = False


# Parameter -> the capability that a model must have to be sent it.
CAPABILITY_OF: Mapping[str, str] = {
    "temperature": "temperature",
    "top_p": "temperature",
    "top_k": "temperature",
    "seed": "seed",
    "logprobs": "logprobs",
    "top_logprobs": "logprobs",
}

# The reserved name under which the judges taken together are reported.
PANEL = "panel"


@dataclass(frozen=True, slots=True)
class JudgeModel:
    """A model with settings that gives verdicts. Holds the name of its key's variable, never the key.

    parameters: sent with every request as they are (`max_tokens` is named as the API wants it).
    usd_per_mtok_in, usd_per_mtok_out: dollars per million tokens, None where unknown.
    reading: whether a verdict is the label that was written, or how probable each label was.
    endpoint: how an endpoint of provider `http` is asked and read; empty for every other provider.
    """

    judge: str
    provider: str
    model: str
    base_url: str | None = None
    families: frozenset[str] = frozenset()
    capabilities: Capabilities = Capabilities()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    usd_per_mtok_in: float | None = None
    usd_per_mtok_out: float | None = None
    api_key_env: str | None = None
    max_concurrency: int | None = None
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    simulated: bool = False
    reading: Reading = "label"
    endpoint: Mapping[str, Any] = field(default_factory=dict)


# -- one question and its answer -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trial:
    """One planned presentation to one judge. In single mode system_b is None and order AB.

    content_key is the hash of what could change the answer; trial_id is that key in its place in a plan.
    """

    item_id: str
    judge: str
    rubric: str
    variant: str
    system_a: str
    system_b: str | None
    order: Order
    repeat: int
    content_key: str = ""

    @property
    def trial_id(self) -> str:
        return digest(
            [
                self.content_key,
                self.item_id,
                self.judge,
                self.rubric,
                self.variant,
                self.system_a,
                self.system_b,
                self.order,
                self.repeat,
            ]
        )

    def shown(self, responses: tuple[T, T]) -> tuple[T, T]:
        """The pair (of system_a, of system_b) in the order in which the judge sees it."""
        return responses if self.order == "AB" else (responses[1], responses[0])

    def unshown(self, label: Literal["A", "B", "tie"]) -> Literal["a", "b", "tie"]:
        """The winner in the item's own frame, from the slot (A first, B second) that the judge named."""
        if label == "tie":
            return "tie"
        return "a" if (label == "A") == (self.order == "AB") else "b"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request to a judge as it will be sent.

    schema: the JSON schema of the answer. marker: the code in the delimiters around judged text.
    request: the canonical JSON, with a placeholder for the marker, that content_key is the hash of.
    idempotency_key: the same without the endpoint, so that an answer does not hang on a port; asking
    once more appends "/reask".
    reask: 0, or 1 where an unreadable answer is asked for once more. in_text: the answer is wanted as plain
    text, so that no schema is enforced.
    """

    system: str
    user: str
    schema: Mapping[str, Any]
    marker: str
    request: str
    content_key: str
    idempotency_key: str
    reask: int = 0
    in_text: bool = False


@dataclass(frozen=True, slots=True)
class Completion:
    """What a judge's API answered.

    finish_reason: "stop", "length", "refusal", or the API's own word for anything else.
    tokens_in counts all input tokens, cached ones included. sent: the request's settings as they went
    out, texts left out; structured: how the schema was enforced ("json_schema", "tool", "none"), or
    "endpoint" where the text was put together from an endpoint's own fields.
    logprobs: the API's own structure for the answer's tokens, None where not asked for.
    """

    text: str
    finish_reason: str
    model: str
    request_id: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    latency_s: float = 0.0
    logprobs: tuple[Any, ...] | None = None
    structured: str = "none"
    sent: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was read in a completion, in the item's own frame.

    label: "a", "b" or "tie" in pairwise mode, the scale's label in single mode.
    criteria: criterion -> label, in the scale's own words. p_a: P(a better) + half P(tie).
    p_dist: label -> its probability as the judge's API gave it; what they lack to 1 lay off the scale.
    method: how the verdict was read; a reading that had to fall back on the label says so here.
    reason: why there is no label: what was wrong with the answer, the error, or who stopped the trial
    ("policy", "judge stopped", "budget", "interrupted").
    """

    status: Status
    label: str | None = None
    score: float | None = None
    criteria: Mapping[str, str] = field(default_factory=dict)
    p_a: float | None = None
    p_dist: Mapping[str, float] | None = None
    method: str = ""
    explanation: str = ""
    reason: str = ""
    parser_version: int = 0

    def __post_init__(self) -> None:
        has_value = self.label is not None or self.score is not None
        if has_value != (self.status is Status.OK):
            raise ValueError("a verdict has a label or score if and only if its status is ok")


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was answered, or given up after its attempts, as the store keeps it.

    completion: None where every attempt failed; error then says why. cost_usd: None where the price is
    unknown. booked_usd: what a budget counts, more than the cost where that is not known. asked_at:
    ISO 8601, UTC. call_id: given by the store.
    """

    content_key: str
    request: str
    marker: str
    reask: int
    completion: Completion | None
    error: str
    attempts: int
    cost_usd: float | None
    asked_at: str
    booked_usd: float = 0.0
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class Judgment:
    """A trial with its verdict and the calls that were made for it.

    calls: empty where nothing was sent; reused: the stored call that was read instead.
    """

    trial: Trial
    verdict: Verdict
    calls: tuple[Call, ...] = ()
    reused: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One carrying-out of a plan. state: "running", "done", "interrupted" or "budget".

    config: all that is needed to plan again (judges, rubrics whole, swap, repeats, seed, limits).
    planned: judge -> number of trials. cost_usd: None where a price is unknown. stopped: judge -> why
    no request to it could pass.
    """

    run_id: str
    command: str
    config: Mapping[str, Any]
    items_hash: str
    seed: int
    revision: str
    packages: Mapping[str, str]
    planned: Mapping[str, int]
    state: str
    started_at: str
    ended_at: str | None = None
    cost_usd: float | None = None
    stopped: Mapping[str, str] = field(default_factory=dict)


# -- what people said, and what came out ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HumanLabel:
    """One rater's label of one answer (system) or one pair (system_a, system_b)."""

    item_id: str
    rater: str
    system: str | None = None
    system_a: str | None = None
    system_b: str | None = None
    criterion: str = ""
    label: str | None = None
    score: float | None = None
    order_shown: str | None = None
    labelled_at: str | None = None
    inclusion_prob: float | None = None
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its uncertainty and its denominator; value None is undefined, and note says why.

    n counts values after averaging, n_missing is in the same unit. unit: "rate" (0..1), "score", ...
    """

    name: str
    value: float | None
    se: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    confidence: float = 0.95
    unit: str = "rate"
    n: int = 0
    n_clusters: int = 0
    n_missing: int = 0
    method: str = ""
    note: str = ""
