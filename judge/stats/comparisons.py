"""Is one system better than another? A row per judge and wording, and the panel's.

A conclusion is drawn once per system, on the panel's row or the sole judge's: to draw it on every row
would be to ask again until one agrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from judge.stats.intervals import (
    holm,
    is_equivalent,
    mean,
    p_value,
    smallest_detectable,
    undefined,
)
from judge.stats.panel import panel_values
from judge.stats.values import ASKED_WITH, pair_values, parts
from judge.table import VerdictTable, against
from judge.types import PANEL, Estimate


@dataclass(frozen=True, slots=True)
class Comparison:
    """The share that `system` wins against `baseline`, ties half, by one judge or the panel.

    members: the judges, with their wording where a judge has several. slice "" is the whole table.
    conclusion: "better", "worse", "equivalent", "no difference shown"; None on rows that decide nothing.
    basis: the field that decided.
    """

    system: str
    baseline: str
    judge: str
    members: tuple[str, ...]
    rubric: str
    variant: str
    slice: str
    raw: Estimate
    length_controlled: Estimate
    human_corrected: Estimate
    smallest_detectable: float | None
    conclusion: str | None = None
    basis: str | None = None
    notes: tuple[str, ...] = ()


def compare(
    table: VerdictTable, baseline: str, groups: Mapping[str, int], confidence: float
) -> list[Comparison]:
    """Per system a row for each judge and wording, then the panel's where there are several."""
    values = pair_values(against(table, baseline))
    values["is_missing"] = values["value"].isna()
    rows: list[Comparison] = []
    for (system,), part in parts(values, ["system_a"]):
        asked = part[part["is_asked"]]
        members = _members(asked)
        for (judge, rubric, variant), own in parts(asked, ASKED_WITH):
            name = (members[judge, rubric, variant],)
            raw = _win_rate(own, confidence)
            rows.append(_comparison(system, baseline, judge, name, rubric, variant, raw))
        if len(members) > 1:
            rubric, variant = (_common(key[n] for key in members) for n in (1, 2))
            names = tuple(members.values())
            raw = _win_rate(panel_values(part, groups), confidence)
            rows.append(_comparison(system, baseline, PANEL, names, rubric, variant, raw))
    return rows


def _common(names: Iterable[str]) -> str:
    """The one name that all share, "" where there are several."""
    found = set(names)
    return found.pop() if len(found) == 1 else ""


def _comparison(
    system: str,
    baseline: str,
    judge: str,
    members: tuple[str, ...],
    rubric: str,
    variant: str,
    raw: Estimate,
) -> Comparison:
    without_length = "not computed: needs the pairwise model with a length term"
    return Comparison(
        system=system,
        baseline=baseline,
        judge=judge,
        members=members,
        rubric=rubric,
        variant=variant,
        slice="",
        raw=raw,
        length_controlled=undefined(
            "length_controlled_win_rate", "rate", without_length, raw.confidence
        ),
        human_corrected=undefined(
            "human_corrected_win_rate", "rate", "no human labels", raw.confidence
        ),
        smallest_detectable=smallest_detectable(raw.se, alpha=1 - raw.confidence),
    )


def _win_rate(values: pd.DataFrame, confidence: float) -> Estimate:
    """The mean of the values that are there, with the worst and best case for those that are not."""
    there, n_missing = values[values["value"].notna()], int(values["is_missing"].sum())
    planned, won = len(there) + n_missing, float(there["value"].sum())
    note = ""
    if n_missing:
        note = (
            f"{n_missing} of {planned} pairs lack a verdict and are left out: the win rate is "
            f"{won / planned:.3f} if all of them were lost, {(won + n_missing) / planned:.3f} if won"
        )
    return mean(
        there["value"].to_numpy(dtype=float),
        there["cluster"].cat.codes.to_numpy(),
        name="win_rate",
        unit="rate",
        bounds=(0.0, 1.0),
        confidence=confidence,
        n_missing=n_missing,
        note=note,
    )


def concluded(
    rows: Sequence[Comparison], confidence: float, margin: float | None
) -> Iterator[Comparison]:
    """The rows with a conclusion on those that may have one, Holm's correction over these."""
    panels = {row.system for row in rows if row.judge == PANEL}
    heads = [row for row in rows if row.judge == PANEL or row.system not in panels]
    tests = {row.system: p for row in heads if (p := p_value(row.raw, 0.5)) is not None}
    adjusted = dict(zip(tests, holm(list(tests.values())), strict=True))
    for row in rows:
        if row in heads and row.raw.value is not None:
            yield _conclude(row, adjusted.get(row.system), len(tests), 1 - confidence, margin)
        else:
            yield row


def _conclude(
    row: Comparison, p: float | None, n_tests: int, alpha: float, margin: float | None
) -> Comparison:
    """The row with what its raw win rate shows. A stated margin goes before a difference within it."""
    is_different = p is not None and p < alpha
    conclusion = "no difference shown"
    if margin is not None and is_equivalent(row.raw, 0.5, margin):
        conclusion = "equivalent"
    elif is_different:
        conclusion = "better" if (row.raw.value or 0) > 0.5 else "worse"
    notes = [] if p is None else [f"p = {p:.3g} against 0.5" + _over(n_tests)]
    if conclusion == "equivalent":
        notes.append(f"equivalent: the {1 - 2 * alpha:.0%} interval is within {margin:g} of 0.5")
    return replace(row, conclusion=conclusion, basis="raw", notes=(*row.notes, *notes))


def _over(n_tests: int) -> str:
    return f", Holm over {n_tests} comparisons" if n_tests > 1 else ""


def _members(frame: pd.DataFrame) -> dict[tuple[str, str, str], str]:
    """(judge, rubric, variant) -> the member's name: the judge's, with the wording where it has several."""
    keys = [(judge, rubric, variant) for (judge, rubric, variant), _ in parts(frame, ASKED_WITH)]
    several = {judge for judge, _, _ in keys if sum(key[0] == judge for key in keys) > 1}
    return {key: _with_wording(*key) if key[0] in several else key[0] for key in keys}


def _with_wording(judge: str, rubric: str, variant: str) -> str:
    return f"{judge} ({', '.join(name for name in (rubric, variant) if name) or 'no rubric'})"
