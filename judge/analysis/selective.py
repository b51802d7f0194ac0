"""Which verdicts may stand without people: those above a confidence at which judges agree with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from judge.analysis.asked import Asked
from judge.analysis.people import Labelled
from judge.table import VerdictTable


@dataclass(frozen=True, slots=True)
class Selective:
    """The threshold of one judge, or of a cascade of judges, and what holds above it."""


def measure(table: VerdictTable, found: Sequence[Labelled], asked: Asked) -> tuple[Selective, ...]:
    """What each judge may decide alone; nothing without labels."""
    return ()
