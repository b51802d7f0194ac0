"""How numbers of several runs differ."""

from __future__ import annotations

import pytest
from diff_sides import answers, pairs, side
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.aggregate import analyze
from judge.diff.moves import HIGHER, LOWER, NO_CHANGE, Change, changes
from judge.types import PANEL


def one(*sides: object) -> Change:
    (found,) = changes(sides)[0]  # type: ignore[arg-type]
    return found


def test_the_difference_is_taken_item_by_item() -> None:
    """Run 1: w w l l = 0.5; run 2: w l l w = 0.5. Gains 0, -1, 0, 1: mean 0, variance 2/3 of which the
    mean of four has sqrt(2/3/4) = 0.408248."""
    found = one(side(*pairs("wwll")), side(*pairs("wllw")))
    assert [e.value for e in found.values] == [0.5, 0.5]
    assert (found.moved.value, found.moved.n) == (0.0, 4)
    assert found.moved.se == pytest.approx(0.408248, abs=1e-6)


def test_each_number_is_the_one_of_its_runs_own_report() -> None:
    rows = [*pairs("wtl-w"), *pairs("lwwtw", judge="k")]
    found, analyses = changes([side(*rows), side(*rows)])
    (own,) = {analyze(side(*rows).table).comparisons}
    assert analyses[0].comparisons == own
    assert [c.values[0] for c in found] == [row.raw for row in own]
    assert [c.key.judge for c in found] == ["j", "k", PANEL]


@settings(max_examples=15, deadline=None)
@given(st.text("wlt-", min_size=4, max_size=12), st.data())
def test_where_nothing_is_missing_the_difference_is_that_of_the_values(
    before: str, data: st.DataObject
) -> None:
    after = data.draw(st.text("wlt-", min_size=len(before), max_size=len(before)))
    found = changes([side(*pairs(before)), side(*pairs(after))])[0]
    both = [(a, b) for a, b in zip(before, after, strict=True) if "-" not in (a, b)]
    points = {"w": 1.0, "l": 0.0, "t": 0.5}
    if both and found:
        gains = [points[b] - points[a] for a, b in both]
        assert found[0].moved.value == pytest.approx(sum(gains) / len(gains))
    for change in found:
        assert change.moved.n == len(both)
        assert change.moved.n_missing == len(before) - len(both)


def test_a_clear_gain_is_higher_a_clear_loss_lower_and_the_rest_not_shown() -> None:
    low, high = side(*pairs("l" * 19 + "w")), side(*pairs("w" * 19 + "l"))
    assert one(low, high).conclusion == HIGHER
    assert one(high, low).conclusion == LOWER
    assert one(side(*pairs("wlwl")), side(*pairs("wwll"))).conclusion == NO_CHANGE


def test_a_conclusion_stands_on_the_panels_row_alone() -> None:
    before = side(*pairs("l" * 20), *pairs("l" * 19 + "w", judge="k"))
    after = side(*pairs("w" * 20), *pairs("w" * 20, judge="k"))
    found = {c.key.judge: c for c in changes([before, after])[0]}
    assert {judge: c.decides for judge, c in found.items()} == {"j": False, "k": False, PANEL: True}
    assert [c.conclusion for c in found.values()] == [None, None, HIGHER]
    assert found["j"].p_value is None


def test_a_judge_that_is_alone_in_one_run_only_decides_nothing() -> None:
    found = one(side(*pairs("llll")), side(*pairs("wwww"), *pairs("wwww", judge="k")))
    assert (found.key.judge, found.decides, found.conclusion) == ("j", False, None)


def test_holm_counts_the_rows_that_decide() -> None:
    """Two systems move by 3 of 8 items each: Holm doubles the smaller of the two equal p-values."""
    before = [*pairs("llllllll"), *pairs("llllllll", system="other")]
    after = [*pairs("wwwlllll"), *pairs("wwwlllll", system="other")]
    several, _ = changes([side(*before), side(*after)])
    alone = one(side(*before[:8]), side(*after[:8]))
    assert [c.n_tests for c in several] == [2, 2]
    assert several[0].p_value == pytest.approx(2 * (alone.p_value or 0))


def test_a_system_is_followed_under_its_new_name() -> None:
    names = {"v2": "new", "base": "base"}
    found = one(side(*pairs("llll")), side(*pairs("wlll", system="v2"), systems=names))
    assert (found.key.system, found.moved.value) == ("new", 0.25)


def test_a_number_that_a_run_lacks_is_not_shown() -> None:
    found, _ = changes([side(*pairs("ww")), side(*pairs("ww", system="v2"))])
    assert found == []


def test_of_three_runs_each_is_held_against_the_one_before_and_the_first() -> None:
    """Win rates 0.25, 0.75, 0.5."""
    found = one(side(*pairs("wlll")), side(*pairs("wwwl")), side(*pairs("wwll")))
    first, previous = found.from_first, found.from_previous
    assert [e and e.value for e in first] == [None, 0.5, 0.25]
    assert [e and e.value for e in previous] == [None, 0.5, -0.25]
    assert found.moved is first[-1]


def test_scores_move_on_their_own_scale_and_by_criterion() -> None:
    def run(overall: list[float | None], clear: list[float | None]) -> object:
        return side(*answers(overall), *answers(clear, criterion="clarity"))

    found, _ = changes([run([3, 4, 5], [1, 1, 1]), run([4, 5, None], [1, 2, 3])])  # type: ignore[list-item]
    by_criterion = {c.key.criterion: c for c in found}
    assert by_criterion[""].moved.value == 1.0
    assert (by_criterion[""].moved.n, by_criterion[""].moved.n_missing) == (2, 1)
    assert by_criterion["clarity"].moved.unit == "score"
    assert by_criterion[""].decides
    assert not by_criterion["clarity"].decides


def test_a_criterion_decides_where_nothing_is_overall() -> None:
    run = side(*answers([1, 2, 3], criterion="clarity"))
    assert one(run, run).decides


def test_the_panel_of_scores_is_paired_over_families() -> None:
    """j and k are of one family, m of another: votes (mean of j and k, m) = per item (1.5 + 4) / 2."""
    families = {"j": frozenset({"x"}), "k": frozenset({"x"}), "m": frozenset({"y"})}

    def run(of_m: float) -> object:
        rows = [*answers([1, 1]), *answers([2, 2], judge="k"), *answers([of_m, of_m], judge="m")]
        return side(*rows, families=families)

    found, _ = changes([run(4.0), run(2.0)])  # type: ignore[list-item]
    panel = next(c for c in found if c.key.judge == PANEL)
    assert [e.value for e in panel.values] == [2.75, 1.75]
    assert panel.moved.value == -1.0
