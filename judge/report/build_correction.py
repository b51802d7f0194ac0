"""What an analysis corrected by people's labels, as the JSON has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, cast

from judge.analysis.human_rows import HumanRow
from judge.report.schema_base import E
from judge.report.schema_correction import CorrectedRow, Correction, Transport
from judge.stats.calibrators import Audit
from judge.types import Estimate

Writes = Callable[[Estimate], E]
Kind = Literal["rate", "score", "difference"]


def correction(rows: Sequence[HumanRow], write: Writes) -> Correction | None:
    """All rows that labels were held against; None without labels."""
    return Correction(rows=[_row(one, write) for one in rows]) if rows else None


def _row(one: HumanRow, write: Writes) -> CorrectedRow:
    about, found = one.about, one.found
    return CorrectedRow(
        kind=cast("Kind", about.kind),
        system=about.system,
        baseline=about.baseline,
        judge=about.judge,
        members=list(about.members),
        rubric=about.rubric,
        variant=about.variant,
        criterion=about.criterion,
        raw=write(one.raw),
        ppi=write(one.corrected),
        eif=write(one.post_stratified),
        labels_only=write(one.labels_only),
        rogan_gladen=write(one.rogan_gladen),
        mapped=write(one.mapped),
        map=one.map_kind,
        transport=None if one.transport is None else _transport(one.transport, write),
        n_units=one.n_units,
        n_labelled=one.n_labelled,
        effective_labels=None if found is None else found.worth,
        labels_saved=None if found is None else found.saved,
        weight=None if found is None else found.weight,
        correlation=None if found is None else found.correlation,
        eligible=one.eligible,
        why_not=one.why_not,
        raw_conclusion=one.raw_conclusion,
        conclusion=one.conclusion,
    )


def _transport(found: Audit, write: Writes) -> Transport:
    return Transport(
        result=found.said,
        difference=write(found.difference),
        margin=found.margin,
        p_outside=found.p_outside,
        p_zero=found.p_zero,
    )
