"""Runs that ask a share of the items again: calls, reuse, the report, and flags that cannot be meant."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from pathlib import Path

import pytest

from judge.errors import InputError
from judge.types import JudgeModel
from judge.workflow import judging
from judge.workflow.compare import prepared
from judge.workflow.config import Config, RunSettings
from judge.workflow.options import Options, merged
from judge.workflow.reporting import Result
from judge.workflow.running import World

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"
BASE, TUNED = EXAMPLES / "base.jsonl", EXAMPLES / "tuned.jsonl"
SIM = JudgeModel("sim", "simulated", "sim-careless", families=frozenset({"x"}), simulated=True)


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(
        judges=(SIM,), store=str(tmp_path / "store.db"), out=tmp_path / "out", max_missing=1.0
    )


def compared(options: Options) -> Result:
    what = prepared(BASE, TUNED, options)
    return asyncio.run(judging.judged(what, options, World()))


def test_a_share_is_asked_again_reported_and_bought_once(options: Options) -> None:
    once = compared(options).report
    shared = dataclasses.replace(options, repeats=2, repeat_share=0.25)
    result = compared(shared)
    (row,) = result.report.judges
    (first,) = once.judges
    asked_again = (row.planned - first.planned) // 2  # in both orders
    assert 0 < asked_again < first.planned / 2
    assert row.reused == first.planned  # what was asked once is not bought again, repeats are new
    assert (result.report.run.repeats, result.report.run.repeat_share) == (2, 0.25)
    assert 0 < row.repeats.n_repeated <= 2 * asked_again
    assert row.repeats.pairwise_agreement.value is not None
    assert "Repeats" in result.text()
    assert json.loads(result.json())["judges"][0]["repeats"]["target"] == 0.9


def test_a_run_without_repeats_says_so_in_one_line(options: Options) -> None:
    assert "--repeat-share 0.2" in " ".join(compared(options).text().split())


@pytest.mark.parametrize(
    ("repeats", "share", "said"),
    [
        (2, 0.0, "--repeat-share 0: must be a share above 0"),
        (2, 1.5, "--repeat-share 1.5: must be a share above 0 and at most 1"),
        (1, 0.5, "nothing is asked again; add --repeats 2"),
    ],
)
def test_a_share_that_cannot_be_meant_is_refused_before_spending(
    options: Options, repeats: int, share: float, said: str
) -> None:
    chosen = dataclasses.replace(options, repeats=repeats, repeat_share=share)
    with pytest.raises(InputError, match=said):
        prepared(BASE, TUNED, chosen)


def test_the_file_gives_the_share_and_the_flag_goes_before_it() -> None:
    config = Config(run=RunSettings(repeats=2, repeat_share=0.1))
    assert merged(config, (SIM,)).repeat_share == 0.1
    assert merged(config, (SIM,), repeat_share=0.3).repeat_share == 0.3
