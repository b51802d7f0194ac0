"""JSON schemas of the files that people write, for editors that complete and check them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel


def editor_schema(
    model: type[BaseModel], *, name: str, title: str, descriptions: Mapping[str, str] | None = None
) -> str:
    """The JSON schema (draft 2020-12) of a TOML file that the model describes, indented.

    name: its $id. descriptions: of keys by their path, as in `judges.model`, for a model that says
    nothing of them itself. Raises KeyError for a path that the model has not.
    """
    schema = model.model_json_schema()
    for path, text in (descriptions or {}).items():
        _key(schema, path.split("."))["description"] = text
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": name,
        "title": title,
    }
    return json.dumps(head | _plain(schema), indent=2, ensure_ascii=False) + "\n"


def _key(schema: Mapping[str, Any], path: list[str]) -> dict[str, Any]:
    """The place of a key in a schema, through the tables that it stands in."""
    *tables, last = path
    node: Mapping[str, Any] = schema
    for name in tables:
        node = _table(schema, node)["properties"][name]
    found: dict[str, Any] = _table(schema, node)["properties"][last]
    return found


def _table(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The table that a key holds, or each one of a list of them; its reference followed."""
    node = node.get("items", node)
    for choice in node.get("anyOf", ()):
        node = choice if "$ref" in choice else node
    if "$ref" not in node:
        return node
    found: Mapping[str, Any] = schema["$defs"][node["$ref"].rpartition("/")[2]]
    return found


def _plain(schema: Any) -> Any:
    """The schema without null, which TOML has not, and without titles made of the keys' names."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema if one != _NULL]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _plain(held)
        for key, held in schema.items()
        if not (key == "title" and isinstance(held, str))
        and not (key == "default" and (held is None or isinstance(held, dict)))
    }
    choices = kept.get("anyOf")
    if choices is not None and len(choices) == 1:
        return {**choices[0], **{key: held for key, held in kept.items() if key != "anyOf"}}
    return kept


_NULL = {"type": "null"}
