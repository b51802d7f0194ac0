"""All studies, as data: one more is one more line in the module of its kind."""

from __future__ import annotations

from benchmarks.simulations import (
    alarms,
    more_alarms,
    of_judges,
    of_lengths,
    other_intervals,
    outside,
    planted,
    reported,
    shares,
)
from benchmarks.simulations.study import Study

STUDIES: tuple[Study, ...] = (
    *planted.studies(),
    *other_intervals.studies(),
    *shares.studies(),
    *of_judges.studies(),
    *of_lengths.studies(),
    *reported.studies(),
    *alarms.studies(),
    *more_alarms.studies(),
    *outside.studies(),
)
