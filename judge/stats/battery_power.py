"""The shift that a battery would have shown with 80 % power, by the noise of verdicts nothing was done to."""

from __future__ import annotations

import functools
import math

import numpy as np
from scipy import stats

from judge.stats import sign_flip
from judge.stats.battery_effect import PASSED, Case, shifts, success_of
from judge.stats.intervals import Floats

POWER = 0.8
_DIGITS = 9  # scores nearer to each other are the same


def smallest(case: Case, level: float) -> float | None:
    """The smallest shift of a case that is found at this level of p with 80 % power or a little more.

    None where nothing was asked twice, where so few items can show nothing, and of null answers to be
    scored, whose test is of a rate.
    """
    b, r = case.base, case.repeat
    twice = ~np.isnan(b) & ~np.isnan(r)
    n = len(shifts(case))
    if not n or not twice.any() or (case.is_score and case.is_null):
        return None
    if case.is_score:
        return _of_scores(b[twice], r[twice], n, level)
    level = 2 * level if case.is_null else level
    if not case.against_repeat:
        return smallest_shown(n, float((b != r)[twice].mean()) / 2, level)
    kept = twice & case.lost
    won = float((r[kept] > 0).mean()) if kept.any() else 0.0
    # Where b chose the target r differs from it on 2 w (1 - w) of items, whichever their w; else the
    # items' w are not known, and w (1 - w) is largest where all are the same.
    return smallest_shown(n, won / 2 if case.chosen_by_base else won * (1 - won), level)


def least_p(case: Case) -> float:
    """The least p that so many items could have shown."""
    if case.is_null and case.is_score:
        return PASSED ** success_of(case).n
    n = len(shifts(case))
    return float(0.5**n) if case.is_null else float(min(1.0, 0.5 ** (n - 1)))


@functools.lru_cache(maxsize=256)
def smallest_shown(n: int, noise: float, level: float) -> float | None:
    return sign_flip.smallest_shown(n, noise, alpha=level, power_wanted=POWER)


def _of_scores(b: Floats, r: Floats, n: int, level: float) -> float | None:
    """In points, where some items rise by one step of the scores that the judge gives.

    A shift d then has the variance of noise and d step - d^2 more. The test takes the differences' squares
    as they are, so that n d^2 = z^2 (noise + step d). Numbers without steps leave z sd / sqrt(n).
    """
    steps = np.diff(np.unique(np.round(np.concatenate([b, r]), _DIGITS)))
    if not len(steps) or smallest_shown(n, 0.0, level) is None:
        return None
    step, noise = float(steps.min()), float(np.mean((r - b) ** 2))
    z2 = float(stats.norm.ppf(1 - level / 2) + stats.norm.ppf(POWER)) ** 2
    return (z2 * step + math.sqrt(z2**2 * step**2 + 4 * n * z2 * noise)) / (2 * n)
