"""From the agreement pack to its record in the report, with the texts of what people and judges dispute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from judge.analysis import agreement_records as records
from judge.highlights import Highlight
from judge.report import evidence
from judge.report import schema_agreement as schema
from judge.report.evidence import Texts
from judge.report.schema_base import E
from judge.report.schema_evidence import Example
from judge.table import VerdictTable
from judge.types import Estimate

ToE = Callable[[Estimate], E]

MOST_VERDICTS = 24  # of one unit; a table of many judges and wordings has hundreds


def agreement(
    found: records.Agreement | None,
    estimate: ToE,
    table: VerdictTable | None,
    texts: Texts | None,
) -> schema.Agreement | None:
    """The agreement as the JSON has it. table, texts: for what was said of the disputed units."""
    if found is None:
        return None
    return schema.Agreement(
        judges=[_judge(one, estimate) for one in found.judges],
        raters=_raters(found.raters, estimate),
        further_raters=[_raters(one, estimate) for one in found.further_raters],
        disagreements=_disputed(found.disagreements, table, texts),
    )


def _judge(one: records.JudgeAgreement, estimate: ToE) -> schema.JudgeAgreement:
    return schema.JudgeAgreement.model_validate(_plain(one, estimate))


def _raters(one: records.Raters, estimate: ToE) -> schema.Raters:
    return schema.Raters.model_validate(_plain(one, estimate))


def _plain(value: Any, estimate: ToE) -> Any:
    """A record with the records in it as plain values; the models have the same names."""
    if isinstance(value, Estimate):
        return estimate(value)
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name), estimate) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each, estimate) for each in value]
    return value


def _disputed(
    found: Sequence[records.Disagreement], table: VerdictTable | None, texts: Texts | None
) -> list[schema.Disagreement]:
    return [
        schema.Disagreement(
            judge=one.judge,
            criterion=one.criterion,
            item_id=one.item_id,
            category=one.category,
            systems=list(one.systems),
            distance=one.distance,
            judge_value=one.judge_value,
            people_value=one.people_value,
            people=[schema.SaidByRater(rater=said.rater, label=said.label) for said in one.people],
            prompt=shown.prompt if shown else None,
            responses=shown.responses if shown else [],
            verdicts=shown.verdicts[:MOST_VERDICTS] if shown else [],
        )
        for one, shown in zip(found, _shown(found, table, texts), strict=True)
    ]


def _shown(
    found: Sequence[records.Disagreement], table: VerdictTable | None, texts: Texts | None
) -> Sequence[Example | None]:
    """What was said of each disputed unit, on its criterion; nothing where the table is not at hand."""
    if table is None or not found:
        return [None] * len(found)
    if table.mode == "single":
        on_it = table.frame[table.frame["criterion"] == found[0].criterion]
        table = replace(table, frame=on_it.assign(criterion=""))
    units = [Highlight("contested", one.item_id, one.systems) for one in found]
    return evidence.examples(table, units, texts)
