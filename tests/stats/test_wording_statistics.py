"""What is said of verdicts under several wordings: METHODS 4, second implementations, properties."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from judge.agreement.cohen_kappa import cohen_kappa
from judge.stats import sign_flip, wordings
from judge.stats.wording_kappas import kappa, weighted_kappa
from judge.stats.wording_ranks import kendall_taus, ranks
from judge.stats.wording_tests import overall, permuted_p
from judge.stats.wordings import MISSING, UNASKED

VERDICTS = np.array(
    [
        [1, 1, 1, 1],
        [1, 0, 1, 1],
        [0, 0, 0, 0],
        [1, 1, 0, 1],
        [0, 0, 0, 1],
        [1, 1, 1, 1],
        [0, 1, 0, 0],
        [1, 1, 1, 1],
        [1, 0, 0, 1],
        [0, 0, 0, 0],
    ]
)
SCORES = np.array(
    [
        [4, 4, 3, 4],
        [3, 2, 3, 4],
        [5, 5, 4, 5],
        [2, 2, 2, 3],
        [4, 3, 3, 4],
        [1, 1, 1, 2],
        [3, 3, 2, 4],
        [5, 4, 4, 5],
    ],
    dtype=float,
)
MEANS = np.array(
    [
        [3.9, 3.7, 3.8, 3.6],
        [3.6, 3.8, 3.5, 3.5],
        [3.1, 3.0, 3.3, 3.2],
        [2.5, 2.9, 2.4, 2.8],
        [2.7, 2.6, 2.6, 2.5],
    ]
)
TEN, EIGHT = np.arange(10), np.arange(8)

DECISIONS = st.integers(2, 5).flatmap(
    lambda n_wordings: st.lists(
        st.lists(st.integers(-2, 2), min_size=n_wordings, max_size=n_wordings),
        min_size=2,
        max_size=20,
    )
)


# -- METHODS 4 -----------------------------------------------------------------------------------


def test_methods_binary_matrix() -> None:
    """METHODS 4: the six pairs of wordings agree on .7 .8 .9 .7 .6 .7, mean .7333; five of ten flip."""
    assert wordings.agreement(VERDICTS, TEN).value == pytest.approx(0.733333, abs=1e-6)
    assert wordings.items_that_flip(VERDICTS, TEN, TEN).value == 0.5
    flips = [wordings.flips(VERDICTS[:, 0], VERDICTS[:, k], TEN, 0.95).value for k in (1, 2, 3)]
    expected = [(VERDICTS[:, 0] != VERDICTS[:, k]).mean() for k in (1, 2, 3)]
    assert flips == pytest.approx(expected)
    same = wordings.identical(VERDICTS[:, 0], VERDICTS[:, 1], TEN, 0.95).value
    assert same == pytest.approx(1 - expected[0])


def test_methods_cochran_q_is_friedmans_statistic_of_two_values() -> None:
    """METHODS 4: Q 3.75, p .28976, df 3."""
    found = overall(VERDICTS.astype(float), TEN)
    assert (found.name, found.df, found.n) == ("Cochran's Q", 3, 10)
    assert found.statistic == pytest.approx(3.75)
    assert found.p_value == pytest.approx(0.28976, abs=5e-6)
    assert found.statistic == pytest.approx(stats.friedmanchisquare(*VERDICTS.T).statistic)


def test_methods_friedman_and_kendalls_w() -> None:
    """METHODS 4: chi2 15.8793, p .0012005, W = 15.8793 / (8 x 3) = .66164."""
    found = overall(SCORES, EIGHT)
    assert found.name == "Friedman"
    assert found.statistic == pytest.approx(15.8793, abs=5e-5)
    assert found.p_value == pytest.approx(0.0012005, abs=5e-8)
    assert found.kendall_w == pytest.approx(0.66164, abs=5e-6)


def test_methods_taus_of_five_systems() -> None:
    """METHODS 4: mean .7667, least .6."""
    found = kendall_taus(MEANS)
    assert found.mean() == pytest.approx(0.766667, abs=1e-6)
    assert found.min() == pytest.approx(0.6)
    by_scipy = [
        stats.kendalltau(MEANS[:, a], MEANS[:, b]).statistic for a, b in combinations(range(4), 2)
    ]
    np.testing.assert_allclose(found, by_scipy)


def test_methods_acquiescence() -> None:
    """s 4 5 3 2 4 and on the reversed scale 3 2 3 5 2: (18 + 15) / 10 - 3 = .30."""
    score = np.array([4, 5, 3, 2, 4.0])
    as_meant = wordings.mirror(np.array([3, 2, 3, 5, 2.0]), 1, 5)
    found = wordings.acquiescence(score, as_meant, np.arange(5), 0.95)
    assert found.value == pytest.approx(0.30)


def test_methods_change_of_scale() -> None:
    """1 + (x - 1) 4 / 9: 1, 1.444, 1.889 ... 5."""
    found = wordings.rescaled(np.arange(1.0, 11.0), (1, 10), (1, 5))
    np.testing.assert_allclose(found[:3], [1, 1.444, 1.889], atol=5e-4)
    assert found[-1] == 5


# -- beyond chance -------------------------------------------------------------------------------


def test_judge_that_always_says_the_same_agrees_whole_and_has_no_kappa() -> None:
    said = np.ones((10, 3), dtype=np.int64)
    assert wordings.agreement(said, TEN).value == 1
    found = kappa(said, TEN)
    assert (found.value, found.note) == (None, "no variation: every label is the same")
    assert weighted_kappa(said.astype(float), TEN).value is None
    assert overall(said.astype(float), TEN).note == "no verdict hangs on the wording"


def test_wording_with_one_label_alone_has_kappa_0_without_an_interval() -> None:
    said = np.column_stack([np.arange(10) % 2, np.zeros(10, dtype=np.int64)])
    found = kappa(said, TEN)
    assert (found.value, found.ci_low) == (0, None)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30))
def test_kappa_of_two_wordings_is_cohens(pairs: list[tuple[int, int]]) -> None:
    said, labels = np.array(pairs), [str(n) for n in range(4)]
    a, b = ([str(n) for n in column] for column in said.T)
    theirs = cohen_kappa(a, b, labels=labels).value
    own = kappa(said, np.arange(len(said)), replicates=0).value
    assert own == (theirs if theirs is None else pytest.approx(theirs, abs=1e-9))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30))
def test_weighted_kappa_of_two_wordings_is_cohens_with_quadratic_weights(
    pairs: list[tuple[int, int]],
) -> None:
    said, labels = np.array(pairs), [str(n) for n in range(4)]
    a, b = ([str(n) for n in column] for column in said.T)
    theirs = cohen_kappa(a, b, labels=labels, weights="quadratic").value
    own = weighted_kappa(said.astype(float), np.arange(len(said)), replicates=0).value
    assert own == (theirs if theirs is None else pytest.approx(theirs, abs=1e-9))


def test_kappa_of_four_wordings_by_hand() -> None:
    """Ones in a wording .6 .5 .4 .7. Two agree by chance with p q + (1 - p)(1 - q):
    .5 .48 .54 .5 .5 .46, mean .49667; kappa (.73333 - .49667) / .50333 = .47020."""
    found = kappa(VERDICTS, TEN)
    assert found.value == pytest.approx(0.470199, abs=1e-6)
    assert (found.ci_low or 0) < 0.47 < (found.ci_high or 0)


def test_rank_correlation_is_spearmans_and_survives_a_change_of_scale() -> None:
    """Any increasing map of one side leaves it."""
    a, b = SCORES[:, 0], SCORES[:, 2]
    found = wordings.rank_correlation(a, b, EIGHT)
    assert found.value == pytest.approx(stats.spearmanr(a, b).statistic)
    stretched = wordings.rank_correlation(a, np.exp(b), EIGHT)
    assert stretched.value == pytest.approx(found.value)
    assert wordings.rank_correlation(a, np.ones(8), EIGHT).value is None


# -- above repeats -------------------------------------------------------------------------------


def test_excess_flips_by_hand() -> None:
    """Ten items: the wording flips items 0-3, the base asked again item 3 and 4.

    Excess (4 - 2) / 10; of the discordant three against one p = 2 P(X >= 3 | 4, 1/2) = 10 / 16.
    """
    base = np.zeros(10, dtype=np.int64)
    other, again = base.copy(), base.copy()
    other[:4], again[3:5] = 1, 1
    found = wordings.excess_flips(base, again, other, TEN)
    assert found.estimate.value == pytest.approx(0.2)
    assert found.p_value == pytest.approx(10 / 16)
    assert found.estimate.ci_low is not None


def test_nothing_asked_twice_leaves_no_excess() -> None:
    base = np.zeros(10, dtype=np.int64)
    again = wordings.first_told(np.zeros((10, 0), dtype=np.int64))
    found = wordings.excess_flips(base, again, base, TEN)
    assert (found.estimate.value, found.p_value) == (None, None)
    assert found.estimate.note == "nothing was asked twice"
    net = wordings.net_agreement(np.zeros((10, 3), dtype=np.int64), base[:, None], TEN)
    assert (net.value, net.note) == (None, "nothing was asked twice")


def test_first_verdict_of_several_repeats_is_taken_and_what_was_not_asked_stays_so() -> None:
    again = np.array([[1, 0], [MISSING, 2], [MISSING, MISSING], [UNASKED, UNASKED]])
    assert wordings.first_told(again).tolist() == [1, 2, MISSING, UNASKED]


def test_missing_verdicts_are_counted_and_those_not_asked_are_not() -> None:
    base = np.array([0, 0, MISSING, 0, 0])
    other = np.array([0, 1, 0, MISSING, UNASKED])
    found = wordings.flips(base, other, np.arange(5), 0.95)
    assert (found.value, found.n, found.n_missing) == (0.5, 2, 2)


def test_pairs_of_verdicts_with_one_missing_are_left_out_and_said() -> None:
    """Row one has 1 of 3 pairs, identical; row two 3, of which 1 is: (1 + 1/3) / 2."""
    said = np.array([[1, 1, MISSING], [1, 1, 0], [0, MISSING, MISSING]])
    found = wordings.agreement(said, np.arange(3))
    assert found.value == pytest.approx((1 + 1 / 3) / 2)
    assert (found.n, found.n_missing) == (2, 1)
    assert found.note == "2 pairs of verdicts with one missing left out"


def test_net_agreement_is_agreement_less_that_of_repeats() -> None:
    repeats = np.column_stack([VERDICTS[:, 0], np.where(TEN == 0, 0, VERDICTS[:, 0])])
    found = wordings.net_agreement(VERDICTS, repeats, TEN)
    assert found.value == pytest.approx(0.733333 - 0.9, abs=1e-6)


def test_item_flips_where_any_of_its_presentations_does() -> None:
    said = np.array([[1, 1], [1, 0], [0, 0], [0, 0]])
    found = wordings.items_that_flip(said, np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]))
    assert (found.value, found.n) == (0.5, 2)


def test_share_on_which_every_repeat_is_the_same() -> None:
    """Of three rows with all verdicts one is whole."""
    repeats = np.array([[1, 1, 1], [1, 1, 0], [0, 1, 2], [1, MISSING, 1]])
    found = wordings.all_same(repeats, np.arange(4))
    assert found.value == pytest.approx(1 / 3)
    assert (found.n, found.n_missing) == (3, 1)


@given(DECISIONS)
def test_agreement_does_not_hang_on_names_of_labels_or_order_of_wordings(
    rows: list[list[int]],
) -> None:
    said = np.array(rows)
    clusters = np.arange(len(said))
    found = wordings.agreement(said, clusters).value
    renamed = np.where(said >= 0, 2 - said, said)
    for other in (renamed, said[:, ::-1]):
        assert wordings.agreement(other, clusters).value == (
            None if found is None else pytest.approx(found)
        )
    one = kappa(said, clusters, replicates=0).value
    assert kappa(renamed, clusters, replicates=0).value == (
        None if one is None else pytest.approx(one)
    )


@given(DECISIONS)
def test_denominators_add_up(rows: list[list[int]]) -> None:
    said = np.array(rows)
    found = wordings.flips(said[:, 0], said[:, 1], np.arange(len(said)), 0.95)
    asked = (said[:, :2] > UNASKED).all(axis=1).sum()
    assert found.n + found.n_missing == asked


# -- exact tests ---------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 4)), min_size=1, max_size=25)
)
def test_permutation_of_one_wording_is_the_sign_flip(rows: list[tuple[bool, bool, int]]) -> None:
    flips, again, clusters = (np.array(column) for column in zip(*rows, strict=True))
    sums = sign_flip.cluster_sums(flips.astype(float) - again, clusters)
    own = permuted_p(flips[:, None], again, clusters)
    assert own == pytest.approx(sign_flip.p_value(sums))


def test_permutation_over_several_wordings_by_hand() -> None:
    """Two items, both flipped by both wordings and by no repeat: the repeat is the odd one of three.

    It is so in 1/3 x 1/3 of the placements; the mean of 4/3 lies 4/3 above 0 flips and 2/3 below 2.
    """
    flips = np.ones((2, 2), dtype=bool)
    assert permuted_p(flips, np.zeros(2, dtype=bool), np.arange(2)) == pytest.approx(1 / 9)


def test_permutation_holds_its_level_where_nothing_differs() -> None:
    rng = np.random.default_rng(7)
    each = np.arange(40)
    p = [permuted_p(draws[:, 1:], draws[:, 0], each) for draws in rng.random((400, 40, 4)) < 0.15]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 400)


# -- systems -------------------------------------------------------------------------------------


def _scored(means: np.ndarray[tuple[int, ...], np.dtype[np.float64]], n: int) -> tuple[
    np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    np.ndarray[tuple[int, ...], np.dtype[np.int64]],
]:  # fmt: skip
    """n items in which every system gets its mean and what makes items differ."""
    items = np.repeat(np.arange(n), len(means))
    systems = np.tile(np.arange(len(means)), n)
    return means[systems] + (items % 5)[:, None] / 10, systems, items


def test_top_is_unstable_where_two_wordings_name_another_first() -> None:
    """METHODS 4: system 0 comes first under three wordings and system 1 under the second."""
    found = ranks(*_scored(MEANS, 20), seed=1, replicates=200)
    assert found.first == ((0,), (1,), (0,), (0,))
    assert found.top_is_stable is False
    assert found.p_top_changes.value == 1
    assert found.tau_mean.value == pytest.approx(0.766667, abs=1e-6)
    assert found.tau_min.value == pytest.approx(0.6)


def test_shared_first_place_is_stable_where_one_of_both_comes_first_elsewhere() -> None:
    means = np.array([[2.0, 2.0], [2.0, 1.0], [0.0, 0.0]])
    found = ranks(*_scored(means, 10), seed=1, replicates=50)
    assert found.first == ((0, 1), (0,))
    assert found.top_is_stable is True


def test_two_systems_have_a_first_place_and_no_tau() -> None:
    found = ranks(*_scored(MEANS[:2, :2], 10), seed=1, replicates=50)
    assert (found.tau_mean.value, found.tau_mean.note) == (None, "2 systems: three are needed")
    assert found.top_is_stable is False


def test_close_systems_change_places_over_other_items() -> None:
    """Two systems whose means differ by noise alone: in some resamples another comes first."""
    rng = np.random.default_rng(3)
    values, systems, items = _scored(np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 0.0]]), 60)
    found = ranks(values + rng.normal(0, 1, values.shape), systems, items, seed=1, replicates=400)
    assert 0.05 < (found.p_top_changes.value or 0) < 0.95
    assert found.tau_mean.ci_low is not None


# -- one test over all ---------------------------------------------------------------------------


def test_rows_of_one_cluster_are_averaged_before_the_test() -> None:
    """Tests take rows as independent: copies of a cluster's rows must not make p smaller."""
    twice, clusters = np.repeat(SCORES, 2, axis=0), np.repeat(EIGHT, 2)
    assert overall(twice, clusters) == overall(SCORES, EIGHT)


def test_two_wordings_of_scores_have_no_omnibus_test() -> None:
    found = overall(SCORES[:, :2], EIGHT)
    assert (found.statistic, found.note) == (None, "of two wordings: their shift is tested instead")
