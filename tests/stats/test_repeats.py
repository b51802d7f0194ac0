"""How stable a judge is when it is asked the same again."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from judge.stats.repeats import stability
from judge.table import from_rows


def answers(*said: str) -> pd.DataFrame:
    """One item per text, one repeat per letter: "aab-" is twice a, once b, once unreadable."""
    rows: list[dict[str, Any]] = [
        {"item_id": f"i{item}", "system": "s", "judge": "j", "repeat": number}
        | ({"status": "unparsed"} if letter == "-" else {"label": letter})
        for item, letters in enumerate(said)
        for number, letter in enumerate(letters)
    ]
    frame = from_rows("single", rows).frame
    return frame.assign(said=frame["label"])


KEY = ["item_id", "cluster"]


def test_the_modal_share_is_averaged_over_questions() -> None:
    """Shares 4/4, 3/4, 2/4: mean .75."""
    found = stability(answers("aaaa", "aaab", "aabb"), KEY)
    assert found.value == pytest.approx(0.75)
    assert (found.n, found.n_missing) == (3, 0)


def test_a_question_with_one_verdict_of_several_asked_is_missing() -> None:
    found = stability(answers("aa", "a-", "ab"), KEY)
    assert (found.value, found.n, found.n_missing) == (0.75, 2, 1)


def test_without_repeats_stability_is_unknown() -> None:
    found = stability(answers("a", "b"), KEY)
    assert (found.value, found.n, found.n_missing) == (None, 0, 0)
    assert found.note == "nothing was asked more than once"


def test_repeats_without_two_verdicts_are_not_said_to_be_no_repeats() -> None:
    found = stability(answers("a-", "--"), KEY)
    assert (found.value, found.n_missing, found.note) == (None, 2, "no question has two verdicts")
