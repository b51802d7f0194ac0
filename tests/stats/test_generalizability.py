"""Variance components: METHODS 4's crossing, statsmodels' analysis of variance, recovery and coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from judge.stats.design_study import Design, design, designs, needed
from judge.stats.generalizability import (
    ALL_THREE,
    ITEM,
    ITEM_JUDGE,
    ITEM_WORDING,
    JUDGE,
    OF_THE_RUBRIC,
    REPEATS,
    TWO_FACETS,
    WORDING,
    WORDING_JUDGE,
    Part,
    Study,
    components,
    mean_squares,
    study,
)
from judge.stats.intervals import Floats

# METHODS 4: 4 items x 3 wordings x 2 judges.
CROSSING = np.array(
    [
        [[4, 5], [4, 4], [3, 4]],
        [[2, 3], [2, 2], [2, 3]],
        [[5, 5], [4, 5], [4, 5]],
        [[1, 2], [2, 2], [1, 1]],
    ],
    dtype=float,
)
FOUR = np.arange(4)

TRUE = {ITEM: 1.0, WORDING: 0.2, JUDGE: 0.3, ITEM_WORDING: 0.15, ITEM_JUDGE: 0.1, WORDING_JUDGE: 0.05,
        ALL_THREE: 0.4}  # fmt: skip


def by_name(parts: tuple[Part, ...]) -> dict[str, float]:
    return {part.name: part.estimated for part in parts}


def test_methods_components() -> None:
    """METHODS 4: i 2.1111, r .0278, j .1667, ir .0556, ij -.0417, rj 0, irj .1667.

    MS i 12.8194, r .5, j 2.0417, ir .2778, ij .0417, rj .1667, irj .1667, so that i = (12.8194 - .2778 -
    .0417 + .1667) / 6, ij = (.0417 - .1667) / 3 and so on.
    """
    found = by_name(components(CROSSING))
    expected = [2.1111, 0.0278, 0.1667, 0.0556, -0.0417, 0, 0.1667]
    assert [found[name] for name in TWO_FACETS] == pytest.approx(expected, abs=5e-5)


def test_methods_design_study() -> None:
    """METHODS 4: E rho^2 and Phi with one wording and judge .9048, .8352; with 3 and 2 .9785, .9383."""
    parts = components(CROSSING)
    one, six = design(parts, 1, 1), design(parts, 3, 2)
    assert one.e_rho2 == pytest.approx(0.9048, abs=5e-5)
    assert one.phi == pytest.approx(0.8352, abs=5e-5)
    assert six.e_rho2 == pytest.approx(0.9785, abs=5e-5)
    assert six.phi == pytest.approx(0.9383, abs=5e-5)


def test_mean_squares_are_those_of_statsmodels() -> None:
    """A crossing with one value a cell: the three-way mean square is what the two-way model leaves."""
    rng = np.random.default_rng(5)
    values = rng.normal(0, 1, (6, 4, 3)) + rng.normal(0, 2, (6, 1, 1)) + 100
    i, r, j = (part.ravel() for part in np.indices(values.shape))
    frame = pd.DataFrame({"y": values.ravel(), "i": i, "r": r, "j": j})
    table = anova_lm(ols("y ~ (C(i) + C(r) + C(j)) ** 2", frame).fit())
    names = ["C(i)", "C(r)", "C(j)", "C(i):C(r)", "C(i):C(j)", "C(r):C(j)", "Residual"]
    found = mean_squares(values)
    for name, theirs in zip(TWO_FACETS, names, strict=True):
        assert found[name] == pytest.approx(table.loc[theirs, "mean_sq"], rel=1e-8), name


def test_mean_squares_of_one_judge_are_those_of_statsmodels() -> None:
    values = CROSSING[:, :, 0]
    i, r = (part.ravel() for part in np.indices(values.shape))
    frame = pd.DataFrame({"y": values.ravel(), "i": i, "r": r})
    table = anova_lm(ols("y ~ C(i) + C(r)", frame).fit())["mean_sq"]
    found = mean_squares(values)
    assert [found[ITEM], found[WORDING], found[ITEM_WORDING]] == pytest.approx([*table])


@given(st.floats(-100, 100), st.floats(0.1, 10))
def test_components_do_not_hang_on_the_level_and_grow_with_the_square_of_the_unit(
    level: float, unit: float
) -> None:
    found, own = components(CROSSING * unit + level), components(CROSSING)
    for one, other in zip(found, own, strict=True):
        assert one.estimated == pytest.approx(other.estimated * unit**2, abs=1e-7 * unit**2)


def test_negative_component_stands_as_0_and_is_marked() -> None:
    found = {s.name: s for s in study(CROSSING, FOUR).sources}
    assert (found[ITEM_JUDGE].variance.value, found[ITEM_JUDGE].negative) == (0, True)
    assert (found[WORDING_JUDGE].variance.value, found[WORDING_JUDGE].negative) == (0, False)
    assert found[ITEM_JUDGE].share.value == 0


def test_shares_add_up_to_1_and_the_rubrics_share_to_its_three_parts() -> None:
    """Of 2.1111 + .0278 + .1667 + .0556 + .1667 = 2.5278 the rubric has .0278 + .0556: .03297."""
    found = study(CROSSING, FOUR)
    shares = {s.name: s.share.value or 0.0 for s in found.sources}
    assert sum(shares.values()) == pytest.approx(1)
    assert found.rubric_share.value == pytest.approx(sum(shares[name] for name in OF_THE_RUBRIC))
    assert found.rubric_share.value == pytest.approx(0.032967, abs=1e-6)


def drawn(rng: np.random.Generator, n: int, r: int, j: int) -> Floats:
    """A normal crossing with the variances of TRUE; wordings and judges drawn anew."""
    shapes = {ITEM: (n, 1, 1), WORDING: (1, r, 1), JUDGE: (1, 1, j), ITEM_WORDING: (n, r, 1),
              ITEM_JUDGE: (n, 1, j), WORDING_JUDGE: (1, r, j), ALL_THREE: (n, r, j)}  # fmt: skip
    parts = [rng.normal(0, TRUE[name] ** 0.5, shape) for name, shape in shapes.items()]
    return np.asarray(sum(parts) + np.zeros((n, r, j)))


def test_all_seven_components_are_recovered() -> None:
    """METHODS 4: to +-.02, over draws of everything."""
    rng = np.random.default_rng(11)
    found = [by_name(components(drawn(rng, 60, 5, 4))) for _ in range(900)]
    for name, true in TRUE.items():
        assert np.mean([one[name] for one in found]) == pytest.approx(true, abs=0.02), name


def test_noise_is_taken_out_of_what_is_left_and_stands_beside_it() -> None:
    """4,000 items, wordings that differ on items by .5 and noise of .3: apart only with repeats."""
    rng = np.random.default_rng(2)
    true = rng.normal(0, 1, (4000, 1)) + rng.normal(0, 0.5**0.5, (4000, 4))
    asked = true + rng.normal(0, 0.3**0.5, true.shape)
    again = true[:, :1] + rng.normal(0, 0.3**0.5, (4000, 1))
    each = np.arange(4000)
    without = {s.name: s.variance.value for s in study(asked, each).sources}
    assert REPEATS not in without
    assert without[ITEM_WORDING] == pytest.approx(0.8, abs=0.05)
    found = study(asked, each, repeats=np.column_stack([asked[:, 0], again]))
    parts = {s.name: s.variance.value for s in found.sources}
    assert parts[REPEATS] == pytest.approx(0.3, abs=0.03)
    assert parts[ITEM_WORDING] == pytest.approx(0.5, abs=0.05)
    assert found.rubric_share.value == pytest.approx(0.5 / 1.8, abs=0.03)


def test_noise_counts_in_every_design() -> None:
    parts = (Part(ITEM, 1.0), Part(WORDING, 0.1), Part(ITEM_WORDING, 0.2), Part(REPEATS, 0.3))
    found = design(parts, 2, 1)
    assert found.e_rho2 == pytest.approx(1 / (1 + 0.25))
    assert found.phi == pytest.approx(1 / (1 + 0.25 + 0.05))


def test_fewest_questions_that_reach_the_target() -> None:
    """Item 1, item x wording .1, item x judge .1, rest .1: one of each reaches 1 / 1.3; two wordings and one
    judge 1 / 1.2, two and two 1 / 1.125, and four questions are not enough for .9; 2 x 3 has 1 / 1.1."""
    parts = tuple(
        Part(name, {ITEM: 1.0, ITEM_WORDING: 0.1, ITEM_JUDGE: 0.1, ALL_THREE: 0.1}.get(name, 0.0))
        for name in TWO_FACETS
    )
    found = needed(designs(parts))
    assert {(d.wordings, d.judges) for d in found} == {(2, 3), (3, 2)}
    assert all(d.questions == 6 and (d.e_rho2 or 0) >= 0.9 for d in found)


def test_no_design_is_named_where_none_reaches_the_target() -> None:
    parts = (Part(ITEM, 0.01), Part(WORDING, 0.0), Part(ITEM_WORDING, 1.0))
    assert needed(designs(parts)) == ()
    assert design((Part(ITEM, 0.0), Part(WORDING, 0.0), Part(ITEM_WORDING, 0.0)), 1, 1) == Design(
        1, 1, None, None
    )


def test_more_of_anything_never_reaches_less() -> None:
    grid = {(d.wordings, d.judges): d.e_rho2 or 0.0 for d in designs(components(CROSSING))}
    assert all(grid[w, j] >= grid[max(w - 1, 1), max(j - 1, 1)] - 1e-12 for w, j in grid)


def test_components_of_one_judge_speak_of_no_other_judges() -> None:
    assert {d.judges for d in designs(components(CROSSING[:, :, 0]))} == {1}


@pytest.mark.parametrize(
    ("values", "note"),
    [
        (CROSSING[:1], "fewer than two items have a verdict in every cell"),
        (CROSSING[:, :1], "fewer than two wordings"),
        (CROSSING[:, :, :1], "fewer than two judges"),
        (np.ones((4, 3, 2)), "every value is the same"),
    ],
)
def test_no_study_where_there_is_nothing_to_take_apart(values: Floats, note: str) -> None:
    found = study(values, np.arange(len(values)))
    assert (found.sources, found.rubric_share.value) == ((), None)
    assert (found.note, found.rubric_share.note) == (note, note)


def test_single_cluster_has_shares_and_no_intervals() -> None:
    found = study(CROSSING, np.zeros(4))
    assert found.rubric_share.value == pytest.approx(0.032967, abs=1e-6)
    assert found.rubric_share.ci_low is None


def test_few_clusters_are_warned_of() -> None:
    """With 20 items of won-or-lost cells, two wordings and two judges, shares cover down to 82 %."""
    values = np.random.default_rng(4).normal(size=(30, 2, 2))
    few, enough = (study(values[:n], np.arange(n)) for n in (29, 30))
    assert few.rubric_share.note.startswith("fewer than 30 clusters of items")
    assert enough.rubric_share.note == ""


def test_intervals_hold_their_values_and_stay_where_shares_can_be() -> None:
    rng = np.random.default_rng(4)
    for values in rng.integers(0, 2, (20, 15, 4, 2)).astype(float):
        found = study(values, np.arange(15))
        estimates = [s.share for s in found.sources] + [found.rubric_share]
        for e in estimates:
            assert None not in (e.value, e.ci_low, e.ci_high)
            assert 0 <= (e.ci_low or 0) <= (e.value or 0) <= (e.ci_high or 0) <= 1


# -- coverage ------------------------------------------------------------------------------------


def _logistic(rng: np.random.Generator, n: int, fixed: Floats) -> Floats:
    """Won or lost cells: an item's log-odds, the cell's own, and what item and wording or judge add."""
    r, j = fixed.shape
    odds = (
        rng.normal(0, 2, (n, 1, 1))
        + fixed
        + rng.normal(0, 0.5, (n, r, 1))
        + rng.normal(0, 0.5, (n, 1, j))
    )
    return (rng.random((n, r, j)) < 1 / (1 + np.exp(-odds))).astype(float)


def _normal(rng: np.random.Generator, n: int, fixed: Floats) -> Floats:
    r, j = fixed.shape
    shapes = {ITEM: (n, 1, 1), ITEM_WORDING: (n, r, 1), ITEM_JUDGE: (n, 1, j), ALL_THREE: (n, r, j)}
    return np.asarray(fixed + sum(rng.normal(0, TRUE[k] ** 0.5, s) for k, s in shapes.items()))


def _covers(found: Study, true: Study) -> list[bool]:
    pairs = [(a.share, b.share) for a, b in zip(found.sources, true.sources, strict=True)]
    pairs += [(found.rubric_share, true.rubric_share)]
    return [(a.ci_low or 0) - 1e-9 <= (b.value or 0) <= (a.ci_high or 0) + 1e-9 for a, b in pairs]


@pytest.mark.slow
@pytest.mark.parametrize("n", [50, 100, 400])
@pytest.mark.parametrize("draw", [_normal, _logistic])
def test_shares_cover_what_endless_items_would_give(n: int, draw: object) -> None:
    """Wordings and judges held, 400 tables: no share below 89 % (main effects of few won or lost cells,
    whose spread is that of a square), none on average below 93 %."""
    assert callable(draw)
    rng = np.random.default_rng(n)
    covered = []
    for _ in range(20):
        fixed = (
            rng.normal(0, 0.45, (5, 1)) + rng.normal(0, 0.5, (1, 3)) + rng.normal(0, 0.2, (5, 3))
        )
        true = study(draw(rng, 60_000, fixed), np.arange(60_000) % 3)
        covered += [_covers(study(draw(rng, n, fixed), np.arange(n)), true) for _ in range(20)]
    rates = np.mean(covered, axis=0)
    assert rates.min() >= 0.89, rates
    assert rates.mean() >= 0.93, rates
