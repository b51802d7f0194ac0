"""Certificates of judges: made of a run and a locked set of people's labels, quoted by later runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from judge import aggregate, audit_certificates, certificates
from judge.analysis.agree_asked import USUAL, AgreeAsked
from judge.analysis.agreement_records import Agreement, JudgeAgreement
from judge.analysis.people import Split, of_split
from judge.certificates import (
    FEWEST_UNITS,
    MAX_AGE_DAYS,
    Asked,
    Certificate,
    Found,
    Standing,
)
from judge.errors import InputError
from judge.families import matched
from judge.labels.sets import LabelSet, list_label_sets, read_label_set
from judge.report.words import counted
from judge.store import Store
from judge.table import VerdictTable
from judge.types import PANEL, JudgeModel, Rubric, Run
from judge.workflow import run_labels
from judge.workflow.recipe import Recipe, from_config
from judge.workflow.verdicts import verdicts_of

SPLIT: Split = "test"
RECORDED = "recorded verdicts do not say how the judge was set"

_ESTIMATES = (
    *("percent", "cohen_kappa", "krippendorff_alpha", "gwet_ac1", "human_ceiling"),
    "difference_from_ceiling",
)


@dataclass(frozen=True, slots=True)
class Certified:
    """What was made, and why the other judges of the run have none."""

    made: tuple[Certificate, ...]
    refused: tuple[str, ...]


def check_set(labels: LabelSet | None) -> LabelSet:
    """The set, if a certificate can stand on it. Raises InputError that says why it cannot."""
    if labels is None or not labels.is_set:
        raise InputError(
            "--certify: a certificate names the version of its labels: give a set of calibration/ by name, "
            "not a file (`judge labels draw --set NAME` begins one)"
        )
    if labels.source != "human":
        raise InputError(
            f"--certify: the labels of {labels.id} are invented (source = {labels.source!r}): they say "
            "nothing about people; give a set that people labelled"
        )
    if not labels.locked:
        raise InputError(
            f"--certify: {labels.id} is not locked and may still change: `judge labels lock {labels.name}` "
            "first"
        )
    if not any(label.split == SPLIT for label in labels.labels):
        raise InputError(
            f"--certify: no label of {labels.id} is in the split {SPLIT}, and only those count: the others "
            "may have shaped the rubric; `judge labels draw` writes splits"
        )
    return labels


def certified(
    store: Store,
    run: Run,
    labels: LabelSet | None,
    *,
    now: datetime,
    max_missing: float,
    max_age_days: int = MAX_AGE_DAYS,
    agree: AgreeAsked = USUAL,
) -> Certified:
    """The certificates of a run's judges by this set, stored. Raises InputError where none can be made."""
    known, recipe = check_set(labels), from_config(run.config)
    _check_age(max_age_days)
    table = verdicts_of(store, run, recipe)
    found = _agreement(table, recipe, known, replace(agree, split=SPLIT))
    rows = [] if found is None else _rows(found, known)
    problems = {id(row): _problem(row, max_missing) for row in rows}
    made = tuple(
        _certificate(row, recipe, run, known, now, max_age_days)
        for row in rows
        if not problems[id(row)]
    )
    refused = tuple(problem for problem in problems.values() if problem)
    if not made:
        why = (
            "; ".join(refused)
            or f"no test label of {known.id} is about what run {run.run_id} judged"
        )
        raise InputError(f"--certify: {why}")
    for one in made:
        store.add_certificate(certificates.to_payload(one))
    return Certified(made, refused)


def _check_age(days: int) -> None:
    if days < 1:
        raise InputError(f"--max-age {days}: give a number of days, 1 or more")


def _agreement(
    table: VerdictTable, recipe: Recipe, labels: LabelSet, agree: AgreeAsked
) -> Agreement | None:
    scales = run_labels.scales_of(recipe, exact=True)
    names = {judge.judge: (judge.judge, judge.model) for judge in recipe.judges}
    families = {judge: matched(own, recipe.families) for judge, own in names.items()}
    analysis = aggregate.analyze(
        table,
        families={judge: found for judge, found in families.items() if found},
        labels=run_labels.with_numbers(of_split(labels.labels, SPLIT), scales),
        scales=scales,
        agree=agree,
        merge=recipe.merge,
        seed=recipe.seed,
        # A ranking's way: nothing is compared, which is no part of a certificate.
        ranks=True,
    )
    return analysis.agreement


def _rows(found: Agreement, labels: LabelSet) -> list[JudgeAgreement]:
    """The judges one by one, under each rubric, on the set's own criterion."""
    return [
        row
        for row in found.judges
        if row.judge != PANEL and not row.variant and row.criterion == (labels.criterion or "")
    ]


def _problem(row: JudgeAgreement, max_missing: float) -> str:
    """Why a judge gets no certificate, "" where it does."""
    units = row.n_items + row.percent.n_missing
    if units < FEWEST_UNITS:
        return (
            f"judge {row.judge}: {counted(units, 'labelled test unit')} of what it judged, and fewer than "
            f"{FEWEST_UNITS} show too little; label more"
        )
    if row.percent.n_missing > max_missing * units:
        return (
            f"judge {row.judge}: {row.percent.n_missing} of {units} labelled test units have no verdict, "
            f"more than --max-missing {max_missing:g}; `judge resume` the run"
        )
    if row.percent.value is None:
        return f"judge {row.judge}: agreement is undefined: {row.percent.note}"
    return ""


def _certificate(
    row: JudgeAgreement,
    recipe: Recipe,
    run: Run,
    labels: LabelSet,
    now: datetime,
    max_age_days: int,
) -> Certificate:
    judge = next(judge for judge in recipe.judges if judge.judge == row.judge)
    rubric = next((r for r in recipe.rubrics if r.id == row.rubric), recipe.rubrics[0])
    return Certificate(
        judge=row.judge,
        rubric=rubric.id,
        parts=parts_of(recipe, judge, rubric),
        label_set=labels.id,
        label_set_fingerprint=labels.fingerprint,
        found=Found(
            estimates={name: getattr(row, name) for name in _ESTIMATES},
            n_items=row.n_items,
            n_raters=row.n_raters,
            alt_test=row.alt_test.passed,
            epsilon=row.alt_test.epsilon,
        ),
        run_id=run.run_id,
        made_at=now.isoformat(timespec="seconds"),
        split=SPLIT,
        criterion=row.criterion,
        max_age_days=max_age_days,
        simulated=judge.simulated,
    )


def parts_of(recipe: Recipe, judge: JudgeModel, rubric: Rubric) -> dict[str, object]:
    """What a certificate of this judge stands on in such a run."""
    return certificates.parts(
        judge,
        rubric,
        swap=recipe.swap if recipe.mode == "pairwise" else None,
        repeats=recipe.repeats,
        repeat_share=recipe.repeat_share,
    )


# -- what they say of a run ----------------------------------------------------------------------


def all_of(store: Store) -> list[Certificate]:
    """Every certificate of a store by people's labels, the oldest first."""
    return [
        certificates.from_payload(payload)
        for payload in store.certificates()
        if not audit_certificates.is_one(payload)
    ]


def standings(store: Store, run: Run, recipe: Recipe) -> list[Standing]:
    """What the store's certificates say of each judge of a run, under each of its rubrics."""
    known = all_of(store)
    sets = sets_since(one.label_set for one in known) if known else {}
    changed = {**sets, **_fingerprints_since(known, sets)}
    return [
        certificates.standing(
            Asked(judge.judge, rubric.id, run.started_at, parts_of(recipe, judge, rubric)),
            known,
            changed,
        )
        for judge in recipe.judges
        for rubric in recipe.rubrics
    ]


def recorded(table: VerdictTable) -> list[Standing]:
    """The same of verdicts recorded elsewhere: there is none."""
    judges = dict.fromkeys(table.frame["judge"].astype(str))
    return [Standing(judge, "", "none", (RECORDED,)) for judge in judges]


def sets_since(ids: Iterable[str]) -> dict[str, str]:
    """Id of a set of labels -> that a newer version of it is locked, where one is."""
    found: dict[str, str] = {}
    locked = [one for one in list_label_sets() if one.locked]
    for own in dict.fromkeys(ids):
        name, _, version = own.partition("@")
        newest = max((one.version for one in locked if one.name == name), default=0)
        if version.isdigit() and newest > int(version):
            found[own] = f"its labels {own} have a newer locked version, {name}@{newest}"
    return found


def _fingerprints_since(known: Sequence[Certificate], told: Mapping[str, str]) -> dict[str, str]:
    """Id of a set -> that it holds other labels than when it certified, where it does and is here."""
    here = {one.id for one in list_label_sets()}
    found: dict[str, str] = {}
    for one in known:
        is_known = one.label_set in here and one.label_set not in told
        if is_known and _fingerprint(one.label_set) != one.label_set_fingerprint:
            found[one.label_set] = f"its labels {one.label_set} changed"
    return found


def _fingerprint(set_id: str) -> str | None:
    """The hash of a set as it is now; None where its lock refuses it or it cannot be read."""
    try:
        return read_label_set(set_id).fingerprint
    except InputError:
        return None
