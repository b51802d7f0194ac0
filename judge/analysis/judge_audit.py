"""What moves a judge that must not: one statistic for all perturbations of answers, beside its own noise.

Each item is one question with one order; b is the judge's verdict on it, r the same asked again, p the
verdict once one answer, the target, was perturbed in a way that cannot change which is better. All three
say how well the target did: 1 it won, 0 it lost, 0.5 a tie; in single mode its score.
"""

from __future__ import annotations

from dataclasses import dataclass

from judge.types import Estimate


@dataclass(frozen=True, slots=True)
class Effect:
    """What one perturbation did to one judge.

    robustness: P(b = p); excess_flips: P(b != p) - P(b != r); shift: mean(p) less mean(b), or less mean(r)
    where the target was chosen by b; success: P(the target wins | it lost before), floor: the same of r.
    success_upper: Clopper-Pearson, one-sided 95 %. ups, downs: how often p lies above and below what it is
    held against; extra, fewer: the discordant counts of excess_flips. p-values are exact; adjusted ones
    are Holm's over the battery, both statistics of every perturbation together. smallest_detectable: the
    shift that so many items would show with 80 % power, Holm's level counted. parts: of a perturbation
    that has several (null answers by key). finding: "moved", "none shown" or "no verdicts".
    """

    perturbation: str
    group: str
    n: int
    n_lost: int
    n_missing: int
    robustness: Estimate
    excess_flips: Estimate
    shift: Estimate
    success: Estimate
    floor: Estimate
    success_upper: float | None
    ups: int
    downs: int
    extra: int
    fewer: int
    flips_p_value: float | None
    flips_p_adjusted: float | None
    shift_p_value: float | None
    shift_p_adjusted: float | None
    smallest_detectable: float | None
    finding: str
    parts: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Floor:
    """A judge without skill through the same battery: name, and perturbation -> (shift, success)."""

    name: str
    shift: tuple[tuple[str, float | None], ...]
    success: tuple[tuple[str, float | None], ...]


@dataclass(frozen=True, slots=True)
class PositionEffect:
    """The same pair in the other order: how often a verdict turns, and in whose favour.

    first_share: of the turned verdicts, those that favour the response shown first (0.5 is none).
    """

    consistency: Estimate
    excess_flips: Estimate
    first_shown_rate: Estimate
    first_share: Estimate
    p_value: float | None
    p_adjusted: float | None
    finding: str


@dataclass(frozen=True, slots=True)
class KnownAnswers:
    """How often the judge is right where the right verdict is known, in both orders, by category."""

    category: str
    first: Estimate
    right: Estimate
    consistent_and_right: Estimate


@dataclass(frozen=True, slots=True)
class ConstantAnswer:
    """A system that says the same to everything, through the whole pipeline: it must come last.

    rates: system -> its raw rate (or mean score) with the constant answer's against it; rank counts from
    the best. length_controlled: of the constant answer against each, where computed.
    """

    systems: tuple[str, ...]
    win_rates: tuple[Estimate, ...]
    length_controlled: tuple[Estimate, ...]
    rank: int | None
    n_ranked: int
    is_last: bool | None
    note: str


@dataclass(frozen=True, slots=True)
class JudgeBattery:
    """One judge under one rubric through the battery.

    n_items: with a target; n_ties: items where the first verdict named no loser. noise: P(b != r).
    padding_slope: log-odds (single: points) per doubling of the target's length by filler.
    """

    judge: str
    rubric: str
    target_source: str
    n_items: int
    n_ties: int
    n_planned: int
    n_missing: int
    noise: Estimate
    effects: tuple[Effect, ...]
    position: PositionEffect | None
    padding_slope: Estimate
    floors: tuple[Floor, ...]
    known: tuple[KnownAnswers, ...]
    constant: ConstantAnswer | None
    alpha: float = 0.05


@dataclass(frozen=True, slots=True)
class JudgeAudit:
    """All that was computed from the verdicts of an audit of judges."""

    batteries: tuple[JudgeBattery, ...]
    warnings: tuple[str, ...] = ()
