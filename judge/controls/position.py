"""Position bias: what showing an answer first does to a judge's verdict.

Only pairs with a verdict in both orders can tell; the plan asks both unless it is told otherwise.
Labels count and not p_a, since a judge's word is what position may turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from judge.controls import Control, Term
from judge.stats.intervals import Floats, counted, joined, mean, undefined
from judge.stats.values import is_stopped, points
from judge.table import VerdictTable, canonical
from judge.types import Estimate, Status

PAIR = ["item_id", "system_a", "system_b"]
REPEATS = (
    "each pair by its lowest repeat with a verdict in both orders, without one by the lowest of each "
    "order"
)


@dataclass(frozen=True, slots=True)
class Position:
    """What position did to the verdicts of one judge under one wording.

    consistency: the share of pairs whose two verdicts name the same system, or tie both times.
    preference_fairness: (recency - primacy) / n over pairs, -1 if the first shown always wins, 1 if the
    second does. first_shown_rate: the share that the first shown wins, ties half.
    p_value: exact, two-sided, of primacy against recency among the inconsistent pairs.
    """

    consistency: Estimate
    preference_fairness: Estimate
    first_shown_rate: Estimate
    p_value: float | None
    n_pairs: int
    note: str = ""


def measure(table: VerdictTable, *, confidence: float = 0.95) -> Position:
    """The position statistics of these verdicts, which are of one judge under one wording.

    Source: Shi et al. 2406.07791 (consistency and preference fairness; their fairness is algebraically
    (recency - primacy) / n), intervals by cluster.
    """
    turned = canonical(table).frame
    frame = turned[~is_stopped(turned)]
    if frame.empty:
        return unknown("nothing was asked", confidence)
    if not frame["order"].isin(["AB", "BA"]).any():
        return unknown("order not recorded", confidence)
    planned, complete = _both_orders(frame)
    n_missing = planned - len(complete)
    if complete.empty:
        return unknown("no pair has a verdict in both orders", confidence, n_missing)
    n_left_out = int((orders(turned, PAIR) < 2).sum())
    note = f"{counted(n_left_out, 'pair')} not asked in both orders left out" if n_left_out else ""
    has_repeats = bool(frame["repeat"].nunique() > 1)
    return _position(complete, confidence, n_missing, note, has_repeats=has_repeats)


def orders(frame: pd.DataFrame, pair: Sequence[str]) -> pd.Series[int]:
    """In how many orders each pair was to be asked, 0 where none was recorded; canonical verdicts.

    Pairs that a policy stopped altogether are left out; one that it stopped between its orders has no
    value, and no position in it.
    """
    known = frame.assign(
        n_orders=frame["order"].astype(object).where(frame["order"] != ""),
        is_stopped=is_stopped(frame),
    )
    found = known.groupby(list(pair), observed=True).agg(
        n_orders=("n_orders", "nunique"), is_stopped=("is_stopped", "all")
    )
    return found.loc[~found["is_stopped"], "n_orders"]


def _both_orders(frame: pd.DataFrame) -> tuple[int, pd.DataFrame]:
    """How many pairs were asked in both orders, and what system_a got in each where both answered.

    A pair that was asked repeatedly stands with its lowest repeat that has both verdicts, else with
    the lowest of each order.
    """
    asked = {o: frame.loc[frame["order"] == o, PAIR].drop_duplicates() for o in ("AB", "BA")}
    planned = len(asked["AB"].merge(asked["BA"], on=PAIR))
    answers = frame.loc[frame["status"] == Status.OK, [*PAIR, "cluster", "repeat", "order"]].assign(
        first=points(frame)
    )
    answers = answers.sort_values("repeat", kind="stable")
    first, second = (answers[answers["order"] == o] for o in ("AB", "BA"))
    same = _side_by_side(first, second, [*PAIR, "cluster", "repeat"])
    others = _side_by_side(
        first.drop_duplicates(PAIR), second.drop_duplicates(PAIR), [*PAIR, "cluster"]
    )
    return planned, pd.concat([same, others], ignore_index=True).drop_duplicates(PAIR)


def _side_by_side(first: pd.DataFrame, second: pd.DataFrame, on: Sequence[str]) -> pd.DataFrame:
    both = first.merge(second, on=list(on), suffixes=("_ab", "_ba"))
    return both[[*PAIR, "cluster", "first_ab", "first_ba"]]


def _position(
    pairs: pd.DataFrame, confidence: float, n_missing: int, note: str, *, has_repeats: bool
) -> Position:
    # Above 0 where system_a won more when it was shown first: primacy.
    gain = pairs["first_ab"].to_numpy() - pairs["first_ba"].to_numpy()
    clusters = pairs["cluster"].cat.codes.to_numpy()

    def estimate(name: str, unit: str, values: Floats, low: float) -> Estimate:
        found = mean(
            values,
            clusters,
            name=name,
            unit=unit,
            bounds=(low, 1.0),
            confidence=confidence,
            n_missing=n_missing,
            note=note,
        )
        return replace(found, method=joined(found.method, REPEATS)) if has_repeats else found

    return Position(
        consistency=estimate("consistency", "rate", (gain == 0).astype(float), 0.0),
        preference_fairness=estimate(
            "preference_fairness", "difference", np.sign(0.0 - gain), -1.0
        ),
        first_shown_rate=estimate("first_shown_rate", "rate", 0.5 + gain / 2, 0.0),
        p_value=_sign_test(int((gain > 0).sum()), int((gain < 0).sum())),
        n_pairs=len(pairs),
    )


def _sign_test(primacy: int, recency: int) -> float:
    if primacy + recency == 0:
        return 1.0
    return float(stats.binomtest(primacy, primacy + recency, 0.5).pvalue)


def unknown(note: str, confidence: float, n_missing: int = 0) -> Position:
    """The record of what cannot be known, and why."""
    return Position(
        consistency=undefined("consistency", "rate", note, confidence, n_missing),
        preference_fairness=undefined(
            "preference_fairness", "difference", note, confidence, n_missing
        ),
        first_shown_rate=undefined("first_shown_rate", "rate", note, confidence, n_missing),
        p_value=None,
        n_pairs=0,
        note=note,
    )


def term(rows: pd.DataFrame) -> Term:
    """1 where system_a was shown first and -1 where it was second; rows of a judge's model.

    Source: METHODS 1.3; a row whose order nobody recorded has no position in it.
    """
    column = np.select([rows["order"] == "AB", rows["order"] == "BA"], [1.0, -1.0], 0.0)
    why_not = "" if column.any() else "order not recorded"
    return Term("position", column, why_not=why_not)


CONTROL = Control("position", measure=measure, term=term)
