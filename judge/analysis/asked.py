"""What is asked of an analysis besides the verdicts themselves, checked once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from judge.analysis.agree_asked import USUAL, AgreeAsked
from judge.analysis.cascade import Escalate
from judge.analysis.early_stop import EarlyStop
from judge.analysis.ranking import Ties
from judge.errors import InputError
from judge.stats.merge import AVERAGE
from judge.stats.merge import check as check_merge
from judge.stats.slices import Slice
from judge.table import VerdictTable
from judge.types import HumanLabel, Scale


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments of aggregate.analyze, which says what each means.

    Raises InputError for a confidence, margin or merge that cannot be.
    """

    baseline: str | None = None
    families: Mapping[str, frozenset[str]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    confidence: float = 0.95
    margin: float | None = None
    slices: Sequence[Slice] = ()
    labels: Sequence[HumanLabel] = ()
    scales: Mapping[str, Scale] = field(default_factory=dict)
    agree: AgreeAsked = USUAL
    seed: int = 0
    style: bool = False
    padded: VerdictTable | None = None
    length_penalty: float | None = None
    merge: str = AVERAGE
    early_stop: EarlyStop | None = None
    escalate: Escalate | None = None
    ties: Ties = "half"
    ranks: bool = False

    def __post_init__(self) -> None:
        _check_options(self.confidence, self.margin)
        check_merge(self.merge)


def _check_options(confidence: float, margin: float | None) -> None:
    if not 0.5 < confidence < 1:
        raise InputError(
            f"confidence {confidence:g}: give a share above 0.5 and below 1, as in 0.95"
        )
    if margin is not None and not 0 < margin < 0.5:
        raise InputError(f"equivalence margin {margin:g}: give a difference of rates, as in 0.05")
