"""The public names: few, lazy, and with the power of the command line."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

import judge
from judge import JudgeModel, analyze, compare, score
from judge.workflow.running import World

EXAMPLES = Path(__file__).parents[1] / "examples" / "data"
BASE, TUNED = EXAMPLES / "base.jsonl", EXAMPLES / "tuned.jsonl"

HEAVY = ("pandas", "openai", "anthropic", "scipy", "statsmodels", "altair", "numpy", "sqlalchemy")


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import judge, sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_every_public_name_is_there_and_sorted() -> None:
    assert judge.__all__ == sorted(judge.__all__)
    for name in judge.__all__:
        assert getattr(judge, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        judge.nonsense  # noqa: B018


def test_compare_needs_no_command_line(tmp_path: Path) -> None:
    result = compare(
        BASE,
        TUNED,
        judges=[
            "simulated/sim-fair",
            JudgeModel("other", "simulated", "sim-noisy", simulated=True),
        ],
        store=str(tmp_path / "store.db"),
        out=tmp_path / "out",
        world=World(),
    )
    rows = {row.judge: row for row in result.report.comparisons or () if not row.slice}
    assert set(rows) == {"sim-fair", "other", "panel"}
    assert rows["panel"].raw.n == 80
    assert result.exit_code == 0
    assert json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))["comparisons"]
    assert "simulated" in result.text()


def test_score_gives_systems_criteria_and_the_difference(tmp_path: Path) -> None:
    result = score(
        [TUNED, BASE],
        judges=["simulated/sim-fair"],
        baseline="base",
        limit=20,
        store=str(tmp_path / "store.db"),
        out=tmp_path / "out",
        world=World(),
    )
    whole = [row for row in result.report.scores or () if not row.slice]
    rows = {(row.system, row.criterion): row for row in whole}
    assert {system for system, _ in rows} == {"base", "tuned"}
    assert ("tuned", "") in rows
    assert ("tuned", "accuracy") in rows
    assert rows["tuned", ""].difference_from_baseline.n == 20
    assert rows["base", ""].difference_from_baseline.value is None


def test_analyze_reads_a_file(tmp_path: Path) -> None:
    table = Path(__file__).parent / "contract" / "two_systems.jsonl"
    result = analyze(table)
    assert {row.judge for row in result.report.comparisons or ()} == {"j1", "j2", "panel"}


def test_a_running_loop_awaits_the_coroutine(tmp_path: Path) -> None:
    async def main() -> int:
        result = await judge.compare_async(
            BASE,
            TUNED,
            judges=["simulated/sim-fair"],
            limit=5,
            store=str(tmp_path / "store.db"),
            out=tmp_path / "out",
        )
        return result.exit_code

    assert asyncio.run(main()) == 0


def test_help_loads_nothing_heavy() -> None:
    code = f"""
import sys
from judge.cli import main
try:
    main()
except SystemExit:
    print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)
"""
    shown = subprocess.run(
        [sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=True
    )
    assert "compare" in shown.stdout
    assert shown.stderr.strip() == "[]"
