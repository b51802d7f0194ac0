"""One judge's wordings against the base: what flips, what shifts, and the base asked again as the ceiling.

`wording_rows` takes plain arrays, so that simulations go through what the report goes through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from judge.analysis.audit_asked import AskedWording
from judge.analysis.rubric_audit import Ceiling, WordingRow
from judge.analysis.rubric_decisions import FINER, UNLIKE, WEIGHED, Decisions
from judge.stats import reliability, sign_flip, wordings
from judge.stats.bootstrap import REPLICATES
from judge.stats.intervals import Floats, holm, undefined
from judge.stats.wording_kappas import kappa, weighted_kappa
from judge.stats.wordings import NOT_TWICE, UNASKED, Tested
from judge.types import Estimate
from judge.wording_forms import FINER_SCALE

ALPHA = 0.05
MOVES, NONE_SHOWN = "moves verdicts", "none shown"
NO_REPEATS, NO_VERDICTS = "no repeats", "no verdicts"

OF_SCORES = "of scores only"


@dataclass(frozen=True, slots=True)
class Settings:
    """seed, replicates: of resampling (0 replicates: kappas and correlations without an interval)."""

    seed: int = 0
    confidence: float = 0.95
    replicates: int = REPLICATES


def wording_rows(
    d: Decisions,
    asked: Sequence[AskedWording],
    settings: Settings | None = None,
    *,
    comparable: bool = True,
) -> tuple[WordingRow, ...]:
    """The rows of these wordings, in the order of the columns after the base.

    comparable: False where the two answers of a pair are not systems, which then have no win rate.
    """
    settings = settings or Settings()
    rows = [_row(d, n, w, settings, comparable) for n, w in enumerate(asked, 1)]
    for kind in ("equivalent", "intervention"):
        own = [n for n, row in enumerate(rows) if row.kind == kind]
        for n, row in zip(own, _adjusted({n + 1: rows[n] for n in own}, d), strict=True):
            rows[n] = row
    return tuple(rows)


def _row(d: Decisions, n: int, w: AskedWording, settings: Settings, comparable: bool) -> WordingRow:
    base, other, clusters = d.said[:, 0], d.said[:, n], d.places.clusters
    level = settings.confidence
    again = wordings.first_told(d.again)
    excess = wordings.excess_flips(
        base, again, other, clusters, confidence=level, seed=settings.seed
    )
    moved, favoured = _shift(d, n, settings, comparable)
    numbers = d.values[:, [0, n]]
    lost = d.n_without(0, n)
    why = _why_undecided(d, w)
    return WordingRow(
        wording=w.name,
        kind=w.kind,
        identical=_decided(why, wordings.identical(base, other, clusters, level)),
        flips=_decided(why, wordings.flips(base, other, clusters, level)),
        excess_flips=_decided(why, excess.estimate),
        kappa=_decided(why, _kappa(d.said[:, [0, n]], d, settings)),
        weighted_kappa=_of_scores(d, "weighted_kappa", "coefficient", settings, n)
        or _weighted(numbers, d, settings, lost),
        shift=moved.estimate,
        favoured=favoured,
        mean_absolute=_of_scores(d, "mean_absolute", "score", settings, n)
        or wordings.mean_absolute(numbers[:, 0], numbers[:, 1], clusters, level, lost),
        rank_correlation=_of_scores(d, "rank_correlation", "correlation", settings, n)
        or wordings.rank_correlation(
            numbers[:, 0],
            numbers[:, 1],
            clusters,
            seed=settings.seed,
            replicates=settings.replicates,
            confidence=level,
            n_missing=lost,
        ),
        p_value=None if why else excess.p_value,
        p_adjusted=None,
        shift_p_value=moved.p_value,
        shift_p_adjusted=None,
        smallest_detectable=None,
        finding="",
    )


def _why_undecided(d: Decisions, w: AskedWording) -> str:
    """Why scores under a wording cannot be the base's decisions, "" where they can.

    1 to 10 mapped back to 1 to 5 meets a point of the rubric's own at both ends alone.
    """
    if d.weighed:
        return WEIGHED
    return FINER if d.mode == "single" and FINER_SCALE in (*w.forms, w.name) else ""


def _decided(why: str, found: Estimate) -> Estimate:
    """The estimate; null, with the reason, where scores make no decisions."""
    return undefined(found.name, found.unit, why, found.confidence) if why else found


def _of_scores(
    d: Decisions, name: str, unit: str, settings: Settings, n: int = 0
) -> Estimate | None:
    """What pairs have instead of an estimate of scores, and wordings that are read otherwise."""
    if d.mode == "single" and n in d.unlike:
        return undefined(name, unit, UNLIKE, settings.confidence)
    if d.mode == "single" and np.isfinite(d.values).any():
        return None
    return undefined(name, unit, OF_SCORES, settings.confidence)


def _kappa(said: wordings.Codes, d: Decisions, settings: Settings) -> Estimate:
    return kappa(
        said,
        d.places.clusters,
        seed=settings.seed,
        replicates=settings.replicates,
        confidence=settings.confidence,
    )


def _weighted(numbers: Floats, d: Decisions, settings: Settings, n_missing: int) -> Estimate:
    return weighted_kappa(
        numbers,
        d.places.clusters,
        seed=settings.seed,
        replicates=settings.replicates,
        confidence=settings.confidence,
        n_missing=n_missing,
    )


def _shift(d: Decisions, n: int, settings: Settings, comparable: bool) -> tuple[Tested, str]:
    """Of the mean score, or of the win rate of the first of two systems; and which that is."""
    unit = "score" if d.mode == "single" else "rate"
    why = _why_no_mean(d, n) if d.mode == "single" else _why_no_win_rate(d, comparable)
    if why:
        return Tested(undefined("shift", unit, why, settings.confidence), None), ""
    found = wordings.shift(
        d.values[:, 0],
        d.values[:, n],
        d.places.clusters,
        unit=unit,
        confidence=settings.confidence,
        seed=settings.seed,
        n_missing=d.n_without(0, n),
    )
    return found, "" if d.mode == "single" else d.places.systems[0]


def _why_no_mean(d: Decisions, n: int) -> str:
    return UNLIKE if n in d.unlike else ""


def _why_no_win_rate(d: Decisions, comparable: bool) -> str:
    if not comparable:
        return "the two answers of a pair are not systems"
    return "more than one pair of systems" if len(d.places.systems) > 2 else ""


# -- what was found ------------------------------------------------------------------------------


def _adjusted(rows: Mapping[int, WordingRow], d: Decisions) -> list[WordingRow]:
    """The rows of one kind, by column, with Holm's p over both tests of all of them, and the finding."""
    there = [p for row in rows.values() for p in (row.p_value, row.shift_p_value) if p is not None]
    left = iter(holm(there))
    found = []
    for n, row in rows.items():
        p = None if row.p_value is None else next(left)
        shift_p = None if row.shift_p_value is None else next(left)
        known = replace(row, p_adjusted=p, shift_p_adjusted=shift_p)
        shown = _smallest_shown(row, d, len(there))
        found.append(replace(known, smallest_detectable=shown, finding=_finding(known, n, d)))
    return found


def _finding(row: WordingRow, n: int, d: Decisions) -> str:
    if not ((d.said[:, 0] >= 0) & (d.said[:, n] >= 0)).any():
        return NO_VERDICTS
    flips_more = _is_shown(row.p_adjusted) and (row.excess_flips.value or 0) > 0
    if flips_more or _is_shown(row.shift_p_adjusted):
        return MOVES
    if not (d.again > UNASKED).any():
        return NO_REPEATS
    return NO_VERDICTS if row.p_value is None and row.shift_p_value is None else NONE_SHOWN


def _is_shown(p: float | None) -> bool:
    return p is not None and p <= ALPHA


def _smallest_shown(row: WordingRow, d: Decisions, n_tests: int) -> float | None:
    """The excess that the exact test would show; clusters count, as if all in one said the same.

    Where nothing was done, b, b' and p are exchangeable: of those that are not all alike as often b' as p
    stands alone, so that each side has half of the flips of the base.
    """
    if row.excess_flips.value is None:
        return None
    told, again = d.said[:, 0], wordings.first_told(d.again)
    both = (told >= 0) & (again >= 0)
    noise = float((told != again)[both].mean()) / 2
    return _cached_shown(row.excess_flips.n_clusters, noise, ALPHA / n_tests)


@lru_cache(maxsize=256)
def _cached_shown(n: int, noise: float, alpha: float) -> float | None:
    return sign_flip.smallest_shown(n, noise, alpha=alpha)


# -- the ceiling ---------------------------------------------------------------------------------


def ceiling(d: Decisions, settings: Settings) -> Ceiling:
    """The base against itself, asked again."""
    if not (d.again > UNASKED).any():
        return _no_ceiling(d, settings.confidence)
    said, values, clusters = d.base_repeats, d.base_values, d.places.clusters
    lost = int(((said > UNASKED).sum(axis=1) >= 2)[(said >= 0).sum(axis=1) < 2].sum())
    one = _icc(d, values, settings.confidence, lost)
    why = WEIGHED if d.weighed else ""
    several = said.shape[1] > 2 and not why
    return Ceiling(
        identical=_decided(
            why,
            replace(wordings.agreement(said, clusters, settings.confidence), name="identical"),
        ),
        kappa=_decided(why, _kappa(said, d, settings)),
        weighted_kappa=_of_scores(d, "weighted_kappa", "coefficient", settings)
        or _weighted(values, d, settings, lost),
        icc=one[0],
        sem=one[1],
        repeats_needed=reliability.repeats_needed(one[0].value),
        all_same=wordings.all_same(said, clusters, settings.confidence) if several else None,
    )


def _icc(
    d: Decisions, values: Floats, confidence: float, n_missing: int
) -> tuple[Estimate, Estimate]:
    """ICC(1,1) and the standard error of measurement of the base's repeats."""
    unit = "score" if d.mode == "single" else "rate"
    rows, columns = np.nonzero(np.isfinite(values))
    if len(rows) == len(np.unique(rows)):
        why = "no presentation has two verdicts that are numbers"
        return (
            undefined("icc", "correlation", why, confidence, n_missing),
            undefined("sem", unit, why, confidence, n_missing),
        )
    told, clusters = values[rows, columns], d.places.clusters[rows]
    return (
        reliability.icc(told, rows, clusters, confidence=confidence, n_missing=n_missing),
        reliability.sem(
            told, rows, clusters, unit=unit, confidence=confidence, n_missing=n_missing
        ),
    )


def _no_ceiling(d: Decisions, confidence: float) -> Ceiling:
    unit = "score" if d.mode == "single" else "rate"

    def none(name: str, measured_in: str) -> Estimate:
        return undefined(name, measured_in, NOT_TWICE, confidence)

    return Ceiling(
        identical=none("identical", "rate"),
        kappa=none("kappa", "coefficient"),
        weighted_kappa=none("weighted_kappa", "coefficient"),
        icc=none("icc", "correlation"),
        sem=none("sem", unit),
        repeats_needed=None,
    )
