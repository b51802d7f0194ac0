"""One value per pair or answer: repeats within an order, then orders, and nothing from half of it."""

from __future__ import annotations

from typing import Any

import pytest

from judge.stats.values import answer_values, pair_values, spread_failures
from judge.table import against, from_rows


def pair(order: str, label: str | None, **fields: Any) -> dict[str, Any]:
    shared = {"item_id": "i", "system_a": "new", "system_b": "base", "judge": "j"}
    return shared | {"order": order, "label": label} | fields


def value(*rows: dict[str, Any]) -> float | None:
    """The one value of these rows, None where it is undefined."""
    found = pair_values(against(from_rows("pairwise", rows), "base"))
    (only,) = found["value"]
    return None if only != only else float(only)


def test_orders_are_averaged() -> None:
    assert value(pair("AB", "a"), pair("BA", "b")) == 0.5


def test_repeats_are_averaged_within_their_order_first() -> None:
    """AB: a, a, b = 2/3; BA: b = 0; mean 1/3, and not 2/4."""
    rows = [pair("AB", label, repeat=n) for n, label in enumerate("aab")]
    assert value(*rows, pair("BA", "b")) == pytest.approx(1 / 3)


def test_p_a_goes_before_the_label() -> None:
    assert value(pair("AB", "a", p_a=0.7)) == pytest.approx(0.7)


def test_a_planned_order_without_a_verdict_leaves_the_pair_undefined() -> None:
    assert value(pair("AB", "a"), pair("BA", None)) is None


def test_a_repeat_without_a_verdict_leaves_the_others_of_its_order() -> None:
    rows = [pair("AB", "a", repeat=1), pair("AB", None, repeat=2)]
    assert value(*rows, pair("BA", "a")) == 1.0


@pytest.mark.parametrize(
    ("reason", "is_missing"), [("policy", False), ("", False), ("budget", True)]
)
def test_a_pair_stopped_between_its_orders_has_no_value_and_only_others_than_a_policy_make_it_missing(
    reason: str, is_missing: bool
) -> None:
    """One order alone would let position bias in."""
    rows = [pair("AB", "a"), pair("BA", None, status="not_asked", reason=reason)]
    found = pair_values(against(from_rows("pairwise", rows), "base"))
    assert found["value"].isna().to_list() == [True]
    assert found["is_asked"].to_list() == [is_missing]


def test_a_pair_that_a_policy_stopped_altogether_was_not_asked() -> None:
    rows = [pair("AB", None, status="not_asked", reason="policy"), pair("AB", "a", item_id="i2")]
    found = pair_values(against(from_rows("pairwise", rows), "base"))
    assert found["is_asked"].to_list() == [False, True]


def answer(item: str, **fields: Any) -> dict[str, Any]:
    return {"item_id": item, "system": "s", "judge": "j", **fields}


def test_wordings_of_a_rubric_are_averaged_and_all_are_needed() -> None:
    rows = [
        answer("i1", score=2),
        answer("i1", score=4, variant="v"),
        answer("i2", score=2),
        answer("i2", status="failed", variant="v"),
    ]
    found = answer_values(from_rows("single", rows).frame)
    assert found["value"].to_list() == pytest.approx([3, float("nan")], nan_ok=True)


def test_an_answer_that_could_not_be_read_lacks_its_criteria_too() -> None:
    rows = [
        answer("i1", score=2),
        answer("i1", score=3, criterion="tone"),
        answer("i2", status="unparsed"),
    ]
    found = spread_failures(from_rows("single", rows).frame)
    missing = found[found["status"] == "unparsed"]
    assert sorted(missing["criterion"]) == ["", "tone"]
    assert set(missing["item_id"]) == {"i2"}


def test_a_judge_of_criteria_alone_lacks_no_overall_score() -> None:
    rows = [answer("i1", score=3, criterion="tone"), answer("i2", status="unparsed")]
    found = spread_failures(from_rows("single", rows).frame)
    assert sorted(found["criterion"]) == ["tone", "tone"]


def test_a_criterion_with_a_row_of_its_own_keeps_it() -> None:
    rows = [
        answer("i1", score=3, criterion="tone"),
        answer("i2", status="unparsed"),
        answer("i2", status="unparsed", criterion="tone", explanation="own"),
    ]
    found = spread_failures(from_rows("single", rows).frame)
    assert found.loc[found["item_id"] == "i2", "explanation"].to_list() == ["own"]


def test_a_judge_that_answered_nothing_keeps_its_failures() -> None:
    rows = [answer("i1", score=3, criterion="tone"), answer("i1", judge="k", status="failed")]
    found = spread_failures(from_rows("single", rows).frame)
    assert found.loc[found["judge"] == "k", "criterion"].to_list() == [""]
