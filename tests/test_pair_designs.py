"""Which pairs are judged: every design joins all systems, and draws hang on the seed alone."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import InputError
from judge.pair_designs import pairs_of
from judge.plan import Pair
from judge.stats.pairwise import met_components


def systems(n: int) -> list[str]:
    return [f"s{place}" for place in range(n)]


def unordered(pairs: tuple[Pair, ...]) -> set[frozenset[str | None]]:
    return {frozenset((pair.system_a, pair.system_b)) for pair in pairs}


@given(st.integers(3, 30), st.sampled_from(["all", "ring", "ring:0", "ring:5", "baseline", None]))
def test_every_design_joins_all_systems_and_asks_no_pair_twice(n: int, design: str | None) -> None:
    names = systems(n)
    found = pairs_of(names, design, baseline="s1", seed=n)
    a, b = (
        np.array([names.index(str(side)) for side in sides])
        for sides in zip(*((pair.system_a, pair.system_b) for pair in found), strict=True)
    )
    assert not met_components(a, b, n).any()
    assert len(unordered(found)) == len(found)
    assert (a != b).all()


@pytest.mark.parametrize(
    ("n", "design", "pairs"),
    [
        (4, None, 6),
        (6, None, 15),
        (7, None, 14),  # a ring of 7 and 7 more
        (50, None, 100),
        (50, "all", comb(50, 2)),
        (50, "ring:0", 50),
        (50, "ring:30", 80),
        (50, "baseline", 49),
        (3, "ring", 3),  # there are no further pairs
        (5, "ring:9", 10),
    ],
)
def test_each_design_has_so_many_pairs(n: int, design: str | None, pairs: int) -> None:
    assert len(pairs_of(systems(n), design, baseline="s0")) == pairs


def test_everybody_has_two_neighbours_in_a_ring() -> None:
    found = pairs_of(systems(9), "ring:0", seed=3)
    sides = [side for pair in found for side in (pair.system_a, pair.system_b)]
    assert {sides.count(name) for name in systems(9)} == {2}


def test_the_seed_decides_the_draw_and_nothing_else_does() -> None:
    first, again, other = (unordered(pairs_of(systems(12), "ring", seed=s)) for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_new_names_change_no_pair() -> None:
    renamed = {name: f"renamed-{name}" for name in systems(12)}
    first = pairs_of(systems(12), "ring", seed=1)
    second = pairs_of([*renamed.values()], "ring", seed=1)
    assert [(renamed[p.system_a], renamed[str(p.system_b)]) for p in first] == [
        (p.system_a, p.system_b) for p in second
    ]


def test_one_more_system_keeps_all_but_one_pair_of_the_ring() -> None:
    """It goes between two neighbours, whose pair is left out."""
    first, second = (unordered(pairs_of(systems(n), "ring:0", seed=4)) for n in (12, 13))
    assert len(first - second) == 1
    assert len(second - first) == 2


def test_the_baseline_is_the_second_system_of_its_pairs() -> None:
    for design in ("all", "ring", "baseline"):
        found = pairs_of(systems(8), design, baseline="s2")
        assert all(pair.system_a != "s2" for pair in found)


@pytest.mark.parametrize(
    ("design", "baseline", "said"),
    [
        ("star", None, "use all, ring, ring:E"),
        ("all:3", None, "use all, ring, ring:E"),
        ("ring:", None, "whole number"),
        ("ring:-1", None, "whole number"),
        ("ring:x", None, "whole number"),
        ("baseline", None, "--baseline"),
        ("all", "gone", "no such system"),
    ],
)
def test_what_is_no_design_is_refused(design: str, baseline: str | None, said: str) -> None:
    with pytest.raises(InputError, match=said):
        pairs_of(systems(4), design, baseline=baseline)
