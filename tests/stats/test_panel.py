"""A panel has one vote per family, and an item needs every family."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from judge.stats.panel import family_groups, panel_values


def values(*rows: tuple[str, str, float | None, bool]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["item_id", "judge", "value", "is_asked"])
    return frame.assign(cluster=frame["item_id"], value=frame["value"].astype(float))


def test_judges_of_one_family_share_a_group_and_others_do_not() -> None:
    found = family_groups({"j1": frozenset({"x"}), "j2": frozenset({"y"}), "j3": frozenset({"x"})})
    assert found == {"j1": 0, "j3": 0, "j2": 1}


def test_overlap_carries_over() -> None:
    """A distilled judge of x and y joins the judges of x and those of y."""
    families = {"j1": frozenset({"x"}), "j2": frozenset({"y"}), "j3": frozenset({"x", "y"})}
    assert set(family_groups(families).values()) == {0}
    assert family_groups(dict(reversed(families.items()))) == family_groups(families)


def test_a_judge_without_a_family_is_alone() -> None:
    assert len(set(family_groups({"j1": frozenset(), "j2": frozenset()}).values())) == 2


def test_families_weigh_equally_whatever_their_number_of_judges() -> None:
    """Family 0 says (1 + 1) / 2, family 1 says 0: the panel says 0.5, not 2/3."""
    found = panel_values(
        values(("i", "j1", 1, True), ("i", "j2", 1, True), ("i", "j3", 0, True)),
        {"j1": 0, "j2": 0, "j3": 1},
    )
    assert found["value"].to_list() == [0.5]


def test_the_wordings_of_a_judge_are_averaged_before_its_family() -> None:
    """j1 says (1 + 0) / 2 over two wordings, j2 of the same family 1: the family says 0.75."""
    found = panel_values(
        values(("i", "j1", 1, True), ("i", "j1", 0, True), ("i", "j2", 1, True)), {"j1": 0, "j2": 0}
    )
    assert found["value"].to_list() == [0.75]


def test_an_item_without_a_family_has_no_value_and_is_missing() -> None:
    found = panel_values(
        values(
            ("i1", "j1", 1, True),
            ("i1", "j2", None, True),
            ("i2", "j1", 1, True),
            ("i2", "j2", 0, True),
            ("i3", "j1", 1, True),
        ),
        {"j1": 0, "j2": 1},
    )
    assert found["is_missing"].to_list() == [True, False, True]
    assert found["value"].to_list() == pytest.approx([math.nan, 0.5, math.nan], nan_ok=True)


def test_a_family_member_stands_in_for_one_without_a_verdict() -> None:
    found = panel_values(values(("i", "j1", None, True), ("i", "j2", 1, True)), {"j1": 0, "j2": 0})
    assert found["value"].to_list() == [1]
    assert not found["is_missing"].any()


def test_an_item_that_a_policy_kept_from_a_family_is_neither_counted_nor_missing() -> None:
    found = panel_values(
        values(
            ("i1", "j1", 1, True),
            ("i1", "j2", None, False),
            ("i2", "j1", 1, True),
            ("i2", "j2", 0, True),
        ),
        {"j1": 0, "j2": 1},
    )
    assert found["is_missing"].to_list() == [False, False]
    assert found["value"].to_list() == pytest.approx([math.nan, 0.5], nan_ok=True)
