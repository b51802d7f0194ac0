"""Opens files of responses, verdicts and labels, and gives their rows to a format.

Files come from elsewhere and may hold anything: whatever cannot be read is an InputError that names
file, row, field and what to do.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, cast

from judge import archives, registry
from judge.csv_rows import csv_rows, restored
from judge.errors import InputError
from judge.formats import AS_NAMED, Answers, Format, Row, Rows, bad, check_distinct
from judge.json_values import decoded, document_value, file_value, line_value
from judge.pairing import ResponseSet, paired
from judge.regular_files import check_file, check_text
from judge.types import HumanLabel

if TYPE_CHECKING:
    from judge.table import VerdictTable

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
    _check_different(paths)
    files = [_read(format, "responses", path, beside, columns) for path in paths]
    return paired(cast("list[Answers]", files), columns=columns)


def _check_different(paths: Sequence[Path]) -> None:
    seen: dict[Path, Path] = {}
    for path in paths:
        check_file(path)
        earlier = seen.setdefault(path.resolve(), path)
        if earlier is not path:
            other = "" if str(earlier) == str(path) else f", as {earlier} too"
            raise InputError(f"{path}: is named twice{other}; name files of different systems")


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
    paths = {role: path, **beside}
    files = {name: _rows(file, name, loaded.whole) for name, file in paths.items()}
    return loaded.reads[role](files, columns=columns)


def _rows(path: Path, role: str, whole: bool) -> Rows:
    numbered = rows(path, whole=whole)
    if path.suffix.lower() == ".csv":
        numbered = _with_blanks(numbered) if role == "responses" else _restored(numbered)
    return Rows(source=str(path), stem=path.stem, rows=numbered)


# -- rows ----------------------------------------------------------------------------------------


def _with_blanks(numbered: Iterable[Row]) -> Iterator[Row]:
    """The rows, an empty cell being "": a system may have answered nothing at all."""
    for number, row in numbered:
        yield number, {k: "" if v is None else v for k, v in row.items()}


def _restored(numbered: Iterable[Row]) -> Iterator[Row]:
    """The rows of a table as they were before `judge export` guarded their cells. Texts of systems are
    taken as they stand."""
    for number, row in numbered:
        yield number, {k: restored(v) if v else v for k, v in row.items()}


def rows(path: Path, *, whole: bool = False) -> Iterator[Row]:
    """The numbered rows of a file, streamed where its kind allows. An empty cell of a CSV is None.

    A row's number is its line in JSONL, its row in a spreadsheet (the header is 1) in CSV, and its
    place from 1 on in JSON and Parquet. whole: an object of JSON, or an archive of JSON members, is
    one row. Raises InputError.
    """
    readers = _WHOLE_READERS if whole else _READERS
    read = readers.get(path.suffix.lower())
    check_file(path)
    if read is None:
        raise InputError(
            f"{path}: files that end in {path.suffix or 'no extension'} are not read; write "
            f"{', '.join(readers)}{_REMEDIES.get(path.suffix.lower(), '')}"
        )
    try:
        if read in _OF_TEXT:
            check_text(path)
        yield from read(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error


def _jsonl(path: Path) -> Iterator[Row]:
    with path.open("rb") as lines:  # as bytes: only \n ends a line, and a bad byte has its line
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            text = decoded(line, f"{path}, row {number}", "utf-8-sig" if number == 1 else "utf-8")
            value = line_value(text, f"{path}, row {number}", number)
            yield number, _object(value, path, number)


def _json_list(path: Path) -> Iterator[Row]:
    text = decoded(path.read_bytes(), str(path), "utf-8-sig")
    value = file_value(text, str(path), "if each of its lines is an object, name it .jsonl")
    if isinstance(value, dict):
        lists = [f"the list under `{k}`" for k, v in value.items() if isinstance(v, list)]
        remedy = f"write {' or '.join(lists)} alone" if lists else "put [ ] around it"
        raise InputError(f"{path}: holds one object, not a list of objects; {remedy}")
    if not isinstance(value, list):
        raise InputError(f"{path}: holds no list of objects; write [{{...}}, {{...}}]")
    for number, row in enumerate(value, 1):
        yield number, _object(row, path, number)


def _parquet(path: Path) -> Iterator[Row]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise InputError(f"{path}: Parquet needs pyarrow: pip install 'judge[parquet]'") from error
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            check_distinct(file.schema_arrow.names, str(path))
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


def _document(path: Path) -> Iterator[Row]:
    value = _member(path.read_bytes(), str(path))
    listed = value if isinstance(value, list) else [value]
    for number, row in enumerate(listed, 1):
        yield number, _object(row, path, number)


def _member(data: bytes, where: str) -> Any:
    return document_value(decoded(data, where, "utf-8-sig"), where)


def _archive(path: Path) -> Iterator[Row]:
    yield 1, archives.document(path, str(path), _member)


_READERS = {".jsonl": _jsonl, ".json": _json_list, ".csv": csv_rows, ".parquet": _parquet}
_WHOLE_READERS = {**_READERS, ".json": _document, ".eval": _archive, ".zip": _archive}
_OF_TEXT = (_jsonl, _json_list, csv_rows, _document)

_WORKBOOK = "; save the sheet as CSV"
_REMEDIES = {
    ".xlsx": _WORKBOOK,
    ".xls": _WORKBOOK,
    ".ods": _WORKBOOK,
    ".tsv": "; save it as CSV, with commas between cells",
    ".gz": "; unpack it first (gunzip)",
    ".zst": "; unpack it first (unzstd)",
}


def _object(value: Any, path: Path, number: int) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise InputError(
        f"{path}, row {number}: is {type(value).__name__}, not an object; a row is "
        '{"field": value, ...}; a file that is one JSON list is named .json'
    )
