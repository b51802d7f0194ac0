"""How much the verdicts of judges hang on the wording of a rubric, beside what they hang on chance.

A decision is the verdict on one presentation: an item, its systems and the order shown. Wordings are held
against the base on the decisions that both have; the base asked again is the ceiling that no wording can
be expected to pass.
"""

from __future__ import annotations

from dataclasses import dataclass

from judge.types import Estimate, WordingKind


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The base against itself, asked again. Estimates are null where nothing was asked twice.

    identical: over pairs of repeats. all_same: the share of presentations on which every repeat says the
    same; None where there are two, as it is then `identical`.
    """

    identical: Estimate
    kappa: Estimate
    weighted_kappa: Estimate
    icc: Estimate
    sem: Estimate
    repeats_needed: float | None
    all_same: Estimate | None = None


@dataclass(frozen=True, slots=True)
class WordingRow:
    """One wording against the base, by one judge.

    identical: share of decisions that are the same; flips: 1 minus that. excess_flips: flips above those
    of the base asked again. kappa: chance-corrected (Cohen; of labels); weighted_kappa: quadratic, of
    scores, null in pairwise mode. shift: of the win rate of `favoured` (pairwise with one pair of
    systems) or of the mean score. mean_absolute: difference of scores on the base's scale.
    rank_correlation: Spearman of scores on items (what survives a change of scale).
    p_value: exact, of excess_flips; shift_p_value: of shift; adjusted ones: Holm over the wordings of this
    kind and judge. smallest_detectable: the excess that this many items would show with 80 % power.
    finding: "moves verdicts", "none shown", "no repeats" or "no verdicts" (none that could be compared).
    On another scale scores are no decisions: identical, flips and what hangs on them are null.
    """

    wording: str
    kind: WordingKind
    identical: Estimate
    flips: Estimate
    excess_flips: Estimate
    kappa: Estimate
    weighted_kappa: Estimate
    shift: Estimate
    favoured: str
    mean_absolute: Estimate
    rank_correlation: Estimate
    p_value: float | None
    p_adjusted: float | None
    shift_p_value: float | None
    shift_p_adjusted: float | None
    smallest_detectable: float | None
    finding: str


@dataclass(frozen=True, slots=True)
class Omnibus:
    """One test over the base and all wordings of a kind: Cochran's Q of two values, else Friedman's.

    n: clusters with a verdict in every wording.
    """

    name: str
    statistic: float | None
    df: int
    p_value: float | None
    kendall_w: float | None
    n: int
    note: str
    kind: WordingKind = "equivalent"


@dataclass(frozen=True, slots=True)
class RankStability:
    """How systems rank under each wording. top: wording -> the system that comes first.

    p_top_changes: the share of resamples of items in which two wordings differ about the first place.
    """

    systems: tuple[str, ...]
    means: tuple[tuple[str, tuple[float | None, ...]], ...]
    top: tuple[tuple[str, str], ...]
    tau_mean: Estimate
    tau_min: Estimate
    top_is_stable: bool | None
    p_top_changes: Estimate
    note: str


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """How often the label of one criterion flips over the equivalent wordings, above repeats."""

    criterion: str
    flips: Estimate
    excess_flips: Estimate
    p_value: float | None
    p_adjusted: float | None


@dataclass(frozen=True, slots=True)
class Component:
    """One source of variance. share: of the total; negative: that its estimate was below 0, shown as 0."""

    name: str
    variance: Estimate
    share: Estimate
    negative: bool


@dataclass(frozen=True, slots=True)
class DesignPoint:
    """What a design with so many wordings, judges and repeats would reach."""

    wordings: int
    judges: int
    repeats: int
    e_rho2: float | None
    phi: float | None


@dataclass(frozen=True, slots=True)
class Variances:
    """The generalizability study of one kind of wordings: items x wordings x judges, one cell each.

    rubric_share: wording, item x wording and wording x judge, of the total: what a wording does to one
    judge alone on an item is not in it; of one judge, where nothing was asked twice, noise is. needed: the
    designs with the fewest questions an item that reach `target`, empty where none of those looked at does.
    """

    rubric: str
    kind: WordingKind
    judges: tuple[str, ...]
    wordings: tuple[str, ...]
    n: int
    n_missing: int
    components: tuple[Component, ...]
    rubric_share: Estimate
    now: DesignPoint
    designs: tuple[DesignPoint, ...]
    needed: tuple[DesignPoint, ...]
    target: float
    note: str


@dataclass(frozen=True, slots=True)
class JudgeSensitivity:
    """One judge under one rubric. agreement, kappa: over all pairs of equivalent wordings, the base among
    them; net_agreement: agreement minus the ceiling's, null where nothing was asked twice.
    """

    judge: str
    rubric: str
    base: str
    n_items: int
    n_planned: int
    n_missing: int
    ceiling: Ceiling
    wordings: tuple[WordingRow, ...]
    agreement: Estimate
    net_agreement: Estimate
    kappa: Estimate
    items_that_flip: Estimate
    omnibus: tuple[Omnibus, ...]
    ranking: RankStability | None
    criteria: tuple[CriterionRow, ...]
    fragile: str | None
    acquiescence: Estimate | None


@dataclass(frozen=True, slots=True)
class RubricAudit:
    """All that was computed from the verdicts of an audit of rubrics."""

    sensitivities: tuple[JudgeSensitivity, ...]
    variances: tuple[Variances, ...]
    warnings: tuple[str, ...] = ()
