"""The table of benchmarks/early_stop.py, small."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "early_stop.py"
if not SCRIPT.is_file():
    pytest.skip("the benchmarks are not part of this copy", allow_module_level=True)


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("early_stop_benchmark", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks itself up there
    spec.loader.exec_module(module)
    return module


def test_the_fixed_design_has_the_published_numbers_of_items(bench: ModuleType) -> None:
    """((1.96 * .5 + .8416 * sqrt(p q)) / (p - .5))^2, as 783, 194 and 47."""
    assert [bench.fixed_items(p) for p in (0.5, 0.55, 0.6, 0.7)] == [None, 783, 194, 47]


def test_without_a_preference_few_runs_stop_and_peeking_is_wrong_far_more_often(
    bench: ModuleType,
) -> None:
    row = bench.simulated(0.5, runs=400)
    assert row.p_above > 0.01
    assert row.peeking > 0.3


def test_a_clear_preference_is_found_on_its_side_for_about_the_items_of_the_fixed_design(
    bench: ModuleType,
) -> None:
    row = bench.simulated(0.7, runs=400)
    assert row.right > 0.99
    assert row.median_items < 1.3 * row.fixed_items


def test_scores_that_do_not_differ_stop_seldom_and_those_that_do_are_found(
    bench: ModuleType,
) -> None:
    assert bench.simulated_scores(0.0, runs=200, cap=200).p_above > 0.01
    assert bench.simulated_scores(0.4, runs=100, cap=400).right > 0.98


@pytest.mark.slow
def test_type_one_error_is_not_above_five_percent_and_medians_are_the_published_ones(
    bench: ModuleType,
) -> None:
    assert bench.simulated(0.5).p_above > 0.05
    assert bench.simulated_scores(0.0).p_above > 0.05
    for preference, median in ((0.6, 208), (0.7, 46)):
        assert bench.simulated(preference).median_items == pytest.approx(median, rel=0.05)
