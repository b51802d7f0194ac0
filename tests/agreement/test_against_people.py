"""The human ceiling, the alternative annotator test and the confusion matrix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from judge.agreement.alt_test import alt_test, benjamini_yekutieli, p_of_worse
from judge.agreement.ceiling import correlation_ceiling, human_ceiling
from judge.agreement.confusion import confusion
from judge.agreement.ratings import Codes, Ratings
from judge.agreement.tables import percent_of
from judge.stats.intervals import Floats

N = 40
RIGHT = np.arange(N) % 2


def wrong_every(k: int) -> Codes:
    """The labels i % 2, wrong where k divides i."""
    return np.where(np.arange(N) % k == 0, 1 - RIGHT, RIGHT)


PEOPLE = np.stack([wrong_every(5), wrong_every(7), wrong_every(4)], axis=1)


def rated(judge: Codes, people: Codes = PEOPLE, clusters: Codes | None = None) -> Ratings:
    return shared(np.eye(2)[judge], people, clusters)


def shared(shares: Floats, people: Codes = PEOPLE, clusters: Codes | None = None) -> Ratings:
    q = shares.shape[1]
    return Ratings(
        shares=shares,
        values=shares @ np.arange(q),
        ratings=people,
        numbers=np.where(people < 0, np.nan, people.astype(float)),
        clusters=np.arange(len(shares)) if clusters is None else clusters,
        scale_values=tuple(float(k) for k in range(q)),
    )


GOOD, BAD = rated(wrong_every(8)), rated(wrong_every(3))


# -- the ceiling -----------------------------------------------------------------------------------


def test_the_ceiling_of_the_toy() -> None:
    """Three people: .70 with each other; the good judge .7917 in their place, the bad one .60."""
    found = human_ceiling(GOOD)
    assert found.human.value == pytest.approx(0.70)
    assert found.judge.value == pytest.approx(0.7917, abs=5e-5)
    assert found.difference.value == pytest.approx(0.0917, abs=5e-5)
    assert found.difference.se == pytest.approx(0.0238, abs=5e-5)
    assert [one.human for one in found.by_rater] == pytest.approx([0.7, 0.725, 0.675])
    assert human_ceiling(BAD).judge.value == pytest.approx(0.60)


def test_in_each_place_the_judge_is_held_to_the_others_so_its_mean_is_its_percent() -> None:
    """Of m raters each is left out once: the mean over these is agreement with all of them."""
    assert human_ceiling(GOOD).judge.value == pytest.approx(percent_of(GOOD).value)


def test_a_judge_that_is_one_of_the_raters_is_exactly_at_their_ceiling_with_that_rater_left_out() -> (
    None
):
    found = human_ceiling(rated(wrong_every(5)))
    assert found.by_rater[0].judge == pytest.approx(found.by_rater[0].human)


def test_units_with_one_rater_or_no_verdict_have_no_part_in_the_ceiling() -> None:
    people = PEOPLE.copy()
    people[0, 1:] = -1
    shares = np.eye(2)[wrong_every(8)]
    shares[1] = np.nan
    found = human_ceiling(shared(shares, people))
    assert (found.human.n, found.human.n_missing) == (38, 2)
    assert found.by_rater[1].n == 38


def test_of_one_human_there_is_no_ceiling() -> None:
    found = human_ceiling(rated(RIGHT, PEOPLE[:, :1]))
    assert (found.human.value, found.difference.value, found.by_rater) == (None, None, ())
    assert "two raters" in found.human.note
    assert correlation_ceiling(rated(RIGHT, PEOPLE[:, :1]), seed=1).value is None


def test_the_ceiling_of_correlations_is_the_root_of_the_reliability_of_the_mean() -> None:
    """Three raters and ICC(3,1) = .5: reliability 3 * .5 / (1 + 2 * .5) = .75, root .866."""
    rng = np.random.default_rng(1)
    numbers = rng.normal(size=(60_000, 1)) + rng.normal(size=(60_000, 3)) + np.array([0, 1, 3])
    r = Ratings(
        np.zeros((60_000, 0)),
        numbers[:, 0],
        np.full(numbers.shape, -1),
        numbers,
        np.arange(60_000) % 50,
        "interval",
    )
    assert correlation_ceiling(r, seed=1, replicates=50).value == pytest.approx(0.866, abs=0.004)


def test_with_gaps_the_ceiling_is_that_of_the_one_way_model() -> None:
    """Two or three raters a unit, ICC .5, 2.5 in the mean: root of 2.5 * .5 / (1 + 1.5 * .5) = .845."""
    rng = np.random.default_rng(1)
    numbers = rng.normal(size=(60_000, 1)) + rng.normal(size=(60_000, 3))
    numbers[::2, 2] = np.nan
    r = Ratings(
        np.zeros((60_000, 0)),
        numbers[:, 0],
        np.full(numbers.shape, -1),
        numbers,
        np.arange(60_000) // 1200,
        "interval",
    )
    found = correlation_ceiling(r, seed=1, replicates=50)
    assert found.value == pytest.approx(0.845, abs=0.004)
    assert found.ci_low is not None


def test_people_without_anything_in_common_have_no_ceiling_of_correlations() -> None:
    numbers = np.array([[1.0, 5.0], [5.0, 1.0], [2.0, 4.0], [4.0, 3.0]])
    r = Ratings(
        np.zeros((4, 0)), numbers[:, 0], np.full((4, 2), -1), numbers, np.arange(4), "interval"
    )
    found = correlation_ceiling(r, seed=1)
    assert found.value is None
    assert "no more in common" in found.note


# -- the alternative annotator test ------------------------------------------------------------------


def test_the_good_judge_beats_every_rater_and_the_bad_one_none() -> None:
    """The published procedure's numbers: good omega 1, rho 1; bad omega 0, rho .825."""
    good, bad = alt_test(GOOD), alt_test(BAD)
    assert (good.winning_rate, good.passed) == (1.0, True)
    assert good.advantage_probability.value == pytest.approx(1.0)
    assert (bad.winning_rate, bad.passed) == (0.0, False)
    assert bad.advantage_probability.value == pytest.approx(0.825)
    assert [one.p for one in bad.raters] == pytest.approx([0.104969, 0.156165, 0.070312], abs=5e-7)


def test_with_epsilon_0_even_the_good_judge_is_not_shown_to_be_better() -> None:
    """Benjamini-Yekutieli's p are .064218, .07623, .07623: p times 3 (1 + 1/2 + 1/3) / rank."""
    found = alt_test(GOOD, 0.0)
    adjusted = [one.adjusted_p for one in found.raters]
    assert adjusted == pytest.approx([0.064218, 0.07623, 0.07623], abs=5e-6)
    assert (found.winning_rate, found.passed) == (0.0, False)


def test_with_clusters_of_one_it_is_the_t_test_and_with_others_fewer_degrees_of_freedom() -> None:
    worse = np.random.default_rng(1).choice([-1.0, 0.0, 1.0], 60, p=[0.2, 0.6, 0.2])
    plain = stats.ttest_1samp(worse, 0.2, alternative="less").pvalue
    assert p_of_worse(worse, np.arange(60), 0.2) == pytest.approx(plain)
    twice = np.repeat(worse, 2)
    assert p_of_worse(twice, np.repeat(np.arange(60), 2), 0.2) == pytest.approx(plain)
    assert p_of_worse(twice, np.arange(120), 0.2) < plain


@pytest.mark.parametrize(("every", "p"), [(0.0, 0.0), (0.2, 1.0), (1.0, 1.0)])
def test_differences_that_do_not_vary_decide_without_a_test(every: float, p: float) -> None:
    assert p_of_worse(np.full(30, every), np.arange(30), 0.2) == p


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_adjusted_p_are_those_of_statsmodels(p: list[float]) -> None:
    expected = multipletests(p, method="fdr_by")[1]
    assert benjamini_yekutieli(p) == pytest.approx(expected)


def test_raters_with_fewer_than_30_shared_units_are_refused() -> None:
    people = PEOPLE.copy()
    people[:11, 0] = -1
    found = alt_test(rated(wrong_every(8), people))
    assert found.n_refused == 1
    assert found.raters[0].why.startswith("29 units shared")
    assert found.note == "1 rater of 3 not tested"
    nobody = alt_test(rated(wrong_every(8), people).kept(np.arange(29)))
    assert (nobody.winning_rate, nobody.passed) == (None, None)
    assert nobody.advantage_probability.value is None
    assert nobody.note == "no rater could be tested"


def test_two_raters_are_fewer_than_advised_and_one_cannot_be_tested() -> None:
    two = alt_test(rated(RIGHT, PEOPLE[:, :2]))
    assert two.winning_rate is not None
    assert "three are advised" in two.note
    assert alt_test(rated(RIGHT, PEOPLE[:, :1])).passed is None


def test_of_two_orders_that_disagree_one_wins_and_the_other_loses() -> None:
    """Raters agree on everything: the order that is right ties with them, the other one loses."""
    people = np.repeat(RIGHT[:, None], 3, axis=1)
    found = alt_test(shared(np.full((N, 2), 0.5), people))
    assert [one.judge_wins for one in found.raters] == pytest.approx([0.5] * 3)
    assert [one.rater_wins for one in found.raters] == pytest.approx([1.0] * 3)


def test_numbers_are_scored_by_their_distance() -> None:
    """Others say 1 and 3: the judge's 2 is 1 off both, the rater's 4 is sqrt((9 + 1) / 2) off."""
    people = np.tile([4, 1, 3], (N, 1))
    shares = np.tile(np.eye(5)[2], (N, 1))
    numeric = alt_test(shared(shares, people), is_numeric=True)
    assert (numeric.raters[0].judge_wins, numeric.raters[0].rater_wins) == (1.0, 0.0)
    panel = Ratings(
        np.full((N, 5), np.nan),
        np.full(N, 2.0),
        people,
        people.astype(float),
        np.arange(N),
        "ordinal",
    )
    assert alt_test(panel, is_numeric=True).raters[0].judge_wins == 1.0


def test_two_labels_as_numbers_0_and_1_decide_as_labels_do() -> None:
    """-RMSE of 0/1 orders two answers as the share of equal labels does."""
    for judge in (GOOD, BAD):
        labels, numbers = (alt_test(judge, is_numeric=kind) for kind in (False, True))
        assert [one.p for one in labels.raters] == pytest.approx([one.p for one in numbers.raters])


def test_the_advantage_with_gaps_is_the_mean_over_raters() -> None:
    people = np.tile(PEOPLE, (2, 1))
    people[:20, 0] = -1
    found = alt_test(rated(np.tile(wrong_every(3), 2), people))
    wins = [one.judge_wins for one in found.raters if one.judge_wins is not None]
    assert found.advantage_probability.value == pytest.approx(np.mean(wins))
    assert found.advantage_probability.n == 80


# -- confusion -----------------------------------------------------------------------------------


def test_counts_are_in_units_and_unreadable_verdicts_are_apart() -> None:
    shares = np.array([[1.0, 0.0], [0.5, 0.5], [np.nan, np.nan], [0.0, 1.0]])
    people = np.array([[0, 0], [0, 1], [1, 1], [1, -1]])
    found = confusion(shared(shares, people))
    assert found is not None
    assert found.counts == pytest.approx(np.array([[1.25, 0.25], [0.25, 1.25]]))
    assert (found.n, found.n_unreadable) == (3, 1)
    assert found.unreadable.tolist() == [0, 1]
    assert found.of_judge == pytest.approx([1.5, 1.5])
    assert found.of_people == pytest.approx([1.5, 1.5])
    hits = percent_of(shared(shares, people)).value
    assert hits == pytest.approx(np.trace(found.counts) / found.n)


def test_there_is_no_matrix_of_numbers_without_labels() -> None:
    r = Ratings(np.zeros((2, 0)), np.ones(2), np.full((2, 1), -1), np.ones((2, 1)), np.arange(2))
    assert confusion(r) is None
