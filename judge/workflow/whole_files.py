"""Writes files that are whole or not there: what is half done never has the name of the result."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def replaced(path: Path, text: str, *, encoding: str = "utf-8", errors: str = "strict") -> Path:
    """The path, its content replaced in one step; where it is a link, what it leads to.

    Raises OSError, and then the file is as it was and nothing lies beside it.
    """
    target = path.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding=encoding, errors=errors, newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(target)
    finally:
        with suppress(OSError):  # it is gone where it took the other's place
            temporary.unlink()
    return path
