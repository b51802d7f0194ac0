"""From human labels to what counts as right: which answer of a pair is better, what an answer is worth.

Raters are not averaged before they are read. Of a pair the majority decides, one vote a rater; without
a majority for one of the two answers nobody knows which is right, and the pair is counted, not guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from judge.stats.intervals import Floats
from judge.types import HumanLabel

Pair = tuple[str, str, str]  # item, system_a, system_b, the systems in the order of their names
Answer = tuple[str, str, str]  # item, system, criterion

_SIGNS = {"a": 1.0, "tie": 0.0, "b": -1.0}


@dataclass(frozen=True, slots=True)
class Gold:
    """What people said. sides: pair -> 1 where its system_a is better, -1 where its system_b is.

    scores: answer -> the mean of its raters' scores. n_undecided: pairs whose raters found no winner.
    """

    sides: Mapping[Pair, float] = field(default_factory=dict)
    scores: Mapping[Answer, float] = field(default_factory=dict)
    n_undecided: int = 0


def gold_of(labels: Iterable[HumanLabel]) -> Gold:
    """The gold sides and scores of these labels. Labels of single criteria of a pair decide no side."""
    votes: dict[Pair, dict[str, list[float]]] = {}
    scores: dict[Answer, list[float]] = {}
    for label in labels:
        if label.system is not None and label.score is not None:
            scores.setdefault((label.item_id, label.system, label.criterion), []).append(
                label.score
            )
        elif label.system_a and label.system_b and label.label in _SIGNS and not label.criterion:
            pair, sign = _oriented(label.item_id, label.system_a, label.system_b)
            votes.setdefault(pair, {}).setdefault(label.rater, []).append(
                sign * _SIGNS[label.label]
            )
    sides = {pair: _majority([*by_rater.values()]) for pair, by_rater in votes.items()}
    return Gold(
        sides={pair: side for pair, side in sides.items() if side},
        scores={answer: float(np.mean(own)) for answer, own in scores.items()},
        n_undecided=sum(not side for side in sides.values()),
    )


def _oriented(item: str, a: str, b: str) -> tuple[Pair, float]:
    """The pair with its systems in order, and -1 where they were the other way round."""
    return ((item, a, b), 1.0) if a < b else ((item, b, a), -1.0)


def _majority(votes: list[list[float]]) -> float:
    """1 or -1 where more than half of the raters prefer that side, else 0.

    A rater who labelled a pair in both orders has one vote, none where the two contradict each other.
    """
    signs = np.sign([np.sum(own) for own in votes])
    return next((side for side in (1.0, -1.0) if np.mean(signs == side) > 0.5), 0.0)


def side(rows: pd.DataFrame, gold: Gold) -> Floats:
    """1 where gold favours system_a, -1 where it favours system_b, NaN where it is not known.

    rows: with item_id, system_a and system_b, in any orientation; shape (n_rows,).
    """
    keys = zip(
        *(rows[name].astype(object) for name in ("item_id", "system_a", "system_b")), strict=True
    )
    oriented = (_oriented(*key) for key in keys)
    found = [gold.sides.get(pair, np.nan) * sign for pair, sign in oriented]
    return np.array(found, dtype=np.float64)


def warnings(frame: pd.DataFrame, labels: Sequence[HumanLabel], gold: Gold) -> Iterator[str]:
    """What to say of labels that decide nothing. frame: the verdicts that they are about."""
    if not labels:
        return
    if not {label.item_id for label in labels} & set(frame["item_id"].astype(str)):
        yield "no human label is about an item of these verdicts: check that both use one item_id"
    other = sum((label.system is None) != ("system_a" in frame) for label in labels)
    if other:
        thing = "pairs" if "system_a" in frame else "single answers"
        yield f"{other:,} of {len(labels):,} labels are not of {thing}, as the verdicts are"
    if gold.n_undecided:
        thing = "labelled pair has" if gold.n_undecided == 1 else "labelled pairs have"
        yield (
            f"{gold.n_undecided:,} {thing} no winner by a majority of raters: what is measured given "
            "the right answer goes without"
        )
