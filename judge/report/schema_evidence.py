"""What stands behind the numbers of a report: what is missing, items to read, and what a person found."""

from __future__ import annotations

from typing import Literal

from judge.report.schema_base import E, Model


class Missing(Model):
    """Planned trials without a verdict for one reason; items: the first few of their ids.

    The n of a judge and wording add up to its counts that are not ok. reason "": nothing was recorded.
    """

    judge: str
    rubric: str
    variant: str
    status: str
    reason: str
    n: int
    items: list[str]


# -- examples ------------------------------------------------------------------------------------


class Excerpt(Model):
    """A text, cut where it is long; length: of the whole, in characters."""

    text: str
    length: int


class ExampleResponse(Excerpt):
    system: str


class ExampleVerdict(Model):
    """What a judge said. order AB: the first of the example's systems was shown first.

    system: whose answer was scored, null for pairs. verdict: in words, null where there is none; reason
    then says why.
    """

    judge: str
    rubric: str
    variant: str
    order: str
    repeat: int
    system: str | None
    status: str
    verdict: str | None
    reason: str
    explanation: Excerpt


class Example(Model):
    """An item worth reading. best: shows the difference; contested: the judges disagree.

    prompt, reference: null where the verdicts were recorded without them, and then responses is empty.
    """

    kind: Literal["best", "contested"]
    item_id: str
    category: str
    systems: list[str]
    prompt: Excerpt | None
    reference: Excerpt | None
    responses: list[ExampleResponse]
    verdicts: list[ExampleVerdict]


# -- what a person found in the explanations -----------------------------------------------------


class SpotcheckJudge(Model):
    """The marks of one judge's explanations; judge "": of all. share_right: of right and wrong."""

    judge: str
    drawn: int
    marked: int
    right: int
    wrong: int
    unsure: int
    share_right: E


class SpotcheckSpot(Model):
    spot_id: str
    item_id: str
    judge: str
    verdict: str
    explanation: Excerpt


class Spotcheck(Model):
    """Explanations drawn at random, equal numbers from every judge, and a person's marks.

    judges: where there are several the last row is that of all. unmarked: those without a mark yet.
    lost: rows that were drawn and are gone from the files.
    """

    files: list[str]
    lost: int
    judges: list[SpotcheckJudge]
    unmarked: list[SpotcheckSpot]
