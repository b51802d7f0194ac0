"""What `judge check` says of every provider: one line each, what to change, and never a key."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from judge.simulate import ServerSettings, running
from judge.types import Capabilities, JudgeModel
from judge.workflow import check
from judge.workflow.check import Checked
from judge.workflow.options import Options
from judge.workflow.running import World

KEY = "sk-house-Zq8Lw3Tt-v0Xk9RbN4hYc7Ju2Pd6Se1F"
WIRES = ("openai", "anthropic", "http")
CHAT: Mapping[str, Any] = {
    "body": {
        "model": "{model}",
        "messages": [
            {"role": "system", "content": "{system}"},
            {"role": "user", "content": "{user}"},
        ],
    },
    "answer": "choices.0.message.content",
}


def judge(url: str, provider: str, model: str = "sim-fair", **changes: Any) -> JudgeModel:
    address = {
        "openai": f"{url}/v1",
        "anthropic": url,
        "http": f"{url}/v1/chat/completions",
        "simulated": None,
        "scripted": None,
    }[provider]
    fields: dict[str, Any] = {"base_url": address, "api_key_env": "MY_KEY", "simulated": True}
    if provider == "http":
        fields |= {"endpoint": CHAT, "capabilities": Capabilities(structured="none")}
    return JudgeModel(**{"judge": "j", "provider": provider, "model": model, **fields, **changes})


def checked(
    provider: str,
    model: str = "sim-fair",
    *,
    key: str | None = KEY,
    rubrics: tuple[str, ...] = (),
    is_down: bool = False,
    **changes: Any,
) -> Checked:
    """What a check says of one judge on a server that wants KEY."""

    async def main() -> list[Checked]:
        async with running(ServerSettings(require_key=KEY)) as server:
            options = Options(
                judges=(judge(server.url, provider, model, **changes),), rubrics=rubrics
            )
            world = World(environ={} if key is None else {"MY_KEY": key})
            if is_down:
                await server.stop()
            return await check.checked(options, world)

    (result,) = asyncio.run(main())
    assert "\n" not in result.line
    assert KEY not in result.line
    assert KEY[:9] not in result.line
    return result


@pytest.mark.parametrize(
    ("provider", "model", "structure"),
    [
        ("openai", "sim-fair", "json_schema"),
        ("anthropic", "sim-fair", "json_schema"),
        ("http", "sim-fair", "none"),
        ("simulated", "sim-fair", "json_schema"),
        ("scripted", "always-A", "json_schema"),
    ],
)
def test_a_judge_that_works_is_said_to_with_its_structure_and_reading(
    provider: str, model: str, structure: str
) -> None:
    result = checked(provider, model, usd_per_mtok_in=1.0, usd_per_mtok_out=2.0)
    assert result.error == ""
    named = "" if provider == "http" else model
    assert result.line.startswith(
        f"j: ok ({named or model}, structure {structure}, reading label, 0.0 s, "
    )
    assert ("$0.00" in result.line) == (provider != "http")
    assert not check.failed([result])


@pytest.mark.parametrize("provider", WIRES)
def test_an_unknown_price_is_said_with_what_to_set(provider: str) -> None:
    result = checked(provider)
    assert result.line.endswith("price unknown: set usd_per_mtok_in and usd_per_mtok_out)")
    assert not check.failed([result])


@pytest.mark.parametrize("provider", WIRES)
def test_a_wrong_key_names_its_variable(provider: str) -> None:
    result = checked(provider, key="sk-other-1111-2222")
    assert check.failed([result])
    assert "does not accept the key (401" in result.line
    assert result.line.endswith("check the one in MY_KEY")
    assert "sk-other" not in result.line


def test_a_key_that_is_named_and_not_set_is_said_without_asking() -> None:
    result = checked("http", key=None)
    assert result.line == "j: 127.0.0.1 needs a key; set the environment variable MY_KEY"


def test_a_key_that_is_wanted_and_not_named_is_said() -> None:
    result = checked("http", key=None, api_key_env=None)
    assert "wants a key (401" in result.line
    assert result.line.endswith("set the environment variable named by api_key_env")


@pytest.mark.parametrize("provider", WIRES)
def test_an_unknown_model_is_told_from_an_unknown_address(provider: str) -> None:
    assert "has no model 'gpt-none' for this key (404)" in checked(provider, "gpt-none").line
    url = "http://127.0.0.1:{}/nowhere"

    async def elsewhere() -> list[Checked]:
        async with running(ServerSettings()) as server:
            there = url.format(server.url.rpartition(":")[2])
            lost = dataclasses.replace(judge(server.url, provider), base_url=there)
            return await check.checked(Options(judges=(lost,)), World(environ={"MY_KEY": KEY}))

    (result,) = asyncio.run(elsewhere())
    assert result.line.startswith("j: nothing answers at http://127.0.0.1:")
    assert "check base_url" in result.line


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
@pytest.mark.parametrize(
    ("rule", "structure"),
    [("sim-fair:schema=no", "tool"), ("sim-fair:schema=no,tools=no,chatty=1", "none")],
)
def test_a_model_without_schemas_works_and_says_how(
    provider: str, rule: str, structure: str
) -> None:
    result = checked(provider, rule)
    assert result.error == ""
    assert f"structure {structure}, json_schema refused, reading label" in result.line


@pytest.mark.parametrize("provider", WIRES)
def test_a_server_that_is_down_is_one_line(provider: str) -> None:
    result = checked(provider, is_down=True)
    assert result.line.startswith("j: the connection to http://127.0.0.1:")
    assert "ConnectError" in result.line
    assert check.failed([result])


WEIGHED: dict[str, Any] = {"reading": "logprobs", "capabilities": Capabilities(logprobs=True)}


@pytest.mark.parametrize("provider", ["openai", "simulated"])
def test_a_reading_by_logprobs_is_tried_and_says_how_much_is_on_the_scale(provider: str) -> None:
    result = checked(provider, **WEIGHED)
    assert result.error == ""
    assert "reading logprobs with 1.00 on the scale" in result.line


def test_logprobs_that_are_refused_or_left_out_are_said_with_what_to_change() -> None:
    refused = checked("openai", "sim-fair:logprobs=no", **WEIGHED)
    assert "refuses the parameter logprobs (400)" in refused.line
    assert refused.line.endswith('its reading = "label"')
    tools = Capabilities(structured="tool", logprobs=True)
    absent = checked("openai", reading="logprobs", capabilities=tools)
    assert absent.line.startswith('j: the answer came without logprobs; set reading = "label"')
    assert check.failed([refused])
    assert check.failed([absent])


def test_a_scale_without_numbers_is_left_out_of_the_check_of_such_a_reading(
    tmp_path: Any,
) -> None:
    path = tmp_path / "kind.toml"
    path.write_text(
        'name = "kind"\nversion = 1\nmode = "single"\n'
        'system = "S"\nuser = """{{ boundary }}\n{{ response }}\n{{ answer_format }}"""\n'
        '[scale]\nlevel = "nominal"\nlabels = ["short", "long"]\n'
        '[[criteria]]\nname = "kind"\nquestion = "Which kind?"\n',
        "utf-8",
    )
    assert checked("openai", rubrics=(str(path),), **WEIGHED).error == ""
    named = checked("openai", rubrics=(str(path),))
    assert named.verdict is not None, named.line
    assert named.verdict.label in ("short", "long")


def test_an_endpoint_for_single_answers_is_checked_on_one() -> None:
    table = {**CHAT, "answer": "choices.0.message.content"}
    table["body"] = {**table["body"], "user": "{response}"}
    result = checked("http", endpoint=table)
    assert result.error == ""
    assert result.verdict is not None
    assert result.verdict.score is not None


def test_an_answer_without_a_verdict_is_said_with_its_reason() -> None:
    result = checked("openai", "sim-fair:refuse=1")
    assert result.line.startswith("j: refused: I cannot take part in judging this material.")
    assert check.failed([result])


def test_one_judge_that_cannot_be_asked_does_not_hide_the_others() -> None:
    bare = judge("http://127.0.0.1:1", "openai", judge="bare", base_url=None)
    works = judge("", "simulated")
    found = asyncio.run(check.checked(Options(judges=(bare, works)), World(environ={})))
    assert [result.error == "" for result in found] == [False, True]
    assert found[0].line == "bare: api.openai.com needs a key; set the environment variable MY_KEY"


def test_what_a_server_says_cannot_steer_the_terminal() -> None:
    result = checked("scripted", "always-A")
    assert result.completion is not None
    hostile = dataclasses.replace(result.completion, model="m\x1b[2J\u202e")
    assert "\x1b" not in dataclasses.replace(result, completion=hostile).line
