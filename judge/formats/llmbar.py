"""LLMBar: instructions with two outputs, one of which is known to be better, and judges' verdicts on both.

A result file says only in its path whose verdicts it holds: <subset>/evaluators/<judge>/<strategy>/
result.json. Winners are in the item's own numbering whatever was shown first, and are not turned again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from judge.errors import InputError, short
from judge.formats import AS_NAMED, Files, Format, Row, Rows, bad
from judge.formats.gold import clustered, gold_labels, winner
from judge.formats.published import Cells, cells, table_of
from judge.table import VerdictTable
from judge.types import HumanLabel, Status

SYSTEMS = {"system_a": "output_1", "system_b": "output_2"}

# Order -> where a result and a condensed row hold its winner.
_SWAPS = {"AB": "swap = False", "BA": "swap = True"}
_WINNERS = {"AB": "winner_order_ab", "BA": "winner_order_ba"}


@dataclass(frozen=True, slots=True)
class _Place:
    """What a file's path says, "" where it does not."""

    subset: str = ""
    judge: str = ""
    strategy: str = ""


@dataclass(frozen=True, slots=True)
class _Texts:
    """An item's instruction and outputs."""

    prompt: str
    outputs: tuple[str, str]


def _place(source: str) -> _Place:
    """From .../Dataset/<subset>/evaluators/<judge>/<strategy>/result.json, or .../dataset.json."""
    *folders, _ = source.replace("\\", "/").split("/")
    start = _after(folders, "Dataset")
    if "evaluators" not in folders:
        return _Place("/".join(folders[start:]) if start else "")
    at = _after(folders, "evaluators")
    judge, strategy = (*folders[at : at + 2], "", "")[:2]
    start = start if 0 < start < at else max(at - 2, 0)
    return _Place("/".join(folders[start : at - 1]), judge, strategy)


def _after(folders: list[str], name: str) -> int:
    """The place behind the last folder of that name, 0 where there is none."""
    return max((n for n, folder in enumerate(folders, 1) if folder == name), default=0)


def _item(row: Cells, place: _Place) -> tuple[str, str]:
    """An item's id and its subset. Without an idx the place in the list counts, from 0."""
    subset = row.optional("subset") or place.subset
    idx = str(row.row - 1) if row.values.get("idx") is None else row.name("idx")
    return (f"{subset}/{idx}" if subset else idx), subset


# -- labels --------------------------------------------------------------------------------------


def labels(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> tuple[HumanLabel, ...]:
    """The gold label of every item, from items or from any file that repeats it."""
    own = files["labels"]
    place, rows = _place(own.source), cells(own.rows, own.source)
    said = ((row, _item(row, place)[0], row.read("label", _number)) for row in rows)
    return gold_labels(said, SYSTEMS, own.source)


def _number(value: Any) -> str:
    return winner(value, "1", "2")


# -- verdicts ------------------------------------------------------------------------------------


def verdicts(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> VerdictTable:
    """Both orders of every verdict pair; systems output_1 and output_2, which are not to be compared."""
    own = files["verdicts"]
    place, texts = _place(own.source), _beside(files)
    rows: list[Row] = []
    for row in cells(own.rows, own.source):
        item, subset = _item(row, place)
        if "items" not in files and "output_1" in row.values:
            texts[item] = _texts(row)
        shared = {"item_id": item, **SYSTEMS, "category": subset, **_judge(row, place, own)}
        lengths = _lengths(texts, item, row, is_asked="items" in files)
        rows.extend((row.row, {**shared, **lengths, **said}) for said in _said(row))
    warnings = [] if place.judge or not _unnamed(rows, own) else [_NO_PATH]
    found = clustered(rows, {item: text.prompt for item, text in texts.items()})
    return table_of("pairwise", found, own.source, warnings=warnings, comparable=False)


_NO_PATH = (
    "the path does not name the judge, so it is called like the file; keep the folders "
    "evaluators/JUDGE/STRATEGY/ of the source"
)


def _unnamed(rows: list[Row], own: Rows) -> bool:
    return any(row["judge"] == own.stem for _, row in rows)


def _judge(row: Cells, place: _Place, own: Rows) -> dict[str, str]:
    return {
        "judge": row.optional("judge") or place.judge or own.stem,
        "rubric": row.optional("strategy") or place.strategy,
    }


def _said(row: Cells) -> Iterator[dict[str, Any]]:
    """What differs between the verdicts of a row: order, label, explanation."""
    if "results" not in row.values:
        if not any(name in row.values for name in _WINNERS.values()):
            raise InputError(
                f"{row.source}, row {row.row}: has neither `results` nor `winner_order_ab`; "
                "verdicts of LLMBar have one of them"
            )
        for order, name in _WINNERS.items():
            yield {"order": order, **_verdict(row, name, row.values.get(name))}
        return
    result = row.read("results", _last)
    if "score_1" in result:
        yield _rated(result)
        return
    for order, name in _SWAPS.items():
        said = result.get(name)
        if not isinstance(said, Mapping):
            raise bad(row.source, row.row, "results", f"has no `{name}`; write both orders")
        text = _completion(said.get("completion"))
        yield {"order": order, **_verdict(row, name, said.get("winner")), "explanation": text}


def _last(value: Any) -> Mapping[str, Any]:
    """The verdict: what stands before it are a strategy's earlier steps."""
    if not isinstance(value, list) or not value or not isinstance(value[-1], Mapping):
        raise ValueError(f"{short(value)} is no list that ends in a result")
    return value[-1]


def _verdict(row: Cells, name: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {"status": Status.UNPARSED.value, "reason": "the source could not read the answer"}
    try:
        return {"label": _number(value)}
    except ValueError as error:
        raise bad(row.source, row.row, name, str(error)) from None


def _rated(result: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict of two ratings, each given without sight of the other output.

    The source writes a draw, and ratings that it could not read, as one winner in each order: the
    ratings themselves are read instead, and there is no order.
    """
    said = [_completion(result.get(name)) for name in ("score_1", "score_2")]
    explanation = " / ".join(said)
    try:
        first, second = (int(text) for text in said)
    except ValueError:
        reason = "a rating could not be read"
        return {"status": Status.UNPARSED.value, "reason": reason, "explanation": explanation}
    label = "tie" if first == second else "a" if first > second else "b"
    return {"label": label, "explanation": explanation}


def _completion(value: Any) -> str:
    """The text of [text, finish reason], "" where there is none."""
    text = value[0] if isinstance(value, list) and value else value
    return text if isinstance(text, str) else ""


# -- texts ---------------------------------------------------------------------------------------


def _beside(files: Files) -> dict[str, _Texts]:
    """Item -> its texts, from the file of items where one was named."""
    if "items" not in files:
        return {}
    items = files["items"]
    place = _place(items.source)
    return {_item(row, place)[0]: _texts(row) for row in cells(items.rows, items.source)}


def _texts(row: Cells) -> _Texts:
    first, second = (row.read(name, _text) for name in SYSTEMS.values())
    return _Texts(row.read("input", _text), (first, second))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{short(value)} is no text; write one")
    return value


def _lengths(
    texts: Mapping[str, _Texts], item: str, row: Cells, *, is_asked: bool
) -> dict[str, int]:
    if item in texts:
        first, second = texts[item].outputs
        return {"len_a": len(first), "len_b": len(second)}
    if is_asked:
        raise bad(
            row.source, row.row, "idx", f"item {item!r} is not in the file of items beside it"
        )
    return {}


_READS: Mapping[str, Callable[..., Any]] = {"verdicts": verdicts, "labels": labels}

FORMAT = Format(
    name="llmbar",
    description="LLMBar: items, result.json of an evaluator, or one row a verdict pair",
    reads=_READS,
    beside={"items": "instructions and outputs: lengths, and clusters of one instruction"},
)
