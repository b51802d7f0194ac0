"""What a report says of the length of answers, in the JSON."""

from __future__ import annotations

from judge.report.schema_base import E, Model, Rate


class LengthNoSkill(Model):
    """What a judge without skill would show on the same pairs, null where it is undefined."""

    judge: str
    longer_wins: Rate | None
    coefficient: float | None


class LengthGivenGold(Model):
    """Length where it is known which answer is right: a judge without skill has a coefficient of 0.

    error_longer, error_shorter: how often the judge is wrong where the longer or the shorter answer is
    right; gap: the second minus the first. longer_right: the share of unequal pairs in which the longer
    answer is right. n_undecided: labelled pairs whose raters found no winner.
    """

    coefficient: E
    p_value: Rate | None
    gold: E
    error_longer: E
    error_shorter: E
    gap: E
    longer_right: Rate | None
    n_undecided: int


class LengthPadding(Model):
    """What filler alone does to this judge, as an earlier audit of it found, run_id: an effect of length
    and not of merit, where the coefficient is only an association.

    slope: log-odds for each doubling of an answer's length; of single answers, points.
    """

    slope: E
    run_id: str
    made_at: str


class Length(Model):
    """A coefficient above 0 means that the judge goes with the longer answer, right or wrong.

    p_value: of its being 0. longer_wins: the share that the longer answer wins, ties half. extrapolated:
    the share of pairs that differ by more than 1.5 scales. given_gold: null without labels. style:
    feature -> its coefficient beside length, empty where style was not asked for. padding: null where no
    audit was named (--padded).
    """

    coefficient: E
    scale: float | None
    p_value: Rate | None
    longer_wins: E
    extrapolated: Rate | None
    no_skill: list[LengthNoSkill]
    given_gold: LengthGivenGold | None
    style: dict[str, E]
    padding: LengthPadding | None


class LengthSlope(Model):
    """How scores go with the length of answers, in points for each doubling of it.

    association: as the scores are, right or wrong, and never subtracted. bias: what length adds beyond
    its merit, by `source`: labels of people, or answers that were padded; null without either.
    """

    judge: str
    rubric: str
    criterion: str
    association: E
    bias: E
    source: str
