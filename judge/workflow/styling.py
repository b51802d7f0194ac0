"""The counts of style of a run's answers, joined to the table of its verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from judge.style_features import FEATURES, counts
from judge.table import VerdictTable
from judge.types import Item

Counts = Mapping[tuple[str, str], Mapping[str, int]]  # item and system -> feature -> count


def with_styles(table: VerdictTable, items: Iterable[Item]) -> VerdictTable:
    """The pairwise table with a column for each feature of style of either answer."""
    known = {
        (item.item_id, response.system): counts("\n\n".join(response.turns))
        for item in items
        for response in item.responses
    }
    found = {
        f"{name}_{side}": _column(table.frame, f"system_{side}", known, name)
        for name in FEATURES
        for side in "ab"
    }
    return replace(table, frame=table.frame.assign(**found))


def _column(frame: pd.DataFrame, system: str, known: Counts, feature: str) -> pd.Series[float]:
    keys = zip(frame["item_id"].astype(str), frame[system].astype(str), strict=True)
    values = [known[key][feature] if key in known else np.nan for key in keys]
    return pd.Series(values, index=frame.index, dtype=float)
