"""False alarms of what is said of families, gold labels, ranks, panels, and of stopping early."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from scipy import stats
from scipy.special import expit

from benchmarks.simulations.alarms import GROUP, PAIRS
from benchmarks.simulations.of_judges import right
from benchmarks.simulations.other_intervals import ALL_PAIRS
from benchmarks.simulations.study import ALPHA, Alarms, Floats, Random
from judge.stats import contrasts, ranking
from judge.stats.pairwise import PairwiseData, fit_or_shrunk
from judge.stats.panel_worth import versus_best
from judge.stats.self_preference import p_value
from judge.stats.sequential import Rule, Sequential

RIVAL = "rival: the judge's longer share against gold's"
LONGER_RIGHT = 0.27  # LLMBar's share of pairs whose longer answer is right
LOOKS = 500  # items at most in a run that may stop early


def studies() -> Iterator[Alarms]:
    for name, skill in (
        ("a fair coin", 0.0),
        ("a judge that is right in 3 of 4", float(np.log(3))),
    ):
        title = f"length given gold, {PAIRS} pairs, {name}"
        yield Alarms(GROUP, title, length_given_gold(skill), (RIVAL,))
    for n in (100, 400):
        yield Alarms(GROUP, f"ranks of 5 systems, {n} items", ranks(n))
    for n in (100, 400):
        yield Alarms(GROUP, f"panel of two equals, {n} labelled items", panel_worse(n))
    yield Alarms(
        GROUP,
        f"stopping early, a fair coin over {LOOKS} items",
        stopping,
        ("rival: t test after each item",),
    )


def length_given_gold(skill: float) -> Callable[[Random], Mapping[str, bool]]:
    """Gold favours the shorter answer; the judge knows gold by its skill and no more."""

    def drawn(random: Random) -> Mapping[str, bool]:
        difference = random.normal(size=PAIRS)
        is_longer_right = random.random(PAIRS) < LONGER_RIGHT
        gold = np.where(is_longer_right, 1.0, -1.0) * np.sign(difference)
        won = (random.random((PAIRS, 2)) < expit(skill * gold)[:, None]).astype(float)
        length = np.tanh(difference / np.sqrt(np.mean(difference**2)))
        columns = np.column_stack(
            [np.repeat(gold, 2), np.repeat(length, 2), np.tile([1, -1], PAIRS)]
        )
        codes = np.zeros(2 * PAIRS, dtype=np.int64)
        items = np.repeat(np.arange(PAIRS), 2)
        fit = fit_or_shrunk(
            PairwiseData(codes, codes + 1, won.reshape(-1), items, 2, columns, has_strengths=False)
        )
        longer = np.where(difference > 0, won.mean(axis=1), 1 - won.mean(axis=1))
        rival = stats.ttest_rel(longer, is_longer_right.astype(float)).pvalue
        p = p_value(contrasts.coefficient(fit, 1))
        return {
            "length moves the judge, given gold": p is not None and p < ALPHA,
            RIVAL: rival < ALPHA,
        }

    return drawn


def ranks(n: int) -> Callable[[Random], Mapping[str, bool]]:
    """Five systems, every pair judged; equal ones told apart, or a true rank outside its interval."""
    a, b = np.tile(ALL_PAIRS, (n, 1)).T
    items = np.repeat(np.arange(n), len(ALL_PAIRS))
    spread = np.array([0.5, 0.25, 0.0, -0.25, -0.5])

    def of(random: Random, strengths: Floats) -> tuple[Floats, ranking.Strengths]:
        shared = random.normal(size=(n, 5))
        pull = (shared[items, a] - shared[items, b]) / np.sqrt(2)
        chance = stats.norm.cdf(np.sqrt(0.3) * pull + np.sqrt(0.7) * random.normal(size=len(a)))
        won = (chance > 1 - expit(strengths[a] - strengths[b])).astype(float)
        fit = fit_or_shrunk(PairwiseData(a, b, won, items, 5, np.zeros((len(a), 0))))
        found = ranking.of_fit(fit)
        return ranking.difference_p(found), found

    def drawn(random: Random) -> Mapping[str, bool]:
        equal, _ = of(random, np.zeros(5))
        p, found = of(random, spread)
        low, high = ranking.rank_intervals(found.values, p, ALPHA)
        true = np.arange(1, 6)
        return {
            "equal systems told apart": bool((equal < ALPHA).any()),
            "a true rank outside its interval": bool(((true < low) | (true > high)).any()),
        }

    return drawn


def panel_worse(n: int) -> Callable[[Random], Mapping[str, bool]]:
    """A panel of two that is exactly as often right as either."""

    def drawn(random: Random) -> Mapping[str, bool]:
        gold, hits = (random.random(n) < 0.5).astype(float), right(random, n, 2)
        said = np.where(gold[:, None] > 0, hits, 1 - hits)
        found = versus_best(said, said.mean(axis=1), gold, np.arange(n))
        return {"panel is worse than its best member": found.is_worse}

    return drawn


def stopping(random: Random) -> Mapping[str, bool]:
    """Items of no difference read one by one until something is said, or all are read."""
    values = random.choice([0.0, 0.5, 1.0], LOOKS, p=[0.4, 0.2, 0.4])
    found = {}
    for name, rule in (("by decided pairs", Rule()), ("by the mean", Rule(by_sign=False))):
        reading = Sequential(rule)
        found[f"stopped {name}"] = any(reading.add(float(value)) for value in values)
    return found | {"rival: t test after each item": _peeked(values)}


def _peeked(values: Floats) -> bool:
    n = np.arange(1, len(values) + 1)
    means = np.cumsum(values) / n
    variance = (np.cumsum(values**2) - n * means**2) / np.maximum(n - 1, 1)
    t = (means - 0.5) / np.sqrt(np.maximum(variance, 1e-12) / n)
    p = np.asarray(2 * stats.t.sf(np.abs(t[20:]), n[20:] - 1))
    return bool(p.min() < ALPHA)
