"""A judge that says what it is told to, for tests and for trying a pipeline out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from judge import simulated
from judge.errors import InputError, ProviderError
from judge.types import Completion, JudgeModel, Prompt

Reply = Callable[[JudgeModel, Prompt], Completion | ProviderError]

# Where on its scale each model's every label lies.
ALWAYS = {"always-A": 0.0, "always-tie": 0.5, "always-B": 1.0}


class ScriptedProvider:
    """A Provider that asks a function. prompts: what it was shown, in order of arrival."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self.prompts: list[Prompt] = []

    async def complete(self, judge: JudgeModel, prompt: Prompt) -> Completion:
        """What the function returns; a ProviderError that it returns is raised."""
        self.prompts.append(prompt)
        reply = self._reply(judge, prompt)
        if isinstance(reply, ProviderError):
            raise reply
        return reply

    async def aclose(self) -> None:
        """Nothing: nothing is held open."""


def connect(
    judge: JudgeModel,
    *,
    api_key: str | None = None,
    timeout_s: float = 120.0,
    http_client: Any = None,
) -> ScriptedProvider:
    """A judge that always gives one label, or one of `replies` by the hash of the request's key.

    Models: always-A, always-B, always-tie (the first, last and middle label of the rubric's scale).
    parameters: {"replies": [texts]}, with a model of any other name.
    """
    if judge.model in ALWAYS:
        place = ALWAYS[judge.model]
        return ScriptedProvider(
            lambda judge, prompt: completion(
                judge, prompt, simulated.answer_text(prompt.schema, place, "This is scripted.")
            )
        )
    return ScriptedProvider(_one_of(_replies(judge)))


def completion(judge: JudgeModel, prompt: Prompt, text: str) -> Completion:
    """The completion with that text of a judge that did as it was asked."""
    return Completion(
        text=text,
        finish_reason="stop",
        model=judge.model,
        tokens_in=(len(prompt.system) + len(prompt.user)) // 4,
        tokens_out=len(text) // 4,
        structured="json_schema",
        sent={"model": judge.model},
    )


def _one_of(replies: list[str]) -> Reply:
    def reply(judge: JudgeModel, prompt: Prompt) -> Completion:
        drawn = simulated.uniform(0, prompt.idempotency_key, "reply")
        return completion(judge, prompt, replies[int(drawn * len(replies))])

    return reply


def _replies(judge: JudgeModel) -> list[str]:
    replies = judge.parameters.get("replies")
    if not isinstance(replies, list) or not replies or not all(isinstance(r, str) for r in replies):
        raise InputError(
            f"judge {judge.judge}: no scripted model {judge.model!r}; known: {', '.join(ALWAYS)}, or give "
            'parameters = {"replies": ["...", "..."]}'
        )
    return replies
