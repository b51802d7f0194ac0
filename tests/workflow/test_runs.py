"""Whole runs on simulated judges in process: reports, reuse, resume, export, exit codes."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from judge.engine.live import Decision
from judge.engine.retry import Patience
from judge.errors import InputError
from judge.store import open_store
from judge.types import JudgeModel, Judgment, Status, Verdict
from judge.workflow import judging, running, runs, score
from judge.workflow.analyze import analyzed
from judge.workflow.compare import prepared
from judge.workflow.config import Config, RunSettings, check_judges
from judge.workflow.export import verdict_rows, written
from judge.workflow.options import Options, merged
from judge.workflow.reporting import Result
from judge.workflow.running import World

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"
BASE, TUNED = EXAMPLES / "base.jsonl", EXAMPLES / "tuned.jsonl"

SIM = JudgeModel("sim", "simulated", "sim-fair", families=frozenset({"x"}), simulated=True)
CARELESS = JudgeModel(
    "careless", "simulated", "sim-careless", families=frozenset({"y"}), simulated=True
)


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(judges=(SIM,), store=str(tmp_path / "store.db"), out=tmp_path / "out")


def compared(options: Options, world: World | None = None, new: Path = TUNED) -> Result:
    what = prepared(BASE, new, options)
    return asyncio.run(judging.judged(what, options, world or World()))


def comparable(result: Result) -> dict[str, Any]:
    """A report without what differs between two runs of the same plan."""
    told = json.loads(result.json())
    for name in ("run_id", "started_at", "ended_at", "calls", "attempts"):
        told["run"].pop(name)
    return told


def rows_of(result: Result) -> Mapping[str, Any]:
    return {row.judge: row for row in result.report.judges}


def test_the_report_accounts_for_every_planned_trial(options: Options) -> None:
    result = compared(dataclasses.replace(options, judges=(SIM, CARELESS), max_missing=1.0))
    for row in result.report.judges:
        counts = (row.ok, row.unparsed, row.refused, row.truncated, row.failed, row.not_asked)
        assert row.planned == sum(counts) == 160
    assert rows_of(result)["careless"].unparsed + rows_of(result)["careless"].refused > 0


def test_the_same_plan_gives_the_same_report(options: Options, tmp_path: Path) -> None:
    other = dataclasses.replace(options, store=str(tmp_path / "other.db"))
    assert comparable(compared(options)) == comparable(compared(other))


def test_a_plain_rerun_asks_nothing_again_and_says_so(options: Options) -> None:
    first, again = compared(options), compared(options)
    row = rows_of(again)["sim"]
    assert (row.reused, row.cost_usd, again.report.run.calls) == (160, 0.0, 0)
    assert again.report.comparisons == first.report.comparisons


def test_renaming_a_file_and_a_system_buys_nothing_again(options: Options, tmp_path: Path) -> None:
    compared(options)
    renamed = tmp_path / "renamed.jsonl"
    lines = [json.loads(line) for line in TUNED.read_text("utf-8").splitlines()]
    renamed.write_text("".join(json.dumps({**row, "system": "v2"}) + "\n" for row in lines))
    assert compared(options, new=renamed).report.run.calls == 0


def test_fresh_asks_everything_again(options: Options) -> None:
    compared(options)
    again = compared(dataclasses.replace(options, fresh=True))
    assert again.report.run.calls == 160
    assert rows_of(again)["sim"].reused == 0


def test_the_exported_table_gives_the_runs_comparisons_exactly(
    options: Options, tmp_path: Path
) -> None:
    judges = (SIM, CARELESS, dataclasses.replace(SIM, judge="long", model="sim-long"))
    result = compared(dataclasses.replace(options, judges=judges, max_missing=1.0))
    for ending in ("jsonl", "csv", "parquet"):
        rows = verdict_rows(str(result.run_id), options.store)
        table = written(rows, tmp_path / f"verdicts.{ending}")
        read = analyzed(table, Options(max_missing=1.0))
        assert read.report.comparisons == result.report.comparisons
        assert [r.position for r in read.report.judges] == [
            r.position for r in result.report.judges
        ]


def stop_after(number: int) -> Any:
    seen: list[Judgment] = []

    def policy(judgment: Judgment) -> Decision:
        seen.append(judgment)
        return Decision(stop=len(seen) >= number)

    return policy


def test_what_a_policy_stopped_is_neither_missing_nor_a_fault(
    options: Options, tmp_path: Path
) -> None:
    result = compared(dataclasses.replace(options, concurrency=1), World(policy=stop_after(41)))
    row = rows_of(result)["sim"]
    assert (row.ok, row.not_asked) == (41, 119)
    comparison = (result.report.comparisons or [])[0]
    assert (comparison.raw.n, comparison.raw.n_missing) == (20, 0)
    assert result.exit_code == 0
    table = written(verdict_rows(str(result.run_id), options.store), tmp_path / "v.jsonl")
    assert analyzed(table, Options()).report.comparisons == result.report.comparisons


def test_a_run_stopped_by_its_budget_goes_on_with_more(options: Options, tmp_path: Path) -> None:
    priced = dataclasses.replace(
        SIM, usd_per_mtok_in=1.0, usd_per_mtok_out=1.0, parameters={"max_tokens": 200}
    )
    tight = dataclasses.replace(options, judges=(priced,), max_cost_usd=0.05)
    stopped = compared(tight)
    assert stopped.exit_code == 4
    assert (stopped.report.run.cost_usd or 1) <= 0.05
    assert rows_of(stopped)["sim"].not_asked > 0
    more = dataclasses.replace(tight, max_cost_usd=10.0)
    done = asyncio.run(runs.resumed(str(stopped.run_id), more, World(), max_cost_usd=10.0))
    assert done.exit_code == 0
    whole = compared(dataclasses.replace(more, store=str(tmp_path / "whole.db")))
    assert done.report.comparisons == whole.report.comparisons
    assert done.report.judges == whole.report.judges


def test_an_interrupted_run_is_resumed_to_the_report_of_a_whole_one(
    options: Options, tmp_path: Path
) -> None:
    interrupt = asyncio.Event()

    class Watcher:
        done = 0

        def begin(self, planned: Mapping[str, int], settled: int) -> None:
            pass

        def advance(self, judgment: Judgment) -> None:
            self.done += 1
            if self.done == 50:
                interrupt.set()

        def end(self, outcome: object) -> None:
            pass

    stopped = compared(options, World(progress=Watcher(), interrupt=interrupt))
    row = rows_of(stopped)["sim"]
    assert stopped.exit_code == 130
    assert (row.planned, row.ok + row.not_asked) == (160, 160)
    assert row.not_asked > 0
    assert any("judge resume" in warning for warning in stopped.report.warnings)
    frame = stopped.table.frame
    whole_pairs = (
        frame[frame["status"] == "ok"].groupby("item_id", observed=True).size() == 2
    ).sum()
    comparison = (stopped.report.comparisons or [])[0].raw
    assert (comparison.n, comparison.n_missing) == (whole_pairs, 80 - whole_pairs)
    done = asyncio.run(runs.resumed("latest", options, World()))
    whole = compared(dataclasses.replace(options, store=str(tmp_path / "whole.db")))
    assert comparable(done) == comparable(whole)


def test_a_run_that_was_killed_before_its_first_verdict_has_a_report(options: Options) -> None:
    what = prepared(BASE, TUNED, options)
    with open_store(options.store) as store:
        run = running.started(what.recipe, what.items, store, World())
    result = runs.reported(run.run_id, options)
    assert (result.exit_code, rows_of(result)["sim"].not_asked) == (130, 160)
    assert len(verdict_rows(run.run_id, options.store)) == 160


def test_a_judge_without_enough_verdicts_is_exit_code_3(options: Options) -> None:
    dead = dataclasses.replace(
        SIM, judge="dead", families=frozenset({"z"}), parameters={"faults": {"error_500": 1.0}}
    )
    both = dataclasses.replace(options, judges=(SIM, dead), limit=10)
    result = compared(both, World(patience=Patience(attempts=1)))
    assert result.exit_code == 3
    assert rows_of(result)["dead"].failed == 20
    panel = next(r for r in result.report.comparisons or () if r.judge == "panel")
    assert (panel.raw.value, panel.raw.n_missing, panel.conclusion) == (None, 10, None)


@pytest.mark.parametrize(("condition", "code"), [("not-better", 1), ("worse", 0)])
def test_a_gate_decides_the_exit_code(options: Options, condition: str, code: int) -> None:
    """A coin shows no difference, which is not better, and not worse either."""
    coin = dataclasses.replace(SIM, model="sim-fair:noise=1")
    gated = dataclasses.replace(options, judges=(coin,), fail_if=(condition,))
    result = compared(gated)
    assert (result.report.comparisons or [])[0].conclusion == "no difference shown"
    assert result.exit_code == code


def test_nothing_is_stored_where_the_caller_must_change_something(options: Options) -> None:
    keyed = JudgeModel("gpt", "openai", "MODEL", api_key_env="OPENAI_API_KEY")
    with pytest.raises(InputError, match="OPENAI_API_KEY"):
        compared(dataclasses.replace(options, judges=(keyed,)))
    assert not Path(options.store).exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"judges": ()}, r"--judge openai/MODEL"),
        ({"max_cost_usd": 1.0}, r"--max-cost needs the price of every judge"),
        ({"rubrics": ("helpfulness-single",)}, r"is single: use it with `judge score`"),
        ({"rubrics": ("nonsense",)}, r"nonsense"),
        ({"rubrics": ("helpfulness", "helpfulness@1")}, r"given twice"),
        ({"fail_if": ("ugly",)}, r"--fail-if ugly: known conditions are"),
        ({"swap": "sideways"}, r"--swap sideways"),
        ({"repeats": 0}, r"--repeats 0"),
    ],
)
def test_what_must_be_changed_is_said_before_anything_is_asked(
    options: Options, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        compared(dataclasses.replace(options, **change))


def test_unpaired_items_are_left_out_and_named(options: Options, tmp_path: Path) -> None:
    short = tmp_path / "short.jsonl"
    short.write_text("\n".join(TUNED.read_text("utf-8").splitlines()[:30]) + "\n")
    result = compared(options, new=short)
    assert (result.report.comparisons or [])[0].raw.n == 30
    assert any("50 of 80 items have no response of tuned" in w for w in result.report.warnings)


@pytest.mark.parametrize("is_reused", [False, True])
def test_answers_that_an_older_parser_could_not_read_are_read_again_without_a_call(
    options: Options, is_reused: bool
) -> None:
    result = compared(options)
    result = compared(options) if is_reused else result
    with open_store(options.store) as store:
        judgment = next(store.judgments(str(result.run_id)))
        old = Verdict(Status.UNPARSED, reason="not understood", parser_version=0)
        store.append(str(result.run_id), [dataclasses.replace(judgment, verdict=old)])
    worse = runs.reported(str(result.run_id), options)
    assert (rows_of(worse)["sim"].unparsed, rows_of(worse)["sim"].ok) == (1, 159)
    again = runs.reported(str(result.run_id), options, reread=True)
    assert comparable(again) == comparable(result)
    assert again.report.run.calls == result.report.run.calls


def test_one_item_is_shown_with_every_judges_word_in_every_order(options: Options) -> None:
    result = compared(options)
    shown = runs.shown(str(result.run_id), "support-01", options.store)
    assert [j.trial.order for j in shown.judgments] == ["AB", "BA"]
    assert all(j.verdict.explanation for j in shown.judgments)


@pytest.mark.parametrize("name", ["nonsense", "latest"])
def test_an_unknown_run_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run"):
        runs.reported(name, Options(store=str(tmp_path / "store.db")))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -1.0])
@pytest.mark.parametrize("name", ["max_cost_usd", "max_missing"])
def test_a_limit_that_is_no_number_is_refused(name: str, number: float) -> None:
    with pytest.raises(InputError, match="must be a"):
        merged(Config(), (SIM,), **{name: number})


def test_the_file_goes_over_the_defaults_and_what_is_given_over_the_file() -> None:
    config = Config(run=RunSettings(rubrics=("correctness",), seed=5, max_cost_usd=0.01, out="o"))
    chosen = merged(config, (SIM,), seed=7, repeats=None, rubrics=())
    assert (chosen.rubrics, chosen.seed, chosen.max_cost_usd) == (("correctness",), 7, 0.01)
    assert (chosen.out, chosen.repeats) == (Path("o"), 1)


def test_a_run_is_carried_out_by_one_process_at_a_time(options: Options) -> None:
    result = compared(options)
    with open_store(options.store) as store:
        with store.claim(str(result.run_id)), pytest.raises(InputError, match="another process"):
            asyncio.run(runs.resumed("latest", options, World()))
        assert store.run(str(result.run_id)).state == "done"
    assert asyncio.run(runs.resumed("latest", options, World())).exit_code == 0


def test_a_run_that_goes_on_is_running(options: Options) -> None:
    result = compared(dataclasses.replace(options, concurrency=1), World(policy=stop_after(3)))
    seen: list[str] = []

    def look(_: Judgment) -> Decision:
        with open_store(options.store) as store:
            seen.append(store.run(str(result.run_id)).state)
        return Decision(stop=True)

    asyncio.run(runs.resumed("latest", options, World(policy=look)))
    assert set(seen) == {"running"}


def test_a_gate_on_scores_is_refused_before_anything_is_asked(options: Options) -> None:
    with pytest.raises(InputError, match="scores have no conclusion"):
        score.prepared([TUNED], dataclasses.replace(options, fail_if=("worse",)))


def test_a_login_in_an_address_is_refused_without_being_repeated() -> None:
    leaky = JudgeModel("j", "openai", "m", base_url="http://user:hunter2@127.0.0.1/v1")
    with pytest.raises(InputError, match="holds a login") as caught:
        check_judges([leaky])
    assert "hunter2" not in str(caught.value)


def test_families_that_rows_declare_go_before_the_patterns_of_the_file(
    options: Options, tmp_path: Path
) -> None:
    result = compared(dataclasses.replace(options, judges=(SIM, CARELESS), max_missing=1.0))
    table = written(verdict_rows(str(result.run_id), options.store), tmp_path / "v.jsonl")
    one_family = {"sim|careless": frozenset({"all"})}
    read = analyzed(table, Options(max_missing=1.0), families=one_family)
    assert read.report.comparisons == result.report.comparisons


def test_half_a_surrogate_pair_in_an_answer_survives_the_export(
    options: Options, tmp_path: Path
) -> None:
    odd = JudgeModel(
        "odd", "scripted", "x", parameters={"replies": ['{"reasoning": "\\ud83d", "label": "A"}']}
    )
    result = compared(dataclasses.replace(options, judges=(odd,), limit=5))
    rows = verdict_rows(str(result.run_id), options.store)
    assert rows[0]["explanation"] == "\ud83d"
    read = analyzed(written(rows, tmp_path / "v.jsonl"), Options())
    assert read.report.comparisons == result.report.comparisons
    for ending in ("csv", "parquet"):
        with pytest.raises(InputError, match=r"use \.jsonl"):
            written(rows, tmp_path / f"v.{ending}")
        assert not (tmp_path / f"v.{ending}").exists()
