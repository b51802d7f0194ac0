"""`--certify` of agree and of audits, and `judge runs --certificates`: certificates by the name of a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from judge.audit_certificates import AuditStanding
from judge.certificates import Standing
from judge.errors import InputError
from judge.report import build_certificate
from judge.report.blocks import Block
from judge.report.build import estimate
from judge.report.certificate_words import listing
from judge.store import open_existing
from judge.workflow import audit_certify, run_labels
from judge.workflow.audit_certify import AuditCertified
from judge.workflow.beside import label_set_of
from judge.workflow.certify import RECORDED, Certified, all_of, certified, check_set
from judge.workflow.options import Options, agreed
from judge.workflow.recipe import from_config
from judge.workflow.runs import found


def certified_run(run_id: str, labels: Path, options: Options, *, now: datetime) -> Certified:
    """The certificates of a run of the store by the set of that name. Raises InputError."""
    if Path(run_id).exists():
        raise InputError(
            f"--certify: {run_id} is a file, and {RECORDED}: name a run of the store, as `judge runs` lists "
            "them"
        )
    asked = replace(options, labels=labels)
    with open_existing(options.store) as store:
        run = found(store, run_id)
        known = check_set(label_set_of(asked))
        recipe = from_config(run.config)
        run_labels.checked(recipe, tuple(recipe.own(store.items(run.run_id))), asked)
        return certified(
            store,
            run,
            known,
            now=now,
            max_missing=options.max_missing,
            max_age_days=options.certificate_days,
            agree=agreed(options, recipe.agree),
        )


def certified_audit(run_id: str, options: Options, *, now: datetime) -> AuditCertified:
    """The certificates of an audit of the store, by its id. Raises InputError where none can be made."""
    with open_existing(options.store) as store:
        return audit_certify.certified(
            store,
            found(store, run_id),
            now=now,
            max_missing=options.max_missing,
            max_age_days=options.certificate_days,
        )


def shown(store_at: str) -> list[Block]:
    """The certificates of a store for a terminal, the newest first: by people, then by audits."""
    with open_existing(store_at) as store:
        known, audits = all_of(store), audit_certify.all_of(store)
    standing = (Standing(one.judge, one.rubric, "valid", (), one) for one in reversed(known))
    people = [build_certificate.certificate(one, estimate) for one in standing]
    audited = (AuditStanding(one.judge, one.rubric, one) for one in reversed(audits))
    return listing(people, [build_certificate.audit(one) for one in audited])
