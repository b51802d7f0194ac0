"""The commands that have to do with rubrics and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from judge.cli_options import StoreAt

if TYPE_CHECKING:
    from judge.errors import InputError
    from judge.report.rubrics import Found
    from judge.types import Rubric, Wording
    from judge.workflow.rubric_effects import Side

rubrics_app = typer.Typer(help="List, show, compare, check and lock rubrics.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(metavar="NAME[@N]", help="A rubric, or a .toml file.")]


def _search() -> list[Path]:
    """Where rubrics are looked for: the caller's own folder first."""
    from judge.records import data_folder
    from judge.workflow.options import RUBRICS

    return [RUBRICS, data_folder("rubrics")]


def _read(name: str) -> Rubric:
    from judge.rubric_files import read_rubric

    return read_rubric(name, search=_search())


@rubrics_app.command("list")
def rubrics_list() -> None:
    """Every rubric that is found: its mode, labels, need of a reference, and what it is for."""
    from judge.console import show
    from judge.report.rubrics import overview

    show(f"{overview(_found())}\n")


def _found() -> Iterator[Found]:
    from judge.errors import InputError
    from judge.report.rubrics import Found
    from judge.rubric_files import list_rubrics

    for file in list_rubrics(_search()):
        try:
            rubric = _read(file.id)
        except InputError:
            rubric = None  # one bad file does not hide the others
        yield Found(file.id, rubric, file.locked)


@rubrics_app.command("show")
def rubrics_show(
    name: _Name,
    variant: Annotated[str, typer.Option(help="Show this wording instead of its own.")] = "",
) -> None:
    """A rubric's scale, criteria and templates, and the names of its variants."""
    from judge.console import show
    from judge.report.rubrics import text
    from judge.rubric_files import rubric_path

    file = rubric_path(name, search=_search())
    show(f"{text(_read(name), variant, file=str(file))}\n")


@rubrics_app.command("diff")
def rubrics_diff(
    old: Annotated[str, typer.Argument(metavar="A[@N]", help="A rubric, or a .toml file.")],
    new: Annotated[
        str | None, typer.Argument(metavar="[B[@N]]", help="What it is compared with.")
    ] = None,
    variant: Annotated[
        str,
        typer.Option("--variant", help="Another wording of A to compare it with, in place of B."),
    ] = "",
    store: StoreAt = None,
) -> None:
    """What changed from one rubric, or wording, to another; whether verdicts of both may be compared;
    and, where a store has runs of both on the same texts, what the change did to verdicts.

    The exit code is 0 whether or not they differ: the text says which.
    """
    from judge.console import show
    from judge.report.rubric_diff import of_wordings, text
    from judge.workflow.rubric_effects import Side

    if (new is None) == (not variant):
        raise _neither(old, new)
    own = _read(old)
    if new is None:
        other = Side(own, _wording(own, variant))
        said = of_wordings(own, other.wording)
        command = f"judge audit rubric RESPONSES... --rubric {old} --variant {variant}"
    else:
        rubric = _read(new)
        other, said = Side(rubric, rubric.wording()), text(own, rubric)
        asks = "compare BASE NEW" if own.mode == "pairwise" else "score RESPONSES..."
        command = f"judge {asks} --rubric {old} --rubric {new}"
    show(f"{said}\n{_effect(Side(own, own.wording()), other, command, store)}")


def _neither(old: str, new: str | None) -> InputError:
    from judge.errors import InputError

    if new is None:
        return InputError(
            f"judge rubrics diff {old}: name another rubric, or a wording of it with --variant"
        )
    return InputError(
        f"judge rubrics diff {old} {new}: --variant takes the place of {new}; give one of both"
    )


def _wording(rubric: Rubric, variant: str) -> Wording:
    """A wording that the rubric ships, or that an audit makes of it."""
    from judge.errors import InputError
    from judge.wordings import available

    known = {wording.name: wording for wording in available(rubric)}
    if variant not in known:
        raise InputError(f"rubric {rubric.id} has no wording {variant}; known: {', '.join(known)}")
    return known[variant]


def _effect(old: Side, new: Side, command: str, store: str | None) -> str:
    """What was measured of a change, as a paragraph of its own; "" where nothing changed."""
    from judge.cli_options import store_of
    from judge.report.rubric_effects import Effects, text
    from judge.workflow.rubric_effects import is_there, measured

    if (old.rubric.fingerprint, old.wording.key) == (new.rubric.fingerprint, new.wording.key):
        return ""
    at = store_of(store)
    if store is None and not is_there(at):
        return f"\n{text(Effects((old.name, new.name)), command)}\n"
    return f"\n{text(measured(old, new, at), command)}\n"


@rubrics_app.command("schema")
def rubrics_schema() -> None:
    """The JSON schema of a rubric file, for editors that complete and check TOML."""
    from judge.console import show
    from judge.rubric_rules import json_schema

    show(json_schema())


@rubrics_app.command("check")
def rubrics_check(
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FOLDER|NAME[@N]|FILE]...", help="Default: the folder rubrics."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 on a warning.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The check as JSON on stdout.")] = False,
) -> None:
    """Whether rubrics can be used and none was changed after it was locked (else exit 2), and what in
    their wording is known to move verdicts."""
    from judge.console import show
    from judge.report.json_text import text as to_json
    from judge.report.rubric_lint import text
    from judge.workflow.rubric_checks import checked

    found = checked(targets or ["rubrics/"], _search())
    show(to_json(found) if json else text(found))
    if found.errors:
        raise typer.Exit(2)
    if strict and found.n_warnings:
        raise typer.Exit(1)


@rubrics_app.command("lock")
def rubrics_lock(folder: Annotated[Path, typer.Argument()] = Path("rubrics")) -> None:
    """Freeze the versions of a folder that are not locked yet."""
    from judge.rubric_files import lock_rubrics

    locked = lock_rubrics(folder)
    print("\n".join(locked) if locked else f"{folder}: nothing new to lock")
