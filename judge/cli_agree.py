"""The command that holds judges against people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from judge.cli_options import (
    Baseline,
    Beside,
    Cascade,
    ConfigFile,
    Delta,
    Epsilon,
    FormatName,
    Json,
    LabelsFormat,
    Map,
    MaxAge,
    MaxMissing,
    Out,
    Risk,
    Seed,
    Slices,
    StoreAt,
    config_of,
    options_of,
    present,
)

if TYPE_CHECKING:
    from judge.workflow.options import Options

agree_app = typer.Typer()

Split = Annotated[
    str | None,
    typer.Option("--split", help="Labels to report on: auto, all, dev, calib or test (auto)."),
]
WholeScale = Annotated[
    str | None,
    typer.Option("--scale", help='The whole scale of single answers: "1..5" or "bad,ok,good".'),
]
FailIf = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-if", help="Exit 1 on krippendorff_alpha<0.67, percent<0.8, alt_test_failed, ..."
    ),
]

Certify = Annotated[
    bool,
    typer.Option(
        "--certify", help="Keep the result of a run for its later reports: a certificate."
    ),
]


@agree_app.command()
def agree(
    verdicts: Annotated[str, typer.Argument(help="A verdict table, or a run's id or latest.")],
    labels: Annotated[Path, typer.Argument(help="People's labels: a file or a set's name.")],
    format: FormatName = None,
    beside: Beside = None,
    map: Map = None,
    labels_format: LabelsFormat = None,
    slice: Slices = None,
    split: Split = None,
    scale: WholeScale = None,
    epsilon: Epsilon = None,
    risk: Risk = None,
    delta: Delta = None,
    cascade: Cascade = None,
    baseline: Baseline = None,
    seed: Seed = None,
    config: ConfigFile = None,
    max_missing: MaxMissing = None,
    fail_if: FailIf = None,
    store: StoreAt = None,
    out: Out = None,
    certify: Certify = False,
    max_age: MaxAge = None,
    json: Json = False,
) -> None:
    """Do the judges concur with people, as people do with each other?"""
    from judge.workflow.agree import held_against

    loaded = config_of(config)
    options = options_of(config, locals())
    if certify:
        _certify(verdicts, labels, options)
    result = held_against(verdicts, labels, options, families=loaded.families)
    present(result, json=json)


def _certify(verdicts: str, labels: Path, options: Options) -> None:
    """Makes the certificates of a run, and says so beside the report."""
    from datetime import UTC, datetime

    from judge.console import say
    from judge.workflow.certifying import certified_run

    done = certified_run(verdicts, labels, options, now=datetime.now(UTC))
    for one in done.made:
        until = one.valid_until.date().isoformat()
        say(f"certificate of {one.judge} by {one.label_set}: quoted until {until}")
    for why in done.refused:
        say(f"no certificate: {why}")
