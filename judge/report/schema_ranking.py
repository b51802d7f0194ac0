"""The report's ranking: one order of all systems, and what stands behind it."""

from __future__ import annotations

from typing import Literal

from judge.report.schema_base import E, Model, Rate


class RankedSystem(Model):
    """rank_low, rank_high: the best and the worst rank it may have, all systems' at once.

    strength: log-odds above the mean of all systems. win_probability: against the baseline, or the mean
    against all others where the ranking has none. p_best: how often it comes out strongest when items are
    drawn again; null where only a prior tells systems apart. letters: two systems share one if and only
    if they are not told apart.
    """

    system: str
    strength: E
    win_probability: E
    rank_low: int
    rank_high: int
    p_best: Rate | None
    letters: list[str]


class Misfit(Model):
    """The pair that departs most from one order: what `system` got against `other`, and was to get.

    p_value: of no departure, after Holm over the n_tested pairs. cycles: triads in which each beats the
    next. note: why nothing was checked; then the rest is null.
    """

    system: str | None
    other: str | None
    direct: Rate | None
    fitted: Rate | None
    p_value: Rate | None
    n_tested: int
    cycles: int
    note: str


class JudgeOrder(Model):
    """The systems as one judge of a panel orders them, strongest first."""

    judge: str
    rubric: str
    variant: str
    systems: list[str]
    kendall_tau: E


class Swap(Model):
    """People put `first` before `then`, the judge the other way round. is_told: whether people's labels
    tell the two apart.
    """

    first: str
    then: str
    is_told: bool


class AgainstPeople(Model):
    """How the order of one judge, or of the ranking itself, stands to that of people."""

    judge: str
    rubric: str
    variant: str
    kendall_tau: E
    swaps: list[Swap]


class PeopleSystem(Model):
    """A system as people order it; its numbers as with RankedSystem."""

    system: str
    strength: E
    rank_low: int
    rank_high: int
    letters: list[str]


class PeopleOrder(Model):
    """People's order of the same systems, strongest first; empty where `note` says why there is none.

    n_pairs: labelled pairs of answers, each with the mean of its raters. judges: the ranking first.
    """

    systems: list[PeopleSystem]
    n_pairs: int
    n_raters: int
    judges: list[AgainstPeople]
    note: str


class Ranking(Model):
    """Strongest first; systems is empty where `note` says why there is no order.

    connected: whether the judged pairs join all systems; components: the parts, where they do not.
    tie_model half: ties are half a win for either; then win_probability is all there is of them, and
    tie_parameter is null. confidence: of all ranks and letters at once. people: null without labels.
    """

    systems: list[RankedSystem]
    connected: bool
    components: list[list[str]]
    judge: str
    members: list[str]
    baseline: str | None
    tie_model: Literal["half", "davidson"]
    tie_parameter: E
    transitivity: Misfit
    judges: list[JudgeOrder]
    confidence: float
    note: str
    people: PeopleOrder | None = None
