"""What a report says of position."""

from __future__ import annotations

from judge.report.schema_base import E, Model, Rate


class PositionNoSkill(Model):
    """What a judge without skill would show on the same pairs."""

    judge: str
    consistency: Rate
    preference_fairness: float
    first_shown_rate: Rate


class Equivalence(Model):
    """p_value: of first_shown_rate lying further than `margin` from 0.5, by two one-sided tests."""

    margin: float
    p_value: Rate | None


class Position(Model):
    """What showing an answer first did. 0.5 is no effect on first_shown_rate, 0 none on the fairness.

    coefficient: log-odds of the first shown; first_shown_if_equal: how often it wins by that of two equal
    answers. excess_inconsistency: how much oftener verdicts differ between orders than when the same is
    asked again. p_value_clustered: that of several pairs of one cluster, else p_value again.
    equivalence: null where no margin was stated.
    """

    consistency: E
    preference_fairness: E
    first_shown_rate: E
    p_value: Rate | None
    n_pairs: int
    coefficient: E
    first_shown_if_equal: E
    excess_inconsistency: E
    p_value_clustered: Rate | None
    no_skill: list[PositionNoSkill]
    equivalence: Equivalence | None
