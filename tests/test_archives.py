"""An archive from elsewhere is read as one document, or refused: nothing in it does harm."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.archives import LIMITS, Limits, document
from judge.errors import InputError
from judge.records import rows


def packed(
    members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED, **options: Any
) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method, **options) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file


def decode(data: bytes, where: str) -> Any:
    return json.loads(data)


def read(file: io.BytesIO, limits: Limits = LIMITS) -> dict[str, Any]:
    return document(file, "a.eval", decode, limits)


def refusal(file: io.BytesIO, limits: Limits = LIMITS) -> str:
    with pytest.raises(InputError) as caught:
        read(file, limits)
    assert "a.eval" in str(caught.value)
    return str(caught.value)


def test_members_in_json_become_one_document_and_others_are_passed_over() -> None:
    file = packed(
        {"header.json": b'{"a": 1}', "samples/1.json": b"[2]", "notes.txt": b"\xff", "d/": b""}
    )
    assert read(file) == {"header.json": {"a": 1}, "samples/1.json": [2]}


def test_of_two_members_of_one_name_the_later_counts() -> None:
    file = packed({"a.json": b"1"})
    with (
        zipfile.ZipFile(file, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("a.json", b"2")
    assert read(file) == {"a.json": 2}


def test_a_member_named_like_a_path_is_a_name_and_no_file(tmp_path: Path) -> None:
    path = tmp_path / "inner" / "a.eval"
    path.parent.mkdir()
    path.write_bytes(packed({"../outside.json": b"1", "/tmp/x.json": b"2"}).getvalue())
    ((_, found),) = rows(path, whole=True)
    assert dict(found) == {"../outside.json": 1, "/tmp/x.json": 2}
    assert sorted(tmp_path.rglob("*")) == [path.parent, path]


# -- bombs ---------------------------------------------------------------------------------------


def test_a_bomb_is_refused_by_its_ratio_before_it_is_unpacked() -> None:
    """8 MiB of zeros pack about 1000-fold; a limit of 200 refuses them and is named."""
    message = refusal(packed({"a.json": bytes(8 * 2**20)}))
    assert "1,02" in message
    assert "at most 200-fold" in message


def test_small_members_may_have_any_ratio() -> None:
    data = b'"' + b"a" * 500_000 + b'"'
    assert read(packed({"a.json": data})) == {"a.json": "a" * 500_000}


def test_many_small_members_are_no_way_past_the_ratio() -> None:
    """Each member of 1 MiB may have any ratio; twenty of them together may not."""
    members = {f"{n}.json": bytes(2**20) for n in range(20)}
    message = refusal(packed(members))
    assert "-fold when unpacked; at most 200-fold" in message
    assert "member" not in message


def test_members_that_share_their_packed_bytes_are_measured_against_the_file() -> None:
    """400 entries of the directory name one member of 12,000 bytes: 4.8 MB from 32 kB, at most 10-fold."""
    raw = packed({"00000.json": bytes(12_000)}, zipfile.ZIP_STORED).getvalue()
    start, end = raw.index(b"PK\x01\x02"), raw.index(b"PK\x05\x06")
    entries = [raw[start:end].replace(b"00000", f"{n:05}".encode()) for n in range(400)]
    directory = b"".join(entries)
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 400, 400, len(directory), start, 0)
    message = refusal(io.BytesIO(raw[:start] + directory + tail), replace(LIMITS, ratio=10))
    assert "-fold when unpacked" in message
    assert "member" not in message


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (replace(LIMITS, members=2), "holds 3 members; at most 2"),
        (replace(LIMITS, member_bytes=9), "unpack to 10 bytes; at most 9"),
        (replace(LIMITS, total_bytes=29), "unpack to 30 bytes; at most 29"),
    ],
)
def test_every_limit_is_held_and_named(limits: Limits, said: str) -> None:
    members = {f"{n}.json": b'"12345678"' for n in range(3)}
    assert said in refusal(packed(members), limits)
    assert read(packed(members), Limits(members=3, member_bytes=10, total_bytes=30))


def test_a_member_that_holds_more_than_it_states_is_not_unpacked_beyond() -> None:
    """The stated size is set to 10 bytes in both headers; the data would unpack to 4 MiB."""
    raw = packed({"a.json": bytes(4 * 2**20)}).getvalue()
    stated, small = struct.pack("<L", 4 * 2**20), struct.pack("<L", 10)
    assert raw.count(stated) == 2
    assert "no sound zip" in refusal(io.BytesIO(raw.replace(stated, small)))


# -- what cannot be read -------------------------------------------------------------------------


def test_an_encrypted_member_is_refused() -> None:
    raw = bytearray(packed({"a.json": b"1"}, zipfile.ZIP_STORED).getvalue())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1  # general purpose flags of the central directory
    assert "is encrypted" in refusal(io.BytesIO(bytes(raw)))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_bounds_are_refused(method: int) -> None:
    assert f"method {method}" in refusal(packed({"a.json": b"1"}, method))


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + bytes(10)])
def test_what_is_no_zip_is_refused(data: bytes) -> None:
    assert "no sound zip" in refusal(io.BytesIO(data))


def test_a_damaged_member_is_refused() -> None:
    raw = bytearray(packed({"a.json": b'"some text"'}, zipfile.ZIP_STORED).getvalue())
    raw[raw.index(b"some")] ^= 1
    assert "no sound zip" in refusal(io.BytesIO(bytes(raw)))


SOUND = packed({"header.json": b'{"a": 1}', "samples/1.json": b"[1, 2, 3]"}).getvalue()


@settings(max_examples=300, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=6
    ),
    cut=st.integers(0, len(SOUND)),
)
def test_no_damage_is_answered_by_anything_but_a_refusal(
    changes: list[tuple[int, int]], cut: int
) -> None:
    raw = bytearray(SOUND)
    for place, value in changes:
        raw[place] = value
    try:
        found = document(io.BytesIO(bytes(raw[: cut or None])), "a.eval", lambda d, _: len(d))
    except InputError:
        return
    assert all(isinstance(size, int) for size in found.values())


# -- through records -----------------------------------------------------------------------------


def test_a_member_that_is_no_json_is_named_with_its_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.eval"
    path.write_bytes(packed({"header.json": b"{", "b.json": b"1"}).getvalue())
    with pytest.raises(InputError, match=r"a\.eval, member 'header\.json': is not JSON"):
        list(rows(path, whole=True))


def test_nan_in_a_document_is_absent(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"value": NaN, "logprob": -Infinity}', "utf-8")
    assert list(rows(path, whole=True)) == [(1, {"value": None, "logprob": None})]


def test_a_list_is_rows_even_where_documents_are_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"a": 1}, {"a": 2}]', "utf-8")
    assert list(rows(path, whole=True)) == [(1, {"a": 1}), (2, {"a": 2})]


def test_an_archive_is_no_file_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.eval"
    path.write_bytes(packed({"a.json": b"1"}).getvalue())
    with pytest.raises(InputError, match=r"end in \.eval are not read"):
        list(rows(path))
