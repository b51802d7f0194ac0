"""The simulated judges' server, asked over loopback by the real SDKs: both wires, and every fault."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge import render, simulated, simulated_rules
from judge.errors import InputError
from judge.simulate import Limit, ServerSettings, SimulatedJudges, running, serve
from judge.simulated import Faults
from judge.types import Criterion, Item, JudgeModel, Prompt, Response, Rubric, Scale, Trial

RUBRIC = Rubric(
    name="which",
    version=1,
    mode="pairwise",
    criteria=(Criterion("better", "Which is better?"),),
    scale=Scale("nominal", ("A", "tie", "B"), tie_label="tie"),
    system="Compare. {{ boundary }}",
    user="{{ question }}\n{{ response_a }}\n{{ response_b }}\n{{ answer_format }}",
)

WIRES = ("openai", "anthropic")
PATHS = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"}


def prompt(n: int) -> Prompt:
    """A different prompt for every number."""
    responses = (Response("x", (f"x wrote {n}",)), Response("y", (f"y wrote {n}",)))
    item = Item(f"item-{n}", (f"Question {n}?",), responses)
    trial = Trial(item.item_id, "j", RUBRIC.id, "", "x", "y", "AB", 0)
    return render.prompt(RUBRIC, "", item, trial, JudgeModel("j", "p", "m"), seed=0)


def body(wire: str, asked: Prompt, model: str = "sim-fair", **more: Any) -> dict[str, Any]:
    """The request of a prompt with its schema enforced, as the API wants it."""
    user = {"role": "user", "content": asked.user}
    if wire == "openai":
        form = {"name": "verdict", "strict": True, "schema": asked.schema}
        messages = [{"role": "system", "content": asked.system}, user]
        response_format = {"type": "json_schema", "json_schema": form}
        return {"model": model, "messages": messages, "response_format": response_format, **more}
    form = {"type": "json_schema", "schema": asked.schema}
    rest = {"system": asked.system, "max_tokens": 1000, "output_config": {"format": form}}
    return {"model": model, "messages": [user], **rest, **more}


def unforced(wire: str, asked: Prompt, model: str = "sim-fair", **more: Any) -> dict[str, Any]:
    """The request without anything that enforces its schema."""
    full = body(wire, asked, model, **more)
    return {k: v for k, v in full.items() if k not in ("response_format", "output_config")}


def with_tool(wire: str, asked: Prompt, model: str = "sim-fair") -> dict[str, Any]:
    """The request with its schema as a forced tool."""
    if wire == "openai":
        function = {"name": "verdict", "parameters": asked.schema}
        choice: dict[str, Any] = {"type": "function", "function": {"name": "verdict"}}
        tools: list[dict[str, Any]] = [{"type": "function", "function": function}]
    else:
        choice = {"type": "tool", "name": "verdict"}
        tools = [{"name": "verdict", "input_schema": asked.schema}]
    return unforced(wire, asked, model, tools=tools, tool_choice=choice)


class Client:
    """One of the two SDKs, with its retries off."""

    def __init__(self, wire: str, url: str, api_key: str = "any") -> None:
        self.wire = wire
        self.sdk: Any = (
            openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=api_key, max_retries=0)
            if wire == "openai"
            else anthropic.AsyncAnthropic(base_url=url, api_key=api_key, max_retries=0)
        )
        self.errors: Any = openai if wire == "openai" else anthropic

    async def ask(self, request: dict[str, Any], key: str = "k") -> Any:
        api = self.sdk.chat.completions if self.wire == "openai" else self.sdk.messages
        return await api.create(**request, extra_headers={"Idempotency-Key": key})

    async def say(self, asked: Prompt, model: str = "sim-fair") -> str:
        """The text of the answer to a prompt."""
        answer = await self.ask(body(self.wire, asked, model), asked.idempotency_key)
        text: str = (
            answer.choices[0].message.content if self.wire == "openai" else answer.content[0].text
        )
        return text


@asynccontextmanager
async def asking(
    wire: str, settings: ServerSettings | None = None, *, api_key: str = "any", **injected: Any
) -> AsyncIterator[tuple[Client, SimulatedJudges]]:
    async with running(settings, **injected) as server:
        client = Client(wire, server.url, api_key)
        async with client.sdk:
            yield client, server


def counts(server: SimulatedJudges, wire: str) -> dict[str, int]:
    """What is not 0 in the counts of a wire, faults beside the rest."""
    found = server.stats()[wire]
    return {k: v for k, v in {**found, **found["faults"]}.items() if k != "faults" and v}


def in_process(asked: Prompt, model: str, seed: int = 0) -> simulated.Answer:
    return simulated.answer(
        simulated_rules.rule(model),
        seed=seed,
        key=asked.idempotency_key,
        system=asked.system,
        user=asked.user,
        schema=asked.schema,
    )


both_wires = pytest.mark.parametrize("wire", WIRES)

# -- answers -------------------------------------------------------------------------------------


@both_wires
async def test_the_answer_over_the_wire_is_the_answer_in_process(wire: str) -> None:
    model = "sim-first:noise=0.2"
    async with asking(wire, ServerSettings(seed=5)) as (client, server):
        for n in range(30):
            assert await client.say(prompt(n), model) == in_process(prompt(n), model, 5).text
    assert counts(server, wire) == {"requests": 30, "answered": 30}


@both_wires
async def test_an_answer_has_the_parts_that_the_api_has(wire: str) -> None:
    asked = prompt(1)
    expected = in_process(asked, "sim-fair")
    async with asking(wire) as (client, _):
        answer = await client.ask(body(wire, asked), asked.idempotency_key)
    assert answer.model == "sim-fair"
    assert answer._request_id.startswith("sim-")
    if wire == "openai":
        assert answer.choices[0].finish_reason == "stop"
        assert answer.usage.prompt_tokens == expected.tokens_in
        assert answer.usage.completion_tokens == expected.tokens_out
        assert answer.usage.prompt_tokens_details.cached_tokens == 0
    else:
        assert answer.stop_reason == "end_turn"
        assert answer.usage.input_tokens == expected.tokens_in
        assert answer.usage.output_tokens == expected.tokens_out


@both_wires
async def test_tokens_of_a_long_shared_prefix_count_as_cached_and_once(wire: str) -> None:
    asked = dataclasses.replace(prompt(1), system="Compare. " * 1000)
    async with asking(wire) as (client, _):
        if wire == "openai":
            usage = (await client.ask(body(wire, asked))).usage
            cached, total = usage.prompt_tokens_details.cached_tokens, usage.prompt_tokens
        else:
            block = {"type": "text", "text": asked.system, "cache_control": {"type": "ephemeral"}}
            usage = (await client.ask(body(wire, asked, system=[block]))).usage
            cached, total = usage.cache_read_input_tokens, 0
            total = usage.input_tokens + usage.cache_read_input_tokens
    assert cached == len(asked.system) // 4
    assert total == (len(asked.system) + len(asked.user)) // 4


@both_wires
async def test_a_forced_tool_is_called_with_the_verdict(wire: str) -> None:
    asked = prompt(1)
    async with asking(wire) as (client, _):
        answer = await client.ask(with_tool(wire, asked), asked.idempotency_key)
    expected = in_process(asked, "sim-fair").text
    if wire == "openai":
        call = answer.choices[0].message.tool_calls[0].function
        assert (call.name, call.arguments) == ("verdict", expected)
    else:
        assert answer.stop_reason == "tool_use"
        assert (answer.content[0].name, answer.content[0].input) == (
            "verdict",
            json.loads(expected),
        )


@both_wires
async def test_a_request_without_schema_is_answered_by_the_one_in_its_prompt(wire: str) -> None:
    asked = prompt(1)
    async with asking(wire) as (client, _):
        answer = await client.ask(unforced(wire, asked), asked.idempotency_key)
    content = answer.choices[0].message.content if wire == "openai" else answer.content[0].text
    assert content == in_process(asked, "sim-fair").text


@both_wires
async def test_refusals_and_cut_off_answers_are_marked_as_the_api_marks_them(wire: str) -> None:
    finished = Counter[str]()
    async with asking(wire) as (client, _):
        for n in range(30):
            for model in ("sim-fair:refuse=1", "sim-fair:truncate=1"):
                answer = await client.ask(body(wire, prompt(n), model), f"k{n}")
                if wire == "anthropic":
                    finished[answer.stop_reason] += 1
                else:
                    choice = answer.choices[0]
                    finished[f"{choice.finish_reason} {bool(choice.message.refusal)}"] += 1
    if wire == "anthropic":
        assert finished == {"refusal": 30, "max_tokens": 30}
    else:
        assert set(finished) == {"length False", "stop True", "content_filter True"}
        assert finished["length False"] == 30


@both_wires
async def test_max_tokens_cuts_an_answer_off(wire: str) -> None:
    async with asking(wire) as (client, _):
        answer = await client.ask(body(wire, prompt(1), max_tokens=3))
    assert (answer.choices[0].finish_reason if wire == "openai" else answer.stop_reason) in (
        "length",
        "max_tokens",
    )


@both_wires
async def test_a_request_without_key_is_keyed_by_its_prompt(wire: str) -> None:
    async with running() as server, httpx2.AsyncClient(base_url=server.url) as http:
        for n in (1, 1, 2):
            answer = await http.post(PATHS[wire], json=body(wire, prompt(n)))
            assert answer.status_code == 200
        stats = server.stats()
    assert (stats["answers"], stats["keys_answered"], stats["keys_answered_again"]) == (3, 2, 1)


async def test_models_are_listed_for_both_sdks() -> None:
    async with running() as server:
        for wire in WIRES:
            client = Client(wire, server.url)
            async with client.sdk:
                models = await client.sdk.models.list()
            assert [model.id for model in models.data] == list(simulated_rules.RULES)


# -- requests that are refused -------------------------------------------------------------------


@both_wires
async def test_a_wrong_key_is_401_and_the_right_one_passes(wire: str) -> None:
    settings = ServerSettings(require_key="right")
    async with asking(wire, settings, api_key="wrong") as (client, server):
        with pytest.raises(client.errors.AuthenticationError):
            await client.ask(body(wire, prompt(1)))
        assert counts(server, wire) == {"requests": 1, "rejected": 1}
    async with asking(wire, settings, api_key="right") as (client, server):
        await client.ask(body(wire, prompt(1)))
    async with running(settings) as server, httpx2.AsyncClient(base_url=server.url) as http:
        request = body("anthropic", prompt(1))
        passed = await http.post("/v1/messages", json=request, headers={"x-api-key": "right"})
        assert passed.status_code == 200


@both_wires
async def test_an_unknown_model_is_404_and_says_which_are_known(wire: str) -> None:
    async with asking(wire) as (client, _):
        with pytest.raises(client.errors.NotFoundError, match="known: sim-fair"):
            await client.ask(body(wire, prompt(1), "gpt-9"))


@pytest.mark.parametrize(
    ("wire", "option", "make", "named"),
    [
        ("openai", "schema", body, "response_format"),
        ("anthropic", "schema", body, "output_config"),
        ("openai", "tools", with_tool, "tools"),
        ("anthropic", "tools", with_tool, "tools"),
    ],
)
async def test_a_capability_switched_off_is_a_400_that_names_it(
    wire: str, option: str, make: Callable[..., dict[str, Any]], named: str
) -> None:
    model = f"sim-fair:{option}=no"
    async with asking(wire) as (client, _):
        with pytest.raises(client.errors.BadRequestError, match=named):
            await client.ask(make(wire, prompt(1), model))
        await client.ask(unforced(wire, prompt(1), model))


@both_wires
async def test_temperature_switched_off_is_a_400_that_names_it(wire: str) -> None:
    async with running() as server, httpx2.AsyncClient(base_url=server.url) as http:
        for model, status in [("sim-fair:temperature=no", 400), ("sim-fair", 200)]:
            request = body(wire, prompt(1), model, temperature=0)
            answer = await http.post(PATHS[wire], json=request)
            assert answer.status_code == status
            assert ("temperature" in answer.text) == (status == 400)


@both_wires
@pytest.mark.parametrize(
    "wrong",
    [
        b"not JSON",
        b"[]",
        b"{}",
        b'{"model": "sim-fair"}',
        b'{"model": "sim-fair", "max_tokens": 0, "messages": [{"role": "user", "content": "hi"}]}',
        b'{"model": "sim-fair", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}',
        b'{"model": "sim-fair", "max_tokens": 9, "messages": [{"role": "user", "content": 7}]}',
        b'{"model": "sim-fair", "max_tokens": 9, "messages": "hi"}',
        b'{"model": "sim-fair", "stream": true, "max_tokens": 9, "messages": [1]}',
        b'{"model": "sim-fair:noise=9", "max_tokens": 9, "messages": [1]}',
    ],
)
async def test_a_request_that_cannot_be_answered_is_an_error_in_the_api_s_own_shape(
    wire: str, wrong: bytes
) -> None:
    async with running() as server, httpx2.AsyncClient(base_url=server.url) as http:
        answer = await http.post(PATHS[wire], content=wrong)
        assert answer.status_code == (404 if b"noise=9" in wrong else 400)
        assert answer.json()["error"]["message"]
        assert ("param" if wire == "openai" else "type") in answer.json()["error"]
        assert (answer.json().get("type") == "error") == (wire == "anthropic")
    assert counts(server, wire) == {"requests": 1, "rejected": 1}


async def test_what_is_no_http_or_no_known_address_is_answered_as_such() -> None:
    async with running() as server:
        async with httpx2.AsyncClient(base_url=server.url) as http:
            assert (await http.get("/v1/chat/completions")).status_code == 404
            assert (await http.post("/v1/embeddings", json={})).status_code == 404
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(server))
        writer.write(b"hello there\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 400")
        writer.close()
        await writer.wait_closed()


def port_of(server: SimulatedJudges) -> int:
    return int(server.url.rpartition(":")[2])


# -- faults --------------------------------------------------------------------------------------


@both_wires
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("rate_429", "RateLimitError"),
        ("error_500", "InternalServerError"),
        ("drop", "APIConnectionError"),
    ],
)
async def test_a_fault_reaches_the_sdk_as_its_own_error(wire: str, fault: str, error: str) -> None:
    async with asking(wire, ServerSettings(faults=Faults(**{fault: 1.0}))) as (client, server):
        for n in range(3):
            with pytest.raises(getattr(client.errors, error)) as raised:
                await client.ask(body(wire, prompt(n)), f"k{n}")
            if fault != "drop":
                assert "retry-after" not in raised.value.response.headers
    assert counts(server, wire) == {"requests": 3, fault: 3}
    assert server.stats()["answers"] == 0


@both_wires
async def test_a_malformed_body_is_a_200_that_is_not_the_api_s_json(wire: str) -> None:
    settings = ServerSettings(faults=Faults(malformed=1))
    bodies = Counter[bytes]()
    async with running(settings) as server, httpx2.AsyncClient(base_url=server.url) as http:
        for n in range(30):
            headers = {"Idempotency-Key": f"k{n}"}
            answer = await http.post(PATHS[wire], json=body(wire, prompt(n)), headers=headers)
            assert answer.status_code == 200
            bodies[answer.content] += 1
        client = Client(wire, server.url)
        async with client.sdk:
            for n in range(6):
                assert not await understood(client, n)
    assert len(bodies) == 3
    assert b"{}" in bodies
    assert counts(server, wire) == {"requests": 36, "malformed": 36}


async def understood(client: Client, n: int) -> bool:
    """Whether an SDK made an answer of what it was sent."""
    try:
        answer = await client.ask(body(client.wire, prompt(n)), f"k{n}")
    except (ValueError, client.errors.APIError):
        return False
    return not isinstance(answer, str) and bool(getattr(answer, "choices", answer.id))


@both_wires
async def test_a_hanging_request_ends_when_the_client_gives_up_and_not_before(wire: str) -> None:
    async with asking(wire, ServerSettings(faults=Faults(hang=1))) as (client, server):
        task = asyncio.create_task(client.ask(body(wire, prompt(1))))
        await until(lambda: server.stats()["in_flight"] == 1)
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await until(lambda: server.stats()["in_flight"] == 0)
    assert counts(server, wire) == {"requests": 1, "hang": 1}


async def until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_true():  # noqa: ASYNC110 (the server has no event for it)
            await asyncio.sleep(0)


async def test_the_server_stops_while_requests_hang() -> None:
    async with asyncio.timeout(10):
        async with running(ServerSettings(faults=Faults(hang=1))) as server:
            client = Client("openai", server.url)
            task = asyncio.create_task(client.ask(body("openai", prompt(1))))
            await until(lambda: server.stats()["in_flight"] == 1)
        with pytest.raises(openai.APIConnectionError):
            await task
        await client.sdk.close()


async def test_shares_of_faults_are_as_planted_and_the_stats_are_what_the_client_saw() -> None:
    faults = Faults(rate_429=0.05, error_500=0.03, drop=0.02, malformed=0.02)
    seen = Counter[str]()
    settings = ServerSettings(faults=faults, seed=2)
    async with running(settings) as server, httpx2.AsyncClient(base_url=server.url) as http:
        numbers = iter(range(1000))
        await asyncio.gather(*(send(http, numbers, seen) for _ in range(8)))
        stats = (await http.get("/stats")).json()
    expected = {"answered": 0.88, **{n: getattr(faults, n) for n in simulated.FAULTS}}
    for name, share in expected.items():
        se = (share * (1 - share) / 1000) ** 0.5
        assert seen[name] / 1000 == pytest.approx(share, abs=4 * se)
    assert stats == server.stats()
    assert counts(server, "openai") == {"requests": 1000, **seen}
    assert counts(server, "anthropic") == {}
    assert stats["answers"] == stats["keys_answered"] == seen["answered"]
    assert (stats["keys_answered_again"], stats["in_flight"]) == (0, 0)


async def send(http: httpx2.AsyncClient, numbers: Any, seen: Counter[str]) -> None:
    """Sends one request a number and counts what came of it."""
    shown = prompt(0)
    for n in numbers:
        request = body("openai", shown)
        headers = {"Idempotency-Key": f"k{n}"}
        try:
            answer = await http.post(PATHS["openai"], json=request, headers=headers)
        except httpx2.TransportError:
            seen["drop"] += 1
            continue
        kind = {429: "rate_429", 500: "error_500"}.get(answer.status_code, "malformed")
        seen["answered" if b"chat.completion" in answer.content else kind] += 1


@both_wires
async def test_which_attempts_fail_hangs_on_key_and_attempt_and_not_on_the_order(wire: str) -> None:
    settings = ServerSettings(faults=Faults(error_500=0.5))

    async def outcomes(keys: list[str]) -> dict[str, list[int]]:
        async with running(settings) as server, httpx2.AsyncClient(base_url=server.url) as http:
            found: dict[str, list[int]] = {key: [] for key in keys}
            for key in keys * 4:
                headers = {"Idempotency-Key": key}
                answer = await http.post(PATHS[wire], json=body(wire, prompt(1)), headers=headers)
                found[key].append(answer.status_code)
            return found

    keys = [f"k{n}" for n in range(20)]
    assert await outcomes(keys) == (found := await outcomes(keys[::-1]))
    assert len({tuple(codes) for codes in found.values()}) > 5


# -- limits and latency --------------------------------------------------------------------------


@given(
    st.floats(0.5, 200),
    st.integers(1, 10),
    st.lists(st.floats(0, 0.2), min_size=1, max_size=200),
)
def test_a_bucket_never_lets_more_through_than_its_rate_and_burst(
    per_s: float, burst: int, gaps: list[float]
) -> None:
    limit, now, passed = Limit(per_s, burst, None), 0.0, []
    for gap in gaps:
        now += gap
        if not limit.wait_s(now):
            passed.append(now)
    for i, start in enumerate(passed):
        for j, end in enumerate(passed[i:], 1):
            assert j <= burst + per_s * (end - start) + 1e-6


@given(st.floats(0.5, 200), st.lists(st.floats(0, 0.05), min_size=1, max_size=60))
def test_the_time_to_wait_is_honest_and_not_longer_than_needed(
    per_s: float, gaps: list[float]
) -> None:
    """Just before it a request is refused, just after it one passes and a second does not."""
    limit, now = Limit(per_s, 1, None), 0.0
    for gap in gaps:
        now += gap
        if wait_s := limit.wait_s(now):
            assert limit.wait_s(now + 0.99 * wait_s) > 0
            assert limit.wait_s(now + 1.01 * wait_s) == 0
            assert limit.wait_s(now + 1.01 * wait_s) > 0
            now += 1.01 * wait_s


def test_a_window_lets_its_number_through_and_names_its_end() -> None:
    limit = Limit(5, 1, 2.0)
    assert [limit.wait_s(100.5) for _ in range(11)] == [0.0] * 10 + [1.5]
    assert limit.wait_s(101.9) == pytest.approx(0.1)
    assert [limit.wait_s(102.0) for _ in range(11)] == [0.0] * 10 + [2.0]


@both_wires
async def test_beyond_the_limit_is_429_with_the_time_to_wait(wire: str) -> None:
    now = 0.0
    settings = ServerSettings(limit_per_s=50, burst=3)
    async with asking(wire, settings, clock=lambda: now) as (client, server):
        for n in range(3):
            await client.ask(body(wire, prompt(n)), f"k{n}")
        with pytest.raises(client.errors.RateLimitError) as raised:
            await client.ask(body(wire, prompt(4)), "k4")
        headers = raised.value.response.headers
        assert (headers["retry-after"], headers["retry-after-ms"]) == ("0.020", "20")
        now = float(headers["retry-after"])
        await client.ask(body(wire, prompt(4)), "k4")
    assert counts(server, wire) == {"requests": 5, "answered": 4, "limited": 1}


async def test_a_request_that_the_limit_refused_is_no_attempt_of_its_key() -> None:
    """Otherwise faults would hang on how hard the limit is pressed."""
    now = 0.0
    settings = ServerSettings(limit_per_s=1, burst=1, faults=Faults(error_500=0.5))
    async with (
        running(settings, clock=lambda: now) as server,
        httpx2.AsyncClient(base_url=server.url) as http,
    ):

        async def status(key: str) -> int:
            headers = {"Idempotency-Key": key}
            request = body("openai", prompt(1))
            return (await http.post(PATHS["openai"], json=request, headers=headers)).status_code

        for n in range(20):
            await status("first")  # takes what is free
            assert await status(f"k{n}") == 429
            now += 1
            struck = simulated.fault(settings.faults, seed=0, key=f"k{n}", attempt=1)
            assert await status(f"k{n}") == (500 if struck else 200)
            now += 1


async def test_latency_is_slept_by_the_given_sleep_and_keyed_by_the_request() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with asking("openai", ServerSettings(latency_s=0.3), sleep=sleep) as (client, _):
        for key in ("a", "b", "a"):
            await client.ask(body("openai", prompt(1), "sim-fair:latency_s=0.2"), key)
    assert slept[0] == slept[2] != slept[1]
    assert slept[0] == simulated.latency_s(0.5, "exponential", seed=0, key="a")
    slept.clear()
    fixed = ServerSettings(latency_s=0.3, latency="fixed")
    async with asking("openai", fixed, sleep=sleep) as (client, _):
        await client.ask(body("openai", prompt(1)))
    assert slept == [0.3]


@both_wires
async def test_requests_in_flight_are_counted_while_they_wait(wire: str) -> None:
    may_answer = asyncio.Event()

    async def sleep(seconds: float) -> None:
        await may_answer.wait()

    async with asking(wire, ServerSettings(latency_s=1), sleep=sleep) as (client, server):
        tasks = [asyncio.create_task(client.ask(body(wire, prompt(n)), f"k{n}")) for n in range(5)]
        await until(lambda: server.stats()["in_flight"] == 5)
        assert server.stats()["answers"] == 0
        may_answer.set()
        await asyncio.gather(*tasks)
    stats = server.stats()
    assert (stats["in_flight"], stats["max_in_flight"], stats["answers"]) == (0, 5, 5)


# -- the server itself ---------------------------------------------------------------------------


async def test_the_log_has_one_line_an_answer_before_the_client_has_it(tmp_path: Path) -> None:
    log = tmp_path / "answered.jsonl"
    settings = ServerSettings(log=log, faults=Faults(error_500=0.3))
    async with asking("openai", settings) as (client, server):
        answered = []
        for n in range(20):
            try:
                await client.ask(body("openai", prompt(n)), f"k{n}")
            except openai.InternalServerError:
                continue
            answered.append(f"k{n}")
            lines = [json.loads(line) for line in log.read_text().splitlines()]
            assert [line["key"] for line in lines] == answered
            assert lines[-1] == {
                "wire": "openai",
                "model": "sim-fair",
                "key": f"k{n}",
                "in_flight": 1,
            }
    assert 0 < len(answered) < 20
    assert server.stats()["answers"] == len(answered)


async def test_one_connection_carries_many_requests() -> None:
    async with running() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(server))
        for _ in range(3):
            writer.write(b"GET /stats HTTP/1.1\r\nHost: x\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            assert json.loads(await reader.readexactly(length)) == server.stats()
        writer.close()
        await writer.wait_closed()


async def test_serve_says_its_port_and_ends_when_cancelled() -> None:
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve("127.0.0.1", 0, ServerSettings(), ready=port.set_result))
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{await port}") as http:
        assert (await http.get("/stats")).status_code == 200
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(httpx2.TransportError):
            await http.get("/stats")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.org", "192.0.2.1"])
async def test_a_host_that_others_can_reach_is_refused(host: str) -> None:
    with pytest.raises(InputError, match=r"use 127\.0\.0\.1, or allow remote clients"):
        await serve(host, 0, ServerSettings())


@pytest.mark.parametrize(
    "wrong", [{"limit_per_s": 0}, {"limit_window_s": -1}, {"latency_s": -1}, {"burst": 0}]
)
def test_impossible_settings_are_errors_that_name_the_field(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        ServerSettings(**wrong)


async def test_a_log_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the log cannot be written"):
        await serve("127.0.0.1", 0, ServerSettings(log=tmp_path))


async def test_a_port_in_use_is_an_error_that_names_it(tmp_path: Path) -> None:
    async with running() as server:
        settings = ServerSettings(log=tmp_path / "log.jsonl")
        with pytest.raises(InputError, match=f"port {port_of(server)}"):
            await serve("127.0.0.1", port_of(server), settings)
