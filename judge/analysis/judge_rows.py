"""What became of each judge's trials, and how it judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from judge.analysis import pairwise_models, repetition
from judge.analysis.asked import Asked
from judge.analysis.gold import Gold
from judge.analysis.pairwise_models import JudgeModels, Key
from judge.analysis.repetition import Repeats
from judge.controls import length_given_gold, position, verbosity
from judge.controls.position import Position
from judge.controls.self_preference import Effects, SelfPreference
from judge.controls.verbosity import Verbosity
from judge.stats.values import ASKED_WITH, n_missing, n_wanted, parts
from judge.table import KEYS, VerdictTable, canonical
from judge.types import Estimate, Status


@dataclass(frozen=True, slots=True)
class JudgeRow:
    """What became of one judge's trials under one wording, and how it judged.

    planned is the sum of the six counts after it. wanted: the trials that no policy stopped. missing:
    those of them without a verdict.
    """

    judge: str
    rubric: str
    variant: str
    planned: int
    ok: int
    unparsed: int
    refused: int
    truncated: int
    failed: int
    not_asked: int
    position: Position
    verbosity: Verbosity
    self_preference: Effects | None
    repeats: Repeats
    wanted: int
    missing: int
    simulated: bool

    @property
    def repetition_stability(self) -> Estimate:
        """The share of the commonest verdict among those on the same question."""
        return self.repeats.stability

    @property
    def missing_share(self) -> float:
        """The share of the wanted trials that have no verdict, 0 where none was wanted."""
        return self.missing / self.wanted if self.wanted else 0.0


def judge_rows(
    table: VerdictTable,
    trials: pd.DataFrame,
    models: Mapping[Key, JudgeModels],
    gold: Gold,
    own: SelfPreference,
    asked: Asked,
) -> Iterator[JudgeRow]:
    """A row per judge and wording. trials: one row a trial; own: what judges did for their own."""
    if table.mode == "pairwise":
        table = canonical(table)
    verdicts = dict(parts(table.frame, ASKED_WITH))
    for (judge, rubric, variant), asked_for in parts(trials, ASKED_WITH):
        rows, fitted = verdicts[judge, rubric, variant], models.get((judge, rubric, variant))
        yield counted(
            (judge, rubric, variant),
            asked_for,
            position=_position(replace(table, frame=rows), fitted, asked),
            verbosity=_verbosity(fitted, rows, gold, asked.confidence),
            self_preference=own.of_judge(judge, rubric),
            repeats=repetition.measure(table.mode, rows, confidence=asked.confidence),
        )


def counted(
    key: tuple[str, ...],
    asked_for: pd.DataFrame,
    *,
    position: Position,
    verbosity: Verbosity,
    self_preference: Effects | None,
    repeats: Repeats,
) -> JudgeRow:
    """The row of a judge, rubric and wording with its counts. asked_for: one row a trial."""
    judge, rubric, variant = key
    return JudgeRow(
        judge=judge,
        rubric=rubric,
        variant=variant,
        planned=len(asked_for),
        **{str(status): int((asked_for["status"] == status).sum()) for status in Status},
        position=position,
        verbosity=verbosity,
        self_preference=self_preference,
        repeats=repeats,
        wanted=n_wanted(asked_for),
        missing=n_missing(asked_for),
        simulated=bool(asked_for["simulated"].any()),
    )


def trial_rows(table: VerdictTable) -> pd.DataFrame:
    """One row per trial: in a single table the rows that differ only in criterion are one.

    Its status is the first that is not ok.
    """
    if table.mode == "pairwise":
        return table.frame
    key = [name for name in KEYS["single"] if name != "criterion"]
    is_ok = table.frame["status"] == Status.OK
    return pd.concat([table.frame[~is_ok], table.frame[is_ok]]).drop_duplicates(key)


def _position(table: VerdictTable, models: JudgeModels | None, asked: Asked) -> Position:
    if table.mode == "single":
        return position.unknown("single answers have no order", asked.confidence)
    return position.measure(table, models, confidence=asked.confidence, margin=asked.margin)


def _verbosity(
    models: JudgeModels | None, rows: pd.DataFrame, gold: Gold, confidence: float
) -> Verbosity:
    if models is None:
        return verbosity.unknown("single answers are not compared", confidence)
    given = length_given_gold.measure(models, gold, confidence=confidence) if gold.sides else None
    lacking = pairwise_models.n_lacking(rows)
    return verbosity.measure(models, confidence=confidence, n_missing=lacking, given_gold=given)
