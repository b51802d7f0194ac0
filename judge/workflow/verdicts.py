"""The verdict table of a run, whole even where the run is not.

A run that was killed has trials that nobody came to. They are planned all the same: a pair with one
order judged must not pass for a pair that was asked in one order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from judge.plan import Plan
from judge.store import Store
from judge.table import VerdictTable, from_rows, to_rows
from judge.types import Item, JudgeModel, Run, Status, Trial
from judge.workflow import audit_targets
from judge.workflow.recipe import Recipe
from judge.workflow.styling import with_styles

_PLACE = ("item_id", "judge", "rubric", "variant", "system_a", "system_b", "order", "repeat")


def verdicts_of(store: Store, run: Run, recipe: Recipe) -> VerdictTable:
    """The current verdict of every planned trial; those not come to are not_asked (interrupted)."""
    table = store.verdicts(run.run_id)
    if run.state not in ("done", "budget"):
        plan = recipe.plan(recipe.own(store.items(run.run_id)))
        is_left = audit_targets.left_out(recipe, plan, store.judgments(run.run_id))
        unasked = _unasked(table, recipe, plan, is_left)
        table = from_rows(table.mode, [*to_rows(table), *unasked])
    lengths = {
        item.item_id: float(item.prompt_length) for item in recipe.own(store.items(run.run_id))
    }
    of_rows = table.frame["item_id"].astype(object).map(lengths)
    table = replace(table, frame=table.frame.assign(len_prompt=of_rows.astype(float)))
    return with_styles(table, recipe.own(store.items(run.run_id))) if recipe.style else table


def _unasked(
    table: VerdictTable, recipe: Recipe, plan: Plan, is_left: Callable[[Trial], bool]
) -> Iterator[dict[str, Any]]:
    columns = [name for name in _PLACE if name in table.frame] + _system(table)
    known = set(table.frame[columns].astype(str).itertuples(index=False, name=None))
    for judge in recipe.judges:
        for item, trial in plan.places(judge):
            row = _row(item, trial, judge)
            if tuple(str(row[name]) for name in columns) not in known:
                yield {**row, "reason": "policy"} if is_left(trial) else row


def _system(table: VerdictTable) -> list[str]:
    return ["system"] if table.mode == "single" else []


def _row(item: Item, trial: Trial, judge: JudgeModel) -> dict[str, Any]:
    lengths = {response.system: response.length for response in item.responses}
    shared = {
        "item_id": trial.item_id,
        "judge": trial.judge,
        "rubric": trial.rubric,
        "variant": trial.variant,
        "order": trial.order,
        "repeat": trial.repeat,
        "status": str(Status.NOT_ASKED),
        "reason": "interrupted",
        "cluster": item.cluster,
        "category": item.category or "",
        "judge_families": "+".join(sorted(judge.families)),
        "simulated": judge.simulated,
    }
    if trial.system_b is None:
        return {**shared, "system": trial.system_a, "len": lengths[trial.system_a]}
    return {
        **shared,
        "system_a": trial.system_a,
        "system_b": trial.system_b,
        "len_a": lengths[trial.system_a],
        "len_b": lengths[trial.system_b],
    }
