"""A draw has the probabilities that it says, hangs on its seed alone, and can be extended."""

from __future__ import annotations

from collections import Counter
from math import nan, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.errors import InputError
from judge.labels.splits import parse_shares, split_of
from judge.stats.label_draw import (
    SMALLEST_SD,
    allocated,
    bins,
    draw,
    first_shown,
    label_sds,
    order_of,
    row_id,
)

POPULATIONS = st.dictionaries(
    st.text(min_size=1, max_size=4),
    st.sampled_from(["easy", "hard", "odd"]),
    min_size=6,
    max_size=40,
)


@settings(deadline=None)
@given(strata=POPULATIONS, seed=st.integers(0, 10**6), data=st.data())
def test_inclusion_probabilities_sum_to_n(
    strata: dict[str, str], seed: int, data: st.DataObject
) -> None:
    n = data.draw(st.integers(min(6, len(strata)), len(strata)))
    sds = data.draw(st.none() | st.just({"easy": 0.1, "hard": 0.5, "odd": 0.4}))
    sample = draw(strata, n, seed, sds=sds)
    probs = [sample.strata[stratum].inclusion_prob for stratum in strata.values()]
    assert sum(probs) == pytest.approx(n)
    assert all(0 < p <= 1 for p in probs)
    assert len(set(sample.units)) == n
    assert Counter(strata[unit] for unit in sample.units) == {
        name: one.n for name, one in sample.strata.items()
    }


def test_units_are_drawn_as_often_as_their_probability_says() -> None:
    """2,000 draws of 6 of 15, 5 of which are hard and get 3: 0.6 each, the others 3 of 10: 0.3.

    The standard error of a frequency is at most sqrt(.24/2000) = .011.
    """
    strata = {f"u{k}": "hard" if k < 5 else "easy" for k in range(15)}
    sds = {"hard": 0.5, "easy": 0.25}  # 5 x .5 = 2.5 and 10 x .3 (the smallest sd) = 3: three each
    drawn = [draw(strata, 6, seed, sds=sds) for seed in range(2000)]
    assert {name: one.n for name, one in drawn[0].strata.items()} == {"easy": 3, "hard": 3}
    counts = Counter(unit for sample in drawn for unit in sample.units)
    for unit, stratum in strata.items():
        wanted = drawn[0].strata[stratum].inclusion_prob
        assert abs(counts[unit] / 2000 - wanted) < 4 * sqrt(wanted * (1 - wanted) / 2000)


@settings(deadline=None)
@given(strata=POPULATIONS, seed=st.integers(0, 10**6), more=st.integers(0, 10))
def test_an_extended_draw_is_the_larger_draw(strata: dict[str, str], seed: int, more: int) -> None:
    first = draw(strata, 6, seed)
    n = min(6 + more, len(strata))
    second = draw(strata, n, seed, earlier=first.units)
    assert set(first.units) <= set(second.units)
    assert set(second.units) == set(draw(strata, n, seed).units)
    assert second.strata == draw(strata, n, seed).strata


def test_a_draw_hangs_on_its_seed_and_not_on_the_order_of_the_file() -> None:
    strata = {f"u{k}": "all" for k in range(30)}
    backwards = dict(reversed(strata.items()))
    assert draw(strata, 9, 4) == draw(backwards, 9, 4)
    assert draw(strata, 9, 4).units != draw(strata, 9, 5).units


def test_an_earlier_draw_with_another_seed_cannot_be_extended() -> None:
    strata = {f"u{k}": "all" for k in range(30)}
    first = draw(strata, 5, 1)
    with pytest.raises(InputError, match="draw with the seed of the earlier draw"):
        draw(strata, 7, 2, earlier=first.units)


@pytest.mark.parametrize(
    ("n", "said"), [(31, "only 30 to draw from"), (3, "2 strata need 4 at least")]
)
def test_what_cannot_be_drawn_is_refused(n: int, said: str) -> None:
    strata = {f"u{k}": "ab"[k % 2] for k in range(30)}
    with pytest.raises(InputError, match=said):
        draw(strata, n, 0)


def test_neyman_gives_in_proportion_to_size_times_spread() -> None:
    """Sizes 100 and 300, spreads .5 and .1: 50 to 30, so 50 and 30 of 80."""
    found = allocated(80, {"a": 100, "b": 300}, {"a": 0.5, "b": 0.1}, {"a": 2, "b": 2})
    assert found == {"a": 50, "b": 30}


@settings(max_examples=50, deadline=None)
@given(
    sizes=st.lists(st.integers(2, 8), min_size=2, max_size=3),
    sds=st.lists(st.sampled_from([0.3, 0.4, 0.5]), min_size=3, max_size=3),
    data=st.data(),
)
def test_no_other_allocation_has_a_smaller_variance(
    sizes: list[int], sds: list[float], data: st.DataObject
) -> None:
    """Sum of (N_h sd_h)^2 / n_h, against every other way to give out n."""
    names = "abc"[: len(sizes)]
    size, sd = dict(zip(names, sizes, strict=True)), dict(zip(names, sds, strict=False))
    n = data.draw(st.integers(len(sizes), sum(sizes)))
    found = allocated(n, size, sd, dict.fromkeys(names, 1))

    def variance(given: dict[str, int]) -> float:
        return sum((size[h] * sd[h]) ** 2 / given[h] for h in names)

    best = min(variance(one) for one in _all(names, size, n))
    assert variance(found) == pytest.approx(best)


def _all(names: str, size: dict[str, int], n: int) -> list[dict[str, int]]:
    if not names:
        return [{}] if n == 0 else []
    return [
        {names[0]: own, **rest}
        for own in range(1, min(size[names[0]], n) + 1)
        for rest in _all(names[1:], size, n - own)
    ]


def test_equal_scores_stay_in_one_stratum() -> None:
    few = bins({"a": 0.0, "b": 1.0, "c": 1.0, "d": 0.5, "e": nan})
    assert few == {"a": "0", "b": "1", "c": "1", "d": "0.5", "e": "no verdict"}
    many = bins({f"u{k}": float(k) for k in range(100)})
    assert Counter(Counter(many.values()).values()) == {25: 4}


def test_the_spread_of_labels_is_taken_from_where_the_judge_stands() -> None:
    """Mean .5 of 0..1 spreads .5; mean 1 does not spread, and is held to the smallest spread in a draw."""
    strata = {"a": "mid", "b": "mid", "c": "top", "d": "none"}
    found = label_sds(strata, {"a": 0.0, "b": 1.0, "c": 1.0, "d": nan})
    assert found == {"mid": 0.5, "none": 0.5, "top": 0.0}
    assert draw(strata, 4, 0, sds=found).strata["top"].sd == SMALLEST_SD


# -- how they are shown --------------------------------------------------------------------------


@given(n=st.integers(1, 60), seed=st.integers(0, 10**6))
def test_half_of_the_rows_show_each_answer_first(n: int, seed: int) -> None:
    units = [f"u{k}" for k in range(n)]
    shown = Counter(first_shown(units, seed, "ann").values())
    assert abs(shown["AB"] - shown["BA"]) <= 1


def test_each_rater_has_an_order_and_ids_of_their_own() -> None:
    units = [f"u{k}" for k in range(20)]
    assert order_of(units, 1, "ann") != order_of(units, 1, "bob")
    assert first_shown(units, 1, "ann") != first_shown(units, 1, "bob")
    assert len({row_id(1, rater, unit) for rater in ("ann", "bob") for unit in units}) == 40


# -- splits --------------------------------------------------------------------------------------


def test_splits_have_about_their_shares_and_no_item_moves_when_others_come() -> None:
    """Of 4,000: 800, 1,600 and 1,600, each with a standard deviation of at most 31."""
    found = Counter(split_of("mine", f"i{k}") for k in range(4000))
    assert abs(found["dev"] - 800) < 125
    assert abs(found["test"] - 1600) < 125
    assert split_of("mine", "i7") == split_of("mine", "i7")
    assert {split_of("mine", f"i{k}", (0.0, 0.0, 1.0)) for k in range(50)} == {"test"}


def test_another_set_is_split_in_another_way() -> None:
    ids = [f"i{k}" for k in range(50)]
    assert [split_of("a", i) for i in ids] != [split_of("b", i) for i in ids]


@pytest.mark.parametrize("text", ["20/40", "20/40/50", "a/b/c", "-10/50/60", "nan/50/50"])
def test_shares_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="as in 20/40/40"):
        parse_shares(text)


def test_shares_are_percents() -> None:
    assert parse_shares("20/40/40") == (0.2, 0.4, 0.4)
