"""`--anchors` over whole runs on simulated judges: asked anew each time, counted apart, alarming on drift."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from judge.analysis.anchors import FIRST
from judge.errors import InputError
from judge.report.runs import text
from judge.report.schema_drift import Drift
from judge.store import open_store
from judge.types import JudgeModel, Judgment, digest_text
from judge.workflow import judging, runs, score
from judge.workflow.compare import prepared
from judge.workflow.options import Options
from judge.workflow.recipe import from_config
from judge.workflow.reporting import Result
from judge.workflow.running import World
from judge.workflow.verdicts import verdicts_of

RIGHT, WRONG = "From nine to six.", "Cheese."
N = 8
N_ANCHORS = 20
PLANTED = {digest_text(RIGHT): 1.0, digest_text(WRONG): 0.0}


def sim(rule: str = "sim-fair:skill=6", name: str = "sim") -> JudgeModel:
    return JudgeModel(name, "simulated", rule, parameters={"planted": PLANTED}, simulated=True)


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(
        judges=(sim(),),
        store=str(tmp_path / "store.db"),
        out=tmp_path / "out",
        concurrency=1,
        anchors=anchors(tmp_path),
    )


def written(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def responses(folder: Path, system: str, text: str, n: int = N) -> Path:
    rows = [
        {"item_id": f"i{k}", "prompt": f"When is harbour {k} open?", "response": text}
        for k in range(n)
    ]
    return written(folder / f"{system}.jsonl", rows)


def anchors(folder: Path, *, label: str = "a", n: int = N_ANCHORS, name: str = "known") -> Path:
    rows = [
        {
            "prompt": f"When is bridge {k} open?",
            "response_a": RIGHT,
            "response_b": WRONG,
            "label": label,
        }
        for k in range(n)
    ]
    return written(folder / f"{name}.jsonl", rows)


def files(folder: Path) -> tuple[Path, Path]:
    return responses(folder, "base", WRONG), responses(folder, "new", RIGHT)


def night(n: int) -> World:
    moment = datetime(2026, 10, 1, 3, tzinfo=UTC) + timedelta(days=n)
    return World(now=lambda: moment)


def compared(folder: Path, options: Options, world: World | None = None) -> Result:
    base, new = files(folder)
    return asyncio.run(judging.judged(prepared(base, new, options), options, world or night(0)))


def drift(result: Result) -> Drift:
    found = result.report.drift
    assert found is not None
    return found[0]


def calls_of(options: Options, run_id: str | None) -> tuple[int, int]:
    """Calls about anchors and about other items."""
    assert run_id is not None
    with open_store(options.store) as store:
        judgments = [*store.judgments(run_id)]
    of_anchors = [j for j in judgments if j.trial.system_a == FIRST]
    others = [j for j in judgments if j.trial.system_a != FIRST]
    return sum(len(j.calls) for j in of_anchors), sum(len(j.calls) for j in others)


def test_anchors_are_asked_anew_each_time_and_other_items_are_not(
    tmp_path: Path, options: Options
) -> None:
    first, second = (compared(tmp_path, options, night(n)) for n in (0, 1))
    assert calls_of(options, first.run_id) == (2 * N_ANCHORS, 2 * N)
    assert calls_of(options, second.run_id) == (2 * N_ANCHORS, 0)
    assert second.report.run.reused == 2 * N


def test_an_anchor_asked_again_is_drawn_anew_and_never_served_from_before(
    tmp_path: Path, options: Options
) -> None:
    noisy = dataclasses.replace(options, judges=(sim("sim-fair:skill=1"),))
    first, second = (compared(tmp_path, noisy, night(n)) for n in (0, 1))
    known = drift(second).runs
    assert [run.run_id for run in known] == [first.run_id, second.run_id]
    assert (known[1].newly_wrong or 0) + (known[1].newly_right or 0) > 0


def test_anchors_count_for_nothing_but_drift_calls_and_cost(
    tmp_path: Path, options: Options
) -> None:
    without = dataclasses.replace(options, anchors=None, store=str(tmp_path / "other.db"))
    plain, mixed = compared(tmp_path, without), compared(tmp_path, options)
    told, own = json.loads(plain.json()), json.loads(mixed.json())
    for name in ("comparisons", "judges", "missing", "examples"):
        for row in (*(told.get(name) or []), *(own.get(name) or [])):
            row.pop("cost_usd", None)
        assert told.get(name) == own.get(name), name
    assert own["run"]["items"] == told["run"]["items"] == N
    assert own["run"]["calls"] == told["run"]["calls"] + 2 * N_ANCHORS
    assert "drift" not in told
    assert drift(mixed).calls == 2 * N_ANCHORS
    assert "anchor" not in mixed.table.frame["item_id"].astype(str).str[:6].unique()
    assert f"; {N} items and {N_ANCHORS} anchors; " in text(*runs.listed(options.store))


def test_anchors_stand_at_random_places_that_the_seed_fixes(
    tmp_path: Path, options: Options
) -> None:
    base, new = files(tmp_path)
    what = prepared(base, new, options)
    places = [
        item.item_id.startswith("anchor:") for item in what.recipe.plan(what.items).ordered_items()
    ]
    assert sum(places) == N_ANCHORS
    assert len({*places[:8]}) == 2
    assert what.forecast.items == N
    assert what.forecast.calls == 2 * (N + N_ANCHORS)


def test_the_first_run_is_the_reference_and_a_quiet_second_says_so(
    tmp_path: Path, options: Options
) -> None:
    first, second = (compared(tmp_path, options, night(n)) for n in (0, 1))
    assert drift(first).state == "first run"
    assert drift(second).state == "quiet"
    assert drift(second).n_anchors == N_ANCHORS
    assert "First run with these anchors (known.jsonl)" in first.text()
    assert "No drift shown" in second.text()
    assert "newly wrong" in second.html()


def test_a_judge_that_gets_worse_raises_an_alarm_and_the_gate(
    tmp_path: Path, options: Options
) -> None:
    """The same settings, but the server behind them has another judge: as a provider may do overnight."""
    gated = dataclasses.replace(options, fail_if=("drift",))
    assert compared(tmp_path, gated, night(0)).exit_code == 0
    result = _with_bad_night(tmp_path, gated)
    assert drift(result).state == "alarm"
    assert result.exit_code == 1
    assert any("--fail-if drift" in reason for reason in result.reasons)
    assert any("errs more often on its anchors" in warning for warning in result.report.warnings)
    assert "Drift: sim errs more often" in result.text()


def _with_bad_night(folder: Path, options: Options) -> Result:
    """A run whose stored verdicts on anchors are those of a judge that prefers the worse answer."""
    base, new = files(folder)
    what = prepared(base, new, options)
    turned = {digest_text(RIGHT): 0.0, digest_text(WRONG): 1.0}
    asked = dataclasses.replace(sim(), parameters={"planted": turned})
    recipe = dataclasses.replace(what.recipe, judges=(asked,))
    result = asyncio.run(
        judging.judged(dataclasses.replace(what, recipe=recipe), options, night(1))
    )
    with open_store(options.store) as store:
        run = store.run(result.run_id or "")
        said = {**run.config["judges"][0], "parameters": {"planted": PLANTED}}
        config = {**run.config, "judges": [said]}
        store.change_config(run.run_id, config)
    return runs.reported(run.run_id, options)


def test_other_settings_rubrics_or_anchors_begin_a_history_of_their_own(
    tmp_path: Path, options: Options
) -> None:
    compared(tmp_path, options, night(0))
    others = (
        dataclasses.replace(options, judges=(sim("sim-fair:skill=5"),)),
        dataclasses.replace(options, anchors=anchors(tmp_path, n=10, name="fewer")),
    )
    for n, other in enumerate(others, 1):
        assert drift(compared(tmp_path, other, night(n))).state == "first run"
    renamed = dataclasses.replace(options, judges=(sim(name="renamed"),), swap="random")
    assert len(drift(compared(tmp_path, renamed, night(3))).runs) == 2


def test_a_resumed_run_keeps_its_anchors_and_asks_none_twice(
    tmp_path: Path, options: Options
) -> None:
    compared(tmp_path, options, night(0))
    interrupt = asyncio.Event()

    class Stop:
        seen = 0

        def begin(self, planned: Mapping[str, int], settled: int) -> None:
            pass

        def advance(self, judgment: Judgment) -> None:
            self.seen += bool(judgment.calls)
            if self.seen == 15:
                interrupt.set()

        def end(self, outcome: object) -> None:
            pass

    world = dataclasses.replace(night(1), progress=Stop(), interrupt=interrupt)
    stopped = compared(tmp_path, options, world)
    assert stopped.report.run.state == "interrupted"
    assert 0 < calls_of(options, stopped.run_id)[0] < 2 * N_ANCHORS
    resumed = asyncio.run(runs.resumed(stopped.run_id or "", options, night(1)))
    assert calls_of(options, resumed.run_id) == (2 * N_ANCHORS, 0)
    assert len(drift(resumed).runs) == 2
    assert drift(resumed).runs[-1].error_rate.n == 2 * N_ANCHORS


def test_no_table_of_a_run_holds_an_anchor(tmp_path: Path, options: Options) -> None:
    result = compared(tmp_path, options)
    with open_store(options.store) as store:
        run = store.run(result.run_id or "")
        table = verdicts_of(store, run, from_config(run.config))
    assert len(table.frame) == 2 * N
    assert set(table.frame["system_a"].astype(str)) == {"new"}


def test_single_answers_have_anchors_with_a_known_score(tmp_path: Path, options: Options) -> None:
    rows = [
        {"prompt": f"When is bridge {k} open?", "response": text, "score": known}
        for k in range(6)
        for text, known in ((RIGHT, 5), (WRONG, 1))
    ]
    own = dataclasses.replace(options, anchors=written(tmp_path / "scores.jsonl", rows))
    _, new = files(tmp_path)
    result = asyncio.run(judging.judged(score.prepared([new], own), own, night(0)))
    assert drift(result).runs[0].error_rate.n == 12
    assert drift(result).n_anchors == 12
    assert {row.system for row in result.report.scores or []} == {"new"}


def test_a_set_of_labels_gives_its_majority_answers(tmp_path: Path, options: Options) -> None:
    own = dataclasses.replace(options, anchors=Path("support-synthetic"))
    base, new = files(tmp_path)
    what = prepared(base, new, own)
    assert what.recipe.anchors is not None
    assert what.recipe.anchors.name == "support-synthetic@1"
    assert len(what.items) == N + len(what.recipe.anchors.answers)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"prompt": "q", "response_a": "x", "label": "a"}, "`response_b` is empty"),
        ({"prompt": "q", "response_a": "x", "response_b": "y", "label": "A!"}, "write a, b or tie"),
        ({"prompt": "q", "response_a": "x", "response_b": "y"}, "write a, b or tie"),
    ],
)
def test_a_bad_row_is_refused_before_anything_is_asked(
    tmp_path: Path, options: Options, row: Mapping[str, Any], said: str
) -> None:
    own = dataclasses.replace(options, anchors=written(tmp_path / "bad.jsonl", [row]))
    with pytest.raises(InputError, match="row 1") as refused:
        prepared(*files(tmp_path), own)
    assert said in str(refused.value)


def test_one_anchor_with_two_answers_is_refused(tmp_path: Path, options: Options) -> None:
    rows = [
        {"prompt": "q", "response_a": "x", "response_b": "y", "label": label}
        for label in ("a", "b")
    ]
    own = dataclasses.replace(options, anchors=written(tmp_path / "twice.jsonl", rows))
    with pytest.raises(InputError, match="stands there twice with the answers a and b"):
        prepared(*files(tmp_path), own)


def test_a_score_off_the_scale_is_refused(tmp_path: Path, options: Options) -> None:
    rows = [{"prompt": "q", "response": "x", "score": 9}]
    own = dataclasses.replace(options, anchors=written(tmp_path / "off.jsonl", rows))
    with pytest.raises(InputError, match="off the rubric's scale"):
        score.prepared(files(tmp_path)[1:], own)


def test_what_leaves_questions_out_does_not_go_with_anchors(
    tmp_path: Path, options: Options
) -> None:
    with pytest.raises(InputError, match="--anchors with --stop-early"):
        prepared(*files(tmp_path), dataclasses.replace(options, stop_early=True))


def test_a_gate_on_drift_without_anchors_fails_and_says_why(
    tmp_path: Path, options: Options
) -> None:
    own = dataclasses.replace(options, anchors=None, fail_if=("drift",))
    result = compared(tmp_path, own)
    assert result.exit_code == 1
    assert any("no anchors" in reason for reason in result.reasons)
