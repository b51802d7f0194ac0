"""`judge audit rubric`: how much verdicts hang on the wording of a rubric.

Imports of the work itself stand inside the command, so that help and errors come at once.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

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
    Map,
    MaxAge,
    MaxCost,
    MaxMissing,
    Out,
    Rubrics,
    Seed,
    StoreAt,
    options_of,
    present,
)
from judge.errors import InputError

Variants = Annotated[
    list[str] | None,
    typer.Option("--variant", help="A wording with the same meaning; default all. Repeatable."),
]
Interventions = Annotated[
    list[str] | None,
    typer.Option(
        "--intervention", help="A wording that measures something else; or all. Repeatable."
    ),
]
AuditSwap = Annotated[str | None, typer.Option("--swap", help="random (the default) or both.")]
BaseRepeats = Annotated[
    int | None, typer.Option("--repeats", help="Ask the rubric's own wording so often (2).")
]
AuditBaseline = Annotated[
    str | None, typer.Option("--baseline", help="Pairs with this system only.")
]
Recorded = Annotated[
    list[str] | None,
    typer.Option("--from", help="A run, or a file of verdicts: report, ask nothing. Repeatable."),
]
Base = Annotated[
    str | None, typer.Option("--base", help="With --from: the wording to hold the others against.")
]
AuditFailIf = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-if", help="Exit 1 on: wording_moves, or as in net_agreement<-0.05. Repeatable."
    ),
]


def rubric(
    responses: Annotated[
        list[Path] | None, typer.Argument(help="Files of responses, all systems.")
    ] = None,
    judge: Judges = None,
    rubric: Rubrics = None,
    variant: Variants = None,
    intervention: Interventions = None,
    items: AuditItems = None,
    swap: AuditSwap = None,
    repeats: BaseRepeats = None,
    baseline: AuditBaseline = None,
    recorded: Recorded = None,
    base: Base = None,
    config: ConfigFile = None,
    seed: Seed = None,
    concurrency: Concurrency = None,
    max_cost: MaxCost = None,
    max_missing: MaxMissing = None,
    fresh: Fresh = False,
    dry_run: DryRun = False,
    fail_if: AuditFailIf = None,
    certify: CertifyAudit = False,
    max_age: MaxAge = None,
    format: FormatName = None,
    beside: Beside = None,
    map: Map = None,
    store: StoreAt = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """How much do verdicts hang on the wording of a rubric?"""
    flags = locals()
    (_check_recorded if recorded else _check_asked)(flags)
    # The gates and limits of judge.toml are for other commands.
    options = replace(options_of(config, flags), limit=items, fail_if=tuple(fail_if or ()))
    chosen = tuple(variant or ()), tuple(intervention or ())
    if recorded:
        from judge.workflow.audit_recorded import Kinds, reported

        found = reported(recorded, options, base=base, kinds=Kinds(*chosen))
        present(found, json=json)
        return
    from judge.workflow.audit_rubric import Star, prepared

    what = prepared(responses or [], options, Star(*chosen), swap=swap, repeats=repeats)
    carry_out(what, options, dry_run=dry_run, json=json, certify=certify)


# Flags that say what is asked, which of recorded verdicts nothing can be.
_OF_ASKING = (
    *("judge", "rubric", "items", "swap", "repeats", "baseline", "concurrency", "max_cost"),
    *("fresh", "dry_run", "certify", "max_age"),
)


def _check_recorded(flags: dict[str, Any]) -> None:
    """Raises InputError for what does not go with --from."""
    if flags["responses"]:
        raise InputError(
            "--from reports on verdicts that are there, and responses are judged anew: give one of both"
        )
    for name in _OF_ASKING:
        if flags[name] not in (None, False):
            flag = name.replace("_", "-")
            raise InputError(f"--{flag}: says what to ask, and --from asks nothing; leave it out")


def _check_asked(flags: dict[str, Any]) -> None:
    """Raises InputError for what goes with --from alone, and where there is nothing to judge."""
    if not flags["responses"]:
        raise InputError(
            "name files of responses to judge, or recorded verdicts with --from RUN or --from FILE"
        )
    if flags["base"] is not None:
        raise InputError(
            "--base: is for --from; the base of what is asked is the rubric's own wording"
        )
