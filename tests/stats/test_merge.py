"""How two orders become one value: METHODS' numbers, what is refused, and where the rules are the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.aggregate import analyze
from judge.errors import InputError
from judge.stats.intervals import Floats
from judge.stats.merge import AVERAGE, MERGES, TIE, check, consistent_only
from judge.stats.values import pair_values
from judge.table import against, from_rows

Row = dict[str, Any]

# What x gets when it is shown first and when it is second, of 100 pairs; AB: slot 1 won, then slot 2.
WORKED = {
    "AB": (30, 1.0, 1.0),
    "BA": (22, 0.0, 0.0),
    "CC": (8, 0.5, 0.5),
    "AA": (21, 1.0, 0.0),
    "AC": (4, 1.0, 0.5),
    "CA": (3, 0.5, 0.0),
    "BB": (6, 0.0, 1.0),
    "BC": (3, 0.0, 0.5),
    "CB": (3, 0.5, 1.0),
}
LABELS = {1.0: "a", 0.5: "tie", 0.0: "b"}


def worked() -> tuple[Floats, Floats]:
    first, second = ([], [])
    for n, one, other in WORKED.values():
        first += [one] * n
        second += [other] * n
    return np.array(first), np.array(second)


def rows(*said: tuple[float, float]) -> list[Row]:
    return [
        {
            "item_id": f"i{n}",
            "system_a": "new",
            "system_b": "base",
            "judge": "j",
            "order": order,
            "label": LABELS[y],
        }
        for n, pair in enumerate(said)
        for order, y in zip(("AB", "BA"), pair, strict=True)
    ]


def values(merge: str, *made: Row) -> list[float]:
    found = pair_values(against(from_rows("pairwise", made), "base"), merge)
    return [float(value) for value in found["value"]]


def test_the_average_of_the_worked_example() -> None:
    """30 + 8/2 + (21 + 6)/2 + .75 * (4 + 3) + .25 * (3 + 3) = 54.25 of 100."""
    made = rows(*zip(*worked(), strict=True))
    assert np.mean(values(AVERAGE, *made)) == pytest.approx(0.5425)


def test_the_tie_rule_of_the_worked_example() -> None:
    """30 + 8/2 + (21 + 4 + 3 + 6 + 3 + 3)/2 = 54 of 100: only AC, CA, BC and CB differ."""
    made = rows(*zip(*worked(), strict=True))
    assert np.mean(values(TIE, *made)) == pytest.approx(0.54)


def test_leaving_out_inconsistent_pairs_moves_the_rate_away_from_a_half() -> None:
    """34 of 60 pairs that agree, .567; of those with a winner 30 of 52, .577; the average is .5425."""
    kept = consistent_only(*worked())
    assert kept.mean() == pytest.approx(34 / 60)
    assert kept[kept != 0.5].mean() == pytest.approx(0.577, abs=5e-4)
    assert kept.mean() > 0.5425


def test_consistent_only_is_refused_with_the_reason_and_what_to_use() -> None:
    with pytest.raises(InputError, match=r"away from 0\.5.*average or tie-on-inconsistency"):
        check("consistent-only")
    with pytest.raises(InputError, match="merge best: known are average or tie-on-inconsistency"):
        check("best")
    for name in MERGES:
        check(name)


@pytest.mark.parametrize(
    ("said", "average", "tie"),
    [((1.0, 0.5), 0.75, 0.5), ((0.0, 0.5), 0.25, 0.5), ((1.0, 0.0), 0.5, 0.5), ((1.0, 1.0), 1, 1)],
)
def test_the_rules_differ_where_one_order_is_a_tie(
    said: tuple[float, float], average: float, tie: float
) -> None:
    assert values(AVERAGE, *rows(said)) == [average]
    assert values(TIE, *rows(said)) == [tie]


def test_soft_verdicts_on_one_side_keep_their_average() -> None:
    """.7 and .9 name the same winner, .7 and .4 do not."""
    soft = [r | {"p_a": p} for r, p in zip(rows((1.0, 1.0)), (0.7, 0.9), strict=True)]
    assert values(TIE, *soft) == pytest.approx([0.8])
    turned = [r | {"p_a": p} for r, p in zip(rows((1.0, 0.0)), (0.7, 0.4), strict=True)]
    assert values(TIE, *turned) == [0.5]


def test_repeats_are_averaged_within_an_order_before_orders_are_merged() -> None:
    """AB: a, a, b = 2/3; BA: a = 1: the same winner. With BA: b the orders disagree."""
    first = [rows((y, 1.0))[0] | {"repeat": n} for n, y in enumerate((1.0, 1.0, 0.0), 1)]
    assert values(TIE, *first, rows((1.0, 1.0))[1]) == pytest.approx([5 / 6])
    assert values(TIE, *first, rows((1.0, 0.0))[1]) == [0.5]


def test_an_order_without_a_verdict_leaves_the_pair_undefined_under_either_rule() -> None:
    half = rows((1.0, 1.0))
    half[1]["label"] = None
    for merge in MERGES:
        assert np.isnan(values(merge, *half)).all()


def test_comparisons_say_so_where_another_rule_than_the_usual_was_used() -> None:
    table = from_rows("pairwise", rows(*[(1.0, 0.5)] * 4, (0.0, 0.0)))
    (usual,) = analyze(table, baseline="base").comparisons
    (other,) = analyze(table, baseline="base", merge=TIE).comparisons
    assert (usual.raw.value, other.raw.value) == (0.6, 0.4)
    assert any("counts as a tie" in note for note in other.notes)
    assert not any("counts as a tie" in note for note in usual.notes)
    with pytest.raises(InputError, match="merge consistent-only"):
        analyze(table, merge="consistent-only")


decided = st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 1.0])), min_size=1)


@settings(max_examples=15, deadline=None)
@given(decided)
def test_without_ties_both_rules_are_the_same(said: list[tuple[float, float]]) -> None:
    made = rows(*said)
    assert values(TIE, *made) == values(AVERAGE, *made)
