"""One model of paired verdicts: how strong systems are, and what else moved the judge.

logit P(a wins) = strength[a] - strength[b] + sum over terms of coefficient * column, with outcomes from 0
to 1 (a tie is a half, soft verdicts are taken as they come). Every column is a difference of the two
answers, or +1 and -1 for the order: swapping a and b turns its sign. So 0 means "no difference" and a
column may be scaled but never centred: centring would compare at the average difference instead.

Source: Bradley and Terry 1952; fractional outcomes as in Papke and Wooldridge 1996; the covariance is
the sandwich by cluster (Liang and Zeger 1986) with the factor G/(G-1) (n-1)/(n-p), as in statsmodels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import eigh
from scipy.sparse.csgraph import connected_components
from scipy.special import expit

from judge.stats.intervals import Floats

Codes = NDArray[np.int64]

EDGE_PRIOR = 0.5  # pseudo-verdicts on each pair that was judged, half for either side
_STEPS = 60  # Newton doubles its digits each step; without a maximum it walks on for ever
_SMALL_STEP = 1e-9
_FLAT = 1e-10  # an information below this share of the largest says nothing about its direction


@dataclass(frozen=True, slots=True)
class PairwiseData:
    """Verdicts on pairs. a, b: codes of systems below n_systems, shape (n,); y: shape (n,), in [0, 1].

    clusters: shape (n,), any labels. terms: shape (n, m), antisymmetric. weights: shape (n,), None for
    equal ones. has_strengths: False where the two answers of a pair are not systems; all strengths are
    then 0 and the terms alone say who wins.
    """

    a: Codes
    b: Codes
    y: Floats
    clusters: NDArray[Any]
    n_systems: int
    terms: Floats
    weights: Floats | None = None
    has_strengths: bool = True


@dataclass(frozen=True, slots=True)
class PairwiseFit:
    """The model's maximum. strengths: shape (K,), their mean 0 within each component of the graph.

    covariance, bread: shape (K + m, K + m), strengths before coefficients; the sandwich, and the inverse
    information. influence: shape (G, K + m), each cluster's own with the factor (n-1)/(n-p) in it;
    covariance = G/(G-1) influence' influence.
    clusters: the labels of its rows, sizes: what their verdicts weigh. met: in how many of them each
    system was judged. prior: pseudo-verdicts per judged pair. unbeaten: strongly connected component of
    each system; strengths of two of them cannot be told apart without a prior. terms_told: False where
    nothing but that prior tells the coefficients. problem: why there is no fit, "" where there is one;
    then the arrays are empty.
    """

    strengths: Floats
    coefficients: Floats
    covariance: Floats
    bread: Floats
    influence: Floats
    clusters: NDArray[Any]
    sizes: Floats
    met: Codes
    n_rows: int
    prior: float
    unbeaten: Codes
    problem: str = ""
    terms_told: bool = True


def fit(data: PairwiseData, prior: float = 0.0) -> PairwiseFit:
    """The fit; `problem` says where the data cannot tell its parameters apart.

    prior: pseudo-verdicts on every pair that occurs, half won by either; never between systems that did
    not meet, so that it joins no separate components. 0 gives plain maximum likelihood.
    Raises ValueError for arrays that do not fit together.
    """
    _check(data)
    unbeaten = beaten_components(data.a, data.b, data.y, data.n_systems)
    if not len(data.y):
        return _without(data, prior, unbeaten, "no verdicts")
    free = _free_systems(data)
    known = _collinear(_Design(data, free))
    if known:
        return _without(data, prior, unbeaten, known)
    found = _maximum(_with_prior(data, prior) if prior else data, free)
    if found is None:
        return _without(data, prior, unbeaten, "separated: some verdicts are predicted perfectly")
    beta, bread = found
    return _fitted(data, free, beta, bread, prior, unbeaten)


def fit_or_shrunk(data: PairwiseData) -> PairwiseFit:
    """The maximum likelihood, or where some system always won or lost the fit with EDGE_PRIOR.

    Where a term separates the verdicts as well there is none: a prior on strengths would decide it.
    Between systems one of which won all, verdicts say nothing of the terms, so that these must be told by
    the others. Source: Geyer 2009 (the limiting conditional model).
    """
    plain = fit(data)
    if not plain.problem.startswith("separated") or not data.has_strengths:
        return plain
    others = fit(_within(data, plain.unbeaten))
    if others.problem.startswith("separated"):
        return plain
    return replace(fit(data, EDGE_PRIOR), terms_told=not others.problem)


# -- the graph of who met whom -------------------------------------------------------------------


def met_components(a: Codes, b: Codes, n_systems: int) -> Codes:
    """The component of each system, shape (n_systems,): systems that met, directly or through others."""
    return _components(a, b, n_systems, "weak")


def beaten_components(a: Codes, b: Codes, y: Floats, n_systems: int) -> Codes:
    """The same where an edge leads from the one who got anything to the one who gave it: strongly.

    Strengths of systems in two such components differ by as much as one likes: one side won all.
    Source: Ford 1957.
    """
    winners = np.concatenate([a[y > 0], b[y < 1]])
    losers = np.concatenate([b[y > 0], a[y < 1]])
    return _components(winners, losers, n_systems, "strong")


def _components(a: Codes, b: Codes, n: int, connection: Literal["weak", "strong"]) -> Codes:
    graph = sparse.coo_matrix((np.ones(len(a)), (a, b)), shape=(n, n))
    is_strong = connection == "strong"
    _, labels = connected_components(graph, directed=is_strong, connection=connection)
    return np.asarray(labels, dtype=np.int64)


def _within(data: PairwiseData, components: Codes) -> PairwiseData:
    """The verdicts on two systems of one component."""
    own = components[data.a] == components[data.b]
    return replace(
        data,
        a=data.a[own],
        b=data.b[own],
        y=data.y[own],
        clusters=data.clusters[own],
        terms=data.terms[own],
        weights=None if data.weights is None else data.weights[own],
    )


# -- the design ----------------------------------------------------------------------------------


def _check(data: PairwiseData) -> None:
    n = len(data.y)
    if not (len(data.a) == len(data.b) == len(data.clusters) == len(data.terms) == n):
        raise ValueError("a, b, y, clusters and terms must have one row a verdict")
    if n and not (np.isfinite(data.terms).all() and ((data.y >= 0) & (data.y <= 1)).all()):
        raise ValueError("outcomes must lie in [0, 1] and terms be finite")
    if (data.a == data.b).any():
        raise ValueError("a pair has two systems")


class _Design:
    """The columns of the model: strengths of the free systems, then terms.

    They are never written out, since of all the strengths a row has two.
    """

    def __init__(self, data: PairwiseData, free: Codes) -> None:
        self.a, self.b, self.terms = data.a, data.b, data.terms
        self.free, self.n = free, data.n_systems
        self.width = len(free) + data.terms.shape[1]

    def times(self, beta: Floats) -> Floats:
        """design @ beta, shape (n_rows,)."""
        strengths = np.zeros(self.n)
        strengths[self.free] = beta[: len(self.free)]
        terms = self.terms @ beta[len(self.free) :]
        return np.asarray(strengths[self.a] - strengths[self.b] + terms)

    def summed(self, values: Floats) -> Floats:
        """design' @ values, shape (width,)."""
        return np.concatenate([self._won(values)[self.free], self.terms.T @ values])

    def gram(self, weights: Floats) -> Floats:
        """design' @ diag(weights) @ design, shape (width, width)."""
        met = np.bincount(self.a * self.n + self.b, weights, self.n**2).reshape(self.n, self.n)
        met = met + met.T
        own = (np.diag(met.sum(axis=1)) - met)[np.ix_(self.free, self.free)]
        shared = [self._won(weights * term)[self.free] for term in self.terms.T]
        cross = np.stack(shared, 1) if shared else np.zeros((len(self.free), 0))
        among = self.terms.T @ (self.terms * weights[:, None])
        return np.block([[own, cross], [cross.T, among]])

    def by_cluster(self, values: Floats, codes: Codes, n_clusters: int) -> Floats:
        """What the rows of each cluster add to design' @ values, shape (n_clusters, width)."""
        rows = np.arange(len(codes))
        won, lost = (
            sparse.csr_matrix((values, (codes, own)), shape=(n_clusters, self.n))
            for own in (self.a, self.b)
        )
        summed = sparse.csr_matrix((values, (codes, rows)), shape=(n_clusters, len(codes)))
        return np.concatenate([(won - lost).toarray()[:, self.free], summed @ self.terms], 1)

    def _won(self, values: Floats) -> Floats:
        """What each system has where it is a, less what it has where it is b, shape (n_systems,)."""
        found = np.bincount(self.a, values, self.n) - np.bincount(self.b, values, self.n)
        return found.astype(np.float64)


def _free_systems(data: PairwiseData) -> Codes:
    """The systems whose strengths are free: all but the first of each component."""
    if not data.has_strengths:
        return np.zeros(0, dtype=np.int64)
    _, first = np.unique(met_components(data.a, data.b, data.n_systems), return_index=True)
    return np.setdiff1d(np.arange(data.n_systems), first)


def _weights(data: PairwiseData) -> Floats:
    return np.ones(len(data.y)) if data.weights is None else data.weights


def _with_prior(data: PairwiseData, prior: float) -> PairwiseData:
    """The verdicts with `prior` more on every pair that occurs, half won by either and without terms."""
    low, high = np.minimum(data.a, data.b), np.maximum(data.a, data.b)
    a, b = np.unique(np.stack([low, high], 1), axis=0).T
    return replace(
        data,
        a=np.concatenate([data.a, a]),
        b=np.concatenate([data.b, b]),
        y=np.concatenate([data.y, np.full(len(a), 0.5)]),
        terms=np.concatenate([data.terms, np.zeros((len(a), data.terms.shape[1]))]),
        weights=np.concatenate([_weights(data), np.full(len(a), prior)]),
    )


def _collinear(design: _Design) -> str:
    """Names what columns cannot be told apart, "" where all can."""
    if not design.width:
        return "no verdicts on two systems"
    gram = design.gram(np.ones(len(design.a)))
    scale = np.sqrt(np.diag(gram))
    if (scale == 0).any():
        return "collinear: a term is 0 in every row"
    values = np.linalg.eigvalsh(gram / np.outer(scale, scale))
    if values[0] < _FLAT * len(values):
        return "collinear: a term cannot be told apart from the strengths"
    return ""


# -- the maximum ---------------------------------------------------------------------------------


def _maximum(data: PairwiseData, free: Codes) -> tuple[Floats, Floats] | None:
    """Coefficients and inverse information by Newton's method, None where there is no maximum."""
    weights, design = _weights(data), _Design(data, free)

    def at(beta: Floats) -> tuple[float, Floats, Floats]:
        eta = design.times(beta)
        p = expit(eta)
        loss = weights @ (np.logaddexp(0, eta) - data.y * eta)
        return (
            float(loss),
            design.summed(weights * (data.y - p)),
            design.gram(weights * p * (1 - p)),
        )

    beta = np.zeros(design.width)
    loss, slope, known = at(beta)
    at_zero = known
    for _ in range(_STEPS):
        try:
            step: Floats = np.linalg.solve(known, slope).astype(np.float64)
        except np.linalg.LinAlgError:
            return None
        if not np.isfinite(step).all():
            return None
        if np.abs(step).max() < _SMALL_STEP * (1 + np.abs(beta).max()):
            if _is_flat(known, at_zero):
                return None
            return beta + step, np.linalg.inv(known).astype(np.float64)
        loss, slope, known, beta = _downhill(at, beta, step, loss)
    return None


def _is_flat(known: Floats, at_zero: Floats) -> bool:
    """Whether some direction has no information left: the walk to infinity ends where p rounds to 0 or 1."""
    return bool(eigh(known, at_zero, eigvals_only=True)[0] < _FLAT)


def _downhill(
    at: Any, beta: Floats, step: Floats, loss: float
) -> tuple[float, Floats, Floats, Floats]:
    """The point after a step, halved until the loss does not rise."""
    for _ in range(30):
        new_loss, slope, known = at(beta + step)
        if new_loss <= loss + 1e-12 * abs(loss):
            break
        step = step / 2
    return new_loss, slope, known, beta + step


def _fitted(
    data: PairwiseData,
    free: Codes,
    beta: Floats,
    bread: Floats,
    prior: float,
    unbeaten: Codes,
) -> PairwiseFit:
    """The fit in terms of all strengths, centred within each component."""
    design, weights = _Design(data, free), _weights(data)
    residuals = weights * (data.y - expit(design.times(beta)))
    labels, codes = np.unique(data.clusters, return_inverse=True)
    spread = _spread(data, free, design.width)
    # With G/(G-1) this makes the usual CR1, which for a plain mean is G/(G-1) alone.
    few = np.sqrt((len(codes) - 1) / max(len(codes) - design.width, 1))
    influence = few * (design.by_cluster(residuals, codes, len(labels)) @ bread @ spread.T)
    whole = spread @ beta
    n, g = data.n_systems, len(labels)
    return PairwiseFit(
        strengths=whole[:n],
        coefficients=whole[n:],
        covariance=influence.T @ influence * (g / (g - 1) if g > 1 else np.nan),
        bread=spread @ bread @ spread.T,
        influence=influence,
        clusters=labels,
        sizes=np.bincount(codes, weights=weights).astype(np.float64),
        met=_met(data, codes, len(labels)),
        n_rows=len(data.y),
        prior=prior,
        unbeaten=unbeaten,
    )


def _met(data: PairwiseData, codes: Codes, g: int) -> Codes:
    """In how many of g clusters each system was judged, shape (n_systems,)."""
    places = np.concatenate([data.a * g + codes, data.b * g + codes])
    return np.bincount(np.unique(places) // g, minlength=data.n_systems)


def _spread(data: PairwiseData, free: Codes, n_free: int) -> Floats:
    """From free parameters to all: shape (K + m, n_free); strengths sum to 0 in each component."""
    n, m = data.n_systems, data.terms.shape[1]
    spread = np.zeros((n + m, n_free))
    spread[free, np.arange(len(free))] = 1.0
    spread[n:, len(free) :] = np.eye(m)
    components = met_components(data.a, data.b, n)
    for component in np.unique(components):
        own = np.flatnonzero(components == component)
        spread[own] -= spread[own].mean(axis=0)
    return spread


def _without(data: PairwiseData, prior: float, unbeaten: Codes, problem: str) -> PairwiseFit:
    none = np.zeros(0)
    square = np.zeros((0, 0))
    return PairwiseFit(
        none,
        none,
        square,
        square,
        square,
        none,
        none,
        unbeaten * 0,
        len(data.y),
        prior,
        unbeaten,
        problem,
    )
