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


def test_one_value_stands_for_a_list_and_a_text_for_a_path(tmp_path: Path) -> None:
    result = compare(
        str(BASE),
        str(TUNED),
        judges="simulated/sim-fair",
        rubrics="helpfulness",
        slices="category",
        fail_if="worse",
        limit=5,
        store=tmp_path / "store.db",
        out=str(tmp_path / "out"),
    )
    assert result.exit_code == 0
    assert (tmp_path / "out" / "report.html").exists()


def test_analyze_takes_the_families_of_a_config_as_the_command_does(tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text('[families]\n"^j" = ["north"]\n', "utf-8")
    table = Path(__file__).parent / "contract" / "two_systems.jsonl"
    said = " ".join(analyze(table, config=str(config)).report.warnings)
    assert "no model family declared" not in said
    assert "no model family declared" in " ".join(analyze(table).report.warnings)


def test_an_argument_that_nobody_knows_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="colour"):
        analyze(BASE, colour="red")


def test_earlier_runs_have_the_same_face(tmp_path: Path) -> None:
    store, out = str(tmp_path / "store.db"), tmp_path / "out"
    runs = [
        compare(
            BASE, TUNED, judges=["simulated/sim-fair"], limit=5, seed=seed, store=store, out=out
        ).run_id
        for seed in (1, 1)
    ]
    first, last = (str(run) for run in runs)
    assert judge.diff_runs(first, last, stores=store).common_items == 5
    assert judge.report_run(last, store=store, out=out).run_id == last
    assert judge.resume_run("latest", store=store, out=out, concurrency=2).exit_code == 0
    assert {row["judge"] for row in judge.export_run(last, store=store)} == {"sim-fair"}
    drawn = judge.draw_spotcheck(last, n=2, file=tmp_path / "mine.csv", store=store)
    assert judge.read_spotcheck(last, drawn.path, store=store).judges[0].drawn == 2


def test_files_are_looked_at_as_doctor_and_items_check_do() -> None:
    assert judge.diagnose(BASE).kind == "responses"
    assert judge.check_items([BASE, TUNED]).holds
