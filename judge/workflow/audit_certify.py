"""`judge audit ... --certify`: what an audit found, kept for later reports of the same judge and rubric."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from judge import audit, audit_certificates
from judge.analysis.judge_audit import JudgeBattery
from judge.analysis.rubric_audit import JudgeSensitivity
from judge.audit_certificates import (
    AuditCertificate,
    AuditStanding,
    Used,
    of_battery,
    of_sensitivity,
    settings,
)
from judge.certificates import FEWEST_UNITS, MAX_AGE_DAYS
from judge.errors import InputError
from judge.report.words import counted
from judge.store import Store
from judge.types import Run
from judge.workflow.recipe import Recipe, from_config
from judge.workflow.verdicts import verdicts_of

Measured = JudgeBattery | JudgeSensitivity


@dataclass(frozen=True, slots=True)
class AuditCertified:
    """What was made, and why the other judges of the audit have none."""

    made: tuple[AuditCertificate, ...]
    refused: tuple[str, ...]


def certified(
    store: Store,
    run: Run,
    *,
    now: datetime,
    max_missing: float,
    max_age_days: int = MAX_AGE_DAYS,
) -> AuditCertified:
    """The certificates of an audit's judges, stored. Raises InputError where none can be made."""
    recipe = from_config(run.config)
    _check(run, recipe, max_age_days)
    asked_at = _oldest(store, run)
    rows = list(_rows(store, run, recipe))
    problems = [_problem(row, max_missing) for row in rows]
    made = tuple(
        _certificate(row, run, recipe, now, asked_at.get(row.judge, run.started_at), max_age_days)
        for row, problem in zip(rows, problems, strict=True)
        if not problem
    )
    refused = tuple(problem for problem in problems if problem)
    if not made:
        raise InputError(f"--certify: {'; '.join(refused) or 'no judge gave a verdict'}")
    for one in made:
        store.add_certificate(audit_certificates.to_payload(one))
    return AuditCertified(made, refused)


def _check(run: Run, recipe: Recipe, max_age_days: int) -> None:
    if max_age_days < 1:
        raise InputError(f"--max-age {max_age_days}: give a number of days, 1 or more")
    if recipe.audit is None:
        raise InputError(f"--certify: run {run.run_id} is no audit; `judge runs` lists them")
    if run.state != "done":
        raise InputError(
            f"--certify: audit {run.run_id} is not finished; `judge resume {run.run_id}` it, then give the "
            "same command again: nothing is asked twice"
        )


def _rows(store: Store, run: Run, recipe: Recipe) -> Iterator[Measured]:
    """The judges one by one, under each rubric."""
    if recipe.audit is None:
        return
    done = audit.measured(verdicts_of(store, run, recipe), recipe.audit, seed=recipe.seed)
    if done.judge is not None:
        yield from done.judge.batteries
    if done.rubric is not None:
        yield from done.rubric.sensitivities


def _problem(row: Measured, max_missing: float) -> str:
    """Why a judge gets no certificate, "" where it does."""
    if row.n_items < FEWEST_UNITS:
        return (
            f"judge {row.judge}: {counted(row.n_items, 'item')}, and fewer than {FEWEST_UNITS} show too "
            "little; audit with more --items"
        )
    if row.n_missing > max_missing * row.n_planned:
        return (
            f"judge {row.judge}: {row.n_missing} of {row.n_planned} verdicts are missing, more than "
            f"--max-missing {max_missing:g}"
        )
    return "" if _outcome(row).tried else f"judge {row.judge}: nothing was tried"


def _outcome(row: Measured) -> audit_certificates.Outcome:
    return of_battery(row) if isinstance(row, JudgeBattery) else of_sensitivity(row)


def _certificate(
    row: Measured, run: Run, recipe: Recipe, now: datetime, asked_at: str, max_age_days: int
) -> AuditCertificate:
    judge = next(judge for judge in recipe.judges if judge.judge == row.judge)
    rubric = next((r for r in recipe.rubrics if r.id == row.rubric), recipe.rubrics[0])
    came_to = _outcome(row)
    return AuditCertificate(
        audit="judge" if isinstance(row, JudgeBattery) else "rubric",
        judge=row.judge,
        rubric=rubric.id,
        parts=settings(judge, rubric),
        fingerprint=recipe.audit.fingerprint if recipe.audit else "",
        n_items=row.n_items,
        tried=came_to.tried,
        moved=came_to.moved,
        untold=came_to.untold,
        run_id=run.run_id,
        made_at=now.isoformat(timespec="seconds"),
        asked_at=asked_at,
        max_age_days=max_age_days,
        simulated=judge.simulated,
    )


def _oldest(store: Store, run: Run) -> dict[str, str]:
    """Judge -> when the oldest of its answers was given: one that is read again is not new."""
    found_at: dict[str, str] = {}
    reused: dict[int, str] = {}
    for judgment in store.judgments(run.run_id):
        if judgment.reused is not None:
            reused[judgment.reused] = judgment.trial.judge
        for call in judgment.calls:
            _keep(found_at, judgment.trial.judge, call.asked_at)
    for call_id, call in store.calls([*reused]).items():
        _keep(found_at, reused[call_id], call.asked_at)
    return found_at


def _keep(oldest: dict[str, str], judge: str, at: str) -> None:
    oldest[judge] = min(oldest.get(judge, at), at, key=datetime.fromisoformat)


# -- what they say of a run ------------------------------------------------------------------------


def all_of(store: Store) -> list[AuditCertificate]:
    """Every audit that a store keeps certificates of, the oldest first."""
    return [
        audit_certificates.from_payload(payload)
        for payload in store.certificates()
        if audit_certificates.is_one(payload)
    ]


def standings(store: Store, run: Run, recipe: Recipe) -> list[AuditStanding]:
    """What the store's audits say of each judge of a run, under each of its rubrics; none of an audit."""
    known = [] if recipe.audit is not None else all_of(store)
    return [
        one
        for judge in recipe.judges
        for rubric in recipe.rubrics
        for one in audit_certificates.standings(
            Used(judge.judge, rubric.id, run.started_at, settings(judge, rubric)), known
        )
    ]
