"""Is NEW better than BASE? Every pair, every judge, both orders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from judge.errors import InputError
from judge.plan import Pair
from judge.workflow import judging
from judge.workflow.judging import Prepared
from judge.workflow.options import Options

DEFAULT_RUBRIC = "helpfulness"


def prepared(base: Path, new: Path, options: Options) -> Prepared:
    """The comparison of two files of responses, before anything is asked."""
    return judging.prepared(
        "compare",
        "pairwise",
        [base, new],
        options,
        default_rubric=DEFAULT_RUBRIC,
        pairs=_pairs,
        baseline=lambda systems: systems[0],
    )


def _pairs(systems: Sequence[str]) -> tuple[Pair, ...]:
    """NEW is `a` and BASE is `b`, so that a value above one half favours NEW."""
    if len(systems) != 2:
        raise InputError(
            f"compare needs one system a file, but the files hold {len(systems)}: "
            f"{', '.join(systems)}; split them by their `system` column"
        )
    base, new = systems
    return (Pair(system_a=new, system_b=base),)
