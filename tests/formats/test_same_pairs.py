"""The same fifty pairs in every pairwise format: the same verdicts, and so the same comparisons."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from same_pairs import WRITTEN, Pair, RawRows, native_first_order, pairs_for

from judge.aggregate import analyze
from judge.records import read_verdicts
from judge.table import VerdictTable


def written(folder: Path, files: Mapping[str, RawRows]) -> dict[str, Path]:
    """Role -> a file with these rows."""
    paths = {role: folder / f"{role}.jsonl" for role in files}
    for role, rows in files.items():
        paths[role].write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return paths


def read(folder: Path, name: str, files: Mapping[str, RawRows]) -> VerdictTable:
    folder.mkdir()
    paths = written(folder, files)
    return read_verdicts(paths.pop("verdicts"), format=name, beside=paths)


def rounded(value: Any) -> Any:
    """The same without the last digits, which hang on the order in which items are added up."""
    if isinstance(value, float):
        return round(value, 12)
    if isinstance(value, Mapping):
        return {name: rounded(part) for name, part in value.items()}
    return [rounded(part) for part in value] if isinstance(value, list | tuple) else value


def comparisons(table: VerdictTable) -> list[Any]:
    """All that is said of the two systems, whatever the judge and its prompt are called."""
    names = ("judge", "members", "rubric", "variant")
    rows = [asdict(row) for row in analyze(table).comparisons]
    return [{k: rounded(v) for k, v in row.items() if k not in names} for row in rows]


def judges(table: VerdictTable) -> list[Any]:
    """Counts and position bias of the one judge."""
    rows = analyze(table).judges
    return [(row.planned, row.ok, row.unparsed, rounded(asdict(row.position))) for row in rows]


def labels(table: VerdictTable) -> list[tuple[str, str]]:
    """Order and label of every row, item by item as they stand in the source."""
    frame = table.frame
    place = {item: n for n, item in enumerate(dict.fromkeys(frame["item_id"]))}
    found = zip(frame["item_id"].map(place), frame["order"], frame["label"], strict=True)
    return [(order, label) for _, order, label in sorted(found)]


def lengths(table: VerdictTable) -> list[tuple[float, float]]:
    """The lengths of both answers, item by item, where the format knows them."""
    return sorted(set(zip(table.frame["len_a"], table.frame["len_b"], strict=True)))


def expected(folder: Path, pairs: Sequence[Pair], table: VerdictTable) -> VerdictTable:
    """The native table that holds as much as the format did."""
    if (table.frame["order"] == "").all():
        return read(folder, "native", {"verdicts": native_first_order(pairs)})
    return read(folder, "native", WRITTEN["native"](pairs))


@pytest.mark.parametrize("name", WRITTEN)
def test_the_same_pairs_say_the_same_in_every_format(tmp_path: Path, name: str) -> None:
    pairs = pairs_for(name)
    table = read(tmp_path / name, name, WRITTEN[name](pairs))
    own = expected(tmp_path / "own", pairs, table)
    assert len(pairs) > 20
    assert labels(table) == labels(own)
    if not table.frame["len_a"].isna().any():
        assert lengths(table) == lengths(own)
    if table.comparable:
        assert comparisons(table) == comparisons(own) != []
        assert judges(table) == judges(own)
    else:
        assert analyze(table).comparisons == ()
