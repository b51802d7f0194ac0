"""Whether the alarm on anchors is quiet on a judge that does not change, and how soon it finds a rise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from benchmarks.simulations.study import Alarms, Floats, Random, Study
from judge.stats.drift import ALPHA, Step, mcnemar_worse, steps

GROUP = "False alarms"
NIGHTS = 20
REFERENCE = 0.1  # how often the judge errs on its anchors before anything changes

OURS = f"alarm within {NIGHTS} runs"
PEEKING = f"McNemar against the first run, p <= .05 in any of {NIGHTS} runs"

# How a judge errs: on the same anchors always, on each with its own rate, on all alike.
KINDS: Mapping[str, Callable[[Random, int, float], Floats]] = {
    "the same anchors each night": lambda random, n, rate: (random.random(n) < rate).astype(float),
    "each anchor with its own rate": lambda random, n, rate: random.beta(rate, 1 - rate, n),
    "all anchors alike": lambda random, n, rate: np.full(n, rate),
}


def studies() -> list[Study]:
    """The false alarms of an unchanged judge."""
    return [
        Alarms(
            GROUP,
            f"drift over {NIGHTS} runs, {n} presentations, {kind}",
            partial(drawn, n=n, kind=kind),
            rivals=(PEEKING,),
        )
        for n in (40, 200)
        for kind in KINDS
    ] + [
        Alarms(
            GROUP,
            f"drift over {NIGHTS} runs, {n} presentations, both orders of an anchor err together",
            partial(drawn_together, n=n),
            rivals=(PEEKING,),
        )
        for n in (40, 200)
    ]


def drawn(random: Random, *, n: int, kind: str) -> dict[str, bool]:
    """Whether an unchanged judge is accused in any of its runs."""
    rates = KINDS[kind](random, n, REFERENCE)
    return _alarms(steps((random.random((NIGHTS + 1, n)) < rates).astype(float)))


def drawn_together(random: Random, *, n: int) -> dict[str, bool]:
    """The same where both orders of an anchor are wrong, or right, at once."""
    own = (random.random((NIGHTS + 1, n // 2)) < REFERENCE).astype(float)
    return _alarms(steps(np.repeat(own, 2, axis=1), [str(i // 2) for i in range(n)]))


def _alarms(found: list[Step]) -> dict[str, bool]:
    tests = [mcnemar_worse(s.newly_wrong or 0, s.newly_right or 0) for s in found[1:]]
    return {OURS: found[-1].alarm, PEEKING: min(tests) <= ALPHA}


# -- how soon a rise is found --------------------------------------------------------------------


def nights_to_alarm(
    random: Random, *, n: int, kind: str, to: float, before: int, after: int
) -> int | None:
    """How many runs after a rise the alarm comes; None where it does not within so many.

    before: unchanged runs, the reference among them. The anchors that become wrong always are drawn among
    those that were not; where all are alike, all rise.
    """
    rates = KINDS[kind](random, n, REFERENCE)
    risen = random.random(n) < (to - REFERENCE) / (1 - REFERENCE)
    later = np.full(n, to) if kind == "all anchors alike" else np.where(risen, 1.0, rates)
    chances = np.vstack([np.tile(rates, (before, 1)), np.tile(later, (after, 1))])
    found = steps((random.random(chances.shape) < chances).astype(float))
    first = next((t for t, step in enumerate(found) if step.alarm), None)
    return None if first is None or first < before else first - before + 1


def power_table(runs: int, seed: int = 20261121) -> list[tuple[int, str, float, int, float, str]]:
    """n, kind, rate after the rise, runs before it, share found within 10 runs, median runs to it."""
    rows = []
    for n in (40, 100, 200):
        for kind in KINDS:
            for to in (0.2, 0.3):
                for before in (1, 5, 10):
                    found = [
                        nights_to_alarm(
                            np.random.default_rng([seed, n, before, int(100 * to), run]),
                            n=n,
                            kind=kind,
                            to=to,
                            before=before,
                            after=10,
                        )
                        for run in range(runs)
                    ]
                    own = [11 if one is None else one for one in found]
                    median = int(np.median(own))
                    share = float(np.mean([one is not None for one in found]))
                    said = ">10" if median > 10 else str(median)
                    rows.append((n, kind, to, before, share, said))
    return rows
