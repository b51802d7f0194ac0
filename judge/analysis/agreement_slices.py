"""Whether a judge concurs with people as well on one part of the items as on the rest."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from judge.agreement.tables import cohen_kappa_of, pair_tables, percent_of
from judge.analysis.agreement_pack import Heard, drawn
from judge.analysis.agreement_records import SliceAgreement
from judge.analysis.asked import Asked
from judge.stats.contrasts import FEWEST_DF
from judge.stats.intervals import (
    NO_INTERVAL,
    ROUNDING,
    Floats,
    effective_clusters,
    holm,
    undefined,
)
from judge.stats.slices import Slice
from judge.types import Estimate

FEWEST = 20  # labelled units; a slice of fewer says nothing of the judge
TOO_FEW = f"too few: fewer than {FEWEST} labelled units"
NO_REST = f"too few: the other slices have fewer than {FEWEST} labelled units"
DIFFERENCE = ("difference_from_rest", "difference")


def of_voice(found: Heard, slices: Sequence[Slice], asked: Asked) -> tuple[SliceAgreement, ...]:
    """Each slice of the items with its agreement, Holm over all that are shown of this voice.

    None on a continuum, where nothing agrees but by chance.
    """
    if not found.has_labels:
        return ()
    rows = [row for one in slices for row in _of_slice(found, one, asked)]
    known = [row.p_value for row in rows if row.p_value is not None]
    adjusted = iter(holm(known))
    return tuple(
        row if row.p_value is None else replace(row, p_value=next(adjusted)) for row in rows
    )


def _of_slice(found: Heard, one: Slice, asked: Asked) -> Iterator[SliceAgreement]:
    items = found.one.units["item_id"].astype(str).to_numpy()[found.rows]
    values = np.array([one.of.get(item, "") for item in items], dtype=object)
    agrees = _agreements(found)
    for value in one.values:
        inside = values == value
        if inside.any():
            yield _part(found, one.label(value), inside, agrees, asked)


def _agreements(found: Heard) -> Floats:
    """The share of a unit's raters whose label the judge gave, shape (n,), NaN without either."""
    tables, has_both = pair_tables(found.ratings.shares, found.ratings.ratings)
    return np.where(has_both, np.trace(tables, axis1=1, axis2=2), np.nan)


def _part(
    found: Heard, label: str, inside: NDArray[np.bool_], agrees: Floats, asked: Asked
) -> SliceAgreement:
    there = np.isfinite(agrees)
    n = int((inside & there).sum())
    if n < FEWEST:
        return _refused(label, n, asked.confidence)
    r = found.ratings.kept(inside)
    percent = percent_of(r, confidence=asked.confidence)
    kappa = cohen_kappa_of(r, **drawn(asked))
    two = TwoParts(agrees[there], inside[there], found.ratings.clusters[there])
    difference, p = from_rest(two, asked.confidence)
    return SliceAgreement(label, n, percent, kappa, difference, p)


def _refused(label: str, n: int, confidence: float) -> SliceAgreement:
    none = undefined("percent", "rate", TOO_FEW, confidence)
    return SliceAgreement(
        slice=label,
        n_items=n,
        percent=none,
        cohen_kappa=undefined("cohen_kappa", "coefficient", TOO_FEW, confidence),
        difference=undefined(*DIFFERENCE, TOO_FEW, confidence),
        p_value=None,
    )


# -- one part against the rest -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TwoParts:
    """Values of units in a part and in the rest, shape (n,); is_inside and clusters likewise."""

    values: Floats
    is_inside: NDArray[np.bool_]
    clusters: NDArray[Any]

    @property
    def weights(self) -> Floats:
        """What each value is multiplied by in the difference of the means."""
        n, inside = len(self.values), int(self.is_inside.sum())
        return np.where(self.is_inside, 1 / inside, -1 / (n - inside))

    @property
    def df(self) -> float:
        """Satterthwaite's degrees of freedom of two means with one spread, clusters as if of one size."""
        parts = []
        for side in (self.is_inside, ~self.is_inside):
            worth = effective_clusters(self.clusters[side])
            variance = float(self.values.var()) / max(worth, 1.0) + ROUNDING
            parts.append((variance, max(worth - 1, ROUNDING)))
        total = sum(variance for variance, _ in parts)
        return total**2 / sum(variance**2 / df for variance, df in parts)

    def se(self, deviations: Floats) -> float:
        """The standard error by cluster of the weighted sum of these deviations."""
        _, codes = np.unique(self.clusters, return_inverse=True)
        sums = np.bincount(codes, self.weights * deviations)
        return math.sqrt(len(sums) / (len(sums) - 1) * float(sums @ sums)) if len(sums) > 1 else 0.0

    @property
    def common_se(self) -> float:
        """The standard error of the difference where part and rest have one mean and one spread.

        The spread of all values, inflated by how much clusters inflate that of their mean. A small part
        has too few values to show its own spread: rare misses are all there, or none is.
        """
        n = len(self.values)
        apart = self.values - self.values.mean()
        sums = np.bincount(np.unique(self.clusters, return_inverse=True)[1], apart)
        inflation = max(1.0, float(sums @ sums) / max(float(apart @ apart), ROUNDING))
        variance = float(apart @ apart) / (n - 1) * inflation
        return math.sqrt(variance * float(self.weights @ self.weights))


def from_rest(two: TwoParts, confidence: float) -> tuple[Estimate, float | None]:
    """The mean of the part less that of the rest, and the two-sided p of none, which the interval matches.

    Both go by the larger of two standard errors: that of each side's own spread, and that of the spread of
    all, so that a part on which every value is the same does not look certain.
    """
    n_rest = int((~two.is_inside).sum())
    empty = undefined(*DIFFERENCE, NO_REST, confidence)
    if n_rest < FEWEST:
        return empty, None
    inside, rest = two.values[two.is_inside].mean(), two.values[~two.is_inside].mean()
    value = float(inside - rest)
    found = replace(
        empty,
        value=value,
        n=len(two.values),
        n_clusters=len(np.unique(two.clusters)),
        method="difference of means",
        note="",
    )
    own = two.se(two.values - np.where(two.is_inside, inside, rest))
    se = max(own, two.common_se)
    if se <= ROUNDING or two.df < FEWEST_DF:
        p = 1.0 if abs(value) <= ROUNDING else None
        return replace(found, note=NO_INTERVAL + "no spread between clusters"), p
    half = float(stats.t.ppf((1 + confidence) / 2, two.df)) * se
    low, high = max(-1.0, value - half), min(1.0, value + half)
    method = f"difference of means; standard error by cluster, t({two.df:.1f})"
    p = float(2 * stats.t.sf(abs(value) / se, two.df))
    return replace(found, se=se, ci_low=low, ci_high=high, method=method), p
