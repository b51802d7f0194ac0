"""A mean as people would have it: few of their labels, many of a judge's values, and no trust in the judge.

The judge's values may be biased in any way. People's labels of a random part tell by how much, and the
part of their spread that the judge foresees falls out, so that few labels do the work of more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judge.stats.bounded import Bounds, Interval, Kind, method
from judge.stats.intervals import (
    NO_INTERVAL,
    ROUNDING,
    Floats,
    counted,
    effective_clusters,
    joined,
    undefined,
    uneven_note,
)
from judge.types import Estimate

FEWEST = 15  # labelled clusters below which nothing is corrected. Source: docs/methods.md
ENOUGH = 30  # labelled clusters from which a corrected number may decide. Source: docs/methods.md
ALIKE = (
    "people and the judge agree on every labelled unit: the interval allows for one more on which they would "
    "not"
)
CUT = "the corrected value fell outside what it can be, so the labels stand alone"
ALL = "every item is labelled: this is what people said, and no judge has a part in it"


@dataclass(frozen=True, slots=True)
class Sample:
    """What was judged, and what people said of a part of it; a place in each array is a unit.

    judged: shape (m,), NaN where the judge gave no value. human: shape (m,), NaN where there is no label.
    clusters: shape (m,), any labels. probs: shape (m,), how probable a label was, read where there is one;
    None where it was as probable everywhere. set_aside: the share of labelled units that are not here,
    whichever they were; those that are here stand for them.
    """

    judged: Floats
    human: Floats
    clusters: NDArray[Any]
    probs: Floats | None = None
    set_aside: float = 0.0

    @property
    def is_labelled(self) -> NDArray[np.bool_]:
        return np.asarray(np.isfinite(self.human))

    @property
    def weights(self) -> Floats | None:
        """What each label counts for, their mean 1; None where all count alike."""
        if self.probs is None:
            return None
        found = (1 - self.set_aside) / self.probs[self.is_labelled] + self.set_aside
        if not len(found) or np.ptp(found) <= ROUNDING * found.max():
            return None
        return np.asarray(found / found.mean())

    @property
    def shares(self) -> Floats:
        """What each unit is of all units, those set aside among them; shape (m,), their sum 1."""
        stands = np.where(self.is_labelled, 1 / (1 - self.set_aside), 1.0)
        return np.asarray(stands / stands.sum())


def sample_of(
    y: Sequence[float] | Floats,
    f: Sequence[float] | Floats,
    u: Sequence[float] | Floats,
    clusters: NDArray[Any] | None = None,
    probs: Floats | None = None,
) -> Sample:
    """The sample of labels y, the judge's values f of the same units and u of all others.

    clusters, probs: of the labelled units, then of the others; every unit its own where not given.
    """
    m = len(y) + len(u)
    human = np.concatenate([np.asarray(y, float), np.full(len(u), np.nan)])
    judged = np.concatenate([np.asarray(f, float), np.asarray(u, float)])
    return Sample(judged, human, np.arange(m) if clusters is None else clusters, probs)


@dataclass(frozen=True, slots=True)
class Influence:
    """A value and what each unit moves it by, shape (m,); where they sum to its variance by cluster."""

    value: float
    parts: Floats

    def by_cluster(self, codes: NDArray[np.int64]) -> Floats:
        return np.bincount(codes, weights=self.parts).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Corrected:
    """A corrected mean. weight: of the judge (lambda), 0 for labels alone. correlation: of judge and people.

    worth: how many labels would have given as narrow an interval without the judge; None where unknown.
    interval: what tests of the mean are made from.
    """

    estimate: Estimate
    interval: Interval | None
    weight: float | None
    correlation: float | None
    n_labelled: int
    n_labelled_clusters: int
    worth: float | None

    @property
    def saved(self) -> float | None:
        """The labels that the judge saved."""
        return None if self.worth is None else self.worth - self.n_labelled

    @property
    def may_decide(self) -> bool:
        return self.interval is not None and self.n_labelled_clusters >= ENOUGH


# -- PPI++ ---------------------------------------------------------------------------------------


def ppi(
    sample: Sample,
    *,
    name: str = "human_corrected",
    unit: str = "rate",
    bounds: Bounds | None = (0.0, 1.0),
    confidence: float = 0.95,
    weight: float | None = None,
    fewest: int = FEWEST,
) -> Corrected:
    """The mean of people's values over all units, labels of a random part corrected by the judge's values.

    value: Ybar + lambda (Ubar - Fbar), lambda that of the least variance, cut to [0, 1]. Where labels were
    not equally probable: lambda times the mean of all judged values, plus the mean of what is left of the
    labels weighted by 1 / probability. Influences are summed by cluster (CR1, each part with its own
    factor); t with the degrees of freedom of the labelled clusters, or of the equal ones that they are
    worth, in log-odds where there are bounds.
    A unit whose judge gave no value stands with the mean of the rest, labelled or not: any fixed rule
    would do, so the answer is right whichever units lack one. weight: lambda, where it is not to be found.
    Source: Angelopoulos, Duchi and Zrnic 2311.01453 (PPI++, eq. 2 and 6); Zrnic and Candes 2403.03208
    (unequal probabilities).
    """
    labelled = sample.is_labelled
    codes = np.unique(sample.clusters, return_inverse=True)[1]
    n, g = int(labelled.sum()), len(np.unique(codes[labelled]))
    n_unheard = int(np.isnan(sample.judged).sum())
    if g < fewest:
        why = f"{counted(g, 'labelled cluster')}: {fewest} are needed to correct"
        return _nothing(name, unit, why, confidence, n, g)
    if labelled.all():
        alone = labels_only(sample, name=name, unit=unit, bounds=bounds, confidence=confidence)
        return replace(alone, estimate=replace(alone.estimate, note=ALL), worth=None)
    filled = replace(sample, judged=_filled(sample.judged))
    lam = best_weight(filled) if weight is None else weight
    found = _at(filled, codes, lam)
    se = _se(found, codes)
    if lam > 0 and weight is None and not _is_usable(found.value, se, bounds):
        lam, found = 0.0, _at(filled, codes, 0.0)
        fallen = CUT
    else:
        fallen = ""
    alone = labels_only(sample, name=name, unit=unit, bounds=bounds, confidence=confidence)
    if lam == 0 and weight is None:
        note = joined(fallen, alone.estimate.note)
        e = replace(alone.estimate, n=len(codes), note=note)
        r = correlation(filled)
        return replace(alone, estimate=e, weight=0.0, correlation=r, worth=float(n))
    return _corrected(filled, codes, found, lam, (name, unit, bounds, confidence), n_unheard, alone)


def _corrected(
    sample: Sample,
    codes: NDArray[np.int64],
    found: Influence,
    lam: float,
    told: tuple[str, str, Bounds | None, float],
    n_unheard: int,
    alone: Corrected,
) -> Corrected:
    name, unit, bounds, confidence = told
    n, g = alone.n_labelled, alone.n_labelled_clusters
    unseen = lam * _unseen(sample, bounds) / g
    se = math.hypot(_se(found, codes), unseen)
    interval = interval_of(found.value, se, degrees_of_freedom(sample), bounds)
    unheard = f"{counted(n_unheard, 'unit')} without a verdict stand with the judge's mean"
    own = codes[sample.is_labelled]
    note = joined(
        unheard if n_unheard else "",
        ALIKE if unseen else "",
        uneven_note(g, effective_clusters(own)),
    )
    estimate = estimate_of(interval, name, unit, confidence, len(codes), g, "PPI++", note)
    spread = _se(_at(sample, codes, 0.0), codes)
    worth = n * max(1.0, (spread / se) ** 2) if se > 0 else None
    return Corrected(estimate, interval, lam, correlation(sample), n, g, worth)


def _unseen(sample: Sample, bounds: Bounds | None) -> float:
    """How large the error may be that no labelled unit shows: the range where judge and people never differ.

    Where not one difference was seen its spread is 0, and not its size: an error of one in
    n is missed by n labels every third time. One such unit, as in the added counts of Agresti and Coull, is
    allowed for.
    """
    labelled = sample.is_labelled
    apart = np.abs(sample.human[labelled] - sample.judged[labelled])
    if bounds is None or bool((apart > ROUNDING).any()):
        return 0.0
    return bounds[1] - bounds[0]


def best_weight(sample: Sample) -> float:
    """lambda* = Cov(Y, F) / ((1 + n/N) Var F), cut to [0, 1]; 0 where the judge's values are all the same.

    Where labels were not equally probable: their weighted regression coefficient.
    """
    labelled, w = sample.is_labelled, sample.weights
    y, f = sample.human[labelled], sample.judged[labelled]
    n, m = len(y), len(sample.judged)
    shares = np.full(n, 1 / n) if w is None else w / w.sum()
    together = float(shares @ ((y - shares @ y) * (f - shares @ f)))
    spread = float(np.var(sample.judged, ddof=1)) if w is None else float(np.var(sample.judged))
    if spread <= ROUNDING:
        return 0.0
    factor = m / (m - n) if w is None else 1.0
    return min(max(together / (factor * spread), 0.0), 1.0)


def correlation(sample: Sample) -> float | None:
    """Pearson's r of people's and the judge's values on the labelled units; None where one does not vary."""
    labelled, w = sample.is_labelled, sample.weights
    y, f = sample.human[labelled], _filled(sample.judged)[labelled]
    shares = np.full(len(y), 1 / len(y)) if w is None else w / w.sum()
    y, f = y - shares @ y, f - shares @ f
    both = float(shares @ y**2) * float(shares @ f**2)
    return float(shares @ (y * f)) / math.sqrt(both) if both > ROUNDING**2 else None


def _at(sample: Sample, codes: NDArray[np.int64], lam: float) -> Influence:
    """The corrected mean with this lambda."""
    labelled, w = sample.is_labelled, sample.weights
    y, f = sample.human[labelled], sample.judged[labelled]
    left = y - lam * f
    parts = np.zeros(len(codes))
    if w is None:
        u = sample.judged[~labelled]
        parts[labelled] = _factor(codes[labelled]) * (left - left.mean()) / len(y)
        parts[~labelled] = _factor(codes[~labelled]) * lam * (u - u.mean()) / len(u)
        return Influence(float(left.mean() + lam * u.mean()), parts)
    shares = w / w.sum()
    middle, everywhere = float(shares @ left), float(sample.shares @ sample.judged)
    parts += _factor(codes) * lam * sample.shares * (sample.judged - everywhere)
    parts[labelled] += _factor(codes[labelled]) * shares * (left - middle)
    return Influence(middle + lam * everywhere, parts)


def _factor(codes: NDArray[np.int64]) -> float:
    """The root of G / (G - 1) over the clusters that occur."""
    g = len(np.unique(codes))
    return math.sqrt(g / (g - 1)) if g > 1 else 1.0


def _se(found: Influence, codes: NDArray[np.int64]) -> float:
    sums = found.by_cluster(codes)
    return math.sqrt(float(sums @ sums))


def _filled(judged: Floats) -> Floats:
    """The values, the mean of those that are there where there is none."""
    there = np.isfinite(judged)
    return np.where(there, judged, judged[there].mean() if there.any() else 0.0)


def degrees_of_freedom(sample: Sample) -> float:
    """Labelled clusters less 1, these fewer by what unequal sizes and weights make them worth (Kish 1965).

    A cluster that holds most labels has most of the variance, of which it tells as little as one value.
    """
    w = sample.weights
    n_clusters = effective_clusters(sample.clusters[sample.is_labelled])
    share = 1.0 if w is None else float(w.sum() ** 2 / (len(w) * (w @ w)))
    return max(n_clusters * share - 1, 1.0)


def _is_usable(value: float, se: float, bounds: Bounds | None) -> bool:
    """Whether an interval can be formed: the value is inside its bounds, and not within one se of one."""
    if se <= ROUNDING:
        return False
    if bounds is None:
        return True
    low, high = bounds
    share = (value - low) / (high - low)
    return 0 < share < 1 and se / (high - low) < share * (1 - share)


# -- labels alone --------------------------------------------------------------------------------


def labels_only(
    sample: Sample,
    *,
    name: str = "labels_only",
    unit: str = "rate",
    bounds: Bounds | None = (0.0, 1.0),
    confidence: float = 0.95,
) -> Corrected:
    """The mean of the labels, weighted where they were not equally probable, without any judge.

    Wilson's interval where labels are independent and each on a bound, else t by cluster (CR1), in
    log-odds where there are bounds; Clopper-Pearson over clusters where all are on one bound.
    """
    labelled, w = sample.is_labelled, sample.weights
    y = sample.human[labelled]
    codes = np.unique(sample.clusters[labelled], return_inverse=True)[1]
    n, g = len(y), len(np.unique(codes))
    if not n:
        return _nothing(name, unit, "no labels", confidence, 0, 0)
    shares = np.full(n, 1 / n) if w is None else w / w.sum()
    value = float(y.mean() if w is None else shares @ y)
    if np.ptp(y) == 0:
        value = float(y[0])  # not by a rounding more
    found = Influence(value, _factor(codes) * shares * (y - value))
    interval = _alone(y, value, _se(found, codes), degrees_of_freedom(sample), g, w is None, bounds)
    e = estimate_of(interval, name, unit, confidence, n, g, "labels alone", _why_none(interval, g))
    return Corrected(e, interval, 0.0, None, n, g, float(n))


def _alone(
    y: Floats, value: float, se: float, df: float, g: int, is_even: bool, bounds: Bounds | None
) -> Interval:
    if g < 2:
        return Interval("none", value, se, df, g, bounds)
    if se <= ROUNDING:
        kind: Kind = "exact" if bounds and value in bounds else "none"
        return Interval(kind, value, 0.0, df, g, bounds)
    if bounds and is_even and g == len(y) and bool(np.isin(y, bounds).all()):
        return Interval("Wilson", value, se, df, len(y), bounds)
    return interval_of(value, se, df, bounds)


def _why_none(interval: Interval, g: int) -> str:
    if interval.kind != "none":
        return ""
    return NO_INTERVAL + ("all labels are of one cluster" if g < 2 else "every label is the same")


def horvitz_thompson(
    judged: Floats, human: Floats, probs: Floats, *, name: str = "human_corrected"
) -> Estimate:
    """The mean of f + (y - f) / pi over all units, y - f being there where there is a label; lambda is 1.

    Not divided by the sum of weights, as active inference states it; ppi() divides, which varies less.
    Source: Zrnic and Candes 2403.03208 (active statistical inference, eq. 3).
    """
    labelled = np.isfinite(human)
    left = np.where(labelled, (np.where(labelled, human, 0.0) - judged) / probs, 0.0)
    values = judged + left
    se = float(values.std(ddof=1)) / math.sqrt(len(values))
    n_labelled = int(labelled.sum())
    interval = interval_of(float(values.mean()), se, n_labelled - 1, None)
    return estimate_of(
        interval, name, "rate", 0.95, len(values), n_labelled, "Horvitz-Thompson", ""
    )


# -- what both have in common ----------------------------------------------------------------------


def interval_of(value: float, se: float, df: float, bounds: Bounds | None) -> Interval:
    """The t interval, in log-odds where the value lies between bounds."""
    if bounds is not None and bounds[0] < value < bounds[1]:
        return Interval("logit", value, se, df, 0, bounds)
    kept = value if bounds is None else min(max(value, bounds[0]), bounds[1])
    return Interval("t", kept, se, df, 0, bounds)


def estimate_of(
    interval: Interval,
    name: str,
    unit: str,
    confidence: float,
    n: int,
    n_clusters: int,
    how: str,
    note: str,
) -> Estimate:
    """The estimate of an interval. n_clusters: those with labels, from which its degrees of freedom come."""
    low, high = interval.ends(confidence) or (None, None)
    return Estimate(
        name,
        interval.value,
        se=interval.se,
        ci_low=low,
        ci_high=high,
        confidence=confidence,
        unit=unit,
        n=n,
        n_clusters=n_clusters,
        method=f"{how}; {method(interval)}",
        note=note,
    )


def _nothing(name: str, unit: str, why: str, confidence: float, n: int, g: int) -> Corrected:
    return Corrected(undefined(name, unit, why, confidence), None, None, None, n, g, None)
