"""Reads rubrics from their files, and holds locked versions to what they were.

A verdict means something only together with the exact words that were asked, so a version that was
locked never changes: whoever edits one is told to add a new version instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from judge.errors import InputError
from judge.lock_lines import append_lines, read_lock
from judge.rubric_rules import parse_rubric
from judge.toml_files import read_toml
from judge.types import Rubric

LOCK = "rubrics.lock"

_VERSION_FILE = re.compile(r"v([1-9][0-9]*)\.toml")


@dataclass(frozen=True, slots=True)
class RubricFile:
    """Where a version of a rubric stands; locked where its folder's lock names it."""

    name: str
    version: int
    path: Path
    locked: bool

    @property
    def id(self) -> str:
        """Name and version, as in `helpfulness@1`."""
        return f"{self.name}@{self.version}"


# -- finding -------------------------------------------------------------------------------------


def read_rubric(name: str, *, search: Sequence[Path]) -> Rubric:
    """The rubric `name` (its highest version), `name@N`, or the one in a .toml file.

    search: folders, the first that has it wins. Raises InputError, also where a locked version was
    edited, or its id is locked as another text in any of these folders.
    """
    path = rubric_path(name, search=search)
    rubric = _checked(path)
    _check_locks(rubric, path, search)
    return rubric


def rubric_path(name: str, *, search: Sequence[Path]) -> Path:
    """The file of a rubric, as read_rubric finds it, unread. Raises InputError where there is none."""
    if name.endswith(".toml") or "/" in name or "\\" in name:
        return Path(name)
    wanted, at, version = name.partition("@")
    if at and not version.isdecimal():
        raise InputError(f"rubric {name}: the version after @ is a whole number, as in {wanted}@1")
    found = [
        file
        for file in list_rubrics(search)
        if file.name == wanted and (not at or file.version == int(version))
    ]
    if not found:
        raise _unknown(name, wanted, search)
    folder = found[0].path.parent
    return max((f for f in found if f.path.parent == folder), key=_version).path


def list_rubrics(search: Sequence[Path]) -> tuple[RubricFile, ...]:
    """Every version in these folders, unread; of one version the one that is found first."""
    found: dict[str, RubricFile] = {}
    for folder in search:
        locked = _lock(folder)
        for file in _files(folder, locked):
            found.setdefault(file.id, file)
    return tuple(found.values())


def lock_rubrics(folder: Path) -> tuple[str, ...]:
    """The lines that were added to the folder's lock, one for each version that it lacked.

    Raises InputError where a file is at fault or a locked version was edited; then nothing is added.
    """
    _check_folder(folder)
    files = _files(folder, _lock(folder))
    rubrics = [_checked(file.path) for file in files]
    lines = tuple(
        f"{rubric.id} {rubric.fingerprint}"
        for file, rubric in zip(files, rubrics, strict=True)
        if not file.locked
    )
    if lines:
        append_lines(folder / LOCK, lines)
    return lines


def check_rubrics(folder: Path) -> tuple[str, ...]:
    """What is wrong with the rubrics of a folder: bad files, edited or lost locked versions.

    Raises InputError where there is no such folder, or its lock cannot be read.
    """
    _check_folder(folder)
    locked = _lock(folder)
    files = _files(folder, locked)
    lost = sorted(locked.keys() - {file.id for file in files})
    problems = [
        f"{folder / LOCK}: {name} is locked but its file is gone; restore it" for name in lost
    ]
    for file in files:
        try:
            _checked(file.path)
        except InputError as error:
            problems.append(str(error))
    return tuple(problems)


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder of rubrics; check the name")


def _files(folder: Path, locked: Mapping[str, str]) -> list[RubricFile]:
    if not folder.is_dir():
        return []
    found = [
        RubricFile(
            path.parent.name, int(match[1]), path, f"{path.parent.name}@{match[1]}" in locked
        )
        for path in folder.glob("*/*.toml")
        if (match := _VERSION_FILE.fullmatch(path.name))
    ]
    return sorted(found, key=lambda file: (file.name, file.version))


def _version(file: RubricFile) -> int:
    return file.version


def _unknown(name: str, wanted: str, search: Sequence[Path]) -> InputError:
    known = [file.id for file in list_rubrics(search)]
    close = get_close_matches(wanted, [one.partition("@")[0] for one in known], n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    return InputError(
        f"there is no rubric {name}; {hint}known: {', '.join(known) or '(none)'}; looked in "
        f"{', '.join(map(str, search)) or '(nowhere)'}; a path to a .toml file works too"
    )


# -- the lock ------------------------------------------------------------------------------------


def _lock(folder: Path) -> dict[str, str]:
    """Rubric id -> the fingerprint that it was locked with; empty where there is no lock."""
    return read_lock(folder / LOCK)


def _check_locks(rubric: Rubric, path: Path, folders: Sequence[Path]) -> None:
    """One id is one text on the whole search path, else verdicts of two texts would be pooled."""
    for folder in folders:
        if _lock(folder).get(rubric.id, rubric.fingerprint) != rubric.fingerprint:
            raise InputError(
                f"{path}: {rubric.id} is locked as another text in {folder}: give it a new version "
                "or name"
            )


def _checked(path: Path) -> Rubric:
    """The rubric of a file that is where its name and version say, and as its lock says."""
    rubric = parse_rubric(read_toml(path), str(path))
    match = _VERSION_FILE.fullmatch(path.name)
    if match is None:  # a loose file, not a version in a folder of rubrics
        return rubric
    place = path.absolute().parent
    if (place.name, int(match[1])) != (rubric.name, rubric.version):
        raise InputError(
            f"{path}: holds {rubric.id}; that belongs into {rubric.name}/v{rubric.version}.toml"
        )
    locked = _lock(place.parent).get(rubric.id)
    if locked is not None and locked != rubric.fingerprint:
        raise InputError(
            f"{path}: {rubric.id} was changed after it was locked: restore it, or add a new version "
            f"v{rubric.version + 1}.toml"
        )
    return rubric
