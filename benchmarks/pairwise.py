"""What the pairwise model of a judge takes: seconds, memory, and how that compares with statsmodels.

    python benchmarks/pairwise.py [ROWS [SYSTEMS]]

100,000 verdicts on pairs of 50 systems, in both orders, with a position and a length term and the
sandwich by item. Both fit the same arrays in this one process, ours three times, ours first: the peak is
what the process held beyond what it held with the data ready. The estimates must be the same.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import statsmodels.api as sm
from scipy.special import expit

from judge.stats.intervals import Floats
from judge.stats.pairwise import PairwiseData, PairwiseFit, fit_or_shrunk

ROWS, SYSTEMS = 100_000, 50
ROUNDS = 3
MOST_S, MOST_MB = 5.0, 1024.0


def verdicts(rows: int, systems: int) -> PairwiseData:
    """Every item with one pair of systems, asked in both orders."""
    draw = np.random.default_rng(7)
    items = np.repeat(np.arange(rows // 2), 2)
    a = np.repeat(draw.integers(0, systems, rows // 2), 2)
    b = (a + np.repeat(draw.integers(1, systems, rows // 2), 2)) % systems
    order = np.tile([1.0, -1.0], rows // 2)
    length = np.repeat(np.tanh(draw.normal(size=rows // 2)), 2)
    strengths = draw.normal(0, 0.8, systems)
    p = expit(strengths[a] - strengths[b] + 0.4 * order + 0.5 * length)
    y = (draw.random(rows) < p).astype(float)
    return PairwiseData(a, b, y, items, systems, np.stack([order, length], 1))


def by_statsmodels(data: PairwiseData) -> Floats:
    """The standard errors of the two terms by GLM with the cluster covariance."""
    design = np.zeros((len(data.y), data.n_systems))
    places = np.arange(len(data.y))
    design[places, data.a] += 1
    design[places, data.b] -= 1
    model = sm.GLM(
        data.y, np.concatenate([design[:, 1:], data.terms], 1), family=sm.families.Binomial()
    )
    found = model.fit(cov_type="cluster", cov_kwds={"groups": data.clusters})
    return np.asarray(found.bse[-2:])


def terms_of(found: PairwiseFit) -> Floats:
    return np.asarray(np.sqrt(np.diag(found.covariance))[-2:])


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came out."""
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def peak_mb() -> float:
    """The most memory that this process held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(rows: int, systems: int) -> bool:
    """Prints what was measured; whether it is within the limits and the same as the other's."""
    fit_or_shrunk(verdicts(200, 3))  # loads what is only loaded on first use
    data = verdicts(rows, systems)
    before = peak_mb()
    rounds = [timed(lambda: fit_or_shrunk(data)) for _ in range(ROUNDS)]
    ours = min(seconds for seconds, _ in rounds)
    peak, added = peak_mb(), peak_mb() - before
    theirs, other = timed(lambda: by_statsmodels(data))
    apart = float(np.abs(terms_of(rounds[0][1]) / other - 1).max())
    print(f"{rows:,} rows x {systems} systems, position and length: {ours:.2f} s")
    print(f"memory: {added:.0f} MB beyond the data, peak of the process {peak:.0f} MB")
    print(f"statsmodels GLM, same arrays: {theirs:.2f} s = {theirs / ours:.1f} x ours")
    print(f"standard errors differ by at most {apart:.1e}")
    return ours < MOST_S and peak < MOST_MB and apart < 1e-6


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    sys.exit(not main(*(numbers or [ROWS])[:1], *(numbers[1:] or [SYSTEMS])))
