"""How the JSON of a report holds what is known of its judges from people, and from audits."""

from __future__ import annotations

from typing import Literal

from judge.report.schema_base import E, Model


class CertificateFound(Model):
    """What labels said: on n_items units, labelled by n_raters people in all. alt_test: whether it passed
    at epsilon, null where it could not be asked."""

    percent: E
    cohen_kappa: E
    krippendorff_alpha: E
    gwet_ac1: E
    human_ceiling: E
    difference_from_ceiling: E
    n_items: int
    n_raters: int
    alt_test: bool | None
    epsilon: float | None


class Certificate(Model):
    """What may be said of a judge under a rubric, from people, at the time of this run.

    state: valid; stale where a part changed or it is too old; none. why: what is stale of it, or why
    there is none. The rest is null without a certificate. label_set: NAME@N, of which only `split`
    counted. run_id: the run that it was made of. valid_until: the last day on which it is quoted.
    criterion: what was labelled, "" being the overall verdict. simulated: the judge is no model.
    """

    judge: str
    rubric: str
    state: Literal["valid", "stale", "none"]
    why: list[str]
    label_set: str | None
    label_set_fingerprint: str | None
    split: str | None
    criterion: str | None
    run_id: str | None
    made_at: str | None
    valid_until: str | None
    simulated: bool | None
    found: CertificateFound | None


class AuditCertificate(Model):
    """What an audit said of a judge under a rubric, at the time of this run.

    audit: of what, the judge or the rubric. state: stale where a part changed or it is too old, and why.
    tried: what was done that must not matter; moved: what of it moved verdicts; untold: of what nothing
    could be told. run_id: the audit's; asked_at: when its oldest answer was given; valid_until: the last
    day on which it is quoted. fingerprint: of all that it asked. simulated: the judge is no model.
    """

    judge: str
    rubric: str
    audit: Literal["rubric", "judge"]
    state: Literal["valid", "stale"]
    why: list[str]
    n_items: int
    tried: list[str]
    moved: list[str]
    untold: list[str]
    run_id: str
    fingerprint: str
    made_at: str
    asked_at: str
    valid_until: str
    simulated: bool
