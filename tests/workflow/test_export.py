"""A run's verdicts in the shapes of other tools, read back and analyzed."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from pathlib import Path

import pytest

from judge.errors import InputError
from judge.types import JudgeModel
from judge.workflow import judging
from judge.workflow.analyze import analyzed
from judge.workflow.compare import prepared
from judge.workflow.export import text, verdict_rows, written
from judge.workflow.options import Options
from judge.workflow.reporting import Result
from judge.workflow.running import World

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"
SIM = JudgeModel("sim", "simulated", "sim-fair", families=frozenset({"x"}), simulated=True)
CARELESS = JudgeModel(
    "careless", "simulated", "sim-careless", families=frozenset({"y"}), simulated=True
)


@pytest.fixture
def options(tmp_path: Path) -> Options:
    store = str(tmp_path / "store.db")
    return Options(judges=(SIM, CARELESS), store=store, out=tmp_path / "out", max_missing=1.0)


def compared(options: Options) -> Result:
    what = prepared(EXAMPLES / "base.jsonl", EXAMPLES / "tuned.jsonl", options)
    return asyncio.run(judging.judged(what, options, World()))


@pytest.mark.parametrize(
    ("format", "ending"), [("mt_bench", "jsonl"), ("alpaca_eval", "json"), ("verdicts", "csv")]
)
def test_an_exported_run_reads_back_to_its_own_win_rates(
    options: Options, tmp_path: Path, format: str, ending: str
) -> None:
    result = compared(options)
    rows = verdict_rows(str(result.run_id), options.store, format)
    path = written(rows, tmp_path / f"export.{ending}", format)
    named = "native" if format == "verdicts" else format
    again = analyzed(path, Options(max_missing=1.0, format=named))
    ours, theirs = (
        [row for row in of.report.comparisons or [] if not row.slice] for of in (result, again)
    )
    assert len(ours) == 3
    assert [(c.judge, c.conclusion) for c in theirs] == [(c.judge, c.conclusion) for c in ours]
    for own, other in zip(ours, theirs, strict=True):
        assert other.raw.value == pytest.approx(own.raw.value, abs=1e-12)
        assert (other.raw.n, other.raw.n_missing) == (own.raw.n, own.raw.n_missing)
        assert other.raw.se == pytest.approx(own.raw.se, abs=1e-12)
    assert again.report.run.simulated_judges == ["careless", "sim"]


def test_a_format_is_written_under_its_own_endings_only(options: Options, tmp_path: Path) -> None:
    run = str(compared(dataclasses.replace(options, limit=2)).run_id)
    for format, wrong, said in [
        ("alpaca_eval", "a.jsonl", r"must be \.json for --format alpaca_eval"),
        ("mt_bench", "a.csv", r"must be \.jsonl"),
        ("verdicts", "a.json", r"one of \.jsonl, \.csv, \.parquet"),
    ]:
        with pytest.raises(InputError, match=said):
            written(verdict_rows(run, options.store, format), tmp_path / wrong, format)
        assert not (tmp_path / wrong).exists()


def test_stdout_has_what_a_file_would_hold(options: Options, tmp_path: Path) -> None:
    run = str(compared(dataclasses.replace(options, limit=2)).run_id)
    for format, ending in [("alpaca_eval", "json"), ("mt_bench", "jsonl"), ("verdicts", "jsonl")]:
        rows = verdict_rows(run, options.store, format)
        path = written(rows, tmp_path / f"{format}.{ending}", format)
        assert path.read_text("utf-8") == text(rows, format)
    assert (
        len(json.loads(text(verdict_rows(run, options.store, "alpaca_eval"), "alpaca_eval"))) == 4
    )


def test_a_format_that_writes_no_verdicts_is_refused_with_those_that_do(options: Options) -> None:
    for name in ("arena_hard", "no_such_format"):
        with pytest.raises(InputError, match=r"known are verdicts, alpaca_eval, mt_bench"):
            verdict_rows("latest", options.store, name)


def test_half_a_surrogate_pair_survives_in_a_json_list(tmp_path: Path) -> None:
    path = written([{"instruction": "\ud83d"}], tmp_path / "a.json", "alpaca_eval")
    assert json.loads(path.read_text("utf-8")) == [{"instruction": "\ud83d"}]
