"""How alike a judge and people order and space units: Pearson, Spearman, Kendall, pairwise accuracy.

At three levels, which answer three questions: all units pooled mixes how items differ with how well the
answers to one item are told apart; within items is the latter; of systems is whether they rank alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judge.agreement import Coefficient
from judge.agreement.orders import ROUNDED, Kind, points, statistic
from judge.agreement.ratings import Clusters, Ratings
from judge.agreement.resampling import Statistic, at_point, with_interval
from judge.stats.bootstrap import REPLICATES
from judge.stats.intervals import Floats, counted, mean, undefined
from judge.types import Estimate

FEWEST_SYSTEMS = 3  # two of them are ordered alike or not: no correlation

NO_NUMBERS = "no unit has a number of the judge and of a rater"
OF_SYSTEMS = "the noise in means of few items moves it: the interval may be too narrow"
CONSTANT = "the judge's or people's numbers do not vary"
_LOW: dict[Kind, float] = {"pearson": -1.0, "spearman": -1.0, "kendall_tau": -1.0, "acc_eq": 0.0}
_UNIT: dict[Kind, str] = {
    "pearson": "correlation",
    "spearman": "correlation",
    "kendall_tau": "correlation",
    "acc_eq": "rate",
}


def correlation_of(
    kind: Kind,
    r: Ratings,
    *,
    seed: int,
    replicates: int = REPLICATES,
    confidence: float = 0.95,
    tie_width: float = 0.0,
) -> Estimate:
    """The judge's values against the mean of people, all units pooled.

    kendall_tau is tau-b. tie_width: of acc_eq, the judge's values this near are a tie.
    """
    own, human = _numbered(r)
    empty = undefined(kind, _UNIT[kind], NO_NUMBERS, confidence, len(r.values) - len(human))
    if not len(human):
        return empty
    p = points(own.values, human, own.cluster_numbers)
    of_weights = statistic(kind, p, tie_width)
    value = at_point(of_weights, len(p.counts))
    if not np.isfinite(value) or np.ptp(p.x) == 0 or np.ptp(p.y) == 0:
        return replace(empty, note=CONSTANT if len(human) > 1 else "a single unit")
    found = replace(
        empty, value=value, n=len(human), n_clusters=len(p.counts), method="units pooled", note=""
    )
    return with_interval(
        found,
        of_weights,
        own.cluster_numbers,
        seed=seed,
        replicates=replicates,
        width=len(p.x),
        low=_LOW[kind],
    )


def _numbered(r: Ratings) -> tuple[Ratings, Floats]:
    """The units with numbers of both, and the means of people."""
    rows = np.isfinite(r.values) & np.isfinite(r.human)
    own = r.kept(rows)
    return own, own.human


# -- within items --------------------------------------------------------------------------------


def correlation_within_items(
    kind: Kind,
    r: Ratings,
    items: NDArray[Any],
    *,
    confidence: float = 0.95,
    tie_width: float = 0.0,
) -> Estimate:
    """The same within each item, averaged over the items that have one; CR1 by cluster.

    items: labels, shape (n,), several units each. Items in which a side does not vary have none (of
    acc_eq those with a single unit), and the note counts them.
    """
    rows = np.isfinite(r.values) & np.isfinite(r.human)
    own, labels = r.kept(rows), np.asarray(items)[rows]
    n_items = len(np.unique(labels))
    found = list(_of_items(kind, own, labels, tie_width))
    values = np.array([value for value, _ in found])
    lost = n_items - len(found)
    note = f"{counted(lost, 'item')} of {n_items:,} without one left out" if lost else ""
    return mean(
        values,
        own.clusters[np.array([place for _, place in found], dtype=int)],
        name=kind,
        unit=_UNIT[kind],
        bounds=(_LOW[kind], 1.0),
        confidence=confidence,
        n_missing=lost,
        note=note if len(found) or lost else NO_NUMBERS,
    )


def _of_items(
    kind: Kind, own: Ratings, labels: NDArray[Any], tie_width: float
) -> Iterator[tuple[float, int]]:
    """The coefficient of each item that has one, with the place of its first unit."""
    _, codes = np.unique(labels, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    human = own.human
    for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        if len(rows) < 2:
            continue
        each = np.arange(len(rows))
        p = points(own.values[rows], human[rows], each)
        value = at_point(statistic(kind, p, tie_width), len(rows))
        if np.isfinite(value):
            yield value, int(rows[0])


# -- of systems ----------------------------------------------------------------------------------


def correlation_of_systems(
    kind: Kind,
    r: Ratings,
    systems: NDArray[Any],
    *,
    seed: int,
    replicates: int = REPLICATES,
    confidence: float = 0.95,
    tie_width: float = 0.0,
) -> Estimate:
    """The same of the means per system, three at least; n is the number of systems.

    systems: labels, shape (n,). The interval is of these systems on other items: clusters of units are
    drawn and not systems.
    """
    rows = np.isfinite(r.values) & np.isfinite(r.human)
    own, labels = r.kept(rows), np.asarray(systems)[rows]
    names, codes = np.unique(labels, return_inverse=True)
    lost = len(np.unique(np.asarray(systems))) - len(names)
    empty = undefined(kind, _UNIT[kind], "", confidence, lost)
    if len(names) < FEWEST_SYSTEMS:
        why = f"{counted(len(names), 'system')} with numbers of both: three are needed"
        return replace(empty, note=why)
    clusters = own.cluster_numbers
    of_weights = _of_means(kind, own, codes.reshape(-1), clusters, tie_width)
    n_clusters = int(clusters.max()) + 1
    value = at_point(of_weights, n_clusters)
    if not np.isfinite(value):
        return replace(empty, note=CONSTANT)
    found = replace(
        empty,
        value=value,
        n=len(names),
        n_clusters=n_clusters,
        method="means per system",
        note=OF_SYSTEMS,
    )
    return with_interval(
        found,
        of_weights,
        clusters,
        seed=seed,
        replicates=replicates,
        width=len(names) ** 2,
        low=_LOW[kind],
        by_percentiles=True,
    )


def _of_means(
    kind: Kind, own: Ratings, systems: Clusters, clusters: Clusters, tie_width: float
) -> Statistic:
    """The coefficient of the systems' means in each draw of clusters, NaN where one was not drawn."""
    shape = int(clusters.max()) + 1, int(systems.max()) + 1
    sums = [np.zeros(shape) for _ in range(3)]
    for total, values in zip(sums, (np.ones(len(systems)), own.values, own.human), strict=True):
        np.add.at(total, (clusters, systems), values)

    def of_weights(weights: Floats) -> Floats:
        n, x, y = (weights @ total for total in sums)
        return _by_row(kind, x / n, y / n, tie_width)

    return of_weights


def _by_row(kind: Kind, x: Floats, y: Floats, tie_width: float) -> Floats:
    """The coefficient of each row, shapes (B, S) -> (B,), NaN where it has a gap or no variation."""
    is_whole = np.asarray(np.isfinite(x).all(axis=1) & np.isfinite(y).all(axis=1))
    found = np.full(len(x), np.nan)
    x, y = np.round(x[is_whole], ROUNDED), np.round(y[is_whole], ROUNDED)
    apart, theirs = x[:, :, None] - x[:, None, :], y[:, :, None] - y[:, None, :]
    if kind == "spearman":
        return _placed(found, is_whole, _products(np.sign(apart).sum(2), np.sign(theirs).sum(2)))
    if kind == "pearson":
        return _placed(found, is_whole, _products(_centred(x), _centred(y)))
    if kind == "kendall_tau":
        flat = (np.sign(d).reshape(len(x), -1) for d in (apart, theirs))
        return _placed(found, is_whole, _products(*flat))
    s = x.shape[1]
    own = np.where(np.abs(apart) <= tie_width, 0.0, np.sign(apart))
    alike = (own == np.sign(theirs)).sum(axis=(1, 2)) - s
    return _placed(found, is_whole, alike / (s * (s - 1)))


def _placed(whole: Floats, rows: NDArray[np.bool_], values: Floats) -> Floats:
    whole[rows] = values
    return whole


def _centred(x: Floats) -> Floats:
    return np.asarray(x - x.mean(axis=1, keepdims=True))


def _products(x: Floats, y: Floats) -> Floats:
    """The cosine of each row: of centred numbers Pearson's, of ranks Spearman's, of signs tau-b."""
    spread = (x**2).sum(axis=1) * (y**2).sum(axis=1)
    found: Floats = (x * y).sum(axis=1) / np.sqrt(np.where(spread > 1e-20, spread, np.nan))
    return found


# -- over plain numbers --------------------------------------------------------------------------


def _plain(kind: Kind) -> Coefficient:
    def compute(
        judge: Sequence[float | None],
        *raters: Sequence[float | None],
        seed: int = 0,
        replicates: int = REPLICATES,
        confidence: float = 0.95,
    ) -> Estimate:
        """The judge's numbers against the mean of the raters', item by item; None where there is none."""
        rated = [list(row) for row in zip(judge, *raters, strict=True)]
        table = np.array(rated, dtype=float).reshape(len(rated), 1 + len(raters))
        n = len(table)
        r = Ratings(
            shares=np.zeros((n, 0)),
            values=table[:, 0],
            ratings=np.full((n, len(raters)), -1),
            numbers=table[:, 1:],
            clusters=np.arange(n),
            level="interval",
        )
        return correlation_of(kind, r, seed=seed, replicates=replicates, confidence=confidence)

    return Coefficient(kind, compute)


PEARSON = _plain("pearson")
SPEARMAN = _plain("spearman")
KENDALL_TAU = _plain("kendall_tau")
ACC_EQ = _plain("acc_eq")
