"""What an API's refusal means, so that the faults of every API are read by one set of rules.

A refusal becomes one of the ProviderErrors, with the wait that the server asks for, and with a message
that quotes the server and holds no key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx2

from judge.errors import (
    JudgeUnavailable,
    ProviderError,
    RateLimited,
    RequestRejected,
    TransientError,
)
from judge.providers.address import Address

# -- Retry-After ---------------------------------------------------------------------------------

# Longer wishes are cut to this; none of them is waited out within a run.
LONGEST_WISH_S = 86_400.0

_NUMBER = re.compile(r"\d+(\.\d*)?|\.\d+", re.ASCII)


def retry_after_s(headers: Mapping[str, str], *, now: float) -> float | None:
    """How long the server asks to wait, None where it does not say so in a known form.

    Forms: retry-after-ms; Retry-After in seconds, fractions allowed; Retry-After as an HTTP date, which
    is compared with now (seconds since 1970). A date in the past is 0; a negative number says nothing.
    """
    wish = _number(headers.get("retry-after-ms", ""))
    if wish is not None:
        return min(wish / 1000, LONGEST_WISH_S)
    value = headers.get("retry-after", "")
    wish = _number(value)
    if wish is None:
        wish = _until(value, now)
    return None if wish is None else min(wish, LONGEST_WISH_S)


def _number(value: str) -> float | None:
    number = value.strip(" \t")  # the blanks of HTTP; str.strip() knows more than float() does
    return float(number) if _NUMBER.fullmatch(number) else None


def _until(value: str, now: float) -> float | None:
    try:
        date = parsedate_to_datetime(value)
        aware = date if date.tzinfo else date.replace(tzinfo=UTC)
        return max(aware.timestamp() - now, 0.0)
    except (ValueError, TypeError, IndexError, OverflowError):  # the parser's ways to say no
        return None


# -- what may be quoted --------------------------------------------------------------------------

HIDDEN = "***"
EXCERPT_CHARACTERS = 300
# A run of the key of this length is hidden; shorter ones are in ordinary words too.
FRAGMENT = 6

# What servers make of a key that they quote: sk-ab****yz, sk-ab...yz.
_SHORTENED = re.compile(r"\S*(\*{3,}|(?<=\w)(\.{3}|…)(?=\w))\S*")
_BEARER = re.compile(r"bearer\s+(?=\S*\d)\S+", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


def excerpt(text: str, secret: str | None) -> str:
    """The beginning of a server's text on one line without its full stop, the key hidden."""
    words = " ".join(_TAG.sub(" ", masked(text, secret)).split())
    if len(words) > EXCERPT_CHARACTERS:
        return words[: EXCERPT_CHARACTERS - 3] + "..."
    return words if words.endswith("..") else words.removesuffix(".")


def masked(text: str, secret: str | None) -> str:
    """The text without the key, its fragments, and whatever is quoted as a key."""
    text = _hide(text, secret) if secret else text
    return _SHORTENED.sub(HIDDEN, _BEARER.sub(HIDDEN, text))


def _hide(text: str, secret: str) -> str:
    """The text with every run of FRAGMENT or more characters of the secret hidden, in any case."""
    size = min(FRAGMENT, len(secret))
    key = secret.lower()
    fragments = {key[at : at + size] for at in range(len(key) - size + 1)}
    # Character by character: lower() of some letters is longer than they are.
    low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    if not any(fragment in low for fragment in fragments):
        return text
    kept: list[str] = []
    covered_to = 0
    for at, character in enumerate(text):
        if low[at : at + size] in fragments:
            if at >= covered_to:
                kept.append(HIDDEN)
            covered_to = at + size
        if at >= covered_to:
            kept.append(character)
    return "".join(kept)


# -- what a refusal says -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """A refusal in the server's words. text: its message, else the whole body.

    flagged: a moderation of single inputs, not of the key, was at work.
    """

    text: str
    kind: str = ""
    code: str = ""
    param: str = ""
    flagged: bool = False


# More than any message needs; a server may send the whole request back.
_READ_CHARACTERS = 4000


def read_refusal(response: httpx2.Response) -> Said:
    """What an error's body says, in any of the shapes that servers of these APIs use."""
    body = decoded(response.content)
    if isinstance(body, list) and len(body) == 1:  # Gemini
        body = body[0]
    error = body.get("error", body) if isinstance(body, dict) else None
    whole = beginning(response.content)
    if isinstance(error, str):  # Ollama
        return Said(error[:_READ_CHARACTERS])
    if not isinstance(error, dict):
        return Said(whole)
    message = error.get("message")
    metadata = error.get("metadata")
    return Said(
        text=message[:_READ_CHARACTERS] if isinstance(message, str) and message else whole,
        kind=_word(error.get("type")),
        code=_word(error.get("code")),
        param=_word(error.get("param")),
        flagged=isinstance(metadata, dict) and "flagged_input" in metadata,  # OpenRouter
    )


def _word(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""


def beginning(content: bytes) -> str:
    """As much of a body as any message needs, as a text."""
    return content[:_READ_CHARACTERS].decode("utf-8", "replace")


def decoded(content: bytes) -> object:
    """The JSON value that the content is, None where it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


# -- from a refusal to an error ------------------------------------------------------------------

_NO_MONEY = frozenset(
    {
        "insufficient_quota",
        "billing_error",
        "billing_hard_limit_reached",
        "billing_not_active",
        "insufficient_balance",
        "payment_required",
    }
)
# The Messages API once said this with 400 and no code of its own.
_NO_CREDIT = re.compile(r"credit balance is too low", re.IGNORECASE)
# A 429 that no waiting heals: this one request exceeds a minute's tokens.
_TOO_LARGE = re.compile(r"request too large", re.IGNORECASE)
_ASK_LATER = frozenset({408, 409, 425})


def error_of(
    response: httpx2.Response, said: Said, where: Address, path: str, *, now: float
) -> ProviderError:
    """The error that an answer other than 2xx is."""
    status = response.status_code
    wait_s = retry_after_s(response.headers, now=now)
    quoted = f"({status}): {excerpt(said.text, where.secret) or 'no further word'}"
    if 400 <= status < 500 and _is_unpaid(status, said):
        return JudgeUnavailable(
            f"{where.shown} wants payment {quoted}; add credit to the account, or put another key into "
            f"{where.key_variable}",
            status=status,
        )
    if status == 429 and _TOO_LARGE.search(said.text):
        return RequestRejected(f"{where.shown} cannot take this request {quoted}", status=status)
    if status in (429, 529) or "overloaded_error" in (said.kind, said.code):
        return RateLimited(
            f"{where.shown} is at its limit {quoted}", status=status, retry_after_s=wait_s
        )
    if status in _ASK_LATER or status >= 500:
        return TransientError(f"{where.shown} failed {quoted}", status=status, retry_after_s=wait_s)
    return _refused(response, said, where, path, quoted)


def _is_unpaid(status: int, said: Said) -> bool:
    codes = {said.kind.lower(), said.code.lower()}
    return status == 402 or bool(codes & _NO_MONEY) or bool(_NO_CREDIT.search(said.text))


def _refused(
    response: httpx2.Response, said: Said, where: Address, path: str, quoted: str
) -> ProviderError:
    status = response.status_code
    if status == 401:
        return JudgeUnavailable(_key_refused(said, where), status=status)
    if status == 403 and not said.flagged:
        return JudgeUnavailable(
            f"{where.shown} forbids the use of {where.model!r} {quoted}; check what the key in "
            f"{where.key_variable} may do",
            status=status,
        )
    if status == 404:
        return JudgeUnavailable(_not_found(said, where, path, quoted), status=status)
    if status < 400:
        target = excerpt(response.headers.get("location", "").partition("?")[0], where.secret)
        return JudgeUnavailable(
            f"{where.shown}{path} has moved to {target or 'another address'} ({status}); change base_url",
            status=status,
        )
    return RequestRejected(f"{where.shown} refused the request {quoted}", status=status)


def _key_refused(said: Said, where: Address) -> str:
    """Quotes no text: servers repeat parts of the key in it."""
    code = excerpt(said.code or said.kind, where.secret)
    word = f"401, {code}" if code else "401"
    if where.secret is None:
        return (
            f"{where.shown} wants a key ({word}); set the environment variable {where.key_variable}"
        )
    return f"{where.shown} does not accept the key ({word}); check the one in {where.key_variable}"


def _not_found(said: Said, where: Address, path: str, quoted: str) -> str:
    # Web pages and whoever repeats the path speak of the address, even where they mention a model.
    place = (path or urlsplit(where.url).path).rstrip("/")
    is_address = said.text.lstrip().startswith("<") or bool(place and place in said.text)
    if not is_address and (
        "model" in f"{said.code} {said.text}".lower() or where.model in said.text
    ):
        return f"{where.shown} has no model {where.model!r} for this key {quoted}; check the judge's model"
    remedy = f"check base_url: the address before {path}" if path else "check base_url"
    return f"nothing answers at {where.shown}{path} {quoted}; {remedy}"
