"""What a run's judges said of a few of its items, without prompts and answers, and what that cost."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Row, func, select

from judge.store import reads, rows
from judge.store.schema import calls, current_verdicts, trials
from judge.types import Trial, Verdict


def said(
    connection: Connection, run_id: str, item_ids: Collection[str]
) -> list[tuple[Trial, Verdict]]:
    """The trials of these items with their current verdicts; those without one are absent."""
    asked = _trials(connection, run_id, item_ids)
    found = _verdicts(connection, run_id, list(asked))
    return [(rows.trial_of(asked[key]), rows.verdict_of(row)) for key, row in found.items()]


def spent(
    connection: Connection, run_id: str, item_ids: Collection[str]
) -> dict[str, tuple[int, float | None]]:
    """Judge -> its calls about these items, and their cost; None where a price is unknown."""
    found: dict[str, tuple[int, float | None]] = {}
    c = calls.c
    for chunk in reads.chunks(list(_trials(connection, run_id, item_ids))):
        query = (
            select(c.judge, func.count(), func.count(c.cost_usd), func.sum(c.cost_usd))
            .where(c.run_id == run_id, c.trial_id.in_(chunk))
            .group_by(c.judge)
        )
        for judge, n, n_priced, cost in connection.execute(query):
            before, sum_before = found.get(judge, (0, 0.0))
            known = n == n_priced and sum_before is not None
            found[judge] = (before + n, (sum_before or 0.0) + (cost or 0.0) if known else None)
    return found


def _trials(connection: Connection, run_id: str, item_ids: Collection[str]) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for chunk in reads.chunks(sorted(item_ids)):
        query = select(trials).where(trials.c.run_id == run_id, trials.c.item_id.in_(chunk))
        found.update((row.trial_id, row) for row in connection.execute(query))
    return found


def _verdicts(connection: Connection, run_id: str, trial_ids: Iterable[str]) -> dict[str, Row[Any]]:
    v = current_verdicts.c
    found: dict[str, Row[Any]] = {}
    for chunk in reads.chunks(trial_ids):
        query = select(current_verdicts).where(v.run_id == run_id, v.trial_id.in_(chunk))
        found.update((row.trial_id, row) for row in connection.execute(query))
    return found
