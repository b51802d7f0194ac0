"""The commands that put a rubric or a judge to the test."""

from __future__ import annotations

import typer

from judge.cli_audit_judge import judge
from judge.cli_audit_rubric import rubric

audit_app = typer.Typer(
    help="What moves a judge, or a rubric's verdicts, that must not.", no_args_is_help=True
)
audit_app.command("rubric")(rubric)
audit_app.command("judge")(judge)
