"""Items whose answer is known, asked again in every run: whether a judge still gets them right.

An anchor is judged like any other item and never counts as one: it has systems of its own, and nothing but
drift is read from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from judge.plan import Pair
from judge.stats import drift
from judge.stats.drift import Step
from judge.stats.intervals import Floats
from judge.types import Mode, Scale, Trial, Verdict

# What their answers are called, whoever wrote them: a judge never sees the name of a system.
FIRST, SECOND = "anchor-a", "anchor-b"

# How an item's id begins that is one. What follows is a hash of what is shown.
PREFIX = "anchor:"


@dataclass(frozen=True, slots=True)
class Anchors:
    """What is known of the anchors of a run. answers: item -> label, a pair's in its own frame.

    fingerprint: of items and answers, by which runs with the same anchors find each other.
    """

    name: str
    mode: Mode
    answers: Mapping[str, str]
    fingerprint: str

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return (Pair(FIRST, SECOND if self.mode == "pairwise" else None),)


@dataclass(frozen=True, slots=True)
class Said:
    """What became of the anchors in one run. wrong: of a presentation, None without a verdict."""

    run_id: str
    started_at: str
    wrong: Mapping[str, bool | None]


@dataclass(frozen=True, slots=True)
class Past:
    """One run in the history of a judge."""

    run_id: str
    started_at: str
    step: Step


@dataclass(frozen=True, slots=True)
class Drift:
    """Whether a judge errs more often on its anchors than it did. runs: in their order, this one last.

    alpha: the chance of ever a false alarm, shared among the judges of a run. since: the first run with an
    alarm. reference: why the history begins where it does. calls, cost_usd: of the anchors in this run.
    """

    judge: str
    rubric: str
    anchors: str
    fingerprint: str
    n_anchors: int
    runs: tuple[Past, ...]
    alpha: float
    reference: str
    calls: int
    cost_usd: float | None

    @property
    def since(self) -> str | None:
        return next((past.run_id for past in self.runs if past.step.alarm), None)


def is_wrong(verdict: Verdict, answer: str, scale: Scale) -> bool | None:
    """Whether a verdict misses the known answer; None where there is none to miss it."""
    if verdict.label is not None:
        return verdict.label != answer
    score = verdict.score
    if score is None or not scale.values:
        return None
    numbers = zip(scale.labels, scale.values, strict=True)
    return min(numbers, key=lambda known: abs(known[1] - score))[0] != answer


def is_anchor(trial: Trial) -> bool:
    """Whether a trial is about an anchor, as the names that only those have say."""
    return trial.system_a == FIRST and trial.item_id.startswith(PREFIX)


def presentation(trial: Trial) -> str:
    """What tells the presentations of one anchor apart."""
    return f"{trial.item_id} {trial.order} {trial.repeat}"


def anchor_of(presented: str) -> str:
    """The item that a presentation is of."""
    return presented.rsplit(" ", 2)[0]


def errors(runs: Sequence[Said], names: Sequence[str]) -> Floats:
    """1 wrong, 0 right, NaN without a verdict; shape (n_runs, n_presentations)."""
    told = [[run.wrong.get(name) for name in names] for run in runs]
    rows = [[np.nan if one is None else float(one) for one in row] for row in told]
    return np.array(rows, dtype=np.float64).reshape(len(runs), len(names))


def history(runs: Sequence[Said], alpha: float) -> tuple[Past, ...]:
    """Each run with what it says of drift, in the order given."""
    names = list(dict.fromkeys(name for run in runs for name in run.wrong))
    found = drift.steps(errors(runs, names), [anchor_of(name) for name in names], alpha)
    return tuple(
        Past(run.run_id, run.started_at, step) for run, step in zip(runs, found, strict=True)
    )


def of_run(
    run_id: str,
    started_at: str,
    verdicts: Iterable[tuple[Trial, Verdict]],
    anchors: Anchors,
    scale: Scale,
) -> Said:
    """What one judge made of the anchors in a run. verdicts: its own under one rubric."""
    wrong = {
        presentation(trial): is_wrong(verdict, anchors.answers[trial.item_id], scale)
        for trial, verdict in verdicts
        if trial.item_id in anchors.answers
    }
    return Said(run_id, started_at, wrong)


def warnings(found: Iterable[Drift]) -> list[str]:
    """The alarms, in words."""
    return [
        f"judge {one.judge} errs more often on its anchors than it did, since run {one.since}: its verdicts "
        "may not mean what they meant, and stored ones that were reused are from before (--fresh asks anew)"
        for one in found
        if one.since is not None
    ]
