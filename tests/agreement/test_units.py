"""Coefficients of a judge and its raters over units: published numbers, second implementations, intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from judge.agreement.cohen_kappa import Weights, cohen_kappa
from judge.agreement.correlations import correlation_of
from judge.agreement.distances import Distance, distances
from judge.agreement.gwet import gwet_ac1, gwet_of, gwet_of_raters
from judge.agreement.icc import icc_of
from judge.agreement.krippendorff_units import krippendorff_alpha_of
from judge.agreement.percent import percent
from judge.agreement.ratings import Ratings
from judge.agreement.resampling import with_interval
from judge.agreement.tables import (
    base_rate,
    cohen_kappa_of,
    kappa_statistic,
    pair_tables,
    percent_of,
)
from judge.errors import InputError
from judge.registry import load
from judge.stats.bootstrap import draws
from judge.stats.intervals import Floats, undefined
from judge.types import Level

N = None
# Krippendorff 2011, four observers and twelve units.
CANONICAL = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
]
AC2 = [("none", 0.77544), ("linear", 0.85874), ("quadratic", 0.914), ("ordinal", 0.89894)]


def rated(
    judge: list[int | None],
    *raters: list[int | None],
    q: int = 5,
    level: Level = "ordinal",
    clusters: list[int] | None = None,
) -> Ratings:
    """Labels 1 .. q, one presentation a unit."""
    codes = np.array([[-1 if x is None else x - 1 for x in rater] for rater in raters]).T
    own = np.array([np.nan if x is None else x for x in judge], dtype=float)
    shares = np.array([[float(x == k + 1) if x else np.nan for k in range(q)] for x in judge])
    return Ratings(
        shares=shares,
        values=own,
        ratings=codes,
        numbers=np.where(codes < 0, np.nan, codes + 1.0),
        clusters=np.arange(len(judge)) if clusters is None else np.array(clusters),
        level=level,
        scale_values=tuple(range(1, q + 1)),
    )


def sampled(n: int, seed: int, n_orders: int = 1, q: int = 3, size: int = 1) -> Ratings:
    """A judge and three raters who see a true label seven times in ten."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(q, size=n)
    seen = np.where(
        rng.random((n, 3 + n_orders)) < 0.7, truth[:, None], rng.integers(q, size=(n, 1))
    )
    return Ratings(
        shares=np.eye(q)[seen[:, 3:]].mean(axis=1),
        values=seen[:, 3:].mean(axis=1) + 1,
        ratings=seen[:, :3],
        numbers=seen[:, :3] + 1.0,
        clusters=np.arange(n) // size,
        level="ordinal",
        scale_values=tuple(range(1, q + 1)),
    )


@pytest.mark.parametrize(
    "name", ["gwet_ac1", "pearson", "spearman", "kendall_tau", "acc_eq", "icc"]
)
def test_the_registry_finds_the_coefficient_and_computes_it(name: str) -> None:
    coefficient = load("coefficients", name)
    found = coefficient.compute([1, 2, 3, 4, 2], [1, 2, 3, 3, 2], [1, 2, 4, 4, 1])
    assert (found.name, found.n) == (name, 5)
    assert 0 < found.value < 1
    assert found.ci_low < found.value < found.ci_high


# -- pair tables and Cohen's kappa -----------------------------------------------------------------


def test_a_unit_s_table_is_its_presentations_by_its_raters_and_sums_to_1() -> None:
    """Half a, half b against raters a, a, b: rows .5 each, columns 2/3 and 1/3."""
    shares = np.array([[0.5, 0.5], [1.0, 0.0], [np.nan, np.nan], [1.0, 0.0]])
    tables, has_both = pair_tables(
        shares, np.array([[0, 0, 1], [-1, 1, -1], [0, 0, 0], [-1, -1, -1]])
    )
    assert tables[0] == pytest.approx(np.array([[1 / 3, 1 / 6], [1 / 3, 1 / 6]]))
    assert tables[1].tolist() == [[0, 1], [0, 0]]
    assert has_both.tolist() == [True, True, False, False]
    assert tables[2:].sum() == 0


@pytest.mark.parametrize(("weights", "kappa"), [("linear", 0.63636), ("quadratic", 0.83333)])
def test_weighted_kappa_of_one_rater_is_the_textbooks(weights: Weights, kappa: float) -> None:
    r = rated([1, 2, 3, 4, 5, 3, 2, 4], [1, 3, 3, 4, 4, 2, 2, 5])
    assert cohen_kappa_of(r, weights, seed=1).value == pytest.approx(kappa, abs=5e-6)


def test_the_kappa_paradox_is_ac1s_reason_to_be() -> None:
    """[[118, 5], [2, 0]]: 94.4 % agree, kappa -.02339, AC1 .94078."""
    judge = [1] * 123 + [2] * 2
    rater = [1] * 118 + [2] * 5 + [1] * 2
    r = rated(judge, rater, q=2, level="nominal")
    assert percent_of(r).value == pytest.approx(0.944)
    assert base_rate(r) == (0, pytest.approx(0.96))
    assert cohen_kappa_of(r, seed=1).value == pytest.approx(-0.02339, abs=5e-6)
    assert gwet_of(r, seed=1).value == pytest.approx(0.94078, abs=5e-6)


def test_kappa_with_presentations_weighs_each_as_its_share() -> None:
    """A judge that flips on a unit: two rows of half a weight give the same table."""
    r = sampled(40, 3, n_orders=2)
    orders = np.rint(2 * r.shares).astype(int)
    rows = [
        (label, int(unit))
        for unit, counts in enumerate(orders)
        for label, count in enumerate(counts)
        for _ in range(count)
    ]
    judge = [label for label, _ in rows for _ in range(3)]
    rater = [int(label) for _, unit in rows for label in r.ratings[unit]]
    expected = cohen_kappa(judge, rater, labels=range(3)).value
    assert cohen_kappa_of(r, seed=1).value == pytest.approx(expected)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.none() | st.integers(1, 4), st.none() | st.integers(1, 4)),
        min_size=2,
        max_size=15,
    ),
    st.sampled_from(["none", "linear", "quadratic"]),
)
def test_both_faces_of_kappa_and_percent_agree(
    pairs: list[tuple[int | None, int | None]], weights: Weights
) -> None:
    judge, rater = [a for a, _ in pairs], [b for _, b in pairs]
    plain = cohen_kappa(judge, rater, labels=range(1, 5), weights=weights)
    r = rated(judge, rater, q=4)
    found = cohen_kappa_of(r, weights, seed=1, replicates=20)
    assert (found.n, found.n_missing) == (plain.n, plain.n_missing)
    assert found.value == (None if plain.value is None else pytest.approx(plain.value))
    shares = percent(judge, rater)
    assert percent_of(r).value == (None if shares.value is None else pytest.approx(shares.value))


def test_kappa_of_one_constant_side_is_0_and_of_one_label_undefined() -> None:
    constant = cohen_kappa_of(rated([1, 1, 1, 1], [1, 2, 1, 3]), seed=1)
    assert (constant.value, constant.ci_low) == (0.0, None)
    assert "single label" in constant.note
    same = cohen_kappa_of(rated([1, 1], [1, 1]), seed=1)
    assert same.value is None
    assert "no variation" in same.note


def test_perfect_agreement_has_a_value_and_no_interval() -> None:
    found = cohen_kappa_of(rated([1, 2, 3, 1], [1, 2, 3, 1]), seed=1, replicates=200)
    assert found.value == 1.0
    assert (found.ci_low, found.ci_high) == (None, None)


def test_interval_scales_are_weighed_by_their_numbers_and_ordinal_ones_by_places() -> None:
    r = rated([1, 2, 3, 1, 2], [1, 3, 3, 2, 1], q=3)
    steps = cohen_kappa_of(r, "linear", seed=1).value
    far = Ratings(
        r.shares, r.values, r.ratings, r.numbers, r.clusters, "interval", (1.0, 2.0, 10.0)
    )
    assert cohen_kappa_of(far, "linear", seed=1).value != pytest.approx(steps)
    even = Ratings(
        r.shares, r.values, r.ratings, r.numbers, r.clusters, "interval", (0.0, 5.0, 10.0)
    )
    assert cohen_kappa_of(even, "linear", seed=1).value == pytest.approx(steps)


# -- Gwet's AC -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("weights", "value"), AC2)
def test_ac_of_the_canonical_data(weights: Distance, value: float) -> None:
    """Equal to irrCAC 0.4.4 to five digits, the standard error too: METHODS, section 16."""
    found = gwet_ac1(*CANONICAL, labels=[1, 2, 3, 4, 5], weights=weights)
    assert found.value == pytest.approx(value, abs=5e-6)
    assert (found.n, found.n_missing) == (12, 0)
    r = rated([None] * 12, *CANONICAL)
    assert gwet_of_raters(r, weights, seed=1).value == pytest.approx(value, abs=5e-6)
    if weights == "none":
        assert found.se == pytest.approx(0.14295, abs=5e-6)


def test_ac1_of_a_judge_with_presentations_is_between_those_of_its_orders() -> None:
    """The observed agreement is their mean; chance is that of all labels together."""
    r = sampled(60, 5, n_orders=2)
    both = gwet_of(r, seed=1).value
    assert both is not None
    coin = np.random.default_rng(2)
    picked = [int(coin.choice(3, p=share)) for share in r.shares]
    single = Ratings(np.eye(3)[picked], r.values, r.ratings, r.numbers, r.clusters)
    plain = gwet_ac1(picked, *r.ratings.T.tolist(), labels=range(3)).value
    assert gwet_of(single, seed=1).value == pytest.approx(plain)
    assert both == pytest.approx(plain, abs=0.1)


def test_the_bootstraps_error_of_ac1_is_near_gwets() -> None:
    r = sampled(400, 7)
    plain = gwet_ac1(
        *np.column_stack([r.shares.argmax(axis=1), r.ratings]).T.tolist(), labels=range(3)
    )
    found = gwet_of(r, seed=1)
    assert found.value == pytest.approx(plain.value)
    assert found.se == pytest.approx(plain.se, rel=0.06)


def test_ordinal_weights_count_the_pairs_between() -> None:
    """Of q = 3: 1 - C(2, 2) / C(3, 2) = 2/3 one step apart, none two apart."""
    assert distances(range(3), "ordinal")[0].tolist() == pytest.approx([0, 1 / 3, 1])


def test_ac1_is_undefined_without_variation_or_pairs_and_refuses_what_is_off_the_scale() -> None:
    assert "no variation" in gwet_ac1([1, 1], [1, 1]).note
    assert gwet_ac1([1, None], [None, 2]).note == "no unit has two labels"
    assert "no variation" in gwet_of(rated([1, 1], [1, 1]), seed=1).note
    with pytest.raises(InputError, match="labels outside the scale"):
        gwet_ac1([1, 7], [1, 2], labels=[1, 2, 3])


# -- what all of them share ------------------------------------------------------------------------


def test_replicates_are_those_of_units_drawn_by_cluster_and_computed_anew() -> None:
    r = sampled(24, 11, size=3)
    tables, _ = pair_tables(r.shares, r.ratings)
    apart = distances(range(3), "quadratic")
    counts = draws(8, 5, 30)
    found = kappa_statistic(tables, r.cluster_numbers, apart)(counts.astype(float))
    for drawn, value in zip(counts, found, strict=True):
        rows = np.repeat(np.arange(24), drawn[r.clusters])
        t = tables[rows].mean(axis=0)
        expected = (np.outer(t.sum(axis=1), t.sum(axis=0)) * apart).sum()
        assert value == pytest.approx(1 - (t * apart).sum() / expected)


def test_a_missing_verdict_is_counted_and_never_a_label() -> None:
    r = rated([1, None, 2, 3, None], [1, 2, 2, 2, N], [1, 2, N, 3, N])
    for found in (percent_of(r), cohen_kappa_of(r, seed=1), gwet_of(r, seed=1)):
        assert (found.n, found.n_missing) == (3, 2)
    alone = r.kept(np.array([0, 2, 3]))
    assert cohen_kappa_of(alone, seed=1).value == cohen_kappa_of(r, seed=1).value


def test_the_seed_decides_and_clusters_widen() -> None:
    single, four = sampled(80, 13), sampled(80, 13, size=4)
    found = cohen_kappa_of(single, seed=1)
    assert found == cohen_kappa_of(single, seed=1)
    assert found.se != cohen_kappa_of(single, seed=2).se
    doubled = single.kept(np.repeat(np.arange(80), 2))
    again = cohen_kappa_of(doubled, seed=1)
    assert again.value == pytest.approx(found.value)
    assert again.se == pytest.approx(found.se)  # the same clusters, twice as many units
    assert (again.n, again.n_clusters) == (160, 80)
    assert "from 20 clusters" in cohen_kappa_of(four, seed=1).note


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.permutations(range(3)))
def test_nominal_coefficients_do_not_hang_on_the_order_of_labels(
    seed: int, order: list[int]
) -> None:
    r = sampled(20, seed, n_orders=2)
    back = np.argsort(order)
    other = Ratings(r.shares[:, order], r.values, back[r.ratings], r.numbers, r.clusters)
    for coefficient in (cohen_kappa_of, gwet_of):
        found, turned = (coefficient(x, seed=1, replicates=20) for x in (r, other))
        assert found.value == pytest.approx(turned.value)
        assert found.ci_low == pytest.approx(turned.ci_low)


def test_without_labels_each_says_why() -> None:
    r = sampled(5, 1)
    blank = np.full(r.shares.shape, np.nan)
    panel = Ratings(blank, r.values, r.ratings, r.numbers, r.clusters)
    continuum = Ratings(np.zeros((5, 0)), r.values, np.full((5, 3), -1), r.numbers, r.clusters)
    silent = Ratings(blank, np.full(5, np.nan), r.ratings, r.numbers, r.clusters)
    for given_, why in (
        (panel, "a number and not a label"),
        (continuum, "continuum"),
        (silent, "no unit"),
    ):
        for found in (percent_of(given_), cohen_kappa_of(given_, seed=1), gwet_of(given_, seed=1)):
            assert found.value is None
            assert why in found.note


def test_the_interval_is_t_on_fishers_scale() -> None:
    """Value .5, the mean of 25 clusters' values: atanh(.5) -+ t(24) se / (1 - .25)."""
    values = np.random.default_rng(1).normal(0.5, 0.2, 25)
    values += 0.5 - values.mean()

    def of_mean(weights: Floats) -> Floats:
        return np.asarray(weights @ values / weights.sum(axis=1))

    empty = undefined("c", "coefficient", "")
    start = type(empty)("c", 0.5, n=25, n_clusters=25)
    found = with_interval(start, of_mean, np.arange(start.n), seed=1, replicates=4000)
    assert found.se == pytest.approx(values.std(ddof=1) / 5, rel=0.04)
    assert found.se is not None
    half = stats.t.ppf(0.975, 24) * found.se / 0.75
    assert found.ci_low == pytest.approx(np.tanh(np.arctanh(0.5) - half))
    assert found.ci_high == pytest.approx(np.tanh(np.arctanh(0.5) + half))
    assert found.note == ""


def test_one_cluster_has_a_value_and_no_interval() -> None:
    r = sampled(10, 1, size=10)
    found = cohen_kappa_of(r, seed=1)
    assert found.value is not None
    assert (found.ci_low, found.note) == (None, "no interval: all units are of one cluster")


def test_a_coefficient_that_few_clusters_carry_says_so() -> None:
    """40 clusters, a half of all units in one: 95 % intervals held 88 to 89 %, and percent alone said so."""
    rng = np.random.default_rng(1)
    truth = rng.integers(1, 4, 200)
    labels = [np.where(rng.random(200) < 0.8, truth, 1).tolist() for _ in range(3)]
    clusters = [0] * 100 + [1 + n % 39 for n in range(100)]
    uneven = rated(*labels, q=3, clusters=clusters)
    even = rated(*labels, q=3, clusters=[n % 40 for n in range(200)])
    for r, is_said in ((uneven, True), (even, False)):
        found = (
            cohen_kappa_of(r, seed=1, replicates=50),
            gwet_of(r, seed=1, replicates=50),
            krippendorff_alpha_of(r, seed=1, replicates=50),
            icc_of(r, seed=1, replicates=50),
            correlation_of("spearman", r, seed=1, replicates=50),
        )
        assert {"so unevenly spread" in e.note for e in found} == {is_said}
