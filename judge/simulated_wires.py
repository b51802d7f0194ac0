"""What the OpenAI and Anthropic APIs say on the wire, read and written for simulated judges.

Pure: a request's JSON in, an answer's or an error's JSON out, in each API's own words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from judge import simulated_rules, simulated_tokens
from judge.errors import InputError
from judge.simulated import Answer
from judge.simulated_rules import Rule

# Both APIs cache prefixes from about this size on.
CACHED_FROM_TOKENS = 1024
MOST_ALTERNATIVES = 20

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to a judge.

    tool: the name of the tool that it must answer with. alternatives: how many each token is to come
    with, None where no log-probabilities were asked for.
    """

    model: str
    rule: Rule
    system: str
    user: str
    schema: Body | None
    tool: str | None
    max_tokens: int | None
    cached_tokens: int
    alternatives: int | None = None


@dataclass(frozen=True, slots=True)
class Wire:
    """An API: its address, how a request is read, how an answer and an error are written."""

    name: str
    path: str
    request_id: str
    read: Callable[[Body], Asked]
    write: Callable[[Asked, Answer, str], dict[str, Any]]
    error: Callable[[int, str, str | None], dict[str, Any]]


class Rejected(Exception):
    """The API refuses a request. param: the field at fault."""

    def __init__(self, status: int, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.param = param


def _read_openai(body: Body) -> Asked:
    rule = _rule(body)
    if body.get("response_format"):
        _need(rule.schema, "response_format", "'response_format' of type 'json_schema'")
    function = _forced(body, rule, lambda tool: _dict(tool.get("function")))
    stated = _dict(_dict(_dict(body.get("response_format")).get("json_schema")).get("schema"))
    messages = _messages(body)
    system = _said(messages, {"system", "developer"})
    return Asked(
        model=body["model"],
        rule=rule,
        system=system,
        user=_said(messages, {"user"}),
        schema=_dict(function.get("parameters")) or stated or None,
        tool=function.get("name"),
        max_tokens=_limit_of(body, "max_completion_tokens") or _limit_of(body, "max_tokens"),
        cached_tokens=_cacheable(system),
        alternatives=_alternatives(body, rule),
    )


def _read_anthropic(body: Body) -> Asked:
    rule = _rule(body)
    stated = _dict(_dict(body.get("output_config")).get("format"))
    if stated:
        _need(rule.schema, "output_config", "'output_config.format' of type 'json_schema'")
    tool = _forced(body, rule, lambda tool: tool)
    if _limit_of(body, "max_tokens") is None:
        raise Rejected(400, "max_tokens: Field required", "max_tokens")
    system = _text(body.get("system", ""))
    marked = "cache_control" in body or '"cache_control"' in json.dumps(body.get("system"))
    return Asked(
        model=body["model"],
        rule=rule,
        system=system,
        user=_said(_messages(body), {"user"}),
        schema=_dict(tool.get("input_schema")) or _dict(stated.get("schema")) or None,
        tool=tool.get("name"),
        max_tokens=_limit_of(body, "max_tokens"),
        cached_tokens=_cacheable(system) if marked else 0,
    )


def _write_openai(asked: Asked, answer: Answer, code: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.text, "refusal": None}
    finish: str = answer.finish_reason
    if finish == "refusal":
        # The API has two ways to say so.
        message |= {"content": None, "refusal": answer.text}
        finish = "content_filter" if int(code[0], 16) % 2 else "stop"
    elif asked.tool:
        function = {"name": asked.tool, "arguments": answer.text}
        call = {"id": f"call_{code}", "type": "function", "function": function}
        message |= {"content": None, "tool_calls": [call]}
    return {
        "id": f"chatcmpl-{code}",
        "object": "chat.completion",
        "created": 0,
        "model": asked.model,
        "choices": [
            {
                "index": 0,
                "message": message,
                "logprobs": _logprobs(asked, answer, message),
                "finish_reason": finish,
            }
        ],
        "usage": {
            "prompt_tokens": answer.tokens_in,
            "completion_tokens": answer.tokens_out,
            "total_tokens": answer.tokens_in + answer.tokens_out,
            "prompt_tokens_details": {"cached_tokens": asked.cached_tokens},
        },
    }


def _logprobs(asked: Asked, answer: Answer, message: Body) -> dict[str, Any] | None:
    """Those of the answer's text; the API has none for the arguments of tools."""
    if asked.alternatives is None or message["content"] is None:
        return None
    content = simulated_tokens.logprobs(answer.text, answer.chances, asked.alternatives)
    return {"content": content, "refusal": None}


def _write_anthropic(asked: Asked, answer: Answer, code: str) -> dict[str, Any]:
    content: dict[str, Any] = {"type": "text", "text": answer.text}
    stop = {"stop": "end_turn", "length": "max_tokens", "refusal": "refusal"}[answer.finish_reason]
    found = parsed(answer.text) if asked.tool and stop == "end_turn" else None
    if found is not None:
        content = {"type": "tool_use", "id": f"toolu_{code}", "name": asked.tool, "input": found}
        stop = "tool_use"
    return {
        "id": f"msg_{code}",
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "content": [content],
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {
            "input_tokens": answer.tokens_in - asked.cached_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": asked.cached_tokens,
            "output_tokens": answer.tokens_out,
        },
    }


_OPENAI_ERRORS = {
    401: ("invalid_request_error", "invalid_api_key"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
    500: ("server_error", None),
}

_ANTHROPIC_ERRORS = {
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "api_error",
}


def openai_error(status: int, message: str, param: str | None) -> dict[str, Any]:
    kind, code = _OPENAI_ERRORS.get(status, ("invalid_request_error", None))
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _anthropic_error(status: int, message: str, param: str | None) -> dict[str, Any]:
    kind = _ANTHROPIC_ERRORS.get(status, "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": message}}


WIRES = {
    wire.path: wire
    for wire in (
        Wire(
            name="openai",
            path="/v1/chat/completions",
            request_id="x-request-id",
            read=_read_openai,
            write=_write_openai,
            error=openai_error,
        ),
        Wire(
            name="anthropic",
            path="/v1/messages",
            request_id="request-id",
            read=_read_anthropic,
            write=_write_anthropic,
            error=_anthropic_error,
        ),
    )
}


def _rule(body: Body) -> Rule:
    """The rule of the model that is asked for; the request is one that this server can answer."""
    model = body.get("model")
    if not isinstance(model, str):
        raise Rejected(400, "model: a string is required", "model")
    try:
        rule = simulated_rules.rule(model)
    except InputError as error:
        raise Rejected(404, str(error), "model") from error
    if "temperature" in body:
        _need(rule.temperature, "temperature", "'temperature'")
    if body.get("stream"):
        raise Rejected(400, "simulated judges do not stream: leave 'stream' out", "stream")
    return rule


def _need(is_supported: bool, param: str, what: str) -> None:
    if not is_supported:
        raise Rejected(400, f"Invalid parameter: {what} is not supported with this model.", param)


def _forced(body: Body, rule: Rule, definition: Callable[[Body], Body]) -> Body:
    """The definition of the first tool, empty where the request has none or permits none."""
    tools = body.get("tools")
    if not tools:
        return {}
    _need(rule.tools, "tools", "'tools'")
    choice = body.get("tool_choice")
    if choice == "none" or _dict(choice).get("type") == "none":
        return {}
    return definition(_dict(tools[0])) if isinstance(tools, list) else {}


def _messages(body: Body) -> list[Body]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Rejected(400, "messages: a list of messages is required", "messages")
    return [_dict(message) for message in messages]


def _said(messages: list[Body], roles: set[str]) -> str:
    return "\n".join(_text(m.get("content", "")) for m in messages if m.get("role") in roles)


def _text(content: object) -> str:
    """The text of a content that is a text or a list of blocks."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise Rejected(400, "content: a string or a list of text blocks is required", "content")
    return "\n".join(str(_dict(block).get("text", "")) for block in content)


def _limit_of(body: Body, name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or value < 1:
        raise Rejected(400, f"{name}: a whole number of at least 1 is required", name)
    return value


def _alternatives(body: Body, rule: Rule) -> int | None:
    asked, top = body.get("logprobs"), body.get("top_logprobs")
    if asked is None and top is None:
        return None
    _need(rule.logprobs, "logprobs", "'logprobs'")
    if not isinstance(asked, bool):
        raise Rejected(400, "logprobs: true or false is required", "logprobs")
    is_number = isinstance(top, int) and not isinstance(top, bool)
    if top is not None and not (asked and is_number and 0 <= top <= MOST_ALTERNATIVES):
        problem = f"a whole number from 0 to {MOST_ALTERNATIVES} is required, beside logprobs"
        raise Rejected(400, f"top_logprobs: {problem}", "top_logprobs")
    return (top or 0) if asked else None


def _cacheable(system: str) -> int:
    """The tokens of a prefix that counts as cached, as if the cache were always warm."""
    tokens = len(system) // 4
    return tokens if tokens >= CACHED_FROM_TOKENS else 0


def _dict(value: object) -> Body:
    return value if isinstance(value, dict) else {}


def parsed(text: str | bytes) -> Body | None:
    """The JSON object that the text is, None where it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
