"""How often a report would find something where there is nothing: each statement against 5 %."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.simulations import estimators
from benchmarks.simulations.study import ALPHA, Alarms, Random
from benchmarks.simulations.verdicts import World, draw
from judge.stats.intervals import cautious_p_value, holm, mean, p_value
from judge.stats.proportions import mcnemar_exact
from judge.types import Estimate

Flags = NDArray[np.bool_]

GROUP = "False alarms"
PAIRS = 419  # as many as LLMBar has
LEANS = "judge leans to a position"
RIVAL = "rival: 2n verdicts as independent"
RIVAL_PAIRS = "rival: pairs of a cluster as independent"


def studies() -> Iterator[Alarms]:
    for consistency in (0.93, 0.6, 0.3, 0.1):
        name = f"position lean, {PAIRS} pairs, consistency {consistency:g}"
        yield Alarms(GROUP, name, position_lean(consistency), (RIVAL,))
    for n_clusters, size in ((30, 4), (100, 4)):
        name = f"position lean, {n_clusters} clusters of {size}"
        yield Alarms(GROUP, name, clustered_lean(n_clusters, size), (RIVAL_PAIRS,))
    for n_items, size in ((100, 1), (100, 4), (400, 4)):
        fair = World(n_items=n_items, sizes=(size,), strength=0.0)
        yield of_estimates(f"nothing planted, {n_items} items, {size} a cluster", fair)
    bent = World(strength=0.0, position=0.8)
    yield of_estimates(
        "only position planted, 100 items", bent, without="position lean by the model"
    )
    yield Alarms(GROUP, "better or worse, 5 systems and 100 items, Holm", several(5, 100))


def is_found(e: Estimate, null: float) -> bool:
    """Whether the estimate is said to differ from `null`."""
    p = p_value(e, null)
    return p is not None and p < ALPHA


def of_estimates(name: str, world: World, without: str = "") -> Alarms:
    """Conclusions and coefficients of judge 0 and the panel in a world where a and b are equally good."""

    def drawn(random: Random) -> Mapping[str, bool]:
        found = estimators.estimates(draw(world, random))
        stated = {
            "better or worse, one judge": is_found(found[estimators.RAW], 0.5),
            "better or worse, panel": is_found(found[estimators.PANEL_RAW], 0.5),
            "length moves the judge": is_found(found[estimators.LENGTH_COEFFICIENT], 0.0),
            "position lean by the model": is_found(found[estimators.POSITION_COEFFICIENT], 0.0),
            "judge favours its family": is_found(found[estimators.FAMILY_TERM], 0.0),
        }
        return {name: value for name, value in stated.items() if name != without}

    return Alarms(GROUP, name, drawn)


def several(n_systems: int, n_items: int) -> Callable[[Random], Mapping[str, bool]]:
    """Any conclusion among several systems against one baseline on the same items."""

    def drawn(random: Random) -> Mapping[str, bool]:
        taste = random.normal(size=n_items)
        own = random.normal(size=(n_systems, 2, n_items))
        wins = (np.sqrt(0.3) * taste + np.sqrt(0.7) * own > 0).mean(axis=1)
        labels = np.arange(n_items)
        found = [
            p_value(mean(w, labels, name="w", unit="rate", bounds=(0.0, 1.0)), 0.5) for w in wins
        ]
        adjusted = holm([p for p in found if p is not None])
        return {"any better or worse": min(adjusted, default=1.0) < ALPHA}

    return drawn


# -- position ------------------------------------------------------------------------------------


def verdicts_of(consistency: float, random: Random) -> tuple[Flags, Flags]:
    """Whether a won when it was shown first, and when second, of a judge that leans nowhere."""
    is_steady = random.random(PAIRS) < consistency
    first = random.random(PAIRS) < 0.5
    return first, np.where(is_steady, first, ~first)


def position_lean(consistency: float) -> Callable[[Random], Mapping[str, bool]]:
    """The control's exact test of direction; tests hold that it is what the control gives of a table."""

    def drawn(random: Random) -> Mapping[str, bool]:
        first, second = verdicts_of(consistency, random)
        p = mcnemar_exact(int((first & ~second).sum()), int((second & ~first).sum()))
        shown = int(first.sum() + (~second).sum())
        rival = float(stats.binomtest(shown, 2 * PAIRS, 0.5).pvalue)
        return {LEANS: p < ALPHA, RIVAL: rival < ALPHA}

    return drawn


def clustered_lean(n_clusters: int, size: int) -> Callable[[Random], Mapping[str, bool]]:
    """Pairs of one cluster turn the same way more often than not; the test counts clusters."""
    clusters = np.repeat(np.arange(n_clusters), size)

    def drawn(random: Random) -> Mapping[str, bool]:
        shared = random.normal(size=n_clusters)[clusters]
        leaning = np.sign(0.8 * shared + 0.6 * random.normal(size=len(clusters)))
        gain = np.where(random.random(len(clusters)) < 0.6, leaning, 0.0)
        found = mean(gain, clusters, name="fairness", unit="difference", bounds=(-1.0, 1.0))
        p = cautious_p_value(found, gain, clusters, 0.0)
        rival = mcnemar_exact(int((gain > 0).sum()), int((gain < 0).sum()))
        return {LEANS: p is not None and p < ALPHA, RIVAL_PAIRS: rival < ALPHA}

    return drawn
