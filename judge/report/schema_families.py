"""How the JSON of a report holds families, and what judges add to the answers of their own."""

from __future__ import annotations

from pydantic import Field

from judge.report.schema_base import E, Model, Rate

NOT_MEASURED = "not measured: the families of systems and judges were not compared"


def _not_measured() -> E:
    return E(
        value=None,
        se=None,
        ci_low=None,
        ci_high=None,
        confidence=0.95,
        unit="difference",
        n=0,
        n_clusters=0,
        n_missing=0,
        method="none",
        note=NOT_MEASURED,
    )


class KinNoSkill(Model):
    """What a judge without skill would show in the place of those concerned; null where not known."""

    judge: str
    own: float | None = Field(alias="self")
    family: float | None


class JudgeSelfPreference(Model):
    """What a judge adds to its own answers (self) and to those of other models of its family.

    Of pairs in points of the win rate, of scores in points of the score, beside judges of other families
    that see the same answers. n_own: answers or pairs that this is told from. p_self, p_family: of there
    being none, after Holm over all terms of the report; within_self, within_family: of more than the
    stated margin. note: why nothing was measured.
    """

    measured: bool = False
    own: E = Field(alias="self", default_factory=_not_measured)
    family: E = Field(default_factory=_not_measured)
    p_self: Rate | None = None
    p_family: Rate | None = None
    within_self: Rate | None = None
    within_family: Rate | None = None
    n_own: int = 0
    no_skill: list[KinNoSkill] = Field(default_factory=list)
    note: str = NOT_MEASURED


class LeftOutOfFamily(Model):
    """A system in the eyes of the judges outside its family; of scores with their severity off.

    baseline: null for a score.
    """

    system: str
    baseline: str | None
    estimate: E


class SelfPreference(JudgeSelfPreference):
    """What all judges of a panel add, on average, to their own; rubric "" where all are taken together.

    margin: the stated one, null without. left_out: own-family votes left out, the second correction.
    """

    rubric: str
    margin: float | None
    left_out: list[LeftOutOfFamily]
