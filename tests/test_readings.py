"""Readings and structures over real HTTP: probabilities, free text, and answers asked for once more."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import math
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import h11
import pytest

from judge import parse
from judge.console import PlainLines
from judge.errors import InputError
from judge.report import items
from judge.simulate import ServerSettings, SimulatedJudges, running
from judge.simulated import Knowledge
from judge.simulated_http import json_reply, received, sent
from judge.store import open_store
from judge.types import Capabilities, JudgeModel, Judgment, Status, Trial, Verdict, digest_text
from judge.workflow import compare, judging, runs, score
from judge.workflow.options import Options
from judge.workflow.recipe import from_config, to_config
from judge.workflow.reporting import Result
from judge.workflow.running import World

T = TypeVar("T")
KEYS = {"ANTHROPIC_API_KEY": "unused"}
LOGPROBS = Capabilities(logprobs=True)

# The log-odds that the better one is better, by a skill of 8.
N, BETTER, WORSE = 12, 0.6, 0.5
P = 1 / (1 + math.exp(-8 * (BETTER - WORSE)))  # 0.690


def text(system: str, n: int) -> str:
    return f"the answer {n} of {system}"


def files(folder: Path) -> tuple[Path, Path]:
    paths = folder / "base.jsonl", folder / "tuned.jsonl"
    for path in paths:
        rows = [{"prompt": f"question {n}", "response": text(path.stem, n)} for n in range(N)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return paths


PLANTED = Knowledge(
    planted={
        digest_text(text(system, n)): quality
        for system, quality in (("base", WORSE), ("tuned", BETTER))
        for n in range(N)
    }
)


def served(work: Callable[[SimulatedJudges], Awaitable[T]]) -> T:
    async def main() -> T:
        async with running(ServerSettings(knowledge=PLANTED)) as server:
            return await work(server)

    return asyncio.run(main())


def judge(url: str, model: str = "sim-fair", **changes: Any) -> JudgeModel:
    fields = {"base_url": f"{url}/v1", "simulated": True, **changes}
    return JudgeModel(**{"judge": "j", "provider": "openai", "model": model, **fields})


def options(folder: Path, *judges: JudgeModel, **changes: Any) -> Options:
    made = Options(judges=judges, store=str(folder / "store.db"), out=folder / "out")
    return dataclasses.replace(made, **changes)


async def compared(folder: Path, *judges: JudgeModel, **changes: Any) -> Result:
    asked = options(folder, *judges, **changes)
    base, tuned = files(folder)
    return await judging.judged(compare.prepared(base, tuned, asked), asked, World(environ=KEYS))


def judgments(folder: Path, result: Result) -> list[Judgment]:
    with open_store(str(folder / "store.db")) as store:
        return [*store.judgments(str(result.run_id))]


def test_the_probability_that_was_planted_is_read_in_every_order(tmp_path: Path) -> None:
    result = served(
        lambda server: compared(
            tmp_path,
            judge(server.url, "sim-first", capabilities=LOGPROBS, reading="logprobs"),
        )
    )
    found = judgments(tmp_path, result)
    assert Counter(j.verdict.method for j in found) == {"logprob": 2 * N}
    # By a position of .15 the first shown wins with .7 p + .3, whoever it is.
    expected = {"AB": 0.7 * P + 0.3, "BA": 1 - (0.7 * (1 - P) + 0.3)}
    for j in found:
        assert j.verdict.p_a == pytest.approx(expected[j.trial.order])
        assert j.calls[0].completion is not None
        assert j.calls[0].completion.sent["top_logprobs"] == 20
    # Their mean, .7 p + .15 = .633; labels alone would scatter around it.
    (row,) = result.report.comparisons or []
    assert row.raw.value == pytest.approx(0.7 * P + 0.15)
    assert not [text for text in result.report.warnings if "probab" in text or "label" in text]


def test_a_score_read_by_probabilities_is_the_rules_own_mean(tmp_path: Path) -> None:
    async def scored(server: SimulatedJudges) -> Result:
        asked = options(
            tmp_path, judge(server.url, capabilities=LOGPROBS, reading="logprobs", parameters={})
        )
        world = World(environ=KEYS)
        return await judging.judged(score.prepared([files(tmp_path)[1]], asked), asked, world)

    result = served(scored)
    # The place .6 with a logistic error of scale 1/8, cut to labels at borders .125, .375, ... :
    # P(label <= n) = 1 / (1 + exp(-8 (border - .6))), and the mean is 5 less the sum of these.
    borders = (0.125, 0.375, 0.625, 0.875)
    mean = 5 - sum(1 / (1 + math.exp(-8 * (border - 0.6))) for border in borders)
    for j in judgments(tmp_path, result):
        assert (j.verdict.label, j.verdict.method) == (None, "logprob")
        assert j.verdict.score == pytest.approx(mean)
        assert j.verdict.criteria
    overall = next(row for row in result.report.scores or [] if not row.criterion)
    assert overall.raw.value == pytest.approx(mean)


def test_a_judge_without_logprobs_falls_back_and_the_report_says_so(tmp_path: Path) -> None:
    """In tool mode the API gives no logprobs for the arguments that hold the answer."""
    tools = Capabilities(structured="tool", logprobs=True)
    result = served(
        lambda server: compared(
            tmp_path,
            judge(server.url, capabilities=tools, reading="logprobs"),
            judge(server.url, judge="k", capabilities=LOGPROBS, reading="logprobs"),
        )
    )
    found = judgments(tmp_path, result)
    assert {j.verdict.method for j in found if j.trial.judge == "j"} == {"structured, no logprobs"}
    assert any(
        text
        == "judge j: 24 of 24 verdicts are its label alone (24 no logprobs), none is a probability"
        for text in result.report.warnings
    )
    assert any(
        "verdicts of k are probabilities, those of j labels" in t for t in result.report.warnings
    )


def test_stored_answers_are_read_again_by_their_judges_reading(tmp_path: Path) -> None:
    async def both(server: SimulatedJudges) -> Result:
        weighed = judge(server.url, judge="k", capabilities=LOGPROBS, reading="logprobs")
        return await compared(tmp_path, judge(server.url), weighed)

    result = served(both)
    before = judgments(tmp_path, result)
    with open_store(str(tmp_path / "store.db")) as store:
        old = [
            dataclasses.replace(
                j, verdict=dataclasses.replace(j.verdict, parser_version=1, p_a=None, method="old")
            )
            for j in before
        ]
        store.append(str(result.run_id), old)
    runs.reported(str(result.run_id), options(tmp_path), reread=True)
    after = judgments(tmp_path, result)
    assert [j.verdict for j in after] == [j.verdict for j in before]
    assert {j.verdict.method for j in after} == {"structured", "logprob"}
    assert {j.verdict.parser_version for j in after} == {parse.PARSER_VERSION}


def test_the_reading_is_part_of_what_was_asked_and_of_the_stored_recipe(tmp_path: Path) -> None:
    async def both(server: SimulatedJudges) -> tuple[Result, Result, int]:
        one = await compared(tmp_path, judge(server.url, capabilities=LOGPROBS))
        weighed = judge(server.url, capabilities=LOGPROBS, reading="logprobs")
        return one, await compared(tmp_path, weighed), server.stats()["answers"]

    one, other, answers = served(both)
    assert answers == 4 * N
    with open_store(str(tmp_path / "store.db")) as store:
        stored = [from_config(store.run(str(r.run_id)).config) for r in (one, other)]
    assert [recipe.judges[0].reading for recipe in stored] == ["label", "logprobs"]


def test_a_judge_with_an_endpoint_comes_back_from_a_stored_recipe_as_it_was(tmp_path: Path) -> None:
    endpoint = {"body": {"p": ["{user}", 1.5, {"deep": True}]}, "answer": "a.0.b"}
    mine = JudgeModel("h", "http", "m", base_url="http://127.0.0.1:1/x", endpoint=endpoint)
    base, tuned = files(tmp_path)
    recipe = compare.prepared(base, tuned, options(tmp_path, mine)).recipe
    assert from_config(json.loads(json.dumps(to_config(recipe)))) == recipe
    old = to_config(recipe)
    for name in ("endpoint", "reading"):
        del old["judges"][0][name]
    assert from_config(old).judges[0] == dataclasses.replace(mine, endpoint={})


def test_a_plan_that_a_reading_cannot_have_is_refused_before_anything_is_asked(
    tmp_path: Path,
) -> None:
    rubrics = tmp_path / "kind.toml"
    rubrics.write_text(
        'name = "kind"\nversion = 1\nmode = "single"\n'
        'system = "S"\nuser = """{{ boundary }}\n{{ response }}\n{{ answer_format }}"""\n'
        '[scale]\nlevel = "nominal"\nlabels = ["short", "long"]\n'
        '[[criteria]]\nname = "kind"\nquestion = "Which kind?"\n',
        "utf-8",
    )
    weighed = judge("http://127.0.0.1:1", capabilities=LOGPROBS, reading="logprobs")
    asked = options(tmp_path, weighed, rubrics=(str(rubrics),))
    with pytest.raises(InputError, match="no numbers to average"):
        score.prepared([files(tmp_path)[1]], asked)


# -- without a schema ----------------------------------------------------------------------------

FREE = Capabilities(structured="none")
CHAT = {
    "body": {
        "model": "{model}",
        "messages": [
            {"role": "system", "content": "{system}"},
            {"role": "user", "content": "{user}"},
        ],
    },
    "answer": "choices.0.message.content",
    "model": "model",
    "finish_reason": "choices.0.finish_reason",
    "tokens_in": "usage.prompt_tokens",
    "tokens_out": "usage.completion_tokens",
}


def free(url: str, provider: str, rule: str) -> JudgeModel:
    """A judge that nothing holds to a schema."""
    if provider == "openai":
        return judge(url, rule, capabilities=FREE)
    if provider == "anthropic":
        return judge(url, rule, provider=provider, base_url=url, capabilities=FREE)
    address = f"{url}/v1/chat/completions"
    return judge(url, rule, provider=provider, base_url=address, capabilities=FREE, endpoint=CHAT)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "http"])
def test_a_verdict_is_read_in_free_text_with_one_object(provider: str, tmp_path: Path) -> None:
    rule = "sim-fair:chatty=1,schema=no,tools=no"
    result = served(lambda server: compared(tmp_path, free(server.url, provider, rule)))
    found = judgments(tmp_path, result)
    assert {(j.verdict.status, j.verdict.method) for j in found} == {(Status.OK, "text")}
    for j in found:
        assert len(j.calls) == 1
        assert j.calls[0].completion is not None
        assert j.calls[0].completion.text.startswith("I have read all of it")
        assert j.calls[0].completion.tokens_out > 0


@pytest.mark.parametrize("provider", ["openai", "anthropic", "http"])
def test_free_text_that_cannot_be_read_is_asked_for_once_more(
    provider: str, tmp_path: Path
) -> None:
    rule = "sim-fair:unreadable=0.5,schema=no,tools=no"

    async def counted(server: SimulatedJudges) -> tuple[Result, int]:
        judged = free(server.url, provider, rule)
        return await compared(tmp_path, judged, max_missing=1.0), server.stats()["answers"]

    result, answers = served(counted)
    found = judgments(tmp_path, result)
    again = [j for j in found if j.calls[0].reask]
    assert 0 < len(again) < 2 * N
    assert answers == 2 * N + len(again)
    assert {j.verdict.status for j in found if not j.calls[0].reask} == {Status.OK}
    rescued = [j.verdict.method for j in again if j.verdict.status is Status.OK]
    assert set(rescued) == {"text, re-asked"}
    assert {j.verdict.status for j in again} <= {Status.OK, Status.UNPARSED}


# -- a reward model --------------------------------------------------------------------------------


async def reward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A reward model that gives the answer of `tuned` 0.8, and thinks a first answer 0.1 better."""
    connection = h11.Connection(h11.SERVER)
    request = await received(connection, reader)
    if request is not None:
        p = 0.9 if "tuned" in json.loads(request.body)["first"] else 0.3
        is_known = request.headers.get("x-house-key") == "sk-house"
        reply = json_reply(200 if is_known else 401, {"out": [{"p": p}]}, ("connection", "close"))
        writer.write(sent(connection, reply))
        await writer.drain()
    writer.close()
    await writer.wait_closed()


def test_a_reward_model_of_ones_own_judges_pairs_over_the_wire(tmp_path: Path) -> None:
    endpoint = {
        "auth": "X-House-Key",
        "body": {"q": "{question}", "first": "{response_a}", "second": "{response_b}"},
        "p_first": "out.0.p",
    }

    async def main() -> Result:
        server = await asyncio.start_server(reward, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/reward"
        mine = JudgeModel("mine", "http", "m", base_url=url, api_key_env="HOUSE", endpoint=endpoint)
        base, tuned = files(tmp_path)
        asked = options(tmp_path, mine)
        world = World(environ={"HOUSE": "sk-house"})
        async with server:
            return await judging.judged(compare.prepared(base, tuned, asked), asked, world)

    result = asyncio.run(main())
    (row,) = result.report.comparisons or []
    # First it gets .9, second 1 - .3 = .7: the mean of both orders is .8.
    assert row.raw.value == pytest.approx(0.8)
    found = judgments(tmp_path, result)
    assert {j.verdict.method for j in found} == {"p_first"}
    assert "sk-house" not in (tmp_path / "out" / "report.json").read_text("utf-8")
    assert b"sk-house" not in (tmp_path / "store.db").read_bytes()


# -- shown to people -----------------------------------------------------------------------------


def test_an_item_is_shown_with_the_probabilities_and_their_sum(tmp_path: Path) -> None:
    result = served(
        lambda server: compared(
            tmp_path, judge(server.url, capabilities=LOGPROBS, reading="logprobs")
        )
    )
    one = judgments(tmp_path, result)[0]
    shown = runs.shown(str(result.run_id), one.trial.item_id, str(tmp_path / "store.db"))
    said = items.text(shown.item, shown.judgments)
    assert f"tuned (P(tuned better) + P(tie) / 2 = {P:.3f}" in said
    assert f"1.000 on the scale: tuned {P:.3f}" in said
    assert "by logprob)" in said


def test_a_score_without_a_label_is_no_fault_of_its_judge(
    capsys: pytest.CaptureFixture[str],
) -> None:
    trial = Trial("i", "j", "r@1", "", "s", None, "AB", 1)
    watcher = PlainLines()
    watcher.begin({"j": 2}, 0)
    watcher.advance(Judgment(trial, Verdict(Status.OK, score=4.2, method="logprob")))
    watcher.advance(Judgment(trial, Verdict(Status.REFUSED)))
    said = capsys.readouterr().err.splitlines()
    assert said == ["1 of 2 trials", "2 of 2 trials, 1 without a verdict"]
