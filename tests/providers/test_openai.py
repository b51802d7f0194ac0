"""The chat completions wire: what goes out, and how each answer is read."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx2
import pytest

from judge.errors import RequestRejected, TransientError
from judge.parse import reask
from judge.providers import openai
from judge.types import Capabilities, Completion, JudgeModel, Prompt

SCHEMA = {
    "type": "object",
    "properties": {"reasoning": {"type": "string"}, "label": {"enum": ["A", "tie", "B"]}},
    "required": ["reasoning", "label"],
    "additionalProperties": False,
}
MESSAGES = [
    {"role": "system", "content": "You compare."},
    {"role": "user", "content": "Which is better? \u00fc"},
]
PROMPT = Prompt(
    MESSAGES[0]["content"], MESSAGES[1]["content"], SCHEMA, "", "", "", idempotency_key="key-1"
)
TOOL = {"name": "verdict", "description": "Takes the verdict.", "parameters": SCHEMA}
STRUCTURE: dict[str, dict[str, Any]] = {
    "json_schema": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "verdict", "strict": True, "schema": SCHEMA},
        }
    },
    "tool": {
        "tools": [{"type": "function", "function": TOOL}],
        "tool_choice": {"type": "function", "function": {"name": "verdict"}},
    },
    "none": {},
}


class Server:
    """A chat completions server that answers from a function. requests: what it was sent."""

    def __init__(self, reply: Callable[[dict[str, Any]], httpx2.Response]) -> None:
        self.reply = reply
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return self.reply(json.loads(request.content))

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests]

    def connect(self, who: JudgeModel, **more: Any) -> openai.OpenAIProvider:
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(self))
        return openai.connect(who, api_key="sk-test", http_client=client, **more)


def judge(**changes: Any) -> JudgeModel:
    return JudgeModel(**{"judge": "j", "provider": "openai", "model": "m-1", **changes})


def mode(structured: Any, **more: Any) -> JudgeModel:
    return judge(capabilities=Capabilities(structured=structured), **more)


def chat(
    message: Mapping[str, Any], *, finish: str | None = "stop", **fields: Any
) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return {"id": "chatcmpl-1", "model": "m-1-2026", "choices": [choice], **fields}


async def read(
    body: Mapping[str, Any], who: JudgeModel | None = None, **headers: str
) -> Completion:
    """The completion of a 200 with that body."""
    who = who or judge()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    server = Server(lambda _: httpx2.Response(200, json=body, headers=named))
    return await server.connect(who).complete(who, PROMPT)


def call(arguments: object, name: str = "verdict") -> dict[str, Any]:
    return {"id": "c", "type": "function", "function": {"name": name, "arguments": arguments}}


# -- what goes out -------------------------------------------------------------------------------


@pytest.mark.parametrize("structured", ["json_schema", "tool", "none"])
async def test_the_body_of_each_mode(structured: str) -> None:
    server = Server(lambda _: httpx2.Response(200, json=chat({"content": "{}"})))
    who = mode(structured)
    said = await server.connect(who).complete(who, PROMPT)
    assert server.bodies == [
        {
            "model": "m-1",
            "max_completion_tokens": 2048,
            "messages": MESSAGES,
            **STRUCTURE[structured],
        }
    ]
    assert said.structured == structured
    assert said.sent == {
        "model": "m-1",
        "max_completion_tokens": 2048,
        "structured": structured,
    }


async def test_the_order_of_the_schema_is_kept_so_that_reasons_precede_the_label() -> None:
    server = Server(lambda _: httpx2.Response(200, json=chat({"content": "{}"})))
    await server.connect(judge()).complete(judge(), PROMPT)
    sent = server.bodies[0]["response_format"]["json_schema"]["schema"]
    assert list(sent["properties"]) == ["reasoning", "label"]


async def test_headers_and_address() -> None:
    server = Server(lambda _: httpx2.Response(200, json=chat({"content": "{}"})))
    who = judge(base_url="http://127.0.0.1:8000/v1/")
    asked = server.connect(who)
    await asked.complete(who, PROMPT)
    other = Prompt("s", "u", SCHEMA, "", "", "", idempotency_key="key-2")
    await asked.complete(who, reask(other))
    assert [str(r.url) for r in server.requests] == [
        "http://127.0.0.1:8000/v1/chat/completions"
    ] * 2
    assert [r.headers["idempotency-key"] for r in server.requests] == ["key-1", "key-2/reask"]
    assert [r.headers["authorization"] for r in server.requests] == ["Bearer sk-test"] * 2
    assert server.requests[0].headers["content-type"] == "application/json"
    assert server.requests[0].extensions["timeout"] == {
        "connect": 10.0,
        "read": 120.0,
        "write": 120.0,
        "pool": 120.0,
    }


async def test_the_account_in_the_environment_is_not_told_to_other_hosts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-1")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere.example/v1")
    server = Server(lambda _: httpx2.Response(200, json=chat({"content": "{}"})))
    for url in ("http://127.0.0.1:8000/v1", None):
        who = judge(base_url=url)
        await server.connect(who).complete(who, PROMPT)
    other, own = server.requests
    assert not {"openai-organization", "openai-project"} & set(other.headers)
    assert own.headers["openai-organization"] == "org-1"
    assert own.url.host == "api.openai.com"
    assert {r.headers["authorization"] for r in server.requests} == {"Bearer sk-test"}


async def test_no_system_text_is_no_message() -> None:
    server = Server(lambda _: httpx2.Response(200, json=chat({"content": "{}"})))
    bare = Prompt("", "u", SCHEMA, "", "", "", idempotency_key="k")
    await server.connect(judge()).complete(judge(), bare)
    assert server.bodies[0]["messages"] == [{"role": "user", "content": "u"}]


async def test_parameters_are_sent_as_they_are() -> None:
    parameters = {
        "temperature": 0,
        "seed": 7,
        "reasoning_effort": "low",
        "chat_template_kwargs": {"enable_thinking": False},
    }
    server = Server(lambda _: httpx2.Response(200, json=chat({"content": "{}"})))
    who = judge(parameters=parameters)
    said = await server.connect(who).complete(who, PROMPT)
    assert server.bodies[0].items() >= parameters.items()
    assert said.sent.items() >= parameters.items()
    assert not {"messages", "response_format"} & set(said.sent)


# -- the name of the token limit -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "parameters", "limit"),
    [
        (None, {}, {"max_completion_tokens": 2048}),
        ("https://api.openai.com/v1", {}, {"max_completion_tokens": 2048}),
        ("https://eu.api.openai.com/v1", {}, {"max_completion_tokens": 2048}),
        ("http://127.0.0.1:8000/v1", {}, {"max_tokens": 2048}),
        ("https://notapi.openai.com/v1", {}, {"max_tokens": 2048}),
        ("https://api.openai.com.example/v1", {}, {"max_tokens": 2048}),
        (None, {"max_tokens": 99}, {"max_tokens": 99}),
        ("http://127.0.0.1:8000/v1", {"max_completion_tokens": 99}, {"max_completion_tokens": 99}),
    ],
)
async def test_the_limit_goes_by_the_name_that_the_host_knows(
    base_url: str | None, parameters: dict[str, int], limit: dict[str, int]
) -> None:
    server = Server(lambda _: httpx2.Response(200, json=chat({"content": "{}"})))
    who = judge(base_url=base_url, parameters=parameters)
    said = await server.connect(who).complete(who, PROMPT)
    names = {"max_tokens", "max_completion_tokens"}
    assert {k: v for k, v in server.bodies[0].items() if k in names} == limit
    assert {k: v for k, v in said.sent.items() if k in names} == limit


def _refuse_field(name: str, other: str) -> Callable[[dict[str, Any]], httpx2.Response]:
    message = (
        f"Unsupported parameter: '{name}' is not supported with this model. Use '{other}' instead."
    )

    def reply(body: dict[str, Any]) -> httpx2.Response:
        if name in body:
            error = {"message": message, "param": name, "code": "unsupported_parameter"}
            return httpx2.Response(400, json={"error": error})
        return httpx2.Response(200, json=chat({"content": "{}"}))

    return reply


@pytest.mark.parametrize(
    ("base_url", "parameters", "names"),
    [
        (None, {}, ("max_completion_tokens", "max_tokens")),
        ("http://127.0.0.1:8000/v1", {}, ("max_tokens", "max_completion_tokens")),
        (None, {"max_tokens": 99}, ("max_tokens", "max_completion_tokens")),
    ],
)
async def test_a_refused_name_is_changed_once_and_remembered(
    base_url: str | None, parameters: dict[str, int], names: tuple[str, str]
) -> None:
    first, second = names
    server = Server(_refuse_field(first, second))
    who = judge(base_url=base_url, parameters=parameters)
    asked = server.connect(who)
    said = [await asked.complete(who, PROMPT) for _ in range(2)]
    limit = parameters.get("max_tokens", 2048)
    assert [(b.get(first), b.get(second)) for b in server.bodies] == [
        (limit, None),
        (None, limit),
        (None, limit),
    ]
    assert [(s.sent.get(first), s.sent[second]) for s in said] == [(None, limit)] * 2
    assert [s.structured for s in said] == ["json_schema"] * 2


async def test_a_server_that_takes_neither_name_is_asked_twice() -> None:
    def reply(body: dict[str, Any]) -> httpx2.Response:
        name = "max_tokens" if "max_tokens" in body else "max_completion_tokens"
        return httpx2.Response(400, json={"error": {"message": f"unknown field {name}"}})

    server = Server(reply)
    with pytest.raises(RequestRejected, match="unknown field max_tokens"):
        await server.connect(judge()).complete(judge(), PROMPT)
    assert len(server.requests) == 2


async def test_a_limit_that_is_too_large_keeps_its_name() -> None:
    error = {
        "message": "max_completion_tokens is too large: 2048",
        "param": "max_completion_tokens",
    }
    server = Server(lambda _: httpx2.Response(400, json={"error": error}))
    with pytest.raises(RequestRejected, match="too large"):
        await server.connect(judge()).complete(judge(), PROMPT)
    assert len(server.requests) == 1


async def test_both_lessons_are_learned_by_one_request() -> None:
    refuse_name = _refuse_field("max_completion_tokens", "max_tokens")

    def reply(body: dict[str, Any]) -> httpx2.Response:
        if "response_format" in body:
            return httpx2.Response(400, json={"error": {"message": "no response_format here"}})
        return refuse_name(body)

    server = Server(reply)
    asked = server.connect(judge())
    for _ in range(2):
        said = await asked.complete(judge(), PROMPT)
        assert said.sent == {"model": "m-1", "max_tokens": 2048, "structured": "tool"}
    assert len(server.requests) == 4


# -- how answers are read ------------------------------------------------------------------------


async def test_a_plain_answer() -> None:
    body = chat({"content": '{"label": "A"}', "refusal": None})
    ticks = itertools.count(100.0, 0.5)
    server = Server(lambda _: httpx2.Response(200, json=body, headers={"x-request-id": "req-9"}))
    said = await server.connect(judge(), clock=lambda: next(ticks)).complete(judge(), PROMPT)
    assert said == Completion(
        text='{"label": "A"}',
        finish_reason="stop",
        model="m-1-2026",
        request_id="req-9",
        latency_s=0.5,
        structured="json_schema",
        sent={"model": "m-1", "max_completion_tokens": 2048, "structured": "json_schema"},
    )


async def test_latency_is_that_of_the_request_that_was_answered() -> None:
    ticks = itertools.count(0.0, 1.0)
    server = Server(_refuse_field("max_completion_tokens", "max_tokens"))
    asked = server.connect(judge(), clock=lambda: next(ticks))
    assert (await asked.complete(judge(), PROMPT)).latency_s == 1.0


async def test_the_answers_own_id_stands_in_where_the_server_numbers_no_requests() -> None:
    assert (await read(chat({"content": "{}"}))).request_id == "chatcmpl-1"
    assert (await read(chat({"content": "{}"}, id=None))).request_id is None


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        ("stop", "stop"),
        ("tool_calls", "stop"),
        ("function_call", "stop"),
        ("length", "length"),
        ("content_filter", "refusal"),
        ("error", "error"),
        (None, ""),
    ],
)
async def test_finish_reasons(finish: str | None, reason: str) -> None:
    said = await read(chat({"content": "{}"}, finish=finish))
    assert (said.finish_reason, said.text) == (reason, "{}")


@pytest.mark.parametrize("finish", ["stop", "content_filter", "length"])
async def test_a_refusal_is_one_whatever_the_finish_reason_says(finish: str) -> None:
    said = await read(chat({"content": None, "refusal": "I cannot compare these."}, finish=finish))
    assert (said.finish_reason, said.text) == ("refusal", "I cannot compare these.")


async def test_a_cut_off_answer_keeps_its_beginning() -> None:
    said = await read(chat({"content": '{"reasoning": "The fir'}, finish="length"))
    assert (said.finish_reason, said.text) == ("length", '{"reasoning": "The fir')
    nothing = await read(chat({"content": None}, finish="length"))
    assert (nothing.finish_reason, nothing.text) == ("length", "")


async def test_an_answer_in_parts_is_its_text_parts() -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": '{"label"'},
        {"type": "text", "text": ': "A"}'},
    ]
    assert (await read(chat({"content": parts}))).text == '{"label": "A"}'


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": None, "tool_calls": [call('{"label": "A"}')]}, '{"label": "A"}'),
        ({"content": "So:", "tool_calls": [call('{"label": "A"}')]}, '{"label": "A"}'),
        ({"content": None, "tool_calls": [call({"label": "\u00fc"})]}, '{"label": "\u00fc"}'),
        (
            {"content": None, "tool_calls": [call('{"label": "A"}'), call('{"label": "B"}')]},
            '{"label": "A"}\n{"label": "B"}',
        ),
        ({"content": '{"label": "B"}', "tool_calls": []}, '{"label": "B"}'),
        ({"content": '{"label": "B"}', "tool_calls": None}, '{"label": "B"}'),
        ({"content": '{"label": "B"}'}, '{"label": "B"}'),
    ],
)
async def test_in_tool_mode_the_arguments_are_the_answer(
    message: dict[str, Any], text: str
) -> None:
    said = await read(chat(message, finish="tool_calls"), mode("tool"))
    assert (said.text, said.finish_reason, said.structured) == (text, "stop", "tool")


@pytest.mark.parametrize(
    "calls", [[None], [{}], [{"function": None}], [call(None)], [call(5)], "text", {"a": 1}]
)
async def test_a_tool_call_of_another_shape_is_transient(calls: object) -> None:
    with pytest.raises(TransientError, match="not the API's"):
        await read(chat({"content": None, "tool_calls": calls}), mode("tool"))


async def test_a_cut_off_tool_call_is_cut_off() -> None:
    message = {"content": None, "tool_calls": [call('{"reasoning": "The')]}
    said = await read(chat(message, finish="length"), mode("tool"))
    assert (said.finish_reason, said.text) == ("length", '{"reasoning": "The')


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        (
            {
                "prompt_tokens": 1200,
                "completion_tokens": 80,
                "prompt_tokens_details": {"cached_tokens": 1024},
                "completion_tokens_details": {"reasoning_tokens": 60},
            },
            (1200, 80, 1024),
        ),
        ({"prompt_tokens": 12, "completion_tokens": 8}, (12, 8, 0)),
        ({"prompt_tokens": 12, "completion_tokens": 8, "prompt_tokens_details": None}, (12, 8, 0)),
        ({"prompt_tokens": None, "completion_tokens": -1}, (0, 0, 0)),
        ({"prompt_tokens": "12", "completion_tokens": True}, (0, 0, 0)),
        (None, (0, 0, 0)),
        ([], (0, 0, 0)),
    ],
)
async def test_input_tokens_include_the_cached_ones(
    usage: object, tokens: tuple[int, int, int]
) -> None:
    said = await read(chat({"content": "{}"}, usage=usage))
    assert (said.tokens_in, said.tokens_out, said.tokens_cached) == tokens


@pytest.mark.parametrize(
    ("can", "asked", "kept"),
    [(True, True, True), (True, False, False), (False, True, False)],
)
async def test_logprobs_are_kept_where_the_judge_can_and_was_asked(
    can: bool, asked: bool, kept: bool
) -> None:
    tokens = [{"token": "A", "logprob": -0.1, "top_logprobs": []}]
    body = chat({"content": "{}"})
    body["choices"][0]["logprobs"] = {"content": tokens}
    who = judge(capabilities=Capabilities(logprobs=can), parameters={"logprobs": asked})
    assert (await read(body, who)).logprobs == (tuple(tokens) if kept else None)


@pytest.mark.parametrize("logprobs", [None, {}, {"content": None}, []])
async def test_logprobs_that_the_server_left_out_are_none(logprobs: object) -> None:
    body = chat({"content": "{}"})
    body["choices"][0]["logprobs"] = logprobs
    who = judge(capabilities=Capabilities(logprobs=True), parameters={"logprobs": True})
    assert (await read(body, who)).logprobs is None


async def test_an_answer_with_half_a_character_is_kept_as_it_came() -> None:
    content = b'{"choices": [{"message": {"content": "\\ud83d"}, "finish_reason": "stop"}]}'
    server = Server(lambda _: httpx2.Response(200, content=content))
    said = await server.connect(judge()).complete(judge(), PROMPT)
    assert said.text == "\ud83d"


# -- a judge that is read by its log-probabilities -----------------------------------------------


def weighed(**changes: Any) -> JudgeModel:
    return judge(capabilities=Capabilities(logprobs=True), reading="logprobs", **changes)


@pytest.mark.parametrize(
    ("parameters", "top"), [({}, 20), ({"top_logprobs": 5}, 5), ({"logprobs": True}, 20)]
)
async def test_the_reading_asks_for_logprobs(parameters: dict[str, Any], top: int) -> None:
    server = Server(lambda _: httpx2.Response(200, json=chat({"content": "{}"})))
    who = weighed(parameters=parameters)
    done = await server.connect(who).complete(who, PROMPT)
    asked = {"logprobs": True, "top_logprobs": top}
    assert server.bodies[0].items() >= asked.items()
    assert done.sent.items() >= asked.items()


async def test_the_reading_keeps_every_token_and_the_alternatives_of_the_label() -> None:
    other = {"token": "x", "logprob": -3.0}
    texts = ['{"reasoning": "', "well", '", "label', '": "', "A", '"}']
    tokens = [{"token": t, "logprob": -0.1, "top_logprobs": [other]} for t in texts]
    body = chat({"content": "".join(texts)})
    body["choices"][0]["logprobs"] = {"content": tokens}
    kept = (await read(body, weighed())).logprobs
    assert kept is not None
    assert [entry["token"] for entry in kept] == texts
    assert [bool(entry["top_logprobs"]) for entry in kept] == [False, False, True, True, True, True]
    whole = await read(body, weighed(parameters={"logprobs": True}))
    assert whole.logprobs == tuple(tokens)


async def test_an_empty_list_of_logprobs_is_none() -> None:
    body = chat({"content": "{}"})
    body["choices"][0]["logprobs"] = {"content": []}
    assert (await read(body, weighed())).logprobs is None


@pytest.mark.parametrize(
    "said",
    [
        "Requested sample logprobs of 20, which is greater than max allowed: 5",
        "top_logprobs must be between 0 and 5",
    ],
)
async def test_a_server_that_gives_fewer_alternatives_says_how_to_ask_for_fewer(said: str) -> None:
    server = Server(lambda _: httpx2.Response(400, json={"error": {"message": said}}))
    with pytest.raises(RequestRejected, match=r"smaller number as the judge's parameters\.top_log"):
        await server.connect(weighed()).complete(weighed(), PROMPT)


async def test_a_server_that_refuses_logprobs_says_what_to_change() -> None:
    error = {"error": {"message": "logprobs is not supported", "param": "logprobs"}}
    server = Server(lambda _: httpx2.Response(400, json=error))
    with pytest.raises(RequestRejected, match=r'logprobs = false, its reading = "label"$'):
        await server.connect(weighed()).complete(weighed(), PROMPT)
