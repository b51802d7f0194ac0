"""What an earlier audit says of filler: the slope of a judge's verdicts when nothing but length is added."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from judge.analysis.audit_asked import AuditAsked, origin
from judge.analysis.judge_rows import JudgeRow
from judge.table import VerdictTable, from_rows
from judge.types import Estimate, Mode, Status

PADDING = "padding"  # how the names of all perturbations begin that only lengthen


@dataclass(frozen=True, slots=True)
class PaddingSlope:
    """One judge's, under one rubric, by the names that the run at hand has for them.

    slope: log-odds per doubling of an answer's length by filler; of single answers points per doubling.
    audit_judge, audit_rubric: their names in the audit.
    """

    judge: str
    rubric: str
    slope: Estimate
    audit_judge: str
    audit_rubric: str


@dataclass(frozen=True, slots=True)
class PaddedBy:
    """The audit that slopes are from. made_at: when it began, ISO 8601. warnings: who is not in it."""

    run_id: str
    made_at: str
    mode: Mode
    slopes: tuple[PaddingSlope, ...]
    warnings: tuple[str, ...] = ()

    def of(self, judge: str, rubric: str) -> PaddingSlope | None:
        """The slope of a judge under a rubric, None where the audit has none."""
        own = (s for s in self.slopes if (s.judge, s.rubric) == (judge, rubric))
        return next(own, None)


def paddings(asked: AuditAsked) -> tuple[str, ...]:
    """The perturbations of an audit that only lengthen an answer."""
    return tuple(name for name in asked.perturbations if name.startswith(PADDING))


def warnings(rows: Iterable[JudgeRow], padded: PaddedBy | None) -> Iterator[str]:
    """Where length goes with verdicts one way and filler alone moves them the other, both clearly."""
    for row in rows if padded is not None else ():
        found = padded.of(row.judge, row.rubric) if padded is not None else None
        coefficient = row.verbosity.coefficient
        if found is None or padded is None or _side(found.slope) * _side(coefficient) >= 0:
            continue
        goes, moves = ("with", "down") if _side(coefficient) > 0 else ("against", "up")
        yield (
            f"judge {row.judge} goes {goes} the longer answer here, and filler alone moves an answer {moves} "
            f"with it (audit {padded.run_id}): what goes with length in these pairs is not length itself, so "
            "the rate at equal length may take merit for bias"
        )


def _side(e: Estimate) -> int:
    """1 or -1 where an interval lies clear of 0 on that side, else 0."""
    if e.ci_low is None or e.ci_high is None or e.ci_low <= 0 <= e.ci_high:
        return 0
    return 1 if e.ci_low > 0 else -1


# -- scores of single answers ----------------------------------------------------------------------

_KEY = ("item_id", "system", "judge", "rubric", "criterion")


def padded_table(
    table: VerdictTable,
    asked: AuditAsked,
    names: Mapping[tuple[str, str], tuple[str, str]],
    answers: Collection[tuple[str, str]],
) -> VerdictTable | None:
    """The padded answers of an audit as scores of the answers that they were made from.

    names: judge and rubric in the audit -> those of the run at hand; others are left out. answers: item
    and system of the answers that are the same there. An answer padded twice has its mean score and its
    mean log length, from which the ratio of gains to lengthenings is the same as from both. None where
    nothing is left.
    """
    rows = [
        row for row in _scored(table.frame, asked) if (row["item_id"], row["system"]) in answers
    ]
    frame = pd.DataFrame([row for row in rows if (row["judge"], row["rubric"]) in names])
    if frame.empty:
        return None
    grouped = frame.groupby([*_KEY], sort=False, dropna=False)
    return from_rows("single", (_mean(key, own, names) for key, own in grouped))


def _scored(frame: pd.DataFrame, asked: AuditAsked) -> Iterator[dict[str, Any]]:
    """The scored rows about padded answers, each under the name of the system that it came from."""
    added = frozenset(paddings(asked))
    is_scored = (frame["status"] == Status.OK) & frame["score"].notna() & frame["len"].notna()
    columns = [*_KEY, "cluster", "score", "len", "simulated"]
    for values in frame.loc[is_scored, columns].astype(object).itertuples(index=False):
        row = dict(zip(columns, values, strict=True))
        row["system"], perturbation = origin(str(row["system"]), asked.perturbations)
        if perturbation in added:
            yield row


def _mean(
    key: tuple[Any, ...], own: pd.DataFrame, names: Mapping[tuple[str, str], tuple[str, str]]
) -> dict[str, Any]:
    row = dict(zip(_KEY, map(str, key), strict=True))
    row["judge"], row["rubric"] = names[row["judge"], row["rubric"]]
    mean_log = float(np.log1p(own["len"].astype(float)).mean())
    return {
        **row,
        "cluster": str(own["cluster"].iloc[0]),
        "score": float(own["score"].astype(float).mean()),
        "len": float(np.expm1(mean_log)),
        "simulated": bool(own["simulated"].iloc[0]),
    }
