"""From labels to what is right: majority, orientation, and what nobody knows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from judge.analysis.gold import gold_of, side, warnings
from judge.types import HumanLabel

LABELS = st.lists(st.sampled_from(["a", "b", "tie"]), min_size=1, max_size=7)


def label(rater: str, said: str, a: str = "new", b: str = "base", item: str = "i1") -> HumanLabel:
    return HumanLabel(item, rater, system_a=a, system_b=b, label=said)


def rows(*pairs: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["item_id", "system_a", "system_b"])


def test_sides_are_kept_with_the_systems_in_the_order_of_their_names() -> None:
    """new won and is system_a of the label; in the order of names base comes first, so the side is -1."""
    gold = gold_of([label("r", "a")])
    assert gold.sides == {("i1", "base", "new"): -1.0}
    found = side(rows(("i1", "new", "base"), ("i1", "base", "new"), ("i2", "base", "new")), gold)
    np.testing.assert_array_equal(found, [1.0, -1.0, np.nan])


def test_more_than_half_of_the_raters_decide() -> None:
    assert gold_of([label("r1", "a"), label("r2", "a"), label("r3", "b")]).sides
    assert gold_of([label("r1", "a"), label("r2", "a"), label("r3", "tie")]).sides


def test_ties_and_contradictions_leave_a_pair_undecided_and_counted() -> None:
    for said in (["tie"], ["a", "b"], ["a", "tie"], ["a", "b", "tie"]):
        found = gold_of(label(f"r{n}", one) for n, one in enumerate(said))
        assert (dict(found.sides), found.n_undecided) == ({}, 1), said


def test_a_rater_who_says_both_things_has_no_vote() -> None:
    both = [label("r1", "a"), label("r1", "a", a="base", b="new"), label("r2", "b")]
    assert gold_of(both).n_undecided == 1
    assert gold_of([*both, label("r3", "b")]).sides == {("i1", "base", "new"): 1.0}


@given(LABELS)
def test_writing_pairs_the_other_way_round_changes_nothing(said: list[str]) -> None:
    turned = {"a": "b", "b": "a", "tie": "tie"}
    one = gold_of(label(f"r{n}", x) for n, x in enumerate(said))
    other = gold_of(label(f"r{n}", turned[x], "base", "new") for n, x in enumerate(said))
    assert one == other


def test_labels_of_single_criteria_decide_no_side() -> None:
    only = HumanLabel("i1", "r", system_a="x", system_b="y", criterion="tone", label="a")
    assert gold_of([only]).sides == {}


def test_scores_of_several_raters_are_averaged_by_answer_and_criterion() -> None:
    said = [
        HumanLabel("i1", "r1", system="new", score=2.0),
        HumanLabel("i1", "r2", system="new", score=5.0),
        HumanLabel("i1", "r1", system="new", criterion="tone", score=1.0),
    ]
    assert gold_of(said).scores == {("i1", "new", ""): 3.5, ("i1", "new", "tone"): 1.0}


def test_labels_about_other_items_and_without_a_winner_are_warned_of() -> None:
    labels = [label("r", "tie", item="elsewhere")]
    said = list(warnings(rows(("i1", "new", "base")), labels, gold_of(labels)))
    assert "check that both use one item_id" in said[0]
    assert "1 labelled pair has no winner" in said[1]
    assert list(warnings(rows(("i1", "new", "base")), [], gold_of([]))) == []
