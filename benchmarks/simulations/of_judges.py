"""Intervals of what is said of judges: repeats, severity, how many they are worth."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from scipy import stats

from benchmarks.simulations.estimators import weights
from benchmarks.simulations.other_intervals import GROUP, held
from benchmarks.simulations.study import Coverage, Floats, Random, Target
from judge.stats import contrasts
from judge.stats import severity as severities
from judge.stats.panel_worth import effective_judges, effective_number, versus_best
from judge.stats.reliability import icc, one_way, repeatability, sem
from judge.types import Estimate

LEVELS = np.array([0.3, -0.1, -0.5])  # how lenient three judges are
ACCURACY, SHARED = 0.75, 0.4


def studies() -> Iterator[Coverage]:
    for n in (50, 200):
        yield repeats(n, is_rounded=False)
        yield repeats(n, is_rounded=True)
    for n in (50, 200):
        yield severity(n)
    for n in (100, 400):
        yield worth(n)
        yield against_best(n)


# -- repeats -------------------------------------------------------------------------------------


def repeats(n: int, *, is_rounded: bool) -> Coverage:
    """Answers scored twice; 60 % of the variance is the answer's. Rounded: scores are 1 to 5."""
    questions = np.repeat(np.arange(n), 2)

    def draw(random: Random) -> dict[str, Estimate]:
        scores = _scores(random, n, is_rounded=is_rounded)
        within = sem(scores, questions, questions, unit="score")
        return {
            "ICC": icc(scores, questions, questions),
            "SEM": within,
            "repeatability": repeatability(within),
        }

    def targets() -> dict[str, Target]:
        of_one, error = _reliability(is_rounded=is_rounded)
        truths = {"ICC": of_one, "SEM": error, "repeatability": 1.96 * np.sqrt(2) * error}
        return {name: Target(truth) for name, truth in truths.items()}

    kind = "scores 1 to 5" if is_rounded else "normal scores"
    return Coverage(GROUP, f"{n} answers asked twice, {kind}", draw, targets)


def _scores(random: Random, n: int, *, is_rounded: bool) -> Floats:
    true = 3.5 + np.sqrt(0.6) * random.normal(size=n)
    scores = np.repeat(true, 2) + np.sqrt(0.4) * random.normal(size=2 * n)
    return np.asarray(np.clip(np.round(scores), 1, 5)) if is_rounded else scores


@cache
def _reliability(*, is_rounded: bool) -> tuple[float, float]:
    """ICC and SEM; of rounded scores those of so many answers that their error does not count."""
    if not is_rounded:
        return 0.6, float(np.sqrt(0.4))
    n = 2_000_000
    scores = _scores(np.random.default_rng(0), n, is_rounded=True)
    found = one_way(scores, np.repeat(np.arange(n), 2))
    assert found is not None
    assert found.icc is not None
    return found.icc, float(np.sqrt(found.within))


# -- severity ------------------------------------------------------------------------------------


def severity(n: int) -> Coverage:
    """Three judges, each of whom misses a fifth of the answers, the more severe the worse ones."""
    shares = weights(3)
    cells = np.array([(i, j) for i in range(n) for j in range(3)])

    def draw(random: Random) -> dict[str, Estimate]:
        true = 3 + random.normal(size=n)
        seen = random.random((n, 3)) < np.where(true[:, None] < 2.5, [0.95, 0.8, 0.6], 0.85)
        seen[:, 0] |= ~seen.any(axis=1)
        items, judges = cells[seen.reshape(-1)].T
        scores = true[items] + LEVELS[judges] + 0.7 * random.normal(size=len(items))
        given = severities.Cells(scores, items, judges, items, shares)
        fit = severities.additive(given)
        third = severities.severity(fit, 2)
        mean = severities.mean_score(fit, given, np.arange(n))
        return {
            "severity": contrasts.estimate(third, name="severity", unit="score", n=n),
            "severity-adjusted mean": contrasts.estimate(mean, name="mean", unit="score", n=n),
        }

    middle = float(shares @ LEVELS)
    truths = {"severity": float(LEVELS[2]) - middle, "severity-adjusted mean": 3 + middle}
    return Coverage(GROUP, f"three judges of {n} answers, some missed", draw, held(truths))


# -- what a panel is worth -----------------------------------------------------------------------


def right(random: Random, n: int, k: int) -> Floats:
    """Which verdicts are right, shape (n, k): three in four, errors shared in part."""
    shared = random.normal(size=(n, 1))
    chance = np.sqrt(SHARED) * shared + np.sqrt(1 - SHARED) * random.normal(size=(n, k))
    return np.asarray(chance < stats.norm.ppf(ACCURACY), dtype=float)


def worth(n: int) -> Coverage:
    """Three judges whose errors are correlated."""

    def draw(random: Random) -> dict[str, Estimate]:
        return {"effective judges": effective_judges(1 - right(random, n, 3), np.arange(n))}

    def targets() -> dict[str, Target]:
        z = stats.norm.ppf(1 - ACCURACY)
        covariance = [[1, SHARED], [SHARED, 1]]
        both = float(stats.multivariate_normal([0, 0], covariance).cdf([z, z]))
        wrong = 1 - ACCURACY
        rho = (both - wrong**2) / (wrong * (1 - wrong))
        return {"effective judges": Target(effective_number(3, rho))}

    return Coverage(GROUP, f"three judges of {n} labelled items", draw, targets)


def against_best(n: int) -> Coverage:
    """Two equally good judges: their mean is as often right as either."""

    def draw(random: Random) -> dict[str, Estimate]:
        gold = (random.random(n) < 0.5).astype(float)
        hits = right(random, n, 2)
        said = np.where(gold[:, None] > 0, hits, 1 - hits)
        found = versus_best(said, said.mean(axis=1), gold, np.arange(n))
        return {"panel less its best": found.difference, "panel's accuracy": found.panel}

    truths = {"panel less its best": 0.0, "panel's accuracy": ACCURACY}
    return Coverage(GROUP, f"panel of two equals, {n} labelled items", draw, held(truths))
