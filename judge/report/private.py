"""Keeps keys out of what a report tells of requests: settings are free, and one may hold a key.

A key has no business among the parameters of a judge, and yet somebody will put one there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

HIDDEN = "(not shown: it may be a key)"

# Names that hold keys, at any depth. `max_tokens` and the like count tokens and are no keys.
_NAMES = re.compile(
    r"api.?key|secret|passw|credential|authori[sz]ation|bearer|cookie|headers?$"
    r"|(^|[_-])(auth|key|token)$",
    re.IGNORECASE,
)
# What keys look like: a known beginning, or one long word of letters and digits. A model's name has
# dashes, and is known anyway.
_KEY = re.compile(
    r"(sk|pk|rk|gsk|xai|hf|ghp|key)[-_][\w-]{12,}|(AIza|eyJ)[\w.-]{12,}"
    r"|(?=\w*\d)(?=\w*[A-Za-z])\w{32,}={0,2}"
)
_KNOWN = ("model",)


def hidden(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with every value that may be a key replaced, at any depth."""
    return {
        name: value if name in _KNOWN else _shown(value, is_key=bool(_NAMES.search(name)))
        for name, value in settings.items()
    }


def _shown(value: Any, *, is_key: bool) -> Any:
    if is_key and value is not None:
        return HIDDEN
    if isinstance(value, Mapping):
        return hidden(value)
    if isinstance(value, list | tuple):
        return [_shown(part, is_key=False) for part in value]
    return _text(value) if isinstance(value, str) else value


def _text(value: str) -> str:
    if "://" in value:
        return address(value)
    return HIDDEN if any(_KEY.fullmatch(word) for word in value.split()) else value


def address(url: str) -> str:
    """The address without login, query and fragment, which can hold keys."""
    try:
        parts = urlsplit(url)
    except ValueError:  # a port or an IPv6 address that is none
        return HIDDEN
    place = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{place}{parts.path}"
