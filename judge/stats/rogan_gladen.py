"""A share as people would have it, from how often a binary judge is right on either class.

For labels that were sampled by their true class, or on other items than those that were judged. Where
labels are a random part of what was judged it is wider than ignoring the judge: judge.stats.correction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

from judge.stats.intervals import undefined
from judge.stats.proportions import wilson
from judge.types import Estimate

LEAST_J = 0.2  # of sensitivity + specificity - 1; below it the correction multiplies noise by five


@dataclass(frozen=True, slots=True)
class RightOf:
    """How a judge did on labels of one class: right on k of n."""

    k: int
    n: int

    @property
    def share(self) -> float:
        return self.k / self.n


def rogan_gladen(
    said: RightOf,
    negatives: RightOf,
    positives: RightOf,
    *,
    name: str = "rogan_gladen",
    confidence: float = 0.95,
) -> Estimate:
    """(p + q0 - 1) / (q0 + q1 - 1), cut to [0, 1], with the interval of Lee et al.

    said: how many of the unlabelled items the judge calls positive (p). negatives: of the labelled true
    negatives those that it calls so (q0), positives: likewise (q1). Undefined where q0 + q1 - 1 is below
    LEAST_J, or an interval of it holds 0: the formula would then invert, or multiply noise.
    Source: Rogan and Gladen 1978; Lee et al. 2511.21140 (the shifted interval with added counts).
    """
    if min(said.n, negatives.n, positives.n) < 1:
        return undefined(name, "rate", "labels of both classes are needed", confidence)
    j = negatives.share + positives.share - 1
    if j < LEAST_J or _low_j(negatives, positives, confidence) <= 0:
        why = (
            f"sensitivity + specificity - 1 is {j:.2f}: too near 0 to correct by (at least {LEAST_J:g}, "
            "with an interval above 0)"
        )
        return undefined(name, "rate", why, confidence)
    value = min(max((said.share + negatives.share - 1) / j, 0.0), 1.0)
    low, high, se = _lee(said, negatives, positives, confidence)
    n_labels = negatives.n + positives.n
    return Estimate(
        name,
        value,
        se=se,
        ci_low=low,
        ci_high=high,
        confidence=confidence,
        unit="rate",
        n=said.n,
        n_clusters=n_labels,
        method="Rogan-Gladen; interval of Lee et al.",
        note=f"from {n_labels:,} labels sampled by class",
    )


def _lee(
    said: RightOf, negatives: RightOf, positives: RightOf, confidence: float
) -> tuple[float, float, float]:
    """Both ends and the standard error."""
    z = float(stats.norm.ppf((1 + confidence) / 2))
    n, m0, m1 = said.n + z**2, negatives.n + 2, positives.n + 2
    p, q0, q1 = (said.k + z**2 / 2) / n, (negatives.k + 1) / m0, (positives.k + 1) / m1
    j = q0 + q1 - 1
    theta = (p + q0 - 1) / j
    v0, v1 = q0 * (1 - q0) / m0, q1 * (1 - q1) / m1
    shift = 2 * z**2 * (theta * v1 - (1 - theta) * v0)
    se = math.sqrt(p * (1 - p) / n + (1 - theta) ** 2 * v0 + theta**2 * v1) / j
    low, high = theta + shift - z * se, theta + shift + z * se
    return min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0), se


def _low_j(negatives: RightOf, positives: RightOf, confidence: float) -> float:
    """The lower end of sensitivity + specificity - 1, by the square root of both Wilson distances.

    Source: Newcombe 1998, method 10, of a sum of two independent shares.
    """
    below = [one.share - wilson(one.k, one.n, confidence)[0] for one in (negatives, positives)]
    return negatives.share + positives.share - 1 - math.hypot(*below)


def allocation(p: float, q0: float, q1: float, pilot: int, m: int) -> tuple[int, int]:
    """How many of m labels go to true negatives and to true positives for the narrowest interval.

    p: the share that the judge calls positive. q0, q1: from a pilot of so many labels of either class.
    Source: Lee et al. 2511.21140.
    """
    kappa = (pilot * (1 - q0) + 1) / (pilot * (1 - q1) + 1)
    m1 = round(m / (1 + (1 / p - 1) * math.sqrt(kappa)))
    return m - m1, m1
