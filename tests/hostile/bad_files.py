"""The broken files that the bad inputs are made of."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

ROW = {"item_id": "i0", "prompt": "p", "response": "r"}
PAIR = {"item_id": "i0", "system_a": "new", "system_b": "base", "judge": "j", "label": "a"}
SINGLE = {"item_id": "i0", "system": "new", "judge": "j", "score": 4}

JUDGE_TOML = '[[judges]]\nid = "mine"\nprovider = "scripted"\nmodel = "always-A"\n'

_RUBRIC = """name = "mine"
version = 1
mode = "pairwise"
system = "Judge."
user = '''{user}'''
{scale}
[[criteria]]
name = "quality"
question = "Which is better?"
"""
_SCALE = '[scale]\nlevel = "ordinal"\nlabels = ["A", "tie", "B"]\nvalues = [0, 0.5, 1]\ntie_label = "tie"\n'
_USER = "{{ boundary }}\n{{ question }}\n{{ response_a }}\n{{ response_b }}\n{{ answer_format }}\n"


def jsonl(*rows: Mapping[str, Any]) -> str:
    """One object a line."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def csv_text(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def rubric(*, user: str = _USER, more: str = "", scale: str = _SCALE) -> str:
    """A sound rubric, or one that these make unsound."""
    return _RUBRIC.format(user=user + more, scale=scale)


def single_rubric() -> str:
    """A sound rubric for single answers, whose labels have no numbers."""
    user = "{{ boundary }}\n{{ question }}\n{{ response }}\n{{ answer_format }}\n"
    scale = '[scale]\nlevel = "nominal"\nlabels = ["formal", "plain"]\n'
    return rubric(user="", more=user, scale=scale).replace('"pairwise"', '"single"')


# -- Parquet -------------------------------------------------------------------------------------


def parquet(columns: Mapping[str, list[Any]], keep: int | None = None) -> bytes:
    """A Parquet file, cut after so many bytes."""
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(dict(columns)), file)
    return file.getvalue()[:keep]


def nested_parquet(path: Path) -> None:
    path.write_bytes(parquet({"prompt": ["p"], "response": [[{"role": "user", "n": 1}]]}))


def decimals(path: Path) -> None:
    columns = {"prompt": ["p"] * 4, "response": ["r"] * 4, "cost": [Decimal("0.10")] * 4}
    path.write_bytes(parquet({"item_id": [f"i{n}" for n in range(4)], **columns}))


# -- archives ------------------------------------------------------------------------------------


def zip_of(members: Mapping[str, bytes]) -> Callable[[Path], None]:
    """Makes an archive of these members."""

    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(name, data)

    return make


def zip_bomb(path: Path) -> None:
    zip_of({"samples/1.json": b"0" * 20_000_000})(path)


def broken_zip(path: Path) -> None:
    zip_of({"header.json": b"{}" * 1000})(path)
    path.write_bytes(path.read_bytes()[:40])


def encrypted_zip(path: Path) -> None:
    """An archive whose member says that it is encrypted; Python cannot write one."""
    zip_of({"samples/1.json": b"{}"})(path)
    data = bytearray(path.read_bytes())
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(signature) + at
        struct.pack_into("<H", data, place, 1)
    path.write_bytes(data)


def fifo(path: Path) -> None:
    os.mkfifo(path)


def database(path: Path) -> None:
    """A database of another program."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")


def device(path: Path) -> None:
    """A file that never ends."""
    path.symlink_to("/dev/zero")
