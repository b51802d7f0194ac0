"""What was asked and answered: runs, their items, trials, calls and verdicts.

The store is the truth: a run that was killed goes on from it, and an answer that is in it is never
bought again.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Self

from sqlalchemy import Connection, Row, func, select, update

from judge import table
from judge.errors import InputError, StoreError
from judge.store import asked_again, reads, rows, schema, tabulate, verify
from judge.store import certificates as made
from judge.store import labels as people
from judge.store.database import Database
from judge.store.readings import Reading, readings
from judge.store.schema import calls, current_verdicts, runs, trials, verdicts
from judge.types import Call, HumanLabel, Item, Judgment, Run, Status, Trial, Verdict

_UNSETTLED = (str(Status.FAILED), str(Status.NOT_ASKED))


@dataclass(frozen=True, slots=True)
class Account:
    """What one judge's part of a run came to.

    reused: trials whose current verdict was read in a call that was stored before. The rest counts
    every call that was made, tried again or not. cost_usd: None where a price is unknown. booked_usd:
    what a budget counts.
    """

    reused: int
    cost_usd: float | None
    attempts: int
    calls: int
    tokens_in: int
    tokens_out: int
    booked_usd: float = 0.0


def open_store(url_or_path: str) -> Store:
    """The store at a path, `sqlite:///path` or `postgresql://...`; made where there is none."""
    return Store(Database(url_or_path))


def open_existing(url_or_path: str) -> Store:
    """The store at a path or URL. Raises InputError where there is none, and makes none."""
    path = url_or_path.removeprefix("sqlite:///")
    if "://" not in path and not os.path.lexists(path):
        raise InputError(
            f"there is no store at {path}, and so no run; `judge compare`, `score` and `rank` make one, "
            "--store names another"
        )
    return Store(Database(url_or_path))


class Store:
    """An open store; close it, or use it as a context manager. One thread may write, any may read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.name = database.name

    @classmethod
    def open(cls, url_or_path: str) -> Self:
        """The same as open_store."""
        return cls(Database(url_or_path))

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- runs and their items --------------------------------------------------------------------

    def start_run(self, run: Run, items: Iterable[Item]) -> None:
        """Records a run and its items, in the items' order. Raises StoreError where it is there."""
        numbered = (rows.item_row(run.run_id, n, item) for n, item in enumerate(items))
        with self._database.writing(f"record the run {run.run_id}") as connection:
            connection.execute(runs.insert(), rows.run_row(run))
            for chunk in reads.chunks(numbered):
                connection.execute(schema.items.insert(), chunk)

    def finish_run(
        self,
        run_id: str,
        *,
        state: str,
        ended_at: str | None = None,
        cost_usd: float | None = None,
        stopped: Mapping[str, str] | None = None,
    ) -> None:
        """Records how a run ended; with state "running", that it goes on."""
        ended = {"ended_at": ended_at, "cost_usd": cost_usd, "stopped": dict(stopped or {})}
        change = {"state": state, **ended}
        with self._database.writing(f"record the end of run {run_id}") as connection:
            done = connection.execute(update(runs).where(runs.c.run_id == run_id).values(change))
            if not done.rowcount:
                raise self._no_run(run_id)

    def change_config(self, run_id: str, config: Mapping[str, Any]) -> None:
        """Records that a run is read in another way from now on, as with labels given later."""
        with self._database.writing(f"record how run {run_id} is read") as connection:
            done = connection.execute(
                update(runs).where(runs.c.run_id == run_id).values(config=dict(config))
            )
            if not done.rowcount:
                raise self._no_run(run_id)

    def run(self, run_id: str) -> Run:
        """The record of a run. Raises InputError where there is none."""
        with self._database.reading("be read") as connection:
            return self._run(connection, run_id)

    def runs(self, limit: int | None = None) -> list[Run]:
        """The latest runs, newest first."""
        query = select(runs).order_by(runs.c.started_at.desc(), runs.c.run_id.desc()).limit(limit)
        with self._database.reading("be read") as connection:
            return [rows.run_of(row) for row in connection.execute(query)]

    def latest(self) -> Run | None:
        """The run that was started last, None in an empty store."""
        return next(iter(self.runs(limit=1)), None)

    def items(self, run_id: str) -> Iterator[Item]:
        """The items of a run in their order. Raises InputError for an unknown run."""
        with self._database.reading("be read") as connection:
            self._run(connection, run_id)
            item_ids = reads.item_ids(connection, run_id)
        # A transaction for each chunk: a reader that takes its time holds nothing up.
        for chunk in reads.chunks(item_ids):
            with self._database.reading("be read") as connection:
                found = reads.items_by_id(connection, run_id, chunk)
            yield from (rows.item_of(row.payload) for row in found)

    def item(self, run_id: str, item_id: str) -> Item:
        """One item of a run. Raises InputError where there is none."""
        query = select(schema.items.c.payload).where(
            schema.items.c.run_id == run_id, schema.items.c.item_id == item_id
        )
        with self._database.reading("be read") as connection:
            self._run(connection, run_id)
            found = connection.execute(query).scalar_one_or_none()
        if found is None:
            raise InputError(f"run {run_id} has no item {item_id!r}")
        return rows.item_of(found)

    def count_items(self, run_id: str) -> int:
        """How many items a run has."""
        query = (
            select(func.count()).select_from(schema.items).where(schema.items.c.run_id == run_id)
        )
        with self._database.reading("be read") as connection:
            return int(connection.execute(query).scalar_one())

    def claim(self, run_id: str) -> AbstractContextManager[None]:
        """Holds the run for this process. Raises InputError where another process carries it out."""
        return self._database.claim(run_id)

    # -- calls and verdicts ----------------------------------------------------------------------

    def append(self, run_id: str, judgments: Sequence[Judgment]) -> None:
        """Commits judgments: all of them or, with a StoreError, none.

        A call that has its call_id already is linked to and not stored again, so that a stored answer
        can get a new verdict from a newer parser.
        """
        if not judgments:
            return
        doing = f"add {len(judgments)} judgments to run {run_id}, none of which was kept"
        with self._database.writing(doing) as connection:
            named = [(j.trial.trial_id, j) for j in self._numbered(connection, judgments)]
            self._add_trials(connection, run_id, named)
            if new := _new_calls(run_id, judgments, named):
                connection.execute(calls.insert(), new)
            rows_ = [rows.verdict_row(run_id, trial_id, j) for trial_id, j in named]
            connection.execute(verdicts.insert(), rows_)

    def answers(self, content_keys: Collection[str], run_id: str | None = None) -> dict[str, Call]:
        """Content key -> the latest call with a completion; keys without one are absent.

        run_id: the run whose calls count, None for every run's.
        """
        with self._database.reading("be searched for answers") as connection:
            return reads.answers(connection, content_keys, run_id)

    def calls(self, call_ids: Collection[int]) -> dict[int, Call]:
        """Call id -> the stored call; unknown ids are absent."""
        with self._database.reading("be read") as connection:
            return reads.calls_by_id(connection, call_ids)

    def settled(self, run_id: str) -> set[str]:
        """The trials of a run that need no further asking.

        Not those that failed or were never asked, and not those whose answer could not be read and
        was not asked for once more.
        """
        v = current_verdicts.c
        query = select(v.trial_id, v.status, v.call_id).where(
            v.run_id == run_id, v.status.not_in(_UNSETTLED)
        )
        with self._database.reading("be read") as connection:
            found = connection.execute(query).all()
            unread = {row.call_id for row in found if row.status == str(Status.UNPARSED)}
            waiting = reads.first_asked(connection, unread)
        return {row.trial_id for row in found if row.call_id not in waiting}

    def judgments(self, run_id: str, item_id: str | None = None) -> Iterator[Judgment]:
        """The current judgment of each trial, of one item or all, in the items' order.

        With the calls that were made for it; a reused call is named by its id, and `calls` gives it.
        """
        with self._database.reading("be read") as connection:
            self._run(connection, run_id)
            trials_ = reads.trials_in_order(connection, run_id, item_id)
        for chunk in reads.chunks(trials_):
            with self._database.reading("be read") as connection:
                found = reads.judgments(connection, run_id, chunk)
            yield from found

    def readings(self, run_id: str) -> list[Reading]:
        """How each verdict of a run came about: what was asked, and which call was read."""
        with self._database.reading("be read") as connection:
            self._run(connection, run_id)
            return readings(connection, run_id)

    def said(self, run_id: str, item_ids: Collection[str]) -> list[tuple[Trial, Verdict]]:
        """The trials of these items of a run with their current verdicts, in no order."""
        with self._database.reading("be read") as connection:
            return asked_again.said(connection, run_id, item_ids)

    def spent(self, run_id: str, item_ids: Collection[str]) -> dict[str, tuple[int, float | None]]:
        """Judge -> how many calls a run made about these items, and their cost, None if unknown."""
        with self._database.reading("be read") as connection:
            return asked_again.spent(connection, run_id, item_ids)

    # -- people's labels -------------------------------------------------------------------------

    def add_labels(self, labels: Sequence[HumanLabel]) -> str:
        """Stores a set of labels, once whichever runs use it, and returns the hash that names it."""
        with self._database.writing(f"add {len(labels)} labels") as connection:
            return people.add(connection, labels)

    def labels(self, labels_hash: str) -> tuple[HumanLabel, ...]:
        """The labels of that hash in their order. Raises StoreError where they are not all there."""
        with self._database.reading("be read") as connection:
            return people.read(connection, labels_hash)

    # -- certificates of judges ------------------------------------------------------------------

    def add_certificate(self, payload: Mapping[str, Any]) -> str:
        """Stores what people's labels said of a judge, once, and returns the hash that names it."""
        with self._database.writing("add a certificate") as connection:
            return made.add(connection, payload)

    def certificates(self) -> list[dict[str, Any]]:
        """Every certificate, the oldest first."""
        with self._database.reading("be read") as connection:
            return made.read(connection)

    # -- what came of a run ----------------------------------------------------------------------

    def verdicts(self, run_id: str) -> table.VerdictTable:
        """The verdict table of a run: the current verdict of each trial."""
        with self._database.reading("be read") as connection:
            run = self._run(connection, run_id)
            if "mode" not in run.config:
                raise StoreError(f"the record of run {run_id} names no mode; start a new run")
            found = tabulate.table_rows(connection, run)
            return table.from_rows(run.config["mode"], found, source=f"run {run_id}")

    def accounting(self, run_id: str) -> dict[str, Account]:
        """Judge -> what its part of the run came to, for every judge that has a trial in it."""
        with self._database.reading("be read") as connection:
            self._run(connection, run_id)
            reused = reads.judges_reused(connection, run_id)
            sums = reads.call_sums(connection, run_id)
        return {judge: _account(sums.get(judge), n) for judge, n in reused.items()}

    def verify(self) -> list[str]:
        """The problems found in the whole store, in words; empty where it is sound."""
        with self._database.reading("be verified") as connection:
            return [*verify.problems(connection)]

    # -- parts -----------------------------------------------------------------------------------

    def _run(self, connection: Connection, run_id: str) -> Run:
        row = connection.execute(select(runs).where(runs.c.run_id == run_id)).one_or_none()
        if row is None:
            raise self._no_run(run_id)
        return rows.run_of(row)

    def _no_run(self, run_id: str) -> InputError:
        return InputError(f"the store {self.name} has no run {run_id}; `judge runs` lists its runs")

    def _numbered(self, connection: Connection, judgments: Sequence[Judgment]) -> list[Judgment]:
        """The judgments with an id for each call that has none."""
        n = sum(call.call_id is None for j in judgments for call in j.calls)
        ids = iter(self._database.next_ids(connection, calls.c.call_id, n)) if n else iter(())
        return [
            replace(
                judgment,
                calls=tuple(
                    replace(call, call_id=next(ids)) if call.call_id is None else call
                    for call in judgment.calls
                ),
            )
            for judgment in judgments
        ]

    def _add_trials(
        self, connection: Connection, run_id: str, named: Sequence[tuple[str, Judgment]]
    ) -> None:
        """Adds the trials that are new, in one order everywhere: else two writers can deadlock."""
        distinct = {trial_id: judgment.trial for trial_id, judgment in named}
        connection.execute(
            self._database.insert_new(trials),
            [rows.trial_row(run_id, key, distinct[key]) for key in sorted(distinct)],
        )


def _new_calls(
    run_id: str, given: Sequence[Judgment], numbered: Sequence[tuple[str, Judgment]]
) -> list[dict[str, Any]]:
    """The rows of the calls that came without an id."""
    return [
        rows.call_row(run_id, trial_id, judgment.trial.judge, call)
        for before, (trial_id, judgment) in zip(given, numbered, strict=True)
        for old, call in zip(before.calls, judgment.calls, strict=True)
        if old.call_id is None
    ]


def _account(sums: Row[Any] | None, reused: int) -> Account:
    """The account of a judge. sums: over its calls, None where it made none."""
    if sums is None:
        return Account(reused, cost_usd=0.0, attempts=0, calls=0, tokens_in=0, tokens_out=0)
    return Account(
        reused=reused,
        cost_usd=float(sums.cost_usd) if sums.priced == sums.calls else None,
        booked_usd=float(sums.booked_usd),
        attempts=int(sums.attempts),
        calls=sums.calls,
        tokens_in=int(sums.tokens_in),
        tokens_out=int(sums.tokens_out),
    )
