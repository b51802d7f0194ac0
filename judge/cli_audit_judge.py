"""The command that puts judges through a battery of perturbed answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from judge.cli_carry import carry_out
from judge.cli_options import (
    AuditItems,
    Beside,
    CertifyAudit,
    Concurrency,
    ConfigFile,
    DryRun,
    FormatName,
    Fresh,
    Json,
    Judges,
    LabelsFormat,
    Map,
    MaxAge,
    MaxCost,
    MaxMissing,
    Out,
    Rubrics,
    Seed,
    StoreAt,
    options_of,
)

Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        help="null, injection, padding, format, claims, distraction, constant, or one by its name. "
        "Repeatable.",
    ),
]
Without = Annotated[
    list[str] | None, typer.Option("--without", help="Leave these out, named alike. Repeatable.")
]
Thorough = Annotated[
    bool, typer.Option("--thorough", help="All ten null answers on every item, not one in turn.")
]
Known = Annotated[
    Path | None,
    typer.Option("--labels", help="Which answer is better, by a file or set of labels of pairs."),
]
FailIf = Annotated[
    list[str] | None,
    typer.Option("--fail-if", help="Exit 1 on: moved, or as in success_upper>0.1. Repeatable."),
]


def judge(
    responses: Annotated[list[Path], typer.Argument(help="Files of responses.")],
    judge: Judges = None,
    rubric: Rubrics = None,
    only: Only = None,
    without: Without = None,
    thorough: Thorough = False,
    items: AuditItems = None,
    labels: Known = None,
    labels_format: LabelsFormat = None,
    config: ConfigFile = None,
    seed: Seed = None,
    concurrency: Concurrency = None,
    max_cost: MaxCost = None,
    max_missing: MaxMissing = None,
    fresh: Fresh = False,
    dry_run: DryRun = False,
    fail_if: FailIf = None,
    certify: CertifyAudit = False,
    max_age: MaxAge = None,
    format: FormatName = None,
    beside: Beside = None,
    map: Map = None,
    store: StoreAt = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """What moves a judge that must not: injections, padding, claims, null answers.

    The answer that lost is perturbed, so that the right verdict cannot change.
    """
    from judge.workflow.audit_judge import Battery, prepared
    from judge.workflow.options import only_given

    flags = locals()
    # The defaults of judge.toml for labels, gates and limits are for other commands.
    options = only_given(options_of(config, flags), flags)
    options = replace(options, limit=items, fail_if=tuple(fail_if or ()))
    battery = Battery(tuple(only or ()), tuple(without or ()), thorough)
    what = prepared(responses, options, battery)
    carry_out(what, options, dry_run=dry_run, json=json, certify=certify)
