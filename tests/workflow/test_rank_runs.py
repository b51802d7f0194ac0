"""Whole runs of `judge rank` on simulated judges: what is asked, the report, and what comes after."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from pathlib import Path

import pytest
from command_line import judge as command

from judge.errors import InputError
from judge.types import JudgeModel
from judge.workflow import diff, judging, runs
from judge.workflow.analyze import analyzed
from judge.workflow.export import verdict_rows, written
from judge.workflow.options import Options
from judge.workflow.rank import prepared
from judge.workflow.reporting import Result
from judge.workflow.running import World

SIM = JudgeModel("sim", "simulated", "sim-noisy", families=frozenset({"x"}), simulated=True)
NAMES = ("alpha", "beta", "gamma", "delta")
ITEMS = 8


def response(name: str, item: int) -> str:
    """Texts that differ from one another; how good they are matters to no claim here."""
    return " ".join(f"{name} says word {n} about {item}" for n in range(2 + NAMES.index(name)))


def written_files(folder: Path, names: tuple[str, ...] = NAMES, lacking: str = "") -> list[Path]:
    """A file a system; `lacking` has no response to the last two items."""
    paths = []
    for name in names:
        rows = [
            {"item_id": f"i{n}", "prompt": f"question {n}", "response": response(name, n)}
            for n in range(ITEMS - (2 if name == lacking else 0))
        ]
        path = folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        paths.append(path)
    return paths


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(judges=(SIM,), store=str(tmp_path / "store.db"), out=tmp_path / "out")


def ranked(paths: list[Path], options: Options, design: str | None = None) -> Result:
    what = prepared(paths, dataclasses.replace(options, design=design))
    return asyncio.run(judging.judged(what, options, World()))


def test_all_pairs_are_asked_in_both_orders_and_ranked(tmp_path: Path, options: Options) -> None:
    """Six pairs x 8 items x 2 orders = 96 trials."""
    result = ranked(written_files(tmp_path), options)
    ranking = result.report.ranking
    assert ranking is not None
    assert {row.system for row in ranking.systems} == {*NAMES}
    assert result.report.judges[0].planned == 96
    assert result.report.comparisons is None
    assert result.report.run.command == "rank"
    assert not any("baseline" in warning for warning in result.report.warnings)
    assert result.exit_code == 0
    assert {row.strength.n for row in ranking.systems} == {3 * ITEMS}


def test_a_named_baseline_is_compared_with_as_well(tmp_path: Path, options: Options) -> None:
    result = ranked(written_files(tmp_path), dataclasses.replace(options, baseline="beta"))
    assert result.report.ranking is not None
    assert result.report.ranking.baseline == "beta"
    rows = [row for row in result.report.comparisons or () if not row.slice]
    assert {(row.system, row.baseline) for row in rows} == {
        (name, "beta") for name in NAMES if name != "beta"
    }


@pytest.mark.parametrize(
    ("design", "pairs"), [("all", 6), ("ring:0", 4), ("ring:1", 5), ("baseline", 3)]
)
def test_the_forecast_counts_the_pairs_of_the_design(
    tmp_path: Path, options: Options, design: str, pairs: int
) -> None:
    chosen = dataclasses.replace(options, baseline="alpha", design=design)
    what = prepared(written_files(tmp_path), chosen)
    assert what.forecast.calls == pairs * ITEMS * 2


def test_two_systems_are_refused_and_compare_is_named(tmp_path: Path, options: Options) -> None:
    with pytest.raises(InputError, match="judge compare"):
        prepared(written_files(tmp_path, NAMES[:2]), options)


def test_a_system_without_some_responses_is_left_out_of_its_pairs_alone(
    tmp_path: Path, options: Options
) -> None:
    result = ranked(written_files(tmp_path, lacking="alpha"), options)
    assert result.report.judges[0].planned == 96 - 2 * 3 * 2
    (said,) = (w for w in result.report.warnings if "no response of alpha" in w)
    assert "left out of its comparisons" in said


def test_one_more_system_buys_its_own_pairs_only(tmp_path: Path, options: Options) -> None:
    paths = written_files(tmp_path)
    ranked(paths[:3], options)
    assert ranked(paths, options).report.run.calls == 3 * ITEMS * 2


def test_a_run_can_be_reported_resumed_exported_and_compared(
    tmp_path: Path, options: Options
) -> None:
    paths = written_files(tmp_path)
    result = ranked(paths, options)
    run = str(result.run_id)
    assert runs.reported(run, options).report.ranking == result.report.ranking
    resumed = asyncio.run(runs.resumed(run, options, World()))
    assert resumed.report.ranking == result.report.ranking
    table = written(verdict_rows(run, options.store), tmp_path / "verdicts.csv")
    assert analyzed(table, Options()).report.ranking == result.report.ranking
    again = str(ranked(paths, dataclasses.replace(options, fresh=True)).run_id)
    assert diff.diffed([run, again], [options.store]).common_items == ITEMS


def test_the_tie_model_is_kept_with_the_run(tmp_path: Path, options: Options) -> None:
    result = ranked(written_files(tmp_path), dataclasses.replace(options, ties="davidson"))
    assert result.report.ranking is not None
    assert result.report.ranking.tie_model == "davidson"
    again = runs.reported(str(result.run_id), options).report.ranking
    assert again == result.report.ranking


@pytest.mark.parametrize(
    ("design", "named"), [(None, "all"), ("ring", "ring:4"), ("ring:1", "ring:1")]
)
def test_what_was_asked_for_stands_in_the_provenance_and_is_kept_with_the_run(
    tmp_path: Path, options: Options, design: str | None, named: str
) -> None:
    chosen = dataclasses.replace(
        options, baseline="beta", margin=0.1, merge="tie-on-inconsistency", style=True
    )
    result = ranked(written_files(tmp_path), chosen, design)
    again = runs.reported(str(result.run_id), options)
    for run in (result.report.run, again.report.run):
        assert (run.design, run.margin, run.style) == (named, 0.1, True)
        assert (run.merge, run.stop_early) == ("tie-on-inconsistency", False)
    assert all(judge.position.equivalence for judge in result.report.judges)
    assert named in result.html()


def test_early_stopping_of_the_config_is_for_other_commands(
    tmp_path: Path, options: Options
) -> None:
    chosen = dataclasses.replace(options, stop_early=True)
    assert not prepared(written_files(tmp_path), chosen).recipe.stop_early


def test_the_command_line_ranks_in_80_columns(tmp_path: Path) -> None:
    paths = written_files(tmp_path)
    flags = ("--design", "ring:1", "--margin", "0.1", "--merge", "average", "--style")
    done = command(tmp_path, "rank", *paths, "--judge", "simulated/sim-noisy", *flags)
    assert done.returncode == 0
    assert "80 calls" in done.stderr
    assert "P(best)" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    listed = command(tmp_path, "runs").stdout
    assert "rank" in listed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--design", "star"), "use all, ring"),
        (("--design", "baseline"), "--baseline"),
        (("--baseline", "gone"), "no such system"),
        (("--ties", "elo"), "half or davidson"),
    ],
)
def test_what_must_change_is_said_with_exit_code_2(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    paths = written_files(tmp_path)
    done = command(tmp_path, "rank", *paths, "--judge", "simulated/sim-noisy", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
