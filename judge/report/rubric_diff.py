"""What tells two rubrics apart, field by field, and what may be done with the verdicts of both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import unified_diff

from judge.report.rubrics import WIDTH, criterion_lines, lines_of, scale_text
from judge.report.terminal import wrap
from judge.report.words import clean
from judge.types import Rubric, Wording
from judge.wording_forms import FORMS

CONTEXT = 2  # unchanged lines shown around a change

# What no judge sees; it is no part of a rubric's fingerprint.
UNSEEN = ("description", "source", "licence")


@dataclass(frozen=True, slots=True)
class Change:
    """A field that two rubrics do not share. lines: removed `-`, added `+`, unchanged by a blank."""

    field: str
    lines: tuple[str, ...]


def text(old: Rubric, new: Rubric) -> str:
    """Whether two rubrics differ, what their verdicts are good for together, and each change."""
    found = changes(old, new)
    heads = f"- {old.id}  {old.fingerprint}\n+ {new.id}  {new.fingerprint}"
    said = [line for told in _conclusion(old, new, found) for line in wrap(told, WIDTH)]
    return "\n\n".join([heads, "\n".join(said), *map(_block, found)])


def of_wordings(rubric: Rubric, wording: Wording) -> str:
    """How a wording differs from the rubric's own, and what its verdicts are good for beside them."""
    plain = replace(rubric, variants=())
    other = replace(plain, system=wording.system, user=wording.user)
    found = [*changes(plain, other), *_forms(wording)]
    own = rubric.wording()
    heads = f"- {rubric.id}  {own.fingerprint}\n"
    heads += f"+ {rubric.id}, {clean(wording.name)} ({wording.kind})  {wording.fingerprint}"
    said = [line for told in _of_wordings(wording, tuple(found)) for line in wrap(told, WIDTH)]
    return "\n\n".join([heads, "\n".join(said), *map(_block, found)])


def _of_wordings(wording: Wording, found: tuple[Change, ...]) -> Iterator[str]:
    yield f"Different in {_named(found)}." if found else "Same: a judge is asked the same."
    if wording.kind == "equivalent":
        yield "Both mean the same: where verdicts differ by more than a judge's own noise, wording did it."
    else:
        yield "It measures something else: other verdicts are no instability."


def _forms(wording: Wording) -> Iterator[Change]:
    if wording.forms:
        yield Change("forms", tuple(f"+ {form}: {FORMS.get(form, '')}" for form in wording.forms))


def changes(old: Rubric, new: Rubric) -> tuple[Change, ...]:
    """The fields that differ, in the order of the file."""
    before, after = _fields(old), _fields(new)
    return tuple(
        Change(field, _diff(before.get(field, []), after.get(field, [])))
        for field in _order(before, after)
        if before.get(field) != after.get(field)
    )


def comparable(old: Rubric, new: Rubric) -> str:
    """What may be done with the verdicts of both, in a sentence or two."""
    if old.fingerprint == new.fingerprint:
        return "Their verdicts stand under one fingerprint and may be pooled."
    apart = "Their verdicts stand under two fingerprints and may not be pooled"
    if old.mode != new.mode:
        return f"{apart}, nor compared: one says which of two is better, the other how good one is."
    if old.scale != new.scale:
        return f"{apart}, nor their numbers compared: the scales differ."
    side = f"{apart}. They may be compared side by side, on the same items and judges"
    if old.name != new.name:
        return f"{side}, as answers to two questions.{_apart(old, new)}"
    return f"{side}, to see what the change does.{_apart(old, new)}"


def _apart(old: Rubric, new: Rubric) -> str:
    """The criteria of both whose labels do not mean the same, as a sentence of its own."""
    before = {c.name: c.scale or old.scale for c in old.criteria}
    names = [
        clean(c.name)
        for c in new.criteria
        if before.get(c.name, c.scale or new.scale) != (c.scale or new.scale)
    ]
    return f" Not so the labels of {', '.join(names)}: the scales differ." if names else ""


def _conclusion(old: Rubric, new: Rubric, found: tuple[Change, ...]) -> Iterator[str]:
    if not found and old.id == new.id:
        yield "Same: there is nothing to tell them apart."
    elif not found:
        yield "Different in name or version only: a judge is asked the same."
    elif all(change.field in UNSEEN for change in found):
        yield f"Different in what no judge sees: {_named(found)}."
    else:
        yield f"Different in {_named(found)}."
    yield comparable(old, new)


def _named(found: tuple[Change, ...]) -> str:
    return ", ".join(change.field for change in found)


def _fields(rubric: Rubric) -> dict[str, list[str]]:
    """Each field as lines of text. Lists are told by their names first, then one by one."""
    return {
        "mode": [rubric.mode],
        "needs_reference": ["true" if rubric.needs_reference else "false"],
        "scale": [scale_text(rubric.scale)],
        "criteria": [clean(criterion.name) for criterion in rubric.criteria],
        **{
            f"criterion {clean(c.name)}": criterion_lines(c, c.scale or rubric.scale)
            for c in rubric.criteria
        },
        "system": lines_of(rubric.system),
        "user": lines_of(rubric.user),
        "variants": [clean(variant.name) for variant in rubric.variants],
        **{
            f"variant {clean(v.name)}": [
                *(
                    []
                    if v.is_plain
                    else [f"kind: {v.kind}", f"forms: {', '.join(v.forms) or 'none'}"]
                ),
                *("system:", *lines_of(v.system)),
                *("user:", *lines_of(v.user)),
            ]
            for v in rubric.variants
        },
        **{field: [clean(getattr(rubric, field))] for field in UNSEEN},
    }


def _order(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[str]:
    """The fields of both, those of one kind side by side."""
    kinds = [field for field in before if " " not in field]
    return [
        field
        for kind in kinds
        for field in dict.fromkeys([*before, *after])
        if field == kind or (field.startswith(_ONE_OF.get(kind, "\0")))
    ]


_ONE_OF = {"criteria": "criterion ", "variants": "variant "}


def _diff(before: list[str], after: list[str]) -> tuple[str, ...]:
    """The lines of a unified diff, without its file names, places between blocks as dots."""
    lines = list(unified_diff(before, after, n=CONTEXT, lineterm=""))[3:]
    return tuple("..." if line.startswith("@@") else f"{line[0]} {line[1:]}" for line in lines)


def _block(change: Change) -> str:
    return "\n".join([change.field, *(f"  {line}".rstrip() for line in change.lines)])
