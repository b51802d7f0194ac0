"""Reads TOML files, so that one that is absent or broken is an error that says what to do."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from judge.errors import InputError
from judge.regular_files import check_file


def read_toml(path: Path) -> dict[str, Any]:
    """What a TOML file holds. Raises InputError that names the file and the line."""
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: is not TOML: {error}") from error
    except RecursionError as error:
        raise InputError(f"{path}: is nested too deep; write plain tables") from error


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, with or without a byte order mark. Raises InputError that names it."""
    check_file(path)
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: is not UTF-8 (byte {error.start + 1}); save it as UTF-8"
        ) from error
