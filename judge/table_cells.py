"""Reads the cells of a verdict table, so that a row from JSON and one from CSV mean the same.

A converter takes a cell as it came and says what is wrong with it in a ValueError; a Reader adds which
row and field it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import pandas as pd

from judge.errors import InputError, short
from judge.names import check_name

# Sums of squares of more would pass what a float can hold.
_LARGEST = 1e100
_MOST_REPEATS = 1_000_000
_LONGEST = 2**40  # characters: more than any machine holds


@dataclass(frozen=True, slots=True)
class Reader:
    """Rows as they came, and how to name one of them in a message.

    numbers: each row's own, where they do not count up from first_row. names: of all fields that any
    row has, in the order in which they come.
    """

    rows: Sequence[Mapping[str, Any]]
    source: str
    first_row: int
    numbers: Sequence[int] = ()
    names: Mapping[str, None] = field(init=False)

    def __post_init__(self) -> None:
        # Most tables lack most columns, and need not be searched for them.
        found = dict.fromkeys(name for row in self.rows for name in row)
        object.__setattr__(self, "names", found)

    def column(self, field: str, convert: Callable[[Any], Any]) -> list[Any]:
        """One field of every row, converted."""
        if self.rows and field not in self.names:
            return [self._converted(0, field, convert)] * len(self.rows)
        out = []
        for index, row in enumerate(self.rows):
            try:
                out.append(convert(row.get(field)))
            except ValueError as error:
                self.fail(index, field, str(error))
        return out

    def _converted(self, index: int, field: str, convert: Callable[[Any], Any]) -> Any:
        try:
            return convert(self.rows[index].get(field))
        except ValueError as error:
            self.fail(index, field, str(error))

    def extras(self, known: Collection[str]) -> dict[str, pd.Series[Any]]:
        """The columns that are not ours and hold anything at all, as they came."""
        found = {n: [row.get(n) for row in self.rows] for n in self.names if n not in known}
        return {
            str(name): pd.Series(values, dtype=object)
            for name, values in found.items()
            if any(value is not None for value in values)
        }

    def number(self, index: int) -> int:
        """How people count the row."""
        return self.numbers[index] if self.numbers else self.first_row + index

    def fail(self, index: int, field: str, problem: str) -> NoReturn:
        """Raises InputError that names the row and its field."""
        raise InputError(f"{self.source}, row {self.number(index)}, field `{field}`: {problem}")


def to_text(value: Any) -> str:
    """A text, "" where absent; numbers become texts, as they would be in a CSV file."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{short(value)} is not a text; write it in quotes")
    return str(int(value)) if value == int(value) else str(value)


def to_word(value: Any) -> str:
    """A name, "" where absent."""
    text = to_text(value)
    check_name(text)
    return text


def to_name(value: Any) -> str:
    """A name that is there."""
    text = to_word(value)
    if not text.strip():
        raise ValueError("is empty; every row needs it")
    return text


def to_number(value: Any) -> float:
    """A finite number, NaN where absent."""
    if value is None or value == "":
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{short(value)} is not a number")
    try:
        number = float(value)
    except ValueError:
        raise ValueError(
            f"{short(value)} is not a number; leave it empty where there is none"
        ) from None
    if not math.isfinite(number):
        raise ValueError(
            f"{short(value)} is not a finite number; leave it empty where there is none"
        )
    if abs(number) > _LARGEST:
        raise ValueError(f"{short(value)} is too large for a number; check what the column holds")
    return number


def to_probability(value: Any) -> float:
    """A number from 0 to 1, NaN where absent."""
    number = to_number(value)
    if number < 0 or number > 1:
        raise ValueError(f"{short(value)} is outside 0 to 1; it is P(a better) + half P(tie)")
    return number


def to_share(value: Any) -> float:
    """A number from 0 to 1, NaN where absent."""
    number = to_number(value)
    if number < 0 or number > 1:
        raise ValueError(f"{short(value)} is outside 0 to 1; it is a share")
    return number


def to_length(value: Any) -> float:
    """A number from 0 on, NaN where absent."""
    number = to_number(value)
    if number < 0 or number > _LONGEST:
        problem = "below 0" if number < 0 else "longer than any text"
        raise ValueError(f"{short(value)} is {problem}; it counts characters")
    return number


def to_repeat(value: Any) -> int:
    """A whole number from 0 on, 1 where absent."""
    number = to_number(value)
    if math.isnan(number):
        return 1
    if not 0 <= number <= _MOST_REPEATS or number != int(number):
        raise ValueError(f"{short(value)} is not a whole number from 0 to {_MOST_REPEATS:,}")
    return int(number)


def to_flag(value: Any) -> bool:
    """True or false, false where absent."""
    if value is None or value == "":
        return False
    found = {"true": True, "false": False, "1": True, "0": False}.get(str(value).lower())
    if found is None:
        raise ValueError(f"{short(value)} is neither true nor false")
    return found


def one_of(admissible: Sequence[str]) -> Callable[[Any], str]:
    """The converter that takes these texts and no other."""
    known = frozenset(admissible)

    def convert(value: Any) -> str:
        text = to_text(value)
        if text not in known:
            raise ValueError(
                f"{short(text)} is not one of {', '.join(a for a in admissible if a)}, or empty"
            )
        return text

    return convert
