"""Position bias: what showing an answer first does to a judge's verdict.

Only pairs with a verdict in both orders can tell; the plan asks both unless it is told otherwise.
Labels count and not p_a, since a judge's word is what position may turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from judge.analysis import no_skill
from judge.analysis.pairwise_models import JudgeModels
from judge.controls import Control, Term, position_model, position_noise
from judge.stats.equivalence import within_p
from judge.stats.intervals import (
    Floats,
    cautious_p_value,
    counted,
    joined,
    mean,
    undefined,
)
from judge.stats.proportions import mcnemar_exact
from judge.stats.values import is_stopped, points
from judge.table import VerdictTable, canonical
from judge.types import Estimate, Status

PAIR = ["item_id", "system_a", "system_b"]
LENGTHS = ["len_a", "len_b"]
REPEATS = (
    "each pair by its lowest repeat with a verdict in both orders, without one by the lowest of each "
    "order"
)


@dataclass(frozen=True, slots=True)
class NoSkill:
    """What a judge without skill would show on the same pairs; the coin's are its expectations."""

    judge: str
    consistency: float
    preference_fairness: float
    first_shown_rate: float


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Whether first_shown_rate lies within `margin` of 0.5.

    p_value: of its lying outside, from two one-sided tests; None where it cannot be tested.
    """

    margin: float
    p_value: float | None


@dataclass(frozen=True, slots=True)
class Position:
    """What position did to the verdicts of one judge under one wording.

    consistency: the share of pairs whose two verdicts name the same system, or tie both times.
    preference_fairness: (recency - primacy) / n over pairs, -1 if the first shown always wins, 1 if the
    second does. first_shown_rate: the share that the first shown wins, ties half.
    coefficient: the log-odds that being shown first adds, by the judge's model. first_shown_if_equal:
    how often by it the first of two equal answers wins. excess_inconsistency: how much oftener verdicts
    differ between orders than between repeats of one order.
    p_value: exact, two-sided, of primacy against recency among the inconsistent pairs.
    p_value_clustered: of the same where several pairs are of one cluster and so not independent, else
    equal to it. no_skill: what judges without skill would show.
    """

    consistency: Estimate
    preference_fairness: Estimate
    first_shown_rate: Estimate
    coefficient: Estimate
    first_shown_if_equal: Estimate
    excess_inconsistency: Estimate
    p_value: float | None
    p_value_clustered: float | None
    n_pairs: int
    no_skill: tuple[NoSkill, ...] = ()
    equivalence: Equivalence | None = None
    note: str = ""


def measure(
    table: VerdictTable,
    models: JudgeModels | None = None,
    *,
    confidence: float = 0.95,
    margin: float | None = None,
) -> Position:
    """The position statistics of these verdicts, which are of one judge under one wording.

    models: of the same verdicts; without them there is no coefficient. margin: what first_shown_rate
    may differ from 0.5 by and still count as no bias; without it nothing is called unbiased.
    Source: Shi et al. 2406.07791 (consistency and preference fairness; their fairness is algebraically
    (recency - primacy) / n), intervals by cluster.
    """
    found = _raw(canonical(table).frame, confidence, margin)
    coefficient, if_equal = position_model.coefficients(models, confidence)
    return replace(found, coefficient=coefficient, first_shown_if_equal=if_equal)


def _raw(turned: pd.DataFrame, confidence: float, margin: float | None) -> Position:
    """All but the coefficient. turned: canonical verdicts."""
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
    excess = position_noise.excess(frame, complete, _turned(complete), PAIR, confidence)
    found = _position(complete, confidence, n_missing, note, has_repeats=has_repeats)
    return replace(found, excess_inconsistency=excess, equivalence=_equivalence(complete, margin))


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
    answers = frame.loc[
        frame["status"] == Status.OK, [*PAIR, "cluster", "repeat", "order", *LENGTHS]
    ].assign(first=points(frame))
    answers = answers.sort_values("repeat", kind="stable")
    first, second = (answers[answers["order"] == o] for o in ("AB", "BA"))
    same = _side_by_side(first, second, [*PAIR, "cluster", "repeat"])
    others = _side_by_side(
        first.drop_duplicates(PAIR), second.drop_duplicates(PAIR), [*PAIR, "cluster"]
    )
    return planned, pd.concat([same, others], ignore_index=True).drop_duplicates(PAIR)


def _side_by_side(first: pd.DataFrame, second: pd.DataFrame, on: Sequence[str]) -> pd.DataFrame:
    both = first.merge(second, on=list(on), suffixes=("_ab", "_ba"))
    own = both.rename(columns={f"{name}_ab": name for name in LENGTHS})
    return own[[*PAIR, "cluster", "first_ab", "first_ba", *LENGTHS]]


def _gain(pairs: pd.DataFrame) -> Floats:
    """Above 0 where system_a won more when it was shown first: primacy."""
    return np.asarray(pairs["first_ab"] - pairs["first_ba"], dtype=np.float64)


def _turned(pairs: pd.DataFrame) -> Floats:
    return np.asarray(_gain(pairs) != 0, dtype=np.float64)


def _position(
    pairs: pd.DataFrame, confidence: float, n_missing: int, note: str, *, has_repeats: bool
) -> Position:
    gain = _gain(pairs)
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

    fairness = estimate("preference_fairness", "difference", _fairness(gain), -1.0)
    exact = mcnemar_exact(int((gain > 0).sum()), int((gain < 0).sum()))
    return replace(
        unknown("", confidence),
        consistency=estimate("consistency", "rate", 1 - _turned(pairs), 0.0),
        preference_fairness=fairness,
        first_shown_rate=estimate("first_shown_rate", "rate", _first_shown(gain), 0.0),
        p_value=exact,
        p_value_clustered=_clustered(fairness, gain, clusters, exact),
        n_pairs=len(pairs),
        no_skill=tuple(_no_skill(pairs)),
    )


def _fairness(gain: Floats) -> Floats:
    return np.sign(0.0 - gain)


def _first_shown(gain: Floats) -> Floats:
    return 0.5 + gain / 2


def _clustered(
    fairness: Estimate, gain: Floats, clusters: NDArray[Any], exact: float
) -> float | None:
    """The p of no direction with clusters for units; the exact one where each has one pair."""
    if fairness.n_clusters == len(gain) or not gain.any():
        return exact
    return cautious_p_value(fairness, _fairness(gain), clusters, 0.0)


def _equivalence(pairs: pd.DataFrame, margin: float | None) -> Equivalence | None:
    """The test of first_shown_rate lying within the margin, None without one."""
    if margin is None:
        return None
    clusters = pairs["cluster"].cat.codes.to_numpy()
    return Equivalence(
        margin, within_p(_gain(pairs), clusters, 2 * margin)
    )  # gain is twice the rate's


def _no_skill(pairs: pd.DataFrame) -> Iterator[NoSkill]:
    """What judges without skill show on these pairs."""
    rows = [no_skill.outcomes(pairs.assign(order=order)) for order in ("AB", "BA")]
    yield NoSkill(no_skill.FAIR_COIN, 0.5, 0.0, 0.5)
    for judge in (name for name in rows[0] if name != no_skill.FAIR_COIN):
        gain = rows[0][judge] - rows[1][judge]
        yield NoSkill(
            judge,
            float(np.mean(gain == 0)),
            float(np.mean(_fairness(gain))),
            float(np.mean(_first_shown(gain))),
        )


def unknown(note: str, confidence: float, n_missing: int = 0) -> Position:
    """The record of what cannot be known, and why."""
    coefficient, if_equal = position_model.unknown(note, confidence)
    return Position(
        consistency=undefined("consistency", "rate", note, confidence, n_missing),
        preference_fairness=undefined(
            "preference_fairness", "difference", note, confidence, n_missing
        ),
        first_shown_rate=undefined("first_shown_rate", "rate", note, confidence, n_missing),
        coefficient=coefficient,
        first_shown_if_equal=if_equal,
        excess_inconsistency=undefined(position_noise.NAME, "difference", note, confidence),
        p_value=None,
        p_value_clustered=None,
        n_pairs=0,
        note=note,
    )


def term(rows: pd.DataFrame) -> Term:
    """1 where system_a was shown first and -1 where it was second; rows of a judge's model.

    Source: docs/methods.md. Rows whose order nobody recorded may all have been shown one way round: no column
    tells what position did to them.
    """
    column = np.select([rows["order"] == "AB", rows["order"] == "BA"], [1.0, -1.0], 0.0)
    n = int((column == 0).sum())
    some = f"order not recorded of {n:,} of {len(rows):,} verdicts" if n else ""
    return Term("position", column, why_not=some if column.any() else "order not recorded")


CONTROL = Control("position", measure=measure, term=term)
