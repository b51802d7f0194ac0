"""The record of a run: what it holds comes back, and older runs are read as what they were."""

from __future__ import annotations

from typing import Any

from factories import judge, pairwise

from judge.plan import Pair
from judge.workflow.recipe import Recipe, from_config, to_config

# Fields that runs of the first versions lack.
LATER = (
    *("repeat_share", "design", "ties", "slices", "stop_early", "margin", "merge", "style"),
    *("length_penalty", "families", "escalate"),
)


def recipe(**changes: Any) -> Recipe:
    return Recipe(
        command="compare",
        mode="pairwise",
        judges=(judge(),),
        rubrics=(pairwise(),),
        pairs=(Pair("new", "base"),),
        baseline="base",
        **changes,
    )


def test_a_recipe_that_was_stored_is_the_same_recipe() -> None:
    whole = recipe(
        repeats=2,
        repeat_share=0.5,
        design="ring:3",
        ties="davidson",
        slices=("category",),
        stop_early=True,
        margin=0.05,
        merge="tie-on-inconsistency",
        style=True,
        length_penalty=0.5,
        families={"^my": frozenset({"a", "b"})},
    )
    assert from_config(to_config(whole)) == whole


def test_a_run_from_before_an_option_was_there_is_read_as_one_that_did_not_use_it() -> None:
    stored = to_config(recipe())
    old = {name: value for name, value in stored.items() if name not in LATER}
    assert len(old) == len(stored) - len(LATER)
    assert from_config(old) == recipe()
