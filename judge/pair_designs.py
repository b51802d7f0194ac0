"""Which pairs of systems are judged where many are to be ranked.

All pairs grow with the square of the systems. One order needs no more than pairs that join them all: a
ring, with further pairs drawn at random so that no system hangs on its two neighbours alone, or one
baseline that everybody meets. Draws hang on the seed and on the place of a system among the files, so
that another name changes no pair and one more system changes few.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import combinations

from judge.errors import InputError
from judge.plan import Pair

MOST_DIGITS = 9  # of a number of pairs; more are no number that anybody means
ALL_UP_TO = 6  # systems that are judged in all pairs unless another design is named
DESIGNS = "all, ring, ring:E (E further pairs at random) or baseline"


def pairs_of(
    systems: Sequence[str], design: str | None, *, baseline: str | None = None, seed: int = 0
) -> tuple[Pair, ...]:
    """The pairs of a design, which join all systems; the baseline is system_b, else the later system.

    design: all, ring, ring:E or baseline; None takes all up to six systems and a ring above.
    Raises InputError for a design that is none, or lacks its baseline.
    """
    kind, _, extra = named(design, len(systems)).partition(":")
    if baseline is not None and baseline not in systems:
        known = ", ".join(systems)
        raise InputError(f"--baseline {baseline}: no such system; the files hold {known}")
    if kind == "ring":
        found = _ring(len(systems), _number(design, extra), seed)
    elif kind == "all" and not extra:
        found = [*combinations(range(len(systems)), 2)]
    elif kind == "baseline" and not extra:
        found = _star(systems, baseline)
    else:
        raise InputError(f"--design {design}: use {DESIGNS}")
    return tuple(_pair(systems[a], systems[b], baseline) for a, b in found)


def named(design: str | None, n_systems: int) -> str:
    """The design in full: what None stands for, and a ring's number of further pairs."""
    if design is None and n_systems <= ALL_UP_TO:
        return "all"
    return f"ring:{n_systems}" if design in (None, "ring") else str(design)


def _number(design: str | None, extra: str) -> int:
    if not (extra.isascii() and extra.isdigit() and len(extra) <= MOST_DIGITS):
        raise InputError(f"--design {design}: use {DESIGNS}, with E a whole number, 0 or more")
    return int(extra)


def _ring(n: int, n_extra: int, seed: int) -> list[tuple[int, int]]:
    """A ring in a drawn order, then so many further pairs, as far as there are any."""
    order = sorted(range(n), key=lambda place: _draw(seed, "ring", place))
    ring = {_sorted(a, b) for a, b in zip(order, [*order[1:], order[0]], strict=True)}
    others = [pair for pair in combinations(range(n), 2) if pair not in ring]
    drawn = sorted(others, key=lambda pair: _draw(seed, "extra", *pair))
    return [*sorted(ring), *drawn[:n_extra]]


def _star(systems: Sequence[str], baseline: str | None) -> list[tuple[int, int]]:
    if baseline is None:
        raise InputError("--design baseline: name the system that all others meet with --baseline")
    middle = systems.index(baseline)
    return [(place, middle) for place in range(len(systems)) if place != middle]


def _sorted(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _pair(a: str, b: str, baseline: str | None) -> Pair:
    return Pair(b, a) if a == baseline else Pair(a, b)


def _draw(seed: int, *what: object) -> bytes:
    return hashlib.sha256("\x1f".join(map(str, (seed, *what))).encode()).digest()
