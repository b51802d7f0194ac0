"""Judges behind the chat completions API: OpenAI's own, and the many servers that speak it.

Chat completions rather than responses, because vLLM, Ollama, llama.cpp, OpenRouter, Azure and Gemini
all have it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx2
import openai

from judge import logprobs
from judge.providers import wire
from judge.providers.address import address
from judge.providers.wire import Clock, Line, Malformed, Manner, Reply, SdkDoor
from judge.types import Completion, JudgeModel, Prompt

HOME = "https://api.openai.com/v1"
KEY_VARIABLE = "OPENAI_API_KEY"
PATH = "/chat/completions"

# The most alternatives that the API gives. Scales are shorter, but a label has several spellings.
_WEIGHED = {"logprobs": True, "top_logprobs": 20}

_FINISH = {
    "stop": "stop",
    "tool_calls": "stop",
    "function_call": "stop",
    "length": "length",
    "content_filter": "refusal",
}


def connect(
    judge: JudgeModel,
    *,
    api_key: str | None,
    timeout_s: float = 120.0,
    http_client: httpx2.AsyncClient | None = None,
    clock: Clock = time.perf_counter,
    now: Clock = time.time,
) -> OpenAIProvider:
    """A Provider for that judge. timeout_s: for one whole request.

    clock: measures latencies, in seconds from any origin. now: seconds since 1970, for Retry-After.
    Raises InputError where a key is needed and absent.
    """
    where = address(judge, api_key=api_key, home=HOME, key_variable=KEY_VARIABLE)
    timeout = wire.timeouts(timeout_s)
    client = openai.AsyncOpenAI(
        api_key=where.secret or wire.NO_KEY,
        base_url=where.url,
        max_retries=0,
        timeout=timeout,
        http_client=http_client
        or openai.DefaultAsyncHttpxClient(
            timeout=timeout, limits=wire.LIMITS, follow_redirects=False
        ),
    )
    if not where.is_home:
        # The SDK takes these from the environment; they are OpenAI's and nobody else's to see.
        client.organization = client.project = client.admin_api_key = None
    line = Line(
        SdkDoor(openai, client, PATH, timeout_s),
        where,
        PATH,
        Manner(judge.capabilities.structured),
        renames=True,
        timeout_s=timeout_s,
        clock=clock,
        now=now,
    )
    return OpenAIProvider(line, wire.LIMIT_NAMES if where.is_home else wire.LIMIT_NAMES[::-1])


class OpenAIProvider:
    """A Provider over chat completions. limit_names: of the token limit, the one to begin with first."""

    def __init__(self, line: Line, limit_names: tuple[str, ...]) -> None:
        self._line = line
        self._limit_names = limit_names

    async def complete(self, judge: JudgeModel, prompt: Prompt) -> Completion:
        """The answer to a prompt. Raises ProviderError subclasses only."""

        def put(manner: Manner) -> dict[str, Any]:
            return {
                **self._settings(judge, manner),
                "messages": _messages(prompt),
                **_structure(prompt, manner),
            }

        reply = await self._line.ask(prompt, put)
        try:
            return _completion(judge, reply, self._settings(judge, reply.manner))
        except Malformed as problem:
            error = self._line.malformed(reply, problem)
        raise error

    async def aclose(self) -> None:
        """Nothing; connections are closed."""
        await self._line.aclose()

    def _settings(self, judge: JudgeModel, manner: Manner) -> dict[str, Any]:
        """The request without texts and schema."""
        asked = _WEIGHED if judge.reading == "logprobs" else {}
        settings = {"model": judge.model, **asked, **judge.parameters}
        used = next((name for name in self._limit_names if name in settings), self._limit_names[0])
        limit = settings.pop(used, wire.MAX_TOKENS)
        if manner.other_limit:
            used = next(name for name in self._limit_names if name != used)
        return {**settings, used: limit}


def _messages(prompt: Prompt) -> list[dict[str, str]]:
    system = [{"role": "system", "content": prompt.system}] if prompt.system else []
    return [*system, {"role": "user", "content": prompt.user}]


def _structure(prompt: Prompt, manner: Manner) -> dict[str, Any]:
    schema = dict(prompt.schema)
    if manner.structured == "json_schema":
        named = {"name": wire.SCHEMA_NAME, "strict": True, "schema": schema}
        return {"response_format": {"type": "json_schema", "json_schema": named}}
    if manner.structured == "tool":
        function = {
            "name": wire.SCHEMA_NAME,
            "description": wire.TOOL_DESCRIPTION,
            "parameters": schema,
        }
        chosen = {"type": "function", "function": {"name": wire.SCHEMA_NAME}}
        return {"tools": [{"type": "function", "function": function}], "tool_choice": chosen}
    return {}


def _completion(judge: JudgeModel, reply: Reply, settings: Mapping[str, Any]) -> Completion:
    body = reply.body()
    choices = wire.mappings(body.get("choices"), "choices")
    if not choices:
        raise Malformed("no choices")
    message = wire.mapping(choices[0].get("message"), "message")
    usage = body.get("usage")
    refusal = wire.text_of(message.get("refusal"))
    text = refusal or _text(message, reply.manner)
    reason = wire.text_of(choices[0].get("finish_reason"))
    return Completion(
        text=text,
        finish_reason="refusal" if refusal else _FINISH.get(reason, reason),
        model=wire.text_of(body.get("model")),
        request_id=reply.response.headers.get("x-request-id")
        or wire.text_of(body.get("id"))
        or None,
        tokens_in=wire.count(usage, "prompt_tokens"),
        tokens_out=wire.count(usage, "completion_tokens"),
        tokens_cached=wire.count(usage, "prompt_tokens_details", "cached_tokens"),
        latency_s=reply.latency_s,
        logprobs=_logprobs(judge, choices[0], text),
        structured=reply.manner.structured,
        sent={**settings, "structured": reply.manner.structured},
    )


def _text(message: Mapping[str, Any], manner: Manner) -> str:
    """The arguments of the tool call in tool mode, those of several one after the other; else the text."""
    calls = message.get("tool_calls")
    if manner.structured == "tool" and calls:
        return "\n".join(_arguments(call) for call in wire.mappings(calls, "tool_calls"))
    content = message.get("content")
    if content is None or isinstance(content, str):
        return content or ""
    parts = wire.mappings(content, "content")  # Mistral's thinking models answer in parts
    return "".join(wire.text_of(part.get("text")) for part in parts if part.get("type") == "text")


def _arguments(call: Mapping[str, Any]) -> str:
    arguments = wire.mapping(call.get("function"), "function").get("arguments")
    if isinstance(arguments, dict):  # some servers do not encode them
        return json.dumps(arguments, ensure_ascii=False)
    if not isinstance(arguments, str):
        raise Malformed("no arguments")
    return arguments


def _logprobs(judge: JudgeModel, choice: Mapping[str, Any], text: str) -> tuple[Any, ...] | None:
    """What the API said of the answer's tokens, where the judge is known for it and was asked."""
    found = choice.get("logprobs")
    content = found.get("content") if isinstance(found, dict) else None
    if not judge.capabilities.logprobs or not isinstance(content, list) or not content:
        return None
    if judge.parameters.get("logprobs"):
        return tuple(content)
    return logprobs.slim(content, text) if judge.reading == "logprobs" else None
