"""How a wording asks, or is answered, otherwise than by its text: what is offered, and what is meant.

Each form is undone where an answer is read, next to where it is made here: from parse onward a label is
one of the rubric's own scale, whatever the judge was offered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from judge.types import Criterion, Mode, Scale

CRITERIA_REVERSED = "criteria-reversed"
OPTIONS_REVERSED = "options-reversed"
LABELS_MIRRORED = "labels-mirrored"
TEXT_OUTPUT = "text-output"
LABEL_ONLY = "label-only"
FINER_SCALE = "finer-scale"

FORMS: Mapping[str, str] = {
    CRITERIA_REVERSED: "the criteria are listed last first",
    OPTIONS_REVERSED: "the labels are listed last first",
    LABELS_MIRRORED: "the judge answers with the mirror image of the label that it means",
    TEXT_OUTPUT: "the answer is plain text with the label on a line of its own, not JSON",
    LABEL_ONLY: "no reasoning is asked for",
    FINER_SCALE: "the overall label is given on a finer scale and mapped back",
}

# Pairwise, lowest first as in every scale: the response shown first is much better, better, and so on.
GRADES = ("A>>B", "A>B", "A=B", "B>A", "B>>A")
FINE_POINTS = tuple(str(point) for point in range(1, 11))


@dataclass(frozen=True, slots=True)
class Meant:
    """What a label that was offered stands for: a label of the scale, or a number between two of them."""

    label: str | None
    score: float | None


def criteria(own: Sequence[Criterion], forms: Collection[str]) -> tuple[Criterion, ...]:
    """The criteria in the order in which they are shown."""
    return tuple(reversed(own)) if CRITERIA_REVERSED in forms else tuple(own)


def displayed(own: Sequence[Criterion], forms: Collection[str]) -> tuple[Criterion, ...]:
    """The criteria as templates get them, with what they say of labels in the order shown."""
    ordered = criteria(own, forms)
    if OPTIONS_REVERSED not in forms:
        return ordered
    return tuple(
        replace(
            one,
            anchors=dict(reversed([*one.anchors.items()])),
            scale=one.scale and replace(one.scale, labels=listed(one.scale.labels, forms)),
        )
        for one in ordered
    )


def listed(labels: Sequence[str], forms: Collection[str]) -> tuple[str, ...]:
    """The labels of a scale in the order in which they are shown."""
    return tuple(reversed(labels)) if OPTIONS_REVERSED in forms else tuple(labels)


def offered(scale: Scale, mode: Mode, forms: Collection[str]) -> tuple[str, ...]:
    """The labels that the whole may be given, in the order shown."""
    if FINER_SCALE not in forms:
        return listed(scale.labels, forms)
    if mode == "single":
        return listed(FINE_POINTS, forms)
    return listed([g for g in GRADES if g != "A=B" or scale.tie_label is not None], forms)


def meant(scale: Scale, mode: Mode, forms: Collection[str], label: str) -> Meant:
    """What the whole's label means, one of `offered`."""
    if FINER_SCALE in forms:
        if mode == "single":
            low, high = scale.values[0], scale.values[-1]
            share = FINE_POINTS.index(label) / (len(FINE_POINTS) - 1)
            at = 1 - share if LABELS_MIRRORED in forms else share
            return Meant(None, low + at * (high - low))
        label = _graded(scale, label)
    own = mirrored(scale, label, forms)
    return Meant(own, scale.value(own) if mode == "single" else None)


def mirrored(scale: Scale, label: str, forms: Collection[str]) -> str:
    """The label of the scale that a label stands for: itself, or the one as far from the other end."""
    if LABELS_MIRRORED not in forms:
        return label
    return scale.labels[len(scale.labels) - 1 - scale.labels.index(label)]


def note(scale: Scale, mode: Mode, forms: Collection[str]) -> str:
    """What a judge must be told beside the wording to answer in these forms, "" where nothing."""
    notes = []
    if FINER_SCALE in forms:
        notes.append(_finer_note(scale, mode))
    if LABELS_MIRRORED in forms:
        notes.append(_mirror_note(scale, mode, forms))
    if LABEL_ONLY in forms:
        notes.append(NO_REASONING)
    return "\n\n".join(notes)


NO_REASONING = (
    "Write no reasoning, whatever was said of it before: give only what the form asks for."
)

# By what a reader of the prompt knows that labels are to be mirrored.
MIRROR = "Answer with mirror images"


def _mirror_note(scale: Scale, mode: Mode, forms: Collection[str]) -> str:
    labels = offered(scale, mode, [form for form in forms if form != OPTIONS_REVERSED])
    if mode == "pairwise":
        return (
            f"{MIRROR}: name the response that is worse. Where the instructions call for {labels[0]}, "
            f"write {labels[-1]}, and where they call for {labels[-1]}, write {labels[0]}."
        )
    return (
        f"{MIRROR}: give every label as the one that lies as far from the other end of its scale. Where the "
        f"instructions call for {labels[0]}, write {labels[-1]}, where they call for {labels[-1]}, write "
        f"{labels[0]}, and so on between them."
    )


def _finer_note(scale: Scale, mode: Mode) -> str:
    if mode == "single":
        return (
            "Give the overall label on a finer scale, from 1 to 10: 1 where the instructions call for "
            f"{scale.labels[0]}, 10 where they call for {scale.labels[-1]}, and the numbers between in "
            "proportion."
        )
    tie = f", A=B where they call for {scale.tie_label}" if scale.tie_label is not None else ""
    return (
        "Give the label on a finer scale: A>>B where RESPONSE A is much better, A>B where it is somewhat "
        f"better, B>A and B>>A where RESPONSE B is{tie}."
    )


def can_have(form: str, mode: Mode, scale: Scale, criteria: Sequence[Criterion]) -> bool:
    """Whether a rubric can be asked in this form: mirror images and finer scales need an order.

    A finer scale has more points than the rubric's own; lines of text need names that stand on one.
    """
    scales = [scale, *(c.scale for c in criteria if c.scale is not None)]
    if form == LABELS_MIRRORED:
        return mode == "pairwise" or all(one.level != "nominal" for one in scales)
    if form == FINER_SCALE:
        return mode == "pairwise" or 0 < len(scale.values) < len(FINE_POINTS)
    if form == TEXT_OUTPUT:
        return all(_fits_a_line(c.name) for c in criteria)
    return form != CRITERIA_REVERSED or len(criteria) > 1


def _fits_a_line(name: str) -> bool:
    """Whether a criterion's line of an answer in text can be told from the label's and from prose."""
    return len(name.splitlines()) == 1 and name.strip().casefold() != LABEL_LINE.casefold()


def text_format(schema: Mapping[str, Any]) -> str:
    """The instruction for an answer in plain text, from the schema that JSON would have."""
    properties = schema["properties"]
    own = properties.get("criteria", {}).get("properties", {})
    lines = [f"{name}: {_choice(one)}" for name, one in own.items()]
    first = f"{REASONING_FIRST}; then" if "reasoning" in properties else "Answer with"
    return "\n".join(
        [
            f"{IN_TEXT} {first} one line each, exactly in this form:",
            *lines,
            f"{LABEL_LINE}: {_choice(properties['label'])}",
        ]
    )


LABEL_LINE = "Label"
# By what a reader of the prompt knows that an answer in text is wanted, and what goes before its lines.
IN_TEXT = "Answer in plain text, without JSON."
REASONING_FIRST = "First your reasoning"


def _choice(scale: Mapping[str, Any]) -> str:
    return f"one of {' | '.join(scale['enum'])}"


def _graded(scale: Scale, grade: str) -> str:
    """The pairwise label of a grade."""
    if grade == "A=B":
        return scale.tie_label or ""
    return scale.labels[0] if grade.startswith("A") else scale.labels[-1]
