"""The commands that have to do with rubrics and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from judge.report.rubrics import Found
    from judge.types import Rubric

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
    new: Annotated[str, typer.Argument(metavar="B[@N]", help="What it is compared with.")],
) -> None:
    """What changed from one rubric to another, and whether verdicts of both may be compared.

    The exit code is 0 whether or not they differ: the text says which.
    """
    from judge.console import show
    from judge.report.rubric_diff import text

    show(f"{text(_read(old), _read(new))}\n")


@rubrics_app.command("schema")
def rubrics_schema() -> None:
    """The JSON schema of a rubric file, for editors that complete and check TOML."""
    from judge.console import show
    from judge.rubric_rules import json_schema

    show(json_schema())


@rubrics_app.command("check")
def rubrics_check(folder: Annotated[Path, typer.Argument()] = Path("rubrics")) -> None:
    """Whether every rubric of a folder can be used and none was changed after it was locked."""
    from judge.console import show
    from judge.errors import InputError
    from judge.report.words import clean_lines
    from judge.rubric_files import check_rubrics, list_rubrics

    problems = check_rubrics(folder)
    if not problems and not list_rubrics([folder]):
        raise InputError(f"{folder}: holds no rubric; they are <name>/v<N>.toml in it")
    show("".join(f"{clean_lines(problem)}\n" for problem in problems))
    if problems:
        raise typer.Exit(2)
    print(f"{folder}: every rubric is in order")


@rubrics_app.command("lock")
def rubrics_lock(folder: Annotated[Path, typer.Argument()] = Path("rubrics")) -> None:
    """Freeze the versions of a folder that are not locked yet."""
    from judge.rubric_files import lock_rubrics

    locked = lock_rubrics(folder)
    print("\n".join(locked) if locked else f"{folder}: nothing new to lock")
