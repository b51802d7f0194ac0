"""Win rates at equal length: when they are refused, how far they reach, and what hangs on length."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from judge.aggregate import Analysis, Comparison, analyze
from judge.analysis.adjusted import MIN_PAIRS, warnings, with_models
from judge.analysis.asked import Asked
from judge.analysis.outcome import raw
from judge.analysis.pairwise_models import models_of
from judge.controls import position, verbosity
from judge.table import from_rows

Row = dict[str, Any]


def pairs(
    lengths: np.ndarray[Any, Any],
    *,
    merit: float = 0.0,
    length: float = 0.0,
    system: str = "new",
    seed: int = 0,
    **more: Any,
) -> list[Row]:
    """Pairs of `system` with base in both orders; lengths: shape (n, 2); log-odds of merit and length."""
    difference = lengths[:, 0] - lengths[:, 1]
    scale = float(np.sqrt(np.mean(difference**2.0))) or 1.0
    p = expit(merit + length * np.tanh(difference / scale))
    rng = np.random.default_rng(seed)
    return [
        {
            "item_id": f"i{i}",
            "system_a": system,
            "system_b": "base",
            "judge": "j",
            "order": order,
            "label": "a" if rng.random() < p[i] else "b",
            "len_a": int(lengths[i, 0]),
            "len_b": int(lengths[i, 1]),
            **more,
        }
        for i in range(len(lengths))
        for order in ("AB", "BA")
    ]


def around(ratio: float, n: int = 300, seed: int = 1, spread: float = 0.4) -> np.ndarray[Any, Any]:
    """Lengths of a system that is longer than the baseline by this ratio on average."""
    rng = np.random.default_rng(seed)
    base = rng.integers(200, 900, n)
    return np.stack([base * ratio * np.exp(rng.normal(0, spread, n)), base], 1).astype(int)


def compared(*rows: Row, **options: Any) -> Analysis:
    return analyze(from_rows("pairwise", rows), **options)


def sole(*rows: Row, **options: Any) -> Comparison:
    (row,) = compared(*rows, **options).comparisons
    return row


def controlled(*rows: Row) -> Comparison:
    """The same row by the models of pairs alone, of all that analyze does."""
    table = from_rows("pairwise", rows)
    models = models_of(table, position.term, verbosity.term, None)
    (row,) = with_models(
        raw(table, "base", {"j": 0}, [], Asked()).comparisons, models, {"j": 0}, 0.95
    )
    return row


def test_49_pairs_are_too_few_to_correct_by_length_and_50_are_enough() -> None:
    few, enough = (sole(*pairs(around(1.3, n))) for n in (MIN_PAIRS - 1, MIN_PAIRS))
    assert few.length_controlled.value is None
    assert "49 pairs are too few" in few.length_controlled.note
    assert enough.length_controlled.value is not None


def test_what_is_refused_at_equal_length_is_not_refused_for_position() -> None:
    assert sole(*pairs(around(1.3, 20))).position_adjusted.value is not None


def test_length_that_goes_with_the_system_is_not_told_apart_from_it() -> None:
    """Every answer is about twice as long as the baseline's: tanh is nearly the same in all rows."""
    rng = np.random.default_rng(2)
    lengths = np.stack([1000 + rng.integers(-5, 6, 200), np.full(200, 500)], 1)
    e = sole(*pairs(lengths, merit=0.5)).length_controlled
    assert e.value is None
    assert "cannot be told apart (variance inflation" in e.note


def test_far_apart_lengths_are_said_to_be_an_extrapolation() -> None:
    """15 % of the pairs differ by 1000, the others by 10: beyond 1.5 root mean squares (1.5 x 387)."""
    lengths = np.full((200, 2), 500)
    lengths[:30, 0] += 1000
    lengths[30:, 0] += np.tile([10, -10], 85)
    note = sole(*pairs(lengths)).length_controlled.note
    assert "15% of the pairs differ in length by more than 1.5 scales" in note


def test_a_lead_that_is_length_alone_is_taken_back_and_warned_of() -> None:
    """Merit against it, length for it: ahead as judged, behind at equal length."""
    found = compared(*pairs(around(1.8, 400), merit=-0.3, length=1.5))
    (row,) = found.comparisons
    assert (row.raw.value or 0) > 0.5 > (row.length_controlled.value or 1)
    assert row.length_dependent is True
    assert any("whether new is ahead of base hangs on length" in w for w in found.warnings)
    assert row.conclusion == "better"  # a corrected number stands beside and decides nothing


def test_a_lead_that_is_merit_is_kept_and_nothing_is_warned_of() -> None:
    found = compared(*pairs(around(1.1, 400), merit=0.8))
    (row,) = found.comparisons
    assert row.length_dependent is False
    assert not any("hangs on length" in w for w in found.warnings)


def test_a_lead_that_nobody_is_sure_of_hangs_on_nothing() -> None:
    """Equal systems without a taste for length: a half and a half, whatever side rounding puts them."""
    found = [controlled(*pairs(around(1.3, 200, seed=n), seed=n)) for n in range(60)]
    sides = [
        ((row.raw.value or 0) - 0.5) * ((row.length_controlled.value or 0) - 0.5) for row in found
    ]
    assert sum(side < 0 for side in sides) > 3
    assert sum(any("hangs on length" in w for w in warnings([row])) for row in found) <= 1


def test_systems_that_change_places_at_equal_length_are_counted() -> None:
    """Wordy leads by length, terse by merit; both are ahead of the baseline."""
    rows = [
        *pairs(around(2.2, 400), merit=1.0, length=1.8, system="wordy"),
        *pairs(around(1.0, 400, seed=3), merit=1.8, length=1.8, system="terse", seed=5),
    ]
    found = compared(*rows, baseline="base")
    assert [row.length_dependent for row in found.comparisons] == [True, True]
    assert any("2 systems would change places" in w for w in found.warnings)


def test_matched_lengths_give_the_rate_of_the_pairs_that_are_nearly_equal() -> None:
    """Of 6 pairs 4 differ by less than a tenth of their sum; of these 3 are won."""
    lengths = [(100, 100), (100, 110), (110, 100), (100, 100), (300, 100), (100, 300)]
    labels = "aaabbb"
    rows = [
        {"item_id": f"i{i}", "system_a": "new", "system_b": "base", "judge": "j", "label": label}
        | {"len_a": a, "len_b": b}
        for i, ((a, b), label) in enumerate(zip(lengths, labels, strict=True))
    ]
    row = sole(*rows)
    assert (row.matched_length.value, row.matched_length.n) == (0.75, 4)
    ratios = [np.log((1 + a) / (1 + b)) for a, b in lengths]
    assert row.log_length_ratio.value == pytest.approx(np.mean(ratios))


def test_a_model_of_the_wrong_form_is_contradicted_by_the_matched_lengths() -> None:
    """The judge likes nearly equal lengths and nothing else, which no tanh of the difference can say."""
    lengths = around(1.6, 400, spread=0.6)
    near = np.abs(lengths[:, 0] - lengths[:, 1]) < 0.1 * lengths.sum(1)
    rows = pairs(lengths)
    for row in rows:
        row["label"] = "a" if near[int(row["item_id"][1:])] else "b"
    found = sole(*rows)
    assert "may be misspecified" in found.matched_length.note


def test_a_panel_is_the_mean_of_its_members_at_matched_lengths_too() -> None:
    lengths = around(1.2, 100)
    one = pairs(lengths, merit=0.5, seed=1)
    other = pairs(lengths, merit=-0.5, seed=2, judge="k")
    found = {row.judge: row for row in compared(*one, *other).comparisons}
    for name in ("matched_length", "raw"):
        members = [getattr(found[j], name).value for j in "jk"]
        assert getattr(found["panel"], name).value == pytest.approx(np.mean(members))


def test_unknown_lengths_give_null_with_a_note() -> None:
    rows = [row | {"len_a": None} for row in pairs(around(1.1, 60))]
    found = sole(*rows)
    for e in (found.length_controlled, found.matched_length, found.log_length_ratio):
        assert e.value is None
        assert e.note
    assert found.length_dependent is None


def test_slices_have_no_corrected_numbers_and_say_so() -> None:
    from judge.stats.slices import Slice

    rows = pairs(around(1.1, 60))
    of = {f"i{n}": "x" if n % 2 else "y" for n in range(60)}
    found = compared(*rows, slices=[Slice("kind", of, ("x", "y"))])
    cut = [row for row in found.comparisons if row.slice]
    assert cut
    for row in cut:
        assert row.matched_length.note == row.style_controlled.note == "not computed for slices"


def test_nothing_is_warned_of_without_comparisons() -> None:
    assert list(warnings([])) == []


# -- style ---------------------------------------------------------------------------------------


def styled(seed: int, *, bold: float) -> list[Row]:
    """Pairs whose verdicts go with bold passages; length means nothing."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(300, 600, (150, 2))
    counts = rng.integers(0, 9, (150, 2))
    share = (counts[:, 0] - counts[:, 1]) / (counts.sum(1) + 1)
    wins = rng.random((150, 2)) < expit(bold * share)[:, None]
    nothing = {f"{n}_{s}": 0 for n in ("headers", "list_items") for s in "ab"}
    return [
        {
            "item_id": f"i{i}",
            "system_a": "new",
            "system_b": "base",
            "judge": "j",
            "order": order,
            "label": "a" if wins[i, n] else "b",
            "len_a": int(lengths[i, 0]),
            "len_b": int(lengths[i, 1]),
            "bold_a": int(counts[i, 0]),
            "bold_b": int(counts[i, 1]),
            **nothing,
        }
        for i in range(150)
        for n, order in enumerate(("AB", "BA"))
    ]


def test_style_is_told_apart_from_length_where_it_is_asked_for() -> None:
    found = compared(*styled(1, bold=2.0), style=True)
    (judge,), (row,) = found.judges, found.comparisons
    assert judge.verbosity.style.keys() == {"bold"}  # the others are 0 throughout
    e = judge.verbosity.style["bold"]
    assert e.ci_low is not None
    assert e.ci_low > 0
    assert row.style_controlled.value is not None


def test_without_being_asked_for_style_is_null_and_says_how_to_ask() -> None:
    (row,) = compared(*styled(1, bold=2.0)).comparisons
    assert row.style_controlled.value is None
    assert "--style" in row.style_controlled.note


def test_counts_turn_with_their_answers() -> None:
    rows = styled(2, bold=2.0)
    swapped = {"a": "b", "b": "a"}
    turned = [
        row
        | {"system_a": "base", "system_b": "new", "label": swapped[row["label"]]}
        | {"order": row["order"][::-1], "len_a": row["len_b"], "len_b": row["len_a"]}
        | {"bold_a": row["bold_b"], "bold_b": row["bold_a"]}
        for row in rows
    ]
    one, other = compared(*rows, style=True), compared(*turned, style=True, baseline="base")
    assert one.judges[0].verbosity.style == other.judges[0].verbosity.style
    assert one.comparisons[0].style_controlled == other.comparisons[0].style_controlled


def test_columns_that_are_not_there_are_named_with_the_remedy() -> None:
    from judge.errors import InputError

    with pytest.raises(InputError, match="lack the column headers_a"):
        compared(*pairs(around(1.1, 60)), style=True)
    bad = [row | {"bold_a": "many"} for row in styled(1, bold=0.0)]
    with pytest.raises(InputError, match="bold_a holds 'many'; write a count"):
        compared(*bad, style=True)
