"""From what certificates say of a run's judges to the JSON."""

from __future__ import annotations

from collections.abc import Callable

from judge.audit_certificates import AuditStanding
from judge.certificates import Standing
from judge.report.schema_base import E
from judge.report.schema_certificate import AuditCertificate, Certificate, CertificateFound
from judge.types import Estimate


def certificate(one: Standing, estimate: Callable[[Estimate], E]) -> Certificate:
    """One judge's certificate as the JSON has it."""
    own = one.certificate
    return Certificate(
        judge=one.judge,
        rubric=one.rubric,
        state=one.state,
        why=[*one.why],
        label_set=own and own.label_set,
        label_set_fingerprint=own and own.label_set_fingerprint,
        split=own and own.split,
        criterion=None if own is None else own.criterion,
        run_id=own and own.run_id,
        made_at=own and own.made_at,
        valid_until=own and own.valid_until.isoformat(timespec="seconds"),
        simulated=None if own is None else own.simulated,
        found=own
        and CertificateFound(
            **{name: estimate(e) for name, e in own.found.estimates.items()},
            n_items=own.found.n_items,
            n_raters=own.found.n_raters,
            alt_test=own.found.alt_test,
            epsilon=own.found.epsilon,
        ),
    )


def audit(one: AuditStanding) -> AuditCertificate:
    """What an audit said of a judge, as the JSON has it."""
    own = one.certificate
    return AuditCertificate(
        judge=one.judge,
        rubric=one.rubric,
        audit=own.audit,
        state="stale" if one.why else "valid",
        why=[*one.why],
        n_items=own.n_items,
        tried=[*own.tried],
        moved=[*own.moved],
        untold=[*own.untold],
        run_id=own.run_id,
        fingerprint=own.fingerprint,
        made_at=own.made_at,
        asked_at=own.asked_at,
        valid_until=own.valid_until.isoformat(timespec="seconds"),
        simulated=own.simulated,
    )
