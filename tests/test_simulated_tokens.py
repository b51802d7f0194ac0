"""What a simulated judge says of its own odds is what it draws from, and goes out as an API has it."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pytest
from factories import item, judge, pairwise, plan, single
from hypothesis import given
from hypothesis import strategies as st

from judge import simulated, simulated_rules, simulated_tokens
from judge.simulated_wires import WIRES, Rejected
from judge.types import Criterion, Prompt, Rubric

CHAT = WIRES["/v1/chat/completions"]
SINGLE = single(criteria=(Criterion("overall", "How good is it?"),))


def asked(rubric: Rubric) -> Prompt:
    _, prompt = next(plan([item()], [judge()], rubric=rubric).trials(judge()))
    return prompt


@pytest.mark.parametrize("rubric", [pairwise(), SINGLE], ids=lambda rubric: rubric.mode)
@pytest.mark.parametrize(
    "model", ["sim-fair", "sim-first", "sim-noisy", "sim-fair:skill=1", "sim-fair:tie=9"]
)
def test_the_chances_are_those_of_many_draws(model: str, rubric: Rubric) -> None:
    rule, prompt, n = simulated_rules.rule(model), asked(rubric), 2000
    answers = [
        simulated.answer(
            rule, seed=1, key=f"k{k}", system=prompt.system, user=prompt.user, schema=prompt.schema
        )
        for k in range(n)
    ]
    (chances,) = {tuple(answer.chances.items()) for answer in answers}
    assert math.fsum(p for _, p in chances) == pytest.approx(1)
    said = Counter(answer.text.rpartition('"label": "')[2][:-2] for answer in answers)
    for label, p in chances:
        # Four standard errors of a share of n draws.
        assert abs(said[label] / n - p) <= 4 * math.sqrt(p * (1 - p) / n) + 1e-9


@pytest.mark.parametrize("model", ["sim-fair:refuse=1", "sim-fair:unreadable=1"])
def test_an_answer_without_a_verdict_has_no_chances(model: str) -> None:
    prompt = asked(pairwise())
    said = simulated.answer(
        simulated_rules.rule(model),
        seed=1,
        key="k",
        system="",
        user=prompt.user,
        schema=prompt.schema,
    )
    assert said.chances == {}
    tokens = simulated_tokens.logprobs(said.text, said.chances, 20)
    assert {entry["logprob"] for entry in tokens} == {0.0}


@given(st.text(), st.integers(0, 20))
def test_the_tokens_are_the_text(text: str, alternatives: int) -> None:
    tokens = simulated_tokens.logprobs(text, {"A": 0.5, "B": 0.5}, alternatives)
    assert "".join(entry["token"] for entry in tokens) == text
    joined = b"".join(bytes(entry["bytes"]) for entry in tokens)
    assert joined == text.encode("utf-8", "surrogatepass")
    assert all(len(entry["top_logprobs"]) <= alternatives for entry in tokens)


def body(**more: Any) -> dict[str, Any]:
    prompt = asked(pairwise())
    messages = [{"role": "user", "content": prompt.user}]
    return {"model": "sim-fair", "messages": messages, **more}


def test_the_alternatives_of_a_request_are_as_many_as_it_asks_for() -> None:
    assert CHAT.read(body()).alternatives is None
    assert CHAT.read(body(logprobs=False)).alternatives is None
    assert CHAT.read(body(logprobs=True)).alternatives == 0
    assert CHAT.read(body(logprobs=True, top_logprobs=5)).alternatives == 5


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"logprobs": 1}, "logprobs"),
        ({"top_logprobs": 5}, "logprobs"),
        ({"logprobs": False, "top_logprobs": 5}, "top_logprobs"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
        ({"logprobs": True, "top_logprobs": -1}, "top_logprobs"),
        ({"logprobs": True, "top_logprobs": True}, "top_logprobs"),
        ({"logprobs": True, "model": "sim-fair:logprobs=no"}, "logprobs"),
    ],
)
def test_what_the_api_would_refuse_is_refused(more: dict[str, Any], param: str) -> None:
    with pytest.raises(Rejected) as caught:
        CHAT.read(body(**more))
    assert (caught.value.status, caught.value.param) == (400, param)


def test_only_a_judge_that_nothing_holds_to_a_schema_chats() -> None:
    prompt, rule = asked(pairwise()), simulated_rules.rule("sim-fair:chatty=1")
    free, held = (
        simulated.answer(rule, seed=1, key="k", system="", user=prompt.user, schema=schema)
        for schema in (None, prompt.schema)
    )
    assert held.text.startswith("{")
    assert f"```json\n{held.text}\n```" in free.text
