"""What a simulated judge without knowledge finds of an answer hangs on the answer's own words."""

from __future__ import annotations

import pytest

from judge import render
from judge.perturbation_texts import CONSTANT_TEXT
from judge.perturbations import NULL, PERTURBATIONS, Context, Perturbation
from judge.simulated_attacks import is_nothing, own_words
from judge.types import Mode

TEXT = (
    "The harbour opens at 6 am. You can take the first ferry.\n\nBring cash; cards are not taken."
)


@pytest.mark.parametrize("perturbation", PERTURBATIONS.values(), ids=lambda one: str(one.name))
@pytest.mark.parametrize("mode", ["pairwise", "single"])
def test_nothing_that_a_perturbation_adds_changes_what_is_found_of_an_answer(
    perturbation: Perturbation, mode: Mode
) -> None:
    for seed in range(8):
        where = Context("When?", "Other.", "A", ("A", "tie", "B"), seed, f"i{seed}", mode)
        made = perturbation.apply(TEXT, where)
        if made is None:
            continue
        shown = render.neutral(made)
        if perturbation.group == NULL:
            assert is_nothing(shown, "When?") or shown == "Other."
        else:
            assert own_words(shown) == own_words(TEXT)


def test_an_answer_that_says_the_same_to_everything_answers_nothing() -> None:
    assert is_nothing(CONSTANT_TEXT, "When?")
    assert not is_nothing(TEXT, "When?")
