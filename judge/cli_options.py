"""What the commands share: their flags, how these become Options, and how a result is printed.

Imports of the work itself stand inside the functions, so that help and errors come at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from judge.errors import InputError

if TYPE_CHECKING:
    from judge.workflow.config import Config
    from judge.workflow.options import Options
    from judge.workflow.reporting import Result

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
RepeatShare = Annotated[
    float | None,
    typer.Option("--repeat-share", help="Repeat this share of items only, drawn at random (1)."),
]
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
    list[str] | None,
    typer.Option(
        "--fail-if",
        help="Exit 1 on: worse, not-better, drift, or as in krippendorff_alpha<0.67. Repeatable.",
    ),
]
Map = Annotated[
    list[str] | None, typer.Option("--map", help="FIELD=COLUMN of the files. Repeatable.")
]
FormatName = Annotated[
    str | None, typer.Option("--format", help="How the files are written (native).")
]
Beside = Annotated[
    list[str] | None,
    typer.Option("--beside", help="ROLE=FILE that the format reads too, as in questions=q.jsonl."),
]
Slices = Annotated[
    list[str] | None,
    typer.Option(
        "--slice", help="category, prompt_length, a column of the items; or none. Repeatable."
    ),
]
Labels = Annotated[
    Path | None,
    typer.Option("--labels", help="People's labels of the same answers or pairs: a file or set."),
]
LabelsFormat = Annotated[
    str | None, typer.Option("--labels-format", help="How the file of labels is written (native).")
]
Epsilon = Annotated[
    float | None,
    typer.Option("--epsilon", help="How much worse than a rater a judge may be (0.2)."),
]
Risk = Annotated[
    float | None,
    typer.Option("--risk", help="Share of disagreement left where a judge is trusted (0.1)."),
]
Delta = Annotated[
    float | None, typer.Option("--delta", help="Probability that --risk is missed (0.1).")
]
Anchors = Annotated[
    Path | None,
    typer.Option("--anchors", help="Items with known answers, or a set: finds drift over runs."),
]
Padded = Annotated[
    Path | None,
    typer.Option(
        "--padded",
        help="What filler alone does: an audit's run, or scores of the same answers made longer.",
    ),
]
PaddedRun = Annotated[
    Path | None,
    typer.Option("--padded", help="An audit's run that says what filler alone does to the judge."),
]
LengthPenalty = Annotated[
    float | None,
    typer.Option("--length-penalty", help="Points off a doubling beyond the item's median length."),
]
Style = Annotated[
    bool | None,
    typer.Option("--style/--no-style", help="Tell headers, lists and bold apart from length."),
]
Margin = Annotated[
    float | None,
    typer.Option("--margin", help="A difference that counts as none, as in 0.05."),
]
Merge = Annotated[
    str | None,
    typer.Option("--merge", help="Of a pair's orders: average or tie-on-inconsistency."),
]
StopEarly = Annotated[
    bool | None,
    typer.Option("--stop-early/--no-stop-early", help="Ask no more once the answer is known."),
]
Escalate = Annotated[
    str | None,
    typer.Option(
        "--escalate",
        help="Ask the next judge only below this confidence: 0.9, or an agree report.json.",
    ),
]
Cascade = Annotated[
    str | None,
    typer.Option("--cascade", help="Judges, cheap to dear, to find one threshold for: a,b."),
]
StoreAt = Annotated[
    str | None, typer.Option("--store", help="A path, sqlite:/// or postgresql:// URL.")
]
Out = Annotated[Path | None, typer.Option("--out", help="Folder of the report.")]
Json = Annotated[bool, typer.Option("--json", help="The report as JSON on stdout.")]
Baseline = Annotated[str | None, typer.Option("--baseline", help="The system to hold against.")]
Design = Annotated[
    str | None,
    typer.Option(
        "--design",
        help="Which pairs: all (up to 6 systems), ring[:E] with E more at random, or baseline.",
    ),
]
TieModel = Annotated[
    str | None,
    typer.Option("--ties", help="How a ranking takes ties: half a win each (half), or davidson."),
]
AuditItems = Annotated[
    int | None, typer.Option("--items", min=1, help="A random sample of so many items (100).")
]
CertifyAudit = Annotated[
    bool,
    typer.Option("--certify", help="Keep what is found, for later reports of the same judge."),
]
MaxAge = Annotated[
    int | None, typer.Option("--max-age", min=1, help="Days a certificate is quoted (90).")
]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, its beginning, or latest.")]


def present(result: Result, *, json: bool) -> None:
    """Prints a result and ends with its exit code, reasons on stderr."""
    import shutil

    from judge.console import say, show

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 80
    text = result.json() if json else result.text(width=min(width, 100), color=sys.stdout.isatty())
    show(text if text.endswith("\n") else text + "\n")
    for reason in result.reasons:
        say(f"judge: {reason}")
    raise typer.Exit(result.exit_code)


def config_of(path: Path | None) -> Config:
    from judge.workflow.config import load_config

    return load_config(path)


def options_of(path: Path | None, flags: dict[str, Any]) -> Options:
    """The flags over the file over the defaults. Gates apply where a command has the flag."""
    from judge.workflow.config import select_judges
    from judge.workflow.options import merged

    config = config_of(path)
    names = ("baseline", "limit", "fresh", "swap", "repeats", "repeat_share", "seed", "concurrency")
    return merged(
        config,
        select_judges(flags.get("judge") or (), config),
        rubrics=tuple(flags.get("rubric") or ()),
        fail_if=tuple(flags["fail_if"] or config.fail_if) if "fail_if" in flags else (),
        format=flags.get("format"),
        beside={
            k: Path(v) for k, v in assigned("--beside ROLE=FILE", flags.get("beside") or ()).items()
        },
        slices=tuple(flags.get("slice") or ()),
        columns=assigned("--map FIELD=COLUMN", flags.get("map") or ()),
        max_cost_usd=flags.get("max_cost"),
        max_missing=flags.get("max_missing"),
        stop_early=flags.get("stop_early"),
        design=flags.get("design"),
        ties=flags.get("ties"),
        labels=flags.get("labels"),
        labels_format=flags.get("labels_format"),
        split=flags.get("split"),
        scale=flags.get("scale"),
        epsilon=flags.get("epsilon"),
        risk=flags.get("risk"),
        delta=flags.get("delta"),
        escalate=flags.get("escalate"),
        cascade=tuple(n.strip() for n in (flags.get("cascade") or "").split(",") if n.strip()),
        padded=flags.get("padded"),
        anchors=flags.get("anchors"),
        certificate_days=flags.get("max_age"),
        length_penalty=flags.get("length_penalty"),
        style=flags.get("style"),
        margin=flags.get("margin"),
        merge=flags.get("merge"),
        store=flags.get("store"),
        out=flags.get("out"),
        **{name: flags.get(name) for name in names},
    )


def store_of(given: str | None) -> str:
    """Where runs are kept: as said, else as judge.toml says, else the default."""
    return options_of(None, {"store": given}).store


def assigned(usage: str, given: Sequence[str]) -> dict[str, str]:
    """Name -> value of a repeatable flag. usage: the flag and its form, as in `--map FIELD=COLUMN`.

    Raises InputError where one is written otherwise, or a name given twice.
    """
    flag, _, form = usage.partition(" ")
    found: dict[str, str] = {}
    for name, equals, value in (text.partition("=") for text in given):
        if not (name and equals and value):
            raise InputError(f"{flag} {name}{equals}{value}: write it as {form}")
        if name in found:
            raise InputError(f"{flag} {name}: is given twice; keep one")
        found[name] = value
    return found
