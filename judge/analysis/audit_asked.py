"""What an audit asked: the wordings of a rubric, or what was done to the answers that a judge sees."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from judge.types import WordingKind

AuditKind = Literal["rubric", "judge"]

# Between a system and what was done to its answer, in the name of the system that this makes.
JOINED = " + "
CONSTANT = "constant answer"  # the system that answers the same to everything


@dataclass(frozen=True, slots=True)
class AskedWording:
    """A wording of an audit: name "" is the rubric's own. fingerprint: of its text, "" where unknown.

    forms: how it asks or is answered otherwise than by its text, as wording_forms has them.
    """

    name: str
    kind: WordingKind
    fingerprint: str = ""
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditAsked:
    """What is fixed for a whole audit. fingerprint: of all that it asks; n_available: items to draw from.

    base: the wording that the others are held against. perturbations: what is done to answers, by name.
    targets: item -> the system whose answer is perturbed, as the right verdict is known; an item without
    one is perturbed where the judge's own first verdict says that it lost. answers: item -> the right
    verdict, a, b or tie in the item's own frame, where it is known. rubric_file: how the rubric was named,
    by which a file that was edited since is found.
    """

    kind: AuditKind
    fingerprint: str
    n_available: int
    base: str = ""
    wordings: tuple[AskedWording, ...] = ()
    perturbations: tuple[str, ...] = ()
    targets: Mapping[str, str] = field(default_factory=dict)
    target_source: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    rubric_file: str = ""


def derived(system: str, perturbation: str) -> str:
    """The name of the system whose answers are a system's, perturbed."""
    return f"{system}{JOINED}{perturbation}"


def origin(name: str, perturbations: Collection[str]) -> tuple[str, str]:
    """The system and the perturbation of a derived system's name; ("name", "") of any other."""
    system, joined, perturbation = name.rpartition(JOINED)
    return (system, perturbation) if joined and perturbation in perturbations else (name, "")
