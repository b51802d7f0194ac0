"""Who of a panel scores severely, and what systems score once that is taken off.

A panel's plain score stands on the answers that every family scored. The additive model stands on all
of them: it knows how severe each judge is, so that whoever was not asked is not missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from judge.stats import contrasts, severity
from judge.stats.contrasts import Contrast
from judge.stats.intervals import holm, joined, undefined
from judge.stats.panel import vote_shares
from judge.stats.scores import ScoreRow
from judge.stats.severity import AdditiveFit, Cells
from judge.stats.values import answer_values, parts, spread_failures
from judge.types import PANEL, Estimate

ADJUSTED = "severity_adjusted_score"
OF_PANEL_ONLY = "of the panel only: a judge's own severity is in its score"
OF_WHOLE_ONLY = "not computed for slices"

Scale = tuple[str, str]  # rubric, criterion


@dataclass(frozen=True, slots=True)
class Severity:
    """How far above the panel a judge scores the same answers; below 0 it is severe.

    p_value: of none, after Holm over the panel's judges. spread: its residual variance over that of all,
    None where two judges cannot be told apart.
    """

    judge: str
    estimate: Estimate
    p_value: float | None
    spread: float | None


@dataclass(frozen=True, slots=True)
class Scored:
    """The additive model of the answers to one criterion. of: system -> the codes of its answers."""

    judges: tuple[str, ...]
    cells: Cells
    fit: AdditiveFit
    of: Mapping[str, NDArray[np.int64]]


def models(frame: pd.DataFrame, groups: Mapping[str, int]) -> dict[Scale, Scored]:
    """The additive model of each rubric and criterion to which two judges gave scores.

    frame: a single table's. groups: judge -> its group of families, each group having one vote.
    """
    values = answer_values(spread_failures(frame))
    there = values[values["value"].notna()]
    found = {}
    for (rubric, criterion), own in parts(there, ["rubric", "criterion"]):
        judges = tuple(sorted(own["judge"].astype(str).unique()))
        if len(judges) > 1:
            found[rubric, criterion] = _scored(own, judges, groups)
    return found


def _scored(own: pd.DataFrame, judges: tuple[str, ...], groups: Mapping[str, int]) -> Scored:
    shares = vote_shares(judges, groups)
    systems = own["system"].astype(str).to_numpy()
    answers = own.groupby(["system", "item_id"], observed=True).ngroup().to_numpy().astype(np.int64)
    cells = Cells(
        scores=own["value"].to_numpy(dtype=float),
        items=answers,
        judges=_codes(own["judge"], judges),
        clusters=own["cluster"].cat.codes.to_numpy(),
        weights=np.array([shares[judge] for judge in judges]),
    )
    of = {system: np.unique(answers[systems == system]) for system in sorted(set(systems))}
    return Scored(judges, cells, severity.additive(cells), of)


def _codes(names: pd.Series[Any], known: Sequence[str]) -> NDArray[np.int64]:
    return pd.Index(known).get_indexer(pd.Index(names.astype(str))).astype(np.int64)


# -- the judges ----------------------------------------------------------------------------------


def severities(found: Scored, confidence: float) -> tuple[Severity, ...]:
    """The severity of each judge, Holm's correction over them."""
    if found.fit.why_not:
        none = undefined("severity", "score", found.fit.why_not, confidence)
        return tuple(Severity(judge, none, None, None) for judge in found.judges)
    parts = [severity.severity(found.fit, place) for place in range(len(found.judges))]
    counts = np.bincount(found.cells.judges, minlength=len(found.judges))
    p_values = _holm([contrasts.p_value(contrast) for contrast in parts])
    spreads = severity.spreads(found.fit, found.cells)
    return tuple(
        Severity(judge, _estimate(contrast, "severity", int(n), confidence), p, spread)
        for judge, contrast, n, p, spread in zip(
            found.judges, parts, counts, p_values, spreads, strict=True
        )
    )


def _estimate(contrast: Contrast, name: str, n: int, confidence: float, note: str = "") -> Estimate:
    e = contrasts.estimate(contrast, name=name, unit="score", n=n, confidence=confidence, note=note)
    return replace(e, method=e.method.replace("pairwise model", "additive model"))


def _holm(p_values: Sequence[float | None]) -> list[float | None]:
    adjusted = iter(holm([p for p in p_values if p is not None]))
    return [None if p is None else next(adjusted) for p in p_values]


# -- the systems ---------------------------------------------------------------------------------


def with_severity(
    rows: Iterable[ScoreRow], found: Mapping[Scale, Scored], confidence: float
) -> Iterator[ScoreRow]:
    """The rows of scores, the panel's with what its answers score once severity is taken off."""
    for row in rows:
        own = found.get((row.rubric, row.criterion))
        yield replace(row, severity_adjusted=_adjusted(row, own, confidence))


def _adjusted(row: ScoreRow, own: Scored | None, confidence: float) -> Estimate:
    why = _why_not(row, own)
    if why or own is None:
        return undefined(ADJUSTED, "score", why, confidence)
    answers = own.of[row.system]
    silent = ", ".join(sorted({*row.members} - {*own.judges}))
    e = _estimate(
        severity.mean_score(own.fit, own.cells, answers),
        ADJUSTED,
        len(answers),
        confidence,
        joined(f"without {silent}, which gave no scores" if silent else ""),
    )
    return replace(e, n_missing=max(0, row.raw.n + row.raw.n_missing - len(answers)))


def _why_not(row: ScoreRow, own: Scored | None) -> str:
    if row.judge != PANEL:
        return OF_PANEL_ONLY
    if row.slice:
        return OF_WHOLE_ONLY
    if own is None or row.system not in own.of:
        return row.raw.note or severity.NO_SCORES
    return own.fit.why_not
