"""What a panel is worth on labelled items: how many independent judges, and whether it beats its best.

Judges that err on the same items are not several witnesses, and a vote among poor judges is worse than
the one good judge among them. Only labels can tell either.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from judge.stats.intervals import NO_INTERVAL, Floats, joined, mean, undefined
from judge.types import Estimate

SEED = 20_241_101  # the halves decide a number that is said, so that they are the same every time

EFFECTIVE = "effective_judges"


def wrongness(values: Floats, gold: Floats) -> Floats:
    """How wrong each verdict is, 0 to 1. values: shape (n, k), 1 where a won; gold: shape (n,), 0 or 1.

    Unsigned: judges without skill, whose signed errors go with the gold label, then err independently.
    """
    wrong: Floats = np.abs(values - gold[:, None])
    return wrong


def is_right(values: Floats, gold: Floats) -> Floats:
    """1 where the side that a value favours is gold's, 0 where it is the other, 0.5 for a value of 0.5.

    values: shape (n,) or (n, k); gold: shape (n,), 0 or 1.
    """
    sides = np.sign(np.round(values - 0.5, 12))  # thirds of a panel may miss 0.5 by rounding
    turned = sides * np.sign(gold - 0.5).reshape((-1,) + (1,) * (values.ndim - 1))
    found: Floats = (1 + turned) / 2
    return found


def log_odds_weights(correct: Floats, n: Floats) -> Floats:
    """ln(a / (1 - a)) with a = (correct + 2) / (n + 4): what each judge's vote would weigh by its labels.

    correct: right verdicts, halves allowed; n: labelled items; shapes (k,). Source: docs/methods.md
    (the naive Bayes vote; Nitzan and Paroush 1982), accuracy shrunk as by Agresti and Coull 1998.
    """
    accuracy = (correct + 2) / (n + 4)
    weights: Floats = np.log(accuracy / (1 - accuracy))
    return weights


# -- how many judges it is worth -----------------------------------------------------------------


def effective_number(k: int, correlation: float) -> float:
    """k / (1 + (k - 1) rho), at least 1 and at most k. Source: Kish 1965 (design effect)."""
    return k / (1 + (k - 1) * min(max(correlation, 0.0), 1.0))


def effective_judges(
    wrong: Floats,
    clusters: NDArray[Any],
    *,
    name: str = EFFECTIVE,
    confidence: float = 0.95,
    n_missing: int = 0,
) -> Estimate:
    """How many independent judges make errors as spread as these.

    wrong: shape (n, k), of items that all judged. The correlation is the mean over pairs of judges; one
    without a spread of errors has none. Its interval is the jackknife's over clusters, t(G-1).
    """
    k = wrong.shape[1]
    empty = undefined(name, "judges", "", confidence, n_missing)
    if k < 2 or not len(wrong):
        return replace(empty, note="one judge is one judge" if len(wrong) else "no labelled item")
    moments = _cluster_moments(wrong, clusters)
    whole = float(_correlation(moments.sum(axis=0, keepdims=True), k)[0])
    if math.isnan(whole):
        return replace(empty, note="no two judges have errors that vary, so nothing goes together")
    found = replace(
        empty,
        value=effective_number(k, whole),
        n=len(wrong),
        n_clusters=len(moments),
        method="k / (1 + (k - 1) rho), rho the mean correlation of errors",
        note=_of_correlation(whole),
    )
    return _with_interval(found, moments, k, whole)


def _of_correlation(rho: float) -> str:
    said = f"errors correlate by {rho:.2f} on average"
    return f"{said}, which counts as 0" if rho < 0 else said


def _with_interval(found: Estimate, moments: Floats, k: int, rho: float) -> Estimate:
    g = len(moments)
    if g < 2:
        return replace(found, note=joined(found.note, NO_INTERVAL + "all items are of one cluster"))
    left = _correlation(moments.sum(axis=0) - moments, k)
    apart = left[~np.isnan(left)]
    if len(apart) < g:
        why = "the errors hang on single items"
        return replace(found, note=joined(found.note, NO_INTERVAL + why))
    se = math.sqrt((g - 1) / g * float(np.sum((apart - apart.mean()) ** 2)))
    half = float(stats.t.ppf((1 + found.confidence) / 2, g - 1)) * se
    slope = (k - 1) * effective_number(k, rho) ** 2 / k  # of k_eff in rho
    return replace(
        found,
        se=slope * se,
        ci_low=effective_number(k, rho + half),
        ci_high=effective_number(k, rho - half),
        method=f"{found.method}; jackknife by cluster, t({g - 1})",
    )


def _cluster_moments(x: Floats, clusters: NDArray[Any]) -> Floats:
    """Per cluster the count, the sums and the sums of products, shape (G, 1 + k + k (k + 1) / 2)."""
    labels, codes = np.unique(clusters, return_inverse=True)
    centred = x - x.mean(axis=0)
    upper = np.triu_indices(x.shape[1])
    rows = np.column_stack([np.ones(len(x)), centred, centred[:, upper[0]] * centred[:, upper[1]]])
    sums = np.zeros((len(labels), rows.shape[1]))
    np.add.at(sums, codes, rows)
    return sums


def _correlation(moments: Floats, k: int) -> Floats:
    """The mean correlation over pairs of columns for each row of moments, NaN where none is defined."""
    n, sums = moments[:, 0], moments[:, 1 : 1 + k]
    first, second = np.triu_indices(k)
    cov = moments[:, 1 + k :] - sums[:, first] * sums[:, second] / np.maximum(n, 1)[:, None]
    variance = cov[:, first == second]
    is_flat = variance <= 1e-12 * np.maximum(n, 1)[:, None]
    scale = np.sqrt(np.where(is_flat, np.nan, variance))
    is_pair = first != second
    pairs = cov[:, is_pair] / (scale[:, first[is_pair]] * scale[:, second[is_pair]])
    there = ~np.isnan(pairs)
    total = np.where(there, pairs, 0.0).sum(axis=1)
    many = there.sum(axis=1)
    found: Floats = np.where(many > 0, total / np.maximum(many, 1), np.nan)
    return found


# -- against its best member ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VersusBest:
    """The panel beside its best member on the same labelled items.

    best: the member with the highest accuracy on all of them; picked: the best of each half of the
    clusters, which is held against the panel on the other half. difference: panel minus member.
    is_better: whether the panel is shown to be better than every member. The difference cannot show that:
    a half may pick a member that is not the best, which is easier to beat.
    """

    panel: Estimate
    members: tuple[Estimate, ...]
    best: int
    picked: tuple[int, int] | None
    difference: Estimate
    is_better: bool

    @property
    def is_worse(self) -> bool:
        """True where the panel is shown to be worse."""
        high = self.difference.ci_high
        return high is not None and high < 0


def versus_best(
    members: Floats,
    panel: Floats,
    gold: Floats,
    clusters: NDArray[Any],
    *,
    confidence: float = 0.95,
    n_missing: int = 0,
    seed: int = SEED,
) -> VersusBest:
    """The accuracies of a panel and its members, and the panel's less that of the best member.

    members: shape (n, k), panel: shape (n,), values 0 to 1; gold: 0 or 1. To be the best on the items
    that the accuracy is from is luck in part: the best member of each half of the clusters is held
    against the panel on the other half (cross-validation), the difference paired item by item.
    """
    own, others = is_right(panel, gold), is_right(members, gold)
    places = range(members.shape[1])
    accuracies = tuple(
        _accuracy(others[:, j], clusters, "member_accuracy", confidence, n_missing) for j in places
    )
    values = [e.value for e in accuracies]
    best = max(places, key=lambda j: values[j] or 0.0)
    picked, rival = _cross_picked(others, clusters, seed)
    beside = [_difference(own, others[:, j], clusters, confidence, n_missing) for j in places]
    return VersusBest(
        panel=_accuracy(own, clusters, "panel_accuracy", confidence, n_missing),
        members=accuracies,
        best=best,
        picked=picked,
        difference=_difference(own, rival, clusters, confidence, n_missing),
        is_better=all(e.ci_low is not None and e.ci_low > 0 for e in beside),
    )


def _accuracy(
    right: Floats, clusters: NDArray[Any], name: str, confidence: float, n_missing: int
) -> Estimate:
    return mean(
        right,
        clusters,
        name=name,
        unit="rate",
        bounds=(0.0, 1.0),
        confidence=confidence,
        n_missing=n_missing,
    )


def _cross_picked(
    right: Floats, clusters: NDArray[Any], seed: int
) -> tuple[tuple[int, int] | None, Floats | None]:
    """The best member of each half of the clusters, and what the other half's one did on every item."""
    labels, codes = np.unique(clusters, return_inverse=True)
    if len(labels) < 2:
        return None, None
    order = np.random.default_rng(seed).permutation(len(labels))
    is_second = (order >= len(labels) // 2)[codes]
    first, second = (int(np.argmax(right[half].mean(axis=0))) for half in (~is_second, is_second))
    return (first, second), np.where(is_second, right[:, first], right[:, second])


def _difference(
    own: Floats,
    rival: Floats | None,
    clusters: NDArray[Any],
    confidence: float,
    n_missing: int,
) -> Estimate:
    name = "panel_minus_best_member"
    if rival is None:
        why = "all labelled items are of one cluster" if len(own) else "no labelled item"
        return undefined(name, "difference", why, confidence, n_missing)
    return mean(
        own - rival,
        clusters,
        name=name,
        unit="difference",
        bounds=(-1.0, 1.0),
        confidence=confidence,
        n_missing=n_missing,
        note="the best member of each half of the items, held against the panel on the other half; where "
        "several are about as good, the interval may be too narrow",
    )
