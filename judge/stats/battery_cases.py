"""What a judge said in a battery, as arrays, and each perturbation's verdicts by how well the target did.

Verdicts come in the frame of the answer that the drawn order of an item shows first; a case has them in the
target's, and one part an item of a perturbation that has several.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from judge.stats.battery_effect import Bools, Case
from judge.stats.intervals import ROUNDING, Floats

FIRST, NEITHER, SECOND = 1, 0, -1  # which answer is the target, as the drawn order shows them
NULL = "null"  # of the names of perturbations that leave nothing of an answer
PADDING = "padding"  # how the names of those begin that add filler


@dataclass(frozen=True, slots=True)
class Questions:
    """What a judge said of answers as they came, one item a row.

    drawn, swapped: shape (n, 2), what the answer that the drawn order shows first got, asked and asked
    again, in that order and in the other: 1, 0.5, 0, NaN without a verdict. With is_score drawn holds
    scores and there is no swapped. targets: shape (n,), FIRST, SECOND or NEITHER. chosen_by_base:
    whether they follow from drawn[:, 0]. lengths: shape (n, 2), characters of the answers that the drawn
    order shows first and second, NaN where not known.
    """

    drawn: Floats
    swapped: Floats | None
    targets: NDArray[np.int64]
    chosen_by_base: bool
    lengths: Floats | None = None
    is_score: bool = False

    @property
    def is_selected(self) -> bool:
        """Whether b is low by selection. An answer to be scored is no loser."""
        return self.chosen_by_base and not self.is_score


@dataclass(frozen=True, slots=True)
class Perturbed:
    """What a judge said after a perturbation. values: shape (n,), how well the target did, or its score.

    NaN without a verdict. asked: shape (n,), the items where this was asked; None for all that have a
    target. lengths: shape (n,), characters of the target's answer as perturbed. swapped: shape (n,), the
    same as values in the other order, None where that was not asked: what is padded is, for the slope.
    """

    values: Floats
    asked: Bools | None = None
    lengths: Floats | None = None
    swapped: Floats | None = None


def own_targets(verdicts: Floats) -> NDArray[np.int64]:
    """The answer that lost by the judge's own first verdicts, shape (n,): NEITHER of ties and none."""
    return np.select([verdicts == 0, verdicts == 1], [FIRST, SECOND], NEITHER).astype(np.int64)


def cases(
    questions: Questions,
    perturbed: Mapping[str, Perturbed],
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> dict[str, Case]:
    """The verdicts of each perturbation by how well the target did; of parts those of the whole."""
    make = maker(questions, perturbed, confidence, seed)
    names = dict.fromkeys(name.partition(":")[0] for name in perturbed)
    return {name: make(name, _pooled(questions, perturbed, name, seed)) for name in names}


@dataclass(frozen=True, slots=True)
class Maker:
    """What the cases of a battery share."""

    base: Floats
    repeat: Floats
    has_target: Bools
    is_selected: bool
    is_score: bool
    lowest: float
    confidence: float
    seed: int

    def __call__(self, name: str, one: Perturbed) -> Case:
        asked = self.has_target if one.asked is None else one.asked & self.has_target
        return Case(
            self.base,
            self.repeat,
            np.where(asked, one.values, np.nan),
            asked,
            self.is_selected,
            self.is_score,
            name.partition(":")[0] == NULL,
            self.lowest,
            self.confidence,
            self.seed,
        )


def maker(
    questions: Questions, perturbed: Mapping[str, Perturbed], confidence: float, seed: int
) -> Maker:
    given = [questions.drawn.ravel(), *(one.values for one in perturbed.values())]
    scores = np.concatenate(given)
    values = for_target(questions, questions.drawn)
    return Maker(
        values[:, 0],
        values[:, 1],
        questions.targets != NEITHER,
        questions.is_selected,
        questions.is_score,
        _lowest(scores[~np.isnan(scores)]) if questions.is_score else -math.inf,
        confidence,
        seed,
    )


def _lowest(scores: Floats) -> float:
    """NaN where there is one score alone: it may as well be the highest."""
    return float(scores.min()) if len(scores) and np.ptp(scores) > ROUNDING else math.nan


def for_target(questions: Questions, values: Floats) -> Floats:
    """How well the target did, shape (n, 2). values: what the answer shown first in drawn order got."""
    if questions.is_score:
        return values
    first, second = ((questions.targets == side)[:, None] for side in (FIRST, SECOND))
    return np.asarray(np.select([first, second], [values, 1 - values], np.nan))


def _pooled(
    questions: Questions, perturbed: Mapping[str, Perturbed], name: str, seed: int
) -> Perturbed:
    """The perturbation of this name, or one of its parts an item: the one asked, or one drawn of several."""
    if name in perturbed:
        return perturbed[name]
    own = [one for part, one in perturbed.items() if part.partition(":")[0] == name]
    everywhere = questions.targets != NEITHER
    asked = np.array([everywhere if one.asked is None else one.asked for one in own])
    draws = np.where(asked, np.random.default_rng(seed).random(asked.shape), -1.0)
    chosen = draws.argmax(axis=0), np.arange(asked.shape[1])
    unknown = np.full(asked.shape[1], np.nan)
    lengths = [unknown if one.lengths is None else one.lengths for one in own]
    return Perturbed(
        np.array([one.values for one in own])[chosen],
        np.asarray(asked.any(axis=0)),
        np.array(lengths)[chosen],
    )


def target_lengths(questions: Questions) -> Floats:
    """The characters of each target's answer as it came, NaN where not known, shape (n,)."""
    if questions.lengths is None:
        return np.full(len(questions.targets), np.nan)
    is_first = (questions.targets == FIRST) | questions.is_score
    known = np.where(is_first, questions.lengths[:, 0], questions.lengths[:, 1])
    return np.where(questions.targets == NEITHER, np.nan, known)
