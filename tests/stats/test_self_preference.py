"""Self and family terms: worked numbers, a second implementation, what cannot be told apart, bias."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from judge.stats import severity
from judge.stats.contrasts import Contrast
from judge.stats.self_preference import (
    Votes,
    beside_people,
    beyond,
    by_judge,
    combined,
    in_several,
    judges_design,
    mean_of,
    p_value,
    terms,
    within_p,
)

Floats = NDArray[np.float64]


def votes(
    y: Floats,
    judges: NDArray[np.int64],
    systems: NDArray[np.int64],
    items: NDArray[np.int64],
    *,
    kin: Floats | None = None,
    has_severity: bool = True,
) -> Votes:
    """Scores, where judge j is the author of system j."""
    return Votes(
        y=np.asarray(y, dtype=float),
        cells=items * 1000 + systems,
        judges=judges,
        clusters=items,
        own=(judges == systems).astype(float),
        kin=np.zeros(len(y)) if kin is None else kin,
        has_severity=has_severity,
    )


def of_matrix(matrix: Floats) -> Votes:
    """One score for each judge (row) and system (column); every system is an item of its own."""
    judges, systems = (a.ravel() for a in np.indices(matrix.shape))
    return votes(matrix.ravel(), judges, systems, systems)


def double_difference(matrix: Floats, j: int) -> float:
    """How far j is above the others on its own, less how far it is on the rest (METHODS 3)."""
    others = [k for k in range(len(matrix)) if k != j]
    own = matrix[j, j] - np.mean([matrix[k, j] for k in others])
    rest = [matrix[j, g] - np.mean([matrix[k, g] for k in others if k != g]) for g in others]
    return float(own - np.mean(rest))


def test_the_worked_double_differences() -> None:
    """A: (8.1 - 7.3) - mean(7.0 - 7.1, 6.2 - 6.0) = .8 - .05 = .75; B .75; C .65."""
    found = by_judge(of_matrix(np.array([[8.1, 7.0, 6.2], [7.2, 7.6, 6.0], [7.4, 7.1, 6.9]])))
    values = [t.own.value for t in found.values() if t.own is not None]
    assert values == pytest.approx([0.75, 0.75, 0.65], abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(3, 6), st.integers(0, 10**6))
def test_the_term_of_each_judge_is_its_double_difference_in_any_full_table(
    k: int, seed: int
) -> None:
    matrix = np.random.default_rng(seed).normal(size=(k, k))
    for j, found in by_judge(of_matrix(matrix)).items():
        assert found.own is not None
        assert found.own.value == pytest.approx(double_difference(matrix, j), abs=1e-9)


def random_votes(seed: int, *, has_severity: bool = True) -> Votes:
    """Four judges, of which 0 and 3 are one family, and four systems on 6 items, some votes missing."""
    rng = np.random.default_rng(seed)
    items, judges, systems = (a.ravel() for a in np.indices((6, 4, 4)))
    kept = rng.random(len(items)) < 0.85
    items, judges, systems = items[kept], judges[kept], systems[kept]
    kin = ((judges == 3) & (systems == 0)).astype(float)
    y = rng.normal(size=len(items)) + 0.3 * (judges == systems) + rng.normal(size=6)[items]
    return votes(y, judges, systems, items, kin=kin, has_severity=has_severity)


@pytest.mark.parametrize("has_severity", [True, False])
def test_values_and_standard_errors_are_those_of_statsmodels_on_100_random_inputs(
    has_severity: bool,
) -> None:
    """Dummies for every cell; its sandwich without its small-sample factor, with G/(G-1) instead."""
    for seed in range(50):
        v = random_votes(seed, has_severity=has_severity)
        kept = in_several(v)
        cells = pd.get_dummies(v.cells[kept], dtype=float).to_numpy()
        levels = pd.get_dummies(v.judges[kept], drop_first=True, dtype=float).to_numpy()
        terms_of = np.column_stack([v.own[kept], v.kin[kept]])
        columns = [terms_of, cells, *([levels] if has_severity else [])]
        groups = v.clusters[kept]
        theirs = sm.OLS(v.y[kept], np.hstack(columns)).fit(
            cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
        )
        g = len(np.unique(groups))
        ours = terms(v)
        for place, found in enumerate((ours.own, ours.kin)):
            assert found is not None
            assert found.value == pytest.approx(theirs.params[place], abs=1e-9)
            se = theirs.bse[place] * np.sqrt(g / (g - 1))
            assert found.se == pytest.approx(se, rel=1e-7)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 3), st.floats(-5, 5))
def test_a_severe_judge_changes_no_term(seed: int, judge: int, shift: float) -> None:
    v = random_votes(seed)
    harsher = replace(v, y=v.y + shift * (v.judges == judge))
    one, other = terms(v), terms(harsher)
    assert one.own is not None
    assert other.own is not None
    assert one.own.value == pytest.approx(other.own.value, abs=1e-9)
    assert one.own.se == pytest.approx(other.own.se, rel=1e-6)


# -- what cannot be told apart -------------------------------------------------------------------


def test_one_judge_has_no_term() -> None:
    v = random_votes(0)
    alone = v.rows(v.judges == 0)
    assert (terms(alone).own, terms(alone).kin) == (None, None)


def test_a_system_that_only_its_author_saw_tells_nothing() -> None:
    v = random_votes(0)
    apart = v.rows((v.judges == v.cells % 1000) & (v.judges < 2))
    assert terms(apart).own is None


def test_with_one_system_severity_and_preference_are_one() -> None:
    v = random_votes(0)
    one = v.rows((v.cells % 1000 == 1) & (v.judges != 3))
    assert terms(one).own is None


def test_a_judge_and_its_sibling_alone_cannot_tell_self_from_family() -> None:
    """Judge 0 wrote system 0, judge 3 is its kin: only the difference of the two terms is known."""
    v = random_votes(1)
    two = v.rows(np.isin(v.judges, [0, 3]) & np.isin(v.cells % 1000, [0, 1, 2]))
    assert (terms(two).own, terms(two).kin) == (None, None)


# -- judges without skill ------------------------------------------------------------------------


def with_coins(v: Votes, judges: Iterable[int]) -> Votes:
    """A fair coin, on average, in the place of these judges."""
    return replace(v, y=np.where(np.isin(v.judges, list(judges)), 0.5, v.y))


def pairs(rng: np.random.Generator, p: Floats, n: int) -> Votes:
    """n items of two systems. p: P(system 0 wins) by judge; judge 0 wrote system 0, judge 1 system 1."""
    k = len(p)
    items, judges = (a.ravel() for a in np.indices((n, k)))
    return Votes(
        y=(rng.random(n * k) < p[judges]).astype(float),
        cells=items,
        judges=judges,
        clusters=items,
        own=np.select([judges == 0, judges == 1], [1.0, -1.0], 0.0),
        kin=np.zeros(n * k),
        has_severity=False,
    )


def test_a_coin_in_the_place_of_every_judge_shows_no_self_preference() -> None:
    v = random_votes(3)
    coins = with_coins(v, range(4))
    for found in (terms(coins).own, *(t.own for t in by_judge(coins).values())):
        if found is not None:
            assert found.value == pytest.approx(0.0, abs=1e-12)


def test_fair_coins_are_flagged_no_more_often_than_promised() -> None:
    """400 panels of coins, one test each at 5 %: the count is held to a binomial's 0.1 % point."""
    rng = np.random.default_rng(20261121)
    p = [p_value(terms(pairs(rng, np.full(3, 0.5), 60)).own) for _ in range(400)]
    found = sum(x is not None and x < 0.05 for x in p)
    assert stats.binomtest(found, 400, 0.05, alternative="greater").pvalue > 0.001


def test_a_coin_among_good_judges_is_not_said_to_favour_its_own_bad_system() -> None:
    """Judge 0 is a coin whose system wins 20 % with the others: .5 - .2 = .3, which says nothing."""
    rng = np.random.default_rng(7)
    v = pairs(rng, np.array([0.5, 0.2, 0.2, 0.2]), 400)
    own = by_judge(v)[0].own
    coin = by_judge(with_coins(v, [0]))[0].own
    assert own is not None
    assert own.value == pytest.approx(0.3, abs=0.1)
    assert p_value(own) == pytest.approx(0.0, abs=1e-6)
    assert (beyond(own, coin) or 0.0) > 0.05


def test_a_judge_that_goes_further_than_a_coin_is_found() -> None:
    rng = np.random.default_rng(8)
    v = pairs(rng, np.array([0.8, 0.2, 0.2, 0.2]), 400)
    found = beyond(by_judge(v)[0].own, by_judge(with_coins(v, [0]))[0].own)
    assert found is not None
    assert found < 1e-4


def test_a_design_serves_any_verdicts() -> None:
    v = random_votes(4)
    assert judges_design(v).n_terms == 8  # two terms for each of four judges


# -- few answers of the judge's own among many -------------------------------------------------


@pytest.mark.parametrize("n_own", [1, 2, 3, 5, 8])
def test_few_own_answers_among_many_others_are_found_no_more_often_than_promised(
    n_own: int,
) -> None:
    """Nobody favours its own. 100 items tell how severe judges are, n_own what judge 0 adds to its own.

    With t(99) one own answer was "found" in 82 % of tables, three in 24 %.
    """
    rng = np.random.default_rng(n_own)
    items, systems, judges = (a.ravel() for a in np.indices((100, 2, 3)))
    kept = (systems == 0) | (items < n_own)
    items, systems, judges = items[kept], systems[kept], judges[kept]
    found = 0
    for _ in range(200):
        y = rng.normal(size=(100, 2))[items, systems] + rng.normal(size=len(items))
        v = replace(
            votes(y, judges, systems, items), own=((judges == 0) & (systems == 1)).astype(float)
        )
        p = p_value(by_judge(v)[0].own)
        found += p is not None and p < 0.05
    assert stats.binomtest(found, 200, 0.05, alternative="greater").pvalue > 0.001


def test_within_the_margin_goes_by_the_same_degrees_of_freedom() -> None:
    """TOST of 0.1 within 0.3 by a contrast worth 5 of 50 clusters: t(4), se by hand."""
    influence = np.resize([0.01, -0.01], 50)
    found = Contrast(0.1, np.arange(50), influence, worth=5.0)
    se = np.sqrt(50 / 49 * 50 * 0.0001)
    assert within_p(found, 0.3) == pytest.approx(stats.t.sf(0.2 / se, 4), rel=1e-12)


# -- corrections ---------------------------------------------------------------------------------

LENIENCY = np.array([0.3, 0.1, -0.2, 0.0])  # judges A, A2 (of A's family), B, C
AUTHOR = np.array([0, -1, 1, 2])  # of systems A, B, C, D by 0..3; A2 wrote none
QUALITY = np.array([0.6, 0.4, 0.2, 0.0])


def panel(seed: int) -> tuple[Votes, NDArray[np.int64], Floats]:
    """METHODS' simulated panel: self +.4, family +.25; the systems of the votes, the true leads over D."""
    rng = np.random.default_rng(seed)
    items, systems, judges = (a.ravel() for a in np.indices((120, 4, 4)))
    merit = QUALITY + rng.normal(0, 0.6, (120, 4))
    own = (AUTHOR[judges] == systems).astype(float)
    kin = ((judges == 1) & (systems == 0)).astype(float)
    y = merit[items, systems] + LENIENCY[judges] + 0.4 * own + 0.25 * kin
    y += rng.normal(0, 0.5, len(y))
    v = Votes(y, items * 10 + systems, judges, items, own, kin, True)
    return v, systems, merit.mean(0)[:3] - merit.mean(0)[3]


def leads(values: list[float]) -> Floats:
    return np.array(values[:3]) - values[3]


def raw(v: Votes, systems: NDArray[np.int64]) -> Floats:
    return leads([v.y[systems == s].mean() for s in range(4)])


def plainly_left_out(v: Votes, systems: NDArray[np.int64]) -> Floats:
    outside = (v.own == 0) & (v.kin == 0)
    return raw(v.rows(outside), systems[outside])


def left_out_with_severity(v: Votes, systems: NDArray[np.int64]) -> Floats:
    outside = (v.own == 0) & (v.kin == 0)
    kept = v.rows(outside)
    _, items = np.unique(kept.cells, return_inverse=True)
    cells = severity.Cells(kept.y, items, kept.judges, kept.clusters, np.ones(4))
    fit = severity.additive(cells)
    of = systems[outside]
    return leads(
        [severity.mean_score(fit, cells, np.unique(items[of == s])).value for s in range(4)]
    )


def terms_taken_off(v: Votes, systems: NDArray[np.int64]) -> Floats:
    found = terms(v)
    assert found.own is not None
    assert found.kin is not None
    values = []
    for s in range(4):
        rows = systems == s
        parts = [(-float(v.own[rows].mean()), found.own), (-float(v.kin[rows].mean()), found.kin)]
        values.append(combined([(1.0, mean_of(v.y[rows], v.clusters[rows])), *parts]).value)
    return leads(values)


def test_four_rules_of_correction_have_the_published_biases() -> None:
    """METHODS 3: raw .168 .102 .103; own votes left out -.147 .086 .021; the two corrections near 0."""
    rules = (raw, plainly_left_out, left_out_with_severity, terms_taken_off)
    made = [panel(seed) for seed in range(60)]
    bias = {rule: np.mean([rule(v, s) - true for v, s, true in made], axis=0) for rule in rules}
    assert bias[raw] == pytest.approx([0.168, 0.102, 0.103], abs=0.02)
    assert bias[plainly_left_out] == pytest.approx([-0.147, 0.086, 0.021], abs=0.02)
    assert bias[left_out_with_severity] == pytest.approx([0, 0, 0], abs=0.02)
    assert bias[terms_taken_off] == pytest.approx([0, 0, 0], abs=0.02)


def test_intervals_of_the_terms_cover_as_often_as_they_say() -> None:
    """120 panels: the binomial of 95 % must not reject at 0.1 % for either term."""
    hits = np.zeros(2)
    for seed in range(120):
        found = terms(panel(1000 + seed)[0])
        for n, (contrast, true) in enumerate(((found.own, 0.4), (found.kin, 0.25))):
            assert contrast is not None
            half = stats.t.ppf(0.975, len(contrast.clusters) - 1) * contrast.se
            hits[n] += abs(contrast.value - true) <= half
    for k in hits:
        assert stats.binomtest(int(k), 120, 0.95).pvalue > 0.001


# -- beside people -------------------------------------------------------------------------------


def test_wataokas_measures() -> None:
    """People prefer own on 50, the judge agrees on 44; other on 50, agrees on 31: .88 - .62 = .26."""
    people = np.repeat([True, False], 50)
    judge = np.concatenate([np.arange(50) < 44, np.arange(50) < 19])
    found = beside_people(judge, people)
    assert found is not None
    assert found.equal_opportunity == pytest.approx(0.26, abs=1e-12)
    assert found.parity == pytest.approx(0.13, abs=1e-12)
    assert found.p_value == pytest.approx(0.014633, abs=5e-7)


def test_a_judge_that_agrees_with_people_throughout_has_none_and_a_coin_has_none_on_average() -> (
    None
):
    people = np.arange(40) < 25
    same = beside_people(people, people)
    assert same is not None
    assert (same.equal_opportunity, same.parity, same.p_value) == (0.0, 0.0, 1.0)
    half = beside_people(np.arange(40) % 2 == 0, np.arange(40) < 20)
    assert half is not None
    assert half.equal_opportunity == pytest.approx(0.0)


def test_where_people_never_prefer_the_other_there_is_no_equal_opportunity() -> None:
    all_own = np.ones(5, dtype=bool)
    found = beside_people(all_own, all_own)
    assert found is not None
    assert found.equal_opportunity is None
    assert beside_people(all_own[:0], all_own[:0]) is None
