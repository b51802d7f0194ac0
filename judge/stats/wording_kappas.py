"""How far verdicts under several wordings agree beyond chance: always the same verdict agrees as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judge.agreement import NO_VARIATION
from judge.agreement.resampling import at_point, cluster_sums
from judge.agreement.tables import ONE_CONSTANT
from judge.stats.bootstrap import REPLICATES
from judge.stats.intervals import ROUNDING, Floats, counted, undefined
from judge.stats.wordings import (
    NO_PAIR,
    Codes,
    Mask,
    agreement_of,
    numbered,
    resampled,
    without_pair,
)
from judge.types import Estimate


def kappa(
    said: Codes,
    clusters: NDArray[Any],
    *,
    seed: int = 0,
    replicates: int = REPLICATES,
    confidence: float = 0.95,
) -> Estimate:
    """Agreement of wordings beyond chance: Cohen's kappa of two, Conger's of several. said: (n, W).

    Chance: the wordings' own label frequencies, averaged over pairs of wordings. None where only one label
    occurs: no chance to agree on anything else, and no proof of agreement either.
    Source: Cohen 1960; Conger 1980; missing verdicts as Gwet 2014, section 2.5 (each wording's frequencies
    over what it has, agreement over the pairs that a presentation has).
    """
    empty = undefined("kappa", "coefficient", NO_PAIR, confidence, without_pair(said))
    is_told = np.asarray((said >= 0).any(axis=0))
    said, values = said[:, is_told], agreement_of(said)
    told = np.isfinite(values)
    if not told.any():
        return empty
    labels, codes = np.unique(said[told], return_inverse=True)
    votes = (codes.reshape(-1, said.shape[1], 1) == np.flatnonzero(labels >= 0)).astype(float)
    own = numbered(clusters[told])
    if votes.shape[2] < 2:
        return replace(empty, note=NO_VARIATION)
    found = _of_wordings(empty, own, is_told, "chance: own label frequencies")
    if said.shape[1] == 2 and 1 in np.count_nonzero(votes.sum(axis=0), axis=1):
        return replace(found, value=0.0, note=ONE_CONSTANT.replace("side", "wording"))
    columns = np.column_stack([np.ones(len(own)), values[told], votes.reshape(len(own), -1)])
    return _beyond_chance(found, columns, own, _label_chance(*votes.shape[1:]), seed, replicates)


def _of_wordings(empty: Estimate, clusters: Codes, is_told: Mask, method: str) -> Estimate:
    """is_told: which wordings have a verdict; one that has none has no frequencies to agree by chance."""
    n_wordings, lost = int(is_told.sum()), int((~is_told).sum())
    name = "Cohen" if n_wordings == 2 else f"Conger, {n_wordings} wordings"
    n_clusters = int(clusters.max()) + 1
    note = f"{counted(lost, 'wording')} without a verdict left out" if lost else ""
    return replace(
        empty, n=len(clusters), n_clusters=n_clusters, method=f"{name}; {method}", note=note
    )


def _label_chance(n_wordings: int, n_labels: int) -> Callable[[Floats], Floats]:
    """How often wordings would differ by chance, from sums of votes, shape (B, W * q) -> (B,)."""

    def chance(sums: Floats) -> Floats:
        votes = sums.reshape(-1, n_wordings, n_labels)
        shares = votes / votes.sum(axis=2, keepdims=True)
        both = shares.sum(axis=1) ** 2 - (shares**2).sum(axis=1)
        found: Floats = 1 - both.sum(axis=1) / (n_wordings * (n_wordings - 1))
        return found

    return chance


def _beyond_chance(
    found: Estimate,
    columns: Floats,
    clusters: Codes,
    chance: Callable[[Floats], Floats],
    seed: int,
    replicates: int,
) -> Estimate:
    """1 - observed over expected difference. columns: 1, the agreement, and what chance is made of."""
    sums = cluster_sums(columns, clusters)

    def of_weights(weights: Floats) -> Floats:
        drawn = weights @ sums
        expected = chance(drawn[:, 2:])
        observed = 1 - drawn[:, 1] / drawn[:, 0]
        value: Floats = 1 - observed / np.where(expected > ROUNDING, expected, np.nan)
        return value

    value = at_point(of_weights, len(sums))
    if not np.isfinite(value):
        return replace(found, method="none", n=0, n_clusters=0, note=NO_VARIATION)
    found = replace(found, value=value)
    return resampled(found, of_weights, clusters, seed, replicates, columns.shape[1])


def weighted_kappa(
    scores: Floats,
    clusters: NDArray[Any],
    *,
    seed: int = 0,
    replicates: int = REPLICATES,
    confidence: float = 0.95,
    n_missing: int = 0,
) -> Estimate:
    """The same of scores, a difference counting as its square. scores: shape (n, W), NaN where absent.

    Of two wordings it is Cohen's quadratic weighted kappa at the scores' own distances (which is Lin's
    concordance): the scale's unused points do not enter. Source: Cohen 1968.
    """
    told = np.isfinite(scores).sum(axis=1) >= 2
    empty = undefined("weighted_kappa", "coefficient", NO_PAIR, confidence, n_missing)
    if not told.any():
        return empty
    is_told = np.asarray(np.isfinite(scores).any(axis=0))
    own, numbers = numbered(clusters[told]), scores[told][:, is_told]
    is_there = np.isfinite(numbers)
    safe = np.where(is_there, numbers - np.nanmean(numbers), 0.0)
    if np.abs(safe).max() <= ROUNDING:
        return replace(empty, note=NO_VARIATION)
    found = _of_wordings(empty, own, is_told, "quadratic weights")
    one = 1 - _squared_apart(safe, is_there)
    columns = np.column_stack([np.ones(len(own)), one, is_there, safe, safe**2])
    return _beyond_chance(found, columns, own, _score_chance(numbers.shape[1]), seed, replicates)


def _squared_apart(scores: Floats, is_there: Mask) -> Floats:
    """Of each presentation the mean squared difference over its pairs of scores."""
    n = is_there.sum(axis=1)
    pairs = n * (scores**2).sum(axis=1) - scores.sum(axis=1) ** 2
    found: Floats = pairs * 2 / (n * (n - 1))
    return found


def _score_chance(n_wordings: int) -> Callable[[Floats], Floats]:
    """The mean squared difference of scores of unlike presentations, over pairs of wordings."""

    def chance(sums: Floats) -> Floats:
        n, total, squares = (part for part in np.split(sums, 3, axis=1))
        means, seconds = total / n, squares / n
        within = (n_wordings - 1) * seconds.sum(axis=1)
        across = means.sum(axis=1) ** 2 - (means**2).sum(axis=1)
        found: Floats = 2 * (within - across) / (n_wordings * (n_wordings - 1))
        return found

    return chance
