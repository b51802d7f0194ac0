"""Agreement with people: do the intervals of every coefficient cover, and does the alt-test keep to 5 %?

Labels come from a true value of each unit, which people and the judge each see with an error of their own.
What a coefficient is with endless units is taken from one huge sample of the same kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from benchmarks.simulations.alarms import GROUP as FALSE_ALARMS
from benchmarks.simulations.study import SEED, Alarms, Coverage, Floats, Random, Target
from judge.agreement.alt_test import AltTest, alt_test
from judge.agreement.ceiling import correlation_ceiling, human_ceiling
from judge.agreement.correlations import (
    correlation_of,
    correlation_of_systems,
    correlation_within_items,
)
from judge.agreement.gwet import gwet_of
from judge.agreement.icc import icc_of
from judge.agreement.krippendorff_units import krippendorff_alpha_of
from judge.agreement.orders import Kind
from judge.agreement.ratings import Codes, Ratings
from judge.agreement.tables import cohen_kappa_of, percent_of
from judge.types import Estimate, Level

GROUP = "Agreement with people"

REPLICATES = 499
MOST = 500  # runs
HUGE = 400_000  # units from which a truth is taken
RATERS = 3
SHARES: Mapping[Level, tuple[float, ...]] = {
    "nominal": (0.5, 0.3, 0.2),
    "ordinal": (0.1, 0.15, 0.25, 0.3, 0.2),
}
KINDS: tuple[Kind, ...] = ("pearson", "spearman", "kendall_tau", "acc_eq")
IN_STEPS = "kendall_tau of systems"  # of six systems it has 16 values: nothing covers just 95 %
PASSED = "alt-test: the judge passes"
BEATEN = "alt-test: a rater is beaten"
RIVAL = "rival: a rater is beaten, units of a cluster as independent"


@dataclass(frozen=True, slots=True)
class Raters:
    """Units, judged and rated. n_orders: presentations to the judge; gaps: share of labels not given.

    size: units of a cluster, which share half of the variance of their true values.
    """

    level: Level = "nominal"
    n_units: int = 100
    size: int = 1
    n_orders: int = 1
    gaps: float = 0.0

    @property
    def name(self) -> str:
        of = "3 labels" if self.level == "nominal" else "5 points"
        asked = "both orders" if self.n_orders == 2 else "one order"
        gaps = f", {self.gaps:.0%} gaps" if self.gaps else ""
        return f"{of}, {self.n_units} units, {self.size} a cluster, {asked}{gaps}"


def studies() -> Iterator[Coverage]:
    for level in SHARES:
        for n_units in (30, 100, 300):
            yield coverage(Raters(level, n_units))
        yield coverage(Raters(level, 100, n_orders=2))
        yield coverage(Raters(level, 100, size=4, n_orders=2))
        yield coverage(Raters(level, 400, size=4, n_orders=2, gaps=0.2))
    yield systems_study(6, 50)


def alarms() -> Iterator[Alarms]:
    for epsilon, n_units, size in ((0.2, 30, 1), (0.2, 100, 1), (0.1, 100, 1), (0.2, 200, 4)):
        yield just_as_bad(epsilon, n_units, size)


# -- coefficients --------------------------------------------------------------------------------


def coverage(world: Raters) -> Coverage:
    def draw(random: Random) -> dict[str, Estimate]:
        return coefficients(drawn(world, random), int(random.integers(2**31)), REPLICATES)

    def targets() -> dict[str, Target]:
        return {name: Target(truth) for name, truth in truths(world).items()}

    return Coverage(GROUP, world.name, draw, targets, MOST)


@cache
def truths(world: Raters) -> dict[str, float]:
    """The coefficients of HUGE units, whose clusters make no difference to them."""
    random = np.random.default_rng(SEED)
    whole = drawn(replace(world, n_units=HUGE), random)
    few = replace(whole, clusters=np.arange(HUGE) % 100)
    found = coefficients(few, SEED, 2)
    return {name: e.value for name, e in found.items() if e.value is not None}


def coefficients(r: Ratings, seed: int, replicates: int) -> dict[str, Estimate]:
    """Every coefficient of the pack that these labels have."""
    ceiling = human_ceiling(r)
    found = {
        "percent": percent_of(r),
        "Cohen kappa": cohen_kappa_of(r, seed=seed, replicates=replicates),
        "Krippendorff alpha": krippendorff_alpha_of(r, seed=seed, replicates=replicates),
        "Gwet AC1": gwet_of(r, seed=seed, replicates=replicates),
        "human ceiling": ceiling.human,
        "difference from the ceiling": ceiling.difference,
    }
    return found if r.level == "nominal" else found | _of_order(r, seed, replicates)


def _of_order(r: Ratings, seed: int, replicates: int) -> dict[str, Estimate]:
    found = {
        "Cohen kappa, linear": cohen_kappa_of(r, "linear", seed=seed, replicates=replicates),
        "Cohen kappa, quadratic": cohen_kappa_of(r, "quadratic", seed=seed, replicates=replicates),
        "Gwet AC2, quadratic": gwet_of(r, "quadratic", seed=seed, replicates=replicates),
        "ICC(2,1)": icc_of(r, seed=seed, replicates=replicates),
        "correlation ceiling": correlation_ceiling(r, seed=seed, replicates=replicates),
    }
    for kind in KINDS:
        found[kind] = correlation_of(kind, r, seed=seed, replicates=replicates)
    return found


def drawn(world: Raters, random: Random) -> Ratings:
    """The judge and its raters on as many units."""
    seen = _nominal if world.level == "nominal" else _ordinal
    n_readers = RATERS + world.n_orders
    labels = seen(world, n_readers, random)
    ratings = labels[:, :RATERS]
    if world.gaps:
        ratings = np.where(random.random(ratings.shape) < world.gaps, -1, ratings)
    return ratings_of(labels[:, RATERS:], ratings, _clusters(world), world.level)


def ratings_of(
    readings: Codes, ratings: Codes, clusters: NDArray[np.int64], level: Level
) -> Ratings:
    """The judge's presentations, shape (n, orders), and people's labels as numbers from 1."""
    q = len(SHARES[level])
    return Ratings(
        shares=np.eye(q)[readings].mean(axis=1),
        values=readings.mean(axis=1) + 1,
        ratings=ratings,
        numbers=np.where(ratings < 0, np.nan, ratings + 1.0),
        clusters=clusters,
        level=level,
        scale_values=tuple(range(1, q + 1)),
    )


def _clusters(world: Raters) -> NDArray[np.int64]:
    return np.arange(world.n_units) // world.size


def _truth(world: Raters, random: Random) -> Floats:
    """A standard normal value of each unit; units of a cluster correlate by a half."""
    own = random.normal(size=world.n_units)
    if world.size == 1:
        return own
    clusters = _clusters(world)
    shared = random.normal(size=int(clusters.max()) + 1)[clusters]
    return np.asarray((own + shared) / np.sqrt(2))


def _nominal(world: Raters, n_readers: int, random: Random) -> Codes:
    """Each reader sees the true label four times in five, and else any by how common it is."""
    shares = np.array(SHARES["nominal"])
    truth = np.searchsorted(np.cumsum(shares)[:-1], ndtr(_truth(world, random)))
    sees = random.random((world.n_units, n_readers)) < 0.8
    guess = random.choice(len(shares), size=sees.shape, p=shares)
    return np.asarray(np.where(sees, truth[:, None], guess))


def _ordinal(world: Raters, n_readers: int, random: Random) -> Codes:
    """Each reader adds an error: .6 of the true value's spread in people, .7 in the judge."""
    cuts = ndtri(np.cumsum(SHARES["ordinal"])[:-1])
    error = np.where(np.arange(n_readers) < RATERS, 0.6, 0.7)
    seen = _truth(world, random)[:, None] + error * random.normal(size=(world.n_units, n_readers))
    return np.asarray(np.searchsorted(cuts, seen / np.sqrt(1 + error**2)))


# -- within items and of systems -----------------------------------------------------------------


def systems_study(n_systems: int, n_items: int) -> Coverage:
    """Several systems answer each item; the truth of system level is that of these very systems."""
    name = f"5 points, {n_items} items of {n_systems} systems"

    def draw(random: Random) -> dict[str, Estimate]:
        return _levels(n_systems, n_items, random, REPLICATES)

    def targets() -> dict[str, Target]:
        found = _levels(n_systems, HUGE // 4 // n_systems, np.random.default_rng(SEED), 2)
        return {
            key: Target(e.value, at_least=key == IN_STEPS)
            for key, e in found.items()
            if e.value is not None
        }

    return Coverage(GROUP, name, draw, targets, MOST)


def _levels(n_systems: int, n_items: int, random: Random, replicates: int) -> dict[str, Estimate]:
    """Systems lie evenly from worst to best; the judge likes every other one better than people do."""
    items = np.repeat(np.arange(n_items), n_systems)
    systems = np.tile(np.arange(n_systems), n_items)
    strength = np.linspace(-0.8, 0.8, n_systems)
    truth = random.normal(size=n_items)[items] + random.normal(size=len(items))
    truth = (truth + strength[systems]) / np.sqrt(2)
    cuts = ndtri(np.cumsum(SHARES["ordinal"])[:-1])
    error = np.array([0.6] * RATERS + [0.7])
    seen = truth[:, None] + error * random.normal(size=(len(items), RATERS + 1))
    seen[:, RATERS] += 0.3 * (systems % 2)
    labels = np.searchsorted(cuts, seen / np.sqrt(1 + error**2))
    r = ratings_of(labels[:, RATERS:], labels[:, :RATERS], items, "ordinal")
    seed = int(random.integers(2**31))
    found: dict[str, Estimate] = {}
    for kind in ("pearson", "kendall_tau"):
        found[f"{kind} within items"] = correlation_within_items(kind, r, items)
        found[f"{kind} of systems"] = correlation_of_systems(
            kind, r, systems, seed=seed, replicates=replicates
        )
    return found


# -- the alternative annotator test --------------------------------------------------------------


def just_as_bad(epsilon: float, n_units: int, size: int) -> Alarms:
    """A judge exactly `epsilon` worse than every rater: whoever says it is not is wrong."""
    rivals = (RIVAL,) if size > 1 else ()
    name = f"alt-test, epsilon {epsilon:g}, {n_units} units, {size} a cluster"
    return Alarms(FALSE_ALARMS, name, _tested(epsilon, n_units, size), rivals)


def _tested(epsilon: float, n_units: int, size: int) -> Callable[[Random], dict[str, bool]]:
    def found(random: Random) -> dict[str, bool]:
        r = _just_as_bad(epsilon, n_units, size, random)
        ours = alt_test(r, epsilon)
        said = {PASSED: ours.passed is True, BEATEN: any(one.is_beaten for one in ours.raters)}
        if size > 1:
            alone = alt_test(replace(r, clusters=np.arange(n_units)), epsilon)
            said[RIVAL] = any(one.is_beaten for one in alone.raters)
        return said

    return found


def tested_once(epsilon: float, n_units: int, size: int, random: Random) -> AltTest:
    """The test of one draw."""
    return alt_test(_just_as_bad(epsilon, n_units, size, random), epsilon)


def _just_as_bad(epsilon: float, n_units: int, size: int, random: Random) -> Ratings:
    """Raters are right nine times in ten. E d is (2a - 1)(a - b) for raters right by a, a judge by b.

    Of two labels; a reader's errors in a cluster go together through a Gaussian copula.
    """
    a = 0.9
    right = np.array([a] * RATERS + [a - epsilon / (2 * a - 1)])
    clusters = np.arange(n_units) // size
    pull = random.normal(size=(int(clusters.max()) + 1, RATERS + 1))[clusters]
    own = random.normal(size=pull.shape)
    chance = ndtr((pull + own) / np.sqrt(2))
    truth = random.integers(2, size=n_units)
    labels = np.where(chance < right, truth[:, None], 1 - truth[:, None])
    return Ratings(
        shares=np.eye(2)[labels[:, RATERS]],
        values=labels[:, RATERS].astype(float),
        ratings=labels[:, :RATERS],
        numbers=labels[:, :RATERS].astype(float),
        clusters=clusters,
    )
