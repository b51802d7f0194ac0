"""A run's current verdicts as rows of the verdict table, without reading prompts or answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from judge.logprobs import mass
from judge.store import reads
from judge.store.schema import current_verdicts, items
from judge.types import Run

# Criterion -> the number of each of its labels; empty where its scale has none.
Values = Mapping[str, Mapping[str, float]]


def table_rows(connection: Connection, run: Run) -> Iterator[dict[str, Any]]:
    """The rows of a run's verdict table, in an order that does not hang on who answered first."""
    judges = {j["judge"]: _judge(j) for j in run.config.get("judges", ())}
    rubrics = {f"{r['name']}@{r['version']}": _values(r) for r in run.config.get("rubrics", ())}
    facts = _facts(connection, run.run_id)
    verdicts = _verdicts(connection, run.run_id)
    anchors = (run.config.get("anchors") or {}).get("answers", {})  # they count for nothing here
    for trial in reads.trials_in_order(connection, run.run_id):
        if trial.trial_id not in verdicts or trial.item_id in anchors:
            continue
        verdict, item = verdicts[trial.trial_id], facts[trial.item_id]
        shared = {**_shared(trial, verdict, item), **judges.get(trial.judge, {})}
        if run.config["mode"] == "pairwise":
            yield {**shared, **_pair(trial, verdict, item)}
        else:
            yield from _answers(trial, verdict, item, shared, rubrics.get(trial.rubric, {}))


def _facts(connection: Connection, run_id: str) -> dict[str, Row[Any]]:
    """Item id -> what a verdict table says of the item."""
    i = items.c
    query = select(i.item_id, i.cluster, i.category, i.lengths)
    found: Iterable[Row[Any]] = connection.execute(query.where(i.run_id == run_id))
    return {row.item_id: row for row in found}


def _verdicts(connection: Connection, run_id: str) -> dict[str, Row[Any]]:
    """Trial id -> its current verdict."""
    v = current_verdicts.c
    query = select(
        *(v.trial_id, v.status, v.label, v.score, v.criteria, v.p_a, v.p_dist, v.method),
        *(v.explanation, v.reason),
    ).where(v.run_id == run_id)
    return {row.trial_id: row for row in reads.stream(connection, query)}


def _judge(judge: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "judge_families": "+".join(sorted(judge.get("families", ()))),
        "simulated": bool(judge.get("simulated", False)),
    }


def _values(rubric: Mapping[str, Any]) -> Values:
    """The numbers of each criterion's labels; empty for a rubric that asks one question only."""
    if len(rubric["criteria"]) < 2:
        return {}
    scales = {c["name"]: c.get("scale") or rubric["scale"] for c in rubric["criteria"]}
    return {
        name: dict(zip(scale["labels"], scale["values"], strict=True)) if scale["values"] else {}
        for name, scale in scales.items()
    }


def _shared(trial: Row[Any], verdict: Row[Any], item: Row[Any]) -> dict[str, Any]:
    return {
        "item_id": trial.item_id,
        "judge": trial.judge,
        "rubric": trial.rubric,
        "variant": trial.variant,
        "order": trial.order,
        "repeat": trial.repeat,
        "status": verdict.status,
        "method": verdict.method,
        "cluster": item.cluster,
        "category": item.category,
        "explanation": verdict.explanation,
        "reason": verdict.reason,
    }


def _pair(trial: Row[Any], verdict: Row[Any], item: Row[Any]) -> dict[str, Any]:
    return {
        "system_a": trial.system_a,
        "system_b": trial.system_b,
        "label": verdict.label,
        "p_a": verdict.p_a,
        "scale_mass": _mass(verdict),
        "len_a": item.lengths.get(trial.system_a),
        "len_b": item.lengths.get(trial.system_b),
    }


def _mass(verdict: Row[Any]) -> float | None:
    return None if verdict.p_dist is None else mass(verdict.p_dist)


def _answers(
    trial: Row[Any],
    verdict: Row[Any],
    item: Row[Any],
    shared: Mapping[str, Any],
    values: Values,
) -> Iterator[dict[str, Any]]:
    """One row for the whole, and one for each criterion, which share its status.

    A trial without a verdict has rows of its criteria too: they are missing, and counted as such.
    """
    answer = {**shared, "system": trial.system_a, "len": item.lengths.get(trial.system_a)}
    whole = {"label": verdict.label, "score": verdict.score, "scale_mass": _mass(verdict)}
    yield {**answer, "criterion": "", **whole}
    for name in verdict.criteria or values:
        label = verdict.criteria.get(name)
        score = values.get(name, {}).get(label)
        yield {**answer, "criterion": name, "label": label, "score": score}
