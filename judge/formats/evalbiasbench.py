"""EvalBiasBench: pairs of answers by type of bias, the worse one written to mislead a judge.

The source keeps one list of rows for each type; rows alone are read as well. A pair has no name of its
own: its instruction's hash is its item, and a further pair on the same instruction is an item of its own
in the same cluster. As published the right answer stands first in every pair, so that only both orders,
or a drawn one, tell a judge that is right from one that always says A.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from judge.errors import InputError, short
from judge.formats import AS_NAMED, Answer, Answers, ColumnMap, Files, Format, Row, Rows
from judge.formats.gold import gold_labels, winner
from judge.formats.published import Cells, Places, cells
from judge.pairing import prompt_id
from judge.types import HumanLabel

SYSTEMS = {"system_a": "response_1", "system_b": "response_2"}
_TEXTS = ("response1", "response2")


@dataclass(frozen=True, slots=True)
class _Pair:
    """A row, with the item that it is."""

    row: Cells
    item: str
    prompt: str
    responses: tuple[str, ...]


def _pairs(own: Rows) -> Iterator[_Pair]:
    places = Places()
    for row in cells(_rows(own), own.source):
        prompt = row.read("instruction", _filled)
        texts = tuple(row.read(name, _text) for name in _TEXTS)
        item = row.optional("id") or places.item(prompt_id((prompt,)), SYSTEMS.values(), texts)
        yield _Pair(row, item, prompt, texts)


def _rows(own: Rows) -> Iterator[Row]:
    """The rows, those of a document of lists in the order of its lists and numbered through."""
    for number, values in own.rows:
        if "instruction" in values or not all(isinstance(v, list) for v in values.values()):
            yield number, values
            continue
        for place, one in enumerate(chain.from_iterable(values.values()), 1):
            if not isinstance(one, Mapping):
                raise InputError(f"{own.source}: pair {place} is no object; write one a pair")
            yield place, one


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{short(value)} is no text; write one")
    return value


def _filled(value: Any) -> str:
    if not _text(value).strip():
        raise ValueError("is empty; every row needs its instruction")
    return _text(value)


def responses(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> Answers:
    """Both answers of every pair; the type of bias is the category."""
    own = files["responses"]
    rows = tuple(answer for pair in _pairs(own) for answer in _answers(pair))
    if not rows:
        raise InputError(f"{own.source}: holds no rows; write at least one")
    mapping = {"response": "response1, response2", "prompt": "instruction", "category": "bias"}
    return Answers(own.source, rows, ColumnMap(own.source, mapping))


def _answers(pair: _Pair) -> Iterator[Answer]:
    for system, text in zip(SYSTEMS.values(), pair.responses, strict=True):
        yield Answer(
            source=pair.row.source,
            row=pair.row.row,
            system=system,
            prompt=(pair.prompt,),
            turns=(text,),
            item_id=pair.item,
            category=pair.row.optional("bias") or None,
            cluster=prompt_id((pair.prompt,)),
        )


def labels(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> tuple[HumanLabel, ...]:
    """The gold label of every pair."""
    own = files["labels"]
    said = ((pair.row, pair.item, pair.row.read("label", _gold)) for pair in _pairs(own))
    return gold_labels(said, SYSTEMS, own.source)


def _gold(value: Any) -> str:
    return winner(value, "1", "2")


FORMAT = Format(
    name="evalbiasbench",
    description="EvalBiasBench: pairs with a label, by the type of bias that misleads a judge",
    reads={"responses": responses, "labels": labels},
    whole=True,
)
