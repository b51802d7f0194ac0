"""Length: the coefficient, the share that the longer wins, and what judges without skill would show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from judge.analysis import no_skill
from judge.analysis.pairwise_models import JudgeModels, fitted, model_rows, models_of, win_rate
from judge.controls import position, verbosity
from judge.controls.verbosity import Verbosity, measure, term
from judge.table import VerdictTable, canonical, from_rows, turned

Row = dict[str, Any]


def drawn(seed: int, n: int = 120, length: float = 0.0, first: float = 0.0) -> list[Row]:
    """Pairs in both orders by a judge with these coefficients of length and position."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(50, 900, (2, n))
    scale = float(np.sqrt(np.mean((a - b) ** 2.0)))
    rows = []
    for order, sign in (("AB", 1), ("BA", -1)):
        p = expit(length * np.tanh((a - b) / scale) + first * sign)
        labels = np.where(rng.random(n) < p, "a", "b")
        rows += [
            {
                "item_id": f"i{i}",
                "system_a": "base",
                "system_b": "new",
                "judge": "j",
                "order": order,
                "label": str(labels[i]),
                "len_a": int(a[i]),
                "len_b": int(b[i]),
            }
            for i in range(n)
        ]
    return rows


def models(table: VerdictTable) -> JudgeModels:
    (found,) = models_of(table, position.term, term).values()
    return found


def found(rows: list[Row]) -> Verbosity:
    return measure(models(from_rows("pairwise", rows)))


# -- METHODS 2.1: eight rows -----------------------------------------------------------------------

BASELINE = [100, 120, 140, 160, 180, 200, 220, 240]
MODEL = [150, 100, 260, 120, 400, 210, 180, 500]
PREFERENCE = [0.8, 0.3, 0.9, 0.25, 0.95, 0.5, 0.35, 0.7]


def eight() -> Iterator[Row]:
    for i, (base, model, p) in enumerate(zip(BASELINE, MODEL, PREFERENCE, strict=True)):
        yield {
            "item_id": f"i{i}",
            "system_a": "m",
            "system_b": "base",
            "judge": "j",
            "p_a": p,
            "len_a": model,
            "len_b": base,
        }


def test_the_published_vector_with_its_own_scale() -> None:
    """Raw 59.375, coefficient 2.22662576 (AlpacaEval's sign is the reverse), 46.53044 at equal length.

    Their scale is the standard deviation of the differences (n - 1): 117.95883.
    """
    table = from_rows("pairwise", eight())
    rows = model_rows(canonical(table).frame)
    scale = float(np.std(np.subtract(BASELINE, MODEL), ddof=1))
    assert scale == pytest.approx(117.95883, abs=1e-5)
    model = fitted(rows, ("base", "m"), [term(rows, scale)])
    assert model.fit is not None
    assert model.fit.coefficients[0] == pytest.approx(2.22662576, abs=1e-8)
    own = JudgeModels(("j", "", ""), ("base", "m"), rows, model, model)
    rate = win_rate(own, model, "m", "base")
    assert rate is not None
    assert 100 * rate.value == pytest.approx(46.53044, abs=1e-5)
    assert 100 * np.mean(PREFERENCE) == pytest.approx(59.375)


# -- the coefficient -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_coefficient_and_p_are_those_of_statsmodels(seed: int) -> None:
    own = models(from_rows("pairwise", drawn(seed, length=0.8, first=0.3)))
    rows = own.rows
    design = np.column_stack(
        [np.ones(len(rows)), np.where(rows["order"] == "AB", 1.0, -1.0), term(rows).column]
    )
    groups = rows["cluster"].cat.codes.to_numpy()
    other = sm.GLM(rows["y"].to_numpy(), design, family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
    )
    ours = measure(own)
    assert ours.coefficient.value == pytest.approx(other.params[2], abs=1e-7)
    assert ours.coefficient.se == pytest.approx(other.bse[2], rel=1e-6)
    # statsmodels takes t(n - p) with clusters; G - 1 is what its sandwich has.
    assert ours.coefficient.n_clusters == 120


def test_a_judge_that_has_the_bias_shows_it_and_one_that_has_not_does_not() -> None:
    biased, fair = found(drawn(1, length=1.5)), found(drawn(2))
    assert biased.p_value is not None
    assert biased.p_value < 1e-4
    assert (biased.coefficient.value or 0) > 0.5
    assert fair.p_value is not None
    assert fair.p_value > 0.05


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000), st.lists(st.booleans(), min_size=80, max_size=80))
def test_writing_pairs_the_other_way_round_changes_nothing(seed: int, turn: list[bool]) -> None:
    table = from_rows("pairwise", drawn(seed, n=40, length=0.5))
    one, other = measure(models(table)), measure(models(turned(table, np.array(turn))))
    assert other.coefficient.value == pytest.approx(one.coefficient.value, abs=1e-7)
    assert other.longer_wins.value == pytest.approx(one.longer_wins.value, abs=1e-12)
    assert other.scale == one.scale


def test_asking_twice_changes_neither_scale_nor_share() -> None:
    rows = drawn(3, n=40)
    again = [row | {"repeat": 2} for row in rows]
    one, two = found(rows), found([*rows, *again])
    assert (two.scale, two.longer_wins, two.coefficient) == (
        one.scale,
        one.longer_wins,
        one.coefficient,
    )


# -- the share -------------------------------------------------------------------------------------


def pair(item: str, label: str | None, len_a: int, len_b: int, **more: Any) -> Row:
    row: Row = {"item_id": item, "system_a": "x", "system_b": "y", "judge": "j", "label": label}
    return row | {"len_a": len_a, "len_b": len_b} | more


def test_equally_long_pairs_are_left_out_of_the_share_and_counted() -> None:
    """The longer wins one, loses one, ties one: 1.5 of 3; two pairs are equally long."""
    rows = [
        pair("i1", "a", 9, 5),
        pair("i2", "a", 5, 9),
        pair("i3", "tie", 5, 9),
        pair("i4", "a", 7, 7),
        pair("i5", "b", 7, 7),
    ]
    e = found(rows).longer_wins
    assert (e.value, e.n, e.n_clusters) == (0.5, 3, 3)
    assert "2 pairs of equally long answers left out" in e.note


def test_a_pair_without_a_verdict_counts_as_missing() -> None:
    from judge.aggregate import analyze

    rows = [pair(f"i{n}", "ab"[n % 2], 9, 5 + n) for n in range(3)] + [pair("i9", None, 9, 5)]
    (row,) = analyze(from_rows("pairwise", rows)).judges
    assert (row.verbosity.longer_wins.n, row.verbosity.longer_wins.n_missing) == (3, 1)


def test_unknown_lengths_give_null_with_a_note() -> None:
    rows = [pair("i1", "a", 9, 5), {**pair("i2", "a", 9, 5), "len_b": None}]
    seen = found(rows)
    for e in (seen.coefficient, seen.longer_wins):
        assert e.value is None
        assert e.note
    assert (seen.p_value, seen.extrapolated, seen.no_skill) == (None, None, ())


def test_equally_long_answers_throughout_give_null_with_a_note() -> None:
    seen = found([pair(f"i{n}", "ab"[n % 2], 5, 5) for n in range(4)])
    assert seen.coefficient.value is None
    assert "equally long" in seen.coefficient.note
    assert seen.longer_wins.value is None


def test_extrapolation_is_the_share_of_pairs_beyond_one_and_a_half_scales() -> None:
    """Differences 1, 1, 1, 1, 10: root mean square sqrt(104 / 5) = 4.56; only 10 is above 6.84."""
    rows = [pair(f"i{n}", "ab"[n % 2], 11, 10) for n in range(4)] + [pair("i9", "a", 20, 10)]
    seen = found(rows)
    assert seen.scale == pytest.approx(np.sqrt(104 / 5))
    assert seen.extrapolated == pytest.approx(0.2)


# -- judges without skill --------------------------------------------------------------------------


def test_without_skill_a_coin_shows_nothing_and_always_longer_everything() -> None:
    seen = {j.judge: j for j in found(drawn(4)).no_skill}
    assert seen.keys() == set(no_skill.NAMES)
    coin, first, longer = (seen[name] for name in no_skill.NAMES)
    assert (coin.longer_wins, coin.coefficient) == (0.5, 0.0)
    assert (first.longer_wins, first.coefficient) == (0.5, pytest.approx(0.0, abs=1e-9))
    assert (longer.longer_wins, longer.coefficient) == (1.0, None)


def test_always_first_goes_with_length_where_the_longer_was_shown_first() -> None:
    """One order only, the longer of each pair first: what position does looks like length."""
    rows = [
        pair(f"i{n}", "a", 9 + n, 5, order="AB")
        if n % 2
        else pair(f"i{n}", "b", 5, 9 + n, order="BA")
        for n in range(8)
    ]
    seen = {j.judge: j for j in found(rows).no_skill}
    assert seen[no_skill.ALWAYS_FIRST].longer_wins == 1.0


def test_style_is_empty_where_it_was_not_asked_for() -> None:
    assert found(drawn(5)).style == {}


def test_the_record_of_what_cannot_be_known_is_null_with_its_note() -> None:
    seen = verbosity.unknown("single answers are not compared", 0.9)
    assert (seen.coefficient.value, seen.longer_wins.value) == (None, None)
    assert seen.longer_wins.note == "single answers are not compared"
