"""From verdicts to values: one per pair or answer, judge and wording.

Repeats are averaged within a presentation (an order), presentations within the pair or answer. Where
a planned presentation has no verdict the value is undefined: averaging the rest would let position
bias in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from judge.stats.merge import AVERAGE, merged
from judge.table import KEYS, VerdictTable
from judge.types import Status

ASKED_WITH = ("judge", "rubric", "variant")  # a judge under one wording
ITEM = ("item_id", "cluster")

_POINTS = {"": np.nan, "a": 1.0, "tie": 0.5, "b": 0.0}


def parts(
    frame: pd.DataFrame, names: Sequence[str]
) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
    """The frame cut up by the values of these columns, in the order of their names."""
    for key, part in frame.groupby(list(names), observed=True):
        yield tuple(str(name) for name in key), part


def is_stopped(frame: pd.DataFrame) -> pd.Series[bool]:
    """True for trials that a policy kept from being asked: they are neither answered nor missing."""
    return (frame["status"] == Status.NOT_ASKED) & frame["reason"].isin(["", "policy"])


def n_wanted(trials: pd.DataFrame) -> int:
    """How many trials should have a verdict: all that no policy stopped."""
    return int((~is_stopped(trials)).sum())


def n_missing(trials: pd.DataFrame) -> int:
    """How many of those have none."""
    return n_wanted(trials) - int((trials["status"] == Status.OK).sum())


def points(frame: pd.DataFrame) -> pd.Series[float]:
    """What system_a gets of each label: 1, 0.5 or 0; NaN without one."""
    categories = frame["label"].cat.categories
    return pd.Series(
        np.array([_POINTS[label] for label in categories])[frame["label"].cat.codes],
        index=frame.index,
    )


def pair_values(pairs: VerdictTable, merge: str = AVERAGE) -> pd.DataFrame:
    """The values of pairs that are turned to one baseline: 1 where system_a won each time.

    One row per system_a, judge, wording and item, with value and is_asked. merge: how orders become one
    value (judge.stats.merge).
    """
    frame = pairs.frame
    known = frame.assign(value=frame["p_a"].fillna(points(frame)))
    return averages(known, ["system_a", *ASKED_WITH, *ITEM], ["order"], merge)


def answer_values(frame: pd.DataFrame) -> pd.DataFrame:
    """The mean score of each answer: a row per system, judge, rubric, criterion and item.

    Wordings of a rubric are presentations, as orders are: they share its scale.
    """
    unit = ["system", "judge", "rubric", "criterion", *ITEM]
    return averages(frame.assign(value=frame["score"]), unit, ["variant", "order"])


def averages(
    frame: pd.DataFrame, unit: Sequence[str], within: Sequence[str], merge: str = AVERAGE
) -> pd.DataFrame:
    """One row per unit: value, NaN unless every planned presentation has one, and is_asked.

    frame: with a column `value`, NaN where there is no verdict. within: what makes a presentation.
    is_asked: False where nothing but a policy keeps the unit from having a value.
    """
    known = frame.assign(is_stopped=is_stopped(frame)).sort_values("repeat", kind="stable")
    shown = known.groupby([*unit, *within], observed=True).agg(
        value=("value", "mean"), is_stopped=("is_stopped", "all")
    )
    lacks = shown["value"].isna()
    shown = shown.assign(lacks=lacks, is_missing=lacks & ~shown["is_stopped"])
    found = shown.groupby(level=list(unit), observed=True).agg(
        lacks=("lacks", "any"), is_missing=("is_missing", "any")
    )
    found = found.assign(value=merged(shown["value"], unit, merge))
    is_asked = ~found["lacks"] | found["is_missing"]
    values = found[["value"]].where(~found["lacks"]).assign(is_asked=is_asked)
    return values.reset_index()


def spread_failures(frame: pd.DataFrame) -> pd.DataFrame:
    """A single table in which a failed answer lacks its criteria as well as its overall score.

    An answer that could not be read is one row, whatever was asked of it: its row is repeated under
    every criterion that the judge otherwise answered, where it has none of its own.
    """
    asked = list(ASKED_WITH)
    is_ok = frame["status"] == Status.OK
    failed = frame[~is_ok & (frame["criterion"] == "")]
    answered = frame.loc[is_ok, [*asked, "criterion"]].drop_duplicates()
    if failed.empty or answered.empty:
        return frame
    copies = failed.drop(columns="criterion").merge(answered, on=asked)
    is_known = failed.set_index(asked).index.isin(answered.set_index(asked).index)
    spread = pd.concat([frame.drop(index=failed.index[is_known]), copies], ignore_index=True)
    return spread.drop_duplicates([*KEYS["single"]])
