"""Agreement coefficients over plain label sequences, one module each; registry.py names them.

All take the judge's labels, then each rater's, item by item and None where there is no label.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from judge.types import Estimate

Label = str | float
Labels = Sequence[Label | None]

NO_VARIATION = "no variation: every label is the same"


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient and its published name. compute(judge, *raters, ...) -> Estimate."""

    name: str
    compute: Callable[..., Estimate]
