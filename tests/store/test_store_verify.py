"""verify() says nothing of a sound store and finds whatever was changed in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from store_samples import RUN_ID, failed, judgment, start, trial

from judge.store import Store, open_store
from judge.types import Judgment, Status, Verdict

OTHER = "sha256:" + "0" * 64


@pytest.fixture
def filled(store: Store) -> Store:
    """A sound store with two runs and verdicts of several kinds."""
    for run_id in (RUN_ID, "r2"):
        start(store, run_id=run_id)
        never = Judgment(trial(2), Verdict(Status.NOT_ASKED, reason="budget"))
        store.append(run_id, [judgment(0), failed(1), never])
    (answer,) = store.answers([trial(0).content_key]).values()
    store.append("r2", [Judgment(trial(0), Verdict(Status.OK, "b"), reused=answer.call_id)])
    return store


def test_a_sound_store_has_no_problems(filled: Store) -> None:
    assert filled.verify() == []


def test_an_empty_store_has_no_problems(store: Store) -> None:
    assert store.verify() == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE calls SET request = 'other' WHERE call_id = 1", "call 1: its request hashes to"),
        (f"UPDATE calls SET content_key = '{OTHER}' WHERE call_id = 1", f"not to {OTHER}"),
        ("UPDATE trials SET judge = 'j9' WHERE run_id = 'r2'", "run r2, trial sha256:"),
        ("UPDATE trials SET repeat = 2 WHERE item_id = 'i1'", "its fields hash to"),
        ("UPDATE runs SET items_hash = 'sha256:x' WHERE run_id = 'r2'", "recorded is sha256:x"),
        (
            "UPDATE items SET payload = replace(payload, 'four', 'fore') WHERE run_id = 'r1'",
            "run r1: its items hash to",
        ),
        ("UPDATE items SET position = 9 WHERE item_id = 'i0'", "its items hash to"),
        ("DELETE FROM items WHERE item_id = 'i3'", "its items hash to"),
        ("UPDATE items SET cluster = 'c' WHERE item_id = 'i0'", "differ from its payload"),
        ("UPDATE items SET lengths = '{}' WHERE item_id = 'i0'", "differ from its payload"),
        ("UPDATE items SET payload = '{' WHERE item_id = 'i0'", "a stored value is no JSON"),
        ("UPDATE items SET payload = '{}' WHERE item_id = 'i0'", "its payload lacks 'item_id'"),
        ("UPDATE verdicts SET label = NULL WHERE verdict_id = 1", "status ok without a label"),
        (
            "UPDATE verdicts SET label = 'a' WHERE verdict_id = 2",
            "verdict 2: status failed with a label",
        ),
        ("UPDATE verdicts SET status = 'fine' WHERE verdict_id = 3", "'fine' is no status"),
        ("UPDATE verdicts SET call_id = 2 WHERE verdict_id = 1", "answers another question"),
        ("UPDATE verdicts SET call_id = 99 WHERE verdict_id = 1", "which is not one of its own"),
        ("UPDATE verdicts SET reused = false WHERE reused", "which is not one of its own"),
        ("UPDATE verdicts SET call_ids = '[1' WHERE verdict_id = 1", "a stored value is no JSON"),
        ("DELETE FROM calls WHERE call_id = 1", "call 1, which is not there"),
        ("DELETE FROM trials WHERE run_id = 'r2'", "its trial is not there"),
        ("UPDATE calls SET text = NULL WHERE call_id = 1", "call 1: part of its completion"),
    ],
)
def test_a_planted_corruption_is_found(
    filled: Store, sql: Callable[..., list[Any]], change: str, problem: str
) -> None:
    sql(change)
    found = filled.verify()
    assert any(problem in line for line in found), found


def test_a_damaged_sqlite_file_is_found(tmp_path: Path) -> None:
    place = tmp_path / "store.db"
    with open_store(str(place)) as store:
        start(store)
        store.append(RUN_ID, [judgment()])
    with closing(sqlite3.connect(place)) as file:
        (size,) = file.execute("PRAGMA page_size").fetchone()
        query = "SELECT rootpage FROM sqlite_schema WHERE name = 'calls_of_content'"
        (page,) = file.execute(query).fetchone()
    content = bytearray(place.read_bytes())
    at = content.index(b"sha256:", (page - 1) * size)
    content[at : at + 6] = b"sha512"
    place.write_bytes(content)
    with open_store(str(place)) as store:
        assert any(line.startswith("file: ") for line in store.verify())
