"""How reliable verdicts are when the same is asked again, and what asking more would bring.

The one-way model: a question has a true value, and each answer to it an error of its own. Questions may
have been asked unequally often.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from judge.stats.intervals import NO_INTERVAL, ROUNDING, Floats, undefined
from judge.types import Estimate

TARGET = 0.9  # the reliability that repeats are counted for; Nunnally 1978, for decisions on single items
TWO_ANSWERS = 1.96 * math.sqrt(2)  # how far apart two answers may lie by noise alone, in SEM


@dataclass(frozen=True, slots=True)
class OneWay:
    """The one-way analysis of variance of answers within questions.

    n0: the number of answers a question, in the sense of the method of moments; n: questions; n_answers:
    all answers. Source: Searle, Casella and McCulloch 1992, section 3.6 (unequal numbers).
    """

    between: float
    within: float
    n0: float
    n: int
    n_answers: int

    @property
    def item_variance(self) -> float:
        """The variance between questions, not below 0."""
        return max((self.between - self.within) / self.n0, 0.0)

    @property
    def icc(self) -> float | None:
        """ICC(1,1): the share of the variance of one answer that is the question's."""
        whole = self.between + (self.n0 - 1) * self.within
        return (self.between - self.within) / whole if whole > 0 else None


# Sums by cluster that the analysis is made of: questions, answers, answers squared, sum, sum of squares
# of question totals over their answers, sum of squares.
_SUMS = 6


def one_way(values: Floats, questions: NDArray[Any]) -> OneWay | None:
    """The analysis of answers to questions that have at least two; None for fewer than two of these.

    values: shape (n_answers,); questions: labels, shape (n_answers,).
    """
    sums = _sums(values, questions, np.zeros(len(values)))
    return _analysed(sums.sum(axis=0)) if len(sums) else None


def _sums(values: Floats, questions: NDArray[Any], clusters: NDArray[Any]) -> Floats:
    """The sums by cluster, shape (G, 6), of the questions with at least two answers."""
    if not len(values):
        return np.zeros((0, _SUMS))
    _, first, codes = np.unique(questions, return_index=True, return_inverse=True)
    counts = np.bincount(codes).astype(np.float64)
    totals = np.bincount(codes, values - values.mean())
    squares = np.bincount(codes, (values - values.mean()) ** 2)
    again = counts >= 2
    rows = np.column_stack(
        [np.ones(len(counts)), counts, counts**2, totals, totals**2 / counts, squares]
    )
    labels, places = np.unique(clusters[first][again], return_inverse=True)
    sums = np.zeros((len(labels), _SUMS))
    np.add.at(sums, places, rows[again])
    return sums


def _analysed(sums: Floats) -> OneWay | None:
    n, answers, answers_squared, total, by_question, squares = (float(s) for s in sums)
    if n < 2 or answers <= n:
        return None
    between = max(by_question - total**2 / answers, 0.0) / (n - 1)
    within = max(squares - by_question, 0.0) / (answers - n)
    n0 = (answers - answers_squared / answers) / (n - 1)
    return OneWay(between, within, n0, round(n), round(answers))


# -- estimates -----------------------------------------------------------------------------------


def icc(
    values: Floats,
    questions: NDArray[Any],
    clusters: NDArray[Any],
    *,
    confidence: float = 0.95,
    n_missing: int = 0,
) -> Estimate:
    """ICC(1,1). clusters: labels of answers, the same for all answers to a question.

    Its interval is a jackknife over clusters of ln F, F the ratio of the mean squares: verdicts are a few
    labels and their errors far from normal, where the interval by the F distribution covers too seldom.
    Source: Shrout and Fleiss 1979; Ukoumunne 2002 (jackknife of Fisher's transformation, which is ln F / 2).
    """
    sums = _sums(values, questions, clusters)
    whole = _analysed(sums.sum(axis=0)) if len(sums) else None
    empty = undefined("icc", "correlation", "", confidence, n_missing)
    if whole is None or whole.icc is None:
        why = "fewer than two questions have two verdicts" if whole is None else "all are the same"
        return replace(empty, note=why)
    found = replace(empty, value=whole.icc, n=whole.n, n_clusters=len(sums), method="one-way ANOVA")
    if min(whole.between, whole.within) <= _rounding(values):
        said = "no repeat differs" if whole.between > 0 else "questions do not differ"
        return replace(found, note=NO_INTERVAL + said)
    logs = _logs(sums.sum(axis=0) - sums, _rounding(values))
    if len(logs) < 2 or np.isnan(logs).any():
        return replace(found, note=NO_INTERVAL + "it hangs on single questions")
    low, high = _jackknifed(math.log(whole.between / whole.within), logs, confidence)
    ends = [_of_ratio(math.exp(end), whole.n0) for end in (low, high)]
    method = f"one-way ANOVA; jackknife of ln F by cluster, t({len(sums) - 1})"
    return replace(found, se=_icc_se(whole, logs), ci_low=ends[0], ci_high=ends[1], method=method)


def _rounding(values: Floats) -> float:
    return ROUNDING * max(1.0, float(np.abs(values).max()) ** 2)


def _logs(left: Floats, rounding: float) -> Floats:
    """ln F of each row of sums, NaN where it has none. left: shape (G, 6)."""
    n, answers, _, total, by_question, squares = left.T
    is_enough = (n >= 2) & (answers > n)
    safe = np.where(is_enough, answers, 4), np.where(is_enough, n, 2)
    between = (by_question - total**2 / safe[0]) / (safe[1] - 1)
    within = (squares - by_question) / (safe[0] - safe[1])
    is_known = is_enough & (between > rounding) & (within > rounding)
    ratio = np.where(is_known, between, 1.0) / np.where(is_known, within, 1.0)
    found: Floats = np.where(is_known, np.log(ratio), np.nan)
    return found


def _of_ratio(ratio: float, n0: float) -> float:
    """ICC(1,1) of a ratio F of the mean squares."""
    return (ratio - 1) / (ratio + n0 - 1)


def _jackknife_se(left: Floats) -> float:
    g = len(left)
    return math.sqrt((g - 1) / g * float(np.sum((left - left.mean()) ** 2)))


def _jackknifed(value: float, left: Floats, confidence: float) -> tuple[float, float]:
    half = float(stats.t.ppf((1 + confidence) / 2, len(left) - 1)) * _jackknife_se(left)
    return value - half, value + half


def _icc_se(whole: OneWay, logs: Floats) -> float:
    ratio = whole.between / whole.within
    return whole.n0 * ratio / (ratio + whole.n0 - 1) ** 2 * _jackknife_se(logs)


def icc_f_interval(o: OneWay, confidence: float = 0.95) -> tuple[float, float] | None:
    """The interval of ICC(1,1) where answers are normal and questions independent; None without noise.

    Source: Shrout and Fleiss 1979, page 424; with n0 where questions have unequal numbers of answers.
    """
    if o.within <= 0:
        return None
    ratio, upper = o.between / o.within, (1 + confidence) / 2
    df = o.n - 1, o.n_answers - o.n
    low = ratio / float(stats.f.ppf(upper, *df))
    high = ratio * float(stats.f.ppf(upper, df[1], df[0]))
    return _of_ratio(low, o.n0), _of_ratio(high, o.n0)


def sem(
    values: Floats,
    questions: NDArray[Any],
    clusters: NDArray[Any],
    *,
    unit: str,
    confidence: float = 0.95,
    n_missing: int = 0,
) -> Estimate:
    """The standard error of measurement: sqrt(MSW), how far one answer lies from its question's mean.

    Its interval is that of ln MSW, a ratio of two sums over clusters, t(G-1).
    """
    sums = _sums(values, questions, clusters)
    empty = undefined("sem", unit, "nothing has two verdicts", confidence, n_missing)
    if not len(sums):
        return empty
    squares, df = sums[:, 5] - sums[:, 4], sums[:, 1] - sums[:, 0]
    within = max(float(squares.sum() / df.sum()), 0.0)
    found = replace(
        empty,
        value=math.sqrt(within),
        n=round(float(sums[:, 0].sum())),
        n_clusters=len(sums),
        method="sqrt of the mean square within questions",
        note="",
    )
    if within <= _rounding(values):
        return replace(found, value=0.0, se=0.0, note=NO_INTERVAL + "no repeat differs")
    if len(sums) < 2:
        return replace(found, note=NO_INTERVAL + "all are of one cluster")
    return _with_log_interval(found, (squares - within * df) / float(squares.sum()))


def _with_log_interval(found: Estimate, apart: Floats) -> Estimate:
    """The SEM with the interval of ln MSW. apart: each cluster's influence on that."""
    g, value = len(apart), found.value or 0.0
    se = math.sqrt(g / (g - 1) * float(apart @ apart)) / 2
    half = float(stats.t.ppf((1 + found.confidence) / 2, g - 1)) * se
    return replace(
        found,
        se=value * se,
        ci_low=value * math.exp(-half),
        ci_high=value * math.exp(half),
        method=f"{found.method}; interval of its logarithm by cluster, t({g - 1})",
    )


def repeatability(e: Estimate) -> Estimate:
    """1.96 sqrt(2) SEM: two answers to one question differ by less in 95 of 100 cases.

    e: the SEM. Source: Bland and Altman 1999.
    """
    return replace(
        e,
        name="repeatability",
        value=_twice(e.value),
        se=_twice(e.se),
        ci_low=_twice(e.ci_low),
        ci_high=_twice(e.ci_high),
        method=e.method if e.value is None else f"1.96 sqrt(2) times the {e.method}",
    )


def _twice(number: float | None) -> float | None:
    return None if number is None else TWO_ANSWERS * number


# -- what more would bring -----------------------------------------------------------------------


def repeats_needed(icc_of_one: float | None, target: float = TARGET) -> float | None:
    """How many answers to average for the reliability `target`: R (1 - ICC) / (ICC (1 - R)).

    None where ICC is not above 0: no number would do. Source: Spearman 1910, Brown 1910.
    """
    if icc_of_one is None or icc_of_one <= 0:
        return None
    return target * (1 - icc_of_one) / (icc_of_one * (1 - target))


def se_of_mean(item_variance: float, repeat_variance: float, n: int, k: float) -> float:
    """sqrt((Vitem + Vrep / k) / n): of the mean over n items that were each asked k times.

    Source: Miller 2411.00640, section 3.1.
    """
    return math.sqrt((item_variance + repeat_variance / k) / n)


def se_ratios(item_variance: float, repeat_variance: float) -> tuple[float, float] | None:
    """What becomes of the standard error with twice the items, and with twice the repeats, as factors.

    repeat_variance: what repeats as they are leave in an item's value. None where nothing varies.
    """
    now = se_of_mean(item_variance, repeat_variance, 1, 1)
    if now <= 0:
        return None
    return (
        se_of_mean(item_variance, repeat_variance, 2, 1) / now,
        se_of_mean(item_variance, repeat_variance, 1, 2) / now,
    )


# -- labels --------------------------------------------------------------------------------------


def agreement(counts: Floats) -> Floats:
    """How often two answers to a question name the same label: sum n_c (n_c - 1) / (k (k - 1)).

    counts: shape (n_questions, n_labels), at least two answers a question.
    """
    k = counts.sum(axis=1)
    found: Floats = (counts * (counts - 1)).sum(axis=1) / (k * (k - 1))
    return found


def entropy(counts: Floats) -> Floats:
    """The entropy of an item's verdicts over orders and repeats, in nats; shapes as above.

    Source: FairEval (Wang et al. 2305.17926), balanced position diversity entropy.
    """
    shares = counts / counts.sum(axis=1, keepdims=True)
    logs = np.log(np.where(shares > 0, shares, 1.0))
    found: Floats = np.abs(-(shares * logs).sum(axis=1))  # -0.0 reads ill
    return found


# -- all six forms -------------------------------------------------------------------------------


def shrout_fleiss(ratings: Floats) -> dict[str, float]:
    """The six intraclass correlations of a whole table, shape (n_targets, k), n and k at least 2.

    Names as in the source: ICC(1,1), ICC(2,1), ICC(3,1), ICC(1,k), ICC(2,k), ICC(3,k).
    Source: Shrout and Fleiss 1979, table 1.
    """
    n, k = ratings.shape
    whole, rows, columns = ratings.mean(), ratings.mean(axis=1), ratings.mean(axis=0)
    between = k * float(np.sum((rows - whole) ** 2)) / (n - 1)
    judges = n * float(np.sum((columns - whole) ** 2)) / (k - 1)
    within = float(np.sum((ratings - rows[:, None]) ** 2)) / (n * (k - 1))
    left = ratings - rows[:, None] - columns + whole
    error = float(np.sum(left**2)) / ((n - 1) * (k - 1))
    return {
        "ICC(1,1)": (between - within) / (between + (k - 1) * within),
        "ICC(2,1)": (between - error) / (between + (k - 1) * error + k * (judges - error) / n),
        "ICC(3,1)": (between - error) / (between + (k - 1) * error),
        "ICC(1,k)": (between - within) / between,
        "ICC(2,k)": (between - error) / (between + (judges - error) / n),
        "ICC(3,k)": (between - error) / between,
    }
