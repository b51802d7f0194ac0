"""How far labels lie apart: what weighted kappa and AC2 count a disagreement as."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from judge.agreement.ratings import Ratings
from judge.stats.intervals import Floats

Distance = Literal["none", "linear", "quadratic", "ordinal"]

_FORMS: dict[Distance, Callable[[Floats], Floats]] = {
    "none": lambda apart: (apart > 0).astype(float),
    "linear": lambda apart: apart,
    "quadratic": lambda apart: apart**2,
    "ordinal": lambda apart: apart * (apart + 1) / 2,
}


def distances(points: Sequence[float], kind: Distance) -> Floats:
    """0 for a label and itself, 1 for the two farthest, shape (q, q).

    points: where the labels lie. ordinal: d steps apart count as the d (d + 1) / 2 pairs of labels among
    the d + 1 that lie between them, both included; for points one apart.
    Source: Cohen 1968; Gwet 2014, chapter 3 (ordinal weights).
    """
    places = np.asarray(points, dtype=float)
    found = _FORMS[kind](np.abs(places[:, None] - places))
    largest = found.max(initial=0.0)
    return found / largest if largest > 0 else found


def points_of(r: Ratings, kind: Distance) -> Sequence[float]:
    """The labels' numbers where the scale is an interval scale, else their places on it."""
    if r.level == "interval" and r.scale_values and kind != "ordinal":
        return r.scale_values
    return range(r.q)
