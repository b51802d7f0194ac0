"""Reads CSV strictly (RFC 4180): a row that does not fit its header is named, never padded."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from judge.errors import InputError
from judge.formats import Row, check_distinct

# A response of a long-context model passes the csv module's limit of 128 KiB; this is its largest.
_LARGEST_CELL = 2**31 - 1

_NUL = "holds a NUL byte"
_PROBLEMS = {
    _NUL: f"{_NUL}, as a damaged file does; write the file anew",
    "unexpected end of data": (
        "opens a quote that is never closed; close it, or double a quote that is meant as text"
    ),
}
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


# A cell that begins so is run as a formula by one spreadsheet or another.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def guarded(text: str) -> str:
    """The text as a cell that no spreadsheet runs: with an apostrophe before what could be a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def restored(cell: str) -> str:
    """The text of a guarded cell. Only an apostrophe before a formula is ours, so others stay."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def csv_rows(path: Path) -> Iterator[Row]:
    """The numbered rows of a CSV file, the header being row 1. An empty cell is None."""
    csv.field_size_limit(_LARGEST_CELL)
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header: list[str] = []
            for number, cells in enumerate(csv.reader(_sound(file), strict=True), 1):
                if cells and not header:
                    header = _header(cells, path)
                elif cells:
                    yield number, _cells(cells, header, path, number)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}, row {_undecodable(path)}: is not UTF-8; save it as UTF-8"
        ) from error
    except csv.Error as error:
        problem = _PROBLEMS.get(str(error), f"{error}; quote cells as in RFC 4180")
        raise InputError(f"{path}, row {number + 1}: {problem}") from error


def _sound(lines: Iterable[str]) -> Iterator[str]:
    """The lines. Raises csv.Error at one with a NUL, which the reader would keep."""
    for line in lines:
        if "\0" in line:
            raise csv.Error(_NUL)
        yield line


def _undecodable(path: Path) -> int:
    """The first row that is not UTF-8: the decoder reads ahead of the rows."""
    number = 0
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        for number, cells in enumerate(csv.reader(file), 1):  # noqa: B007
            if not all(map(_is_utf_8, cells)):
                break
    return number


def _is_utf_8(cell: str) -> bool:
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True


def _header(cells: list[str], path: Path) -> list[str]:
    for separator, name in _SEPARATORS.items():
        if len(cells) == 1 and separator in cells[0]:
            raise InputError(
                f"{path}: its header looks separated by {name}; save it with commas between cells"
            )
    # pandas leaves the name of the index column empty.
    names = [cell.strip() or f"column_{n}" for n, cell in enumerate(cells, 1)]
    check_distinct(names, str(path))
    return names


def _cells(cells: list[str], header: list[str], path: Path, number: int) -> dict[str, Any]:
    if len(cells) != len(header):
        raise InputError(
            f"{path}, row {number}: has {len(cells)} cells where the header has {len(header)}; "
            "put cells that hold a comma or a line break in quotes"
        )
    return {name: cell or None for name, cell in zip(header, cells, strict=True)}
