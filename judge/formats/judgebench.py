"""JudgeBench: pairs of one model's answers, one of them right, and judges' decisions in both orders.

The second judgment of a pair was asked with the answers swapped, and its decision is about what was
shown: A is then response_B. It is turned here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from judge.errors import short
from judge.formats import AS_NAMED, Files, Format, Row
from judge.formats.gold import clustered, gold_labels, winner
from judge.formats.published import SLOT_WINNER, Cells, cells, table_of
from judge.table import VerdictTable
from judge.types import HumanLabel, Status

SYSTEMS = {"system_a": "response_A", "system_b": "response_B"}
_ORDERS = ("AB", "BA")
_SLOTS = {"A>B": "A", "B>A": "B", "A=B": "tie", "B=A": "tie"}
_JUDGE_MODEL = re.compile(r"judge_model=([^,/\\]+)")


def verdicts(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> VerdictTable:
    """A verdict of every judgment; systems response_A and response_B, which are not to be compared."""
    own = files["verdicts"]
    named = _JUDGE_MODEL.search(own.stem)
    file_judge = named[1] if named else ""
    rows: list[Row] = []
    prompts: dict[str, str] = {}
    for row in cells(own.rows, own.source):
        item, judgments = row.name("pair_id"), row.read("judgments", _judgments)
        if isinstance(row.values.get("question"), str):
            prompts[item] = row.values["question"]
        shared = {
            "item_id": item,
            **SYSTEMS,
            "judge": _judge(judgments) or file_judge or row.optional("judge_name") or own.stem,
            "rubric": row.optional("judge_name"),
            "category": row.optional("source"),
            **_lengths(row),
        }
        rows.extend((row.row, {**shared, **said}) for said in _said(judgments))
    found = clustered(rows, prompts)
    return table_of("pairwise", found, own.source, comparable=False)


def _judgments(value: Any) -> list[Mapping[str, Any] | None]:
    if not isinstance(value, list) or not 1 <= len(value) <= len(_ORDERS):
        raise ValueError(f"{short(value)} is no list of one or two judgments")
    for judgment in value:
        if judgment is not None and not isinstance(judgment, Mapping):
            raise ValueError(f"{short(judgment)} is no judgment; write an object, or null")
    return value


def _judge(judgments: Sequence[Mapping[str, Any] | None]) -> str:
    """The model that judged, "" where no judgment was recorded."""
    for judgment in judgments:
        inner = judgment.get("judgment") if judgment else None
        model = inner.get("judge_model") if isinstance(inner, Mapping) else None
        if isinstance(model, str) and model:
            return model
    return ""


def _lengths(row: Cells) -> dict[str, int]:
    texts = [row.values.get(name) for name in SYSTEMS.values()]
    found = zip(("len_a", "len_b"), texts, strict=True)
    return {name: len(text) for name, text in found if isinstance(text, str)}


def _said(judgments: Sequence[Mapping[str, Any] | None]) -> Iterator[dict[str, Any]]:
    """Order, label and explanation of each judgment."""
    for order, judgment in zip(_ORDERS, judgments, strict=False):
        yield {"order": order, **_verdict(judgment, order)}


def _verdict(judgment: Mapping[str, Any] | None, order: str) -> dict[str, Any]:
    if judgment is None:
        reason = "the source recorded no judgment"
        return {"status": Status.FAILED.value, "reason": reason}
    decision, text = judgment.get("decision"), _response(judgment.get("judgment"))
    slot = _SLOTS.get(decision) if isinstance(decision, str) else None
    if slot is None:
        said = "no decision" if decision is None else f"no decision in {short(decision)}"
        return {"status": Status.UNPARSED.value, "reason": said, "explanation": text}
    return {"label": SLOT_WINNER[order][slot], "explanation": text}


def _response(inner: Any) -> str:
    text = inner.get("response") if isinstance(inner, Mapping) else None
    return text if isinstance(text, str) else ""


def labels(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> tuple[HumanLabel, ...]:
    """The gold label of every pair."""
    own = files["labels"]
    rows = cells(own.rows, own.source)
    said = ((row, row.name("pair_id"), row.read("label", _gold)) for row in rows)
    return gold_labels(said, SYSTEMS, own.source)


def _gold(value: Any) -> str:
    return winner(value, "A>B", "B>A")


FORMAT = Format(
    name="judgebench",
    description="JudgeBench: pairs with a label, and the outputs of a judge on them",
    reads={"verdicts": verdicts, "labels": labels},
)
