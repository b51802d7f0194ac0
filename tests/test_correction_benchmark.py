"""The tables of benchmarks/correction.py on LLMBar and PandaLM, beside what other tools gave there."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "benchmarks" / "correction.py"
LLMBAR = ROOT.parent / "shared" / "data" / "llmbar"
PANDALM = ROOT.parent / "shared" / "data" / "pandalm" / "testset_with_judges.jsonl"
if not SCRIPT.is_file():
    pytest.skip("the benchmarks are not part of this copy", allow_module_level=True)

on_llmbar = pytest.mark.skipif(not LLMBAR.is_dir(), reason=f"LLMBar is not at {LLMBAR}")
on_pandalm = pytest.mark.skipif(not PANDALM.is_file(), reason=f"PandaLM is not at {PANDALM}")


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("correction_benchmark", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks itself up there
    spec.loader.exec_module(module)
    return module


@on_llmbar
@pytest.mark.parametrize(
    ("judge", "raw", "truescore"), [("GPT-4", 0.5155, 0.5556), ("Falcon", 0.7780, 0.5215)]
)
def test_a_hundred_labels_give_what_another_implementation_gives(
    bench: ModuleType, judge: str, raw: float, truescore: float
) -> None:
    """truescore 0.7.4, ppi++, the same labels and order: the value to four digits, our interval a t's."""
    people = bench.llmbar(LLMBAR, judge, ("ab",))
    places = bench.label_draws(len(people.human), 100, 1)[0]
    found = bench.ways(people.sample(places))["PPI++"].estimate
    assert people.truth == pytest.approx(0.4916, abs=5e-5)
    assert np.nanmean(people.judged) == pytest.approx(raw, abs=5e-5)
    assert found.value == pytest.approx(truescore, abs=5e-5)


@on_llmbar
@pytest.mark.slow
@pytest.mark.parametrize(
    ("judge", "covers", "width"), [("GPT-4", 0.955, 0.306), ("Falcon", 0.940, 0.395)]
)
def test_thirty_labels_cover_as_often_as_the_best_rival_at_no_greater_width(
    bench: ModuleType, judge: str, covers: float, width: float
) -> None:
    """200 draws; cje 0.9.3 covered so often at such a width."""
    people = bench.llmbar(LLMBAR, judge, ("ab",))
    found = bench.coverage(people, bench.label_draws(len(people.human), 30, 200))["PPI++"]
    assert found.draws == 200
    assert found.share >= covers
    assert found.width <= width


@on_pandalm
def test_sixty_of_pandalms_labels_hold_the_answer_of_all_and_are_narrower_than_alone(
    bench: ModuleType,
) -> None:
    """150 draws here, 2,000 in the benchmark."""
    people = bench.pandalm(PANDALM, "gpt")
    random = np.random.default_rng(1)
    draws = [random.permutation(len(people.human))[:60] for _ in range(150)]
    found = bench.coverage(people, draws)
    assert found["PPI++"].share > 0.9
    assert found["PPI++"].width < 0.9 * found["labels alone"].width
