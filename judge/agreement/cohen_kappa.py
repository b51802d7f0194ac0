"""Cohen's kappa between two: agreement beyond what their label frequencies give by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa

from judge.agreement import NO_VARIATION, Coefficient, Label, Labels
from judge.errors import InputError
from judge.stats.intervals import ROUNDING, undefined
from judge.types import Estimate

Weights = Literal["none", "linear", "quadratic"]


def cohen_kappa(
    judge: Labels,
    rater: Labels,
    *,
    labels: Sequence[Label],
    weights: Weights = "none",
    confidence: float = 0.95,
) -> Estimate:
    """Kappa with its asymptotic interval, items taken as independent; None where only one label occurs.

    labels: the full scale, lowest first: weighted kappa hangs on the distances between its points, and
    on the points that nobody used. Raises InputError for a label outside the scale.
    Source: Cohen 1960, 1968; standard error of Fleiss, Cohen and Everitt 1969 (statsmodels).
    """
    pairs = list(zip(judge, rater, strict=True))
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    n_missing = len(pairs) - len(both)
    if len({label for pair in both for label in pair}) < 2:
        why = NO_VARIATION if both else "no item has a label of both"
        return undefined("cohen_kappa", "coefficient", why, confidence, n_missing)
    found = Estimate(
        name="cohen_kappa",
        value=0.0,
        confidence=confidence,
        unit="coefficient",
        n=len(both),
        n_clusters=len(both),
        n_missing=n_missing,
        method=f"weights: {weights}; asymptotic standard error, items independent",
    )
    table = _table(both, labels)
    if np.count_nonzero(table.sum(axis=0)) < 2 or np.count_nonzero(table.sum(axis=1)) < 2:
        return replace(found, note="no interval: one of both gave a single label, so kappa is 0")
    with np.errstate(divide="ignore", invalid="ignore"):  # it divides by an error that may be 0
        fit = cohens_kappa(table, wt=None if weights == "none" else weights)
    return _with_interval(replace(found, value=float(fit.kappa)), float(fit.std_kappa))


def _table(pairs: Sequence[tuple[Label, Label]], labels: Sequence[Label]) -> NDArray[np.int64]:
    """Counts, judge in rows and rater in columns, over the full scale."""
    index = {label: number for number, label in enumerate(labels)}
    table = np.zeros((len(labels), len(labels)), dtype=np.int64)
    for pair in pairs:
        for label in pair:
            if label not in index:
                raise InputError(
                    f"label {label!r} is not on the scale: {', '.join(map(str, labels))}"
                )
        table[index[pair[0]], index[pair[1]]] += 1
    return table


def _with_interval(found: Estimate, se: float) -> Estimate:
    """The estimate with its normal interval, which does not exist where kappa's variance is 0.

    At perfect agreement that variance is a difference of equal numbers: 0, or by rounding below 0 and
    the error not a number.
    """
    if found.value is None or not se > ROUNDING:
        return replace(found, se=0.0, note="no interval: the asymptotic standard error is 0")
    half = float(stats.norm.ppf((1 + found.confidence) / 2)) * se
    high = min(1.0, found.value + half)
    return replace(found, se=se, ci_low=max(-1.0, found.value - half), ci_high=high)


COEFFICIENT = Coefficient("cohen_kappa", cohen_kappa)
