"""Which items a report shows: by a rule that nobody can bend."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.aggregate import Analysis, analyze
from judge.analysis.asked import Asked
from judge.analysis.outcome import raw
from judge.highlights import Highlight, highlights
from judge.table import VerdictTable, from_rows

# Item -> the labels of two judges in both orders, j1 AB, j1 BA, j2 AB, j2 BA.
Said = Mapping[str, str]


def rows(said: Said, **changes: Any) -> list[dict[str, Any]]:
    words = {"a": "a", "b": "b", "t": "tie", "-": ""}
    places = [(judge, order) for judge in ("j1", "j2") for order in ("AB", "BA")]
    return [
        {
            "item_id": item,
            "system_a": "new",
            "system_b": "base",
            "judge": judge,
            "order": order,
            "label": words[label],
            **changes,
        }
        for item, labels in said.items()
        for (judge, order), label in zip(places, labels, strict=True)
    ]


def table(found: list[dict[str, Any]]) -> VerdictTable:
    return from_rows("pairwise", found)


def picked(made: VerdictTable, **options: Any) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {"best": [], "contested": []}
    baseline = options.pop("baseline", "base")
    for found in highlights(made, analyze(made, baseline=baseline), **options):
        kinds[found.kind].append(found.item_id)
    return kinds


WINS = {f"w{n}": "aaaa" for n in range(12)}


def test_best_items_are_those_where_every_judge_in_every_order_says_so() -> None:
    said = {**WINS, "once": "aaab", "tie": "aaat", "lost": "bbbb", "missing": "aaa-"}
    best = picked(table(rows(said)), most=99)["best"]
    assert set(best) == set(WINS)


def test_where_the_system_is_worse_the_best_items_are_its_losses() -> None:
    said = {**{f"l{n}": "bbbb" for n in range(12)}, "won": "aaaa"}
    assert set(picked(table(rows(said)), most=99)["best"]) == {f"l{n}" for n in range(12)}


def test_without_a_conclusion_no_item_is_best() -> None:
    said = {f"i{n}": "aaaa" if n % 2 else "bbbb" for n in range(20)}
    assert picked(table(rows(said))) == {"best": [], "contested": []}


def test_surer_verdicts_come_first() -> None:
    found = [row | {"p_a": 0.9 if row["item_id"] == "w7" else 0.8} for row in rows(WINS)]
    assert picked(table(found))["best"][0] == "w7"


def test_more_verdicts_come_before_fewer() -> None:
    more = [row | {"repeat": 2} for row in rows({"w3": "aaaa"})]
    assert picked(table([*rows(WINS), *more]))["best"][0] == "w3"


def test_most_contested_are_the_items_that_are_split_in_halves_and_unanimous_ones_never() -> None:
    """Variances of 1, 1/2 and 0: aabb 1/4, aaab 3/16, aaat 3/64, tttt and aaaa 0."""
    said = {**WINS, "near": "aaat", "half": "aabb", "most": "aaab", "ties": "tttt"}
    assert picked(table(rows(said)))["contested"] == ["half", "most", "near"]


def test_missing_verdicts_are_no_disagreement() -> None:
    said = {**WINS, "lost": "aa--", "none": "----"}
    assert picked(table(rows(said)))["contested"] == []


def test_at_most_five_of_each_and_ties_are_drawn_by_the_seed() -> None:
    said = {**{f"w{n}": "aaaa" for n in range(40)}, **{f"c{n}": "abab" for n in range(20)}}
    made = table(rows(said))
    one, other = picked(made, seed=1), picked(made, seed=2)
    assert [len(ids) for ids in one.values()] == [5, 5]
    assert one != other
    assert one == picked(made, seed=1)


def test_highlights_name_the_baseline_last_whatever_the_row_says() -> None:
    turned = [
        row | {"system_a": "base", "system_b": "new", "label": "b", "order": "BA"}
        for row in rows({"w0": "aaaa"})
        if row["order"] == "AB"
    ]
    kept = [row for row in rows(WINS) if (row["item_id"], row["order"]) != ("w0", "AB")]
    made = table([*kept, *turned, *rows({"c": "abab"})])
    found = highlights(made, analyze(made, baseline="base"), most=99)
    assert {highlight.systems for highlight in found} == {("new", "base")}
    assert "w0" in [highlight.item_id for highlight in found if highlight.kind == "best"]


def counted(made: VerdictTable) -> Analysis:
    """What analyze counts before it fits its models, which examples have no part in."""
    judges = sorted(made.frame["judge"].astype(str).unique())
    found = raw(made, "base", {judge: n for n, judge in enumerate(judges)}, [], Asked())
    return Analysis(made.mode, "base", found.comparisons, (), (), (), simulated=False)


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.text("xyz1", min_size=1, max_size=3), st.text("abt-", min_size=4, max_size=4)
    )
)
def test_the_order_of_the_rows_changes_nothing(said: dict[str, str]) -> None:
    found = rows({**WINS, **said})
    mixed = list(found)
    random.Random(0).shuffle(mixed)
    made, other = table(found), table(mixed)
    assert highlights(made, counted(made)) == highlights(other, counted(other))


def test_answers_that_are_not_systems_can_be_contested_and_are_never_best() -> None:
    made = from_rows("pairwise", rows({**WINS, "c": "abab"}), comparable=False)
    assert picked(made, baseline=None) == {"best": [], "contested": ["c"]}


def test_an_empty_table_has_none() -> None:
    made = table([])
    assert highlights(made, analyze(made)) == ()


# -- single answers ------------------------------------------------------------------------------


def scores(of: Mapping[str, tuple[int, int, int, int]]) -> VerdictTable:
    """Item -> the scores of new by j1 and j2, then of base by j1 and j2."""
    places = [("new", "j1"), ("new", "j2"), ("base", "j1"), ("base", "j2")]
    return from_rows(
        "single",
        [
            {"item_id": item, "system": system, "judge": judge, "score": score}
            for item, given in of.items()
            for (system, judge), score in zip(places, given, strict=True)
        ],
    )


APART = {f"i{n}": (4, 4, 3, 3) for n in range(10)}


def test_of_scores_the_best_items_are_furthest_apart_in_every_judge_s_eyes() -> None:
    """Differences of both judges: 4 and 4; 4 and 0 do not agree; the rest 1 and 1."""
    made = scores({**APART, "far": (5, 5, 1, 1), "split": (5, 3, 1, 3)})
    found = highlights(made, analyze(made, baseline="base"), most=3)
    best = [highlight for highlight in found if highlight.kind == "best"]
    assert best[0] == Highlight("best", "far", ("new", "base"))
    assert "split" not in [highlight.item_id for highlight in best]


def test_of_scores_the_most_contested_answers_are_those_scored_most_differently() -> None:
    made = scores({**APART, "some": (5, 3, 3, 3), "most": (4, 4, 1, 5)})
    found = [h for h in highlights(made, analyze(made, baseline="base")) if h.kind == "contested"]
    assert found == [
        Highlight("contested", "most", ("base",)),
        Highlight("contested", "some", ("new",)),
    ]


@pytest.mark.parametrize("baseline", [None, "base"])
def test_scores_without_a_difference_have_no_best_items(baseline: str | None) -> None:
    made = scores({f"i{n}": (3 + n % 2, 3 + n % 2, 4 - n % 2, 4 - n % 2) for n in range(10)})
    assert picked(made, baseline=baseline) == {"best": [], "contested": []}
