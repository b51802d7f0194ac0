"""Whether an effect lies within a margin where few units show it, so that its spread is known badly.

Two one-sided t tests call too much equivalent there: units that turned once in a while are seen less
often than they occur, and their spread with them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from judge.stats.intervals import ROUNDING, Floats


def within_p(values: Floats, clusters: NDArray[Any], margin: float) -> float | None:
    """The p of the mean of values lying `margin` or more from 0; None with fewer than two clusters.

    values: shape (n,), in [-1, 1], most of them 0. The larger p of the two one-sided tests, with a t by
    cluster that takes skewness into account, and never below the exact p of so small a sum where all
    clusters that have an effect have it in one direction.
    Source: Schuirmann 1987; Hall 1992 (the monotone transform of a t for skewed populations).
    """
    _, codes = np.unique(clusters, return_inverse=True)
    g = int(codes.max()) + 1 if len(codes) else 0
    if g < 2:
        return None
    mean = float(values.mean())
    parts = np.bincount(codes, weights=values - mean) * g / len(values)
    exact = float(stats.binom.cdf(math.ceil(g * abs(mean) - ROUNDING), g, margin))
    return max(exact, _below(mean, parts, margin), _below(-mean, -parts, margin))


def _below(mean: float, parts: Floats, margin: float) -> float:
    """The p of the mean being `margin` or more. parts: what each cluster deviates by, their mean 0."""
    g = len(parts)
    variance = float(parts @ parts) / (g - 1)
    if variance <= ROUNDING**2:
        return 0.0 if mean < margin else 1.0
    away = (mean - margin) / math.sqrt(variance)
    skew = float(np.mean(parts**3)) / variance**1.5
    bent = away + skew * away**2 / 3 + skew**2 * away**3 / 27 + skew / (6 * g)
    return float(stats.t.cdf(math.sqrt(g) * bent, g - 1))
