"""A random sample of units for people to label, with the probability of each of being in it.

Only a sample whose probabilities are known can correct a judge: what somebody picked by hand says how the
judge does on what somebody picks. Strata change how many are drawn where, and the probabilities with it.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Literal

import numpy as np

from judge.errors import InputError

Allocation = Literal["proportional", "neyman"]
LEAST = 2  # of a stratum: with one the spread within it is not known
SMALLEST_SD = 0.3  # of a label from 0 to 1: that of a rate of 0.9; no stratum is taken for settled
BINS = 4  # strata by a judge's score


@dataclass(frozen=True, slots=True)
class Stratum:
    """size: its units in the population; n: how many of them are drawn; sd: what it was planned with."""

    name: str
    size: int
    n: int
    sd: float

    @property
    def inclusion_prob(self) -> float:
        return self.n / self.size


@dataclass(frozen=True, slots=True)
class Sample:
    """units: those drawn, in a random order; strata: by name."""

    units: tuple[str, ...]
    strata: Mapping[str, Stratum]


def draw(
    strata: Mapping[str, str],
    n: int,
    seed: int,
    *,
    sds: Mapping[str, float] | None = None,
    earlier: Sequence[str] = (),
) -> Sample:
    """n of these units at random without replacement, each stratum for itself.

    strata: unit -> stratum. sds: stratum -> the spread of labels there, for Neyman's allocation; without
    them it is proportional. earlier: units that are in the sample already, drawn with the same seed: they
    stay, n counts them too, and the larger sample is what one draw of n would have been. Units are taken
    by the smallest of numbers that hang on seed and unit alone.
    Raises InputError where n cannot be drawn.
    """
    by_stratum: dict[str, list[str]] = {}
    for unit, stratum in strata.items():
        by_stratum.setdefault(stratum, []).append(unit)
    drawn = set(earlier)
    sizes = {name: len(own) for name, own in sorted(by_stratum.items())}
    spread = {name: 1.0 if sds is None else max(sds[name], SMALLEST_SD) for name in sizes}
    least = {
        name: max(min(LEAST, sizes[name]), len(drawn.intersection(by_stratum[name])))
        for name in sizes
    }
    if len(sizes) == 1:  # no spread between strata is needed
        least = {name: max(1, len(drawn)) for name in sizes}
    numbers = allocated(n, sizes, spread, least)
    taken: list[str] = []
    for name, number in numbers.items():
        ranked = sorted(by_stratum[name], key=lambda unit: _number(seed, "unit", unit))
        _check_earlier(drawn.intersection(by_stratum[name]), ranked[:number])
        taken += ranked[:number]
    return Sample(
        units=tuple(sorted(taken, key=lambda unit: _number(seed, "place", unit))),
        strata={name: Stratum(name, sizes[name], numbers[name], spread[name]) for name in sizes},
    )


def _check_earlier(earlier: set[str], taken: Sequence[str]) -> None:
    lost = sorted(earlier - set(taken))
    if lost:
        raise InputError(
            f"{lost[0]} was drawn before and is not among the first of this seed: draw with the seed of "
            "the earlier draw"
        )


def allocated(
    n: int, sizes: Mapping[str, int], sds: Mapping[str, float], least: Mapping[str, int]
) -> dict[str, int]:
    """How many of each stratum: one after the other to where it lowers the variance most.

    That is the exact whole-number solution of Neyman's allocation, size x sd, within the bounds.
    Raises InputError where n is outside what the bounds allow. Source: Neyman 1934; Wright 2012.
    """
    total, needed = sum(sizes.values()), sum(least.values())
    if n > total:
        raise InputError(f"--n {n}: there are only {total:,} to draw from; draw at most so many")
    if n < needed:
        raise InputError(
            f"--n {n}: {len(sizes)} strata need {needed} at least, {LEAST} of each and what was drawn "
            "before; draw more, or do not stratify"
        )
    numbers = dict(least)
    queue = [_gain(name, numbers, sizes, sds) for name in sizes if numbers[name] < sizes[name]]
    heapify(queue)
    for _ in range(n - needed):
        _, name = heappop(queue)
        numbers[name] += 1
        if numbers[name] < sizes[name]:
            heappush(queue, _gain(name, numbers, sizes, sds))
    return numbers


def _gain(
    name: str, numbers: Mapping[str, int], sizes: Mapping[str, int], sds: Mapping[str, float]
) -> tuple[float, str]:
    """Minus what one more unit takes off the variance: the largest gain is popped first."""
    n = numbers[name]
    return -sizes[name] * sds[name] / math.sqrt(n * (n + 1)) if n else -math.inf, name


def bins(values: Mapping[str, float], most: int = BINS) -> dict[str, str]:
    """Unit -> its stratum by a number, at most so many of about equal size; equal numbers stay together.

    NaN (nothing said) is a stratum of its own. Their names give the numbers in them.
    """
    known = sorted(value for value in values.values() if value == value)
    distinct = sorted(set(known))
    if len(distinct) <= most:
        edges = distinct
    else:
        cuts = np.quantile(known, [k / most for k in range(1, most + 1)], method="lower")
        edges = sorted({float(cut) for cut in cuts})
    places = {unit: int(np.searchsorted(edges, v)) for unit, v in values.items() if v == v}
    names = {place: _named(place, places, values) for place in set(places.values())}
    return {unit: names[places[unit]] if unit in places else "no verdict" for unit in values}


def _named(place: int, places: Mapping[str, int], values: Mapping[str, float]) -> str:
    own = [values[unit] for unit, at in places.items() if at == place]
    low, high = min(own), max(own)
    return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"


def label_sds(
    strata: Mapping[str, str],
    values: Mapping[str, float],
    ends: tuple[float, float] | None = None,
) -> dict[str, float]:
    """Stratum -> how far labels may spread there: sqrt(m (1 - m)), m the judge's mean put on 0 to 1.

    That is the most that a label between the ends of the scale can spread about that mean; half the range
    where the judge said nothing. values: unit -> the judge's number, NaN where it gave none. ends: of the
    scale, those of the values without them.
    """
    known = [value for value in values.values() if value == value]
    low, high = ends or ((min(known), max(known)) if known else (0.0, 0.0))
    found: dict[str, float] = {}
    for stratum in sorted(set(strata.values())):
        own = [v for unit, v in values.items() if strata[unit] == stratum and v == v]
        middle = 0.5 if not own or high == low else (float(np.mean(own)) - low) / (high - low)
        found[stratum] = math.sqrt(max(middle * (1 - middle), 0.0))
    return found


# -- how they are shown --------------------------------------------------------------------------


def order_of(units: Sequence[str], seed: int, rater: str) -> list[str]:
    """The units in a random order of this rater's own."""
    return sorted(units, key=lambda unit: _number(seed, "row", rater, unit))


def first_shown(units: Sequence[str], seed: int, rater: str) -> dict[str, Literal["AB", "BA"]]:
    """Unit -> which answer this rater sees first: half of them each, give or take one."""
    ranked = sorted(units, key=lambda unit: _number(seed, "slot", rater, unit))
    half = (len(ranked) + (_number(seed, "slot", rater) < 2**63)) // 2
    return {unit: "AB" if place < half else "BA" for place, unit in enumerate(ranked)}


def row_id(seed: int, rater: str, unit: str) -> str:
    """What a rater's row is called: it tells nothing of the unit and nothing of the other raters' rows."""
    return f"{_number(seed, 'id', rater, unit):016x}"[:12]


def _number(seed: int, *what: str) -> int:
    """A whole number below 2**64 that hangs on nothing but its arguments."""
    message = "\x1f".join(("labels", *what)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hmac.digest(str(seed).encode(), message, hashlib.sha256)[:8], "big")
