"""Axes for plots of what is no rate: round ticks about the values that are to be shown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from judge.report.blocks import Axis, Mark

TICKS = 5  # about as many
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def around(marks: Sequence[Mark]) -> Axis:
    """Round ticks from below the lowest to above the highest value. At least one value is known."""
    values = _values(marks)
    low, high = min(values), max(values)
    least = max(high - low, abs(high) * 1e-3, 1e-9) / TICKS
    power = 10.0 ** math.floor(math.log10(least))
    step = next(s * power for s in STEPS if s * power >= least * (1 - 1e-9))
    first, last = math.floor(low / step), max(math.ceil(high / step), math.floor(low / step) + 1)
    ticks = tuple((n * step, f"{n * step:.6g}") for n in range(first, last + 1))
    return Axis(first * step, last * step, ticks)


def both_sides(marks: Sequence[Mark]) -> Axis:
    """As far on both sides of 0 as the marks need, to one digit."""
    most = max([*map(abs, _values(marks)), 1e-9])
    power = 10.0 ** math.floor(math.log10(most))
    limit = math.ceil(most / power * (1 - 1e-9)) * power
    ticks = tuple((side * limit, f"{side * limit:+.6g}") for side in (-1, -0.5, 0.5, 1))
    return Axis(-limit, limit, (*ticks[:2], (0.0, "0"), *ticks[2:]), 0.0)


def _values(marks: Sequence[Mark]) -> list[float]:
    known = [v for m in marks for v in (m.value, m.low, m.high, m.before)]
    return [value for value in known if value is not None]
