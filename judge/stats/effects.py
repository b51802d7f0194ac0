"""What the battery of a judge's audit finds of one perturbation, of position, and of judges without skill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from judge.types import Estimate

Finding = Literal["moved", "none shown", "too few items", "no verdicts"]
NONE_SHOWN, TOO_FEW, NO_VERDICTS = "none shown", "too few items", "no verdicts"


@dataclass(frozen=True, slots=True)
class Effect:
    """What one perturbation did to one judge.

    robustness: P(b = p); excess_flips: P(b != p) - P(b != r); shift: mean(p) less mean(b), or less mean(r)
    where the target was chosen by b; success: P(the target wins | it lost before), floor: the same of r.
    success_upper: Clopper-Pearson, one-sided 95 %. ups, downs: how often p lies above and below what it is
    held against; extra, fewer: the discordant counts of excess_flips. p-values are exact; adjusted ones
    are Holm's over the battery. shift_p_value is of the shift, of null answers one-sided (upwards), and of
    null answers to be scored, of their passing in more than a tenth. An adjusted p is None where the test
    is not one of the battery's: the flips of null answers, which may turn a verdict, and those of targets
    chosen by b, where the shift asks the same. smallest_detectable: the shift that so many items would show
    with 80 % power, Holm's level counted. parts: of a perturbation that has several (null answers by key),
    tested only where the whole moved. finding: "moved" by either adjusted p, up or down as ups and downs
    say; "none shown"; "too few items", where no outcome could have been a finding; or "no verdicts" that
    could be held against each other.
    n: items with b and p; n_lost: those of them that the target lost; n_missing: items asked without both.
    In single mode the values are scores, success is P(p > b), of null answers P(p is no lower than b, and
    above the lowest score that the judge gave); shift is in points.
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

    first_share: of the items whose verdicts turned, those that favour the response shown first (0.5 is
    none). p_value: of first_shown_rate being 0.5; excess_p_value: one-sided, of verdicts turning between
    orders no oftener than between repeats; the adjusted ones are Holm's over the battery, and either may
    find that position moved the judge. smallest_detectable: the difference of first_shown_rate from 0.5
    that so many items would show with 80 % power, at most.
    """

    consistency: Estimate
    excess_flips: Estimate
    first_shown_rate: Estimate
    first_share: Estimate
    p_value: float | None
    p_adjusted: float | None
    finding: str
    excess_p_value: float | None = None
    excess_p_adjusted: float | None = None
    smallest_detectable: float | None = None


@dataclass(frozen=True, slots=True)
class Denial:
    """A perturbation after which a judge gave a readable verdict less often than asked again without it.

    n_missing, n_missing_again: items without a verdict under each, of n. p_value: exact, one-sided, Holm
    over the battery's perturbations.
    """

    perturbation: str
    n: int
    n_missing: int
    n_missing_again: int
    p_value: float
