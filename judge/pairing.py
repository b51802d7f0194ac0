"""Joins the responses of several files into items, so that each system is judged on the same prompts.

Files come from elsewhere: where their rows contradict each other, the error names both places.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from judge.errors import InputError, cut, short
from judge.formats import AS_NAMED, Answer, Answers
from judge.types import Item, Response, canonical, digest_text

# Columns that belong to one response, whatever the other responses of the item have there.
_OF_A_RESPONSE = frozenset({"logprobs"})


@dataclass(frozen=True, slots=True)
class ResponseSet:
    """Items with every system's response.

    unpaired: system -> the items that it has no response for. mappings: one line a file for people.
    """

    items: tuple[Item, ...]
    systems: tuple[str, ...]
    unpaired: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mappings: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def paired(files: Sequence[Answers], *, columns: Mapping[str, str] = AS_NAMED) -> ResponseSet:
    """The items of these files, in the order of the first, with the responses of all systems.

    Rows are paired by item_id, or by prompt where a row has none. An item's metadata holds the other
    columns on which all its rows agree, and under a system's name those of that system's row.
    columns: field -> column, as the caller named them; each has to be in a file.
    """
    _check_map_used(files, columns)
    _check_systems(files)
    answers = [answer for file in files for answer in file.rows]
    systems = tuple(dict.fromkeys(answer.system for answer in answers))
    groups: dict[str, list[Answer]] = {}
    for item_id, answer in zip(_item_ids(answers), answers, strict=True):
        groups.setdefault(item_id, []).append(answer)
    shared = Counter(group[0].prompt for group in groups.values())
    items = tuple(_item(name, g, systems, shared[g[0].prompt] > 1) for name, g in groups.items())
    unpaired = {
        system: tuple(item.item_id for item in items if item.response(system) is None)
        for system in systems
    }
    return ResponseSet(
        items=items,
        systems=systems,
        unpaired={system: ids for system, ids in unpaired.items() if ids},
        mappings=tuple(file.mapping.line for file in files),
        warnings=(*(w for file in files for w in file.warnings), *_warnings(items, systems)),
    )


def _check_map_used(files: Sequence[Answers], columns: Mapping[str, str]) -> None:
    for name, column in columns.items():
        if all(file.mapping.columns.get(name) != column for file in files):
            raise InputError(
                f"--map {name}={column}: no file has a column `{column}`; they were read as "
                + "; ".join(file.mapping.line for file in files)
            )


def _check_systems(files: Sequence[Answers]) -> None:
    """One name in two files would make one system of two."""
    seen: dict[str, str] = {}
    for file in files:
        for system in dict.fromkeys(answer.system for answer in file.rows):
            if system in seen:
                raise InputError(
                    f"{file.source}: system {short(system)} is in {seen[system]} too; rename a file or "
                    "change the `system` column, or join the files where it is one system"
                )
            seen[system] = file.source


def _item_ids(answers: Sequence[Answer]) -> Iterator[str]:
    """Each row's item: as it says, else the one that has its prompt, else the prompt's hash."""
    named: dict[tuple[str, ...], dict[str, Answer]] = {}
    for answer in answers:
        if answer.item_id is not None:
            named.setdefault(answer.prompt, {}).setdefault(answer.item_id, answer)
    for answer in answers:
        candidates = named.get(answer.prompt, {})
        if answer.item_id is None and len(candidates) > 1:
            first, second, *_ = candidates.values()
            raise InputError(
                f"{answer.where}, field `item_id`: is absent, and its prompt belongs to items "
                f"{short(first.item_id)} ({first.where}) and {short(second.item_id)} ({second.where}); "
                "write which one is meant"
            )
        yield answer.item_id or next(iter(candidates), prompt_id(answer.prompt))


def prompt_id(prompt: tuple[str, ...]) -> str:
    """The item_id of a prompt whose row names none: a hash of its turns."""
    text = prompt[0] if len(prompt) == 1 else canonical(list(prompt))
    return "p-" + digest_text(text).removeprefix("sha256:")[:16]


def _item(
    item_id: str, group: Sequence[Answer], systems: tuple[str, ...], is_prompt_shared: bool
) -> Item:
    by_system: dict[str, Answer] = {}
    for answer in group:
        if answer.prompt != group[0].prompt:
            raise InputError(
                f"{answer.where}, field `prompt`: item {short(item_id)} has another prompt in "
                f"{group[0].where}; one item has one prompt"
            )
        earlier = by_system.setdefault(answer.system, answer)
        if earlier is not answer:
            raise InputError(
                f"{answer.where}, field `item_id`: item {short(item_id)} of system {short(answer.system)} is "
                f"in {earlier.where} too; keep one, or tell them apart by item_id or system"
            )
    cluster = prompt_id(group[0].prompt) if is_prompt_shared else item_id
    return Item(
        item_id=item_id,
        prompt=group[0].prompt,
        responses=tuple(
            Response(name, turns)
            for name in systems
            if name in by_system and (turns := by_system[name].turns) is not None
        ),
        reference=_agreed("reference", group),
        category=_agreed("category", group),
        cluster=_agreed("cluster", group) or cluster,
        metadata=_metadata(group, systems),
    )


def _agreed(name: str, group: Sequence[Answer]) -> str | None:
    """What the rows of an item that hold this field say, None where none does."""
    given = [answer for answer in group if getattr(answer, name) is not None]
    for answer in given[1:]:
        if getattr(answer, name) != getattr(given[0], name):
            raise InputError(
                f"{answer.where}, field `{name}`: differs from the same item's in "
                f"{given[0].where}; one item has one {name}"
            )
    return getattr(given[0], name) if given else None


def _metadata(group: Sequence[Answer], systems: tuple[str, ...]) -> dict[str, Any]:
    """The columns that all rows agree on, then system -> the columns that are its own."""
    first = group[0].metadata
    common = {
        name: value
        for name, value in first.items()
        if name not in _OF_A_RESPONSE
        and name not in systems
        and all(name in a.metadata and a.metadata[name] == value for a in group)
    }
    own = {a.system: {k: v for k, v in a.metadata.items() if k not in common} for a in group}
    return {**common, **{system: columns for system, columns in own.items() if columns}}


def _warnings(items: Sequence[Item], systems: Sequence[str]) -> Iterator[str]:
    for system in systems:
        given = [r for item in items if (r := item.response(system)) is not None]
        empty = sum(1 for response in given if not "".join(response.turns).strip())
        if empty:
            yield f"{empty} of {len(given)} responses of {cut(system)} are empty; they are judged as such"
    prompts = Counter(item.prompt for item in items)
    sharing = sum(n for n in prompts.values() if n > 1)
    if sharing:
        yield f"{sharing} items share their prompt with another; items of one prompt are one cluster"
    paired = any(all(item.response(s) is not None for s in systems) for item in items)
    if sharing and not paired:
        yield "no item has a response of every system, yet prompts agree; the item_ids may not match"
