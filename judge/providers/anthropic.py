"""Judges behind the messages API of Anthropic, and the servers that speak it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import anthropic
import httpx2

from judge.providers import wire
from judge.providers.address import address
from judge.providers.wire import Clock, Line, Malformed, Manner, Reply, SdkDoor
from judge.types import Completion, JudgeModel, Prompt

HOME = "https://api.anthropic.com"
KEY_VARIABLE = "ANTHROPIC_API_KEY"
PATH = "/v1/messages"

_FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}


def connect(
    judge: JudgeModel,
    *,
    api_key: str | None,
    timeout_s: float = 120.0,
    http_client: httpx2.AsyncClient | None = None,
    clock: Clock = time.perf_counter,
    now: Clock = time.time,
) -> AnthropicProvider:
    """A Provider for that judge. timeout_s: for one whole request.

    base_url may end in /v1, as the ones of the other API do. clock: measures latencies, in seconds from
    any origin. now: seconds since 1970, for Retry-After.
    Raises InputError where a key is needed and absent.
    """
    where = address(judge, api_key=api_key, home=HOME, key_variable=KEY_VARIABLE)
    timeout = wire.timeouts(timeout_s)
    client = anthropic.AsyncAnthropic(
        api_key=where.secret or wire.NO_KEY,
        base_url=where.url,
        max_retries=0,
        timeout=timeout,
        http_client=http_client
        or anthropic.DefaultAsyncHttpxClient(
            timeout=timeout, limits=wire.LIMITS, follow_redirects=False
        ),
    )
    path = PATH.removeprefix("/v1") if where.url.rstrip("/").endswith("/v1") else PATH
    line = Line(
        SdkDoor(anthropic, client, path, timeout_s),
        where,
        path,
        Manner(judge.capabilities.structured),
        renames=False,
        timeout_s=timeout_s,
        clock=clock,
        now=now,
    )
    return AnthropicProvider(line)


class AnthropicProvider:
    """A Provider over the messages API."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def complete(self, judge: JudgeModel, prompt: Prompt) -> Completion:
        """The answer to a prompt. Raises ProviderError subclasses only."""
        settings = {"model": judge.model, "max_tokens": wire.MAX_TOKENS, **judge.parameters}

        def put(manner: Manner) -> dict[str, Any]:
            return {**settings, **_texts(prompt), **_structure(prompt, manner, settings)}

        reply = await self._line.ask(prompt, put)
        try:
            return _completion(reply, settings)
        except Malformed as problem:
            error = self._line.malformed(reply, problem)
        raise error

    async def aclose(self) -> None:
        """Nothing; connections are closed."""
        await self._line.aclose()


def _texts(prompt: Prompt) -> dict[str, Any]:
    system = {"system": prompt.system} if prompt.system else {}
    return {**system, "messages": [{"role": "user", "content": prompt.user}]}


def _structure(prompt: Prompt, manner: Manner, settings: Mapping[str, Any]) -> dict[str, Any]:
    schema = dict(prompt.schema)
    if manner.structured == "json_schema":
        # The effort of a judge is set in the same place.
        config = {**settings.get("output_config", {})}
        return {"output_config": {**config, "format": {"type": "json_schema", "schema": schema}}}
    if manner.structured == "tool":
        tool = {
            "name": wire.SCHEMA_NAME,
            "description": wire.TOOL_DESCRIPTION,
            "input_schema": schema,
        }
        return {"tools": [tool], "tool_choice": {"type": "tool", "name": wire.SCHEMA_NAME}}
    return {}


def _completion(reply: Reply, settings: Mapping[str, Any]) -> Completion:
    body = reply.body()
    blocks = wire.mappings(body.get("content"), "content")
    usage = body.get("usage")
    reason = wire.text_of(body.get("stop_reason"))
    cached = wire.count(usage, "cache_read_input_tokens")
    written = wire.count(usage, "cache_creation_input_tokens")
    return Completion(
        text=_text(blocks, reply.manner) or _explanation(body),
        finish_reason=_FINISH.get(reason, reason),
        model=wire.text_of(body.get("model")),
        request_id=reply.response.headers.get("request-id") or wire.text_of(body.get("id")) or None,
        # The API's input_tokens leaves out what was read from or written to the cache.
        tokens_in=wire.count(usage, "input_tokens") + written + cached,
        tokens_out=wire.count(usage, "output_tokens"),
        tokens_cached=cached,
        latency_s=reply.latency_s,
        structured=reply.manner.structured,
        sent={**settings, "structured": reply.manner.structured},
    )


def _text(blocks: list[dict[str, Any]], manner: Manner) -> str:
    """The input of the tool in tool mode, those of several uses one after the other; else the text."""
    uses = [block for block in blocks if block.get("type") == "tool_use"]
    if manner.structured == "tool" and uses:
        return "\n".join(_input(use) for use in uses)
    return "".join(wire.text_of(b.get("text")) for b in blocks if b.get("type") == "text")


def _input(use: Mapping[str, Any]) -> str:
    return json.dumps(wire.mapping(use.get("input"), "input"), ensure_ascii=False)


def _explanation(body: Mapping[str, Any]) -> str:
    """Why the model refused, "" where it did not or does not say."""
    details = body.get("stop_details")
    return wire.text_of(details.get("explanation")) if isinstance(details, dict) else ""
