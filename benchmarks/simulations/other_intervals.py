"""Intervals of everything else that a report gives, under the assumptions that they state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from scipy.special import expit, ndtr

from benchmarks.simulations import estimators
from benchmarks.simulations.study import Coverage, Random, Target
from benchmarks.simulations.verdicts import World, cluster_labels
from judge.stats import contrasts
from judge.stats.intervals import mean
from judge.stats.pairwise import PairwiseData, fit_or_shrunk
from judge.types import Estimate

GROUP = "Other intervals"

SCORES = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
SHARES = np.array([0.05, 0.1, 0.15, 0.3, 0.4])  # judges are generous: scores lean to the top
STRENGTHS = np.array([0.8, 0.4, 0.0, -0.4, -0.8])
ALL_PAIRS = np.array([(a, b) for a in range(5) for b in range(a + 1, 5)])


def studies() -> Iterator[Coverage]:
    for n_items, size in ((30, 1), (100, 1), (100, 4), (400, 4)):
        yield mean_of_scores(World(n_items=n_items, sizes=(size,)))
    for share in (0.5, 0.8, 0.9, 0.95, 0.98):
        yield plain_rate(share, 100)
    yield plain_rate(0.95, 400)
    for n_items in (100, 400):
        yield five_systems(n_items)


def mean_of_scores(world: World) -> Coverage:
    """Scores from 1 to 5; items of a cluster share a part of theirs."""
    clusters = cluster_labels(world)
    steps = np.cumsum(SHARES)[:-1]

    def draw(random: Random) -> dict[str, Estimate]:
        shared = random.normal(size=clusters.max() + 1)[clusters]
        chance = ndtr(np.sqrt(0.3) * shared + np.sqrt(0.7) * random.normal(size=len(clusters)))
        scores = SCORES[np.searchsorted(steps, chance)]
        return {"mean score": mean(scores, clusters, name="s", unit="score", bounds=(1.0, 5.0))}

    name = f"scores 1 to 5, {world.n_items} items, {world.sizes[0]} a cluster"
    return Coverage(GROUP, name, draw, held({"mean score": float(SHARES @ SCORES)}))


def plain_rate(share: float, n_items: int) -> Coverage:
    """A rate of items, as consistency is one: the clustered mean of zeros and ones."""
    labels = np.arange(n_items)

    def draw(random: Random) -> dict[str, Estimate]:
        hits = (random.random(n_items) < share).astype(float)
        return {
            "clustered mean": mean(hits, labels, name="r", unit="rate", bounds=(0.0, 1.0)),
        }

    return Coverage(
        GROUP, f"rate {share:g}, {n_items} items", draw, held({"clustered mean": share})
    )


def five_systems(n_items: int) -> Coverage:
    """Five systems, every pair judged in one order drawn for it, one joint fit with position."""
    n = n_items * len(ALL_PAIRS)
    a, b = np.tile(ALL_PAIRS, (n_items, 1)).T
    items = np.repeat(np.arange(n_items), len(ALL_PAIRS))
    difference = STRENGTHS[a] - STRENGTHS[b]

    def draw(random: Random) -> dict[str, Estimate]:
        order = random.choice([-1.0, 1.0], n)
        shared = random.normal(size=(n_items, 5))
        # What an item does to a system moves all its pairs; the marginal stays the logistic model's.
        pull = (shared[items, a] - shared[items, b]) / np.sqrt(2)
        chance = ndtr(np.sqrt(0.3) * pull + np.sqrt(0.7) * random.normal(size=n))
        won = (chance > 1 - expit(difference + 0.5 * order)).astype(float)
        fit = fit_or_shrunk(PairwiseData(a, b, won, items, 5, order[:, None]))
        best = contrasts.win_rate(fit, 0, 4)
        near = contrasts.strength_difference(fit, 1, 2)
        return {
            "win rate, best against last": estimators.rate(best, n_items),
            "strength, second against third": estimators.log_odds(near, n_items),
            "position coefficient": estimators.log_odds(contrasts.coefficient(fit, 0), n_items),
        }

    truths = {
        "win rate, best against last": float(expit(1.6)),
        "strength, second against third": 0.4,
        "position coefficient": 0.5,
    }
    return Coverage(GROUP, f"five systems, {n_items} items, one order", draw, held(truths))


def held(truths: Mapping[str, float]) -> Callable[[], dict[str, Target]]:
    """These numbers as what the intervals of the same names must cover."""
    return lambda: {name: Target(truth) for name, truth in truths.items()}


def ends(name: str, value: float, interval: Sequence[float]) -> Estimate:
    """A share with the two ends of its interval."""
    return Estimate(name, value, ci_low=float(interval[0]), ci_high=float(interval[1]))
