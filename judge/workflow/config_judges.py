"""What an entry of [[judges]] may say, and what is wrong with one."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from judge import registry
from judge.providers import endpoint
from judge.types import CAPABILITY_OF, PANEL, Capabilities, Reading, canonical

# The Messages API takes none of temperature, top_p, top_k and seed, and answers without logprobs. An
# endpoint of one's own is sent what its body says, and nothing else.
_API_CAPABILITIES = {
    "anthropic": Capabilities(temperature=False, seed=False),
    "http": Capabilities(structured="none", temperature=False, seed=False),
}
# Providers whose answers are read without logprobs, whatever a file says of the model.
_WITHOUT_LOGPROBS = ("anthropic", "http", "scripted")

# Set for every request by the program itself.
_RESERVED = frozenset(
    {"model", "messages", "system", "stream", "n", "response_format", "tools", "tool_choice"}
)

_OWN_HEADERS = frozenset(
    {"content-length", "content-type", "cookie", "host", "idempotency-key", "transfer-encoding"}
)

# Words of a header's name that tell of a key in it; `tokens` are counted.
_SECRET_WORDS = frozenset(
    {"apikey", "auth", "authorization", "credential", "credentials", "key", "password", "secret"}
    | {"session", "signature", "token"}
)

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _variable(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise ValueError("is no name of a variable; write the variable's name, not the key")
    return name


def _families(value: Any) -> Any:
    return value.split("+") if isinstance(value, str) else value


Families = Annotated[
    list[Annotated[str, Field(pattern=r"^[^+\s]([^+]*[^+\s])?$")]],
    Field(min_length=1),
    BeforeValidator(_families, json_schema_input_type=str | list[str]),
]
Positive = Annotated[float, Field(gt=0)]
Price = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(pattern=r"^[^\s\x00-\x1f]([^\x00-\x1f]*[^\s\x00-\x1f])?$")]
Header = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
JsonPath = Annotated[str, Field(pattern=r"^[^.]+(\.[^.]+)*$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class CapabilitiesTable(Strict):
    structured: Literal["json_schema", "tool", "none"] | None = None
    temperature: bool | None = None
    seed: bool | None = None
    logprobs: bool | None = None


class HttpTable(Strict):
    """How an endpoint of one's own is asked, and at which paths of its answer the verdict is."""

    body: dict[str, Any]
    auth: Header = "bearer"
    headers: dict[Header, Annotated[str, Field(pattern=r"^[!-~]([ -~]*[!-~])?$")]] = {}
    answer: JsonPath | None = None
    label: JsonPath | None = None
    score: JsonPath | None = None
    p_first: JsonPath | None = None
    score_first: JsonPath | None = None
    score_second: JsonPath | None = None
    reasoning: JsonPath | None = None
    tokens_in: JsonPath | None = None
    tokens_out: JsonPath | None = None
    model: JsonPath | None = None
    finish_reason: JsonPath | None = None


class JudgeTable(Strict):
    id: Name | None = None
    provider: Name
    model: Name
    base_url: str | None = None
    api_key_env: Annotated[str, AfterValidator(_variable)] | None = None
    families: Families | None = None
    parameters: dict[str, Any] = {}
    capabilities: CapabilitiesTable = CapabilitiesTable()
    max_concurrency: Count | None = None
    requests_per_minute: Positive | None = None
    tokens_per_minute: Positive | None = None
    usd_per_mtok_in: Price | None = None
    usd_per_mtok_out: Price | None = None
    simulated: bool = False
    reading: Reading = "label"
    http: HttpTable | None = None


def endpoint_of(read: HttpTable | None) -> dict[str, Any]:
    """What the table says, without what it leaves out."""
    return read.model_dump(exclude_none=True, exclude_defaults=True) if read else {}


def capabilities_of(read: JudgeTable) -> Capabilities:
    """What the entry says, else what the provider's API is known for."""
    known = _API_CAPABILITIES.get(read.provider, Capabilities())
    return dataclasses.replace(known, **read.capabilities.model_dump(exclude_none=True))


def problems(read: JudgeTable, name: str) -> Iterator[str]:
    """What is wrong with an entry, with what to do. name: what the judge is called."""
    if name.casefold() == PANEL:
        yield f"{PANEL!r} is reserved for the panel's own row; give the judge another id"
    providers = registry.names("providers")
    if read.provider not in providers:
        close = get_close_matches(read.provider, providers, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        yield f"there is no provider {read.provider!r}; {hint}known: {', '.join(providers)}"
    if read.base_url is not None:
        yield from url_problems(read.base_url)
    yield from _http_problems(read)
    yield from _parameter_problems(read)
    yield from _reading_problems(read)
    if (read.usd_per_mtok_in is None) != (read.usd_per_mtok_out is None):
        yield "usd_per_mtok_in and usd_per_mtok_out go together; write both, 0 where it is free"


def url_problems(url: str) -> Iterator[str]:
    """What is wrong with a base_url, none of it quoted."""
    try:
        parts = urlsplit(url)
        is_sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or an IPv6 address that is none
        yield "base_url is no address; write it as http://host:port/v1"
        return
    if not is_sound:
        yield "base_url is no address; write it as http://host:port/v1"
    if parts.username is not None or parts.password is not None:
        yield (
            "base_url holds a login; put the key into an environment variable and name it in "
            "api_key_env"
        )
    if parts.query or parts.fragment:
        yield "base_url has a query; write the address alone, as http://host:port/v1"


def _parameter_problems(read: JudgeTable) -> Iterator[str]:
    capabilities = capabilities_of(read)
    for name, value in read.parameters.items():
        if name in _RESERVED:
            yield f"parameters.{name} is set by judge itself; remove it"
        needed = CAPABILITY_OF.get(name)
        if needed and not getattr(capabilities, needed):
            yield (
                f"parameters.{name} cannot be sent: capabilities.{needed} is false; remove the "
                f"parameter, or write capabilities.{needed} = true where the model accepts it"
            )
        try:
            canonical(value)
        except (TypeError, ValueError):
            yield f"parameters.{name} cannot be sent as JSON; write texts, numbers, lists or tables"


def _reading_problems(read: JudgeTable) -> Iterator[str]:
    if read.reading == "label":
        return
    if read.provider in _WITHOUT_LOGPROBS:
        yield f'reading = "logprobs": provider {read.provider} gives none; remove it'
    elif not capabilities_of(read).logprobs:
        yield (
            'reading = "logprobs" needs capabilities.logprobs = true; write it where the model gives '
            "them, or remove the reading"
        )
    if read.parameters.get("logprobs", True) is not True:
        yield 'parameters.logprobs contradicts reading = "logprobs"; remove one of them'


def _header_problems(name: str) -> Iterator[str]:
    if name.lower() in _OWN_HEADERS:
        yield f"http.headers.{name} is set by judge itself, or holds a secret; remove it"
    elif _SECRET_WORDS.intersection(re.split(r"[^a-z]+", name.lower())):
        yield (
            f"http.headers.{name} holds a secret; name the header in http.auth, and the variable with "
            "its value in api_key_env"
        )


def _http_problems(read: JudgeTable) -> Iterator[str]:
    if (read.provider == "http") != (read.http is not None):
        yield (
            "a table `http` belongs to provider http; remove it"
            if read.http
            else "provider http needs a table [judges.http] that says how to ask; `judge init` writes "
            "an example"
        )
    if read.provider != "http" or read.http is None:
        return
    if read.base_url is None:
        yield "provider http needs base_url, the whole address that requests go to"
    if read.parameters:
        yield "parameters are not sent by provider http; write them into http.body"
    if read.capabilities.model_fields_set:
        yield "capabilities say nothing of provider http, which sends http.body; remove them"
    if read.http.auth.lower() in _OWN_HEADERS:
        yield f"http.auth: the header {read.http.auth} is set by judge itself; name another"
    for name in read.http.headers:
        yield from _header_problems(name)
    try:
        canonical(read.http.body)
    except (TypeError, ValueError):
        yield "http.body cannot be sent as JSON; write texts, numbers, lists or tables"
        return
    yield from endpoint.problems(endpoint_of(read.http))
