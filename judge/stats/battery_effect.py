"""One statistic for everything that is done to an answer: what it moved, beyond the judge's own noise.

b is the verdict on an item, r the same asked again, p the verdict after the target, one of the answers, was
perturbed. Where that changes nothing, p and r come about alike given b, and so do p and b unless b chose
the target: then b is low by selection, and p is held against r instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from judge.stats import sign_flip
from judge.stats.effects import NO_VERDICTS, NONE_SHOWN, Effect
from judge.stats.intervals import ROUNDING, Floats, mean, undefined
from judge.stats.proportions import bonett_price, clopper_pearson, rate
from judge.types import Estimate

Bools = NDArray[np.bool_]

NEVER_TWICE = "nothing was asked twice"
PASSED = (
    0.1  # the share of null answers that may be scored as well as real ones before it is a finding
)
ONE_SCORE = "everything has one score: whether it is the lowest is not known"
_NO_FLOOR = "asked again, the answer itself is there: no measure of an answer without content"


@dataclass(frozen=True, slots=True)
class Case:
    """The verdicts under one perturbation. base, repeat, perturbed: shape (n,), how well the target did.

    1, 0.5 or 0, with is_score its score; NaN where there is no verdict. asked: shape (n,), the items that
    were perturbed. chosen_by_base: whether the target is what b let lose. is_null: whether nothing of the
    answer was left, so that only a rise matters. lowest: the lowest score that the judge gave, NaN where
    it gave no other.
    """

    base: Floats
    repeat: Floats
    perturbed: Floats
    asked: Bools
    chosen_by_base: bool
    is_score: bool = False
    is_null: bool = False
    lowest: float = -np.inf
    confidence: float = 0.95
    seed: int = 0

    @property
    def known(self) -> Bools:
        """The items with b and p."""
        return self.asked & ~np.isnan(self.base) & ~np.isnan(self.perturbed)

    @property
    def twice(self) -> Bools:
        """The items with b, p and r."""
        return self.known & ~np.isnan(self.repeat)

    @property
    def is_twice_asked(self) -> bool:
        """Whether any item has b and r: else nothing was asked twice."""
        return bool((~np.isnan(self.base) & ~np.isnan(self.repeat)).any())

    @property
    def against_repeat(self) -> bool:
        """Whether p is held against r and not b."""
        return not self.is_score and (self.chosen_by_base or self.is_null)

    @property
    def lost(self) -> Bools:
        """Where b let the target lose; every item where there are scores."""
        return np.ones(len(self.base), dtype=bool) if self.is_score else self.base == 0

    @property
    def held(self) -> Bools:
        """The items in which p is held against something: of null answers those that were lost."""
        if not self.against_repeat:
            return self.known
        return self.twice & self.lost if self.is_null else self.twice

    def n_missing(self, kept: Bools) -> int:
        """How many of the items that were asked are not among those kept for want of a verdict."""
        return int((self.asked & ~kept).sum())


def effect(
    base: Floats,
    repeat: Floats,
    perturbed: Floats,
    *,
    chosen_by_base: bool,
    asked: Bools | None = None,
    perturbation: str = "",
    group: str = "",
    is_score: bool = False,
    is_null: bool = False,
    lowest: float = -np.inf,
    confidence: float = 0.95,
    seed: int = 0,
) -> Effect:
    """What a perturbation did, before Holm: adjusted p-values, smallest_detectable and finding are open.

    The arguments are Case's; asked: every item where it is None. Flips are tested by McNemar's exact test
    on the flip indicators, the shift by the exact test of the signs of its differences.
    Source: METHODS 12; McNemar 1947.
    """
    everywhere = np.ones(len(base), dtype=bool)
    case = Case(
        base,
        repeat,
        perturbed,
        everywhere if asked is None else asked,
        chosen_by_base,
        is_score,
        is_null,
        lowest,
        confidence,
        seed,
    )
    return of_case(case, perturbation, group)


def of_case(case: Case, perturbation: str, group: str) -> Effect:
    """The same of a case that is made."""
    extra, fewer = _discordant(case)
    differences = shifts(case)
    success, floor = success_of(case), _floor(case)
    wins = round((success.value or 0.0) * success.n)
    flips_p, shift_p = _flips_p(case, extra, fewer), _shift_p(case, differences, wins, success.n)
    is_tested = flips_p is not None or shift_p is not None
    return Effect(
        perturbation=perturbation,
        group=group,
        n=int(case.known.sum()),
        n_lost=success.n,
        n_missing=case.n_missing(case.known),
        robustness=_robustness(case),
        excess_flips=_excess(case, extra, fewer),
        shift=shift(case),
        success=success,
        floor=floor,
        success_upper=clopper_pearson(wins, success.n, side="upper")[1] if success.n else None,
        ups=int((differences > ROUNDING).sum()),
        downs=int((differences < -ROUNDING).sum()),
        extra=extra,
        fewer=fewer,
        flips_p_value=flips_p,
        flips_p_adjusted=None,
        shift_p_value=shift_p,
        shift_p_adjusted=None,
        smallest_detectable=None,
        finding=NONE_SHOWN if is_tested else NO_VERDICTS,
    )


# -- flips ---------------------------------------------------------------------------------------


def _robustness(case: Case) -> Estimate:
    known = case.known
    same = int((case.base[known] == case.perturbed[known]).sum())
    return rate(
        same,
        int(known.sum()),
        name="robustness",
        confidence=case.confidence,
        n_missing=case.n_missing(known),
        note="" if known.any() else "no verdicts",
    )


def _discordant(case: Case) -> tuple[int, int]:
    """In how many items p alone differs from b, and in how many r alone."""
    kept = case.twice
    by_p, by_r = case.perturbed[kept] != case.base[kept], case.repeat[kept] != case.base[kept]
    return int((by_p & ~by_r).sum()), int((by_r & ~by_p).sum())


def _excess(case: Case, extra: int, fewer: int) -> Estimate:
    n, n_missing = int(case.twice.sum()), case.n_missing(case.twice)
    if not n:
        why = "no verdicts" if case.is_twice_asked else NEVER_TWICE
        return undefined("excess_flips", "difference", why, case.confidence, n_missing)
    return paired("excess_flips", extra, fewer, n, n_missing, case.confidence)


def paired(name: str, more: int, less: int, n: int, n_missing: int, confidence: float) -> Estimate:
    """The difference of two shares of the same items."""
    low, high = bonett_price(more, less, n, confidence)
    return Estimate(
        name,
        (more - less) / n,
        ci_low=low,
        ci_high=high,
        confidence=confidence,
        unit="difference",
        n=n,
        n_clusters=n,
        n_missing=n_missing,
        method="paired difference; Bonett-Price interval",
    )


def _flips_p(case: Case, extra: int, fewer: int) -> float | None:
    """None for null answers: that nothing is left of an answer may well turn a verdict."""
    if case.is_null or not case.twice.any():
        return None
    return sign_flip.p_value(np.repeat([1.0, -1.0], [extra, fewer]))


# -- shift ---------------------------------------------------------------------------------------


def shifts(case: Case) -> Floats:
    """p less what it is held against, one number an item that has both."""
    held = case.repeat if case.against_repeat else case.base
    return (case.perturbed - held)[case.held]


def shift(case: Case) -> Estimate:
    """The mean of the shifts; of shares by Bonett and Price, of scores and with ties by t."""
    differences, n_missing = shifts(case), case.n_missing(_wanted(case))
    unit = "score" if case.is_score else "difference"
    if not len(differences):
        return undefined("shift", unit, _no_shift(case), case.confidence, n_missing)
    sizes = np.abs(differences)
    if not case.is_score and not ((sizes > 0) & (sizes < 1)).any():
        ups, downs = int((differences > 0).sum()), int((differences < 0).sum())
        return paired("shift", ups, downs, len(differences), n_missing, case.confidence)
    return mean(
        differences,
        np.arange(len(differences)),
        name="shift",
        unit=unit,
        bounds=None if case.is_score else (-1.0, 1.0),
        confidence=case.confidence,
        n_missing=n_missing,
    )


def _wanted(case: Case) -> Bools:
    """The items that are not missing from the shift: of null answers those that did not lose are left out."""
    if not (case.is_null and case.against_repeat):
        return case.held
    return case.held | (~np.isnan(case.base) & ~case.lost)


def _no_shift(case: Case) -> str:
    if not case.known.any():
        return "no verdicts"
    if case.against_repeat and not case.is_twice_asked:
        return NEVER_TWICE
    return "no answer that lost before has a verdict"


def _shift_p(case: Case, differences: Floats, wins: int, n: int) -> float | None:
    if case.is_null and case.is_score:
        return float(stats.binom.sf(wins - 1, n, PASSED)) if n else None
    if not len(differences):
        return None
    p = sign_flip.p_value(differences, seed=case.seed)
    if not case.is_null:
        return p
    # Null answers are made worse, so that they should fall: one-sided, half of an even distribution.
    return p / 2 if differences.sum() > ROUNDING else 1.0


# -- success -------------------------------------------------------------------------------------


def success_of(case: Case) -> Estimate:
    """How often the target wins that lost before; with scores, how often it rises."""
    return _wins(case, "success", case.perturbed, case.known)


def _floor(case: Case) -> Estimate:
    if case.is_null and case.is_score:
        return undefined("floor", "rate", _NO_FLOOR, case.confidence)
    if not case.is_twice_asked:
        return undefined("floor", "rate", NEVER_TWICE, case.confidence)
    known = case.asked & ~np.isnan(case.base) & ~np.isnan(case.repeat)
    return _wins(case, "floor", case.repeat, known)


def _wins(case: Case, name: str, values: Floats, known: Bools) -> Estimate:
    kept = known & case.lost
    if case.is_score and case.is_null and np.isnan(case.lowest):
        return undefined(name, "rate", ONE_SCORE, case.confidence, case.n_missing(known))
    if not case.is_score:
        won = values == 1
    elif case.is_null:
        won = (values >= case.base) & (values > case.lowest)
    else:
        won = values > case.base
    asked_for = case.asked & (np.isnan(case.base) | case.lost)
    return rate(
        int(won[kept].sum()),
        int(kept.sum()),
        name=name,
        confidence=case.confidence,
        n_missing=int((asked_for & ~known).sum()),
        note="" if kept.any() else "no answer that lost before has a verdict",
    )
