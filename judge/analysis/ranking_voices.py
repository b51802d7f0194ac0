"""What each judge says of all systems at once, in the one form that a ranking is put together from.

Half ties take the judge's model with position; Davidson's model takes labels and knows no position.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from judge.analysis import pairwise_models
from judge.analysis.pairwise_models import JudgeModels, Model, data_of, places
from judge.stats import davidson, ranking
from judge.stats.contrasts import Contrast
from judge.stats.davidson import LabelData
from judge.stats.intervals import joined
from judge.stats.pairwise import Codes
from judge.stats.ranking import Strengths
from judge.stats.transitivity import Member
from judge.stats.values import ASKED_WITH
from judge.types import Status

PAIR = list(pairwise_models.PAIR)
_SAID = {"a": 1, "tie": 0, "b": -1}

Wins = Callable[
    [int, Codes], Contrast
]  # system, others -> its mean probability to win against them


@dataclass(frozen=True, slots=True)
class Voice:
    """One judge's strengths and win probabilities. member: its half-tie model, for the fit of pairs.

    prior: pseudo-verdicts a pair, where some system always won or lost. nu: Davidson's tie parameter.
    """

    strengths: Strengths
    wins: Wins
    member: Member
    prior: float = 0.0
    nu: Contrast | None = None
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """Why a judge's verdicts give no strengths."""

    problem: str


def half_ties(models: JudgeModels, weight: float) -> Voice | Silence:
    """A judge with ties as halves, with its position term where that can be fitted."""
    model = models.position if models.position.fit else _without_position(models)
    if model.fit is None:
        return Silence(model.why_not)
    data = data_of(models, model)
    strengths = ranking.enough_of(ranking.of_fit(model.fit), data)
    member = Member(data, model.fit, weight)
    wins = partial(_wins, strengths)
    return Voice(strengths, wins, member, prior=model.fit.prior, lacks=model.lacks)


def _without_position(models: JudgeModels) -> Model:
    return pairwise_models.fitted(models.rows, models.systems, (), beside=models.position.terms)


def _wins(strengths: Strengths, system: int, others: Codes) -> Contrast:
    return ranking.win_probability(strengths, system, others)


def davidson_ties(models: JudgeModels, weight: float, frame: pd.DataFrame) -> Voice | Silence:
    """A judge by Davidson's model. frame: its canonical verdicts."""
    half = half_ties(models, weight)
    if isinstance(half, Silence):
        return half
    if frame["p_a"].notna().any():
        return Silence("Davidson's model takes labels, and these verdicts are probabilities")
    fit = davidson.fit(_labels(models, frame))
    if fit.problem:
        return Silence(fit.problem)
    lacks = "" if models.position.fit is None else "Davidson's model has no position term"
    return Voice(
        ranking.enough_of(davidson.strengths_of(fit), half.member.data),
        partial(davidson.win_probability, fit),
        half.member,
        nu=davidson.tie_parameter(fit),
        lacks=joined(half.lacks, lacks),
    )


def _labels(models: JudgeModels, frame: pd.DataFrame) -> LabelData:
    """Every verdict on the pairs that have all of theirs; repeats of a presentation share its weight."""
    is_whole = np.isin(pair_codes(frame, models.systems), pair_codes(models.rows, models.systems))
    own = frame[is_whole & (frame["status"] == Status.OK)]
    repeats = own.groupby([*PAIR, *ASKED_WITH, "order"], observed=True)["label"].transform("size")
    return LabelData(
        a=places(own["system_a"], models.systems),
        b=places(own["system_b"], models.systems),
        said=np.asarray(own["label"].astype(str).map(_SAID), dtype=np.int64),
        clusters=own["cluster"].cat.codes.to_numpy(),
        weights=1.0 / repeats.to_numpy(dtype=float),
        n_systems=len(models.systems),
    )


# -- who met whom --------------------------------------------------------------------------------


def pair_codes(frame: pd.DataFrame, systems: Sequence[str]) -> Codes:
    """A number for each row's item and pair, the same in every part of one table."""
    items = frame["item_id"].cat.codes.to_numpy().astype(np.int64)
    a, b = (places(frame[side], systems) for side in PAIR[1:])
    return np.asarray((items * len(systems) + a) * len(systems) + b, dtype=np.int64)


def counts(
    asked: Sequence[pd.DataFrame], whole: Sequence[pd.DataFrame], systems: Sequence[str]
) -> tuple[Codes, Codes]:
    """How many pairs of each system have a value of every judge that was asked, and how many lack one.

    asked: of each judge its verdicts on pairs of which no policy stopped a part; whole: its rows.
    """
    codes = [np.unique(pair_codes(frame, systems)) for frame in asked]
    has = [np.isin(c, pair_codes(rows, systems)) for c, rows in zip(codes, whole, strict=True)]
    pairs, inverse = np.unique(np.concatenate(codes), return_inverse=True)
    is_whole = np.ones(len(pairs), dtype=bool)
    np.logical_and.at(is_whole, inverse, np.concatenate(has))
    k = len(systems)

    def of(which: Codes) -> Codes:
        sides = np.concatenate([which // k % k, which % k])
        return np.bincount(sides, minlength=k).astype(np.int64)

    return of(pairs[is_whole]), of(pairs[~is_whole])
