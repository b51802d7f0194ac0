"""From a verdict table to what the statistics of wordings take: presentations by wordings.

A presentation is an item with its systems in one order (single mode: an answer). A unit is the same over
its orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from judge.stats import readings
from judge.stats.intervals import Floats
from judge.stats.values import is_stopped, points
from judge.stats.wordings import MISSING, UNASKED, Codes
from judge.types import Mode, Status

WEIGHED = "scores by probabilities are hardly ever quite equal"
FINER = "scores on another scale are hardly ever quite equal"
UNLIKE = "read by probabilities under one of both wordings and by its label under the other"

_SYSTEMS = {"pairwise": ("system_a", "system_b"), "single": ("system",)}
_SPREAD = 9  # decimals to which scores are equal


@dataclass(frozen=True, slots=True)
class Places:
    """The presentations of a rubric, the same for all judges; items, clusters, units: shape (n,).

    first, second: the systems of each, as places in `systems`; second is -1 in single mode.
    """

    items: NDArray[Any]
    clusters: NDArray[Any]
    units: Codes
    first: Codes
    second: Codes
    systems: tuple[str, ...]

    @property
    def unit_rows(self) -> Codes:
        """A presentation of each unit."""
        return np.unique(self.units, return_index=True)[1]


@dataclass(frozen=True, slots=True)
class Decisions:
    """One judge's verdicts: a row a presentation, a column a wording, the base first.

    said: the first verdict under each, shape (n, 1 + V), as judge.stats.wordings has decisions; values:
    the same as numbers, NaN where there is none. again, again_values: the base asked again, shape (n, K).
    weighed: scores by probabilities, which make no decisions; `said` then says only where a verdict is.
    unlike: the wordings whose scores are read otherwise than the base's and have no values here.
    """

    mode: Mode
    places: Places
    said: Codes
    values: Floats
    again: Codes
    again_values: Floats
    weighed: bool = False
    unlike: tuple[int, ...] = ()

    @property
    def asked(self) -> Codes:
        """The presentations that the judge was asked about in any wording, as places."""
        return np.flatnonzero((self.said > UNASKED).any(axis=1))

    @property
    def base_repeats(self) -> Codes:
        """All verdicts of the base, the first first, shape (n, 1 + K)."""
        return np.column_stack([self.said[:, :1], self.again])

    @property
    def base_values(self) -> Floats:
        return np.column_stack([self.values[:, :1], self.again_values])

    def n_without(self, *columns: int) -> int:
        """How many presentations that were asked in these wordings lack a verdict in one."""
        own = self.said[:, list(columns)]
        return int(((own > UNASKED).all(axis=1) & (own == MISSING).any(axis=1)).sum())


def presentations(mode: Mode, frame: pd.DataFrame) -> tuple[pd.DataFrame, Places]:
    """The frame with a column `place`, the presentation of each row, and these.

    frame: one rubric's verdicts, pairs in canonical form; answers with their overall scores, or, where
    there are none, with each criterion as an answer of its own.
    """
    names = [*_SYSTEMS[mode]]
    unit = ["item_id", *names, *(["criterion"] if mode == "single" else [])]
    units = frame.groupby(unit, observed=True, sort=True).ngroup().to_numpy()
    keyed = frame.assign(unit=units)
    place = keyed.groupby(["unit", "order"], observed=True, sort=True).ngroup().to_numpy()
    _, first = np.unique(place, return_index=True)
    systems = tuple(sorted({str(s) for name in names for s in frame[name].unique()}))
    index = {system: n for n, system in enumerate(systems)}
    shown = frame.iloc[first]
    codes = [shown[name].astype(str).map(index).to_numpy().astype(np.int64) for name in names]
    return frame.assign(place=place), Places(
        shown["item_id"].astype(str).to_numpy(),
        shown["cluster"].astype(str).to_numpy(),
        units[first].astype(np.int64),
        codes[0],
        codes[1] if len(codes) > 1 else np.full(len(first), -1, dtype=np.int64),
        systems,
    )


def of_arrays(
    said: Codes,
    values: Floats,
    again: Codes,
    again_values: Floats,
    *,
    mode: Mode = "pairwise",
    clusters: NDArray[Any] | None = None,
    systems: tuple[str, ...] = ("new", "old"),
) -> Decisions:
    """The same of arrays that no table holds: every row an item of its own, in one order.

    Shapes as in Decisions; clusters: shape (n,), each item its own where absent.
    """
    each = np.arange(len(said))
    own = each if clusters is None else np.asarray(clusters)
    second = np.full(len(said), 1 if mode == "pairwise" else -1)
    places = Places(each, own, each, np.zeros(len(said), dtype=np.int64), second, systems)
    return Decisions(mode, places, said, values, again, again_values)


def decisions(mode: Mode, rows: pd.DataFrame, places: Places, wordings: Sequence[str]) -> Decisions:
    """One judge's rows of `presentations` as arrays. wordings: the base first."""
    index = {name: n for n, name in enumerate(wordings)}
    rows = rows.sort_values("repeat", kind="stable")
    column = rows["variant"].astype(str).map(index).to_numpy(dtype=np.int64)
    place = rows["place"].to_numpy()
    turn = rows.groupby([place, column]).cumcount().to_numpy()
    said, weighed = _codes(mode, rows)
    unlike = _unlike(rows, column)
    values = _values(mode, rows, column, unlike)
    is_first, is_again = turn == 0, (turn > 0) & (column == 0)
    shape = len(places.items), len(wordings)
    n_again = int(turn[is_again].max(initial=0))
    found = np.full(shape, UNASKED, dtype=np.int64), np.full(shape, np.nan)
    again = [np.full((shape[0], n_again), fill) for fill in (UNASKED, np.nan)]
    for own, later, source in zip(found, again, (said, values), strict=True):
        own[place[is_first], column[is_first]] = source[is_first]
        later[place[is_again], turn[is_again] - 1] = source[is_again]
    twice = again[0].astype(np.int64)
    return Decisions(mode, places, found[0], found[1], twice, again[1], weighed, unlike)


def _codes(mode: Mode, rows: pd.DataFrame) -> tuple[Codes, bool]:
    """Decisions as whole numbers: of labels, or of equal scores where there are scores."""
    ok = (rows["status"] == Status.OK).to_numpy()
    absent = np.where(is_stopped(rows).to_numpy(), UNASKED, MISSING)
    if mode == "pairwise" or rows.loc[ok, "score"].isna().all():
        labels = rows["label"].cat.codes.to_numpy().astype(np.int64)
        return np.where(ok, labels, absent), False
    if rows.loc[ok, "method"].isin(readings.SCORED_BY_PROBABILITY).any():
        return np.where(ok, 0, absent).astype(np.int64), True
    scores = rows["score"].to_numpy(dtype=float).round(_SPREAD)
    _, codes = np.unique(scores, return_inverse=True)
    return np.where(ok, codes, absent).astype(np.int64), False


def _values(
    mode: Mode, rows: pd.DataFrame, column: NDArray[Any], unlike: tuple[int, ...]
) -> Floats:
    """What system_a got of each pair, or the score of each answer.

    A probability of .6 and its label, 1, differ although nothing changed: where some wordings are read
    by probabilities and others cannot be, pairs are worth their labels, and answers have no value.
    """
    if mode == "pairwise":
        by_label = points(rows)
        known = by_label if unlike else rows["p_a"].fillna(by_label)
        return np.asarray(known.to_numpy(dtype=float))
    scores = rows["score"].to_numpy(dtype=float)
    return np.asarray(np.where(np.isin(column, unlike), np.nan, scores), dtype=float)


def _unlike(rows: pd.DataFrame, column: NDArray[Any]) -> tuple[int, ...]:
    """The wordings that are mostly read by probabilities where the base is not, or the other way."""
    ok = (rows["status"] == Status.OK).to_numpy()
    weighed = rows["method"].astype(str).str.split(", ").str[0].isin(readings.WEIGHED).to_numpy()
    mostly = {int(c): bool(weighed[ok & (column == c)].mean() > 0.5) for c in np.unique(column[ok])}
    return tuple(c for c, is_weighed in mostly.items() if is_weighed != mostly.get(0, is_weighed))


def of_units(d: Decisions, values: Floats) -> Floats:
    """Values of presentations averaged over the orders of a unit, NaN unless each of them has one.

    values: shape (n, k) -> (units, k). Orders that the base was never asked in do not count.
    """
    asked = d.said[:, 0] > UNASKED
    n_units = int(d.places.units.max(initial=-1)) + 1
    found = np.zeros((n_units, values.shape[1]))
    np.add.at(found, d.places.units[asked], values[asked])
    counts = np.bincount(d.places.units[asked], minlength=n_units)[:, None]
    return np.asarray(np.divide(found, counts, out=np.full_like(found, np.nan), where=counts > 0))
