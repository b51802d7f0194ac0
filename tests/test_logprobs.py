"""How probable each label was, read from tokens: by hand, by property, and where it cannot be read."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from factories import completion, item, judge, pairwise, plan, single
from hypothesis import given
from hypothesis import strategies as st

from judge import logprobs, parse, simulated_tokens
from judge.types import Criterion, Rubric, Scale, Status, Trial, Verdict

LETTERS = ("A", "tie", "B")
TEN = tuple(str(n) for n in range(1, 11))


def token(text: str, p: float = 1.0, **others: float) -> dict[str, Any]:
    """An entry of chat completions; its alternatives are itself and the others."""
    own = entry(text, p)
    return {**own, "top_logprobs": [own, *(entry(t, q) for t, q in others.items())]}


def entry(text: str, p: float) -> dict[str, Any]:
    logprob = math.log(p) if p else simulated_tokens.NEVER
    return {"token": text, "logprob": logprob, "bytes": list(text.encode())}


def shares(tokens: list[dict[str, Any]], labels: tuple[str, ...] = LETTERS) -> dict[str, float]:
    text = "".join(t["token"] for t in tokens)
    return logprobs.shares(tokens, text, text.index("{"), labels)


def answer(*label: dict[str, Any]) -> list[dict[str, Any]]:
    """The tokens of an answer whose label is written with these."""
    return [token('{"reasoning"'), token(': "x", "'), token("label"), token('": "'), *label]


END = token('"}')

# METHODS 5: {4: .55, ' 4': .05, 5: .25, 3: .08, 'The': .04, 2: .01}
G_EVAL = answer(token("4", 0.55, **{" 4": 0.05, "5": 0.25, "3": 0.08, "The": 0.04, "2": 0.01}), END)
FIVE = ("1", "2", "3", "4", "5")


def test_the_published_example_of_an_expected_score() -> None:
    found = shares(G_EVAL, FIVE)
    # 4 and ' 4' are one label: .55 + .05 = .60; 'The' is none. Z = .60 + .25 + .08 + .01 = .94
    assert found == pytest.approx({"4": 0.60, "5": 0.25, "3": 0.08, "2": 0.01})
    assert logprobs.mass(found) == pytest.approx(0.94)
    scale = Scale("ordinal", FIVE, (1.0, 2.0, 3.0, 4.0, 5.0))
    # (2 x .01 + 3 x .08 + 4 x .60 + 5 x .25) / .94 = 3.91 / .94
    assert logprobs.expected(found, scale) == pytest.approx(4.159574, abs=1e-6)


def test_a_pair_is_won_by_its_share_of_the_mass_ties_half() -> None:
    found = shares(answer(token("A", 0.5, tie=0.2, B=0.1), END))
    assert found == pytest.approx({"A": 0.5, "tie": 0.2, "B": 0.1})
    # (.5 + .2 / 2) / .8 = .75
    assert logprobs.p_a({"a": 0.5, "tie": 0.2, "b": 0.1}) == pytest.approx(0.75)


@pytest.mark.parametrize(
    "tokens",
    [
        [token('{"label"'), token(":"), token(' "'), token("A", 0.7, B=0.3), token('"}')],
        [token('{"label":'), token(' "A', 0.7, **{' "B': 0.3}), token('"}')],
        [token('{"label":'), token('"A"}', 0.7, **{'"B"}': 0.2, '"B': 0.1})],
        [token('{"label": "'), token("A", 0.7, b=0.3), token('"}')],
        [token('{ "label" : "', 1.0), token("A", 0.7, **{" B": 0.3}), token('" }')],
        [token('{"label": "'), token('A"', 0.7, **{'B"': 0.3}), token(', "more": 1}')],
        [token('{"\\u006cabel": "'), token("A", 0.7, B=0.3), token('"}')],
        [token('Well:\n{"n": {"label": "B"}, '), token('"label": "'), token("A", 0.7, B=0.3), END],
    ],
)
def test_the_label_is_found_wherever_tokens_begin_and_end(tokens: list[dict[str, Any]]) -> None:
    assert shares(tokens) == pytest.approx({"A": 0.7, "B": 0.3})


def test_a_number_without_quotes_is_a_label_too() -> None:
    tokens = [token('{"label":'), token(" 4", 0.6, **{" 5": 0.3, "5": 0.05}), token("}")]
    assert shares(tokens, FIVE) == pytest.approx({"4": 0.6, "5": 0.35})


def test_labels_of_several_tokens_are_told_by_the_first_that_differs() -> None:
    labels = ("very bad", "very good", "good")
    tokens = answer(token("very", 0.8, good=0.2), token(" good", 0.75, **{" bad": 0.25}), END)
    # very good: .8 x .75 = .60; very bad: .8 x .25 = .20
    assert shares(tokens, labels) == pytest.approx({"very good": 0.6, "very bad": 0.2, "good": 0.2})


def test_labels_that_begin_alike_are_told_apart_by_what_follows() -> None:
    tokens = answer(token("1", 0.9, **{"7": 0.1}), token("0", 0.75, **{'"': 0.25}), END)
    # 10: .9 x .75 = .675; 1: .9 x .25 = .225
    assert shares(tokens, TEN) == pytest.approx({"10": 0.675, "1": 0.225, "7": 0.1})


def test_what_cannot_be_told_apart_is_refused_and_a_trace_of_it_is_not() -> None:
    with pytest.raises(logprobs.Unclear, match="begin with the same"):
        shares(answer(token("7", 0.9, **{"1": 0.1}), END), TEN)
    assert shares(answer(token("7", 0.995, **{"1": 0.005}), END), TEN) == pytest.approx(
        {"7": 0.995}
    )
    with pytest.raises(logprobs.Unclear, match="begin with the same"):
        shares([token('{"label":'), token(' "A', 0.7, **{' "': 0.3}), token('"}')])


def test_letters_of_several_bytes_may_be_cut_between_tokens() -> None:
    good, bad = "好".encode(), "坏".encode()
    first = {"token": "\\xe5", "logprob": 0.0, "bytes": [good[0]], "top_logprobs": []}
    assert good[0] == bad[0]
    rest = {"token": "\\xa5\\xbd", "logprob": math.log(0.75), "bytes": list(good[1:])}
    other = {"token": "\\x9d\\x8f", "logprob": math.log(0.25), "bytes": list(bad[1:])}
    tokens = [token('{"label": "'), first, {**rest, "top_logprobs": [rest, other]}, token('"}')]
    found = logprobs.shares(tokens, '{"label": "好"}', 0, ("坏", "好"))
    assert found == pytest.approx({"好": 0.75, "坏": 0.25})


@pytest.mark.parametrize("end", [[], [token("<|end|>")]])
def test_characters_that_a_server_lost_before_the_label_do_not_matter(
    end: list[dict[str, Any]],
) -> None:
    """vLLM and SGLang decode each token alone, so that parts of a character are marks of a loss."""
    lost = token("\ufffd")
    tokens = [token('{"reasoning": "'), lost, lost, lost, token(' ok", "label": "')]
    tokens += [token("A", 0.7, B=0.3), END, *end]
    text = '{"reasoning": "🙂 ok", "label": "A"}'
    assert logprobs.shares(tokens, text, 0, LETTERS) == pytest.approx({"A": 0.7, "B": 0.3})
    slim = logprobs.slim(tokens, text)
    assert [bool(t["top_logprobs"]) for t in slim[:6]] == [False, False, False, False, True, True]
    assert logprobs.shares(slim, text, 0, LETTERS) == logprobs.shares(tokens, text, 0, LETTERS)


@pytest.mark.parametrize(
    "tokens",
    [
        [token('{"reasoning": "'), token("\ufffd"), token(' no", "label": "'), token("A"), END],
        [token('{"reasoning": "'), token("\ufffd"), token(' ok", "label": "'), token("B"), END],
        [token("\ufffd"), *[token(' ok", "label": "'), token("A"), END] * 2],
        [token('{"reasoning": "🙂 ok", "label": "'), token("A"), END, token("\ufffd")],
    ],
)
def test_beside_lost_characters_the_tokens_must_be_those_of_the_text(tokens: list[Any]) -> None:
    text = '{"reasoning": "🙃 ok", "label": "A"}'
    with pytest.raises(logprobs.Unclear):
        logprobs.shares(tokens, text, 0, LETTERS)
    assert logprobs.slim(tokens, "") == tuple(tokens)


def test_tokens_beside_the_answers_text_do_not_matter() -> None:
    tokens = [token("<think>A or B"), token("</think>"), *answer(token("A", 0.7, B=0.3), END)]
    marked = [*tokens, {"token": "<|end|>", "logprob": 0.0, "top_logprobs": []}]
    text = "".join(t["token"] for t in tokens[2:])
    assert logprobs.shares(marked, text, 0, LETTERS) == pytest.approx({"A": 0.7, "B": 0.3})


@pytest.mark.parametrize(
    "tokens",
    [
        [],
        [1],
        ["A"],
        [{"token": "A"}],
        [{"token": None, "logprob": 0.0}],
        [{"token": "A", "logprob": "much"}],
        [{"token": "A", "logprob": float("nan")}],
        [{"token": "A", "logprob": 0.0, "bytes": [999]}],
        [{"token": "A", "logprob": 0.0, "top_logprobs": [None]}],
        [{"token": "A", "logprob": 0.0, "top_logprobs": 5}],
        [{"token": "A", "logprob": 0.0, "top_logprobs": {"A": 0.0}}],
        [{"token": "A", "logprob": -(10**400)}],
        [token('{"label": "B"}')],
    ],
)
def test_what_are_not_the_tokens_of_the_text_is_refused(tokens: list[Any]) -> None:
    with pytest.raises(logprobs.Unclear):
        logprobs.shares(tokens, '{"label": "A"}', 0, LETTERS)
    assert logprobs.slim(tokens, '{"label": "A"}') == tuple(tokens)


def test_numbers_that_add_up_to_more_than_one_are_no_probabilities() -> None:
    with pytest.raises(logprobs.Unclear, match="more than 1"):
        shares(answer(token("A", 0.9, B=0.9), END))


def test_minus_infinity_is_a_probability_of_zero() -> None:
    never = {"token": "B", "logprob": float("-inf"), "bytes": None}
    sure = {"token": "A", "logprob": 1e-9, "bytes": None}  # servers round above 0
    tokens = answer({**sure, "top_logprobs": [sure, never]}, END)
    assert shares(tokens) == {"A": 1.0}


def test_alternatives_of_the_reasoning_are_not_kept_and_change_nothing() -> None:
    tokens = answer(token("A", 0.7, B=0.3), END)
    text = "".join(t["token"] for t in tokens)
    slim = logprobs.slim(tokens, text)
    assert [bool(t["top_logprobs"]) for t in slim] == [False, True, True, True, True, True]
    assert logprobs.shares(slim, text, 0, LETTERS) == logprobs.shares(tokens, text, 0, LETTERS)
    assert logprobs.slim([1], text) == (1,)


# -- verdicts ------------------------------------------------------------------------------------


def trials(rubric: Rubric) -> dict[str, Trial]:
    made = plan([item()], [judge()], rubric=rubric).trials(judge())
    return {trial.order: trial for trial, _ in made}


def verdict(
    tokens: list[dict[str, Any]] | None,
    *,
    rubric: Rubric | None = None,
    order: str = "AB",
    text: str = "",
) -> Verdict:
    rubric = rubric or pairwise()
    said = text or "".join(t["token"] for t in tokens or ())
    given = None if tokens is None else tuple(tokens)
    done = completion(said, logprobs=given, structured="json_schema")
    return parse.read(done, trials(rubric)[order], rubric, "", "logprobs")


ONE_CRITERION = (Criterion("overall", "How good is it?"),)


def test_a_pair_read_by_probabilities_is_in_the_items_own_frame() -> None:
    tokens = answer(token("A", 0.5, tie=0.2, B=0.1), END)
    first, second = verdict(tokens), verdict(tokens, order="BA")
    assert (first.label, first.method) == ("a", "logprob")
    assert first.p_a == pytest.approx(0.75)  # (.5 + .2 / 2) / .8
    assert first.p_dist == pytest.approx({"a": 0.5, "tie": 0.2, "b": 0.1})
    assert second.label == "b"
    assert second.p_a == pytest.approx(0.25)
    assert second.p_dist == pytest.approx({"b": 0.5, "tie": 0.2, "a": 0.1})


def test_a_label_that_was_drawn_against_the_odds_does_not_contradict_them() -> None:
    drawn = verdict(answer(token("B", 0.2, A=0.8), END))
    assert (drawn.label, drawn.p_a) == ("a", pytest.approx(0.8))
    assert verdict(answer(token("B", 0.5, A=0.5), END)).label == "b"


def test_a_single_answer_read_by_probabilities_has_a_score_and_no_label() -> None:
    found = verdict(G_EVAL, rubric=single(criteria=ONE_CRITERION))
    assert (found.status, found.label, found.method) == (Status.OK, None, "logprob")
    assert found.score == pytest.approx(4.159574, abs=1e-6)
    assert found.p_dist is not None
    assert logprobs.mass(found.p_dist) == pytest.approx(0.94)


def test_without_logprobs_the_label_stands_and_the_method_says_so() -> None:
    found = verdict(None, text='{"reasoning": "x", "label": "A"}')
    assert (found.label, found.p_a, found.p_dist) == ("a", None, None)
    assert found.method == "structured, no logprobs"


def test_with_most_of_the_mass_off_the_scale_the_label_stands_and_the_mass_is_kept() -> None:
    found = verdict(answer(token("A", 0.4, Well=0.6), END))
    assert (found.label, found.p_a, found.method) == (
        "a",
        None,
        "structured, logprobs off the scale",
    )
    assert found.p_dist == pytest.approx({"a": 0.4})


def test_tokens_that_do_not_tell_labels_apart_leave_the_label() -> None:
    scale = Scale("interval", TEN, tuple(float(n) for n in TEN))
    ten = single(criteria=ONE_CRITERION, scale=scale)
    found = verdict(answer(token("7", 0.5, **{"1": 0.5}), END), rubric=ten)
    assert (found.label, found.score) == ("7", 7.0)
    assert (found.p_dist, found.method) == (None, "structured, logprobs unclear")


def test_words_without_numbers_are_never_averaged() -> None:
    words = single(criteria=ONE_CRITERION, scale=Scale("nominal", ("bad", "good")))
    assert parse.cannot_weigh(words)
    found = verdict(answer(token("good", 0.9, bad=0.1), END), rubric=words)
    assert (found.label, found.score, found.method) == (
        "good",
        None,
        "structured, logprobs unclear",
    )


def test_an_answer_that_has_no_verdict_gets_none_from_its_tokens() -> None:
    found = verdict([token('{"label": "'), token("C", 0.2, A=0.8), token('"}')])
    assert (found.status, found.p_a) == (Status.UNPARSED, None)


def test_a_judge_that_is_read_by_its_label_is_not_read_by_what_tokens_say() -> None:
    tokens = answer(token("A", 0.6, B=0.4), END)
    done = completion("".join(t["token"] for t in tokens), logprobs=tuple(tokens))
    found = parse.read(done, trials(pairwise())["AB"], pairwise(), "")
    assert (found.label, found.p_a, found.method) == ("a", None, "text")


PROBABILITIES = st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda p: sum(p) > 0)


@given(PROBABILITIES, st.sampled_from(LETTERS), st.booleans())
def test_p_a_is_a_probability_and_mirrors_when_the_order_is_swapped(
    weights: list[float], said: str, is_listed: bool
) -> None:
    """Weights of A, tie, B and something else."""
    p = [weight / sum(weights) for weight in weights]
    chances = dict(zip((*LETTERS, "other"), p, strict=True))
    own = entry(said, chances[said])
    others = [entry(t, q) for t, q in chances.items() if is_listed or t != said]
    tokens = answer({**own, "top_logprobs": others}, END)
    first, second = verdict(tokens), verdict(tokens, order="BA")
    assert first.method == second.method
    for found in (first, second):
        assert found.p_dist is not None
        assert sum(found.p_dist.values()) <= 1 + 1e-9
    if first.p_a is None:
        assert first.method == "structured, logprobs off the scale"
        assert sum(p[:3]) < 0.5 + 1e-9
        return
    assert second.p_a is not None
    assert 0 <= first.p_a <= 1
    assert first.p_a + second.p_a == pytest.approx(1)
    assert first.p_a == pytest.approx((p[0] + p[1] / 2) / sum(p[:3]))
    assert not (first.label == "a" and first.p_a < 0.5 - 1e-9)
    assert not (first.label == "b" and first.p_a > 0.5 + 1e-9)


@given(
    st.lists(
        st.text(st.characters(categories=["L", "Nd"], include_characters=' "'), min_size=1)
        .map(str.strip)
        .filter(bool),
        min_size=2,
        max_size=6,
        unique_by=str.casefold,
    ),
    st.data(),
)
def test_any_scale_written_by_tokens_is_read_back(labels: list[str], data: Any) -> None:
    """Against a second implementation: the simulated judge's own tokens along its own label."""
    weights = [data.draw(st.integers(1, 9)) for _ in labels]
    chances = {x: w / sum(weights) for x, w in zip(labels, weights, strict=True)}
    said = data.draw(st.sampled_from(labels))
    text = json.dumps({"reasoning": "r", "label": said}, ensure_ascii=False)
    tokens = simulated_tokens.logprobs(text, chances, 20)
    assert "".join(t["token"] for t in tokens) == text
    try:
        found = logprobs.shares(tokens, text, 0, labels)
    except logprobs.Unclear:
        assert any(a != b and a[:1].lower() == b[:1].lower() for a in labels for b in labels)
        return
    assert found[said] == pytest.approx(chances[said])
    assert all(found[label] <= chances[label] + 1e-9 for label in found)
