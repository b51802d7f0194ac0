"""What repeats of a judge show, from its verdicts; and that repeats move no item's weight."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from judge.aggregate import Analysis, analyze
from judge.analysis import repetition
from judge.analysis.repetition import Repeats, measure
from judge.table import canonical, from_rows

Row = dict[str, Any]


def pair(item: int, repeat: int, label: str | None, order: str = "AB", **fields: Any) -> Row:
    shared = {"item_id": f"i{item}", "system_a": "new", "system_b": "old", "judge": "j"}
    return shared | {"order": order, "repeat": repeat, "label": label} | fields


def answer(item: int, repeat: int, score: float | None, **fields: Any) -> Row:
    row = {"item_id": f"i{item}", "system": "s", "judge": "j", "repeat": repeat}
    return row | ({"score": score} if score is not None else {"status": "unparsed"}) | fields


def pairwise(*rows: Row) -> Repeats:
    return measure("pairwise", canonical(from_rows("pairwise", rows)).frame)


def single(*rows: Row) -> Repeats:
    return measure("single", from_rows("single", rows).frame)


SIX = [[4, 4, 5, 4], [2, 3, 2, 2], [5, 5, 5, 5], [3, 3, 4, 2], [1, 1, 2, 1], [4, 3, 4, 4]]


def six() -> list[Row]:
    return [answer(i, k, float(s)) for i, own in enumerate(SIX) for k, s in enumerate(own, 1)]


def test_methods_set_through_the_verdict_table() -> None:
    """METHODS 5: ICC .86667, SEM .52705, repeatability 1.461, repeats for .9 1.385.

    Var(mean) = (Vitem + Vrep / 4) / 6 with Vitem = (7.5 - .27778) / 4 = 1.80556: twice the repeats leave
    sqrt((1.80556 + .27778 / 8) / (1.80556 + .27778 / 4)) = .99070 of its root.
    """
    found = single(*six())
    assert found.n_repeated == 6
    assert found.icc.value == pytest.approx(0.866667, abs=1e-6)
    assert found.sem.value == pytest.approx(0.527046, abs=1e-6)
    assert found.repeatability.value == pytest.approx(1.461, abs=5e-4)
    assert found.repeats_needed == pytest.approx(1.3846, abs=1e-4)
    assert found.se_twice_items == pytest.approx(0.707107, abs=1e-6)
    assert found.se_twice_repeats == pytest.approx(0.990698, abs=1e-5)


def test_a_row_per_criterion_leaves_the_numbers_of_the_overall_score() -> None:
    more = [answer(i, k, 1.0, criterion="clarity") for i in range(6) for k in (1, 2)]
    assert single(*six(), *more).icc == single(*six()).icc


def test_what_a_criterion_lacks_is_not_missing_from_the_reliability_of_overall_scores() -> None:
    lost = [answer(0, k, None if k == 2 else 1.0, criterion="clarity") for k in (1, 2)]
    found = single(*six(), *lost)
    assert (found.icc.n, found.icc.n_missing, found.sem.n_missing) == (6, 0, 0)
    assert (found.pairwise_agreement.n, found.pairwise_agreement.n_missing) == (6, 1)


def test_orders_are_questions_of_their_own() -> None:
    """AB says a, a and BA says b, b: every repeat agrees, though the orders never do."""
    rows = [pair(i, k, "a", "AB") for i in range(3) for k in (1, 2)]
    rows += [pair(i, k, "b", "BA") for i in range(3) for k in (1, 2)]
    found = pairwise(*rows)
    assert (found.n_repeated, found.pairwise_agreement.value, found.stability.value) == (6, 1, 1)
    assert found.entropy.value == pytest.approx(np.log(2))


def test_entropy_is_over_orders_and_repeats_of_a_pair() -> None:
    """METHODS 5: counts (4, 1, 1) over three repeats in two orders: .867563."""
    labels = ["a", "a", "tie", "a", "a", "b"]
    rows = [pair(0, k // 2 + 1, label, "AB" if k % 2 else "BA") for k, label in enumerate(labels)]
    assert pairwise(*rows).entropy.value == pytest.approx(0.867563, abs=1e-6)


def test_unequal_repeats_and_a_missing_verdict_are_counted() -> None:
    rows = [pair(0, 1, "a"), pair(0, 2, "a"), pair(0, 3, "b"), pair(1, 1, "a"), pair(2, 1, "b")]
    found = pairwise(*rows, pair(3, 1, "a"), pair(3, 2, None, status="unparsed"))
    assert found.n_repeated == 1
    assert (found.pairwise_agreement.n, found.pairwise_agreement.n_missing) == (1, 1)
    assert found.pairwise_agreement.value == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ([pair(0, 1, "a"), pair(1, 1, "b")], repetition.NOT_ASKED),
        (
            [pair(0, 1, "a"), pair(0, 2, None, status="failed"), pair(1, 1, "b")],
            repetition.NOT_TOLD,
        ),
    ],
)
def test_without_two_verdicts_on_a_question_nothing_is_known(rows: list[Row], note: str) -> None:
    found = pairwise(*rows)
    estimates = (found.icc, found.sem, found.repeatability, found.pairwise_agreement, found.entropy)
    assert found.n_repeated == 0
    assert [e.value for e in estimates] == [None] * 5
    assert {e.note for e in estimates} == {note}
    assert (found.repeats_needed, found.se_twice_items, found.se_twice_repeats) == (None,) * 3


def test_labels_without_numbers_agree_but_have_no_reliability() -> None:
    rows = [answer(i, k, None, label="good", status="ok") for i in range(3) for k in (1, 2)]
    found = single(*rows)
    assert found.pairwise_agreement.value == 1
    assert (found.icc.value, found.icc.note) == (None, repetition.NO_NUMBERS)


def test_scores_by_probabilities_have_reliability_and_no_agreement() -> None:
    rng = np.random.default_rng(1)
    rows = [answer(i, k, float(rng.random()), method="logprob") for i in range(5) for k in (1, 2)]
    found = single(*rows)
    assert found.icc.value is not None
    assert found.pairwise_agreement.value is None
    assert "probabilities" in found.pairwise_agreement.note


# -- what repeats may not do ---------------------------------------------------------------------


def raw(found: Analysis) -> tuple[float | None, int, int]:
    (row,) = found.comparisons
    return row.raw.value, row.raw.n, row.raw.n_missing


def test_items_with_more_repeats_weigh_the_same() -> None:
    """i0 wins in two of three repeats, i1 and i2 lose once: (2/3 + 0 + 0) / 3, not 2/5."""
    rows = [pair(0, 1, "a"), pair(0, 2, "a"), pair(0, 3, "b"), pair(1, 1, "b"), pair(2, 1, "b")]
    assert raw(analyze(from_rows("pairwise", rows))) == (pytest.approx(2 / 9), 3, 0)


def test_a_repeat_without_a_verdict_leaves_its_order_one() -> None:
    """Every planned order of i0 has a verdict although one repeat failed; BA of i1 has none."""
    rows = [
        *(pair(0, 1, "a", "AB"), pair(0, 2, None, "AB", status="failed"), pair(0, 1, "a", "BA")),
        *(pair(1, 1, "a", "AB"), pair(1, 2, "a", "AB"), pair(1, 1, None, "BA", status="failed")),
    ]
    assert raw(analyze(from_rows("pairwise", rows))) == (1.0, 1, 1)


def test_repeats_are_on_the_row_of_the_judge() -> None:
    (row,) = analyze(from_rows("single", six())).judges
    assert row.repeats.n_repeated == 6
    assert row.repetition_stability == row.repeats.stability
