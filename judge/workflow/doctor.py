"""Reads one file as whatever it is and says what it supports. Needs no key and makes no call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict, TypeVar

from judge import records, registry
from judge.doctor import Diagnosis, Kind
from judge.doctor.evidence import Families, system_names
from judge.doctor.files import of_labels, of_responses, of_verdicts
from judge.errors import InputError
from judge.pairing import ResponseSet
from judge.table import VerdictTable
from judge.types import HumanLabel
from judge.workflow.beside import NATIVE, labels_of
from judge.workflow.config import families_of
from judge.workflow.options import Options

KINDS: tuple[Kind, ...] = ("verdicts", "labels", "responses")

_Labels = tuple[HumanLabel, ...]
_Patterns = Mapping[str, frozenset[str]]
T = TypeVar("T")


class _How(TypedDict):
    format: str
    beside: Mapping[str, Path]
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Readings:
    """What a file is as each kind, None where it is none. failed: why not, for those tried."""

    verdicts: VerdictTable | None
    labels: _Labels | None
    responses: ResponseSet | None
    failed: Mapping[Kind, InputError]

    @property
    def kinds(self) -> list[Kind]:
        """What the file is, what says most first."""
        there = (self.verdicts, self.labels, self.responses)
        return [kind for kind, read in zip(KINDS, there, strict=True) if read is not None]


def diagnosed(
    path: Path,
    options: Options,
    *,
    labels: Path | None = None,
    families: _Patterns | None = None,
) -> Diagnosis:
    """What a file of verdicts, labels or responses supports.

    labels: people's labels beside it, of our own shape or of the file's format; they go before those
    that stand in the file. families: pattern of names -> families. Raises InputError for a file that
    cannot be read.
    """
    is_native = options.format == NATIVE
    kinds = (_native_kind(path, options),) if is_native else _kinds(options.format)
    read = _readings(path, options, kinds)
    if not read.kinds:
        raise _unreadable(next(iter(read.failed.values())), options.format)
    given = None if labels is None else labels_of(replace(options, labels=labels))
    diagnosis = _diagnosis(read, given, families or {})
    kind, *also = read.kinds
    before = KINDS[: KINDS.index(kind)]
    return replace(
        diagnosis,
        file=path.name,
        format=options.format,
        also=tuple(also),
        warnings=(
            *diagnosis.warnings,
            *(f"not read as {k}: {read.failed[k]}" for k in before if k in read.failed),
        ),
    )


def _diagnosis(read: _Readings, given: _Labels | None, families: _Patterns) -> Diagnosis:
    if read.verdicts is not None:
        judges = map(str, read.verdicts.frame["judge"].unique())
        known = _families({*system_names(read.verdicts), *judges}, families)
        inside = given is None
        labels = (read.labels or ()) if given is None else given
        return of_verdicts(read.verdicts, labels, families=known, in_file=inside)
    if read.labels is not None:
        return of_labels(read.labels)
    assert read.responses is not None
    known = _families(read.responses.systems, families)
    return of_responses(read.responses, given or (), families=known)


def _families(names: Iterable[str], families: _Patterns) -> Families:
    return {name: found for name in names if (found := families_of([name], families))}


# -- what a file is ------------------------------------------------------------------------------


def _native_kind(path: Path, options: Options) -> Kind:
    """What the columns of the first row say that a file of our own shape holds."""
    _, first = next(records.rows(path), (0, {}))
    fields = {column: name for name, column in options.columns.items()}
    names = {fields.get(name, name) for name in first}
    if "rater" in names:
        return "labels"
    is_verdicts = "judge" in names and names & {"system", "system_a", "system_b"}
    return "verdicts" if is_verdicts else "responses"


def _kinds(format: str) -> tuple[Kind, ...]:
    kinds = tuple(kind for kind in KINDS if records.reads(format, kind))
    if not kinds:
        raise InputError(f"format {format} reads neither verdicts nor labels nor responses")
    return kinds


def _readings(path: Path, options: Options, kinds: Sequence[Kind]) -> _Readings:
    """What the file is; a published one may hold verdicts and people's labels in the same rows."""
    failed: dict[Kind, InputError] = {}
    how: _How = {
        "format": options.format,
        "beside": options.beside,
        "columns": options.columns,
    }

    def tried(kind: Kind, read: Callable[[], T]) -> T | None:
        if kind not in kinds:
            return None
        try:
            return read()
        except InputError as error:
            failed[kind] = error
            return None

    return _Readings(
        verdicts=tried("verdicts", lambda: records.read_verdicts(path, **how)),
        labels=tried("labels", lambda: records.read_labels(path, **how)),
        responses=tried("responses", lambda: records.read_responses([path], **how)),
        failed=failed,
    )


def _unreadable(error: InputError, format: str) -> InputError:
    if format != NATIVE:
        return error
    others = ", ".join(name for name in registry.names("formats") if name != NATIVE)
    hint = f"; a file of another tool is named by --format ({others})" if others else ""
    return InputError(f"{error}{hint}")
