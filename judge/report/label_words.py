"""How labels by people are named: whose they are, which set they come from, and what follows from it."""

from __future__ import annotations

from judge.report.schema_base import LabelSource
from judge.report.words import name


def warnings(labels: LabelSource | None) -> list[str]:
    """What must be said of labels that were invented, and of a set that nothing holds to what it was."""
    if labels is None or labels.origin != "synthetic":
        return []
    return [
        f"the labels of {name(labels.set or labels.file)} are invented: no person gave them, so agreement "
        "with them says nothing about people, and nothing here can be certified by them"
    ]


def facts(labels: LabelSource | None) -> list[tuple[str, str]]:
    """A set's name, whose labels it holds, and its hash, for provenance; nothing of a plain file."""
    if labels is None or labels.set is None:
        return []
    whose = "invented labels" if labels.origin == "synthetic" else "labels by people"
    held = "locked" if labels.locked else "not locked"
    return [
        ("set of labels", f"{labels.set} ({whose}, {held})"),
        ("hash of the set", labels.fingerprint or ""),
    ]
