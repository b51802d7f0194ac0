"""[families] of judge.toml: it holds for judges and systems alike, and travels with a run."""

from __future__ import annotations

import json
from pathlib import Path

from judge.types import JudgeModel
from judge.workflow.analyze import analyzed
from judge.workflow.config import Config
from judge.workflow.options import Options, merged
from judge.workflow.recipe import Recipe, from_config, to_config

PATTERNS = {"^(base|j1)$": frozenset({"in-house"}), "tuned": frozenset({"meta"})}


def test_patterns_declare_systems_as_well_as_judges(tmp_path: Path) -> None:
    pair = {"item_id": "i", "system_a": "tuned", "system_b": "base", "label": "a"}
    path = tmp_path / "v.jsonl"
    path.write_text("".join(json.dumps(pair | {"judge": j}) + "\n" for j in ("j1", "gpt-4")))
    found = analyzed(path, Options(), families=PATTERNS).report.run.families
    assert found is not None
    said = {(n.name, n.role): (n.families, n.origin) for n in found.names}
    assert said == {
        ("gpt-4", "judge"): (["openai"], "table"),
        ("j1", "judge"): (["in-house"], "declared"),
        ("base", "system"): (["in-house"], "declared"),
        ("tuned", "system"): (["meta"], "declared"),
    }


def test_a_run_keeps_the_patterns_that_it_was_started_with() -> None:
    judge = JudgeModel("j", "scripted", "m")
    options = merged(Config(families=PATTERNS), (judge,))
    recipe = Recipe("compare", "pairwise", (judge,), (), (), families=options.families)
    stored = json.loads(json.dumps(to_config(recipe)))
    assert from_config(stored).families == PATTERNS
