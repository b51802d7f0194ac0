"""Single answers against a rubric, and differences from a baseline where one is named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from judge.errors import InputError
from judge.plan import Pair
from judge.workflow import judging
from judge.workflow.judging import Prepared
from judge.workflow.options import Options

DEFAULT_RUBRIC = "helpfulness-single"


def prepared(paths: Sequence[Path], options: Options) -> Prepared:
    """The scoring of files of responses, before anything is asked."""

    def baseline(systems: Sequence[str]) -> str | None:
        if options.baseline is not None and options.baseline not in systems:
            raise InputError(
                f"--baseline {options.baseline}: no such system; the files hold "
                f"{', '.join(systems)}"
            )
        return options.baseline

    return judging.prepared(
        "score",
        "single",
        paths,
        options,
        default_rubric=DEFAULT_RUBRIC,
        pairs=lambda systems: tuple(Pair(system, None) for system in systems),
        baseline=baseline,
    )
