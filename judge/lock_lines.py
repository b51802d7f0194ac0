"""The lock beside versions that never change: a line each, its id and the hash of what it was."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from judge.errors import InputError
from judge.toml_files import read_text

_LINE = re.compile(r"(?P<id>\S+@[1-9][0-9]*) (?P<hash>sha256:[0-9a-f]{64})")


def read_lock(path: Path) -> dict[str, str]:
    """Id -> the hash that it was locked with; empty where there is no lock.

    Raises InputError for a line that is none, or that locks an id as something else again.
    """
    if not path.is_file():
        return {}
    locked: dict[str, str] = {}
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise InputError(f"{path}, line {number}: is not `name@N sha256:...`; restore the file")
        if locked.setdefault(match["id"], match["hash"]) != match["hash"]:
            raise InputError(f"{path}, line {number}: locks {match['id']} again; restore the file")
    return locked


def append_lines(path: Path, lines: Sequence[str]) -> None:
    """Puts these lines after those that a lock has. Raises OSError."""
    before = read_text(path) if path.exists() else ""
    start = "\n" if before and not before.endswith("\n") else ""
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(start + "".join(f"{line}\n" for line in lines))
