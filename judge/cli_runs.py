"""The commands that have to do with earlier runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from judge.cli_options import (
    Concurrency,
    Delta,
    Epsilon,
    Json,
    Labels,
    LabelsFormat,
    MaxCost,
    Out,
    PaddedRun,
    Risk,
    RunId,
    StoreAt,
    assigned,
    options_of,
    present,
    store_of,
)

if TYPE_CHECKING:
    from judge.report.blocks import Block

runs_app = typer.Typer()


@runs_app.command()
def runs(
    store: StoreAt = None,
    certificates: Annotated[
        bool, typer.Option("--certificates", help="What labels and audits said of judges, instead.")
    ] = False,
) -> None:
    """Earlier runs, newest first."""
    if certificates:
        from judge.workflow.certifying import shown

        _put(shown(store_of(store)))
        return
    from judge.console import show as put
    from judge.report.runs import text
    from judge.workflow.runs import listed

    put(text(*listed(store_of(store))))


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
    labels: Labels = None,
    labels_format: LabelsFormat = None,
    epsilon: Epsilon = None,
    risk: Risk = None,
    delta: Delta = None,
    padded: PaddedRun = None,
    store: StoreAt = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """The report of a run, made again from the store; labels given here are kept."""
    from judge.workflow.options import only_given
    from judge.workflow.runs import reported

    flags = locals()
    options = only_given(options_of(None, flags), flags)
    present(reported(run, options, reread=reread), json=json)


@runs_app.command()
def show(run: RunId, item: Annotated[str, typer.Argument()], store: StoreAt = None) -> None:
    """One item: its texts and every verdict on it."""
    from judge.console import show as put
    from judge.report.items import text
    from judge.workflow.runs import shown

    found = shown(run, item, store_of(store))
    put(text(found.item, found.judgments) + "\n")


@runs_app.command()
def diff(
    runs: Annotated[list[str], typer.Argument(metavar="RUN RUN...", help="Two runs or more.")],
    common: Annotated[
        bool, typer.Option("--common", help="Leave out items that not every run has.")
    ] = False,
    map: Annotated[
        list[str] | None,
        typer.Option("--map", help="NEW=OLD: a later run's system is run 1's OLD. Repeatable."),
    ] = None,
    store: Annotated[
        list[str] | None,
        typer.Option("--store", help="Where the runs are; once for each of several."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The diff as JSON on stdout.")] = False,
) -> None:
    """What moved between runs on the same items. No call."""
    from judge.report import json_text
    from judge.report.diff_blocks import blocks
    from judge.workflow.diff import diffed

    names = assigned("--map NEW=OLD", map or ())
    found = diffed(runs, store or [store_of(None)], common_only=common, names=names)
    _put(json_text.text(found) if json else blocks(found))


def _put(shown: str | list[Block]) -> None:
    """Prints a text as it is, and blocks as wide as the terminal."""
    import shutil

    from judge.console import show as put
    from judge.report.terminal import text_of

    if isinstance(shown, str):
        put(shown)
        return
    is_terminal = sys.stdout.isatty()
    width = min(shutil.get_terminal_size().columns, 100) if is_terminal else 80
    put(text_of(shown, width=width, color=is_terminal))


@runs_app.command()
def spotcheck(
    run: RunId,
    n: Annotated[int, typer.Option("--n", help="How many judgments.")] = 20,
    seed: Annotated[int | None, typer.Option("--seed", help="Of the draw; the run's own.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Draw others, into a further file.")
    ] = False,
    marks: Annotated[
        Path | None, typer.Option("--marks", help="Read this file's marks; draw nothing.")
    ] = None,
    store: StoreAt = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="A .csv file; default in the run's folder.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="With --marks: the result as JSON.")] = False,
) -> None:
    """Draw explanations for a person to mark right or wrong."""
    from judge.console import say
    from judge.report import json_text
    from judge.report.sections.spotcheck import drawn_sentence, result
    from judge.workflow.spotcheck import checked, drawn

    options = options_of(None, {"store": store})
    if marks is not None:
        found = checked(run, options, marks)
        _put(json_text.text(found) if json else result(found))
        return
    draw = drawn(run, options, n=n, seed=seed, out=out, again=again)
    told = {"items": draw.items, "seed": draw.seed, "asked": draw.asked}
    say(drawn_sentence(draw.judges, **told, then=draw.then))
    print(draw.path)


@runs_app.command()
def export(
    run: RunId,
    format: Annotated[
        str, typer.Option("--format", help="verdicts, alpaca_eval, mt_bench or inspect.")
    ] = "verdicts",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="A .jsonl, .csv or .parquet file; alpaca_eval and inspect: .json. Default stdout.",
        ),
    ] = None,
    store: StoreAt = None,
) -> None:
    """A run's verdicts as a file, for `judge analyze` or others."""
    from judge.console import show as put
    from judge.workflow.export import text, verdict_rows, written

    rows = verdict_rows(run, store_of(store), format)
    if out is None:
        put(text(rows, format))
    else:
        print(written(rows, out, format))
