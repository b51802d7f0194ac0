"""Rows in memory as the files that a format reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from judge.errors import InputError
from judge.formats import Answers, Format, Rows
from judge.table import VerdictTable
from judge.types import HumanLabel

Raw = list[dict[str, Any]]


def files(**roles: Raw) -> dict[str, Rows]:
    """Role -> numbered rows, as records.py would give them."""
    return {
        role: Rows(source=f"{role}.jsonl", stem=role, rows=enumerate(rows, 1))
        for role, rows in roles.items()
    }


def verdicts(format: Format, rows: Raw, **beside: Raw) -> VerdictTable:
    table: VerdictTable = format.reads["verdicts"](files(verdicts=rows, **beside))
    return table


def responses(format: Format, rows: Raw, **beside: Raw) -> Answers:
    answers: Answers = format.reads["responses"](files(responses=rows, **beside))
    return answers


def labels(format: Format, rows: Raw) -> tuple[HumanLabel, ...]:
    found: tuple[HumanLabel, ...] = format.reads["labels"](files(labels=rows))
    return found


def refusal(format: Format, role: str, rows: Raw, **beside: Raw) -> str:
    """What is said of rows that cannot be read."""
    with pytest.raises(InputError) as caught:
        format.reads[role](files(**{role: rows}, **beside))
    return str(caught.value)


def column(table: VerdictTable, name: str) -> list[Any]:
    """A column as plain values; a number that is not there is None."""
    values = table.frame[name].astype(object).tolist()
    return [None if value != value else value for value in values]


def first(table: VerdictTable) -> Mapping[str, Any]:
    """The first row as plain values."""
    return {str(name): column(table, str(name))[0] for name in table.frame.columns}
