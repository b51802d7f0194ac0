"""The models of what judges may decide alone, and of runs that went from cheap judges to dear ones."""

from __future__ import annotations

from typing import Literal

from judge.report.schema_base import E, Model, Rate


class SelectiveLevel(Model):
    """A threshold with the units that are judged at it, and how many of these wrongly."""

    threshold: Rate
    n: int
    wrong: int


class SelectiveTier(Model):
    """decides: units of the test that this judge of a cascade decides; reached: those that came to it."""

    judge: str
    decides: int
    reached: int


class Selective(Model):
    """The confidence from which a judge, the panel or a cascade may decide alone.

    threshold null: on nothing, `why` says why. Guaranteed with probability 1 - delta: at most `risk` of
    what is judged is not what most raters said. n_fit, n_fit_judged, n_fit_wrong: the units that the
    threshold was found on, those above it, and the wrong ones of these; upper: the largest share of wrong
    that they allow. coverage, agreement: on other units, the share judged and the share right of those;
    agreement_all: right of all that were answered (of a cascade by its last judge). levels: some of
    n_levels. fitted_on: which labels, in words. orders, repeats: of the judge's presentations of a unit.
    tiers: of a cascade, in its order. n_undecided: labelled units without a majority. calls_saved: of a
    cascade's calls.
    """

    kind: Literal["judge", "panel", "cascade"]
    judge: str
    members: list[str]
    criterion: str
    rubric: str
    variant: str
    threshold: Rate | None
    why: str
    risk: Rate
    delta: Rate
    fitted_on: str
    n_fit: int
    n_fit_judged: int
    n_fit_wrong: int
    upper: Rate | None
    levels: list[SelectiveLevel]
    n_levels: int
    coverage: E
    agreement: E
    agreement_all: E
    n_undecided: int
    orders: int
    repeats: int
    tiers: list[SelectiveTier]
    calls_saved: Rate | None
    notes: list[str]


class EscalationTier(Model):
    """reached: units that came to this judge; decides: those that it was sure of. calls_planned: had it
    been asked about everything; calls_saved: those that were not needed.

    cost_saved_usd: what the calls that were not needed would have cost at the mean of those made; null
    where that is not known.
    """

    judge: str
    reached: int
    decides: int
    calls_planned: int
    calls_asked: int
    calls_saved: int
    cost_usd: float | None
    cost_saved_usd: float | None


class Escalation(Model):
    """A run whose judges were asked one after another, each where the one before was not sure.

    unit: pair, or item with all its answers. n_missing: units without a verdict of the judge that they came
    to. n_unsure: units below the threshold at the last judge, whose
    value is its verdict all the same. risk, delta, source: the guarantee of the threshold and the report
    it is from, null where somebody chose it.
    """

    threshold: Rate
    risk: Rate | None
    delta: Rate | None
    source: str | None
    unit: Literal["pair", "item"]
    n_units: int
    n_unsure: int
    n_missing: int
    tiers: list[EscalationTier]
