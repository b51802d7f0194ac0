"""Derives again what a store's contents can prove about themselves, and says what does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, select

from judge.errors import JudgeError
from judge.store import certificates, labels, reads, rows
from judge.store.schema import calls, runs, trials, verdicts
from judge.types import Item, Status, digest_text

Check = Callable[[Connection], Iterator[str]]


def problems(connection: Connection) -> Iterator[str]:
    """Everything found wrong, in words. A check that cannot read on says so and the next begins."""
    for check in (_file, _runs, _trials, _calls, _verdicts, _labels, _certificates):
        try:
            yield from check(connection)
        except JudgeError as error:
            yield f"{check.__name__.strip('_')}: {error}"


def _file(connection: Connection) -> Iterator[str]:
    """What SQLite itself finds. PostgreSQL checks its own pages and keys as it goes."""
    if connection.dialect.name != "sqlite":
        return
    for (found,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if found != "ok":
            yield f"file: {found}"
    for table, rowid, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"{table}: row {rowid} names a row of {parent} that is not there"


def _runs(connection: Connection) -> Iterator[str]:
    for run in connection.execute(select(runs).order_by(runs.c.started_at)).all():
        found: list[str] = []
        derived = rows.items_hash(_checked_items(connection, run.run_id, found))
        yield from found
        if derived != run.items_hash:
            yield (
                f"run {run.run_id}: its items hash to {derived}, recorded is {run.items_hash}; an item "
                "was changed, added or lost"
            )


def _checked_items(connection: Connection, run_id: str, found: list[str]) -> Iterator[Item]:
    """The items of a run in order; appends to found where a column does not fit its payload."""
    for chunk in reads.chunks(reads.item_ids(connection, run_id)):
        for row in reads.items_by_id(connection, run_id, chunk):
            try:
                item = rows.item_of(row.payload)
            except (KeyError, TypeError) as error:
                found.append(f"run {run_id}, item {row.item_id}: its payload lacks {error}")
                continue
            if rows.item_row(run_id, row.position, item) != dict(row._mapping):
                found.append(
                    f"run {run_id}, item {row.item_id}: its cluster, category, lengths or id differ "
                    "from its payload"
                )
            yield item


def _trials(connection: Connection) -> Iterator[str]:
    for row in reads.stream(connection, select(trials)):
        derived = rows.trial_of(row).trial_id
        if derived != row.trial_id:
            yield f"run {row.run_id}, trial {row.trial_id}: its fields hash to {derived}"


def _calls(connection: Connection) -> Iterator[str]:
    c = calls.c
    query = select(c.call_id, c.content_key, c.request, *(c[name] for name in rows.NEVER_ALONE))
    for row in reads.stream(connection, query):
        derived = digest_text(row.request)
        if derived != row.content_key:
            yield f"call {row.call_id}: its request hashes to {derived}, not to {row.content_key}"
        if len({getattr(row, name) is None for name in rows.NEVER_ALONE}) > 1:
            yield f"call {row.call_id}: part of its completion is not there"


def _verdicts(connection: Connection) -> Iterator[str]:
    v, t, c = verdicts.c, trials.c, calls.c
    query = (
        select(
            *(v.verdict_id, v.call_id, v.call_ids, v.reused, v.status, v.label, v.score),
            t.content_key.label("asked"),
            c.call_id.label("found"),
            c.content_key.label("answered"),
        )
        .outerjoin_from(verdicts, trials, (t.run_id == v.run_id) & (t.trial_id == v.trial_id))
        .outerjoin(calls, c.call_id == v.call_id)
        .order_by(v.verdict_id)
    )
    for row in reads.stream(connection, query):
        for problem in _wrong(row):
            yield f"verdict {row.verdict_id}: {problem}"


def _labels(connection: Connection) -> Iterator[str]:
    yield from labels.problems(connection)


def _certificates(connection: Connection) -> Iterator[str]:
    yield from certificates.problems(connection)


def _wrong(row: Any) -> Iterator[str]:
    has_value = row.label is not None or row.score is not None
    if row.status not in [*Status]:
        yield f"{row.status!r} is no status"
    elif has_value != (row.status == Status.OK):
        yield f"status {row.status} with{'' if has_value else 'out'} a label or score"
    if row.asked is None:
        yield "its trial is not there"
    if row.call_id is not None:
        yield from _wrong_call(row)


def _wrong_call(row: Any) -> Iterator[str]:
    read_in = f"it was read in call {row.call_id}, which"
    if row.found is None:
        yield f"{read_in} is not there"
    elif row.asked is not None and row.asked != row.answered:
        yield f"{read_in} answers another question than its trial"
    if not row.reused and row.call_id not in row.call_ids:
        yield f"{read_in} is not one of its own, {row.call_ids}"
