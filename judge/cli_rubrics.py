"""The commands that have to do with rubrics and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

rubrics_app = typer.Typer(help="List, show, check and lock rubrics.", no_args_is_help=True)


@rubrics_app.command("list")
def rubrics_list() -> None:
    """Every rubric that is found, with its versions."""
    from judge.records import data_folder
    from judge.rubric_files import list_rubrics
    from judge.workflow.options import RUBRICS

    for file in list_rubrics([RUBRICS, data_folder("rubrics")]):
        state = "locked" if file.locked else "not locked"
        print(f"{file.id:24} {state:10}  {file.path}")


@rubrics_app.command("show")
def rubrics_show(name: Annotated[str, typer.Argument(metavar="NAME[@N]")]) -> None:
    """A rubric's scale, criteria and templates."""
    from judge.records import data_folder
    from judge.report.rubrics import text
    from judge.rubric_files import read_rubric
    from judge.workflow.options import RUBRICS

    print(text(read_rubric(name, search=[RUBRICS, data_folder("rubrics")])))


@rubrics_app.command("check")
def rubrics_check(folder: Annotated[Path, typer.Argument()] = Path("rubrics")) -> None:
    """Whether every rubric of a folder can be used and none was changed after it was locked."""
    from judge.rubric_files import check_rubrics

    problems = check_rubrics(folder)
    for problem in problems:
        print(problem)
    if problems:
        raise typer.Exit(2)
    print(f"{folder}: every rubric is in order")


@rubrics_app.command("lock")
def rubrics_lock(folder: Annotated[Path, typer.Argument()] = Path("rubrics")) -> None:
    """Freeze the versions of a folder that are not locked yet."""
    from judge.rubric_files import lock_rubrics

    locked = lock_rubrics(folder)
    print("\n".join(locked) if locked else f"{folder}: nothing new to lock")
