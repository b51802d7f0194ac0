"""Which criterion of a rubric is fragile: whose label flips over equivalent wordings above repeats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from judge.analysis.rubric_audit import CriterionRow
from judge.analysis.rubric_decisions import Decisions
from judge.analysis.rubric_rows import ALPHA, Settings
from judge.stats import wordings
from judge.stats.intervals import Floats, holm, mean
from judge.stats.shares import share
from judge.stats.wording_tests import permuted_p
from judge.stats.wordings import NO_PAIR, NOT_TWICE, UNASKED, Mask


def criteria(
    criteria: Mapping[str, Decisions], settings: Settings
) -> tuple[tuple[CriterionRow, ...], str | None]:
    """A row a criterion, and the fragile one: the largest excess that is shown; None where none is.

    criteria: by name, each with the base and its equivalents as columns.
    """
    rows = [_row(name, d, settings) for name, d in criteria.items()]
    told = [n for n, row in enumerate(rows) if row.p_value is not None]
    for n, p in zip(told, holm([rows[n].p_value or 0.0 for n in told]), strict=True):
        rows[n] = replace(rows[n], p_adjusted=p)
    shown = [row for row in rows if row.p_adjusted is not None and row.p_adjusted <= ALPHA]
    excess = {row.criterion: row.excess_flips.value or 0.0 for row in shown}
    worst = max(excess, key=lambda name: excess[name], default=None)
    return tuple(rows), worst if worst is not None and excess[worst] > 0 else None


def _row(name: str, d: Decisions, settings: Settings) -> CriterionRow:
    base, others = d.said[:, :1], d.said[:, 1:]
    again = wordings.first_told(d.again)
    asked = (base[:, 0] > UNASKED) & (others > UNASKED).any(axis=1)
    others = others[:, (others >= 0).any(axis=0)]  # one without any verdict takes part in nothing
    differ, told = base != others, (base >= 0) & (others >= 0)
    flipped = _share(differ & told, told)
    is_flip, confidence = np.isfinite(flipped), settings.confidence
    clusters = d.places.clusters
    flips = share(
        flipped[is_flip],
        clusters[is_flip],
        name="flips",
        confidence=confidence,
        n_missing=int((asked & ~is_flip).sum()),
        note="" if is_flip.any() else NO_PAIR,
    )
    whole = is_flip & told.all(axis=1) & (again >= 0)
    twice = asked & (again > UNASKED)
    excess = mean(
        (flipped - (base[:, 0] != again))[whole],
        clusters[whole],
        name="excess_flips",
        unit="rate",
        bounds=(-1.0, 1.0),
        confidence=confidence,
        n_missing=int((twice & ~whole).sum()),
        note="" if whole.any() else NO_PAIR if twice.any() else NOT_TWICE,
    )
    p = None
    if whole.any():
        p = permuted_p(differ[whole], (base[:, 0] != again)[whole], clusters[whole])
    return CriterionRow(name, flips, excess, p, None)


def _share(hits: Mask, told: Mask) -> Floats:
    """Of the wordings that have a verdict beside the base's."""
    n = told.sum(axis=1)
    return np.asarray(
        np.divide(hits.sum(axis=1), n, out=np.full(len(n), np.nan), where=n > 0), dtype=float
    )
