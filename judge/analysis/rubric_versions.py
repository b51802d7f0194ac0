"""Verdicts of two rubrics on the same presentations, joined into one table of two wordings.

Runs name items and systems as they like, so texts decide: a presentation is the prompt, the reference
where both rubrics show it, and the responses in the order shown. The older side gives the names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from judge.stats.wordings import rescaled
from judge.table import VerdictTable, from_rows
from judge.types import Rubric, Scale, Status

OLD, NEW = "", "new"  # the two wordings of the joined table

Shown = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A stored verdict. judge: its name, and the hash of its settings; shown: hashes of the texts in their
    order; row: its row of the run's verdict table.
    """

    run_id: str
    judge: tuple[str, str]
    shown: Shown
    row: Mapping[str, Any]

    @property
    def presentation(self) -> tuple[tuple[str, str], Shown]:
        return self.judge, self.shown


@dataclass(frozen=True, slots=True)
class Joined:
    """The table, None where there is nothing in common; runs: those that have a verdict in it."""

    table: VerdictTable | None
    runs: frozenset[str]


def why_not(old: Rubric, new: Rubric) -> str:
    """Why verdicts of two rubrics cannot be held against each other, "" where they can."""
    if old.mode != new.mode:
        return "one says which of two is better, the other how good one is"
    if (
        old.mode == "single"
        and old.scale != new.scale
        and not (old.scale.values and new.scale.values)
    ):
        return "the scales differ, and one has no numbers"
    return ""


def joined(old: Rubric, new: Rubric, before: Iterable[Said], after: Iterable[Said]) -> Joined:
    """What both rubrics were asked, by the same judges on the same texts. before, after: the newest first."""
    kept = _kept(before, old, new), _kept(after, old, new)
    both = {said.presentation for said in kept[0]} & {said.presentation for said in kept[1]}
    own, other = ([said for said in side if said.presentation in both] for side in kept)
    places = _places(own)
    judges = _judges(own)
    rows = [
        *(_row(said, places, judges, OLD) for said in own),
        *(_row(_on_scale(said, old, new), places, judges, NEW) for said in other),
    ]
    if old.mode == "single" and old.scale != new.scale:
        rows = [{**row, "label": ""} for row in rows]
    table = from_rows(old.mode, rows, source="verdicts of two rubrics") if rows else None
    return Joined(table, frozenset(said.run_id for said in (*own, *other)))


def shared_criteria(old: Rubric, new: Rubric) -> frozenset[str]:
    """The criteria of both whose labels mean the same, and "" for the whole."""
    scales = {c.name: c.scale or old.scale for c in old.criteria}
    return frozenset(
        ["", *(c.name for c in new.criteria if scales.get(c.name) == (c.scale or new.scale))]
    )


def _kept(told: Iterable[Said], old: Rubric, new: Rubric) -> list[Said]:
    """One verdict of each judge on each presentation and repeat: the newest, one that failed last."""
    criteria = shared_criteria(old, new)
    found: dict[tuple[Any, ...], Said] = {}
    for said in told:
        criterion = said.row.get("criterion", "")
        if criterion not in criteria or said.row["status"] == Status.NOT_ASKED:
            continue
        key = (*said.presentation, said.row["repeat"], criterion)
        if key not in found or (_is_ok(said) and not _is_ok(found[key])):
            found[key] = said
    return list(found.values())


def _is_ok(said: Said) -> bool:
    return bool(said.row["status"] == Status.OK)


# -- names ---------------------------------------------------------------------------------------


def _judges(told: Sequence[Said]) -> dict[tuple[str, str], str]:
    """A name for each judge; one name with two settings is two judges."""
    names: dict[tuple[str, str], str] = {}
    for judge in dict.fromkeys(said.judge for said in told):
        names[judge] = _free(judge[0], names.values())
    return names


def _free(name: str, taken: Collection[str]) -> str:
    """The name, numbered where it is taken."""
    return next(
        one
        for n in range(1, len(taken) + 2)
        if (one := name if n == 1 else f"{name} ({n})") not in taken
    )


_NAMES = ("item_id", "system_a", "system_b", "system", "order")


def _places(told: Sequence[Said]) -> dict[Shown, dict[str, Any]]:
    """Item, systems, order and cluster of each presentation, as the newest older verdict names them.

    One name with two texts, as of systems that wrote anew under their old names, is two items.
    """
    places: dict[Shown, dict[str, Any]] = {}
    taken: dict[tuple[Any, ...], Shown] = {}
    clusters: dict[str, str] = {}
    for said in told:
        if said.shown in places:
            continue
        item = said.row["item_id"]
        for one in _numbered(item):
            place = {**{n: said.row[n] for n in _NAMES if n in said.row}, "item_id": one}
            if taken.setdefault(_unordered(place), said.shown) == said.shown:
                break
        place["cluster"] = clusters.setdefault(one, said.row.get("cluster", item))
        places[said.shown] = place
    return places


def _numbered(name: str) -> Iterator[str]:
    yield name
    n = 2
    while True:
        yield f"{name} ({n})"
        n += 1


def _unordered(place: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a table tells presentations apart by: (x, y, AB) is (y, x, BA)."""
    if "system" in place:
        return place["item_id"], place["system"]
    pair = place["system_a"], place["system_b"]
    return place["item_id"], *(pair if place.get("order", "AB") == "AB" else pair[::-1])


# -- rows ----------------------------------------------------------------------------------------


def _row(
    said: Said,
    places: Mapping[Shown, Mapping[str, Any]],
    judges: Mapping[tuple[str, str], str],
    variant: str,
) -> dict[str, Any]:
    place, own = places[said.shown], said.row
    fields = ("criterion", "repeat", "status", "label", "score", "p_a", "simulated")
    row = {name: own[name] for name in fields if name in own}
    if own.get("order") != place.get("order"):  # the same was shown first, under other names
        row |= _turned(row)
    return {**row, **place, "judge": judges[said.judge], "rubric": "rubric", "variant": variant}


_TURNED = {"a": "b", "b": "a", "tie": "tie"}


def _turned(row: Mapping[str, Any]) -> dict[str, Any]:
    label, p_a = row.get("label"), row.get("p_a")
    turned: dict[str, Any] = {} if not label else {"label": _TURNED[label]}
    return turned if p_a is None else {**turned, "p_a": 1 - p_a}


def _on_scale(said: Said, old: Rubric, new: Rubric) -> Said:
    """The verdict with its score on the older scale."""
    score = said.row.get("score")
    if score is None or old.scale == new.scale or said.row.get("criterion"):
        return said
    (number,) = rescaled(np.array([score]), _ends(new.scale), _ends(old.scale))
    return Said(said.run_id, said.judge, said.shown, {**said.row, "score": float(number)})


def _ends(scale: Scale) -> tuple[float, float]:
    return scale.values[0], scale.values[-1]
