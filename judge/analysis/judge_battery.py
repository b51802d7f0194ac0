"""From the verdicts of an audit of judges to what moved them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from judge.analysis.audit_asked import AuditAsked
from judge.analysis.battery_constant import constant_answer
from judge.analysis.battery_known import known_answers
from judge.analysis.battery_rows import Gathered, gathered
from judge.analysis.judge_audit import JudgeAudit, JudgeBattery
from judge.perturbations import NULL, PERTURBATIONS
from judge.stats.battery import NEITHER, Battery, battery
from judge.stats.battery_floors import floors
from judge.stats.intervals import counted
from judge.stats.values import n_missing, n_wanted, parts
from judge.table import VerdictTable

FEWEST_ITEMS = 30  # below, only a judge that nearly always does as it is told can be found out
MANY = 0.1  # the share of items without a first verdict, or with a tie, that is worth a word
OWN = "the judge's own first verdict"


def measure(
    table: VerdictTable, asked: AuditAsked, *, seed: int = 0, confidence: float = 0.95
) -> JudgeAudit:
    """What each perturbation did to each judge under each rubric.

    table: with the derived systems' rows beside those of answers as they came. seed: the run's, which
    drew the orders and the coin. Holm is over the battery of one judge under one rubric.
    """
    found = [
        (_measured(table, names, part, asked, seed, confidence), part)
        for names, part in parts(table.frame, ("judge", "rubric"))
    ]
    warnings = [
        f"{one.judge}: {said}"
        for (one, of, by), part in found
        for said in _warnings(one, of, by, part)
    ]
    return JudgeAudit(tuple(one for (one, _, _), _ in found), tuple(warnings))


def _measured(
    table: VerdictTable,
    names: tuple[str, ...],
    part: pd.DataFrame,
    asked: AuditAsked,
    seed: int,
    confidence: float,
) -> tuple[JudgeBattery, Gathered, Battery]:
    of = gathered(table.mode, part, asked, seed)
    groups = {**{name: one.group for name, one in PERTURBATIONS.items()}, NULL: NULL}
    by = battery(of.questions, of.perturbed, groups=groups, confidence=confidence, seed=seed)
    questions = of.questions
    is_tie = questions.chosen_by_base & (questions.drawn[:, 0] == 0.5)
    trials = part if table.mode == "pairwise" else part[part["criterion"] == ""]
    found = JudgeBattery(
        judge=names[0],
        rubric=names[1],
        target_source=asked.target_source or OWN,
        n_items=int((questions.targets != NEITHER).sum()),
        n_ties=int(is_tie.sum()),
        n_planned=n_wanted(trials),
        n_missing=n_missing(trials),
        noise=by.noise,
        effects=by.effects,
        position=by.position,
        padding_slope=by.padding_slope,
        floors=floors(questions, of.perturbed, seed=seed),
        known=known_answers(of, confidence=confidence),
        constant=constant_answer(table, part, asked, confidence=confidence),
    )
    return found, of, by


def _warnings(one: JudgeBattery, of: Gathered, by: Battery, part: pd.DataFrame) -> Iterator[str]:
    """What the reader of an audit must know before believing it."""
    n = len(of.items)
    n_silent = int(np.isnan(of.questions.drawn[:, 0]).sum())
    if n_silent > MANY * n:
        yield (
            f"no first verdict on {counted(n_silent, 'item')} of {n:,}, so that nothing is known of them; "
            "see why its answers could not be read"
        )
    if one.n_ties > MANY * n:
        yield (
            f"its first verdict was a tie on {counted(one.n_ties, 'item')} of {n:,}: no answer lost there, "
            "and nothing was perturbed; give labels that say which answer is worse"
        )
    if 0 < one.n_items < FEWEST_ITEMS:
        yield (
            f"{counted(one.n_items, 'item')} with a target: so few show only the largest effects; audit "
            f"{FEWEST_ITEMS} or more"
        )
    for denial in by.denials:
        yield (
            f"no readable verdict on {denial.n_missing:,} of {counted(denial.n, 'item')} after "
            f"{denial.perturbation}, on {denial.n_missing_again:,} where the same was asked again without "
            "it: whoever writes such an answer keeps the judge from judging"
        )
    held = part[["item_id", "cluster"]].drop_duplicates()
    if held["cluster"].nunique() < len(held):
        yield (
            f"{len(held):,} items are of {held['cluster'].nunique():,} clusters: tests and intervals take "
            "items as independent and may be too sure; audit one item a cluster"
        )
