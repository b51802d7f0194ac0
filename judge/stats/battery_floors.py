"""Judges without skill through the battery: on the same items, targets and orders as the judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from judge.stats.battery import FIRST, NEITHER, Perturbed, Questions, cases, target_lengths
from judge.stats.battery_effect import Case, shift, success_of
from judge.stats.effects import Floor
from judge.stats.intervals import Floats

COIN = "fair coin"
ALWAYS_FIRST = "always first"
ALWAYS_LONGER = "always longer"


def floors(
    questions: Questions, perturbed: Mapping[str, Perturbed], *, seed: int = 0
) -> tuple[Floor, ...]:
    """A coin, always-first and always-longer, whose targets are the judge's and not their own.

    So their verdicts before count, whichever these are. Of scores there is a coin alone, which draws from
    the scores that the judge gave. seed: of the coin. Always-longer needs the lengths of all answers, and
    leaves out perturbations without.
    """
    asked = cases(replace(questions, chosen_by_base=False), perturbed, seed=seed)
    if not asked or not (questions.targets != NEITHER).any():
        return ()
    return tuple(_found(name, by) for name, by in _judges(questions, perturbed, asked, seed) if by)


def _found(name: str, asked: Mapping[str, Case]) -> Floor:
    return Floor(
        name,
        tuple((perturbation, shift(case).value) for perturbation, case in asked.items()),
        tuple((perturbation, success_of(case).value) for perturbation, case in asked.items()),
    )


def _judges(
    questions: Questions,
    perturbed: Mapping[str, Perturbed],
    asked: Mapping[str, Case],
    seed: int,
) -> Iterator[tuple[str, dict[str, Case]]]:
    rng = np.random.default_rng(seed)
    faces = np.array([0.0, 1.0])
    if questions.is_score:
        faces = questions.drawn[~np.isnan(questions.drawn)]
    if len(faces):
        yield COIN, _coin(asked, faces, rng)
    if questions.is_score:
        return
    first = np.where(questions.targets == FIRST, 1.0, 0.0)
    yield ALWAYS_FIRST, {name: _said(case, first, first, first) for name, case in asked.items()}
    yield ALWAYS_LONGER, dict(_longer(questions, perturbed, asked))


def _coin(asked: Mapping[str, Case], faces: Floats, rng: np.random.Generator) -> dict[str, Case]:
    n = len(next(iter(asked.values())).base)
    base, repeat = rng.choice(faces, n), rng.choice(faces, n)
    return {name: _said(case, base, repeat, rng.choice(faces, n)) for name, case in asked.items()}


def _longer(
    questions: Questions, perturbed: Mapping[str, Perturbed], asked: Mapping[str, Case]
) -> Iterator[tuple[str, Case]]:
    if questions.lengths is None:
        return
    before = target_lengths(questions)
    other = questions.lengths.sum(axis=1) - before
    base = _wins(before, other)
    for name, case in asked.items():
        after = _lengths(perturbed, name, len(before))
        said = _said(case, base, base, _wins(after, other))
        if said.known.any():
            yield name, said


def _lengths(perturbed: Mapping[str, Perturbed], name: str, n: int) -> Floats:
    """The target's lengths as perturbed; of parts, those of any that was asked, which are as short."""
    found = np.full(n, np.nan)
    for part, one in perturbed.items():
        if part.partition(":")[0] == name and one.lengths is not None:
            own = one.lengths if one.asked is None else np.where(one.asked, one.lengths, np.nan)
            found = np.where(np.isnan(found), own, found)
    return found


def _wins(length: Floats, other: Floats) -> Floats:
    return np.asarray(0.5 + np.sign(length - other) / 2)


def _said(case: Case, base: Floats, repeat: Floats, after: Floats) -> Case:
    """The same items with these verdicts."""
    return replace(case, base=base, repeat=repeat, perturbed=np.where(case.asked, after, np.nan))
