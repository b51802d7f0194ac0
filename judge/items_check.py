"""What is wrong with a set of items, before anything is spent on judging it.

An item that stands there twice counts twice, an answer that is empty is judged as such, and a set that
is too small shows nothing whatever the judges say: all of that can be seen beforehand and for nothing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from judge.near_duplicates import THRESHOLD, near_duplicates
from judge.plan import smallest_shown
from judge.types import Item

SCHEMA = "judge.items/1"
FIRST = 5  # examples that are named


@dataclass(frozen=True, slots=True)
class Issue:
    """One kind of fault. count: of `unit`, of so many (out_of). first: the ids of some, or pairs of ids.

    name: stable, for programs; title: for people. note: what it does to a result.
    """

    name: str
    title: str
    count: int
    out_of: int
    unit: str
    first: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long texts are, in characters. p95: the nearest rank."""

    n: int
    shortest: int
    median: int
    p95: int
    longest: int


@dataclass(frozen=True, slots=True)
class Size:
    """How much a set of items can show with 80 % power; category "" is all of it.

    win_rate: the difference from 0.5, None where no item has two responses. score: the difference in
    standard deviations, None where no item has a response.
    """

    category: str
    items: int
    clusters: int
    win_rate: float | None
    score: float | None


@dataclass(frozen=True, slots=True)
class ItemsReport:
    """The quality of a set of items. responses: system -> lengths of its responses."""

    items: int
    clusters: int
    systems: tuple[str, ...]
    prompts: Lengths | None
    responses: Mapping[str, Lengths]
    sizes: tuple[Size, ...]
    issues: tuple[Issue, ...]
    warnings: tuple[str, ...] = ()

    def payload(self) -> dict[str, Any]:
        """The report as JSON values, in the shape `judge.items/1`: these fields and `schema`.

        Every check is listed; one that found nothing has count 0.
        """
        return {"schema": SCHEMA, **asdict(self)}


def checked(
    items: Sequence[Item], systems: Sequence[str], warnings: tuple[str, ...] = ()
) -> ItemsReport:
    """The quality of these items. systems: those that should have answered each of them."""
    lengths = {s: [r.length for i in items if (r := i.response(s)) is not None] for s in systems}
    return ItemsReport(
        items=len(items),
        clusters=len({item.cluster for item in items}),
        systems=tuple(systems),
        prompts=_lengths([len(_prompt(item)) for item in items]),
        responses={s: found for s in systems if (found := _lengths(lengths[s])) is not None},
        sizes=tuple(_sizes(items)),
        issues=tuple(_issues(items, systems)),
        warnings=warnings,
    )


def _prompt(item: Item) -> str:
    return "\n\n".join(item.prompt)


def _lengths(found: Sequence[int]) -> Lengths | None:
    if not found:
        return None
    ordered = sorted(found)
    n = len(ordered)
    return Lengths(
        n=n,
        shortest=ordered[0],
        median=ordered[(n - 1) // 2],
        p95=ordered[math.ceil(0.95 * n) - 1],
        longest=ordered[-1],
    )


# -- how much so many items can show -------------------------------------------------------------


def _sizes(items: Sequence[Item]) -> Iterator[Size]:
    """All items, then each category where there are several, largest first."""
    yield _size("", items)
    by_category: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_category[item.category or ""].append(item)
    if len(by_category) > 1:
        named = {name: own for name, own in by_category.items() if name}
        for name, own in sorted(named.items(), key=lambda pair: (-len(pair[1]), pair[0])):
            yield _size(name, own)


def _size(category: str, items: Sequence[Item]) -> Size:
    paired = {item.cluster for item in items if len(item.responses) >= 2}
    answered = {item.cluster for item in items if item.responses}
    return Size(
        category=category,
        items=len(items),
        clusters=len({item.cluster for item in items}),
        win_rate=smallest_shown(len(paired), "pairwise") if paired else None,
        score=smallest_shown(len(answered), "single") if answered else None,
    )


# -- faults --------------------------------------------------------------------------------------


def _issues(items: Sequence[Item], systems: Sequence[str]) -> Iterator[Issue]:
    by_prompt: dict[tuple[str, ...], list[Item]] = defaultdict(list)
    for item in items:
        by_prompt[item.prompt].append(item)
    yield _empty_prompts(items)
    yield _empty_responses(items)
    yield _absent_responses(items, systems)
    yield _identical_responses(items)
    yield from _copies(by_prompt, len(items))
    yield _near(by_prompt)
    yield _references(items)
    yield _categories(items)


def _empty_prompts(items: Sequence[Item]) -> Issue:
    found = [item.item_id for item in items if not _prompt(item).strip()]
    return _issue("empty_prompts", "empty prompts", found, len(items), "item", "nothing was asked")


def _empty_responses(items: Sequence[Item]) -> Issue:
    responses = [(item, response) for item in items for response in item.responses]
    found = [f"{i.item_id} ({r.system})" for i, r in responses if not "".join(r.turns).strip()]
    note = "they are judged as such"
    return _issue("empty_responses", "empty responses", found, len(responses), "response", note)


def _absent_responses(items: Sequence[Item], systems: Sequence[str]) -> Issue:
    found = [
        f"{item.item_id} ({system})"
        for item in items
        for system in systems
        if item.response(system) is None
    ]
    total = len(items) * len(systems)
    note = "such an item is left out of the comparison"
    return _issue("absent_responses", "absent responses", found, total, "response", note)


def _identical_responses(items: Sequence[Item]) -> Issue:
    pairs = [(item.item_id, a, b) for item in items for a, b in combinations(item.responses, 2)]
    found = [f"{name} ({a.system} = {b.system})" for name, a, b in pairs if a.turns == b.turns]
    note = "a judge can only call them a tie, or show its position bias"
    title = "identical responses of two systems"
    return _issue("identical_responses", title, found, len(pairs), "pair", note)


def _copies(by_prompt: Mapping[tuple[str, ...], list[Item]], total: int) -> Iterator[Issue]:
    groups = [group for group in by_prompt.values() if len(group) > 1]
    found = [" = ".join(item.item_id for item in group) for group in groups]
    sharing = sum(map(len, groups))
    note = "they are one cluster, not independent of each other"
    yield Issue(
        *("shared_prompts", "one prompt in several items", sharing, total, "item"),
        *(tuple(found[:FIRST]), note if found else ""),
    )
    twins = [pair for group in groups for pair in _twins(group)]
    note = "the same item counts twice: leave one out"
    yield _issue("duplicates", "items that are copies of another", twins, total, "item", note)


def _twins(group: Sequence[Item]) -> Iterator[str]:
    """The items of one prompt that have the very responses of an earlier one."""
    seen: dict[object, str] = {}
    for item in group:
        key = frozenset((response.system, response.turns) for response in item.responses)
        earlier = seen.setdefault(key, item.item_id)
        if earlier != item.item_id:
            yield f"{item.item_id} = {earlier}"


def _near(by_prompt: Mapping[tuple[str, ...], list[Item]]) -> Issue:
    """Prompts that are nearly the same; identical ones are counted elsewhere."""
    items = [group[0] for group in by_prompt.values()]
    found = near_duplicates([_prompt(item) for item in items])
    pairs = [
        f"{items[pair.first].item_id} ~ {items[pair.second].item_id} ({pair.jaccard:.2f})"
        for pair in found.pairs[:FIRST]
    ]
    note = f"word 5-grams with a Jaccard index of {THRESHOLD} or more; give them one `cluster`"
    if not found.complete:
        note += (
            "; the search ended before all were compared: these prompts share most of their words"
        )
    return Issue(
        name="near_duplicates",
        title="pairs of prompts that are nearly the same",
        count=len(found.pairs),
        out_of=math.comb(len(items), 2),
        unit="pair",
        first=tuple(pairs),
        note=note if found.pairs or not found.complete else "",
    )


def _references(items: Sequence[Item]) -> Issue:
    found = [item.item_id for item in items if not (item.reference or "").strip()]
    note = "a rubric that needs a reference refuses such a set"
    return _issue(
        "references_missing", "items without a reference", found, len(items), "item", note
    )


def _categories(items: Sequence[Item]) -> Issue:
    found = [item.item_id for item in items if item.category is None]
    note = "they are a slice of their own, '(none)'"
    return _issue("categories_missing", "items without a category", found, len(items), "item", note)


def _issue(name: str, title: str, found: Sequence[str], out_of: int, unit: str, note: str) -> Issue:
    return Issue(name, title, len(found), out_of, unit, tuple(found[:FIRST]), note if found else "")
