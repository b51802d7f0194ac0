"""Davidson's model, in which ties have a parameter of their own, by evalica.

P(a wins), P(tie), P(b wins) are proportional to pi_a, nu sqrt(pi_a pi_b), pi_b. Strengths log pi are on
another scale than those of half ties, so that win probabilities are what can be held against each other:
P(a wins) + P(tie) / 2.

Source: Davidson 1970; the maximum by Newman 2023 as evalica has it (nu = 2 v), which gives neither an
uncertainty nor a word where there is no maximum. Both are added here: the sandwich by cluster, and
checks before and after.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import evalica
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from judge.stats.contrasts import Contrast
from judge.stats.intervals import Floats
from judge.stats.pairwise import Codes, beaten_components, met_components
from judge.stats.ranking import Strengths

_TOLERANCE = 1e-10
_LIMIT = 100_000
_FLAT = 1e-10
_STILL = 1e-5  # the slope of the log-likelihood a row, at what is called its maximum


@dataclass(frozen=True, slots=True)
class LabelData:
    """Verdicts in labels. said: 1 where a won, 0 a tie, -1 where b won; all of shape (n,).

    clusters: any labels. weights: above 0.
    """

    a: Codes
    b: Codes
    said: Codes
    clusters: NDArray[Any]
    weights: Floats
    n_systems: int


@dataclass(frozen=True, slots=True)
class DavidsonFit:
    """log pi, mean 0, shape (K,), and nu. influence: shape (G, K + 1), log nu last, by cluster.

    problem: why there is no fit, "" where there is one; then the arrays are empty.
    """

    strengths: Floats
    nu: float
    clusters: NDArray[Any]
    influence: Floats
    problem: str = ""


def fit(data: LabelData) -> DavidsonFit:
    """The maximum of Davidson's likelihood, refused where it lies at infinity."""
    problem = _problem(data)
    if problem:
        return _without(problem)
    winners = [_WINNERS[int(said)] for said in data.said]
    found = evalica.newman(
        data.a.tolist(),
        data.b.tolist(),
        winners,
        weights=data.weights.tolist(),
        tolerance=_TOLERANCE,
        limit=_LIMIT,
    )
    if found.iterations >= _LIMIT:
        return _without(f"Davidson's model did not settle in {_LIMIT:,} steps")
    strengths = np.log(found.scores.sort_index().to_numpy(dtype=float))
    return _with_influence(data, strengths - strengths.mean(), 2 * float(found.v))


_WINNERS = {1: evalica.Winner.X, 0: evalica.Winner.Draw, -1: evalica.Winner.Y}


def _problem(data: LabelData) -> str:
    if met_components(data.a, data.b, data.n_systems).any():
        return "not all systems met, directly or through others"
    y = (data.said + 1) / 2
    if beaten_components(data.a, data.b, y, data.n_systems).any():
        return "some system always won or lost, and Davidson's model has no maximum"
    if not (data.said == 0).any():
        return "there are no ties"
    return "" if (data.said != 0).any() else "there is nothing but ties"


def _without(problem: str) -> DavidsonFit:
    none = np.zeros(0)
    return DavidsonFit(none, float("nan"), none, np.zeros((0, 0)), problem)


def _with_influence(data: LabelData, strengths: Floats, nu: float) -> DavidsonFit:
    """The fit with each cluster's part; refused where evalica's point is no maximum.

    The model is a softmax of (d/2, log nu, -d/2), so slope and information are those of its features.
    """
    k, n = data.n_systems, len(data.said)
    chances = probabilities(strengths[data.a] - strengths[data.b], nu)
    halves = np.array([0.5, 0.0, -0.5])
    ties = np.array([0.0, 1.0, 0.0])
    own = np.eye(3)[1 - data.said] - chances  # what was said less what was to be expected
    slope_d, slope_tie = own @ halves, own @ ties
    var_d = chances @ halves**2 - (chances @ halves) ** 2
    var_tie = chances[:, 1] * (1 - chances[:, 1])
    both = -(chances @ halves) * chances[:, 1]
    rows = np.arange(n)
    design = sparse.csr_matrix(
        (np.r_[np.ones(n), -np.ones(n)], (np.r_[rows, rows], np.r_[data.a, data.b])), shape=(n, k)
    )
    w = data.weights
    information = np.zeros((k + 1, k + 1))
    information[:k, :k] = (design.T @ design.multiply((w * var_d)[:, None])).toarray()
    information[:k, k] = information[k, :k] = design.T @ (w * both)
    information[k, k] = w @ var_tie
    scores = np.c_[design.multiply((w * slope_d)[:, None]).toarray(), w * slope_tie]
    if np.abs(scores.sum(axis=0)).max() > _STILL * w.sum():
        return _without("Davidson's model was not brought to its maximum")
    labels, codes = np.unique(data.clusters, return_inverse=True)
    gather = sparse.csr_matrix((np.ones(n), (codes, rows)), shape=(len(labels), n))
    few = np.sqrt((n - 1) / max(n - k, 1))  # k parameters are free: k - 1 strengths and nu
    # Only differences of strengths are known: one direction has no information, but for rounding.
    inverse = np.linalg.pinv(information, rcond=_FLAT, hermitian=True)
    influence = few * np.asarray(gather @ scores) @ inverse
    return DavidsonFit(strengths, nu, labels, influence)


def probabilities(difference: Floats, nu: float) -> Floats:
    """P(a wins), P(tie), P(b wins), shape (n, 3). difference: of log strengths, shape (n,)."""
    logits = np.c_[difference / 2, np.full(len(difference), np.log(nu)), -difference / 2]
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float64)


def strengths_of(fit: DavidsonFit) -> Strengths:
    """The strengths in the form that a ranking takes."""
    k = len(fit.strengths)
    told = np.ones((k, k), dtype=bool)
    return Strengths(fit.strengths, fit.clusters, fit.influence[:, :k], told)


def win_probability(fit: DavidsonFit, system: int, others: Codes) -> Contrast:
    """The mean over these others of P(system wins) + P(tie) / 2."""
    d = fit.strengths[system] - fit.strengths[others]
    chances = probabilities(d, fit.nu)
    value = chances[:, 0] + chances[:, 1] / 2
    # d(value)/dd and d(value)/d log nu, each the covariance of the score with its feature.
    points, halves, ties = np.array([1, 0.5, 0]), np.array([0.5, 0, -0.5]), np.array([0, 1.0, 0])
    by_d = chances @ (points * halves) - value * (chances @ halves)
    by_tie = chances @ (points * ties) - value * chances[:, 1]
    slope = np.zeros(len(fit.strengths) + 1)
    slope[system] = by_d.mean()
    slope[others] = -by_d / len(others)
    slope[-1] = by_tie.mean()
    return Contrast(float(value.mean()), fit.clusters, fit.influence @ slope)


def tie_parameter(fit: DavidsonFit) -> Contrast:
    """nu: how many times as likely as either side's win a tie of equals is."""
    return Contrast(fit.nu, fit.clusters, fit.nu * fit.influence[:, -1])
