"""What both HTTP providers share: errors, waits, what is quoted, what is learned from refusals."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
import traceback
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx2
import pytest
import virtual_time

from judge import registry
from judge.errors import (
    InputError,
    JudgeUnavailable,
    ProviderError,
    RateLimited,
    RequestRejected,
    TransientError,
)
from judge.providers import Provider
from judge.providers.address import address
from judge.types import Capabilities, Completion, JudgeModel, Prompt

KEY = "sk-proj-Zq8Lw3Tt-v0Xk9RbN4hYc7Ju2Pd6Se1Fa5Gm"
NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
WIRES = ("openai", "anthropic")

Handler = Callable[[httpx2.Request], httpx2.Response]
AsyncHandler = Callable[[httpx2.Request], Coroutine[None, None, httpx2.Response]]


def judge(provider: str, **changes: Any) -> JudgeModel:
    fields: dict[str, Any] = {"model": "the-model", "api_key_env": "MY_KEY", **changes}
    return JudgeModel(judge="j", provider=provider, **fields)


def prompt(key: str = "key-1", *, system: str = "Compare.", user: str = "Here.") -> Prompt:
    return Prompt(system, user, {"type": "object"}, "", "", "", idempotency_key=key)


def connected(
    who: JudgeModel, handler: Handler | AsyncHandler, *, api_key: str | None = KEY, **more: Any
) -> Provider:
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(handler))
    provider: Provider = registry.load("providers", who.provider)(
        who, api_key=api_key, http_client=client, now=NOW.timestamp, **more
    )
    return provider


def answer(provider: str, text: str = "{}") -> httpx2.Response:
    if provider == "openai":
        message = {"role": "assistant", "content": text}
        return httpx2.Response(
            200, json={"choices": [{"message": message, "finish_reason": "stop"}]}
        )
    content = [{"type": "text", "text": text}]
    return httpx2.Response(200, json={"content": content, "stop_reason": "end_turn"})


async def failure(provider: str, response: httpx2.Response, **changes: Any) -> ProviderError:
    """The error that an answer to a request in mode none leads to."""
    who = judge(provider, **{"capabilities": Capabilities(structured="none"), **changes})
    asked = connected(who, lambda _: response)
    with pytest.raises(ProviderError) as caught:
        await asked.complete(who, prompt())
    await asked.aclose()
    return caught.value


def error_body(message: str, **fields: Any) -> dict[str, Any]:
    return {"type": "error", "error": {"message": message, **fields}}


# -- classes of errors ---------------------------------------------------------------------------


@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, JudgeUnavailable) for status in (301, 307, 401, 402, 403, 404)),
        *((status, RateLimited) for status in (429, 529)),
        *((status, TransientError) for status in (408, 409, 425, 500, 502, 503, 504, 520, 599)),
        *((status, RequestRejected) for status in (400, 405, 410, 413, 418, 422, 499)),
    ],
)
async def test_every_status_has_its_class(
    provider: str, status: int, kind: type[ProviderError]
) -> None:
    error = await failure(provider, httpx2.Response(status, json=error_body("no")))
    assert type(error) is kind
    assert error.status == status


@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize(
    ("status", "fields", "kind"),
    [
        (429, {"code": "insufficient_quota", "type": "insufficient_quota"}, JudgeUnavailable),
        (429, {"code": "billing_hard_limit_reached"}, JudgeUnavailable),
        (403, {"type": "billing_error"}, JudgeUnavailable),
        (429, {"code": "rate_limit_exceeded", "type": "tokens"}, RateLimited),
        (500, {"type": "overloaded_error"}, RateLimited),
        (503, {"type": "overloaded_error"}, RateLimited),
        (500, {"code": "insufficient_quota"}, TransientError),
        (403, {"code": 403, "metadata": {"flagged_input": "x"}}, RequestRejected),
    ],
)
async def test_the_servers_own_code_decides_where_the_status_says_too_little(
    provider: str, status: int, fields: dict[str, Any], kind: type[ProviderError]
) -> None:
    error = await failure(provider, httpx2.Response(status, json=error_body("no", **fields)))
    assert type(error) is kind


async def test_a_used_up_credit_stops_the_judge_though_the_status_is_400() -> None:
    message = "Your credit balance is too low to access the API."
    body = error_body(message, type="invalid_request_error")
    error = await failure("anthropic", httpx2.Response(400, json=body))
    assert type(error) is JudgeUnavailable
    assert "MY_KEY" in str(error)


async def test_a_request_above_a_minutes_tokens_is_not_waited_for() -> None:
    """Waiting cannot help: the limit is a minute's, and this one request exceeds it."""
    body = error_body("Request too large for the-model: Limit 30000, Requested 40000.")
    error = await failure("openai", httpx2.Response(429, json=body))
    assert type(error) is RequestRejected


@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize("status", [401, 402, 403])
async def test_a_refused_key_is_named_by_its_variable(provider: str, status: int) -> None:
    error = await failure(provider, httpx2.Response(status, json=error_body("no")))
    assert "MY_KEY" in str(error)
    assert str(status) in str(error)


@pytest.mark.parametrize("provider", WIRES)
async def test_an_unknown_model_is_told_apart_from_an_unknown_address(provider: str) -> None:
    unknown = httpx2.Response(404, json=error_body("The model `the-model` does not exist"))
    assert "no model 'the-model'" in str(await failure(provider, unknown))
    for response in (
        httpx2.Response(404, json={"detail": "Not Found"}),
        httpx2.Response(404, html="<html><title>Our models of cars</title></html>"),
        httpx2.Response(404, text="Cannot POST /api/v1/messages/chat/completions for the-model"),
        httpx2.Response(404),
    ):
        error = await failure(provider, response, base_url="http://127.0.0.1:9/api")
        assert "nothing answers at http://127.0.0.1:9/api/" in str(error)
        assert "base_url" in str(error)


async def test_a_moved_address_is_named_and_not_followed() -> None:
    asked: list[str] = []

    def moved(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        return httpx2.Response(308, headers={"location": "https://new.example/v1?key=abc"})

    who = judge("openai")
    with pytest.raises(JudgeUnavailable, match=r"moved to https://new\.example/v1 \(308\)"):
        await connected(who, moved).complete(who, prompt())
    assert asked == ["https://api.openai.com/v1/chat/completions"]


@pytest.mark.parametrize("provider", WIRES)
async def test_the_clients_own_connections_follow_no_redirect(provider: str) -> None:
    """Judged texts go to the host that the user named, and to no other."""
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length: ")[2].split()[0]))
        asked += 1
        writer.write(b"HTTP/1.1 307 Moved\r\nlocation: /new\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        who = judge(provider, base_url=f"http://127.0.0.1:{port}/v1")
        own = registry.load("providers", provider)(who, api_key=KEY)
        with pytest.raises(JudgeUnavailable, match="moved to /new"):
            await own.complete(who, prompt())
        await own.aclose()
    assert asked == 1


# -- faults of the line --------------------------------------------------------------------------


@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize(
    "fault",
    [
        httpx2.ConnectError("name not known"),
        httpx2.ReadError("reset"),
        httpx2.WriteError("broken pipe"),
        httpx2.RemoteProtocolError("server left"),
        httpx2.DecodingError("bad gzip"),
        httpx2.ProxyError("no tunnel"),
        httpx2.PoolTimeout("full"),
        httpx2.ReadTimeout("slow"),
        ssl.SSLError("bad record"),
        ConnectionResetError("reset"),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_a_fault_of_the_line_is_transient(provider: str, fault: Exception) -> None:
    def broken(_: httpx2.Request) -> httpx2.Response:
        raise fault

    who = judge(provider)
    with pytest.raises(TransientError) as caught:
        await connected(who, broken).complete(who, prompt())
    assert type(caught.value) is TransientError
    assert caught.value.status is None
    assert caught.value.retry_after_s is None


@pytest.mark.parametrize("provider", WIRES)
async def test_a_host_that_does_not_take_connections_is_named(provider: str) -> None:
    def broken(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectTimeout("slow")

    who = judge(provider, base_url="http://user:pass@127.0.0.1:9/v1?key=abc")
    with pytest.raises(TransientError) as caught:
        await connected(who, broken).complete(who, prompt())
    assert str(caught.value) == (
        "http://127.0.0.1:9/v1 cannot be reached: no connection within 10 s"
    )


@pytest.mark.parametrize("provider", WIRES)
def test_the_time_limit_holds_for_the_whole_request_however_it_trickles(provider: str) -> None:
    async def slow(_: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(3600)
        return answer(provider)

    async def main() -> tuple[str, float]:
        who = judge(provider)
        asked = connected(who, slow, timeout_s=30.0)
        with pytest.raises(TransientError) as caught:
            await asked.complete(who, prompt())
        return str(caught.value), asyncio.get_running_loop().time()

    message, at_s = virtual_time.run(main())
    assert "no answer within 30 s" in message
    assert at_s == pytest.approx(30, abs=0.1)


@pytest.mark.parametrize("provider", WIRES)
async def test_a_cancelled_request_is_cancelled_and_not_failed(provider: str) -> None:
    began = asyncio.Event()

    async def stuck(_: httpx2.Request) -> httpx2.Response:
        began.set()
        await asyncio.Event().wait()
        raise AssertionError

    who = judge(provider)
    task = asyncio.create_task(connected(who, stuck).complete(who, prompt()))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("provider", WIRES)
async def test_a_text_that_is_no_unicode_rejects_its_own_request(provider: str) -> None:
    who = judge(provider)
    asked = connected(who, lambda _: answer(provider))
    with pytest.raises(RequestRejected, match="broken character"):
        await asked.complete(who, prompt(user="half a pair: \ud83d"))
    await asked.complete(who, prompt())


@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize("status", [400, 404, 429, 500])
async def test_nothing_is_sent_twice(provider: str, status: int) -> None:
    """Retries belong to the engine, which counts and paces them."""
    sent: list[bytes] = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        sent.append(request.content)
        return httpx2.Response(status, json=error_body("no"), headers={"retry-after": "0"})

    who = judge(provider)
    with pytest.raises(ProviderError):
        await connected(who, refuse).complete(who, prompt())
    assert len(sent) == 1


# -- bodies that are not the API's ---------------------------------------------------------------

MALFORMED = [
    b"",
    b"<html><body>upstream connect error</body></html>",
    b'{"id": "cut-off", "choices": [{"mess',
    b"{}",
    b"[]",
    b"null",
    b'"text"',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"error": {"code": 502, "message": "the model went down"}}',
    b'{"choices": null, "content": null}',
    b'{"choices": [], "content": "text"}',
    b'{"choices": [null], "content": [null]}',
    b'{"choices": [{}], "content": {}}',
    b'{"choices": [{"message": null}], "content": 1}',
    b'{"choices": [{"message": {"content": 5}}], "content": [5]}',
    b'{"choices": [{"message": {"content": [5]}}], "content": ["text"]}',
]


@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize("content", MALFORMED, ids=lambda c: repr(c[:40]))
async def test_a_200_that_is_not_the_apis_is_transient(provider: str, content: bytes) -> None:
    error = await failure(
        provider, httpx2.Response(200, content=content, headers={"retry-after": "7"})
    )
    assert type(error) is TransientError
    assert (error.status, error.retry_after_s) == (200, 7.0)
    assert "not the API's" in str(error)


@pytest.mark.parametrize("provider", WIRES)
async def test_a_proxys_words_are_quoted_without_their_tags(provider: str) -> None:
    page = httpx2.Response(200, html="<html><body>\n  upstream <b>connect</b>  error</body></html>")
    assert str(await failure(provider, page)).endswith(": upstream connect error")


# -- Retry-After ---------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize("status", [408, 409, 429, 500, 503, 529])
async def test_the_wish_reaches_the_error(provider: str, status: int) -> None:
    for headers, seconds in (
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after": "12.5"}, 12.5),
        ({"retry-after": format_datetime(NOW + timedelta(minutes=2), usegmt=True)}, 120.0),
        ({}, None),
    ):
        response = httpx2.Response(status, json=error_body("wait"), headers=headers)
        error = await failure(provider, response)
        assert isinstance(error, TransientError)
        assert error.retry_after_s == seconds


# -- secrets -------------------------------------------------------------------------------------

STATUSES = [200, 301, 400, 401, 402, 403, 404, 408, 409, 413, 418, 422, 425, 429, 500, 503, 529]

ECHOES = [
    KEY,
    f"Incorrect API key provided: {KEY}. You can find yours at /keys.",
    f"Authorization: Bearer {KEY}",
    f'{{"headers": {{"authorization": "Bearer {KEY}"}}}}',
    f"Incorrect API key provided: {KEY[:8]}{'*' * 20}{KEY[-4:]}.",
    f"Incorrect API key provided: {KEY[:8]}...{KEY[-4:]}.",
    f"bad key {KEY[:12]} or {KEY[12:]}",
    f"bad key {KEY.upper()}",
    f"{'x' * 285} {KEY} {'y' * 100}",
    f"<p>{KEY[:20]}<br>{KEY[20:]}</p>",
]


def leaks(text: str) -> list[str]:
    """The runs of four characters of the key's random part that a text holds."""
    low, random_part = text.lower(), KEY.removeprefix("sk-proj-").lower()
    runs = [random_part[at : at + 4] for at in range(len(random_part) - 3)]
    return [run for run in runs if run in low]


def echoing(status: int, echo: str) -> list[httpx2.Response]:
    return [
        httpx2.Response(status, text=echo),
        httpx2.Response(status, json=error_body(echo, type=echo, code=echo, param=echo)),
        httpx2.Response(status, json={"error": echo}, headers={"location": f"/x/{echo[:200]}"}),
        httpx2.Response(status, json=[{"error": {"message": echo}}]),
        httpx2.Response(status, json={"detail": [{"msg": echo, "input": {"key": echo}}]}),
    ]


@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize("status", STATUSES)
async def test_no_error_holds_any_part_of_the_key_that_the_server_repeats(
    provider: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for echo in ECHOES:
        for response in echoing(status, echo):
            error = await failure(provider, response)
            shown = "".join(traceback.format_exception(error)).split("Traceback")[-1]
            assert not leaks(f"{error} {error!r} {error.args} {vars(error)} {shown}"), echo
            assert error.__cause__ is None
            assert error.__context__ is None
    assert not leaks(caplog.text)


@pytest.mark.parametrize("provider", WIRES)
async def test_no_fault_of_the_line_tells_the_key(provider: str) -> None:
    def broken(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.LocalProtocolError(f"Illegal header value b'Bearer {KEY}'")

    who = judge(provider)
    with pytest.raises(TransientError) as caught:
        await connected(who, broken).complete(who, prompt())
    assert not leaks(str(caught.value))
    assert "LocalProtocolError" in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("provider", WIRES)
async def test_the_key_stands_in_no_repr_and_no_completion(provider: str) -> None:
    who = judge(provider)
    asked = connected(who, lambda _: answer(provider))
    said = await asked.complete(who, prompt())
    assert not leaks(f"{asked!r} {asked} {said!r} {vars(asked)}")
    where = address(who, api_key=KEY, home="https://api.x.com", key_variable="X")
    assert not leaks(repr(where))


# -- connecting ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "variable"), [("openai", "OPENAI_API_KEY"), ("anthropic", "ANTHROPIC_API_KEY")]
)
@pytest.mark.parametrize("api_key", [None, "", "  "])
def test_the_apis_own_host_needs_a_key(provider: str, variable: str, api_key: str | None) -> None:
    connect = registry.load("providers", provider)
    with pytest.raises(InputError, match="MY_KEY"):
        connect(judge(provider), api_key=api_key)
    with pytest.raises(InputError, match=variable):
        connect(judge(provider, api_key_env=None), api_key=api_key)
    region = {"openai": "https://eu.api.openai.com/v1", "anthropic": "https://eu.api.anthropic.com"}
    with pytest.raises(InputError, match="needs a key"):
        connect(judge(provider, base_url=region[provider]), api_key=api_key)


@pytest.mark.parametrize("provider", WIRES)
async def test_another_host_may_need_none(provider: str) -> None:
    seen: list[str] = []

    def reply(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers["authorization"])
        return answer(provider) if len(seen) == 1 else httpx2.Response(401)

    who = judge(provider, base_url="http://127.0.0.1:9")
    asked = connected(who, reply, api_key=None)
    await asked.complete(who, prompt())
    with pytest.raises(JudgeUnavailable, match=r"wants a key .* MY_KEY"):
        await asked.complete(who, prompt())
    assert seen == ["Bearer none", "Bearer none"]


@pytest.mark.parametrize("provider", WIRES)
async def test_blanks_around_a_key_are_cut_and_within_it_are_refused(provider: str) -> None:
    seen: list[str] = []

    def reply(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers["authorization"])
        return answer(provider)

    who = judge(provider)
    await connected(who, reply, api_key=f" {KEY}\n").complete(who, prompt())
    assert seen == [f"Bearer {KEY}"]
    for bad in (f"{KEY[:9]}\n{KEY[9:]}", f"{KEY} {KEY}", f"{KEY}\u201d"):
        with pytest.raises(InputError, match="MY_KEY") as caught:
            connected(who, reply, api_key=bad)
        assert not leaks(str(caught.value))


@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize(
    "url", ["localhost:8000/v1", "/v1", "ftp://h/v1", "http://h:port", "http://["]
)
def test_an_address_that_is_none_is_said_at_once(provider: str, url: str) -> None:
    with pytest.raises(InputError, match="base_url"):
        registry.load("providers", provider)(judge(provider, base_url=url), api_key=KEY)


@pytest.mark.parametrize("provider", WIRES)
async def test_closing_closes_the_connections(provider: str) -> None:
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _: answer(provider)))
    connect = registry.load("providers", provider)
    given_client = connect(judge(provider), api_key=KEY, http_client=client)
    await given_client.aclose()
    assert client.is_closed
    own = connect(judge(provider), api_key=KEY)
    await own.aclose()


# -- what is learned -----------------------------------------------------------------------------


def mode(body: dict[str, Any]) -> str:
    if "response_format" in body or "format" in body.get("output_config", {}):
        return "json_schema"
    return "tool" if "tools" in body else "none"


class PickyServer:
    """A server that takes only some ways of asking for structure. seen: each request's mode."""

    def __init__(self, provider: str, accepted: set[str], *, status: int = 400) -> None:
        self.provider = provider
        self.accepted = accepted
        self.status = status
        self.seen: list[str] = []
        self.keys: list[str] = []

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        self.seen.append(mode(body))
        self.keys.append(request.headers["idempotency-key"])
        await asyncio.sleep(0)  # let the others in, as a network does
        if mode(body) in self.accepted:
            return answer(self.provider)
        field = {
            ("openai", "json_schema"): "response_format",
            ("anthropic", "json_schema"): "output_config",
        }.get((self.provider, mode(body)), "tools")
        return httpx2.Response(self.status, json=error_body(f"'{field}' is not supported here."))


@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize("status", [400, 404, 422])
@pytest.mark.parametrize(
    ("accepted", "first", "kept"),
    [
        ({"json_schema", "tool", "none"}, ["json_schema"], "json_schema"),
        ({"tool", "none"}, ["json_schema", "tool"], "tool"),
        ({"none"}, ["json_schema", "tool", "none"], "none"),
    ],
)
async def test_what_a_server_refuses_is_asked_for_once(
    provider: str, status: int, accepted: set[str], first: list[str], kept: str
) -> None:
    server = PickyServer(provider, accepted, status=status)
    who = judge(provider)
    asked = connected(who, server)
    said = [await asked.complete(who, prompt(f"k{n}")) for n in range(3)]
    assert server.seen == [*first, kept, kept]
    assert [(s.structured, s.sent["structured"]) for s in said] == [(kept, kept)] * 3
    assert server.keys == ["k0"] * len(first) + ["k1", "k2"]


@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize("start", ["tool", "none"])
async def test_the_first_way_is_the_judges_capability(provider: str, start: Any) -> None:
    server = PickyServer(provider, {"json_schema", "tool", "none"})
    who = judge(provider, capabilities=Capabilities(structured=start))
    said = await connected(who, server).complete(who, prompt())
    assert server.seen == [said.structured] == [start]


@pytest.mark.parametrize("provider", WIRES)
async def test_calls_at_once_learn_together_and_undo_nothing(provider: str) -> None:
    server = PickyServer(provider, {"none"})
    who = judge(provider)
    asked = connected(who, server)
    said = await asyncio.gather(*(asked.complete(who, prompt(f"k{n}")) for n in range(20)))
    assert [s.structured for s in said] == ["none"] * 20
    assert len(server.seen) <= 60
    server.seen.clear()
    again = await asyncio.gather(*(asked.complete(who, prompt(f"l{n}")) for n in range(20)))
    assert server.seen == ["none"] * 20
    assert [s.structured for s in again] == ["none"] * 20


def test_a_slow_answer_to_an_old_request_does_not_bring_back_what_was_refused() -> None:
    """A server behind a balancer: the first request is answered late, the others are refused."""
    seen: list[str] = []

    async def reply(request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        seen.append(mode(body))
        if request.headers["idempotency-key"] == "slow":
            await asyncio.sleep(60)
            return answer("openai")
        if mode(body) == "json_schema":
            return httpx2.Response(400, json=error_body("no", param="response_format"))
        return answer("openai")

    async def main() -> list[str]:
        who = judge("openai")
        asked = connected(who, reply)
        slow = asyncio.create_task(asked.complete(who, prompt("slow")))
        await asyncio.sleep(1)
        await asked.complete(who, prompt("k1"))
        said: Completion = await slow
        assert said.structured == "json_schema"
        await asked.complete(who, prompt("k2"))
        return seen

    assert virtual_time.run(main()) == ["json_schema", "json_schema", "tool", "tool"]


@pytest.mark.parametrize("provider", WIRES)
async def test_a_refusal_that_no_lower_way_heals_changes_nothing(provider: str) -> None:
    """One odd item, whose refusal happens to speak of tools, must not cost the others their schema."""
    seen: list[str] = []

    def reply(request: httpx2.Request) -> httpx2.Response:
        seen.append(mode(json.loads(request.content)))
        if request.headers["idempotency-key"] == "odd":
            return httpx2.Response(400, json=error_body("Do not ask me about tools."))
        return answer(provider)

    who = judge(provider)
    asked = connected(who, reply)
    with pytest.raises(RequestRejected):
        await asked.complete(who, prompt("odd"))
    assert seen == ["json_schema", "tool", "none"]
    assert (await asked.complete(who, prompt("k"))).structured == "json_schema"


@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "Your messages and tools exceed the maximum context length of 8192 tokens."),
        (400, "prompt is too long: 210000 tokens > 200000 maximum (tools: 12)"),
        (400, "This text is forbidden."),
        (500, "The structured output backend has crashed."),
        (429, "Too many tools in use."),
    ],
)
async def test_other_refusals_do_not_lower_the_way(
    provider: str, status: int, message: str
) -> None:
    seen: list[str] = []

    def reply(request: httpx2.Request) -> httpx2.Response:
        seen.append(mode(json.loads(request.content)))
        return httpx2.Response(status, json=error_body(message))

    who = judge(provider)
    with pytest.raises(ProviderError):
        await connected(who, reply).complete(who, prompt())
    assert seen == ["json_schema"]


@pytest.mark.parametrize("provider", WIRES)
async def test_the_servers_own_pointer_counts_more_than_its_words(provider: str) -> None:
    message = "Invalid schema: 'temperature' is too long for tools."
    body = error_body(message, param="response_format.json_schema")
    seen: list[str] = []

    def reply(request: httpx2.Request) -> httpx2.Response:
        seen.append(mode(json.loads(request.content)))
        return answer(provider) if seen[-1] == "tool" else httpx2.Response(400, json=body)

    who = judge(provider, parameters={"temperature": 0})
    assert (await connected(who, reply).complete(who, prompt())).structured == "tool"


@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize("name", ["temperature", "top_p", "top_k", "seed", "logprobs"])
@pytest.mark.parametrize("points", [True, False])
async def test_a_refused_parameter_is_named_and_never_dropped(
    provider: str, name: str, points: bool
) -> None:
    sent: list[dict[str, Any]] = []

    def reply(request: httpx2.Request) -> httpx2.Response:
        sent.append(json.loads(request.content))
        param = {"param": name} if points else {}
        return httpx2.Response(400, json=error_body(f"'{name}' does not support 0.", **param))

    who = judge(provider, parameters={name: 0})
    with pytest.raises(RequestRejected) as caught:
        await connected(who, reply).complete(who, prompt())
    assert f"remove {name} from the judge's parameters" in str(caught.value)
    assert "capabilities." in str(caught.value)
    assert [body[name] for body in sent] == [0]


async def test_a_parameter_that_was_not_sent_is_not_to_blame() -> None:
    body = error_body("A temperature of 400 degrees is not plausible.")
    error = await failure("openai", httpx2.Response(400, json=body))
    assert "remove" not in str(error)
