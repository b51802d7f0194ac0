"""Judge against human labels: do they concur, what would people say of everything, what may stand alone.

One door to what a report computes, for arrays and label sequences of one's own. Nothing is computed
here: each name is the callable that the report uses.
"""

from __future__ import annotations

from judge.agreement.alt_test import alt_test
from judge.agreement.ceiling import correlation_ceiling, human_ceiling
from judge.agreement.cohen_kappa import cohen_kappa
from judge.agreement.confusion import confusion
from judge.agreement.gwet import gwet_ac1
from judge.agreement.icc import icc
from judge.agreement.krippendorff_alpha import krippendorff_alpha
from judge.agreement.percent import percent
from judge.analysis.people import Labelled, labelled, of_split
from judge.stats.calibrators import (
    audited,
    brier,
    cross_fitted,
    expected_calibration_error,
    isotonic,
    platt,
    transported,
)
from judge.stats.correction import (
    Corrected,
    Sample,
    horvitz_thompson,
    labels_only,
    ppi,
    sample_of,
)
from judge.stats.label_checks import of_design, of_values
from judge.stats.post_stratified import post_stratified
from judge.stats.rogan_gladen import allocation, rogan_gladen
from judge.stats.selective import threshold

__all__ = [
    "Corrected",
    "Labelled",
    "Sample",
    "allocation",
    "alt_test",
    "audited",
    "brier",
    "cohen_kappa",
    "confusion",
    "correlation_ceiling",
    "cross_fitted",
    "expected_calibration_error",
    "gwet_ac1",
    "horvitz_thompson",
    "human_ceiling",
    "icc",
    "isotonic",
    "krippendorff_alpha",
    "labelled",
    "labels_only",
    "of_design",
    "of_split",
    "of_values",
    "percent",
    "platt",
    "post_stratified",
    "ppi",
    "rogan_gladen",
    "sample_of",
    "threshold",
    "transported",
]
