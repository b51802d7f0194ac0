"""Verbosity bias: what the length of an answer does to a judge's verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from judge.controls import Control, Term
from judge.pairwise_models import PAIR, JudgeModels, estimate_of
from judge.stats import contrasts
from judge.stats.intervals import undefined
from judge.types import Estimate


@dataclass(frozen=True, slots=True)
class Verbosity:
    """What length did to one judge's verdicts under one wording.

    coefficient: log-odds at a difference in length that is large against `scale`; above 0 the judge
    favours the longer. scale: characters, the root mean square of the differences.
    """

    coefficient: Estimate
    scale: float | None


def term(rows: pd.DataFrame) -> Term:
    """tanh(difference in characters / scale); rows of a judge's model.

    The scale is the root mean square over distinct pairs of items, so that asking twice changes nothing.
    Source: Dubois et al. 2404.04475 for the bend; not centred, METHODS 2.3.
    """
    difference = (rows["len_a"] - rows["len_b"]).to_numpy(dtype=float)
    if not len(rows) or np.isnan(difference).any():
        n = int(np.isnan(difference).sum())
        return Term("length", np.zeros(len(rows)), why_not=f"length not known of {n} rows")
    distinct = difference[~rows.duplicated([*PAIR]).to_numpy()]
    scale = float(np.sqrt(np.mean(distinct**2)))
    if scale == 0:
        return Term("length", np.zeros(len(rows)), why_not="all pairs are equally long")
    return Term("length", np.tanh(difference / scale), scale)


def measure(models: JudgeModels, *, confidence: float = 0.95) -> Verbosity:
    """What length did to the verdicts that these models are of."""
    model = models.length
    place = model.term("length")
    found = None
    if model.fit is not None and place is not None:
        found = contrasts.coefficient(model.fit, place)
    n = len(models.rows[[*PAIR]].drop_duplicates())
    why = model.lacks if found else f"not computed: {model.why_not}"
    scale = next((t.scale for t in model.terms if t.name == "length"), None)
    return Verbosity(
        estimate_of(found, "length_coefficient", "log-odds", n, confidence, why), scale
    )


def unknown(note: str, confidence: float) -> Verbosity:
    """The record of what cannot be known, and why."""
    return Verbosity(undefined("length_coefficient", "log-odds", note, confidence), None)


CONTROL = Control("verbosity", measure=measure, term=term)
