"""What is known of a judge from people, and for how long, and of which settings, it may be quoted.

A certificate belongs to one judge as it was set, one rubric, the orders and repeats that were asked, and
one locked set of labels. Whatever of these changes, or after its time, it is quoted as stale: what was
measured is still true of what was measured, and nobody knows whether of this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from pydantic import TypeAdapter

from judge.types import Estimate, JudgeModel, Rubric

State = Literal["valid", "stale", "none"]

# With fewer labelled units an agreement of 84 % is known to no better than 14 points.
FEWEST_UNITS = 30

MAX_AGE_DAYS = 90

# Part -> how a sentence calls it. `settings` are all of the judge's, told apart by name.
PARTS = {
    "provider": "provider",
    "model": "model",
    "base_url": "address",
    "parameters": "parameters",
    "capabilities": "capabilities",
    "reading": "reading of verdicts",
    "endpoint": "endpoint",
    "rubric_fingerprint": "rubric",
    "swap": "orders",
    "repeats": "repeats",
    "repeat_share": "share of repeated items",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What labels said of a judge. estimates: percent, cohen_kappa, krippendorff_alpha, gwet_ac1,
    difference_from_ceiling. alt_test: whether it passed at epsilon, None where it could not be asked."""

    estimates: Mapping[str, Estimate]
    n_items: int
    n_raters: int
    alt_test: bool | None = None
    epsilon: float | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """parts: as `parts` gives them. label_set: NAME@N; made_at: ISO 8601. split: whose labels counted.

    simulated: the judge is no model, so that this certifies the software and nothing else.
    """

    judge: str
    rubric: str
    parts: Mapping[str, Any]
    label_set: str
    label_set_fingerprint: str
    found: Found
    run_id: str
    made_at: str
    split: str = "test"
    criterion: str = ""
    max_age_days: int = MAX_AGE_DAYS
    simulated: bool = False

    @property
    def valid_until(self) -> datetime:
        return datetime.fromisoformat(self.made_at) + timedelta(days=self.max_age_days)


@dataclass(frozen=True, slots=True)
class Standing:
    """What may be said of a judge under a rubric. why: what is stale of it, or why there is none."""

    judge: str
    rubric: str
    state: State
    why: tuple[str, ...] = ()
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A judge under a rubric, as a run asked it. at: when, ISO 8601."""

    judge: str
    rubric: str
    at: str
    parts: Mapping[str, Any] = field(default_factory=dict)


_CERTIFICATE = TypeAdapter(Certificate)


def to_payload(certificate: Certificate) -> dict[str, Any]:
    """The certificate as plain JSON values."""
    return cast("dict[str, Any]", _CERTIFICATE.dump_python(certificate, mode="json"))


def from_payload(payload: Mapping[str, Any]) -> Certificate:
    """The certificate of a stored payload."""
    return _CERTIFICATE.validate_python(dict(payload))


def parts(
    judge: JudgeModel, rubric: Rubric, *, swap: str | None, repeats: int, repeat_share: float
) -> dict[str, Any]:
    """All that a certificate stands on besides the labels, as JSON values. swap: None of single answers.

    Not the judge's name, prices and limits, which change no answer, and never where its key is.
    """
    can = judge.capabilities
    return {
        "provider": judge.provider,
        "model": judge.model,
        "base_url": judge.base_url,
        "parameters": dict(judge.parameters),
        "capabilities": {
            "structured": can.structured,
            "temperature": can.temperature,
            "seed": can.seed,
            "logprobs": can.logprobs,
        },
        "reading": judge.reading,
        "endpoint": {name: value for name, value in judge.endpoint.items() if name != "auth"},
        "rubric_fingerprint": rubric.fingerprint,
        "swap": swap,
        "repeats": repeats,
        "repeat_share": repeat_share if repeats > 1 else 1.0,
    }


def standing(
    asked: Asked, certificates: Iterable[Certificate], sets: Mapping[str, str] = {}
) -> Standing:
    """What the certificates say of a judge as it was asked.

    sets: id of a set of labels -> what became of it since, in words; those of which nothing is to be said
    are absent. One that fits in every part comes first, then the newest of that name and rubric.
    """
    own = sorted(
        (c for c in certificates if _is_about(c, asked)), key=lambda c: c.made_at, reverse=True
    )
    if not own:
        return Standing(asked.judge, asked.rubric, "none", (_lacking(asked, certificates),))
    faults = [(one, stale(one, asked, sets)) for one in own]
    best, why = min(faults, key=lambda fault: len(fault[1]))
    return Standing(asked.judge, asked.rubric, "stale" if why else "valid", tuple(why), best)


def stale(one: Certificate, asked: Asked, sets: Mapping[str, str] = {}) -> list[str]:
    """Every reason for which a certificate does not hold for this, in words; none where it does."""
    found = [
        f"its {name} changed{_from_to(part, one.parts.get(part), asked.parts.get(part))}"
        for part, name in PARTS.items()
        if one.parts.get(part) != asked.parts.get(part)
    ]
    if one.label_set in sets:
        found.append(sets[one.label_set])
    if _days_apart(one, asked) > one.max_age_days:
        found.append(f"it was made more than {one.max_age_days} days before or after this run")
    return found


def _is_about(one: Certificate, asked: Asked) -> bool:
    """Whether it is this judge's, by name or by all settings, under some version of this rubric."""
    is_same = one.judge == asked.judge or all(
        one.parts.get(part) == asked.parts.get(part) for part in PARTS
    )
    return is_same and _family(one.rubric) == _family(asked.rubric)


def _family(rubric: str) -> str:
    return rubric.partition("@")[0]


def _lacking(asked: Asked, certificates: Iterable[Certificate]) -> str:
    others: Sequence[str] = sorted({c.rubric for c in certificates if c.judge == asked.judge})
    if others:
        return f"its certificates are for another rubric: {', '.join(others)}"
    return "none was made in this store"


def _from_to(part: str, before: object, after: object) -> str:
    """Both values where they are short and can hold no secret."""
    if part in ("model", "provider", "swap", "repeats", "reading"):
        return f" ({before} then, {after} now)"
    return ""


def _days_apart(one: Certificate, asked: Asked) -> float:
    """Days between the certificate and the run: a service may change before as well as after."""
    apart = datetime.fromisoformat(asked.at) - datetime.fromisoformat(one.made_at)
    return abs(apart.total_seconds()) / 86400
