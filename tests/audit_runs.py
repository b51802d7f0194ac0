"""Small audits of simulated judges that know how good every answer is, perturbed or not."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from judge.analysis.audit_asked import CONSTANT, origin
from judge.perturbations import PERTURBATIONS
from judge.store import open_store
from judge.types import Item, JudgeModel, Judgment, Run, Status, digest_text
from judge.workflow import running
from judge.workflow.audit_judge import Battery, judged, prepared
from judge.workflow.judging import Prepared
from judge.workflow.options import Options
from judge.workflow.recipe import from_config
from judge.workflow.reporting import Result
from judge.workflow.running import World

N = 8
SMALL = Battery(only=("injection-instruction", "padding-x3", "constant"))


def quality(k: int, system: str) -> float:
    """Of every second item `new` is better, of the others `base`; the last is a draw."""
    return 0.5 if k == N - 1 else float((system == "new") == (k % 2 == 0))


def text(k: int, system: str) -> str:
    return f"What {system} says of harbour {k}. It is said in a few words."


def files(folder: Path, systems: Sequence[str] = ("base", "new")) -> list[Path]:
    paths = []
    for system in systems:
        path = folder / f"{system}.jsonl"
        rows = [
            {"item_id": f"i{k}", "prompt": f"Harbour {k}?", "response": text(k, system)}
            for k in range(N)
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        paths.append(path)
    return paths


def planted(items: Sequence[Item]) -> dict[str, float]:
    """Digest of each text -> its quality: what was done to an answer changes nothing of it.

    A text that is an answer as it came keeps its own quality wherever it is shown.
    """
    found = [
        (
            origin(response.system, PERTURBATIONS)[1] == "",
            digest_text(response.turns[-1]),
            item,
            response,
        )
        for item in items
        for response in item.responses
    ]
    return {
        key: _planted(item.item_id, response.system)
        for _, key, item, response in sorted(found, key=lambda one: one[0])
    }


def _planted(item_id: str, name: str) -> float:
    system, perturbation = origin(name, PERTURBATIONS)
    if name == CONSTANT or perturbation.startswith("null"):
        return 0.0
    return quality(int(item_id[1:]), system)


def simulated(name: str, rule: str, known: dict[str, float], **changes: Any) -> JudgeModel:
    return JudgeModel(
        name, "simulated", rule, parameters={"planted": known}, simulated=True, **changes
    )


def options(folder: Path, **changes: Any) -> Options:
    usual: dict[str, Any] = {
        "judges": (simulated("fair", "sim-fair:skill=40,tie=4", {}),),
        "store": str(folder / "store.db"),
        "out": folder / "out",
        "concurrency": 4,
    }
    return Options(**{**usual, **changes})


def knowing(what: Prepared, **rules: str) -> Prepared:
    """The same audit by judges with these rules who know every answer. rules: judge -> its model."""
    known = planted(what.items)
    judges = tuple(
        simulated(name, rule, known, usd_per_mtok_in=1.0, usd_per_mtok_out=1.0)
        for name, rule in rules.items()
    )
    return dataclasses.replace(what, recipe=dataclasses.replace(what.recipe, judges=judges))


FAIR = "sim-fair:skill=40,tie=4"


def audited(
    paths: Sequence[Path],
    own: Options,
    battery: Battery = SMALL,
    rules: Mapping[str, str] = MappingProxyType({"fair": FAIR}),
) -> Result:
    """An audit with its report."""
    what = knowing(prepared(paths, own, battery), **rules)
    return asyncio.run(judged(what, own, World()))


def carried_out(
    paths: Sequence[Path],
    own: Options,
    battery: Battery = SMALL,
    world: World | None = None,
    rules: Mapping[str, str] = MappingProxyType({"fair": FAIR}),
    **changes: Any,
) -> Run:
    """The run of an audit, without its report. changes: of the recipe."""
    what = knowing(prepared(paths, own, battery), **rules)
    recipe = dataclasses.replace(what.recipe, **changes)
    with open_store(own.store) as store:
        run = running.started(recipe, what.items, store, world or World())
        return _carried_on(run, own, world or World())


def resumed(run: Run, own: Options, **limits: Any) -> Run:
    """The run, carried on, without its report."""
    usual: dict[str, Any] = {"max_cost_usd": None, "concurrency": None}
    return _carried_on(running.with_limits(run, **{**usual, **limits}), own, World())


def _carried_on(run: Run, own: Options, world: World) -> Run:
    async def go() -> None:
        judges = from_config(run.config).judges
        async with running.connections(judges, world) as providers:
            await running.carried_out(run, providers, store, world)

    with open_store(own.store) as store:
        asyncio.run(go())
        return store.run(run.run_id)


def judgments(run: Run | Result, own: Options) -> list[Judgment]:
    with open_store(own.store) as store:
        return [*store.judgments(str(run.run_id))]


def asked(found: Sequence[Judgment], judge: str = "fair") -> list[Judgment]:
    return [j for j in found if j.trial.judge == judge and j.verdict.status is not Status.NOT_ASKED]


def perturbation(judgment: Judgment) -> tuple[str, str]:
    """The system whose answer was perturbed in what was asked, and how; ("", "") of the base."""
    names = (judgment.trial.system_a, judgment.trial.system_b or "")
    return next((found for name in names if (found := origin(name, PERTURBATIONS))[1]), ("", ""))
