"""The command line: arguments and judge.toml -> workflow -> text and an exit code.

Imports of the work itself stand inside the commands, so that help and errors come at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from judge.cli_rubrics import rubrics_app
from judge.errors import InputError, JudgeError

if TYPE_CHECKING:
    from judge.workflow.config import Config
    from judge.workflow.judging import Prepared
    from judge.workflow.options import Options
    from judge.workflow.reporting import Result

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

Judges = Annotated[
    list[str] | None,
    typer.Option("--judge", help="provider/model[@base_url], or an id of judge.toml. Repeatable."),
]
Rubrics = Annotated[
    list[str] | None, typer.Option("--rubric", help="NAME[@N] or a file. Repeatable.")
]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="Default: ./judge.toml.")]
Swap = Annotated[str | None, typer.Option("--swap", help="both, random or sample:P.")]
Repeats = Annotated[int | None, typer.Option("--repeats", help="Ask each trial so often.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Of every random choice.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="A random sample of items.")]
Concurrency = Annotated[
    int | None, typer.Option("--concurrency", help="Calls in flight a judge (64).")
]
MaxCost = Annotated[float | None, typer.Option("--max-cost", help="US dollars, never passed.")]
MaxMissing = Annotated[
    float | None, typer.Option("--max-missing", help="Share of trials a judge may lack (0.05).")
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Ask again what was answered before.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it would take; no call.")]
FailIf = Annotated[
    list[str] | None, typer.Option("--fail-if", help="Exit 1 on: worse, not-better. Repeatable.")
]
Map = Annotated[
    list[str] | None, typer.Option("--map", help="FIELD=COLUMN of the files. Repeatable.")
]
StoreAt = Annotated[
    str | None, typer.Option("--store", help="A path, sqlite:/// or postgresql:// URL.")
]
Out = Annotated[Path | None, typer.Option("--out", help="Folder of the report.")]
Json = Annotated[bool, typer.Option("--json", help="The report as JSON on stdout.")]
Baseline = Annotated[str | None, typer.Option("--baseline", help="The system to hold against.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, its beginning, or latest.")]


def main() -> None:
    """Runs the command line; errors of ours become one message and exit code 2."""
    try:
        app()
    except JudgeError as error:
        sys.stderr.write(f"judge: {error}\n")
        sys.exit(2)


# -- judging -------------------------------------------------------------------------------------


@app.command()
def compare(
    base: Annotated[Path, typer.Argument(help="Responses of the baseline.")],
    new: Annotated[Path, typer.Argument(help="Responses that may be better.")],
    judge: Judges = None,
    rubric: Rubrics = None,
    config: ConfigFile = None,
    swap: Swap = None,
    repeats: Repeats = None,
    seed: Seed = None,
    limit: Limit = None,
    concurrency: Concurrency = None,
    max_cost: MaxCost = None,
    max_missing: MaxMissing = None,
    fresh: Fresh = False,
    dry_run: DryRun = False,
    fail_if: FailIf = None,
    map: Map = None,
    store: StoreAt = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Is NEW better than BASE? Pairwise, both orders, every judge."""
    from judge.workflow.compare import prepared

    options = _options(config, locals())
    _carry_out(prepared(base, new, options), options, dry_run=dry_run, json=json)


@app.command()
def score(
    responses: Annotated[list[Path], typer.Argument(help="Files of responses.")],
    judge: Judges = None,
    rubric: Rubrics = None,
    baseline: Baseline = None,
    config: ConfigFile = None,
    repeats: Repeats = None,
    seed: Seed = None,
    limit: Limit = None,
    concurrency: Concurrency = None,
    max_cost: MaxCost = None,
    max_missing: MaxMissing = None,
    fresh: Fresh = False,
    dry_run: DryRun = False,
    map: Map = None,
    store: StoreAt = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Single answers against a rubric, for each system."""
    from judge.workflow.score import prepared

    options = _options(config, locals())
    _carry_out(prepared(responses, options), options, dry_run=dry_run, json=json)


@app.command()
def analyze(
    verdicts: Annotated[Path, typer.Argument(help="A verdict table: JSONL, JSON, CSV, Parquet.")],
    format: Annotated[str, typer.Option("--format", help="How it is written.")] = "native",
    baseline: Baseline = None,
    config: ConfigFile = None,
    max_missing: MaxMissing = None,
    fail_if: FailIf = None,
    map: Map = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """The same report from verdicts recorded elsewhere. No key, no call."""
    from judge.workflow.analyze import analyzed

    loaded = _config(config)
    options = _options(config, locals())
    result = analyzed(verdicts, options, format=format, families=loaded.families)
    _present(result, json=json)


def _carry_out(what: Prepared, options: Options, *, dry_run: bool, json: bool) -> None:
    from judge.console import forecast_line, in_world, say
    from judge.workflow.judging import judged

    for mapping in what.mappings:
        say(mapping)
    if dry_run:
        _print_forecast(what, json=json)
        return
    say(forecast_line(what.forecast))
    _present(in_world(lambda world: judged(what, options, world)), json=json)


def _print_forecast(what: Prepared, *, json: bool) -> None:
    from dataclasses import asdict

    from judge.console import forecast_line

    if json:
        from judge.types import canonical

        print(canonical(asdict(what.forecast)))
        return
    expected = what.forecast
    print(forecast_line(expected))
    print(
        f"{len(what.recipe.judges)} judges x {expected.per_judge:,} trials, {expected.items} items"
    )
    print(f"about {expected.tokens_in:,} tokens in and {expected.tokens_out:,} out")
    for judge in expected.unpriced:
        print(f"price of {judge} unknown: set usd_per_mtok_in and usd_per_mtok_out in judge.toml")
    for warning in what.recipe.warnings:
        print(f"warning: {warning}")
    print("Nothing was asked.")


def _present(result: Result, *, json: bool) -> None:
    """Prints a result and ends with its exit code, reasons on stderr."""
    import shutil

    from judge.console import say, show

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 80
    text = result.json() if json else result.text(width=min(width, 100), color=sys.stdout.isatty())
    show(text if text.endswith("\n") else text + "\n")
    for reason in result.reasons:
        say(f"judge: {reason}")
    raise typer.Exit(result.exit_code)


# -- options -------------------------------------------------------------------------------------


def _config(path: Path | None) -> Config:
    from judge.workflow.config import load_config

    return load_config(path)


def _options(path: Path | None, flags: dict[str, Any]) -> Options:
    """The flags over the file over the defaults. Gates apply where a command has the flag."""
    from judge.workflow.config import select_judges
    from judge.workflow.options import merged

    config = _config(path)
    names = ("baseline", "limit", "fresh", "swap", "repeats", "seed", "concurrency")
    return merged(
        config,
        select_judges(flags.get("judge") or (), config),
        rubrics=tuple(flags.get("rubric") or ()),
        fail_if=tuple(flags["fail_if"] or config.fail_if) if "fail_if" in flags else (),
        columns=_columns(flags.get("map") or ()),
        max_cost_usd=flags.get("max_cost"),
        max_missing=flags.get("max_missing"),
        store=flags.get("store"),
        out=flags.get("out"),
        **{name: flags.get(name) for name in names},
    )


def _store(given: str | None) -> str:
    """Where runs are kept: as said, else as judge.toml says, else the default."""
    return _options(None, {"store": given}).store


def _columns(given: list[str] | tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for name, equals, column in pairs:
        if not (name and equals and column):
            raise InputError(f"--map {name}{equals}{column}: write it as FIELD=COLUMN")
    return {name: column for name, _, column in pairs}


# -- runs ----------------------------------------------------------------------------------------


@app.command()
def runs(store: StoreAt = None) -> None:
    """Earlier runs, newest first."""
    from judge.workflow.runs import listed

    name, found = listed(_store(store))
    if not found:
        print(f"no run in {name} yet")
    for run in found:
        planned = sum(run.planned.values())
        cost = "" if run.cost_usd is None else f"  ${run.cost_usd:.2f}"
        print(f"{run.run_id}  {run.command:8} {run.state:11} {planned:>7,} trials{cost}")


@app.command()
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

    options = _options(None, locals())
    result = in_world(
        lambda world: resumed(run, options, world, max_cost_usd=max_cost, concurrency=concurrency)
    )
    _present(result, json=json)


@app.command()
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

    _present(reported(run, _options(None, locals()), reread=reread), json=json)


@app.command()
def show(run: RunId, item: Annotated[str, typer.Argument()], store: StoreAt = None) -> None:
    """One item: its texts, and what every judge said of it in every order."""
    from judge.console import show as put
    from judge.report.items import text
    from judge.workflow.runs import shown

    found = shown(run, item, _store(store))
    put(text(found.item, found.judgments) + "\n")


@app.command()
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
    rows = verdict_rows(run, _store(store))
    if out is None:
        put(jsonl(rows))
    else:
        print(written(rows, out))


# -- first steps ---------------------------------------------------------------------------------


@app.command()
def demo(
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the report.")] = None,
    open: Annotated[bool, typer.Option("--open", help="Open the report in a browser.")] = False,
    json: Json = False,
) -> None:
    """The main job with no key: examples, simulated judges, real HTTP."""
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
    _present(done.result, json=json)


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

    options = _options(config, locals())
    results = in_world(lambda world: checked(options, world))
    for result in results:
        print(result.line)
    raise typer.Exit(2 if failed(results) else 0)


@app.command()
def simulate(
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
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
