"""The scores of systems as given, penalised for length and normalised to equal length, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from judge.analysis.gold import Answer
from judge.errors import InputError
from judge.stats import contrasts, lengths, scores
from judge.stats.contrasts import Contrast
from judge.stats.intervals import counted, joined, mean, undefined
from judge.stats.scores import ScoreCells, ScoreRow
from judge.table import VerdictTable
from judge.types import Estimate

LABELS, PADDING = "labels", "padding"
ADJUSTED, PENALISED = "adjusted_score", "penalised_score"
OF_WHOLE_ONLY = "not computed for slices"
NO_PENALTY = "no price of length was stated: --length-penalty"
NO_BIAS = (
    "not computed: it takes people's scores of some of these answers (--labels), or verdicts on the same "
    "answers padded (--padded)"
)
UNKNOWN = "the length of some answers is not known"
PER_DOUBLING = "score per doubling"


@dataclass(frozen=True, slots=True)
class Asked:
    """What there is to tell a bias of length by. human: answer -> people's score, on the judge's scale.

    padded: verdicts on the same answers made longer without adding anything. penalty: points for each
    doubling of the length beyond the item's median; None where none was stated.
    """

    human: Mapping[Answer, float] = field(default_factory=dict)
    padded: VerdictTable | None = None
    penalty: float | None = None


@dataclass(frozen=True, slots=True)
class LengthSlope:
    """How one judge's scores, or the panel's, on one criterion go with length, per doubling of it.

    association: as they are, right or wrong. bias: beyond merit, by `source`, "" where there is none.
    """

    judge: str
    rubric: str
    criterion: str
    association: Estimate
    bias: Estimate
    source: str


@dataclass(frozen=True, slots=True)
class _Answers:
    """The scored answers of one judge on one criterion, and what length adds to them.

    n: the answers that the bias is from.
    """

    cells: ScoreCells
    frame: pd.DataFrame
    bias: Contrast | None
    source: str
    n: int
    note: str


def with_lengths(
    rows: Iterable[ScoreRow],
    cells: Sequence[ScoreCells],
    table: VerdictTable,
    asked: Asked,
    groups: Mapping[str, int],
    confidence: float,
) -> tuple[list[ScoreRow], list[LengthSlope]]:
    """The rows with their normalised and penalised scores, and the slopes by judge and criterion."""
    padded, sizes = _padded(asked.padded, groups), _lengths(table.frame)
    known = {_key(c): _answers(c, sizes, asked, padded) for c in cells}
    done = [
        row
        if row.slice
        else _completed(row, known[row.judge, row.rubric, row.criterion], asked, confidence)
        for row in (_blank(row, confidence) for row in rows)
    ]
    return done, [_slope(own, confidence) for own in known.values() if not own.cells.why_not]


def _key(cells: ScoreCells) -> tuple[str, str, str]:
    return (cells.judge, cells.rubric, cells.criterion)


def _blank(row: ScoreRow, confidence: float) -> ScoreRow:
    return replace(
        row,
        adjusted=undefined(ADJUSTED, "score", OF_WHOLE_ONLY, confidence),
        penalised=undefined(PENALISED, "score", OF_WHOLE_ONLY, confidence),
    )


def _lengths(frame: pd.DataFrame) -> pd.Series[float]:
    """(item, system) -> its length in characters."""
    keys = [frame["item_id"].astype(str), frame["system"].astype(str)]
    return frame["len"].groupby(keys).first()


# -- the answers of one judge ----------------------------------------------------------------------


def _answers(
    cells: ScoreCells,
    known: pd.Series[float],
    asked: Asked,
    padded: Mapping[tuple[str, str, str], pd.DataFrame],
) -> _Answers:
    frame = _scored(cells, known)
    return _Answers(cells, frame, *_bias(cells, frame, asked, padded.get(_key(cells))))


def _scored(cells: ScoreCells, known: pd.Series[float]) -> pd.DataFrame:
    """One row per answer with a score: item_id, system, cluster, value, len and L, all plain."""
    parts = [own.assign(system=system) for system, own in cells.of.items()]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame["value"].notna()]
    frame = frame.assign(item_id=frame["item_id"].astype(str), cluster=frame["cluster"].astype(str))
    keys = pd.MultiIndex.from_frame(frame[["item_id", "system"]])
    size: NDArray[np.float64] = np.asarray(known.reindex(keys), dtype=np.float64)
    return frame.assign(len=size, L=lengths.log_length(size))


def _bias(
    cells: ScoreCells, frame: pd.DataFrame, asked: Asked, padded: pd.DataFrame | None
) -> tuple[Contrast | None, str, int, str]:
    """The slope of length beyond merit, where it is from, of how many answers, and what to say of it."""
    human = [asked.human.get((i, s, cells.criterion)) for i, s in _pairs(frame)]
    labelled = frame.assign(human=np.array(human, dtype=float)).dropna(subset=["human", "L"])
    if len(labelled):
        gap = _numbers(labelled, "value") - _numbers(labelled, "human")
        one = np.zeros(len(labelled))
        found = lengths.slope(gap, _numbers(labelled, "L"), _clusters(labelled), one)
        return found, LABELS, len(labelled), _few(len(labelled), "labelled answer", found)
    if padded is None:
        return None, "", 0, NO_BIAS
    both = frame.merge(padded, on=["item_id", "system"], suffixes=("", "_padded")).dropna()
    found = lengths.padding_slope(
        _numbers(both, "value_padded") - _numbers(both, "value"),
        _numbers(both, "L_padded") - _numbers(both, "L"),
        _clusters(both),
    )
    return found, PADDING, len(both), _few(len(both), "padded answer", found)


def _few(n: int, thing: str, found: Contrast | None) -> str:
    if found is None:
        return f"not computed: {counted(n, thing)} cannot tell a slope of length"
    if n >= lengths.ENOUGH:
        return ""
    return f"the slope of length is from {counted(n, thing)}; {lengths.ENOUGH} are recommended"


def _padded(
    table: VerdictTable | None, groups: Mapping[str, int]
) -> dict[tuple[str, str, str], pd.DataFrame]:
    """Judge, rubric and criterion -> the scores and lengths of the padded answers."""
    if table is None:
        return {}
    if table.mode != "single":
        raise InputError("--padded: holds verdicts on pairs; it takes scores of single answers")
    strange = sorted(set(table.frame["judge"].astype(str)) - set(groups))
    if strange:
        raise InputError(f"--padded: judge {strange[0]!r} is not in the verdicts; keep its name")
    known = _lengths(table.frame)
    return {
        _key(cells): _scored(cells, known)[["item_id", "system", "value", "L"]]
        for cells in scores.score_cells(table.frame, groups)
    }


# -- what is made of them --------------------------------------------------------------------------


def _completed(row: ScoreRow, own: _Answers, asked: Asked, confidence: float) -> ScoreRow:
    return replace(
        row,
        adjusted=_adjusted(row, own, confidence),
        penalised=_penalised(row, own, asked.penalty, confidence),
    )


def _adjusted(row: ScoreRow, own: _Answers, confidence: float) -> Estimate:
    """The score at the mean log length of all answers that the judge scored."""
    answers = own.frame[own.frame["system"] == row.system]
    why = own.cells.why_not or (own.note if own.bias is None else "")
    if not why and own.frame["L"].isna().any():
        why = UNKNOWN
    if why or own.bias is None:
        return undefined(ADJUSTED, "score", why, confidence, row.raw.n_missing)
    return lengths.normalised(
        _numbers(answers, "value"),
        _numbers(answers, "L"),
        _clusters(answers),
        own.bias,
        float(own.frame["L"].mean()),
        confidence=confidence,
        n_missing=row.raw.n_missing,
        note=own.note,
    )


def _penalised(row: ScoreRow, own: _Answers, points: float | None, confidence: float) -> Estimate:
    why = own.cells.why_not or (NO_PENALTY if points is None else "")
    if not why and own.frame["len"].isna().any():
        why = UNKNOWN
    if why or points is None:
        return undefined(PENALISED, "score", why, confidence, row.raw.n_missing)
    medians = own.frame.groupby("item_id")["len"].transform("median")
    answers = own.frame.assign(median=medians)[own.frame["system"] == row.system]
    price = lengths.penalised(
        _numbers(answers, "value"), _numbers(answers, "len"), _numbers(answers, "median"), points
    )
    n_systems = own.frame["system"].nunique()
    alone = "a sole system is never above the median" if n_systems < 2 else ""
    e = mean(
        price,
        _clusters(answers),
        name=PENALISED,
        unit="score",
        confidence=confidence,
        n_missing=row.raw.n_missing,
        note=alone,
    )
    said = f"minus {points:g} for each doubling of the length beyond the item's median"
    return replace(e, method=joined(e.method, said))


def _slope(own: _Answers, confidence: float) -> LengthSlope:
    frame = own.frame.dropna(subset=["L"])
    found = lengths.slope(
        _numbers(frame, "value"),
        _numbers(frame, "L"),
        _clusters(frame),
        frame["system"].to_numpy(dtype=object),
    )
    cells = own.cells
    return LengthSlope(
        judge=cells.judge,
        rubric=cells.rubric,
        criterion=cells.criterion,
        association=_estimate(
            found, "length_association", len(frame), "lengths do not vary", confidence
        ),
        bias=_estimate(own.bias, "length_bias", own.n, own.note, confidence),
        source=own.source,
    )


def _estimate(found: Contrast | None, name: str, n: int, note: str, confidence: float) -> Estimate:
    """A slope per doubling of the length."""
    if found is None:
        return undefined(name, PER_DOUBLING, note, confidence)
    scaled = replace(
        found,
        value=found.value * lengths.DOUBLING,
        influence=found.influence * lengths.DOUBLING,
    )
    e = contrasts.estimate(scaled, name=name, unit=PER_DOUBLING, n=n, confidence=confidence)
    return replace(e, method=e.method.replace("pairwise model; sandwich", "slope; sandwich"))


def _pairs(frame: pd.DataFrame) -> Iterator[tuple[str, str]]:
    return zip(frame["item_id"], frame["system"].astype(str), strict=True)


def _numbers(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    return frame[name].to_numpy(dtype=np.float64)


def _clusters(frame: pd.DataFrame) -> NDArray[Any]:
    return frame["cluster"].to_numpy(dtype=str)
