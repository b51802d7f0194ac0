"""Shares of values between 0 and 1, with intervals that hold near both ends.

A t interval is symmetric, and near 0 or 1 covers too seldom: of 100 items, 90 % of which are the same, about
93.4 % where it says 95 %. Wilson's, of independent yes and no, swings around 95 % (93.4 % at 70 of 100); in
log-odds t covers 94.6 % or more from 50 to 400 clusters of one to three values.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from judge.stats.bounded import Interval, method
from judge.stats.intervals import Floats, mean
from judge.types import Estimate

ENDS = (0.0, 1.0)


def share(
    values: Floats,
    clusters: NDArray[Any],
    *,
    name: str,
    confidence: float = 0.95,
    n_missing: int = 0,
    note: str = "",
) -> Estimate:
    """The mean of values in [0, 1], shape (n,), by clusters, shape (n,).

    t(G-1) in the log-odds of the mean, with the CR1 standard error by the delta method; where there is no
    spread, or it has no interval, as `mean`.
    """
    found = mean(
        values,
        clusters,
        name=name,
        unit="rate",
        bounds=ENDS,
        confidence=confidence,
        n_missing=n_missing,
        note=note,
    )
    if found.value is None or not found.se or found.ci_low is None:
        return found
    kind = Interval("logit", found.value, found.se, found.n_clusters - 1, 0, ENDS)
    low, high = kind.ends(confidence) or ENDS
    said = f"mean; CR1 standard error by cluster, {method(kind)}"
    return replace(found, ci_low=low, ci_high=high, method=said)
