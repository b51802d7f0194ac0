"""The audit of a judge in the JSON of a report."""

from __future__ import annotations

from judge.report.schema_audit import Audited
from judge.report.schema_base import E, Model, Rate


class PerturbationPart(Model):
    """One of several that were counted together, such as a null answer; all as in PerturbationEffect."""

    perturbation: str
    group: str
    n: int
    n_lost: int
    n_missing: int
    robustness: E
    excess_flips: E
    shift: E
    success: E
    floor: E
    success_upper: Rate | None
    ups: int
    downs: int
    extra: int
    fewer: int
    flips_p_value: Rate | None
    flips_p_adjusted: Rate | None
    shift_p_value: Rate | None
    shift_p_adjusted: Rate | None
    smallest_detectable: float | None
    finding: str


class PerturbationEffect(PerturbationPart):
    """What one perturbation of an answer, the target, did to a judge.

    n: items with all that is compared; n_lost: those whose target had lost before; n_missing: items without
    a verdict. robustness: the share whose verdict stayed. excess_flips: changed verdicts, less those when
    nothing but the asking was repeated; extra, fewer: the items that count for and against. shift: how
    much better the target does (points of win rate; single answers: score); ups, downs: items on either
    side. success: how often the target wins that had lost; floor: the same when asked again;
    success_upper: Clopper-Pearson, one-sided 95 %. p-values are exact, the adjusted ones Holm's over
    the battery. smallest_detectable: the shift that so many items would show with 80 % power.
    finding: "moved", "none shown", "too few items" or "no verdicts".
    """

    parts: list[PerturbationPart]


class NoSkillFloor(Model):
    """A judge without skill through the same battery: perturbation -> its shift, its success."""

    name: str
    shift: dict[str, float | None]
    success: dict[str, float | None]


class PositionEffect(Model):
    """The same pair in the other order. first_share: of the turned verdicts, those for the first shown.

    excess_flips: verdicts that turn, above those when the same order is asked again; excess_p_value: of
    these, one-sided. p_value: of first_shown_rate being a half. The adjusted ones are Holm's over the
    battery. smallest_detectable: the difference of that rate from a half that would be shown with 80 % power.
    """

    consistency: E
    excess_flips: E
    first_shown_rate: E
    first_share: E
    p_value: Rate | None
    p_adjusted: Rate | None
    excess_p_value: Rate | None
    excess_p_adjusted: Rate | None
    smallest_detectable: float | None
    finding: str


class KnownAnswers(Model):
    """How often the judge is right where that is known. category "": all. first: in the order drawn;
    right: over both orders; consistent_and_right: in both."""

    category: str
    first: E
    right: E
    consistent_and_right: E


class ConstantAnswer(Model):
    """A system that says the same to everything. win_rates, length_controlled: of it against each of
    `systems` (single answers: the systems' mean scores); rank: from the best, of n_ranked."""

    systems: list[str]
    win_rates: list[E]
    length_controlled: list[E]
    rank: int | None
    n_ranked: int
    is_last: bool | None
    note: str


class JudgeBattery(Model):
    """One judge under one rubric. n_items: with a target; n_ties: items whose first verdict named no loser.

    noise: how often the verdict changes when nothing but the asking is repeated. padding_slope: log-odds
    (single answers: points) for each doubling of an answer's length by filler. alpha: of the findings.
    """

    judge: str
    rubric: str
    target_source: str
    n_items: int
    n_ties: int
    n_planned: int
    n_missing: int
    noise: E
    effects: list[PerturbationEffect]
    position: PositionEffect | None
    padding_slope: E
    floors: list[NoSkillFloor]
    known: list[KnownAnswers]
    constant: ConstantAnswer | None
    alpha: float


class JudgeAudit(Model):
    """What moved a judge that must not."""

    audit: Audited
    batteries: list[JudgeBattery]
    warnings: list[str]
