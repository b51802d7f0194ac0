"""How often a judge is right where the right verdict is known: in one order, in both, and in both at once."""

from __future__ import annotations

import numpy as np

from judge.analysis.battery_rows import Bools, Gathered
from judge.analysis.judge_audit import KnownAnswers
from judge.stats.intervals import Floats
from judge.stats.proportions import rate
from judge.stats.shares import share
from judge.types import Estimate

NONE = "no verdict"


def known_answers(of: Gathered, *, confidence: float = 0.95) -> tuple[KnownAnswers, ...]:
    """A row for all items that have a right verdict, category "", and one for each category.

    First verdicts alone count. first: in the drawn order; right: over both orders, each half;
    consistent_and_right: in both. A verdict is right where it is the known one, a tie only if that is.
    """
    swapped = of.questions.swapped
    is_known = ~np.isnan(of.right)
    if swapped is None or not is_known.any():
        return ()
    drawn = _is_right(of.questions.drawn[:, 0], of.right)
    other = _is_right(swapped[:, 0], of.right)
    categories = np.array(of.categories, dtype=object)
    names = sorted({name for name in categories[is_known] if name})
    kept = {"": is_known, **{name: is_known & (categories == name) for name in names}}
    return tuple(_row(name, drawn[where], other[where], confidence) for name, where in kept.items())


def _is_right(verdicts: Floats, right: Floats) -> Floats:
    """1 where it is the right verdict, 0 where not, NaN where there is none."""
    lacks = np.isnan(verdicts) | np.isnan(right)
    return np.where(lacks, np.nan, (verdicts == right).astype(np.float64))


def _row(category: str, drawn: Floats, other: Floats, confidence: float) -> KnownAnswers:
    both = (drawn + other) / 2
    there: Bools = ~np.isnan(both)
    return KnownAnswers(
        category,
        _share("first", drawn, confidence),
        share(
            both[there],
            np.arange(int(there.sum())),
            name="right",
            confidence=confidence,
            n_missing=int((~there).sum()),
            note="" if there.any() else NONE,
        ),
        _share(
            "consistent_and_right", np.where(there, (both == 1).astype(float), np.nan), confidence
        ),
    )


def _share(name: str, values: Floats, confidence: float) -> Estimate:
    there = ~np.isnan(values)
    return rate(
        int(values[there].sum()),
        int(there.sum()),
        name=name,
        confidence=confidence,
        n_missing=int((~there).sum()),
        note="" if there.any() else NONE,
    )
