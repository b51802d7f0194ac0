"""Arena-Hard's files: who is shown first in which game, five levels, and what the versions leave out."""

from __future__ import annotations

from typing import Any

import pytest
from format_files import column, first, refusal, responses, verdicts

from judge.formats.arena_hard import FORMAT


def judgment(*scores: str | None, **changes: Any) -> dict[str, Any]:
    games = [
        {"score": score, "judgment": {"answer": f"game {n}"}, "prompt": []}
        for n, score in enumerate(scores or ("A>B", "B>A"), 1)
    ]
    return {
        "uid": "u1",
        "category": "hard_prompt",
        "judge": "gpt-4.1",
        "model": "m",
        "baseline": "base",
        "games": games,
        **changes,
    }


def answer(model: str, text: Any, **changes: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": text}]
    return {"uid": "u1", "model": model, "messages": messages, **changes}


# A is the baseline in the first game and the model in the second.
@pytest.mark.parametrize(
    ("score", "labels", "strength"),
    [
        ("A>>B", ["b", "a"], "strong"),
        ("A>B", ["b", "a"], "slight"),
        ("A=B", ["tie", "tie"], None),
        ("B>A", ["a", "b"], "slight"),
        ("B>>A", ["a", "b"], "strong"),
        ("A<B", ["a", "b"], "slight"),
        ("A<<B", ["a", "b"], "strong"),
        ("B<A", ["b", "a"], "slight"),
        ("B<<A", ["b", "a"], "strong"),
        ("B=A", ["tie", "tie"], None),
    ],
)
def test_the_baseline_is_A_in_the_first_game_and_B_in_the_second(
    score: str, labels: list[str], strength: str | None
) -> None:
    table = verdicts(FORMAT, [judgment(score, score)])
    assert column(table, "system_a") == ["m", "m"]
    assert column(table, "system_b") == ["base", "base"]
    assert column(table, "order") == ["BA", "AB"]
    assert column(table, "label") == labels
    if strength:
        assert column(table, "strength") == [strength, strength]


def test_a_level_makes_no_probability() -> None:
    table = verdicts(FORMAT, [judgment("A>>B", "A>B")])
    assert column(table, "p_a") == [None, None]
    assert column(table, "strength") == ["strong", "slight"]
    assert column(table, "explanation") == ["game 1", "game 2"]


def test_a_null_score_or_game_is_unparsed() -> None:
    row = judgment("A>B", None)
    table = verdicts(FORMAT, [row, judgment(uid="u2") | {"games": [None, row["games"][0]]}])
    assert column(table, "status") == ["ok", "unparsed", "unparsed", "ok"]


@pytest.mark.parametrize("score", ["A>>>B", "A", "B>A>B"])
def test_what_the_source_takes_for_a_level_and_passes_over_is_unparsed(score: str) -> None:
    table = verdicts(FORMAT, [judgment(score, "A>B")])
    assert column(table, "status") == ["unparsed", "ok"]
    assert column(table, "reason") == [f"no level in {score!r}", ""]


@pytest.mark.parametrize("score", ["tie", "a>b", 3, "", True, ["A>B"]])
def test_an_unknown_level_is_refused_with_its_place(score: Any) -> None:
    message = refusal(FORMAT, "verdicts", [judgment(), judgment(score, "A>B", uid="u2")])
    assert "verdicts.jsonl, row 2, field `games.score`" in message


@pytest.mark.parametrize("games", [None, [], ["A>B"], [{}, {}, {}]])
def test_games_that_are_none_are_refused(games: Any) -> None:
    assert "field `games`" in refusal(FORMAT, "verdicts", [judgment(games=games)])


def test_the_first_version_has_question_ids_and_does_not_name_its_baseline() -> None:
    row = judgment(question_id="q1", uid=None, baseline=None, category=None)
    asked = {"question_id": "q1", "category": "arena-hard-v0.1", "cluster": "Sorting"}
    questions = [asked | {"turns": [{"content": "Sort this."}]}]
    table = verdicts(FORMAT, [row], questions=questions)
    found = first(table)
    assert (found["item_id"], found["system_b"]) == ("q1", "baseline")
    assert (found["category"], found["cluster"]) == ("arena-hard-v0.1", "Sorting")
    assert found["len_prompt"] == len("Sort this.")
    assert any("do not name the baseline" in warning for warning in table.warnings)


def test_answers_give_the_lengths_of_both_versions() -> None:
    old = {"question_id": "u1", "model_id": "base"}
    old |= {"choices": [{"index": 0, "turns": [{"content": "123"}]}]}
    answers = [answer("m", {"answer": "12345"}), old]
    table = verdicts(FORMAT, [judgment()], answers=answers)
    assert (column(table, "len_a"), column(table, "len_b")) == ([5, 5], [3, 3])
    assert table.warnings == ()


def test_answers_hold_their_own_prompt_where_no_questions_stand_beside() -> None:
    rows = [answer("m", {"answer": "Because."}), answer("n", "So.")]
    one, two = responses(FORMAT, rows).rows
    assert (one.item_id, one.system, one.prompt, one.turns) == (
        "u1",
        "m",
        ("Why?",),
        ("Because.",),
    )
    assert two.turns == ("So.",)
    questions = [{"uid": "u1", "category": "c", "prompt": "Why indeed?"}]
    asked = responses(FORMAT, rows, questions=questions).rows[0]
    assert (asked.prompt, asked.category) == (("Why indeed?",), "c")


@pytest.mark.parametrize("content", [None, 3, {"text": None}])
def test_a_message_without_text_is_refused(content: Any) -> None:
    assert "field `messages`" in refusal(FORMAT, "responses", [answer("m", content)])
