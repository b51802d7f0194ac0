"""Rubrics for people: one in full, and all that are found in one table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import indent

from rich.cells import cell_len

from judge.errors import InputError
from judge.report.terminal import wrap
from judge.report.words import NONE, clean, shorten
from judge.types import Criterion, Rubric, Scale, Wording

WIDTH = 80

_TITLES = ("rubric", "mode", "labels", "reference", "state")
_CELLS = (34, 8, 11, 9, 10)  # at most; with the gaps between them a line of WIDTH
_GAP = "  "


@dataclass(frozen=True, slots=True)
class Found:
    """A version of a rubric that was found in a folder; rubric is None where it cannot be used."""

    id: str
    rubric: Rubric | None
    locked: bool


# -- all -----------------------------------------------------------------------------------------


def overview(found: Iterable[Found]) -> str:
    """Every rubric with its mode, labels, need of a reference and description, 80 columns wide."""
    listed = tuple(found)
    rows = [_TITLES, *(_row(one) for one in listed)]
    widths = [
        min(most, max(cell_len(row[n]) for row in rows)) if n == 0 else most
        for n, most in enumerate(_CELLS)
    ]
    lines = [_line(_TITLES, widths), _line(["-" * width for width in widths], widths)]
    for one, row in zip(listed, rows[1:], strict=True):
        lines += [_line(row, widths), *(f"  {line}" for line in wrap(_about(one), WIDTH - 2))]
    return "\n".join(lines)


def _row(one: Found) -> tuple[str, ...]:
    state = "locked" if one.locked else "not locked"
    if one.rubric is None:
        return (clean(one.id), NONE, NONE, NONE, state)
    reference = "needed" if one.rubric.needs_reference else NONE
    return (clean(one.id), one.rubric.mode, _range(one.rubric.scale), reference, state)


def _range(scale: Scale) -> str:
    """The labels of a scale in a few words: all of two or three, the ends of more."""
    if len(scale.labels) > 3:
        return clean(f"{scale.labels[0]} to {scale.labels[-1]}")
    return clean(", ".join(scale.labels))


def _about(one: Found) -> str:
    if one.rubric is None:
        return f"cannot be used; `judge rubrics show {one.id}` says why"
    return one.rubric.description


def _line(row: Iterable[str], widths: list[int]) -> str:
    cells = [shorten(text, width) for text, width in zip(row, widths, strict=True)]
    padded = [c + " " * (width - cell_len(c)) for c, width in zip(cells, widths, strict=True)]
    return _GAP.join(padded).rstrip()


# -- one -----------------------------------------------------------------------------------------


def text(rubric: Rubric, variant: str = "", *, file: str = "") -> str:
    """A rubric's scale and criteria, and the templates of its own or a variant's wording.

    file: where it was read. Raises InputError for a variant that it has not.
    """
    return "\n\n".join(_parts(rubric, _wording(rubric, variant), file))


def _wording(rubric: Rubric, variant: str) -> Wording:
    try:
        return rubric.wording(variant)
    except KeyError:
        known = ", ".join(v.name for v in rubric.variants) or "(none)"
        raise InputError(
            f"rubric {rubric.id} has no variant {clean(variant)}; known: {clean(known)}"
        ) from None


def _parts(rubric: Rubric, wording: Wording, file: str) -> Iterator[str]:
    yield f"{rubric.id} ({rubric.mode}), {rubric.fingerprint}\n{clean(rubric.description)}"
    reference = "needed" if rubric.needs_reference else "not shown"
    read = f"\nfile: {clean(file)}" if file else ""
    yield f"scale: {scale_text(rubric.scale)}\nreference: {reference}{read}"
    yield "criteria:\n" + "\n".join(
        f"  {line}" for c in rubric.criteria for line in criterion_lines(c, c.scale or rubric.scale)
    )
    if wording.name:
        yield f"wording: the variant {clean(wording.name)}"
    yield "system:\n" + indent("\n".join(lines_of(wording.system.strip())), "    ")
    yield "user:\n" + indent("\n".join(lines_of(wording.user.strip())), "    ")
    if rubric.variants:
        names = "\n".join(f"  {clean(variant.name)}" for variant in rubric.variants)
        yield (
            f"variants, the same question in other words:\n{names}\n"
            f"  (`judge rubrics show {rubric.id} --variant NAME` shows one)"
        )


def scale_text(scale: Scale) -> str:
    """A scale in one line: its level, its labels with their numbers, its tie."""
    labels = [clean(label) for label in scale.labels]
    if scale.values:
        labels = [_valued(one, number) for one, number in zip(labels, scale.values, strict=True)]
    tie = f"; {clean(scale.tie_label)} is a tie" if scale.tie_label else ""
    return f"{scale.level}, {' | '.join(labels)}{tie}"


def _valued(label: str, number: float) -> str:
    """A label with its number, where that is not what it says already."""
    return label if label == _short(number) else f"{label} = {_short(number)}"


def _short(number: float) -> str:
    return repr(float(number)).removesuffix(".0")


def criterion_lines(criterion: Criterion, scale: Scale) -> list[str]:
    """A criterion's question, its weight and scale where it has its own, and its anchors.

    scale: the labels that it is rated by.
    """
    lines = [f"{clean(criterion.name)}: {clean(criterion.question)}"]
    if criterion.weight != 1:
        lines.append(f"    weight: {_short(criterion.weight)}")
    if criterion.scale:
        lines.append(f"    scale: {scale_text(criterion.scale)}")
    said = [label for label in scale.labels if label in criterion.anchors]
    return lines + [f"    {clean(label)}: {clean(criterion.anchors[label])}" for label in said]


def lines_of(template: str) -> list[str]:
    """The lines of a template, each made harmless."""
    return [clean(line) for line in template.split("\n")]
