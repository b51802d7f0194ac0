"""The verdict table: what a row means, what is refused and how the message helps, and orientation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.errors import InputError
from judge.table import (
    VerdictTable,
    against,
    canonical,
    from_rows,
    mode_of,
    oriented,
    to_rows,
    turned,
)
from judge.types import Mode

Row = dict[str, Any]


def pair(**fields: Any) -> Row:
    return {"item_id": "i1", "system_a": "new", "system_b": "base", "judge": "j", **fields}


def answer(**fields: Any) -> Row:
    return {"item_id": "i1", "system": "new", "judge": "j", **fields}


def one(mode: Mode, row: Row) -> Row:
    """What the table holds of a single row."""
    (found,) = to_rows(from_rows(mode, [row]))
    return found


# -- what a row means ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "mode"),
    [
        (["item_id", "system_a", "system_b", "judge", "label"], "pairwise"),
        (["item_id", "system", "judge", "score"], "single"),
    ],
)
def test_the_columns_tell_the_mode(names: list[str], mode: Mode) -> None:
    assert mode_of(names) == mode


def test_columns_of_neither_mode_are_refused_with_those_needed() -> None:
    with pytest.raises(InputError, match=r"model_a, winner.*pairwise needs item_id, system_a"):
        mode_of(["model_a", "winner"])


def test_what_is_absent_has_its_default() -> None:
    frame = from_rows("pairwise", [pair(label="a")]).frame
    (row,) = frame.to_dict("records")
    assert (row["cluster"], row["repeat"], row["order"]) == ("i1", 1, "")
    assert (row["rubric"], row["variant"], row["simulated"]) == ("", "", False)
    assert math.isnan(row["p_a"])
    assert math.isnan(row["len_a"])


def test_a_row_with_a_label_is_ok_and_one_without_is_unparsed() -> None:
    assert one("pairwise", pair(label="tie"))["status"] == "ok"
    assert one("pairwise", pair(label=None))["status"] == "unparsed"
    assert one("single", answer(score=3))["status"] == "ok"
    assert one("single", answer())["status"] == "unparsed"


@pytest.mark.parametrize(("p", "label"), [(0.9, "a"), (0.5, "tie"), (0.2, "b")])
def test_p_a_alone_is_ok_and_gives_the_label(p: float, label: str) -> None:
    row = one("pairwise", pair(p_a=p))
    assert (row["status"], row["label"], row["p_a"]) == ("ok", label, p)


def test_a_status_without_a_verdict_is_kept() -> None:
    assert one("pairwise", pair(status="refused"))["status"] == "refused"
    stopped = one("single", answer(status="not_asked", reason="budget"))
    assert (stopped["status"], stopped["reason"]) == ("not_asked", "budget")


def test_numbers_may_arrive_as_text() -> None:
    row = pair(p_a="0.25", len_a="120", len_b="", repeat="2", simulated="true", item_id=7)
    found = one("pairwise", row)
    assert (found["p_a"], found["len_a"], found["repeat"], found["simulated"]) == (
        0.25,
        120,
        2,
        True,
    )
    assert found["item_id"] == "7"
    assert "len_b" not in found


def test_columns_that_are_not_ours_are_kept_as_they_came() -> None:
    assert one("pairwise", pair(label="a", topic={"name": "x"}))["topic"] == {"name": "x"}


@pytest.mark.parametrize("field", ["explanation", "reason"])
def test_lone_surrogates_in_texts_survive(field: str) -> None:
    assert one("pairwise", pair(label="a") | {field: "\ud83d"})[field] == "\ud83d"


@pytest.mark.parametrize("mode", ["pairwise", "single"])
def test_a_lone_surrogate_in_a_name_is_refused_with_row_and_field(mode: Mode) -> None:
    """pandas hashes names as UTF-8, which has none: they could not be grouped."""
    good = pair(label="a") if mode == "pairwise" else answer(score=1)
    systems = ("system_a", "system_b") if mode == "pairwise" else ("system", "criterion")
    for field in ("item_id", *systems, "judge", "rubric", "variant", "cluster", "category"):
        with pytest.raises(InputError) as caught:
            from_rows(mode, [good, good | {"repeat": 2, field: "x\ud83d"}], source="v.jsonl")
        assert f"v.jsonl, row 2, field `{field}`: 'x\\ud83d' holds half" in str(caught.value)
        assert "write the name without it" in str(caught.value)


@pytest.mark.parametrize("name", ["self", "other", "func"])
def test_an_extra_column_may_have_any_name(name: str) -> None:
    assert one("pairwise", pair(label="a") | {name: "x"})[name] == "x"


@pytest.mark.parametrize("name", ["panel", "Panel", " panel ", "PANEL"])
def test_a_judge_cannot_be_named_like_the_panel(name: str) -> None:
    with pytest.raises(InputError, match="is reserved for the panel's own row"):
        from_rows("pairwise", [pair(label="a", judge=name)])


def test_one_label_with_two_scores_is_refused_with_both_rows() -> None:
    rows = [
        answer(item_id="1", label="good", score=5),
        answer(item_id="2", label="bad", score=1),
        answer(item_id="3", label="good", score=4),
    ]
    with pytest.raises(InputError) as caught:
        from_rows("single", rows)
    assert "row 3, field `score`: label 'good' has another score in row 1" in str(caught.value)


@pytest.mark.parametrize("field", ["judge", "rubric", "criterion"])
def test_a_label_may_have_another_score_with_another_judge_rubric_or_criterion(field: str) -> None:
    rows = [answer(label="good", score=5), answer(label="good", score=4) | {field: "other"}]
    assert len(from_rows("single", rows).frame) == 2


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "field", "problem"),
    [
        (pair(label="A"), "label", "'A' is not one of a, b, tie"),
        (pair(label="a", order="ab"), "order", "not one of AB, BA"),
        (pair(status="lost"), "status", "not one of ok, unparsed"),
        (pair(label="a", status="refused"), "status", "if and only if its status is ok"),
        (pair(p_a=0.5, status="failed"), "status", "if and only if its status is ok"),
        (pair(status="ok"), "status", "without a verdict"),
        (pair(p_a=1.2), "p_a", "outside 0 to 1"),
        (pair(p_a=-0.1), "p_a", "outside 0 to 1"),
        (pair(p_a=math.nan), "p_a", "not a finite number"),
        (pair(p_a="inf"), "p_a", "not a finite number"),
        (pair(p_a="high"), "p_a", "not a number"),
        (pair(p_a=True), "p_a", "not a number"),
        (pair(label="a", repeat=1.5), "repeat", "not a whole number"),
        (pair(label="a", len_a=-1), "len_a", "below 0"),
        (pair(label="a", simulated="maybe"), "simulated", "neither true nor false"),
        (pair(label="a", system_b="new"), "system_b", "a pair has two systems"),
        (pair(label="a", system_b=""), "system_b", "is empty"),
        (pair(label="a", judge="panel"), "judge", "reserved"),
        (pair(label="a", judge=None), "judge", "is empty"),
        (pair(label="a", item_id=["i"]), "item_id", "not a text"),
        (pair(label="a", item_id=math.inf), "item_id", "not a text"),
    ],
)
def test_a_bad_pairwise_row_is_named_with_its_field(row: Row, field: str, problem: str) -> None:
    rows = [pair(item_id="i0", label="a"), row]
    with pytest.raises(InputError) as error:
        from_rows("pairwise", rows, source="v.jsonl", first_row=2)
    assert str(error.value).startswith(f"v.jsonl, row 3, field `{field}`: ")
    assert problem in str(error.value)


@pytest.mark.parametrize(
    ("row", "field", "problem"),
    [
        (answer(score=4, label="3"), "label", "disagree"),
        (answer(score="4.5", label="4"), "label", "disagree"),
        (answer(score=math.inf), "score", "not a finite number"),
        (answer(score="good"), "score", "not a number"),
        (answer(score=1, status="truncated"), "status", "if and only if its status is ok"),
        (answer(score=1, judge="panel"), "judge", "reserved"),
        (answer(score=1, system=""), "system", "is empty"),
        (answer(label="4"), "score", "other rows of its criterion have one"),
    ],
)
def test_a_bad_single_row_is_named_with_its_field(row: Row, field: str, problem: str) -> None:
    with pytest.raises(InputError) as error:
        from_rows("single", [answer(item_id="i0", score=2), row], source="v.csv")
    assert str(error.value).startswith(f"v.csv, row 2, field `{field}`: ")
    assert problem in str(error.value)


def test_a_score_may_have_its_number_or_a_word_for_a_label() -> None:
    rows = [answer(score=4, label="4"), answer(item_id="i2", score=4, label="good")]
    assert len(from_rows("single", rows).frame) == 2


def test_the_same_question_twice_is_refused_with_both_rows_and_the_remedy() -> None:
    rows = [pair(label="a"), pair(item_id="i2", label="a"), pair(label="b")]
    with pytest.raises(InputError, match=r"row 3: repeats row 1 .*add `order` or `repeat`"):
        from_rows("pairwise", rows)


def test_the_same_question_written_the_other_way_round_is_the_same_question() -> None:
    """new against base in order AB shows new first, as does base against new in order BA."""
    turned = pair(system_a="base", system_b="new", order="BA", label="a")
    with pytest.raises(InputError, match="repeats row 1"):
        from_rows("pairwise", [pair(order="AB", label="a"), turned])
    assert len(from_rows("pairwise", [pair(order="BA", label="a"), turned]).frame) == 2


@pytest.mark.parametrize("field", ["order", "repeat", "judge", "rubric", "variant"])
def test_rows_that_differ_in_what_was_asked_are_no_duplicates(field: str) -> None:
    values = {"order": "BA", "repeat": 2}
    other = pair(label="a") | {field: values.get(field, "other")}
    assert len(from_rows("pairwise", [pair(label="a", order="AB"), other]).frame) == 2


def test_criteria_of_one_answer_are_no_duplicates() -> None:
    rows = [answer(score=1), answer(score=1, criterion="tone")]
    assert len(from_rows("single", rows).frame) == 2
    with pytest.raises(InputError, match=r"repeats row 2 .*criterion"):
        from_rows("single", [*rows, answer(score=2, criterion="tone")])


def test_an_item_in_two_clusters_is_refused() -> None:
    rows = [pair(label="a", cluster="c1"), pair(label="a", judge="k", cluster="c2")]
    with pytest.raises(
        InputError, match=r"row 2, field `cluster`: item 'i1' is in another cluster"
    ):
        from_rows("pairwise", rows)


# -- round trip and orientation ------------------------------------------------------------------

names = st.sampled_from(["s1", "s2", "s3"])


@st.composite
def tables(draw: st.DrawFn) -> VerdictTable:
    """Pairwise tables of up to 12 rows in either writing, some without a verdict."""
    keys = draw(
        st.lists(
            st.tuples(st.integers(0, 3), names, names, st.sampled_from(["", "AB", "BA"])),
            max_size=12,
            unique_by=lambda k: (k[0], frozenset(k[1:3]), k[3]),
        )
    )
    rows: list[Row] = [
        {
            "item_id": f"i{item}",
            "system_a": a,
            "system_b": b,
            "judge": "j",
            "order": order,
            # A repeat of its own for each row: no two can be the same question.
            "repeat": number,
            "label": draw(st.sampled_from(["a", "b", "tie", None])),
            "len_a": draw(st.none() | st.integers(0, 500)),
            "len_b": draw(st.none() | st.integers(0, 500)),
        }
        for number, (item, a, b, order) in enumerate(keys)
        if a != b
    ]
    for row in rows:
        if row["label"]:
            row["p_a"] = draw(st.none() | st.floats(0, 1))
    return from_rows("pairwise", rows)


@settings(max_examples=40, deadline=None)
@given(tables())
def test_rows_written_and_read_again_are_the_same_table(table: VerdictTable) -> None:
    again = from_rows("pairwise", to_rows(table))
    assert again.frame.equals(table.frame)


def test_a_single_table_written_and_read_again_is_the_same() -> None:
    rows = [
        answer(score=4.5, label=None, len=10, category="x"),
        answer(criterion="tone", label="warm", explanation="Because.", source="here"),
        answer(item_id="i2", status="refused", judge_families="a+b", simulated=True),
    ]
    table = from_rows("single", rows)
    assert from_rows("single", to_rows(table)).frame.equals(table.frame)


def assert_same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    """Equal but for the rounding of 1 - (1 - p)."""
    assert np.allclose(left["p_a"], right["p_a"], atol=1e-12, equal_nan=True)
    assert left.drop(columns="p_a").equals(right.drop(columns="p_a"))


@settings(max_examples=40, deadline=None)
@given(tables())
def test_turned_twice_a_table_is_itself(table: VerdictTable) -> None:
    for system, baseline in [("s1", "s2"), ("s2", "s3")]:
        once = oriented(table, system, baseline)
        twice = oriented(oriented(once, baseline, system), system, baseline)
        assert_same(twice.frame, once.frame)


@settings(max_examples=40, deadline=None)
@given(tables())
def test_a_pair_oriented_either_way_has_the_same_rows(table: VerdictTable) -> None:
    one_way, other = oriented(table, "s1", "s2").frame, oriented(table, "s2", "s1").frame
    assert list(one_way.index) == list(other.index)
    assert set(one_way["system_a"]) <= {"s1"}
    assert set(other["system_a"]) <= {"s2"}


def test_label_order_p_and_lengths_turn_together() -> None:
    row = pair(label="a", order="AB", p_a=0.9, len_a=10, len_b=20)
    (found,) = to_rows(oriented(from_rows("pairwise", [row]), "base", "new"))
    assert found == {
        **found,
        "system_a": "base",
        "system_b": "new",
        "label": "b",
        "order": "BA",
        "p_a": pytest.approx(0.1),
        "len_a": 20,
        "len_b": 10,
    }


def test_a_tie_and_an_unknown_order_stay_when_turned() -> None:
    (found,) = to_rows(oriented(from_rows("pairwise", [pair(label="tie")]), "base", "new"))
    assert found["label"] == "tie"
    assert "order" not in found


def test_against_a_baseline_every_pair_has_it_second_and_others_are_left_out() -> None:
    rows = [
        pair(system_a="s1", system_b="ref", label="a"),
        pair(system_a="ref", system_b="s2", label="a"),
        pair(system_a="s1", system_b="s2", label="a"),
    ]
    found = against(from_rows("pairwise", rows), "ref").frame
    assert list(found["system_a"]) == ["s1", "s2"]
    assert set(found["system_b"]) == {"ref"}
    assert list(found["label"]) == ["a", "b"]


def test_the_canonical_writing_sorts_the_systems_of_a_pair() -> None:
    (found,) = to_rows(canonical(from_rows("pairwise", [pair(label="a", order="AB")])))
    assert (found["system_a"], found["label"], found["order"]) == ("base", "b", "BA")


# -- columns of both answers ------------------------------------------------------------------------


def test_every_pair_of_columns_turns_with_its_systems() -> None:
    """Numbers and columns that are not ours alike; a column without its counterpart stays."""
    row = {"item_id": "i1", "system_a": "new", "system_b": "base", "judge": "j", "label": "a"}
    extra = {"len_a": 9, "len_b": 5, "bold_a": 3, "bold_b": 1, "text_a": "x", "text_b": "y"}
    table = from_rows("pairwise", [{**row, **extra, "plan_a": "stays"}])
    frame = turned(table, np.array([True])).frame
    found = frame[[*extra, "plan_a"]].iloc[0].to_dict()
    assert [found[name] for name in extra] == [5, 9, 1, 3, "y", "x"]
    assert found["plan_a"] == "stays"
    assert turned(turned(table, np.array([True])), np.array([True])).frame.equals(table.frame)
