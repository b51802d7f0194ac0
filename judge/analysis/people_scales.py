"""On which scale a criterion was judged and labelled, and where on it a label or a score stands.

The whole scale is needed, and not only what occurs: weighted kappa hangs on the points that nobody used.
A rubric says it; where none is known the numbers that occur are taken, with the whole ones between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from judge.errors import InputError, short
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
