"""Intraclass correlation of a judge and its raters: the six forms of Shrout and Fleiss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import stats

from judge.agreement import NO_VARIATION, Coefficient
from judge.agreement.ratings import Clusters, Ratings
from judge.agreement.resampling import Statistic, at_point, cluster_sums, with_interval
from judge.stats.bootstrap import REPLICATES
from judge.stats.intervals import NO_INTERVAL, ROUNDING, Floats, joined, undefined
from judge.types import Estimate

Form = Literal["ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)"]

ONE_COLUMN = "fewer than two have rated"


@dataclass(frozen=True, slots=True)
class _Squares:
    """Mean squares of tables of n rows and k columns, shape (B,) each.

    rows, columns: between them; within: within rows; error: what rows and columns leave.
    """

    n: Floats
    k: int
    rows: Floats
    columns: Floats
    within: Floats
    error: Floats

    def form(self, form: Form) -> Floats:
        """Source: Shrout and Fleiss 1979, table 1 and page 426 (means of k)."""
        k, own = self.k, self.rows
        of_columns = (self.columns - self.error) / self.n
        above = own - (self.within if form.startswith("ICC(1") else self.error)
        below = {
            "ICC(1,1)": own + (k - 1) * self.within,
            "ICC(2,1)": own + (k - 1) * self.error + k * of_columns,
            "ICC(3,1)": own + (k - 1) * self.error,
            "ICC(2,k)": own + of_columns,
        }.get(form, own)
        found: Floats = above / np.where(below > 0, below, np.nan)
        return found


def _squares(sums: Floats, k: int) -> _Squares:
    """Of sums over rows, shape (B, 3 + k): rows, squared values, squared row means, each column."""
    n, squares, of_rows = sums[:, 0], sums[:, 1], sums[:, 2]
    columns = sums[:, 3:] / n[:, None]
    whole = columns.mean(axis=1)
    between = np.maximum(k * (of_rows - n * whole**2), 0.0)
    of_columns = np.maximum(n * ((columns**2).sum(axis=1) - k * whole**2), 0.0)
    within = np.maximum(squares - k * of_rows, 0.0)
    df = np.maximum(n - 1, 1)
    return _Squares(
        n=n,
        k=k,
        rows=between / df,
        columns=of_columns / (k - 1),
        within=within / (n * (k - 1)),
        error=np.maximum(within - of_columns, 0.0) / (df * (k - 1)),
    )


def _row_sums(table: Floats) -> Floats:
    centred = table - table.mean()
    means = centred.mean(axis=1)
    return np.column_stack([np.ones(len(table)), (centred**2).sum(axis=1), means**2, centred])


def _undefined(table: Floats, form: Form, confidence: float, n_missing: int) -> Estimate | None:
    """Why a whole table has no ICC, None where it has one."""
    why = ""
    if table.shape[1] < 2:
        why = ONE_COLUMN
    elif len(table) < 2:
        why = f"fewer than two units have a number of all {table.shape[1]}"
    elif float(np.ptp(table)) <= ROUNDING * max(1.0, float(np.abs(table).max())):
        why = NO_VARIATION
    return undefined("icc", "correlation", f"{form}: {why}", confidence, n_missing) if why else None


# -- over plain numbers --------------------------------------------------------------------------


def icc(
    judge: Sequence[float | None],
    *raters: Sequence[float | None],
    form: Form = "ICC(2,1)",
    confidence: float = 0.95,
) -> Estimate:
    """One form with its F interval, over items that all have rated; the others are counted missing.

    ICC(1, .): other raters for each item; (2, .): the same, a sample of raters, absolute agreement;
    (3, .): these raters, consistency; (., 1): of one of them, (., k): of the mean of all.
    Source: Shrout and Fleiss 1979: items independent and numbers normal.
    """
    rated = np.array(list(zip(judge, *raters, strict=True)), dtype=float)
    rated = rated.reshape(-1, 1 + len(raters))
    table = rated[np.isfinite(rated).all(axis=1)]
    n_missing = len(rated) - len(table)
    empty = _undefined(table, form, confidence, n_missing)
    if empty is not None:
        return empty
    squares = _squares(_row_sums(table).sum(axis=0)[None], table.shape[1])
    value = float(squares.form(form)[0])
    found = replace(
        undefined("icc", "correlation", "", confidence, n_missing),
        value=value if np.isfinite(value) else None,
        n=len(table),
        n_clusters=len(table),
        method=f"{form}; F interval, items independent",
        note="" if np.isfinite(value) else "items do not differ",
    )
    return _with_f_interval(found, squares, form)


def _with_f_interval(found: Estimate, s: _Squares, form: Form) -> Estimate:
    noise = s.within if form.startswith("ICC(1") else s.error
    if found.value is None or not float(noise[0]) > ROUNDING * float(s.rows[0]):
        return replace(found, note=joined(found.note, NO_INTERVAL + "no rater differs"))
    ends = _of_columns(s, form, found.confidence)
    if not form.startswith("ICC(2"):
        ends = _of_ratio(s, form, found.confidence)
    return replace(found, ci_low=ends[0], ci_high=ends[1])


def _of_ratio(s: _Squares, form: Form, confidence: float) -> tuple[float, float]:
    """Both ends for forms 1 and 3. Source: Shrout and Fleiss 1979, pages 424 and 425."""
    n, upper = float(s.n[0]), (1 + confidence) / 2
    df = n - 1, (n if form.startswith("ICC(1") else n - 1) * (s.k - 1)
    noise = s.within if form.startswith("ICC(1") else s.error
    ratio = float(s.rows[0] / noise[0])
    low = ratio / float(stats.f.ppf(upper, df[0], df[1]))
    high = ratio * float(stats.f.ppf(upper, df[1], df[0]))
    if form.endswith("k)"):
        return 1 - 1 / low, 1 - 1 / high
    return (low - 1) / (low + s.k - 1), (high - 1) / (high + s.k - 1)


def _of_columns(s: _Squares, form: Form, confidence: float) -> tuple[float, float]:
    """Both ends for form 2. Source: Shrout and Fleiss 1979, page 424, with Satterthwaite's df."""
    n, k, upper = float(s.n[0]), s.k, (1 + confidence) / 2
    rows, columns, error = float(s.rows[0]), float(s.columns[0]), float(s.error[0])
    single, ratio = float(s.form("ICC(2,1)")[0]), columns / error if error > 0 else np.inf
    rest = n * (1 + (k - 1) * single) - k * single
    above = (k - 1) * (n - 1) * (k * single * ratio + rest) ** 2
    df = above / ((n - 1) * k**2 * single**2 * ratio**2 + rest**2)
    wide, tall = float(stats.f.ppf(upper, n - 1, df)), float(stats.f.ppf(upper, df, n - 1))
    spread = k * columns + (k * n - k - n) * error
    low = n * (rows - wide * error) / (wide * spread + n * rows)
    high = n * (tall * rows - error) / (spread + n * tall * rows)
    if form == "ICC(2,1)":
        return low, high
    return k * low / (1 + (k - 1) * low), k * high / (1 + (k - 1) * high)


# -- of a judge and its raters -------------------------------------------------------------------


def icc_of(
    r: Ratings,
    form: Form = "ICC(2,1)",
    *,
    seed: int = 0,
    replicates: int = REPLICATES,
    confidence: float = 0.95,
) -> Estimate:
    """The same of the judge's mean values and its raters' numbers, with an interval over clusters.

    Scores are a few numbers, and units may come in clusters: the F interval stands on neither.
    """
    columns = np.column_stack([r.values, r.numbers])
    return _estimated(columns, r, form, seed, replicates, confidence)


def icc_of_raters(
    r: Ratings,
    form: Form = "ICC(2,1)",
    *,
    seed: int = 0,
    replicates: int = REPLICATES,
    confidence: float = 0.95,
) -> Estimate:
    """The same of the raters alone."""
    return _estimated(r.numbers, r, form, seed, replicates, confidence)


def _estimated(
    columns: Floats, r: Ratings, form: Form, seed: int, replicates: int, confidence: float
) -> Estimate:
    rows = np.asarray(np.isfinite(columns).all(axis=1))
    table, n_missing = columns[rows], int((~rows).sum())
    empty = _undefined(table, form, confidence, n_missing)
    if empty is not None:
        return empty
    clusters = r.kept(rows).cluster_numbers
    statistic = _statistic(table, clusters, form)
    n_clusters = int(clusters.max()) + 1
    value = at_point(statistic, n_clusters)
    empty = undefined("icc", "correlation", "units do not differ", confidence, n_missing)
    if not np.isfinite(value):
        return empty
    found = replace(empty, value=value, n=len(table), n_clusters=n_clusters, method=form, note="")
    return with_interval(found, statistic, clusters, seed=seed, replicates=replicates)


def _statistic(table: Floats, clusters: Clusters, form: Form) -> Statistic:
    sums, k = cluster_sums(_row_sums(table), clusters), table.shape[1]
    return lambda weights: _squares(weights @ sums, k).form(form)


COEFFICIENT = Coefficient("icc", icc)
