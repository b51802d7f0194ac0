"""Small runs' tables for the tests of what moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from judge.diff.moves import Side
from judge.table import from_rows

Row = dict[str, Any]
LABELS = {"w": "a", "l": "b", "t": "tie", "-": None}


def pairs(labels: str, system: str = "new", **fields: Any) -> Iterator[Row]:
    """A row per letter: w is won by the system, l lost, t a tie, - could not be read."""
    for item, letter in enumerate(labels):
        shared = {"item_id": f"i{item}", "system_a": system, "system_b": "base", "judge": "j"}
        yield shared | {"label": LABELS[letter], "rubric": "help@1"} | fields


def answers(scores: Sequence[float | None], system: str = "new", **fields: Any) -> Iterator[Row]:
    for item, score in enumerate(scores):
        shared = {"item_id": f"i{item}", "system": system, "judge": "j", "rubric": "help@1"}
        yield shared | {"score": score} | fields


def side(*rows: Row, **changes: Any) -> Side:
    mode = "pairwise" if "system_a" in rows[0] else "single"
    named = {row[k] for row in rows for k in ("system", "system_a", "system_b") if k in row}
    known: dict[str, Any] = {
        "table": from_rows(mode, rows),  # type: ignore[arg-type]
        "baseline": "base" if mode == "pairwise" else None,
        "families": {},
        "systems": {name: name for name in named},
        "rubrics": {},
    }
    return Side(**(known | changes))
