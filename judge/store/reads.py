"""The queries that read a run, each on one table; what belongs together is joined here by its ids.

A database joins well by what it knows of its rows, and of a run that was just written it knows
nothing. One index and a dict take the same time always, on both engines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, func, select

from judge.store import rows
from judge.store.schema import calls, current_verdicts, items, trials
from judge.types import Call, Judgment

T = TypeVar("T")

# Names in one IN (...) list, and rows fetched or added at once.
CHUNK = 500


def item_ids(connection: Connection, run_id: str) -> Sequence[str]:
    """The items of a run in their order."""
    i = items.c
    query = select(i.item_id).where(i.run_id == run_id).order_by(i.position)
    return connection.execute(query).scalars().all()


def items_by_id(connection: Connection, run_id: str, item_ids: Collection[str]) -> list[Row[Any]]:
    """The rows of these items in the run's order."""
    query = select(items).where(items.c.run_id == run_id, items.c.item_id.in_(item_ids))
    return sorted(connection.execute(query), key=lambda row: int(row.position))


def first_asked(connection: Connection, call_ids: Collection[int | None]) -> set[int]:
    """Those of these calls that were no re-ask."""
    found: set[int] = set()
    for chunk in chunks([call_id for call_id in call_ids if call_id is not None]):
        query = select(calls.c.call_id).where(calls.c.call_id.in_(chunk), calls.c.reask == 0)
        found.update(connection.execute(query).scalars())
    return found


def trials_in_order(
    connection: Connection, run_id: str, item_id: str | None = None
) -> list[Row[Any]]:
    """The trials of a run or of one item in it, by item and then by what was asked of it.

    The order does not hang on who answered first: a run that was interrupted reads like one that was not.
    """
    t = trials.c
    query = select(trials).where(t.run_id == run_id)
    found = connection.execute(query if item_id is None else query.where(t.item_id == item_id))
    positions = _positions(connection, run_id) if item_id is None else {item_id: 0}
    return sorted(found, key=lambda trial: _place(trial, positions[trial.item_id]))


def _positions(connection: Connection, run_id: str) -> dict[str, int]:
    query = select(items.c.item_id, items.c.position).where(items.c.run_id == run_id)
    return {row.item_id: row.position for row in connection.execute(query)}


def _place(trial: Row[Any], position: int) -> tuple[Any, ...]:
    return (
        *(position, trial.judge, trial.rubric, trial.variant, trial.system_a),
        *(trial.system_b or "", trial.order, trial.repeat, trial.trial_id),
    )


def judgments(connection: Connection, run_id: str, trials_: Sequence[Row[Any]]) -> list[Judgment]:
    """The current judgments of these trials, as many as one IN (...) list takes."""
    verdicts = _verdicts(connection, run_id, [trial.trial_id for trial in trials_])
    made = calls_by_id(connection, {i for row in verdicts.values() for i in row.call_ids})
    return [
        Judgment(
            trial=rows.trial_of(trial),
            verdict=rows.verdict_of(row),
            calls=tuple(made[call_id] for call_id in row.call_ids),
            reused=row.call_id if row.reused else None,
        )
        for trial in trials_
        if (row := verdicts.get(trial.trial_id)) is not None
    ]


def _verdicts(
    connection: Connection, run_id: str, trial_ids: Collection[str]
) -> dict[str, Row[Any]]:
    v = current_verdicts.c
    query = select(current_verdicts).where(v.run_id == run_id, v.trial_id.in_(trial_ids))
    return {row.trial_id: row for row in connection.execute(query)}


def calls_by_id(connection: Connection, call_ids: Collection[int]) -> dict[int, Call]:
    """Call id -> the stored call; unknown ids are absent."""
    found: dict[int, Call] = {}
    for chunk in chunks(call_ids):
        query = select(calls).where(calls.c.call_id.in_(chunk))
        found |= {row.call_id: rows.call_of(row) for row in connection.execute(query)}
    return found


def answers(
    connection: Connection, content_keys: Collection[str], run_id: str | None
) -> dict[str, Call]:
    """Content key -> the latest call with a completion; keys without one are absent.

    run_id: the run whose calls count, None for every run's.
    """
    found: dict[str, Call] = {}
    for chunk in chunks(content_keys):
        query = (
            select(calls)
            .where(calls.c.content_key.in_(chunk), calls.c.text.is_not(None))
            .order_by(calls.c.call_id)
        )
        if run_id is not None:
            query = query.where(calls.c.run_id == run_id)
        found |= {row.content_key: rows.call_of(row) for row in connection.execute(query)}
    return found


def judges_reused(connection: Connection, run_id: str) -> dict[str, int]:
    """Judge -> trials whose current verdict is reused; every judge that has a trial is there."""
    t, v = trials.c, current_verdicts.c
    asked = connection.execute(select(t.trial_id, t.judge).where(t.run_id == run_id))
    judge_of = {row.trial_id: row.judge for row in asked}
    counts = dict.fromkeys(sorted(set(judge_of.values())), 0)
    reused = select(v.trial_id).where(v.run_id == run_id, v.reused)
    for trial_id in connection.execute(reused).scalars():
        counts[judge_of[trial_id]] += 1
    return counts


def call_sums(connection: Connection, run_id: str) -> dict[str, Row[Any]]:
    """Judge -> the sums over every call that the run made."""
    c = calls.c
    query = (
        select(
            c.judge,
            func.count().label("calls"),
            func.count(c.cost_usd).label("priced"),
            *(
                func.coalesce(func.sum(column), 0).label(column.name)
                for column in (c.cost_usd, c.booked_usd, c.attempts, c.tokens_in, c.tokens_out)
            ),
        )
        .where(c.run_id == run_id)
        .group_by(c.judge)
    )
    return {row.judge: row for row in connection.execute(query)}


def stream(connection: Connection, query: Select[Any]) -> Iterator[Row[Any]]:
    """The rows of a query, fetched in parts."""
    with connection.execute(query, execution_options={"yield_per": CHUNK}) as result:
        yield from result


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in lists of at most CHUNK."""
    remaining = iter(values)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
