"""A row of a report with its numbers by people's labels: corrected, by labels alone, and by a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from judge.analysis.asked import Asked
from judge.analysis.human_samples import Drawn
from judge.stats.bounded import Bounds
from judge.stats.calibrators import Audit, cross_fitted, transported
from judge.stats.correction import ENOUGH, Corrected, Sample, labels_only, ppi
from judge.stats.intervals import counted, joined, undefined
from judge.stats.post_stratified import post_stratified
from judge.types import Estimate

MARGIN = 0.05  # of the range of values, that a map may be off by where no margin is stated
NO_CLASSES = (
    "not computed: it is for labels sampled by their class, or of other items than were judged "
    "(judge.calibration.rogan_gladen); of a random part it would be wider than without the judge"
)
UNHEARD = "no verdict to correct: what people say without a judge is that of the labels alone"


@dataclass(frozen=True, slots=True)
class About:
    """What a row is about. kind: what its values are; baseline "" where there is none."""

    kind: str
    system: str
    baseline: str
    judge: str
    members: tuple[str, ...]
    rubric: str
    variant: str
    criterion: str


@dataclass(frozen=True, slots=True)
class HumanRow:
    """A row's number in every way that labels allow.

    corrected: PPI++, whether or not it may stand. eligible: whether it may, why_not: why not. n_labelled,
    n_units: of its units. weight: lambda; worth: labels of the same width without the judge. map_kind: of
    the mapped estimate; transport: None where only one system has labels. raw_conclusion, conclusion: None
    on rows that decide nothing.
    """

    about: About
    raw: Estimate
    corrected: Estimate
    post_stratified: Estimate
    labels_only: Estimate
    rogan_gladen: Estimate
    mapped: Estimate
    found: Corrected | None
    n_labelled: int
    n_units: int
    eligible: bool
    why_not: str
    map_kind: str | None = None
    transport: Audit | None = None
    raw_conclusion: str | None = None
    conclusion: str | None = None
    disagrees: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A row before its numbers: the sample, what it can be, and why it may not be corrected."""

    about: About
    raw: Estimate
    drawn: Drawn
    bounds: Bounds | None
    why_not: str = ""
    others: Sequence[Sample] = field(default_factory=tuple)


def row(draft: Draft, asked: Asked) -> HumanRow:
    """The row's numbers; without a value where its labels cannot correct."""
    sample, unit, name = draft.drawn.sample, draft.raw.unit, _name(draft)
    known = sample if _has_probs(sample) else replace(sample, probs=None)
    n, m = int(sample.is_labelled.sum()), len(sample.human)
    alone = labels_only(known, unit=unit, bounds=draft.bounds, confidence=asked.confidence)
    why_not = draft.why_not or _nothing_to_correct(sample)
    if why_not:
        corrected = undefined(name, unit, why_not, asked.confidence, draft.raw.n_missing)
        found = None
    else:
        found = ppi(known, name=name, unit=unit, bounds=draft.bounds, confidence=asked.confidence)
        corrected = _noted(found, draft.drawn)
        why_not = _too_few(found, known)
    mapped, kind = undefined("mapped", unit, why_not, asked.confidence), None
    by_value = undefined("post_stratified", unit, why_not, asked.confidence)
    if found is not None:
        mapped, kind = _mapped(draft, known, asked)
        by_value = post_stratified(
            known, unit=unit, bounds=draft.bounds, confidence=asked.confidence
        ).estimate
    return HumanRow(
        about=draft.about,
        raw=draft.raw,
        corrected=corrected,
        post_stratified=by_value,
        labels_only=alone.estimate if not draft.why_not else _picked(alone.estimate),
        rogan_gladen=undefined("rogan_gladen", unit, NO_CLASSES, asked.confidence),
        mapped=mapped,
        found=found,
        n_labelled=n,
        n_units=m,
        eligible=not why_not,
        why_not=why_not,
        map_kind=kind,
        transport=_transport(draft, known, asked) if found is not None else None,
    )


def _nothing_to_correct(sample: Sample) -> str:
    """Why no label can correct anything here, "" where some can."""
    if not sample.is_labelled.any():
        return "no unit of this row has a label that counts"
    return "" if np.isfinite(sample.judged).any() else UNHEARD


def _name(draft: Draft) -> str:
    kinds = {
        "rate": "human_corrected_win_rate",
        "score": "human_corrected_score",
        "difference": "human_corrected_difference",
    }
    return kinds[draft.about.kind]


def _has_probs(sample: Sample) -> bool:
    return sample.probs is not None and bool(np.isfinite(sample.probs[sample.is_labelled]).all())


def _picked(e: Estimate) -> Estimate:
    """Labels that nobody drew at random say something of their own items only."""
    return replace(
        e, note=joined(e.note, "of the labelled items only: they were not drawn at random")
    )


def _too_few(found: Corrected, sample: Sample) -> str:
    if found.interval is None:
        return found.estimate.note
    if sample.is_labelled.all() or found.may_decide:
        return "" if found.estimate.ci_low is not None else found.estimate.note
    g = counted(found.n_labelled_clusters, "labelled cluster")
    return f"{g} where {ENOUGH} are needed to conclude from people's labels"


def _noted(found: Corrected, drawn: Drawn) -> Estimate:
    """The estimate, its note saying what labels went in and what the judge was worth."""
    e = found.estimate
    if e.value is None:
        return e
    told = [f"from {counted(found.n_labelled, 'labelled unit')} of {len(drawn.sample.human):,}"]
    if found.worth is not None and found.weight:
        told.append(
            f"as narrow as {found.worth:,.0f} labels without the judge (lambda {found.weight:.2f}, r "
            f"{found.correlation or 0.0:.2f})"
        )
    elif found.weight == 0 and not drawn.sample.is_labelled.all():
        told.append("the judge's values do not help to foresee people's")
    dev = f"{counted(drawn.n_dev, 'unit')} for development left out" if drawn.n_dev else ""
    return replace(e, note=joined(*told, dev, e.note))


# -- maps ------------------------------------------------------------------------------------------


def _mapped(draft: Draft, sample: Sample, asked: Asked) -> tuple[Estimate, str | None]:
    """PPI++ on top of a cross-fitted map, and the map's kind."""
    unit, confidence = draft.raw.unit, asked.confidence
    if draft.bounds is None or sample.is_labelled.all() or draft.about.kind == "difference":
        return undefined("mapped", unit, _why_no_map(draft, sample), confidence), None
    found = cross_fitted(sample, seed=asked.seed, bounds=draft.bounds)
    if found is None:
        return undefined("mapped", unit, "too few labels for a map", confidence), None
    e = ppi(found.sample, name="mapped", unit=unit, bounds=draft.bounds, confidence=confidence)
    return e.estimate, found.kind


def _why_no_map(draft: Draft, sample: Sample) -> str:
    if sample.is_labelled.all():
        return "not computed: every item is labelled"
    if draft.about.kind == "difference":
        return "not computed: maps are of scores, not of differences"
    return "not computed: values have no bounds"


def _transport(draft: Draft, sample: Sample, asked: Asked) -> Audit | None:
    """Whether the map that other systems' labels give holds here; None without such labels."""
    if draft.bounds is None or draft.about.kind == "difference" or not draft.others:
        return None
    span = draft.bounds[1] - draft.bounds[0]
    margin = asked.margin if asked.margin is not None and span == 1 else MARGIN * span
    return transported(
        sample,
        draft.others,
        margin,
        bounds=draft.bounds,
        unit=draft.raw.unit,
        confidence=asked.confidence,
    )
