"""Intervals of what length does to single scores, and of means brought to equal length."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.simulations.other_intervals import GROUP, held
from benchmarks.simulations.study import Coverage, Random
from judge.stats import contrasts
from judge.stats.contrasts import Contrast
from judge.stats.lengths import normalised, padding_slope, slope
from judge.types import Estimate

BIAS, MERIT = 0.5, 0.3  # points a unit of log length: what the judge adds, and what people do too
LONGER, REFERENCE = (
    0.3,
    6.0,
)  # how much longer the new system's answers are, and the length of the base's


def studies() -> Iterator[Coverage]:
    for n_items, n_labelled in ((100, 50), (300, 100)):
        yield single_scores(n_items, n_labelled)


def single_scores(n_items: int, n_labelled: int) -> Coverage:
    """Two systems' answers to the same items; people scored some, and some were padded and scored anew."""
    items = np.tile(np.arange(n_items), 2)
    is_new = np.repeat([1.0, 0.0], n_items)
    labelled = items < n_labelled

    def draw(random: Random) -> dict[str, Estimate]:
        shared = random.normal(size=n_items)[items]
        lengths = REFERENCE + LONGER * is_new + 0.5 * random.normal(size=2 * n_items)
        quality = 3 + MERIT * (lengths - REFERENCE) + 0.5 * shared
        quality += 0.5 * random.normal(size=2 * n_items)
        scores = quality + BIAS * (lengths - REFERENCE) + 0.4 * random.normal(size=2 * n_items)
        beyond = scores - quality - 0.4 * random.normal(size=2 * n_items)
        lengthened = 0.5 + 0.2 * random.random(n_labelled)
        gains = BIAS * lengthened + 0.5 * random.normal(size=n_labelled)
        one = np.zeros(n_labelled * 2)
        with_people = slope(beyond[labelled], lengths[labelled], items[labelled], one)
        padded = padding_slope(gains, lengthened, np.arange(n_labelled))
        went = slope(scores, lengths, items, is_new)
        assert with_people is not None
        assert padded is not None
        assert went is not None
        own = is_new > 0
        return {
            "association with length": _estimate(went, 2 * n_items),
            "bias beside people": _estimate(with_people, 2 * n_labelled),
            "bias by padding": _estimate(padded, n_labelled),
            "mean at equal length, by people": normalised(
                scores[own], lengths[own], items[own], with_people, REFERENCE
            ),
            "mean at equal length, by padding": normalised(
                scores[own], lengths[own], items[own], padded, REFERENCE
            ),
        }

    true = 3 + MERIT * LONGER
    truths = {
        "association with length": BIAS + MERIT,
        "bias beside people": BIAS,
        "bias by padding": BIAS,
        "mean at equal length, by people": true,
        "mean at equal length, by padding": true,
    }
    name = f"scores of {n_items} items, {n_labelled} of them labelled and padded"
    return Coverage(GROUP, name, draw, held(truths))


def _estimate(contrast: Contrast, n: int) -> Estimate:
    return contrasts.estimate(contrast, name="slope", unit="score", n=n)
