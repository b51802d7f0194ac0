"""Whether one order of the systems does justice to the pairs that were judged.

A model of strengths says how each pair should come out. Where pairs come out otherwise than noise would
have it, as when A beats B, B beats C and C beats A, one order hides something. What each pair came to
is held against the model: residuals by pair, standardised with the clusters, Holm over all pairs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import stats
from scipy.special import expit

from judge.stats.intervals import ROUNDING, Floats, counted, holm
from judge.stats.pairwise import Codes, PairwiseData, PairwiseFit

FEW_CLUSTERS = 10  # a pair judged on fewer is not held against the model
_FLAT = (
    1e-3  # of the direct rate's standard error; below it a residual is 0 by the model's own making
)


@dataclass(frozen=True, slots=True)
class Member:
    """One judge's unweighted data and fit, with its weight in the panel."""

    data: PairwiseData
    fit: PairwiseFit
    weight: float


@dataclass(frozen=True, slots=True)
class PairFit:
    """What a got against b, and what the model has for the same rows. se: of direct - fitted.

    even: what the model's strengths alone have, at no position. direct_se: of direct alone. n_clusters:
    those in which the pair was judged.
    """

    a: int
    b: int
    direct: float
    fitted: float
    even: float
    se: float
    direct_se: float
    n_clusters: int

    @property
    def residual(self) -> float:
        return self.direct - self.fitted

    @property
    def at_even(self) -> float:
        """The direct rate less what places did to it: a pair in one order alone is not won by that."""
        return self.even + self.residual


@dataclass(frozen=True, slots=True)
class Transitivity:
    """The pair that fits worst. p_value: of its residual, after Holm over n_tested pairs.

    cycles: triads a > b > c > a among pairs whose direct rate is not a half (Holm, at alpha).
    note: why nothing was checked; then pair and p_value are None.
    """

    pair: PairFit | None
    p_value: float | None
    n_tested: int
    cycles: int
    note: str = ""


def check(members: Sequence[Member], alpha: float) -> Transitivity:
    """How far pairs depart from the fitted strengths. All members have the same systems."""
    found = pair_fits(members)
    known = [pair for pair in found if pair.n_clusters >= FEW_CLUSTERS]
    cycles = n_cycles(known, alpha)
    tested = [pair for pair in known if pair.se > _FLAT * pair.direct_se]
    if not tested:
        return Transitivity(None, None, 0, cycles, _why_not(found, members))
    p = [_p(pair.residual, pair.se, pair.n_clusters) for pair in tested]
    worst, adjusted = int(np.argmin(p)), holm(p)
    return Transitivity(tested[worst], adjusted[worst], len(tested), cycles)


def _why_not(found: Sequence[PairFit], members: Sequence[Member]) -> str:
    if len(found) < len(members[0].fit.strengths):
        return "the pairs that were judged form no loop"
    if any(pair.n_clusters >= FEW_CLUSTERS for pair in found):
        return (
            "what pairs in loops came to is taken up by position: each was shown in one order alone"
        )
    return f"no pair in a loop was judged on {counted(FEW_CLUSTERS, 'item')} or more"


def _p(distance: float, se: float, n_clusters: int) -> float:
    return float(2 * stats.t.sf(abs(distance) / se, n_clusters - 1))


def n_cycles(pairs: Sequence[PairFit], alpha: float) -> int:
    """How many triads go round among the pairs that one side surely wins."""
    adjusted = holm([_direct_p(pair) for pair in pairs])
    wins = {
        (pair.a, pair.b) if pair.at_even > 0.5 else (pair.b, pair.a)
        for pair, p in zip(pairs, adjusted, strict=True)
        if p < alpha
    }
    systems = sorted({system for pair in wins for system in pair})
    return sum(
        {(a, b), (b, c), (c, a)} <= wins or {(b, a), (c, b), (a, c)} <= wins
        for a, b, c in combinations(systems, 3)
    )


def _direct_p(pair: PairFit) -> float:
    """Of the direct rate being a half at no position; exact over clusters where one side won all."""
    if pair.direct_se > ROUNDING:
        return _p(pair.at_even - 0.5, pair.direct_se, pair.n_clusters)
    if pair.direct not in (0.0, 1.0):
        return 1.0
    by_place = pair.fitted - pair.even
    chance = 0.5 + (by_place if pair.direct else -by_place)  # of the side that won, were both equal
    return min(1.0, 2 * chance**pair.n_clusters)


# -- direct against fitted -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of one judge in the order of their pairs, turned so that the first system is the lower.

    y, p: what it got and was to get; weights: as in the fit; terms: turned too; clusters: places among
    all labels. places: the rows of each pair, by its code.
    """

    y: Floats
    p: Floats
    weights: Floats
    terms: Floats
    clusters: Codes
    places: dict[int, slice]


def pair_fits(members: Sequence[Member]) -> list[PairFit]:
    """Every pair that was judged, direct and fitted, a panel's as the mean of its members'.

    The standard error is that of a score test by cluster: the residual's own part less what the fitted
    parameters take up of it.
    """
    labels = np.unique(np.concatenate([m.fit.clusters for m in members]))
    widths = [m.fit.influence.shape[1] for m in members]
    influence = np.zeros((len(labels), sum(widths)))
    for member, end in zip(members, np.cumsum(widths), strict=True):
        places = np.searchsorted(labels, member.fit.clusters)
        influence[places, end - member.fit.influence.shape[1] : end] = member.fit.influence
    gram = influence.T @ influence
    rows = [_rows(member, labels) for member in members]
    k = len(members[0].fit.strengths)
    codes = sorted({code for part in rows for code in part.places})
    return [_pair(code, k, members, rows, influence, gram) for code in codes]


def _rows(member: Member, labels: Codes) -> _Rows:
    data, fit, k = member.data, member.fit, len(member.fit.strengths)
    low, high = np.minimum(data.a, data.b), np.maximum(data.a, data.b)
    order = np.argsort(low * k + high, kind="stable")
    codes, starts = np.unique((low * k + high)[order], return_index=True)
    ends = [*starts[1:], len(order)]
    sign = np.where(data.a == low, 1.0, -1.0)
    eta = fit.strengths[data.a] - fit.strengths[data.b] + data.terms @ fit.coefficients
    weights = np.ones(len(data.y)) if data.weights is None else data.weights
    return _Rows(
        y=np.where(sign > 0, data.y, 1 - data.y)[order],
        p=expit(sign * eta)[order],
        weights=weights[order],
        terms=(sign[:, None] * data.terms)[order],
        clusters=np.searchsorted(labels, data.clusters)[order],
        places={
            int(code): slice(int(start), int(end))
            for code, start, end in zip(codes, starts, ends, strict=True)
        },
    )


def _pair(
    code: int,
    k: int,
    members: Sequence[Member],
    rows: Sequence[_Rows],
    influence: Floats,
    gram: Floats,
) -> PairFit:
    a, b = divmod(code, k)
    own = [(n, part, part.places[code]) for n, part in enumerate(rows) if code in part.places]
    total = sum(members[n].weight for n, _, _ in own)
    taken = np.zeros(influence.shape[1])
    begins = np.cumsum([0, *(m.fit.influence.shape[1] for m in members)])
    y = p = even = 0.0
    pieces: list[tuple[Codes, Floats, Floats]] = []  # clusters, residuals, y about its mean
    for n, part, at in own:
        share = members[n].weight / total
        weights = part.weights[at] / part.weights[at].sum()
        mean = float(np.average(part.y[at], weights=weights))  # of 1s exactly 1
        y += share * mean
        p += share * float(weights @ part.p[at])
        even += share * float(expit(members[n].fit.strengths[a] - members[n].fit.strengths[b]))
        taken[begins[n] : begins[n + 1]] = share * _slope(part, at, weights, a, b, k)
        # The factor that the fit's influence has too, so that a pair in no loop comes to exactly 0.
        apart = share * _few(members[n].fit) * weights * (part.y[at] - part.p[at])
        pieces.append((part.clusters[at], apart, share * weights * (part.y[at] - mean)))
    clusters, inverse = np.unique(np.concatenate([c for c, _, _ in pieces]), return_inverse=True)
    sums, direct = (
        np.bincount(inverse, weights=np.concatenate([piece[n] for piece in pieces])) for n in (1, 2)
    )
    g = len(clusters)
    stretch = g / (g - 1) if g > 1 else 0.0
    square = sums @ sums - 2 * (sums @ (influence[clusters] @ taken)) + taken @ gram @ taken
    return PairFit(
        a=a,
        b=b,
        direct=y,
        fitted=p,
        even=even,
        se=math.sqrt(max(stretch * square, 0.0)),
        direct_se=math.sqrt(stretch * direct @ direct),
        n_clusters=g,
    )


def _few(fit: PairwiseFit) -> float:
    """sqrt((n - 1) / (n - p)): p parameters are free, one strength of a connected graph being fixed."""
    return math.sqrt((fit.n_rows - 1) / max(fit.n_rows - fit.influence.shape[1] + 1, 1))


def _slope(part: _Rows, at: slice, weights: Floats, a: int, b: int, k: int) -> Floats:
    """How the mean of the fitted rate moves with strengths and coefficients. weights: their sum is 1."""
    slopes = weights * part.p[at] * (1 - part.p[at])
    found = np.zeros(k + part.terms.shape[1])
    found[a], found[b] = slopes.sum(), -slopes.sum()
    found[k:] = slopes @ part.terms[at]
    return found
