"""Intervals of means that cannot be anything: a share lies between 0 and 1, a score on its scale.

An interval and the test that goes with it are one thing here, so that a conclusion never contradicts
the interval beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from scipy import stats
from scipy.special import expit, logit

from judge.stats.proportions import wilson

Kind = Literal["none", "t", "logit", "Wilson", "exact"]
Bounds = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with what its interval is made of.

    kind: logit is t in the log-odds of the mean's place between its bounds, by the delta method; Wilson of
    n independent values, each on a bound; exact of n clusters that all lie on one bound; none: no interval.
    n: of Wilson and exact. df: of t and logit.
    """

    kind: Kind
    value: float
    se: float
    df: float
    n: int
    bounds: Bounds | None = None

    def ends(self, confidence: float) -> tuple[float, float] | None:
        """Both ends, None where there is no interval."""
        if self.kind == "none":
            return None
        if self.kind == "logit":
            half = float(stats.t.ppf((1 + confidence) / 2, self.df)) * self._logit_se
            middle = float(logit(self._share))
            return self._at(float(expit(middle - half))), self._at(float(expit(middle + half)))
        if self.kind == "Wilson":
            low, high = wilson(round(self._share * self.n), self.n, confidence)
            return self._at(low), self._at(high)
        if self.kind == "exact":
            sure = ((1 - confidence) / 2) ** (1 / self.n)
            low, high = (sure, 1.0) if self._share > 0.5 else (0.0, 1 - sure)
            return self._at(low), self._at(high)
        half = float(stats.t.ppf((1 + confidence) / 2, self.df)) * self.se
        low, high = self.value - half, self.value + half
        return (low, high) if self.bounds is None else self._cut(low, high)

    def p_value(self, null: float) -> float | None:
        """The two-sided p of the mean being `null`: below alpha where the interval leaves it out."""
        if self.kind == "none":
            return None
        return min(1.0, 2 * min(self._tail(null, above=True), self._tail(null, above=False)))

    def outside_p(self, null: float, margin: float) -> float | None:
        """The larger p of the two one-sided tests of the mean lying `margin` or more from `null`.

        Source: Schuirmann 1987.
        """
        if self.kind in ("none", "exact"):
            return None
        low = self._tail(null - margin, above=True)
        return max(low, self._tail(null + margin, above=False))

    def _tail(self, null: float, *, above: bool) -> float:
        """The p against the mean being `null` or less (above), or `null` or more."""
        if self.kind == "exact":
            return self._exact_tail(null, above=above)
        away, df = self._away(null), self.df
        toward = away if above else -away  # not 1 - tail, which would round the smallest to 0
        return float(stats.norm.sf(toward) if self.kind == "Wilson" else stats.t.sf(toward, df))

    def _away(self, null: float) -> float:
        """How many standard errors the mean lies above `null`, in the interval's own terms."""
        if self.kind == "t":
            return (self.value - null) / self.se
        share = self._place(null)
        if not 0 < share < 1:
            return math.inf if share <= 0 else -math.inf
        if self.kind == "Wilson":
            return (self._share - share) / math.sqrt(share * (1 - share) / self.n)
        return float(logit(self._share) - logit(share)) / self._logit_se

    def _exact_tail(self, null: float, *, above: bool) -> float:
        """All n clusters are on one bound: share^n of that, were the mean at `null`."""
        share = min(max(self._place(null), 0.0), 1.0)
        is_high = self._share > 0.5
        if above != is_high:
            return 1.0
        return float(share**self.n if is_high else (1 - share) ** self.n)

    @property
    def _share(self) -> float:
        return self._place(self.value)

    @property
    def _logit_se(self) -> float:
        low, high = self.bounds or (0.0, 1.0)
        share = self._share
        return self.se / (high - low) / (share * (1 - share))

    def _place(self, value: float) -> float:
        """Where between the bounds a value lies, as a share."""
        low, high = self.bounds or (0.0, 1.0)
        return (value - low) / (high - low)

    def _at(self, share: float) -> float:
        low, high = self.bounds or (0.0, 1.0)
        return low + share * (high - low)

    def _cut(self, low: float, high: float) -> tuple[float, float]:
        least, most = self.bounds or (-math.inf, math.inf)
        return max(low, least), min(high, most)


METHODS = {
    "none": "no interval",
    "t": "t({df:.3g})",
    "logit": "t({df:.3g}) in log-odds",
    "Wilson": "Wilson interval",
    "exact": "Clopper-Pearson interval over clusters",
}


def method(interval: Interval) -> str:
    """The interval's kind in words, for an estimate."""
    return METHODS[interval.kind].format(df=interval.df)
