"""What the agreement pack consists of, judge by judge and criterion by criterion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from judge.types import PANEL, Estimate


@dataclass(frozen=True, slots=True)
class AltTestRater:
    """One person of the alternative annotator test; wins None, with a note, where it could not be asked."""

    rater: str
    n_items: int
    p_value: float | None
    advantage: float | None
    wins: bool | None
    note: str


@dataclass(frozen=True, slots=True)
class AltTest:
    """Whether a judge may replace a person. n_refused: people with too few shared units."""

    winning_rate: float | None
    advantage_probability: float | None
    epsilon: float | None
    passed: bool | None
    advantage: Estimate
    n_refused: int
    raters: tuple[AltTestRater, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Correlations:
    """How far two orders of the same units concur."""

    spearman: Estimate
    kendall_tau: Estimate
    pearson: Estimate
    acc_eq: Estimate


@dataclass(frozen=True, slots=True)
class MajorityAgreement:
    """A judge against the majority of people. n_without: units without one, which are left out."""

    accuracy: Estimate
    cohen_kappa: Estimate
    krippendorff_alpha: Estimate
    n_without: int


@dataclass(frozen=True, slots=True)
class MarginalShare:
    """How often each side gave a label, units weighing equally."""

    label: str
    judge: float
    people: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """counts[i][j]: the judge's label i and people's j. lacking[j]: people's j, and no verdict."""

    labels: tuple[str, ...]
    counts: tuple[tuple[float, ...], ...]
    lacking: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LackingVerdicts:
    """Trials on the labelled units that have no verdict."""

    unparsed: int
    refused: int
    truncated: int
    failed: int
    not_asked: int


@dataclass(frozen=True, slots=True)
class SliceAgreement:
    """A part of the units. difference: of its percent from the rest's; p_value after Holm."""

    slice: str
    n_items: int
    percent: Estimate
    cohen_kappa: Estimate
    difference: Estimate
    p_value: float | None


@dataclass(frozen=True, slots=True)
class JudgeAgreement:
    """A judge under a wording, or the panel, against people on one criterion ("" overall).

    n_items: labelled units on which it has a verdict; those without are each estimate's n_missing.
    commonest_label: the one that people gave most, commonest_rate: how often always saying it would agree.
    """

    judge: str
    members: tuple[str, ...]
    rubric: str
    variant: str
    criterion: str
    level: str
    n_items: int
    n_raters: int
    commonest_label: str | None
    commonest_rate: float | None
    percent: Estimate
    cohen_kappa: Estimate
    cohen_kappa_linear: Estimate
    cohen_kappa_quadratic: Estimate
    krippendorff_alpha: Estimate
    gwet_ac1: Estimate
    gwet_ac2: Estimate
    spearman: Estimate
    kendall_tau: Estimate
    pearson: Estimate
    acc_eq: Estimate
    within_item: Correlations
    system_level: Correlations
    icc: Estimate
    majority: MajorityAgreement
    human_ceiling: Estimate
    difference_from_ceiling: Estimate
    correlation_ceiling: Estimate
    alt_test: AltTest
    marginals: tuple[MarginalShare, ...]
    confusion: Confusion
    lacking: LackingVerdicts
    slices: tuple[SliceAgreement, ...]


@dataclass(frozen=True, slots=True)
class RaterPair:
    """Two people who labelled the same units."""

    rater_a: str
    rater_b: str
    kappa: Estimate


@dataclass(frozen=True, slots=True)
class RaterLabels:
    """How often a person gave each label of the scale."""

    rater: str
    n: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Raters:
    """People on one criterion. majority: units by label; n_without: units without a majority."""

    criterion: str
    krippendorff_alpha: Estimate
    pairwise_cohen_kappa: tuple[RaterPair, ...]
    n_items: int
    n_labels: int
    labels: tuple[str, ...]
    counts: tuple[RaterLabels, ...]
    majority: tuple[int, ...]
    n_without: int


@dataclass(frozen=True, slots=True)
class SaidByRater:
    """The label that a person gave, or the number where there are no labels."""

    rater: str
    label: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A unit on which the judge named here and people are far apart. systems: as in the verdicts."""

    judge: str
    criterion: str
    item_id: str
    category: str
    systems: tuple[str, ...]
    distance: float
    judge_value: float | None
    people_value: float | None
    people: tuple[SaidByRater, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the labels say of each judge, criterion and the panel, and of the people themselves.

    raters: on the overall verdict, or the first criterion; further_raters: on the others.
    """

    judges: tuple[JudgeAgreement, ...]
    raters: Raters
    further_raters: tuple[Raters, ...]
    disagreements: tuple[Disagreement, ...]


class _Row(Protocol):
    @property
    def judge(self) -> str: ...
    @property
    def criterion(self) -> str: ...


Row = TypeVar("Row", bound=_Row)


def deciding(rows: Sequence[Row]) -> list[Row]:
    """The overall rows that a finding stands on: the panel's, else all of the sole judge's wordings.

    Where no row is overall, those of each criterion.
    """
    whole = [row for row in rows if not row.criterion] or list(rows)
    covered = {row.criterion for row in whole if row.judge == PANEL}
    return [row for row in whole if row.judge == PANEL or row.criterion not in covered]
