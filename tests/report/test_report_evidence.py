"""What stands behind the numbers: missing verdicts and examples, from the table."""

from __future__ import annotations

from typing import Any

from factories import item

from judge.highlights import Highlight
from judge.report.evidence import (
    EXPLANATION_CHARACTERS,
    ITEMS,
    REASONS,
    TEXT_CHARACTERS,
    examples,
    excerpt,
    missing,
)
from judge.table import VerdictTable, from_rows
from judge.types import Item

PAIR = {"system_a": "tuned", "system_b": "base"}
BEST = (Highlight("best", "i1", ("tuned", "base")),)


def table(*rows: dict[str, Any]) -> VerdictTable:
    known = [{"item_id": "i1", "judge": "j", "order": "AB", **PAIR, **row} for row in rows]
    return from_rows("pairwise", known)


def lost(n: int, reason: str, **changes: Any) -> list[dict[str, Any]]:
    return [{"item_id": f"i{i}", "status": "failed", "reason": reason, **changes} for i in range(n)]


# -- missing verdicts ----------------------------------------------------------------------------


def test_missing_verdicts_are_counted_by_judge_status_and_reason_the_commonest_first() -> None:
    made = missing(
        table(
            *lost(2, "slow"),
            *lost(3, "down", order="BA"),
            *lost(1, "no", judge="k", status="refused"),
            {"item_id": "z", "label": "a"},
        )
    )
    assert [(row.judge, row.status, row.reason, row.n) for row in made] == [
        ("j", "failed", "down", 3),
        ("j", "failed", "slow", 2),
        ("k", "refused", "no", 1),
    ]
    assert made[0].items == ["i0", "i1", "i2"]


def test_an_item_is_named_once_and_only_the_first_few_are() -> None:
    twice = [row | {"order": order} for row in lost(9, "slow") for order in ("AB", "BA")]
    (row,) = missing(table(*twice))
    assert (row.n, row.items) == (18, [f"i{i}" for i in range(ITEMS)])


def test_rare_reasons_are_taken_together_and_nothing_is_lost() -> None:
    rows = [
        {"item_id": f"i{i}", "status": "failed", "reason": f"error {i}"} for i in range(REASONS + 4)
    ]
    made = missing(table(*rows))
    assert len(made) == REASONS + 1
    assert made[-1].reason == "4 other reasons"
    assert sum(row.n for row in made) == REASONS + 4


def test_trials_that_were_never_asked_are_accounted_for_too() -> None:
    made = missing(table(*lost(2, "budget", status="not_asked"), *lost(1, "", judge="k")))
    assert [(row.status, row.reason, row.n) for row in made] == [
        ("not_asked", "budget", 2),
        ("failed", "", 1),
    ]


def test_of_a_single_table_a_trial_is_missing_once_and_not_by_criterion() -> None:
    rows = [
        {"item_id": "i", "system": "s", "judge": "j", "criterion": c, "status": "refused"}
        for c in ("", "accuracy", "style")
    ]
    (row,) = missing(from_rows("single", rows))
    assert row.n == 1


# -- examples ------------------------------------------------------------------------------------


def texts(item_id: str) -> Item:
    return item(item_id, base="b" * (TEXT_CHARACTERS + 7), tuned="short")


def test_an_example_has_its_texts_cut_where_they_are_long_and_says_how_long_they_were() -> None:
    (made,) = examples(table({"label": "a", "explanation": "x" * 5_000}), BEST, texts)
    assert [(r.system, len(r.text), r.length) for r in made.responses] == [
        ("tuned", 5, 5),
        ("base", TEXT_CHARACTERS, TEXT_CHARACTERS + 7),
    ]
    (verdict,) = made.verdicts
    assert (len(verdict.explanation.text), verdict.explanation.length) == (
        EXPLANATION_CHARACTERS,
        5_000,
    )
    assert made.prompt == excerpt("question i1")
    assert made.reference == excerpt("the reference")


def test_orders_and_verdicts_are_told_in_the_example_s_own_frame() -> None:
    """The second row has the systems the other way round: its AB shows base first, its a is base."""
    turned = {"system_a": "base", "system_b": "tuned", "order": "AB", "label": "a"}
    (made,) = examples(table({"label": "tie"}, turned), BEST, None)
    assert [(v.order, v.verdict) for v in made.verdicts] == [
        ("AB", "tie"),
        ("BA", "base is better"),
    ]


def test_a_missing_verdict_has_no_words_and_its_reason() -> None:
    (made,) = examples(table({"status": "failed", "reason": "r" * 999}), BEST, None)
    (verdict,) = made.verdicts
    assert (verdict.status, verdict.verdict, verdict.reason) == ("failed", None, "r" * 200)


def test_without_texts_there_are_the_verdicts_alone() -> None:
    (made,) = examples(table({"label": "a", "category": "code"}), BEST, None)
    assert (made.prompt, made.reference, made.responses, made.category) == (None, None, [], "code")
    assert made.systems == ["tuned", "base"]


def test_only_items_that_are_shown_are_fetched() -> None:
    asked: list[str] = []

    def fetch(item_id: str) -> Item:
        asked.append(item_id)
        return item(item_id)

    rows = [{"item_id": f"i{n}", "label": "a"} for n in range(50)]
    examples(table(*rows), BEST, fetch)
    assert asked == ["i1"]


def test_scores_are_told_in_the_order_of_the_example_s_systems_whatever_that_of_the_rows() -> None:
    rows = [
        {"item_id": "i1", "system": "tuned", "judge": "j", "score": 4},
        {"item_id": "i1", "system": "base", "judge": "j", "score": 2.5},
        {"item_id": "i1", "system": "other", "judge": "j", "score": 1},
    ]
    for given in (rows, rows[::-1]):
        (made,) = examples(from_rows("single", given), BEST, None)
        said = [(v.system, v.verdict) for v in made.verdicts]
        assert said == [("tuned", "4"), ("base", "2.5")]
