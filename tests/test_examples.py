"""The examples: every program runs with no key, and the data is what its README says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
NO_KEYS = {k: v for k, v in os.environ.items() if not k.endswith("_API_KEY")}


@pytest.mark.parametrize("program", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_runs_with_no_key(program: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=NO_KEYS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "n = " in done.stdout or "p = " in done.stdout


def rows(name: str) -> list[dict[str, str]]:
    text = (EXAMPLES / "data" / name).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_the_examples_are_varied_pairs_with_references() -> None:
    base, tuned = rows("base.jsonl"), rows("tuned.jsonl")
    assert [row["item_id"] for row in base] == [row["item_id"] for row in tuned]
    assert len(base) >= 60
    assert all(row["reference"] for row in base)
    kinds = Counter(row["category"] for row in base)
    assert set(kinds) == {"support", "summary", "extraction", "explanation", "adversarial"}
    assert min(kinds.values()) >= 8
