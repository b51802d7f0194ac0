"""What asking the same again shows of one judge: whether it repeats itself, and if more would help.

A repeat has a key of its own and is never an answer out of a cache; each order of a pair and each
criterion of an answer is a question of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from judge.stats import readings, reliability
from judge.stats.intervals import Floats, mean, undefined
from judge.stats.repeats import stability
from judge.stats.values import is_stopped, points
from judge.types import Estimate, Mode, Status

UNITS = {
    "pairwise": ("item_id", "system_a", "system_b"),
    "single": ("item_id", "system", "criterion"),
}
SYSTEMS = {"pairwise": ("system_a", "system_b"), "single": ("system",)}

NOT_ASKED = "nothing was asked more than once"
NOT_TOLD = "no question has two verdicts"
NO_NUMBERS = "labels without numbers"
WEIGHED = "scores by probabilities have no commonest verdict"


@dataclass(frozen=True, slots=True)
class Repeats:
    """What repeats of one judge under one wording show. n_repeated: questions with two verdicts or more.

    stability: the share of the commonest verdict. icc, sem, repeatability: of verdicts as numbers (a
    pair's 1, 0.5 or 0; an answer's overall score). repeats_needed: answers to average for the
    reliability `target`. se_twice_items, se_twice_repeats: what becomes of the standard error of the
    judge's mean, as factors.
    """

    n_repeated: int
    stability: Estimate
    icc: Estimate
    sem: Estimate
    repeatability: Estimate
    pairwise_agreement: Estimate
    entropy: Estimate
    target: float = reliability.TARGET
    repeats_needed: float | None = None
    se_twice_items: float | None = None
    se_twice_repeats: float | None = None


def measure(mode: Mode, rows: pd.DataFrame, *, confidence: float = 0.95) -> Repeats:
    """What these verdicts show, which are of one judge under one wording; pairs in canonical form."""
    unit = [*UNITS[mode]]
    question = [*unit, "cluster", "order"]
    told = _said(mode, rows)
    if rows["repeat"].nunique() <= 1:
        return _unasked(_unit_name(mode), _stability(told, question, confidence), confidence)
    numbers = _numbers(mode, rows)
    overall = rows if mode == "pairwise" else rows[rows["criterion"] == ""]
    n_missing = _n_missing(overall, question)
    icc, sem = _numeric(numbers, question, _unit_name(mode), n_missing, confidence)
    ratios = _ratios(mode, numbers, question, sem.value)
    return Repeats(
        n_repeated=int((_verdicts(rows, question) >= 2).sum()),
        stability=_stability(told, question, confidence),
        icc=icc,
        sem=sem,
        repeatability=reliability.repeatability(sem),
        pairwise_agreement=_of_labels(
            told, question, question, "pairwise_agreement", "rate", confidence
        ),
        entropy=_of_labels(told, question, [*unit, "cluster"], "entropy", "nats", confidence),
        repeats_needed=reliability.repeats_needed(icc.value),
        se_twice_items=ratios[0],
        se_twice_repeats=ratios[1],
    )


def _unasked(unit: str, commonest: Estimate, confidence: float) -> Repeats:
    """What is known where nothing was asked twice."""

    def none(name: str, measured_in: str) -> Estimate:
        return undefined(name, measured_in, NOT_ASKED, confidence)

    return Repeats(
        n_repeated=0,
        stability=commonest,
        icc=none("icc", "correlation"),
        sem=none("sem", unit),
        repeatability=none("repeatability", unit),
        pairwise_agreement=none("pairwise_agreement", "rate"),
        entropy=none("entropy", "nats"),
    )


def _unit_name(mode: Mode) -> str:
    return "rate" if mode == "pairwise" else "score"


def _verdicts(rows: pd.DataFrame, question: Sequence[str]) -> pd.Series[int]:
    """How many verdicts each question has."""
    ok = rows[rows["status"] == Status.OK]
    return ok.groupby([*question], observed=True).size()


def _n_missing(rows: pd.DataFrame, question: Sequence[str]) -> int:
    """How many questions that were asked twice or more have fewer than two verdicts."""
    asked = rows[~is_stopped(rows)].groupby([*question], observed=True).size()
    return int((asked >= 2).sum()) - int((_verdicts(rows, question) >= 2).sum())


# -- labels --------------------------------------------------------------------------------------


def _said(mode: Mode, rows: pd.DataFrame) -> pd.DataFrame | None:
    """The rows with what was said in them, None where scores by probabilities are never quite equal."""
    if mode == "pairwise":
        return rows.assign(said=rows["label"])
    has_label = rows["label"] != ""
    if rows.loc[~has_label, "method"].isin(readings.SCORED_BY_PROBABILITY).any():
        return None
    said = rows["label"].astype(object).where(has_label, rows["score"].astype(str))
    return rows.assign(said=said)


def _stability(told: pd.DataFrame | None, question: Sequence[str], confidence: float) -> Estimate:
    if told is None:
        return undefined("repetition_stability", "rate", WEIGHED, confidence)
    return stability(told, question, confidence=confidence)


_OF_COUNTS: dict[str, Callable[[Floats], Floats]] = {
    "pairwise_agreement": reliability.agreement,
    "entropy": reliability.entropy,
}


def _of_labels(
    told: pd.DataFrame | None,
    question: Sequence[str],
    unit: Sequence[str],
    name: str,
    measured_in: str,
    confidence: float,
) -> Estimate:
    """The mean over units of what their verdicts say, of those with a question that has two or more."""
    if told is None:
        return undefined(name, measured_in, WEIGHED, confidence)
    n_missing = _n_missing(told, question)
    repeated = _verdicts(told, question)
    repeated = repeated[repeated >= 2]
    if repeated.empty:
        why = NOT_TOLD if n_missing else NOT_ASKED
        return undefined(name, measured_in, why, confidence, n_missing)
    ok = told[told["status"] == Status.OK]
    counts = ok.groupby([*unit, "said"], observed=True).size().unstack("said", fill_value=0)
    own = counts.loc[counts.index.isin(_units(repeated, unit))]
    return mean(
        _OF_COUNTS[name](own.to_numpy(dtype=float)),
        own.index.get_level_values("cluster").to_numpy(),
        name=name,
        unit=measured_in,
        bounds=(0.0, 1.0) if measured_in == "rate" else None,
        confidence=confidence,
        n_missing=n_missing,
    )


def _units(repeated: pd.Series[int], unit: Sequence[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(repeated.reset_index()[[*unit]].drop_duplicates())


# -- numbers -------------------------------------------------------------------------------------


def _numbers(mode: Mode, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that have a number, as `value`: of answers their overall score."""
    if mode == "pairwise":
        known = rows.assign(value=rows["p_a"].fillna(points(rows)))
    else:
        known = rows[rows["criterion"] == ""].assign(value=rows["score"])
    return known[known["value"].notna()]


def _codes(rows: pd.DataFrame, names: Sequence[str]) -> NDArray[Any]:
    return rows.groupby([*names], observed=True).ngroup().to_numpy()


def _numeric(
    numbers: pd.DataFrame, question: Sequence[str], unit: str, n_missing: int, confidence: float
) -> tuple[Estimate, Estimate]:
    """ICC(1,1) and the standard error of measurement."""
    values = numbers["value"].to_numpy(dtype=float)
    codes = _codes(numbers, question)
    if not len(codes) or np.bincount(codes).max() < 2:
        why = NO_NUMBERS if not len(codes) else NOT_TOLD if n_missing else NOT_ASKED
        return (
            undefined("icc", "correlation", why, confidence, n_missing),
            undefined("sem", unit, why, confidence, n_missing),
        )
    clusters = numbers["cluster"].cat.codes.to_numpy()
    icc = reliability.icc(values, codes, clusters, confidence=confidence, n_missing=n_missing)
    sem = reliability.sem(
        values, codes, clusters, unit=unit, confidence=confidence, n_missing=n_missing
    )
    return icc, sem


def _ratios(
    mode: Mode, numbers: pd.DataFrame, question: Sequence[str], sem: float | None
) -> tuple[float | None, float | None]:
    """What twice the items, or twice the repeats, make of the standard error of the judge's mean.

    The value of a pair or answer is the mean of its orders, each the mean of its repeats; what repeats
    leave in it is known from the SEM, and the rest of its variance is the items'.
    """
    if sem is None:
        return None, None
    asked = numbers.groupby([*question], observed=True)["value"].agg(["mean", "size"])
    noise = (sem**2 / asked["size"]).rename("noise")
    unit = [*UNITS[mode], "cluster"]
    of_unit = pd.concat([asked["mean"], noise], axis=1).groupby(level=unit, observed=True)
    values, orders = of_unit["mean"].mean(), of_unit.size()
    left = float((of_unit["noise"].sum() / orders**2).mean())
    systems = values.groupby(level=[*SYSTEMS[mode]], observed=True)
    df = len(values) - systems.ngroups
    if df < 1:
        return None, None
    whole = float(((values - systems.transform("mean")) ** 2).sum() / df)
    found = reliability.se_ratios(max(whole - left, 0.0), min(left, whole))
    return found or (None, None)
