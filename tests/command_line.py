"""The command line without a process of its own: the same arguments, output and exit code, sooner."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path

from judge.cli import main

NO_KEYS = {k: v for k, v in os.environ.items() if not k.endswith("_API_KEY")}


@dataclass(frozen=True, slots=True)
class Done:
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


def judge(folder: Path, *arguments: object, environ: Mapping[str, str] = NO_KEYS) -> Done:
    """The command carried out in the folder; nothing but our own errors is turned into a message."""
    out, err = _stream(), _stream()
    with chdir(folder), _environment(environ), redirect_stdout(out), redirect_stderr(err):
        code = _code([str(argument) for argument in arguments])
    return Done(code, _said(out), _said(err))


def _code(arguments: list[str]) -> int:
    try:
        main(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _stream() -> TextIOWrapper:
    return TextIOWrapper(BytesIO(), encoding="utf-8", newline="", write_through=True)


def _said(stream: TextIOWrapper) -> str:
    assert isinstance(stream.buffer, BytesIO)
    return stream.buffer.getvalue().decode("utf-8")


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
