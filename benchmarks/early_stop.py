"""How often stopping early is wrong, and how many items it takes beside a number fixed beforehand.

    python benchmarks/early_stop.py

Each run compares two systems on up to 1,000 items, none tied, and looks after every item: by the e-value
that `--stop-early` reads, and by a z test that is looked at as often from the 20th item, which is what
it replaces. The fixed design has the items that show the preference with 80 % power, looked at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from judge.stats.sequential import Betting, sign_stops

SEED, RUNS, CAP, ALPHA = 20261121, 2000, 1000, 0.05
PREFERENCES = (0.5, 0.55, 0.6, 0.7, 0.8)
FIRST_LOOK = 20  # of the z test; earlier it has no normal distribution


@dataclass(frozen=True, slots=True)
class Row:
    """What runs of one true preference came to. said: the share that stopped, right the share that
    stopped on the right side; items: the median and mean used, those that never stopped using all.

    p_above: of the null that no more than alpha of the runs stop, exact binomial.
    """

    preference: float
    said: float
    right: float
    p_above: float
    median_items: float
    mean_items: float
    fixed_items: int | None
    peeking: float


def fixed_items(preference: float, power: float = 0.8, alpha: float = ALPHA) -> int | None:
    """The items that show this preference with a two-sided test of a share looked at once."""
    if preference == 0.5:
        return None
    spread = stats.norm.ppf(1 - alpha / 2) * 0.5
    spread += stats.norm.ppf(power) * math.sqrt(preference * (1 - preference))
    return math.ceil((spread / (preference - 0.5)) ** 2)


def simulated(preference: float, runs: int = RUNS, cap: int = CAP, seed: int = SEED) -> Row:
    """Runs of one true preference."""
    wins = np.random.default_rng([seed, round(1000 * preference)]).random((runs, cap)) < preference
    stops = sign_stops(wins, ALPHA)
    said, used = stops > 0, np.where(stops > 0, stops, cap)
    ahead = np.cumsum(wins, axis=1)[np.arange(runs), used - 1] > used / 2
    found = int(said.sum())
    return Row(
        preference=preference,
        said=found / runs,
        right=float((said & (ahead == (preference > 0.5))).mean()),
        p_above=float(stats.binomtest(found, runs, ALPHA, alternative="greater").pvalue),
        median_items=float(np.median(used)),
        mean_items=float(used.mean()),
        fixed_items=fixed_items(preference),
        peeking=float(_peeking(wins).mean()),
    )


def _peeking(wins: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The runs in which a z test, looked at after every item, is ever significant."""
    n = np.arange(1, wins.shape[1] + 1)
    z = np.abs(np.cumsum(wins, axis=1) - n / 2) / np.sqrt(n / 4)
    looked: NDArray[np.bool_] = (z[:, FIRST_LOOK - 1 :] > stats.norm.ppf(1 - ALPHA / 2)).any(axis=1)
    return looked


def simulated_scores(shift: float, runs: int = RUNS, cap: int = CAP, seed: int = SEED) -> Row:
    """Runs of two systems scored 1 to 5 on the same items, one of them `shift` points better.

    preference: where that shift lies from 0 to 1. The fixed design is that of a paired t test.
    """
    rng = np.random.default_rng([seed, 5, round(1000 * shift)])
    steps = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    chances = _tilted(steps, shift)
    betting = Betting(ALPHA, np.array([0.5]), (runs,))
    stops, side = np.zeros(runs, dtype=np.int64), np.zeros(runs)
    total = np.zeros(runs)
    for n in range(1, cap + 1):
        difference = rng.choice(steps, runs, p=chances)
        total += difference
        betting.add((difference + 4) / 8)
        new = (stops == 0) & (betting.log_e[:, 0] >= -math.log(ALPHA))
        stops[new], side[new] = n, np.sign(total[new])
    said, used = stops > 0, np.where(stops > 0, stops, cap)
    variance = float(chances @ steps**2 - shift**2)
    z = stats.norm.ppf(1 - ALPHA / 2) + stats.norm.ppf(0.8)
    return Row(
        preference=(shift + 4) / 8,
        said=float(said.mean()),
        right=float((side > 0).mean()),
        p_above=float(stats.binomtest(int(said.sum()), runs, ALPHA, alternative="greater").pvalue),
        median_items=float(np.median(used)),
        mean_items=float(used.mean()),
        fixed_items=math.ceil(z**2 * variance / shift**2) if shift else None,
        peeking=math.nan,
    )


def _tilted(steps: NDArray[np.float64], mean: float) -> NDArray[np.float64]:
    """Chances of the steps, .1 .2 .4 .2 .1 tilted to this mean."""
    base = np.array([0.1, 0.2, 0.4, 0.2, 0.1])
    low, high = -5.0, 5.0
    for _ in range(100):
        tilt = (low + high) / 2
        weights = base * np.exp(tilt * steps)
        chances = np.asarray(weights / weights.sum())
        low, high = (tilt, high) if chances @ steps < mean else (low, tilt)
    return chances


HEAD = "true value   stopped   right   p(>5 %)   median   mean   fixed design   peeking z test"


def line(row: Row) -> str:
    fixed = "–" if row.fixed_items is None else f"{row.fixed_items:,}"
    is_null = row.preference == 0.5
    above, right = (f"{row.p_above:.3f}", "–") if is_null else ("–", f"{row.right:.3f}")
    peeking = "–" if math.isnan(row.peeking) else f"{row.peeking:.3f}"
    return (
        f"{row.preference:10.4f}   {row.said:7.4f}   {right:>5}   {above:>7}   "
        f"{row.median_items:6.0f}   {row.mean_items:4.0f}   {fixed:>12}   {peeking:>14}"
    )


def main() -> None:
    print(f"{RUNS:,} runs a row, at most {CAP:,} items, seed {SEED}, alpha {ALPHA}")
    print(f"\nPairs, by the e-value of the sign test\n{HEAD}")
    for preference in PREFERENCES:
        print(line(simulated(preference)))
    print(f"\nScores from 1 to 5, by betting on the mean difference (0.5 is none)\n{HEAD}")
    for shift in (0.0, 0.1, 0.2, 0.4):
        print(line(simulated_scores(shift)))


if __name__ == "__main__":
    main()
