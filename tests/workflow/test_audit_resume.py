"""An audit of judges that was cut short anywhere asks exactly what is left, and no answer twice."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from audit_runs import (
    SMALL,
    N,
    asked,
    carried_out,
    files,
    judgments,
    options,
    perturbation,
    resumed,
)

from judge.analysis.audit_asked import AuditAsked, derived
from judge.plan import Pair, Plan, Swap
from judge.store import open_store
from judge.types import Item, JudgeModel, Judgment, Response, Run, Status, Trial, Verdict
from judge.workflow import audit_targets, running
from judge.workflow.audit_judge import prepared
from judge.workflow.audit_targets import Watch, drawn_order
from judge.workflow.options import Options
from judge.workflow.recipe import from_config
from judge.workflow.running import World
from judge.workflow.verdicts import verdicts_of

pytestmark = pytest.mark.usefixtures("no_page")


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


def cut_short(paths: list[Path], own: Options, after: int) -> Run:
    event = asyncio.Event()
    world = World(interrupt=event, progress=Interrupting(after, event))
    return carried_out(paths, own, world=world)


def settled(found: list[Judgment]) -> dict[str, tuple[str, str | None, str]]:
    """Trial -> what became of it."""
    return {
        j.trial.trial_id: (str(j.verdict.status), j.verdict.label, j.verdict.reason) for j in found
    }


def n_calls(found: list[Judgment]) -> int:
    return sum(len(j.calls) for j in found)


# -- runs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [1, 17, 40])
def test_an_audit_that_was_interrupted_is_resumed_to_the_verdicts_of_a_whole_one(
    after: int, tmp_path: Path
) -> None:
    paths, own = files(tmp_path), options(tmp_path)
    whole = judgments(carried_out(paths, own), own)
    other = dataclasses.replace(own, store=str(tmp_path / "other.db"))
    cut = cut_short(paths, other, after)
    assert cut.state == "interrupted"
    again = resumed(cut, other)
    found = judgments(again, other)
    assert again.state == "done"
    assert settled(found) == settled(whole)
    assert n_calls(found) == n_calls(whole)


def test_of_an_audit_that_was_cut_short_only_what_would_have_been_asked_is_missing(
    tmp_path: Path,
) -> None:
    own = options(tmp_path)
    cut = cut_short(files(tmp_path), own, 30)
    with open_store(own.store) as store:
        table = verdicts_of(store, cut, from_config(cut.config)).frame
    lost = table[(table["status"] == "not_asked") & (table["reason"] == "policy")]
    made = [" + " in f"{a} {b}" for a, b in zip(lost["system_a"], lost["system_b"], strict=True)]
    assert all(made)
    assert len(lost) >= 2 * N
    assert len(table) == N * (4 + 2 + 6)


def test_a_finished_audit_asks_nothing_when_it_is_resumed(tmp_path: Path) -> None:
    own = options(tmp_path)
    run = carried_out(files(tmp_path), own)
    before = _rows(own)
    assert resumed(run, own).state == "done"
    assert _rows(own) == before


def _rows(own: Options) -> int:
    """Verdicts that the store holds, those that newer ones replaced among them."""
    import sqlite3

    with sqlite3.connect(own.store) as connection:
        found: int = connection.execute("select count(*) from verdicts").fetchone()[0]
    return found


def test_a_budget_holds_and_the_rest_is_asked_with_more(tmp_path: Path) -> None:
    paths, own = files(tmp_path), options(tmp_path)
    whole = carried_out(paths, own)
    assert whole.cost_usd is not None
    poor = dataclasses.replace(own, store=str(tmp_path / "poor.db"))
    cut = carried_out(paths, poor, max_cost_usd=0.6 * whole.cost_usd)
    assert cut.state == "budget"
    again = resumed(cut, poor, max_cost_usd=100.0)
    assert settled(judgments(again, poor)) == settled(judgments(whole, own))


# -- the policy over stored verdicts ---------------------------------------------------------------


JUDGE = JudgeModel("j", "scripted", "m")
NAMES = ("padding-x3", "authority")
AUDIT = AuditAsked("judge", "sha256:x", 4, perturbations=NAMES)


def item(k: int) -> Item:
    systems = ("x", "y", *(derived(s, name) for s in "xy" for name in NAMES))
    return Item(f"i{k}", ("Q",), tuple(Response(s, (f"{s} {k}",)) for s in systems))


def plan() -> Plan:
    from factories import pairwise

    pairs = (
        Pair("x", "y", "both", 2),
        *(Pair(derived("x", name), "y", "random", 1) for name in NAMES),
        *(Pair("x", derived("y", name), "random", 1) for name in NAMES),
    )
    items = tuple(item(k) for k in range(4))
    return Plan("pairwise", items, pairs, ((pairwise(), ""),), (JUDGE,), Swap(1.0), 2, 0)


def first(k: int, label: str | None, **changes: object) -> Judgment:
    """The judgment on an item's base pair that decides its target."""
    order = drawn_order(0, f"i{k}", Pair("x", "y"))
    trial = Trial(f"i{k}", "j", "test@1", "", "x", "y", order, 1)
    status = Status.OK if label else Status.FAILED
    return Judgment(dataclasses.replace(trial, **changes), Verdict(status, label=label))  # type: ignore[arg-type]


def test_the_first_verdict_in_the_drawn_order_decides_and_no_other() -> None:
    watch = Watch(plan(), AUDIT)
    other = "BA" if first(0, "a").trial.order == "AB" else "AB"
    assert watch.take(first(0, "a", order=other)) is None
    assert watch.take(first(0, "a", repeat=2)) is None
    assert watch.take(first(0, "a", system_a=derived("x", "authority"))) is None
    assert watch.take(first(0, "a")) == ("j", "i0")
    assert watch.take(first(0, "b")) is None  # once said
    names = [t.system_b for t, _ in watch.trials(("j", "i0"))]
    assert names == [derived("y", name) for name in NAMES]


@pytest.mark.parametrize("label", ["tie", None])
def test_without_a_loser_nothing_is_added_and_both_are_left(label: str | None) -> None:
    watch = Watch(plan(), AUDIT)
    assert watch.take(first(1, label)) is None
    for system_a, system_b in ((derived("x", "authority"), "y"), ("x", derived("y", "authority"))):
        assert watch.is_left(Trial("i1", "j", "test@1", "", system_a, system_b, "AB", 1))
    assert not watch.is_left(first(1, "a").trial)


def test_where_all_targets_are_known_nothing_waits() -> None:
    known = dataclasses.replace(AUDIT, targets={f"i{k}": "x" for k in range(4)})
    assert not Watch(plan(), known).waits


# -- kill -9 ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_kill_9_in_the_midst_of_an_audit_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    paths = [str(path) for path in files(tmp_path)]
    arguments = [
        *(sys.executable, "-m", "judge", "audit", "judge", *paths, "--only", "claims"),
        *("--judge", "simulated/sim-fair:latency_s=0.05", "--concurrency", "2"),
        *("--store", "s.db", "--out", "out"),
    ]
    with subprocess.Popen(arguments, cwd=tmp_path, stderr=subprocess.DEVNULL) as running_:
        own = options(tmp_path, store=str(tmp_path / "s.db"))
        _wait_for(own, 20)
        os.kill(running_.pid, signal.SIGKILL)
    with open_store(own.store) as store:
        run_id = store.runs()[0].run_id
        before = {j.trial.trial_id: n_calls([j]) for j in store.judgments(run_id)}
        run = store.run(run_id)
    again = resumed(run, own)
    found = judgments(again, own)
    assert again.state == "done"
    assert Counter(n_calls([j]) for j in asked(found, "sim-fair:latency_s=0.05")).keys() <= {0, 1}
    assert before.items() <= {j.trial.trial_id: n_calls([j]) for j in found}.items()
    per_item = Counter(
        (j.trial.item_id, perturbation(j)[0])
        for j in asked(found, "sim-fair:latency_s=0.05")
        if perturbation(j)[1]
    )
    assert len(per_item) == N  # this judge never says tie: one target an item
    assert set(per_item.values()) == {4}


def _wait_for(own: Options, rows: int) -> None:
    """Returns once so many verdicts are stored."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if _rows(own) >= rows:
                return
        except Exception:  # noqa: BLE001 - the file is not there yet
            pass
        time.sleep(0.05)
    raise AssertionError("the audit stored no verdicts")


def test_the_forecast_is_what_one_judge_is_asked(tmp_path: Path) -> None:
    what = prepared(files(tmp_path), options(tmp_path), SMALL)
    own = audit_targets.of_one_target(what.recipe, what.items)
    assert what.recipe.plan(own).count() == what.forecast.per_judge
