"""Rules about variants: an equivalent that demands something else measures something else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from judge.rubric_lint.scales import described
from judge.rubric_lint.seen import Fault, Seen, Told, flat, holds
from judge.types import Rubric


def none(seen: Seen) -> Iterator[Fault]:
    """Whether wording moves a judge can only be seen with a second wording."""
    if not seen.equivalents:
        yield Fault("variants", "there is no other wording with the same meaning")


def drift(seen: Seen) -> Iterator[Fault]:
    """What the rubric's own wording says of criteria, labels and limits, and a variant does not, or adds."""
    for told in seen.equivalents:
        for said in (*_lost_criteria(seen.rubric, seen.own, told), *_labels(seen, told)):
            yield Fault(told.whole, said)
        if said := _numbers(seen.own, told):
            yield Fault(told.whole, said)


def _lost_criteria(rubric: Rubric, own: Told, told: Told) -> Iterator[str]:
    """Where there is one criterion its question counts, else the rule on hidden criteria speaks."""
    if len(rubric.criteria) == 1:
        question = flat(rubric.criteria[0].question)
        if question in own.text and question not in told.text:
            yield f"does not show criterion {rubric.criteria[0].name}, as the rubric's own wording does"


def _labels(seen: Seen, told: Told) -> Iterator[str]:
    labels = seen.rubric.scale.labels
    known = described(seen.own.lines, labels) - described(told.lines, labels)
    lost = [label for label in labels if label in known and not holds(told.text, label)]
    if lost:
        yield f"says nothing of {', '.join(lost)}, which the rubric's own wording describes"


def _numbers(own: Told, told: Told) -> str:
    """Thresholds that only one of both names, such as `at most 2`."""
    before, after = _limits(own.text), _limits(told.text)
    if not before or not after or before == after:
        return ""
    return (
        f"sets other limits than the rubric's own wording: {_listed(after - before)} instead of "
        f"{_listed(before - after)}"
    )


_LIMIT = re.compile(
    r"\b(?:at most|no more than|not above|no higher than|up to|at least|no less than|not below|no lower than|"
    r"below|above|under|over|more than|less than|fewer than|exceeds?)\s+(\d+(?:\.\d+)?)\b",
    re.IGNORECASE,
)


def _limits(text: str) -> set[str]:
    return set(_LIMIT.findall(text))


def _listed(numbers: set[str]) -> str:
    return ", ".join(sorted(numbers)) or "none"
