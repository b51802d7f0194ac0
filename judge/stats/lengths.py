"""Length in scores of single answers: how far scores go with it, and how far they should not.

With L = log(1 + characters) three slopes are told apart and never mixed. The association of scores with L
is not a bias, since longer answers may be better: subtracting it would take merit away with length. The
bias is the slope of what a judge gives beyond people, or of what it gives to the same answer padded; only
that may be subtracted. Source: docs/methods.md.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from judge.stats.contrasts import Contrast
from judge.stats.intervals import NO_INTERVAL, ROUNDING, Floats, joined, undefined
from judge.types import Estimate

Labels = NDArray[Any]

ENOUGH = 50  # answers, labelled or padded, from which a slope is worth correcting by
DOUBLING = math.log(2)  # slopes are per unit of L; people read them per doubling of the length


def log_length(characters: Floats) -> Floats:
    """log(1 + characters), so that an empty answer has one."""
    return np.log1p(characters)


def slope(values: Floats, lengths: Floats, clusters: Labels, groups: Labels) -> Contrast | None:
    """The slope of values on lengths with an intercept for each group; None where lengths do not vary.

    values, lengths, clusters, groups: shape (n,). Least squares with the sandwich by cluster, as
    statsmodels has it (CR1). Groups are systems for the association of scores with length, and all one
    for the bias, whose values are the judge's scores minus people's.
    """
    apart = lengths - _group_means(lengths, groups)
    information = float(apart @ apart)
    n_parameters = len(np.unique(groups)) + 1
    if len(values) <= n_parameters or information <= ROUNDING * max(1.0, float(lengths @ lengths)):
        return None
    rest = values - _group_means(values, groups)
    value = float(apart @ rest) / information
    few = math.sqrt((len(values) - 1) / (len(values) - n_parameters))
    return _by_cluster(value, few * apart * (rest - value * apart) / information, clusters)


def padding_slope(gains: Floats, lengthened: Floats, clusters: Labels) -> Contrast | None:
    """What scores gain a unit of L when nothing but length is added: mean gain / mean lengthening.

    gains, lengthened: of each padded answer its new minus its old score and L, shape (n,). None where
    the answers are not longer on average. The variance of the ratio is by the delta method.
    """
    if not len(gains) or lengthened.mean() <= ROUNDING:
        return None
    value = float(gains.mean() / lengthened.mean())
    influence = (gains - value * lengthened) / (len(gains) * lengthened.mean())
    return _by_cluster(value, influence, clusters)


def normalised(
    values: Floats,
    lengths: Floats,
    clusters: Labels,
    bias: Contrast,
    reference: float,
    *,
    name: str = "adjusted_score",
    confidence: float = 0.95,
    n_missing: int = 0,
    note: str = "",
) -> Estimate:
    """The mean of values - bias * (lengths - reference), the slope's uncertainty in its interval.

    reference: the L that scores are brought to, taken as given. The interval is t with the clusters of
    the scores or of the slope, whichever are fewer.
    """
    if not len(values):
        return undefined(name, "score", note or "no values", confidence, n_missing)
    corrected = values - bias.value * (lengths - reference)
    mean = _by_cluster(
        float(corrected.mean()), (corrected - corrected.mean()) / len(values), clusters
    )
    moved = Contrast(0.0, bias.clusters, -(float(lengths.mean()) - reference) * bias.influence)
    found = replace(
        undefined(name, "score", note, confidence, n_missing),
        value=mean.value,
        n=len(values),
        n_clusters=len(mean.clusters),
        method="mean at equal length",
    )
    df = min(len(mean.clusters), len(bias.clusters)) - 1
    se = _added(mean, moved).se
    if df < 1 or se <= ROUNDING:
        return replace(found, note=joined(note, NO_INTERVAL + "too few clusters, or no spread"))
    half = float(stats.t.ppf((1 + confidence) / 2, df)) * se
    method = f"mean at equal length; by cluster, with the slope's uncertainty, t({df})"
    low, high = mean.value - half, mean.value + half
    return replace(found, se=se, ci_low=low, ci_high=high, method=method)


def penalised(values: Floats, characters: Floats, medians: Floats, points: float) -> Floats:
    """The values minus `points` for each doubling of the length beyond the item's median.

    characters, medians: shape (n,); of an item the median over the systems that answered it. A stated
    price of length, whatever its merit; answers up to the median pay nothing.
    """
    beyond = (log_length(characters) - log_length(medians)) / DOUBLING
    return values - points * np.maximum(beyond, 0.0)


def _group_means(values: Floats, groups: Labels) -> Floats:
    _, codes = np.unique(groups, return_inverse=True)
    return (np.bincount(codes, weights=values) / np.bincount(codes))[codes].astype(np.float64)


def _by_cluster(value: float, influence: Floats, clusters: Labels) -> Contrast:
    labels, codes = np.unique(clusters, return_inverse=True)
    return Contrast(value, labels, np.bincount(codes, weights=influence).astype(np.float64))


def _added(one: Contrast, other: Contrast) -> Contrast:
    """The sum of two contrasts, what a cluster does in both taken together."""
    labels = np.unique(np.concatenate([one.clusters, other.clusters]))
    influence = np.zeros(len(labels))
    for part in (one, other):
        influence[np.searchsorted(labels, part.clusters)] += part.influence
    return Contrast(one.value + other.value, labels, influence)
