"""Length given what is right: whether a judge prefers the longer answer beyond its being the better one.

Where the right answer tends to be the shorter, a judge that tosses a coin names the longer answer more
often than the labels do. That is inaccuracy and no taste for length: so the gold side stands in the
model, and a judge without skill has a coefficient of 0 whatever the labels are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from judge.analysis.gold import Gold, side
from judge.analysis.pairwise_models import JudgeModels, Model, fitted
from judge.controls import Term, position, verbosity
from judge.controls.verbosity import NAME, GivenGold, pair_means, term_coefficient
from judge.stats.contrasts import Contrast, estimate
from judge.stats.intervals import Floats, mean, p_value, undefined
from judge.types import Estimate

Flags = NDArray[np.bool_]
Labels = NDArray[Any]

LENGTH, GOLD, GAP = "length_coefficient_given_gold", "gold_coefficient", "error_gap"
NO_LABELS = "no pair has both a verdict and a gold label"
TOO_SURE = "the judge's verdicts follow the gold label or length without exception"


def measure(models: JudgeModels, gold: Gold, *, confidence: float = 0.95) -> GivenGold:
    """What length did to the verdicts whose right answer is known.

    Model: logit P(a wins) = position + alpha * gold side + beta * length, with strengths where the two
    answers are systems; the scale of length is that of all the judge's pairs.
    """
    rows = models.rows.assign(gold=side(models.rows, gold)).dropna(subset=["gold"])
    if rows.empty:
        return _unknown(NO_LABELS, confidence, gold.n_undecided)
    return _given(models, rows.reset_index(drop=True), gold.n_undecided, confidence)


def _given(
    models: JudgeModels, rows: pd.DataFrame, n_undecided: int, confidence: float
) -> GivenGold:
    """What these rows say, whose `gold` is the gold side."""
    pairs = pair_means(rows, "gold")
    sides = pairs["gold"].to_numpy(dtype=np.float64)
    model = _model(models, rows)
    length = term_coefficient(model, NAME, LENGTH, len(pairs), confidence)
    longer, shorter, gap = _errors(pairs, sides, confidence)
    difference = (pairs["len_a"] - pairs["len_b"]).to_numpy(dtype=float)
    told = (sides * difference)[np.nan_to_num(difference) != 0]
    return GivenGold(
        coefficient=length,
        p_value=p_value(length, 0.0),
        gold=term_coefficient(model, "gold", GOLD, len(pairs), confidence),
        error_longer=longer,
        error_shorter=shorter,
        gap=gap,
        longer_right=float(np.mean(told > 0)) if len(told) else None,
        n_undecided=n_undecided,
    )


def _model(models: JudgeModels, rows: pd.DataFrame) -> Model:
    model = fitted(
        rows,
        models.systems,
        [
            Term("gold", rows["gold"].to_numpy(dtype=np.float64)),
            verbosity.term(rows, verbosity.scale_of(models.length)),
        ],
        beside=[position.term(rows)],
        has_strengths=models.has_strengths,
    )
    return replace(model, why_not=TOO_SURE) if model.why_not.startswith("separated") else model


# -- errors by which answer is right ---------------------------------------------------------------


def _errors(
    pairs: pd.DataFrame, sides: Floats, confidence: float
) -> tuple[Estimate, Estimate, Estimate]:
    """Error rates where the longer is right and where the shorter is, and the second minus the first.

    A pair whose two orders disagree is half an error, a tie too.
    """
    y = pairs["y"].to_numpy(dtype=float)
    wrong = np.where(sides > 0, 1 - y, y)
    longer = sides * (pairs["len_a"] - pairs["len_b"]).to_numpy(dtype=float)
    clusters = pairs["cluster"].cat.codes.to_numpy()
    parts = (longer > 0, longer < 0)
    rates = [
        mean(
            wrong[part],
            clusters[part],
            name=f"error_where_{word}_is_right",
            unit="rate",
            bounds=(0.0, 1.0),
            confidence=confidence,
            note="" if part.any() else f"gold never favours the {word} answer",
        )
        for part, word in zip(parts, ("longer", "shorter"), strict=True)
    ]
    return rates[0], rates[1], _gap(wrong, clusters, parts, confidence)


def _gap(
    wrong: Floats, clusters: Labels, parts: tuple[Flags, Flags], confidence: float
) -> Estimate:
    """The difference of the two error rates, its uncertainty from what each cluster adds to both."""
    longer, shorter = parts
    if not (longer.any() and shorter.any()):
        why = "gold favours answers of one length only"
        return undefined(GAP, "difference", why, confidence)
    rates = [float(wrong[part].mean()) for part in parts]
    own = np.where(shorter, (wrong - rates[1]) / shorter.sum(), 0.0)
    own -= np.where(longer, (wrong - rates[0]) / longer.sum(), 0.0)
    used = longer | shorter
    labels, codes = np.unique(clusters[used], return_inverse=True)
    influence = np.bincount(codes, weights=own[used]).astype(np.float64)
    found = estimate(
        Contrast(rates[1] - rates[0], labels, influence),
        name=GAP,
        unit="difference",
        n=int(used.sum()),
        confidence=confidence,
    )
    g = len(labels)
    return replace(found, method=f"difference of means; CR1 standard error by cluster, t({g - 1})")


def _unknown(note: str, confidence: float, n_undecided: int) -> GivenGold:
    """The record of what cannot be known, and why."""
    rates = [
        undefined(f"error_where_{word}_is_right", "rate", note, confidence)
        for word in ("longer", "shorter")
    ]
    return GivenGold(
        coefficient=undefined(LENGTH, "log-odds", note, confidence),
        p_value=None,
        gold=undefined(GOLD, "log-odds", note, confidence),
        error_longer=rates[0],
        error_shorter=rates[1],
        gap=undefined(GAP, "difference", note, confidence),
        longer_right=None,
        n_undecided=n_undecided,
    )
