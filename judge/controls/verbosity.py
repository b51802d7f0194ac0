"""Verbosity bias: what the length of an answer does to a judge's verdict.

A longer answer may also be a better one, so that a coefficient of length is a bias only where it is known
which answer is right (length_given_gold.py); without labels it says what a judge goes with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from judge.analysis import no_skill
from judge.analysis.pairwise_models import PAIR, JudgeModels, Model, estimate_of, fitted
from judge.controls import Control, Term
from judge.stats import contrasts
from judge.stats.intervals import Floats, counted, mean, p_value, undefined
from judge.types import Estimate

NAME = "length"
COEFFICIENT = "length_coefficient"
LONGER_WINS = "longer_wins"
FAR = 1.5  # differences of so many scales are where tanh is nearly flat. Source: docs/methods.md


@dataclass(frozen=True, slots=True)
class NoSkill:
    """What a judge without skill would show on the same pairs; None where it is undefined."""

    judge: str
    longer_wins: float | None
    coefficient: float | None


@dataclass(frozen=True, slots=True)
class GivenGold:
    """Length beside what people hold for right: what is left of it when a judge's being right is known.

    coefficient: of length, in log-odds, in a model with the gold side in it; a judge without skill has
    0. p_value: of its being 0. gold: the coefficient of the gold side. error_longer, error_shorter: how
    often the judge is wrong where the longer or the shorter answer is right; gap: the second minus the
    first. longer_right: the share of unequal pairs in which the longer answer is right. n_undecided:
    pairs whose raters found no winner.
    """

    coefficient: Estimate
    p_value: float | None
    gold: Estimate
    error_longer: Estimate
    error_shorter: Estimate
    gap: Estimate
    longer_right: float | None
    n_undecided: int


@dataclass(frozen=True, slots=True)
class Verbosity:
    """What length did to one judge's verdicts under one wording.

    coefficient: log-odds at a difference in length that is large against `scale`; above 0 the judge
    goes with the longer. scale: characters, the root mean square of the differences. p_value: of the
    coefficient being 0. longer_wins: the share that the longer answer wins, ties half. extrapolated: the
    share of pairs whose difference is above FAR scales. given_gold: the same with what people hold for
    right, None without their labels. style: feature -> its coefficient beside length.
    """

    coefficient: Estimate
    scale: float | None
    p_value: float | None
    longer_wins: Estimate
    extrapolated: float | None = None
    no_skill: tuple[NoSkill, ...] = ()
    given_gold: GivenGold | None = None
    style: Mapping[str, Estimate] = field(default_factory=dict)


def term(rows: pd.DataFrame, scale: float | None = None) -> Term:
    """tanh(difference in characters / scale); rows of a judge's model.

    scale: the root mean square over distinct pairs of items where None is given, so that asking twice
    changes nothing. Source: Dubois et al. 2404.04475 for the bend; not centred, docs/methods.md.
    """
    difference = (rows["len_a"] - rows["len_b"]).to_numpy(dtype=float)
    if not len(rows) or np.isnan(difference).any():
        n = int(np.isnan(difference).sum())
        return Term(NAME, np.zeros(len(rows)), why_not=f"length not known of {n} rows")
    if scale is None:
        distinct = difference[~rows.duplicated([*PAIR]).to_numpy()]
        scale = float(np.sqrt(np.mean(distinct**2)))
    if scale == 0:
        return Term(NAME, np.zeros(len(rows)), why_not="all pairs are equally long")
    return Term(NAME, np.tanh(difference / scale), scale)


def scale_of(model: Model) -> float | None:
    """The scale of the model's length term, None where it has none."""
    return next((t.scale for t in model.terms if t.name == NAME), None)


def measure(
    models: JudgeModels,
    *,
    confidence: float = 0.95,
    n_missing: int = 0,
    given_gold: GivenGold | None = None,
) -> Verbosity:
    """What length did to the verdicts that these models are of. n_missing: pairs without a verdict."""
    pairs = pair_means(models.rows)
    scale = scale_of(models.length)
    coefficient = replace(_coefficient(models, len(pairs), confidence), n_missing=n_missing)
    return Verbosity(
        coefficient,
        scale,
        p_value(coefficient, 0.0),
        _longer_wins(pairs, confidence, n_missing),
        extrapolated=extrapolated(pairs, scale),
        no_skill=tuple(_no_skill(models)),
        given_gold=given_gold,
        style=style_coefficients(models, len(pairs), confidence),
    )


def pair_means(rows: pd.DataFrame, *more: str) -> pd.DataFrame:
    """One row per pair: cluster, len_a, len_b and y, the mean over orders of what system_a got.

    more: further columns of numbers that a pair has one of.
    """
    by = rows.groupby([*PAIR, "cluster"], observed=True, sort=False)
    return by[["y", "len_a", "len_b", *more]].mean().reset_index()


def extrapolated(pairs: pd.DataFrame, scale: float | None) -> float | None:
    """The share of pairs whose difference in length is above FAR scales."""
    if scale is None or pairs.empty:
        return None
    return float(((pairs["len_a"] - pairs["len_b"]).abs() > FAR * scale).mean())


def _coefficient(models: JudgeModels, n: int, confidence: float) -> Estimate:
    return term_coefficient(models.length, NAME, COEFFICIENT, n, confidence)


def term_coefficient(model: Model, term: str, name: str, n: int, confidence: float) -> Estimate:
    """The coefficient of one of the model's terms, undefined with the reason where there is no fit."""
    place = model.term(term)
    if model.fit is None or place is None:
        return undefined(name, "log-odds", f"not computed: {model.why_not}", confidence)
    found = contrasts.coefficient(model.fit, place)
    return estimate_of(found, name, "log-odds", n, confidence, model.lacks)


def style_coefficients(models: JudgeModels, n: int, confidence: float) -> dict[str, Estimate]:
    """Feature -> its coefficient in the model with length and style; empty where none was asked for."""
    if models.style is None:
        return {}
    names = [t.name for t in models.style.terms if t.name not in (NAME, "position")]
    return {
        name: term_coefficient(models.style, name, f"{name}_coefficient", n, confidence)
        for name in names
    }


# -- the share, and what a judge without skill would show -------------------------------------------


def _longer_wins(pairs: pd.DataFrame, confidence: float, n_missing: int) -> Estimate:
    """The share that the longer answer wins; equally long pairs are left out and counted."""
    if pairs[["len_a", "len_b"]].isna().any(axis=None):
        why = "the length of some answers is not known"
        return undefined(LONGER_WINS, "rate", why, confidence, n_missing)
    won, apart = won_by_longer(pairs)
    n_equal = len(pairs) - int(apart.sum())
    return mean(
        won,
        pairs.loc[apart, "cluster"].cat.codes.to_numpy(),
        name=LONGER_WINS,
        unit="rate",
        bounds=(0.0, 1.0),
        confidence=confidence,
        n_missing=n_missing,
        note=f"{counted(n_equal, 'pair')} of equally long answers left out" if n_equal else "",
    )


def won_by_longer(pairs: pd.DataFrame) -> tuple[Floats, pd.Series[bool]]:
    """What the longer answer of each unequal pair got, and which pairs these are."""
    difference = pairs["len_a"] - pairs["len_b"]
    apart = difference.fillna(0) != 0
    y = pairs.loc[apart, "y"].to_numpy(dtype=float)
    return np.where(difference[apart] > 0, y, 1 - y), apart


def _no_skill(models: JudgeModels) -> Iterator[NoSkill]:
    """The same two numbers for each judge without skill."""
    if models.length.why_not.startswith("length not known") or models.rows.empty:
        return
    for name, y in no_skill.outcomes(models.rows).items():
        won, _ = won_by_longer(pair_means(models.rows.assign(y=y)))
        share = float(won.mean()) if len(won) else None
        yield NoSkill(name, share, _without_skill(models, name, y))


def _without_skill(models: JudgeModels, name: str, y: Floats) -> float | None:
    """The coefficient of length that the model finds in these outcomes.

    None for always-longer, which length predicts perfectly. Always-first leaves nothing to length that
    its position would not explain, so that it is fitted without the term of position.
    """
    length = [t for t in models.length.terms if t.name == NAME and not t.why_not]
    if not length or name == no_skill.ALWAYS_LONGER:
        return None
    if (y == 0.5).all():
        return 0.0
    rows = models.rows.assign(y=y)
    model = fitted(rows, models.systems, length, has_strengths=models.has_strengths)
    place = model.term(NAME)
    return None if model.fit is None or place is None else float(model.fit.coefficients[place])


def unknown(note: str, confidence: float) -> Verbosity:
    """The record of what cannot be known, and why."""
    return Verbosity(
        undefined(COEFFICIENT, "log-odds", note, confidence),
        None,
        None,
        undefined(LONGER_WINS, "rate", note, confidence),
    )


CONTROL = Control("verbosity", measure=measure, term=term)
