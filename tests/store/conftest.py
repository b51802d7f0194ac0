"""Every test that takes `place` or `store` runs on SQLite and on PostgreSQL, in a store of its own."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from judge.store import Store, open_store

POSTGRES = "JUDGE_TEST_POSTGRES"

# Someone who means to change what must not change: no triggers, no keys, no checks.
_UNGUARDED_SQLITE = (
    "DROP TRIGGER calls_no_update",
    "DROP TRIGGER calls_no_delete",
    "DROP TRIGGER verdicts_no_update",
    "DROP TRIGGER verdicts_no_delete",
    "PRAGMA ignore_check_constraints = ON",
)
_UNGUARDED_POSTGRES = (
    "SET session_replication_role = replica",
    "ALTER TABLE verdicts DROP CONSTRAINT value_only_if_ok",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a new store may be opened."""
    if request.param == "sqlite":
        yield str(tmp_path / "store.db")
        return
    server = os.environ.get(POSTGRES)
    if not server:
        reason = f"{POSTGRES} names no PostgreSQL server"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    schema = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        _execute(connection, f"CREATE SCHEMA {schema}")
        joint = "&" if "?" in server else "?"
        yield f"{server}{joint}options=-csearch_path%3D{schema}"
        _execute(connection, "SET client_min_messages = error")
        _execute(connection, f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def store(place: str) -> Iterator[Store]:
    with open_store(place) as opened:
        yield opened


@pytest.fixture
def sql(place: str) -> Callable[..., list[tuple[Any, ...]]]:
    """Statements sent to the store's database past the store and past all that guards it.

    Gives the rows of the last one, if that is a query.
    """

    def run(*statements: str, unguarded: bool = True) -> list[tuple[Any, ...]]:
        if place.startswith("postgresql"):
            with psycopg.connect(place) as connection:
                for statement in [*(_UNGUARDED_POSTGRES if unguarded else ()), *statements]:
                    cursor = connection.execute(statement.encode())
                return cursor.fetchall() if cursor.description else []
        file = sqlite3.connect(place)
        try:
            for statement in [*(_UNGUARDED_SQLITE if unguarded else ()), *statements]:
                found = file.execute(statement).fetchall()
            file.commit()
            return found
        finally:
            file.close()

    return run


def _execute(connection: psycopg.Connection, statement: str) -> None:
    connection.execute(statement.encode())
