"""AlpacaEval: model outputs and annotations.

generator_1 is the baseline and becomes system_b. Which output the judge saw first is decided at random
there and written nowhere, so that position bias cannot be measured from such a file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from judge.errors import InputError, short
from judge.formats import AS_NAMED, Answer, Answers, ColumnMap, Files, Format, Rows
from judge.formats.published import (
    Cells,
    Places,
    added,
    cells,
    check_pairwise,
    one_way,
    table_of,
)
from judge.pairing import prompt_id
from judge.stats.values import averages, points
from judge.table import VerdictTable, to_rows
from judge.table_cells import to_length, to_name
from judge.types import Item, Response

# Preferences that are a label; any other between 1 and 2 is a probability. 0 is an older file's draw.
_LABELS: Mapping[float, str] = {1.0: "b", 2.0: "a", 1.5: "tie", 0.0: "tie"}
_UNREAD = -1.0

_EXPLANATIONS = ("concise_explanation", "raw_completion", "preference_raw_completion")
_READ = (
    *("instruction", "output_1", "output_2", "generator_1", "generator_2", "annotator", "dataset"),
    *("model", "row", "preference", "len_output_1", "len_output_2"),
    *_EXPLANATIONS,
)
_NEEDED = ("instruction", "output_1", "output_2", "generator_1", "generator_2", "preference")
_NEEDED_CONDENSED = ("model", "row", "preference")

# What stands where a file does not say: the condensed form names the system alone.
_BASELINE, _ANNOTATOR = "baseline", "alpaca_eval"

_NO_ORDER = (
    "AlpacaEval does not record which output was shown first: position bias is part of these "
    "verdicts and cannot be measured"
)


# -- responses -----------------------------------------------------------------------------------


def responses(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> Answers:
    """The model outputs of one file."""
    own = files["responses"]
    rows = tuple(_answer(row, own) for row in cells(own.rows, own.source))
    if not rows:
        raise InputError(f"{own.source}: holds no rows; write at least one")
    mapping = {"response": "output", "prompt": "instruction", "system": "generator"}
    return Answers(own.source, rows, ColumnMap(own.source, mapping))


def _answer(row: Cells, own: Rows) -> Answer:
    output = row.read("output", _text_or_none)
    return Answer(
        source=own.source,
        row=row.row,
        system=row.optional("generator") or own.stem,
        prompt=(row.read("instruction", _text),),
        turns=None if output is None else (output,),
        category=row.optional("dataset") or None,
        metadata=row.rest("single", ("instruction", "output", "generator", "dataset")),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{short(value)} is no text; every row needs it")
    return value


def _text_or_none(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{short(value)} is no text; write null where there is no output")
    return value


# -- verdicts ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Seen:
    """What a file has shown so far: how often a preference is none, and the pairs of an instruction."""

    rows: int = 0
    draws: int = 0
    unread: int = 0
    places: Places = field(default_factory=Places)


def verdicts(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> VerdictTable:
    """The annotations of one file: one row a pair, without order."""
    own, seen = files["verdicts"], _Seen()
    found: list[tuple[int, dict[str, Any]]] = []
    is_condensed = False
    for row in cells(own.rows, own.source):
        if not found:
            is_condensed = "instruction" not in row.values and "row" in row.values
            _check_columns(row, _NEEDED_CONDENSED if is_condensed else _NEEDED)
        pair = _condensed(row) if is_condensed else _pair(row, seen)
        found.append((row.row, _verdict(row, pair, seen)))
    return table_of("pairwise", found, own.source, warnings=_warnings(seen, is_condensed))


def _check_columns(row: Cells, needed: tuple[str, ...]) -> None:
    lacking = [name for name in needed if name not in row.values]
    if lacking:
        raise InputError(
            f"{row.source}: AlpacaEval annotations have {', '.join(needed)}; here is no "
            f"{', '.join(lacking)}"
        )


def _pair(row: Cells, seen: _Seen) -> dict[str, Any]:
    text_1, text_2 = (row.read(name, _text_or_none) for name in ("output_1", "output_2"))
    instruction = row.read("instruction", _text)
    prompt = prompt_id((instruction,))
    systems = {"system_a": row.name("generator_2"), "system_b": row.name("generator_1")}
    return {
        "item_id": seen.places.item(prompt, systems.values(), (text_1, text_2)),
        "cluster": prompt,
        **systems,
        "len_a": None if text_2 is None else len(text_2),
        "len_b": None if text_1 is None else len(text_1),
        "len_prompt": len(instruction),
    }


def _condensed(row: Cells) -> dict[str, Any]:
    """The form that names the system and its row alone."""
    return {
        "item_id": row.read("row", to_name),
        "system_a": row.name("model"),
        "system_b": _BASELINE,
        "len_a": row.read("len_output_2", _length_or_none),
        "len_b": row.read("len_output_1", _length_or_none),
    }


def _length_or_none(value: Any) -> float | None:
    length = to_length(value)
    return None if math.isnan(length) else length


def _verdict(row: Cells, pair: Mapping[str, Any], seen: _Seen) -> dict[str, Any]:
    preference = row.read("preference", _preference)
    seen.rows += 1
    seen.draws += preference == 0
    seen.unread += preference is None
    said = (row.values.get(name) for name in _EXPLANATIONS)
    return {
        **pair,
        **row.rest("pairwise", _READ),
        "judge": row.optional("annotator") or _ANNOTATOR,
        "category": row.optional("dataset"),
        "explanation": next((text for text in said if isinstance(text, str)), ""),
        **_reading(preference),
    }


def _preference(value: Any) -> float | None:
    """A preference, None where the judge's answer could not be read."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
    if math.isnan(number) or number == _UNREAD:
        return None
    if number not in _LABELS and not 1 < number < 2:
        raise ValueError(f"{short(value)} is outside 1 to 2; write null where there is no verdict")
    return number


def _reading(preference: float | None) -> dict[str, Any]:
    if preference is None:
        return {"status": "unparsed"}
    if preference in _LABELS:
        return {"label": _LABELS[preference]}
    return {"p_a": preference - 1}


def _warnings(seen: _Seen, is_condensed: bool) -> Iterator[str]:
    yield _NO_ORDER
    if is_condensed:
        yield f"the second system has no name in this form; it is called {_BASELINE}"
    if seen.draws:
        yield f"{seen.draws} of {seen.rows} preferences are 0, an older sign for a draw; read as ties"
    if seen.unread:
        yield f"{seen.unread} of {seen.rows} preferences are no number or -1: no verdict there"


# -- writing -------------------------------------------------------------------------------------

_PAIR = ("item_id", "system_a", "system_b", "judge")


def verdict_rows(
    verdicts: VerdictTable, items: Mapping[str, Item] | None = None
) -> Iterator[dict[str, Any]]:
    """One annotation a pair and judge: 1 + the pair's value, null where an order has no verdict.

    The shape has no place for orders and repeats: their mean is what our own comparisons take too.
    """
    check_pairwise(verdicts, "AlpacaEval")
    if items is None:
        raise InputError("AlpacaEval holds instructions and outputs; give the items too")
    rows = one_way(verdicts)
    _check_one_wording(rows.frame)
    values = _values(rows)
    is_clustered = bool((rows.frame["cluster"].astype(str) != rows.frame["item_id"]).any())
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in to_rows(rows):
        groups.setdefault(tuple(row[name] for name in _PAIR), []).append(row)
    for key, group in groups.items():
        value, is_asked = values[key]
        if is_asked:
            yield _annotation(group, value, items) | added(group[0], is_clustered)


def _check_one_wording(frame: pd.DataFrame) -> None:
    asked = frame[["judge", "rubric", "variant"]].drop_duplicates()
    twice = asked["judge"].duplicated()
    if twice.any():
        raise InputError(
            f"AlpacaEval has one verdict a pair and judge, and {asked['judge'][twice].iloc[0]} was "
            "asked with several rubrics or wordings; export verdicts"
        )


def _values(rows: VerdictTable) -> dict[tuple[str, ...], tuple[float | None, bool]]:
    """Pair and judge -> its value and whether it was asked."""
    known = rows.frame.assign(value=rows.frame["p_a"].fillna(points(rows.frame)))
    found = averages(known, list(_PAIR), ["order"])
    keys = found[[*_PAIR]].astype(str).itertuples(index=False, name=None)
    values = [None if np.isnan(value) else float(value) for value in found["value"]]
    return dict(zip(keys, zip(values, map(bool, found["is_asked"]), strict=True), strict=True))


def _annotation(
    group: list[dict[str, Any]], value: float | None, items: Mapping[str, Item]
) -> dict[str, Any]:
    first = group[0]
    item = items[first["item_id"]]
    texts = {name: _output(item, item.response(first[name])) for name in ("system_a", "system_b")}
    said = dict.fromkeys(row["explanation"] for row in group if "explanation" in row)
    return {
        "instruction": _one_turn(item, item.prompt),
        "output_1": texts["system_b"],
        "generator_1": first["system_b"],
        "output_2": texts["system_a"],
        "generator_2": first["system_a"],
        "dataset": first.get("category"),
        "annotator": first["judge"],
        "preference": None if value is None else 1 + value,
        "concise_explanation": "\n\n".join(said) or None,
    }


def _output(item: Item, response: Response | None) -> str | None:
    return None if response is None else _one_turn(item, response.turns)


def _one_turn(item: Item, turns: tuple[str, ...]) -> str:
    if len(turns) != 1:
        raise InputError(
            f"item {item.item_id} has several turns and AlpacaEval holds one; export verdicts"
        )
    return turns[0]


FORMAT = Format(
    name="alpaca_eval",
    description="AlpacaEval's model outputs and annotations",
    reads={"responses": responses, "verdicts": verdicts},
    writes={"verdicts": verdict_rows},
    endings=(".json",),
)
