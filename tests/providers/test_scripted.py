"""The scripted provider says what it is told to and shows what it was asked."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from judge import registry
from judge.errors import InputError, TransientError
from judge.parse import reask
from judge.providers import Provider, scripted
from judge.providers.scripted import ScriptedProvider
from judge.types import Completion, JudgeModel, Prompt

SCHEMA = {
    "type": "object",
    "properties": {
        "reasoning": {"type": "string"},
        "label": {"type": "string", "enum": ["A", "tie", "B"]},
    },
}


def judge(model: str, **parameters: Any) -> JudgeModel:
    return JudgeModel("j", "scripted", model, parameters=parameters)


def prompt(key: str) -> Prompt:
    return Prompt("system", "user" * 4, SCHEMA, "", "", "", idempotency_key=key)


@pytest.mark.parametrize(
    ("model", "label"), [("always-A", "A"), ("always-B", "B"), ("always-tie", "tie")]
)
async def test_a_judge_that_always_gives_one_label(model: str, label: str) -> None:
    asked = judge(model)
    provider: Provider = registry.load("providers", "scripted")(asked, api_key=None)
    for n in range(5):
        said = await provider.complete(asked, prompt(f"k{n}"))
        assert json.loads(said.text)["label"] == label
        assert (said.finish_reason, said.model) == ("stop", model)
    await provider.aclose()


async def test_replies_are_chosen_by_the_key_of_the_request_and_not_by_its_turn() -> None:
    asked = judge("mixed", replies=["one", "two", "three"])
    prompts = [prompt(f"k{n}") for n in range(300)]

    async def texts(of: list[Prompt]) -> list[str]:
        provider = scripted.connect(asked)
        return [(await provider.complete(asked, one)).text for one in of]

    forward = await texts(prompts)
    assert forward == (await texts(prompts[::-1]))[::-1]
    counted = Counter(forward)
    assert set(counted) == {"one", "two", "three"}
    assert all(70 < n < 130 for n in counted.values())


async def test_asking_again_can_get_another_reply() -> None:
    asked = judge("mixed", replies=["one", "two"])
    provider = scripted.connect(asked)
    pairs = [
        [
            (await provider.complete(asked, one)).text
            for one in (prompt(f"k{n}"), reask(prompt(f"k{n}")))
        ]
        for n in range(40)
    ]
    assert any(first != second for first, second in pairs)


async def test_a_returned_error_is_raised_and_the_prompt_is_kept() -> None:
    provider = ScriptedProvider(lambda judge, prompt: TransientError("down", status=503))
    with pytest.raises(TransientError, match="down"):
        await provider.complete(judge("any"), prompt("k"))
    assert [one.idempotency_key for one in provider.prompts] == ["k"]


async def test_a_function_sees_judge_and_prompt_and_its_completion_is_handed_on() -> None:
    made = Completion("text", "stop", "m")
    seen: list[tuple[JudgeModel, Prompt]] = []

    def reply(asked: JudgeModel, shown: Prompt) -> Completion:
        seen.append((asked, shown))
        return made

    assert await ScriptedProvider(reply).complete(judge("any"), prompt("k")) is made
    assert seen == [(judge("any"), prompt("k"))]


@pytest.mark.parametrize("parameters", [{}, {"replies": []}, {"replies": "A"}, {"replies": [1]}])
def test_an_unknown_model_without_replies_is_an_error(parameters: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="always-A, always-tie, always-B"):
        scripted.connect(judge("sometimes-A", **parameters))
