"""Records to rows and back. A record that was stored is read as an equal one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from judge.errors import InputError
from judge.types import (
    Call,
    Completion,
    Item,
    Judgment,
    Response,
    Run,
    Status,
    Trial,
    Verdict,
    canonical,
)

_COMPLETION = (
    "text",
    "finish_reason",
    "model",
    "request_id",
    "tokens_in",
    "tokens_out",
    "tokens_cached",
    "latency_s",
    "logprobs",
    "structured",
    "sent",
)
# What every completion has, and no failed call.
NEVER_ALONE = ("text", "finish_reason", "model", "tokens_in", "tokens_out", "structured", "sent")

_NO_ANSWER = dict.fromkeys(_COMPLETION)
_CALL = (
    "content_key",
    "request",
    "marker",
    "reask",
    "error",
    "attempts",
    "cost_usd",
    "booked_usd",
    "asked_at",
)
_TRIAL = (
    "item_id",
    "judge",
    "rubric",
    "variant",
    "system_a",
    "system_b",
    "order",
    "repeat",
    "content_key",
)
_VERDICT = (
    "label",
    "score",
    "criteria",
    "p_a",
    "p_dist",
    "method",
    "explanation",
    "reason",
    "parser_version",
)
_RUN = (
    "run_id",
    "command",
    "config",
    "items_hash",
    "seed",
    "revision",
    "packages",
    "planned",
    "state",
    "started_at",
    "ended_at",
    "cost_usd",
    "stopped",
)


def items_hash(items: Iterable[Item]) -> str:
    """The tagged SHA-256 over all items in their order, read as a stream. Raises InputError."""
    total = hashlib.sha256()
    for item in items:
        try:
            text = canonical(payload(item))
        except (TypeError, ValueError) as error:
            raise InputError(
                f"item {item.item_id!r} holds what JSON cannot ({error}); leave it out of its metadata"
            ) from error
        total.update(text.encode("utf-8", "surrogatepass") + b"\n")
    return f"sha256:{total.hexdigest()}"


def payload(item: Item) -> dict[str, Any]:
    """The whole item as JSON values."""
    return {
        "item_id": item.item_id,
        "prompt": list(item.prompt),
        "responses": [{"system": r.system, "turns": list(r.turns)} for r in item.responses],
        "reference": item.reference,
        "category": item.category,
        "cluster": item.cluster,
        "metadata": dict(item.metadata),
    }


def item_row(run_id: str, position: int, item: Item) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "item_id": item.item_id,
        "position": position,
        "cluster": item.cluster,
        "category": item.category,
        "lengths": {response.system: response.length for response in item.responses},
        "payload": payload(item),
    }


def item_of(stored: Mapping[str, Any]) -> Item:
    """The item of a stored payload."""
    return Item(
        item_id=stored["item_id"],
        prompt=tuple(stored["prompt"]),
        responses=tuple(Response(r["system"], tuple(r["turns"])) for r in stored["responses"]),
        reference=stored["reference"],
        category=stored["category"],
        cluster=stored["cluster"],
        metadata=stored["metadata"],
    )


def run_row(run: Run) -> dict[str, Any]:
    return _fields(run, _RUN)


def run_of(row: Row[Any]) -> Run:
    return Run(**_fields(row, _RUN))


def trial_row(run_id: str, trial_id: str, trial: Trial) -> dict[str, Any]:
    return {"run_id": run_id, "trial_id": trial_id, **_fields(trial, _TRIAL)}


def trial_of(row: Row[Any]) -> Trial:
    return Trial(**_fields(row, _TRIAL))


def call_row(run_id: str, trial_id: str, judge: str, call: Call) -> dict[str, Any]:
    """One row of calls. The completion's columns are None where there is no completion."""
    answer = _fields(call.completion, _COMPLETION) if call.completion else {}
    place = {"call_id": call.call_id, "run_id": run_id, "trial_id": trial_id, "judge": judge}
    return {**place, **_fields(call, _CALL), **_NO_ANSWER, **answer}


def call_of(row: Row[Any]) -> Call:
    answer = _fields(row, _COMPLETION)
    if answer["logprobs"] is not None:
        answer["logprobs"] = tuple(answer["logprobs"])
    completion = None if answer["text"] is None else Completion(**answer)
    return Call(**_fields(row, _CALL), completion=completion, call_id=row.call_id)


def verdict_row(run_id: str, trial_id: str, judgment: Judgment) -> dict[str, Any]:
    """One row of verdicts, for a judgment whose calls have their ids."""
    reused = judgment.reused is not None
    return {
        "run_id": run_id,
        "trial_id": trial_id,
        "call_id": judgment.reused if reused else _read(judgment.calls),
        "call_ids": [call.call_id for call in judgment.calls],
        "reused": reused,
        "status": str(judgment.verdict.status),
        **_fields(judgment.verdict, _VERDICT),
    }


def verdict_of(row: Row[Any]) -> Verdict:
    return Verdict(status=Status(row.status), **_fields(row, _VERDICT))


def _read(calls: Sequence[Call]) -> int | None:
    """The call that a verdict was read in: the last with a completion, else the last."""
    answered = [call for call in calls if call.completion is not None]
    return next((call.call_id for call in reversed(answered or calls)), None)


def _fields(source: object, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(source, name) for name in names}
