"""What moves a judge that must not: one statistic for all perturbations of answers, beside its own noise.

Each item is one question with one order; b is the judge's verdict on it, r the same asked again, p the
verdict once one answer, the target, was perturbed in a way that cannot change which is better. All three
say how well the target did: 1 it won, 0 it lost, 0.5 a tie; in single mode its score.
"""

from __future__ import annotations

from dataclasses import dataclass

from judge.stats.effects import Effect, Floor, PositionEffect
from judge.types import Estimate

__all__ = [
    "ConstantAnswer",
    "Effect",
    "Floor",
    "JudgeAudit",
    "JudgeBattery",
    "KnownAnswers",
    "PositionEffect",
]


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

    Pairwise: systems: the real ones; win_rates: the raw rate of the constant answer against each, in their
    order; length_controlled: the same at equal length, where computed. Single: systems with the constant
    answer among them, best first; win_rates: their mean scores; length_controlled: none. rank counts from
    the best of n_ranked, the constant answer counted. is_last: True where it is the last and was shown to
    lose to every system (exact one-sided tests by cluster, 5 %), False where it is not and was shown to win
    against one (Bonferroni); None where neither was shown.
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

    n_items: with a target; n_ties: items where the first verdict named no loser. n_planned, n_missing:
    trials that should have a verdict, and those without. noise: P(b != r) over all items.
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
