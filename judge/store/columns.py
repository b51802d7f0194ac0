"""The column types: how a value of ours becomes one that SQLite and PostgreSQL both keep as it is.

PostgreSQL refuses NUL in a text and neither engine can encode a lone surrogate, yet a judge's answer
may hold both. SQLite turns NaN into NULL, which would make a number vanish without a word.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from sqlalchemy import Double, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from judge.errors import StoreError

# U+001A SUBSTITUTE opens an escape: it and four hex digits stand for one character.
_ESCAPE = "\x1a"
_UNSTORABLE = re.compile("[\x00\x1a\ud800-\udfff]")
_ESCAPED = re.compile("\x1a([0-9a-f]{4})")

# Made once: json.dumps would make it anew for each value.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def storable(text: str) -> str:
    """The text with NUL, lone surrogates and the escape itself escaped."""
    if text.isascii() and "\x00" not in text and _ESCAPE not in text:  # the usual case, and fast
        return text
    return _UNSTORABLE.sub(lambda found: f"{_ESCAPE}{ord(found[0]):04x}", text)


def restored(text: str) -> str:
    """The text that `storable` was given."""
    if _ESCAPE not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


class AnyText(TypeDecorator[str]):
    """Any Python text, NUL and lone surrogates included; compared and sorted by code point."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        # SQLite compares bytes; a locale of PostgreSQL would sort the same rows differently.
        return Text(collation="C") if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else restored(value)


class JsonText(TypeDecorator[Any]):
    """A JSON value as text, its keys in their own order; None is NULL.

    Text and not the engines' JSON types: those refuse NUL. NaN and infinities pass, since an API's
    log-probabilities are kept as they came.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return storable(_encode(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        try:
            return json.loads(restored(value))
        except json.JSONDecodeError as error:
            raise StoreError(f"a stored value is no JSON: {value[:60]!r} ({error})") from error


class Real(TypeDecorator[float]):
    """A number that is there, or NULL; never NaN."""

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        if value is not None and math.isnan(value):
            raise ValueError("NaN is no number to store; leave out what is not there")
        return value
