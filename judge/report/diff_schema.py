"""What moved between runs, as JSON: these models are its definition, docs/diff.schema.json is made of them.

Lists that have one entry a run are in the order of `runs`. A difference is the later run's value minus
the earlier one's, item by item; rates run from 0 to 1, so a difference of 0.05 is 5 points.

    python -m judge.report.diff_schema > docs/diff.schema.json
"""

from __future__ import annotations

import json
from typing import Literal

from pydantic import BaseModel, Field

from judge.report.schema import E, Rate

SCHEMA = "judge.diff/1"

Kind = Literal["items", "systems", "responses", "rubric", "judges", "reading", "asking", "other"]
Conclusion = Literal["higher", "lower", "no change shown"]


class _Model(BaseModel):
    model_config = E.model_config


class DiffRun(_Model):
    """One of the runs. items: all that it has, of which `common_items` are compared."""

    run_id: str
    store: str
    command: str
    state: str
    started_at: str
    items: int
    items_hash: str
    systems: list[str]
    baseline: str | None
    rubrics: list[str]
    judges: list[str]
    cost_usd: float | None


class DiffAspect(_Model):
    """One thing that the runs share, or in which they differ; said: what it is, or how it differs.

    is_cause: it differs and could have moved a number.
    """

    kind: Kind
    name: str
    same: bool
    said: str
    is_cause: bool


class DiffChange(_Model):
    """A number that every run has. system, baseline: as the first run names them; baseline null: a score.

    systems: what each run calls the system. decides: the row of the panel or the sole judge, on which
    alone a conclusion stands. p_value: of the last run against the first, Holm over n_tests rows.
    from_first, from_previous: null at the first run.
    """

    system: str
    baseline: str | None
    judge: str
    rubric: str
    variant: str
    criterion: str
    systems: list[str]
    members: list[list[str]]
    values: list[E]
    from_first: list[E | None]
    from_previous: list[E | None]
    decides: bool
    p_value: Rate | None
    n_tests: int
    conclusion: Conclusion | None


class DiffJudgeRun(_Model):
    """How a judge did in one run. cost_usd, reused: null where they cannot be told apart by wording."""

    consistency: E
    first_shown_rate: E
    wanted: int
    missing: int
    missing_share: Rate
    cost_usd: float | None
    reused: int | None


class DiffJudge(_Model):
    judge: str
    rubric: str
    variant: str
    runs: list[DiffJudgeRun]


class DiffFlip(_Model):
    """A presentation with another verdict, each in its own run's names; a label of a score as it is."""

    item_id: str
    judge: str
    rubric: str
    variant: str
    order: str
    repeat: int
    before: str
    after: str
    same_question: bool


class DiffVerdicts(_Model):
    """The verdicts of one judge that the first and the last run both have.

    flipped: those that differ; reversed: those of them that name the other system. alike: asked word
    for word alike and answered twice; alike_flipped: those of them that differ, which is noise or
    drift. same_answer: read in the same stored answer, so that they cannot differ.
    """

    judge: str
    rubric: str
    variant: str
    compared: int
    flipped: int
    reversed: int
    alike: int
    alike_flipped: int
    same_answer: int
    first: list[DiffFlip]


class Diff(_Model):
    """What moved between two runs or more."""

    schema_: Literal["judge.diff/1"] = Field(default="judge.diff/1", alias="schema")
    runs: list[DiffRun]
    common_items: int
    warnings: list[str]
    aspects: list[DiffAspect]
    changes: list[DiffChange]
    judges: list[DiffJudge]
    verdicts: list[DiffVerdicts]


def json_schema() -> str:
    """The JSON schema (draft 2020-12) of a diff, as it is kept in docs/."""
    schema = Diff.model_json_schema(by_alias=True, mode="serialization")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA}
    return json.dumps(head | schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(json_schema(), end="")
