"""What a draw of units for labelling was: blind rows for raters, and the key that undoes the blinding.

A rater sees texts and nothing else: no system, no item's name, no judge's verdict, answers and rows in an
order of their own. All of that stands in the key, with the probability of each unit of being drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from judge.errors import InputError, short
from judge.stats.label_draw import first_shown, order_of, row_id
from judge.types import HumanLabel, Item, Mode, Scale, canonical, digest
from judge.validation import validated

SCHEMA = "judge.labels.key/1"
PAIR_CHOICES = ("1", "2", "tie")

Stratify = Literal["none", "judge-score", "category"]
By = Literal["unit", "item"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class KeyUnit(_Strict):
    """A drawn pair (system_a, system_b) or answer (system). batch: of which draw, 1 being the first."""

    item_id: str
    system: str | None = None
    system_a: str | None = None
    system_b: str | None = None
    stratum: str
    inclusion_prob: float = Field(gt=0, le=1)
    split: str
    batch: int = Field(ge=1)

    @property
    def unit_id(self) -> str:
        return unit_id(self.item_id, self.system, self.system_a, self.system_b)


class KeyStratum(_Strict):
    """size: of the population; n: drawn of it."""

    name: str
    size: int
    n: int
    sd: float


class KeyItem(_Strict):
    """A labelled item as items.jsonl has it. responses: system -> its turns."""

    item_id: str
    prompt: list[str]
    responses: dict[str, list[str]]
    reference: str | None = None
    category: str | None = None
    cluster: str | None = None


class Key(_Strict):
    """All that is needed to read what raters wrote, and to draw further units with right probabilities.

    population: the hash of all units with their strata. scale: of single answers, null where labels are
    not held to one. raters: empty where one file goes to whoever labels.
    """

    format: str = Field(pattern=f"^{SCHEMA}$")
    set: str
    mode: Mode
    criterion: str
    rubric: str | None
    scale: dict[str, Any] | None
    seed: int
    shares: list[float]
    by: By
    stratify: Stratify
    allocation: Literal["proportional", "neyman"]
    population: str
    population_size: int
    strata: list[KeyStratum]
    raters: list[str]
    units: list[KeyUnit]
    items: list[KeyItem]
    hash: str = ""

    @property
    def batches(self) -> int:
        return max(unit.batch for unit in self.units)

    def of_scale(self) -> Scale | None:
        """The scale that labels of single answers are held to."""
        if self.scale is None:
            return None
        return Scale(
            self.scale["level"], tuple(self.scale["labels"]), tuple(self.scale.get("values", ()))
        )


def unit_id(
    item_id: str, system: str | None, system_a: str | None = None, system_b: str | None = None
) -> str:
    """One text for a pair or an answer; pairs have no direction."""
    pair = [system] if system is not None else sorted([system_a or "", system_b or ""])
    return canonical([item_id, *pair])


def scale_json(scale: Scale | None) -> dict[str, Any] | None:
    """A scale as a key holds it."""
    if scale is None:
        return None
    return {"level": scale.level, "labels": list(scale.labels), "values": list(scale.values)}


# -- the file of the key -------------------------------------------------------------------------


def sealed(key: Key) -> Key:
    """The key with the hash of all it says, by which an edited one is known."""
    return key.model_copy(update={"hash": _hash(key)})


def _hash(key: Key) -> str:
    return digest({**key.model_dump(mode="json"), "hash": ""})


def parse_key(value: Mapping[str, Any], source: str) -> Key:
    """The key that a JSON object is. Raises InputError for one that was edited."""
    if value.get("format") != SCHEMA:
        raise InputError(
            f"{source}: is no key of a draw; name the .key.json that `judge labels draw` wrote"
        )
    key = validated(Key, value, source)
    if key.hash != _hash(key):
        raise InputError(f"{source}: was edited after the draw; restore the file")
    return key


# -- what raters see -----------------------------------------------------------------------------


def columns(mode: Mode) -> tuple[str, ...]:
    """The columns of a rater's file."""
    answers = ("answer_1", "answer_2") if mode == "pairwise" else ("answer",)
    return ("row_id", "prompt", "reference", *answers, "choices", "label", "note")


def choices(key: Key) -> tuple[str, ...]:
    """What a rater may write; empty where anything."""
    if key.mode == "pairwise":
        return PAIR_CHOICES
    scale = key.of_scale()
    return () if scale is None else scale.labels


def blind_rows(key: Key, rater: str, batch: int) -> Iterator[dict[str, str]]:
    """The rows of a rater's file of one draw, in the order of that rater."""
    units = {unit.unit_id: unit for unit in key.units if unit.batch == batch}
    items = {item.item_id: item for item in key.items}
    shown = first_shown(list(units), key.seed, rater)
    allowed = " / ".join(choices(key))
    for name in order_of(list(units), key.seed, rater):
        item = items[units[name].item_id]
        texts = ["\n\n".join(item.responses[s]) for s in _systems(units[name], shown[name])]
        answers = columns(key.mode)[3 : 3 + len(texts)]
        yield {
            "row_id": row_id(key.seed, rater, name),
            "prompt": "\n\n".join(item.prompt),
            "reference": item.reference or "",
            **dict(zip(answers, texts, strict=True)),
            "choices": allowed,
            "label": "",
            "note": "",
        }


def _systems(unit: KeyUnit, order: str) -> list[str]:
    """The systems of a unit as they are shown."""
    if unit.system is not None:
        return [unit.system]
    pair = [unit.system_a or "", unit.system_b or ""]
    return pair if order == "AB" else pair[::-1]


def key_items(items: Sequence[Item], units: Sequence[KeyUnit]) -> list[KeyItem]:
    """The items of these units, with the responses that were drawn."""
    wanted: dict[str, set[str]] = {}
    for unit in units:
        systems = {s for s in (unit.system, unit.system_a, unit.system_b) if s is not None}
        wanted.setdefault(unit.item_id, set()).update(systems)
    return [
        KeyItem(
            item_id=item.item_id,
            prompt=list(item.prompt),
            responses={
                r.system: list(r.turns) for r in item.responses if r.system in wanted[item.item_id]
            },
            reference=item.reference,
            category=item.category,
            cluster=None if item.cluster == item.item_id else item.cluster,
        )
        for item in items
        if item.item_id in wanted
    ]


# -- what raters wrote ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """What a row of a rater's file is about. rater: "" where the key names none."""

    rater: str
    unit: KeyUnit
    order: Literal["AB", "BA"]


def row_places(key: Key) -> dict[str, Place]:
    """Row id -> what it is about, of all draws and raters of the key."""
    found: dict[str, Place] = {}
    for rater in key.raters or [""]:
        for batch in range(1, key.batches + 1):
            units = {unit.unit_id: unit for unit in key.units if unit.batch == batch}
            shown = first_shown(list(units), key.seed, rater)
            for name, unit in units.items():
                found[row_id(key.seed, rater, name)] = Place(rater, unit, shown[name])
    return found


def human_label(key: Key, place: Place, rater: str, written: str) -> HumanLabel:
    """The label that a rater wrote, in the item's own frame. Raises ValueError for one that is unknown."""
    unit = place.unit
    shared = {
        "item_id": unit.item_id,
        "rater": rater,
        "criterion": key.criterion,
        "inclusion_prob": unit.inclusion_prob,
        "split": unit.split,
    }
    if key.mode == "pairwise":
        return HumanLabel(
            **shared,  # type: ignore[arg-type]
            system_a=unit.system_a,
            system_b=unit.system_b,
            label=_winner(written, place.order),
            order_shown=place.order,
        )
    label, score = _point(written, key.of_scale())
    return HumanLabel(**shared, system=unit.system, label=label, score=score)  # type: ignore[arg-type]


def _winner(written: str, order: str) -> str:
    said = written.casefold()
    number = _number(said)
    if said != "tie" and number not in (1, 2):
        raise ValueError(f"{short(written)} is unknown; write 1, 2 or tie, or leave it empty")
    if number is None:
        return "tie"
    return "a" if (number == 1) == (order == "AB") else "b"


def _point(written: str, scale: Scale | None) -> tuple[str | None, float | None]:
    """Label and number of what was written for a single answer."""
    number = _number(written)
    if scale is None:
        return (written, None) if number is None else (None, number)
    by_name = {label.casefold(): label for label in scale.labels}
    label = by_name.get(written.casefold())
    if label is None and number in scale.values:
        label = scale.labels[scale.values.index(number)]
    if label is None:
        known = ", ".join(scale.labels)
        raise ValueError(f"{short(written)} is not on the scale; write {known}, or leave it empty")
    return label, scale.value(label)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number == number and abs(number) != float("inf") else None
