"""Drawing judgments for a person to mark, and what the marks say."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from judge.spotcheck import Candidate, Spot, draw, fragment, share_right, shares, spot_id, tallies
from judge.stats.intervals import mean
from judge.types import digest


def candidates(judge: str, items: int, each: int = 2) -> list[Candidate]:
    return [
        Candidate(digest([judge, n, place]), judge, f"i{n}")
        for n in range(items)
        for place in range(each)
    ]


# -- the draw ------------------------------------------------------------------------------------


def test_every_judge_gives_as_many_as_the_others() -> None:
    drawn = draw([*candidates("a", 30), *candidates("b", 50), *candidates("c", 5)], 12, seed=0)
    assert Counter(c.judge for c in drawn) == {"a": 4, "b": 4, "c": 4}


def test_a_judge_that_has_too_few_gives_all_and_the_others_make_up_for_it() -> None:
    assert shares({"a": 100, "b": 2, "c": 100}, 12) == {"a": 5, "b": 2, "c": 5}
    assert shares({"a": 3, "b": 2}, 20) == {"a": 3, "b": 2}
    assert shares({"a": 9, "b": 9}, 5) == {"a": 3, "b": 2}


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 12), min_size=1),
    st.integers(1, 40),
    st.integers(0, 5),
)
def test_no_judgment_is_drawn_twice_and_as_many_as_there_are(
    sizes: dict[str, int], n: int, seed: int
) -> None:
    known = [c for judge, items in sizes.items() for c in candidates(judge, items)]
    drawn = draw(known, n, seed)
    assert len(set(drawn)) == len(drawn) == min(n, len(known))


def test_the_items_are_gone_through_before_one_comes_again() -> None:
    """Two judges on 10 items in two orders: of 10 drawn no item repeats, of 20 each item is there."""
    known = [*candidates("a", 10), *candidates("b", 10)]
    assert len({c.item_id for c in draw(known, 10, seed=1)}) == 10
    assert Counter(c.item_id for c in draw(known, 20, seed=1)).most_common(1)[0][1] == 2


def test_a_draw_hangs_on_its_seed_and_not_on_the_order_of_what_it_draws_from() -> None:
    known = [*candidates("a", 20), *candidates("b", 20)]
    assert draw(known, 8, seed=3) == draw(known[::-1], 8, seed=3)
    assert draw(known, 8, seed=3) != draw(known, 8, seed=4)


def test_each_judgment_has_the_same_chance() -> None:
    """10 judgments of one judge, one an item, 3 drawn, 600 seeds: 180 times each; the standard
    deviation is sqrt(600 * 0.3 * 0.7) = 11.2, of which 4.5 are 51."""
    known = candidates("a", 10, each=1)
    counts = Counter(c.item_id for seed in range(600) for c in draw(known, 3, seed))
    assert all(abs(counts[c.item_id] - 180) <= 51 for c in known)


def test_the_judges_are_mixed_so_that_nobody_grows_tired_of_one() -> None:
    drawn = draw([*candidates("a", 30), *candidates("b", 30)], 20, seed=0)
    judges = [c.judge for c in drawn]
    assert sorted(judges) not in (judges, judges[::-1])


def test_a_spots_id_says_its_place_among_all_and_finds_its_trial() -> None:
    trial = digest("x")
    assert spot_id(3, 20, trial) == f"03of20-{fragment(trial)}"
    assert trial.startswith(f"sha256:{fragment(trial)}")


# -- the marks -----------------------------------------------------------------------------------


def spots(marks: str, judge: str = "j", first: int = 0) -> list[Spot]:
    """r is right, w wrong, u unsure, - unmarked; each of its own item."""
    names = {"r": "right", "w": "wrong", "u": "unsure", "-": ""}
    return [Spot(judge, f"i{n}", names[letter]) for n, letter in enumerate(marks, first)]


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(0, 20, 0.0, 0.1611), (8, 10, 0.4902, 0.9433), (45, 60, 0.6277, 0.8422)],
)
def test_the_interval_is_wilsons_published_one(right: int, n: int, low: float, high: float) -> None:
    found = share_right(spots("r" * right + "w" * (n - right)))
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), abs=5e-5)


def test_a_second_implementation_gives_the_same_interval() -> None:
    found = share_right(spots("r" * 17 + "w" * 3))
    theirs = proportion_confint(17, 20, method="wilson")
    assert (found.value, found.n) == (0.85, 20)
    assert (found.ci_low, found.ci_high) == pytest.approx(theirs)


def test_unsure_is_neither_right_nor_wrong() -> None:
    """3 of 4 decided; were both unsure ones wrong 3 of 6, were they right 5 of 6."""
    found = share_right(spots("rrrwuu--"))
    assert (found.value, found.n, found.n_missing) == (0.75, 4, 4)
    assert "2 unsure left out: 0.500 if all of them were wrong, 0.833 if right" in found.note


@pytest.mark.parametrize("marks", ["", "---", "uu"])
def test_without_a_mark_that_decides_there_is_no_share(marks: str) -> None:
    found = share_right(spots(marks))
    assert (found.value, found.ci_low, found.n_missing) == (None, None, len(marks))
    assert found.note


def test_explanations_about_one_item_do_not_count_as_independent() -> None:
    import numpy as np

    twice = [*spots("rrwrr"), *spots("rrwrr", judge="k")]
    found = share_right(twice)
    values, clusters = np.array([1.0, 1, 0, 1, 1] * 2), np.array([0, 1, 2, 3, 4] * 2)
    theirs = mean(values, clusters, name="x", unit="rate", bounds=(0.0, 1.0))
    assert (found.value, found.n, found.n_clusters) == (0.8, 10, 5)
    assert (found.ci_low, found.ci_high) == (theirs.ci_low, theirs.ci_high)


def test_few_marks_are_said_to_be_few() -> None:
    assert "fewer than 30 marks" in share_right(spots("r" * 29)).note
    assert share_right(spots("r" * 29 + "w")).note == ""


def test_the_marks_of_a_judge_add_up_to_what_was_drawn_and_all_judges_come_last() -> None:
    found = list(tallies([*spots("rrwu-", "b"), *spots("rw", "a", first=9)]))
    assert [t.judge for t in found] == ["a", "b", ""]
    assert [(t.drawn, t.marked, t.right, t.wrong, t.unsure) for t in found] == [
        (2, 2, 1, 1, 0),
        (5, 4, 2, 1, 1),
        (7, 6, 3, 2, 1),
    ]
    assert [t.judge for t in tallies(spots("r"))] == ["j"]
