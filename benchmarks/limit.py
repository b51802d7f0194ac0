"""How close a run comes to a server's hard limit: requests a trial, lost trials, time against ideal.

    python benchmarks/limit.py

A simulated server lets 50 requests a second through and says honestly when a place is free; 64 workers
bring 500 trials. Ideal is 500 / 50 seconds. Source of the setting: what other clients were measured at.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from judge.simulate import ServerSettings, running
from judge.types import JudgeModel
from judge.workflow import judging
from judge.workflow.compare import prepared
from judge.workflow.options import Options
from judge.workflow.running import World

LIMIT_PER_S, TRIALS, WORKERS = 50, 500, 64


def responses(folder: Path, system: str) -> Path:
    """A file of short answers."""
    path = folder / f"{system}.jsonl"
    lines = [
        f'{{"item_id": "i{n}", "prompt": "question {n}", "response": "{system} {n}"}}\n'
        for n in range(TRIALS // 2)
    ]
    path.write_text("".join(lines), encoding="utf-8")
    return path


async def measured(folder: Path) -> str:
    """One run, in words."""
    base, new = responses(folder, "base"), responses(folder, "new")
    async with running(ServerSettings(limit_per_s=LIMIT_PER_S)) as server:
        judge = JudgeModel("sim", "openai", "sim-fair", base_url=f"{server.url}/v1", simulated=True)
        options = Options(
            judges=(judge,),
            store=str(folder / "store.db"),
            out=folder / "out",
            concurrency=WORKERS,
        )
        what = prepared(base, new, options)
        begun = time.perf_counter()
        result = await judging.judged(what, options, World())
        taken = time.perf_counter() - begun
        requests = server.stats()["openai"]["requests"]
    ok = sum(row.ok for row in result.report.judges)
    ideal = TRIALS / LIMIT_PER_S
    return (
        f"{TRIALS - ok} lost, {requests / TRIALS:.2f} requests a trial, "
        f"{taken:.1f} s = {taken / ideal:.2f} x ideal"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(asyncio.run(measured(Path(folder))))


if __name__ == "__main__":
    main()
