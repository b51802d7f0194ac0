"""The messages wire: what goes out, and how each answer is read."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx2
import pytest

from judge.errors import RequestRejected, TransientError
from judge.parse import reask
from judge.providers import anthropic
from judge.types import Capabilities, Completion, JudgeModel, Prompt

SCHEMA = {
    "type": "object",
    "properties": {"reasoning": {"type": "string"}, "label": {"enum": ["A", "tie", "B"]}},
    "required": ["reasoning", "label"],
    "additionalProperties": False,
}
PROMPT = Prompt("You compare.", "Which? \u00fc", SCHEMA, "", "", "", idempotency_key="key-1")
MESSAGES = [{"role": "user", "content": "Which? \u00fc"}]
STRUCTURE: dict[str, dict[str, Any]] = {
    "json_schema": {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
    "tool": {
        "tools": [{"name": "verdict", "description": "Takes the verdict.", "input_schema": SCHEMA}],
        "tool_choice": {"type": "tool", "name": "verdict"},
    },
    "none": {},
}


class Server:
    """A messages server that answers from a function. requests: what it was sent."""

    def __init__(self, reply: Callable[[dict[str, Any]], httpx2.Response]) -> None:
        self.reply = reply
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return self.reply(json.loads(request.content))

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests]

    def connect(self, who: JudgeModel, **more: Any) -> anthropic.AnthropicProvider:
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(self))
        return anthropic.connect(who, api_key="sk-test", http_client=client, **more)


def judge(**changes: Any) -> JudgeModel:
    return JudgeModel(**{"judge": "j", "provider": "anthropic", "model": "m-1", **changes})


def mode(structured: Any, **more: Any) -> JudgeModel:
    return judge(capabilities=Capabilities(structured=structured), **more)


def said_text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def tool_use(given: object, name: str = "verdict") -> dict[str, Any]:
    return {"type": "tool_use", "id": "t", "name": name, "input": given}


def message(*blocks: Any, stop: str | None = "end_turn", **fields: Any) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m-1-2026",
        "content": list(blocks),
        "stop_reason": stop,
        **fields,
    }


def answering(body: Mapping[str, Any], **headers: str) -> Server:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Server(lambda _: httpx2.Response(200, json=body, headers=named))


async def read(body: Mapping[str, Any], who: JudgeModel | None = None) -> Completion:
    """The completion of a 200 with that body."""
    who = who or judge()
    return await answering(body).connect(who).complete(who, PROMPT)


# -- what goes out -------------------------------------------------------------------------------


@pytest.mark.parametrize("structured", ["json_schema", "tool", "none"])
async def test_the_body_of_each_mode(structured: str) -> None:
    server = answering(message(said_text("{}")))
    who = mode(structured)
    said = await server.connect(who).complete(who, PROMPT)
    assert server.bodies == [
        {
            "model": "m-1",
            "max_tokens": 2048,
            "system": "You compare.",
            "messages": MESSAGES,
            **STRUCTURE[structured],
        }
    ]
    assert said.structured == structured
    assert said.sent == {"model": "m-1", "max_tokens": 2048, "structured": structured}


async def test_an_effort_and_the_schema_share_their_field() -> None:
    server = answering(message(said_text("{}")))
    who = judge(parameters={"output_config": {"effort": "low"}, "max_tokens": 64})
    said = await server.connect(who).complete(who, PROMPT)
    schema = {"type": "json_schema", "schema": SCHEMA}
    assert server.bodies[0]["output_config"] == {"effort": "low", "format": schema}
    assert said.sent == {
        "model": "m-1",
        "max_tokens": 64,
        "output_config": {"effort": "low"},
        "structured": "json_schema",
    }


async def test_a_temperature_is_sent_as_the_user_wants_it() -> None:
    server = answering(message(said_text("{}")))
    who = judge(parameters={"temperature": 0.0})
    said = await server.connect(who).complete(who, PROMPT)
    assert server.bodies[0]["temperature"] == said.sent["temperature"] == 0.0


async def test_a_temperature_that_the_api_refuses_is_the_users_to_remove() -> None:
    body = {
        "type": "error",
        "error": {
            "type": "invalid_request_error",
            "message": "temperature: Extra inputs are not permitted",
        },
    }
    server = Server(lambda _: httpx2.Response(400, json=body))
    who = judge(parameters={"temperature": 0.0})
    with pytest.raises(RequestRejected, match=r"remove temperature .* capabilities\.temperature"):
        await server.connect(who).complete(who, PROMPT)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        (None, "https://api.anthropic.com/v1/messages"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1/messages"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/v1/messages"),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1/messages"),
        ("http://127.0.0.1:8000/proxy/v1/", "http://127.0.0.1:8000/proxy/v1/messages"),
    ],
)
async def test_headers_and_address(base_url: str | None, url: str) -> None:
    server = answering(message(said_text("{}")))
    who = judge(base_url=base_url)
    asked = server.connect(who)
    await asked.complete(who, PROMPT)
    other = Prompt("s", "u", SCHEMA, "", "", "", idempotency_key="key-2")
    await asked.complete(who, reask(other))
    assert [str(r.url) for r in server.requests] == [url] * 2
    assert [r.headers["idempotency-key"] for r in server.requests] == ["key-1", "key-2/reask"]
    headers = server.requests[0].headers
    assert headers["authorization"] == "Bearer sk-test"
    assert headers["anthropic-version"] == "2026-10-21"
    assert headers["content-type"] == "application/json"
    assert server.requests[0].extensions["timeout"]["connect"] == 10.0


async def test_the_keys_in_the_environment_are_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-environment")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token-environment")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://elsewhere.example")
    server = answering(message(said_text("{}")))
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(server))
    for who, key in ((judge(), "sk-test"), (judge(base_url="http://127.0.0.1:1"), None)):
        asked = anthropic.connect(who, api_key=key, http_client=client)
        await asked.complete(who, PROMPT)
    assert [r.headers["authorization"] for r in server.requests] == [
        "Bearer sk-test",
        "Bearer none",
    ]
    assert [r.url.host for r in server.requests] == ["api.anthropic.com", "127.0.0.1"]


async def test_no_system_text_is_no_field() -> None:
    server = answering(message(said_text("{}")))
    bare = Prompt("", "u", SCHEMA, "", "", "", idempotency_key="k")
    await server.connect(judge()).complete(judge(), bare)
    assert "system" not in server.bodies[0]


async def test_the_token_limit_has_one_name_here() -> None:
    body = {"error": {"message": "max_tokens: unexpected value", "type": "invalid_request_error"}}
    server = Server(lambda _: httpx2.Response(400, json=body))
    with pytest.raises(RequestRejected):
        await server.connect(judge()).complete(judge(), PROMPT)
    assert len(server.requests) == 1


# -- how answers are read ------------------------------------------------------------------------


async def test_a_plain_answer() -> None:
    ticks = itertools.count(100.0, 0.5)
    server = answering(message(said_text('{"label": "A"}')), request_id="req_9")
    said = await server.connect(judge(), clock=lambda: next(ticks)).complete(judge(), PROMPT)
    assert said == Completion(
        text='{"label": "A"}',
        finish_reason="stop",
        model="m-1-2026",
        request_id="req_9",
        latency_s=0.5,
        structured="json_schema",
        sent={"model": "m-1", "max_tokens": 2048, "structured": "json_schema"},
    )


async def test_thoughts_are_no_part_of_the_answer() -> None:
    body = message(
        {"type": "thinking", "thinking": '{"label": "B"}', "signature": "x"},
        {"type": "redacted_thinking", "data": "x"},
        {"type": "a_kind_to_come", "text": '{"label": "B"}'},
        said_text('{"label"'),
        said_text(': "A"}'),
    )
    assert (await read(body)).text == '{"label": "A"}'


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("tool_use", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "refusal"),
        ("pause_turn", "pause_turn"),
        (None, ""),
    ],
)
async def test_stop_reasons(stop: str | None, reason: str) -> None:
    said = await read(message(said_text("{}"), stop=stop))
    assert (said.finish_reason, said.text) == (reason, "{}")


async def test_a_refusal_says_why_where_the_api_does() -> None:
    details = {"type": "refusal", "category": "bio", "explanation": "This is about toxins."}
    silent = await read(message(stop="refusal", stop_details=details))
    assert (silent.finish_reason, silent.text) == ("refusal", "This is about toxins.")
    spoken = await read(message(said_text("I cannot."), stop="refusal", stop_details=details))
    assert spoken.text == "I cannot."
    for nothing in (None, {}, {"explanation": None}):
        said = await read(message(stop="refusal", stop_details=nothing))
        assert (said.finish_reason, said.text) == ("refusal", "")


async def test_an_empty_answer_is_an_answer() -> None:
    said = await read(message())
    assert (said.finish_reason, said.text) == ("stop", "")


@pytest.mark.parametrize(
    ("blocks", "text"),
    [
        ([tool_use({"label": "A"})], '{"label": "A"}'),
        (
            [said_text("So:"), tool_use({"reasoning": "\u00fc", "label": "A"})],
            '{"reasoning": "\u00fc", "label": "A"}',
        ),
        ([tool_use({"label": "A"}), tool_use({"label": "B"})], '{"label": "A"}\n{"label": "B"}'),
        ([said_text('{"label": "B"}')], '{"label": "B"}'),
    ],
)
async def test_in_tool_mode_the_input_is_the_answer(blocks: list[Any], text: str) -> None:
    said = await read(message(*blocks, stop="tool_use"), mode("tool"))
    assert (said.text, said.finish_reason, said.structured) == (text, "stop", "tool")


@pytest.mark.parametrize("given", [None, "text", [], 5])
async def test_a_tool_use_of_another_shape_is_transient(given: object) -> None:
    with pytest.raises(TransientError, match="not the API's"):
        await read(message(tool_use(given)), mode("tool"))


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        (
            {
                "input_tokens": 100,
                "cache_creation_input_tokens": 20,
                "cache_read_input_tokens": 1000,
                "output_tokens": 80,
            },
            (1120, 80, 1000),
        ),
        ({"input_tokens": 100, "output_tokens": 80}, (100, 80, 0)),
        (
            {
                "input_tokens": 100,
                "cache_creation_input_tokens": None,
                "cache_read_input_tokens": None,
                "output_tokens": 80,
            },
            (100, 80, 0),
        ),
        (None, (0, 0, 0)),
    ],
)
async def test_input_tokens_are_the_sum_of_new_written_and_cached_ones(
    usage: object, tokens: tuple[int, int, int]
) -> None:
    said = await read(message(said_text("{}"), usage=usage))
    assert (said.tokens_in, said.tokens_out, said.tokens_cached) == tokens


async def test_there_are_no_logprobs() -> None:
    who = judge(capabilities=Capabilities(logprobs=True), parameters={"logprobs": True})
    assert (await read(message(said_text("{}"), logprobs={"content": [1]}), who)).logprobs is None
