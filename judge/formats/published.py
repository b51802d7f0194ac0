"""What published shapes share: cells read under the source's own names, slots undone, texts measured.

Such files say less than our own tables, and each says it in its own way. Whatever is not there stays
empty and is warned about; nothing is guessed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from judge import table
from judge.errors import InputError, short
from judge.formats import Row, bad
from judge.table import VerdictTable
from judge.table_cells import to_name, to_number
from judge.types import Mode

# Order -> who won, from the slot that won: system_a stands in slot A where the order is AB.
SLOT_WINNER: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "AB": MappingProxyType({"A": "a", "B": "b", "tie": "tie"}),
        "BA": MappingProxyType({"A": "b", "B": "a", "tie": "tie"}),
    }
)

# Columns of ours that our writers add to a published shape, whose own tools look past them: without
# them a table that is read back would weigh its rows otherwise, or hide that it was simulated.
ADDED = ("cluster", "judge_families", "simulated")


@dataclass(frozen=True, slots=True)
class Cells:
    """One row of a source, whose errors name the source's own columns."""

    source: str
    row: int
    values: Mapping[str, Any]

    def read(self, name: str, convert: Callable[[Any], Any]) -> Any:
        """The converted cell. Raises InputError for one that cannot be."""
        try:
            return convert(self.values.get(name))
        except ValueError as error:
            raise bad(self.source, self.row, name, str(error)) from None

    def name(self, *columns: str) -> str:
        """The name in the first of these columns that holds anything."""
        held = next((c for c in columns if self._holds(c)), columns[0])
        return str(self.read(held, to_name))

    def optional(self, *columns: str) -> str:
        """The same, "" where all are empty."""
        return self.name(*columns) if any(map(self._holds, columns)) else ""

    def spoken(self, column: str, role: str) -> tuple[str, ...]:
        """The texts of one role in the chat of that column."""
        said: tuple[str, ...] = self.read(column, lambda messages: spoken(messages, role))
        return said

    def _holds(self, column: str) -> bool:
        return self.values.get(column) not in (None, "")

    def rest(self, mode: Mode, used: Iterable[str]) -> dict[str, Any]:
        """The plain values of the columns that were not read, and those that our writers add."""
        taken = {*used, *table.columns(mode)} - {*ADDED}
        return {k: v for k, v in self.values.items() if k not in taken and _is_plain(v)}


def cells(rows: Iterable[Row], source: str) -> Iterator[Cells]:
    """The rows as cells."""
    return (Cells(source, row, values) for row, values in rows)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)


def table_of(
    mode: Mode,
    numbered: Iterable[Row],
    source: str,
    *,
    warnings: Iterable[str] = (),
    comparable: bool = True,
) -> VerdictTable:
    """The checked table of rows of ours, each with the number of the source's row that it came from."""
    found = list(numbered)
    if not found:
        raise InputError(f"{source}: holds no rows; write at least one")
    return table.from_rows(
        mode,
        (values for _, values in found),
        source=source,
        numbers=[row for row, _ in found],
        comparable=comparable,
        warnings=tuple(warnings),
    )


def one_of(known: Mapping[str, Any]) -> Callable[[Any], Any]:
    """The converter that looks a text up. Raises ValueError for one that is not there."""

    def convert(value: Any) -> Any:
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"{short(value)} is not one of {', '.join(known)}")
        return known[value]

    return convert


def inner(values: Any, *path: str) -> Any:
    """What stands at that path of names, None where any of them is not there."""
    for name in path:
        values = values.get(name) if isinstance(values, Mapping) else None
    return values


def coded(value: Any) -> str:
    """A value of a coding as it would stand in a text file: 1, 1.0, "1" and "1.0" are all `1`."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip().removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Places:
    """Tells apart the answers to one prompt, where a source names its items by their prompts alone."""

    _known: dict[tuple[str, ...], dict[tuple[str | None, ...], int]] = field(default_factory=dict)

    def item(self, prompt: str, systems: Iterable[str], texts: tuple[str | None, ...]) -> str:
        """The prompt's hash; further texts of the same systems are numbered items of their own."""
        known = self._known.setdefault((prompt, *systems), {})
        place = known.setdefault(texts, len(known) + 1)
        return prompt if place == 1 else f"{prompt}-{place}"


def to_whole(value: Any) -> int | None:
    """A whole number, None where absent."""
    number = to_number(value)
    if math.isnan(number):
        return None
    if number != int(number):
        raise ValueError(f"{short(value)} is not a whole number")
    return int(number)


# -- texts ---------------------------------------------------------------------------------------


def text_of(content: Any) -> str:
    """The text of a turn or message: a text, {"content": ...}, {"answer": ...} or a list of parts.

    Parts without text, such as images, are passed over.
    """
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        inner = next((content[k] for k in ("content", "answer", "text") if k in content), None)
        if inner is not None:
            return text_of(inner)
    if isinstance(content, list):
        texts = [part for part in content if isinstance(part, str) or _has_text(part)]
        return "\n".join(map(text_of, texts))
    raise ValueError(f"{short(content)} is no text; write a text, or messages with texts")


def _has_text(part: Any) -> bool:
    return isinstance(part, Mapping) and isinstance(part.get("text"), str)


def spoken(messages: Any, role: str) -> tuple[str, ...]:
    """The texts of one role, in their order; messages may stand in a cell as JSON."""
    found = _listed(messages)
    if not all(isinstance(message, Mapping) for message in found):
        raise ValueError("holds something that is no message; write role and content")
    return tuple(text_of(m.get("content")) for m in found if m.get("role") == role)


def turns_of(value: Any) -> tuple[str, ...]:
    """The turns of a list of texts, or of objects that hold them."""
    return tuple(map(text_of, _listed(value)))


def _listed(value: Any) -> list[Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError(f"{short(value)} is no JSON list; write the list in JSON") from None
    if not isinstance(value, list):
        raise ValueError(f"{short(value)} is no list")
    return value


# -- writing -------------------------------------------------------------------------------------


def one_way(verdicts: VerdictTable) -> VerdictTable:
    """The table with every pair written the way in which it first stands."""
    systems = [verdicts.frame[name].astype(str) for name in ("system_a", "system_b")]
    first: dict[frozenset[str], tuple[str, str]] = {}
    pairs = list(zip(*systems, strict=True))
    is_turned = [first.setdefault(frozenset(pair), pair) != pair for pair in pairs]
    return table.turned(verdicts, np.array(is_turned, dtype=bool))


def check_pairwise(verdicts: VerdictTable, name: str) -> None:
    """Raises InputError for a table that is not of pairs, and for one without rows."""
    if verdicts.mode != "pairwise" or verdicts.frame.empty:
        raise InputError(f"{name} holds verdicts on pairs, and there are none; export verdicts")


def added(row: Mapping[str, Any], is_clustered: bool) -> dict[str, Any]:
    """The columns that are written beside the shape's own, where they say anything.

    is_clustered: whether the clusters differ from what a reader would take for them by itself.
    """
    found = {name: row[name] for name in ADDED if row.get(name)}
    if not is_clustered:
        found.pop("cluster", None)
    return found
