"""What being a judge's own answer, or one of its family's, adds to a verdict.

An own answer may simply be better, so it is held against what judges outside say of the same answer: in
one regression every answer (or pair) has an effect of its own, and what is left tells judges apart. What
cannot be told apart has no value; that is looked at in the design and never assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.sparse import csr_array

from judge.stats import contrasts
from judge.stats.contrasts import Contrast, least_worth
from judge.stats.intervals import Floats
from judge.stats.proportions import mcnemar_exact

Codes = NDArray[np.int64]

RANK = 1e-9  # of the largest eigenvalue; what is below it is the rounding of 0


@dataclass(frozen=True, slots=True)
class Votes:
    """Verdicts as numbers, one row for each judge and cell, shape (n,) each.

    y: a score, or what a pair's system_a got. cells: the answer or pair; judges: codes from 0; clusters:
    labels. own, kin: 1 where the answer is the judge's own or of its family, else 0; for pairs a's minus
    b's. has_severity: whether judges may differ in level, as they do in scores; in pairs that cancels.
    """

    y: Floats
    cells: Codes
    judges: Codes
    clusters: NDArray[Any]
    own: Floats
    kin: Floats
    has_severity: bool

    def rows(self, chosen: NDArray[np.bool_]) -> Votes:
        """Some of the rows."""
        names = ("y", "cells", "judges", "clusters", "own", "kin")
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})


@dataclass(frozen=True, slots=True)
class Terms:
    """The two terms, None where the design cannot tell a term from the rest."""

    own: Contrast | None = None
    kin: Contrast | None = None


@dataclass(frozen=True, slots=True)
class Design:
    """A regression ready for any y: the columns with the cells absorbed, those asked for last.

    kept: the rows of cells that several judges saw, shape (n,); the other arrays are of these alone.
    x: shape (rows, k); inverse: of x'x; is_known: which coefficients the design determines, shape (k,);
    by_cluster: sums over clusters, shape (G, rows). n_terms: how many columns were asked for.
    """

    kept: NDArray[np.bool_]
    cells: Codes
    x: Floats
    inverse: Floats
    is_known: NDArray[np.bool_]
    labels: NDArray[Any]
    by_cluster: csr_array
    n_terms: int

    def worth(self, k: int) -> float:
        """How many clusters a coefficient hangs on, such as those with answers of the judge's own."""
        return contrasts.worth(self.x @ self.inverse[:, k], self.by_cluster.tocsc().indices)


def terms(votes: Votes) -> Terms:
    """One self and one family term for all judges: y = cell + judge + d_self own + d_family kin.

    Source: least squares with the cells absorbed, sandwich by cluster with G/(G-1).
    """
    return Terms(*coefficients(shared_design(votes), votes.y))


def by_judge(votes: Votes) -> dict[int, Terms]:
    """Judge -> its own two terms, for those that see an answer of their own or of their family.

    With as many judges as systems, each judge the author of one, the self term of each is the double
    difference: how far it is above the others on its own answer, less how far it is on the rest.
    """
    return judges_terms(votes, coefficients(judges_design(votes), votes.y))


def shared_design(votes: Votes) -> Design:
    """The design with a self and a family term for all judges."""
    return _design(votes, [votes.own, votes.kin])


def judges_design(votes: Votes) -> Design:
    """The design with both terms for each judge that has an answer of its own or of its family."""
    is_own = [votes.judges == judge for judge in related(votes)]
    return _design(votes, [term * own for own in is_own for term in (votes.own, votes.kin)])


def related(votes: Votes) -> list[int]:
    """The judges that see an answer of their own or of their family."""
    return [int(judge) for judge in np.unique(votes.judges[(votes.own != 0) | (votes.kin != 0)])]


def judges_terms(votes: Votes, found: Sequence[Contrast | None]) -> dict[int, Terms]:
    """Judge -> its terms, of what judges_design gave."""
    pairs = zip(found[::2], found[1::2], strict=True)
    return {judge: Terms(*pair) for judge, pair in zip(related(votes), pairs, strict=True)}


# -- the regression ------------------------------------------------------------------------------


def _design(votes: Votes, columns: Sequence[Floats]) -> Design:
    """These columns beside the cells' effects and, where they have any, the judges'."""
    kept = in_several(votes)
    seen = votes.rows(kept)
    _, cells = np.unique(seen.cells, return_inverse=True)
    both = [*_severities(seen), *(column[kept] for column in columns)]
    x = _absorbed(np.column_stack(both) if both else np.zeros((len(seen.y), 0)), cells)
    inverse, is_known = _inverse(x.T @ x)
    labels, codes = np.unique(seen.clusters, return_inverse=True)
    shape = (len(labels), len(codes))
    sums = csr_array((np.ones(len(codes)), (codes, np.arange(len(codes)))), shape)
    return Design(kept, cells, x, inverse, is_known, labels, sums, len(columns))


def coefficients(design: Design, y: Floats) -> list[Contrast | None]:
    """The coefficients of the columns that were asked for, None where the design leaves one open.

    y: one value for each row of the votes.
    """
    if not design.kept.any():
        return [None] * design.n_terms
    there = _absorbed(y[design.kept][:, None], design.cells)[:, 0]
    beta = design.inverse @ (design.x.T @ there)
    residuals = there - design.x @ beta
    influence = (design.by_cluster @ (design.x * residuals[:, None])) @ design.inverse
    places = range(len(beta) - design.n_terms, len(beta))
    return [
        Contrast(float(beta[k]), design.labels, influence[:, k], worth=design.worth(k))
        if design.is_known[k]
        else None
        for k in places
    ]


def in_several(votes: Votes) -> NDArray[np.bool_]:
    """The rows of cells that several judges saw; the others tell nobody apart."""
    _, cells = np.unique(votes.cells, return_inverse=True)
    kept: NDArray[np.bool_] = np.bincount(cells)[cells] > 1
    return kept


def _severities(votes: Votes) -> list[Floats]:
    """A column for every judge but one, where judges have levels of their own."""
    if not votes.has_severity:
        return []
    return [(votes.judges == judge).astype(float) for judge in np.unique(votes.judges)[1:]]


def _absorbed(columns: Floats, cells: Codes) -> Floats:
    """The columns less their means by cell. columns: shape (n, k)."""
    sizes = np.bincount(cells)
    sums = csr_array(
        (np.ones(len(cells)), (cells, np.arange(len(cells)))), (len(sizes), len(cells))
    )
    means = np.asarray(sums @ columns) / sizes[:, None]
    return np.asarray(columns - means[cells])


def _inverse(gram: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """The inverse of a Gram matrix, and which of its coefficients the design determines."""
    values, vectors = np.linalg.eigh(gram)
    is_there = values > RANK * max(float(values.max(initial=0.0)), RANK)
    null = vectors[:, ~is_there]
    kept = vectors[:, is_there]
    return (kept / values[is_there]) @ kept.T, np.sum(null**2, axis=1) < RANK


# -- what is made of them ------------------------------------------------------------------------


def mean_of(values: Floats, clusters: NDArray[Any]) -> Contrast:
    """The plain mean with the influence of each cluster."""
    labels, codes = np.unique(clusters, return_inverse=True)
    value = float(values.mean())
    return Contrast(value, labels, np.bincount(codes, values - value) / len(values))


def combined(parts: Sequence[tuple[float, Contrast]]) -> Contrast:
    """The sum of contrasts, each times its factor, over the same clusters or others."""
    labels = np.unique(np.concatenate([contrast.clusters for _, contrast in parts]))
    influence = np.zeros(len(labels))
    for factor, contrast in parts:
        influence[np.searchsorted(labels, contrast.clusters)] += factor * contrast.influence
    value = sum(factor * contrast.value for factor, contrast in parts)
    return Contrast(value, labels, influence, worth=least_worth([c for _, c in parts]))


def p_value(contrast: Contrast | None) -> float | None:
    """The two-sided p of a contrast being 0; None without one, or where it has no spread."""
    return None if contrast is None else contrasts.p_value(contrast)


def within_p(contrast: Contrast, margin: float) -> float | None:
    """The larger p of the two one-sided tests of a contrast lying `margin` or more from 0."""
    if p_value(contrast) is None:
        return None
    return float(stats.t.sf((margin - abs(contrast.value)) / contrast.se, contrast.df))


def beyond(found: Contrast | None, coin: Contrast | None) -> float | None:
    """The p of a term being more than what a coin in the judge's place would show as well.

    The larger of the two p values: of the term being 0, and, where the coin's goes the same way, of the
    term being the coin's; 1 where the coin goes further.
    """
    plain = p_value(found)
    if plain is None or found is None or coin is None or found.value * coin.value <= 0:
        return plain
    if abs(coin.value) >= abs(found.value):
        return 1.0
    apart = p_value(combined([(1.0, found), (-1.0, coin)]))
    return None if apart is None else max(plain, apart)


# -- beside people -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BesidePeople:
    """A judge held against people on pairs of its own answer and another's.

    equal_opportunity: P(judge prefers own | people prefer own) - P(judge prefers other | people prefer
    other), None where people never prefer one of the two. parity: the judge's share of own answers
    preferred less people's. p_value: exact McNemar, of parity being 0.
    """

    equal_opportunity: float | None
    parity: float
    p_value: float
    n: int


def beside_people(
    judge_own: NDArray[np.bool_], people_own: NDArray[np.bool_]
) -> BesidePeople | None:
    """Wataoka's measures; True where the own answer is preferred, shape (n,) each. None without a pair.

    Source: Wataoka et al. 2410.21819 (equal opportunity and demographic parity).
    """
    if not len(judge_own):
        return None
    both, neither = judge_own & people_own, ~judge_own & ~people_own
    n_own, n_other = int(people_own.sum()), int((~people_own).sum())
    shares = None if not n_own or not n_other else both.sum() / n_own - neither.sum() / n_other
    return BesidePeople(
        equal_opportunity=None if shares is None else float(shares),
        parity=float(judge_own.mean() - people_own.mean()),
        p_value=mcnemar_exact(
            int((judge_own & ~people_own).sum()), int((people_own & ~judge_own).sum())
        ),
        n=len(judge_own),
    )
