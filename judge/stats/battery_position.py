"""What showing an answer first does to verdicts, beyond what asking again does, exactly by items.

Both orders are asked twice. With no effect of position the two verdicts of one order and the two of the
other come about alike, whichever answer is better.
"""

from __future__ import annotations

import numpy as np

from judge.stats import sign_flip
from judge.stats.battery_effect import NEVER_TWICE, paired
from judge.stats.effects import PositionEffect
from judge.stats.intervals import ROUNDING, Floats, mean, undefined
from judge.stats.proportions import rate
from judge.stats.shares import share
from judge.types import Estimate


def position(drawn: Floats, swapped: Floats, *, confidence: float = 0.95) -> PositionEffect:
    """Position before Holm: adjusted p-values, smallest_detectable and finding are open.

    drawn, swapped: shape (n, 2), what the answer that the drawn order shows first got, asked and asked
    again in that order and in the other; NaN where there is no verdict. Repeats count where both orders
    have them, so that neither order is known more closely.
    """
    gains = _mean_of_repeats(drawn - swapped)
    turned = _mean_of_repeats(_differ(drawn, swapped))
    excess = _excess(drawn, swapped)
    known, lacks = ~np.isnan(gains), int(np.isnan(gains).sum())
    favour = gains[known & (np.abs(gains) > ROUNDING)]
    return PositionEffect(
        consistency=_estimate("consistency", 1 - turned[known], lacks, confidence),
        excess_flips=_excess_estimate(excess, drawn, swapped, confidence),
        first_shown_rate=_estimate("first_shown_rate", 0.5 + gains[known] / 2, lacks, confidence),
        first_share=rate(
            int((favour > 0).sum()),
            len(favour),
            name="first_share",
            confidence=confidence,
            n_missing=lacks,
            note="" if len(favour) else "no verdict turned",
        ),
        p_value=sign_flip.p_value(gains[known]) if known.any() else None,
        p_adjusted=None,
        finding="none shown" if known.any() else "no verdicts",
        excess_p_value=_upwards(excess) if len(excess) else None,
    )


def _differ(one: Floats, other: Floats) -> Floats:
    """1 where they differ, 0 where not, NaN where either is absent."""
    lacks = np.isnan(one) | np.isnan(other)
    return np.where(lacks, np.nan, (one != other).astype(np.float64))


def _mean_of_repeats(values: Floats) -> Floats:
    """The mean of each row's numbers that are there, NaN where none is."""
    there = ~np.isnan(values)
    counts = there.sum(axis=1)
    sums = np.where(there, values, 0.0).sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _excess(drawn: Floats, swapped: Floats) -> Floats:
    """Of each item with all four verdicts: how much oftener orders differ than repeats do.

    Exchanging the drawn order's second verdict with the other order's first turns its sign, so that it is
    even around 0 where all four come about alike.
    """
    between = _differ(drawn, swapped).sum(axis=1)
    within = _differ(drawn[:, 0], drawn[:, 1]) + _differ(swapped[:, 0], swapped[:, 1])
    excess = (between - within) / 2
    return np.asarray(excess[~np.isnan(excess)], dtype=np.float64)


def _upwards(excess: Floats) -> float:
    """One-sided, half of an even distribution: an order cannot make verdicts differ less than repeats."""
    return sign_flip.p_value(excess) / 2 if excess.sum() > ROUNDING else 1.0


def _excess_estimate(excess: Floats, drawn: Floats, swapped: Floats, confidence: float) -> Estimate:
    if not len(excess):
        twice = ~np.isnan(drawn).any(axis=1) | ~np.isnan(swapped).any(axis=1)
        why = "no pair has all four verdicts" if twice.any() else NEVER_TWICE
        return undefined("excess_flips", "difference", why, confidence, len(drawn))
    if not excess.any():
        n = len(excess)
        return paired("excess_flips", 0, 0, n, len(drawn) - n, confidence)
    return mean(
        excess,
        np.arange(len(excess)),
        name="excess_flips",
        unit="difference",
        bounds=(-1.0, 1.0),
        confidence=confidence,
        n_missing=len(drawn) - len(excess),
    )


def _estimate(name: str, values: Floats, n_missing: int, confidence: float) -> Estimate:
    return share(
        values,
        np.arange(len(values)),
        name=name,
        confidence=confidence,
        n_missing=n_missing,
        note="" if len(values) else "no pair has a verdict in both orders",
    )
