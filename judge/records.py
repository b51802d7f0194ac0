"""Opens files of responses, verdicts and labels, and gives their rows to a format.

Files come from elsewhere and may hold anything: whatever cannot be read is an InputError that names
file, row, field and what to do.
"""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NoReturn, cast

from judge import registry
from judge.errors import InputError
from judge.formats import AS_NAMED, Answers, Format, Row, Rows, bad
from judge.pairing import ResponseSet, paired
from judge.types import HumanLabel

if TYPE_CHECKING:
    from judge.table import VerdictTable

# A response of a long-context model passes the csv module's limit of 128 KiB; this is its largest.
_LARGEST_CELL = 2**31 - 1
_BATCH_ROWS = 1024


# Nothing stands beside the file that is read.
ALONE: Mapping[str, Path] = MappingProxyType({})


def read_responses(
    paths: Sequence[Path],
    *,
    format: str = "native",
    beside: Mapping[str, Path] = ALONE,
    columns: Mapping[str, str] = AS_NAMED,
) -> ResponseSet:
    """The items of these files, in the order of the first, with the responses of all systems.

    beside: role -> a file that the format reads together with each of them, such as questions.
    columns: field -> column, as in --map response=answer. How rows are joined: see pairing.py.
    """
    if not paths:
        raise InputError("no file of responses was named; name at least one")
    files = [_read(format, "responses", path, beside, columns) for path in paths]
    return paired(cast("list[Answers]", files), columns=columns)


def read_verdicts(
    path: Path,
    *,
    format: str = "native",
    beside: Mapping[str, Path] = ALONE,
    columns: Mapping[str, str] = AS_NAMED,
) -> VerdictTable:
    """The verdict table of a file in that format. beside: role -> file; columns: field -> column."""
    return cast("VerdictTable", _read(format, "verdicts", path, beside, columns))


def read_labels(
    path: Path,
    *,
    format: str = "native",
    beside: Mapping[str, Path] = ALONE,
    columns: Mapping[str, str] = AS_NAMED,
) -> tuple[HumanLabel, ...]:
    """The human labels of a file, one a rater and answer or pair."""
    return cast("tuple[HumanLabel, ...]", _read(format, "labels", path, beside, columns))


def reads(format: str, role: str) -> bool:
    """Whether a format has that role."""
    return role in cast("Format", registry.load("formats", format)).reads


def data_folder(kind: Literal["rubrics", "calibration", "examples"]) -> Path:
    """The folder of data that came with the package, installed or in a checkout."""
    return _data_folder(Path(__file__).resolve().parent, kind)


def _data_folder(package: Path, kind: str) -> Path:
    """The installed copy first: beside an installed package stand other people's folders."""
    for folder in (package / "data" / kind, package.parent / kind):
        if folder.is_dir():
            return folder
    raise InputError(f"the package's {kind} are not at {package}; install judge again")


def _read(
    name: str, role: str, path: Path, beside: Mapping[str, Path], columns: Mapping[str, str]
) -> Any:
    """What the format makes of the file in that role, and of those beside it."""
    loaded: Format = registry.load("formats", name)
    if role not in loaded.reads:
        raise InputError(
            f"format {name} has no {role}; it reads {', '.join(loaded.reads) or 'nothing'}"
        )
    if columns and not loaded.maps:
        raise InputError(
            f"--map is for our own tables; format {name} has the column names of its source"
        )
    for other in beside:
        if other not in loaded.beside:
            known = ", ".join(loaded.beside) or "no other file"
            raise InputError(f"--beside {other}: format {name} reads {known} beside its own")
    files = {role: _rows(path, role)} | {other: _rows(p, other) for other, p in beside.items()}
    return loaded.reads[role](files, columns=columns)


def _rows(path: Path, role: str) -> Rows:
    numbered = _with_blanks(path) if role == "responses" else rows(path)
    return Rows(source=str(path), stem=path.stem, rows=numbered)


# -- rows ----------------------------------------------------------------------------------------


def _with_blanks(path: Path) -> Iterator[Row]:
    """The rows of a file, an empty cell of a CSV being "": a system may have answered nothing at all."""
    is_csv = path.suffix.lower() == ".csv"
    for number, row in rows(path):
        yield number, {k: "" if v is None else v for k, v in row.items()} if is_csv else row


def rows(path: Path) -> Iterator[Row]:
    """The numbered rows of a file, streamed where its kind allows. An empty cell of a CSV is None.

    A row's number is its line in JSONL, its row in a spreadsheet (the header is 1) in CSV, and its
    place from 1 on in JSON and Parquet. Raises InputError.
    """
    read = _READERS.get(path.suffix.lower())
    if not path.exists():
        raise InputError(f"{path}: there is no such file; check the name and the folder")
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a file in it")
    if read is None:
        raise InputError(
            f"{path}: files that end in {path.suffix or 'no extension'} are not read; write "
            f"{', '.join(_READERS)}"
        )
    try:
        yield from read(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error


def _jsonl(path: Path) -> Iterator[Row]:
    with path.open("rb") as lines:  # as bytes: only \n ends a line, and a bad byte has its line
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            text = _decoded(line, f"{path}, row {number}", "utf-8-sig" if number == 1 else "utf-8")
            yield number, _object(_json(text, path, number), path, number)


def _json_list(path: Path) -> Iterator[Row]:
    value = _json(_decoded(path.read_bytes(), str(path), "utf-8-sig"), path, None)
    if isinstance(value, dict):
        lists = [f"the list under `{k}`" for k, v in value.items() if isinstance(v, list)]
        remedy = f"write {' or '.join(lists)} alone" if lists else "put [ ] around it"
        raise InputError(f"{path}: holds one object, not a list of objects; {remedy}")
    if not isinstance(value, list):
        raise InputError(f"{path}: holds no list of objects; write [{{...}}, {{...}}]")
    for number, row in enumerate(value, 1):
        yield number, _object(row, path, number)


def _csv(path: Path) -> Iterator[Row]:
    csv.field_size_limit(_LARGEST_CELL)
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header: list[str] = []
            for number, cells in enumerate(csv.reader(file, strict=True), 1):
                if cells and not header:
                    header = _header(cells, path)
                elif cells:
                    yield number, _cells(cells, header, path, number)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}, after row {number}: is not UTF-8; save it as UTF-8") from error
    except csv.Error as error:
        raise InputError(
            f"{path}, after row {number}: {error}; quote cells as in RFC 4180, separated by commas"
        ) from error


def _header(cells: list[str], path: Path) -> list[str]:
    # pandas leaves the name of the index column empty.
    names = [cell.strip() or f"column_{n}" for n, cell in enumerate(cells, 1)]
    _check_distinct(names, path)
    return names


def _check_distinct(names: Sequence[str], path: Path) -> None:
    twice = [name for name, n in Counter(names).items() if n > 1]
    if twice:
        raise InputError(f"{path}: has the column `{twice[0]}` twice; rename one")


def _cells(cells: list[str], header: list[str], path: Path, number: int) -> dict[str, Any]:
    if len(cells) != len(header):
        raise InputError(
            f"{path}, row {number}: has {len(cells)} cells where the header has {len(header)}; "
            "put cells that hold a comma or a line break in quotes"
        )
    return {name: cell or None for name, cell in zip(header, cells, strict=True)}


def _parquet(path: Path) -> Iterator[Row]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise InputError(f"{path}: Parquet needs pyarrow: pip install 'judge[parquet]'") from error
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            _check_distinct(file.schema_arrow.names, path)
            for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                for row in batch.to_pylist():
                    number += 1
                    yield number, {k: _plain(v, k, path, number) for k, v in row.items()}
    except ArrowException as error:
        raise InputError(f"{path}: is no sound Parquet file ({error}); write it anew") from error


def _plain(value: Any, name: str, path: Path, number: int) -> Any:
    """The value as JSON would carry it. NaN is how pandas writes that a number is absent."""
    if isinstance(value, float) and not math.isfinite(value):
        if math.isnan(value):
            return None
        raise bad(str(path), number, name, "is infinite; leave it empty where there is no number")
    if isinstance(value, dict):
        return {k: _plain(v, name, path, number) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v, name, path, number) for v in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        whole = value.is_finite() and value == value.to_integral_value()
        return int(value) if whole else _plain(float(value), name, path, number)
    if value is None or isinstance(value, str | int | float):
        return value
    raise bad(str(path), number, name, f"holds {type(value).__name__}; write text or numbers")


_READERS = {".jsonl": _jsonl, ".json": _json_list, ".csv": _csv, ".parquet": _parquet}


# -- JSON ----------------------------------------------------------------------------------------


def _decoded(data: bytes, where: str, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{where}: is not UTF-8 (byte {error.start + 1}); save it as UTF-8"
        ) from error


def _json(text: str, path: Path, number: int | None) -> Any:
    where = str(path) if number is None else f"{path}, row {number}"
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        remedy = (
            "if each of its lines is an object, name it .jsonl"
            if number is None
            else "each line holds one whole JSON object; this one may have been cut off"
        )
        raise InputError(
            f"{where}: is not JSON: {error.msg} (line {error.lineno}, character {error.colno}); {remedy}"
        ) from error
    except RecursionError as error:
        raise InputError(f"{where}: is nested too deep; write plain rows") from error
    except ValueError as error:
        raise InputError(f"{where}: {error}") from error


def _object(value: Any, path: Path, number: int) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise InputError(
        f"{path}, row {number}: is {type(value).__name__}, not an object; a row is "
        '{"field": value, ...}; a file that is one JSON list is named .json'
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, n in Counter(k for k, _ in pairs).items() if n > 1)
        raise ValueError(f"field `{twice}` stands twice in one object; keep one")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON; write null where there is no number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too large for a number")
    return number


def _whole(text: str) -> int:
    if len(text) > 300:  # longer ones pass what a float can hold, and are slow to read
        raise ValueError(f"{text[:20]}... is too large for a number")
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole
)
