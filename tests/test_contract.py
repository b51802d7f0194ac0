"""The four contract tables give the values of expected.json through the callable that reports use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from judge.aggregate import Analysis, Position, analyze
from judge.table import from_rows, mode_of
from judge.types import Estimate

CONTRACT = Path(__file__).parent / "contract"
EXPECTED: dict[str, Any] = json.loads((CONTRACT / "expected.json").read_text(encoding="utf-8"))
PAIRWISE = [name for name in EXPECTED if name != "single"]
ESTIMATES = ("consistency", "preference_fairness", "first_shown_rate")


def analysis(name: str, **options: Any) -> Analysis:
    lines = (CONTRACT / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    table = from_rows(mode_of({key for row in rows for key in row}), rows, source=name)
    return analyze(table, **options)


def assert_estimate(found: Estimate, expected: dict[str, Any]) -> None:
    assert {key: getattr(found, key) for key in expected} == pytest.approx(expected, abs=1e-8)
    assert found.confidence == 0.95


@pytest.mark.parametrize("name", PAIRWISE)
def test_every_comparison_is_the_expected_one_and_there_is_no_other(name: str) -> None:
    found, expected = analysis(name), EXPECTED[name]
    assert found.baseline == expected["baseline"]
    by_judge = len({row.system for row in found.comparisons}) == 1
    rows = {row.judge if by_judge else row.system: row for row in found.comparisons}
    assert rows.keys() == expected["comparisons"].keys()
    assert len(found.comparisons) == len(rows)
    for key, values in expected["comparisons"].items():
        assert_estimate(rows[key].raw, values)


@pytest.mark.parametrize("name", [n for n in PAIRWISE if EXPECTED[n]["position"]])
def test_position_of_every_judge_is_the_expected_one(name: str) -> None:
    found = {row.judge: row.position for row in analysis(name).judges}
    assert found.keys() == EXPECTED[name]["position"].keys()
    for judge, values in EXPECTED[name]["position"].items():
        assert position_values(found[judge]) == pytest.approx(values, abs=1e-8)


def position_values(position: Position) -> dict[str, Any]:
    values = {name: getattr(position, name).value for name in ESTIMATES}
    return values | {"n_pairs": position.n_pairs, "p_value": position.p_value}


def test_without_an_order_position_is_null_with_a_note() -> None:
    assert EXPECTED["soft_no_order"]["position"] is None
    (row,) = analysis("soft_no_order").judges
    assert position_values(row.position) == dict.fromkeys([*ESTIMATES, "p_value"]) | {"n_pairs": 0}
    for name in ESTIMATES:
        assert getattr(row.position, name).note == "order not recorded"


def test_scores_by_system_and_criterion_are_the_expected_ones() -> None:
    found = analysis("single", baseline="base")
    rows = {f"{row.system}/{row.criterion}": row for row in found.scores}
    for key, values in EXPECTED["single"]["scores"].items():
        assert_estimate(rows[key].raw, values)
    for criterion, values in EXPECTED["single"]["difference_new_minus_base"].items():
        assert_estimate(rows[f"new/{criterion}"].difference_from_baseline, values)
        assert rows[f"base/{criterion}"].difference_from_baseline.value is None


def test_a_nominal_criterion_is_read_and_has_no_mean() -> None:
    found = analysis("single", baseline="base")
    tone = [row for row in found.scores if row.criterion == "tone"]
    assert {row.system for row in tone} == {"new", "base"}
    for row in tone:
        assert row.raw.value is None
        assert row.raw.note
        assert row.difference_from_baseline.value is None


def test_three_criteria_of_one_answer_are_one_trial() -> None:
    (row,) = analysis("single").judges
    assert (row.planned, row.ok, row.missing_share) == (10, 10, 0)


def test_counts_by_status_are_the_expected_ones() -> None:
    found = {row.judge: row for row in analysis("half_missing").judges}
    for judge, values in EXPECTED["half_missing"]["judges"].items():
        assert {key: getattr(found[judge], key) for key in values} == values
    assert (found["j1"].missing_share, found["j2"].missing_share) == (0, 0.25)


def test_the_worst_and_the_best_case_of_missing_pairs_stand_in_the_note() -> None:
    """The panel: four pairs sum to 2.625 (4 x .65625), two are missing: 2.625 / 6 and 4.625 / 6."""
    (row,) = (row for row in analysis("half_missing").comparisons if row.judge == "panel")
    assert "2 of 6 pairs" in row.raw.note
    assert "0.438" in row.raw.note
    assert "0.771" in row.raw.note


def test_only_the_panel_concludes_where_there_is_one() -> None:
    concluded = {row.judge: row.conclusion for row in analysis("two_systems").comparisons}
    assert concluded == {"j1": None, "j2": None, "panel": "no difference shown"}
