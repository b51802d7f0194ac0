"""The battery of a judge's audit over arrays: every perturbation, position and padding, Holm over all.

Items are independent of each other, one pair of answers each (or one answer to be scored), so that every
test is exact on items. The array door of whoever simulates; judge.analysis.judge_battery reads tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from judge.stats import padding
from judge.stats.battery_cases import (
    FIRST,
    NEITHER,
    PADDING,
    SECOND,
    Perturbed,
    Questions,
    cases,
    for_target,
    maker,
    own_targets,
    target_lengths,
)
from judge.stats.battery_effect import (
    NEVER_TWICE,
    PASSED,
    Case,
    effect,
    of_case,
)
from judge.stats.battery_position import position
from judge.stats.battery_power import least_p, smallest, smallest_shown
from judge.stats.effects import NONE_SHOWN, TOO_FEW, Denial, Effect, PositionEffect
from judge.stats.intervals import Floats, holm, undefined
from judge.stats.proportions import rate
from judge.types import Estimate

__all__ = [
    "FIRST",
    "NEITHER",
    "PADDING",
    "PASSED",
    "SECOND",
    "Battery",
    "Perturbed",
    "Questions",
    "battery",
    "cases",
    "effect",
    "own_targets",
    "position",
    "target_lengths",
]


@dataclass(frozen=True, slots=True)
class Battery:
    """What one judge under one rubric did in the battery. denials: those that are shown."""

    noise: Estimate
    effects: tuple[Effect, ...]
    position: PositionEffect | None
    padding_slope: Estimate
    denials: tuple[Denial, ...]


def battery(
    questions: Questions,
    perturbed: Mapping[str, Perturbed],
    *,
    groups: Mapping[str, str] = {},
    alpha: float = 0.05,
    confidence: float = 0.95,
    seed: int = 0,
) -> Battery:
    """Every effect with Holm over all of them: the shift of each perturbation, its flips where they ask
    something else, and both tests of position.

    perturbed: by name; names with a colon are parts of what stands before it, such as null:3. groups: of
    the effects' names. seed: of the tests that draw, and of which part stands for an item with several.
    """
    asked = cases(questions, perturbed, confidence=confidence, seed=seed)
    effects = [of_case(case, name, groups.get(name, "")) for name, case in asked.items()]
    moved = None if questions.swapped is None else _position(questions, confidence)
    effects, moved, level = _tested(effects, moved, questions.is_selected, alpha)
    noise = _noise(questions, confidence)
    shown = [
        replace(
            one,
            finding=_finding(one.finding, least_p(asked[one.perturbation]), alpha),
            smallest_detectable=smallest(asked[one.perturbation], level),
            parts=_parts(questions, perturbed, one, asked[one.perturbation], groups, alpha),
        )
        for one in effects
    ]
    return Battery(
        noise,
        tuple(shown),
        _with_smallest(moved, noise, level, alpha),
        _padding_slope(questions, perturbed, confidence),
        _denials(asked, alpha),
    )


def _position(questions: Questions, confidence: float) -> PositionEffect | None:
    swapped = questions.swapped
    if swapped is None or np.isnan(swapped).all():
        return None
    return position(questions.drawn, swapped, confidence=confidence)


def _noise(questions: Questions, confidence: float) -> Estimate:
    """P(b != r) over all items, whether they have a target or not."""
    b, r = questions.drawn.T
    known = ~np.isnan(b) & ~np.isnan(r)
    return rate(
        int((b[known] != r[known]).sum()),
        int(known.sum()),
        name="noise",
        confidence=confidence,
        n_missing=int((~known).sum()),
        note="" if known.any() else NEVER_TWICE,
    )


# -- Holm ----------------------------------------------------------------------------------------


def _tested(
    effects: Sequence[Effect],
    moved: PositionEffect | None,
    is_selected: bool,
    alpha: float,
) -> tuple[list[Effect], PositionEffect | None, float]:
    """The same with adjusted p-values and findings, and the level of Holm's first step."""
    kinds = ["shift_p"] if is_selected else ["shift_p", "flips_p"]
    places: list[tuple[int, str, float]] = [
        (index, kind, p)
        for index, one in enumerate(effects)
        for kind in kinds
        if (p := getattr(one, f"{kind}_value")) is not None
    ]
    if moved is not None:
        ours = (("p", moved.p_value), ("excess_p", moved.excess_p_value))
        places += [(len(effects), kind, p) for kind, p in ours if p is not None]
    adjusted = holm([p for _, _, p in places])
    found: list[dict[str, Any]] = [{} for _ in range(len(effects) + 1)]
    for (index, kind, _), p in zip(places, adjusted, strict=True):
        found[index][f"{kind}_adjusted"] = p
        if p <= alpha:
            found[index]["finding"] = "moved"
    shown = [replace(one, **new) for one, new in zip(effects, found, strict=False)]
    position_shown = None if moved is None else replace(moved, **found[-1])
    return shown, position_shown, alpha / max(len(places), 1)


def _parts(
    questions: Questions,
    perturbed: Mapping[str, Perturbed],
    whole: Effect,
    case: Case,
    groups: Mapping[str, str],
    alpha: float,
) -> tuple[Effect, ...]:
    """The parts, Holm over them and none surer than the whole: they are tested where that moved."""
    own = {
        name: one
        for name, one in perturbed.items()
        if ":" in name and name.partition(":")[0] == whole.perturbation
    }
    if not own:
        return ()
    make = maker(questions, perturbed, case.confidence, case.seed)
    effects = [of_case(make(name, one), name, whole.group) for name, one in own.items()]
    known = [i for i, one in enumerate(effects) if one.shift_p_value is not None]
    adjusted = holm([effects[i].shift_p_value or 0.0 for i in known])
    least = 1.0 if whole.shift_p_adjusted is None else whole.shift_p_adjusted
    for i, p in zip(known, adjusted, strict=True):
        finding = "moved" if max(p, least) <= alpha else "none shown"
        effects[i] = replace(effects[i], shift_p_adjusted=max(p, least), finding=finding)
    return tuple(effects)


def _finding(finding: str, least: float, alpha: float) -> str:
    """The finding, where the least p that there could be is one: else items are too few for any."""
    return TOO_FEW if finding == NONE_SHOWN and least > alpha else finding


# -- what could have been shown ------------------------------------------------------------------


def _with_smallest(
    moved: PositionEffect | None, noise: Estimate, level: float, alpha: float
) -> PositionEffect | None:
    """In points of first_shown_rate, half the difference between orders; by one verdict an order."""
    if moved is not None:
        least = 0.5**moved.first_shown_rate.n  # of its one-sided test
        moved = replace(moved, finding=_finding(moved.finding, least, alpha))
    if moved is None or noise.value is None:
        return moved
    shift = smallest_shown(moved.first_shown_rate.n, noise.value / 2, level)
    return replace(moved, smallest_detectable=None if shift is None else shift / 2)


# -- padding -------------------------------------------------------------------------------------


def _padding_slope(
    questions: Questions, perturbed: Mapping[str, Perturbed], confidence: float
) -> Estimate:
    own = [one for name, one in perturbed.items() if name.startswith(PADDING)]
    if not own or questions.lengths is None:
        why = "the lengths are not known" if own else "nothing was padded"
        unit = padding.POINTS if questions.is_score else padding.UNIT
        return undefined(padding.NAME, unit, why, confidence)
    n = len(questions.targets)
    before = target_lengths(questions)
    after = [np.full(n, np.nan) if one.lengths is None else one.lengths for one in own]
    asked = np.array([questions.targets != NEITHER if o.asked is None else o.asked for o in own])
    asked &= questions.targets != NEITHER
    values = np.where(asked, np.array([one.values for one in own]), np.nan)
    n_missing = int((asked & np.isnan(values)).any(axis=0).sum())
    base = for_target(questions, questions.drawn)
    if questions.is_score:
        items = np.tile(np.arange(n), len(own))
        gains = (values - base[:, 0]).ravel()
        longer = np.log1p(np.array(after)) - np.log1p(before)
        return padding.points(
            gains, longer.ravel(), items, confidence=confidence, n_missing=n_missing
        )
    if questions.is_selected:
        base = np.column_stack([np.full(n, np.nan), base[:, 1]])
    rows, doublings = [np.column_stack([base, *values])], [np.zeros(n), np.zeros(n)]
    doublings += [_doublings(before, new) for new in after]
    if questions.swapped is not None and any(one.swapped is not None for one in own):
        unknown = np.full(n, np.nan)
        other = np.array([unknown if one.swapped is None else one.swapped for one in own])
        other = np.where(asked, other, np.nan)
        rows.append(np.column_stack([for_target(questions, questions.swapped), *other]))
    return padding.slope(
        np.concatenate(rows),
        np.tile(np.column_stack(doublings), (len(rows), 1)),
        items=np.tile(np.arange(n), len(rows)),
        confidence=confidence,
        n_missing=n_missing,
    )


def _doublings(before: Floats, after: Floats) -> Floats:
    known = (before > 0) & (after > 0)
    ratio = np.divide(after, before, out=np.ones_like(before), where=known)
    return np.where(known, np.log2(ratio), np.nan)


# -- denials -------------------------------------------------------------------------------------


def _denials(asked: Mapping[str, Case], alpha: float) -> tuple[Denial, ...]:
    """Perturbations that cost verdicts: p is absent oftener than r, where b is there. Exact by items."""
    found = [denial for name, case in asked.items() if (denial := _denial(name, case))]
    adjusted = holm([denial.p_value for denial in found])
    return tuple(
        replace(denial, p_value=p) for denial, p in zip(found, adjusted, strict=True) if p <= alpha
    )


def _denial(name: str, case: Case) -> Denial | None:
    kept = case.asked & ~np.isnan(case.base)
    if not kept.any() or not case.is_twice_asked:
        return None
    now, again = np.isnan(case.perturbed[kept]), np.isnan(case.repeat[kept])
    more, less = int((now & ~again).sum()), int((again & ~now).sum())
    p = float(stats.binom.sf(more - 1, more + less, 0.5)) if more else 1.0
    return Denial(name, int(kept.sum()), int(now.sum()), int(again.sum()), p)
