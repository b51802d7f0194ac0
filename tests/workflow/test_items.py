"""Checking and locking the items of files: what is written, what is refused, and nothing by halves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from judge.errors import InputError
from judge.workflow.items import Locked, check, lock
from judge.workflow.options import Options

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
OPTIONS = Options()

ROWS = [
    {"item_id": f"i{n}", "prompt": f"question {n}", "response": f"answer {n}", "category": "c"}
    for n in range(4)
]


def file(folder: Path, rows: Sequence[Mapping[str, Any]], name: str = "x.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def locked(path: Path, reason: str | None = None, place: Path | None = None) -> Locked:
    return lock([path], OPTIONS, place, reason=reason, now=NOW)


def test_a_first_lock_needs_no_reason_and_then_holds(tmp_path: Path) -> None:
    path = file(tmp_path, ROWS)
    assert check([path], OPTIONS).lock is None
    assert locked(path).is_first
    found = check([path], OPTIONS)
    assert found.lock is not None
    assert found.holds
    (entry,) = found.lock.entries
    assert (entry.locked_at, entry.reason) == ("2026-05-04T03:02:01+00:00", "first lock")
    assert {p.name for p in tmp_path.iterdir()} == {"x.jsonl", "items.lock"}


def test_responses_may_change_and_their_order_too(tmp_path: Path) -> None:
    locked(file(tmp_path, ROWS))
    others = [{**row, "response": "another", "cluster": "k"} for row in ROWS[::-1]]
    assert check([file(tmp_path, others)], OPTIONS).holds


def test_another_system_on_the_same_items_changes_no_item(tmp_path: Path) -> None:
    path = file(tmp_path, ROWS)
    locked(path)
    assert check([path, file(tmp_path, ROWS, "y.jsonl")], OPTIONS).holds


def test_a_changed_set_is_not_locked_without_a_reason_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    locked(file(tmp_path, ROWS))
    before = (tmp_path / "items.lock").read_bytes()
    changed = file(
        tmp_path, [{**ROWS[0], "prompt": "other"}, *ROWS[2:], {**ROWS[1], "item_id": "z"}]
    )
    for reason in (None, " \n"):
        with pytest.raises(InputError) as caught:
            locked(changed, reason)
        for said in ("1 item added (z)", "1 item removed (i1)", "1 item changed in their prompt"):
            assert said in str(caught.value)
    assert (tmp_path / "items.lock").read_bytes() == before
    assert not check([changed], OPTIONS).holds


def test_a_reason_adds_a_line_and_the_lock_holds_again(tmp_path: Path) -> None:
    locked(file(tmp_path, ROWS))
    first = (tmp_path / "items.lock").read_text("utf-8")
    fewer = file(tmp_path, ROWS[1:])
    done = locked(fewer, "i0 was\nambiguous")
    text = (tmp_path / "items.lock").read_text("utf-8")
    assert text.startswith(first)
    assert len(text.splitlines()) == 2
    found = check([fewer], OPTIONS)
    assert found.holds
    assert found.lock is not None
    assert found.lock.entries[-1].reason == "i0 was ambiguous"
    assert done.drift.removed == ("i0",)


def test_locking_what_is_locked_writes_nothing(tmp_path: Path) -> None:
    path = file(tmp_path, ROWS)
    locked(path)
    before = (tmp_path / "items.lock").stat()
    assert not locked(path, "for no reason").drift
    after = (tmp_path / "items.lock").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_lock_that_was_edited_is_neither_used_nor_overwritten(tmp_path: Path) -> None:
    path = file(tmp_path, ROWS)
    locked(path)
    place = tmp_path / "items.lock"
    place.write_text(place.read_text("utf-8").replace('"count":4', '"count":5'), "utf-8")
    edited = place.read_bytes()
    for use in (lambda: check([path], OPTIONS), lambda: locked(path, "again")):
        with pytest.raises(InputError, match=r"items\.lock, line 1"):
            use()
    assert place.read_bytes() == edited


def test_a_lock_that_was_named_must_be_there_to_check(tmp_path: Path) -> None:
    path = file(tmp_path, ROWS)
    with pytest.raises(InputError, match=r"gone\.lock"):
        check([path], OPTIONS, tmp_path / "gone.lock")


def test_a_lock_elsewhere_is_used_and_a_link_to_one_stays_a_link(tmp_path: Path) -> None:
    path, real = file(tmp_path, ROWS), tmp_path / "kept" / "real.lock"
    real.parent.mkdir()
    link = tmp_path / "link.lock"
    locked(path, place=real)
    link.symlink_to(real)
    locked(file(tmp_path, ROWS[1:]), "fewer", link)
    assert link.is_symlink()
    assert len(real.read_text("utf-8").splitlines()) == 2
    assert [p.name for p in real.parent.iterdir()] == ["real.lock"]


def test_a_folder_that_is_not_there_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    path = file(tmp_path, ROWS)
    with pytest.raises(InputError, match="choose another --lock"):
        locked(path, place=tmp_path / "gone" / "items.lock")
    assert [p.name for p in tmp_path.iterdir()] == ["x.jsonl"]
