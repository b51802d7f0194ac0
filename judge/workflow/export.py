"""A run's verdicts as a file that `judge analyze`, and the tools that others use, can read."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any, cast

import pandas as pd

from judge import registry
from judge.csv_rows import guarded
from judge.errors import InputError
from judge.formats import Format
from judge.report.json_text import harmless
from judge.store import Store, open_existing
from judge.types import Item
from judge.workflow.recipe import from_config
from judge.workflow.runs import found
from judge.workflow.verdicts import verdicts_of

Row = Mapping[str, Any]

_SURROGATE = re.compile("[\ud800-\udfff]")


# What users call our own table.
VERDICTS = "verdicts"


class _Items(Mapping[str, Item]):
    """A run's items, fetched when the first is asked for: most formats hold no texts."""

    def __init__(self, store: Store, run_id: str) -> None:
        self._store, self._run_id = store, run_id

    @cached_property
    def _found(self) -> dict[str, Item]:
        return {item.item_id: item for item in self._store.items(self._run_id)}

    def __getitem__(self, item_id: str) -> Item:
        return self._found[item_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def verdict_rows(run_id: str, store_at: str, format: str = VERDICTS) -> list[dict[str, Any]]:
    """The rows of a run's verdict table as that format writes them."""
    write = _writer(format).writes["verdicts"]
    with open_existing(store_at) as store:
        run = found(store, run_id)
        table = verdicts_of(store, run, from_config(run.config))
        return list(write(table, _Items(store, run.run_id)))


def _writer(name: str) -> Format:
    known = registry.names("formats")
    own = "native" if name == VERDICTS else name
    loaded = cast("Format", registry.load("formats", own)) if own in known else None
    if loaded is None or "verdicts" not in loaded.writes:
        writing = [n for n in known if "verdicts" in registry.load("formats", n).writes]
        others = ", ".join(n for n in writing if n != "native")
        raise InputError(f"--format {name}: known are {VERDICTS}, {others}")
    return loaded


def text(rows: list[dict[str, Any]], format: str = VERDICTS) -> str:
    """The rows as that format usually stands in a file."""
    return json_list(rows) if _writer(format).endings[0] == ".json" else jsonl(rows)


def jsonl(rows: Iterable[Row]) -> str:
    """One JSON object a line. Halves of surrogate pairs, which UTF-8 has no bytes for, are escaped, as
    is what could steer a terminal or pass for the end of a line."""
    return "".join(harmless(json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)


def json_list(rows: Iterable[Row]) -> str:
    """One JSON list of objects, with the same escapes."""
    return harmless(json.dumps(list(rows), ensure_ascii=False, indent=2)) + "\n"


def written(rows: list[dict[str, Any]], path: Path, format: str = VERDICTS) -> Path:
    """The path, with the rows in it in the form that its ending names."""
    endings = _writer(format).endings
    if path.suffix not in endings:
        problem = f"one of {', '.join(endings)}" if len(endings) > 1 else endings[0]
        raise InputError(f"{path}: its ending must be {problem} for --format {format}")
    texts = (value for row in rows for value in row.values() if isinstance(value, str))
    if path.suffix in (".csv", ".parquet") and any(map(_SURROGATE.search, texts)):
        raise InputError(
            f"{path}: a text holds half of a surrogate pair, which only JSON can write; use .jsonl"
        )
    temporary = path.with_name(f".{path.name}.part")
    try:
        _WRITERS[path.suffix](rows, temporary)
        return temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _write_jsonl(rows: list[dict[str, Any]], path: Path) -> None:
    path.write_text(jsonl(rows), encoding="utf-8")


def _write_json(rows: list[dict[str, Any]], path: Path) -> None:
    path.write_text(json_list(rows), encoding="utf-8")


def _write_csv(rows: list[dict[str, Any]], path: Path) -> None:
    text = StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    # A name begins with = as easily as with a letter, and a spreadsheet would run it.
    writer.writerows(
        {k: guarded(v) if isinstance(v, str) else v for k, v in r.items()} for r in rows
    )
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


def _write_parquet(rows: list[dict[str, Any]], path: Path) -> None:
    try:
        pd.DataFrame(rows).to_parquet(path)
    except ImportError as error:
        raise InputError(f"{path}: Parquet needs pyarrow: pip install 'judge[parquet]'") from error


_WRITERS = {
    ".jsonl": _write_jsonl,
    ".json": _write_json,
    ".csv": _write_csv,
    ".parquet": _write_parquet,
}
