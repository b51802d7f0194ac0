"""How far the people who gave labels concur with each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from judge.agreement.krippendorff_units import krippendorff_alpha_of_raters
from judge.agreement.tables import cohen_kappa_of
from judge.analysis.agreement_pack import drawn, ratings_of
from judge.analysis.agreement_records import RaterLabels, RaterPair, Raters
from judge.analysis.asked import Asked
from judge.analysis.people import Labelled
from judge.stats.intervals import Floats

MOST_PAIRS = 45  # of ten raters; of a crowd those pairs are shown that share the most units


def of_people(one: Labelled, asked: Asked) -> Raters:
    """Alpha of all raters, kappa of each two, and how often each gave which label."""
    nothing = np.full((len(one.units), len(one.scale.labels)), np.nan)
    r = ratings_of(one, nothing, np.full(len(one.units), np.nan))
    majority = one.majority
    labels = range(len(one.scale.labels))
    return Raters(
        criterion=one.criterion,
        krippendorff_alpha=krippendorff_alpha_of_raters(r, **drawn(asked)),
        pairwise_cohen_kappa=tuple(_pairs(one, asked)),
        n_items=len(one.units),
        n_labels=int(((one.ratings >= 0) | np.isfinite(one.numbers)).sum()),
        labels=one.scale.labels,
        counts=tuple(_counts(one)),
        majority=tuple(int((majority == code).sum()) for code in labels),
        n_without=int((majority < 0).sum()) if one.scale.labels else 0,
    )


def _counts(one: Labelled) -> Iterator[RaterLabels]:
    for rater, codes, numbers in zip(one.raters, one.ratings.T, one.numbers.T, strict=True):
        counts = tuple(int((codes == code).sum()) for code in range(len(one.scale.labels)))
        yield RaterLabels(rater, int(((codes >= 0) | np.isfinite(numbers)).sum()), counts)


def _pairs(one: Labelled, asked: Asked) -> Iterator[RaterPair]:
    """Kappa of each two raters who share units; of many, of those who share the most."""
    if not one.scale.labels:
        return
    given = (one.ratings >= 0).astype(np.int64)
    shared = given.T @ given
    pairs = [(a, b) for a, b in combinations(range(len(one.raters)), 2) if shared[a, b]]
    kept = sorted(sorted(pairs, key=lambda pair: -shared[pair])[:MOST_PAIRS])
    for a, b in kept:
        rows = (one.ratings[:, a] >= 0) & (one.ratings[:, b] >= 0)
        own = ratings_of(one, _as_judge(one, a), one.numbers[:, a]).of_raters([b]).kept(rows)
        yield RaterPair(one.raters[a], one.raters[b], cohen_kappa_of(own, **drawn(asked)))


def _as_judge(one: Labelled, rater: int) -> Floats:
    """A rater's labels as those of a judge, shape (n, q)."""
    codes = one.ratings[:, rater]
    shares = np.asarray(codes[:, None] == np.arange(len(one.scale.labels)), dtype=np.float64)
    return np.where(codes[:, None] >= 0, shares, np.nan)
