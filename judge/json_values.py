"""Reads JSON strictly: what a parser would pass over in silence is an error that says what to do."""

from __future__ import annotations

import json
import math
from collections import Counter
from sys import intern
from typing import Any, NoReturn

from judge.errors import InputError, cut

# Longer whole numbers pass what a float can hold, and are slow to read.
_MOST_DIGITS = 300


def decoded(data: bytes, where: str, encoding: str) -> str:
    """The text of these bytes. Raises InputError."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{where}: is not UTF-8 (byte {error.start + 1}); save it as UTF-8"
        ) from error


def line_value(text: str, where: str, number: int) -> Any:
    """What the line of that number holds in a file of JSON lines."""
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _no_json(where, error, _line_remedy(text, number)) from error
    except (RecursionError, ValueError) as error:
        raise _unreadable(where, error) from error


def file_value(text: str, where: str, remedy: str) -> Any:
    """What a whole file holds."""
    return _parsed(text, where, remedy, _DECODER)


def document_value(text: str, where: str) -> Any:
    """What a document of another tool holds. Python tools write NaN there where nothing is, and
    infinities among log-probabilities: both come as None."""
    return _parsed(text, where, "fetch it anew", _LENIENT_DECODER)


def _parsed(text: str, where: str, remedy: str, decoder: json.JSONDecoder) -> Any:
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        raise _no_json(where, error, remedy) from error
    except (RecursionError, ValueError) as error:
        raise _unreadable(where, error) from error


def _no_json(where: str, error: json.JSONDecodeError, remedy: str) -> InputError:
    place = f"line {error.lineno}, character {error.colno}"
    return InputError(f"{where}: is not JSON: {error.msg} ({place}); {remedy}")


def _unreadable(where: str, error: Exception) -> InputError:
    if isinstance(error, RecursionError):
        return InputError(f"{where}: is nested too deep; write plain rows")
    return InputError(f"{where}: {error}")


def _line_remedy(line: str, number: int) -> str:
    """What may be wrong with a line that is no JSON."""
    if "\0" in line:
        return "it holds NUL bytes, as a damaged file does; write the file anew"
    if "\r" in line.strip():
        return "it holds a carriage return; end each row with a line feed (\\n)"
    if number == 1 and line.lstrip("\ufeff ").startswith("["):
        return "each line holds one whole JSON object; a file that is one JSON list is named .json"
    return "each line holds one whole JSON object; this one may have been cut off"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # A file of a million rows has a million copies of each name otherwise.
    found = {intern(name): value for name, value in pairs}
    if len(found) < len(pairs):
        twice = next(name for name, n in Counter(k for k, _ in pairs).items() if n > 1)
        raise ValueError(f"field `{cut(twice)}` stands twice in one object; keep one")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON; write null where there is no number")


def _absent(_: str) -> None:
    return None


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{cut(text)} is too large for a number; write it as text")
    return number


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"{cut(text)} is too large for a number; write it as text")
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole
)
_LENIENT_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_absent, parse_float=_finite, parse_int=_whole
)
