"""Reads sets of labels by people, by name or from a file, and holds locked versions to what they were.

How well a judge agrees with people means something only together with whom it was held against: a set
has a name, a version and a hash, and a version that was locked never changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from judge.errors import InputError
from judge.formats import AS_NAMED
from judge.labels.rules import (
    Origin,
    SetFile,
    cases,
    contradictions,
    items_of,
    parse_set,
    scale_of,
)
from judge.lock_lines import read_lock
from judge.records import data_folder, read_labels, rows
from judge.toml_files import read_toml
from judge.types import HumanLabel, Item, Mode, Scale, canonical, digest

LOCK = "labels.lock"
SET, ITEMS, LABELS, DATASHEET = "set.toml", "items.jsonl", "labels.jsonl", "DATASHEET.md"
OWN = Path("calibration")

_VERSION = re.compile(r"v([1-9][0-9]*)")
_NAMED = re.compile(r"(?P<name>[a-z0-9][a-z0-9_-]*)(@(?P<version>[1-9][0-9]*))?")


@dataclass(frozen=True, slots=True)
class LabelSet:
    """Labels by people, and what is known of them.

    version: None for a plain file, whose labels are taken as people's. criterion: "" overall; None for a
    plain file, which may hold several. items: where the labelled items stand; None for a plain file.
    rubric: NAME or NAME@N, what raters were asked, None where not said. fingerprint: of all that the set
    holds, whatever the order of its rows. locked: whether a lock holds it to that.
    """

    name: str
    version: int | None
    source: Origin
    mode: Mode
    criterion: str | None
    labels: tuple[HumanLabel, ...]
    path: Path
    fingerprint: str
    description: str = ""
    items: Path | None = None
    locked: bool = False
    scale: Scale | None = None
    rubric: str | None = None
    raters: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Name and version, as in `support@1`; the file's name for a plain file."""
        return self.name if self.version is None else f"{self.name}@{self.version}"

    @property
    def is_set(self) -> bool:
        """Whether it is a version of a set, and not a plain file."""
        return self.version is not None

    @property
    def scales(self) -> Mapping[str, Scale]:
        """Criterion -> its scale, as aggregate.analyze takes it; empty where none is known."""
        return {} if self.scale is None else {self.criterion or "": self.scale}


@dataclass(frozen=True, slots=True)
class SetVersion:
    """Where a version of a set stands; locked where the lock beside its folder names it."""

    name: str
    version: int
    path: Path
    locked: bool

    @property
    def id(self) -> str:
        """Name and version, as in `support@1`."""
        return f"{self.name}@{self.version}"


# -- finding -------------------------------------------------------------------------------------


def places() -> tuple[Path, ...]:
    """Where sets are looked for: the caller's own folder first, then what came with the package."""
    return (OWN, data_folder("calibration"))


def read_label_set(
    name_or_path: str | Path, *, format: str = "native", search: Sequence[Path] | None = None
) -> LabelSet:
    """The labels that NAME (its highest version), NAME@N, a set's folder, or a file of labels holds.

    format: of a plain file; a set has its own. search: folders of sets, the first that has it wins; the
    usual places without. Raises InputError, also where a locked version was edited.
    """
    found = set_folder(name_or_path, search=search)
    if found is None:
        return _plain(Path(name_or_path), format)
    one, said, items = opened(found)
    problems = [
        f"{found}: {what} ({cases(which)})"
        for what, which in contradictions(said, one.labels, items)
        if which
    ]
    if problems:
        raise InputError("\n".join(problems))
    return held(one, places() if search is None else search)


def is_set(name_or_path: str | Path) -> bool:
    """Whether this names a set and not a plain file, as read_label_set takes it. Nothing is read."""
    path = Path(name_or_path)
    if path.is_file():
        return path.name == LABELS and (path.parent / SET).is_file()
    return path.is_dir() or _NAMED.fullmatch(str(name_or_path)) is not None


def set_folder(name_or_path: str | Path, *, search: Sequence[Path] | None = None) -> Path | None:
    """The folder of a set's version, unread; None where a plain file is meant.

    labels.jsonl beside a set.toml is that set, so that nobody passes invented labels for people's by
    naming the file. Raises InputError where there is no such set.
    """
    text, path = str(name_or_path), Path(name_or_path)
    if not is_set(path):
        return None
    if path.is_file():
        return path.parent
    if (path / SET).is_file():
        return path
    own = _versions(path, {}) if path.is_dir() else []
    if own:
        return own[-1].path
    match = _NAMED.fullmatch(text)
    if match is None:
        raise InputError(
            f"{path}: holds no {SET}, and no v<N>/{SET}; name a set, or a file of labels"
        )
    return _named(match["name"], match["version"], text, places() if search is None else search)


def list_label_sets(search: Sequence[Path] | None = None) -> tuple[SetVersion, ...]:
    """Every version in these folders, unread; of one version the one that is found first."""
    found: dict[str, SetVersion] = {}
    for folder in places() if search is None else search:
        for one in _sets(folder):
            found.setdefault(one.id, one)
    return tuple(found.values())


def _named(name: str, version: str | None, said: str, search: Sequence[Path]) -> Path:
    for folder in search:
        own = [one for one in _sets(folder) if one.name == name]
        fits = [one for one in own if version is None or one.version == int(version)]
        if fits:
            return fits[-1].path
    known = [one.id for one in list_label_sets(search)]
    close = get_close_matches(name, [one.partition("@")[0] for one in known], n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    raise InputError(
        f"there is no set of labels {said}; {hint}known: {', '.join(known) or '(none)'}; looked in "
        f"{', '.join(map(str, dict.fromkeys(search))) or '(nowhere)'}; a path to a file of labels works too"
    )


def _sets(folder: Path) -> list[SetVersion]:
    """The versions in a folder of sets, by name and version."""
    if not folder.is_dir():
        return []
    locked = read_lock(folder / LOCK)
    named = sorted(path for path in folder.iterdir() if path.is_dir())
    return [one for path in named for one in _versions(path, locked)]


def _versions(folder: Path, locked: Mapping[str, str]) -> list[SetVersion]:
    """The versions of one set, the lowest first."""
    found = [
        SetVersion(folder.name, int(match[1]), path, f"{folder.name}@{match[1]}" in locked)
        for path in folder.iterdir()
        if (match := _VERSION.fullmatch(path.name)) and (path / SET).is_file()
    ]
    return sorted(found, key=lambda one: one.version)


# -- reading -------------------------------------------------------------------------------------


def opened(folder: Path) -> tuple[LabelSet, SetFile, tuple[Item, ...]]:
    """A set's version as its files have it, what set.toml says, and its items; not held to its lock.

    What the files say against each other is not looked at. Raises InputError for a file at fault.
    """
    place = folder / SET
    document = read_toml(place)
    said = parse_set(document, str(place))
    _check_place(said, folder)
    of_items = [(number, dict(row)) for number, row in rows(folder / ITEMS)]
    items = items_of(of_items, str(folder / ITEMS))
    labels = read_labels(folder / LABELS)
    found = LabelSet(
        name=said.name,
        version=said.version,
        source=said.source,
        mode=said.mode,
        criterion=said.criterion,
        labels=labels,
        path=folder,
        fingerprint=digest(
            {
                "set": document,
                "items": sorted(canonical(row) for _, row in of_items),
                "labels": _rows_of(labels),
            }
        ),
        description=said.description,
        items=folder / ITEMS,
        scale=scale_of(said),
        rubric=said.rubric,
        raters=tuple(said.raters),
    )
    return found, said, items


def read_items(of: LabelSet) -> tuple[Item, ...]:
    """The items of a set; none of a plain file."""
    if of.items is None:
        return ()
    numbered = ((number, dict(row)) for number, row in rows(of.items))
    return items_of(numbered, str(of.items))


def _plain(path: Path, format: str) -> LabelSet:
    labels = read_labels(path, format=format, columns=AS_NAMED)
    return LabelSet(
        name=path.name,
        version=None,
        source="human",
        mode="pairwise" if labels[0].system is None else "single",
        criterion=None,
        labels=labels,
        path=path,
        fingerprint=digest({"labels": _rows_of(labels)}),
        raters=tuple(dict.fromkeys(label.rater for label in labels)),
    )


def _rows_of(labels: Sequence[HumanLabel]) -> list[str]:
    """The labels as canonical JSON, in an order that does not hang on that of the file."""
    names = HumanLabel.__dataclass_fields__
    return sorted(canonical({name: getattr(label, name) for name in names}) for label in labels)


def _check_place(said: SetFile, folder: Path) -> None:
    """A version's folder is where its name and version say; one that stands elsewhere is taken as it is."""
    place = folder.absolute()
    match = _VERSION.fullmatch(place.name)
    if match and (place.parent.name, int(match[1])) != (said.name, said.version):
        raise InputError(
            f"{folder / SET}: holds {said.name}@{said.version}; that belongs into "
            f"{said.name}/v{said.version}"
        )


def held(one: LabelSet, search: Sequence[Path]) -> LabelSet:
    """The set, held to its lock; one id is one set on the whole search path."""
    root = one.path.absolute().parent.parent
    own = read_lock(root / LOCK).get(one.id)
    if own is not None and own != one.fingerprint:
        raise InputError(
            f"{one.path}: {one.id} was changed after it was locked: restore it, or add a new version "
            f"v{(one.version or 0) + 1}"
        )
    for folder in search:
        if read_lock(folder / LOCK).get(one.id, one.fingerprint) != one.fingerprint:
            raise InputError(
                f"{one.path}: {one.id} is locked as another set in {folder}: give it a new version or name"
            )
    return replace(one, locked=own is not None)
