"""How items are told apart: by the values of a column, long numbers of values cut into thirds.

A slice says which value each item has and nothing of any verdict, so that how it was cut cannot hang
on what came out.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from judge.errors import InputError, short

NO_VALUE = "(none)"  # the slice of the items without a value
FEWEST_CLUSTERS = 5  # below this a slice has a number and no conclusion
MOST_NUMBERS = 10  # more distinct numbers than these are cut into thirds
MOST_CATEGORIES = 20  # more of them are not shown unless they are asked for
MOST_VALUES = 50  # more names than these tell nothing apart
_LENGTHS = ("short", "medium", "long")
_NUMBERS = ("low", "middle", "high")


@dataclass(frozen=True, slots=True)
class Slice:
    """One way to tell items apart. of: item id -> value; items that are not in it have none.

    values: in the order in which they are shown; fewer than two tell nothing apart. note: what the
    values mean, or why there are none.
    """

    name: str
    of: Mapping[str, str]
    values: tuple[str, ...]
    note: str = ""

    def label(self, value: str) -> str:
        """How a row of this value is marked, as in "category=math"."""
        return f"{self.name}={value}"


def by_length(name: str, lengths: Mapping[str, float]) -> Slice:
    """Short, medium and long items, in thirds; equal lengths are never parted.

    lengths: item id -> characters. Without values where there are fewer than three lengths.
    """
    found = {item: float(n) for item, n in lengths.items() if not math.isnan(float(n))}
    bounds = thirds(list(found.values()))
    if bounds is None:
        return Slice(name, {}, (), "fewer than three different lengths cannot be cut into thirds")
    low, high = bounds
    note = (
        f"short is up to {low:,.0f} characters, medium up to {high:,.0f}, long is above {high:,.0f}"
    )
    return _cut(name, found, bounds, _LENGTHS, note)


def by_value(name: str, raw: Mapping[str, Any]) -> Slice:
    """A slice for each value, or thirds where these are numbers and many.

    raw: item id -> value as it came; None, "" and NaN are none. Raises InputError for values that are
    no names or numbers, or too many.
    """
    found = {item: value for item, value in raw.items() if not is_absent(value)}
    numbers = _numbers(found)
    if numbers is not None and len(set(numbers.values())) > MOST_NUMBERS:
        low, high = bounds = thirds(list(numbers.values())) or (math.nan, math.nan)
        note = f"low is up to {low:g}, middle up to {high:g}, high is above {high:g}"
        return _cut(name, numbers, bounds, _NUMBERS, note)
    texts = {item: _text(name, item, value) for item, value in found.items()}
    values = set(texts.values()) - {NO_VALUE}
    if len(values) > MOST_VALUES:
        raise InputError(
            f"--slice {name}: has {len(values):,} different values, which is more than can be told "
            f"apart ({MOST_VALUES}); choose a column with fewer"
        )
    ordered = sorted(values, key=_number_or_text(numbers is not None))
    return Slice(name, texts, tuple(ordered))


def cut_up(values: pd.DataFrame, slicing: Slice) -> Iterator[tuple[str, pd.DataFrame]]:
    """The value and the rows of each slice that has any, in their order. values: with an item_id."""
    of = slice_of(values, slicing)
    for value in (*slicing.values, NO_VALUE):
        part = values[of == value]
        if len(part):
            yield value, part


def slice_of(values: pd.DataFrame, slicing: Slice) -> pd.Series[Any]:
    """The slice's value of every row."""
    return values["item_id"].astype(object).map(slicing.of).fillna(NO_VALUE)


def tells_apart(slicing: Slice, item_ids: Collection[str]) -> bool:
    """True where these items have more than one value."""
    return len({slicing.of.get(item_id, NO_VALUE) for item_id in item_ids}) > 1


def thirds(numbers: Sequence[float]) -> tuple[float, float] | None:
    """The upper ends of the first and the second third, as even as ties allow; None below three values.

    Every third holds something.
    """
    values, counts = np.unique(np.asarray(numbers, dtype=float), return_counts=True)
    if len(values) < 3:
        return None
    below = np.cumsum(counts)
    first = int(np.argmin(np.abs(below[:-2] - below[-1] / 3)))
    second = first + 1 + int(np.argmin(np.abs(below[first + 1 : -1] - 2 * below[-1] / 3)))
    return float(values[first]), float(values[second])


def is_absent(value: Any) -> bool:
    """True for what stands where an item has no value."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def is_plain(value: Any) -> bool:
    """True for what can name a slice: a text, a number, true or false."""
    return isinstance(value, str | int | float | np.integer | np.floating | np.bool_)


def _cut(
    name: str,
    numbers: Mapping[str, float],
    bounds: tuple[float, float],
    names: tuple[str, str, str],
    note: str,
) -> Slice:
    places = {item: int(np.searchsorted(bounds, n, side="left")) for item, n in numbers.items()}
    return Slice(name, {item: names[place] for item, place in places.items()}, names, note)


def _numbers(found: Mapping[str, Any]) -> dict[str, float] | None:
    """The values as numbers, None where one is not: a CSV file writes numbers as texts."""
    try:
        numbers = {item: float(value) for item, value in found.items() if not _is_flag(value)}
    except (TypeError, ValueError):
        return None
    is_all = len(numbers) == len(found) and all(map(math.isfinite, numbers.values()))
    return numbers if is_all and numbers else None


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool | np.bool_)


def _text(name: str, item: str, value: Any) -> str:
    if not is_plain(value):
        raise InputError(
            f"--slice {name}: item {item!r} holds {short(value)} there; a slice needs a text or number"
        )
    if _is_flag(value):
        return "true" if value else "false"
    return value if isinstance(value, str) else f"{value:.15g}"


def _number_or_text(is_number: bool) -> Any:
    return float if is_number else str
