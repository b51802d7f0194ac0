"""Opens a zip of JSON members, such as a log of Inspect, as one document.

An archive comes from elsewhere and may be made to do harm: nothing in it becomes a path, and what it
would unpack to is limited before anything is unpacked.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import SEEK_END
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from judge.errors import InputError, short

_MIB = 2**20
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may hold. bytes: unpacked.

    ratio: how many bytes one packed byte may become, asked of members above free_bytes, and of the
    whole against the file: deflate reaches about 1000 with zeros, logs of repetitive JSON stay below
    100, tiny files may reach any, and members may share their packed bytes.
    """

    members: int = 200_000
    member_bytes: int = 512 * _MIB
    total_bytes: int = 2048 * _MIB
    ratio: int = 200
    free_bytes: int = _MIB


LIMITS = Limits()

# Whatever zipfile raises over bytes that are no sound archive; a name that is not UTF-8 is a ValueError.
_BROKEN = (BadZipFile, LargeZipFile, EOFError, RuntimeError, ValueError, struct.error, zlib.error)

# A member's bytes and how a message names it -> its JSON.
Decode = Callable[[bytes, str], Any]


def document(
    file: Path | IO[bytes], source: str, decode: Decode, limits: Limits = LIMITS
) -> dict[str, Any]:
    """Member name -> its parsed JSON; members that are not called .json are passed over.

    Of two members of one name the later counts, as for every reader of zip files.
    Raises InputError for an archive that is broken, encrypted or beyond the limits.
    """
    try:
        with ZipFile(file) as archive:
            members = archive.infolist()
            _check_number(len(members), source, limits)
            wanted = {m.filename: m for m in members if _is_wanted(m)}
            _check_sizes(wanted, _size(file), source, limits)
            return {
                name: decode(_unpacked(archive, member, source), _named(source, name))
                for name, member in wanted.items()
            }
    except _BROKEN as error:
        raise InputError(f"{source}: is no sound zip file ({error}); fetch it anew") from error


def _is_wanted(member: ZipInfo) -> bool:
    # A folder's name ends in a slash; a damaged one may be empty, which is_dir() does not survive.
    return member.filename.lower().endswith(".json")


def _named(source: str, name: str) -> str:
    return f"{source}, member {short(name)}"


def _check_number(number: int, source: str, limits: Limits) -> None:
    if number > limits.members:
        raise InputError(
            f"{source}: holds {number:,} members; at most {limits.members:,} are read, split it"
        )


def _size(file: Path | IO[bytes]) -> int:
    return file.stat().st_size if isinstance(file, Path) else file.seek(0, SEEK_END)


def _check_sizes(wanted: Mapping[str, ZipInfo], packed: int, source: str, limits: Limits) -> None:
    """By the sizes that the archive states; no more than these is ever unpacked. packed: of the file."""
    for name, member in wanted.items():
        if member.file_size > limits.member_bytes:
            raise _too_large(_named(source, name), member.file_size, limits.member_bytes)
        _check_ratio(_named(source, name), member.file_size, member.compress_size, limits)
    total = sum(member.file_size for member in wanted.values())
    if total > limits.total_bytes:
        raise _too_large(source, total, limits.total_bytes)
    _check_ratio(source, total, packed, limits)


def _check_ratio(where: str, size: int, packed: int, limits: Limits) -> None:
    if size > limits.free_bytes and size > limits.ratio * packed:
        raise InputError(
            f"{where}: would grow {size // max(packed, 1):,}-fold when unpacked; at most "
            f"{limits.ratio}-fold is read, unpack it yourself if you trust it"
        )


def _too_large(where: str, size: int, limit: int) -> InputError:
    return InputError(
        f"{where}: would unpack to {size:,} bytes; at most {limit:,} are read, split the log or "
        "leave its events out"
    )


def _unpacked(archive: ZipFile, member: ZipInfo, source: str) -> bytes:
    """The member's bytes, as many as it states: one that holds more then fails its checksum."""
    where = _named(source, member.filename)
    if member.flag_bits & _ENCRYPTED:
        raise InputError(f"{where}: is encrypted; write the archive without a password")
    # Other methods unpack a block whole, whatever size was asked for.
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise InputError(
            f"{where}: is packed by method {member.compress_type}, which is not read here; write "
            "plain JSON (`inspect log convert --to json`) or pack it by deflate"
        )
    with archive.open(member) as packed:
        return packed.read(member.file_size)
