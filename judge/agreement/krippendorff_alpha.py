"""Krippendorff's alpha: agreement of any number of raters, with gaps, at any level of measurement."""

from __future__ import annotations

from collections.abc import Sequence

import krippendorff
import numpy as np

from judge.agreement import NO_VARIATION, Coefficient, Label, Labels
from judge.errors import InputError
from judge.stats.intervals import undefined
from judge.types import Estimate, Level


def krippendorff_alpha(
    judge: Labels,
    *raters: Labels,
    level: Level = "nominal",
    labels: Sequence[Label] = (),
    confidence: float = 0.95,
) -> Estimate:
    """Alpha over items with at least two labels; None where all of these are the same.

    labels: the scale, lowest first; needed where an ordinal scale has words for labels, since the
    alphabet is not their order. An interval scale has numbers. No interval is given.
    Source: Krippendorff 2011 (Computing Krippendorff's alpha-reliability).
    """
    items = [
        [label for label in item if label is not None] for item in zip(judge, *raters, strict=True)
    ]
    paired = [item for item in items if len(item) > 1]
    n_missing = len(items) - len(paired)
    domain = _domain({label for item in paired for label in item}, level, labels)
    if len({label for item in paired for label in item}) < 2:
        why = NO_VARIATION if paired else "no item has two labels"
        return undefined("krippendorff_alpha", "coefficient", why, confidence, n_missing)
    counts = np.array([[item.count(label) for label in domain] for item in paired])
    value = krippendorff.alpha(
        value_counts=counts,
        value_domain=domain if level == "interval" else range(len(domain)),
        level_of_measurement=level,
    )
    return Estimate(
        name="krippendorff_alpha",
        value=float(value),
        confidence=confidence,
        unit="coefficient",
        n=len(paired),
        n_clusters=len(paired),
        n_missing=n_missing,
        method=f"{level} alpha",
        note="no interval computed",
    )


def _domain(found: set[Label], level: Level, labels: Sequence[Label]) -> list[Label]:
    """The labels that occur, in the scale's order. Raises InputError where they have none."""
    if labels and not found <= set(labels):
        unknown = ", ".join(sorted(repr(label) for label in found - set(labels)))
        raise InputError(f"labels outside the scale {list(labels)}: {unknown}")
    words = any(isinstance(label, str) for label in found)
    if words and (level == "interval" or (level == "ordinal" and not labels)):
        raise InputError(
            f"{level} alpha of words such as {sorted(map(str, found))[0]!r}: pass numbers"
            + ("" if level == "interval" else ", or `labels` in their order")
        )
    if labels:
        return [label for label in labels if label in found]
    return sorted(found, key=str) if words else sorted(found, key=float)


COEFFICIENT = Coefficient("krippendorff_alpha", krippendorff_alpha)
