"""The difference of two runs on the same items, item by item.

What an item's own difficulty adds to both runs falls out of a difference, so that it is known more
closely than either of the two numbers that it lies between.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from judge.stats.intervals import counted, joined, mean
from judge.types import Estimate


def paired(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    unit: str,
    bounds: tuple[float, float] | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """The mean over items of `after` minus `before`, with its CR1 standard error by cluster and t(G-1).

    before, after: one row per item with item_id, cluster, value (NaN where it has none) and is_missing;
    a row that has neither a value nor is missing was not asked and does not count. Items are of one
    cluster where either says so. n: items with a value in both. n_missing: those asked in both that lack one.
    Source: Miller 2411.00640, section 4 (paired differences), with clusters as in section 2.
    """
    own, other = _asked(before), _asked(after)
    both = own.merge(other, on="item_id", suffixes=("_before", "_after"))
    gain = both["value_after"] - both["value_before"]
    n_missing = int(gain.isna().sum())
    n_alone = len(own) + len(other) - 2 * len(both)
    return mean(
        gain.dropna().to_numpy(dtype=float),
        _joint(both["cluster_before"], both["cluster_after"])[gain.notna().to_numpy()],
        name="difference",
        unit=unit,
        bounds=bounds,
        confidence=confidence,
        n_missing=n_missing,
        note=joined(
            f"{counted(n_missing, 'item')} without a value in both left out" if n_missing else "",
            f"{counted(n_alone, 'item')} asked in one of the two only" if n_alone else "",
        ),
    )


def _joint(before: pd.Series[Any], after: pd.Series[Any]) -> NDArray[Any]:
    """A cluster's number for each item: one for all that either column joins, directly or by others."""
    own, names = pd.factorize(before)
    other, others = pd.factorize(after)
    size = len(names) + len(others)
    edges = (np.ones(len(own)), (own, other + len(names)))
    _, numbers = connected_components(coo_array(edges, shape=(size, size)), directed=False)
    return np.asarray(numbers)[own]


def _asked(values: pd.DataFrame) -> pd.DataFrame:
    """The rows that were asked, their names as plain objects: two tables number theirs differently."""
    there = values[values["value"].notna() | values["is_missing"]]
    return there[["item_id", "cluster", "value"]].astype({"item_id": object, "cluster": object})
