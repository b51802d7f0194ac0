"""Which of many systems is the best? Pairs by a design, every judge, one order of all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from judge.analysis.ranking import FEWEST
from judge.errors import InputError
from judge.pair_designs import pairs_of
from judge.plan import Pair
from judge.workflow import judging
from judge.workflow.judging import Prepared
from judge.workflow.options import Options
from judge.workflow.recipe import RANK

DEFAULT_RUBRIC = "helpfulness"


def prepared(paths: Sequence[Path], options: Options) -> Prepared:
    """The ranking of the systems of these files, before anything is asked.

    Raises InputError for two systems, which `judge compare` is for.
    """

    def pairs(systems: Sequence[str]) -> tuple[Pair, ...]:
        if len(systems) < FEWEST:
            raise InputError(
                f"rank needs three systems or more, and the files hold {', '.join(systems)}: "
                "hold two against each other with `judge compare BASE NEW`"
            )
        return pairs_of(systems, options.design, baseline=options.baseline, seed=options.seed)

    return judging.prepared(
        RANK,
        "pairwise",
        paths,
        options,
        default_rubric=DEFAULT_RUBRIC,
        pairs=pairs,
        baseline=lambda _: options.baseline,
    )
