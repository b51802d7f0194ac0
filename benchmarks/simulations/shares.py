"""Intervals of counts: Wilson's, Clopper and Pearson's, Bonett and Price's, and the bootstrap's."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.simulations.other_intervals import GROUP, ends, held
from benchmarks.simulations.study import Coverage, Random, Target
from judge.stats.bootstrap import cluster_bootstrap
from judge.stats.proportions import bonett_price, clopper_pearson, wilson
from judge.stats.sequential import sign_interval
from judge.types import Estimate

REPLICATES = 400  # fewer than a report takes, for time; percentiles then vary a little more


def studies() -> Iterator[Coverage]:
    for share, n in ((0.5, 20), (0.8, 20), (0.95, 20), (0.8, 100), (0.95, 100)):
        yield of_count(share, n)
    for changed, n in (((0.2, 0.05), 40), ((0.2, 0.05), 100), ((0.1, 0.1), 100)):
        yield paired(*changed, n)
    for n_clusters in (20, 40, 100):
        yield ratio(n_clusters)


def of_count(share: float, n: int) -> Coverage:
    """A share of independent trials. The exact interval is a guarantee: it covers at least so often."""

    def draw(random: Random) -> dict[str, Estimate]:
        k = int(random.binomial(n, share))
        return {
            "Wilson": ends("w", k / n, wilson(k, n)),
            "Clopper-Pearson": ends("cp", k / n, clopper_pearson(k, n)),
            "sign test's, at any stopping time": ends("s", k / n, sign_interval(k, n)),
        }

    def targets() -> dict[str, Target]:
        guarantee = Target(share, at_least=True)
        return {
            "Wilson": Target(share),
            "Clopper-Pearson": guarantee,
            "sign test's, at any stopping time": guarantee,
        }

    return Coverage(GROUP, f"share {share:g} of {n}", draw, targets)


def paired(only_first: float, only_second: float, n: int) -> Coverage:
    """The difference of two shares of the same items."""
    shares = [only_first, only_second, 1 - only_first - only_second]

    def draw(random: Random) -> dict[str, Estimate]:
        b, c, _ = (int(count) for count in random.multinomial(n, shares))
        return {"Bonett-Price": ends("bp", (b - c) / n, bonett_price(b, c, n))}

    name = f"paired shares, {only_first:g} and {only_second:g} changed of {n}"
    return Coverage(GROUP, name, draw, held({"Bonett-Price": only_first - only_second}))


def ratio(n_clusters: int) -> Coverage:
    """A ratio of two sums over clusters of four, by percentiles of the cluster bootstrap."""
    clusters = np.repeat(np.arange(n_clusters), 4)

    def draw(random: Random) -> dict[str, Estimate]:
        shared = random.normal(size=n_clusters)[clusters]
        below = np.exp(0.4 * random.normal(size=len(clusters)))
        above = 2 * below + 0.5 * shared + 0.5 * random.normal(size=len(clusters))
        found = cluster_bootstrap(
            lambda rows: float(above[rows].sum() / below[rows].sum()),
            clusters,
            name="ratio",
            unit="ratio",
            seed=int(random.integers(1 << 31)),
            replicates=REPLICATES,
        )
        return {"cluster bootstrap": found}

    return Coverage(
        GROUP, f"ratio, {n_clusters} clusters of 4", draw, held({"cluster bootstrap": 2.0})
    )
