"""All studies, as data: one more is one more line in the module of its kind."""

from __future__ import annotations

from benchmarks.simulations import (
    alarms,
    more_alarms,
    of_agreement,
    of_correction,
    of_drift,
    of_judges,
    of_lengths,
    of_selective,
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
    *of_correction.studies(),
    *of_judges.studies(),
    *of_lengths.studies(),
    *of_agreement.studies(),
    *reported.studies(),
    *alarms.studies(),
    *more_alarms.studies(),
    *of_drift.studies(),
    *of_agreement.alarms(),
    *of_selective.studies(),
    *outside.studies(),
)
