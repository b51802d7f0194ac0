"""A judge whose verdicts are of two kinds, or whose probability lies elsewhere, is warned of."""

from __future__ import annotations

from typing import Any

import pytest

from judge import aggregate
from judge.stats import readings
from judge.table import from_rows


def row(n: int, judge: str = "j", method: str = "structured", **more: Any) -> dict[str, Any]:
    pair = {"item_id": f"i{n}", "system_a": "new", "system_b": "base", "label": "a"}
    return {**pair, "judge": judge, "method": method, **more}


def warned(*rows: dict[str, Any]) -> list[str]:
    return [*readings.warnings(from_rows("pairwise", rows).frame)]


@pytest.mark.parametrize(
    "methods",
    [
        ["structured", "text", "structured, re-asked", ""],
        ["logprob", "logprob, re-asked"],
        ["p_first", "p_first"],
    ],
)
def test_one_kind_of_reading_is_nothing_to_warn_of(methods: list[str]) -> None:
    assert warned(*(row(n, method=method) for n, method in enumerate(methods))) == []


def test_a_judge_of_two_kinds_is_named_with_its_counts_and_reasons() -> None:
    methods = [
        "logprob",
        "logprob, re-asked",
        "structured, no logprobs",
        "text, no logprobs, re-asked",
        "structured, logprobs off the scale",
    ]
    assert warned(*(row(n, method=method) for n, method in enumerate(methods))) == [
        "judge j: 3 of 5 verdicts are its label alone (1 logprobs off the scale, 2 no logprobs), the "
        "other 2 are probabilities"
    ]


def test_a_judge_whose_every_reading_fell_back_is_named_too() -> None:
    assert warned(row(1, method="structured, logprobs unclear")) == [
        "judge j: 1 of 1 verdicts are its label alone (1 logprobs unclear), none is a probability"
    ]


def test_a_panel_of_two_kinds_is_said_to_be_one() -> None:
    rows = [row(1, "j", "logprob"), row(1, "k"), row(1, "l", "p_first")]
    assert warned(*rows) == [
        "verdicts of j, l are probabilities, those of k labels: the panel's mean is of both kinds"
    ]


def test_low_mass_is_warned_of_by_its_median() -> None:
    masses = (0.5, 0.89, 1.0)
    (text,) = warned(*(row(n, method="logprob", scale_mass=m) for n, m in enumerate(masses)))
    assert "half of its verdicts have 0.89 or less" in text
    high = (0.5, 0.9, 1.0)
    assert warned(*(row(n, method="logprob", scale_mass=m) for n, m in enumerate(high))) == []


def test_verdicts_that_are_missing_are_of_no_kind() -> None:
    missing = row(2, method="", label="", status="refused")
    assert warned(row(1, method="logprob"), missing) == []


def test_criteria_that_are_read_as_labels_do_not_mix_a_judge() -> None:
    whole = {"item_id": "i", "system": "s", "judge": "j", "score": 4.2, "method": "logprob"}
    part = {**whole, "criterion": "clarity", "score": 4.0, "label": "4", "method": "structured"}
    assert [*readings.warnings(from_rows("single", [whole, part]).frame)] == []


def test_scores_by_probabilities_are_not_said_to_be_unstable() -> None:
    """Two of them differ in some far digit, which is no change of mind."""
    rows = [
        {"item_id": "i", "system": "s", "judge": "j", "repeat": n, "score": score, "method": method}
        for n, (score, method) in enumerate([(4.1, "logprob"), (4.1000001, "logprob, re-asked")])
    ]
    (found,) = aggregate.analyze(from_rows("single", rows)).judges
    assert found.repetition_stability.value is None
    assert "probabilities" in found.repetition_stability.note
