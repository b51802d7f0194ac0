"""What every format shares: rows in, our records out, how columns are named and a bad row is.

A format is pure: records.py opens files and hands over numbered rows; a format says what they mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from judge.errors import InputError, cut, short
from judge.names import check_name

# A row and its number: the line of a JSONL file, the row of a spreadsheet (header is 1), the place in
# a list.
Row = tuple[int, Mapping[str, Any]]

# Field -> column where the caller names none.
AS_NAMED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rows:
    """The numbered rows of one file. source: how messages name it; stem: its name without folders."""

    source: str
    stem: str
    rows: Iterable[Row]


# Role -> the file that plays it: the file that is read, and those that were named beside it.
Files = Mapping[str, Rows]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write things down.

    reads: role ("responses", "verdicts", "labels") -> read(files, columns=...), which gives Answers, a
    VerdictTable or HumanLabels. writes: role -> write(what was read, items), which gives plain rows;
    items: item_id -> Item, for shapes that hold texts. endings: of the files that are written so, the
    usual one first.
    beside: the roles of files that may stand beside the one that is read, with what each adds.
    maps: whether columns may be named otherwise; a published shape has its own names.
    whole: a file of one JSON object, or an archive of them, comes as one row: the document.
    """

    name: str
    description: str
    reads: Mapping[str, Callable[..., Any]]
    writes: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    maps: bool = False
    whole: bool = False
    endings: tuple[str, ...] = (".jsonl",)


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column of a file was taken for which field."""

    source: str
    columns: Mapping[str, str]

    @property
    def line(self) -> str:
        """One line for people: `base.jsonl: response <- output, prompt <- instruction`."""
        pairs = ", ".join(f"{name} <- {column}" for name, column in self.columns.items())
        return f"{self.source}: {pairs}"


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of a responses file: what a system wrote to a prompt.

    item_id: None where the row has none. turns: None where the system gave no response.
    """

    source: str
    row: int
    system: str
    prompt: tuple[str, ...]
    turns: tuple[str, ...] | None
    item_id: str | None = None
    reference: str | None = None
    category: str | None = None
    cluster: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def where(self) -> str:
        return f"{self.source}, row {self.row}"


@dataclass(frozen=True, slots=True)
class Answers:
    """The rows of one responses file, with what people should know about how they were read."""

    source: str
    rows: tuple[Answer, ...]
    mapping: ColumnMap
    warnings: tuple[str, ...] = ()


def bad(source: str, row: int, name: str, problem: str) -> InputError:
    """The error that names file, row and field; `problem` says what is wrong and what to do."""
    return InputError(f"{source}, row {row}, field `{name}`: {problem}")


def nearest(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """` (did you mean ...?)` for the closest known name, "" where none is close."""
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def check_map(columns: Mapping[str, str], known: tuple[str, ...]) -> None:
    """Raise InputError where a mapping names no field of ours, or one column for two fields."""
    for name in columns:
        if name not in known:
            raise InputError(
                f"--map {name}={columns[name]}: there is no field `{name}`{nearest(name, known)}; "
                f"fields: {', '.join(known)}"
            )
    if len(set(columns.values())) < len(columns):
        raise InputError("--map names one column for two fields; give each field its own column")


def renamed(
    rows: Iterable[Row], source: str, columns: Mapping[str, str], known: tuple[str, ...]
) -> Iterator[Row]:
    """The rows under our names. Raises InputError where a column that was named is in no row."""
    check_map(columns, known)
    if not columns:
        yield from rows
        return
    fields = {column: name for name, column in columns.items()}
    unseen, names = set(fields), dict[str, None]()
    for row, values in rows:
        unseen -= values.keys()
        names |= dict.fromkeys(values)
        # A column that carries our name but was mapped away from gives way to the one that was named.
        hidden = {n for n, c in columns.items() if c in values and n not in fields}
        yield row, {fields.get(k, k): v for k, v in values.items() if k not in hidden}
    if unseen:
        raise no_such_column(source, min(unseen), names)


def no_such_column(source: str, column: str, names: Iterable[str]) -> InputError:
    """The error for a --map that names a column which is not there."""
    names = tuple(map(str, names))
    return InputError(
        f"{source}: --map names the column `{column}`, which is not there{nearest(column, names)}; "
        f"columns: {listed(names)}"
    )


def listed(names: Iterable[object], most: int = 40) -> str:
    """Names in a message, those past the first few counted."""
    found = [cut(str(name)) for name in names]
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more


def check_distinct(names: Iterable[str], source: str) -> None:
    """Raise InputError where a file has a column twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(f"{source}: has the column `{cut(name)}` twice; rename one")
        seen.add(name)


def name_or_none(value: Any) -> str | None:
    """A name, None where absent or blank. Raises ValueError for one that cannot be a name."""
    name = text_or_none(value)
    if name is None or not name.strip():
        return None
    check_name(name)
    return name


def text_or_none(value: Any) -> str | None:
    """A text, None where absent; whole numbers become texts, as they would be in a CSV file."""
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"{short(value)} is not a text; write it in quotes")
    return str(value)
