"""The verdict table of a run says what its judgments say."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pandas as pd
import pytest
from store_samples import RUN_ID, item, judgment, ok, run, start, trial

from judge.errors import StoreError
from judge.store import Store
from judge.types import Criterion, Item, Judgment, Response, Rubric, Scale, Status, Verdict

FIVE = Scale("ordinal", ("1", "2", "3"), (1.0, 2.0, 3.0))
RUBRIC = Rubric(
    name="quality",
    version=2,
    mode="single",
    criteria=(
        Criterion("clarity", "Is it clear?"),
        Criterion("accuracy", "Is it right?"),
        Criterion("tone", "Which tone?", scale=Scale("nominal", ("warm", "cold"))),
    ),
    scale=FIVE,
    system="s",
    user="u",
)


def config(rubric: Rubric) -> dict[str, Any]:
    return {
        "mode": rubric.mode,
        "judges": [{"judge": "j1", "families": ["x"], "simulated": True}],
        "rubrics": [dataclasses.asdict(rubric)],
    }


def single(n: int, verdict: Verdict, rubric: Rubric = RUBRIC) -> Judgment:
    return judgment(n, verdict=verdict, rubric=rubric.id, system_a="base", system_b=None)


def columns(frame: pd.DataFrame, *names: str) -> list[list[Any]]:
    """The rows of some columns, an absent number as None."""
    plain = frame[[*names]].astype(object)
    return [[*row] for row in plain.where(plain.notna(), None).itertuples(index=False)]


def test_a_pairwise_row_carries_what_analysis_needs(store: Store) -> None:
    start(store)
    weighed = ok("b", p_a=0.25, p_dist={"a": 0.125, "b": 0.625}, explanation="shorter")
    given = judgment(1, verdict=weighed, order="BA", repeat=2, variant="v")
    store.append(RUN_ID, [given])
    (row,) = store.verdicts(RUN_ID).frame.to_dict("records")
    assert math.isnan(row.pop("len_prompt"))  # known where the items are read
    assert row == {
        "item_id": "i1",
        "system_a": "new",
        "system_b": "base",
        "judge": "j1",
        "rubric": "helpfulness@1",
        "variant": "v",
        "order": "BA",
        "repeat": 2,
        "status": "ok",
        "label": "b",
        "p_a": 0.25,
        "scale_mass": 0.75,  # 0.125 + 0.625
        "len_a": 4.0,
        "len_b": 10.0,
        "method": given.verdict.method,
        "cluster": "i1",
        "category": "support",
        "judge_families": "a+b",
        "reason": "",
        "simulated": False,
        "explanation": "shorter",
    }


def test_lengths_are_characters_and_absent_where_a_system_gave_no_response(store: Store) -> None:
    of = Item("i0", ("q",), (Response("new", ("\U0001f600\ud800",)),), cluster="c")
    store.start_run(run([of]), [of])
    store.append(RUN_ID, [judgment()])
    frame = store.verdicts(RUN_ID).frame
    assert columns(frame, "len_a", "len_b", "cluster") == [[2.0, None, "c"]]


def test_a_trial_without_a_verdict_keeps_its_status_and_reason(store: Store) -> None:
    start(store)
    never = Judgment(trial(2, judge="j2"), Verdict(Status.NOT_ASKED, reason="budget"))
    store.append(RUN_ID, [never])
    frame = store.verdicts(RUN_ID).frame
    names = ("status", "label", "reason", "simulated", "judge_families")
    assert columns(frame, *names) == [["not_asked", "", "budget", True, ""]]


def test_rows_stand_in_the_plans_order_whoever_answered_first(store: Store) -> None:
    items = [item(n) for n in (3, 0, 2, 1)]
    store.start_run(run(items), items)
    made = [
        judgment(n, judge=j, order=o) for n in range(4) for j in ("j2", "j1") for o in ["BA", "AB"]
    ]
    store.append(RUN_ID, made)
    found = columns(store.verdicts(RUN_ID).frame, "item_id", "judge", "order")
    assert found == [
        [f"i{n}", j, o] for n in (3, 0, 2, 1) for j in ("j1", "j2") for o in ("AB", "BA")
    ]


def test_a_single_answer_has_a_row_for_the_whole_and_one_for_each_criterion(store: Store) -> None:
    start(store, config=config(RUBRIC))
    criteria = {"clarity": "3", "accuracy": "1", "tone": "cold"}
    store.append(RUN_ID, [single(0, Verdict(Status.OK, "2", 2.0, criteria))])
    table = store.verdicts(RUN_ID)
    assert table.mode == "single"
    assert columns(table.frame, "criterion", "label", "score", "len", "system") == [
        ["", "2", 2.0, 10.0, "base"],
        ["clarity", "3", 3.0, 10.0, "base"],
        ["accuracy", "1", 1.0, 10.0, "base"],
        ["tone", "cold", None, 10.0, "base"],
    ]
    assert table.frame["judge_families"].tolist() == ["x"] * 4
    assert table.frame["simulated"].all()


def test_a_trial_without_a_verdict_is_missing_for_each_criterion(store: Store) -> None:
    start(store, config=config(RUBRIC))
    store.append(RUN_ID, [single(0, Verdict(Status.REFUSED, reason="no"))])
    assert columns(store.verdicts(RUN_ID).frame, "criterion", "status", "label", "score") == [
        [name, "refused", "", None] for name in ("", "clarity", "accuracy", "tone")
    ]


def test_a_rubric_of_one_question_has_rows_for_the_whole_only(store: Store) -> None:
    one = dataclasses.replace(RUBRIC, criteria=RUBRIC.criteria[:1])
    start(store, config=config(one))
    store.append(
        RUN_ID,
        [single(0, Verdict(Status.OK, "2", 2.0), one), single(1, Verdict(Status.FAILED), one)],
    )
    assert store.verdicts(RUN_ID).frame["criterion"].tolist() == ["", ""]


def test_a_run_without_verdicts_gives_an_empty_table(store: Store) -> None:
    start(store)
    assert len(store.verdicts(RUN_ID).frame) == 0


def test_a_run_whose_record_names_no_mode_has_no_table(store: Store) -> None:
    start(store, config={})
    with pytest.raises(StoreError, match="names no mode"):
        store.verdicts(RUN_ID)
