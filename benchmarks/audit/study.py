"""The studies: audits of a clean judge, and of judges with something planted, at several sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import stats

from benchmarks.audit import statements, tables
from benchmarks.audit.judges import CLEAN, PLANTED, Judge
from benchmarks.simulations.study import Alarms, Floats, Random
from judge.analysis.judge_audit import JudgeAudit
from judge.analysis.rubric_audit import RubricAudit
from judge.analysis.rubric_sensitivity import measure
from judge.audit import Audited, measured

CLEAN_RUNS, RUNS = 1000, 200
MOST = 0.05  # of statements about a clean judge that may be false
LEVEL = 0.95  # of the one-sided bound by which they are held to that
FOUND_AT_LEAST = 0.90  # of the audits of the largest size
SIZES = (50, 100, 200, 400)
SCORED_ITEMS = 100

QUIET, POWER = "A clean judge", "Power"
RESAMPLED = ", what is resampled"
OWN, KNOWN = "own verdict", "known answer"
FULL, HALF = "as planted", "half of it"


@dataclass(frozen=True, slots=True)
class Planted:
    """A study of power. targets: how the perturbed answer is chosen, "" for a rubric audit."""

    judge: Judge
    effect: str
    targets: str
    n_items: int

    @property
    def name(self) -> str:
        targets = f", targets by {self.targets}" if self.targets else ""
        return f"{self.judge.name}, {self.effect}{targets}, {self.n_items} items"


def planted() -> Iterator[Planted]:
    for judge in PLANTED:
        by = {"wording": ("",), "padding": (OWN, KNOWN)}.get(judge.name, (OWN,))
        for targets, effect, n in product(by, (FULL, HALF), SIZES):
            yield Planted(judge if effect == FULL else judge.halved, effect, targets, n)


def quiet_studies() -> Iterator[Alarms]:
    """1,000 audits of a clean judge, of each kind; 400 items, of scores fewer."""
    yield Alarms(QUIET, f"judge audit, targets by {OWN}", quiet_battery(is_known=False))
    yield Alarms(QUIET, f"judge audit, targets by {KNOWN}", quiet_battery(is_known=True))
    yield Alarms(QUIET, "rubric audit of pairs", quiet_wordings)
    yield Alarms(QUIET, "rubric audit of scores", quiet_scores)
    yield Alarms(QUIET, f"rubric audit of pairs{RESAMPLED}", resampled_of_wordings)
    yield Alarms(QUIET, f"rubric audit of scores{RESAMPLED}", resampled_of_scores)


def power_studies() -> Iterator[Alarms]:
    for one in planted():
        yield Alarms(POWER, one.name, found_by(one))


def runs_of(study: Alarms, share: float = 1.0) -> int:
    """share: of the runs that are usual."""
    is_whole = study.group == QUIET and RESAMPLED not in study.name
    return max(2, round((CLEAN_RUNS if is_whole else RUNS) * share))


# -- one audit -----------------------------------------------------------------------------------


def quiet_battery(*, is_known: bool) -> Callable[[Random], Mapping[str, bool]]:
    def drawn(random: Random) -> Mapping[str, bool]:
        made = tables.battery(CLEAN, SIZES[-1], random, is_known=is_known)
        return statements.of_battery(_judge(measured(*made)), is_known=is_known)

    return drawn


def quiet_wordings(random: Random) -> Mapping[str, bool]:
    made = tables.wordings(CLEAN, SIZES[-1], random)
    return statements.of_wordings(measure(*made, replicates=0))


def quiet_scores(random: Random) -> Mapping[str, bool]:
    made = tables.scores(CLEAN, SCORED_ITEMS, random)
    return statements.of_scores(measure(*made, replicates=0))


def resampled_of_wordings(random: Random) -> Mapping[str, bool]:
    made = tables.wordings(CLEAN, SIZES[-1], random)
    return statements.resampled(statements.of_wordings(_rubric(measured(*made))))


def resampled_of_scores(random: Random) -> Mapping[str, bool]:
    made = tables.scores(CLEAN, SCORED_ITEMS, random)
    return statements.resampled(statements.of_scores(_rubric(measured(*made))))


def found_by(one: Planted) -> Callable[[Random], Mapping[str, bool]]:
    def of_rubric(random: Random) -> Mapping[str, bool]:
        made = tables.wordings(one.judge, one.n_items, random)
        return statements.found_in_wordings(measure(*made, replicates=0))

    def of_judge(random: Random) -> Mapping[str, bool]:
        made = tables.battery(one.judge, one.n_items, random, is_known=one.targets == KNOWN)
        return statements.found_in_battery(one.judge, _judge(measured(*made)))

    return of_judge if one.targets else of_rubric


def _judge(found: Audited) -> JudgeAudit:
    assert found.judge is not None
    return found.judge


def _rubric(found: Audited) -> RubricAudit:
    assert found.rubric is not None
    return found.rubric


# -- what became of it ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """Of how many audits something is so. lower: one-sided 95 % bound of Clopper and Pearson."""

    study: str
    name: str
    k: int
    runs: int

    @property
    def value(self) -> float:
        return self.k / self.runs

    @property
    def lower(self) -> float:
        below = 1 - LEVEL
        return float(stats.beta.ppf(below, self.k, self.runs - self.k + 1)) if self.k else 0.0

    @property
    def is_over(self) -> bool:
        """Whether a statement that ought to be false in at most MOST surely is so more often."""
        return self.lower > MOST


def shares(study: Alarms, drawn: Mapping[str, Floats]) -> Sequence[Share]:
    """drawn: as carried_out gives it; an audit that makes no such statement does not count."""
    made = {name: numbers[~np.isnan(numbers[:, 0]), 0] for name, numbers in drawn.items()}
    return [
        Share(study.name, name, int(said.sum()), len(said))
        for name, said in made.items()
        if len(said)
    ]


STUDIES = (*quiet_studies(), *power_studies())
