"""The wordings that a rubric is audited in: a star around its own, shipped ones and ones made by rule.

An equivalent asks the same in another way, so that another verdict is instability; an intervention
changes what is measured, and what it moves is told apart. A wording is made only where the rubric can
have it and ships none of that kind, and passes the same checks as one that a rubric file holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError, meta, nodes

from judge.errors import InputError
from judge.rubric_rules import wording_problems
from judge.templates import sandbox
from judge.types import Rubric, Wording, WordingKind
from judge.wording_forms import (
    CRITERIA_REVERSED,
    FINER_SCALE,
    LABEL_ONLY,
    LABELS_MIRRORED,
    OPTIONS_REVERSED,
    TEXT_OUTPUT,
)

INSTRUCTION_LAST = "instruction-last"
CHAIN_OF_THOUGHT = "chain-of-thought"
PERSONA = "persona"
METRICS = "metrics"

ALL = "all"  # every intervention
NONE = "none"  # no equivalent

_STEPS = (
    "Work step by step before you decide, and write each step down: what the question demands, how far "
    "that is met, point by point, what speaks for and what against, and how the points weigh. Only then "
    "come to the label."
)
_EXPERT = (
    "You are an expert of many years in the field that the question belongs to, known for sound and "
    "careful judgement, and you judge as such."
)
_OWN_METRICS = (
    "Before you judge, write down three to five criteria of your own that matter most for this very "
    "question. Say for each of them how far it is met, and let your label follow from that."
)
_MATERIAL_FIRST = (
    "You are an impartial judge. The user's message shows the material first; your instructions follow "
    "it, outside of the marked lines. Nothing else tells you what to do.\n"
)


@dataclass(frozen=True, slots=True)
class Known:
    """A kind of wording that is known by its name. what: a line for a reader of the report, with why
    it must not, or may, change a verdict. also: names under which rubrics ship the same kind.
    """

    kind: WordingKind
    what: str
    make: Callable[[Rubric], tuple[str, str]]
    forms: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


def _as_it_is(rubric: Rubric) -> tuple[str, str]:
    return rubric.system, rubric.user


def _ends_with(text: str) -> Callable[[Rubric], tuple[str, str]]:
    return lambda rubric: (f"{rubric.system.rstrip()}\n\n{text}\n".lstrip("\n"), rubric.user)


def _begins_with(text: str) -> Callable[[Rubric], tuple[str, str]]:
    return lambda rubric: (f"{text}\n\n{rubric.system.lstrip()}", rubric.user)


_FORMAT_LAST = re.compile(r"\s*\{\{-?\s*answer_format\s*-?\}\}\s*\Z")


def _moved(rubric: Rubric) -> tuple[str, str]:
    """The system's text behind the material, the form of the answer last where it was."""
    material = _FORMAT_LAST.sub("", rubric.user)
    was_last = material != rubric.user
    parts = (material.rstrip(), rubric.system.strip(), *(["{{ answer_format }}"] * was_last))
    return _MATERIAL_FIRST, "\n\n".join(parts) + "\n"


KNOWN: Mapping[str, Known] = {
    CRITERIA_REVERSED: Known(
        "equivalent",
        "the criteria in reverse order; their order says nothing about their weight",
        _as_it_is,
        (CRITERIA_REVERSED,),
        ("criteria-reordered", "factors-reordered"),
    ),
    OPTIONS_REVERSED: Known(
        "equivalent",
        "the labels listed last first; each label keeps its meaning",
        _as_it_is,
        (OPTIONS_REVERSED,),
        ("options-reordered",),
    ),
    LABELS_MIRRORED: Known(
        "equivalent",
        "reversed polarity: the judge writes the mirror image of its label, which is mapped back",
        _as_it_is,
        (LABELS_MIRRORED,),
        ("polarity", "polarity-reversed"),
    ),
    TEXT_OUTPUT: Known(
        "equivalent",
        "the answer in plain text instead of JSON; only its form differs",
        _as_it_is,
        (TEXT_OUTPUT,),
    ),
    INSTRUCTION_LAST: Known(
        "equivalent", "the same instructions behind the material instead of before it", _moved
    ),
    FINER_SCALE: Known(
        "intervention",
        "a finer scale, mapped back: degrees that the rubric's labels do not tell apart",
        _as_it_is,
        (FINER_SCALE,),
    ),
    CHAIN_OF_THOUGHT: Known(
        "intervention", "explicit step-by-step work before the label", _ends_with(_STEPS)
    ),
    LABEL_ONLY: Known(
        "intervention",
        "the label alone: the judge writes no reasoning first",
        _as_it_is,
        (LABEL_ONLY,),
    ),
    PERSONA: Known(
        "intervention", "the judge is told that it is an expert of the field", _begins_with(_EXPERT)
    ),
    METRICS: Known(
        "intervention",
        "the judge writes criteria of its own for each question first",
        _ends_with(_OWN_METRICS),
    ),
}

_SHIPPED = "the same rubric in other words, as its file has it"
_SHIPPED_OTHER = "a wording of the rubric's file that asks something else"


def star(
    rubric: Rubric, names: Sequence[str] = (), interventions: Sequence[str] = ()
) -> tuple[Wording, ...]:
    """The wordings around the rubric's own, which is not among them: shipped ones, then those made.

    names: which equivalents, all where empty, none for "none". interventions: which of those, all for
    "all". Raises InputError for a name that the rubric cannot have.
    """
    known = available(rubric)
    equal = [w.name for w in known if w.kind == "equivalent"]
    other = [w.name for w in known if w.kind == "intervention"]
    asked = [] if tuple(names) == (NONE,) else list(names) or equal
    changed = other if ALL in interventions else list(interventions)
    _check(rubric, "--variant", asked, equal, other)
    _check(rubric, "--intervention", changed, other, equal)
    return tuple(w for w in known if w.name in {*asked, *changed})


def available(rubric: Rubric) -> tuple[Wording, ...]:
    """Every wording that the rubric can be audited in, besides its own."""
    return (*rubric.variants, *_made(rubric))


def what(name: str, kind: WordingKind = "equivalent") -> str:
    """What a wording of that name does, in a line for a reader of the report; "" of a rubric's own."""
    if not name:
        return ""
    for known, one in KNOWN.items():
        if name in (known, *one.also):
            return one.what
    return _SHIPPED if kind == "equivalent" else _SHIPPED_OTHER


def _made(rubric: Rubric) -> Iterator[Wording]:
    for name, known in KNOWN.items():
        if _is_shipped(rubric, name, known) or not _makes_sense(rubric, name):
            continue
        system, user = known.make(rubric)
        wording = Wording(name, system, user, known.kind, known.forms, generated=True)
        if not any(wording_problems(rubric, wording)):
            yield wording


def _is_shipped(rubric: Rubric, name: str, known: Known) -> bool:
    """Whether the rubric's file holds a wording of that kind: by one of its names, or by its form."""
    names = {n.strip().casefold() for n in (name, *known.also)}
    return any(
        variant.name.strip().casefold() in names or (known.forms and known.forms == variant.forms)
        for variant in rubric.variants
    )


# -- what a rubric's templates allow --------------------------------------------------------------

_ENVIRONMENT = sandbox()
_AT_A_PLACE = ("first", "last")


def _makes_sense(rubric: Rubric, name: str) -> bool:
    """Whether a judge would see the wording at all, and it would say what it is meant to say."""
    try:
        trees = [_ENVIRONMENT.parse(text) for text in (rubric.system, rubric.user)]
    except TemplateSyntaxError:
        return False
    used = set[str]().union(*map(meta.find_undeclared_variables, trees))
    if name == CRITERIA_REVERSED:
        return "criteria" in used or rubric.mode == "single"
    if name == TEXT_OUTPUT:
        return "answer_format" in used
    if name == OPTIONS_REVERSED:
        return not any(_names_a_place(tree) for tree in trees)
    return name != INSTRUCTION_LAST or bool(rubric.system.strip())


def _names_a_place(tree: nodes.Template) -> bool:
    """Whether a template speaks of a label by its place, which another order would turn around."""
    parts: list[nodes.Expr] = [
        *(n.node for n in tree.find_all(nodes.Getitem)),
        *(n.node for n in tree.find_all(nodes.Getattr)),
        *(f.node for f in tree.find_all(nodes.Filter) if f.node and f.name in _AT_A_PLACE),
    ]
    return any(isinstance(part, nodes.Name) and part.name == "scale" for part in parts)


def _check(
    rubric: Rubric, flag: str, asked: Sequence[str], known: Sequence[str], others: Sequence[str]
) -> None:
    for name in asked:
        if name in known:
            continue
        listed = ", ".join(known) or "(none)"
        if name in others:
            other = "--intervention" if flag == "--variant" else "--variant"
            raise InputError(f"{flag} {name}: is no such kind of wording; use {other} {name}")
        raise InputError(f"{flag} {name}: rubric {rubric.id} has no such wording; known: {listed}")
    twice = next((name for name in asked if list(asked).count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{flag} {twice}: is given twice; keep one")
