"""What a bias control consists of. One module per bias; registry.py names them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Control:
    """Up to three functions, None where a control has no need of one. None rewrites a verdict.

    expand: what to ask beyond the plan. measure: the bias, on the raw verdicts of one judge under one
    wording. term: its columns in the pairwise model.
    """

    name: str
    expand: Callable[..., Any] | None = None
    measure: Callable[..., Any] | None = None
    term: Callable[..., Any] | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A column of the pairwise model: a difference of a's from b's, shape (rows,), scaled, never centred.

    scale: what the difference was divided by before it was bent. why_not: why these rows cannot have
    this term, "" where they can.
    """

    name: str
    column: NDArray[np.float64]
    scale: float | None = None
    why_not: str = ""
