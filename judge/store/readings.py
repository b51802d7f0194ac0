"""What was sent for each trial of a run and how the answer was read, without the texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from judge.store import reads, rows
from judge.store.schema import calls, current_verdicts, trials
from judge.types import Trial


@dataclass(frozen=True, slots=True)
class Reading:
    """How the current verdict of a trial came about. call_id, model: None where nothing was answered.

    call_id: the stored call that was read; model: as its API reported it.
    """

    trial: Trial
    status: str
    method: str
    parser_version: int
    call_id: int | None
    model: str | None


def readings(connection: Connection, run_id: str) -> list[Reading]:
    """A reading for each trial of a run that has a verdict."""
    t, v = trials.c, current_verdicts.c
    asked = connection.execute(select(trials).where(t.run_id == run_id))
    places = {row.trial_id: rows.trial_of(row) for row in asked}
    query = select(v.trial_id, v.status, v.method, v.parser_version, v.call_id)
    found = list(reads.stream(connection, query.where(v.run_id == run_id)))
    models = _models(connection, {row.call_id for row in found if row.call_id is not None})
    return [
        Reading(
            trial=places[row.trial_id],
            status=row.status,
            method=row.method,
            parser_version=row.parser_version,
            call_id=row.call_id,
            model=models.get(row.call_id),
        )
        for row in found
    ]


def _models(connection: Connection, call_ids: Iterable[int]) -> dict[int, str | None]:
    """Call id -> the model that its answer names."""
    found: dict[int, str | None] = {}
    for chunk in reads.chunks(call_ids):
        query = select(calls.c.call_id, calls.c.model).where(calls.c.call_id.in_(chunk))
        found |= {row.call_id: row.model for row in connection.execute(query)}
    return found
