"""All pairs or answers that could be labelled, with what judges said of them where that is known.

They stand in files of responses, in a run, or in a table of verdicts with the responses beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from judge.errors import InputError
from judge.labels.key import unit_id
from judge.pair_designs import pairs_of
from judge.records import read_responses, read_verdicts, reads, rows
from judge.stats.values import points
from judge.store import open_existing
from judge.table import VerdictTable, canonical
from judge.types import Item, Mode, Scale, Status
from judge.workflow.beside import NATIVE
from judge.workflow.options import Options
from judge.workflow.recipe import from_config
from judge.workflow.runs import found
from judge.workflow.verdicts import verdicts_of


@dataclass(frozen=True, slots=True)
class Unit:
    """A pair, or an answer (system_b None), of an item."""

    item: Item
    system_a: str
    system_b: str | None

    @property
    def unit_id(self) -> str:
        if self.system_b is None:
            return unit_id(self.item.item_id, self.system_a)
        return unit_id(self.item.item_id, None, self.system_a, self.system_b)


@dataclass(frozen=True, slots=True)
class Population:
    """units: in the order of the items. values: unit -> the judges' mean, where verdicts are known.

    rubric: what was asked where a run or table says so, with its scale where that is known.
    """

    mode: Mode
    units: tuple[Unit, ...]
    values: Mapping[str, float] | None = None
    rubric: str | None = None
    scale: Scale | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple({unit.item.item_id: unit.item for unit in self.units}.values())


def population(
    sources: Sequence[str],
    options: Options,
    *,
    items: Sequence[Path] = (),
    mode: Mode | None = None,
) -> Population:
    """What can be labelled. sources: files of responses, a table of verdicts, or a run.

    items: responses beside a table of verdicts. mode: of responses; pairs where there are several systems.
    Raises InputError where texts are not known.
    """
    if not sources:
        raise InputError("name files of responses, a table of verdicts, or a run")
    paths = [Path(source) for source in sources]
    if len(paths) == 1 and not paths[0].exists() and not paths[0].suffix:
        return _of_run(sources[0], options)
    if len(paths) == 1 and is_verdicts(paths[0], options):
        return _of_table(paths[0], options, items)
    if items:
        raise InputError(f"--items {items[0]}: is for a table of verdicts; name responses alone")
    return _of_responses(paths, options, mode)


def is_verdicts(path: Path, options: Options) -> bool:
    """Whether a file is a table of verdicts: it names a judge, or its format reads no responses."""
    if options.format != NATIVE:
        return not reads(options.format, "responses")
    _, first = next(rows(path), (0, {}))
    fields = {column: name for name, column in options.columns.items()}
    return "judge" in {fields.get(name, name) for name in first}


def _of_responses(paths: Sequence[Path], options: Options, mode: Mode | None) -> Population:
    read = read_responses(
        paths, format=options.format, beside=options.beside, columns=options.columns
    )
    mode = mode or ("pairwise" if len(read.systems) > 1 else "single")
    if mode == "single":
        units = [Unit(item, r.system, None) for item in read.items for r in item.responses]
        return Population(mode, tuple(units))
    if len(read.systems) < 2:
        raise InputError(
            f"{paths[0]}: holds one system, and a pair has two; name a second file, or use --mode single"
        )
    pairs = [
        sorted((pair.system_a, str(pair.system_b)))
        for pair in pairs_of(read.systems, None, baseline=options.baseline)
    ]
    units = [
        Unit(item, a, b)
        for item in read.items
        for a, b in pairs
        if item.response(a) and item.response(b)
    ]
    if not units:
        raise InputError(
            "no item has a response of two systems: check that the files share item_id"
        )
    return Population(mode, tuple(units))


def _of_run(run_id: str, options: Options) -> Population:
    with open_existing(options.store) as store:
        run = found(store, run_id)
        recipe = from_config(run.config)
        table = verdicts_of(store, run, recipe)
        items = tuple(store.items(run.run_id))
    first = recipe.rubrics[0]
    scale = first.scale if recipe.mode == "single" else None
    return _with_verdicts(table, items, first.id, scale)


def _of_table(path: Path, options: Options, items: Sequence[Path]) -> Population:
    if not items:
        raise InputError(
            f"{path}: a table of verdicts has no texts for people to read: name the responses with --items"
        )
    table = read_verdicts(
        path, format=options.format, beside=options.beside, columns=options.columns
    )
    known = sorted({str(name) for name in table.frame["rubric"]} - {""})
    texts = read_responses(items).items
    return _with_verdicts(table, texts, known[0] if len(known) == 1 else None, None)


def _with_verdicts(
    table: VerdictTable, items: Sequence[Item], rubric: str | None, scale: Scale | None
) -> Population:
    by_id = {item.item_id: item for item in items}
    frame, systems = _overall(table)
    values = _values(table.mode, frame, systems)
    units: list[Unit] = []
    asked = frame[["item_id", *systems]].astype(object).drop_duplicates()
    for item_id, *names in asked.itertuples(index=False):
        item = by_id.get(item_id)
        if item is None or any(item.response(name) is None for name in names):
            raise InputError(
                f"item {item_id}: its verdicts are about {', '.join(names)}, and no such text is there; name "
                "the responses that were judged with --items"
            )
        units.append(Unit(item, names[0], names[1] if len(names) > 1 else None))
    return Population(table.mode, tuple(units), values, rubric, scale)


def _overall(table: VerdictTable) -> tuple[pd.DataFrame, list[str]]:
    """The overall verdicts, pairs written one way, and the columns that name their systems."""
    if table.mode == "pairwise":
        return canonical(table).frame, ["system_a", "system_b"]
    frame = table.frame
    is_overall = frame["criterion"].astype(str) == ""
    return (frame[is_overall] if is_overall.any() else frame), ["system"]


def _values(mode: Mode, frame: pd.DataFrame, systems: Sequence[str]) -> dict[str, float]:
    """Unit -> the mean over judges of each judge's mean; units without a verdict are NaN."""
    ok = frame["status"] == Status.OK
    number = frame["p_a"].fillna(points(frame)) if mode == "pairwise" else frame["score"]
    told = frame[["item_id", *systems, "judge"]].astype(object).assign(value=number.where(ok))
    by_judge = told.groupby(["item_id", *systems, "judge"], sort=False)["value"].mean()
    means = by_judge.groupby(level=list(range(1 + len(systems))), sort=False).mean()
    return {_unit_id(key): float(value) for key, value in means.items()}


def _unit_id(key: Any) -> str:
    return unit_id(key[0], key[1]) if len(key) == 2 else unit_id(key[0], None, key[1], key[2])
