"""A rubric for people."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

from judge.types import Criterion, Rubric


def text(rubric: Rubric) -> str:
    """A rubric's scale, criteria, templates and variants as plain text."""
    return "\n\n".join(_parts(rubric))


def _parts(rubric: Rubric) -> Iterator[str]:
    yield f"{rubric.id} ({rubric.mode}), {rubric.fingerprint}\n{rubric.description}"
    yield f"scale: {rubric.scale.level}, {' | '.join(rubric.scale.labels)}"
    yield "criteria:\n" + "\n".join(_criterion(criterion) for criterion in rubric.criteria)
    yield "system:\n" + indent(rubric.system.strip(), "    ")
    yield "user:\n" + indent(rubric.user.strip(), "    ")
    if rubric.variants:
        yield "variants: " + ", ".join(variant.name for variant in rubric.variants)


def _criterion(criterion: Criterion) -> str:
    anchors = "".join(f"\n      {label}: {text}" for label, text in criterion.anchors.items())
    return f"  {criterion.name}: {criterion.question}{anchors}"
