"""How severe each judge is beside the others, and what answers score once that is taken off.

Where judges saw different answers a plain mean tells who was asked as much as what was said. The
additive model puts every judge beside the others on the answers that they share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from judge.stats import contrasts
from judge.stats.contrasts import Contrast
from judge.stats.intervals import Floats

Codes = NDArray[np.int64]

NO_SCORES = "no scores"
ONE_JUDGE = "one judge has nobody to be held against"
APART = "judges fall into groups that share no answer, so they cannot be held against each other"


@dataclass(frozen=True, slots=True)
class Cells:
    """Scores that were given. All shapes (n,): scores finite; items, judges: codes from 0.

    clusters: labels, the same for all cells of an item. weights: of each judge, shape (n_judges,).
    """

    scores: Floats
    items: Codes
    judges: Codes
    clusters: NDArray[Any]
    weights: Floats


@dataclass(frozen=True, slots=True)
class AdditiveFit:
    """s = mu_i + c_j + e. severities: c, shape (n_judges,), their weighted sum 0; above 0 is lenient.

    scores: mu, shape (n_items,), NaN for an item without a cell. residuals: shape (n,). shares: of each
    cell in its item, shape (n,). slopes: of c in every score, shape (n, n_judges). influence: of c by
    cluster, shape (G, n_judges). worths: how many clusters each c hangs on, shape (n_judges,). why_not: why
    there is no fit, else "".
    """

    severities: Floats
    scores: Floats
    residuals: Floats
    shares: Floats
    slopes: Floats
    clusters: NDArray[Any]
    influence: Floats
    worths: Floats
    why_not: str = ""


def additive(cells: Cells) -> AdditiveFit:
    """The weighted least squares fit of the additive model, items absorbed.

    With equal weights it is OLS on the observed cells with sum c = 0. With a vote per family as weights
    the score of an item that all judges saw is the panel's mean, whoever is severe.
    Source: sandwich by cluster with G/(G-1), items lying within clusters.
    """
    k = len(cells.weights)
    why = _why_not(cells, k)
    if why:
        return _none(why)
    own = cells.weights[cells.judges]
    totals = np.bincount(cells.items, own)
    shares = own / totals[cells.items]
    n_items = len(totals)
    # Judges' columns less their items' weighted means: what is left once items are absorbed.
    design = csr_array((own, (cells.items, cells.judges)), shape=(n_items, k))
    inverse = csr_array((1 / np.maximum(totals, 1e-300), (range(n_items),) * 2))
    normal = np.diag(np.bincount(cells.judges, own, k)) - (design.T @ inverse @ design).toarray()
    pulls = own[:, None] * _anchored(normal, cells.weights).T[cells.judges]
    by_item = csr_array((np.ones(len(own)), (cells.items, range(len(own)))), (n_items, len(own)))
    slopes = pulls - shares[:, None] * np.asarray(by_item @ pulls)[cells.items]
    severities: Floats = slopes.T @ cells.scores
    rest = cells.scores - severities[cells.judges]
    scores = np.bincount(cells.items, shares * rest)
    residuals = rest - scores[cells.items]
    labels, codes = np.unique(cells.clusters, return_inverse=True)
    by_cluster = csr_array((np.ones(len(own)), (codes, range(len(own)))), (len(labels), len(own)))
    return AdditiveFit(
        severities=severities,
        scores=np.where(totals > 0, scores, np.nan),
        residuals=residuals,
        shares=shares,
        slopes=slopes,
        clusters=labels,
        influence=np.asarray(by_cluster @ (slopes * residuals[:, None])),
        worths=np.array([contrasts.worth(slopes[:, judge], codes) for judge in range(k)]),
    )


def _why_not(cells: Cells, k: int) -> str:
    if not len(cells.scores):
        return NO_SCORES
    if len(np.unique(cells.judges)) < 2:
        return ONE_JUDGE
    n_items = int(cells.items.max()) + 1
    seen = csr_array((np.ones(len(cells.items)), (cells.items, cells.judges)), shape=(n_items, k))
    n_parts, _ = connected_components(seen.T @ seen, directed=False)
    return APART if n_parts > 1 else ""


def _anchored(normal: Floats, weights: Floats) -> Floats:
    """The inverse whose solutions have a weighted sum of 0: judges are known only beside each other."""
    inverse = np.linalg.pinv(normal, hermitian=True)
    found: Floats = inverse - (weights / weights.sum()) @ inverse
    return found


def _none(why: str) -> AdditiveFit:
    empty = np.zeros(0)
    square = np.zeros((0, 0))
    return AdditiveFit(empty, empty, empty, empty, square, empty, square, empty, why)


# -- what is read off ----------------------------------------------------------------------------


def severity(fit: AdditiveFit, judge: int) -> Contrast:
    """How far above (lenient) or below (severe) the panel a judge scores the same answers.

    It hangs on the clusters in which the judge shares answers with others, be the others ever so many.
    """
    value, influence = float(fit.severities[judge]), fit.influence[:, judge]
    return Contrast(value, fit.clusters, influence, worth=float(fit.worths[judge]))


def mean_score(fit: AdditiveFit, cells: Cells, items: Sequence[int] | Codes) -> Contrast:
    """The mean of these items' scores, with what the severities add to its uncertainty."""
    chosen = np.zeros(len(fit.scores), dtype=bool)
    chosen[np.asarray(items, dtype=np.int64)] = True
    value = float(fit.scores[chosen].mean())
    n = int(chosen.sum())
    is_own = chosen[cells.items]
    asked = np.bincount(cells.judges[is_own], fit.shares[is_own], len(cells.weights)) / n
    codes = np.searchsorted(fit.clusters, cells.clusters)
    # A cell's share of its item's score, so that each item counts once whoever saw it.
    apart = np.where(is_own, fit.shares * (fit.scores[cells.items] - value), 0.0)
    own = np.bincount(codes, apart, len(fit.clusters)) / n
    worth = contrasts.worth(fit.shares * is_own / n - fit.slopes @ asked, codes)
    return Contrast(value, fit.clusters, own - fit.influence @ asked, worth=worth)


def spreads(fit: AdditiveFit, cells: Cells) -> list[float | None]:
    """The residual variance of each judge over that of all (1: as noisy as the rest), like infit.

    A residual shares its item's mean, whose part in its variance is taken off. None for two judges, whose
    residuals are mirror images, and where nothing is left over. Source: Linacre 2002 (infit).
    """
    k = len(cells.weights)
    if k < 3:
        return [None] * k
    squares = np.bincount(cells.judges, fit.residuals**2, k)
    left = np.bincount(cells.judges, 1 - fit.shares, k)
    whole = squares.sum() / left.sum() if left.sum() > 0 else 0.0
    rounding = 1e-20 * max(1.0, float(np.abs(cells.scores).max()) ** 2)
    if whole <= rounding:
        return [None] * k
    return [float(s / f / whole) if f > 0 else None for s, f in zip(squares, left, strict=True)]
