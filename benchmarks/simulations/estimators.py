"""A drawn data set through the callables that the report uses, as plain arrays.

tests/test_simulations.py holds that aggregate.analyze gives the same numbers of the same verdicts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.simulations.verdicts import Drawn, Floats
from judge.analysis.pairwise_models import member_weights
from judge.stats import contrasts
from judge.stats import self_preference as regression
from judge.stats.contrasts import Contrast
from judge.stats.intervals import mean
from judge.stats.pairwise import PairwiseData, PairwiseFit, fit_or_shrunk
from judge.stats.self_preference import Votes
from judge.types import Estimate

RAW, POSITION, LENGTH = "raw", "position-adjusted", "length-controlled"
PANEL_RAW, PANEL_POSITION, PANEL_LENGTH = f"panel {RAW}", f"panel {POSITION}", f"panel {LENGTH}"
POSITION_COEFFICIENT, LENGTH_COEFFICIENT = "position coefficient", "length coefficient"
FAMILY, FAMILY_TERM = "panel family-adjusted", "family term"
FIRST_SHOWN = "first-shown rate"

# What each estimator takes out; under anything else that was planted it is not about the preference.
TAKES_OUT: Mapping[str, frozenset[str]] = {
    RAW: frozenset(),
    POSITION: frozenset({"position"}),
    LENGTH: frozenset({"position", "length"}),
    PANEL_RAW: frozenset(),
    PANEL_POSITION: frozenset({"position"}),
    PANEL_LENGTH: frozenset({"position", "length"}),
    FAMILY: frozenset({"family"}),
}
# Judges 1 and 2 are of one family and share its vote.
GROUPS = {"j0": 0, "j1": 1, "j2": 1}


def estimates(drawn: Drawn) -> dict[str, Estimate]:
    """Everything that is estimated from a data set: judge 0 alone, and the panel."""
    judges = range(len(drawn.y))
    by_position = [fitted(drawn, j, with_length=False) for j in judges]
    by_length = [fitted(drawn, j, with_length=True) for j in judges]
    n = drawn.y.shape[1]
    shares = weights(len(judges))
    values = drawn.y.mean(axis=2)
    kin = family_term(drawn)
    whole = regression.mean_of(np.asarray(shares @ values), drawn.clusters)
    without_kin = regression.combined([(1.0, whole), (-float(shares[0]), kin)])
    return {
        RAW: raw(values[0], drawn),
        POSITION: rate(contrasts.win_rate(by_position[0], 0, 1), n),
        LENGTH: rate(contrasts.win_rate(by_length[0], 0, 1), n),
        PANEL_RAW: raw(np.asarray(shares @ values), drawn),
        PANEL_POSITION: rate(panel(by_position, shares), n),
        PANEL_LENGTH: rate(panel(by_length, shares), n),
        FAMILY: rate(without_kin, n),
        FAMILY_TERM: log_odds(kin, n),
        POSITION_COEFFICIENT: log_odds(contrasts.coefficient(by_position[0], 0), n),
        LENGTH_COEFFICIENT: log_odds(contrasts.coefficient(by_length[0], 1), n),
        FIRST_SHOWN: raw(0.5 + (drawn.y[0, :, 0] - drawn.y[0, :, 1]) / 2, drawn),
    }


def weights(n_judges: int) -> Floats:
    """The judges' shares in the panel: a vote a family. Their sum is 1."""
    keys = [(f"j{j}", "", "") for j in range(n_judges)]
    shares = np.array(member_weights(keys, GROUPS))
    return np.asarray(shares / shares.sum())


def fitted(drawn: Drawn, judge: int, *, with_length: bool) -> PairwiseFit:
    """The judge's model with position, and with length where asked for."""
    n = drawn.y.shape[1]
    order = np.tile([1.0, -1.0], n)
    # The scale as in controls.verbosity.term: the root mean square over pairs.
    scale = np.sqrt(np.mean(drawn.difference**2))
    bent = np.repeat(np.tanh(drawn.difference / scale), 2)
    columns = [order, bent] if with_length else [order]
    return fit_or_shrunk(
        PairwiseData(
            a=np.zeros(2 * n, dtype=np.int64),
            b=np.ones(2 * n, dtype=np.int64),
            y=drawn.y[judge].reshape(-1),
            clusters=np.repeat(drawn.clusters, 2),
            n_systems=2,
            terms=np.stack(columns, 1),
        )
    )


def family_term(drawn: Drawn) -> Contrast:
    """What judge 0 adds to its relative a, held against the others on the same pairs."""
    judges, items, _ = drawn.y.shape
    of_judge = np.repeat(np.arange(judges), items)
    found = regression.terms(
        Votes(
            y=drawn.y.mean(axis=2).reshape(-1),
            cells=np.tile(np.arange(items), judges),
            judges=of_judge,
            clusters=np.tile(drawn.clusters, judges),
            own=np.zeros(judges * items),
            kin=(of_judge == 0).astype(float),
            has_severity=False,
        )
    )
    assert found.kin is not None
    return found.kin


def panel(fits: Sequence[PairwiseFit], shares: Floats) -> Contrast:
    """The mean of the members' win rates."""
    return contrasts.weighted([contrasts.win_rate(fit, 0, 1) for fit in fits], list(shares))


def raw(values: Floats, drawn: Drawn) -> Estimate:
    """The mean of a value per item, as in stats.comparisons."""
    return mean(values, drawn.clusters, name="win_rate", unit="rate", bounds=(0.0, 1.0))


def rate(contrast: Contrast, n: int) -> Estimate:
    return contrasts.estimate(contrast, name="win_rate", unit="rate", n=n)


def log_odds(contrast: Contrast, n: int) -> Estimate:
    return contrasts.estimate(contrast, name="coefficient", unit="log-odds", n=n)
