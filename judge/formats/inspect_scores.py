"""Scores as Inspect writes them: what their values mean, and rows of scores that were computed elsewhere.

Such a row has id, value, epoch, explanation and metadata, and a file has one row a sample and epoch.
Where a table says more of a sample, the value has a part for each verdict. Our own rows stand in
metadata, so that what was exported reads back as it was.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from judge.errors import InputError, short
from judge.formats import Row, Rows, bad
from judge.formats.published import one_way, table_of
from judge.table import VerdictTable, mode_of, to_rows
from judge.types import Item, Mode, Status

_LETTERS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
_WORDS = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
_POINTS = {"a": 1.0, "tie": 0.5, "b": 0.0}
_OURS = "verdicts"


# -- reading -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scored:
    """One score of a sample, or of a part of one. place: our columns but the verdict itself.

    lacking: status and reason where there is no score at all.
    """

    row: int
    place: Mapping[str, Any]
    value: Any
    lacking: tuple[Status, str] | None = None

    @property
    def scale(self) -> tuple[Any, Any]:
        """What shares a scale: a scorer, or one part of its scores."""
        return self.place["judge"], self.place.get("criterion", "")


def readings(scored: Sequence[Scored]) -> list[dict[str, Any]]:
    """What each score says, in our words.

    Words that Inspect has no number for are labels where a scorer uses words alone; among numbers such
    a word is no score. (Inspect itself counts it as 0.)
    """
    words = {
        one.scale for one in scored if isinstance(one.value, str) and _number(one.value) is None
    }
    numbers = {one.scale for one in scored if _is_number(one.value)}
    return [_reading(one, is_nominal=one.scale in words - numbers) for one in scored]


def _is_number(value: Any) -> bool:
    """Whether a value has a number of its own, and is no letter or word that stands for one."""
    is_word = isinstance(value, str) and (value in _LETTERS or value.lower() in _WORDS)
    return not is_word and _number(value) is not None


def _number(value: Any) -> float | None:
    """The number of a value, None where it has none."""
    if isinstance(value, str):
        if (known := _LETTERS.get(value, _WORDS.get(value.lower()))) is not None:
            return known
        try:
            value = float(value)
        except ValueError:
            return None
    if not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _reading(one: Scored, *, is_nominal: bool) -> dict[str, Any]:
    if one.lacking:
        status, reason = one.lacking
        return {"status": status.value, "reason": reason}
    if is_nominal and isinstance(one.value, str) and one.value:
        return {"label": one.value}
    number = _number(one.value)
    if number is None:
        said = "unscored" if one.value is None else f"no score in {short(one.value)}"
        return {"status": Status.UNPARSED.value, "reason": said}
    return {"label": one.value if one.value in _LETTERS else "", "score": number}


def score_rows(rows: Iterable[Row], own: Rows) -> VerdictTable:
    """The table that was written as rows of scores.

    Raises InputError for rows of others, which name no system.
    """
    found: list[Row] = []
    for number, values in rows:
        metadata = values.get("metadata")
        ours = metadata.get(_OURS) if isinstance(metadata, Mapping) else None
        if not isinstance(ours, list) or not all(isinstance(row, Mapping) for row in ours):
            problem = (
                "has no verdicts of ours, and such a row names no system; apply the scores to their "
                "log with `inspect score`, and name the log"
            )
            raise bad(own.source, number, "metadata", problem)
        found.extend((number, row) for row in ours)
    mode: Mode = mode_of(found[0][1]) if found else "single"
    return table_of(mode, found, own.source)


# -- writing -------------------------------------------------------------------------------------


def verdict_rows(
    verdicts: VerdictTable, items: Mapping[str, Item] | None = None
) -> Iterator[dict[str, Any]]:
    """Rows for Inspect's precomputed_scores: one an item and repeat, which stands as the epoch.

    A value is the score or the label; in pairs what system_a won. Several verdicts on one item make it
    an object with a part each. What has no verdict has no row, or None in an object: unscored.
    Raises InputError for a table of several systems, which belong to several logs.
    """
    table = one_way(verdicts) if verdicts.mode == "pairwise" else verdicts
    groups: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in to_rows(table):
        groups.setdefault((row["item_id"], row["repeat"]), []).append(row)
    _check_systems(table)
    is_single = all(len(group) == 1 for group in groups.values())
    for (item, epoch), group in groups.items():
        value = _value(group[0]) if is_single else {_part(row): _value(row) for row in group}
        if value is None:
            continue
        texts = dict.fromkeys(row["explanation"] for row in group if row.get("explanation"))
        yield {
            "id": item,
            "epoch": epoch,
            "value": value,
            **({"explanation": "\n\n".join(texts)} if texts else {}),
            "metadata": {_OURS: group},
        }


def _check_systems(table: VerdictTable) -> None:
    names = ["system"] if table.mode == "single" else ["system_a", "system_b"]
    found = sorted(set(table.frame[names].astype(str).itertuples(index=False, name=None)))
    if not found:
        raise InputError("there are no verdicts to write")
    if len(found) > 1:
        listed = "; ".join(" against ".join(systems) for systems in found)
        raise InputError(
            f"a file of scores belongs to the log of one system, and here are {listed}; export "
            "verdicts, or the runs one by one"
        )


def _part(row: Mapping[str, Any]) -> str:
    """What tells a verdict from the others on its item."""
    names = ("judge", "rubric", "variant", "criterion", "order")
    return " ".join(row[name] for name in names if row.get(name))


def _value(row: Mapping[str, Any]) -> float | str | None:
    """The score, else the label, else None; in pairs p_a, else the points of system_a."""
    if "system" in row:
        found: float | str | None = row.get("score", row.get("label"))
        return found
    p_a: float | None = row.get("p_a")
    return _POINTS.get(row.get("label", "")) if p_a is None else p_a
