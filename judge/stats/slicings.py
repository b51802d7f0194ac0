"""Does a system do equally well on all kinds of items? One test for each way to tell items apart.

Asked of what is concluded from, the panel or the sole judge, and of nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from judge.stats import comparisons, scores
from judge.stats.heterogeneity import same_mean
from judge.stats.intervals import counted, effective_clusters, holm, joined
from judge.stats.slices import FEWEST_CLUSTERS, Slice, cut_up


@dataclass(frozen=True, slots=True)
class Slicing:
    """Whether what `system` achieves is the same in all slices of one kind.

    unit: "rate" for a win rate against the baseline; "score" for the difference from the baseline, or
    where baseline is "" for the score itself. slices: those that were tested. p_value: after Holm over
    all slicings and systems; differs: whether it is small enough, None where nothing could be tested.
    smallest_detectable: a difference between two of the slices that would have been shown.
    """

    name: str
    system: str
    baseline: str
    judge: str
    rubric: str
    unit: str
    slices: tuple[str, ...]
    p_value: float | None
    differs: bool | None
    smallest_detectable: float | None
    note: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """The values of one system that may differ by slice."""

    system: str
    baseline: str
    judge: str
    rubric: str
    unit: str
    values: pd.DataFrame


def of_comparisons(
    found: Sequence[comparisons.Cell], baseline: str, slices: Sequence[Slice], confidence: float
) -> list[Slicing]:
    """Whether each system's win rate is the same in all slices, slicing by slicing."""
    asked = [
        _Asked(cell.system, baseline, cell.judge, cell.rubric, "rate", cell.values)
        for cell in comparisons.deciding(found)
    ]
    return _tested(asked, slices, confidence)


def of_scores(
    found: Sequence[scores.ScoreCells],
    baseline: str | None,
    slices: Sequence[Slice],
    confidence: float,
) -> list[Slicing]:
    """The same of each system's score, or of its difference from the baseline where one is named."""
    return _tested([*_scored(scores.deciding(found), baseline)], slices, confidence)


def _scored(found: Iterable[scores.ScoreCells], baseline: str | None) -> Iterator[_Asked]:
    for cells in found:
        for system, own in cells.of.items():
            if cells.why_not or system == baseline or (baseline and baseline not in cells.of):
                continue
            values = scores.differences(own, cells.of[baseline]) if baseline else own
            yield _Asked(system, baseline or "", cells.judge, cells.rubric, "score", values)


def _tested(asked: Sequence[_Asked], slices: Sequence[Slice], confidence: float) -> list[Slicing]:
    """One slicing for each way and system, Holm over those that could be tested."""
    n_tests = max(1, len(asked) * len(slices))
    found = [_test(one, s, (1 - confidence) / n_tests) for s in slices for one in asked]
    known = [i for i, slicing in enumerate(found) if slicing.p_value is not None]
    adjusted = holm([found[i].p_value or 0.0 for i in known])
    for i, p in zip(known, adjusted, strict=True):
        found[i] = replace(found[i], p_value=p, differs=p < 1 - confidence)
    return found


def _test(asked: _Asked, slicing: Slice, alpha: float) -> Slicing:
    there = asked.values[asked.values["value"].notna()]
    kept = [
        (value, part)
        for value, part in cut_up(there, slicing)
        if effective_clusters(part["cluster"].cat.codes.to_numpy()) >= FEWEST_CLUSTERS
    ]
    parts = [part.assign(place=n) for n, (_, part) in enumerate(kept)]
    whole = pd.concat(parts) if parts else there.assign(place=0)
    found = same_mean(
        whole["value"].to_numpy(dtype=float),
        whole["place"].to_numpy(),
        whole["cluster"].cat.codes.to_numpy(),
        alpha=alpha,
    )
    return Slicing(
        name=slicing.name,
        system=asked.system,
        baseline=asked.baseline,
        judge=asked.judge,
        rubric=asked.rubric,
        unit=asked.unit,
        slices=tuple(slicing.label(value) for value, _ in kept),
        p_value=found.p_value,
        differs=None,
        smallest_detectable=found.smallest_detectable,
        note=joined(slicing.note, found.note, *_left_out(there, slicing, len(kept))),
    )


def _left_out(there: pd.DataFrame, slicing: Slice, n_kept: int) -> Iterator[str]:
    sizes = [part["cluster"].nunique() for _, part in cut_up(there, slicing)]
    n_few = sum(size < FEWEST_CLUSTERS for size in sizes)
    n_uneven = len(sizes) - n_few - n_kept
    few = f"fewer than {FEWEST_CLUSTERS} clusters of items left out of the test"
    if n_few:
        yield f"{counted(n_few, 'slice')} of {few}"
    if n_uneven:
        yield f"{counted(n_uneven, 'slice')} worth {few}: a few clusters hold most of their items"
