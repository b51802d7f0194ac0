"""Reads what raters wrote, undoes the blinding, and writes labels: a file, or a new version of a set."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from judge.errors import InputError
from judge.labels.key import Key, Place, human_label, row_places, unit_id
from judge.labels.rules import parse_set
from judge.labels.sets import DATASHEET, ITEMS, LABELS, OWN, SET
from judge.stats.label_checks import REFUSED, share_p
from judge.types import HumanLabel
from judge.workflow.labels import files
from judge.workflow.labels.files import Written
from judge.workflow.labels.sheet import datasheet, set_toml


@dataclass(frozen=True, slots=True)
class RaterCounts:
    """A rater's rows: labelled, left empty, and of the draw but in no file."""

    rater: str
    labelled: int
    empty: int
    absent: int


@dataclass(frozen=True, slots=True)
class LabelsImported:
    """Labels that were read. path: of the file, or of the set's folder; drawn: units of the key.

    unlabelled: those of them that nobody labelled; is_too_few: so many that correction refuses the rest.
    """

    path: Path
    labels: tuple[HumanLabel, ...]
    raters: tuple[RaterCounts, ...]
    drawn: int
    unlabelled: int
    is_too_few: bool
    set_id: str = ""


def imported(
    paths: Sequence[Path],
    key_path: Path,
    *,
    out: Path | None = None,
    set_name: str | None = None,
    raters: Mapping[str, str] | None = None,
    created: str = "",
    root: Path = OWN,
) -> LabelsImported:
    """The labels of these files, written to `out`, or as a new version of a set in the folder of sets.

    raters: file name -> rater, where the draw named none; the file's name without it. created: the date,
    ISO 8601. Raises InputError for a row that is not of the draw, and then nothing is written.
    """
    if (out is None) == (set_name is None):
        raise InputError("say where the labels go: --out FILE.jsonl, or --set NAME; one of them")
    if out is not None and out.suffix.lower() != ".jsonl":
        raise InputError(f"--out {out}: labels are written as JSONL; name a .jsonl file")
    if not paths:
        raise InputError("name at least one file that a rater filled in")
    key = files.read_key(key_path)
    labels, counts = _labels(key, paths, raters or {})
    if not labels:
        raise InputError(f"{paths[0]}: nobody wrote a label yet; fill in the column `label`")
    if out is not None:
        _check_free(out)
        files.put({out: labels_text(labels)})
        return _imported(out, key, labels, counts)
    name = str(set_name)
    folder, version = _next_version(root, name)
    rater_names = [count.rater for count in counts if count.labelled]
    document = set_toml(key, name, version, rater_names, created)
    parse_set(document.values, str(folder / SET))
    files.put(
        {
            folder / ITEMS: _items_text(key, labels),
            folder / LABELS: labels_text(labels),
            folder / DATASHEET: datasheet(key, name, version, labels, created),
            folder / SET: document.text,
        }
    )
    return _imported(folder, key, labels, counts, f"{name}@{version}")


def _imported(
    path: Path,
    key: Key,
    labels: Sequence[HumanLabel],
    raters: tuple[RaterCounts, ...],
    set_id: str = "",
) -> LabelsImported:
    """What was read, with what is known of drawn units that nobody labelled."""
    probs = {unit.unit_id: unit.inclusion_prob for unit in key.units}
    done = {unit_id(one.item_id, one.system, one.system_a, one.system_b) for one in labels}
    population = round(sum(1 / p for p in probs.values()))
    _, p = share_p(np.array([probs[one] for one in done]), population)
    left = len(probs) - len(done)
    return LabelsImported(
        path, tuple(labels), raters, len(probs), left, left > 0 and p < REFUSED, set_id
    )


def _check_free(out: Path) -> None:
    if out.exists():
        raise InputError(f"{out}: is there already; choose another --out")


def _next_version(root: Path, name: str) -> tuple[Path, int]:
    """The folder of the next version: one that is there, and may be locked, is never written to."""
    version = 1
    while (root / name / f"v{version}").exists():
        version += 1
    return root / name / f"v{version}", version


def _labels(
    key: Key, paths: Sequence[Path], names: Mapping[str, str]
) -> tuple[tuple[HumanLabel, ...], tuple[RaterCounts, ...]]:
    """The labels of all files in the order of the key, and what each rater did."""
    places = row_places(key)
    said: dict[tuple[str, str], HumanLabel] = {}
    seen: dict[tuple[str, str], str] = {}
    for path in paths:
        rows = files.read_written(path)
        rater = _rater(key, path, rows, places, names)
        for row in rows:
            place = places[row.row_id]
            unit = place.unit.unit_id
            if (rater, unit) in seen:
                raise InputError(
                    f"{row.where}: row_id {row.row_id} of rater {rater} stands in {seen[rater, unit]} too; "
                    "keep one, or name the other file's rater"
                )
            seen[rater, unit] = row.where
            if row.label:
                said[rater, unit] = _label(key, place, rater, row)
    order = {unit.unit_id: n for n, unit in enumerate(key.units)}
    raters = sorted({*key.raters, *(rater for rater, _ in seen)})
    ranked = sorted(said, key=lambda one: (order[one[1]], one[0]))
    counts = tuple(_counts(rater, said, seen, len(key.units)) for rater in raters)
    return tuple(said[one] for one in ranked), counts


def _counts(
    rater: str,
    said: Mapping[tuple[str, str], HumanLabel],
    seen: Mapping[tuple[str, str], str],
    drawn: int,
) -> RaterCounts:
    labelled = sum(one[0] == rater for one in said)
    there = sum(one[0] == rater for one in seen)
    return RaterCounts(rater, labelled, there - labelled, drawn - there)


def _label(key: Key, place: Place, rater: str, row: Written) -> HumanLabel:
    try:
        return human_label(key, place, rater, row.label)
    except ValueError as error:
        raise InputError(f"{row.where}, field `label`: {error}") from None


def _rater(
    key: Key,
    path: Path,
    rows: Sequence[Written],
    places: Mapping[str, Place],
    names: Mapping[str, str],
) -> str:
    """Whose file this is: the key knows by its rows, and they are all of one rater."""
    for row in rows:
        if row.row_id not in places:
            raise InputError(
                f"{row.where}: row_id {row.row_id or '(empty)'} is no row of this draw; restore the column, "
                "or name the key that was written with the file"
            )
    found = {places[row.row_id].rater: row for row in rows}
    if len(found) > 1:
        first, other, *_ = found
        raise InputError(
            f"{found[other].where}: is a row of rater {other}, and others are of {first}; import the files "
            "as they were drawn, one a rater"
        )
    (rater,) = found
    if rater:
        return rater
    return names.get(str(path), names.get(path.name, path.stem))


# -- writing -------------------------------------------------------------------------------------


def labels_text(labels: Sequence[HumanLabel]) -> str:
    """Labels as labels.jsonl has them, what is absent left out."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in label_rows(labels))


def label_rows(labels: Sequence[HumanLabel]) -> Iterator[dict[str, object]]:
    for label in labels:
        yield {k: v for k, v in asdict(label).items() if v is not None and v != ""}


def _items_text(key: Key, labels: Sequence[HumanLabel]) -> str:
    """The items that somebody labelled, as items.jsonl has them."""
    wanted = {label.item_id for label in labels}
    found = []
    for item in key.items:
        if item.item_id not in wanted:
            continue
        row = {k: v for k, v in item.model_dump().items() if v is not None}
        row["prompt"] = _plain(item.prompt)
        row["responses"] = {s: _plain(turns) for s, turns in item.responses.items()}
        found.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(found)


def _plain(turns: list[str]) -> str | list[str]:
    return turns[0] if len(turns) == 1 else turns
