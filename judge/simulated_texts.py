"""What a simulated judge reads in a prompt beside the judged texts, and the texts that it answers with."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from judge.errors import InputError
from judge.types import digest
from judge.wording_forms import GRADES, IN_TEXT, LABEL_LINE, REASONING_FIRST

REFUSAL = "I cannot take part in judging this material."

_CODE = re.compile(r"^<<<BEGIN [A-Z ]+ ([0-9a-f]{16})>>>$", re.MULTILINE)


def item_key(shown: Mapping[str, str]) -> str:
    """The key of what is judged, whichever response is shown first."""
    return digest(sorted(shown.values()))


def wording(system: str, user: str) -> str:
    """The prompt without judged text and without the code in its delimiters."""
    kept, inside = [], False
    for line in user.split("\n"):
        inside = (inside or line.startswith("<<<BEGIN ")) and not line.startswith("<<<END ")
        if not inside:
            kept.append(line)
    code = _CODE.search(user)
    text = "\n".join([system, *kept])
    return text.replace(code[1], "") if code else text


def stated_schema(wording: str) -> Mapping[str, Any]:
    """The schema that a prompt states in words, that of an answer in plain text among them."""
    if asks_for_text(wording):
        return _schema_of_lines(wording)
    stated = [line for line in wording.split("\n") if line.startswith('{"type":"object"')]
    if not stated:
        raise InputError("neither the request nor its prompt holds the JSON schema of an answer")
    return _loaded(stated[-1])


def asks_for_text(wording: str) -> bool:
    """Whether a prompt wants plain text and no JSON."""
    return any(line.startswith(IN_TEXT) for line in wording.split("\n"))


_LINE = re.compile(r"(?P<name>.+): one of (?P<labels>.+)")


def _schema_of_lines(wording: str) -> Mapping[str, Any]:
    """The schema that the lines of an answer in text stand for."""
    lines = wording.split("\n")
    at = max(n for n, line in enumerate(lines) if line.startswith(IN_TEXT))
    enums: dict[str, Any] = {}
    for line in lines[at + 1 :]:
        match = _LINE.fullmatch(line)
        if match is None:
            break
        enums[match["name"]] = {"enum": match["labels"].split(" | ")}
    label = enums.pop(LABEL_LINE, {})
    reasoning = {"reasoning": {"type": "string"}} if REASONING_FIRST in lines[at] else {}
    criteria = {"criteria": {"properties": enums}} if enums else {}
    return {"properties": {**reasoning, **criteria, "label": label}}


# What words on a scale mean to whoever reads them, lowest first, in whatever order they are listed.
_KNOWN_SCALES = (
    ("A", "tie", "B"),
    GRADES,
    ("no", "yes"),
    ("fail", "pass"),
    ("false", "true"),
)


def lowest_first(labels: Sequence[str]) -> Sequence[str]:
    """The labels by what they mean: numbers and known words, any others in the order listed."""
    for known in _KNOWN_SCALES:
        if set(labels) <= set(known):
            return [label for label in known if label in labels]
    try:
        return sorted(labels, key=float)
    except ValueError:
        return labels


def _loaded(line: str) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(f"the JSON schema in the prompt cannot be read: {error}") from error
    return found


def scales(schema: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    """The labels of each criterion of an answer's schema, and of the whole by ""."""
    properties = _child(schema, "properties")
    criteria = _child(_child(properties, "criteria"), "properties")
    asked = {**criteria, "": properties.get("label")}
    scales = {name: _child({"": scale}, "").get("enum") for name, scale in asked.items()}
    if not all(isinstance(labels, Sequence) and labels for labels in scales.values()):
        raise InputError("the JSON schema of the answer has a label without an enum")
    return {name: labels for name, labels in scales.items() if labels}


def _child(schema: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = schema.get(name)
    return found if isinstance(found, Mapping) else {}


def written_in_text(reasoning: str, labels: Mapping[str, str]) -> str:
    """A well-formed answer in plain text."""
    lines = [f"{name}: {label}" for name, label in labels.items() if name]
    return "\n".join([*([reasoning] if reasoning else []), *lines, f"{LABEL_LINE}: {labels['']}"])


def written(reasoning: str, labels: Mapping[str, str]) -> str:
    """A well-formed answer. labels: of each criterion, and of the whole by ""."""
    criteria = {name: label for name, label in labels.items() if name}
    first = {"reasoning": reasoning} if reasoning else {}
    middle = {"criteria": criteria} if criteria else {}
    parts = {**first, **middle, "label": labels[""]}
    return json.dumps(parts, ensure_ascii=False)


def chatted(answer: str, *, in_text: bool = False) -> str:
    """The answer with words around it, as models give it that nothing holds to a schema."""
    if in_text:
        return f"I have read all of it (twice).\n\n{answer}\n\nThat is my verdict."
    return f"I have read all of it (twice).\n\n```json\n{answer}\n```\nThat is my verdict."


def unreadable(labels: Sequence[str], drawn: float, *, in_text: bool = False) -> str:
    """An answer that does not follow its schema: prose, two labels, or one that is off the scale."""
    if in_text and drawn >= 1 / 3:
        two = "\n".join(f"{LABEL_LINE}: {label}" for label in (labels[0], labels[-1]))
        return two if drawn < 2 / 3 else f"It is hard to say.\n{LABEL_LINE}: none of these"
    if drawn < 1 / 3:
        return "Both have their merits, and much depends on what the reader is looking for."
    if drawn < 2 / 3:
        return " or ".join(json.dumps({"label": label}) for label in (labels[0], labels[-1]))
    return json.dumps({"reasoning": "It is hard to say.", "label": "none of these"})
