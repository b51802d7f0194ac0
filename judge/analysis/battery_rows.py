"""From the verdict table of an audit to the arrays of a battery: who was the target, and what it got.

A derived system's name says what was done to whose answer. The order that the seed drew for an item is
the one its perturbed answers are shown in; b and r are the verdicts of that order, s those of the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from judge.analysis.audit_asked import CONSTANT, AuditAsked, origin
from judge.plan import Pair, Swap
from judge.stats.battery import (
    FIRST,
    NEITHER,
    PADDING,
    SECOND,
    Perturbed,
    Questions,
    own_targets,
)
from judge.stats.intervals import Floats
from judge.stats.values import is_stopped, points
from judge.types import Mode

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The verdicts of one judge under one rubric. items, categories: shape (n,), names.

    right: shape (n,), what the answer that the drawn order shows first should get, NaN where not known.
    """

    items: tuple[str, ...]
    categories: tuple[str, ...]
    questions: Questions
    perturbed: dict[str, Perturbed]
    right: Floats


@dataclass(frozen=True, slots=True)
class _Rows:
    """One row a verdict, all shape (n_rows,). item: its place; a, b: codes of the systems that answered.

    done_a, done_b: codes of what was done to their answers, -1 for nothing. is_ab: whether a was shown
    first. value: what a got, its score in single mode. len_a, len_b: characters.
    """

    item: Ints
    a: Ints
    b: Ints
    done_a: Ints
    done_b: Ints
    is_ab: Bools
    repeat: Ints
    value: Floats
    is_asked: Bools
    len_a: Floats
    len_b: Floats

    def only(self, kept: Bools) -> _Rows:
        """The rows that are kept."""
        return _Rows(*(getattr(self, name)[kept] for name in self.__slots__))


def gathered(mode: Mode, part: pd.DataFrame, asked: AuditAsked, seed: int) -> Gathered:
    """The arrays of one judge's rows under one rubric. seed: that of the run, which drew the orders."""
    overall = part if mode == "pairwise" else part[part["criterion"] == ""]
    columns = ("system_a", "system_b") if mode == "pairwise" else ("system",)
    is_constant = np.any([(overall[name] == CONSTANT).to_numpy() for name in columns], axis=0)
    frame = overall[~is_constant]
    items, codes = np.unique(frame["item_id"].astype(object), return_inverse=True)
    names = sorted({str(name) for column in columns for name in frame[column].cat.categories})
    origins = {name: origin(name, asked.perturbations) for name in names}
    systems = {name: code for code, name in enumerate(sorted({s for s, _ in origins.values()}))}
    rows = _rows(mode, frame, codes, origins, systems, asked)
    first, second = _shown(rows, items, asked, seed)
    of = _questions(mode, rows, first, second, _targets(asked, items, systems))
    return Gathered(
        items=tuple(str(item) for item in items),
        categories=_categories(frame, codes, len(items)),
        questions=of,
        perturbed=_perturbed(mode, rows, of, first, second, asked),
        right=_right(asked, rows, items, first, of.targets),
    )


# -- rows ----------------------------------------------------------------------------------------


def _rows(
    mode: Mode,
    frame: pd.DataFrame,
    codes: Ints,
    origins: dict[str, tuple[str, str]],
    systems: dict[str, int],
    asked: AuditAsked,
) -> _Rows:
    numbers = {name: code for code, name in enumerate(asked.perturbations)}

    def told(column: str) -> tuple[Ints, Ints]:
        own = [origins[str(name)] for name in frame[column].cat.categories]
        of = np.array([systems[system] for system, _ in own], dtype=np.int64)
        done = np.array([numbers.get(what, -1) for _, what in own], dtype=np.int64)
        at = frame[column].cat.codes.to_numpy()
        return of[at], done[at]

    nothing = np.full(len(frame), -1)
    is_pair = mode == "pairwise"
    a, done_a = told("system_a" if is_pair else "system")
    b, done_b = told("system_b") if is_pair else (nothing, nothing)
    value = points(frame) if is_pair else frame["score"]
    return _Rows(
        item=np.asarray(codes, dtype=np.int64),
        a=a,
        b=b,
        done_a=done_a,
        done_b=done_b,
        is_ab=(frame["order"] != "BA").to_numpy(),
        repeat=frame["repeat"].to_numpy(),
        value=np.asarray(value, dtype=np.float64),
        is_asked=~is_stopped(frame).to_numpy(),
        len_a=frame["len_a" if is_pair else "len"].to_numpy(dtype=np.float64),
        len_b=frame["len_b"].to_numpy(dtype=np.float64) if is_pair else np.full(len(frame), np.nan),
    )


def _categories(frame: pd.DataFrame, codes: Ints, n: int) -> tuple[str, ...]:
    found = np.full(n, "", dtype=object)
    found[codes] = frame["category"].astype(object)
    return tuple(str(name) for name in found)


def _shown(
    rows: _Rows, items: NDArray[np.object_], asked: AuditAsked, seed: int
) -> tuple[Ints, Ints]:
    """The systems that the drawn order of each item shows first and second, -1 where it has no base.

    What is padded is shown in both orders and says nothing of which was drawn.
    """
    base = rows.only((rows.done_a < 0) & (rows.done_b < 0))
    a, b = _first_of(base.item, base.a, len(items)), _first_of(base.item, base.b, len(items))
    both = [n for n, name in enumerate(asked.perturbations) if name.startswith(PADDING)]
    done = np.maximum(rows.done_a, rows.done_b)
    made = rows.only((done >= 0) & ~np.isin(done, both))
    first = _first_of(made.item, np.where(made.is_ab, made.a, made.b), len(items))
    for place in np.flatnonzero((first < 0) & (b >= 0)):
        order = Swap.parse("random").orders(seed, str(items[place]), Pair("a", "b"))[0]
        first[place] = a[place] if order == "AB" else b[place]
    first = np.where(b < 0, a, first)
    return first, np.where(first == a, b, a)


def _first_of(item: Ints, values: Ints, n: int) -> Ints:
    """Each item's value in its first row, -1 where it has none."""
    found = np.full(n, -1, dtype=np.int64)
    found[item[::-1]] = values[::-1]
    return found


# -- questions -----------------------------------------------------------------------------------


def _questions(
    mode: Mode, rows: _Rows, first: Ints, second: Ints, known: dict[int, int] | None
) -> Questions:
    """known: the place of each item -> the system that is its target; None where b chooses it."""
    base = rows.only((rows.done_a < 0) & (rows.done_b < 0))
    own, other = first[base.item], second[base.item]
    is_a = base.a == own
    is_same = (is_a & (base.b == other)) | ((base.b == own) & (base.a == other))
    base, is_a = base.only(is_same), is_a[is_same]
    drawn, swapped = np.full((len(first), 2), np.nan), np.full((len(first), 2), np.nan)
    lengths = np.full((len(first), 2), np.nan)
    value = np.where(is_a, base.value, 1 - base.value)
    is_drawn = is_a == base.is_ab
    for repeat in (1, 2):
        for into, kept in ((drawn, is_drawn), (swapped, ~is_drawn)):
            chosen = kept & (base.repeat == repeat)
            into[base.item[chosen], repeat - 1] = value[chosen]
    lengths[base.item, 0] = np.where(is_a, base.len_a, base.len_b)
    lengths[base.item, 1] = np.where(is_a, base.len_b, base.len_a)
    if mode == "single":
        targets = np.where(first >= 0, FIRST, NEITHER)
        return Questions(drawn, None, targets, False, lengths, is_score=True)
    if known is None:
        return Questions(drawn, swapped, own_targets(drawn[:, 0]), True, lengths)
    targets = np.full(len(first), NEITHER, dtype=np.int64)
    for place, system in known.items():
        if system in (first[place], second[place]):
            targets[place] = FIRST if system == first[place] else SECOND
    return Questions(drawn, swapped, targets, False, lengths)


def _targets(
    asked: AuditAsked, items: NDArray[np.object_], systems: dict[str, int]
) -> dict[int, int] | None:
    if not asked.targets:
        return None
    found = ((place, asked.targets.get(str(item), "")) for place, item in enumerate(items))
    return {place: systems[system] for place, system in found if system in systems}


# -- perturbed -----------------------------------------------------------------------------------


def _perturbed(
    mode: Mode, rows: _Rows, of: Questions, first: Ints, second: Ints, asked: AuditAsked
) -> dict[str, Perturbed]:
    """Each perturbation that was asked of a target, in the order in which the audit names them."""
    target = np.select([of.targets == FIRST, of.targets == SECOND], [first, second], -2)
    is_a = rows.done_a >= 0
    done = np.where(is_a, rows.done_a, rows.done_b)
    system = np.where(is_a, rows.a, rows.b)
    shown_first = np.where(rows.is_ab, rows.a, rows.b)
    is_own = (done >= 0) & (system == target[rows.item]) & rows.is_asked
    is_own &= rows.repeat == 1
    is_drawn = shown_first == first[rows.item]
    value = rows.value if mode == "single" else np.where(is_a, rows.value, 1 - rows.value)
    length = np.where(is_a, rows.len_a, rows.len_b)
    found = {}
    for number, name in enumerate(asked.perturbations):
        kept, other = (is_own & (done == number) & way for way in (is_drawn, ~is_drawn))
        if kept.any():
            found[name] = _one(rows.item[kept], value[kept], length[kept], len(first))
        if kept.any() and other.any():
            swapped = _one(rows.item[other], value[other], length[other], len(first))
            found[name] = replace(found[name], swapped=swapped.values)
    return found


def _one(item: Ints, value: Floats, length: Floats, n: int) -> Perturbed:
    values, lengths = np.full(n, np.nan), np.full(n, np.nan)
    where = np.zeros(n, dtype=bool)
    values[item], lengths[item], where[item] = value, length, True
    return Perturbed(values, where, lengths)


def _right(
    asked: AuditAsked, rows: _Rows, items: NDArray[np.object_], first: Ints, targets: Ints
) -> Floats:
    """What the answer shown first should get: its rival where it is the target, else by the answer."""
    found = np.full(len(items), np.nan)
    base = rows.only((rows.done_a < 0) & (rows.done_b < 0))
    a = _first_of(base.item, base.a, len(items))
    gets = {"a": 1.0, "b": 0.0, "tie": 0.5}
    for place, item in enumerate(items):
        if str(item) in asked.answers:
            value = gets[asked.answers[str(item)]]
            found[place] = value if first[place] == a[place] else 1 - value
    if asked.targets:
        is_known = ~np.isnan(found) & (found != 0.5)
        found = np.where(is_known & (targets == FIRST), 0.0, found)
        found = np.where(is_known & (targets == SECOND), 1.0, found)
    return found
