"""How sure a judge is of what it said, from nothing but what it said.

The confidence of a unit (a pair, or an answer) is the share of the label that the judge gave most, over
orders, repeats and wordings of single answers, a tie being a label like any other. Where every
presentation of a pair has a probability, it is that of the likelier side: 0.5 + |p - 0.5|. Repeats are
averaged within an order, orders within the judge, and an order without a verdict leaves no confidence.
It is coarse: two orders have the levels 0.5 and 1, one presentation is always sure. A judge's own word
on how sure it is plays no part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from judge.analysis.people import told
from judge.stats.intervals import Floats
from judge.stats.panel import vote_shares
from judge.stats.selective import SAME, Codes
from judge.stats.values import averages
from judge.types import Mode, Scale, Status, Verdict

UNIT: dict[Mode, tuple[str, ...]] = {
    "pairwise": ("item_id", "system_a", "system_b"),
    "single": ("item_id", "system"),
}
VOICE: dict[Mode, tuple[str, ...]] = {
    "pairwise": ("judge", "rubric", "variant"),
    "single": ("judge", "rubric"),
}
_SHOWN: dict[Mode, tuple[str, ...]] = {"pairwise": ("order",), "single": ("variant", "order")}

# What a presentation is: the variant of a single answer, and the order.
Shown = tuple[str, str]


def of_verdicts(mode: Mode, said: Mapping[Shown, Sequence[Verdict]]) -> float | None:
    """The confidence of one unit from the verdicts of each planned presentation.

    None where a presentation has none that could be read.
    """
    read = [[v for v in verdicts if v.status is Status.OK] for verdicts in said.values()]
    if not read or not all(read):
        return None
    soft = [[v.p_a for v in verdicts if v.p_a is not None] for verdicts in read]
    if mode == "pairwise" and all(soft):
        p = float(np.mean([np.mean(given) for given in soft]))
        return max(p, 1 - p)
    labels = {_label(v) for verdicts in read for v in verdicts}
    shares = [
        float(np.mean([np.mean([_label(v) == label for v in verdicts]) for verdicts in read]))
        for label in labels
    ]
    return max(shares)


def _label(verdict: Verdict) -> object:
    return verdict.label or verdict.score


def of_rows(mode: Mode, rows: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """One row a unit and voice: confidence (NaN without one), said, value and the shares of labels.

    rows: of pairs written one way (people.turned_alike), or of one criterion. said: the place on the
    scale of the label that was given most; of a draw, the side or the point nearest to the mean, -1 where
    labels have no numbers.
    """
    found = told(mode, rows, scale)
    shares = found[[f"_{code}" for code in range(len(scale.labels))]].to_numpy(dtype=float)
    likelier = np.full(len(found), np.nan)
    if mode == "pairwise":
        given = rows["p_a"].where(rows["status"] == Status.OK)
        unit = [*UNIT[mode], *VOICE[mode], "cluster"]
        likelier = averages(rows.assign(value=given), unit, _SHOWN[mode])["value"].to_numpy()
    return _with_confidence(found, mode, shares, likelier, scale)


def _with_confidence(
    found: pd.DataFrame, mode: Mode, shares: Floats, likelier: Floats, scale: Scale
) -> pd.DataFrame:
    has_p = np.isfinite(likelier)
    most = shares.max(axis=1) if shares.shape[1] else np.full(len(found), np.nan)
    sure = np.where(has_p, np.maximum(likelier, 1 - likelier), most)
    confidence = np.minimum(sure, 1.0)  # votes that were summed may pass it by their rounding
    said = np.where(has_p, _side(likelier), _said(mode, shares, most, scale))
    return found.assign(confidence=confidence, said=np.where(np.isfinite(confidence), said, -1))


def _side(p: Floats) -> Codes:
    """The place among b, tie and a of a probability that a is better."""
    return 1 + np.nan_to_num(np.sign(p - 0.5)).astype(np.int64)


def _said(mode: Mode, shares: Floats, most: Floats, scale: Scale) -> Codes:
    """The label that was given most, of a draw what is nearest to the mean."""
    if not shares.shape[1]:
        return np.full(len(shares), -1)
    is_draw = (shares > most[:, None] - SAME).sum(axis=1) > 1
    return np.where(is_draw, _middle(mode, shares, scale), np.nan_to_num(shares).argmax(axis=1))


def _middle(mode: Mode, shares: Floats, scale: Scale) -> Codes:
    if not scale.values:
        return np.full(len(shares), -1)
    values = np.array(scale.values)
    means = np.nan_to_num(shares) @ values
    if mode == "pairwise":
        return _side(np.where(np.abs(means - 0.5) < SAME, 0.5, means))
    return np.asarray(np.abs(means[:, None] - values).argmin(axis=1), dtype=np.int64)


def by_item(mode: Mode, found: pd.DataFrame) -> pd.DataFrame:
    """The rows of single answers with the least confidence of their item's, NaN where one has none.

    An item's answers go from one judge of a cascade to the next together: were each to go alone, systems
    would be compared by different judges. Pairs stay as they are.
    """
    if mode == "pairwise":
        return found
    item = ["item_id", *VOICE[mode]]
    asked = found["confidence"].groupby([found[name] for name in item], observed=True)
    least = asked.transform("min")
    lacks = found["confidence"].isna().groupby([found[name] for name in item], observed=True)
    return found.assign(confidence=least.mask(lacks.transform("any")))


def of_panel(
    mode: Mode, found: pd.DataFrame, scale: Scale, groups: Mapping[str, int]
) -> pd.DataFrame:
    """The panel's rows: shares of its votes, a vote a family, where every judge has said something.

    found: as of_rows gives it, of the judges of one panel. Their wordings are averaged first.
    """
    labels = [f"_{code}" for code in range(len(scale.labels))]
    judges = sorted(found["judge"].astype(str).unique())
    weights = vote_shares(judges, groups)
    unit = [*UNIT[mode]]
    per_judge = found.assign(judge=found["judge"].astype(str)).groupby(
        [*unit, "judge"], observed=True
    )[labels]
    means = per_judge.mean().reset_index()
    votes = means[labels].mul(means["judge"].map(weights).astype(float), axis=0)
    sums = votes.assign(**{name: means[name] for name in unit}).groupby(unit, observed=True)
    whole = sums[labels].sum()[sums[labels[0]].count() == len(judges)].reset_index()
    shares = whole[labels].to_numpy(dtype=float)
    none = np.full(len(whole), np.nan)
    return _with_confidence(whole, mode, shares, none, scale)


def lined_up(
    mode: Mode, units: pd.DataFrame, own: pd.DataFrame, columns: Sequence[str]
) -> pd.DataFrame:
    """These columns of a voice's rows in the order of the units, NaN where it was not asked."""
    names = [*UNIT[mode]]
    keys = own[[*names, *columns]].astype(dict.fromkeys(names, object))
    return units[names].astype(object).merge(keys, how="left", on=names)[[*columns]]
