"""The records: the swap pair, identity, and what a verdict may hold."""

from __future__ import annotations

import dataclasses

import pytest
from factories import item, pairwise
from hypothesis import given
from hypothesis import strategies as st

from judge.types import Status, Trial, Verdict, digest


def trial(order: str = "AB", **changes: object) -> Trial:
    made = Trial("i1", "j1", "r@1", "", "tuned", "base", order, 1, "sha256:k")  # type: ignore[arg-type]
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("order", "slot", "winner"),
    [("AB", "A", "a"), ("AB", "B", "b"), ("BA", "A", "b"), ("BA", "B", "a")],
)
def test_the_swap_is_undone(order: str, slot: str, winner: str) -> None:
    assert trial(order).unshown(slot) == winner  # type: ignore[arg-type]


@given(st.sampled_from(["AB", "BA"]), st.sampled_from(["A", "B"]))
def test_unshown_names_the_system_that_stood_in_the_slot(order: str, slot: str) -> None:
    one = trial(order)
    in_slot = dict(zip("AB", one.shown(("a", "b")), strict=True))
    assert one.unshown(slot) == in_slot[slot]  # type: ignore[arg-type]


@pytest.mark.parametrize("order", ["AB", "BA"])
def test_a_tie_is_a_tie_in_both_orders(order: str) -> None:
    assert trial(order).unshown("tie") == "tie"


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.OK])
def test_only_an_ok_verdict_has_a_label(status: Status) -> None:
    with pytest.raises(ValueError, match="if and only if"):
        Verdict(status, label="a")
    assert Verdict(status).label is None


def test_an_ok_verdict_without_a_label_is_refused() -> None:
    with pytest.raises(ValueError, match="if and only if"):
        Verdict(Status.OK)


@pytest.mark.parametrize(
    "change",
    [
        {"item_id": "i2"},
        {"judge": "j2"},
        {"rubric": "r@2"},
        {"variant": "v"},
        {"system_a": "other"},
        {"order": "BA"},
        {"repeat": 2},
        {"content_key": "sha256:other"},
    ],
)
def test_a_trial_id_tells_every_place_in_a_plan_apart(change: dict[str, object]) -> None:
    assert trial(**change).trial_id != trial().trial_id


def test_digests_are_tagged_and_do_not_hang_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({}).startswith("sha256:")


def test_a_rubric_changes_its_fingerprint_with_every_word_that_a_judge_sees() -> None:
    rubric = pairwise()
    for field in ("system", "user"):
        changed = dataclasses.replace(rubric, **{field: getattr(rubric, field) + "!"})
        assert changed.fingerprint != rubric.fingerprint
    assert dataclasses.replace(rubric, description="other").fingerprint == rubric.fingerprint


def test_an_item_is_its_own_cluster_unless_told_otherwise() -> None:
    assert item("i7").cluster == "i7"
    assert dataclasses.replace(item("i7"), cluster="c").cluster == "c"
