"""How the JSON of a report holds the agreement of judges with people, and of people with each other."""

from __future__ import annotations

from judge.report.schema_base import E, Model, Rate
from judge.report.schema_evidence import ExampleResponse, ExampleVerdict, Excerpt


class AltTestRater(Model):
    """One person of the test. p_value: of the judge being worse by epsilon or more; advantage: how often
    the judge stands as near to the others as this person. wins: whether the judge may replace the person;
    null where there are too few shared units to ask."""

    rater: str
    n_items: int
    p_value: Rate | None
    advantage: Rate | None
    wins: bool | None
    note: str


class AltTest(Model):
    """Whether the judge may replace a person (the alternative annotator test, epsilon stated).

    winning_rate: the share of people whom it may replace; passed: at least half of them.
    advantage_probability: how often, over people, the judge stands as near to the others as a person does;
    advantage: the same with its interval. raters: person by person. n_refused: people with too few units.
    """

    winning_rate: Rate | None
    advantage_probability: Rate | None
    epsilon: float | None
    passed: bool | None
    advantage: E
    n_refused: int
    raters: list[AltTestRater]
    note: str


class Correlations(Model):
    """How far two orders of the same units concur. acc_eq: share of pairs of units ordered alike, ties a
    class of their own."""

    spearman: E
    kendall_tau: E
    pearson: E
    acc_eq: E


class MajorityAgreement(Model):
    """The judge against the label of more than half of a unit's raters; n_without: units without one."""

    accuracy: E
    cohen_kappa: E
    krippendorff_alpha: E
    n_without: int


class MarginalShare(Model):
    """How often the judge and people gave a label."""

    label: str
    judge: Rate
    people: Rate


class Confusion(Model):
    """counts[i][j]: units with the judge's label i and people's label j; fractions where a verdict flips
    or people differ. lacking[j]: those with people's label j on which the judge has no verdict."""

    labels: list[str]
    counts: list[list[float]]
    lacking: list[float]


class LackingVerdicts(Model):
    """Trials on the labelled units that have no verdict, by status."""

    unparsed: int
    refused: int
    truncated: int
    failed: int
    not_asked: int


class SliceAgreement(Model):
    """Agreement in a part of the units. difference: its percent less that of the rest; p_value: of none,
    after Holm over all slices of this judge."""

    slice: str
    n_items: int
    percent: E
    cohen_kappa: E
    difference: E
    p_value: Rate | None


class JudgeAgreement(Model):
    """How far a judge concurs with people on a criterion, "" being the overall verdict.

    n_items: labelled units on which the judge has a verdict, which n counts; n_raters: people who
    labelled these. lacking: its trials on labelled units without a verdict. percent: how often it gives
    the label of a person (the mean over a unit's raters). majority: held against their majority instead.
    human_ceiling: percent of a person held to the others. icc: its method names the form. marginals: how
    often each side gave a label. level: of measurement, of alpha and the weights. commonest_rate: how
    often always saying people's commonest label would agree. gwet_ac2, cohen_kappa_linear,
    cohen_kappa_quadratic: for scales with an order. within_item: correlations within each item, then
    averaged; system_level: of the systems' means. correlation_ceiling: what no correlation with people's
    mean can pass. difference_from_ceiling: the judge less a person, both held to the other people.
    """

    judge: str
    members: list[str]
    rubric: str
    variant: str
    criterion: str
    level: str
    n_items: int
    n_raters: int
    commonest_label: str | None
    commonest_rate: Rate | None
    percent: E
    cohen_kappa: E
    cohen_kappa_linear: E
    cohen_kappa_quadratic: E
    krippendorff_alpha: E
    gwet_ac1: E
    gwet_ac2: E
    spearman: E
    kendall_tau: E
    pearson: E
    acc_eq: E
    within_item: Correlations
    system_level: Correlations
    icc: E
    majority: MajorityAgreement
    human_ceiling: E
    difference_from_ceiling: E
    correlation_ceiling: E
    alt_test: AltTest
    marginals: list[MarginalShare]
    confusion: Confusion
    lacking: LackingVerdicts
    slices: list[SliceAgreement]


class RaterPair(Model):
    """Cohen's kappa of two people on the units that both labelled."""

    rater_a: str
    rater_b: str
    kappa: E


class RaterLabels(Model):
    """How often a person gave each label, the scale's lowest first."""

    rater: str
    n: int
    counts: list[int]


class Raters(Model):
    """How far people concur with each other on a criterion, on n_items units with n_labels labels.
    majority: units by the label of more than half of their raters, in the order of `labels`; n_without:
    those without one."""

    criterion: str
    krippendorff_alpha: E
    pairwise_cohen_kappa: list[RaterPair]
    n_items: int
    n_labels: int
    labels: list[str]
    counts: list[RaterLabels]
    majority: list[int]
    n_without: int


class SaidByRater(Model):
    rater: str
    label: str


class Disagreement(Model):
    """A unit on which the judge and people are far apart, with what both said.

    systems: one, or system_a and system_b. prompt: null where texts are not known.
    distance: of the judge's value from the mean of people's, as a share of the scale; of labels without
    numbers, the share of people who gave another label. judge_value, people_value: null without numbers.
    """

    judge: str
    criterion: str
    item_id: str
    category: str
    systems: list[str]
    distance: Rate
    judge_value: float | None
    people_value: float | None
    people: list[SaidByRater]
    prompt: Excerpt | None
    responses: list[ExampleResponse]
    verdicts: list[ExampleVerdict]


class Agreement(Model):
    """Judges and people on the same units. further_raters: people on the other criteria. disagreements: the
    farthest apart first."""

    judges: list[JudgeAgreement]
    raters: Raters
    further_raters: list[Raters]
    disagreements: list[Disagreement]
