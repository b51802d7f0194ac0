"""How a JSON endpoint of one's own is asked and read, as its judge's table in judge.toml says.

Pure, and no language: a body is copied with its placeholders filled in, an answer is read at paths of
names and positions. What is judged is only ever a value. An endpoint that gives a label or numbers
instead of a text is put into the one form that a verdict is read in, so that reading stays one thing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from judge import render
from judge.types import JudgeModel, Mode, Prompt

# What may stand for something in a body. The last six are judged texts as the prompt shows them.
PLACEHOLDERS = (
    "system",
    "user",
    "schema",
    "model",
    "question",
    "reference",
    "response",
    "response_a",
    "response_b",
)
_RESPONSES: dict[str, Mode] = {
    "response": "single",
    "response_a": "pairwise",
    "response_b": "pairwise",
}

# The ways in which an endpoint may answer, each the set of its keys, and the modes that they fit.
ANSWERS: Mapping[tuple[str, ...], tuple[Mode, ...]] = {
    ("answer",): ("pairwise", "single"),
    ("label",): ("pairwise", "single"),
    ("score",): ("single",),
    ("p_first",): ("pairwise",),
    ("score_first", "score_second"): ("pairwise",),
}
_ANSWER_KEYS = tuple(key for keys in ANSWERS for key in keys)

# What servers call the most tokens of an answer.
_LIMIT_NAMES = frozenset(
    {"max_tokens", "max_completion_tokens", "max_new_tokens", "max_output_tokens", "num_predict"}
)

_HOLE = re.compile(r"\{([a-z_]+)\}")


class Absent(LookupError):
    """What is not where it should be; its text says where."""


# -- what is wrong with a table ------------------------------------------------------------------


def problems(endpoint: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with an endpoint's table, with what to do."""
    holes = list(dict.fromkeys(_holes(endpoint["body"])))
    for hole in holes:
        if hole not in PLACEHOLDERS:
            yield f"http.body: there is no {{{hole}}}; known: {', '.join(PLACEHOLDERS)}"
    if not {"user", *_RESPONSES}.intersection(holes):
        yield (
            "http.body shows nothing that is judged; write the whole prompt as {user}, or the answers "
            "as {response}, or as {response_a} and {response_b}"
        )
    given = tuple(key for key in _ANSWER_KEYS if key in endpoint)
    if given not in ANSWERS:
        ways = ", ".join(" and ".join(keys) for keys in ANSWERS)
        yield f"http: say in one way where the verdict is, with one of: {ways}"
    elif not modes(endpoint):
        yield (
            f"http: {' and '.join(given)} cannot be the verdict on what http.body shows; a pair is "
            "{response_a} and {response_b}, a single answer {response}, and {user} either"
        )


def modes(endpoint: Mapping[str, Any]) -> tuple[Mode, ...]:
    """The modes of judging that an endpoint can do."""
    given = tuple(key for key in _ANSWER_KEYS if key in endpoint)
    shown = {_RESPONSES[hole] for hole in _holes(endpoint["body"]) if hole in _RESPONSES}
    return tuple(mode for mode in ANSWERS.get(given, ()) if shown <= {mode})


def _holes(template: Any) -> Iterator[str]:
    if isinstance(template, str):
        yield from _HOLE.findall(template)
    elif isinstance(template, Mapping):
        for value in template.values():
            yield from _holes(value)
    elif isinstance(template, list):
        for value in template:
            yield from _holes(value)


# -- asking --------------------------------------------------------------------------------------


def body(endpoint: Mapping[str, Any], judge: JudgeModel, prompt: Prompt) -> dict[str, Any]:
    """The request's body. Raises Absent where the prompt does not show what it needs."""
    values = {
        "system": prompt.system,
        "user": prompt.user,
        "schema": dict(prompt.schema),
        "model": judge.model,
        **{name.lower().replace(" ", "_"): t for name, t in render.blocks(prompt.user).items()},
    }
    filled: dict[str, Any] = _filled(endpoint["body"], values)
    return filled


def longest_answer(endpoint: Mapping[str, Any]) -> int | None:
    """The most tokens of an answer that a body asks for, None where it says nothing of them."""
    said = [value for name, value in _named(endpoint["body"]) if name in _LIMIT_NAMES]
    return max((value for value in said if type(value) is int and value > 0), default=None)


def _named(template: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a body at any depth."""
    if isinstance(template, Mapping):
        yield from template.items()
    inner = template.values() if isinstance(template, Mapping) else template
    if isinstance(template, Mapping | list):
        for value in inner:
            yield from _named(value)


def shows_schema(endpoint: Mapping[str, Any]) -> bool:
    """True where the body carries the schema of an answer."""
    return "schema" in _holes(endpoint["body"])


def _filled(template: Any, values: Mapping[str, Any]) -> Any:
    """A copy in which placeholders are values: as they are, or as text within a longer text."""
    if isinstance(template, Mapping):
        return {name: _filled(value, values) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, values) for value in template]
    if not isinstance(template, str):
        return template
    alone = _HOLE.fullmatch(template)
    if alone:
        return _value(alone[1], values)
    return _HOLE.sub(lambda hole: _text(_value(hole[1], values)), template)


def _value(name: str, values: Mapping[str, Any]) -> Any:
    if name not in values:
        raise Absent(f"the prompt shows no {name.replace('_', ' ')} on lines of its own")
    return values[name]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# -- reading -------------------------------------------------------------------------------------


def at(answered: Any, path: str) -> Any:
    """What stands at a path such as `choices.0.message.content`. Raises Absent."""
    found = answered
    for part in path.split("."):
        if isinstance(found, Mapping) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            raise Absent(f"nothing at {path}")
    return found


def told(endpoint: Mapping[str, Any], answered: Any, key: str) -> Any:
    """What stands at the path of a key that may be left out, None where there is nothing."""
    try:
        return at(answered, endpoint[key]) if key in endpoint else None
    except Absent:
        return None


def answer(endpoint: Mapping[str, Any], answered: Any, schema: Mapping[str, Any]) -> str:
    """The text in which the verdict is read. Raises Absent where the paths lead nowhere."""
    if "answer" in endpoint:
        return _said(at(answered, endpoint["answer"]), endpoint["answer"])
    labels: Sequence[str] = schema["properties"]["label"]["enum"]
    reasoning = told(endpoint, answered, "reasoning") or ""
    if "p_first" in endpoint:
        p = at(answered, endpoint["p_first"])
        return json.dumps({"reasoning": reasoning, "p_first": p, "label": None})
    if "score_first" in endpoint:
        scores = [at(answered, endpoint[key]) for key in ("score_first", "score_second")]
        label = _higher(scores[0], scores[1], labels)
        reasoning = reasoning or f"scores {scores[0]} and {scores[1]}"
        return json.dumps({"reasoning": reasoning, "label": label}, ensure_ascii=False)
    value = at(answered, endpoint.get("label") or endpoint["score"])
    is_wrong = "score" in endpoint and not _is_number(value)
    label = {"score": value} if is_wrong else _spelled(value, labels)
    return json.dumps({"reasoning": reasoning, "label": label}, ensure_ascii=False)


def _said(value: Any, path: str) -> str:
    """The answer's text, or its object as a text."""
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    if not isinstance(value, str):
        raise Absent(f"no text and no object at {path}")
    return value


def _is_number(value: Any) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer of hundreds of digits
        return False


def _spelled(value: Any, labels: Sequence[str]) -> Any:
    """A number as the label that is the same number, where there is one; anything else as it is."""
    if not _is_number(value):
        return value
    return next((label for label in labels if _number(label) == value), str(value))


def _number(label: str) -> float | None:
    try:
        return float(label)
    except ValueError:
        return None


def _higher(first: Any, second: Any, labels: Sequence[str]) -> Any:
    """The label of the higher score; equal ones tie, which a scale without a tie does not know."""
    if not (_is_number(first) and _is_number(second)):
        return {"scores": [first, second]}
    if first == second:
        return labels[1] if len(labels) == 3 else "tie"
    return labels[0] if first > second else labels[-1]
