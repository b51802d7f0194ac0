"""Judges behind a JSON endpoint of one's own: in-house judges, reward models, gateways.

What is sent and where the verdict is read stand in the judge's `http` table; endpoint.py says how.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx2

from judge.errors import InputError, RequestRejected
from judge.providers import endpoint, wire
from judge.providers.address import address
from judge.providers.faults import decoded
from judge.providers.wire import Clock, Line, Lost, Malformed, Manner, Reply
from judge.types import Completion, JudgeModel, Prompt

# No verdict is longer; what is must not fill the memory.
MOST_BYTES = 4 * 2**20

# Where a judge is that has no base_url, and whose key is needed by nobody.
_NOWHERE = "http://invalid."

_FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "max_tokens": "length",
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
) -> HttpProvider:
    """A Provider for that judge. timeout_s: for one whole request.

    clock: measures latencies, in seconds from any origin. now: seconds since 1970, for Retry-After.
    Raises InputError where the judge has no endpoint, or names a key that is absent.
    """
    if not judge.base_url or not judge.endpoint:
        raise InputError(
            f"judge {judge.judge}: provider http needs base_url, the whole address, and a table "
            "[judges.http]; `judge init` writes an example"
        )
    where = address(
        judge,
        api_key=api_key,
        home=judge.base_url if judge.api_key_env else _NOWHERE,
        key_variable="named by api_key_env",
    )
    client = http_client or httpx2.AsyncClient(
        timeout=wire.timeouts(timeout_s), limits=wire.LIMITS, follow_redirects=False
    )
    line = Line(
        _Door(client, where.url, _headers(judge, where.secret)),
        where,
        "",
        Manner("none"),
        renames=False,
        timeout_s=timeout_s,
        clock=clock,
        now=now,
        settings_in="http.body",
    )
    return HttpProvider(line)


class HttpProvider:
    """A Provider over one JSON endpoint."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def complete(self, judge: JudgeModel, prompt: Prompt) -> Completion:
        """The answer to a prompt. Raises ProviderError subclasses only."""
        try:
            body = endpoint.body(judge.endpoint, judge, prompt)
        except endpoint.Absent as lacking:
            problem = f"judge {judge.judge}: {lacking}, which its http.body needs"
            raise RequestRejected(f"{problem}; use another rubric or another body") from None
        reply = await self._line.ask(prompt, lambda _: body)
        try:
            return _completion(judge, reply, prompt.schema)
        except endpoint.Absent as lacking:
            error = self._line.malformed(reply, Malformed(str(lacking)))
        except Malformed as problem:
            error = self._line.malformed(reply, problem)
        raise error

    async def aclose(self) -> None:
        """Nothing; connections are closed."""
        await self._line.aclose()


class _Door:
    """A Door to one address. headers: of every request, with the key among them."""

    def __init__(self, client: httpx2.AsyncClient, url: str, headers: Mapping[str, str]) -> None:
        self._client = client
        self._url = url
        self._headers = headers

    async def post(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> httpx2.Response:
        content = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        try:
            async with self._client.stream(
                "POST", self._url, content=content, headers={**self._headers, **headers}
            ) as response:
                return httpx2.Response(
                    response.status_code, headers=_plain(response), content=await _read(response)
                )
        except httpx2.HTTPError as error:
            cause = error
        # Raised here, so that it does not carry the error, which holds the request's headers.
        raise Lost(cause)

    async def aclose(self) -> None:
        await self._client.aclose()


async def _read(response: httpx2.Response) -> bytes:
    """The body as far as it is bounded; what goes on beyond is no body of ours, and left unread."""
    parts, size = [], 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > MOST_BYTES:
            raise httpx2.ReadError(f"the answer is longer than {MOST_BYTES:,} bytes")
        parts.append(part)
    return b"".join(parts)


def _plain(response: httpx2.Response) -> list[tuple[str, str]]:
    """The headers without those that speak of how the body was sent."""
    sent = ("content-encoding", "content-length", "transfer-encoding")
    return [(k, v) for k, v in response.headers.items() if k.lower() not in sent]


def _headers(judge: JudgeModel, secret: str | None) -> dict[str, str]:
    fixed = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        # A few bytes of an answer could otherwise unfold to any number.
        "Accept-Encoding": "identity",
        **judge.endpoint.get("headers", {}),
    }
    auth = judge.endpoint.get("auth", "bearer")
    if secret is None:
        return fixed
    return {
        **fixed,
        **({"Authorization": f"Bearer {secret}"} if auth == "bearer" else {auth: secret}),
    }


def _completion(judge: JudgeModel, reply: Reply, schema: Mapping[str, Any]) -> Completion:
    how, body, headers = judge.endpoint, decoded(reply.response.content), reply.response.headers
    if not isinstance(body, dict | list):
        raise Malformed("no JSON object")

    def told(key: str) -> Any:
        return endpoint.told(how, body, key)

    reason = wire.text_of(told("finish_reason")).lower() or "stop"
    is_text = "answer" in how
    structured = "json_schema" if endpoint.shows_schema(how) else "none"
    return Completion(
        text=endpoint.answer(how, body, schema),
        finish_reason=_FINISH.get(reason, reason),
        model=wire.text_of(told("model")),
        request_id=headers.get("x-request-id") or headers.get("request-id") or None,
        tokens_in=wire.count({"n": told("tokens_in")}, "n"),
        tokens_out=wire.count({"n": told("tokens_out")}, "n"),
        latency_s=reply.latency_s,
        structured=structured if is_text else "endpoint",
        sent={"model": judge.model, "body": how["body"], "structured": structured},
    )
