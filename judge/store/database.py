"""Opens the database of a store and holds its transactions: the seam between the two engines.

SQLite is one file for one host: write-ahead log, one writer at a time, readers beside it. PostgreSQL
comes by URL, for many hosts. Every fault of theirs leaves here as a StoreError without a password.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Insert,
    Table,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from judge.errors import InputError, StoreError
from judge.store import schema

BUSY_TIMEOUT_S = 30


_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = NORMAL",  # with WAL: a killed process loses nothing that was committed
    # Pages between two checkpoints, 16 MB: hashes fall everywhere in an index, so a page that is
    # written to the file late is written once for many judgments.
    "PRAGMA wal_autocheckpoint = 4000",
)

# Two processes that switch to WAL at once: SQLite refuses one of them without waiting.
_WAL_ATTEMPTS = 100

# The execution option that says how SQLite begins a transaction; "" is not at all.
_BEGIN = "judge_begin"

_SECRETS = ("password", "sslpassword", "passfile")
_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")

_LONGEST_REASON = 300


class Database:
    """An open database with our tables in it. name: how messages call it, without a password."""

    def __init__(self, url_or_path: str) -> None:
        self._url = _url(url_or_path)
        self.name = _shown(self._url)
        self._engine = _engine(self._url)
        try:
            self._prepare()
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Closes every connection that is not in use."""
        self._engine.dispose()

    @contextmanager
    def reading(self, doing: str) -> Iterator[Connection]:
        """A connection that sees one state of the store. doing: what a message says has failed."""
        with self._faults(doing), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, doing: str) -> Iterator[Connection]:
        """A transaction: committed as a whole at the end, or nothing of it is."""
        with self._faults(doing), self._engine.connect() as connection:
            connection.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
            with connection.begin():
                yield connection

    @contextmanager
    def claim(self, run_id: str) -> Iterator[None]:
        """Holds a run for this process until the end of the block, or of the process, however it ends.

        Raises InputError where another process holds it.
        """
        held = self._held_by_server(run_id) if self._is_server() else self._held_by_file(run_id)
        with held as is_ours:
            if not is_ours:
                raise InputError(
                    f"run {run_id} is being carried out by another process; wait for it"
                )
            yield

    def _is_server(self) -> bool:
        return self._engine.dialect.name == "postgresql"

    @contextmanager
    def _held_by_server(self, run_id: str) -> Iterator[bool]:
        number = int.from_bytes(hashlib.sha256(run_id.encode()).digest()[:8], "big", signed=True)
        with self._faults(f"hold run {run_id}"), self._engine.connect() as connection:
            lock = select(func.pg_try_advisory_lock(number))
            is_ours = bool(connection.execute(lock).scalar_one())
            connection.commit()
            try:
                yield is_ours
            finally:
                if is_ours:
                    connection.execute(select(func.pg_advisory_unlock(number)))
                    connection.commit()

    @contextmanager
    def _held_by_file(self, run_id: str) -> Iterator[bool]:
        path = Path(f"{Path(str(self._url.database)).resolve()}.{run_id}.lock")
        with path.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # The one before us may have taken the file away between our opening and our lock.
                is_ours = os.path.samestat(os.fstat(file.fileno()), path.stat())
            except (BlockingIOError, FileNotFoundError):
                is_ours = False
            if not is_ours:
                yield False
                return
            try:
                yield True
            finally:
                path.unlink(missing_ok=True)

    def insert_new(self, table: Table) -> Insert:
        """An insert that leaves rows alone that are already there."""
        if self._engine.dialect.name == "postgresql":
            return postgresql.insert(table).on_conflict_do_nothing()
        return sqlite.insert(table).on_conflict_do_nothing()

    def next_ids(self, connection: Connection, column: Column[int], n: int) -> Iterable[int]:
        """Numbers for n new rows, in a transaction that writes. The engines could return the ids that
        they give, but only row by row where the order is to be kept, at half the speed.
        """
        if connection.dialect.name == "postgresql":
            sequence = func.pg_get_serial_sequence(column.table.name, column.name)
            drawn = select(func.nextval(sequence)).select_from(func.generate_series(1, n))
            return connection.execute(drawn).scalars()
        last = connection.execute(select(func.coalesce(func.max(column), 0))).scalar_one()
        return range(last + 1, last + 1 + n)  # BEGIN IMMEDIATE: nobody else adds rows now

    @contextmanager
    def _faults(self, doing: str) -> Iterator[None]:
        """Turns the engine's errors into ours. OverflowError: a number beyond 64 bits in SQLite."""
        try:
            yield
        except (SQLAlchemyError, OverflowError) as error:
            reason = " ".join(str(getattr(error, "orig", None) or error).split())
            for secret in _secrets(self._url):
                reason = reason.replace(secret, "***")
            remedy = "; name another with --store" if "not a database" in reason else ""
            raise StoreError(
                f"the store {self.name} could not {doing}: {reason[:_LONGEST_REASON]}{remedy}"
            ) from error

    def _prepare(self) -> None:
        """Checks the schema's version; makes the schema in an empty database."""
        with self.reading("be opened") as connection:
            version = self._version(connection)
        if version is None:
            self._create()
        if self._engine.dialect.name == "sqlite":
            self._use_wal()

    def _create(self) -> None:
        """Makes the schema, unless another process has just done so."""
        with self.writing("be created") as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({schema.CREATION_LOCK})")
            if self._version(connection) is None:
                schema.create(connection)

    def _version(self, connection: Connection) -> int | None:
        try:
            version = schema.version(connection)
        except StoreError as error:
            raise StoreError(f"{self.name} is not a store of judge: {error}") from None
        if version is not None and version > schema.SCHEMA_VERSION:
            raise StoreError(
                f"the store {self.name} was made by a newer version of judge (schema {version}, this "
                f"one knows {schema.SCHEMA_VERSION}); upgrade judge, or name another with --store"
            )
        return version

    def _use_wal(self) -> None:
        """Switches the file to the write-ahead log; it stays so."""
        for attempt in range(_WAL_ATTEMPTS):
            try:
                with self._faults("be opened"), self._engine.connect() as connection:
                    connection.execution_options(**{_BEGIN: ""})
                    connection.exec_driver_sql("PRAGMA journal_mode = WAL")
                    return
            except StoreError as error:
                if not _is_locked(error) or attempt == _WAL_ATTEMPTS - 1:
                    raise
            with self.writing("be opened"):
                pass  # waits for whoever holds the file


def _is_locked(error: StoreError) -> bool:
    return isinstance(error.__cause__, OperationalError) and "locked" in str(error.__cause__.orig)


# -- URL and engine ------------------------------------------------------------------------------


def _url(url_or_path: str) -> URL:
    """The URL of a store that was named by URL or by path. Raises InputError."""
    if "://" not in url_or_path:
        return _file(url_or_path)
    try:
        url = make_url(url_or_path)
    except (ArgumentError, ValueError):
        raise InputError(_bad_url("it cannot be read as one")) from None
    if url.drivername == "sqlite" and not url.query:
        return _file(url.database or "")
    if url.drivername not in _SCHEMES:
        raise InputError(_bad_url(f"{url.drivername} with these options is not one of them"))
    if "@" in (url.host or ""):
        raise InputError(_bad_url("write an @ in the user or the password as %40"))
    return url.set(drivername="postgresql+psycopg")


def _bad_url(problem: str) -> str:
    return (
        "the store's URL is a path, sqlite:///path or postgresql://user:password@host/database; "
        f"{problem} (the URL is not repeated here, since it may hold a password)"
    )


def _file(path: str) -> URL:
    if path in ("", ":memory:"):
        raise InputError("the store is a file; name its path, such as .judge/store.db")
    return URL.create("sqlite+pysqlite", database=path)


def _shown(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.difference_update_query(_SECRETS).render_as_string(hide_password=True)


def _secrets(url: URL) -> list[str]:
    found = [url.password, *(url.query.get(name) for name in _SECRETS)]
    return [str(secret) for secret in found if secret]


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        _make_folder(Path(str(url.database)))
        engine = create_engine(url, hide_parameters=True)
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
        return engine
    try:
        return create_engine(url, hide_parameters=True, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise InputError(
            f"a postgresql:// store needs {error.name}: pip install 'judge[postgres]'"
        ) from error


def _make_folder(path: Path) -> None:
    try:
        if path.is_dir():
            raise InputError(
                f"the store {path} is a folder; name a file in it, such as {path}/store.db"
            )
        if path.exists() and not path.is_file():
            raise InputError(f"the store {path} is a device or a pipe; name a file with --store")
        path.parent.mkdir(parents=True, exist_ok=True)
    except ValueError as error:  # a NUL, which no file's name has
        raise InputError(f"the store {str(path)!a} is no name of a file; name another") from error
    except OSError as error:
        raise InputError(
            f"the store's folder {path.parent} cannot be made ({error.strerror}); name another place "
            "with --store"
        ) from error


def _set_pragmas(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin in _begin, not when the driver sees fit
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    """Begins a write with its lock, so that two writers wait for each other and never collide."""
    statement = connection.get_execution_options().get(_BEGIN, "BEGIN")
    if statement:
        connection.exec_driver_sql(statement)
