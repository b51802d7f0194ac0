"""The command line: arguments and judge.toml -> workflow -> text and an exit code.

Imports of the work itself stand inside the commands, so that help and errors come at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from judge.cli_agree import agree_app
from judge.cli_audit import audit_app
from judge.cli_carry import carry_out
from judge.cli_files import files_app
from judge.cli_labels import labels_app
from judge.cli_options import (
    Anchors,
    Baseline,
    Beside,
    Cascade,
    Concurrency,
    ConfigFile,
    Delta,
    Design,
    DryRun,
    Epsilon,
    Escalate,
    FailIf,
    FormatName,
    Fresh,
    Json,
    Judges,
    Labels,
    LabelsFormat,
    LengthPenalty,
    Limit,
    Map,
    Margin,
    MaxCost,
    MaxMissing,
    Merge,
    Out,
    Padded,
    PaddedRun,
    Repeats,
    RepeatShare,
    Risk,
    Rubrics,
    Seed,
    Slices,
    StopEarly,
    StoreAt,
    Style,
    Swap,
    TieModel,
    config_of,
    options_of,
    present,
)
from judge.cli_rubrics import rubrics_app
from judge.cli_runs import runs_app
from judge.errors import JudgeError

app = typer.Typer(
    name="judge",
    help="Is one language model's output better than another's, and can the judge that says so be "
    "trusted?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
app.add_typer(rubrics_app, name="rubrics")
app.add_typer(runs_app)
app.add_typer(files_app)
app.add_typer(labels_app)
app.add_typer(agree_app)
app.add_typer(audit_app, name="audit")


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line, this process's own where None; errors of ours become a message and 2."""
    try:
        app(arguments, prog_name="judge")
    except JudgeError as error:
        from judge.console import say

        say(f"judge: {error}")
        sys.exit(2)


# -- judging -------------------------------------------------------------------------------------


@app.command()
def compare(
    base: Annotated[Path, typer.Argument(help="Responses of the baseline.")],
    new: Annotated[
        list[Path],
        typer.Argument(help="Responses that may be better; several are each held to BASE."),
    ],
    judge: Judges = None,
    rubric: Rubrics = None,
    config: ConfigFile = None,
    swap: Swap = None,
    repeats: Repeats = None,
    repeat_share: RepeatShare = None,
    seed: Seed = None,
    limit: Limit = None,
    concurrency: Concurrency = None,
    max_cost: MaxCost = None,
    max_missing: MaxMissing = None,
    fresh: Fresh = False,
    dry_run: DryRun = False,
    fail_if: FailIf = None,
    margin: Margin = None,
    merge: Merge = None,
    style: Style = None,
    padded: PaddedRun = None,
    stop_early: StopEarly = None,
    escalate: Escalate = None,
    labels: Labels = None,
    labels_format: LabelsFormat = None,
    epsilon: Epsilon = None,
    risk: Risk = None,
    delta: Delta = None,
    slice: Slices = None,
    anchors: Anchors = None,
    format: FormatName = None,
    beside: Beside = None,
    map: Map = None,
    store: StoreAt = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Is NEW, or each of several, better than BASE?"""
    from judge.workflow.compare import prepared

    options = options_of(config, locals())
    carry_out(prepared(base, new, options), options, dry_run=dry_run, json=json)


@app.command()
def score(
    responses: Annotated[list[Path], typer.Argument(help="Files of responses.")],
    judge: Judges = None,
    rubric: Rubrics = None,
    baseline: Baseline = None,
    config: ConfigFile = None,
    repeats: Repeats = None,
    repeat_share: RepeatShare = None,
    seed: Seed = None,
    limit: Limit = None,
    concurrency: Concurrency = None,
    max_cost: MaxCost = None,
    max_missing: MaxMissing = None,
    fresh: Fresh = False,
    dry_run: DryRun = False,
    length_penalty: LengthPenalty = None,
    padded: PaddedRun = None,
    stop_early: StopEarly = None,
    escalate: Escalate = None,
    labels: Labels = None,
    labels_format: LabelsFormat = None,
    epsilon: Epsilon = None,
    risk: Risk = None,
    delta: Delta = None,
    slice: Slices = None,
    anchors: Anchors = None,
    format: FormatName = None,
    beside: Beside = None,
    map: Map = None,
    store: StoreAt = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Single answers against a rubric, for each system."""
    from judge.workflow.score import prepared

    options = options_of(config, locals())
    carry_out(prepared(responses, options), options, dry_run=dry_run, json=json)


@app.command()
def rank(
    responses: Annotated[list[Path], typer.Argument(help="Files of three systems or more.")],
    judge: Judges = None,
    rubric: Rubrics = None,
    baseline: Baseline = None,
    design: Design = None,
    ties: TieModel = None,
    config: ConfigFile = None,
    swap: Swap = None,
    repeats: Repeats = None,
    repeat_share: RepeatShare = None,
    seed: Seed = None,
    limit: Limit = None,
    concurrency: Concurrency = None,
    max_cost: MaxCost = None,
    max_missing: MaxMissing = None,
    fresh: Fresh = False,
    dry_run: DryRun = False,
    margin: Margin = None,
    merge: Merge = None,
    style: Style = None,
    padded: PaddedRun = None,
    labels: Labels = None,
    labels_format: LabelsFormat = None,
    epsilon: Epsilon = None,
    risk: Risk = None,
    delta: Delta = None,
    slice: Slices = None,
    format: FormatName = None,
    beside: Beside = None,
    map: Map = None,
    store: StoreAt = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Many systems in one order, as far as they can be told apart."""
    from judge.workflow.rank import prepared

    options = options_of(config, locals())
    carry_out(prepared(responses, options), options, dry_run=dry_run, json=json)


@app.command()
def analyze(
    verdicts: Annotated[Path, typer.Argument(help="A verdict table: JSONL, JSON, CSV, Parquet.")],
    format: FormatName = None,
    beside: Beside = None,
    slice: Slices = None,
    baseline: Baseline = None,
    config: ConfigFile = None,
    max_missing: MaxMissing = None,
    fail_if: FailIf = None,
    margin: Margin = None,
    merge: Merge = None,
    labels: Labels = None,
    labels_format: LabelsFormat = None,
    epsilon: Epsilon = None,
    risk: Risk = None,
    delta: Delta = None,
    cascade: Cascade = None,
    padded: Padded = None,
    length_penalty: LengthPenalty = None,
    style: Style = None,
    ties: TieModel = None,
    map: Map = None,
    store: StoreAt = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """The same report from verdicts recorded elsewhere. No key, no call."""
    from judge.workflow.analyze import analyzed

    loaded = config_of(config)
    options = options_of(config, locals())
    result = analyzed(verdicts, options, families=loaded.families)
    present(result, json=json)


# -- first steps ---------------------------------------------------------------------------------


@app.command()
def demo(
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the report.")] = None,
    open: Annotated[bool, typer.Option("--open", help="Open the report in a browser.")] = False,
    json: Json = False,
) -> None:
    """The main job on examples, with simulated judges: no key."""
    from judge.console import in_world, say
    from judge.demo import FOLDER, shown

    say("80 example pairs, judged by three simulated judges over real HTTP on this machine")
    done = in_world(lambda world: shown(world, out=out or FOLDER))
    for wire in ("openai", "anthropic"):
        say(f"the server answered {done.served[wire]['answered']:,} trials over the {wire} API")
    if done.result.exit_code == 130:
        say("the demo's server is gone with it: run `judge demo` again")
    if open:
        typer.launch(str(done.result.files["report.html"].resolve()))
    present(done.result, json=json)


@app.command()
def init() -> None:
    """Write a commented judge.toml from what is found."""
    import os

    from judge.workflow.init import written

    print(f"{written(Path(), os.environ)} written; fill in the models, then run `judge check`")


@app.command()
def check(judge: Judges = None, config: ConfigFile = None) -> None:
    """One tiny call a judge: key, model, schema, price."""
    from judge.console import in_world
    from judge.workflow.check import checked, failed

    options = options_of(config, locals())
    results = in_world(lambda world: checked(options, world))
    for result in results:
        print(result.line)
    raise typer.Exit(2 if failed(results) else 0)


@app.command()
def simulate(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    host: Annotated[str, typer.Option(help="An address of this machine.")] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help="Of every draw.")] = 0,
    latency: Annotated[float, typer.Option(help="Mean seconds of an answer.")] = 0.0,
    limit: Annotated[float | None, typer.Option(help="Requests a second; 429 above.")] = None,
    rate_429: Annotated[float, typer.Option("--rate-429", help="Share of stray 429s.")] = 0.0,
    error_500: Annotated[float, typer.Option("--error-500", help="Share of 500s.")] = 0.0,
    drop: Annotated[float, typer.Option(help="Share of dropped connections.")] = 0.0,
    malformed: Annotated[float, typer.Option(help="Share of 200s that are no JSON.")] = 0.0,
    require_key: Annotated[str | None, typer.Option(help="401 without this key.")] = None,
    references: Annotated[
        list[Path] | None, typer.Option(help="Responses whose references the judges know.")
    ] = None,
    log: Annotated[Path | None, typer.Option(help="A JSON line for each answer.")] = None,
) -> None:
    """Simulated judges behind the OpenAI and Anthropic wire formats."""
    import asyncio

    from judge.records import read_responses
    from judge.simulate import ServerSettings, serve
    from judge.simulated import Faults, Knowledge
    from judge.simulated import references as known

    items = read_responses(references).items if references else ()
    settings = ServerSettings(
        seed=seed,
        faults=Faults(rate_429=rate_429, error_500=error_500, drop=drop, malformed=malformed),
        limit_per_s=limit,
        latency_s=latency,
        require_key=require_key,
        knowledge=Knowledge(references=known(items)),
        log=log,
    )

    def ready(port: int) -> None:
        url = f"http://{host}:{port}"
        print(f"simulated judges on {url}; for instance", flush=True)
        print(f"    --judge openai/sim-fair@{url}/v1 --judge anthropic/sim-long@{url}", flush=True)

    try:
        asyncio.run(serve(host, port, settings, ready=ready))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
