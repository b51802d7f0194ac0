"""The whole path on real wires: both SDKs over HTTP to simulated judges on loopback."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from judge.demo import shown
from judge.engine.retry import Patience
from judge.simulate import ServerSettings, SimulatedJudges, running
from judge.simulated import Faults, Knowledge
from judge.store import open_store
from judge.types import JudgeModel, digest_text
from judge.workflow import judging
from judge.workflow.compare import prepared
from judge.workflow.options import Options
from judge.workflow.reporting import Result
from judge.workflow.running import World

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples" / "data"
BASE, TUNED = EXAMPLES / "base.jsonl", EXAMPLES / "tuned.jsonl"
LLMBAR = ROOT.parent / "shared" / "data" / "llmbar" / "items.jsonl"

needs_llmbar = pytest.mark.skipif(
    not LLMBAR.exists(), reason=f"LLMBar is not part of the repository and not at {LLMBAR}"
)


def judge(url: str, provider: str = "openai", model: str = "sim-fair") -> JudgeModel:
    address = f"{url}/v1" if provider == "openai" else url
    return JudgeModel(
        f"{provider}-{model}",
        provider,
        model,
        base_url=address,
        families=frozenset({f"{provider}-{model}"}),
        simulated=True,
    )


def options(folder: Path, *judges: JudgeModel, **changes: Any) -> Options:
    made = Options(judges=judges, store=str(folder / "store.db"), out=folder / "out")
    return dataclasses.replace(made, **changes)


async def compared(
    asked: Options, world: World | None = None, *, base: Path = BASE, new: Path = TUNED
) -> Result:
    world = world or World(environ={"ANTHROPIC_API_KEY": "unused"})
    return await judging.judged(prepared(base, new, asked), asked, world)


def statuses(result: Result) -> Counter[str]:
    return Counter(result.table.frame["status"].astype(str))


async def answered(server: SimulatedJudges, answers: int) -> None:
    """Returns once the server has given so many answers."""
    for _ in range(6000):
        if server.stats()["answers"] >= answers:
            return
        await asyncio.sleep(0.005)
    raise TimeoutError


def test_the_demo_judges_over_both_wires_and_the_server_counts_the_trials(tmp_path: Path) -> None:
    done = asyncio.run(shown(World(environ={}), out=tmp_path))
    by_wire = {
        wire: sum(row.ok for row in done.result.report.judges if row.judge in judges)
        for wire, judges in {"openai": {"sim-fair", "sim-first"}, "anthropic": {"sim-long"}}.items()
    }
    assert by_wire == {"openai": 320, "anthropic": 160}
    assert {wire: done.served[wire]["answered"] for wire in by_wire} == by_wire
    assert done.served["keys_answered_again"] == 0
    assert (tmp_path / "report.json").exists()
    assert (tmp_path / "report.html").exists()


def test_a_server_that_dies_leaves_failed_trials_and_a_rerun_asks_only_those(
    tmp_path: Path,
) -> None:
    async def main() -> tuple[Result, Result, int, int]:
        settings = ServerSettings(latency_s=0.02, latency="fixed")
        patience = Patience(attempts=2)
        async with running(settings) as server:
            url, port = server.url, int(server.url.rpartition(":")[2])
            both = options(tmp_path, judge(url), judge(url, "anthropic", "sim-long"), concurrency=8)
            world = World(environ={"ANTHROPIC_API_KEY": "unused"}, patience=patience)
            judging_goes_on = asyncio.create_task(compared(both, world))
            await answered(server, 150)
            await server.stop()
            before, first = server.stats()["answers"], await judging_goes_on
        async with running(settings, port=port) as server:
            second = await compared(both)
            return first, second, before, server.stats()["answers"]

    first, second, before, after = asyncio.run(main())
    ok, failed = statuses(first)["ok"], statuses(first)["failed"]
    assert (first.exit_code, ok + failed) == (3, 320)
    # A call in flight when the server died was counted there and never came through.
    assert ok <= before <= ok + 16
    assert second.exit_code == 0
    assert statuses(second) == {"ok": 320}
    assert after == failed


def test_a_refused_key_stops_one_judge_and_the_report_says_why(tmp_path: Path) -> None:
    async def main() -> Result:
        async with running(ServerSettings(require_key="right")) as server:
            good, bad = judge(server.url), judge(server.url, "anthropic")
            good = dataclasses.replace(good, api_key_env="GOOD_KEY")
            bad = dataclasses.replace(bad, api_key_env="BAD_KEY")
            world = World(environ={"GOOD_KEY": "right", "BAD_KEY": "wr0ng-secret"})
            return await compared(options(tmp_path, good, bad, concurrency=4), world)

    result = asyncio.run(main())
    rows = {row.judge: row for row in result.report.judges}
    assert rows["openai-sim-fair"].ok == 160
    assert rows["anthropic-sim-fair"].failed <= 4
    assert rows["anthropic-sim-fair"].not_asked >= 156
    assert result.exit_code == 3
    (said,) = [w for w in result.report.warnings if "was stopped" in w]
    assert "BAD_KEY" in said
    assert "wr0ng-secret" not in result.json() + result.html() + result.text()


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
@pytest.mark.parametrize(
    ("model", "sent"),
    [
        ("sim-fair", "json_schema"),
        ("sim-fair:schema=no", "tool"),
        ("sim-fair:schema=no,tools=no", "none"),
    ],
)
def test_a_model_without_schemas_falls_back_and_what_was_sent_is_recorded(
    tmp_path: Path, provider: str, model: str, sent: str
) -> None:
    async def main() -> Result:
        async with running() as server:
            return await compared(options(tmp_path, judge(server.url, provider, model), limit=10))

    result = asyncio.run(main())
    assert statuses(result) == {"ok": 20}
    with open_store(str(tmp_path / "store.db")) as store:
        calls = [c for j in store.judgments(str(result.run_id)) for c in j.calls]
    assert {c.completion.structured for c in calls if c.completion} == {sent}


# -- kill -9 -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Served:
    """A server in a process of its own, with its log of answers."""

    url: str
    log: Path

    def answers(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[Served]:
    log = folder / "answers.jsonl"
    command = [sys.executable, "-m", "judge", "simulate", "--log", str(log), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        assert process.stdout
        url = process.stdout.readline().split()[3].rstrip(";")
        try:
            yield Served(url, log)
        finally:
            process.terminate()


def command(folder: Path, url: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "judge", *arguments, "--store", str(folder / "store.db")]


def comparable(path: Path) -> dict[str, Any]:
    """A report without run id, times, cost and attempts."""
    told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    for name in ("run_id", "started_at", "ended_at", "calls", "attempts", "cost_usd"):
        told["run"].pop(name)
    told["run"].pop("tokens_in"), told["run"].pop("tokens_out")
    return told


def compare_command(folder: Path, url: str) -> list[str]:
    return command(
        folder,
        url,
        *("compare", str(BASE), str(TUNED), "--out", str(folder / "out"), "--concurrency", "8"),
        *("--judge", f"openai/sim-fair@{url}/v1", "--judge", f"anthropic/sim-long@{url}"),
    )


def killed(arguments: list[str], server: Served, folder: Path, at: int) -> int:
    """How many calls were in flight when a command was killed, once so many answers were logged."""
    log = (folder / "stderr").open("a")
    environ = {**os.environ, "ANTHROPIC_API_KEY": "unused"}
    with subprocess.Popen(
        arguments, stdout=subprocess.DEVNULL, stderr=log, cwd=folder, env=environ
    ) as process:
        deadline = time.monotonic() + 60
        while len(server.answers()) < at and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    log.close()
    return int(server.answers()[-1]["in_flight"])


@pytest.mark.parametrize("kills", [pytest.param(2), pytest.param(10, marks=pytest.mark.slow)])
def test_kill_9_loses_at_most_the_calls_in_flight(tmp_path: Path, kills: int) -> None:
    """Killed again and again between 10 and 90 % done, then resumed: the report of a whole run."""
    chance, trials = random.Random(kills), 320
    points = sorted(chance.sample(range(trials // 10, 9 * trials // 10), kills))
    with served(tmp_path, "--latency", "0.05", "--seed", "7") as server:
        lost = 0
        arguments = compare_command(tmp_path, server.url)
        for point in points:
            before = len(server.answers())
            in_flight = killed(arguments, server, tmp_path, max(point + lost, before + 1))
            arguments = [*command(tmp_path, server.url, "resume", "latest")]
            arguments += ["--out", str(tmp_path / "out")]
            lost = len(server.answers()) - len({a["key"] for a in server.answers()})
            assert in_flight >= 1
        subprocess.run(arguments, check=True, capture_output=True, cwd=tmp_path)
        keys = [answer["key"] for answer in server.answers()]
        assert len(set(keys)) == trials
        assert len(keys) - trials <= kills * 16

        whole = tmp_path / "whole"
        whole.mkdir()
        subprocess.run(
            compare_command(whole, server.url), check=True, capture_output=True, cwd=whole
        )
    assert comparable(tmp_path / "out" / "report.json") == comparable(whole / "out" / "report.json")


# -- LLMBar under faults -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def llmbar(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Knowledge]:
    """LLMBar's items as two files of responses, and the gold label as planted quality."""
    folder = tmp_path_factory.mktemp("llmbar")
    rows = [json.loads(line) for line in LLMBAR.read_text("utf-8").splitlines()]
    planted = {}
    for row in rows:
        for n in (1, 2):
            planted[digest_text(row[f"output_{n}"])] = 0.6 if row["label"] == n else 0.4
    for n in (1, 2):
        with (folder / f"output_{n}.jsonl").open("w", encoding="utf-8") as file:
            for row in rows:
                told = {
                    "item_id": f"{row['subset']}/{row['idx']}",
                    "prompt": row["input"],
                    "response": row[f"output_{n}"],
                }
                file.write(json.dumps(told) + "\n")
    return folder / "output_2.jsonl", folder / "output_1.jsonl", Knowledge(planted=planted)


FAULTS = Faults(rate_429=0.05, error_500=0.03, drop=0.02, malformed=0.02)


async def judged_llmbar(
    llmbar: tuple[Path, Path, Knowledge], folder: Path, seed: int, faults: Faults
) -> tuple[Result, dict[str, Any]]:
    base, new, knowledge = llmbar
    settings = ServerSettings(seed=seed, faults=faults, knowledge=knowledge)
    world = World(environ={"ANTHROPIC_API_KEY": "unused"}, sleep=_hardly)
    async with running(settings) as server:
        three = (
            judge(server.url),
            judge(server.url, "openai", "sim-first"),
            judge(server.url, "anthropic", "sim-fair"),
        )
        result = await compared(options(folder, *three), world, base=base, new=new)
        return result, server.stats()


async def _hardly(seconds: float) -> None:
    """Waits are shortened a hundredfold; nothing here depends on their length."""
    await asyncio.sleep(seconds / 100)


@needs_llmbar
def test_faults_leave_every_trial_with_one_verdict_and_ask_none_twice(
    llmbar: tuple[Path, Path, Knowledge], tmp_path: Path
) -> None:
    result, stats = asyncio.run(judged_llmbar(llmbar, tmp_path, 0, FAULTS))
    assert statuses(result) == {"ok": 419 * 2 * 3}
    assert stats["answers"] == stats["keys_answered"] == 419 * 2 * 3
    planted = stats["openai"]["faults"]
    assert all(planted[name] > 0 for name in ("rate_429", "error_500", "drop", "malformed"))
    with open_store(str(tmp_path / "store.db")) as store:
        assert store.verify() == []
        current = [j.trial.trial_id for j in store.judgments(str(result.run_id))]
    assert len(set(current)) == len(current) == 419 * 2 * 3


@needs_llmbar
@pytest.mark.parametrize("seeds", [pytest.param(2), pytest.param(20, marks=pytest.mark.slow)])
def test_a_planted_position_bias_is_found_and_clean_judges_are_not_accused(
    llmbar: tuple[Path, Path, Knowledge], tmp_path: Path, seeds: int
) -> None:
    found: Counter[str] = Counter()
    for seed in range(seeds):
        result, _ = asyncio.run(judged_llmbar(llmbar, tmp_path / str(seed), seed, FAULTS))
        for row in result.report.judges:
            found[row.judge] += (row.position.p_value or 0.0) < 0.05
    assert found["openai-sim-first"] >= seeds - 1
    assert found["openai-sim-fair"] <= 3
    assert found["anthropic-sim-fair"] <= 3


@needs_llmbar
def test_a_hard_limit_loses_nothing_and_wastes_little(
    llmbar: tuple[Path, Path, Knowledge], tmp_path: Path
) -> None:
    """50 requests/s with honest hints, 64 workers, 500 trials: at most 1.35 requests a trial."""
    base, new, knowledge = llmbar

    async def main() -> tuple[Result, dict[str, Any]]:
        settings = ServerSettings(knowledge=knowledge, limit_per_s=50)
        async with running(settings) as server:
            asked = options(tmp_path, judge(server.url), limit=250)
            return await compared(asked, base=base, new=new), server.stats()

    result, stats = asyncio.run(main())
    assert statuses(result) == {"ok": 500}
    assert stats["openai"]["requests"] <= 1.35 * 500
