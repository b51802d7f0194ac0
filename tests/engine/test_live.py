"""The engine on scripted judges in virtual time, with a store in memory."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import virtual_time
from factories import completion, item, items, judge, plan

from judge.engine.feed import Feed
from judge.engine.lane import Lane
from judge.engine.live import CONTINUE, Decision, LiveRun, Outcome, Settings, Tools
from judge.engine.pace import Pacer
from judge.engine.retry import Patience
from judge.errors import (
    JudgeUnavailable,
    RateLimited,
    RequestRejected,
    StoreError,
    TransientError,
)
from judge.plan import Plan
from judge.types import Call, Completion, JudgeModel, Judgment, Prompt, Status

Reply = Callable[[JudgeModel, Prompt], Completion | Exception]

ANSWER = completion('{"reasoning": "r", "label": "A"}', tokens_in=1000, tokens_out=100)
GONE = TransientError("connection refused")


def always(answer: Completion | Exception) -> Reply:
    return lambda *_: answer


@dataclass
class Scripted:
    """A judge that takes a second and answers what the script says."""

    reply: Reply
    delay_s: float = 1.0
    asked: list[Prompt] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    async def complete(self, judge: JudgeModel, prompt: Prompt) -> Completion:
        self.asked.append(prompt)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await asyncio.sleep(self.delay_s)
        self.in_flight -= 1
        answer = self.reply(judge, prompt)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def aclose(self) -> None:
        pass


@dataclass
class Memory:
    """A store that keeps everything in a list, in the order of its commits."""

    kept: list[Judgment] = field(default_factory=list)
    fail_after: int | None = None
    own_from: int = 0

    def append(self, run_id: str, judgments: Sequence[Judgment]) -> None:
        if self.fail_after is not None and len(self.kept) >= self.fail_after:
            raise StoreError("the disk is full")
        for judgment in judgments:
            calls = tuple(replace(call, call_id=len(self.kept)) for call in judgment.calls)
            self.kept.append(replace(judgment, calls=calls))

    def answers(
        self, content_keys: Collection[str], run_id: str | None = None
    ) -> Mapping[str, Call]:
        return {
            call.content_key: call
            for judgment in self.kept[self.own_from if run_id else 0 :]
            for call in judgment.calls
            if call.completion is not None and call.content_key in content_keys
        }

    @property
    def current(self) -> dict[str, Judgment]:
        return {j.trial.trial_id: j for j in self.kept}

    @property
    def statuses(self) -> Counter[str]:
        """How many trials have each status now."""
        return Counter(str(j.verdict.status) for j in self.current.values())

    @property
    def calls(self) -> list[Call]:
        return [call for judgment in self.kept for call in judgment.calls]


@dataclass
class Scene:
    """A run to be carried out."""

    plan: Plan
    replies: Mapping[str, Reply]
    store: Memory = field(default_factory=Memory)
    concurrency: int = 4
    max_cost_usd: float | None = None
    fresh: bool = False
    policy: Callable[[Judgment], Decision] = lambda _: CONTINUE
    begin: Decision = CONTINUE
    settled: Collection[str] = ()
    interrupt_after_s: float | None = None
    grace_s: float = 10.0
    delays: Mapping[str, float] = field(default_factory=dict)
    judges: dict[str, Scripted] = field(default_factory=dict)
    waiting: Collection[str] = ()

    def run(self) -> Outcome:
        return virtual_time.run(self._run())

    async def _run(self) -> Outcome:
        self.store.own_from = len(self.store.kept)
        loop = asyncio.get_running_loop()
        tools = Tools(loop.time, asyncio.sleep, lambda: "2026-01-01T00:00:00+00:00", lambda: 1.0)
        settings = Settings(self.concurrency, self.max_cost_usd, 0.0, self.grace_s)
        lanes = [self._lane(j, loop, tools) for j in self.plan.judges]
        run = LiveRun(
            self.plan,
            lanes,
            self.store,
            "run",
            settings,
            tools,
            self.policy,
            lambda _: None,
            self.begin,
        )
        interrupt = asyncio.Event()
        if self.interrupt_after_s is not None:
            loop.call_later(self.interrupt_after_s, interrupt.set)
        return await run.carry_out(interrupt)

    def _lane(self, of: JudgeModel, loop: asyncio.AbstractEventLoop, tools: Tools) -> Lane:
        only = "run" if self.fresh else None
        provider = Scripted(self.replies[of.judge], self.delays.get(of.judge, 1.0))
        self.judges[of.judge] = provider
        now, later = self.plan.trials(of), iter(())
        if of.judge in self.waiting:
            now, later = later, now
        feed = Feed(now, self.store, settled=self.settled, only_run=only, later=later)
        per_s = (of.requests_per_minute or math.inf) / 60
        return Lane(of, provider, Pacer(loop.time, tools.sleep, per_s), feed, Patience())


def scene(number: int, reply: Reply | None = None, **changes: Any) -> Scene:
    return Scene(plan(items(number), [judge()]), {"j1": reply or always(ANSWER)}, **changes)


def test_every_trial_gets_exactly_one_judgment() -> None:
    one = scene(200)
    assert one.run() == Outcome("done", {})
    assert one.store.statuses == {"ok": 400}
    assert len({j.trial.trial_id for j in one.store.kept}) == 400
    assert one.judges["j1"].most_in_flight == 4


def test_an_answer_that_exists_is_read_and_not_asked_again() -> None:
    one = scene(10)
    one.run()
    again = scene(12, store=one.store)
    again.run()
    assert len(again.judges["j1"].asked) == 4
    reused = [j for j in again.store.kept[20:] if j.reused is not None]
    assert len(reused) == 20
    assert not any(j.calls for j in reused)


def test_fresh_asks_again() -> None:
    one = scene(10)
    one.run()
    again = scene(10, store=one.store, fresh=True)
    again.run()
    assert len(again.judges["j1"].asked) == 20


def test_settled_trials_are_skipped() -> None:
    one = scene(10)
    one.run()
    settled = {j.trial.trial_id for j in one.store.kept[:15]}
    again = scene(10, settled=settled)
    again.run()
    assert len(again.store.kept) == 5


def test_trials_that_share_their_content_are_asked_once() -> None:
    twins = [replace(item("i1"), item_id=f"twin{n}") for n in range(20)]
    one = Scene(plan(twins, [judge()]), {"j1": always(ANSWER)}, concurrency=32)
    one.run()
    assert len(one.judges["j1"].asked) == 2
    assert one.store.statuses == {"ok": 40}


def test_a_refused_key_stops_that_judge_at_once_while_the_others_finish() -> None:
    refused = always(JudgeUnavailable("401: set OPENAI_API_KEY", status=401))
    one = Scene(
        plan(items(50), [judge("good"), judge("bad")]),
        {"good": always(ANSWER), "bad": refused},
    )
    assert one.run() == Outcome("done", {"bad": "401: set OPENAI_API_KEY"})
    assert len(one.judges["bad"].asked) == one.concurrency
    assert one.store.statuses == {"ok": 100, "failed": 4, "not_asked": 96}
    rest = {j.verdict.reason for j in one.store.kept if j.verdict.status is Status.NOT_ASKED}
    assert rest == {"judge stopped"}


def test_one_rejected_request_is_failed_and_the_rest_go_on() -> None:
    def reply(_: JudgeModel, prompt: Prompt) -> Completion | Exception:
        return RequestRejected("400: too long") if "answer 3" in prompt.user else ANSWER

    one = scene(10, reply)
    one.run()
    assert one.store.statuses == {"ok": 18, "failed": 2}


def test_a_judge_that_rejects_everything_is_stopped() -> None:
    one = scene(200, always(RequestRejected("400: no such parameter")))
    outcome = one.run()
    assert "no such parameter" in outcome.stopped["j1"]
    assert len(one.judges["j1"].asked) < 30
    assert sum(one.store.statuses.values()) == 400


def test_a_dead_server_costs_seconds_and_leaves_failed_verdicts() -> None:
    one = scene(500, always(GONE), concurrency=64)
    one.run()
    assert one.store.statuses == {"failed": 1000}
    assert len(one.judges["j1"].asked) < 2 * 1000
    assert {j.calls[0].error for j in one.store.kept} == {"connection refused"}


def test_failed_trials_are_asked_again_by_the_next_run() -> None:
    one = scene(10, always(GONE))
    one.run()
    assert one.store.statuses == {"failed": 20}
    again = scene(10, store=one.store)
    again.run()
    assert again.store.statuses == {"ok": 20}


def test_an_unreadable_answer_is_asked_for_once_more_and_both_calls_are_kept() -> None:
    def reply(_: JudgeModel, prompt: Prompt) -> Completion:
        return ANSWER if prompt.reask else completion("I like the first.")

    one = scene(3, reply)
    one.run()
    assert one.store.statuses == {"ok": 6}
    assert {j.verdict.method for j in one.store.current.values()} == {"text, re-asked"}
    assert Counter(call.reask for call in one.store.calls) == {0: 6, 1: 6}


def test_an_answer_that_stays_unreadable_is_unparsed_after_two_calls() -> None:
    one = scene(3, always(completion("I like the first.")))
    one.run()
    assert one.store.statuses == {"unparsed": 6}
    assert len(one.judges["j1"].asked) == 12


def test_a_policy_can_stop_a_run_and_the_rest_is_not_asked() -> None:
    seen: list[Judgment] = []

    def policy(judgment: Judgment) -> Decision:
        seen.append(judgment)
        return Decision(stop=len(seen) >= 10)

    one = scene(50, policy=policy)
    assert one.run().state == "done"
    assert one.store.statuses["ok"] < 20
    assert sum(one.store.statuses.values()) == 100
    assert {j.verdict.reason for j in one.store.kept if not j.calls} == {"policy"}


def test_a_policy_can_add_trials_for_another_judge() -> None:
    dear = judge("dear")
    whole = plan(items(5), [judge("cheap"), dear])
    extra = list(plan(items(6), [dear]).trials(dear))[-2:]
    added: list[int] = []

    def policy(_: Judgment) -> Decision:
        added.append(1)
        return Decision(add=tuple(extra)) if len(added) == 1 else CONTINUE

    one = Scene(whole, {"cheap": always(ANSWER), "dear": always(ANSWER)}, policy=policy)
    one.run()
    asked = Counter(j.trial.judge for j in one.store.kept)
    assert asked == {"cheap": 10, "dear": 12}


@pytest.mark.parametrize("limit", [0.0, 0.001, 0.02, 0.0301])
def test_money_stops_before_the_call_that_would_pass_the_limit(limit: float) -> None:
    """Each call costs (1000 * 1 + 100 * 10) / 1e6 = 0.002 dollars, and 0.02 or so at the most."""
    priced = judge(usd_per_mtok_in=1.0, usd_per_mtok_out=10.0, parameters={"max_tokens": 500})
    one = Scene(plan(items(50), [priced]), {"j1": always(ANSWER)}, max_cost_usd=limit)
    assert one.run().state == "budget"
    spent = sum(call.cost_usd or 0.0 for j in one.store.kept for call in j.calls)
    assert spent <= limit
    assert spent > limit - 0.01
    assert sum(one.store.statuses.values()) == 100
    assert {j.verdict.reason for j in one.store.kept if not j.calls} == {"budget"}


def test_an_interrupted_run_keeps_what_was_in_flight_and_begins_nothing_more() -> None:
    one = scene(100, interrupt_after_s=2.5)
    assert one.run().state == "interrupted"
    assert one.store.statuses == {"ok": 12}


def test_an_interrupted_run_gives_up_on_what_outlasts_its_grace() -> None:
    one = scene(100, interrupt_after_s=2.5, grace_s=0.1)
    assert one.run().state == "interrupted"
    assert one.store.statuses == {"ok": 8}


def test_a_broken_store_ends_the_run_with_its_own_error() -> None:
    with pytest.raises(StoreError, match="disk is full"):
        scene(100, store=Memory(fail_after=8)).run()


def test_a_worker_is_free_only_once_its_judgment_is_committed() -> None:
    """With n workers, no more than n answers are ever not on disk."""
    one = scene(50)
    uncommitted: list[int] = []

    def reply(*_: object) -> Completion:
        uncommitted.append(len(one.judges["j1"].asked) - len(one.store.kept))
        return ANSWER

    one.replies = {"j1": reply}
    one.run()
    assert max(uncommitted) <= one.concurrency


def test_twins_whose_first_try_fails_are_asked_one_after_the_other() -> None:
    twins = [replace(item("i1"), item_id=f"twin{n}") for n in range(20)]
    dead = Scene(plan(twins, [judge()]), {"j1": always(GONE)}, concurrency=32)
    assert dead.run().state == "done"
    assert dead.store.statuses == {"failed": 40}
    late = iter([GONE] * 6)
    one = Scene(plan(twins, [judge()]), {"j1": lambda *_: next(late, ANSWER)}, concurrency=32)
    one.run()
    assert one.store.statuses["ok"] >= 38
    assert len(one.store.current) == 40


def test_a_fresh_run_does_not_take_an_older_answer_for_a_twin_that_failed() -> None:
    twins = [replace(item("i1"), item_id=f"twin{n}") for n in range(10)]
    old = Scene(plan(twins, [judge()]), {"j1": always(ANSWER)})
    old.run()
    again = Scene(
        plan(twins, [judge()]), {"j1": always(GONE)}, store=old.store, fresh=True, concurrency=32
    )
    again.run()
    assert again.store.statuses == {"failed": 20}


@pytest.mark.parametrize("text", ['{"label": ' + "9" * 5000 + "}", '{"label": 1e999}'])
def test_no_answer_however_odd_ends_a_run(text: str) -> None:
    one = scene(5, always(completion(text)))
    assert one.run().state == "done"
    assert one.store.statuses == {"unparsed": 10}


def test_a_stop_begins_no_further_call_where_workers_wait_for_their_turn() -> None:
    slow = judge(requests_per_minute=60)
    one = Scene(
        plan(items(100), [slow]),
        {"j1": always(ANSWER)},
        concurrency=64,
        policy=lambda _: Decision(stop=True),
    )
    one.run()
    assert len(one.judges["j1"].asked) <= 3
    assert {j.verdict.reason for j in one.store.kept if not j.calls} == {"policy"}
    assert len(one.store.current) == 200


def test_a_refused_key_is_not_sent_again_by_workers_that_wait_for_their_turn() -> None:
    slow = judge(requests_per_minute=60)
    refused = always(JudgeUnavailable("401", status=401))
    one = Scene(plan(items(100), [slow]), {"j1": refused}, concurrency=64)
    one.run()
    assert len(one.judges["j1"].asked) <= 3
    assert one.store.statuses["not_asked"] >= 197


def test_an_interrupt_begins_no_further_call() -> None:
    slow = judge(requests_per_minute=60)
    one = Scene(
        plan(items(100), [slow]), {"j1": always(ANSWER)}, concurrency=64, interrupt_after_s=2.5
    )
    assert one.run().state == "interrupted"
    assert len(one.judges["j1"].asked) <= 4


def test_a_turn_that_is_waited_for_does_not_count_towards_an_items_deadline() -> None:
    """At five requests a minute the last of 64 workers waits a quarter of an hour for its turn."""
    slow = judge(requests_per_minute=5)
    seen: Counter[str] = Counter()

    def reply(_: JudgeModel, prompt: Prompt) -> Completion | Exception:
        seen[prompt.idempotency_key] += 1
        return TransientError("500", status=500) if seen[prompt.idempotency_key] == 1 else ANSWER

    one = Scene(plan(items(40), [slow]), {"j1": reply}, concurrency=64)
    one.run()
    assert one.store.statuses == {"ok": 80}


def test_a_first_answer_is_kept_where_its_reask_is_given_up_and_only_that_is_asked_later() -> None:
    """The re-ask hangs; the run is interrupted; the next one asks for the second answer alone."""

    def reply(_: JudgeModel, prompt: Prompt) -> Completion:
        return ANSWER if prompt.reask else completion("I like the first.")

    one = scene(1, reply, interrupt_after_s=1.5, grace_s=0.0)
    assert one.run().state == "interrupted"
    assert [call.reask for call in one.store.calls] == [0, 0]
    again = scene(1, reply, store=one.store)
    again.run()
    assert [prompt.reask for prompt in again.judges["j1"].asked] == [1, 1]
    assert again.store.statuses == {"ok": 2}


def test_a_policy_can_add_trials_to_a_judge_that_has_nothing_left_to_do() -> None:
    dear = judge("dear")
    whole = plan(items(1), [judge("cheap"), dear])
    extra = list(plan(items(6), [dear]).trials(dear))[-2:]
    added: list[Judgment] = []

    def policy(judgment: Judgment) -> Decision:
        if judgment.trial.judge == "cheap" and not added:
            added.append(judgment)
            return Decision(add=tuple(extra))
        return CONTINUE

    replies = {"cheap": always(ANSWER), "dear": always(ANSWER)}
    one = Scene(whole, replies, policy=policy, delays={"cheap": 60.0})
    one.run()
    assert Counter(j.trial.judge for j in one.store.kept) == {"cheap": 2, "dear": 4}
    assert one.store.statuses == {"ok": 6}


def test_an_added_trial_that_was_answered_before_is_not_bought_again() -> None:
    dear = judge("dear")
    extra = list(plan(items(6), [dear]).trials(dear))[-2:]
    store = Memory()
    Scene(plan(items(6), [dear]), {"dear": always(ANSWER)}, store=store).run()
    added: list[Judgment] = []

    def policy(judgment: Judgment) -> Decision:
        added.append(judgment)
        return Decision(add=tuple(extra)) if len(added) == 1 else CONTINUE

    one = Scene(
        plan(items(2), [judge("cheap"), dear]),
        {"cheap": always(ANSWER), "dear": always(ANSWER)},
        store=store,
        policy=policy,
    )
    one.run()
    assert one.judges["dear"].asked == []


def test_a_judges_own_limit_of_calls_in_flight_can_only_lower_the_runs() -> None:
    for own, most in ((2, 2), (32, 4)):
        one = Scene(plan(items(50), [judge(max_concurrency=own)]), {"j1": always(ANSWER)})
        one.run()
        assert one.judges["j1"].most_in_flight == most


@pytest.mark.parametrize(
    "answer",
    [
        replace(ANSWER, tokens_in=0, tokens_out=0),
        TransientError("no answer within 120 s", may_have_cost=True),
    ],
)
def test_what_may_have_been_billed_counts_against_the_budget(answer: Completion) -> None:
    priced = judge(usd_per_mtok_in=1.0, usd_per_mtok_out=10.0, parameters={"max_tokens": 500})
    one = Scene(plan(items(50), [priced]), {"j1": always(answer)}, max_cost_usd=0.03)
    assert one.run().state == "budget"
    assert len(one.judges["j1"].asked) <= 0.03 / 0.005


def test_twins_of_an_unreadable_first_answer_are_asked_again_once_for_all() -> None:
    """A run ended in the re-ask; the next one has many trials with that one stored answer."""

    def reply(_: JudgeModel, prompt: Prompt) -> Completion:
        return ANSWER if prompt.reask else completion("I like the first.")

    twins = [replace(item("i1"), item_id=f"twin{n}") for n in range(20)]
    one = Scene(
        plan(twins, [judge()]),
        {"j1": reply},
        concurrency=16,
        interrupt_after_s=1.5,
        grace_s=0.0,
    )
    assert one.run().state == "interrupted"
    again = Scene(plan(twins, [judge()]), {"j1": reply}, store=one.store, concurrency=16)
    assert again.run().state == "done"
    assert [prompt.reask for prompt in again.judges["j1"].asked] == [1, 1]
    assert again.store.statuses == {"ok": 40}


def test_a_server_that_refuses_everybody_for_good_ends_every_trial_by_its_deadline() -> None:
    limited = RateLimited("429", status=429)
    one = scene(32, always(limited), concurrency=64)
    assert one.run().state == "done"
    assert one.store.statuses == {"failed": 64}
    assert len(one.judges["j1"].asked) < 64 * 100


def test_what_was_booked_is_in_the_record_of_the_call() -> None:
    priced = judge(usd_per_mtok_in=1.0, usd_per_mtok_out=10.0, parameters={"max_tokens": 500})
    lost = TransientError("no answer", may_have_cost=True)
    answers = iter([lost, ANSWER])
    one = Scene(
        plan(items(1), [priced], swap="random"),
        {"j1": lambda *_: next(answers)},
        max_cost_usd=1.0,
    )
    one.run()
    (call,) = one.store.calls
    assert call.cost_usd == pytest.approx(0.002)
    assert call.booked_usd > 0.002 + 500 * 10 / 1e6
