"""What breaks where the assumptions do not hold. Held to nothing: it is there to be known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.simulations import estimators
from benchmarks.simulations.planted import study
from benchmarks.simulations.study import Coverage, Random, Target
from benchmarks.simulations.verdicts import Drawn, World, draw, endless
from judge.types import Estimate

GROUP = "Outside the assumptions"

WORLDS = {
    "strength differs between items, with position bias": World(
        n_items=400, strength=0.6, position=0.8, heterogeneity=1.5
    ),
    "length is also quality": World(n_items=400, quality=0.8, length=0.8),
    "length is quality and no bias": World(n_items=400, quality=0.8),
    "judges see log lengths": World(n_items=400, length=0.8, is_log=True),
    "10 clusters of 10": World(n_items=100, sizes=(10,), position=0.8, length=0.8),
    "5 clusters of 20": World(n_items=100, sizes=(20,), position=0.8, length=0.8),
    "one cluster has half the items": World(
        n_items=100, sizes=(50, *[1] * 50), position=0.8, length=0.8
    ),
}
CONSISTENT_ONLY = "consistent pairs only"


def studies() -> Iterator[Coverage]:
    for name, world in WORLDS.items():
        yield study(GROUP, name, world, is_outside=True)
    yield consistent_only()


def consistent_only() -> Coverage:
    """The rate among pairs whose two verdicts agree: a rule that is not ours, beside the mean of both."""
    world = World(n_items=400, position=0.8)

    def estimates(random: Random) -> dict[str, Estimate]:
        drawn = draw(world, random)
        return {
            CONSISTENT_ONLY: _agreeing(drawn),
            estimators.RAW: estimators.raw(drawn.y[0].mean(axis=1), drawn),
        }

    def targets() -> dict[str, Target]:
        truth = endless(world).unbiased
        names = (CONSISTENT_ONLY, estimators.RAW)
        return {name: Target(truth, is_outside=True) for name in names}

    return Coverage(GROUP, "inconsistent pairs dropped", estimates, targets)


def _agreeing(drawn: Drawn) -> Estimate:
    agree = drawn.y[0, :, 0] == drawn.y[0, :, 1]
    kept = replace(drawn, y=drawn.y[:, agree], clusters=drawn.clusters[agree])
    return estimators.raw(np.asarray(kept.y[0].mean(axis=1)), kept)
