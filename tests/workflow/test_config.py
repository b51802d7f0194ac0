"""judge.toml is checked as a whole, and never holds or repeats a key."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from judge.errors import InputError
from judge.types import Capabilities, JudgeModel
from judge.workflow.config import (
    Config,
    RunSettings,
    check_judges,
    families_of,
    load_config,
    parse_config,
    parse_judge,
    select_judges,
)
from judge.workflow.init import template

EMPTY = Config()

WHOLE = """\
[[judges]]
id = "local"
provider = "openai"
model = "Qwen/Qwen3-8B"
base_url = "http://127.0.0.1:8000/v1/"
api_key_env = "LOCAL_KEY"
families = ["qwen", "distilled"]
max_concurrency = 8
requests_per_minute = 600
tokens_per_minute = 1e6
usd_per_mtok_in = 0
usd_per_mtok_out = 0.5
[judges.parameters]
temperature = 0
max_tokens = 800
[judges.capabilities]
structured = "tool"
seed = false
logprobs = true

[[judges]]
provider = "anthropic"
model = "claude-x"

[run]
rubric = ["helpfulness@1", "mine"]
seed = 7
swap = "sample:0.5"
repeats = 2
store = "s.db"
out = "here"
max_cost_usd = 3
concurrency = 16
max_missing = 0.1

[gate]
fail_if = "worse"

[families]
"^gpt|^o[0-9]" = "openai"
"claude" = ["anthropic"]
"mix" = "a+b"
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "judge.toml"
    path.write_text(text, "utf-8")
    return path


def judge(**changes: Any) -> dict[str, Any]:
    return {"provider": "openai", "model": "m", **changes}


def read(*judges: dict[str, Any], **tables: Any) -> Config:
    return parse_config({"judges": list(judges), **tables}, "judge.toml")


def refusal(*judges: dict[str, Any], **tables: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(*judges, **tables)
    message = str(caught.value)
    assert message.startswith("judge.toml: ")
    return message


def spec_refusal(spec: str, config: Config = EMPTY) -> str:
    with pytest.raises(InputError) as caught:
        parse_judge(spec, config)
    return str(caught.value)


# -- the file ------------------------------------------------------------------------------------


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, WHOLE))
    local, claude = config.judges
    assert local == JudgeModel(
        judge="local",
        provider="openai",
        model="Qwen/Qwen3-8B",
        base_url="http://127.0.0.1:8000/v1",
        families=frozenset({"qwen", "distilled"}),
        capabilities=Capabilities("tool", temperature=True, seed=False, logprobs=True),
        parameters={"temperature": 0, "max_tokens": 800},
        usd_per_mtok_in=0,
        usd_per_mtok_out=0.5,
        api_key_env="LOCAL_KEY",
        max_concurrency=8,
        requests_per_minute=600,
        tokens_per_minute=1e6,
    )
    assert (claude.judge, claude.families) == ("claude-x", frozenset({"anthropic"}))
    assert config.run == RunSettings(
        rubrics=("helpfulness@1", "mine"),
        seed=7,
        swap="sample:0.5",
        repeats=2,
        store="s.db",
        out="here",
        max_cost_usd=3.0,
        concurrency=16,
        max_missing=0.1,
    )
    assert config.fail_if == ("worse",)
    assert config.families["mix"] == {"a", "b"}


def test_without_a_file_the_folders_own_is_read_and_without_that_nothing(tmp_path: Path) -> None:
    assert load_config(None, folder=tmp_path) == EMPTY
    write(tmp_path, '[run]\nrubric = "mine"\n')
    assert load_config(None, folder=tmp_path).run == RunSettings(rubrics=("mine",))


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, "")) == EMPTY


def test_a_file_that_was_named_must_be_there_and_be_toml(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.toml: there is no such file"):
        load_config(tmp_path / "missing.toml")
    with pytest.raises(InputError, match=r"judge\.toml: is not TOML: .*line 2"):
        load_config(write(tmp_path, "[run]\nseed = \n"))


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"runs": {}}, "key `runs` is unknown; did you mean `run`?"),
        ({"quux": 1}, "key `quux` is unknown; known: judges, run, gate, families"),
        ({"run": {"sed": 1}}, "key `run.sed` is unknown; did you mean `seed`?"),
        ({"run": {"max_cost": 1}}, "key `run.max_cost` is unknown; did you mean `max_cost_usd`?"),
        ({"run": {"seed": "1"}}, "key `run.seed`"),
        ({"run": {"seed": True}}, "key `run.seed`"),
        ({"run": {"repeats": 0}}, "key `run.repeats`"),
        ({"run": {"concurrency": 0}}, "key `run.concurrency`"),
        ({"run": {"max_missing": 1.5}}, "key `run.max_missing`"),
        ({"run": {"max_cost_usd": -1}}, "key `run.max_cost_usd`"),
        ({"run": {"max_cost_usd": float("nan")}}, "key `run.max_cost_usd`"),
        ({"run": {"swap": "sometimes"}}, "key `run.swap`"),
        ({"run": {"swap": "sample:2"}}, "key `run.swap`"),
        ({"run": {"rubric": []}}, "key `run.rubric`"),
        ({"run": {"rubric": [1]}}, "key `run.rubric[0]`"),
        ({"gate": {"failif": "worse"}}, "key `gate.failif` is unknown; did you mean `fail_if`?"),
        ({"families": {"(": "x"}}, "key `families`: '(' is no regular expression"),
        ({"families": {"x": []}}, "key `families.x`"),
        ({"families": {"x": "a++b"}}, "key `families.x[1]`"),
        ({"families": {"x": ["a+b"]}}, "key `families.x[0]`"),
    ],
)
def test_a_bad_key_is_named_with_the_nearest_known_one(tables: dict[str, Any], said: str) -> None:
    assert said in refusal(**tables)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"modle": "x"}, "key `judges[0].modle` is unknown; did you mean `model`?"),
        (
            {"capabilities": {"temprature": True}},
            "`judges[0].capabilities.temprature` is unknown; did you mean `temperature`?",
        ),
        ({"model": ""}, "key `judges[0].model`"),
        ({"api_key_env": "sk-1"}, "write the variable's name, not the key"),
        ({"model": "a\nb"}, "key `judges[0].model`"),
        ({"provider": "opnai"}, "did you mean openai?"),
        ({"id": "panel"}, "'panel' is reserved"),
        ({"id": "Panel"}, "'panel' is reserved"),
        ({"model": "panel"}, "'panel' is reserved"),
        ({"max_concurrency": 0}, "key `judges[0].max_concurrency`"),
        ({"requests_per_minute": 0}, "key `judges[0].requests_per_minute`"),
        ({"usd_per_mtok_in": -1, "usd_per_mtok_out": 1}, "key `judges[0].usd_per_mtok_in`"),
        ({"usd_per_mtok_in": 1}, "go together"),
        ({"capabilities": {"structured": "yaml"}}, "key `judges[0].capabilities.structured`"),
        ({"base_url": "localhost:8000"}, "base_url is no address"),
        ({"base_url": "http://"}, "base_url is no address"),
        ({"base_url": "http://[::1/v1"}, "base_url is no address"),
        ({"base_url": "http://h:99999/v1"}, "base_url is no address"),
        ({"base_url": "http://h/v1?version=1"}, "base_url has a query"),
        ({"parameters": {"messages": []}}, "parameters.messages is set by judge itself"),
        ({"parameters": {"stream": True}}, "parameters.stream is set by judge itself"),
        ({"parameters": {"x": float("inf")}}, "parameters.x cannot be sent as JSON"),
        ({"parameters": {"x": object()}}, "parameters.x cannot be sent as JSON"),
    ],
)
def test_a_bad_judge_is_named(changes: dict[str, Any], said: str) -> None:
    message = refusal(judge(**changes))
    assert said in message
    assert "judges[0]" in message


@pytest.mark.parametrize("name", ["provider", "model"])
def test_a_judge_needs_provider_and_model(name: str) -> None:
    entry = judge()
    del entry[name]
    assert refusal(entry) == f"judge.toml: key `judges[0].{name}` is missing; add it"


# -- keys ----------------------------------------------------------------------------------------

SECRET = "hunter2-sk-secret"


@pytest.mark.parametrize(
    "entry",
    [
        judge(api_key=SECRET),
        judge(apiKey=SECRET),
        judge(parameters={"api-key": SECRET}),
        judge(parameters={"extra_headers": {"Authorization": SECRET}}),
        judge(parameters={"list": [{"x-api-key": SECRET}]}),
    ],
)
def test_a_key_in_the_file_is_refused_without_being_repeated(entry: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="name it in api_key_env") as caught:
        read(entry)
    assert SECRET not in repr(caught.value)


@pytest.mark.parametrize(
    "entry",
    [
        judge(api_key_env=SECRET),
        judge(base_url=f"https://user:{SECRET}@host/v1"),
        judge(max_concurrency=SECRET),
    ],
)
def test_a_key_in_another_place_is_not_repeated_either(entry: dict[str, Any]) -> None:
    """Nor by an error that this one was made from."""
    with pytest.raises(InputError) as caught:
        read(entry)
    error: BaseException | None = caught.value
    while error is not None:
        assert SECRET not in str(error)
        error = error.__cause__ or error.__context__


def test_a_login_in_a_named_address_is_refused_without_being_repeated() -> None:
    message = spec_refusal(f"openai/m@https://user:{SECRET}@host/v1")
    assert "base_url holds a login" in message
    assert SECRET not in message


# -- capabilities and parameters -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "capability"),
    [
        ("temperature", "temperature"),
        ("top_p", "temperature"),
        ("seed", "seed"),
        ("logprobs", "logprobs"),
    ],
)
def test_a_parameter_that_the_capabilities_exclude_is_refused(
    parameter: str, capability: str
) -> None:
    without = judge(parameters={parameter: 1}, capabilities={capability: False})
    assert f"parameters.{parameter} cannot be sent: capabilities.{capability}" in refusal(without)
    with_it = judge(parameters={parameter: 1}, capabilities={capability: True})
    assert read(with_it).judges[0].parameters == {parameter: 1}


def test_the_messages_api_takes_no_temperature_unless_the_file_says_so() -> None:
    entry = judge(provider="anthropic", parameters={"temperature": 0})
    assert "capabilities.temperature is false" in refusal(entry)
    allowed = read(entry | {"capabilities": {"temperature": True}}).judges[0]
    assert allowed.capabilities == Capabilities(temperature=True, seed=False)


def test_unknown_models_are_taken_to_enforce_a_schema() -> None:
    for spec in ("openai/m@http://127.0.0.1:1/v1", "anthropic/m"):
        assert parse_judge(spec, EMPTY).capabilities.structured == "json_schema"


# -- naming judges -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "provider", "model", "base_url"),
    [
        ("openai/gpt-x", "openai", "gpt-x", None),
        ("openai/Qwen/Qwen3@http://h:1/v1", "openai", "Qwen/Qwen3", "http://h:1/v1"),
        ("openai/m@2024@https://h/v1/", "openai", "m@2024", "https://h/v1"),
        ("openai/m@http-like", "openai", "m@http-like", None),
        ("openai/a@http://x@http://h/v1", "openai", "a@http://x", "http://h/v1"),
        ("simulated/sim-first:position=0.15", "simulated", "sim-first:position=0.15", None),
    ],
)
def test_a_judge_is_named_by_provider_model_and_address(
    spec: str, provider: str, model: str, base_url: str | None
) -> None:
    found = parse_judge(spec, EMPTY)
    assert (found.provider, found.model, found.base_url) == (provider, model, base_url)
    assert found.judge == model


def test_an_id_of_the_config_is_that_judge() -> None:
    config = read(judge(id="a/b", usd_per_mtok_in=1, usd_per_mtok_out=2))
    assert parse_judge("a/b", config) is config.judges[0]


@pytest.mark.parametrize("spec", ["locl", "openai/", "/m", "", "openai/@http://h/v1"])
def test_what_names_no_judge_lists_the_configs_ids(spec: str) -> None:
    message = spec_refusal(spec, read(judge(id="local")))
    assert message.startswith(f"--judge {spec}: ")
    assert "config: local" in message
    assert ("did you mean local?" in message) == (spec == "locl")


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("openia/m", "did you mean openai?"),
        ("openai/panel", "'panel' is reserved"),
        ("openai/m@http://h/v1#x", "base_url has a query"),
    ],
)
def test_a_bad_spec_is_refused_under_its_flag(spec: str, said: str) -> None:
    message = spec_refusal(spec)
    assert message.startswith(f"--judge {spec}: ")
    assert said in message


@pytest.mark.parametrize(
    ("spec", "variable"),
    [
        ("openai/m", "OPENAI_API_KEY"),
        ("anthropic/m", "ANTHROPIC_API_KEY"),
        ("scripted/m", None),
        ("simulated/m", None),
    ],
)
def test_the_variable_of_the_key_hangs_on_the_provider(spec: str, variable: str | None) -> None:
    assert parse_judge(spec, EMPTY).api_key_env == variable


@pytest.mark.parametrize(
    ("entry", "simulated"),
    [
        (judge(), False),
        (judge(simulated=True), True),
        (judge(provider="simulated"), True),
        (judge(model="sim-fair"), True),
        (judge(model="sim-fair", simulated=False), True),
    ],
)
def test_a_simulated_judge_cannot_pass_for_a_real_one(
    entry: dict[str, Any], simulated: bool
) -> None:
    assert read(entry).judges[0].simulated is simulated


def test_families_come_from_every_pattern_that_fits_unless_the_judge_names_its_own() -> None:
    table = {"qwen": "qwen", "^deepseek": "deepseek", "mine": "a+b"}
    config = read(
        judge(model="DeepSeek-R1-Distill-Qwen"),
        judge(model="qwen3", families="own+other"),
        judge(model="x", id="mine"),
        judge(model="y"),
        families=table,
    )
    assert [set(j.families) for j in config.judges] == [
        {"qwen", "deepseek"},
        {"own", "other"},
        {"a", "b"},
        set(),
    ]
    assert parse_judge("openai/qwen-max", config).families == {"qwen"}
    assert families_of(["some-qwen"], config.families) == {"qwen"}


# -- judges together -----------------------------------------------------------------------------


def test_two_judges_of_one_name_are_refused() -> None:
    twice = refusal(judge(id="a"), judge(id="a", model="other"))
    assert "two judges are named a" in twice
    with pytest.raises(InputError, match="two judges are named m"):
        check_judges([parse_judge(f"{provider}/m", EMPTY) for provider in ("openai", "anthropic")])


def test_models_of_one_name_are_told_apart_by_provider_and_then_by_address() -> None:
    def names(*specs: str) -> list[str]:
        return [judge.judge for judge in select_judges(specs, EMPTY)]

    assert names("openai/m", "anthropic/m", "openai/n") == ["openai/m", "anthropic/m", "n"]
    here, there = "openai/m@http://h:1/v1", "openai/m@http://h:2/v1"
    assert names(here, there) == [here, there]


def test_the_same_judge_twice_is_refused_whatever_its_name() -> None:
    message = refusal(judge(id="a"), judge(id="b", usd_per_mtok_in=1, usd_per_mtok_out=1))
    assert "judges a and b are the same model with the same settings" in message
    assert "--repeats" in message
    read(judge(id="a"), judge(id="b", parameters={"temperature": 1}))
    read(judge(id="a"), judge(id="b", capabilities={"structured": "tool"}))
    with pytest.raises(InputError, match="the same model"):
        select_judges(["a", "openai/m"], read(judge(id="a")))


def test_judges_that_would_share_every_answer_are_one_judge() -> None:
    """What no request shows makes no second judge: it would vote twice with one answer."""
    assert "the same model" in refusal(
        judge(id="a"), judge(id="b", capabilities={"logprobs": True, "seed": False})
    )
    bearer = {"body": {"p": "{user}"}, "answer": "a"}
    assert "the same model" in refusal(
        house(bearer, id="a"), house({**bearer, "auth": "X-K"}, id="b")
    )


def test_the_judges_that_are_named_go_before_those_of_the_file() -> None:
    config = read(judge(id="a"), judge(id="b", model="n"))
    assert select_judges([], config) == config.judges
    assert [j.judge for j in select_judges(["b", "anthropic/x"], config)] == ["b", "x"]
    check_judges(config.judges)


# -- readings and endpoints ----------------------------------------------------------------------


def house(http: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    table = {"body": {"prompt": "{user}"}, "answer": "text"} if http is None else http
    url = "http://127.0.0.1:9000/judge"
    return {"provider": "http", "model": "m", "base_url": url, "http": table, **changes}


def test_a_judges_reading_is_its_label_unless_the_file_says_otherwise() -> None:
    able = {"capabilities": {"logprobs": True}}
    first, second = parse_config(
        {"judges": [judge(id="a"), judge(id="b", reading="logprobs", **able)]}, "c"
    ).judges
    assert (first.reading, second.reading) == ("label", "logprobs")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (judge(reading="logprobs"), "needs capabilities.logprobs = true"),
        (judge(reading="probs"), "judges[0].reading"),
        (
            judge(provider="anthropic", reading="logprobs", capabilities={"logprobs": True}),
            "provider anthropic gives none",
        ),
        (house(reading="logprobs"), "provider http gives none"),
        (
            judge(
                reading="logprobs",
                capabilities={"logprobs": True},
                parameters={"logprobs": False},
            ),
            'contradicts reading = "logprobs"',
        ),
    ],
)
def test_a_reading_that_cannot_be_is_refused(entry: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_config({"judges": [entry]}, "c")
    assert said in str(caught.value)


def test_an_endpoint_is_kept_as_it_is_written() -> None:
    table = {
        "auth": "x-api-key",
        "headers": {"X-Team": "red"},
        "body": {"a": ["{response_a}", "{response_b}"], "n": 1},
        "p_first": "out.0.p",
    }
    (found,) = parse_config({"judges": [house(table, api_key_env="HOUSE")]}, "c").judges
    assert found.endpoint == table
    assert (found.api_key_env, found.capabilities.structured) == ("HOUSE", "none")
    assert parse_judge("m", Config(judges=(found,))) == found


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (judge(http={"body": {"p": "{user}"}, "answer": "a"}), "belongs to provider http"),
        (judge(provider="http", base_url="http://h/x"), "needs a table [judges.http]"),
        (house(base_url=None), "needs base_url"),
        (house(parameters={"temperature": 0}), "http"),
        (house(parameters={"max_tokens": 5}), "write them into http.body"),
        (house(capabilities={"structured": "tool"}), "capabilities say nothing"),
        (house({"answer": "a"}), "judges[0].http.body"),
        (house({"body": {"p": "{user}"}, "answer": "a..b"}), "judges[0].http.answer"),
        (house({"body": {"p": "{user}"}}), "in one way where the verdict is"),
        (house({"body": {"p": "{usr}"}, "answer": "a"}), "there is no {usr}"),
        (house({"body": {"p": "{user}", "d": date(2026, 1, 1)}, "answer": "a"}), "as JSON"),
        (house({"body": {"p": "{user}"}, "answer": "a", "anser": "a"}), "did you mean `answer`"),
        (house({"body": {"p": "{user}"}, "answer": "a", "auth": "two words"}), "http.auth"),
        (
            house({"body": {"p": "{user}"}, "answer": "a", "headers": {"Host": "h"}}),
            "set by judge itself",
        ),
        (
            house({"body": {"p": "{user}"}, "answer": "a", "headers": {"X": "a\nb"}}),
            "http.headers.X",
        ),
    ],
)
def test_an_endpoint_that_cannot_work_is_refused_with_its_key(
    entry: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError) as caught:
        parse_config({"judges": [entry]}, "c")
    assert said in str(caught.value)


@pytest.mark.parametrize("place", ["headers", "body"])
def test_a_key_has_no_place_in_an_endpoints_table(place: str) -> None:
    table = {"body": {"p": "{user}"}, "answer": "a"}
    table[place] = {"p": "{user}", "X-Api-Key": "sk-secret"}  # type: ignore[assignment]
    with pytest.raises(InputError, match="secrets do not belong") as caught:
        parse_config({"judges": [house(table)]}, "c")
    assert "sk-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["X-Goog-Api-Key", "X-Auth-Token", "Private-Token", "Ocp-Apim-Subscription-Key", "X_Secret"],
)
def test_a_header_that_carries_a_key_by_its_name_is_refused(name: str) -> None:
    table = {"body": {"p": "{user}"}, "answer": "a", "headers": {name: "sk-secret"}}
    with pytest.raises(
        InputError, match=r"holds a secret; name the header in http\.auth"
    ) as caught:
        parse_config({"judges": [house(table)]}, "c")
    assert "sk-secret" not in str(caught.value)
    harmless = {"X-Max-Tokens": "5", "X-Team": "red"}
    parse_config({"judges": [house({**table, "headers": harmless})]}, "c")


@pytest.mark.parametrize("name", ["Host", "Content-Type", "Idempotency-Key"])
def test_the_key_cannot_take_the_place_of_a_header_that_every_request_has(name: str) -> None:
    table = {"body": {"p": "{user}"}, "answer": "a", "auth": name}
    with pytest.raises(InputError, match=f"http.auth: the header {name} is set by judge itself"):
        parse_config({"judges": [house(table)]}, "c")


def test_two_endpoints_of_one_model_are_two_judges_and_the_same_one_is_not() -> None:
    first = house(id="a")
    other = house({"body": {"prompt": "{user}"}, "label": "text"}, id="b")
    assert len(parse_config({"judges": [first, other]}, "c").judges) == 2
    with pytest.raises(InputError, match="same model with the same settings"):
        parse_config({"judges": [first, house(id="b")]}, "c")


@pytest.mark.parametrize("environ", [{}, {"OPENAI_API_KEY": "k"}])
def test_what_the_template_comments_out_is_sound_once_it_is_uncommented(
    environ: dict[str, str],
) -> None:
    text = template(environ)
    parse_config(tomllib.loads(text), "c")
    head, _, tail = text.partition("# [[judges]]                           # an endpoint")
    block = ("# [[judges]] # an endpoint" + tail).partition("\n[run]")[0]
    uncommented = "\n".join(line.removeprefix("# ") for line in block.splitlines())
    (found,) = parse_config(tomllib.loads(uncommented), "c").judges
    assert found.endpoint["answer"] == "choices.0.text"
    able = head.replace("# capabilities", "capabilities").replace("# reading", "reading")
    if environ:
        assert parse_config(tomllib.loads(able), "c").judges[0].reading == "logprobs"
