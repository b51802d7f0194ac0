"""The main job with no key: the examples, judged by simulated judges over real HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judge.records import data_folder, read_responses
from judge.simulate import ServerSettings, running
from judge.simulated import Knowledge, references
from judge.types import JudgeModel
from judge.workflow import judging
from judge.workflow.compare import prepared
from judge.workflow.options import Options
from judge.workflow.reporting import Result
from judge.workflow.running import World

SEED = 20261121
FOLDER = Path(".judge/demo")
LATENCY_S = 0.05

# One careful judge, one that favours what is shown first, one that favours length; two wires.
JUDGES = (
    ("openai", "sim-fair", "careful"),
    ("openai", "sim-first", "hasty"),
    ("anthropic", "sim-long", "wordy"),
)


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo's report, and what the server itself counted by wire format."""

    result: Result
    served: Mapping[str, Any]


async def shown(world: World, *, out: Path = FOLDER) -> Demo:
    """The examples compared by three simulated judges of a server on a loopback port."""
    folder = data_folder("examples") / "data"
    base, tuned = folder / "base.jsonl", folder / "tuned.jsonl"
    known = Knowledge(references=references(read_responses([base, tuned]).items))
    settings = ServerSettings(seed=SEED, knowledge=known, latency_s=LATENCY_S)
    async with running(settings) as server:
        options = Options(
            judges=tuple(_judge(server.url, *judge) for judge in JUDGES),
            seed=SEED,
            store=str(out / "store.db"),
            out=out,
        )
        result = await judging.judged(prepared(base, tuned, options), options, world)
        return Demo(result, server.stats())


def _judge(url: str, provider: str, model: str, family: str) -> JudgeModel:
    return JudgeModel(
        judge=model,
        provider=provider,
        model=model,
        base_url=f"{url}/v1" if provider == "openai" else url,
        families=frozenset({family}),
        usd_per_mtok_in=0.0,
        usd_per_mtok_out=0.0,
        simulated=True,
    )
