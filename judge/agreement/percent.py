"""Percent agreement: simple, and blind to chance, so it comes with the rate that needs no skill."""

from __future__ import annotations

from collections import Counter

import numpy as np

from judge.agreement import Coefficient, Labels
from judge.stats.intervals import mean
from judge.types import Estimate


def percent(judge: Labels, *raters: Labels, confidence: float = 0.95) -> Estimate:
    """The share of raters whose label the judge gave, averaged over items that both labelled.

    An item counts once, however many raters it has. The note says how often the commonest label of the
    raters would have agreed.
    """
    others = list(zip(*raters, strict=True))
    pairs = [
        (own, [label for label in labels if label is not None])
        for own, labels in zip(judge, others, strict=True)
    ]
    both = [(own, labels) for own, labels in pairs if own is not None and labels]
    shares = np.array([labels.count(own) / len(labels) for own, labels in both])
    return mean(
        shares,
        np.arange(len(shares)),
        name="percent",
        unit="rate",
        bounds=(0.0, 1.0),
        confidence=confidence,
        n_missing=len(pairs) - len(both),
        note=_base_rate([labels for _, labels in both]),
    )


def _base_rate(labels: list[list[str | float]]) -> str:
    """What always giving the raters' commonest label would reach."""
    if not labels:
        return "no item has a label of the judge and of a rater"
    common, _ = Counter(label for own in labels for label in own).most_common(1)[0]
    rate = sum(own.count(common) / len(own) for own in labels) / len(labels)
    return f"always {common!r} would agree on {rate:.3f}"


COEFFICIENT = Coefficient("percent", percent)
