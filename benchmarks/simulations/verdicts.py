"""Verdicts of simulated judges whose true preference is known exactly.

P(a wins | order, lengths) is the logistic model to the letter, plus what a judge gives its own family.
The two orders of a pair, the judges of a panel and the items of a cluster depend on each other through
a Gaussian copula: it leaves every single probability as it is, so the truth stays sigma(strength).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr, ndtri

Floats = NDArray[np.float64]
Random = np.random.Generator

# How much of a verdict's chance is shared by a cluster, an item, and a judge's two orders of an item.
OF_CLUSTER, OF_ITEM, OF_PAIR = 0.15, 0.2, 0.3
TIES = 0.15  # the share of what could be lost or won that is a tie
LOG_RATIO, LOG_SPREAD = 0.25, 0.45  # the log of a's length over b's, mean and standard deviation
LIMIT_ITEMS = 50_000


@dataclass(frozen=True, slots=True)
class World:
    """What is true of items, lengths and judges.

    strength: a's over b's in log-odds. position, length: the judges' coefficients. family: what judge 0
    adds to the win rate of a, its relative. heterogeneity: standard deviation of the strength over
    items. quality: what length adds to the true strength. is_log: the judges see log lengths where
    the model has tanh. sizes: of the clusters, over and over.
    """

    n_items: int = 100
    sizes: tuple[int, ...] = (1,)
    strength: float = 0.4
    position: float = 0.0
    length: float = 0.0
    family: float = 0.0
    heterogeneity: float = 0.0
    quality: float = 0.0
    is_log: bool = False
    n_judges: int = 3


@dataclass(frozen=True, slots=True)
class Drawn:
    """y: what a got, shape (judges, items, 2), shown first and second; difference: characters, (items,).

    clusters: shape (items,). unbiased: what a judge without a bias would give on average. length_b:
    characters of b's answers, shape (items,).
    """

    y: Floats
    difference: Floats
    clusters: NDArray[np.int64]
    unbiased: float
    length_b: Floats


def draw(world: World, random: Random) -> Drawn:
    """One data set."""
    clusters = cluster_labels(world)
    shared = random.normal(size=clusters.max() + 1)[clusters]
    own = random.normal(size=(2, world.n_items))
    p, expected = _probabilities(world, _mixed(shared, own[0], 0.3), own[1], random)
    return replace(expected, y=_verdicts(p, clusters, random), clusters=clusters)


def endless(world: World) -> Drawn:
    """The same with as many items as it takes, and the expected verdict in place of the verdict."""
    many = replace(world, n_items=LIMIT_ITEMS, sizes=(1,))
    random = np.random.default_rng(0)
    grid = ndtri((np.arange(LIMIT_ITEMS) + 0.5) / LIMIT_ITEMS)
    _, expected = _probabilities(many, grid, random.permutation(grid), random)
    return expected


def cluster_labels(world: World) -> NDArray[np.int64]:
    """The cluster of each item, shape (items,)."""
    sizes = np.resize(np.array(world.sizes), world.n_items)
    return np.repeat(np.arange(len(sizes)), sizes)[: world.n_items].astype(np.int64)


def _probabilities(
    world: World, spread: Floats, taste: Floats, random: Random
) -> tuple[Floats, Drawn]:
    """P(a wins), shape (judges, items, 2), and the data set of these in place of verdicts."""
    long_b = np.exp(6.5 + 0.3 * random.normal(size=world.n_items))
    log_ratio = LOG_RATIO + LOG_SPREAD * spread
    difference = long_b * np.expm1(log_ratio)
    bent = np.tanh(difference / np.sqrt(np.mean(difference**2)))
    true = world.strength + world.heterogeneity * taste + world.quality * bent
    seen = log_ratio / LOG_SPREAD if world.is_log else bent
    one = expit((true + world.length * seen)[:, None] + world.position * np.array([1.0, -1.0]))
    p = np.repeat(one[None], world.n_judges, axis=0)
    p[0] += world.family
    labels = np.arange(world.n_items)
    return p, Drawn(p, difference, labels, float(expit(true).mean()), long_b)


def _verdicts(p: Floats, clusters: NDArray[np.int64], random: Random) -> Floats:
    judges, items, orders = p.shape
    of_cluster = random.normal(size=clusters.max() + 1)[clusters][None, :, None]
    of_item = random.normal(size=(1, items, 1))
    of_pair = random.normal(size=(judges, items, 1))
    alone = random.normal(size=(judges, items, orders))
    rest = 1 - OF_CLUSTER - OF_ITEM - OF_PAIR
    chance = ndtr(
        np.sqrt(OF_CLUSTER) * of_cluster
        + np.sqrt(OF_ITEM) * of_item
        + np.sqrt(OF_PAIR) * of_pair
        + np.sqrt(rest) * alone
    )
    # A tie takes as much from winning as from losing, so that the expected verdict stays p.
    half_tie = TIES * np.minimum(p, 1 - p)
    return np.asarray((chance < p - half_tie) * 0.5 + (chance < p + half_tie) * 0.5)


def _mixed(shared: Floats, own: Floats, share: float) -> Floats:
    return np.asarray(np.sqrt(share) * shared + np.sqrt(1 - share) * own)
