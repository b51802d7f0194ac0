"""Corrected win rates beside the raw one: what they take out, and what they are refused for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logit

from judge.aggregate import Analysis, Comparison, analyze
from judge.analysis.adjusted import MIN_PAIRS
from judge.stats.slices import Slice
from judge.table import from_rows
from judge.types import PANEL

Row = dict[str, Any]


def verdicts(
    n: int,
    *,
    judge: str = "j",
    strength: float = 0.4,
    position: float = 0.0,
    length: float = 0.0,
    orders: str = "both",
    seed: int = 0,
    lengths: tuple[float, float] = (0.3, 0.5),
    **fields: Any,
) -> list[Row]:
    """Verdicts with these log-odds of new winning. orders: both, or one drawn for each item."""
    rng = np.random.default_rng([seed, n])
    lengths_b = rng.integers(300, 900, n)
    lengths_a = (lengths_b * np.exp(rng.normal(*lengths, n))).astype(int)
    difference = lengths_a - lengths_b
    x = np.tanh(difference / np.sqrt(np.mean(difference**2.0)))
    rows = []
    for i in range(n):
        asked = ("AB", "BA") if orders == "both" else (str(rng.choice(["AB", "BA"])),)
        for order in asked:
            eta = strength + position * (1 if order == "AB" else -1) + length * x[i]
            rows.append(
                {
                    "item_id": f"i{i}",
                    "system_a": "new",
                    "system_b": "base",
                    "judge": judge,
                    "order": order,
                    "label": "a" if rng.random() < expit(eta) else "b",
                    "len_a": int(lengths_a[i]),
                    "len_b": int(lengths_b[i]),
                }
                | fields
            )
    return rows


def analysed(rows: list[Row], **options: Any) -> Analysis:
    return analyze(from_rows("pairwise", rows), baseline="base", **options)


def head(rows: list[Row], judge: str = "j", **options: Any) -> Comparison:
    found = analysed(rows, **options).comparisons
    return next(row for row in found if row.judge == judge and not row.slice)


# -- what is taken out ---------------------------------------------------------------------------


def test_a_strong_position_no_longer_pulls_the_rate_to_a_half() -> None:
    """Strength .8 under a position of 2: raw tends to (s(2.8) + s(-1.2)) / 2 = .600, adjusted to .690."""
    row = head(verdicts(3000, strength=0.8, position=2.0))
    assert row.raw.value == pytest.approx((expit(2.8) + expit(-1.2)) / 2, abs=0.02)
    assert row.position_adjusted.value == pytest.approx(expit(0.8), abs=0.03)


def test_one_random_order_an_item_is_enough_to_take_position_out() -> None:
    row = head(verdicts(3000, position=1.0, orders="one"))
    assert row.position_adjusted.value == pytest.approx(expit(0.4), abs=0.04)
    assert row.position_adjusted.ci_low is not None


def test_length_is_taken_out_together_with_position() -> None:
    row = head(verdicts(3000, position=0.8, length=1.2))
    assert (row.raw.value or 0) > expit(0.4) + 0.05
    assert row.length_controlled.value == pytest.approx(expit(0.4), abs=0.04)


def test_where_there_is_no_bias_all_three_say_the_same() -> None:
    row = head(verdicts(2000))
    assert row.position_adjusted.value == pytest.approx(row.raw.value, abs=0.005)
    assert row.length_controlled.value == pytest.approx(row.raw.value, abs=0.03)


def test_in_both_orders_without_a_position_the_adjusted_rate_has_the_raw_ones_error() -> None:
    """With as many rows in either order the model adds nothing but log-odds to the interval."""
    row = head(verdicts(400))
    assert row.raw.se is not None
    assert row.position_adjusted.se == pytest.approx(row.raw.se, rel=0.02)
    assert row.position_adjusted.n == row.raw.n == 400


def test_the_raw_rate_and_the_conclusion_are_not_touched() -> None:
    rows = verdicts(200, position=1.5)
    wins = [row["label"] == "a" for row in rows]
    row = head(rows)
    assert row.raw.value == pytest.approx(np.mean(wins))
    assert row.basis == "raw"


def test_the_other_way_round_the_corrected_rates_are_the_complement() -> None:
    rows = verdicts(300, position=0.7, length=0.6)
    ours = head(rows)
    (theirs,) = analyze(from_rows("pairwise", rows), baseline="new").comparisons
    for name in ("position_adjusted", "length_controlled"):
        one, other = getattr(ours, name), getattr(theirs, name)
        assert one.value + other.value == pytest.approx(1)
        assert one.ci_low + other.ci_high == pytest.approx(1)


# -- panels --------------------------------------------------------------------------------------


def panel() -> list[Row]:
    """Two judges of one family and one of another, with positions of their own."""
    return [
        *verdicts(200, judge="j", position=0.2, seed=1, judge_families="f"),
        *verdicts(200, judge="k", position=1.5, seed=2, judge_families="f"),
        *verdicts(200, judge="l", position=-0.5, seed=3, judge_families="g"),
    ]


@pytest.mark.parametrize("name", ["raw", "position_adjusted"])
def test_the_panels_rate_is_the_mean_of_its_members_with_a_vote_a_family(name: str) -> None:
    rows = {row.judge: getattr(row, name) for row in analysed(panel()).comparisons}
    expected = rows["j"].value / 4 + rows["k"].value / 4 + rows["l"].value / 2
    assert rows[PANEL].value == pytest.approx(expected)
    assert rows[PANEL].se < rows["l"].se


def test_the_panels_uncertainty_is_of_what_items_did_in_all_members() -> None:
    """The same judge under two names is no second witness."""
    once = verdicts(200, judge="j", judge_families="f")
    twin = [row | {"judge": "k", "judge_families": "g"} for row in once]
    rows = {row.judge: row.position_adjusted for row in analysed([*once, *twin]).comparisons}
    assert rows[PANEL].value == pytest.approx(rows["j"].value)
    assert rows[PANEL].se == pytest.approx(rows["j"].se)


def test_a_member_without_a_model_leaves_the_panel_without_and_is_named() -> None:
    stuck = [
        row | {"judge": "k", "judge_families": "g", "label": "a" if row["order"] == "AB" else "b"}
        for row in verdicts(80)
    ]
    rows = [*verdicts(80, judge_families="f"), *stuck]
    found = head(rows, PANEL)
    assert found.position_adjusted.value is None
    assert "k: separated" in found.position_adjusted.note
    assert found.raw.value is not None


def some_unread(n: int, of: int, judge: str = "k", **fields: Any) -> list[Row]:
    """Verdicts on so many items of which only the first n can be read."""
    rows = verdicts(of, judge=judge, judge_families="g", **fields)
    return [row if int(row["item_id"][1:]) < n else row | {"label": None} for row in rows]


def test_a_panel_whose_members_read_other_pairs_says_what_its_number_stands_on() -> None:
    """All 100 pairs have a place in some model; the raw rate has the 60 that both judged."""
    row = head([*verdicts(100, judge_families="f"), *some_unread(60, 100)], PANEL)
    e = row.position_adjusted
    assert (row.raw.n, row.raw.n_missing) == (60, 40)
    assert (e.n, e.n_missing) == (100, 0)
    assert "takes all pairs that it judged (60 to 100)" in e.note
    assert "those that every family did (60)" in e.note


def test_a_panel_has_no_length_controlled_rate_where_a_member_judged_too_few_pairs() -> None:
    row = head([*verdicts(200, judge_families="f"), *some_unread(30, 200)], PANEL)
    assert row.length_controlled.value is None
    assert "30 pairs are too few" in row.length_controlled.note


def test_a_panel_without_a_raw_rate_has_no_corrected_one() -> None:
    row = head([*verdicts(80, judge_families="f"), *some_unread(0, 80)], PANEL)
    assert row.raw.value is row.position_adjusted.value is None
    assert row.position_adjusted.note == "not computed: no pair has all its verdicts"


def test_a_judge_who_never_saw_the_two_together_has_no_part_in_their_rate() -> None:
    """l met new and base against other only; what its model has for the two is no verdict of its own."""
    both = [*verdicts(80, judge_families="f"), *verdicts(80, judge="k", judge_families="g")]
    apart = [
        row | {"judge": "l", "judge_families": "h", side: "other"}
        for side in ("system_a", "system_b")
        for row in verdicts(80, seed=4, strength=-1.0)
    ]
    (alone, with_l) = (head(rows, PANEL) for rows in (both, [*both, *apart]))
    assert with_l.members == alone.members == ("j", "k")
    assert with_l.position_adjusted == alone.position_adjusted


# -- what they are refused for -------------------------------------------------------------------


@pytest.mark.parametrize(("n", "is_there"), [(MIN_PAIRS - 1, False), (MIN_PAIRS, True)])
def test_length_is_not_controlled_with_few_pairs_but_position_is(n: int, is_there: bool) -> None:
    row = head(verdicts(n, position=0.5))
    assert (row.length_controlled.value is not None) == is_there
    assert row.position_adjusted.value is not None
    if not is_there:
        assert f"{n} pairs are too few" in row.length_controlled.note


def test_a_system_that_is_always_about_as_much_longer_cannot_be_told_from_its_length() -> None:
    row = head(verdicts(300, lengths=(1.0, 0.02)))
    assert row.length_controlled.value is None
    assert "cannot be told apart" in row.length_controlled.note


def test_slices_have_no_corrected_rates_and_say_so() -> None:
    half = Slice(
        "part", {f"i{i}": "low" if i < 60 else "high" for i in range(120)}, ("low", "high")
    )
    found = analysed(verdicts(120), slices=[half]).comparisons
    sliced = [row for row in found if row.slice]
    assert len(sliced) == 2
    for row in sliced:
        assert row.position_adjusted.value is None
        assert row.position_adjusted.note == "not computed for slices"


def test_an_undefeated_system_has_the_priors_rate_without_an_interval() -> None:
    """60 pairs in both orders, all won: 120.25 of 120.5 pseudo-verdicts."""
    rows = [row | {"label": "a"} for row in verdicts(60)]
    row = head(rows)
    assert row.raw.value == 1.0
    e = row.position_adjusted
    assert logit(e.value) == pytest.approx(logit(120.25 / 120.5), abs=1e-6)
    assert e.ci_low is None
    assert "only the prior" in e.note


def test_missing_verdicts_are_counted_as_in_the_raw_rate() -> None:
    rows = verdicts(100)
    rows[3]["label"] = None
    row = head(rows)
    assert (row.raw.n, row.raw.n_missing) == (99, 1)
    assert (row.position_adjusted.n, row.position_adjusted.n_missing) == (99, 1)
