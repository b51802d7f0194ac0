"""What both audits need to become JSON: records field by field, and what was asked with what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from judge import perturbations, wording_forms, wordings
from judge.analysis.audit_asked import AskedWording
from judge.audit import Audited
from judge.report import schema_audit as schema
from judge.report.accounts import Account
from judge.report.schema_base import E, Model
from judge.types import Estimate

M = TypeVar("M", bound=Model)
Writes = Callable[[Estimate], E]


def filled(model: type[M], record: object, write: Writes, **made: Any) -> M:
    """A record as the model of the same fields. made: fields that were made already."""
    names = [name for name in model.model_fields if name not in made]
    return model(**{name: _value(getattr(record, name), write) for name in names}, **made)


def _value(value: object, write: Writes) -> object:
    if isinstance(value, Estimate):
        return write(value)
    return [_value(one, write) for one in value] if isinstance(value, tuple) else value


def asked(audited: Audited, accounts: Mapping[str, Account]) -> schema.Audited:
    """What was asked, on what, and what that took."""
    own = audited.asked
    return schema.Audited(
        kind=own.kind,
        fingerprint=own.fingerprint,
        n_items=audited.n_items,
        n_available=own.n_available,
        base=own.base,
        wordings=[_wording(one, own.base) for one in own.wordings],
        perturbations=[_perturbation(name) for name in own.perturbations],
        target_source=own.target_source,
        n_targets=len(own.targets),
        n_answers=len(own.answers),
        costs=[_cost(judge, account) for judge, account in accounts.items()],
    )


def _wording(one: AskedWording, base: str) -> schema.AuditedWording:
    """What is known of a wording by its name; of one that came in a file without its text nothing."""
    is_known = bool(one.fingerprint) or one.name in wordings.KNOWN
    return schema.AuditedWording(
        name=one.name,
        kind=one.kind,
        fingerprint=one.fingerprint,
        forms=list(one.forms),
        what=wordings.what(one.name, one.kind) if is_known else "",
        remedy=_remedy(one) if one.name != base and one.kind == "equivalent" else "",
    )


def _remedy(one: AskedWording) -> str:
    """What to change where an equivalent wording moves verdicts."""
    known = (kind for kind, of in wordings.KNOWN.items() if one.name in (kind, *of.also))
    return REMEDIES.get(next(known, ""), _AVERAGE)


_AVERAGE = (
    "give each label an anchor that leaves less to the wording, and average over both wordings "
    "until that helps"
)
REMEDIES = {
    wording_forms.CRITERIA_REVERSED: "ask for each criterion by itself, or in both orders and average",
    wording_forms.OPTIONS_REVERSED: "list the labels in both orders and average",
    wording_forms.LABELS_MIRRORED: "say in words what each label stands for, and average both polarities",
    wording_forms.TEXT_OUTPUT: "keep one form of answer, and compare with no run that had the other",
    wordings.INSTRUCTION_LAST: "keep the instructions in one place, and compare with no run that had "
    "them elsewhere",
}


def _perturbation(name: str) -> schema.AuditedPerturbation:
    known = perturbations.PERTURBATIONS.get(name)
    if known is None:
        return schema.AuditedPerturbation(name=name, group="", what="", remedy="")
    return schema.AuditedPerturbation(
        name=name, group=known.group, what=known.what, remedy=known.remedy
    )


def _cost(judge: str, account: Account) -> schema.AuditCost:
    return schema.AuditCost(
        judge=judge,
        calls=account.calls,
        reused=account.reused,
        tokens_in=account.tokens_in,
        tokens_out=account.tokens_out,
        cost_usd=account.cost_usd,
    )
