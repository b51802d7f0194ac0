"""What a study is, how it is carried out, and what became of its runs."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from judge.types import Estimate

Floats = NDArray[np.float64]
Random = np.random.Generator

SEED = 20261121
RUNS = 2000
BAND = (0.93, 0.97)  # what an interval of 95 % has to cover
TOO_NARROW = "may be too narrow"  # what a note says of an interval that cannot hold its level
FEWEST = 2  # runs with an interval
ALPHA = 0.05  # of the tests by which a study is held to the band, and what a finding may be wrong


@dataclass(frozen=True, slots=True)
class Target:
    """What an interval is about. value: the number to be covered.

    limit: what the estimator tends to with endless items; the same where its assumptions hold.
    is_held: whether the interval must cover `value`; where not, it must cover `limit`, unless
    is_outside: then it is shown and held to nothing. at_least: a guarantee, which may cover more often
    than it says.
    """

    value: float
    limit: float | None = None
    is_held: bool = True
    is_outside: bool = False
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """A study of intervals. draw: one data set's estimates by name; targets: what each is about.

    most: runs that it gets at most, fewer where each of them resamples.
    """

    group: str
    name: str
    draw: Callable[[Random], Mapping[str, Estimate]]
    targets: Callable[[], Mapping[str, Target]]
    most: int = RUNS


@dataclass(frozen=True, slots=True)
class Alarms:
    """A study of findings where nothing is to be found. draw: whether each was made, by name.

    rivals: names of rules that are not ours, shown beside and held to nothing.
    """

    group: str
    name: str
    draw: Callable[[Random], Mapping[str, bool]]
    rivals: tuple[str, ...] = ()


Study = Coverage | Alarms


def runs_of(study: Study, asked: int) -> int:
    """How many of the runs that are asked for a study gets."""
    return min(asked, study.most) if isinstance(study, Coverage) else asked


def random_of(study: Study, run: int) -> Random:
    """The generator of one run."""
    own = zlib.crc32(f"{study.group}/{study.name}".encode())
    return np.random.default_rng([SEED, own, run])


def carried_out(study: Study, runs: range) -> dict[str, Floats]:
    """What each run drew, by name: value, low, high and whether its note warns (or found, 0, 0, 0).

    Shape (runs, 4), NaN where a run has no such estimate, or one without a value or an interval.
    """
    return gathered([_numbers_of(study.draw(random_of(study, run))) for run in runs])


def _numbers_of(drawn: Mapping[str, Estimate | bool]) -> dict[str, Floats]:
    return {name: np.array([_numbers(one)]) for name, one in drawn.items()}


def _numbers(drawn: Estimate | bool) -> tuple[float, float, float, float]:
    if isinstance(drawn, Estimate):
        ends = (drawn.value, drawn.ci_low, drawn.ci_high)
        value, low, high = (np.nan if end is None else end for end in ends)
        return value, low, high, float(TOO_NARROW in drawn.note)
    return float(drawn), 0.0, 0.0, 0.0


def gathered(parts: Sequence[Mapping[str, Floats]]) -> dict[str, Floats]:
    """The runs of several parts, one after another; NaN where a part has no such name."""
    names = dict.fromkeys(name for part in parts for name in part)
    lengths = [len(next(iter(part.values()))) for part in parts]
    return {
        name: np.concatenate(
            [
                part.get(name, np.full((n, 4), np.nan))
                for part, n in zip(parts, lengths, strict=True)
            ]
        )
        for name in names
    }


# -- what became of an interval ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Covered:
    """How often an interval held a number. runs: those in which it was defined."""

    share: float
    error: float
    runs: int
    verdict: str


@dataclass(frozen=True, slots=True)
class IntervalResult:
    """One estimator in one study. covers, covers_limit: its interval; None where there is no such number.

    undefined: runs without a value or an interval. warned: the share of runs whose note says that the
    interval may be too narrow. verdict: that of what it is held to, "" for nothing.
    """

    study: Coverage
    name: str
    target: Target
    mean: float
    bias: float
    bias_error: float
    width: float
    covers: Covered
    covers_limit: Covered | None
    undefined: int
    warned: float
    verdict: str


def interval_result(study: Coverage, name: str, target: Target, drawn: Floats) -> IntervalResult:
    """drawn: as carried_out gives it, shape (runs, 4)."""
    known = drawn[_is_defined(drawn)]
    values, low, high, warned = known.T
    covers = covered(low, high, target.value)
    of_limit = None if target.limit is None else covered(low, high, target.limit)
    held = covers if target.is_held or of_limit is None else of_limit
    is_fine = held.verdict == "over" and target.at_least
    return IntervalResult(
        study=study,
        name=name,
        target=target,
        mean=float(values.mean()),
        bias=float(values.mean() - target.value),
        bias_error=float(values.std(ddof=1) / np.sqrt(len(values))),
        width=float((high - low).mean()),
        covers=covers,
        covers_limit=of_limit,
        undefined=len(drawn) - len(known),
        warned=float(warned.mean()),
        verdict="" if target.is_outside else "ok" if is_fine else held.verdict,
    )


def covered(low: Floats, high: Floats, number: float) -> Covered:
    """How often the intervals hold the number, against the band by an exact binomial test."""
    runs = len(low)
    k = int(((low <= number) & (number <= high)).sum())
    share = k / runs
    verdict = "ok"
    if stats.binom.cdf(k, runs, BAND[0]) < ALPHA:
        verdict = "under"
    elif stats.binom.sf(k - 1, runs, BAND[1]) < ALPHA:
        verdict = "over"
    return Covered(share, float(np.sqrt(share * (1 - share) / runs)), runs, verdict)


# -- what became of a finding --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AlarmResult:
    """How often a finding was made of nothing. p_value: of at most ALPHA, one-sided, before Holm."""

    study: Alarms
    name: str
    runs: int
    share: float
    error: float
    p_value: float
    is_held: bool


def alarm_result(study: Alarms, name: str, found: Floats) -> AlarmResult:
    """found: 1 where a finding was made, shape (runs,)."""
    runs, k = len(found), int(found.sum())
    share = k / runs
    p = float(stats.binomtest(k, runs, ALPHA, alternative="greater").pvalue)
    error = float(np.sqrt(share * (1 - share) / runs))
    return AlarmResult(study, name, runs, share, error, p, name not in study.rivals)


def results(study: Study, drawn: Mapping[str, Floats]) -> Sequence[IntervalResult | AlarmResult]:
    """A result for each name that a study has; one without a truth, or hardly ever drawn, has none."""
    if isinstance(study, Alarms):
        return [alarm_result(study, name, numbers[:, 0]) for name, numbers in drawn.items()]
    targets = study.targets()
    known = {name: numbers for name, numbers in drawn.items() if name in targets}
    return [
        interval_result(study, name, targets[name], numbers)
        for name, numbers in known.items()
        if _is_defined(numbers).sum() >= FEWEST
    ]


def _is_defined(drawn: Floats) -> NDArray[np.bool_]:
    return np.asarray(~np.isnan(drawn).any(axis=1))
