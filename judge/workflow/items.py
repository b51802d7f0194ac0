"""Checks a set of items against what can go wrong with it, and against its lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from judge import items_lock
from judge.errors import InputError
from judge.items_check import ItemsReport, checked
from judge.items_lock import LOCK, Drift, Lock
from judge.pairing import ResponseSet
from judge.records import read_responses
from judge.toml_files import read_text
from judge.workflow.options import Options
from judge.workflow.whole_files import replaced

FIRST_REASON = "first lock"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check came to. lock: None where the items are not locked; drift: from the lock."""

    report: ItemsReport
    mappings: tuple[str, ...]
    lock_path: Path
    lock: Lock | None
    drift: Drift | None

    @property
    def holds(self) -> bool:
        """False where the items are not what their lock says."""
        return not self.drift


@dataclass(frozen=True, slots=True)
class Locked:
    """What locking came to. drift: what the new line records, empty where nothing had changed."""

    path: Path
    count: int
    items_hash: str
    drift: Drift
    is_first: bool


def check(paths: Sequence[Path], options: Options, lock_path: Path | None = None) -> Checked:
    """The quality of the items of these files, and whether they are what their lock says.

    lock_path: default items.lock beside the first file. Raises InputError where one was named that is
    not there, or cannot be read.
    """
    responses = _read(paths, options)
    place = lock_path or paths[0].parent / LOCK
    lock = _lock(place, is_needed=lock_path is not None)
    now = items_lock.prints(responses.items)
    return Checked(
        report=checked(responses.items, responses.systems, responses.warnings),
        mappings=responses.mappings,
        lock_path=place,
        lock=lock,
        drift=items_lock.drift(lock.items, now) if lock else None,
    )


def lock(
    paths: Sequence[Path],
    options: Options,
    lock_path: Path | None = None,
    *,
    reason: str | None,
    now: datetime,
) -> Locked:
    """Freezes the items of these files: adds a line to their lock where they differ from it.

    reason: why they changed; only the first lock can do without. Raises InputError without one, and
    then nothing is written.
    """
    responses = _read(paths, options)
    place = lock_path or paths[0].parent / LOCK
    earlier = _lock(place, is_needed=False)
    found = items_lock.prints(responses.items)
    apart = items_lock.drift(earlier.items if earlier else {}, found)
    said = " ".join((reason or "").split())
    if earlier and apart and not said:
        raise InputError(
            f"{place}: the items are not those that were locked: {'; '.join(apart.sentences())}; "
            'say why with --reason "..."'
        )
    if apart:
        line = items_lock.line(
            earlier,
            found,
            locked_at=now.isoformat(timespec="seconds"),
            reason=said or FIRST_REASON,
        )
        before = read_text(place).rstrip("\n") + "\n" if earlier else ""
        _replace(place, f"{before}{line}\n")
    return Locked(place, len(found), items_lock.set_hash(found), apart, earlier is None)


def _read(paths: Sequence[Path], options: Options) -> ResponseSet:
    return read_responses(
        paths, format=options.format, beside=options.beside, columns=options.columns
    )


def _lock(path: Path, *, is_needed: bool) -> Lock | None:
    if not is_needed and not path.exists():
        return None
    return items_lock.read(read_text(path), str(path))


def _replace(path: Path, text: str) -> None:
    try:
        replaced(path, text)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written: {error.strerror or error}; choose another --lock"
        ) from error
