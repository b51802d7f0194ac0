"""Position bias: the worked example, its signs, and what cannot be known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar

from judge.controls.position import CONTROL, Position, measure, term
from judge.table import from_rows, turned

Row = dict[str, Any]

# 100 pairs, a letter per slot that won: the first for the order AB, the second for BA; C is a tie.
WORKED = (
    *["AB"] * 30,
    *["BA"] * 22,
    *["CC"] * 8,
    *["AA"] * 21,
    *["AC"] * 4,
    *["CA"] * 3,
    *["BB"] * 6,
    *["BC"] * 3,
    *["CB"] * 3,
)
IN_ORDER_AB = {"A": "a", "B": "b", "C": "tie", "-": None}
IN_ORDER_BA = {"A": "b", "B": "a", "C": "tie", "-": None}

codes = st.lists(st.sampled_from(["AB", "BA", "AA", "BB", "AC", "CB", "CC", "A-"]), max_size=12)


def rows(*codes: str, repeat: int = 1) -> Iterator[Row]:
    for number, code in enumerate(codes):
        shared = {
            "item_id": f"i{number}",
            "system_a": "new",
            "system_b": "base",
            "judge": "j",
            "repeat": repeat,
        }
        yield shared | {"order": "AB", "label": IN_ORDER_AB[code[0]]}
        yield shared | {"order": "BA", "label": IN_ORDER_BA[code[1]]}


def position(*codes: str) -> Position:
    return measure(from_rows("pairwise", rows(*codes)))


def values(found: Position) -> tuple[float | None, ...]:
    names = ("consistency", "preference_fairness", "first_shown_rate")
    return tuple(getattr(found, name).value for name in names)


def test_the_worked_example() -> None:
    """primacy 28, recency 12, consistent 60 of 100; first-shown .5775 (se .02652)."""
    found = position(*WORKED)
    assert values(found) == pytest.approx((0.60, -0.16, 0.5775))
    assert found.first_shown_rate.se == pytest.approx(0.02652, abs=5e-6)
    assert found.p_value == pytest.approx(0.016589, abs=5e-7)
    assert found.n_pairs == 100


def test_on_decided_pairs_the_sign_test_is_exact_mcnemar() -> None:
    found = position(*(code for code in WORKED if "C" not in code))
    expected = mcnemar([[30, 21], [6, 22]], exact=True).pvalue
    assert found.p_value == pytest.approx(expected)
    assert found.p_value == pytest.approx(0.0059246, abs=5e-8)


def test_judge_that_always_says_first_has_zero_position_consistency() -> None:
    found = position(*["AA"] * 8)
    assert values(found) == (0.0, -1.0, 1.0)
    assert found.p_value == pytest.approx(2 * 0.5**8)


def test_judge_that_always_prefers_the_second_has_fairness_1() -> None:
    assert values(position(*["BB"] * 8)) == (0.0, 1.0, 0.0)


def test_judge_that_never_turns_has_fairness_0_and_p_1() -> None:
    found = position("AB", "BA", "CC")
    assert values(found) == (1.0, 0.0, 0.5)
    assert found.p_value == 1.0


@pytest.mark.parametrize(
    ("code", "fairness"), [("AC", -1.0), ("CA", -1.0), ("BC", 1.0), ("CB", 1.0)]
)
def test_a_tie_in_one_order_only_is_inconsistent(code: str, fairness: float) -> None:
    found = position(code, "AB")
    assert found.consistency.value == 0.5
    assert found.preference_fairness.value == fairness / 2


def test_labels_decide_and_not_p_a() -> None:
    soft = [row | {"p_a": 0.5} for row in rows("AA", "AB")]
    assert values(measure(from_rows("pairwise", soft))) == values(position("AA", "AB"))


def test_pairs_with_a_missing_verdict_are_left_out_and_counted() -> None:
    found = position("AA", "AB", "A-", "-B", "--")
    assert found.n_pairs == 2
    assert values(found) == (0.5, -0.5, 0.75)
    assert (found.consistency.n, found.consistency.n_missing) == (2, 3)


def test_pairs_asked_in_one_order_are_not_missing() -> None:
    one_order = [
        row for row in rows("AA", "AB", "AB") if row["item_id"] != "i2" or row["order"] == "AB"
    ]
    found = measure(from_rows("pairwise", one_order))
    assert (found.n_pairs, found.consistency.n_missing) == (2, 0)


def test_an_order_that_a_policy_stopped_is_not_missing() -> None:
    stopped = {"label": None, "status": "not_asked", "reason": "policy"}
    some = [
        r | stopped if (r["item_id"], r["order"]) == ("i1", "BA") else r for r in rows("AA", "AB")
    ]
    found = measure(from_rows("pairwise", some))
    assert (found.n_pairs, found.consistency.n_missing) == (1, 0)


def test_without_an_order_nothing_is_known() -> None:
    unordered = [row | {"order": ""} for row in rows("AB", "AA") if row["order"] == "AB"]
    found = measure(from_rows("pairwise", unordered))
    assert values(found) == (None, None, None)
    assert (found.p_value, found.n_pairs) == (None, 0)
    assert found.first_shown_rate.note == "order not recorded"


def test_without_a_complete_pair_nothing_is_known() -> None:
    found = position("A-", "-B")
    assert values(found) == (None, None, None)
    assert (found.p_value, found.n_pairs, found.consistency.n_missing) == (None, 0, 2)
    assert found.consistency.note == "no pair has a verdict in both orders"


def test_each_pair_stands_with_its_lowest_complete_repeat_and_the_method_says_so() -> None:
    """i0: repeat 1 is complete (AB); i1: only repeat 2 is (AA)."""
    table = from_rows("pairwise", [*rows("AB", "A-", repeat=1), *rows("AA", "AA", repeat=2)])
    found = measure(table)
    assert (found.n_pairs, found.consistency.value) == (2, 0.5)
    assert "lowest repeat" in found.consistency.method
    assert "lowest repeat" not in position("AB").consistency.method


def test_orders_that_were_asked_in_different_repeats_still_make_a_pair() -> None:
    """AB is repeat 1, BA repeat 2: AA is inconsistent. i1 has both in repeat 3, which goes before."""
    apart = [r | {"repeat": {"AB": 1, "BA": 2}[r["order"]]} for r in rows("AA", "AA") if r["order"]]
    both = [r for r in rows("AB", "AB", repeat=3) if r["item_id"] == "i1"]
    found = measure(from_rows("pairwise", [*apart, *both]))
    assert (found.n_pairs, found.consistency.value, found.consistency.n_missing) == (2, 0.5, 0)
    assert "without one by the lowest of each order" in found.consistency.method


def test_of_an_order_without_a_common_repeat_the_lowest_counts() -> None:
    """AB: a in repeat 1, b in 3; BA: b (A won) in repeat 2, a in 4: AA, and not BB or AB."""
    shared = {"item_id": "i", "system_a": "new", "system_b": "base", "judge": "j"}
    said = [("AB", 3, "b"), ("AB", 1, "a"), ("BA", 4, "a"), ("BA", 2, "b")]
    table = from_rows(
        "pairwise", [shared | {"order": o, "repeat": n, "label": label} for o, n, label in said]
    )
    assert values(measure(table)) == (0.0, -1.0, 1.0)


def test_a_judge_that_was_stopped_before_it_began_was_asked_nothing() -> None:
    stopped = {"label": None, "status": "not_asked", "reason": "policy"}
    found = measure(from_rows("pairwise", [r | stopped for r in rows("AA")]))
    assert found.note == found.consistency.note == "nothing was asked"


def test_pairs_that_were_asked_in_one_order_are_counted() -> None:
    """i0 in both; i1 in one; i2 without an order; i3 stopped by a policy between its orders."""
    stopped = {"label": None, "status": "not_asked", "reason": "policy"}
    all_rows = list(rows("AA", "AB", "AB", "AB"))
    kept = [r for r in all_rows if r["item_id"] in ("i0", "i3") or r["order"] == "AB"]
    changed = [r | {"order": ""} if r["item_id"] == "i2" else r for r in kept]
    changed = [r | stopped if (r["item_id"], r["order"]) == ("i3", "BA") else r for r in changed]
    note = measure(from_rows("pairwise", changed)).consistency.note
    assert note.startswith("2 pairs not asked in both orders left out")
    assert "left out" not in position("AA", "A-").consistency.note


def test_pairs_of_one_cluster_make_one_cluster() -> None:
    together = [row | {"cluster": "c"} for row in rows("AA", "AB")]
    found = measure(from_rows("pairwise", [*together, *[r | {"item_id": "x"} for r in rows("BB")]]))
    assert (found.consistency.n, found.consistency.n_clusters) == (3, 2)


@settings(max_examples=40, deadline=None)
@given(codes)
def test_relabelled_orders_turn_the_signs_and_keep_the_consistency(codes: list[str]) -> None:
    """Verdicts whose orders were written down the wrong way round."""
    wrong = [r | {"order": {"AB": "BA", "BA": "AB"}[r["order"]]} for r in rows(*codes)]
    right, turned_round = position(*codes), measure(from_rows("pairwise", wrong))
    assert turned_round.p_value == right.p_value
    consistency, fairness, first_shown = values(right)
    if consistency is None or fairness is None or first_shown is None:
        assert values(turned_round) == (None, None, None)
    else:
        expected = (consistency, -fairness, 1 - first_shown)
        assert values(turned_round) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(codes, st.data())
def test_which_system_is_written_first_does_not_matter(
    codes: list[str], data: st.DataObject
) -> None:
    table = from_rows("pairwise", rows(*codes))
    n = len(table.frame)
    some = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    other = measure(turned(table, table.frame.index.isin([i for i, t in enumerate(some) if t])))
    assert values(other) == values(measure(table))


def test_the_control_measures_and_gives_a_term_and_plans_nothing() -> None:
    assert CONTROL.name == "position"
    assert CONTROL.measure is measure
    assert CONTROL.term is term
    assert CONTROL.expand is None
