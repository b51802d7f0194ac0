"""Which ways to tell items apart a report has: what was asked for with --slice, else the usual ones.

A run's items and a table recorded elsewhere both become columns of values by item here, and nothing
after this knows where they came from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from judge.errors import InputError
from judge.stats.slices import (
    MOST_CATEGORIES,
    Slice,
    by_length,
    by_value,
    is_absent,
    is_plain,
    tells_apart,
)
from judge.table import VerdictTable, columns
from judge.types import Item

CATEGORY, LENGTH, NONE = "category", "prompt_length", "none"
USUAL = (CATEGORY, LENGTH)

ByItem = Mapping[str, Any]  # item id -> value


@dataclass(frozen=True, slots=True)
class Chosen:
    """Ways to tell the items of a report apart, and why some that were asked for are not among them."""

    slices: tuple[Slice, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """What the items can be told apart by. names: known names; read: name -> the items' values."""

    names: tuple[str, ...]
    read: Callable[[str], ByItem]
    item_ids: frozenset[str] = field(default=frozenset())


def chosen(asked: Sequence[str], known: Columns) -> Chosen:
    """The slices of a report. asked: as with --slice, empty for the usual ones.

    Raises InputError for a column that is not there, or whose values cannot be slices.
    """
    names = list(dict.fromkeys(asked))
    if NONE in names and len(names) > 1:
        raise InputError(f"--slice {NONE} means no slices; leave it or the others out")
    if not names:
        return _usual(known)
    made = [_slice(name, known) for name in names if name != NONE]
    kept = tuple(s for s in made if tells_apart(s, known.item_ids))
    return Chosen(kept, tuple(_useless(s) for s in made if s not in kept))


def _usual(known: Columns) -> Chosen:
    """The usual slices; one that cannot be made is no error, since nobody asked for it."""
    made, warnings = [], []
    for name in USUAL:
        try:
            made += [_slice(name, known)] if name in known.names else []
        except InputError as error:
            warnings.append(f"no slices by {name}: {error}; `--slice {NONE}` asks for none")
    kept = (s for s in made if tells_apart(s, known.item_ids) and _is_usual(s))
    return Chosen(tuple(kept), tuple(warnings))


def _is_usual(found: Slice) -> bool:
    return found.name != CATEGORY or 2 <= len(found.values) <= MOST_CATEGORIES


def _slice(name: str, known: Columns) -> Slice:
    if name not in known.names:
        there = ", ".join(known.names) or "nothing: their rows have no such columns"
        raise InputError(f"--slice {name}: no such column; the items can be told apart by {there}")
    values = known.read(name)
    return by_length(name, values) if name == LENGTH else by_value(name, values)


def _useless(found: Slice) -> str:
    why = found.note if not found.values else "every item has the same value"
    return f"--slice {found.name}: the items are not told apart by it: {why}"


# -- where values come from ----------------------------------------------------------------------


def of_items(items: Iterable[Item]) -> Columns:
    """What a run's items can be told apart by: category, the prompt's length, and their metadata.

    A column that only some systems' files have counts as the item's where they do not contradict.
    """
    read: dict[str, dict[str, Any]] = {CATEGORY: {}, LENGTH: {}}
    contradicted, item_ids = {NONE}, []
    for item in items:
        item_ids.append(item.item_id)
        for name, value in _facts(item):
            if is_plain(value) and not is_absent(value):
                known = read.setdefault(name, {}).setdefault(item.item_id, value)
                contradicted |= set() if known == value else {name}
    there = {name: v for name, v in read.items() if v and name not in contradicted}
    return Columns(tuple(there), there.__getitem__, frozenset(item_ids))


def _facts(item: Item) -> Iterator[tuple[str, Any]]:
    """Name and value of what is known of an item; ours come first and hide columns of their names."""
    yield CATEGORY, item.category
    yield LENGTH, float(item.prompt_length)
    systems = {response.system for response in item.responses}
    for name, value in item.metadata.items():
        own = value.items() if name in systems and isinstance(value, Mapping) else [(name, value)]
        yield from ((column, v) for column, v in own if column not in (CATEGORY, LENGTH))


def of_table(table: VerdictTable) -> Columns:
    """What a verdict table's items can be told apart by: the same, from columns that are not ours."""
    frame = table.frame
    ours = set(columns(table.mode))
    there = [str(name) for name in frame.columns if name not in ours and name != NONE]
    if bool((frame["category"] != "").any()):
        there.insert(0, CATEGORY)
    if bool(frame["len_prompt"].notna().any()):
        there.insert(0, LENGTH)
    item_ids = frozenset(str(name) for name in frame["item_id"].unique())
    return Columns(tuple(sorted(there)), lambda name: _by_item(frame, name), item_ids)


def _by_item(frame: pd.DataFrame, name: str) -> ByItem:
    """Item id -> the value that its rows have. Raises InputError where they have several."""
    found: dict[str, Any] = {}
    column = frame["len_prompt" if name == LENGTH else name].astype(object)
    for item_id, value in zip(frame["item_id"].astype(object), column, strict=True):
        if is_absent(value):
            continue
        if found.setdefault(item_id, value) != value:
            raise InputError(
                f"--slice {name}: item {item_id!r} has several values there; slices tell items "
                "apart, so that each needs one value"
            )
    return found
