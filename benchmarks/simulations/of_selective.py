"""How often a judge that may decide alone is wrong more often than was guaranteed.

A finding is a threshold above which the true share of wrong verdicts is larger than RISK: of many sets of
labels that may happen to at most DELTA. The rival takes the lowest confidence at which no more than RISK
of the labelled units were seen to be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from benchmarks.simulations.alarms import GROUP
from benchmarks.simulations.study import ALPHA, Alarms, Floats, Random
from judge.stats.selective import Level, levels, threshold

RISK = 0.2
DELTA = ALPHA
N = 200  # labelled units
RIVAL = "rival: the lowest confidence at which few enough were wrong"
BROKEN = "guarantee broken"

Drawn = tuple[Floats, Floats]  # confidences and wrong, shape (n, tiers)
World = tuple[
    Callable[[Random], Drawn], Callable[[float], float]
]  # one draw; threshold -> true risk


def studies() -> Iterator[Alarms]:
    worlds: dict[str, World] = {
        "two levels": (two_levels, risk_of_two),
        "as wrong as allowed": (at_the_edge, lambda _: RISK + 1e-6),
        "any confidence": (continuous, risk_of_continuous),
        "a cascade of two": (cascade, risk_of_cascade),
    }
    for name, (draw, risk) in worlds.items():
        yield Alarms(GROUP, f"selective judging, {N} labels, {name}", broken(draw, risk), (RIVAL,))


def broken(
    draw: Callable[[Random], Drawn], risk: Callable[[float], float]
) -> Callable[[Random], Mapping[str, bool]]:
    """Whether each rule names a threshold above which more than RISK is wrong."""

    def drawn(random: Random) -> Mapping[str, bool]:
        confidences, wrong = draw(random)
        found = threshold(confidences, wrong, alpha=RISK, delta=DELTA).value
        naive = _lowest(levels(confidences, wrong))
        return {
            BROKEN: found is not None and risk(found) > RISK,
            RIVAL: naive is not None and risk(naive) > RISK,
        }

    return drawn


def _lowest(found: tuple[Level, ...]) -> float | None:
    fine = [level.threshold for level in found if level.wrong <= RISK * level.n]
    return min(fine, default=None)


# -- two orders: sure or not ---------------------------------------------------------------------

SURE, ERROR_SURE, ERROR_UNSURE = 0.7, 0.18, 0.26


def two_levels(random: Random) -> Drawn:
    is_sure = random.random(N) < SURE
    wrong = random.random(N) < np.where(is_sure, ERROR_SURE, ERROR_UNSURE)
    return np.where(is_sure, 1.0, 0.5)[:, None], wrong.astype(float)[:, None]


def risk_of_two(at: float) -> float:
    """.18 above; .7 x .18 + .3 x .26 = .204 of all."""
    return ERROR_SURE if at > 0.5 else SURE * ERROR_SURE + (1 - SURE) * ERROR_UNSURE


def at_the_edge(random: Random) -> Drawn:
    """The same error whatever the confidence, a trace above what is allowed: every threshold breaks it."""
    confidences = random.choice([0.5, 0.75, 1.0], N)
    return confidences[:, None], (random.random(N) < RISK + 1e-6).astype(float)[:, None]


# -- any confidence ------------------------------------------------------------------------------


def continuous(random: Random) -> Drawn:
    """Confidence is uniform from 1/2 to 1, and so many are wrong: .05 at 1, .45 at 1/2."""
    confidences = random.uniform(0.5, 1, N)
    wrong = random.random(N) < 0.05 + 0.8 * (1 - confidences)
    return confidences[:, None], wrong.astype(float)[:, None]


def risk_of_continuous(at: float) -> float:
    """The mean of .05 + .8 (1 - c) over c from `at` to 1; it passes .2 below .625."""
    return 0.05 + 0.4 * (1 - at)


def cascade(random: Random) -> Drawn:
    """A cheap judge that is wrong .1 to .5, and a dear one wrong .02 to .27, independently."""
    confidences = random.uniform(0.5, 1, (N, 2))
    errors = np.array([0.1, 0.02]) + np.array([0.8, 0.5]) * (1 - confidences)
    return confidences, (random.random((N, 2)) < errors).astype(float)


def risk_of_cascade(at: float) -> float:
    """The cheap judge decides a share s = 2 (1 - at), the dear one s of the rest."""
    share = 2 * (1 - at)
    first, second = share, (1 - share) * share
    risks = (0.1 + 0.4 * (1 - at), 0.02 + 0.25 * (1 - at))
    return (first * risks[0] + second * risks[1]) / (first + second)
