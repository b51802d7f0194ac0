"""How the two orders of a pair become one value.

The average is the default: it is unbiased for a judge that is asked both ways, and keeps what a tie says.
Leaving out the pairs on which the judge turned is refused: those that remain are the clear ones, so that
every win rate moves away from a half.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from judge.errors import InputError, cut
from judge.stats.intervals import Floats

AVERAGE = "average"
TIE = "tie-on-inconsistency"
MERGES = (AVERAGE, TIE)
REFUSED = "consistent-only"

NOTES = {
    TIE: "a pair whose orders name different winners counts as a tie (merge tie-on-inconsistency)"
}


def check(merge: str) -> None:
    """Raises InputError for a rule that is not known, and with the reason for the one that is refused."""
    if merge in MERGES:
        return
    known = " or ".join(MERGES)
    if merge == REFUSED:
        raise InputError(
            f"merge {REFUSED}: leaving out the pairs on which a judge turned keeps the clear ones and moves "
            f"every win rate away from 0.5, so it is no headline; use {known}. How often it turned is the "
            "position consistency in the report"
        )
    raise InputError(f"merge {cut(merge)}: known are {known}")


def merged(shown: pd.Series[float], unit: Sequence[str], merge: str = AVERAGE) -> pd.Series[float]:
    """The value of each unit from those of its presentations. shown: indexed by unit and more.

    tie-on-inconsistency: 0.5 where presentations lie on different sides of 0.5, a tie being a side of
    its own; else their average. Of verdicts without probabilities this is the usual rule: the common
    verdict, else a tie.
    """
    value = shown.groupby(level=list(unit), observed=True).mean()
    if merge == AVERAGE:
        return value
    sides = pd.Series(np.sign(shown.to_numpy() - 0.5), index=shown.index)
    n_sides = sides.groupby(level=list(unit), observed=True).nunique()
    return value.where(n_sides <= 1, 0.5)


def consistent_only(first: Floats, second: Floats) -> Floats:
    """The values of the pairs whose orders agree. Offered to nobody: it is here to show what it does."""
    return np.asarray(first[first == second])
