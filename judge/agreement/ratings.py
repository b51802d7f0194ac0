"""What a judge and its raters said of the same units, as arrays: what every coefficient here takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judge.stats.intervals import Floats
from judge.types import Level

Codes = NDArray[np.int64]
Clusters = NDArray[np.int64]  # the number of each unit's cluster, 0 .. G-1
Mask = NDArray[np.bool_]

CONTINUUM = "scores are a continuum: no two agree but by chance"
NO_LABELS = "a mean of several judges is a number and not a label"
NOTHING = "no unit has a verdict of the judge and a label of a rater"


def means_of_given(numbers: Floats) -> Floats:
    """The mean of each row's numbers, shape (n,); NaN where a row has none. numbers: NaN where absent."""
    given = np.isfinite(numbers)
    n_given = given.sum(axis=1)
    sums = np.where(given, numbers, 0.0).sum(axis=1)
    return np.where(n_given > 0, sums / np.maximum(n_given, 1), np.nan)


@dataclass(frozen=True, slots=True)
class Ratings:
    """Units that the judge was asked about and that a rater labelled.

    shares: of each label among the judge's presentations of a unit, shape (n, q), NaN where it lacks a
    verdict; q is 0 on a continuum. values: the mean of its numbers, shape (n,), NaN likewise. ratings:
    places on the scale, shape (n, R), -1 where a rater gave none; numbers: the same as numbers, NaN where
    there are none. clusters: any labels, shape (n,). scale_values: the numbers of the labels, lowest
    first, None where they have none.
    """

    shares: Floats
    values: Floats
    ratings: Codes
    numbers: Floats
    clusters: NDArray[Any]
    level: Level = "nominal"
    scale_values: tuple[float, ...] | None = None

    @property
    def q(self) -> int:
        """How many labels the scale has, 0 for a continuum."""
        return int(self.shares.shape[1])

    @property
    def human(self) -> Floats:
        """The mean number of a unit's raters, shape (n,), NaN where there is none."""
        return means_of_given(self.numbers)

    @property
    def votes(self) -> Floats:
        """How many of a unit's raters gave each label, shape (n, q)."""
        given = self.ratings[:, :, None] == np.arange(self.q)
        return np.asarray(given.sum(axis=1), dtype=np.float64)

    @property
    def has_verdict(self) -> Mask:
        """Where the judge has labels, shape (n,)."""
        return np.asarray(np.isfinite(self.shares).all(axis=1) & (self.q > 0))

    @property
    def cluster_numbers(self) -> Clusters:
        """The clusters as numbers 0 .. G-1, shape (n,)."""
        return np.unique(self.clusters, return_inverse=True)[1].astype(np.int64)

    def kept(self, rows: NDArray[Any]) -> Ratings:
        """The same of the units in these places, or where this mask is true."""
        return replace(
            self,
            shares=self.shares[rows],
            values=self.values[rows],
            ratings=self.ratings[rows],
            numbers=self.numbers[rows],
            clusters=self.clusters[rows],
        )

    def of_raters(self, columns: Sequence[int]) -> Ratings:
        """The same with these raters alone."""
        places = list(columns)
        return replace(self, ratings=self.ratings[:, places], numbers=self.numbers[:, places])


def why_no_labels(r: Ratings) -> str:
    """Why a coefficient of labels has no unit to stand on."""
    if not r.q:
        return CONTINUUM
    if not r.has_verdict.any() and np.isfinite(r.values).any():
        return NO_LABELS
    return NOTHING


def both_labelled(r: Ratings) -> Ratings:
    """The units with a label of the judge and of a rater."""
    return r.kept(r.has_verdict & (r.ratings >= 0).any(axis=1))
