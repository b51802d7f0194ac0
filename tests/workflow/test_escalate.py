"""`--escalate` over whole runs on simulated judges: who is asked what, what is saved, any interruption."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from judge.errors import InputError
from judge.store import open_store
from judge.types import PANEL, JudgeModel, Judgment, Status, digest_text
from judge.workflow import judging, rank, running, runs, score
from judge.workflow.compare import prepared
from judge.workflow.options import Options
from judge.workflow.reporting import Result
from judge.workflow.running import World

N = 12


def quality(k: int, system: str) -> float:
    """Every third item is a draw, on which judges are not sure; else `new` is better."""
    return 0.5 if k % 3 == 0 else float(system != "base")


def text(k: int, system: str) -> str:
    return f"What {system} says of harbour {k}."


PLANTED = {
    digest_text(text(k, system)): quality(k, system)
    for k in range(N)
    for system in ("base", "new", "other")
}


def simulated(name: str, skill: float, price: float) -> JudgeModel:
    return JudgeModel(
        name,
        "simulated",
        f"sim-fair:skill={skill}",
        families=frozenset({name}),
        parameters={"planted": PLANTED},
        simulated=True,
        usd_per_mtok_in=price,
        usd_per_mtok_out=price,
    )


CHEAP, MIDDLE, DEAR = simulated("cheap", 6, 0.1), simulated("mid", 7, 1), simulated("dear", 9, 10)
GONE = JudgeModel("cheap", "scripted", "no-such", parameters={"replies": ["no JSON at all"]})


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(
        judges=(CHEAP, DEAR),
        store=str(tmp_path / "store.db"),
        out=tmp_path / "out",
        escalate="0.9",
        concurrency=4,
    )


def files(folder: Path, *systems: str) -> list[Path]:
    paths = []
    for system in systems:
        path = folder / f"{system}.jsonl"
        rows = [
            {"item_id": f"i{k}", "prompt": f"Harbour {k}?", "response": text(k, system)}
            for k in range(N)
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        paths.append(path)
    return paths


def compared(paths: Sequence[Path], options: Options, world: World | None = None) -> Result:
    what = prepared(paths[0], paths[1:], options)
    return asyncio.run(judging.judged(what, options, world or World()))


def judgments(result: Result, options: Options) -> list[Judgment]:
    with open_store(options.store) as store:
        return [*store.judgments(str(result.run_id))]


def asked(result: Result, options: Options, judge: str) -> set[str]:
    """The items that a judge was asked about."""
    return {
        j.trial.item_id
        for j in judgments(result, options)
        if j.trial.judge == judge and j.verdict.status is not Status.NOT_ASKED
    }


def comparable(result: Result) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(result.json())
    for name in ("run_id", "started_at", "ended_at", "calls", "attempts"):
        told["run"].pop(name)
    return told


def unsure(result: Result, options: Options, judge: str) -> set[str]:
    """The items on which a judge named two winners, or said tie and a winner, in the two orders."""
    said: dict[str, set[str | None]] = {}
    for j in judgments(result, options):
        if j.trial.judge == judge and j.verdict.status is Status.OK:
            said.setdefault(j.trial.item_id, set()).add(j.verdict.label)
    return {item for item, labels in said.items() if len(labels) > 1}


# -- pairs ---------------------------------------------------------------------------------------


def test_the_dear_judge_is_asked_exactly_where_the_cheap_one_is_not_sure(
    options: Options, tmp_path: Path
) -> None:
    result = compared(files(tmp_path, "base", "new"), options)
    hard = unsure(result, options, "cheap")
    assert 0 < len(hard) < N
    assert asked(result, options, "cheap") == {f"i{k}" for k in range(N)}
    assert asked(result, options, "dear") == hard
    report = result.report
    assert report.escalation is not None
    cheap, dear = report.escalation.tiers
    assert (cheap.reached, cheap.decides, dear.reached) == (N, N - len(hard), len(hard))
    assert report.escalation.n_unsure == len(unsure(result, options, "dear"))
    assert (dear.calls_planned, dear.calls_asked) == (2 * N, 2 * len(hard))
    assert dear.calls_saved == 2 * (N - len(hard))
    assert dear.cost_saved_usd is not None
    assert dear.cost_usd is not None
    assert dear.cost_saved_usd == pytest.approx(dear.cost_usd / len(hard) * (N - len(hard)))
    assert (result.exit_code, report.run.calls) == (0, 2 * N + 2 * len(hard))


def test_what_was_not_needed_is_left_out_on_purpose_and_not_missing(
    options: Options, tmp_path: Path
) -> None:
    result = compared(files(tmp_path, "base", "new"), options)
    left = [j for j in judgments(result, options) if j.verdict.status is Status.NOT_ASKED]
    assert {(j.trial.judge, j.verdict.reason) for j in left} == {("dear", "policy")}
    assert len(judgments(result, options)) == 4 * N
    rows = {row.judge: row for row in result.report.comparisons or []}
    assert (rows[PANEL].raw.n, rows[PANEL].raw.n_missing) == (N, 0)
    assert rows["dear"].raw.n_missing == 0


def test_an_item_is_worth_what_the_tier_that_decided_it_said(
    options: Options, tmp_path: Path
) -> None:
    result = compared(files(tmp_path, "base", "new"), options)
    hard = unsure(result, options, "cheap")
    points = {"a": 1.0, "tie": 0.5, "b": 0.0}
    values = [
        points[str(j.verdict.label)]
        for j in judgments(result, options)
        if j.verdict.status is Status.OK
        and j.trial.judge == ("dear" if j.trial.item_id in hard else "cheap")
    ]
    rows = {row.judge: row for row in result.report.comparisons or []}
    assert len(values) == 2 * N
    assert rows[PANEL].raw.value == pytest.approx(sum(values) / len(values))
    assert rows[PANEL].members == ["cheap", "dear"]
    assert any("cascade" in note for note in rows[PANEL].notes)
    assert rows[PANEL].position_adjusted.value is None


def test_only_the_cascade_is_concluded_from(options: Options, tmp_path: Path) -> None:
    result = compared(files(tmp_path, "base", "new"), options)
    rows = {row.judge: row for row in result.report.comparisons or []}
    assert rows[PANEL].conclusion == "better"
    assert rows["cheap"].conclusion is rows["dear"].conclusion is None
    assert any("hard items" in note for note in rows["dear"].notes)
    said = " ".join(result.text().split())
    assert "cheap was sure of" in said
    assert "The threshold guarantees nothing" in said


def test_of_three_each_is_asked_what_the_one_before_is_not_sure_of(
    options: Options, tmp_path: Path
) -> None:
    three = dataclasses.replace(options, judges=(CHEAP, MIDDLE, DEAR))
    result = compared(files(tmp_path, "base", "new", "other"), three)
    for one, following in (("cheap", "mid"), ("mid", "dear")):
        hard = {
            (j.trial.item_id, j.trial.system_a)
            for j in judgments(result, three)
            if j.trial.judge == following and j.verdict.status is Status.OK
        }
        said: dict[tuple[str, str], set[str | None]] = {}
        for j in judgments(result, three):
            if j.trial.judge == one and j.verdict.status is Status.OK:
                said.setdefault((j.trial.item_id, j.trial.system_a), set()).add(j.verdict.label)
        assert hard == {unit for unit, labels in said.items() if len(labels) > 1}


def test_repeats_make_confidence_finer(options: Options, tmp_path: Path) -> None:
    finer = dataclasses.replace(options, repeats=2, escalate="0.7")
    result = compared(files(tmp_path, "base", "new"), finer)
    shares: dict[str, list[str | None]] = {}
    for j in judgments(result, finer):
        if j.trial.judge == "cheap":
            shares.setdefault(j.trial.item_id, []).append(j.verdict.label)
    hard = {i for i, said in shares.items() if max(map(said.count, said)) < 0.7 * len(said)}
    assert asked(result, finer, "dear") == hard


def test_a_judge_that_gives_no_verdict_hands_everything_on(
    options: Options, tmp_path: Path
) -> None:
    broken = dataclasses.replace(options, judges=(GONE, DEAR))
    result = compared(files(tmp_path, "base", "new"), broken)
    assert len(asked(result, broken, "dear")) == N
    rows = {row.judge: row for row in result.report.comparisons or []}
    assert (rows[PANEL].raw.n, rows[PANEL].raw.n_missing) == (N, 0)
    assert result.exit_code == 3  # the broken judge lacks all of its own


def test_all_concurrencies_decide_alike(options: Options, tmp_path: Path) -> None:
    paths = files(tmp_path, "base", "new")
    found = []
    for n in (1, 64):
        own = dataclasses.replace(options, concurrency=n, store=str(tmp_path / f"{n}.db"))
        found.append(comparable(compared(paths, own)))
    assert found[0]["comparisons"] == found[1]["comparisons"]
    tiers = [
        [
            (t["judge"], t["reached"], t["decides"], t["calls_asked"])
            for t in f["escalation"]["tiers"]
        ]
        for f in found
    ]
    assert tiers[0] == tiers[1]


def test_a_budget_holds_and_what_nobody_came_to_is_missing(
    options: Options, tmp_path: Path
) -> None:
    paths = files(tmp_path, "base", "new")
    whole = compared(paths, options)
    spent = whole.report.run.cost_usd
    assert spent is not None
    poor = dataclasses.replace(options, max_cost_usd=spent / 2, store=str(tmp_path / "poor.db"))
    cut = compared(paths, poor)
    assert cut.exit_code == 4
    assert (cut.report.run.cost_usd or 0) <= spent / 2
    assert cut.report.escalation is not None
    assert cut.report.escalation.n_missing > 0
    again = asyncio.run(runs.resumed(str(cut.run_id), poor, World(), max_cost_usd=100.0))
    assert again.report.comparisons == whole.report.comparisons


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


@pytest.mark.parametrize("after", [1, 7, 20, 26])
def test_a_run_that_was_interrupted_anywhere_is_resumed_to_the_report_of_a_whole_one(
    after: int, options: Options, tmp_path: Path
) -> None:
    paths = files(tmp_path, "base", "new")
    whole = compared(paths, options)
    other = dataclasses.replace(options, store=str(tmp_path / "other.db"))
    cut = interrupted(paths, other, after)
    assert cut.exit_code == 130
    again = asyncio.run(runs.resumed(str(cut.run_id), other, World()))
    assert comparable(again) == comparable(whole)
    assert again.report.run.calls == whole.report.run.calls


def test_a_finished_run_asks_nothing_when_it_is_resumed(options: Options, tmp_path: Path) -> None:
    result = compared(files(tmp_path, "base", "new"), options)
    before = len(judgments(result, options))
    again = asyncio.run(runs.resumed(str(result.run_id), options, World()))
    assert again.report.run.calls == result.report.run.calls
    assert comparable(again) == comparable(result)
    assert len(judgments(result, options)) == before


def test_a_judge_that_failed_is_not_asked_again_once_the_next_has_answered(
    options: Options, tmp_path: Path
) -> None:
    broken = dataclasses.replace(options, judges=(GONE, DEAR))
    result = compared(files(tmp_path, "base", "new"), broken)
    again = asyncio.run(runs.resumed(str(result.run_id), broken, World()))
    assert again.report.run.calls == result.report.run.calls


# -- scores --------------------------------------------------------------------------------------


def test_the_answers_of_an_item_go_on_together(options: Options, tmp_path: Path) -> None:
    own = dataclasses.replace(options, repeats=3, baseline="base", escalate="1")
    what = score.prepared(files(tmp_path, "base", "new"), own)
    result = asyncio.run(judging.judged(what, own, World()))
    by_judge: dict[str, dict[str, set[str]]] = {}
    for j in judgments(result, own):
        if j.verdict.status is Status.OK:
            by_judge.setdefault(j.trial.judge, {}).setdefault(j.trial.item_id, set()).add(
                j.trial.system_a
            )
    assert 0 < len(by_judge["dear"]) < N
    assert all(systems == {"base", "new"} for systems in by_judge["dear"].values())
    row = next(r for r in result.report.scores or [] if r.judge == PANEL and r.system == "new")
    assert row.difference_from_baseline.n == N
    assert "cascade" in row.raw.note


# -- what cannot be ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"escalate": "0"}, "above 0 and at most 1"),
        ({"escalate": "1.5"}, "above 0 and at most 1"),
        ({"escalate": "nan"}, "above 0 and at most 1"),
        ({"escalate": "nowhere.json"}, "or the report.json of `judge agree`"),
        ({"judges": (CHEAP,)}, "two judges or more"),
        ({"stop_early": True}, "not together with --stop-early"),
        ({"rubrics": ("helpfulness@1", "instruction-following@1")}, "one rubric"),
    ],
)
def test_what_cannot_escalate_says_why(
    changes: dict[str, Any], said: str, options: Options, tmp_path: Path
) -> None:
    paths = files(tmp_path, "base", "new")
    with pytest.raises(InputError, match=said):
        prepared(paths[0], paths[1:], dataclasses.replace(options, **changes))


def test_a_ranking_does_not_escalate(options: Options, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a ranking's models"):
        rank.prepared(files(tmp_path, "base", "new", "other"), options)


def report_of(folder: Path, **changes: Any) -> Path:
    one = {
        "kind": "cascade",
        "members": ["cheap", "dear"],
        "threshold": 0.75,
        "why": "",
        "rubric": "",
        "risk": 0.2,
        "delta": 0.1,
        "orders": 2,
        "repeats": 1,
    }
    path = folder / "agreed.json"
    path.write_text(
        json.dumps({"schema": "judge.report/1", "selective": [one | changes]}), encoding="utf-8"
    )
    return path


def test_the_threshold_of_a_report_carries_its_guarantee(options: Options, tmp_path: Path) -> None:
    own = dataclasses.replace(options, escalate=str(report_of(tmp_path)))
    result = compared(files(tmp_path, "base", "new"), own)
    found = result.report.escalation
    assert found is not None
    assert (found.threshold, found.risk, found.source) == (0.75, 0.2, "agreed.json")
    assert "With probability 90 % at most 20 %" in " ".join(result.text().split())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"members": ["dear", "cheap"]}, "no threshold of the cascade cheap, dear"),
        ({"threshold": None, "why": "too few"}, "no threshold there: 'too few'"),
        ({"repeats": 3}, "ask as often"),
        ({"rubric": "other@1"}, "a guarantee is for one rubric"),
    ],
)
def test_a_threshold_of_something_else_is_refused(
    changes: dict[str, Any], said: str, options: Options, tmp_path: Path
) -> None:
    own = dataclasses.replace(options, escalate=str(report_of(tmp_path, **changes)))
    paths = files(tmp_path, "base", "new")
    with pytest.raises(InputError, match=said):
        prepared(paths[0], paths[1:], own)


@pytest.mark.parametrize("held", ["{", "[]", '{"schema": "other"}'])
def test_a_file_that_is_no_report_is_refused(held: str, options: Options, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(held, encoding="utf-8")
    paths = files(tmp_path, "base", "new")
    with pytest.raises(InputError, match=r"report\.json of `judge agree`"):
        prepared(paths[0], paths[1:], dataclasses.replace(options, escalate=str(path)))
