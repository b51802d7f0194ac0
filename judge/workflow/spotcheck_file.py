"""The file of a spot check: a table that a person fills in with a spreadsheet.

Texts come from models and from the web, and a spreadsheet runs a cell that begins like a formula. Such
cells get an apostrophe in front, which reading takes away again.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from judge import records
from judge.errors import InputError, short
from judge.report.words import clean_lines
from judge.spotcheck import MARKS
from judge.workflow.whole_files import replaced

COLUMNS = (
    "spot_id",
    "item_id",
    "judge",
    "rubric",
    "order",
    "shown_first",
    "verdict",
    "explanation",
    "prompt",
    "response_shown_first",
    "response_shown_second",
    "mark",
    "note",
)

# What makes a cell a formula in one spreadsheet or another; the apostrophe, so that it can be undone.
_RISKY = tuple("=+-@\t\r\n＝＋－＠'")
_SPOT = re.compile(r"(\d+)of(\d+)-([0-9a-f]{12})")


def guarded(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_RISKY) else text


def unguarded(cell: str) -> str:
    """The text of a guarded cell."""
    return cell[1:] if cell.startswith("'") else cell


def write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Puts the rows in the file, whole or not at all. Raises InputError where that is not possible."""
    text = StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows({k: guarded(clean_lines(v)) for k, v in row.items()} for row in rows)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # With a byte order mark: without it spreadsheets take the file for another encoding.
        replaced(path, text.getvalue(), encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class Marked:
    """One row of a file: where it stands, which judgment it is, and what the person wrote.

    n: how many were drawn with it; fragment: of its trial's id.
    """

    where: str
    spot_id: str
    n: int
    fragment: str
    mark: str
    note: str


def read(path: Path) -> list[Marked]:
    """The rows of a spot check. Raises InputError that names file, row and field."""
    found = list(_rows(path))
    first: dict[str, str] = {}
    for marked in found:
        if marked.fragment in first:
            raise InputError(
                f"{marked.where}: {marked.spot_id} stands above as well ({first[marked.fragment]}); "
                "keep one"
            )
        first[marked.fragment] = marked.where
    return found


def _rows(path: Path) -> Iterator[Marked]:
    if path.suffix.lower() != ".csv":
        raise InputError(f"{path}: a spot check is a .csv file")
    for number, row in records.rows(path):
        where = f"{path}, row {number}"
        lacking = [name for name in ("spot_id", "mark") if name not in row]
        if lacking:
            raise InputError(
                f"{where}: there is no column `{lacking[0]}`, so this is no spot check; save the one "
                "that `judge spotcheck` wrote as CSV with commas"
            )
        if any(row.values()):
            yield _marked(row, where)


def _marked(row: Mapping[str, str | None], where: str) -> Marked:
    spot_id, mark, note = (
        unguarded(row.get(name) or "").strip() for name in ("spot_id", "mark", "note")
    )
    known = _SPOT.fullmatch(spot_id)
    if known is None:
        raise InputError(f"{where}: spot_id {short(spot_id)} is unknown; restore the column")
    if mark.casefold() not in ("", *MARKS):
        raise InputError(
            f"{where}: mark {short(mark)} is unknown; write {', '.join(MARKS)} or leave it empty"
        )
    return Marked(where, spot_id, int(known[2]), known[3], mark.casefold(), note)


def holds_marks(rows: Iterable[Marked]) -> int:
    """How many rows a person has written in."""
    return sum(bool(row.mark or row.note) for row in rows)


def files_of(path: Path) -> list[Path]:
    """The file of that name and those that were drawn after it, in their order, as far as they exist."""
    later = re.compile(re.escape(path.stem) + r"-(\d+)" + re.escape(path.suffix))
    named = path.parent.iterdir() if path.parent.is_dir() else iter(())
    numbered = [(int(m[1]), p) for p in named if (m := later.fullmatch(p.name))]
    return [*([path] if path.exists() else []), *(p for _, p in sorted(numbered))]


def next_file(path: Path) -> Path:
    """The name for a further draw: the first that is free."""
    number = 2
    while (free := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    return free if path.exists() else path
