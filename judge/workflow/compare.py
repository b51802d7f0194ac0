"""Is NEW better than BASE? Every pair, every judge, both orders; each NEW against BASE in one run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from judge.errors import InputError
from judge.plan import Pair
from judge.report.words import listed
from judge.workflow import judging
from judge.workflow.judging import Prepared
from judge.workflow.options import Options

DEFAULT_RUBRIC = "helpfulness"


def prepared(base: Path, new: Path | Sequence[Path], options: Options) -> Prepared:
    """The comparison of files of responses with that of BASE, before anything is asked.

    Raises InputError where a file holds several systems, or two files one.
    """
    files = [base, *([new] if isinstance(new, Path) else new)]
    if len(files) < 2:
        raise InputError("compare needs a file of responses to hold against BASE; name one or more")
    return judging.prepared(
        "compare",
        "pairwise",
        files,
        options,
        default_rubric=DEFAULT_RUBRIC,
        pairs=lambda systems: _pairs(systems, len(files)),
        baseline=lambda systems: systems[0],
    )


def _pairs(systems: Sequence[str], n_files: int) -> tuple[Pair, ...]:
    """Each NEW is `a` and BASE is `b`, so that a value above one half favours NEW."""
    if len(systems) != n_files:
        raise InputError(
            f"compare needs one system a file, but the files hold {len(systems)}: "
            f"{listed(systems)}; split them by their `system` column"
        )
    base, *new = systems
    return tuple(Pair(system_a=system, system_b=base) for system in new)
