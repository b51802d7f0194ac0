"""LLMBar: a threshold on one half of the pairs keeps its word on the rest, and a cascade saves calls."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy import stats

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data" / "llmbar"
if not (ROOT / "benchmarks" / "cascade.py").is_file():
    pytest.skip("the benchmarks are not part of this copy", allow_module_level=True)
if not DATA.is_dir():
    pytest.skip(f"LLMBar is not at {DATA}", allow_module_level=True)

from benchmarks.cascade import CHEAP, DEAR, DELTA, ONE, SEVERAL, read, tried  # noqa: E402


def test_two_orders_have_two_levels_of_confidence_and_four_prompts_more() -> None:
    levels = [
        len(set(read(DATA, (DEAR,), prompts).confidence[:, 0].round(6)))
        for prompts in (ONE, SEVERAL)
    ]
    assert levels[0] <= 3  # 0.5, 1 and none
    assert levels[1] > levels[0]


def test_the_cheap_judge_alone_is_refused_and_the_dear_one_is_not() -> None:
    assert tried(CHEAP, read(DATA, (CHEAP,), ONE), 0.2).found == 0
    dear = tried(DEAR, read(DATA, (DEAR,), ONE), 0.2)
    assert dear.found == 1
    assert dear.coverage > 0.9


def test_with_finer_confidence_the_cascade_is_let_through_and_keeps_its_word() -> None:
    row = tried("both", read(DATA, (CHEAP, DEAR), SEVERAL), 0.2)
    assert row.found > 0.8
    assert row.saved > 0.15
    assert row.agreement > 0.8
    broken = round(60 * row.over_all)
    assert stats.binom.sf(broken - 1, 60, DELTA) > 0.05
