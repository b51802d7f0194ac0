"""What in one run stands for what in another: items, systems and rubrics.

The first run gives the names. A thing of a later run goes under the name that it has there, under the
name that the caller maps it to, or, where each run has exactly one that the other lacks, in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from judge.errors import InputError
from judge.types import Item, digest

Names = Mapping[str, str]  # a run's own name -> the first run's


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An item as far as two runs can differ in it; texts as hashes. responses: system -> hash."""

    prompt: str
    reference: str
    cluster: str
    responses: Mapping[str, str]


def facts_of(item: Item) -> ItemFacts:
    """The facts of an item."""
    responses = {r.system: digest(list(r.turns)) for r in item.responses}
    return ItemFacts(digest(list(item.prompt)), digest(item.reference), item.cluster, responses)


def common(runs: Sequence[Mapping[str, ItemFacts]]) -> frozenset[str]:
    """The items of every run: the same id with the same prompt. Other texts may differ."""
    first = runs[0]
    return frozenset(
        item_id
        for item_id, facts in first.items()
        if all(item_id in run and run[item_id].prompt == facts.prompt for run in runs[1:])
    )


# -- systems and rubrics -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Roles:
    """The systems of a run and which of them the others are held against."""

    systems: tuple[str, ...]
    baseline: str | None = None


def systems(runs: Sequence[Roles], given: Names) -> tuple[list[Names], list[str]]:
    """Per run its systems' names in the first run, and in words which were matched by place.

    given: name of a later run -> name of the first. Raises InputError where a name is in no such run,
    or where two systems of a run would become one.
    """
    _check_given(runs, given)
    names: list[Names] = [{system: system for system in runs[0].systems}]
    said: list[str] = []
    for number, run in enumerate(runs[1:], 2):
        mapped = {system: given.get(system, system) for system in run.systems}
        _check_distinct(mapped, number)
        place = _place(runs[0], run, mapped)
        if place:
            new, old = place
            mapped[new] = old
            said.append(
                f"{new} of run {number} is taken for {old} of run 1: each is the one system that the "
                f"other run lacks (--map {new}=NAME says otherwise)"
            )
        names.append(mapped)
    return names, said


def _check_given(runs: Sequence[Roles], given: Names) -> None:
    later = {system for run in runs[1:] for system in run.systems}
    for new, old in given.items():
        if new not in later:
            raise InputError(
                f"--map {new}={old}: no later run has a system {new}; theirs are "
                f"{', '.join(sorted(later))}"
            )
        if old not in runs[0].systems:
            raise InputError(
                f"--map {new}={old}: the first run has no system {old}; its systems are "
                f"{', '.join(runs[0].systems)}"
            )


def _check_distinct(mapped: Names, number: int) -> None:
    taken: dict[str, str] = {}
    for own, name in mapped.items():
        if name in taken:
            raise InputError(
                f"run {number} has two systems for {name}: {taken[name]} and {own}; correct --map"
            )
        taken[name] = own


def _place(first: Roles, run: Roles, mapped: Names) -> tuple[str, str] | None:
    """The one system of this run that the first lacks with the one that this lacks, in the same role."""
    pair = _left(first.systems, mapped)
    if pair is None or (pair[0] == run.baseline) != (pair[1] == first.baseline):
        return None
    return pair


def rubrics(first: Sequence[str], run: Sequence[str]) -> Names:
    """A run's rubric ids -> the first run's, the one that each lacks being matched by place."""
    mapped = {rubric: rubric for rubric in run}
    pair = _left(first, mapped)
    return mapped if pair is None else {**mapped, pair[0]: pair[1]}


def _left(first: Sequence[str], mapped: Names) -> tuple[str, str] | None:
    """The only name without a counterpart in each: (own, the first's)."""
    new = [own for own, name in mapped.items() if name not in first]
    gone = [name for name in first if name not in mapped.values()]
    return (new[0], gone[0]) if len(new) == len(gone) == 1 else None
