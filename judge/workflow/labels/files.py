"""The files of a draw: what raters fill in, and the key that they never see.

Texts come from models and from the web, and a spreadsheet runs a cell that begins like a formula: such
cells get an apostrophe in front, which reading takes away again.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from judge.csv_rows import guarded, restored
from judge.errors import InputError, short
from judge.json_values import file_value
from judge.labels.key import Key, parse_key
from judge.records import rows
from judge.report.words import clean_lines
from judge.toml_files import read_text
from judge.workflow.whole_files import replaced

KINDS = (".csv", ".jsonl")
KEY = ".key.json"


def rater_path(out: Path, rater: str) -> Path:
    """A rater's file; the very path where no rater is named."""
    safe = re.sub(r"[^\w.-]", "_", rater)
    return out.with_name(f"{out.stem}-{safe}{out.suffix}") if rater else out


def key_path(out: Path) -> Path:
    """The key of a draw, beside its files."""
    return out.with_name(f"{out.stem}{KEY}")


def check_out(out: Path, raters: Sequence[str]) -> None:
    """Raises InputError where a file cannot be written, or stands there already."""
    if out.suffix.lower() not in KINDS:
        raise InputError(f"--out {out}: name a {' or a '.join(KINDS)} file for the raters")
    paths = [key_path(out), *(rater_path(out, rater) for rater in raters or [""])]
    if len(set(paths)) < len(paths):
        raise InputError(f"--raters {','.join(raters)}: two of them have the same file; rename one")
    there = next((path for path in paths if os.path.lexists(path)), None)
    if there is not None:
        raise InputError(
            f"{there}: is there already, and may hold what people wrote; choose another --out"
        )


def text_of(made: Iterable[Mapping[str, str]], columns: Sequence[str], kind: str) -> str:
    """The rows of a rater's file."""
    safe = [{name: clean_lines(row[name]) for name in columns} for row in made]
    if kind == ".jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in safe)
    text = StringIO(newline="")
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows({name: guarded(value) for name, value in row.items()} for row in safe)
    return text.getvalue()


def put(texts: Mapping[Path, str]) -> None:
    """All of these files or none. Raises InputError where one cannot be written."""
    done: list[Path] = []
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            # With a byte order mark: without it spreadsheets take the file for another encoding.
            encoding = "utf-8-sig" if path.suffix.lower() == ".csv" else "utf-8"
            replaced(path, text, encoding=encoding, errors="surrogatepass")
            done.append(path)
    except OSError as error:
        for path in done:
            with suppress(OSError):
                path.unlink()
        raise InputError(
            f"{path}: cannot be written: {error.strerror or error}; choose another place"
        ) from error


def key_text(key: Key) -> str:
    return json.dumps(key.model_dump(mode="json"), indent=1) + "\n"


def read_key(path: Path) -> Key:
    """The key of a draw. Raises InputError for what is none, or was edited."""
    value: Any = file_value(read_text(path), str(path), "name the .key.json of the draw")
    if not isinstance(value, dict):
        raise InputError(f"{path}: is no key of a draw; name its .key.json")
    return parse_key(value, str(path))


@dataclass(frozen=True, slots=True)
class Written:
    """One row of a rater's file: where it stands, its id, and the label, "" where there is none."""

    where: str
    row_id: str
    label: str


def read_written(path: Path) -> list[Written]:
    """The rows of a rater's file. Raises InputError for a file that is none."""
    if path.suffix.lower() not in KINDS:
        raise InputError(f"{path}: a rater's file ends in {' or '.join(KINDS)}")
    found = list(_written(path))
    if not found:
        raise InputError(f"{path}: holds no rows; name the file that a rater filled in")
    return found


def _written(path: Path) -> Iterator[Written]:
    for number, row in rows(path):
        where = f"{path}, row {number}"
        lacking = [name for name in ("row_id", "label") if name not in row]
        if lacking:
            raise InputError(
                f"{where}: there is no column `{lacking[0]}`, so this is no file of a draw; save the one "
                "that `judge labels draw` wrote as CSV with commas"
            )
        if any(value not in (None, "") for value in row.values()):
            yield Written(where, _cell(row["row_id"], where), _cell(row["label"], where))


def _cell(value: Any, where: str) -> str:
    if isinstance(value, str):
        return restored(value).strip()
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{where}, field `label`: {short(value)} is no label; write text")
    return f"{value:g}"
