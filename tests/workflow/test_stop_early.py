"""`--stop-early` over whole runs on simulated judges: what is saved, and that nothing else decides."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from judge.errors import InputError
from judge.report.schema import Stopping
from judge.store import open_store
from judge.types import JudgeModel, Judgment, digest_text
from judge.workflow import judging, running, runs, score
from judge.workflow.compare import prepared
from judge.workflow.config import load_config
from judge.workflow.options import Options, merged
from judge.workflow.reporting import Result
from judge.workflow.running import World

RIGHT, ALSO_RIGHT = "From nine to six.", "Nine to six."
HALF, ALSO_HALF = "From nine, I think.", "Nine, I think."
WRONG, ALSO_WRONG = "Cheese.", "Butter."
PLANTED = {RIGHT: 1.0, ALSO_RIGHT: 1.0, HALF: 0.5, ALSO_HALF: 0.5, WRONG: 0.0, ALSO_WRONG: 0.0}
N = 60

SIM, OTHER = (
    JudgeModel(
        name,
        "simulated",
        rule,
        families=frozenset({name}),
        parameters={"planted": {digest_text(text): q for text, q in PLANTED.items()}},
        simulated=True,
    )
    for name, rule in (("sim", "sim-fair:skill=6"), ("other", "sim-fair:skill=5"))
)


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(
        judges=(SIM,),
        store=str(tmp_path / "store.db"),
        out=tmp_path / "out",
        stop_early=True,
        concurrency=1,
    )


def responses(folder: Path, system: str, text: str, n: int = N) -> Path:
    rows = [
        {"item_id": f"i{k}", "prompt": f"When is harbour {k} open?", "response": text}
        for k in range(n)
    ]
    path = folder / f"{system}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def files(folder: Path, **texts: str) -> list[Path]:
    return [responses(folder, system, text) for system, text in texts.items()]


def compared(paths: Sequence[Path], options: Options, world: World | None = None) -> Result:
    what = prepared(paths[0], paths[1:], options)
    return asyncio.run(judging.judged(what, options, world or World()))


def scored(paths: Sequence[Path], options: Options) -> Result:
    return asyncio.run(judging.judged(score.prepared(paths, options), options, World()))


def stops(result: Result) -> dict[str, Stopping]:
    return {one.system: one for one in result.report.early_stop or []}


def comparable(result: Result) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(result.json())
    for name in ("run_id", "started_at", "ended_at", "calls", "attempts"):
        told["run"].pop(name)
    return told


def concluded(result: Result) -> list[tuple[Any, ...]]:
    """What came out, without what hangs on the calls that were in flight."""
    return [
        (s.system, s.conclusion, s.items_used, s.decided, s.wins, s.e_value)
        for s in stops(result).values()
    ]


# -- pairs ---------------------------------------------------------------------------------------


def test_a_clear_difference_stops_and_saves_calls(options: Options, tmp_path: Path) -> None:
    result = compared(files(tmp_path, base=WRONG, new=RIGHT), options)
    one = stops(result)["new"]
    assert one.stopped
    assert (one.conclusion, one.items_planned, one.calls_planned) == ("better", N, 2 * N)
    assert one.calls_asked == 2 * one.items_used < N
    assert one.calls_saved == 2 * N - one.calls_asked
    assert result.report.run.calls == one.calls_asked
    (row,) = result.report.comparisons or []
    assert (row.conclusion, row.raw.n, row.raw.n_missing) == ("better", one.items_used, 0)
    assert result.exit_code == 0
    text = " ".join(result.text().split())
    assert f"Stopped after {one.items_used} of {N} items; {one.calls_saved} calls" in text
    assert "against 20" in text


def test_a_tie_runs_to_its_end_and_nothing_is_shown(options: Options, tmp_path: Path) -> None:
    result = compared(files(tmp_path, base=ALSO_RIGHT, new=RIGHT), options)
    one = stops(result)["new"]
    assert (one.stopped, one.items_used, one.calls_saved) == (False, N, 0)
    assert (result.report.comparisons or [])[0].conclusion == "no difference shown"
    assert f"Not stopped: all of {N} items were read; no call was saved" in " ".join(
        result.text().split()
    )


def test_of_several_the_known_one_is_left_and_the_others_go_on(
    options: Options, tmp_path: Path
) -> None:
    result = compared(files(tmp_path, base=HALF, alike=ALSO_HALF, new=RIGHT), options)
    found = stops(result)
    assert found["new"].stopped
    assert not found["alike"].stopped
    assert found["new"].alpha == 0.025
    assert found["new"].calls_saved > 0
    assert (found["alike"].calls_saved, found["alike"].calls_asked) == (0, 2 * N)


def test_one_call_at_a_time_and_sixty_four_conclude_alike(options: Options, tmp_path: Path) -> None:
    paths = files(tmp_path, base=HALF, alike=ALSO_HALF, new=RIGHT)
    panel = dataclasses.replace(options, judges=(SIM, OTHER))
    many = dataclasses.replace(panel, concurrency=64, store=str(tmp_path / "many.db"))
    first, second = compared(paths, panel), compared(paths, many)
    assert concluded(first) == concluded(second)
    rows = [[(c.judge, c.conclusion) for c in r.report.comparisons or []] for r in (first, second)]
    assert rows[0] == rows[1]


@pytest.mark.parametrize("changes", [{"swap": "random"}, {"swap": "sample:0.3"}, {"repeats": 3}])
def test_any_orders_and_repeats_will_do(
    changes: Mapping[str, Any], options: Options, tmp_path: Path
) -> None:
    result = compared(
        files(tmp_path, base=WRONG, new=RIGHT), dataclasses.replace(options, **changes)
    )
    assert stops(result)["new"].conclusion == "better"


def test_a_margin_that_was_stated_is_part_of_the_rule(options: Options, tmp_path: Path) -> None:
    with_margin = dataclasses.replace(options, margin=0.45)
    (one,) = stops(compared(files(tmp_path, base=ALSO_RIGHT, new=RIGHT), with_margin)).values()
    assert one.conclusion == "equivalent"
    assert one.calls_saved > 0


# -- a run that was cut short --------------------------------------------------------------------


@dataclasses.dataclass
class Interrupting(running.Silence):
    """Interrupts the run after so many judgments."""

    after: int
    interrupt: asyncio.Event
    seen: int = 0

    def advance(self, judgment: Judgment) -> None:
        self.seen += 1
        if self.seen == self.after:
            self.interrupt.set()


def interrupted(paths: Sequence[Path], options: Options, after: int) -> Result:
    event = asyncio.Event()
    return compared(paths, options, World(interrupt=event, progress=Interrupting(after, event)))


def resumed(result: Result, options: Options) -> Result:
    return asyncio.run(runs.resumed(str(result.run_id), options, World()))


@pytest.mark.parametrize("after", [3, 9])
def test_a_run_that_was_interrupted_is_resumed_to_the_report_of_a_whole_one(
    after: int, options: Options, tmp_path: Path
) -> None:
    paths = files(tmp_path, base=WRONG, new=RIGHT)
    whole = compared(paths, options)
    other = dataclasses.replace(options, store=str(tmp_path / "other.db"))
    cut = interrupted(paths, other, after)
    assert cut.exit_code == 130
    assert stops(cut)["new"].conclusion == "no difference shown"
    assert comparable(resumed(cut, other)) == comparable(whole)


def test_what_was_known_before_an_interrupt_is_not_asked_again(
    options: Options, tmp_path: Path
) -> None:
    paths = files(tmp_path, base=HALF, alike=ALSO_HALF, new=RIGHT)
    whole = compared(paths, options)
    other = dataclasses.replace(options, store=str(tmp_path / "other.db"))
    cut = interrupted(paths, other, 150)
    assert stops(cut)["new"].stopped
    again = resumed(cut, other)
    assert concluded(again) == concluded(whole)
    assert stops(again)["new"].calls_asked == stops(cut)["new"].calls_asked


def test_a_resumed_run_that_is_decided_asks_nothing(options: Options, tmp_path: Path) -> None:
    result = compared(files(tmp_path, base=WRONG, new=RIGHT), options)
    with open_store(options.store) as store:
        before = store.accounting(str(result.run_id))["sim"].calls
    assert comparable(resumed(result, options)) == comparable(result)
    with open_store(options.store) as store:
        assert store.accounting(str(result.run_id))["sim"].calls == before


def test_the_report_of_a_run_is_made_again_from_the_store_alone(
    options: Options, tmp_path: Path
) -> None:
    result = compared(files(tmp_path, base=WRONG, new=RIGHT), options)
    again = runs.reported(str(result.run_id), options)
    assert comparable(again) == comparable(result)


# -- scores --------------------------------------------------------------------------------------


def test_scores_stop_once_a_system_is_known_to_differ_from_the_baseline(
    options: Options, tmp_path: Path
) -> None:
    paths = files(tmp_path, base=WRONG, alike=ALSO_WRONG, new=RIGHT)
    result = scored(paths, dataclasses.replace(options, baseline="base"))
    found = stops(result)
    assert found["new"].conclusion == "better"
    assert found["new"].calls_saved > 0
    assert not found["alike"].stopped
    row = next(r for r in result.report.scores or [] if r.system == "new" and not r.criterion)
    assert "confidence sequence" in row.difference_from_baseline.method


def test_scores_without_a_baseline_say_what_to_name(options: Options, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--baseline.*base and new"):
        scored(files(tmp_path, base=WRONG, new=RIGHT), options)
    only = dataclasses.replace(options, baseline="base")
    with pytest.raises(InputError, match="no system but the baseline"):
        scored(files(tmp_path, base=WRONG), only)


# -- where it is said ----------------------------------------------------------------------------


def test_the_file_can_say_it_and_a_flag_goes_before_the_file(tmp_path: Path) -> None:
    path = tmp_path / "judge.toml"
    path.write_text("[run]\nstop_early = true\n", encoding="utf-8")
    config = load_config(path)
    assert merged(config, ()).stop_early
    assert not merged(config, (), stop_early=False).stop_early
    assert not Options().stop_early


def test_a_run_that_may_not_stop_early_has_no_such_section(
    options: Options, tmp_path: Path
) -> None:
    plain = dataclasses.replace(options, stop_early=False)
    result = compared(files(tmp_path, base=WRONG, new=RIGHT), plain)
    assert result.report.early_stop is None
    assert result.report.run.calls == 2 * N
