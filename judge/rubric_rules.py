"""What a rubric may say: its keys, its scales, and what its templates must show.

A rubric that passes can be asked as it is: every judged text is shown unchanged, and none before the
boundary that calls it data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jinja2 import meta
from jinja2.exceptions import TemplateSyntaxError
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from judge.editor_schema import editor_schema
from judge.errors import InputError
from judge.templates import RENDER_ERRORS, sandbox
from judge.types import Criterion, Level, Mode, Rubric, Scale, Wording, WordingKind
from judge.validation import validated
from judge.wording_forms import FORMS, can_have

SCHEMA = "judge.rubric/1"

_NAME = r"^[a-z0-9][a-z0-9_-]*$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class _Scale(_Strict):
    """The labels that a judge may give."""

    level: Level = Field(
        description="nominal: labels without order; ordinal: in order; interval: in equal steps."
    )
    labels: list[str] = Field(
        min_length=2,
        description="Lowest first. Pairwise: first shown is better, tie, second is better.",
    )
    values: list[float] = Field(
        default=[],
        description="A number for each label, increasing. A nominal scale has none.",
    )
    tie_label: str | SkipJsonSchema[None] = Field(
        default=None,
        description="Pairwise only: which of three labels says that neither is better.",
    )


class _Criterion(_Strict):
    """One thing to look at. A single rubric of several criteria gets a label for each."""

    name: str = Field(min_length=1, description="Short and told apart from the others.")
    question: str = Field(min_length=1, description="What the judge asks of a response.")
    weight: float = Field(
        default=1.0, gt=0, description="How much it counts beside the others; above 0."
    )
    anchors: dict[str, str] = Field(
        default={},
        description="Single only: what each label of the scale means; every label or none.",
    )
    scale: _Scale | SkipJsonSchema[None] = Field(
        default=None, description="Single only: labels of its own instead of the rubric's."
    )


_TEMPLATE = "jinja2; criteria, scale and answer_format may be used"
_SYSTEM = f"The judge's instructions, the same for every item ({_TEMPLATE})."
_USER = (
    f"What is judged ({_TEMPLATE}): {{{{ boundary }}}} first, then {{{{ question }}}} and "
    "{{ response_a }}, {{ response_b }} (pairwise) or {{ response }} (single), and "
    "{{ reference }} where one is needed."
)


class _Variant(_Strict):
    """The same rubric in another wording, to see whether the wording moves the judge."""

    name: str = Field(min_length=1, description="Short and told apart from the others.")
    system: str = Field(description=_SYSTEM)
    user: str = Field(description=_USER)
    kind: WordingKind = Field(
        default="equivalent",
        description="equivalent: another verdict is instability; intervention: it measures something else.",
    )
    forms: list[str] = Field(
        default=[], description=f"How it is asked or answered otherwise: {', '.join(FORMS)}."
    )


class _Rubric(_Strict):
    """A versioned question to a judge, kept as <name>/v<version>.toml in a folder of rubrics."""

    name: str = Field(pattern=_NAME, description="The folder that the file stands in.")
    version: int = Field(ge=1, description="The N of v<N>.toml. A locked version never changes.")
    mode: Mode = Field(description="pairwise: which of two is better; single: how good is one.")
    description: str = Field(default="", description="One line for people; no judge sees it.")
    needs_reference: bool = Field(
        default=False, description="Whether every item must have a reference, which is shown."
    )
    source: str = Field(default="", description="Where the text comes from; no judge sees it.")
    licence: str = Field(default="", description="Under what terms it may be used.")
    system: str = Field(description=_SYSTEM)
    user: str = Field(description=_USER)
    scale: _Scale = Field(description="The labels of the overall verdict.")
    criteria: list[_Criterion] = Field(min_length=1, description="What the judge looks at.")
    variants: list[_Variant] = Field(
        default=[], description="Other wordings with the same meaning, labels and demands."
    )


def json_schema() -> str:
    """The JSON schema (draft 2020-12) of a rubric file, as it is kept in docs/ for editors."""
    return editor_schema(_Rubric, name=SCHEMA, title="Rubric")


def parse_rubric(data: Mapping[str, Any], source: str) -> Rubric:
    """The rubric that a TOML document describes. Raises InputError that names source and key."""
    read = validated(_Rubric, data, source)
    rubric = Rubric(
        name=read.name,
        version=read.version,
        mode=read.mode,
        criteria=tuple(_criterion(criterion) for criterion in read.criteria),
        scale=_scale(read.scale),
        system=read.system,
        user=read.user,
        description=read.description,
        needs_reference=read.needs_reference,
        source=read.source,
        licence=read.licence,
        variants=tuple(
            Wording(v.name, v.system, v.user, v.kind, tuple(v.forms)) for v in read.variants
        ),
    )
    problems = list(_problems(rubric))
    if problems:
        raise InputError("\n".join(f"{source}: key {problem}" for problem in problems))
    return rubric


def _scale(read: _Scale) -> Scale:
    return Scale(read.level, tuple(read.labels), tuple(read.values), read.tie_label)


def _criterion(read: _Criterion) -> Criterion:
    scale = _scale(read.scale) if read.scale else None
    return Criterion(read.name, read.question, read.anchors, read.weight, scale)


def _problems(rubric: Rubric) -> Iterator[str]:
    """Each key that is at fault, with what is wrong and what to do."""
    yield from _scale_problems(rubric.scale, rubric.mode, "scale")
    yield from _twice("criteria", [criterion.name for criterion in rubric.criteria])
    yield from _twice("variants", [variant.name for variant in rubric.variants])
    for n, criterion in enumerate(rubric.criteria):
        yield from _criterion_problems(criterion, rubric, f"criteria[{n}]")
    yield from _wording_problems(rubric, rubric.wording(), "")
    for n, variant in enumerate(rubric.variants):
        yield from wording_problems(rubric, variant, f"variants[{n}].")


def wording_problems(rubric: Rubric, wording: Wording, key: str = "") -> Iterator[str]:
    """What is wrong with one wording of a rubric, that of a file or one made by rule."""
    yield from _form_problems(rubric, wording, key)
    yield from _wording_problems(rubric, wording, key)


def _twice(key: str, names: Sequence[str]) -> Iterator[str]:
    folded = [name.strip().casefold() for name in names]
    for name, one in zip(names, folded, strict=True):
        if not one or folded.count(one) > 1:
            yield f"`{key}`: {name!r} is {'used twice' if one else 'blank'}; names tell them apart"
            return


def _scale_problems(scale: Scale, mode: Mode, key: str) -> Iterator[str]:
    yield from _twice(f"{key}.labels", scale.labels)
    if any(label != label.strip() for label in scale.labels):
        yield f"`{key}.labels`: a label begins or ends with a blank; remove it"
    yield from _tie_problems(scale, mode, key)
    if scale.level == "nominal" and scale.values:
        yield f"`{key}.values`: a nominal scale has no numbers; remove them or change the level"
    elif scale.level != "nominal" and len(scale.values) != len(scale.labels):
        yield (
            f"`{key}.values`: {len(scale.values)} numbers for {len(scale.labels)} labels; write one "
            "for each"
        )
    elif any(a >= b for a, b in zip(scale.values, scale.values[1:], strict=False)):
        yield f"`{key}.values`: must increase; write labels and values lowest first"


def _tie_problems(scale: Scale, mode: Mode, key: str) -> Iterator[str]:
    if mode == "single":
        if scale.tie_label is not None:
            yield f"`{key}.tie_label`: a single answer cannot tie; remove it"
    elif (len(scale.labels), scale.tie_label) not in ((3, scale.labels[1]), (2, None)):
        yield (
            f"`{key}.labels`: a pairwise scale has three labels with tie_label in the middle, or two "
            'and no tie_label; write labels = ["A", "tie", "B"], tie_label = "tie"'
        )


def _form_problems(rubric: Rubric, variant: Wording, key: str) -> Iterator[str]:
    for form in variant.forms:
        if form not in FORMS:
            yield f"`{key}forms`: there is no form {form!r}; known: {', '.join(FORMS)}"
        elif not can_have(form, rubric.mode, rubric.scale, rubric.criteria):
            yield f"`{key}forms`: {form} does not fit this rubric's scale or criteria; remove it"


def _criterion_problems(criterion: Criterion, rubric: Rubric, key: str) -> Iterator[str]:
    if rubric.mode == "pairwise":
        if criterion.anchors:
            yield f"`{key}.anchors`: describe levels of single answers; remove them"
        if criterion.scale:
            yield f"`{key}.scale`: a pairwise rubric has one scale; remove it"
        return
    if criterion.scale:
        yield from _scale_problems(criterion.scale, rubric.mode, f"{key}.scale")
    labels = (criterion.scale or rubric.scale).labels
    if criterion.anchors and set(criterion.anchors) != set(labels):
        yield f"`{key}.anchors`: describe every label ({', '.join(labels)}) and no other, or none"


# -- templates -----------------------------------------------------------------------------------

_SHARED_VARIABLES = frozenset({"criteria", "scale", "answer_format"})
_JUDGED: dict[Mode, tuple[str, ...]] = {
    "pairwise": ("question", "response_a", "response_b", "reference"),
    "single": ("question", "response", "reference"),
}
_RESPONSES: dict[Mode, tuple[str, ...]] = {
    "pairwise": ("response_a", "response_b"),
    "single": ("response",),
}


_ENVIRONMENT = sandbox()


def _wording_problems(rubric: Rubric, wording: Wording, key: str) -> Iterator[str]:
    judged = set(_JUDGED[rubric.mode])
    kept_out = {
        "system": ({*judged, "boundary"}, "it is shared by all items; use it in `user`"),
        "user": (set[str](), ""),
    }
    sound = True
    for name, text in (("system", wording.system), ("user", wording.user)):
        for problem in _variable_problems(text, {*judged, "boundary"}, *kept_out[name]):
            sound = False
            yield f"`{key}{name}`: {problem}"
    if sound:
        yield from _shown_problems(rubric, wording, key)


def _variable_problems(text: str, own: set[str], excluded: set[str], why: str) -> Iterator[str]:
    """What is wrong with a template before it is rendered. own: the mode's variables."""
    try:
        used = meta.find_undeclared_variables(_ENVIRONMENT.parse(text))
        _ENVIRONMENT.from_string(text)
    except TemplateSyntaxError as error:
        yield f"line {error.lineno} of the template: {error.message}; mend the template"
        return
    known = own | _SHARED_VARIABLES
    for name in sorted(used - known):
        yield f"unknown variable `{name}`; known: {', '.join(sorted(known - excluded))}"
    for name in sorted(used & excluded):
        yield f"uses `{name}`; {why}"


def _shown_problems(rubric: Rubric, wording: Wording, key: str) -> Iterator[str]:
    """What a rendering shows: each text as it is, and none before the boundary is stated."""
    tokens = {name: f"<{name.replace('_', '-')}-text>" for name in _JUDGED[rubric.mode]}
    marks = {name: f"{token}\n  Of two lines.\n{token}" for name, token in tokens.items()}
    if not rubric.needs_reference:
        marks["reference"] = ""
    boundary = "<<<boundary>>>"
    values = {
        **marks,
        "boundary": boundary,
        "criteria": rubric.criteria,
        "scale": rubric.scale.labels,
        "answer_format": "answer_format",
    }
    user = ""
    for name, text in (("system", wording.system), ("user", wording.user)):
        try:
            user = _ENVIRONMENT.from_string(text).render(values)
        except RENDER_ERRORS as error:
            why = str(error) or type(error).__name__
            yield f"`{key}{name}`: cannot be rendered: {why}; mend the template"
            return
    needed = (*_RESPONSES[rubric.mode], *(["reference"] if rubric.needs_reference else []))
    for name in needed:
        if marks[name] not in user:
            yield f"`{key}user`: does not show `{name}` as it is; write {{{{ {name} }}}}"
    # A filter may have changed the text, so its place is looked for whatever the case.
    stated, folded = user.find(boundary), user.casefold()
    places = [place for token in tokens.values() if (place := folded.find(token)) >= 0]
    if stated < 0 or any(place < stated for place in places):
        yield f"`{key}user`: must use {{{{ boundary }}}} before any judged text"


if __name__ == "__main__":
    print(json_schema(), end="")
