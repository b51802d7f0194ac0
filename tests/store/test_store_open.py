"""Where a store is, how it is made, who may use it at once, and what is said when it cannot be."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from store_samples import RUN_ID, item, judgment, run, start, trial

from judge.errors import InputError, StoreError
from judge.store import open_store

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def child(script: str, *arguments: str) -> subprocess.Popen[str]:
    """A process of its own; it says "ready" once it is up, and goes on when it is told so."""
    program = (
        "import sys\nfrom judge.store import open_store\nfrom store_samples import *\n"
        f"print('ready', flush=True); sys.stdin.readline()\n{script}"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def go(children: list[subprocess.Popen[str]]) -> None:
    """Lets them all go on once all are ready."""
    for process in children:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in children:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


def ended(children: list[subprocess.Popen[str]]) -> list[int]:
    codes = []
    for process in children:
        process.communicate(timeout=60)
        codes.append(process.returncode)
    return codes


# -- places --------------------------------------------------------------------------------------


def test_the_folders_of_a_path_are_made(tmp_path: Path) -> None:
    place = tmp_path / "a" / "b c" / "100%.db"
    with open_store(str(place)) as store:
        assert store.name == str(place)
    assert place.is_file()


def test_a_sqlite_url_and_its_path_are_the_same_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_store("sqlite:///rel/store.db") as store:
        start(store)
    with open_store(f"sqlite:///{tmp_path}/rel/store.db") as store:
        assert store.latest() is not None


def test_a_sqlite_store_keeps_a_write_ahead_log(tmp_path: Path) -> None:
    with (
        open_store(str(tmp_path / "s.db")) as store,
        closing(sqlite3.connect(tmp_path / "s.db")) as file,
    ):
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        with store._database.reading("be read") as connection:
            pragmas = ("synchronous", "busy_timeout", "foreign_keys")
            found = [connection.exec_driver_sql(f"PRAGMA {p}").scalar_one() for p in pragmas]
    assert found == [1, 30_000, 1]


# -- what cannot be opened -----------------------------------------------------------------------


def test_a_store_of_a_newer_version_says_to_upgrade(
    place: str, sql: Callable[..., list[Any]]
) -> None:
    open_store(place).close()
    sql("UPDATE meta SET schema_version = 99", unguarded=False)
    with pytest.raises(StoreError, match=r"newer version of judge .* upgrade"):
        open_store(place)


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    place = tmp_path / "responses.jsonl"
    place.write_text('{"prompt": "q"}\n' * 100)
    with pytest.raises(
        StoreError, match=r"responses\.jsonl could not be opened: file is not a database"
    ):
        open_store(str(place))
    assert place.read_text() == '{"prompt": "q"}\n' * 100


def test_a_database_of_something_else_is_left_as_it_is(
    place: str, sql: Callable[..., list[Any]]
) -> None:
    sql("CREATE TABLE runs (n integer)", unguarded=False)
    with pytest.raises(StoreError, match=r"not a store of judge.*\(runs\); name another"):
        open_store(place)
    sql("DROP TABLE runs", unguarded=False)
    open_store(place).close()


def test_a_sqlite_file_of_something_else_is_not_switched_to_another_journal(
    tmp_path: Path,
) -> None:
    place = tmp_path / "other.db"
    with closing(sqlite3.connect(place)) as file:
        file.execute("CREATE TABLE songs (n integer)")
    before = place.read_bytes()
    with pytest.raises(StoreError, match="songs"):
        open_store(str(place))
    assert place.read_bytes() == before


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("", "the store is a file"),
        (":memory:", "the store is a file"),
        ("sqlite://", "the store is a file"),
        ("mysql://u:hunter2@h/d", "mysql"),
        ("sqlite:///x.db?mode=hunter2", "sqlite with these options"),
        ("postgresql://u:hunter2@h:port/d", "cannot be read"),
        ("postgresql://u:hun@ter2@h/d", "as %40"),
    ],
)
def test_a_url_that_cannot_be_used_is_the_callers_error_and_not_repeated(
    place: str, problem: str
) -> None:
    with pytest.raises(InputError, match=problem) as caught:
        open_store(place)
    assert "ter2" not in str(caught.value)


def test_a_folder_or_a_file_in_the_way_is_the_callers_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is a folder; name a file in it"):
        open_store(str(tmp_path))
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be made"):
        open_store(str(tmp_path / "file" / "store.db"))


@pytest.mark.parametrize("secret", ["u:hunter2@", "u@"], ids=["in the URL", "in its options"])
def test_a_password_is_in_no_message(secret: str) -> None:
    options = "" if "hunter2" in secret else "?password=hunter2"
    with pytest.raises(StoreError, match=r"127\.0\.0\.1:1/d could not be opened") as caught:
        open_store(f"postgresql://{secret}127.0.0.1:1/d{options}")
    error: BaseException | None = caught.value
    while error is not None:
        assert "hunter2" not in str(error)
        error = error.__cause__ or error.__context__


# -- several at once -----------------------------------------------------------------------------


def test_processes_that_open_a_new_store_at_once_all_get_it(place: str) -> None:
    children = [child("open_store(sys.argv[1]).close()", place) for _ in range(3)]
    go(children)
    assert ended(children) == [0, 0, 0]
    with open_store(place) as store:
        assert store.verify() == []


def test_threads_that_open_new_stores_at_once_all_get_them(tmp_path: Path) -> None:
    """Many rounds, since whoever comes second finds each stage of the making only now and then."""
    failures: list[Exception] = []
    barrier = threading.Barrier(4)

    def open_each() -> None:
        for n in range(25):
            barrier.wait()
            try:
                open_store(str(tmp_path / f"{n}.db")).close()
            except StoreError as error:
                failures.append(error)

    threads = [threading.Thread(target=open_each) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_store_that_another_process_writes_to_is_waited_for_when_its_log_is_switched(
    tmp_path: Path,
) -> None:
    """SQLite refuses to switch a file that is being written, and does not wait by itself."""
    place = tmp_path / "store.db"
    open_store(str(place)).close()
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN IMMEDIATE")

        def give_way(_: Any, __: Any, statement: str, *___: Any) -> None:
            if statement == "BEGIN IMMEDIATE":
                other.rollback()

        event.listen(Engine, "before_cursor_execute", give_way)
        try:
            open_store(str(place)).close()
        finally:
            event.remove(Engine, "before_cursor_execute", give_way)
        assert not other.in_transaction
    with closing(sqlite3.connect(place)) as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_two_writers_at_once_lose_nothing(place: str) -> None:
    items = [item(n) for n in range(400)]
    with open_store(place) as store:
        store.start_run(run(items), items)
    script = (
        "numbers = eval(sys.argv[2])\n"
        "with open_store(sys.argv[1]) as store:\n"
        "    for at in range(0, len(numbers), 10):\n"
        "        store.append(RUN_ID, [judgment(n) for n in numbers[at:at + 10]])\n"
    )
    # Half of the trials are written by both, in opposite directions.
    children = [
        child(script, place, repr([*range(300)])),
        child(script, place, repr([*reversed(range(100, 400))])),
    ]
    go(children)
    assert ended(children) == [0, 0]
    with open_store(place) as store:
        assert store.settled(RUN_ID) == {trial(n).trial_id for n in range(400)}
        assert store.accounting(RUN_ID)["j1"].calls == 600
        assert store.verify() == []


def test_readers_beside_a_writer_see_whole_batches(place: str) -> None:
    seen: list[int] = []
    with open_store(place) as store:
        start(store, n_items=200)
        done = threading.Event()

        def read() -> None:
            while not done.is_set():
                seen.append(len(store.settled(RUN_ID)))

        reader = threading.Thread(target=read)
        reader.start()
        for at in range(0, 200, 20):
            store.append(RUN_ID, [judgment(n) for n in range(at, at + 20)])
        done.set()
        reader.join()
    assert seen
    assert all(count % 20 == 0 for count in seen)


def test_a_process_that_is_killed_loses_nothing_that_was_committed(place: str) -> None:
    with open_store(place) as store:
        start(store, n_items=500)
    script = (
        "store = open_store(sys.argv[1])\n"
        "for n in range(0, 500, 5):\n"
        "    store.append(RUN_ID, [judgment(n + k) for k in range(5)])\n"
        "    print(n + 5, flush=True)\n"
    )
    writer = child(script, place)
    go([writer])
    assert writer.stdout is not None
    committed = [int(writer.stdout.readline()) for _ in range(20)]
    writer.kill()
    committed += [int(line) for line in writer.communicate()[0].split()]
    with open_store(place) as store:
        kept = len(store.settled(RUN_ID))
        assert kept >= committed[-1]
        assert kept % 5 == 0
        assert store.verify() == []
