"""What became of earlier runs: resume, report again, show one item, export."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from judge import parse
from judge.errors import InputError
from judge.store import Store, open_existing
from judge.types import Call, Item, Judgment, Reading, Rubric, Run, Trial
from judge.workflow import audit_rubric, padded, reporting, run_labels, running
from judge.workflow.options import RUNS, Options
from judge.workflow.recipe import from_config
from judge.workflow.reporting import Result
from judge.workflow.running import World
from judge.workflow.spotcheck_marks import added

REREAD_BATCH = 256


def found(store: Store, run_id: str) -> Run:
    """The run of that id, of the only id that begins so, or the newest where it is `latest`."""
    if run_id == "latest":
        newest = store.latest()
        if newest is None:
            raise InputError(f"{store.name} holds no run yet")
        return newest
    known = [run for run in store.runs() if run.run_id.startswith(run_id)]
    exact = [run for run in known if run.run_id == run_id] or known
    if len(exact) != 1:
        problem = "no run" if not exact else f"{len(exact)} runs"
        raise InputError(f"{problem} named {run_id} in {store.name}; `judge runs` lists them")
    return exact[0]


async def resumed(
    run_id: str,
    options: Options,
    world: World,
    *,
    max_cost_usd: float | None = None,
    concurrency: int | None = None,
) -> Result:
    """The report of a run after asking what it still lacks, under its own limits or these."""
    with open_existing(options.store) as store:
        found_run = found(store, run_id)
        run = running.with_limits(found_run, max_cost_usd=max_cost_usd, concurrency=concurrency)
        judges = from_config(run.config).judges
        async with running.connections(judges, world) as providers:
            await running.carried_out(run, providers, store, world)
        folder = options.folder(run.run_id)
        # What was bought is reported, whatever has become of a file of marks.
        found_result = reporting.of_run(store, run.run_id)
        result = added(found_result, store, (folder, RUNS / run.run_id), strict=False)
    told = audit_rubric.edited_since(from_config(run.config))
    return reporting.write(_with_warnings(result, told), folder)


def _with_warnings(result: Result, told: Sequence[str]) -> Result:
    """The result whose report says these first."""
    warnings = [*told, *result.report.warnings]
    report = result.report.model_copy(update={"warnings": warnings})
    return dataclasses.replace(result, report=report)


def reported(run_id: str, options: Options, *, reread: bool = False) -> Result:
    """The report of a run, made again. reread: stored answers are read by the parser of today.

    Labels, bounds of agreement and an audit of filler that the options give go in the place of those kept
    with the run.
    """
    with open_existing(options.store) as store:
        run = found(store, run_id)
        run_labels.replaced(store, run, options)
        padded.replaced(store, run.run_id, options)
        if reread:
            _read_again(store, run)
        folder = options.folder(run.run_id)
        result = added(reporting.of_run(store, run.run_id), store, (folder, RUNS / run.run_id))
    return reporting.write(result, folder)


def _read_again(store: Store, run: Run) -> None:
    """Appends a verdict for every stored answer that another parser had read."""
    recipe = from_config(run.config)
    rubrics = {rubric.id: rubric for rubric in recipe.rubrics}
    readings = {judge.judge: judge.reading for judge in recipe.judges}
    judgments = store.judgments(run.run_id)
    while batch := list(islice(judgments, REREAD_BATCH)):
        reused = store.calls([j.reused for j in batch if j.reused is not None])
        again = [
            _reread(j, rubrics[j.trial.rubric], readings[j.trial.judge], reused) for j in batch
        ]
        changed = [j for j in again if j is not None]
        if changed:
            store.append(run.run_id, changed)


def _reread(
    judgment: Judgment, rubric: Rubric, reading: Reading, reused: Mapping[int, Call]
) -> Judgment | None:
    """The judgment as today's parser reads it, None where it did or there is no answer."""
    calls = judgment.calls if judgment.reused is None else (reused[judgment.reused],)
    answered = [call for call in calls if call.completion is not None]
    if not answered or judgment.verdict.parser_version == parse.PARSER_VERSION:
        return None
    verdict = parse.read_call(answered[-1], judgment.trial, rubric, reading)
    return dataclasses.replace(judgment, verdict=verdict)


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """One item of a run with everything that judges said of it."""

    item: Item
    judgments: tuple[Judgment, ...]


def shown(run_id: str, item_id: str, store_at: str) -> Shown:
    """One item of a run, judgments in the order of judge, order and repeat."""
    with open_existing(store_at) as store:
        run = found(store, run_id)
        item = store.item(run.run_id, item_id)
        judgments = sorted(store.judgments(run.run_id, item_id), key=_place)
    return Shown(item, tuple(judgments))


def _place(judgment: Judgment) -> tuple[str, str, str, str, int, str]:
    trial: Trial = judgment.trial
    return (
        trial.judge,
        trial.rubric,
        trial.system_a,
        trial.system_b or "",
        trial.repeat,
        trial.order,
    )


def listed(store_at: str) -> tuple[str, list[tuple[Run, int]]]:
    """A store's name, without a password, and its runs with their number of items, newest first.

    None where it is not there.
    """
    if "://" not in store_at and not Path(store_at).exists():
        return store_at, []
    with open_existing(store_at) as store:
        return store.name, [(run, store.count_items(run.run_id)) for run in store.runs()]
