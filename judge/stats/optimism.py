"""What picking the best of several systems adds to its number, by luck alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

DRAWS = 20_000
SEED = 20_241_101  # the draws decide a number that is said, so that they are the same every time


def pick_warning(picked: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """What to say where several systems are compared on the same items: the best one's number is high.

    picked: system -> its values per item, of what is concluded from.
    """
    means = {system: own["value"].mean() for system, own in picked.items()}
    known = {system: mean for system, mean in means.items() if mean == mean}
    if len(known) < 2:
        return
    best = max(known, key=lambda system: known[system])
    luck = optimism([picked[system] for system in known], np.random.default_rng(SEED))
    size = (
        f", by up to {100 * luck:.1f} points if all are equally good"
        if luck and luck >= 0.001
        else ""
    )
    yield (
        f"whoever picks the best of {len(known)} systems ({best}) on the same items that its win rate "
        f"is from gets a number that is too high{size}: expect less on new items, and hold out items "
        "for the final number"
    )


def optimism(values: Sequence[pd.DataFrame], rng: np.random.Generator) -> float | None:
    """By how much the best of these is expected to exceed its true mean if all were equally good.

    values: for each system one row per item with item_id, cluster and value, NaN where it has none.
    That is the expected largest error of the means: normal errors with the covariance of the cluster sums
    (items that all systems share make their errors go together). It is the most that is expected, since
    systems that truly differ leave less to luck. None for fewer than two systems or clusters.
    """
    there = [own[own["value"].notna()] for own in values]
    names = pd.Index(pd.concat([own["cluster"].astype(object) for own in there]).unique())
    if len(there) < 2 or len(names) < 2 or any(own.empty for own in there):
        return None
    sums = np.zeros((len(names), len(there)))
    for place, own in enumerate(there):
        deviations = (own["value"] - own["value"].mean()).to_numpy(dtype=float) / len(own)
        np.add.at(sums[:, place], names.get_indexer(own["cluster"].astype(object)), deviations)
    spread = sums.T @ sums * (len(names) / (len(names) - 1))
    errors = rng.multivariate_normal(np.zeros(len(there)), spread, size=DRAWS, method="eigh")
    beyond = errors.max(axis=1) - errors.mean(axis=1)  # the mean error is 0, and part of the noise
    return float(beyond.mean())
