"""Whether a judge errs more often than it did on questions whose answers are known.

The same questions are asked run after run, so their errors are not independent draws: a question that was
hard stays hard. Each question (anchor) is therefore held against itself. Were the judge unchanged, what it
made of a question in the last run could as well have been what it made of it in any other. So given its
errors on each question in all runs, those of the last follow from counting alone: no rate is assumed, and a
reference of one lucky run cannot raise an alarm. With one earlier run and one presentation a question this is
McNemar's exact test. Orders and repeats of a question may err together; questions err apart.

The p-values of the runs are independent where nothing changed, each following from the counts so far and
from nothing before them (Vovk, Nouretdinov and Gammerman 2003; Vovk, Gammerman and Shafer 2005, on-line
compression models), so that bets on them may be multiplied and looked at after every run (Ville 1939).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from judge.stats.intervals import Floats
from judge.stats.proportions import rate
from judge.types import Estimate

ALPHA = 0.05

# Shares of the capital that are put at stake on each run: small ones last through years of quiet runs,
# large ones find a slow rise. Their capitals are averaged, so that no one need be chosen.
STAKES: Floats = np.array([0.05, 0.2, 0.5, 1.0])

# A p-value below this is not told apart from it: its e-value would not be a float.
SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class Step:
    """One run among those before it. error_rate: of its presentations that have a verdict.

    newly_wrong, newly_right: presentations that were right, or wrong, in the first run and now are not;
    reference_p_value: of so many more newly wrong, given both (McNemar, exact, one-sided).
    p_value: of so many errors given all runs so far; e_value: the evidence against an unchanged judge
    after this run; alarm: it has reached 1 / alpha, now or before. The first run has none of them.
    """

    error_rate: Estimate
    newly_wrong: int | None = None
    newly_right: int | None = None
    reference_p_value: float | None = None
    p_value: float | None = None
    e_value: float | None = None
    alarm: bool = False


def steps(errors: Floats, anchors: Sequence[str] | None = None, alpha: float = ALPHA) -> list[Step]:
    """What each run says, in their order.

    errors: shape (n_runs, n_presentations), 1 wrong, 0 right, NaN without a verdict, which is no error.
    anchors: the question that each presentation is of, shape (n_presentations,); None: one of each.
    Half of alpha goes to the product of bets on the p-values, half to single runs far off, of which the
    t-th after the first gets 1 / (t (t + 1)): together the chance of ever a false alarm is at most alpha.
    """
    names = np.arange(errors.shape[1]) if anchors is None else np.asarray(anchors)
    found: list[Step] = []
    capital, far_off, reached = np.ones(len(STAKES)), 0, False
    for t, row in enumerate(errors):
        if t == 0:
            found.append(Step(_rate(row)))
            continue
        p = p_value(errors[: t + 1], names)
        capital = capital * (1 - STAKES + STAKES * bet(p))
        far_off += p <= alpha / 2 / (t * (t + 1))
        e_value = float(capital.mean()) / 2 + far_off / alpha
        # Rounding must not hide a single run that used up exactly its share.
        reached = reached or e_value >= (1 - 1e-12) / alpha
        worse, better = changes(errors[0], row)
        found.append(
            Step(
                error_rate=_rate(row),
                newly_wrong=worse,
                newly_right=better,
                reference_p_value=mcnemar_worse(worse, better),
                p_value=p,
                e_value=e_value,
                alarm=reached,
            )
        )
    return found


def p_value(errors: Floats, anchors: NDArray[Any]) -> float:
    """The p of as many errors in the last run, given those on each question in all runs.

    errors: shape (n_runs, n_presentations); anchors: the question of each. A question's number of errors in
    the last run is any of those that it had in the runs with the same verdicts there, each as likely; the
    distribution of the sum over questions is exact.
    """
    last = errors[-1]
    told = np.isfinite(last)
    numbers = np.unique(anchors[told], return_inverse=True)[1]
    widest = int(np.bincount(numbers, minlength=1).max())
    counts = _counts(
        errors[:, told], numbers
    )  # (n_runs, n_questions), NaN where a verdict is lacking
    chances = np.stack([np.nanmean(_is(counts, k), axis=0) for k in range(widest + 1)], axis=1)
    return at_least(chances, int(last[told].sum()))


def _counts(errors: Floats, numbers: NDArray[np.int64]) -> Floats:
    """The errors of each run on each question; NaN where one of its verdicts is lacking."""
    order = np.argsort(numbers, kind="stable")
    starts = np.unique(numbers[order], return_index=True)[1]
    if not len(starts):
        return np.zeros((len(errors), 0))
    return np.asarray(np.add.reduceat(errors[:, order], starts, axis=1))


def _is(counts: Floats, k: int) -> Floats:
    return np.where(np.isnan(counts), np.nan, counts == k)


def at_least(chances: Floats, k: int) -> float:
    """The probability that independent counts sum to k or more.

    chances: of each count's being 0, 1, ...; shape (n_counts, widest + 1).
    """
    mass = np.ones(1)
    kinds, times = np.unique(chances, axis=0, return_counts=True)
    for kind, n in zip(kinds, times.tolist(), strict=True):
        mass = np.convolve(mass, _sum_of(kind, n))
    return 1.0 if k <= 0 else float(min(mass[k:].sum(), 1.0))


def _sum_of(chances: Floats, n: int) -> Floats:
    """The distribution of the sum of n counts alike."""
    found, power = np.ones(1), chances
    while n:
        if n & 1:
            found = np.convolve(found, power)
        power = np.convolve(power, power) if n > 1 else power
        n >>= 1
    return found


def bet(p: float) -> float:
    """The e-value of a p-value: (1 - p + p ln p) / (p (ln p)^2), and a half at 1.

    The mean of k p^(k-1) over k from 0 to 1. Source: Vovk and Wang 2021, section 2.
    """
    if p > 1 - 1e-4:  # where the difference of nearly equal numbers is lost to rounding
        return 0.5
    own = max(p, SMALLEST)
    log = math.log(own)
    return (1 - own + own * log) / (own * log**2)


def changes(before: Floats, after: Floats) -> tuple[int, int]:
    """How many presentations are newly wrong and newly right; those without a verdict are neither."""
    return int(((before == 0) & (after == 1)).sum()), int(((before == 1) & (after == 0)).sum())


def mcnemar_worse(worse: int, better: int) -> float:
    """The one-sided p of so many more that got worse, were both equally likely; 1 where none changed."""
    return float(special.bdtrc(worse - 1, worse + better, 0.5)) if worse else 1.0


def _rate(row: np.ndarray[Any, np.dtype[np.float64]]) -> Estimate:
    told = np.isfinite(row)
    wrong, n = int(np.nansum(row)), int(told.sum())
    return rate(
        wrong,
        n,
        name="anchor_error",
        n_missing=int((~told).sum()),
        note="" if n else "no anchor has a verdict in this run",
    )
