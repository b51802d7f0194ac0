"""Every interval that a report gives of one table, whatever its sections: each against endless items.

What stands in an analysis is found by looking, so that a number which a report begins to give is held to
the band without a word here. Its truth is the same analysis of a thousand times as many items.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np

from benchmarks.simulations.study import Coverage, Random, Target
from benchmarks.simulations.verdicts import Drawn, World, draw
from judge.aggregate import Analysis, analyze
from judge.table import VerdictTable, from_rows
from judge.types import Estimate, HumanLabel

GROUP = "Through the whole report"
SHARE_ENDLESS = 400  # times as many items; their error is a twentieth of the study's own

LABELS = {1.0: "a", 0.5: "tie", 0.0: "b"}
FAMILIES = ("openai", "meta", "meta")
NEW, BASE = "gpt-4", "claude-2"  # judge 0 is of the first one's family, judge 1 of nobody's


def studies() -> Iterator[Coverage]:
    world = World(n_items=100, position=0.5, length=0.5, family=0.08, n_judges=2)
    yield pairs(world)


def pairs(world: World) -> Coverage:
    """Pairs in both orders by two judges, with lengths and with labels of which answer is right."""

    def draw_one(random: Random) -> dict[str, Estimate]:
        return reported(world, random)

    def targets() -> dict[str, Target]:
        return {name: Target(value) for name, value in truths(world).items()}

    name = f"{world.n_items} pairs, two judges, gold labels"
    return Coverage(GROUP, name, draw_one, targets)


@cache
def truths(world: World) -> Mapping[str, float]:
    """What each number is of so many items that their error does not count."""
    many = dataclasses.replace(world, n_items=SHARE_ENDLESS * world.n_items)
    found = reported(many, np.random.default_rng(0))
    return {name: e.value for name, e in found.items() if e.value is not None}


def reported(world: World, random: Random) -> dict[str, Estimate]:
    """The estimates with an interval of one data set, by their place in the analysis."""
    drawn = draw(world, random)
    labels = gold_labels(drawn, random)
    found = analyze(table_of(drawn), baseline=BASE, labels=labels)
    return dict(_estimates(found))


def table_of(drawn: Drawn) -> VerdictTable:
    """The verdicts as a table, one judge of the new system's family."""
    judges, items, _ = drawn.y.shape
    return from_rows(
        "pairwise",
        [
            {
                "item_id": f"i{item}",
                "cluster": f"c{drawn.clusters[item]}",
                "system_a": NEW,
                "system_b": BASE,
                "judge": f"j{judge}",
                "judge_families": FAMILIES[judge],
                "order": order,
                "label": LABELS[float(drawn.y[judge, item, place])],
                "len_a": int(drawn.length_b[item] + drawn.difference[item]),
                "len_b": int(drawn.length_b[item]),
            }
            for judge in range(judges)
            for item in range(items)
            for place, order in enumerate(("AB", "BA"))
        ],
    )


def gold_labels(drawn: Drawn, random: Random) -> list[HumanLabel]:
    """One rater, who is of the judges' mind on three items of four and names the shorter more often."""
    said = drawn.y.mean(axis=(0, 2)) > 0.5
    right = np.where(random.random(len(said)) < 0.75, said, drawn.difference < 0)
    return [
        HumanLabel(f"i{i}", "r", system_a=NEW, system_b=BASE, label="a" if is_a else "b")
        for i, is_a in enumerate(right)
    ]


# -- what stands in an analysis ------------------------------------------------------------------


def _estimates(found: Analysis) -> Iterator[tuple[str, Estimate]]:
    """Each estimate with an interval, by a name that does not change from one data set to another."""
    for field in dataclasses.fields(found):
        for path, e in _within(getattr(found, field.name), field.name):
            if e.value is not None:
                yield path, e


def _within(value: Any, path: str) -> Iterator[tuple[str, Estimate]]:
    if isinstance(value, Estimate):
        yield path, value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        named = str(getattr(value, "judge", "") or "")
        own = f"{path} {named}" if named else path
        for field in dataclasses.fields(value):
            yield from _within(getattr(value, field.name), f"{own}.{field.name}")
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _within(one, f"{path}[{key}]")
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
        for place, one in enumerate(value):
            is_named = bool(getattr(one, "judge", ""))
            yield from _within(one, path if is_named else f"{path}[{place}]")
