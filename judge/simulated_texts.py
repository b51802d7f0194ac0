"""What a simulated judge reads in a prompt beside the judged texts, and the texts that it answers with."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from judge.errors import InputError
from judge.types import digest

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
    """The schema that a prompt states in words."""
    stated = [line for line in wording.split("\n") if line.startswith('{"type":"object"')]
    if not stated:
        raise InputError("neither the request nor its prompt holds the JSON schema of an answer")
    return _loaded(stated[-1])


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


def written(reasoning: str, labels: Mapping[str, str]) -> str:
    """A well-formed answer. labels: of each criterion, and of the whole by ""."""
    criteria = {name: label for name, label in labels.items() if name}
    middle = {"criteria": criteria} if criteria else {}
    parts = {"reasoning": reasoning, **middle, "label": labels[""]}
    return json.dumps(parts, ensure_ascii=False)


def chatted(answer: str) -> str:
    """The answer with words around it, as models give it that nothing holds to a schema."""
    return f"I have read all of it (twice).\n\n```json\n{answer}\n```\nThat is my verdict."


def unreadable(labels: Sequence[str], drawn: float) -> str:
    """An answer that does not follow its schema: prose, two labels, or one that is off the scale."""
    if drawn < 1 / 3:
        return "Both have their merits, and much depends on what the reader is looking for."
    if drawn < 2 / 3:
        return " or ".join(json.dumps({"label": label}) for label in (labels[0], labels[-1]))
    return json.dumps({"reasoning": "It is hard to say.", "label": "none of these"})
