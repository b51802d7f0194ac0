"""Stored runs held against each other: what is refused, matched, and put down to what."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judge.errors import InputError
from judge.report.diff_blocks import blocks
from judge.report.diff_schema import Diff
from judge.report.terminal import text_of
from judge.store import open_store
from judge.types import PANEL, Capabilities, JudgeModel
from judge.workflow import judging, runs, score
from judge.workflow.compare import prepared
from judge.workflow.diff import diffed
from judge.workflow.options import Options
from judge.workflow.running import World

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"
BASE, TUNED = EXAMPLES / "base.jsonl", EXAMPLES / "tuned.jsonl"
SIM = JudgeModel("sim", "simulated", "sim-fair", families=frozenset({"x"}), simulated=True)


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(judges=(SIM,), store=str(tmp_path / "store.db"), out=tmp_path / "out", limit=12)


def compared(options: Options, new: Path = TUNED) -> str:
    """The id of a run."""
    what = prepared(BASE, new, options)
    return str(asyncio.run(judging.judged(what, options, World())).run_id)


def scored(options: Options) -> str:
    what = score.prepared([BASE, TUNED], options)
    return str(asyncio.run(judging.judged(what, options, World())).run_id)


def responses(path: Path, **changes: Any) -> Path:
    """The tuned responses with some fields changed. every: which of them get another text."""
    every = changes.pop("every", 0)
    lines = [json.loads(line) for line in TUNED.read_text("utf-8").splitlines()]
    for n, line in enumerate(lines):
        line |= changes
        if every and n % every == 0:
            line["response"] = "I do not know."
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def text(diff: Diff) -> str:
    return " ".join(text_of(blocks(diff)).split())


def test_a_run_that_read_the_same_answers_did_not_move_and_says_why(options: Options) -> None:
    found = diffed([compared(options), compared(options)], [options.store])
    (change,) = found.changes
    assert change.from_first[1] is not None
    assert (change.from_first[1].value, change.from_first[1].n) == (0.0, 12)
    assert [a.name for a in found.aspects if not a.same] == []
    assert any(
        "24 of 24 verdicts were read in the same stored answers" in w for w in found.warnings
    )
    assert (
        "Responses, rubric and judges are the same, and so is the label of every verdict that both have."
        in text(found)
    )


def test_other_verdicts_on_the_same_questions_are_noise_or_drift(options: Options) -> None:
    """The same run asked afresh, with one verdict in each of three items that came out otherwise."""
    fresh = dataclasses.replace(options, fresh=True)
    first, second = compared(fresh), compared(fresh)
    with open_store(options.store) as store:
        told = [j for j in store.judgments(second) if j.trial.order == "AB"][:3]
        for judgment in told:
            label = "b" if judgment.verdict.label == "a" else "a"
            verdict = dataclasses.replace(judgment.verdict, label=label)
            store.append(second, [dataclasses.replace(judgment, verdict=verdict)])
    found = diffed([first, second], [options.store])
    (row,) = found.verdicts
    assert (row.alike, row.alike_flipped, row.same_answer) == (24, 3, 0)
    assert [flip.item_id for flip in row.first] == sorted(j.trial.item_id for j in told)
    assert "repeat noise, or the model behind a judge's name has changed (drift)" in text(found)
    assert "3 flipped" in text(found)


def test_other_responses_alone_are_what_a_movement_is_put_down_to(
    options: Options, tmp_path: Path
) -> None:
    worse = responses(tmp_path / "tuned.jsonl", system="tuned", every=2)
    found = diffed([compared(options), compared(options, worse)], [options.store])
    assert [a.name for a in found.aspects if a.is_cause] == ["responses of tuned"]
    assert "one thing, responses of tuned: what moved beyond repeat noise is due to it" in text(
        found
    )
    assert not any("same stored answers" in w for w in found.warnings)


def test_several_differences_are_not_put_down_to_one(options: Options, tmp_path: Path) -> None:
    worse = responses(tmp_path / "tuned.jsonl", system="tuned", every=2)
    longer = dataclasses.replace(SIM, parameters={"max_tokens": 300})
    other = dataclasses.replace(options, judges=(longer,))
    found = diffed([compared(options), compared(other, worse)], [options.store])
    assert "Responses of tuned and judge sim differ: what moved cannot be put down to one" in text(
        found
    )


def test_the_next_checkpoint_takes_the_place_of_the_one_before(
    options: Options, tmp_path: Path
) -> None:
    first = compared(options, responses(tmp_path / "a.jsonl", system="step-1"))
    second = compared(options, responses(tmp_path / "b.jsonl", system="step-2", every=3))
    found = diffed([first, second], [options.store])
    (change,) = found.changes
    assert (change.system, change.systems) == ("step-1", ["step-1", "step-2"])
    assert any("step-2 of run 2 is taken for step-1" in warning for warning in found.warnings)
    mapped = diffed([first, second], [options.store], names={"step-2": "step-1"})
    assert mapped.changes == found.changes
    assert not any("is taken for" in warning for warning in mapped.warnings)


def test_the_numbers_are_those_of_the_runs_reports(options: Options, tmp_path: Path) -> None:
    ids = [compared(options), compared(options, responses(tmp_path / "t.jsonl", every=4))]
    found = diffed(ids, [options.store])
    for run_id, value in zip(ids, found.changes[0].values, strict=True):
        own = runs.reported(run_id, options).report.comparisons or []
        assert value == own[0].raw


@pytest.mark.parametrize("begun", [compared, scored])
def test_a_cascade_is_compared_by_the_judge_that_decided_as_its_report_does(
    options: Options, begun: Callable[[Options], str]
) -> None:
    dear = dataclasses.replace(SIM, judge="dear", model="sim-fair:skill=20")
    cheap = dataclasses.replace(SIM, model="sim-noisy")
    panel = dataclasses.replace(options, judges=(cheap, dear))
    ids = [begun(panel), begun(dataclasses.replace(panel, escalate="0.9"))]
    found = diffed(ids, [options.store])
    panels = [c for c in found.changes if c.judge == PANEL and c.system == "tuned"]
    (change,) = [c for c in panels if not c.criterion]
    for run_id, value in zip(ids, change.values, strict=True):
        report = runs.reported(run_id, options).report
        rows = report.comparisons or report.scores or []
        own = next(r for r in rows if r.judge == PANEL and r.system == "tuned" and not r.slice)
        assert value == own.raw
    assert [a.name for a in found.aspects if a.is_cause] == ["escalation"]
    assert "below 0.9 from sim to dear" in text(found)


def test_runs_that_merge_orders_otherwise_are_compared_as_each_reports_itself(
    options: Options,
) -> None:
    weighs = Capabilities(logprobs=True)
    unsteady = dataclasses.replace(
        SIM, model="sim-fair:position=0.2", reading="logprobs", capabilities=weighs
    )
    usual = dataclasses.replace(options, judges=(unsteady,), limit=None)
    other = dataclasses.replace(usual, merge="tie-on-inconsistency")
    first, second = compared(usual), compared(other)
    found = diffed([first, second], [options.store])
    told = [runs.reported(run, options).report.comparisons or [] for run in (first, second)]
    (change,) = [c for c in found.changes if c.conclusion]
    assert [e.value for e in change.values] == [row[0].raw.value for row in told]
    assert change.values[0].value != change.values[1].value
    assert [a.name for a in found.aspects if a.is_cause] == ["merge of orders"]


def test_nothing_is_concluded_against_a_run_that_could_stop_early(options: Options) -> None:
    other = dataclasses.replace(SIM, model="sim-noisy")
    early = dataclasses.replace(options, judges=(other,), stop_early=True)
    found = diffed([compared(options), compared(early)], [options.store])
    assert {change.conclusion for change in found.changes} == {None}
    assert {change.p_value for change in found.changes} == {None}
    assert any("could stop early" in warning for warning in found.warnings)
    assert "Nothing is concluded of the win rate" in text(found)


def test_runs_with_other_items_are_refused_and_compared_on_the_common_ones_if_asked(
    options: Options,
) -> None:
    few = compared(dataclasses.replace(options, limit=8))
    more = compared(options)
    with pytest.raises(InputError, match=r"4 \(.*only in run 2 .*--common compares the 8"):
        diffed([few, more], [options.store])
    found = diffed([few, more], [options.store], common_only=True)
    assert found.common_items == 8
    assert found.changes[0].values[1].n == 8
    assert any("compared on the 8 items" in warning for warning in found.warnings)


def test_an_item_with_another_prompt_is_another_item(options: Options, tmp_path: Path) -> None:
    def asked(path: Path, of: Path) -> Path:
        lines = [json.loads(line) for line in of.read_text("utf-8").splitlines()]
        lines[0]["prompt"] += " (asked otherwise)"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        return path

    whole = dataclasses.replace(options, limit=None)
    first = compared(whole)
    base, tuned = (asked(tmp_path / of.name, of) for of in (BASE, TUNED))
    what = prepared(base, tuned, whole)
    second = str(asyncio.run(judging.judged(what, whole, World())).run_id)
    with pytest.raises(InputError, match=r"1 .* with another prompt under the same id"):
        diffed([first, second], [options.store])


def test_three_runs_are_a_trend_in_the_order_of_their_start(
    options: Options, tmp_path: Path
) -> None:
    ids = [
        compared(options, responses(tmp_path / f"{n}.jsonl", system=f"step-{n}", every=n))
        for n in (4, 3, 2)
    ]
    found = diffed([ids[2], ids[0], ids[1]], [options.store])
    assert [run.run_id for run in found.runs] == ids
    (change,) = found.changes
    assert change.systems == ["step-4", "step-3", "step-2"]
    assert change.from_previous[0] is None
    assert change.from_previous[2] is not None
    assert "from the run before" in text_of(blocks(found))
    assert max(map(len, text_of(blocks(found)).splitlines())) <= 80


def test_scores_are_compared_by_system(options: Options) -> None:
    ids = [scored(options), scored(dataclasses.replace(options, repeats=2))]
    found = diffed(ids, [options.store])
    assert {change.system for change in found.changes} == {"base", "tuned"}
    assert all(change.baseline is None for change in found.changes)
    assert [a.name for a in found.aspects if a.is_cause] == ["repeats"]
    assert max(map(len, text_of(blocks(found)).splitlines())) <= 80


def test_pairs_and_single_answers_cannot_be_compared(options: Options) -> None:
    with pytest.raises(InputError, match="pairs and of single answers"):
        diffed([compared(options), scored(options)], [options.store])


def test_runs_of_two_stores_are_found_each_in_its_own(options: Options, tmp_path: Path) -> None:
    other = dataclasses.replace(options, store=str(tmp_path / "other.db"))
    first, second = compared(options), compared(other)
    for named in ([first, second], ["latest", "latest"]):
        found = diffed(named, [options.store, other.store])
        assert [run.run_id for run in found.runs] == [first, second]
    (row,) = found.verdicts
    assert (row.alike, row.same_answer) == (24, 0)
    with pytest.raises(InputError, match="give --store once for each run"):
        diffed(["latest", "latest", first], [options.store, other.store])


def test_what_cannot_be_compared_is_said(options: Options, tmp_path: Path) -> None:
    run_id = compared(options)
    with pytest.raises(InputError, match="two runs or more"):
        diffed([run_id], [options.store])
    with pytest.raises(InputError, match="named twice"):
        diffed([run_id, "latest"], [options.store])
    with pytest.raises(InputError, match="no run named nonsense"):
        diffed([run_id, "nonsense"], [options.store])
    with pytest.raises(InputError, match="no store at"):
        diffed([run_id, "latest"], [str(tmp_path / "gone.db")])
    assert not (tmp_path / "gone.db").exists()


def test_a_run_that_is_not_complete_is_named(options: Options) -> None:
    whole = compared(options)
    with open_store(options.store) as store:
        store.finish_run(whole, state="interrupted")
    found = diffed([whole, compared(options)], [options.store])
    assert any("run 1" in w and "not complete (interrupted)" in w for w in found.warnings)
