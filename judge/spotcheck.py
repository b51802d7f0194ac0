"""Judgments drawn at random for a person to read, and what the person's marks say of the judges.

A verdict can be right for a wrong reason. Whether the reasons hold is asked of a person, on a sample:
equal numbers from every judge, so that each is known as well as the others, and from as many items as
there are, so that one odd item does not speak for all.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from judge.stats.intervals import joined, mean, undefined
from judge.stats.proportions import rate
from judge.types import Estimate

MARKS = ("right", "wrong", "unsure")
FEW = 30  # decided marks below which the share is known roughly only


@dataclass(frozen=True, slots=True)
class Candidate:
    """A judgment that can be drawn: an ok verdict with an explanation."""

    trial_id: str
    judge: str
    item_id: str


def draw(candidates: Iterable[Candidate], n: int, seed: int) -> list[Candidate]:
    """At most n of these, each once, in a random order: equal numbers from each judge.

    A judge that has too few gives all; the others make up for it. Of a judge's candidates those on
    items that were not drawn yet go first, then by a number that hangs on seed and trial alone.
    """
    by_judge: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_judge.setdefault(candidate.judge, []).append(candidate)
    quotas = shares({judge: len(own) for judge, own in sorted(by_judge.items())}, n)
    drawn: list[Candidate] = []
    for judge, quota in quotas.items():
        taken = Counter(candidate.item_id for candidate in drawn)
        drawn += _first(by_judge[judge], quota, seed, taken)
    # Not judge by judge: whoever marks grows tired, and one judge would have it all.
    return sorted(drawn, key=lambda c: _number(seed, f"place\x1f{c.trial_id}"))


def shares(available: Mapping[str, int], n: int) -> dict[str, int]:
    """How many each gives, as evenly as can be, what does not divide evenly going to the first."""
    given = dict.fromkeys(available, 0)
    left = min(n, sum(available.values()))
    while left:
        open_ = [name for name, most in available.items() if given[name] < most]
        for name in open_[:left]:
            given[name] += 1
        left -= len(open_[:left])
    return given


def _first(
    own: Sequence[Candidate], quota: int, seed: int, taken: Mapping[str, int]
) -> list[Candidate]:
    """The first of a judge's candidates: a second one of an item comes after the first of all others."""
    rounds: Counter[str] = Counter()
    ranked: list[tuple[int, int, float, Candidate]] = []
    for candidate in sorted(own, key=lambda c: _number(seed, c.trial_id)):
        item = candidate.item_id
        place = (rounds[item], taken.get(item, 0), _number(seed, f"{candidate.judge}\x1f{item}"))
        ranked.append((*place, candidate))
        rounds[item] += 1
    ranked.sort(key=lambda entry: entry[:3])
    return [entry[3] for entry in ranked[:quota]]


def _number(seed: int, name: str) -> float:
    """A number in [0, 1) that hangs on nothing but its arguments."""
    message = f"spotcheck\x1f{name}".encode("utf-8", "surrogatepass")
    return (
        int.from_bytes(hmac.digest(str(seed).encode(), message, hashlib.sha256)[:8], "big") / 2**64
    )


def spot_id(place: int, n: int, trial_id: str) -> str:
    """What a drawn judgment is called: its place among n, and the beginning of its trial's hash."""
    return f"{place:0{len(str(n))}d}of{n}-{fragment(trial_id)}"


def fragment(trial_id: str) -> str:
    """The part of a spot's id by which its trial is found again."""
    return trial_id.removeprefix("sha256:")[:12]


# -- what the marks say --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spot:
    """A drawn judgment with a person's mark, "" where there is none yet."""

    judge: str
    cluster: str
    mark: str


@dataclass(frozen=True, slots=True)
class Tally:
    """The marks of one judge's explanations, or of all (judge ""): drawn = marked + the rest.

    share_right: right among those marked right or wrong.
    """

    judge: str
    drawn: int
    marked: int
    right: int
    wrong: int
    unsure: int
    share_right: Estimate


def tallies(spots: Sequence[Spot], confidence: float = 0.95) -> Iterator[Tally]:
    """One tally a judge, then that of all where there are several judges."""
    judges = sorted({spot.judge for spot in spots})
    for judge in judges:
        yield _tally(judge, [spot for spot in spots if spot.judge == judge], confidence)
    if len(judges) > 1:
        yield _tally("", spots, confidence)


def _tally(judge: str, spots: Sequence[Spot], confidence: float) -> Tally:
    counts = Counter(spot.mark for spot in spots)
    return Tally(
        judge=judge,
        drawn=len(spots),
        marked=sum(counts[mark] for mark in MARKS),
        **{mark: counts[mark] for mark in MARKS},
        share_right=share_right(spots, confidence),
    )


def share_right(spots: Sequence[Spot], confidence: float = 0.95) -> Estimate:
    """The share of right among right and wrong, with Wilson's interval.

    Where several explanations are about items of one cluster, Wilson's would be too short: then it is
    the CR1 standard error by cluster and t(G-1). Marks that are unsure or not there yet count as
    missing, and the note says what they could change. None without a mark that decides.
    Source: Wilson 1927.
    """
    decided = [spot for spot in spots if spot.mark in ("right", "wrong")]
    n, n_missing = len(decided), len(spots) - len(decided)
    right = sum(spot.mark == "right" for spot in decided)
    if not n:
        why = "no explanation is marked right or wrong yet"
        return undefined("share_right", "rate", why, confidence, n_missing)
    note = joined(_unsure(spots, right, n), f"fewer than {FEW} marks" if n < FEW else "")
    clusters = [spot.cluster for spot in decided]
    if len(set(clusters)) < n:
        return mean(
            np.array([spot.mark == "right" for spot in decided], dtype=np.float64),
            np.array(clusters, dtype=object),
            name="share_right",
            unit="rate",
            bounds=(0.0, 1.0),
            confidence=confidence,
            n_missing=n_missing,
            note=note,
        )
    return rate(right, n, name="share_right", confidence=confidence, n_missing=n_missing, note=note)


def _unsure(spots: Sequence[Spot], right: int, n: int) -> str:
    unsure = sum(spot.mark == "unsure" for spot in spots)
    if not unsure:
        return ""
    low, high = right / (n + unsure), (right + unsure) / (n + unsure)
    return f"{unsure} unsure left out: {low:.3f} if all of them were wrong, {high:.3f} if right"
