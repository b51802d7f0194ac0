"""How far judges concur with people, and people with each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from judge.analysis.asked import Asked
from judge.analysis.people import Labelled
from judge.stats.slices import Slice


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the labels say of each judge, criterion and the panel."""


def measure(found: Sequence[Labelled], slices: Sequence[Slice], asked: Asked) -> Agreement | None:
    """The agreement pack of every judge and criterion; None without labels of what was judged."""
    return None
