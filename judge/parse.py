"""Reads a verdict in what a judge answered, and nothing else.

Strict on purpose: a verdict is ok only for exactly one admissible label inside the scale, whatever a
schema promised. The label comes from the answer's own JSON object; an answer that quotes the prompt
is not searched for one. What cannot be read becomes a status with its reason, never a value.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from judge.errors import short
from judge.types import Call, Completion, Prompt, Rubric, Scale, Status, Trial, Verdict

PARSER_VERSION = 1

REMINDER = (
    "Your last answer to this could not be read. Answer again with nothing but the JSON object that "
    "is described above, with exactly one label."
)


class _Unreadable(Exception):
    """Why an answer has no verdict."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """The parts of an answer in the rubric's own words."""

    label: str
    criteria: Mapping[str, str] = field(default_factory=dict)
    reasoning: str = ""


def read(completion: Completion, trial: Trial, rubric: Rubric, marker: str) -> Verdict:
    """The verdict in the item's own frame. marker: the code in the delimiters of the prompt."""
    if completion.finish_reason == "refusal":
        return _without(Status.REFUSED, completion.text or "the judge refused")
    if completion.finish_reason == "length":
        return _without(Status.TRUNCATED, "the answer was cut off; raise the judge's max_tokens")
    try:
        answer = _answer(completion.text, rubric, marker)
    except _Unreadable as error:
        return _without(Status.UNPARSED, str(error))
    return Verdict(
        status=Status.OK,
        label=trial.unshown(slot(rubric.scale, answer.label))
        if rubric.mode == "pairwise"
        else answer.label,
        score=rubric.scale.value(answer.label) if rubric.mode == "single" else None,
        criteria=answer.criteria,
        method="text" if completion.structured == "none" else "structured",
        explanation=answer.reasoning,
        parser_version=PARSER_VERSION,
    )


def read_call(call: Call, trial: Trial, rubric: Rubric) -> Verdict:
    """The verdict of a call, of one that was given up too."""
    if call.completion is None:
        return Verdict(Status.FAILED, reason=call.error)
    verdict = read(call.completion, trial, rubric, call.marker)
    if call.reask and verdict.status is Status.OK:
        return dataclasses.replace(verdict, method=f"{verdict.method}, re-asked")
    return verdict


def reask(prompt: Prompt) -> Prompt:
    """The same request once more, with a word on what was wrong and a key of its own."""
    return dataclasses.replace(
        prompt,
        user=f"{prompt.user}\n\n{REMINDER}",
        idempotency_key=f"{prompt.idempotency_key}/reask",
        reask=1,
    )


def slot(scale: Scale, label: str) -> Literal["A", "B", "tie"]:
    """Which response a pairwise label names: the one shown first, second, or neither."""
    if label == scale.tie_label:
        return "tie"
    return "A" if label == scale.labels[0] else "B"


def _without(status: Status, reason: str) -> Verdict:
    return Verdict(status=status, reason=reason, parser_version=PARSER_VERSION)


def _answer(text: str, rubric: Rubric, marker: str) -> _Answer:
    found = _object(text, marker)
    criteria = {}
    if rubric.mode == "single" and len(rubric.criteria) > 1:
        given = found.get("criteria")
        if not isinstance(given, dict):
            raise _Unreadable("the answer has no criteria")
        criteria = {
            c.name: _label(given.get(c.name), c.scale or rubric.scale, c.name)
            for c in rubric.criteria
        }
    reasoning = found.get("reasoning")
    return _Answer(
        label=_label(found["label"], rubric.scale, "label"),
        criteria=criteria,
        reasoning=reasoning if isinstance(reasoning, str) else "",
    )


def _object(text: str, marker: str) -> dict[str, Any]:
    """The one JSON object with a label that the text is, or holds."""
    # Local models write their thinking before the answer; a whole object may mention the tag too.
    for answer in (text.strip(), text.rpartition("</think>")[2].strip()):
        whole = _decoded(answer, 0)
        if whole is not None and whole[1] == len(answer) and "label" in whole[0]:
            return whole[0]
    if marker and marker in answer:
        raise _Unreadable("the answer quotes the prompt instead of giving a verdict")
    found = [o for o in _objects(answer) if "label" in o]
    if len(found) != 1:
        raise _Unreadable(
            f"the answer holds {len(found)} objects with a label, not one"
            if found
            else "the answer holds no JSON object with a label"
        )
    return found[0]


def _objects(text: str) -> Iterator[dict[str, Any]]:
    at = text.find("{")
    while at >= 0:
        decoded = _decoded(text, at)
        if decoded is not None:
            yield decoded[0]
        at = text.find("{", decoded[1] if decoded else at + 1)


def _decoded(text: str, at: int) -> tuple[dict[str, Any], int] | None:
    """The JSON object at that place and where it ends, None where there is none."""
    try:
        value, end = _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        # No JSON, a number of thousands of digits, or nesting without end.
        return None
    return (value, end) if isinstance(value, dict) else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise _Unreadable("the answer names a field twice")
    return dict(pairs)


_DECODER = json.JSONDecoder(object_pairs_hook=_unique)


def _label(value: object, scale: Scale, name: str) -> str:
    """The scale's own spelling of a label. Models write 4 for "4" and Tie for "tie"."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _Unreadable(f"{name}: no label of the scale, but {short(value)}")
    said = str(value).strip().casefold()
    admissible = {label.casefold(): label for label in scale.labels}
    if said not in admissible:
        raise _Unreadable(f"{name}: {short(value)} is not on the scale {list(scale.labels)}")
    return admissible[said]
