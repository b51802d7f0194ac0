"""PandaLM's test set: pairs of two models' answers, three annotators, and one verdict of each judge.

A judge's verdict stands in <name>_result, its reason in <name>_reason. One order was asked, and the
file does not say which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from judge.errors import InputError, short
from judge.formats import AS_NAMED, Files, Format, Row, bad
from judge.formats.gold import clustered
from judge.formats.published import Cells, cells, coded, table_of
from judge.table import VerdictTable
from judge.types import HumanLabel, Status

_RESULT, _REASON = "_result", "_reason"
_ANNOTATOR = re.compile(r"annotator\d+")
_JUDGES = {"gpt": "gpt-3.5-turbo", "pandalm": "PandaLM-7B"}
_LABELS = {"1": "a", "2": "b", "0": "tie", "tie": "tie"}

_ONE_ORDER = "each pair was judged in one order, and the file does not record which"


def verdicts(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> VerdictTable:
    """A verdict of every judge on every pair, without order."""
    own = files["verdicts"]
    rows: list[Row] = []
    prompts: dict[str, str] = {}
    for row in cells(own.rows, own.source):
        shared = _pair(row)
        prompts[shared["item_id"]] = _prompt(row)
        judges = [name for name in row.values if name.endswith(_RESULT)]
        rows.extend((row.row, {**shared, **_verdict(row, name)}) for name in judges)
        if not judges:
            raise InputError(f"{own.source}, row {row.row}: has no column <judge>{_RESULT}")
    found = clustered(rows, prompts)
    return table_of("pairwise", found, own.source, warnings=(_ONE_ORDER,))


def _pair(row: Cells) -> dict[str, Any]:
    system_a, system_b = row.read("cmp_key", _systems)
    return {
        "item_id": row.name("idx"),
        "system_a": system_a,
        "system_b": system_b,
        "category": row.optional("motivation_app"),
        **_lengths(row),
    }


def _systems(value: Any) -> tuple[str, str]:
    """The two systems of `modelA_modelB`."""
    parts = value.split("_") if isinstance(value, str) else []
    if len(parts) != 2 or not all(parts):
        raise ValueError(
            f"{short(value)} does not name two systems; write modelA_modelB, with no other _ in it"
        )
    return parts[0], parts[1]


def _lengths(row: Cells) -> dict[str, int]:
    texts = {"len_a": row.values.get("response1"), "len_b": row.values.get("response2")}
    return {name: len(text) for name, text in texts.items() if isinstance(text, str)}


def _prompt(row: Cells) -> str:
    texts = [row.values.get(name) for name in ("instruction", "input")]
    return "\n\n".join(text for text in texts if isinstance(text, str) and text)


def _verdict(row: Cells, column: str) -> dict[str, Any]:
    """A judge's verdict; whatever is neither 1, 2, 0 nor Tie was not read, and is no tie."""
    name, value = column.removesuffix(_RESULT), row.values[column]
    reason = row.values.get(f"{name}{_REASON}")
    shared = {
        "judge": _JUDGES.get(name, name),
        "explanation": reason if isinstance(reason, str) else "",
    }
    label = _LABELS.get(coded(value).lower())
    if label is not None:
        return {**shared, "label": label}
    return {**shared, "status": Status.UNPARSED.value, "reason": f"no verdict in {short(value)}"}


def labels(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> tuple[HumanLabel, ...]:
    """A label of every annotator; an empty cell is an annotator who gave none."""
    own = files["labels"]
    found: list[HumanLabel] = []
    items: dict[str, int] = {}
    for row in cells(own.rows, own.source):
        pair = _pair(row)
        _check_once(row, pair["item_id"], items)
        for rater in filter(_ANNOTATOR.fullmatch, row.values):
            if row.values[rater] in (None, ""):
                continue
            found.append(
                HumanLabel(
                    item_id=pair["item_id"],
                    rater=rater,
                    system_a=pair["system_a"],
                    system_b=pair["system_b"],
                    label=row.read(rater, _label),
                )
            )
    if not found:
        raise InputError(f"{own.source}: holds no labels; PandaLM has annotator1, annotator2, ...")
    return tuple(found)


def _check_once(row: Cells, item: str, items: dict[str, int]) -> None:
    if item in items:
        raise bad(row.source, row.row, "idx", f"{item!r} is row {items[item]} too; keep one")
    items[item] = row.row


def _label(value: Any) -> str:
    label = _LABELS.get(coded(value))
    if label is None:
        raise ValueError(f"{short(value)} is not one of 0 (tie), 1, 2")
    return label


FORMAT = Format(
    name="pandalm",
    description="PandaLM: the test set with three annotators and its judges' results",
    reads={"verdicts": verdicts, "labels": labels},
)
