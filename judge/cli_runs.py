"""The commands that have to do with earlier runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from judge.cli_options import (
    Concurrency,
    Json,
    MaxCost,
    Out,
    RunId,
    StoreAt,
    options_of,
    present,
    store_of,
)
from judge.errors import InputError

runs_app = typer.Typer()


@runs_app.command()
def runs(store: StoreAt = None) -> None:
    """Earlier runs, newest first."""
    from judge.workflow.runs import listed

    name, found = listed(store_of(store))
    if not found:
        print(f"no run in {name} yet")
    for run in found:
        planned = sum(run.planned.values())
        cost = "" if run.cost_usd is None else f"  ${run.cost_usd:.2f}"
        print(f"{run.run_id}  {run.command:8} {run.state:11} {planned:>7,} trials{cost}")


@runs_app.command()
def resume(
    run: RunId,
    max_cost: MaxCost = None,
    concurrency: Concurrency = None,
    store: StoreAt = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Go on with a run: only what has no answer yet is asked."""
    from judge.console import in_world
    from judge.workflow.runs import resumed

    options = options_of(None, locals())
    result = in_world(
        lambda world: resumed(run, options, world, max_cost_usd=max_cost, concurrency=concurrency)
    )
    present(result, json=json)


@runs_app.command()
def report(
    run: RunId,
    reread: Annotated[
        bool, typer.Option("--reread", help="Read stored answers with today's parser.")
    ] = False,
    store: StoreAt = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """The report of a run, made again from the store."""
    from judge.workflow.runs import reported

    present(reported(run, options_of(None, locals()), reread=reread), json=json)


@runs_app.command()
def show(run: RunId, item: Annotated[str, typer.Argument()], store: StoreAt = None) -> None:
    """One item: its texts, and what every judge said of it in every order."""
    from judge.console import show as put
    from judge.report.items import text
    from judge.workflow.runs import shown

    found = shown(run, item, store_of(store))
    put(text(found.item, found.judgments) + "\n")


@runs_app.command()
def export(
    run: RunId,
    format: Annotated[str, typer.Option("--format", help="verdicts.")] = "verdicts",
    out: Annotated[
        Path | None, typer.Option("--out", help="A .jsonl, .csv or .parquet file; default stdout.")
    ] = None,
    store: StoreAt = None,
) -> None:
    """A run's verdicts as a table that `judge analyze` reads."""
    from judge.console import show as put
    from judge.workflow.export import jsonl, verdict_rows, written

    if format != "verdicts":
        raise InputError(f"--format {format}: known is verdicts")
    rows = verdict_rows(run, store_of(store))
    if out is None:
        put(jsonl(rows))
    else:
        print(written(rows, out))
