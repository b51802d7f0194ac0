"""The commands that look at files before anything is spent on them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from judge.cli_options import Beside, ConfigFile, FormatName, Map, config_of, options_of

files_app = typer.Typer()
items_app = typer.Typer(help="Check a set of items, and freeze it.", no_args_is_help=True)
files_app.add_typer(items_app, name="items")

Files = Annotated[list[Path], typer.Argument(help="Files of responses.")]
Lock = Annotated[
    Path | None, typer.Option("--lock", help="Default: items.lock beside the first file.")
]
SMALLEST, WIDEST = 40, 100


def _width() -> int:
    import shutil

    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 80
    return max(SMALLEST, min(columns, WIDEST))


@files_app.command()
def doctor(
    file: Annotated[Path, typer.Argument(help="Verdicts, labels or responses.")],
    format: FormatName = None,
    beside: Beside = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="People's labels of the same items.")
    ] = None,
    config: ConfigFile = None,
    map: Map = None,
    json: Annotated[bool, typer.Option("--json", help="The findings as JSON on stdout.")] = False,
) -> None:
    """What a file supports, and the field to log for the rest. No key, no call."""
    from judge.console import show
    from judge.report.doctor import text, to_json
    from judge.workflow.doctor import diagnosed

    families = config_of(config).families
    found = diagnosed(file, options_of(config, locals()), labels=labels, families=families)
    show(to_json(found) if json else text(found, width=_width()))


@items_app.command("check")
def items_check(
    files: Files,
    lock: Lock = None,
    format: FormatName = None,
    beside: Beside = None,
    map: Map = None,
    json: Annotated[bool, typer.Option("--json", help="The check as JSON on stdout.")] = False,
) -> None:
    """What is wrong with a set of items, and whether it is what was locked (else exit 2)."""
    from judge.console import say, show
    from judge.report.doctor import plain_json
    from judge.report.items_check import payload, text
    from judge.workflow.items import check

    found = check(files, options_of(None, locals()), lock)
    for mapping in found.mappings:
        say(mapping)
    told = (found.report, found.lock, found.drift, str(found.lock_path))
    show(plain_json(payload(*told)) if json else text(*told, width=_width()))
    if found.drift:
        say(f"judge: {found.lock_path}: {'; '.join(found.drift.sentences())}")
        raise typer.Exit(2)


@items_app.command("lock")
def items_lock(
    files: Files,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why the items changed since the last lock.")
    ] = None,
    lock: Lock = None,
    format: FormatName = None,
    beside: Beside = None,
    map: Map = None,
) -> None:
    """Freeze a set of items: ids, prompts, references, categories. Responses may change."""
    from datetime import UTC, datetime

    from judge.console import show
    from judge.report.words import clean
    from judge.workflow.items import lock as locked

    done = locked(files, options_of(None, locals()), lock, reason=reason, now=datetime.now(UTC))
    changes = "; ".join(done.drift.sentences()) if not done.is_first else "first lock"
    said = f"locked {done.count:,} items, {done.items_hash}: {changes}"
    show(clean(f"{done.path}: {said if done.drift else 'nothing changed'}") + "\n")
