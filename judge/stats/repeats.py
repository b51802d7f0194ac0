"""How far a judge repeats itself when it is asked the very same question again."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from judge.stats.intervals import mean
from judge.stats.values import is_stopped
from judge.types import Estimate, Status


def stability(
    frame: pd.DataFrame, presentation: Sequence[str], *, confidence: float = 0.95
) -> Estimate:
    """The repetition stability: the share of the commonest verdict, averaged over presentations.

    frame: verdicts of one judge under one wording, with a column `said`. presentation: the columns that
    make two rows the same question, item_id and cluster among them. Presentations with fewer than two
    verdicts cannot tell: those asked at least twice are missing.
    Source: Shi et al. 2406.07791 (each order is a question of its own).
    """
    keys = list(presentation)
    asked = frame[~is_stopped(frame)].groupby(keys, observed=True).size()
    said = frame[frame["status"] == Status.OK].groupby([*keys, "said"], observed=True).size()
    per_question = said.groupby(level=keys, observed=True).agg(["max", "sum"])
    told = per_question[per_question["sum"] >= 2]
    n_repeated = int((asked >= 2).sum())
    why = "no question has two verdicts" if n_repeated else "nothing was asked more than once"
    return mean(
        (told["max"] / told["sum"]).to_numpy(dtype=float),
        told.index.get_level_values("cluster").to_numpy(),
        name="repetition_stability",
        unit="rate",
        bounds=(0.0, 1.0),
        confidence=confidence,
        n_missing=n_repeated - len(told),
        note="" if len(told) else why,
    )
