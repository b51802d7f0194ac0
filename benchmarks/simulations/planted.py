"""Each bias alone and all of them together: what every estimator makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from benchmarks.simulations import estimators
from benchmarks.simulations.study import Coverage, Random, Target
from benchmarks.simulations.verdicts import World, draw, endless
from judge.types import Estimate

GROUP = "Planted biases"

BIASES: Mapping[str, Mapping[str, float]] = {
    "none": {},
    "position": {"position": 0.8},
    "length": {"length": 0.8},
    "family": {"family": 0.1},
    "all": {"position": 0.8, "length": 0.8, "family": 0.1},
}


def studies() -> Iterator[Coverage]:
    for bias, amounts in BIASES.items():
        for n_items in (100, 400):
            for size in (1, 4):
                world = World(n_items=n_items, sizes=(size,), **amounts)  # type: ignore[arg-type]
                yield study(GROUP, f"{bias}, {n_items} items, {size} a cluster", world)


def study(group: str, name: str, world: World, *, is_outside: bool = False) -> Coverage:
    """A study of every estimator in a world."""
    return Coverage(group, name, drawn_from(world), lambda: targets(world, is_outside=is_outside))


def drawn_from(world: World) -> Callable[[Random], Mapping[str, Estimate]]:
    return lambda random: estimators.estimates(draw(world, random))


def targets(world: World, *, is_outside: bool) -> dict[str, Target]:
    """What each estimator is about: the preference without a bias, or the coefficient itself."""
    unbiased, limits = limits_of(world)
    planted = {name for name in ("position", "length", "family") if getattr(world, name)}
    found = {
        name: Target(unbiased, limits[name], planted <= takes_out, is_outside)
        for name, takes_out in estimators.TAKES_OUT.items()
    }
    for name, value, takes_out in (
        (estimators.POSITION_COEFFICIENT, world.position, {"position"}),
        (estimators.LENGTH_COEFFICIENT, world.length, {"position", "length"}),
        (estimators.FAMILY_TERM, world.family, {"position", "length", "family"}),
    ):
        found[name] = Target(value, limits[name], planted <= takes_out, is_outside)
    shown = limits[estimators.FIRST_SHOWN]
    found[estimators.FIRST_SHOWN] = Target(shown, shown, True, is_outside)
    return found


@cache
def limits_of(world: World) -> tuple[float, dict[str, float]]:
    """The preference without a bias, and what each estimator tends to."""
    expected = endless(world)
    found = estimators.estimates(expected)
    return expected.unbiased, {name: e.value for name, e in found.items() if e.value is not None}
