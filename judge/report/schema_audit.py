"""What the audits of rubrics and of judges have in common in the JSON of a report."""

from __future__ import annotations

from typing import Literal

from judge.report.schema_base import Model


class AuditedWording(Model):
    """A wording that was asked; name "" is the rubric's own. fingerprint: of its text, "" where unknown.

    forms: how it asks or is answered otherwise than by its text. what: what it does to the rubric's own
    wording; remedy: what to change where it moves verdicts.
    """

    name: str
    kind: Literal["equivalent", "intervention"]
    fingerprint: str
    forms: list[str]
    what: str
    remedy: str


class AuditedPerturbation(Model):
    """Something that was done to answers. remedy: what to change where it moves a judge."""

    name: str
    group: str
    what: str
    remedy: str


class AuditCost(Model):
    """What one judge's part of an audit took. cost_usd is null where a price is unknown."""

    judge: str
    calls: int
    reused: int
    tokens_in: int
    tokens_out: int
    cost_usd: float | None


class Audited(Model):
    """What was asked. fingerprint: of all that is fixed in the audit; n_available: items to draw from.

    base: the wording that the others are held against. target_source: who decided which answer is
    perturbed; n_targets: items where that was known beforehand; n_answers: with a known right verdict.
    costs: per judge, empty where nothing was asked here.
    """

    kind: Literal["rubric", "judge"]
    fingerprint: str
    n_items: int
    n_available: int
    base: str
    wordings: list[AuditedWording]
    perturbations: list[AuditedPerturbation]
    target_source: str
    n_targets: int
    n_answers: int
    costs: list[AuditCost]
