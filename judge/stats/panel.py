"""One value of several judges: a vote per family, whatever the number of its members.

Judges of one family tend to err together, so three of them are not three witnesses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from judge.stats.intervals import Floats


def family_groups(families: Mapping[str, frozenset[str]]) -> dict[str, int]:
    """The number of each judge's group of families; judges whose families overlap share one.

    Overlap carries over: a judge of families x and y joins those of x to those of y. A judge without
    a family is alone.
    """
    groups: list[tuple[set[str], set[str]]] = []
    for judge, names in families.items():
        met = [group for group in groups if group[1] & names]
        groups = [group for group in groups if group not in met]
        judges = {judge}.union(*(judges for judges, _ in met))
        groups.append((judges, set(names).union(*(known for _, known in met))))
    ordered = sorted(sorted(judges) for judges, _ in groups)
    return {judge: number for number, judges in enumerate(ordered) for judge in judges}


def vote_shares(judges: Sequence[str], groups: Mapping[str, int]) -> dict[str, float]:
    """The part of each judge in the panel's number: a vote per group of families, shared within it."""
    votes = [groups[judge] for judge in judges]
    return {judge: 1 / (len(set(votes)) * votes.count(groups[judge])) for judge in judges}


def votes_of(values: Floats, families: Sequence[int]) -> Floats:
    """The votes of families, shape (n, families), from whole rows of their judges, shape (n, judges)."""
    numbers = np.array(families)
    return np.column_stack([values[:, numbers == own].mean(axis=1) for own in np.unique(numbers)])


def panel_values(values: pd.DataFrame, groups: Mapping[str, int]) -> pd.DataFrame:
    """One row per item: item_id, cluster, value (NaN where it has none) and is_missing.

    values: one row per item, judge and wording, with value (NaN where missing) and is_asked (False
    where a policy stopped every trial). A judge's wordings are averaged, then the judges of a family,
    then the families. An item needs every family that was asked anything at all; where nothing but a
    policy kept one away, the item has no value and is not missing.
    """
    keys = ["item_id", "cluster", "family"]
    known = values.assign(family=values["judge"].map(groups).astype("int64"))
    per_judge = known.groupby([*keys, "judge"], observed=True)["value"].mean()
    votes = per_judge.groupby(level=keys, observed=True).mean().to_frame("vote")
    votes["is_stopped"] = ~known.groupby(keys, observed=True)["is_asked"].any()
    n_families = known.loc[known["is_asked"], "family"].nunique()
    by_item = votes.groupby(level=["item_id", "cluster"], observed=True)
    found = by_item.agg(
        value=("vote", "mean"), n_votes=("vote", "count"), n_stopped=("is_stopped", "sum")
    ).reset_index()
    found["is_missing"] = found["n_votes"] + found["n_stopped"] < n_families
    found["value"] = found["value"].where(found["n_votes"] == n_families)
    return found[["item_id", "cluster", "value", "is_missing"]]
