"""Style beside length: what headers, list items and bold passages do to a judge's verdict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from judge.analysis.pairwise_models import PAIR
from judge.controls import Term
from judge.errors import InputError, short
from judge.style_features import FEATURES, columns
from judge.table import VerdictTable


def terms(rows: pd.DataFrame) -> list[Term]:
    """A term a feature: (a - b) / (a + b + 1), divided by its root mean square, never centred.

    Features that are the same in all pairs have no term. Source: docs/methods.md.
    """
    found = [_term(rows, name) for name in FEATURES]
    return [term for term in found if term.why_not or term.column.any()]


def _term(rows: pd.DataFrame, name: str) -> Term:
    columns = [f"{name}_{side}" for side in "ab"]
    if not set(columns) <= set(rows.columns) or rows[columns].isna().any(axis=None):
        return Term(name, np.zeros(len(rows)), why_not=f"{name} of some answers are not counted")
    a, b = (rows[column].to_numpy(dtype=float) for column in columns)
    share = (a - b) / (a + b + 1)
    distinct = share[~rows.duplicated([*PAIR]).to_numpy()]
    scale = float(np.sqrt(np.mean(distinct**2))) if len(distinct) else 0.0
    return Term(name, share / scale if scale else np.zeros(len(rows)), scale)


def counted(table: VerdictTable) -> VerdictTable:
    """The table with its counts of style as numbers.

    Raises InputError where a column is not there or holds something else.
    """
    if table.mode != "pairwise":
        raise InputError("--style: tells apart what wins pairs; single answers have no pairs")
    missing = [name for name in columns() if name not in table.frame]
    if missing:
        raise InputError(
            f"--style: the verdicts lack the column {missing[0]}; log how often each answer has a "
            f"feature: {', '.join(columns())}"
        )
    return replace(table, frame=table.frame.assign(**{n: _numbers(table, n) for n in columns()}))


def _numbers(table: VerdictTable, name: str) -> pd.Series[float]:
    given = table.frame[name]
    numbers: pd.Series[float] = pd.to_numeric(given, errors="coerce").astype(float)
    wrong = given[(numbers.isna() & given.notna()) | (numbers < 0)]
    if len(wrong):
        raise InputError(f"--style: {name} holds {short(wrong.iloc[0])}; write a count, 0 or more")
    return numbers
