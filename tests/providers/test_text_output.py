"""A wording that wants plain text: no schema goes over the wire, and the line learns nothing from it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from judge.providers import anthropic, openai
from judge.types import JudgeModel, Prompt

SCHEMA = {
    "type": "object",
    "properties": {"label": {"type": "string", "enum": ["A", "B"]}},
    "required": ["label"],
    "additionalProperties": False,
}
PROMPT = Prompt("You compare.", "Which is better?", SCHEMA, "", "", "", idempotency_key="key-1")
IN_TEXT = dataclasses.replace(PROMPT, in_text=True, idempotency_key="key-2")
STRUCTURE = {"response_format", "tools", "tool_choice", "output_config"}
BODIES: dict[str, dict[str, Any]] = {
    "openai": {
        "id": "1",
        "model": "m",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": "Label: A"},
            }
        ],
    },
    "anthropic": {
        "id": "1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "Label: A"}],
        "usage": {"input_tokens": 1, "output_tokens": 1},
    },
}
CONNECT: dict[str, Callable[..., Any]] = {"openai": openai.connect, "anthropic": anthropic.connect}


@pytest.mark.parametrize("wire", CONNECT)
async def test_a_request_for_text_carries_no_schema_and_the_next_one_does(wire: str) -> None:
    bodies: list[dict[str, Any]] = []

    def reply(request: httpx2.Request) -> httpx2.Response:
        bodies.append(json.loads(request.content))
        return httpx2.Response(200, json=BODIES[wire])

    client = httpx2.AsyncClient(transport=httpx2.MockTransport(reply))
    who = JudgeModel("j", wire, "m")
    provider = CONNECT[wire](who, api_key="sk-test", http_client=client)
    answers = [await provider.complete(who, prompt) for prompt in (IN_TEXT, PROMPT, IN_TEXT)]
    await provider.aclose()
    assert [bool(STRUCTURE & body.keys()) for body in bodies] == [False, True, False]
    assert [answer.structured for answer in answers] == ["none", "json_schema", "none"]
