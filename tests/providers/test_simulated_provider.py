"""Simulated judges in process keep the rules of simulated.py and fail as a wire provider would."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from judge import registry, simulated, simulated_rules
from judge.errors import InputError, ProviderError, RateLimited, RequestRejected, TransientError
from judge.providers import Provider
from judge.providers.simulated import SimulatedProvider, connect, settings
from judge.simulated import Knowledge
from judge.types import Completion, JudgeModel, Prompt, digest_text

SCHEMA = {"type": "object", "properties": {"label": {"enum": ["A", "tie", "B"]}}}
CODE = "0123456789abcdef"


def fenced(name: str, text: str) -> str:
    return f"<<<BEGIN {name} {CODE}>>>\n{text}\n<<<END {name} {CODE}>>>"


def prompt(n: int, *, user: str = "") -> Prompt:
    texts = [("QUESTION", f"q{n}"), ("RESPONSE A", f"first {n}"), ("RESPONSE B", f"second {n}")]
    shown = user or "\n".join(fenced(*text) for text in texts)
    return Prompt("system", shown, SCHEMA, CODE, "", "", idempotency_key=f"k{n}")


def judge(model: str = "sim-fair", **parameters: Any) -> JudgeModel:
    return JudgeModel("j", "simulated", model, parameters=parameters)


async def asked(of: JudgeModel, n: int, attempts: int = 1) -> list[Completion | ProviderError]:
    """What n prompts gave, each tried so many times."""
    provider = connect(of)
    found: list[Completion | ProviderError] = []
    for i in range(n):
        for _ in range(attempts):
            try:
                found.append(await provider.complete(of, prompt(i)))
            except ProviderError as error:
                found.append(error)
    return found


async def test_the_answer_is_the_rule_s_own() -> None:
    of = judge("sim-first:noise=0.2", seed=7)
    provider: Provider = registry.load("providers", "simulated")(of, api_key=None)
    for n in range(20):
        said = await provider.complete(of, prompt(n))
        rule = simulated_rules.rule("sim-first:noise=0.2")
        shown = prompt(n)
        expected = simulated.answer(
            rule, seed=7, key=f"k{n}", system=shown.system, user=shown.user, schema=SCHEMA
        )
        assert (said.text, said.finish_reason) == (expected.text, expected.finish_reason)
        assert (said.tokens_in, said.tokens_out) == (expected.tokens_in, expected.tokens_out)
        assert (said.model, said.structured) == ("sim-first:noise=0.2", "json_schema")
    await provider.aclose()


async def test_knowledge_comes_from_the_parameters_and_is_not_recorded_as_sent() -> None:
    of = judge(
        "sim-fair:skill=1000",
        seed=3,
        knowledge={digest_text("q1"): "first 1"},
        planted={digest_text("first 2"): 0.1, digest_text("second 2"): 0.9},
    )
    one, two = [await connect(of).complete(of, prompt(n)) for n in (1, 2)]
    assert '"label": "A"' in one.text
    assert '"label": "B"' in two.text
    assert one.sent == {"model": "sim-fair:skill=1000", "seed": 3}


async def test_faults_are_the_errors_that_a_wire_would_give() -> None:
    share = 0.2
    found = await asked(judge(faults=dict.fromkeys(simulated.FAULTS, share)), 300)
    assert not any(isinstance(one, Completion) for one in found)
    by_status = Counter((type(e), getattr(e, "status", None)) for e in found)
    assert set(by_status) == {
        (RateLimited, 429),
        (TransientError, 500),
        (TransientError, 200),
        (TransientError, None),
    }
    assert all(isinstance(e, ProviderError) and e.retryable for e in found)
    assert by_status[RateLimited, 429] == pytest.approx(60, abs=28)
    assert by_status[TransientError, None] == pytest.approx(120, abs=34)


async def test_a_request_tried_again_is_drawn_again() -> None:
    found = await asked(judge(faults={"error_500": 0.5}), 100, attempts=2)
    pairs = Counter(
        (isinstance(a, Completion), isinstance(b, Completion))
        for a, b in zip(found[0::2], found[1::2], strict=True)
    )
    assert all(
        pairs[a, b] == pytest.approx(25, abs=18) for a in (True, False) for b in (True, False)
    )


async def test_latency_is_slept_by_the_given_sleep_and_recorded() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    of = judge("sim-fair:latency_s=1.5", latency="fixed")
    provider = SimulatedProvider(
        simulated_rules.rule(of.model), settings(of.parameters), sleep=sleep
    )
    said = await provider.complete(of, prompt(1))
    assert slept == [1.5]
    assert said.latency_s == 1.5


async def test_a_prompt_that_cannot_be_judged_is_rejected() -> None:
    of = judge()
    with pytest.raises(RequestRejected, match="no response"):
        await connect(of).complete(of, prompt(1, user="What do you think?"))


@pytest.mark.parametrize(
    ("model", "parameters", "message"),
    [
        ("sim-unfair", {}, "no simulated judge named 'sim-unfair'"),
        ("sim-fair", {"sed": 1}, "no parameter 'sed' of simulated judges; known: seed, knowledge"),
        ("sim-fair", {"faults": {"fire": 1}}, "no fault 'fire'; known: rate_429, error_500"),
        ("sim-fair", {"faults": {"drop": 2}}, "drop must be a share"),
        ("sim-fair", {"latency": "slow"}, "latency must be one of fixed, exponential, not 'slow'"),
    ],
)
def test_unknown_settings_are_errors(model: str, parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        connect(judge(model, **parameters))


def test_settings_left_out_are_their_defaults() -> None:
    assert settings({}).knowledge == Knowledge()
    assert settings({"seed": 5}).seed == 5
