"""What the HTTP providers share: how a request is put, sent, and its answer read.

A Line sends a request as well as the server lets it: where the server refuses a way of asking for
structure, or one name of the token limit, the next one is tried at once and kept. Everything else that
goes wrong becomes one of the ProviderErrors.
"""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import httpx2

from judge.errors import ProviderError, RequestRejected, TransientError
from judge.providers.address import Address
from judge.providers.faults import (
    Said,
    beginning,
    decoded,
    error_of,
    excerpt,
    read_refusal,
    retry_after_s,
)
from judge.types import CAPABILITY_OF, Prompt

Clock = Callable[[], float]
Structured = Literal["json_schema", "tool", "none"]

CONNECT_S = 10.0
# Beyond what any request can hold, and what a database's integers do.
MOST_TOKENS = 2**53
MAX_TOKENS = 2048
# Far above any concurrency: whoever waits for a connection would count as slow or timed out.
LIMITS = httpx2.Limits(max_connections=1000, max_keepalive_connections=1000)
# Sent where a server needs no key; both SDKs insist on one.
NO_KEY = "none"
# The name of the schema, and of the tool that takes the answer; both APIs allow 64 characters.
SCHEMA_NAME = "verdict"
TOOL_DESCRIPTION = "Takes the verdict."


def timeouts(timeout_s: float) -> httpx2.Timeout:
    """A request's time limits for the HTTP client; Line keeps the limit of the whole."""
    return httpx2.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s))


# -- how a request may be put otherwise ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Manner:
    """How a request is put. other_limit: the token limit goes by its second name."""

    structured: Structured
    other_limit: bool = False


_MODES: tuple[Structured, ...] = ("json_schema", "tool", "none")
# 422: servers that check fields by type. 404: OpenRouter, where no host of a model has the feature.
_NOT_THIS_WAY = frozenset({400, 404, 422, 501})

_STRUCTURE = re.compile(
    r"response_format|json.?schema|structured|output_config|output_format|\btools?\b|tool_choice|tool_use",
    re.IGNORECASE,
)
_UNKNOWN_FIELD = re.compile(
    r"unsupported|not supported|unrecognized|unknown|unexpected|not permitted|not allowed|forbidden|instead",
    re.IGNORECASE,
)
_TOO_LONG = re.compile(r"context.?(length|window)|too long|string_above_max_length", re.IGNORECASE)

# Some servers give fewer alternatives a token than others.
_TOO_MANY = re.compile(r"\bmax|at most|between|less than|greater than|exceed", re.IGNORECASE)

LIMIT_NAMES = ("max_completion_tokens", "max_tokens")


def humbler(
    manner: Manner, status: int, said: Said, body: Mapping[str, Any], *, renames: bool
) -> Manner | None:
    """The manner to try after a refusal, None where the refusal is about something else.

    renames: true where the API has two names for the token limit.
    """
    if status not in _NOT_THIS_WAY or _is_too_long(said):
        return None
    named = _named(said)
    if manner.structured != "none" and _STRUCTURE.search(named):
        lower = _MODES[_MODES.index(manner.structured) + 1]
        return dataclasses.replace(manner, structured=lower)
    is_unknown = _UNKNOWN_FIELD.search(f"{said.code} {said.text}")
    if renames and not manner.other_limit and is_unknown and _names(named, _limit_name(body)):
        return dataclasses.replace(manner, other_limit=True)
    return None


def refused_parameter(status: int, said: Said, body: Mapping[str, Any]) -> str | None:
    """The sampling parameter of the request that a refusal names, None where it names none."""
    if status not in (400, 422) or _is_too_long(said):
        return None
    named = _named(said)
    return next((name for name in CAPABILITY_OF if name in body and _names(named, name)), None)


def _is_too_long(said: Said) -> bool:
    """True where the texts are at fault, whatever else the message mentions."""
    return not _STRUCTURE.search(said.param) and bool(_TOO_LONG.search(f"{said.code} {said.text}"))


def _limit_name(body: Mapping[str, Any]) -> str:
    return next(name for name in LIMIT_NAMES if name in body)


def _named(said: Said) -> str:
    """Where to look for the field at fault: the server's own pointer where it is one that we know."""
    known = (*LIMIT_NAMES, *CAPABILITY_OF)
    is_known = _STRUCTURE.search(said.param) or any(_names(said.param, name) for name in known)
    return said.param if is_known else said.text


def _names(text: str, field_name: str) -> bool:
    return re.search(rf"\b{field_name}\b", text) is not None


def _with_structure(manner: Manner, structured: Structured) -> Manner:
    """The manner with another way of asking for structure."""
    return dataclasses.replace(manner, structured=structured)


def _later(one: Manner, other: Manner) -> Manner:
    """What both have learned: requests under way at once must not undo each other's lessons."""
    return Manner(
        max(one.structured, other.structured, key=_MODES.index),
        one.other_limit or other.other_limit,
    )


# -- the line ------------------------------------------------------------------------------------


class Lost(Exception):
    """A request that got no answer. cause: what went wrong, without the request itself."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Door(Protocol):
    """What sends a request's body to one address."""

    async def post(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> httpx2.Response:
        """The server's answer, read whole, whatever its status.

        Raises Lost, TimeoutError, and ValueError where the body cannot be written as JSON.
        """
        ...

    async def aclose(self) -> None:
        """Nothing; connections are closed."""
        ...


class SdkDoor:
    """A Door through the client of an SDK, `openai` or `anthropic`, whose errors bear the same names."""

    def __init__(self, sdk: Any, client: Any, path: str, timeout_s: float) -> None:
        self._sdk = sdk
        self._client = client
        self._path = path
        self._timeout_s = timeout_s

    async def post(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> httpx2.Response:
        try:
            # The SDK's typed methods cost twice as much, in checks of what goes out and comes in.
            response: httpx2.Response = await self._client.post(
                self._path,
                body=body,
                cast_to=httpx2.Response,
                options={"headers": headers, "timeout": timeouts(self._timeout_s)},
            )
            return response
        except self._sdk.APIStatusError as error:
            refused: httpx2.Response = error.response
            return refused
        except (self._sdk.APIConnectionError, httpx2.HTTPError, OSError) as error:
            cause = error.__cause__ or error
        # Raised here, so that it does not carry the SDK's error, which holds the request's headers.
        raise Lost(cause)

    async def aclose(self) -> None:
        await self._client.close()


class Malformed(ValueError):
    """A body that is not the API's: what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with 2xx, and how it came about."""

    response: httpx2.Response
    manner: Manner
    latency_s: float

    def body(self) -> dict[str, Any]:
        """The JSON object that was answered. Raises Malformed."""
        found = decoded(self.response.content)
        if not isinstance(found, dict):
            raise Malformed("no JSON object")
        return found


class Line:
    """A connection to one judge's API, and what was learned of what it accepts.

    path: of the API, after the address that people wrote. settings_in: the judge's table that holds
    what is sent with every request. clock: seconds from any origin. now: seconds since 1970.
    """

    def __init__(
        self,
        door: Door,
        where: Address,
        path: str,
        manner: Manner,
        *,
        renames: bool,
        timeout_s: float,
        clock: Clock,
        now: Clock,
        settings_in: str = "parameters",
    ) -> None:
        self._door = door
        self._where = where
        self._path = path
        self._known = manner
        self._renames = renames
        self._settings_in = settings_in
        self._timeout_s = timeout_s
        self._clock = clock
        self._now = now

    async def ask(self, prompt: Prompt, put: Callable[[Manner], dict[str, Any]]) -> Reply:
        """The answer to the request that put() makes. Raises ProviderError.

        A lower manner is kept once it was answered, so that one odd refusal changes nothing.
        """
        manner = _with_structure(self._known, "none") if prompt.in_text else self._known
        headers = {"Idempotency-Key": prompt.idempotency_key}
        while True:
            body = put(manner)
            started = self._clock()
            response = await self._sent(body, headers)
            if response.is_success:
                known = self._known.structured if prompt.in_text else manner.structured
                self._known = _later(self._known, _with_structure(manner, known))
                return Reply(response, manner, self._clock() - started)
            said = read_refusal(response)
            lower = humbler(manner, response.status_code, said, body, renames=self._renames)
            if lower is None:
                raise self._error(response, said, body)
            manner = lower

    def malformed(self, reply: Reply, problem: Malformed) -> TransientError:
        """The error that a 2xx with a body of another kind is."""
        quoted = excerpt(beginning(reply.response.content), self._where.secret)
        return TransientError(
            f"{self._where.shown} answered with a body that is not the API's, {problem}: "
            f"{quoted or '(empty)'}",
            status=reply.response.status_code,
            retry_after_s=retry_after_s(reply.response.headers, now=self._now()),
            may_have_cost=True,
        )

    async def aclose(self) -> None:
        """Nothing; connections are closed."""
        await self._door.aclose()

    def _error(
        self, response: httpx2.Response, said: Said, body: Mapping[str, Any]
    ) -> ProviderError:
        status = response.status_code
        name = refused_parameter(status, said, body)
        if name is None:
            return error_of(response, said, self._where, self._path, now=self._now())
        return RequestRejected(
            f"{self._where.shown} refuses the parameter {name} ({status}): "
            f"{excerpt(said.text, self._where.secret)}; {self._remedy(name, said)}",
            status=status,
        )

    def _remedy(self, name: str, said: Said) -> str:
        capability = CAPABILITY_OF[name]
        if self._settings_in != "parameters":
            return f"remove {name} from the judge's {self._settings_in}"
        if capability == "logprobs" and _TOO_MANY.search(said.text):
            return "write a smaller number as the judge's parameters.top_logprobs, such as 5"
        # The reading sends these by itself.
        reading = ', its reading = "label"' if capability == "logprobs" else ""
        return (
            f"remove {name} from the judge's parameters, and set its capabilities.{capability} = false"
            f"{reading}"
        )

    async def _sent(self, body: dict[str, Any], headers: dict[str, str]) -> httpx2.Response:
        """The server's answer, whatever its status. Raises TransientError, RequestRejected."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._door.post(body, headers)
        except Lost as error:
            problem = self._lost(error.cause)
        except OSError as error:  # asyncio's own time-out among them
            problem = self._lost(error)
        except ValueError as error:
            problem = RequestRejected(f"the request cannot be written as JSON: {_short(error)}")
        # Raised here, so that it carries nothing that holds the request's headers.
        raise problem

    def _lost(self, cause: BaseException) -> ProviderError:
        shown = self._where.shown
        if isinstance(cause, httpx2.ConnectTimeout):
            return TransientError(
                f"{shown} cannot be reached: no connection within {CONNECT_S:g} s"
            )
        if isinstance(cause, TimeoutError | httpx2.TimeoutException):
            return TransientError(
                f"{shown} gave no answer within {self._timeout_s:g} s", may_have_cost=True
            )
        word = excerpt(str(cause), self._where.secret)
        return TransientError(
            f"the connection to {shown} failed: {type(cause).__name__}{f': {word}' if word else ''}",
            may_have_cost=not isinstance(cause, httpx2.ConnectError),
        )


def _short(error: ValueError) -> str:
    """What is wrong, without the text that it is wrong with."""
    if isinstance(error, UnicodeEncodeError):
        return f"{error.reason} (a broken character in the prompt or the responses; mend the data)"
    return type(error).__name__


# -- reading bodies ------------------------------------------------------------------------------


def mapping(value: object, name: str) -> dict[str, Any]:
    """The value, which must be a JSON object. Raises Malformed."""
    if not isinstance(value, dict):
        raise Malformed(f"no {name}")
    return value


def mappings(value: object, name: str) -> list[dict[str, Any]]:
    """The value, which must be a list of JSON objects. Raises Malformed."""
    if not isinstance(value, list):
        raise Malformed(f"no {name}")
    return [mapping(one, name) for one in value]


def count(usage: object, *path: str) -> int:
    """The number at that place of a usage record, 0 where the server counts nothing there."""
    for name in path:
        usage = usage.get(name) if isinstance(usage, dict) else None
    return usage if type(usage) is int and 0 < usage <= MOST_TOKENS else 0


def text_of(value: object) -> str:
    """The value where it is a text, "" where the server left it out."""
    return value if isinstance(value, str) else ""
