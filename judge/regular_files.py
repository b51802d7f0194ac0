"""What stands at a path that somebody named, before it is opened.

A pipe or a device would be waited on for ever, so only regular files are read.
"""

from __future__ import annotations

import hashlib
import stat
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from judge.errors import InputError

_SNIFFED_BYTES = 4096
_MOST_NAMES = 1000
_LONGEST = 100  # of a name that may be at fault for its length

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}

# The first bytes of a file that is not text -> what it is, and what to do. The longer come first.
_BEGINNINGS = (
    (b"\xff\xfe\x00\x00", "is UTF-32; save it as UTF-8"),
    (b"\x00\x00\xfe\xff", "is UTF-32; save it as UTF-8"),
    (b"\xff\xfe", "is UTF-16; save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16; save it as UTF-8"),
    (b"\x1f\x8b", "is packed by gzip; unpack it (gunzip)"),
    (b"PK\x03\x04", "is a zip archive or a workbook; unpack it, or save its sheet as CSV"),
    (b"PAR1", "is Parquet; name it .parquet"),
    (b"SQLite format 3\x00", "is an SQLite database; write its rows as JSONL or CSV"),
)


def check_file(path: Path) -> None:
    """Raises InputError where there is no regular file at the path, links followed."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file{_close(path)}") from error
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError(
            f"{str(path)[:_LONGEST]}: cannot be read: {why}; check the name"
        ) from error
    except ValueError as error:  # a NUL, which no file's name has
        raise InputError(f"{path}: is no name of a file ({error}); check the name") from error
    if stat.S_ISDIR(mode):
        raise InputError(f"{path}: is a folder; name a file in it")
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "no file")
        raise InputError(f"{path}: is {kind}, and only files are read; write it to a file first")


def sha256(path: Path) -> str:
    """The tagged SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def check_text(path: Path) -> None:
    """Raises InputError where the first bytes say that a file of text is none, or is empty."""
    with path.open("rb") as file:
        head = file.read(_SNIFFED_BYTES)
    if not head:
        raise InputError(f"{path}: is empty; it holds no rows, write at least one")
    for beginning, problem in _BEGINNINGS:
        if head.startswith(beginning):
            raise InputError(f"{path}: {problem}")
    # Every other byte of western text in UTF-16 is NUL; text in UTF-8 has none.
    if head.count(0) > len(head) // 3:
        raise InputError(
            f"{path}: is full of NUL bytes, as in UTF-16 or a damaged file; save it as UTF-8"
        )


def _close(path: Path) -> str:
    """The remedy for a name that is not there: one like it in the same folder, if any."""
    try:
        beside = [entry.name for entry in islice(path.parent.iterdir(), _MOST_NAMES)]
    except OSError:
        return "; check the name and the folder"
    close = get_close_matches(path.name, sorted(beside), n=2)
    hint = f"; did you mean {' or '.join(str(path.with_name(name)) for name in close)}?"
    return hint if close else "; check the name and the folder"
