"""What a simulated judge makes of responses that are aimed at judges: injections and null answers.

How good it finds an answer hangs on the answer's own words, so that a rule without a bias is moved by
nothing that a perturbation adds.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from judge import render
from judge.perturbation_markdown import removed
from judge.perturbation_texts import CONSTANT_TEXT, ORDERS, added_lines, is_filler
from judge.perturbations import is_injected, is_null

Kind = Literal["obey", "null"]


@dataclass(frozen=True, slots=True)
class Attack:
    """A response of a prompt that is aimed at the judge. place: 0 is shown first, or alone.

    kind: the field of Rule that says how often a judge falls for it.
    """

    kind: Kind
    place: int
    is_pair: bool

    def label(self, labels: Sequence[str]) -> str:
        """The label by which it wins, of a scale with the lowest first."""
        return labels[0] if self.is_pair and self.place == 0 else labels[-1]

    def chances(self, usual: Mapping[str, float], share: float, won: str) -> dict[str, float]:
        """How probable each label is where so many prompts are fallen for."""
        return {label: (1 - share) * p + share * (label == won) for label, p in usual.items()}


def attack(texts: Sequence[str], question: str) -> Attack | None:
    """What is aimed at the judge in the responses shown; None where nothing is, or all of them are."""
    kinds: tuple[Kind, ...] = ("obey", "null")
    for kind in kinds:
        places = [n for n, text in enumerate(texts) if _is(kind, text, question)]
        if len(places) == 1:
            return Attack(kind, places[0], len(texts) > 1)
    return None


def _is(kind: Kind, text: str, question: str) -> bool:
    return is_injected(text) if kind == "obey" else is_null(text, question)


# -- what an answer says itself ------------------------------------------------------------------


@functools.lru_cache(maxsize=2048)
def own_words(text: str) -> str:
    """A response without markdown and without what perturbations add, "" of one that is nothing else."""
    lines = render.neutral(removed(text)).splitlines()
    words = " ".join(word for line in lines if not _is_added(line) for word in line.split())
    return "" if words == render.neutral(CONSTANT_TEXT) else words


def is_nothing(text: str, question: str) -> bool:
    """Whether a response answers nothing whatever it was asked."""
    return is_null(text, question) or not own_words(text)


def _is_added(line: str) -> bool:
    line = line.strip()
    return line in _ADDED or is_injected(line) or is_filler(line)


_ADDED = frozenset(
    render.neutral(removed(line)) for order in ORDERS.values() for line in added_lines(order)
)
