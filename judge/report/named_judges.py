"""Judges by names that tell them apart, where one has several rubrics or wordings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from judge.report.schema import JudgeEntry


def told_apart(judges: Sequence[JudgeEntry]) -> list[JudgeEntry]:
    """The judges, those with several rubrics or a variant named with these."""
    rubrics = Counter(judge for judge, _ in {(j.judge, j.rubric) for j in judges})
    wordings = [(j.rubric if rubrics[j.judge] > 1 else "", j.variant) for j in judges]
    named = [", ".join(part for part in wording if part) for wording in wordings]
    return [
        j.model_copy(update={"judge": f"{j.judge} ({name})"}) if name else j
        for j, name in zip(judges, named, strict=True)
    ]
