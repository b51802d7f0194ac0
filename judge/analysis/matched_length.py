"""Win rates among pairs of nearly equal length: a check on the model of length that needs no model.

If the two disagree, the model's form is wrong or its length stands for something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce

import numpy as np
import pandas as pd

from judge.analysis.pairwise_models import Key, member_weights
from judge.stats.comparisons import Comparison
from judge.stats.intervals import joined, mean, undefined
from judge.types import Estimate

NAME, RATIO = "matched_length_win_rate", "log_length_ratio"
NEAR = 0.1  # |a - b| / (a + b) below which two lengths are nearly equal. Source: docs/methods.md


def measure(
    row: Comparison,
    seen: Mapping[Key, pd.DataFrame],
    groups: Mapping[str, int],
    confidence: float,
) -> tuple[Estimate, Estimate]:
    """The win rate within the stratum, and the mean log ratio of the lengths over all pairs.

    seen: judge and wording -> its pairs of the row's two systems (turned), several for a panel, of which
    an item needs every one. The ratio is of 1 + characters, so that an empty answer has one.
    """
    pairs = _joined(seen, groups)
    lengths = pairs[["len", "len_baseline"]] if len(pairs) else pd.DataFrame()
    if pairs.empty or lengths.isna().any(axis=None):
        why = (
            "the length of some answers is not known" if len(pairs) else "no pair has all verdicts"
        )
        return (
            undefined(NAME, "rate", why, confidence, row.raw.n_missing),
            undefined(RATIO, "log ratio", why, confidence, row.raw.n_missing),
        )
    a, b = (pairs[name].to_numpy(dtype=float) for name in ("len", "len_baseline"))
    near = np.abs(a - b) < NEAR * (a + b)
    clusters = pairs["cluster"].cat.codes.to_numpy()
    matched = mean(
        pairs["value"].to_numpy(dtype=float)[near],
        clusters[near],
        name=NAME,
        unit="rate",
        bounds=(0.0, 1.0),
        confidence=confidence,
        note="" if near.any() else "no pair is of nearly equal length",
    )
    ratio = mean(
        np.log1p(a) - np.log1p(b),
        clusters,
        name=RATIO,
        unit="log ratio",
        confidence=confidence,
        n_missing=row.raw.n_missing,
    )
    return matched, ratio


def held_against(matched: Estimate, controlled: Estimate) -> Estimate:
    """The matched win rate, with a note where the length-controlled one lies outside its interval."""
    low, high, value = matched.ci_low, matched.ci_high, controlled.value
    if low is None or high is None or value is None or low <= value <= high:
        return matched
    said = (
        f"the length-controlled win rate ({value:.1%}) lies outside this interval: the model of "
        "length may be misspecified"
    )
    return replace(matched, note=joined(matched.note, said))


def turned(own: pd.DataFrame, system: str) -> pd.DataFrame:
    """The pairs with value (the system's), len and len_baseline beside what is there.

    own: pairs of the system and one other, with item_id, system_a, system_b, cluster, y, len_a and len_b.
    """
    is_first = (own["system_a"] == system).to_numpy()
    return own.assign(
        value=own["y"].where(is_first, 1 - own["y"]),
        len=own["len_a"].where(is_first, own["len_b"]),
        len_baseline=own["len_b"].where(is_first, own["len_a"]),
    )


def _joined(seen: Mapping[Key, pd.DataFrame], groups: Mapping[str, int]) -> pd.DataFrame:
    """The pairs of one judge, or those that every member judged with their weighted mean."""
    known = {key: pairs for key, pairs in seen.items() if len(pairs)}
    if len(known) < 2:
        return next(iter(known.values()), pd.DataFrame())
    weights = np.array(member_weights([*known], groups))
    keyed = [pairs.set_index("item_id") for pairs in known.values()]
    common = reduce(lambda left, right: left.intersection(right), (k.index for k in keyed))
    values = np.stack([k.loc[common, "value"].to_numpy(dtype=float) for k in keyed])
    return keyed[0].loc[common].assign(value=weights @ values / weights.sum()).reset_index()
