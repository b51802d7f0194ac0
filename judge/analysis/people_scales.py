"""On which scale a criterion was judged and labelled, and where on it a label or a score stands.

The whole scale is needed, and not only what occurs: weighted kappa hangs on the points that nobody used.
A rubric says it; where none is known the numbers that occur are taken, with the whole ones between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from judge.errors import InputError, cut, short
from judge.stats.intervals import Floats
from judge.types import Scale

Codes = NDArray[np.int64]  # places on a scale, -1 where there is none

PAIRS = Scale(level="nominal", labels=("b", "tie", "a"), values=(0.0, 0.5, 1.0), tie_label="tie")

MOST_POINTS = 21  # with more a scale is a continuum: no two scores agree but by chance


def scale_found(labels: Iterable[str], scores: Sequence[float]) -> Scale:
    """The scale of what occurs: the numbers where there are any, else the words in no order.

    Whole numbers get those between them. More than MOST_POINTS numbers are a continuum, whose scale has
    neither labels nor values.
    """
    if not len(scores):
        return Scale(level="nominal", labels=tuple(sorted(set(labels))))
    found = sorted({float(score) for score in scores})
    if all(number == int(number) for number in found) and found[-1] - found[0] < MOST_POINTS:
        found = [float(number) for number in range(int(found[0]), int(found[-1]) + 1)]
    if len(found) > MOST_POINTS:
        return Scale(level="interval", labels=())
    return Scale(
        level="ordinal", labels=tuple(f"{number:g}" for number in found), values=tuple(found)
    )


def codes_of(scale: Scale, labels: Sequence[str], scores: Floats, who: str) -> Codes:
    """Where on the scale each row stands: by its label where the scale has that, else by its score.

    labels: "" where there is none; scores: NaN where there is none. Rows with neither, and all rows of a
    continuum, are -1. Raises InputError for a row that is not on the scale; who: whose rows these are.
    """
    if not scale.labels:
        return np.full(len(labels), -1)
    by_label = {label: code for code, label in enumerate(scale.labels)}
    by_value = {value: code for code, value in enumerate(scale.values)}
    found = [_code(by_label, by_value, *row) for row in zip(labels, scores.tolist(), strict=True)]
    if None in found:
        place = found.index(None)
        said = labels[place] or f"{scores[place]:g}"
        raise InputError(
            f"{who}: {short(said)} is not on the scale {', '.join(scale.labels)}; name the whole scale with "
            "--scale, or correct the row"
        )
    return np.array(found, dtype=np.int64)


def _code(
    by_label: Mapping[str, int], by_value: Mapping[float, int], label: str, score: float
) -> int | None:
    """The place of one row, -1 where it says nothing, None where it is off the scale."""
    if not label and score != score:
        return -1
    if label in by_label:
        return by_label[label]
    return by_value.get(score)


def beyond(people: Floats, judges: Mapping[str, Floats]) -> Iterator[str]:
    """A question for each judge whose scores, or for whom the labels, run on by a whole range of the other's.

    Scores to 10 and labels to 5 are else one scale of ten points, on which hardly any two are equal.
    """
    ends = _ends(people)
    for judge, scores in judges.items():
        own = _ends(scores)
        if ends is None or own is None or not (_is_beyond(own, ends) or _is_beyond(ends, own)):
            continue
        yield (
            f"labels run from {ends[0]:g} to {ends[1]:g} and scores of {cut(judge)} from {own[0]:g} to "
            f"{own[1]:g}: are they on one scale? They are taken as if they were; `judge agree --scale` names "
            "the whole one"
        )


def _ends(numbers: Floats) -> tuple[float, float] | None:
    there = numbers[np.isfinite(numbers)]
    return (float(there.min()), float(there.max())) if len(there) else None


def _is_beyond(one: tuple[float, float], other: tuple[float, float]) -> bool:
    width = other[1] - other[0]
    return width > 0 and max(one[1] - other[1], other[0] - one[0]) >= width
