"""How much of the variance of verdicts is the items', how much the wording's and the judges'.

A generalizability study: items x wordings x judges, one value a cell, every component by its mean square.
With one judge the crossing is items x wordings. Items are a sample and intervals are over them; wordings
and judges are held as they are, so that no interval speaks of wordings that nobody tried.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from judge.agreement.resampling import cluster_sums
from judge.stats.intervals import (
    ENOUGH_EFFECTIVE,
    NO_INTERVAL,
    ROUNDING,
    Floats,
    effective_clusters,
    joined,
    uneven_note,
)
from judge.types import Estimate

ITEM, WORDING, JUDGE = "item", "wording", "judge"
ITEM_WORDING = "item x wording"
ITEM_JUDGE = "item x judge"
WORDING_JUDGE = "wording x judge"
ALL_THREE = "item x wording x judge"
REPEATS = "asked again"  # what a judge changes where nothing was changed

TWO_FACETS = (ITEM, WORDING, JUDGE, ITEM_WORDING, ITEM_JUDGE, WORDING_JUDGE, ALL_THREE)
ONE_FACET = (ITEM, WORDING, ITEM_WORDING)
# What would not be there if there were one wording only.
OF_THE_RUBRIC = (WORDING, ITEM_WORDING, WORDING_JUDGE)


@dataclass(frozen=True, slots=True)
class Part:
    """One component as it was estimated: below 0 it is shown as 0 and said to be."""

    name: str
    estimated: float

    @property
    def value(self) -> float:
        return max(self.estimated, 0.0)


# -- components ----------------------------------------------------------------------------------


def mean_squares(values: Floats) -> dict[str, float]:
    """The mean squares of a whole crossing by the name of their source.

    values: shape (n, R) or (n, R, J), finite; every dimension at least 2.
    """
    n, cells = len(values), values.shape[1:]
    squares, df = _squares(_rows(values).sum(axis=0)[None], (*cells, 1)[:2])
    names = TWO_FACETS if len(cells) == 2 else ONE_FACET
    return {name: float(squares[name][0]) / (df[name] * _of_items(name, n)) for name in names}


def _of_items(name: str, n: int) -> int:
    return n - 1 if name.startswith(ITEM) else 1


def components(values: Floats, noise: float | None = None) -> tuple[Part, ...]:
    """The variance of each source, by equating mean squares with what they are expected to be.

    values: as for mean_squares. noise: the variance of a cell asked again, which is then taken out of the
    last component and stands beside it. Source: Cornfield and Tukey 1956; Brennan 2001, section 3.4.
    """
    cells = values.shape[1:]
    sums = _rows(values).sum(axis=0)[None]
    found = _estimated(sums, (*cells, 1)[:2], np.array([0.0 if noise is None else noise]))
    return tuple(
        Part(name, float(value[0]))
        for name, value in found.items()
        if name != REPEATS or noise is not None
    )


def _rows(values: Floats) -> Floats:
    """What the mean squares are made of, by item: 1, its cells, and four sums of squared means.

    Values are taken less their mean, so that sums of squares do not drown what they differ by.
    """
    own = values.reshape(len(values), values.shape[1], -1) - values.mean()
    squared = [
        own.mean(axis=(1, 2)) ** 2,
        (own.mean(axis=2) ** 2).sum(axis=1),
        (own.mean(axis=1) ** 2).sum(axis=1),
        (own**2).sum(axis=(1, 2)),
    ]
    return np.column_stack([np.ones(len(own)), own.reshape(len(own), -1), *squared])


def _squares(sums: Floats, shape: tuple[int, int]) -> tuple[dict[str, Floats], dict[str, int]]:
    """Sums of squares of each row of sums, and their degrees of freedom without those of items.

    sums: shape (B, 1 + RJ + 4).
    """
    r, j = shape
    n = sums[:, 0]
    cells = sums[:, 1:-4].reshape(-1, r, j) / n[:, None, None]
    item, item_r, item_j, every = sums[:, -4:].T
    whole = n * r * j * cells.mean(axis=(1, 2)) ** 2
    of_r = n * j * (cells.mean(axis=2) ** 2).sum(axis=1)
    of_j = n * r * (cells.mean(axis=1) ** 2).sum(axis=1)
    of_rj = n * (cells**2).sum(axis=(1, 2))
    of_i, of_ir, of_ij = r * j * item, j * item_r, r * item_j
    squares = {
        ITEM: of_i - whole,
        WORDING: of_r - whole,
        JUDGE: of_j - whole,
        ITEM_WORDING: of_ir - of_i - of_r + whole,
        ITEM_JUDGE: of_ij - of_i - of_j + whole,
        WORDING_JUDGE: of_rj - of_r - of_j + whole,
        ALL_THREE: every - of_ir - of_ij - of_rj + of_i + of_r + of_j - whole,
    }
    df = {ITEM: 1, WORDING: r - 1, JUDGE: j - 1, ITEM_WORDING: r - 1, ITEM_JUDGE: j - 1}
    both = (r - 1) * (j - 1)
    return squares, df | {WORDING_JUDGE: both, ALL_THREE: both}


def _estimated(sums: Floats, shape: tuple[int, int], noise: Floats) -> dict[str, Floats]:
    """Each component, shape (B,), not cut at 0; the last without noise, which stands beside it."""
    r, j = shape
    n = sums[:, 0]
    squares, df = _squares(sums, shape)
    ms = {
        name: squares[name] / (df[name] * (n - 1 if name.startswith(ITEM) else 1))
        for name in (TWO_FACETS if j > 1 else ONE_FACET)
    }
    if j == 1:
        return {
            ITEM: (ms[ITEM] - ms[ITEM_WORDING]) / r,
            WORDING: (ms[WORDING] - ms[ITEM_WORDING]) / n,
            ITEM_WORDING: ms[ITEM_WORDING] - noise,
            REPEATS: noise,
        }
    left = ms[ALL_THREE]
    return {
        ITEM: (ms[ITEM] - ms[ITEM_WORDING] - ms[ITEM_JUDGE] + left) / (r * j),
        WORDING: (ms[WORDING] - ms[ITEM_WORDING] - ms[WORDING_JUDGE] + left) / (n * j),
        JUDGE: (ms[JUDGE] - ms[ITEM_JUDGE] - ms[WORDING_JUDGE] + left) / (n * r),
        ITEM_WORDING: (ms[ITEM_WORDING] - left) / j,
        ITEM_JUDGE: (ms[ITEM_JUDGE] - left) / r,
        WORDING_JUDGE: (ms[WORDING_JUDGE] - left) / n,
        ALL_THREE: left - noise,
        REPEATS: noise,
    }


# -- shares, with intervals ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """A component with what it is of the whole. negative: it was estimated below 0 and stands as 0."""

    name: str
    variance: Estimate
    share: Estimate
    negative: bool


@dataclass(frozen=True, slots=True)
class Study:
    """The components of a whole crossing; none, with the reason in the note, where there is no study."""

    parts: tuple[Part, ...]
    sources: tuple[Source, ...]
    rubric_share: Estimate
    note: str


def study(
    values: Floats,
    clusters: NDArray[Any],
    *,
    repeats: Floats | None = None,
    confidence: float = 0.95,
    n_missing: int = 0,
) -> Study:
    """The study of items x wordings, shape (n, R), or items x wordings x judges, shape (n, R, J).

    values: finite. repeats: the base's values asked again and again, the first among them, shape (n, K)
    or (n, K, J), NaN where absent. Intervals are the jackknife's over clusters of items, t(G-1): of shares
    as they are, of the variances of items and of what is left on a log scale, cut to what can be.
    Simulated (tests/stats/test_generalizability.py): percentiles of a bootstrap, and logits of shares,
    cover less where cells are won or lost.
    """
    empty = Estimate(
        "rubric_share", None, confidence=confidence, n_missing=n_missing, method="none"
    )
    why = _why_none(values)
    if why:
        return Study((), (), replace(empty, note=why), why)
    rows = np.column_stack([_rows(values), _noise_rows(values, repeats)])
    own = np.unique(clusters, return_inverse=True)[1].reshape(-1)
    sums = cluster_sums(rows, own)
    crossing = _Crossing((*values.shape[1:], 1)[:2], bool(rows[:, -1].sum() > 0))
    whole = crossing.parts(sums.sum(axis=0)[None])
    parts = tuple(Part(name, float(value[0])) for name, value in whole.items())
    if sum(part.value for part in parts) <= ROUNDING:
        said = "every value is the same"
        return Study((), (), replace(empty, note=said), said)
    found = replace(
        empty,
        n=len(values),
        n_clusters=len(sums),
        method="mean squares",
        note=_few(len(sums)) or uneven_note(len(sums), effective_clusters(own)),
    )
    left = crossing.parts(sums.sum(axis=0) - sums) if len(sums) > 1 else {}
    sources = tuple(_source(part, whole, left, found) for part in parts)
    return Study(parts, sources, _rubric_share(whole, left, found), _what_it_holds(crossing))


def _few(n_clusters: int) -> str:
    """20 items of won-or-lost cells, two wordings and judges: 95 % intervals of shares cover 82-97 %."""
    if n_clusters >= ENOUGH_EFFECTIVE:
        return ""
    return f"fewer than {ENOUGH_EFFECTIVE} clusters of items: the interval may be too narrow"


def _why_none(values: Floats) -> str:
    if len(values) < 2:
        return "fewer than two items have a verdict in every cell"
    if min(values.shape[1:]) < 2:
        return f"fewer than two {'wordings' if values.shape[1] < 2 else 'judges'}"
    return ""


@dataclass(frozen=True, slots=True)
class _Crossing:
    """shape: wordings and judges; has_noise: whether anything was asked twice."""

    shape: tuple[int, int]
    has_noise: bool

    def parts(self, sums: Floats) -> dict[str, Floats]:
        """The components of each row of sums, shape (B,)."""
        squares, df = sums[:, -2], sums[:, -1]
        noise = np.divide(squares, df, out=np.zeros(len(sums)), where=df > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = _estimated(sums[:, :-2], self.shape, noise)
        if not self.has_noise:
            del found[REPEATS]
        return {name: np.where(np.isfinite(part), part, np.nan) for name, part in found.items()}


def _noise_rows(values: Floats, repeats: Floats | None) -> Floats:
    """By item the squares within cells that were asked again, and their degrees of freedom."""
    if repeats is None:
        return np.zeros((len(values), 2))
    own = repeats.reshape(*repeats.shape[:2], -1)
    there = np.isfinite(own)
    n = there.sum(axis=1)
    filled = np.where(there, own, 0.0)
    means = filled.sum(axis=1) / np.maximum(n, 1)
    apart = np.where(there, filled - means[:, None], 0.0)
    return np.column_stack([(apart**2).sum(axis=(1, 2)), np.maximum(n - 1, 0).sum(axis=1)])


def _what_it_holds(crossing: _Crossing) -> str:
    """What the rubric's share holds beside the rubric, or does not hold."""
    if crossing.shape[1] > 1:
        rest = "what a wording does to one judge alone on an item"
        noise = "" if crossing.has_noise else ", and noise,"
        return f"{rest}{noise} is in {ALL_THREE!r} and not in the rubric's share"
    if crossing.has_noise:
        return f"what asking again changes stands apart as {REPEATS!r}"
    return "nothing was asked twice: the rubric's share holds the noise of single verdicts as well"


def _source(
    part: Part, whole: dict[str, Floats], left: dict[str, Floats], found: Estimate
) -> Source:
    variance = replace(found, name="variance", unit="variance", value=part.value)
    share = replace(found, name="share", unit="rate", value=part.value / float(_total(whole)[0]))
    of_parts = [part.name]
    own = left.get(part.name, np.zeros(0))
    if part.name in (ITEM, ALL_THREE) and part.estimated > 0 and len(own) and own.min() > 0:
        variance = _on_log_scale(variance, own)
    else:
        variance = _jackknifed(variance, part.estimated, own, math.inf)
    share = _jackknifed(share, *_shares(of_parts, whole, left), 1.0)
    return Source(part.name, variance, share, part.estimated < -_rounding(whole))


def _rounding(whole: dict[str, Floats]) -> float:
    return 1e-9 * float(_total(whole)[0])


def _total(parts: dict[str, Floats]) -> Floats:
    return np.asarray(sum(np.maximum(part, 0.0) for part in parts.values()))


def _shares(
    names: list[str], whole: dict[str, Floats], left: dict[str, Floats]
) -> tuple[float, Floats]:
    """What these parts are of the whole, not cut at 0, and the same without each cluster."""
    value = sum(whole[name] for name in names) / _total(whole)
    if not left:
        return float(value[0]), np.zeros(0)
    total = _total(left)
    without = sum(left[name] for name in names) / np.where(total > 0, total, np.nan)
    return float(value[0]), np.asarray(without)


def _rubric_share(whole: dict[str, Floats], left: dict[str, Floats], found: Estimate) -> Estimate:
    names = [name for name in OF_THE_RUBRIC if name in whole]
    cut = sum(max(float(whole[name][0]), 0.0) for name in names) / float(_total(whole)[0])
    share = replace(found, name="rubric_share", unit="rate", value=cut)
    return _jackknifed(share, *_shares(names, whole, left), 1.0)


def _jackknifed(found: Estimate, centre: float, left: Floats, high: float) -> Estimate:
    """centre: the value before it was cut at 0, which the interval is laid around."""
    se = _standard_error(left)
    if se is None:
        return replace(found, note=joined(found.note, NO_INTERVAL + "it hangs on single items"))
    half, value = _half(found, se), found.value or 0.0
    return replace(
        found,
        se=se,
        ci_low=min(max(centre - half, 0.0), value),
        ci_high=max(min(centre + half, high), value),
        method=f"{found.method}; jackknife over clusters, t({found.n_clusters - 1})",
    )


def _on_log_scale(found: Estimate, left: Floats) -> Estimate:
    value = found.value or 0.0
    se = _standard_error(np.log(left)) or 0.0
    half = _half(found, se)
    return replace(
        found,
        se=value * se,
        ci_low=value * math.exp(-half),
        ci_high=value * math.exp(half),
        method=f"{found.method}; jackknife of its logarithm over clusters, t({found.n_clusters - 1})",
    )


def _standard_error(left: Floats) -> float | None:
    if len(left) < 2 or not np.isfinite(left).all():
        return None
    return math.sqrt((len(left) - 1) / len(left) * float(np.sum((left - left.mean()) ** 2)))


def _half(found: Estimate, se: float) -> float:
    return float(stats.t.ppf((1 + found.confidence) / 2, found.n_clusters - 1)) * se
