"""What set.toml may say of a set of labels, and what must hold between it, the items and the labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from judge.errors import InputError, short
from judge.formats.native import responses
from judge.pairing import paired
from judge.types import HumanLabel, Item, Level, Mode, Scale
from judge.validation import validated

Origin = Literal["human", "synthetic"]

FIRST = 3  # cases that a message names


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class SetScale(_Strict):
    """The labels that a rater could give, lowest first, with a number each where they are in order."""

    level: Level
    labels: list[str] = Field(min_length=2)
    values: list[float] = []


class SetFile(_Strict):
    """A set.toml. rubric: NAME or NAME@N, the question that the raters were asked."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    version: int = Field(ge=1)
    source: Origin
    mode: Mode
    raters: list[str] = Field(min_length=1)
    criterion: str = ""
    description: str = ""
    licence: str = ""
    created: str = Field(default="", pattern=r"^(\d{4}-\d{2}-\d{2})?$")
    rubric: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9_-]*(@[1-9][0-9]*)?$")
    scale: SetScale | None = None


def parse_set(data: Mapping[str, Any], source: str) -> SetFile:
    """The set.toml that a TOML document is. Raises InputError that names source and key."""
    read = validated(SetFile, data, source)
    problem = next(_problems(read), None)
    if problem:
        raise InputError(f"{source}: key {problem}")
    return read


def scale_of(read: SetFile) -> Scale | None:
    """The scale of a set, None where set.toml gives none."""
    if read.scale is None:
        return None
    return Scale(read.scale.level, tuple(read.scale.labels), tuple(read.scale.values))


def _problems(read: SetFile) -> Iterator[str]:
    twice = next((name for name, n in Counter(read.raters).items() if n > 1), None)
    if twice is not None:
        yield f"`raters`: {short(twice)} is named twice; keep one"
    scale = read.scale
    if scale is None:
        return
    if read.mode == "pairwise":
        yield "`scale`: pairs are labelled a, b or tie; remove the table"
    elif len(set(scale.labels)) < len(scale.labels):
        yield "`scale.labels`: a label stands there twice; keep one"
    elif scale.level == "nominal" and scale.values:
        yield "`scale.values`: a nominal scale has no numbers; remove them or change the level"
    elif scale.level != "nominal" and sorted(set(scale.values)) != scale.values:
        yield "`scale.values`: they must increase; write them lowest first"
    elif scale.level != "nominal" and len(scale.values) != len(scale.labels):
        yield (
            f"`scale.values`: {len(scale.values)} numbers for {len(scale.labels)} labels; write one each"
        )


# -- items ---------------------------------------------------------------------------------------


def items_of(rows: Iterable[tuple[int, dict[str, Any]]], source: str) -> tuple[Item, ...]:
    """The items of an items.jsonl, where a row has all of an item's `responses`, by system.

    Raises InputError that names source, row and field.
    """
    spread = list(_spread(rows, source))
    if not spread:
        raise InputError(f"{source}: holds no items; write at least one")
    return paired([responses(spread, source=source, system="system")]).items


def _spread(
    rows: Iterable[tuple[int, dict[str, Any]]], source: str
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows as files of responses have them, one a response."""
    seen: dict[object, int] = {}
    for row, values in rows:
        given = values.get("responses")
        if not isinstance(given, dict) or not given:
            raise InputError(
                f"{source}, row {row}: `responses` is {short(given)}; write the text of each system, as "
                'in {"base": "...", "tuned": "..."}'
            )
        name = values.get("item_id")
        if not name:
            raise InputError(f"{source}, row {row}: `item_id` is empty; every item needs it")
        if name in seen:
            raise InputError(
                f"{source}, row {row}: item_id {short(name)} stands in row {seen[name]} too; keep one"
            )
        seen[name] = row
        shared = {key: value for key, value in values.items() if key != "responses"}
        for system, text in given.items():
            yield row, {**shared, "system": system, "response": text}


# -- between the files ---------------------------------------------------------------------------


def contradictions(
    said: SetFile, labels: Sequence[HumanLabel], items: Sequence[Item]
) -> Iterator[tuple[str, list[str]]]:
    """What the three files of a set say against each other, each with the cases."""
    yield _wrong_mode(said, labels)
    known = dict.fromkeys(label.rater for label in labels)
    absent = [rater for rater in said.raters if rater not in known]
    yield "raters of set.toml without a label: remove them, or add their labels", absent
    unnamed = [rater for rater in known if rater not in said.raters]
    yield "raters of labels.jsonl that set.toml does not name: add them to `raters`", unnamed
    others = dict.fromkeys(repr(one.criterion) for one in labels if one.criterion != said.criterion)
    yield f"criteria other than set.toml's {said.criterion!r}: make a set of each", list(others)
    by_id = {item.item_id: item for item in items}
    lost = dict.fromkeys(label.item_id for label in labels if label.item_id not in by_id)
    yield "labelled items that items.jsonl lacks: add them", list(lost)
    yield (
        "labels of systems whose response items.jsonl lacks: add it",
        list(_unanswered(labels, by_id)),
    )
    scale = scale_of(said)
    if scale is not None:
        yield (
            f"labels off the scale {', '.join(scale.labels)}: correct them",
            off_scale(labels, scale),
        )


def _wrong_mode(said: SetFile, labels: Sequence[HumanLabel]) -> tuple[str, list[str]]:
    what = "pairs" if said.mode == "pairwise" else "single answers"
    others = [one.item_id for one in labels if (one.system is None) != (said.mode == "pairwise")]
    return f"labels that are not of {what}, as mode = {said.mode!r} says: change the mode", others


def _unanswered(labels: Iterable[HumanLabel], items: Mapping[str, Item]) -> Iterator[str]:
    for label in labels:
        item = items.get(label.item_id)
        for system in (label.system, label.system_a, label.system_b):
            if item is not None and system is not None and item.response(system) is None:
                yield f"{label.item_id} ({system})"


def off_scale(labels: Iterable[HumanLabel], scale: Scale) -> list[str]:
    """The labels that are no point of the scale, with who gave them; a label's number counts as it."""
    return [
        f"{one.item_id} by {one.rater}: {one.label or one.score}"
        for one in labels
        if not _is_on(one, scale)
    ]


def _is_on(label: HumanLabel, scale: Scale) -> bool:
    by_label = label.label is not None and label.label in scale.labels
    score = label.score
    if score is None and not by_label:
        score = _number(label.label)
    if by_label and (score is None or not scale.values):
        return True
    if by_label:
        return scale.value(label.label or "") == score
    return score in scale.values


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def cases(found: Sequence[str]) -> str:
    """The first of them, as a message shows them."""
    return ", ".join(found[:FIRST]) + (", ..." if len(found) > FIRST else "")
