"""JSON schemas for editors: kept as generated, true of our own files, every key described."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from pydantic import BaseModel

from judge import rubric_rules
from judge.editor_schema import editor_schema
from judge.errors import InputError
from judge.workflow import config, init

ROOT = Path(__file__).parents[1]
SCHEMAS = {
    "rubric": ("judge.rubric_rules", rubric_rules.json_schema()),
    "config": ("judge.workflow.config", config.json_schema()),
}
RUBRIC, CONFIG = (json.loads(text) for _, text in SCHEMAS.values())


def objects(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every object inside a schema, itself first."""
    if isinstance(node, Mapping):
        yield node
    for held in node.values() if isinstance(node, Mapping) else node:
        if isinstance(held, Mapping | list):
            yield from objects(held)


def errors(schema: Mapping[str, Any], data: object) -> list[str]:
    return [e.message for e in jsonschema.Draft202012Validator(schema).iter_errors(data)]


@pytest.mark.parametrize("name", SCHEMAS)
def test_kept_schema_is_the_one_that_the_module_prints(name: str) -> None:
    """Remedy: python -m MODULE > docs/NAME.schema.json"""
    module, text = SCHEMAS[name]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", module], capture_output=True, check=True, cwd=ROOT
    )
    assert done.stdout.decode("utf-8") == text
    assert (ROOT / "docs" / f"{name}.schema.json").read_text("utf-8") == text


@pytest.mark.parametrize("schema", [RUBRIC, CONFIG], ids=list(SCHEMAS))
def test_every_key_is_described_and_none_may_be_null(schema: Mapping[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    tables = [node for node in objects(schema) if node.get("additionalProperties") is False]
    keys = [key for table in tables for key in table["properties"].items()]
    assert len(keys) > 20
    assert [key for key, held in keys if not held.get("description")] == []
    assert all(node.get("type") != "null" for node in objects(schema))


@pytest.mark.parametrize("path", sorted((ROOT / "rubrics").glob("*/v*.toml")), ids=str)
def test_our_own_rubrics_satisfy_the_schema(path: Path) -> None:
    assert errors(RUBRIC, tomllib.loads(path.read_text("utf-8"))) == []


def test_the_config_that_init_writes_satisfies_the_schema() -> None:
    keys = {"OPENAI_API_KEY": "x", "ANTHROPIC_API_KEY": "y"}
    assert errors(CONFIG, tomllib.loads(init.template(keys))) == []


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ('run = { rubric = "a" }', True),
        ('run = { rubric = ["a", "b"] }', True),
        ('gate = { fail_if = "worse" }\nfamilies = { "^m" = "x+y", "^n" = ["x", "y"] }', True),
        ('[[judges]]\nprovider = "openai"\nmodel = "m"\nparameters = { top_p = 1 }', True),
        ("run = { rubric = 1 }", False),
        ("run = { seeed = 1 }", False),
        ('[[judges]]\nprovider = "openai"', False),
    ],
)
def test_schema_and_reader_agree_on_what_a_config_may_say(text: str, is_right: bool) -> None:
    data = tomllib.loads(text)
    assert (errors(CONFIG, data) == []) is is_right
    if is_right:
        config.parse_config(data, "judge.toml")
    else:
        with pytest.raises(InputError):
            config.parse_config(data, "judge.toml")


def test_a_description_of_a_key_that_does_not_exist_is_refused() -> None:
    class Inner(BaseModel):
        depth: int | None = None

    class Outer(BaseModel):
        inner: list[Inner] = []

    made = json.loads(
        editor_schema(Outer, name="n", title="t", descriptions={"inner.depth": "How deep."})
    )
    assert made["$defs"]["Inner"]["properties"]["depth"] == {
        "type": "integer",
        "description": "How deep.",
    }
    for gone in ("inner.width", "outer", "inner.depth.more"):
        with pytest.raises(KeyError):
            editor_schema(Outer, name="n", title="t", descriptions={gone: "?"})
