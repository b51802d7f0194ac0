"""Whether labels are the random part that they are said to be, as far as the data can contradict it.

Labels of interesting items cannot be made good by more of them, so what is not random is refused. That
nothing contradicts it is no proof: only a recorded draw is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from judge.stats.correction import Sample
from judge.stats.intervals import ROUNDING, Floats, holm

REFUSED, WARNED = 0.001, 0.05  # p below which labels are refused, or warned of
NO_PROBS = (
    "hand-picked labels cannot correct, and these have no recorded inclusion_prob; draw the items to "
    "label with `judge labels draw`"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """why_not: why the labels cannot correct, "" where they can. warnings: what speaks against them."""

    why_not: str = ""
    warnings: tuple[str, ...] = ()


def of_design(samples: Sequence[Sample]) -> list[Checked]:
    """What the recorded probabilities of each sample say, with how many of its units carry a label.

    Everything labelled needs none. Probabilities of 1 beside unlabelled units, and shares that the
    probabilities make very improbable, are refused. Holm over the samples.
    """
    plain = [_without_test(sample) for sample in samples]
    shares = {
        k: share_p(sample.probs[sample.is_labelled], len(sample.human))
        for k, sample in enumerate(samples)
        if plain[k] is None and sample.probs is not None
    }
    adjusted = dict(zip(shares, holm([p for _, p in shares.values()]), strict=True))
    return [
        known or _judged(adjusted[k], _share_said(samples[k], shares[k][0]))
        for k, known in enumerate(plain)
    ]


def of_record(sample: Sample) -> Checked:
    """What is known without a test."""
    return _without_test(sample) or Checked()


def _without_test(sample: Sample) -> Checked | None:
    """The same; None where the share is to be tested."""
    labelled = sample.is_labelled
    n, m = int(labelled.sum()), len(labelled)
    if n in (0, m):
        return Checked()
    probs = np.full(m, np.nan) if sample.probs is None else sample.probs
    if bool(np.isnan(probs[labelled]).any()):
        return Checked(NO_PROBS)
    if bool((probs[labelled] >= 1).all()):
        return Checked(
            f"every label says inclusion_prob 1, that is, everything was to be labelled, and {m - n:,} of "
            f"{m:,} are not"
        )
    return None


def _share_said(sample: Sample, expected: float) -> str:
    n, m = int(sample.is_labelled.sum()), len(sample.human)
    return f"{n:,} of {m:,} are labelled where the recorded probabilities make one expect {expected:,.0f}"


def share_p(probs: Floats, m: int) -> tuple[float, float]:
    """How many labels are to be expected of m units, and the two-sided p of as many as there are.

    Exact binomial where all are as probable; else the normal p of the sum of 1 / pi, which estimates m.
    """
    n = len(probs)
    if np.ptp(probs) <= ROUNDING:
        p = float(probs[0])
        return m * p, float(stats.binomtest(n, m, p).pvalue)
    total, variance = float((1 / probs).sum()), float(((1 - probs) / probs**2).sum())
    return n * m / total, float(2 * stats.norm.sf(abs(total - m) / math.sqrt(variance)))


def of_values(samples: Sequence[Sample], names: Sequence[str]) -> Checked:
    """Whether judges rate the labelled units like all others: their mean, and how far from it they lie.

    samples: of the same labels, one a judge and system. Holm over all that is looked at.
    """
    found = [
        (name, what, p)
        for name, sample in zip(names, samples, strict=True)
        for what, values in _looked_at(sample)
        if (p := _differs_p(sample, values)) is not None
    ]
    if not found:
        return Checked()
    p, (name, what, _) = min(
        zip(holm([p for *_, p in found]), found, strict=True), key=lambda one: one[0]
    )
    return _judged(p, f"labelled and unlabelled items differ in {what} by {name}")


def _looked_at(sample: Sample) -> list[tuple[str, Floats]]:
    there = np.isfinite(sample.judged)
    middle = float(sample.judged[there].mean()) if there.any() else 0.0
    far = np.abs(sample.judged - middle)
    return [("the mean value", sample.judged), ("the spread of values", far)]


def _differs_p(sample: Sample, values: Floats) -> float | None:
    """The p of the labelled units having the mean of all, by cluster; None where nothing varies."""
    there = np.isfinite(values)
    labelled = sample.is_labelled & there
    n, m = int(labelled.sum()), int(there.sum())
    if n < 2 or m - n < 2:
        return None
    w = np.ones(len(values))
    if sample.probs is not None:
        w[labelled] = 1 / sample.probs[labelled]
    own = np.where(labelled, w, 0.0) / w[labelled].sum()
    filled = np.where(there, values, 0.0)
    middle = float(filled[there].mean())
    apart = float(own @ filled) - middle
    deviations = np.where(there, filled - middle, 0.0)
    codes = np.unique(sample.clusters, return_inverse=True)[1]
    sums = np.bincount(codes, weights=deviations * (own - np.where(there, 1 / m, 0.0)))
    g = len(np.unique(codes[labelled]))
    se = math.sqrt(float(sums @ sums))
    if se <= ROUNDING or g < 2:
        return None
    return float(2 * stats.t.sf(abs(apart) / se, g - 1))


def _judged(p: float, said: str) -> Checked:
    told = f"{said} (p = {p:.2g})" if p >= 1e-4 else f"{said} (p < 0.0001)"
    if p < REFUSED:
        return Checked(f"the labels are not a random part of what was judged: {told}")
    if p < WARNED:
        return Checked(
            warnings=(f"the labels may not be a random part of what was judged: {told}",)
        )
    return Checked()
