"""Simulated judges behind the OpenAI and Anthropic wire formats, with the faults of real servers.

What a client meets here is what it meets outside: HTTP, keep-alive, each API's own JSON and errors,
rate limits with an honest Retry-After, dropped lines. What a judge says is decided in simulated.py.

POST /v1/chat/completions (OpenAI) - POST /v1/messages (Anthropic) - GET /v1/models - GET /stats
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import json
import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import h11

from judge import simulated, simulated_rules
from judge.errors import InputError
from judge.simulated import Answer, Faults, Knowledge, Latency
from judge.simulated_http import Reply, Request, json_reply, received, sent
from judge.simulated_wires import WIRES, Asked, Rejected, Wire, openai_error, parsed
from judge.types import digest_text

Sleep = Callable[[float], Awaitable[object]]
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How the server behaves.

    seed: of every draw, faults included. faults: their shares, drawn by seed, idempotency key and how
    often that key came through the limit; a stray 429 of these names no time to wait.
    limit_per_s: requests per second of all judges together, None for no limit; beyond it the answer is
    429 with Retry-After (and retry-after-ms), the time until ONE request is free.
    burst: how many requests the limit lets through at once. limit_window_s: counts in fixed windows
    of that length instead, each with limit_per_s * limit_window_s requests.
    latency_s: mean time of an answer, on top of a rule's own; latency: its distribution.
    require_key: the API key that clients must send, None for any. knowledge: what judges know beside
    the prompt. log: a file that gets one JSON line an answer, before the answer goes out.
    allow_remote: permits an address other than loopback.
    """

    seed: int = 0
    faults: Faults = field(default_factory=Faults)
    limit_per_s: float | None = None
    burst: int = 5
    limit_window_s: float | None = None
    latency_s: float = 0.0
    latency: Latency = "exponential"
    require_key: str | None = None
    knowledge: Knowledge = field(default_factory=Knowledge)
    log: Path | None = None
    allow_remote: bool = False

    def __post_init__(self) -> None:
        for name in ("limit_per_s", "limit_window_s"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise InputError(f"{name} must be above 0, not {value}")
        if not 0 <= self.latency_s < math.inf:
            raise InputError(f"latency_s must not be below 0, not {self.latency_s}")
        if self.burst < 1:
            raise InputError(f"burst must be at least 1, not {self.burst}")


class Limit:
    """A limit of requests. The time is an argument."""

    def __init__(self, per_s: float, burst: int, window_s: float | None) -> None:
        self._per_s = per_s
        self._window_s = window_s
        self._capacity = burst if window_s is None else max(1, int(per_s * window_s))
        self._free = float(self._capacity)
        self._at: float | None = None

    def wait_s(self, now: float) -> float:
        """0 where a request may pass now, and takes its place; else the time until one may."""
        self._refill(now)
        if self._free >= 1:
            self._free -= 1
            return 0.0
        if self._window_s is not None:
            return self._window_s - now % self._window_s
        return (1 - self._free) / self._per_s

    def _refill(self, now: float) -> None:
        before, self._at = now if self._at is None else self._at, now
        if self._window_s is None:
            self._free = min(self._capacity, self._free + (now - before) * self._per_s)
        elif now // self._window_s != before // self._window_s:
            self._free = self._capacity


# What a proxy or a broken server may send with a 200.
_MALFORMED = (
    Reply(200, b"<html><body>upstream connect error</body></html>", (), "text/html"),
    Reply(200, b'{"id": "cut-off", "choices": [{"mess'),
    Reply(200, b"{}"),
)


class SimulatedJudges:
    """A server of simulated judges. Holds its counts, its limit and its log.

    clock: seconds from any origin, for the limit. sleep: waits out the latency.
    """

    def __init__(
        self,
        settings: ServerSettings,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.url = ""
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._limit = (
            Limit(settings.limit_per_s, settings.burst, settings.limit_window_s)
            if settings.limit_per_s is not None
            else None
        )
        self._counts: dict[str, Counter[str]] = {wire.name: Counter() for wire in WIRES.values()}
        self._attempts: Counter[str] = Counter()
        self._answers: Counter[str] = Counter()
        self._in_flight = 0
        self._max_in_flight = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._log: TextIO | None = None

    async def start(self, host: str, port: int) -> int:
        """The port that it listens on; 0 picks a free one. Raises InputError for a remote host."""
        if not self._settings.allow_remote and not _is_loopback(host):
            raise InputError(
                f"host {host} can be reached by others: use 127.0.0.1, or allow remote clients"
            )
        self._log = _opened(self._settings.log)
        try:
            self._server = await asyncio.start_server(self._accept, host, port, backlog=1024)
        except OSError as error:
            self._close_log()
            raise InputError(f"cannot listen on {host} port {port}: {error}") from error
        bound: int = self._server.sockets[0].getsockname()[1]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{bound}"
        return bound

    async def stop(self) -> None:
        """Nothing; every connection is closed, answers under way are dropped."""
        if self._server is None:
            return
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._close_log()

    def stats(self) -> dict[str, Any]:
        """The server's own counts, by wire format and in all.

        Per wire: requests = answered + limited + rejected + all faults + what is in flight. limited:
        429s of the limit; faults: what was planted. keys_answered: distinct idempotency keys with an
        answer; keys_answered_again: those with more than one; answers: all of them.
        """
        return {
            **{name: _counted(counts) for name, counts in self._counts.items()},
            "answers": self._answers.total(),
            "keys_answered": len(self._answers),
            "keys_answered_again": sum(n > 1 for n in self._answers.values()),
            "in_flight": self._in_flight,
            "max_in_flight": self._max_in_flight,
        }

    def _close_log(self) -> None:
        if self._log:
            self._log.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._server is None or not self._server.is_serving():
            # The connection came in while the server stopped.
            writer.transport.abort()
            return
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            # The client left, or the server stops: both end a connection without a word.
            writer.transport.abort()
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Requests of one connection, one after the other."""
        connection = h11.Connection(h11.SERVER)
        while True:
            try:
                request = await received(connection, reader)
            except h11.RemoteProtocolError as error:
                request, reply = None, json_reply(400, {"error": {"message": str(error)}})
            else:
                if request is None:
                    return
                answered = await self._reply(request, reader)
                if answered is None:
                    writer.transport.abort()
                    return
                reply = answered
            writer.write(sent(connection, reply))
            await writer.drain()
            if request is None or connection.our_state is not h11.DONE:
                return
            connection.start_next_cycle()

    async def _reply(self, request: Request, reader: asyncio.StreamReader) -> Reply | None:
        """The reply to a request, None where the connection is to be dropped."""
        wire = WIRES.get(request.path)
        if wire and request.method == "POST":
            return await self._counted_reply(wire, request, reader)
        if request.method == "GET" and request.path == "/stats":
            return json_reply(200, self.stats())
        if request.method == "GET" and request.path == "/v1/models":
            return json_reply(200, _models())
        message = f"nothing at {request.method} {request.path}; known: POST {', POST '.join(WIRES)}"
        return json_reply(404, openai_error(404, message, None))

    async def _counted_reply(
        self, wire: Wire, request: Request, reader: asyncio.StreamReader
    ) -> Reply | None:
        self._counts[wire.name]["requests"] += 1
        self._in_flight += 1
        self._max_in_flight = max(self._max_in_flight, self._in_flight)
        try:
            return await self._judged(wire, request, reader)
        except Rejected as error:
            self._counts[wire.name]["rejected"] += 1
            return json_reply(error.status, wire.error(error.status, str(error), error.param))
        finally:
            self._in_flight -= 1

    async def _judged(
        self, wire: Wire, request: Request, reader: asyncio.StreamReader
    ) -> Reply | None:
        """A judge's reply. Raises Rejected."""
        settings = self._settings
        _authorise(request, settings.require_key)
        asked = _asked(wire, request)
        key = request.headers.get("idempotency-key") or simulated.prompt_key(
            asked.model, asked.system, asked.user
        )
        answer = _answer(asked, key, settings)
        if self._limit and (wait_s := self._limit.wait_s(self._clock())):
            self._counts[wire.name]["limited"] += 1
            return _too_many(wire, wait_s)
        self._attempts[key] += 1
        fault = simulated.fault(
            settings.faults, seed=settings.seed, key=key, attempt=self._attempts[key]
        )
        mean_s = settings.latency_s + asked.rule.latency_s
        if mean_s:
            await self._sleep(
                simulated.latency_s(mean_s, settings.latency, seed=settings.seed, key=key)
            )
        if fault:
            self._counts[wire.name][fault] += 1
            return await _faulty(fault, wire, key, reader)
        return self._answered(wire, asked, answer, key)

    def _answered(self, wire: Wire, asked: Asked, answer: Answer, key: str) -> Reply:
        """The reply with an answer, which is counted and logged."""
        self._counts[wire.name]["answered"] += 1
        self._answers[key] += 1
        code = digest_text(f"{key} {self._answers[key]}")[-24:]
        if self._log:
            line = {
                "wire": wire.name,
                "model": asked.model,
                "key": key,
                "in_flight": self._in_flight,
            }
            print(json.dumps(line), file=self._log, flush=True)
        return json_reply(200, wire.write(asked, answer, code), (wire.request_id, f"sim-{code}"))


def _asked(wire: Wire, request: Request) -> Asked:
    body = parsed(request.body)
    if body is None:
        raise Rejected(400, "We could not parse the JSON body of your request.")
    return wire.read(body)


def _answer(asked: Asked, key: str, settings: ServerSettings) -> Answer:
    try:
        return simulated.answer(
            asked.rule,
            seed=settings.seed,
            key=key,
            system=asked.system,
            user=asked.user,
            schema=asked.schema,
            knowledge=settings.knowledge,
            max_tokens=asked.max_tokens,
        )
    except InputError as error:
        raise Rejected(400, str(error), "messages") from error


def _authorise(request: Request, required: str | None) -> None:
    """Nothing. Raises Rejected where the key that the request carries is not the required one."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    given = request.headers.get("x-api-key") or bearer
    if required is not None and not hmac.compare_digest(given.encode(), required.encode()):
        raise Rejected(401, "Incorrect API key provided.")


def _too_many(wire: Wire, wait_s: float) -> Reply:
    error = wire.error(429, f"Rate limit reached. Try again in {wait_s:.3f} s.", None)
    # Rounded up: a client that waits exactly that long must find its place free.
    ms = math.ceil(wait_s * 1000)
    return json_reply(429, error, ("retry-after", f"{ms / 1000:.3f}"), ("retry-after-ms", str(ms)))


async def _faulty(fault: str, wire: Wire, key: str, reader: asyncio.StreamReader) -> Reply | None:
    """The reply that a fault makes of a request, None for a dropped connection."""
    if fault == "rate_429":
        return json_reply(429, wire.error(429, "Too many requests.", None))
    if fault == "error_500":
        return json_reply(500, wire.error(500, "Internal server error.", None))
    if fault == "malformed":
        return _MALFORMED[int(digest_text(key)[-8:], 16) % len(_MALFORMED)]
    if fault == "hang":
        await reader.read()  # until the client gives up
    return None


def _counted(counts: Counter[str]) -> dict[str, Any]:
    return {
        **{name: counts[name] for name in ("requests", "answered", "limited", "rejected")},
        "faults": {name: counts[name] for name in simulated.FAULTS},
    }


def _models() -> dict[str, Any]:
    """The list of models, in both APIs' shapes at once."""
    names = list(simulated_rules.RULES)
    about = {"object": "model", "type": "model", "created": 0, "owned_by": "simulated"}
    dated = {**about, "created_at": "1970-01-01T00:00:00Z"}
    data = [{"id": name, "display_name": name, **dated} for name in names]
    ends = {"first_id": names[0], "last_id": names[-1], "has_more": False}
    return {"object": "list", "data": data, **ends}


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _opened(path: Path | None) -> TextIO | None:
    if path is None:
        return None
    try:
        return path.open("a", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: the log cannot be written: {error}") from error


# -- running it ----------------------------------------------------------------------------------


@asynccontextmanager
async def running(
    settings: ServerSettings | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Clock = time.monotonic,
    sleep: Sleep = asyncio.sleep,
) -> AsyncIterator[SimulatedJudges]:
    """A server that runs inside the block: `server.url`, `server.stats()`."""
    server = SimulatedJudges(settings or ServerSettings(), clock=clock, sleep=sleep)
    await server.start(host, port)
    try:
        yield server
    finally:
        await server.stop()


async def serve(
    host: str, port: int, settings: ServerSettings, *, ready: Callable[[int], None] | None = None
) -> None:
    """Nothing, and not before it is cancelled. ready: called with the port once it listens."""
    async with running(settings, host=host, port=port) as server:
        if ready:
            ready(int(server.url.rpartition(":")[2]))
        await asyncio.Event().wait()
