"""One test over all wordings of a rubric, and one of all of them against the base asked again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.contingency_tables import cochrans_q

from judge.agreement.resampling import cluster_sums
from judge.stats.intervals import ROUNDING, Floats
from judge.stats.wordings import Mask, numbered


@dataclass(frozen=True, slots=True)
class Overall:
    """A test over all wordings. n: clusters with every verdict; kendall_w: statistic / (n (k - 1))."""

    name: str
    statistic: float | None
    df: int
    p_value: float | None
    kendall_w: float | None
    n: int
    note: str = ""


def overall(values: Floats, clusters: NDArray[Any]) -> Overall:
    """Whether any wording's values tend to lie above another's: Cochran's Q of two values, else Friedman.

    values: shape (n, W), NaN where absent; only whole rows count, and those of one cluster are averaged,
    since the tests take rows as independent. Of two values Friedman's statistic is Cochran's Q.
    Source: Cochran 1950; Friedman 1937; Kendall and Babington Smith 1939 (W).
    """
    rows = _by_cluster(values, clusters)
    n, k = rows.shape
    is_binary = len(np.unique(rows)) <= 2
    empty = Overall("Cochran's Q" if is_binary else "Friedman", None, k - 1, None, None, n)
    if n < 2 or k < 2:
        return replace(empty, note="fewer than two clusters with every verdict")
    if not (np.ptp(rows, axis=1) > ROUNDING).any():
        return replace(empty, note="no verdict hangs on the wording")
    if k == 2 and not is_binary:
        return replace(empty, note="of two wordings: their shift is tested instead")
    value = _cochran(rows) if is_binary else float(stats.friedmanchisquare(*rows.T).statistic)
    p = float(stats.chi2.sf(value, k - 1))
    return replace(empty, statistic=value, p_value=p, kendall_w=value / (n * (k - 1)))


def _by_cluster(values: Floats, clusters: NDArray[Any]) -> Floats:
    whole = np.isfinite(values).all(axis=1)
    if not whole.any():
        return np.empty((0, values.shape[1]))
    own = numbered(clusters[whole])
    found: Floats = cluster_sums(values[whole], own) / np.bincount(own)[:, None]
    return np.round(found, 12)


def _cochran(rows: Floats) -> float:
    return float(cochrans_q((rows == rows.max()).astype(int)).statistic)


def permuted_p(flips: Mask, again: Mask, clusters: NDArray[Any]) -> float:
    """The exact two-sided p of wordings flipping as often as the base asked again, all taken together.

    flips: whether each wording differs from the base, shape (n, V); again: whether the base asked again
    does, shape (n,). Where no wording changes anything, any of a cluster's V + 1 verdicts may as well be
    the one that was asked again. With one wording it is the test of judge.stats.sign_flip.
    Source: Fisher 1935, section 21 (randomisation), within clusters.
    """
    own = numbered(clusters)
    columns = np.column_stack([again, flips]).astype(float)
    counts = np.rint(cluster_sums(columns, own)).astype(np.int64)
    chances = np.ones(1)
    for row in counts[counts.any(axis=1)]:
        chances = np.convolve(chances, np.bincount(row) / len(row))
    centre = counts.sum() / counts.shape[1]
    away = np.abs(np.arange(len(chances)) - centre) >= abs(counts[:, 0].sum() - centre) - ROUNDING
    return min(1.0, float(chances[away].sum()))
