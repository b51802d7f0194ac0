"""Plans: lazy, seeded, complete, and honest about what they will cost and can show."""

from __future__ import annotations

import dataclasses
import math
from itertools import islice

import pytest
from factories import item, items, judge, pairwise, plan, single
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import InputError
from judge.plan import Swap, forecast
from judge.types import Response


def test_every_pair_is_planned_in_both_orders_and_every_repeat() -> None:
    made = plan(items(5), [judge()], repeats=3)
    trials = [t for t, _ in made.trials(judge())]
    assert len(trials) == made.count() == 5 * 2 * 3
    assert len({t.trial_id for t in trials}) == len(trials)
    assert len({(t.item_id, t.order, t.repeat) for t in trials}) == len(trials)


def test_the_first_trial_is_made_without_the_others() -> None:
    bad = dataclasses.replace(item("bad"), reference=None)
    rubric = pairwise(needs_reference=True, user=pairwise().user + "{{ reference }}")
    lazy = plan([*items(50), bad], [judge()], rubric=rubric).trials(judge())
    assert len(list(islice(lazy, 2))) == 2


def test_the_same_seed_makes_the_same_plan_and_another_seed_another() -> None:
    def ids(seed: int) -> list[str]:
        made = plan(items(20), [judge()], seed=seed, swap="random")
        return [t.trial_id for t, _ in made.trials(judge())]

    assert ids(1) == ids(1)
    assert ids(1) != ids(2)


def test_adding_an_item_does_not_change_the_trials_of_the_others() -> None:
    def of(number: int) -> dict[tuple[str, str], str]:
        made = plan(items(number), [judge()], swap="sample:0.5")
        return {(t.item_id, t.order): t.trial_id for t, _ in made.trials(judge())}

    assert of(10).items() <= of(11).items()


@given(st.integers(min_value=0, max_value=2**32))
def test_random_swap_shows_each_item_once_and_count_knows_it(seed: int) -> None:
    made = plan(items(30), [judge()], swap="random", seed=seed)
    trials = [t for t, _ in made.trials(judge())]
    assert len(trials) == made.count() == 30


def test_random_swap_is_balanced_and_a_sample_has_its_share() -> None:
    made = plan(items(2000), [judge()], swap="sample:0.2")
    orders = [made.swap.orders(0, i.item_id, made.pairs[0]) for i in made.items]
    first = sum(o[0] == "AB" for o in orders if len(o) == 1) / sum(len(o) == 1 for o in orders)
    assert abs(first - 0.5) < 4 * 0.5 / math.sqrt(1600)
    assert abs(sum(len(o) == 2 for o in orders) / 2000 - 0.2) < 4 * 0.4 / math.sqrt(2000)


@pytest.mark.parametrize("text", ["", "none", "sample", "sample:2", "sample:x", "sample:nan"])
def test_an_unknown_swap_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(InputError, match="both, random, or sample:P"):
        Swap.parse(text)


def test_an_item_without_a_pair_is_not_planned() -> None:
    lonely = dataclasses.replace(item("lonely"), responses=(Response("tuned", ("x",)),))
    made = plan([lonely, item("whole")], [judge()])
    assert {t.item_id for t, _ in made.trials(judge())} == {"whole"}


def test_single_answers_are_planned_one_by_one_in_one_order() -> None:
    trials = [t for t, _ in plan(items(3), [judge()], rubric=single()).trials(judge())]
    assert {(t.system_a, t.system_b, t.order) for t in trials} == {
        ("tuned", None, "AB"),
        ("base", None, "AB"),
    }
    assert len(trials) == 6


def test_a_forecast_adds_up_tokens_and_money() -> None:
    priced = judge(usd_per_mtok_in=1.0, usd_per_mtok_out=2.0)
    expected = forecast(plan(items(10), [priced]), concurrency=64)
    assert (expected.calls, expected.per_judge, expected.items) == (20, 20, 10)
    assert expected.cost_usd == pytest.approx(
        (expected.tokens_in + 2 * expected.tokens_out) / 1e6, rel=1e-3
    )


def test_an_unknown_price_is_unknown_and_never_nothing() -> None:
    expected = forecast(plan(items(10), [judge("free")]), concurrency=64)
    assert expected.cost_usd is None
    assert expected.unpriced == ("free",)


def test_a_rate_limit_sets_the_expected_time() -> None:
    slow = judge(requests_per_minute=10)
    assert forecast(plan(items(10), [slow]), concurrency=64).duration_s == pytest.approx(120)


def test_the_smallest_difference_counts_clusters_at_full_variance() -> None:
    """(1.959964 + 0.841621) * 0.5 / sqrt(200) = 0.09905."""
    assert forecast(plan(items(200), [judge()]), 64).smallest_difference == pytest.approx(
        0.09905, abs=1e-5
    )
    grouped = [dataclasses.replace(i, cluster=f"c{n % 50}") for n, i in enumerate(items(200))]
    assert forecast(plan(grouped, [judge()]), 64).smallest_difference == pytest.approx(
        0.19810, abs=1e-5
    )
