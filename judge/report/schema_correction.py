"""What a report says of numbers corrected by people's labels, in the JSON."""

from __future__ import annotations

from typing import Literal

from judge.report.schema_base import E, Model, Rate


class Transport(Model):
    """Whether a map from the judge's values to people's, fitted on other systems, holds for this one.

    difference: the mean of people's values minus the mapped ones. PASS: shown to lie within the margin
    (p_outside, of two one-sided tests); FAIL: not, and not 0 either (p_zero).
    """

    result: Literal["PASS", "FAIL", "INCONCLUSIVE"]
    difference: E
    margin: float
    p_outside: Rate | None
    p_zero: Rate | None


class CorrectedRow(Model):
    """A row's number as judged, and in every way that people's labels allow.

    raw: as judged, of units with a verdict. n_units: units that were asked about, n_labelled of them
    labelled. labels_only: without the judge. rogan_gladen: null with a note, for labels drawn at random.
    correlation: of the judge's values with people's. raw_conclusion: what raw alone would conclude. kind:
    rate (of wins against `baseline`), score, or difference (of a score from the baseline's). ppi: what
    human_corrected shows. eif: people's mean at each thing that the judge says. mapped: ppi on a
    cross-fitted map of the judge's values. effective_labels: labels alone that would give as narrow an
    interval; labels_saved: these less n_labelled; null where unknown. weight: lambda of PPI++. eligible:
    whether it may stand; why_not: why not. conclusion: null on rows that decide nothing.
    """

    kind: Literal["rate", "score", "difference"]
    system: str
    baseline: str
    judge: str
    members: list[str]
    rubric: str
    variant: str
    criterion: str
    raw: E
    ppi: E
    eif: E
    labels_only: E
    rogan_gladen: E
    mapped: E
    map: str | None
    transport: Transport | None
    n_units: int
    n_labelled: int
    effective_labels: float | None
    labels_saved: float | None
    weight: float | None
    correlation: float | None
    eligible: bool
    why_not: str
    raw_conclusion: str | None
    conclusion: str | None


class Correction(Model):
    """Numbers corrected by people's labels of a random part of what was judged."""

    rows: list[CorrectedRow]
