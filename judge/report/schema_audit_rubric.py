"""The audit of a rubric in the JSON of a report."""

from __future__ import annotations

from typing import Literal

from judge.report.schema_audit import Audited
from judge.report.schema_base import E, Model, Rate

Kind = Literal["equivalent", "intervention"]


class WordingCeiling(Model):
    """The base wording against itself, asked again: no other wording can be expected to pass it.

    identical: over pairs of askings; all_same: every asking says the same, null where there are two.
    sem: the standard error of one score; repeats_needed: for a reliability of 0.9. Null where nothing was
    asked twice.
    """

    identical: E
    kappa: E
    weighted_kappa: E
    icc: E
    sem: E
    repeats_needed: float | None
    all_same: E | None


class WordingEffect(Model):
    """One wording against the base, by one judge.

    identical: share of decisions that are the same; flips: the others. excess_flips: flips above those of
    the base asked again. kappa: Cohen's; weighted_kappa: of scores, quadratic. shift: of the win rate of
    `favoured`, or of the mean score. mean_absolute: of the scores' differences. rank_correlation:
    Spearman's. p_value: exact, of excess_flips; shift_p_value: of shift; adjusted: Holm over the wordings
    of this kind. smallest_detectable: the excess that would be shown with 80 % power. finding: "moves
    verdicts", "none shown", "no repeats" or "no verdicts".
    """

    wording: str
    kind: Kind
    identical: E
    flips: E
    excess_flips: E
    kappa: E
    weighted_kappa: E
    shift: E
    favoured: str
    mean_absolute: E
    rank_correlation: E
    p_value: Rate | None
    p_adjusted: Rate | None
    shift_p_value: Rate | None
    shift_p_adjusted: Rate | None
    smallest_detectable: float | None
    finding: str


class WordingsTest(Model):
    """One test over the base and all wordings of a kind: Cochran's Q of two values, else Friedman's.

    n: clusters with a verdict in every wording.
    """

    name: str
    statistic: float | None
    df: int
    p_value: Rate | None
    kendall_w: float | None
    n: int
    note: str
    kind: Kind


class RankStability(Model):
    """How systems rank under each wording. means: wording -> a mean for each of `systems`.

    top: wording -> the system that comes first. tau_mean, tau_min: Kendall's tau-b over pairs of wordings.
    p_top_changes: the share of resamples of items in which wordings differ about the first place.
    """

    systems: list[str]
    means: dict[str, list[float | None]]
    top: dict[str, str]
    tau_mean: E
    tau_min: E
    top_is_stable: bool | None
    p_top_changes: E
    note: str


class CriterionFlips(Model):
    """How often the label of one criterion changes over the equivalent wordings, and above repeats."""

    criterion: str
    flips: E
    excess_flips: E
    p_value: Rate | None
    p_adjusted: Rate | None


class VarianceComponent(Model):
    """One source of variance. share: of the total. negative: the estimate was below 0 and counts as 0."""

    name: str
    variance: E
    share: E
    negative: bool


class DesignPoint(Model):
    """What so many wordings, judges and repeats reach: e_rho2 for ranking items, phi for their level."""

    wordings: int
    judges: int
    repeats: int
    e_rho2: float | None
    phi: float | None


class WordingVariances(Model):
    """Where the variance lies: items x wordings x judges. rubric_share: wording, item x wording and
    wording x judge; with one judge and nothing asked twice it holds the noise of single verdicts too (note).

    now: one wording with the judges asked; designs: others; needed: those with the fewest questions an
    item that reach `target`.
    """

    rubric: str
    kind: Kind
    judges: list[str]
    wordings: list[str]
    n: int
    n_missing: int
    components: list[VarianceComponent]
    rubric_share: E
    now: DesignPoint
    designs: list[DesignPoint]
    needed: list[DesignPoint]
    target: float
    note: str


class JudgeSensitivity(Model):
    """One judge under one rubric.

    agreement, kappa: over all pairs of equivalent wordings, the base among them; net_agreement: less the
    ceiling's, null where nothing was asked twice. items_that_flip: at all. fragile: the criterion whose
    labels move most, null where none does. acquiescence: with mirrored labels, the pull to agree.
    """

    judge: str
    rubric: str
    base: str
    n_items: int
    n_planned: int
    n_missing: int
    ceiling: WordingCeiling
    wordings: list[WordingEffect]
    agreement: E
    net_agreement: E
    kappa: E
    items_that_flip: E
    omnibus: list[WordingsTest]
    ranking: RankStability | None
    criteria: list[CriterionFlips]
    fragile: str | None
    acquiescence: E | None


class RubricAudit(Model):
    """What the wording of a rubric did to the verdicts."""

    audit: Audited
    sensitivities: list[JudgeSensitivity]
    variances: list[WordingVariances]
    warnings: list[str]
