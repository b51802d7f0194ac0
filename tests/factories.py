"""Small records for tests, with everything that a test does not care about filled in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from judge.plan import Pair, Plan, Swap
from judge.types import Completion, Criterion, Item, JudgeModel, Response, Rubric, Scale

PAIRWISE_SCALE = Scale("nominal", ("A", "tie", "B"), tie_label="tie")
FIVE = Scale("ordinal", ("1", "2", "3", "4", "5"), (1.0, 2.0, 3.0, 4.0, 5.0))


def item(item_id: str = "i1", *, base: str = "base text", tuned: str = "tuned text") -> Item:
    responses = (Response("base", (base,)), Response("tuned", (tuned,)))
    return Item(item_id, (f"question {item_id}",), responses, reference="the reference")


def items(number: int) -> tuple[Item, ...]:
    return tuple(
        item(f"i{n}", base=f"base answer {n}", tuned=f"tuned answer {n}") for n in range(number)
    )


def pairwise(**changes: Any) -> Rubric:
    fields: dict[str, Any] = {
        "name": "test",
        "version": 1,
        "mode": "pairwise",
        "criteria": (Criterion("overall", "Which is better?"),),
        "scale": PAIRWISE_SCALE,
        "system": "You compare two responses.",
        "user": "{{ boundary }}\n\n{{ question }}\n\n{{ response_a }}\n\n{{ response_b }}\n\n"
        "{{ answer_format }}",
    }
    return Rubric(**{**fields, **changes})


def single(**changes: Any) -> Rubric:
    fields: dict[str, Any] = {
        "name": "test-single",
        "version": 1,
        "mode": "single",
        "criteria": (Criterion("accuracy", "Is it right?"), Criterion("clarity", "Is it clear?")),
        "scale": FIVE,
        "system": "You score a response.",
        "user": "{{ boundary }}\n\n{{ question }}\n\n{{ response }}\n\n{{ answer_format }}",
    }
    return Rubric(**{**fields, **changes})


def judge(name: str = "j1", **changes: Any) -> JudgeModel:
    return JudgeModel(**{"judge": name, "provider": "scripted", "model": name, **changes})


def plan(
    of: Iterable[Item],
    judges: Sequence[JudgeModel],
    *,
    rubric: Rubric | None = None,
    swap: str = "both",
    repeats: int = 1,
    seed: int = 0,
) -> Plan:
    rubric = rubric or pairwise()
    pairs = (
        (Pair("tuned", "base"),)
        if rubric.mode == "pairwise"
        else (Pair("tuned", None), Pair("base", None))
    )
    return Plan(
        rubric.mode,
        tuple(of),
        pairs,
        ((rubric, ""),),
        tuple(judges),
        Swap.parse(swap),
        repeats,
        seed,
    )


def completion(text: str, **changes: Any) -> Completion:
    return Completion(**{"text": text, "finish_reason": "stop", "model": "m", **changes})
