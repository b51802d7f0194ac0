"""On which units the judge and people are farthest apart, so that somebody can read why.

The rule, so that nobody can choose: the distance of the judge's value from the mean of people's, as a
share of the scale (of labels without numbers: the share of people who gave another label than the
judge). Then how much of one mind people were, then how sure the judge was (its commonest label over
orders and repeats; of a panel, how far its members' mean stands from the middle), then the id.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from judge.analysis.agreement_records import Disagreement, SaidByRater
from judge.analysis.people import Labelled, Voice
from judge.stats.intervals import ROUNDING, Floats
from judge.types import PANEL

MOST = 10


def worst(found: Sequence[Labelled], most: int = MOST) -> tuple[Disagreement, ...]:
    """The units farthest apart on the overall verdict, or the first criterion, at most so many."""
    if not found:
        return ()
    one = next((one for one in found if not one.criterion), found[0])
    voice = head(one.voices)
    if voice is None:
        return ()
    apart = distances(one, voice)
    return tuple(_unit(one, voice, n, float(apart[n])) for n in _ordered(one, voice, apart)[:most])


def head(voices: Sequence[Voice]) -> Voice | None:
    """Whose verdicts are concluded from: the panel's, else the sole judge's, else the first voice's."""
    panels = [voice for voice in voices if voice.judge == PANEL]
    return next(iter([*panels, *voices]), None)


def distances(one: Labelled, voice: Voice) -> Floats:
    """How far judge and people are apart, 0 to 1, shape (n,); NaN where one of them said nothing."""
    people = one.human
    if np.isfinite(voice.values).any() and np.isfinite(people).any():
        return np.asarray(np.abs(voice.values - people) / (_span(one, voice) or 1.0))
    has_label = (one.ratings >= 0).any(axis=1)
    return np.where(has_label, 1.0 - (voice.shares * one.votes).sum(axis=1), np.nan)


def _span(one: Labelled, voice: Voice) -> float:
    """From the lowest point of the scale to the highest; of a continuum, of what occurs."""
    known = one.scale.values or [*voice.values, *one.numbers.ravel()]
    there = [value for value in known if np.isfinite(value)]
    return float(max(there) - min(there))


def _ordered(one: Labelled, voice: Voice, apart: Floats) -> list[int]:
    """The places of the units that differ, the farthest first."""
    unanimity, certainty = _unanimity(one), _certainty(voice)
    ids = one.units["item_id"].astype(str).tolist()
    places = [n for n in range(len(apart)) if apart[n] > ROUNDING]  # False for NaN
    return sorted(
        places,
        key=lambda n: (-round(float(apart[n]), 12), -unanimity[n], -certainty[n], ids[n], n),
    )


def _unanimity(one: Labelled) -> Floats:
    """How much of one mind people were: their commonest label's share, or less spread of numbers."""
    if one.scale.labels:
        return np.asarray(one.votes.max(axis=1))
    with np.errstate(invalid="ignore"):
        spread = np.nanmax(one.numbers, axis=1) - np.nanmin(one.numbers, axis=1)
    return np.asarray(-np.nan_to_num(spread))


def _certainty(voice: Voice) -> Floats:
    if voice.judge == PANEL and np.isfinite(voice.values).any():
        return np.asarray(np.abs(np.nan_to_num(voice.values) - np.nanmean(voice.values)))
    if voice.shares.shape[1] == 0:
        return np.zeros(len(voice.shares))
    return np.asarray(np.nan_to_num(voice.shares).max(axis=1))


def _unit(one: Labelled, voice: Voice, n: int, distance: float) -> Disagreement:
    row = one.units.iloc[n]
    names = ("system_a", "system_b") if one.mode == "pairwise" else ("system",)
    people_value, judge_value = float(one.human[n]), float(voice.values[n])
    return Disagreement(
        judge=voice.judge,
        criterion=one.criterion,
        item_id=str(row["item_id"]),
        category=str(row["category"]),
        systems=tuple(str(row[name]) for name in names),
        distance=min(distance, 1.0),
        judge_value=judge_value if np.isfinite(judge_value) else None,
        people_value=people_value if np.isfinite(people_value) else None,
        people=tuple(_said(one, n)),
    )


def _said(one: Labelled, n: int) -> Iterator[SaidByRater]:
    """What each person said of a unit."""
    for rater, code, number in zip(one.raters, one.ratings[n], one.numbers[n], strict=True):
        if code >= 0:
            yield SaidByRater(rater, one.scale.labels[code])
        elif np.isfinite(number):
            yield SaidByRater(rater, f"{number:g}")
