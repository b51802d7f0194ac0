"""Our own files: responses and verdict tables as the README describes them, with the labels beside.

Rows may come from JSON or from CSV, where everything is text; both must read the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from typing import Any

from judge import table
from judge.errors import InputError, short
from judge.formats import (
    AS_NAMED,
    Answer,
    Answers,
    ColumnMap,
    Files,
    Format,
    Row,
    bad,
    check_map,
    listed,
    name_or_none,
    renamed,
    text_or_none,
)
from judge.formats.native_labels import labels
from judge.names import check_name
from judge.table import VerdictTable
from judge.types import HumanLabel, Item

# Field -> the columns that it is taken from, the first that is there. `turns` is the prompt's only
# where no other prompt column stands beside it.
RESPONSE_FIELDS: dict[str, tuple[str, ...]] = {
    "response": ("response", "output", "answer", "turns"),
    "prompt": ("prompt", "instruction", "question", "input", "messages", "turns"),
    "item_id": ("item_id",),
    "system": ("system",),
    "reference": ("reference",),
    "category": ("category",),
    "cluster": ("cluster",),
}
VERDICT_FIELDS = tuple(dict.fromkeys((*table.columns("pairwise"), *table.columns("single"))))

# -- responses -----------------------------------------------------------------------------------


def responses(
    rows: Iterable[Row], *, source: str, system: str, columns: Mapping[str, str] = AS_NAMED
) -> Answers:
    """The rows of one file, checked.

    system: the name where a row gives none. columns: field -> column, before the usual names; where
    the file has no such column, the usual names hold. Raises InputError that names row and field.
    """
    check_map(columns, tuple(RESPONSE_FIELDS))
    _check_system(system, source)
    numbered = iter(rows)
    first = _first(numbered, source)
    chosen = _chosen(first[1], source, columns)
    seen = dict.fromkeys(first[1])
    answers = []
    for row, values in chain([first], numbered):
        seen |= dict.fromkeys(values)
        answers.append(_answer(row, values, chosen, source, system))
    mapping = {name: column for name, column in chosen.items() if column in seen}
    warnings = _ambiguities(source, chosen, seen, columns)
    return Answers(source, tuple(answers), ColumnMap(source, mapping), warnings)


def _check_system(system: str, source: str) -> None:
    try:
        check_name(system)
    except ValueError as error:
        raise InputError(f"{source!a}: system {error}") from None


def _first(rows: Iterator[Row], source: str) -> Row:
    first = next(rows, None)
    if first is None:
        raise InputError(f"{source}: holds no rows; write at least one")
    return first


def _chosen(names: Mapping[str, Any], source: str, columns: Mapping[str, str]) -> dict[str, str]:
    """Field -> column for a file whose first row has these names."""
    chosen = {name: column for name, column in columns.items() if column in names}
    for name in ("prompt", "response"):
        free = [a for a in RESPONSE_FIELDS[name] if a in names and a not in chosen.values()]
        if name not in chosen and not free:
            raise _no_column(name, names, source, columns)
        chosen.setdefault(name, free[0] if free else name)
    for name in RESPONSE_FIELDS:
        column = name if name in names else columns.get(name, name)
        if name not in chosen and column not in chosen.values():
            chosen[name] = column
    return {name: chosen[name] for name in RESPONSE_FIELDS if name in chosen}


def _no_column(
    name: str, names: Mapping[str, Any], source: str, columns: Mapping[str, str]
) -> InputError:
    if "judge" in names and {"system", "system_a"} & set(names):
        raise InputError(
            f"{source}: looks like a table of verdicts, not of responses: give it to `judge analyze`"
        )
    looked = [*([columns[name]] if name in columns else []), *RESPONSE_FIELDS[name]]
    return InputError(
        f"{source}: no column for `{name}` (looked for {', '.join(looked)}); its columns are "
        f"{listed(names)}; name the right one with --map {name}=COLUMN"
    )


def _ambiguities(
    source: str, chosen: Mapping[str, str], seen: Iterable[str], columns: Mapping[str, str]
) -> tuple[str, ...]:
    """What else could have been meant, where a column was not named as ours is."""
    names = set(seen) - set(chosen.values())
    return tuple(
        f"{source}: {name} is read from `{chosen[name]}`; `{other}` could be meant too and is kept "
        f"as metadata; --map {name}={other} would choose it"
        for name in ("prompt", "response")
        if chosen[name] not in (name, columns.get(name))
        for other in RESPONSE_FIELDS[name]
        if other in names
    )


def _answer(
    row: int, values: Mapping[str, Any], chosen: Mapping[str, str], source: str, system: str
) -> Answer:
    def read(name: str, convert: Callable[[Any], Any]) -> Any:
        if name not in chosen:
            return None
        column = chosen[name]
        label = name if column == name else f"{name}` (column `{column}"
        try:
            return convert(_listed(column, values.get(column)))
        except ValueError as error:
            raise bad(source, row, label, str(error)) from None

    if chosen["response"] not in values:
        problem = f"column `{chosen['response']}` is missing; write null where there is no response"
        raise bad(source, row, "response", problem)
    used = set(chosen.values())
    return Answer(
        source=source,
        row=row,
        system=read("system", name_or_none) or system,
        prompt=read("prompt", _prompt),
        turns=read("response", _turns_or_none),
        metadata={k: v for k, v in values.items() if k not in used and v not in (None, "")},
        **{name: read(name, name_or_none) for name in ("item_id", "category", "cluster")},
        reference=read("reference", text_or_none),
    )


def _listed(column: str, value: Any) -> Any:
    """The list that a cell of a CSV file spells in JSON, where the column is one of lists."""
    if column not in ("messages", "turns") or not isinstance(value, str):
        return value
    if not value.lstrip().startswith("["):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise ValueError("is no JSON list; write the list in JSON") from None


def _prompt(value: Any) -> tuple[str, ...]:
    turns = _turns(value)
    if not any(turn.strip() for turn in turns):
        raise ValueError("is empty; every row needs its prompt")
    return turns


def _turns_or_none(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        raise ValueError("is a list of messages; write the system's own texts only")
    return _turns(value)


def _turns(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and value:
        if all(isinstance(part, str) for part in value):
            return tuple(value)
        if all(isinstance(part, Mapping) for part in value):
            return _user_turns(value)
    if value is None or value == []:
        raise ValueError("is missing; write a text or a list of texts")
    raise ValueError(f"{short(value)} is neither a text nor a list of texts; write one of these")


def _user_turns(messages: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """One turn for each message of the user; what others said stands before it, or after the last."""
    turns: list[str] = []
    others: list[str] = []
    for message in messages:
        role, text = message.get("role"), _content(message.get("content"))
        if not isinstance(role, str) or not role:
            raise ValueError("has a message without a role; write user, system or assistant")
        if role != "user":
            others.append(f"[{role}] {text}")
            continue
        turns.append("\n".join([*others, text]))
        others = []
    if not turns:
        raise ValueError("has no message of the user; add one")
    return (*turns[:-1], "\n".join([turns[-1], *others]))


def _content(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) and content else [None]
    texts = [part.get("text") if isinstance(part, Mapping) else None for part in parts]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("has a message whose content is not text; write it as text")
    return "\n".join(str(text) for text in texts)


# -- verdicts ------------------------------------------------------------------------------------


def verdicts(
    rows: Iterable[Row], *, source: str, columns: Mapping[str, str] = AS_NAMED
) -> VerdictTable:
    """The checked verdict table of these rows. columns: field -> column."""
    found = list(renamed(rows, source, columns, VERDICT_FIELDS))
    first, values = _first(iter(found), source)
    try:
        mode = table.mode_of(values)
    except InputError as error:
        raise InputError(f"{source}: {error}; {_other_use(values)}") from None
    _check_one_mode(found, mode, source)
    if any(row != expected for (row, _), expected in zip(found, count(first), strict=False)):
        source += " (rows counted without the empty ones)"
    return table.from_rows(mode, (v for _, v in found), source=source, first_row=first)


def _other_use(names: Mapping[str, Any]) -> str:
    """What else may be done with a file that holds no verdicts."""
    if all(any(name in names for name in RESPONSE_FIELDS[f]) for f in ("prompt", "response")):
        return "it looks like a file of responses: give it to `judge compare` or `judge score`"
    return "name others with --map FIELD=COLUMN"


def _check_one_mode(rows: Sequence[Row], mode: str, source: str) -> None:
    mine, other = ("system_a", "system") if mode == "pairwise" else ("system", "system_a")
    for row, values in rows:
        if values.get(other) and not values.get(mine):
            problem = "pairs and single answers stand in one table; write them into two files"
            raise bad(source, row, other, problem)


def verdict_rows(
    verdicts: VerdictTable, items: Mapping[str, Item] | None = None
) -> Iterator[dict[str, Any]]:
    """Plain rows that read back as the same table. items: not needed, a verdict table has no texts."""
    return table.to_rows(verdicts)


def _read_responses(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> Answers:
    own = files["responses"]
    return responses(own.rows, source=own.source, system=own.stem, columns=columns)


def _read_verdicts(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> VerdictTable:
    own = files["verdicts"]
    return verdicts(own.rows, source=own.source, columns=columns)


def _read_labels(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> tuple[HumanLabel, ...]:
    own = files["labels"]
    return labels(own.rows, source=own.source, columns=columns)


FORMAT = Format(
    name="native",
    description="our own tables, as the README describes them",
    reads={"responses": _read_responses, "verdicts": _read_verdicts, "labels": _read_labels},
    writes={"verdicts": verdict_rows},
    maps=True,
    endings=(".jsonl", ".csv", ".parquet"),
)
