"""Maps from a judge's values to what people would say, and whether a map holds for another system.

A map is fitted on other labels than those it is judged by (folds by cluster), and its values are never
averaged as if they were people's: they take the judge's place in a correction. A map that holds for one
system need not hold for another, of which the judge may be fonder: that is tested, not assumed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.special import expit

from judge.stats.bounded import Bounds
from judge.stats.correction import FEWEST, Sample, estimate_of, interval_of
from judge.stats.intervals import (
    NO_INTERVAL,
    ROUNDING,
    Floats,
    equivalence_p,
    mean,
    p_value,
    undefined,
)
from judge.types import Estimate

FOLDS = 5
PLATT_BELOW = 50  # labels below which two numbers are all that can be fitted. Source: METHODS 8.5
BINS_UP_TO = 200  # labels up to which values are pooled before a map may step at each
IN_BIN = 10  # labels of a pooled bin
ITERATIONS = 50
GROUPS = 40  # of clusters, that a jackknife leaves out in turn
Map = Callable[[Floats], Floats]
MapKind = Literal["Platt", "isotonic, pooled", "isotonic"]


def kind_for(n_labels: int) -> MapKind:
    """What so many labels can carry."""
    if n_labels < PLATT_BELOW:
        return "Platt"
    return "isotonic, pooled" if n_labels <= BINS_UP_TO else "isotonic"


def fitted(judged: Floats, human: Floats, kind: MapKind, bounds: Bounds = (0.0, 1.0)) -> Map:
    """The map of that kind through these labels; constant beyond the judge's lowest and highest value."""
    if kind == "Platt":
        return platt(judged, human, bounds)
    return isotonic(judged, human, IN_BIN if kind == "isotonic, pooled" else 1)


def isotonic(judged: Floats, human: Floats, in_bin: int = 1) -> Map:
    """People's mean at each value of the judge, made to rise; straight lines between.

    in_bin: labels below which neighbouring values are put together. Source: Zadrozny and Elkan 2002;
    Barlow et al. 1972 (pool adjacent violators, scipy.optimize.isotonic_regression).
    """
    values, codes = np.unique(judged, return_inverse=True)
    codes = _pooled(np.bincount(codes), in_bin)[codes]
    weights = np.bincount(codes).astype(float)
    means = np.bincount(codes, weights=human) / weights
    risen = isotonic_regression(means, weights=weights).x
    at = values if in_bin == 1 else np.bincount(codes, weights=judged) / weights
    return lambda x: np.asarray(np.interp(x, at, risen), dtype=np.float64)


def _pooled(counts: NDArray[np.int64], in_bin: int) -> NDArray[np.int64]:
    """The bin of each value: neighbours put together until each bin has so many, the rest to the last."""
    bins, place, held = np.zeros(len(counts), dtype=np.int64), 0, 0
    for k, many in enumerate(counts):
        bins[k], held = place, held + int(many)
        if held >= in_bin:
            place, held = place + 1, 0
    return np.minimum(bins, max(place - 1, 0))


def platt(
    judged: Floats, human: Floats, bounds: Bounds = (0.0, 1.0), *, is_smoothed: bool = True
) -> Map:
    """A logistic curve through people's values, whose targets are drawn in from 0 and 1.

    Target of 1: (n+ + 1) / (n+ + 2), of 0: 1 / (n- + 2), between them in proportion, so that no curve is
    infinitely steep. Source: Platt 1999; fitted by Newton's method.
    """
    low, high = bounds
    share = (human - low) / (high - low)
    n_up = float(share.sum())
    up, down = (n_up + 1) / (n_up + 2), 1 / (len(share) - n_up + 2)
    up, down = (up, down) if is_smoothed else (1.0, 0.0)
    targets = down + (up - down) * share
    middle, spread = float(judged.mean()), float(judged.std()) or 1.0
    columns = np.stack([np.ones(len(judged)), (judged - middle) / spread], 1)
    if np.ptp(judged) == 0:
        columns = columns[:, :1]
    beta = _logistic(columns, targets)
    slope = beta[1] if len(beta) > 1 else 0.0
    return lambda x: low + (high - low) * expit(beta[0] + slope * (x - middle) / spread)


def _logistic(columns: Floats, targets: Floats) -> Floats:
    """The coefficients of greatest likelihood. columns: shape (n, k)."""
    beta = np.zeros(columns.shape[1])
    for _ in range(ITERATIONS):
        p = expit(columns @ beta)
        slope = columns.T @ (targets - p)
        bread = (columns * (p * (1 - p))[:, None]).T @ columns
        step = np.linalg.solve(bread + 1e-12 * np.eye(len(beta)), slope)
        beta = beta + step
        if float(np.abs(step).max()) < 1e-10:
            break
    return beta


# -- without looking at one's own label ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mapped:
    """A sample whose judged values were mapped. kind: of the map; n_labels: from which it was fitted."""

    sample: Sample
    kind: MapKind
    n_labels: int


def cross_fitted(
    sample: Sample, *, seed: int, bounds: Bounds = (0.0, 1.0), folds: int = FOLDS
) -> Mapped | None:
    """The sample with each labelled unit's value mapped by the labels of other folds, the rest by all maps.

    Folds are of whole clusters, drawn from the seed. None with fewer labelled clusters than folds.
    Source: Zrnic and Candes 2309.16598 (cross-prediction-powered inference).
    """
    heard = np.isfinite(sample.judged)
    known = sample.is_labelled & heard
    codes = np.unique(sample.clusters, return_inverse=True)[1]
    labelled = np.unique(codes[known])
    if len(labelled) < max(folds, 2):
        return None
    kind = kind_for(int(known.sum()))
    fold = np.full(int(codes.max()) + 1, -1)
    fold[np.random.default_rng(seed).permutation(labelled)] = np.arange(len(labelled)) % folds
    own, sums = fold[codes], np.zeros(len(codes))
    mapped = np.full(len(codes), np.nan)
    for k in range(folds):
        rest = known & (own != k)
        values = fitted(sample.judged[rest], sample.human[rest], kind, bounds)(sample.judged)
        sums += values / folds
        mapped = np.where(own == k, values, mapped)
    mapped = np.where(own < 0, sums, mapped)
    return Mapped(replace(sample, judged=np.where(heard, mapped, np.nan)), kind, int(known.sum()))


# -- does it hold elsewhere ------------------------------------------------------------------------

Transport = Literal["PASS", "FAIL", "INCONCLUSIVE"]
OPEN: Transport = "INCONCLUSIVE"


@dataclass(frozen=True, slots=True)
class Audit:
    """Whether a map holds for a system: the mean of people's values minus the mapped ones.

    PASS: it lies within the margin by two one-sided tests. FAIL: it is not 0 and not shown to lie within.
    """

    difference: Estimate
    margin: float
    p_outside: float | None
    p_zero: float | None
    said: Transport


def audited(
    human: Floats,
    mapped: Floats,
    clusters: NDArray[Any],
    margin: float,
    *,
    unit: str = "rate",
    confidence: float = 0.95,
) -> Audit:
    """The audit of one given map on labels that it was not fitted on. All shape (n,).

    It is of this map, whatever labels gave it: `transported` allows for those. Source: Schuirmann 1987
    (two one-sided tests).
    """
    found = mean(
        human - mapped,
        clusters,
        name="transport_difference",
        unit=unit,
        confidence=confidence,
    )
    return _audit(found, equivalence_p(found, 0.0, margin), p_value(found, 0.0), margin)


def transported(
    own: Sample,
    others: Sequence[Sample],
    margin: float,
    *,
    bounds: Bounds,
    unit: str = "rate",
    confidence: float = 0.95,
) -> Audit | None:
    """The audit, on one system's labels, of the map that other systems' labels give; None without enough.

    Both sides are uncertain, and share their clusters where people labelled the same items of each: clusters
    are left out of both in at most GROUPS groups, the map fitted anew each time (jackknife).
    Source: Kott 2001 (delete-a-group jackknife); Schuirmann 1987 (two one-sided tests).
    """
    here, there = _known(own), [_known(other) for other in others]
    f, y, of = (np.concatenate([one[k] for one in (here, *there)]) for k in range(3))
    is_own = np.arange(len(f)) < len(here[0])
    if len(f) - is_own.sum() < FEWEST or not is_own.any():
        return None
    kind = kind_for(int((~is_own).sum()))

    def apart(kept: NDArray[np.bool_]) -> float:
        rest = kept & ~is_own
        mapped = fitted(f[rest], y[rest], kind, bounds)(f[kept & is_own])
        return float((y[kept & is_own] - mapped).mean())

    value = apart(np.ones(len(f), dtype=bool))
    codes = np.unique(of.astype(str), return_inverse=True)[1]
    group = codes % min(GROUPS, int(codes.max()) + 1)
    left = np.array([apart(kept) for kept in _without(group) if _holds(kept, is_own)])
    n, g = int(is_own.sum()), len(np.unique(codes[is_own]))
    se = math.sqrt((len(left) - 1) / max(len(left), 1) * float(np.sum((left - left.mean()) ** 2)))
    if g < 2 or se <= ROUNDING:
        nothing = undefined("transport_difference", unit, NO_INTERVAL + "no spread", confidence)
        return Audit(replace(nothing, value=value, n=n, n_clusters=g), margin, None, None, OPEN)
    interval = interval_of(value, se, min(len(left), g) - 1, None)
    how = "mean of people's less mapped values, jackknife of clusters"
    e = estimate_of(interval, "transport_difference", unit, confidence, n, g, how, "")
    return _audit(e, interval.outside_p(0.0, margin), interval.p_value(0.0), margin)


def _known(sample: Sample) -> tuple[Floats, Floats, NDArray[Any]]:
    """What the judge and people said where both did, and the clusters."""
    both = sample.is_labelled & np.isfinite(sample.judged)
    return sample.judged[both], sample.human[both], sample.clusters[both]


def _without(group: NDArray[np.int64]) -> Iterator[NDArray[np.bool_]]:
    for one in range(int(group.max()) + 1):
        yield group != one


def _holds(kept: NDArray[np.bool_], is_own: NDArray[np.bool_]) -> bool:
    """Whether both sides still have labels."""
    return bool((kept & is_own).any() and (kept & ~is_own).any())


def _audit(found: Estimate, outside: float | None, zero: float | None, margin: float) -> Audit:
    alpha = 1 - found.confidence
    said: Transport = OPEN
    if found.n_clusters >= FEWEST and outside is not None and outside < alpha:
        said = "PASS"
    elif found.n_clusters >= FEWEST and found.se and zero is not None and zero < alpha:
        said = "FAIL"
    return Audit(found, margin, outside, zero, said)


# -- how good probabilities are ----------------------------------------------------------------------


def brier(human: Floats, predicted: Floats) -> float:
    """The mean squared distance of predictions from people's values in [0, 1]. Source: Brier 1950."""
    return float(np.mean((human - predicted) ** 2))


def expected_calibration_error(human: Floats, predicted: Floats, bins: int = 10) -> float:
    """The mean over equally full bins of |people's mean - mean prediction|; equal predictions stay together.

    It is above 0 for a perfect map too, the more so the fewer labels. Source: Naeini et al. 2015.
    """
    codes = np.unique(predicted, return_inverse=True)[1]
    ranks = np.cumsum(np.bincount(codes)) - np.bincount(codes) / 2
    own = np.minimum((ranks * bins / len(human)).astype(np.int64), bins - 1)[codes]
    apart = np.bincount(own, weights=human - predicted, minlength=bins)
    return float(np.abs(apart).sum() / len(human))
