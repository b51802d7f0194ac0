"""What an audit said of a judge under a rubric, for later reports to quote, and when it may not be.

It belongs to one judge as it was set and one rubric, word for word. Orders and repeats are the audit's
own and no part of it. Whatever of the rest changes, or after its time, it is quoted as stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from pydantic import TypeAdapter

from judge import certificates
from judge.analysis.audit_asked import AuditKind
from judge.analysis.judge_audit import JudgeBattery
from judge.analysis.rubric_audit import JudgeSensitivity
from judge.certificates import MAX_AGE_DAYS, PARTS
from judge.types import JudgeModel, Rubric

KIND = "audit"
POSITION, CONSTANT_ANSWER = "position", "constant answer"

# What an audit stands on: all of a certificate's parts but how a run asks.
SETTINGS = {
    part: name for part, name in PARTS.items() if part not in ("swap", "repeats", "repeat_share")
}


@dataclass(frozen=True, slots=True)
class AuditCertificate:
    """parts: as `settings` gives them. tried: what was done, by name; moved: what moved verdicts.

    untold: of what nothing could be told. asked_at: when its oldest answer was given, ISO 8601. fingerprint:
    of all that the audit asked. simulated: the judge is no model. kind: beside other certificates.
    """

    audit: AuditKind
    judge: str
    rubric: str
    parts: Mapping[str, Any]
    fingerprint: str
    n_items: int
    tried: tuple[str, ...]
    moved: tuple[str, ...]
    untold: tuple[str, ...]
    run_id: str
    made_at: str
    asked_at: str
    max_age_days: int = MAX_AGE_DAYS
    simulated: bool = False
    kind: Literal["audit"] = "audit"

    @property
    def valid_until(self) -> datetime:
        return datetime.fromisoformat(self.asked_at) + timedelta(days=self.max_age_days)


@dataclass(frozen=True, slots=True)
class AuditStanding:
    """What may be said of a judge from an audit: valid where why is empty."""

    judge: str
    rubric: str
    certificate: AuditCertificate
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Used:
    """A judge under a rubric, as a run asks it. at: when, ISO 8601."""

    judge: str
    rubric: str
    at: str
    parts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an audit came to, by name of what was tried."""

    tried: tuple[str, ...]
    moved: tuple[str, ...]
    untold: tuple[str, ...]


_CERTIFICATE = TypeAdapter(AuditCertificate)


def to_payload(certificate: AuditCertificate) -> dict[str, Any]:
    """The certificate as plain JSON values."""
    return cast("dict[str, Any]", _CERTIFICATE.dump_python(certificate, mode="json"))


def from_payload(payload: Mapping[str, Any]) -> AuditCertificate:
    """The certificate of a stored payload."""
    return _CERTIFICATE.validate_python(dict(payload))


def is_one(payload: Mapping[str, Any]) -> bool:
    """Whether a stored payload is of an audit, and not of people's labels."""
    return payload.get("kind") == KIND


def settings(judge: JudgeModel, rubric: Rubric) -> dict[str, Any]:
    """All that an audit of this judge stands on, as JSON values. Never where its key is."""
    known = certificates.parts(judge, rubric, swap=None, repeats=1, repeat_share=1.0)
    return {part: known[part] for part in SETTINGS}


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The settings that are others than they were, in words, both values where they are short."""
    return [
        f"its {name} changed{_from_to(part, before.get(part), now.get(part))}"
        for part, name in SETTINGS.items()
        if before.get(part) != now.get(part)
    ]


def _from_to(part: str, before: object, after: object) -> str:
    shown = part in ("model", "provider", "reading")
    return f" ({before} then, {after} now)" if shown else ""


# -- what an audit came to -------------------------------------------------------------------------


def of_battery(battery: JudgeBattery) -> Outcome:
    """What was done to answers, and what of it moved the judge."""
    findings = {effect.perturbation: effect.finding for effect in battery.effects}
    if battery.position is not None:
        findings[POSITION] = battery.position.finding
    if battery.constant is not None:
        findings[CONSTANT_ANSWER] = _of_constant(battery.constant.is_last)
    return _outcome(findings, "moved")


def _of_constant(is_last: bool | None) -> str:
    if is_last is None:
        return "no verdicts"
    return "none shown" if is_last else "moved"


def of_sensitivity(one: JudgeSensitivity) -> Outcome:
    """The wordings that must give the same verdicts, and those that did not."""
    findings = {row.wording: row.finding for row in one.wordings if row.kind == "equivalent"}
    return _outcome(findings, "moves verdicts")


def _outcome(findings: Mapping[str, str], found: str) -> Outcome:
    told = (found, "none shown")
    return Outcome(
        tried=tuple(findings),
        moved=tuple(name for name, finding in findings.items() if finding == found),
        untold=tuple(name for name, finding in findings.items() if finding not in told),
    )


# -- what they say of a run ------------------------------------------------------------------------


def standings(used: Used, known: Iterable[AuditCertificate]) -> list[AuditStanding]:
    """What the audits say of a judge as a run asks it, one for each kind of audit that there is.

    One that fits in every part comes first, then the newest of that judge and rubric.
    """
    own = [one for one in known if _is_about(one, used)]
    kinds = sorted({one.audit for one in own})
    return [_best(used, [one for one in own if one.audit == kind]) for kind in kinds]


def _best(used: Used, own: Sequence[AuditCertificate]) -> AuditStanding:
    newest_first = sorted(own, key=lambda one: (one.asked_at, one.made_at), reverse=True)
    faults = [(one, stale(one, used)) for one in newest_first]
    best, why = min(faults, key=lambda fault: len(fault[1]))
    return AuditStanding(used.judge, used.rubric, best, tuple(why))


def stale(one: AuditCertificate, used: Used) -> list[str]:
    """Every reason for which an audit does not hold for this run, in words; none where it does."""
    found = differences(one.parts, used.parts)
    apart = datetime.fromisoformat(used.at) - datetime.fromisoformat(one.asked_at)
    if abs(apart.total_seconds()) / 86400 > one.max_age_days:
        found.append(f"it was asked more than {one.max_age_days} days before or after this run")
    return found


def _is_about(one: AuditCertificate, used: Used) -> bool:
    """Whether it is this judge's, by name or by all settings, under some version of this rubric."""
    is_same = one.judge == used.judge or not differences(one.parts, used.parts)
    return is_same and one.rubric.partition("@")[0] == used.rubric.partition("@")[0]
