"""Position beside what it is held against: the model, noise, clusters, no skill, a stated margin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from judge.analysis.no_skill import ALWAYS_FIRST, ALWAYS_LONGER, FAIR_COIN
from judge.analysis.pairwise_models import JudgeModels, models_of
from judge.controls import position, position_noise, verbosity
from judge.controls.position import Position, measure
from judge.stats.equivalence import within_p
from judge.stats.intervals import mean
from judge.stats.proportions import mcnemar_exact, wilson
from judge.table import VerdictTable, from_rows

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
SAID = {"AB": {"A": "a", "B": "b", "C": "tie"}, "BA": {"A": "b", "B": "a", "C": "tie"}}


def pair(item: str, code: str, repeat: int = 1, **fields: Any) -> Iterator[Row]:
    for order, letter in zip(("AB", "BA"), code, strict=True):
        if letter != "-":
            yield {
                "item_id": item,
                "system_a": "new",
                "system_b": "base",
                "judge": "j",
                "order": order,
                "repeat": repeat,
                "label": SAID[order][letter],
            } | fields


def table(*codes: str, **fields: Any) -> VerdictTable:
    return from_rows(
        "pairwise", [r for n, c in enumerate(codes) for r in pair(f"i{n}", c, **fields)]
    )


def models(verdicts: VerdictTable) -> JudgeModels:
    (only,) = models_of(verdicts, position.term, verbosity.term).values()
    return only


def measured(verdicts: VerdictTable, **options: Any) -> Position:
    return measure(verdicts, models(verdicts), **options)


# -- the model -----------------------------------------------------------------------------------


def test_the_worked_example_to_all_its_digits() -> None:
    """PC .60 (Wilson .5020 to .6906), PF -.16, binomial p .016589, first-slot .5775 se .02652.

    gamma .31489, its SE by cluster .10982; of two equal answers the first wins .57808.
    """
    found = measured(table(*WORKED))
    assert found.consistency.value == pytest.approx(0.60)
    assert wilson(60, 100) == pytest.approx((0.5020, 0.6906), abs=5e-5)
    assert found.preference_fairness.value == pytest.approx(-0.16)
    assert found.p_value == pytest.approx(0.016589, abs=5e-7)
    assert found.first_shown_rate.value == pytest.approx(0.5775)
    assert found.first_shown_rate.se == pytest.approx(0.02652, abs=5e-6)
    gamma = found.coefficient
    assert gamma.value == pytest.approx(0.31489, abs=5e-6)
    assert gamma.se == pytest.approx(0.10982, abs=5e-6)
    assert gamma.value is not None
    assert gamma.se is not None
    assert 2 * stats.norm.sf(gamma.value / gamma.se) == pytest.approx(0.00414, abs=5e-6)
    assert found.first_shown_if_equal.value == pytest.approx(0.57808, abs=5e-6)


def test_the_worked_win_rate_without_position() -> None:
    """theta .17466, so new beats base with 1 / (1 + exp(-.17466)) = .543554."""
    fit = models(table(*WORKED)).position.fit
    assert fit is not None
    base, new = fit.strengths
    assert new - base == pytest.approx(0.17466, abs=5e-6)
    assert 1 / (1 + np.exp(base - new)) == pytest.approx(0.54355, abs=5e-6)


coded = st.lists(
    st.sampled_from(["AB", "BA", "AA", "BB", "AC", "CB", "CC"]), min_size=8, max_size=30
)


@settings(max_examples=8, deadline=None)
@given(coded)
def test_the_coefficient_is_that_of_statsmodels(codes: list[str]) -> None:
    codes = [*codes, "AB", "BA", "AA", "BB"]  # no side wins all
    verdicts = table(*codes)
    rows = models(verdicts).rows
    x = np.stack([np.ones(len(rows)), np.where(rows["order"] == "AB", 1.0, -1.0)], 1)
    theirs = sm.GLM(rows["y"].to_numpy(), x, family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": rows["cluster"].cat.codes.to_numpy()}
    )
    found = measured(verdicts).coefficient
    assert found.value == pytest.approx(theirs.params[1], abs=1e-7)
    assert found.se == pytest.approx(theirs.bse[1], rel=1e-5)


@settings(max_examples=8, deadline=None)
@given(coded)
def test_a_judge_that_names_the_other_slot_each_time_has_the_opposite_coefficient(
    codes: list[str],
) -> None:
    codes = [*codes, "AB", "BA", "AA", "BB"]
    right = measured(table(*codes))
    other = measured(table(*(c.translate(str.maketrans("AB", "BA")) for c in codes)))
    assert right.coefficient.value is not None
    assert right.first_shown_if_equal.value is not None
    assert other.coefficient.value == pytest.approx(-right.coefficient.value, abs=1e-7)
    rate = 1 - right.first_shown_if_equal.value
    assert other.first_shown_if_equal.value == pytest.approx(rate, abs=1e-7)


def test_a_judge_that_always_says_first_has_no_finite_coefficient() -> None:
    found = measured(table(*["AA"] * 8))
    assert (found.coefficient.value, found.first_shown_if_equal.value) == (None, None)
    assert "the order decides some verdicts without exception" in found.coefficient.note


def test_one_order_only_gives_no_coefficient_and_both_on_different_items_do() -> None:
    one = measured(table("A-", "B-", "A-"))
    assert one.coefficient.value is None
    assert one.coefficient.note.startswith("not computed: ")
    mixed = measured(table("A-", "-B", "-A", "B-", "A-", "-A"))
    assert mixed.consistency.value is None
    assert mixed.coefficient.value is not None


def test_without_the_models_or_an_order_the_coefficient_says_why_it_is_null() -> None:
    assert measure(table("AB")).coefficient.note == "not computed: needs the judge's pairwise model"
    unordered = table("A-", "B-", order="")
    assert measured(unordered).coefficient.note == "not computed: order not recorded"


# -- noise ---------------------------------------------------------------------------------------


def again(*items: tuple[str, ...], **fields: Any) -> VerdictTable:
    """Items with a code for each repeat."""
    rows = [
        r
        for n, codes in enumerate(items)
        for repeat, code in enumerate(codes, 1)
        for r in pair(f"i{n}", code, repeat, **fields)
    ]
    return from_rows("pairwise", rows)


def test_excess_is_turning_between_orders_above_that_between_repeats() -> None:
    """Turned in the first repeat: i0, i1 of 4 = .5. Repeats differ: i0 none; i1 in AB (1) and BA (0) =
    .5; i2 0; i3 was asked once: .5 / 3 = .1667. Excess .3333."""
    found = measured(again(("AA", "AA"), ("AA", "BA"), ("AB", "AB"), ("AB",))).excess_inconsistency
    assert found.value == pytest.approx(0.5 - 0.5 / 3)
    assert (found.n, found.n_clusters) == (3, 3)


def test_a_judge_that_draws_lots_has_no_excess() -> None:
    """Its turning of one half is that of its repeats."""
    rng = np.random.default_rng(4)
    items = [tuple("".join(rng.choice(["A", "B"], 2)) for _ in range(2)) for _ in range(400)]
    found = measured(again(*items))
    assert found.consistency.value == pytest.approx(0.5, abs=0.08)
    excess = found.excess_inconsistency
    assert excess.ci_low is not None
    assert excess.ci_high is not None
    assert excess.ci_low < 0 < excess.ci_high
    assert excess.ci_high - excess.ci_low < 0.2


def test_a_judge_that_always_says_first_has_all_of_its_turning_in_excess() -> None:
    found = measured(again(*[("AA", "AA")] * 5)).excess_inconsistency
    assert (found.value, found.se, found.ci_low) == (1.0, 0.0, None)
    assert found.note == "no interval: no spread between clusters"


def test_the_flip_rate_of_three_repeats_is_that_of_their_pairs() -> None:
    """A, A, B: 2 of 3 pairs of repeats differ; the other order never: 1/3."""
    flips, n = flips_of(again(("AA", "AA", "BA")))
    assert flips == pytest.approx([1 / 3])
    assert n == 1


def flips_of(verdicts: VerdictTable) -> tuple[list[float], int]:
    found, n = position_noise.flip_rates(verdicts.frame, position.PAIR)
    return found["flip"].to_list(), n


def test_where_nothing_was_asked_twice_there_is_no_excess() -> None:
    found = measured(table("AA", "AB")).excess_inconsistency
    assert (found.value, found.note) == (None, "nothing was asked more than once")
    lost = [
        r | {"label": None} if r["repeat"] == 2 else r for n in (1, 2) for r in pair("i", "AB", n)
    ]
    failed = measured(from_rows("pairwise", lost)).excess_inconsistency
    assert (failed.value, failed.n_missing) == (None, 1)
    assert failed.note == "no question has two verdicts"


@pytest.mark.slow
def test_the_interval_of_the_excess_covers_as_often_as_it_says() -> None:
    """Verdicts with a position effect on half of the items; repeats of a third of them."""
    rng = np.random.default_rng(20261121)
    hits, runs = 0.0, 150
    for _ in range(runs):
        p_first = np.where(rng.random(120) < 0.5, 0.5, 0.8)
        items = []
        for n, p in enumerate(p_first):
            times = 2 if n < 40 else 1
            items.append(
                tuple("".join("A" if d < p else "B" for d in rng.random(2)) for _ in range(times))
            )
        e = measured(again(*items)).excess_inconsistency
        # turned: both slots A or both B; repeats differ: 2 p (1-p).
        truth = np.mean([0.5**2 * 2 - 0.5, 0.8**2 + 0.2**2 - 2 * 0.8 * 0.2])
        hits += (e.ci_low or 0.0) <= truth <= (e.ci_high or 0.0)
    assert stats.binomtest(int(hits), runs, 0.95).pvalue > 0.01


# -- clusters ------------------------------------------------------------------------------------


def clustered(codes: list[str], size: int) -> VerdictTable:
    rows = [r for n, c in enumerate(codes) for r in pair(f"i{n}", c, cluster=f"c{n // size}")]
    return from_rows("pairwise", rows)


def test_where_every_pair_is_a_cluster_the_exact_test_decides() -> None:
    found = measured(table(*WORKED))
    assert found.p_value_clustered == found.p_value


def test_pairs_of_one_cluster_do_not_count_as_independent() -> None:
    """6 clusters, all five pairs of each the same: five lean to the first, one to the second."""
    codes = [c for c in ["AA", "AA", "AA", "AA", "AA", "BB"] for _ in range(5)]
    found = measured(clustered(codes, 5))
    assert found.p_value is not None
    assert found.p_value == pytest.approx(stats.binomtest(25, 30).pvalue)
    assert found.p_value < 0.001
    # mean 4/6 of (1,1,1,1,1,-1), se sqrt(sum of squares / (6 * 5)) = 1/3: t(5) = 2
    assert found.p_value_clustered == pytest.approx(2 * stats.t.sf(2, 5))


def test_of_one_cluster_there_is_no_clustered_p() -> None:
    found = measured(clustered(["AA", "AA", "AB"], 3))
    assert found.p_value is not None
    assert found.p_value_clustered is None


def test_without_an_inconsistent_pair_the_clustered_p_is_1() -> None:
    assert measured(clustered(["AB", "AB", "BA", "CC"], 2)).p_value_clustered == 1.0


def unbiased_p(rng: np.random.Generator, consistency: float, size: int) -> float:
    """The clustered p of 60 pairs whose turns have no direction of their own but share that of a cluster."""
    side = np.repeat(rng.random(60 // size), size)
    turned = rng.random(60) > consistency
    gain = np.where(turned, np.where(rng.random(60) < side, 1.0, -1.0), 0.0)
    clusters = np.repeat(np.arange(60 // size), size)
    fairness = mean(0.0 - gain, clusters, name="f", unit="difference")
    p = position._clustered(fairness, gain, clusters, 0.5)
    return 1.0 if p is None else p


@pytest.mark.slow
@pytest.mark.parametrize("consistency", [0.93, 0.6, 0.3, 0.1])
@pytest.mark.parametrize("size", [2, 5])
def test_an_unbiased_judge_is_called_biased_in_at_most_5_percent_of_runs(
    consistency: float, size: int
) -> None:
    rng = np.random.default_rng(20261121)
    alarms = sum(unbiased_p(rng, consistency, size) < 0.05 for _ in range(2000))
    assert stats.binomtest(alarms, 2000, 0.05, alternative="greater").pvalue > 0.01 / 8


@pytest.mark.slow
@pytest.mark.parametrize("consistency", [0.93, 0.6, 0.3, 0.1])
def test_so_is_an_unbiased_judge_of_independent_pairs(consistency: float) -> None:
    """100 pairs; the exact test is below 5 % and never above it."""
    rng = np.random.default_rng(20261121)
    turned = rng.binomial(100, 1 - consistency, 2000)
    primacy = rng.binomial(turned, 0.5)
    alarms = sum(
        mcnemar_exact(int(p), int(n - p)) < 0.05 for p, n in zip(primacy, turned, strict=True)
    )
    assert stats.binomtest(alarms, 2000, 0.05, alternative="greater").pvalue > 0.01


# -- no skill ------------------------------------------------------------------------------------


def test_what_judges_without_skill_show_on_the_same_pairs() -> None:
    found = measured(table(*WORKED, len_a=30, len_b=20))
    shown = {
        n.judge: (n.consistency, n.preference_fairness, n.first_shown_rate) for n in found.no_skill
    }
    assert shown == {
        FAIR_COIN: (0.5, 0.0, 0.5),
        ALWAYS_FIRST: (0.0, -1.0, 1.0),
        ALWAYS_LONGER: (1.0, 0.0, 0.5),
    }


def test_without_lengths_no_judge_goes_by_them() -> None:
    assert [n.judge for n in measured(table("AB")).no_skill] == [FAIR_COIN, ALWAYS_FIRST]
    assert measured(table("A-")).no_skill == ()


# -- a stated margin -----------------------------------------------------------------------------


def test_without_a_margin_nothing_is_tested_for_equivalence() -> None:
    assert measured(table(*WORKED)).equivalence is None


def test_equivalence_is_tested_on_the_pairs_by_cluster() -> None:
    gain = np.array([0.0] * 26 + [1.0, -1.0, 0.5, 0.5])
    found = measured(table(*["AB"] * 26, "AA", "BB", "AC", "CA"), margin=0.1).equivalence
    assert found is not None
    assert found.margin == 0.1
    assert found.p_value == within_p(gain, np.arange(30), 0.2)


def test_a_judge_that_never_turns_is_unbiased_where_there_are_enough_pairs_only() -> None:
    """Of n pairs none turned: .9 ** n where one in ten could; .349 of 10 and .0002 of 80."""
    for n in (10, 80):
        found = measured(table(*["AB"] * n), margin=0.05).equivalence
        assert found is not None
        assert found.p_value == pytest.approx(0.9**n)


def test_of_one_cluster_equivalence_is_not_tested() -> None:
    found = measured(clustered(["AB", "AB"], 2), margin=0.1).equivalence
    assert found is not None
    assert found.p_value is None
