"""MT-Bench's files: games and turns, failed judgments, people's votes, and the way back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from format_files import column, first, labels, refusal, responses, verdicts
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from judge.errors import InputError
from judge.formats.mt_bench import FORMAT
from judge.table import VerdictTable, columns, from_rows


def pair(**changes: Any) -> dict[str, Any]:
    return {
        "question_id": 81,
        "model_1": "x",
        "model_2": "y",
        "g1_winner": "model_1",
        "g2_winner": "model_2",
        "judge": ["gpt-4", "pair-v2"],
        "g1_judgment": "one",
        "g2_judgment": "two",
        "turn": 1,
        **changes,
    }


def single(**changes: Any) -> dict[str, Any]:
    return {
        "question_id": 81,
        "model": "x",
        "judge": ["gpt-4", "single-v1"],
        "judgment": "Good. [[7]]",
        "score": 7,
        "turn": 1,
        **changes,
    }


def vote(**changes: Any) -> dict[str, Any]:
    return {
        "question_id": 81,
        "model_a": "x",
        "model_b": "y",
        "winner": "model_a",
        "judge": "expert_1",
        "turn": 2,
        **changes,
    }


def question(**changes: Any) -> dict[str, Any]:
    return {"question_id": 81, "category": "math", "turns": ["What?", "And?"], **changes}


def answer(model: str, *turns: str, **changes: Any) -> dict[str, Any]:
    choices = [{"index": 0, "turns": list(turns)}]
    return {"question_id": 81, "model_id": model, "choices": choices, **changes}


# -- pairs ---------------------------------------------------------------------------------------


def test_game_1_shows_model_1_first_and_winners_are_in_the_pairs_own_frame() -> None:
    table = verdicts(FORMAT, [pair()])
    assert column(table, "system_a") == ["x", "x"]
    assert column(table, "order") == ["AB", "BA"]
    # game 1: model_1 = x won; game 2: model_2 = y won, whatever slot it stood in
    assert column(table, "label") == ["a", "b"]
    assert column(table, "explanation") == ["one", "two"]


def test_the_judges_prompt_is_the_rubric_and_a_turn_an_item_of_its_questions_cluster() -> None:
    table = verdicts(FORMAT, [pair(), pair(turn=2, judge="gpt-4"), pair(turn=3, judge=["a"])])
    assert column(table, "item_id")[::2] == ["81-turn1", "81-turn2", "81-turn3"]
    assert set(column(table, "cluster")) == {"81"}
    assert column(table, "judge")[::2] == ["gpt-4", "gpt-4", "a"]
    assert column(table, "rubric")[::2] == ["pair-v2", "", ""]


def test_an_error_is_unparsed_and_an_error_of_the_api_is_failed() -> None:
    row = pair(g1_winner="error", g2_winner="error", g2_judgment="$ERROR$")
    table = verdicts(FORMAT, [row])
    assert column(table, "status") == ["unparsed", "failed"]
    assert column(table, "reason") == ["", "the judge's API failed"]
    assert column(table, "explanation") == ["one", ""]


@pytest.mark.parametrize("winner", ["model_a", "A", None, 1, "Tie"])
def test_a_winner_of_another_kind_is_refused_with_its_place(winner: Any) -> None:
    message = refusal(FORMAT, "verdicts", [pair(), pair(turn=2, g2_winner=winner)])
    assert "verdicts.jsonl, row 2, field `g2_winner`" in message
    assert "model_1, model_2, tie, error" in message


def test_a_winner_that_comes_from_two_single_scores_is_refused() -> None:
    assert "read the single judgments" in refusal(FORMAT, "verdicts", [pair(m1_score=3)])


def test_the_same_judgment_twice_names_both_rows() -> None:
    message = refusal(FORMAT, "verdicts", [pair(), pair(turn=2), pair()])
    assert "row 3: repeats row 1" in message


@pytest.mark.parametrize("judge", [None, [], ["a", "b", "c"], 3, [""]])
def test_a_judge_that_is_none_is_refused(judge: Any) -> None:
    assert "field `judge`" in refusal(FORMAT, "verdicts", [pair(judge=judge)])


def test_other_files_are_refused_with_what_is_looked_for() -> None:
    assert "here are question_id, winner" in refusal(
        FORMAT, "verdicts", [{"question_id": 1, "winner": "model_1"}]
    )
    assert "no rows" in refusal(FORMAT, "verdicts", [])


# -- what stands beside --------------------------------------------------------------------------


def test_questions_give_the_category_and_answers_the_lengths_up_to_the_turn() -> None:
    answers = [answer("x", "123", "45"), answer("y", "1", "2")]
    rows = [pair(), pair(turn=2)]
    table = verdicts(FORMAT, rows, questions=[question()], answers=answers)
    assert set(column(table, "category")) == {"math"}
    assert column(table, "len_a") == [3, 3, 5, 5]
    assert column(table, "len_b") == [1, 1, 2, 2]
    # "What?" in the first turn, "What?" and "And?" in the second
    assert column(table, "len_prompt") == [5, 5, 9, 9]


def test_an_answer_that_is_not_there_has_no_length_and_that_is_said() -> None:
    table = verdicts(FORMAT, [pair()], answers=[answer("x", "123")])
    assert column(table, "len_b") == [None, None]
    assert table.warnings == ("1 of 2 answers are not among those beside: they have no length",)


def test_a_question_of_another_benchmark_is_noticed() -> None:
    message = refusal(FORMAT, "verdicts", [pair(question_id=5)], questions=[question()])
    assert "question 5 is not among the questions" in message
    twice = [question(), question()]
    assert "question 81 is above too" in refusal(FORMAT, "verdicts", [pair()], questions=twice)


# -- single answers ------------------------------------------------------------------------------


def test_a_score_is_a_verdict_on_one_answer() -> None:
    table = verdicts(FORMAT, [single()], answers=[answer("x", "1234", "5")])
    row = first(table)
    assert table.mode == "single"
    assert (row["system"], row["score"], row["len"], row["rubric"]) == ("x", 7, 4, "single-v1")
    assert (row["item_id"], row["cluster"], row["explanation"]) == ("81-turn1", "81", "Good. [[7]]")


def test_a_score_of_minus_1_is_a_missing_verdict_and_no_score() -> None:
    rows = [single(score=-1), single(turn=2, score=None), single(turn=3, judgment="$ERROR$")]
    rows[2]["score"] = -1
    table = verdicts(FORMAT, rows)
    assert column(table, "status") == ["unparsed", "unparsed", "failed"]
    assert column(table, "score") == [None, None, None]


def test_a_turn_that_is_no_number_is_refused() -> None:
    assert "field `turn`" in refusal(FORMAT, "verdicts", [single(turn=1.5)])


# -- votes ---------------------------------------------------------------------------------------


def test_votes_of_people_are_labels() -> None:
    rows = [vote(), vote(judge="expert_2", winner="model_b"), vote(judge="author_1", winner="tie")]
    found = labels(FORMAT, rows)
    assert [label.label for label in found] == ["a", "b", "tie"]
    assert [label.rater for label in found] == ["expert_1", "expert_2", "author_1"]
    assert (found[0].item_id, found[0].system_a, found[0].system_b) == ("81-turn2", "x", "y")
    assert found[0].order_shown is None


def test_a_vote_of_a_model_is_no_label() -> None:
    message = refusal(FORMAT, "labels", [vote(judge=["gpt-4", "pair-v2"])])
    assert "no person" in message


def test_votes_are_read_as_verdicts_without_order() -> None:
    said = [
        {"role": "user", "content": "Q"},
        {"role": "assistant", "content": "12345"},
        {"role": "assistant", "content": "67"},
        {"role": "assistant", "content": "of a third turn"},
    ]
    torn = vote(judge=["gpt-4", "pair-v2"], winner="tie (inconsistent)")
    table = verdicts(FORMAT, [vote(conversation_a=said), torn])
    assert column(table, "order") == ["", ""]
    assert column(table, "label") == ["a", "tie"]
    assert column(table, "orders") == [None, "disagree"]
    assert column(table, "len_a") == [7, None]
    assert any("1 of 2 verdicts are called ties" in warning for warning in table.warnings)
    assert any("position bias cannot be measured" in warning for warning in table.warnings)


# -- responses -----------------------------------------------------------------------------------


def test_answers_get_their_prompts_from_the_questions() -> None:
    asked = [question(reference=["4", "", "5"])]
    found = responses(FORMAT, [answer("x", "A", "B"), answer("y", "$ERROR$")], questions=asked)
    one, two = found.rows
    assert (one.item_id, one.system, one.prompt) == ("81", "x", ("What?", "And?"))
    assert (one.turns, one.category, one.reference) == (("A", "B"), "math", "4\n\n5")
    assert two.turns is None
    (warning,) = found.warnings
    assert "1 of 2 answers are errors" in warning


def test_answers_without_questions_say_how_to_name_them() -> None:
    message = refusal(FORMAT, "responses", [answer("x", "A")])
    assert "--beside questions=question.jsonl" in message


@pytest.mark.parametrize("choices", [None, [], ["a"], [{"turns": 3}], [{"turns": [3]}]])
def test_an_answer_that_holds_none_is_refused(choices: Any) -> None:
    row = {"question_id": 81, "model_id": "x", "choices": choices}
    assert "field `choices`" in refusal(FORMAT, "responses", [row], questions=[question()])


# -- writing -------------------------------------------------------------------------------------


def table_of(*rows: dict[str, Any]) -> VerdictTable:
    shared = {"system_a": "x", "system_b": "y", "judge": "j", "rubric": "pair-v2", "category": "c"}
    return from_rows("pairwise", [{**shared, **row} for row in rows])


def both(item: str, ab: str, ba: str, **more: Any) -> list[dict[str, Any]]:
    said = zip(("AB", "BA"), (ab, ba), strict=True)
    shared = {"item_id": item, "cluster": item.split("-")[0], **more}
    return [{**shared, "order": order, "label": label} for order, label in said]


def back(table: VerdictTable) -> VerdictTable:
    """What is read in what was written, by way of JSON."""
    return verdicts(FORMAT, json.loads(json.dumps(list(FORMAT.writes["verdicts"](table)))))


LABELS = st.sampled_from(["a", "b", "tie", ""])


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=6), st.booleans())
def test_what_is_written_reads_back_as_the_same_table(
    said: list[tuple[str, str]], simulated: bool
) -> None:
    more = {"simulated": simulated, "judge_families": "f", "explanation": "so"}
    pairs = [both(f"{n}-turn{1 + n % 2}", *labels, **more) for n, labels in enumerate(said)]
    table = table_of(*(row for rows in pairs for row in rows))
    names = list(columns("pairwise"))
    assert_frame_equal(back(table).frame[names], table.frame[names])


def test_what_is_written_has_the_published_names() -> None:
    table = table_of(*both("81-turn2", "a", ""), *both("q", "tie", "b"))
    one, two = FORMAT.writes["verdicts"](table)
    assert (one["question_id"], one["turn"], two["question_id"], two["turn"]) == (81, 2, "q", 1)
    assert (one["model_1"], one["model_2"], one["judge"]) == ("x", "y", ["j", "pair-v2"])
    assert (one["g1_winner"], one["g2_winner"]) == ("model_1", "error")
    assert (two["g1_winner"], two["g2_winner"]) == ("tie", "model_2")


def test_a_pair_that_stands_both_ways_round_is_one_judgment() -> None:
    ab, ba = both("81-turn1", "a", "a")
    # the same verdict as ba, written with the systems the other way round
    turned = {**ba, "system_a": "y", "system_b": "x", "order": "AB", "label": "b"}
    assert list(FORMAT.writes["verdicts"](table_of(ab, turned))) == list(
        FORMAT.writes["verdicts"](table_of(ab, ba))
    )


def test_clusters_that_a_question_does_not_tell_are_written_beside() -> None:
    rows = [*both("p", "a", "a"), *both("q", "b", "b")]
    table = table_of(*({**row, "cluster": "same"} for row in rows))
    assert set(column(back(table), "cluster")) == {"same"}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"item_id": "i", "order": "AB", "label": "a"}], "one order only"),
        (
            [
                {"item_id": "i", "order": "AB", "label": "a"},
                {"item_id": "i", "order": "BA", "status": "not_asked", "reason": "interrupted"},
            ],
            "one order only",
        ),
        ([{"item_id": "i", "label": "a"}], "has no order"),
        (
            both("i", "a", "a") + both("i", "a", "a", repeat=2),
            "more than once, and MT-Bench has no repeats",
        ),
        (both("i", "a", "a", variant="v"), "no wordings"),
        (both("i", "a", "a", p_a=0.9), "labels only"),
    ],
)
def test_what_the_shape_cannot_hold_is_refused(rows: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        list(FORMAT.writes["verdicts"](table_of(*rows)))


def test_a_pair_that_was_never_asked_is_left_out() -> None:
    never = [
        {"item_id": "j", "order": order, "status": "not_asked", "reason": "policy"}
        for order in ("AB", "BA")
    ]
    assert len(list(FORMAT.writes["verdicts"](table_of(*both("i", "a", "b"), *never)))) == 1


def test_a_second_run_that_was_appended_to_the_file_is_a_repeat() -> None:
    single = {"question_id": 1, "model": "m", "judge": ["j", "p"], "turn": 1}
    rows = [{**single, "score": score, "tstamp": n} for n, score in enumerate((7, 8, 8))]
    table = verdicts(FORMAT, [*rows, {**rows[0], "turn": 2}])
    assert column(table, "repeat") == [1, 2, 3, 1]
    assert any("2 rows ask again" in warning for warning in table.warnings)


def test_a_second_run_of_a_pair_repeats_both_of_its_games() -> None:
    pair = {"question_id": 1, "model_1": "x", "model_2": "y", "judge": ["j", "p"], "turn": 1}
    pair |= {"g1_winner": "model_1", "g2_winner": "tie"}
    turned = pair | {"model_1": "y", "model_2": "x"}
    table = verdicts(FORMAT, [pair, turned])
    assert column(table, "repeat") == [1, 1, 2, 2]


def test_one_judgment_that_stands_there_twice_is_refused() -> None:
    row = {"question_id": 1, "model": "m", "judge": ["j", "p"], "turn": 1, "score": 7}
    assert "row 2: repeats row 1" in refusal(FORMAT, "verdicts", [row, row])


@pytest.mark.parametrize("turn", [0, -1])
def test_turns_count_from_one(turn: int) -> None:
    row = {"question_id": 1, "model": "m", "judge": ["j", "p"], "turn": turn, "score": 7}
    assert "field `turn`" in refusal(FORMAT, "verdicts", [row])
