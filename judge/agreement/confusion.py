"""Which labels of people a judge takes for which: counts, judge in rows and people in columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judge.agreement.ratings import Ratings
from judge.agreement.tables import pair_tables
from judge.stats.intervals import Floats


@dataclass(frozen=True, slots=True)
class Confusion:
    """counts: shape (q, q), in units: a unit counts 1, split over its raters and presentations.

    unreadable: units without the judge's verdict, by people's labels, shape (q,).
    """

    counts: Floats
    unreadable: Floats

    @property
    def of_judge(self) -> Floats:
        """How often the judge gave each label, shape (q,)."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def of_people(self) -> Floats:
        """How often people gave each label, of units with a verdict, shape (q,)."""
        return np.asarray(self.counts.sum(axis=0))

    @property
    def n(self) -> int:
        """The units that both spoke of."""
        return round(float(self.counts.sum()))

    @property
    def n_unreadable(self) -> int:
        return round(float(self.unreadable.sum()))


def confusion(r: Ratings) -> Confusion | None:
    """The counts; None where the judge has no labels: on a continuum, or a mean of several judges."""
    if not r.q or not r.has_verdict.any():
        return None
    tables, _ = pair_tables(r.shares, r.ratings)
    votes = r.votes
    theirs = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
    return Confusion(tables.sum(axis=0), theirs[~r.has_verdict].sum(axis=0))
