"""What judges without skill would have said of the same pairs.

Every measure of a bias is held against them: a number that a coin shows too is no finding about a
judge. Their verdicts are computed and not drawn, so that they add no noise of their own.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from judge.stats.intervals import Floats

FAIR_COIN = "fair coin"
ALWAYS_FIRST = "always first"
ALWAYS_LONGER = "always longer"
NAMES = (FAIR_COIN, ALWAYS_FIRST, ALWAYS_LONGER)


def outcomes(rows: pd.DataFrame) -> dict[str, Floats]:
    """Name -> what each row's system_a would get, shape (n_rows,), in [0, 1].

    rows: of a judge's model, of which order, len_a and len_b count. The coin stands with what it
    would get on average. Where an order is not recorded always-first gets 0.5, where a length is not
    known there is no always-longer.
    """
    found = {FAIR_COIN: np.full(len(rows), 0.5), ALWAYS_FIRST: first_wins(rows["order"])}
    if (lengths := longer_wins(rows)) is not None:
        found[ALWAYS_LONGER] = lengths
    return found


def first_wins(order: pd.Series[str]) -> Floats:
    """1 where system_a was shown first, 0 where it was second, 0.5 where nobody recorded it."""
    return np.select([order == "AB", order == "BA"], [1.0, 0.0], 0.5)


def longer_wins(rows: pd.DataFrame) -> Floats | None:
    """1 where system_a's answer is longer, 0 where it is shorter, 0.5 where both are equally long.

    None where a length is not known.
    """
    if not {"len_a", "len_b"} <= set(rows.columns):
        return None
    difference = (rows["len_a"] - rows["len_b"]).to_numpy(dtype=np.float64)
    if not len(rows) or np.isnan(difference).any():
        return None
    return np.asarray(0.5 + np.sign(difference) / 2)
