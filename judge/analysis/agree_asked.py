"""What is asked of judges and people besides the verdicts and the labels themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from judge.analysis.people import Split
from judge.errors import InputError


@dataclass(frozen=True, slots=True)
class AgreeAsked:
    """split: which labels numbers are reported on (people.of_split).

    epsilon: of the alternative annotator test, how much worse than a rater a judge may be for what it
    saves. risk: the share of disagreement that selective judging may leave, delta: the probability with
    which it may be missed. cascade: judges, cheap to dear, of which each is asked where the one before is
    not sure. replicates: of each bootstrap. Raises InputError for a number that cannot be.
    """

    split: Split = "auto"
    epsilon: float = 0.2
    risk: float = 0.1
    delta: float = 0.1
    replicates: int = 2000
    cascade: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.split not in get_args(Split):
            raise InputError(f"--split {self.split}: use {', '.join(get_args(Split))}")
        if not 0 <= self.epsilon < 1:
            raise InputError(f"--epsilon {self.epsilon:g}: give a share from 0 up to 1, as in 0.2")
        for flag, value in (("--risk", self.risk), ("--delta", self.delta)):
            if not 0 < value < 0.5:
                raise InputError(f"{flag} {value:g}: give a share above 0 and below 0.5, as in 0.1")


USUAL = AgreeAsked()
