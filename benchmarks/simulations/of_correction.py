"""Means by few labels of people and many values of a judge: intervals, and labels that are not random."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.simulations.study import Alarms, Coverage, Floats, Random, Study, Target
from judge.stats.correction import Sample, labels_only, ppi
from judge.stats.intervals import mean
from judge.stats.label_checks import of_design, of_values
from judge.stats.post_stratified import post_stratified
from judge.types import Estimate

GROUP = "Correction by labels"
LABELS = (30, 60, 100, 200)
UNLABELLED = 1000
PPI, EIF, ALONE, JUDGED = "PPI++", "EIF", "labels alone", "judge alone, as it is"


@dataclass(frozen=True, slots=True)
class Judged:
    """People prefer a with probability theta; a judge is right on q0 of the others and q1 of these.

    orders: presentations that are averaged. size: items of a cluster, which share a part of their truth.
    """

    theta: float = 0.7
    q0: float = 0.8
    q1: float = 0.9
    orders: int = 1
    size: int = 1

    def draw(self, m: int, random: Random) -> tuple[Floats, Floats, Floats]:
        """People's values, the judge's and clusters of m items, m a multiple of the size."""
        clusters = np.repeat(np.arange(m // self.size), self.size)
        is_shared = random.random(m) < (0.5 if self.size > 1 else 0.0)
        own, shared = random.random(m), random.random(len(clusters))[clusters]
        y = np.where(is_shared, shared, own) < self.theta
        right = np.where(y, self.q1, 1 - self.q0)
        f = np.mean([random.random(m) < right for _ in range(self.orders)], axis=0)
        return y.astype(float), f, clusters.astype(float)


def studies() -> Iterator[Study]:
    for n in LABELS:
        for theta in (0.5, 0.7, 0.9):
            yield covering(f"{n} labels, theta {theta:g}, judge 0.8/0.9", n, Judged(theta))
        for q0, q1 in ((0.6, 0.7), (0.95, 0.95)):
            yield covering(f"{n} labels, theta 0.7, judge {q0:g}/{q1:g}", n, Judged(0.7, q0, q1))
        yield covering(f"{n} labels, both orders", n, Judged(orders=2))
        yield covering(f"{n} labels, clusters of 4", n, Judged(size=4))
        yield covering(
            f"{n} labels, drawn by the judge's doubt", n, Judged(orders=2), is_even=False
        )
    yield covering("30 labels of 5,000, judge 0.98/0.98", 30, Judged(0.7, 0.98, 0.98), 5000)
    yield Alarms(GROUP, "100 random labels", refused(is_picked=False))
    yield Alarms(GROUP, "100 labels that the judge doubted most, said to be random", accepted())


def covering(
    name: str, n: int, world: Judged, unlabelled: int = UNLABELLED, *, is_even: bool = True
) -> Coverage:
    """The mean of people's values over all items, n of them labelled."""

    def draw(random: Random) -> dict[str, Estimate]:
        drawn = sample(n, world, unlabelled, random, is_even=is_even)
        bounds = (0.0, 1.0)
        return {
            PPI: ppi(drawn).estimate,
            EIF: post_stratified(drawn).estimate,
            ALONE: labels_only(drawn).estimate,
            JUDGED: mean(drawn.judged, drawn.clusters, name="j", unit="rate", bounds=bounds),
        }

    def targets() -> dict[str, Target]:
        held = {one: Target(world.theta) for one in (PPI, EIF, ALONE)}
        return {**held, JUDGED: Target(world.theta, is_outside=True)}

    return Coverage(GROUP, name, draw, targets)


def sample(
    n: int, world: Judged, unlabelled: int, random: Random, *, is_even: bool = True
) -> Sample:
    """n labels of n + unlabelled items: as probable everywhere, or four times so where a judge doubts."""
    m = (n + unlabelled) // world.size * world.size
    y, f, clusters = world.draw(m, random)
    if is_even:
        probs = np.full(m, n / m)
        labelled = random.permutation(m) < n
    else:
        weights = np.where(f == 0.5, 4.0, 1.0)
        probs = np.minimum(n * weights / weights.sum(), 1.0)
        labelled = random.random(m) < probs
    return Sample(f, np.where(labelled, y, np.nan), clusters, probs)


# -- labels that are not random --------------------------------------------------------------------


def refused(*, is_picked: bool) -> Callable[[Random], Mapping[str, bool]]:
    """Whether labels are refused, or warned of."""

    def drawn(random: Random) -> Mapping[str, bool]:
        found = one_of(random, is_picked=is_picked)
        checks = (*of_design([found]), of_values([found], ["judge"]))
        return {
            "refused": any(check.why_not for check in checks),
            "warned of, by what the judge says": bool(of_values([found], ["judge"]).warnings),
        }

    return drawn


def accepted() -> Callable[[Random], Mapping[str, bool]]:
    """Whether labels of the items that a judge doubted most would correct."""
    of_picked = refused(is_picked=True)

    def drawn(random: Random) -> Mapping[str, bool]:
        return {"corrected all the same": not of_picked(random)["refused"]}

    return drawn


def one_of(random: Random, *, is_picked: bool) -> Sample:
    """100 labels of 1,000 items, probability 0.1 being said of each."""
    n, m = 100, 1000
    y, f, clusters = Judged(orders=2).draw(m, random)
    order = np.argsort(np.abs(f - 0.5), kind="stable") if is_picked else random.permutation(m)
    labelled = np.isin(np.arange(m), order[:n])
    return Sample(f, np.where(labelled, y, np.nan), clusters, np.full(m, n / m))
