"""Freezes a set of items, so that nobody finds out later that two results were of two sets.

A lock is a text file to be kept with the items. Each of its lines is one JSON object that says when and
why the set became what it is, and by which items it differs from the line before; the last line's hash
is the set's. It covers what makes an item the question that it is: id, prompt, reference and category.
Responses may change: systems are what is being tried.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from judge.errors import InputError
from judge.types import Item, canonical, digest
from judge.validation import validated

LOCK = "items.lock"
SCHEMA = "judge.items.lock/1"

# Of each part's SHA-256; the hash of the whole set is not cut.
_DIGITS = 16

# What is kept of an item: the hashes of its prompt, reference and category, None where it has none.
Print = tuple[str, str | None, str | None]
PARTS = ("prompt", "reference", "category")


class Entry(BaseModel):
    """One line of a lock. added, changed: item_id -> print; count, items_hash: of the whole set then."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str = Field(pattern=f"^{SCHEMA}$")
    locked_at: str
    reason: str
    count: int
    items_hash: str
    added: dict[str, Print] = {}
    changed: dict[str, Print] = {}
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lock:
    """The lines of a lock and the set that they come to."""

    entries: tuple[Entry, ...]
    items: Mapping[str, Print]


@dataclass(frozen=True, slots=True)
class Drift:
    """How a set differs from its lock, by item_id. changed: part -> the items in which it differs."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def sentences(self) -> list[str]:
        """What changed, one part each, with the first ids."""
        said = [("added", self.added), ("removed", self.removed)]
        said += [(f"changed in their {part}", ids) for part, ids in self.changed.items()]
        return [f"{_items(len(ids))} {how} ({_first(ids)})" for how, ids in said if ids]


def _items(number: int) -> str:
    return f"{number:,} item{'' if number == 1 else 's'}"


def _first(ids: tuple[str, ...], most: int = 3) -> str:
    return ", ".join(ids[:most]) + (", ..." if len(ids) > most else "")


# -- prints --------------------------------------------------------------------------------------


def prints(items: Iterable[Item]) -> dict[str, Print]:
    """Item id -> what is kept of it."""
    return {
        item.item_id: (
            _hash(list(item.prompt)),
            None if item.reference is None else _hash(item.reference),
            None if item.category is None else _hash(item.category),
        )
        for item in items
    }


def _hash(value: object) -> str:
    return digest(value).removeprefix("sha256:")[:_DIGITS]


def set_hash(found: Mapping[str, Print]) -> str:
    """The tagged SHA-256 of a set, whatever the order of its items."""
    return digest({name: list(parts) for name, parts in found.items()})


def drift(before: Mapping[str, Print], now: Mapping[str, Print]) -> Drift:
    """How a set differs from an earlier one."""
    both = sorted(before.keys() & now.keys())
    changed = {
        part: tuple(name for name in both if before[name][n] != now[name][n])
        for n, part in enumerate(PARTS)
    }
    return Drift(
        added=tuple(sorted(now.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - now.keys())),
        changed={part: names for part, names in changed.items() if names},
    )


# -- the file ------------------------------------------------------------------------------------


def read(text: str, source: str) -> Lock:
    """The lock of a file's text. Raises InputError for a line that was edited or does not follow."""
    entries: list[Entry] = []
    items: dict[str, Print] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{source}, line {number}"
        entry = _entry(line, where)
        items = _after(items, entry, where)
        entries.append(entry)
    if not entries:
        raise InputError(f"{source}: is empty; restore it, or delete it to lock the items anew")
    return Lock(tuple(entries), items)


def _entry(line: str, where: str) -> Entry:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise InputError(f"{where}: is not JSON; restore the file") from None
    if not isinstance(value, dict):
        raise InputError(f"{where}: is not an object; restore the file")
    return validated(Entry, value, where)


def _after(items: Mapping[str, Print], entry: Entry, where: str) -> dict[str, Print]:
    """The set after a line. Raises InputError where it does not follow from the lines before."""
    known = {*entry.removed, *entry.changed}
    kept = {name: found for name, found in items.items() if name not in entry.removed}
    now = {**kept, **entry.changed, **entry.added}
    follows = known <= items.keys() and not entry.added.keys() & items.keys()
    if not follows or len(now) != entry.count or set_hash(now) != entry.items_hash:
        raise InputError(
            f"{where}: does not follow from the lines before; the lock was edited: restore the file"
        )
    return now


def line(lock: Lock | None, now: Mapping[str, Print], *, locked_at: str, reason: str) -> str:
    """The line that locks a set, without its end. lock: None where it is the first."""
    before = lock.items if lock else {}
    apart = drift(before, now)
    changed = sorted({name for names in apart.changed.values() for name in names})
    entry = Entry(
        format=SCHEMA,
        locked_at=locked_at,
        reason=reason,
        count=len(now),
        items_hash=set_hash(now),
        added={name: now[name] for name in apart.added},
        changed={name: now[name] for name in changed},
        removed=apart.removed,
    )
    return canonical(entry.model_dump(mode="json", exclude_defaults=True))
