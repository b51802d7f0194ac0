"""A run's verdicts as a file that `judge analyze`, and anybody else, can read."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from judge import registry
from judge.errors import InputError
from judge.store import open_store
from judge.workflow.recipe import from_config
from judge.workflow.runs import found
from judge.workflow.verdicts import verdicts_of

Row = Mapping[str, Any]

_SURROGATE = re.compile("[\ud800-\udfff]")


def verdict_rows(run_id: str, store_at: str) -> list[dict[str, Any]]:
    """The rows of a run's verdict table in the native format."""
    with open_store(store_at) as store:
        run = found(store, run_id)
        table = verdicts_of(store, run, from_config(run.config))
    return list(registry.load("formats", "native").writes["verdicts"](table))


def jsonl(rows: Iterable[Row]) -> str:
    """One JSON object a line. Halves of surrogate pairs, which UTF-8 has no bytes for, are escaped."""
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    return "".join(_SURROGATE.sub(lambda m: f"\\u{ord(m[0]):04x}", line) + "\n" for line in lines)


def written(rows: list[dict[str, Any]], path: Path) -> Path:
    """The path, with the rows in it in the form that its ending names."""
    writers = {".jsonl": _write_jsonl, ".csv": _write_csv, ".parquet": _write_parquet}
    if path.suffix not in writers:
        raise InputError(f"{path}: its ending must be one of {', '.join(writers)}")
    texts = (value for row in rows for value in row.values() if isinstance(value, str))
    if path.suffix != ".jsonl" and any(map(_SURROGATE.search, texts)):
        raise InputError(
            f"{path}: a text holds half of a surrogate pair, which only JSON can write; use .jsonl"
        )
    temporary = path.with_name(f".{path.name}.part")
    try:
        writers[path.suffix](rows, temporary)
        return temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _write_jsonl(rows: list[dict[str, Any]], path: Path) -> None:
    path.write_text(jsonl(rows), encoding="utf-8")


def _write_csv(rows: list[dict[str, Any]], path: Path) -> None:
    text = StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


def _write_parquet(rows: list[dict[str, Any]], path: Path) -> None:
    try:
        pd.DataFrame(rows).to_parquet(path)
    except ImportError as error:
        raise InputError(f"{path}: Parquet needs pyarrow: pip install 'judge[parquet]'") from error
