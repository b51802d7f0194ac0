"""How many labels are wanted: from what is assumed, or from a pilot with the doubt that it leaves.

A pilot of a few dozen labels knows the correlation of judge and people roughly, and labels wanted go with
its square: what comes out is a range, and the plan is its upper end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from judge.analysis.people import Labelled, Voice, labelled
from judge.errors import InputError
from judge.stats.bootstrap import REPLICATES, draws
from judge.stats.intervals import Floats
from judge.stats.label_plan import (
    GUARANTEES,
    WEAK_JUDGE_SAVES,
    labels_for,
    labels_of_guarantee,
    labels_of_rate,
    saving,
)
from judge.table import VerdictTable, canonical
from judge.types import HumanLabel, Scale

SCHEMA = "judge.labels.plan/1"
CORRELATIONS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9)
HALF_WIDTH = 0.05  # of a rate; of scores the same share of their range
AGREEMENT = 0.8
FEWEST = (
    15  # labels of a pilot below which nothing is planned on it (METHODS 8.1: the floor of PPI++)
)


@dataclass(frozen=True, slots=True)
class Need:
    """Labels at a correlation. labels: None where all items labelled are not enough; saving: times fewer."""

    correlation: float
    labels: int | None
    saving: float


@dataclass(frozen=True, slots=True)
class PilotNeed:
    """What a pilot says of one judge. correlation, sd: with the ends of their 95 % intervals.

    labels: at the pilot's own numbers, labels_low and labels_high: at the ends of the interval; None where
    all items labelled are not enough. items: what the judge judged, for each comparison or system.
    saving: times fewer than by labels alone.
    """

    judge: str
    criterion: str
    n: int
    n_clusters: int
    items: int
    correlation: float
    correlation_low: float
    correlation_high: float
    sd: float
    sd_low: float
    sd_high: float
    labels: int | None
    labels_low: int | None
    labels_high: int | None
    saving: float


@dataclass(frozen=True, slots=True)
class Plan:
    """How many labels. alone: without a judge. agreement: for the rate of agreement, taken as 0.8.

    guarantees: of selective judging, (risk, delta) with the fewest labels that can pass, all agreeing.
    """

    unit: str
    half_width: float
    sd: float | None
    confidence: float
    items: int | None
    needs: tuple[Need, ...]
    pilot: tuple[PilotNeed, ...]
    agreement: int
    agreement_half_width: float
    guarantees: tuple[tuple[float, float, int], ...]
    weak_judge_saves: float = WEAK_JUDGE_SAVES
    notes: tuple[str, ...] = ()

    def payload(self) -> dict[str, Any]:
        """The plan as JSON values, in the shape `judge.labels.plan/1`."""
        return {"schema": SCHEMA, **asdict(self)}


def assumed(
    *,
    half_width: float | None = None,
    rate: float | None = None,
    sd: float | None = None,
    correlation: float | None = None,
    items: int | None = None,
    confidence: float = 0.95,
) -> Plan:
    """The labels for numbers that are assumed. sd: of scores; else it is that of a rate (0.5 if not said)."""
    unit = "rate" if sd is None else "score"
    if sd is not None and half_width is None:
        raise InputError(
            "--sd: say how narrow the interval of the score should be with --half-width"
        )
    width = HALF_WIDTH if half_width is None else half_width
    if sd is None:
        p = 0.5 if rate is None else rate
        sd = math.sqrt(p * (1 - p))
    wanted = CORRELATIONS if correlation is None else (0.0, correlation)
    return _plan(unit, width, sd, tuple(dict.fromkeys(wanted)), (), items, confidence)


def _plan(
    unit: str,
    width: float,
    sd: float | None,
    correlations: Sequence[float],
    pilot: tuple[PilotNeed, ...],
    items: int | None,
    confidence: float,
    notes: tuple[str, ...] = (),
) -> Plan:
    of_rate = width if unit == "rate" else HALF_WIDTH
    return Plan(
        unit=unit,
        half_width=width,
        sd=sd,
        confidence=confidence,
        items=items,
        needs=()
        if sd is None
        else tuple(_need(r, width, sd, items, confidence) for r in correlations),
        pilot=pilot,
        agreement=labels_of_rate(of_rate, AGREEMENT, confidence),
        agreement_half_width=of_rate,
        guarantees=tuple(
            (risk, delta, labels_of_guarantee(risk, delta)) for risk, delta in GUARANTEES
        ),
        notes=notes,
    )


def _need(
    correlation: float, width: float, sd: float, items: int | None, confidence: float
) -> Need:
    n = labels_for(width, sd, correlation, items=items, confidence=confidence)
    share = 1.0 if items is None else (0.0 if n is None else max(0.0, 1 - n / items))
    return Need(correlation, n, saving(correlation, share))


# -- from a pilot --------------------------------------------------------------------------------


def piloted(
    table: VerdictTable,
    labels: Sequence[HumanLabel],
    groups: Mapping[str, int],
    *,
    half_width: float | None = None,
    items: int | None = None,
    scales: Mapping[str, Scale] = {},
    seed: int = 0,
    confidence: float = 0.95,
    replicates: int = REPLICATES,
) -> Plan:
    """The labels that each judge would save, from those that are there.

    groups: judge -> its group of families. half_width: 0.05 of a rate, of scores 0.05 of their range
    without one. items: judged and not labelled too; those of the table without it. Raises InputError where
    too few labels meet a verdict.
    """
    turned = canonical(table) if table.mode == "pairwise" else table
    found = labelled(turned, labels, groups, scales=scales)
    width = half_width or HALF_WIDTH * max([_range(one) for one in found], default=1.0)
    total = items or _judged(turned)
    needs = [
        need
        for one in found
        for voice in one.voices
        if (need := _of_voice(one, voice, width, total, seed, confidence, replicates)) is not None
    ]
    if not needs:
        raise InputError(
            f"fewer than {FEWEST} labels with numbers meet a verdict: too few to plan on; label more of what "
            "was judged, or plan with --correlation"
        )
    notes: tuple[str, ...] = ()
    if max(need.n for need in needs) < 30:
        notes = ("the pilot is small: plan on the upper end of the range",)
    unit = "rate" if table.mode == "pairwise" else "score"
    return _plan(unit, width, None, (), tuple(needs), total, confidence, notes)


def _range(one: Labelled) -> float:
    """How far apart the ends of a criterion's numbers are."""
    if one.mode == "pairwise":
        return 1.0
    numbers = (
        np.array(one.scale.values) if one.scale.values else one.numbers[np.isfinite(one.numbers)]
    )
    return float(np.ptp(numbers)) or 1.0 if len(numbers) else 1.0


def _judged(table: VerdictTable) -> int:
    """How many pairs a comparison has, or answers a system, in the mean."""
    names = ["system_a", "system_b"] if table.mode == "pairwise" else ["system"]
    units = table.frame[["item_id", *names]].astype(object).drop_duplicates()
    return max(1, round(len(units) / len(units[names].drop_duplicates())))


def _of_voice(
    one: Labelled,
    voice: Voice,
    width: float,
    items: int,
    seed: int,
    confidence: float,
    replicates: int,
) -> PilotNeed | None:
    """The need of one judge; None where too few labels and verdicts with numbers meet."""
    human, judge = one.human, voice.values
    is_there = np.isfinite(human) & np.isfinite(judge)
    if is_there.sum() < FEWEST or np.ptp(human[is_there]) == 0:
        return None
    sums = _sums(human[is_there], judge[is_there], one.clusters[is_there])
    sd, rho = (float(column[0]) for column in _moments(sums.sum(axis=0)[None, :]))
    again = draws(len(sums), seed, replicates) @ sums
    sds, rhos = _moments(again)
    is_real = (sds > 0) & np.isfinite(rhos)
    sds, rhos = sds[is_real], rhos[is_real]
    tail = (1 - confidence) / 2
    wanted = np.array(
        [_labels(width, s, r, items, confidence) for s, r in zip(sds, rhos, strict=True)]
    )
    low, high = _ends(wanted, tail)
    need = labels_for(width, sd, rho, items=items, confidence=confidence)
    return PilotNeed(
        judge=voice.judge if len(voice.members) != 1 else voice.members[0],
        criterion=one.criterion,
        n=int(is_there.sum()),
        n_clusters=len(sums),
        items=items,
        correlation=rho,
        correlation_low=float(np.quantile(rhos, tail)),
        correlation_high=float(np.quantile(rhos, 1 - tail)),
        sd=sd,
        sd_low=float(np.quantile(sds, tail)),
        sd_high=float(np.quantile(sds, 1 - tail)),
        labels=need,
        labels_low=low,
        labels_high=high,
        saving=_need(rho, width, sd, items, confidence).saving,
    )


def _labels(width: float, sd: float, rho: float, items: int, confidence: float) -> float:
    n = labels_for(width, sd, rho, items=items, confidence=confidence)
    return math.inf if n is None else n


def _ends(wanted: Floats, tail: float) -> tuple[int | None, int | None]:
    """Both ends of the range of labels; None: more than there are items."""
    found = np.quantile(wanted, [tail, 1 - tail], method="inverted_cdf")
    low, high = (None if math.isinf(end) else int(end) for end in found)
    return low, high


def _sums(human: Floats, judge: Floats, clusters: np.ndarray[Any, Any]) -> Floats:
    """By cluster: n and the sums of h, j, hh, jj, hj; shape (clusters, 6). Centred first, for precision."""
    _, codes = np.unique(clusters, return_inverse=True)
    h, j = human - human.mean(), judge - judge.mean()
    columns = (np.ones_like(h), h, j, h * h, j * j, h * j)
    return np.stack([np.bincount(codes, weights=column) for column in columns], axis=1)


def _moments(sums: Floats) -> tuple[Floats, Floats]:
    """The spread of labels (ddof 1) and their correlation with the judge's; 0 where a judge is constant."""
    n, h, j, hh, jj, hj = sums.T
    var_h, var_j = np.maximum(hh - h * h / n, 0.0), np.maximum(jj - j * j / n, 0.0)
    below = np.sqrt(var_h * var_j)
    tiny = below <= 1e-12
    rho = np.where(tiny, 0.0, (hj - h * j / n) / np.where(tiny, 1.0, below))
    return np.sqrt(var_h / np.maximum(n - 1, 1)), np.clip(rho, -1.0, 1.0)
