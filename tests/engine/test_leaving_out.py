"""A policy that leaves some trials out while others are still asked."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence

from factories import items, judge, plan
from test_live import ANSWER, Memory, Scene, always

from judge.engine.live import CONTINUE, Decision
from judge.errors import JudgeUnavailable
from judge.plan import Pair
from judge.types import Judgment, Response, Status, Trial


def scene(policy: Callable[[Judgment], Decision], **changes: object) -> Scene:
    """Two systems against one on 50 items."""
    both = [
        dataclasses.replace(i, responses=(*i.responses, Response("other", (f"other {i.item_id}",))))
        for i in items(50)
    ]
    made = plan(both, [judge()])
    pairs = (*made.pairs, Pair("other", "base"))
    whole = dataclasses.replace(made, pairs=pairs)
    return dataclasses.replace(
        Scene(whole, {"j1": always(ANSWER)}, policy=policy),
        **changes,  # type: ignore[arg-type]
    )


def is_tuned(trial: Trial) -> bool:
    return trial.system_a == "tuned"


def leaving(after: int) -> Callable[[Judgment], Decision]:
    """Leaves out the trials of `tuned` after so many judgments."""
    seen: list[Judgment] = []

    def policy(judgment: Judgment) -> Decision:
        seen.append(judgment)
        return Decision(leave=is_tuned) if len(seen) == after else CONTINUE

    return policy


def test_trials_that_are_left_out_are_recorded_and_not_asked_while_the_others_go_on() -> None:
    one = scene(leaving(20))
    assert one.run().state == "done"
    left = [j for j in one.store.kept if j.verdict.status is Status.NOT_ASKED]
    assert {(j.trial.system_a, j.verdict.reason) for j in left} == {("tuned", "policy")}
    asked = [j.trial.system_a for j in one.store.kept if j.verdict.status is Status.OK]
    assert asked.count("other") == 100
    assert 10 <= asked.count("tuned") <= 10 + 2 * one.concurrency
    assert len(one.store.current) == len(one.store.kept) == 200


def test_calls_in_flight_are_finished_and_kept() -> None:
    one = scene(leaving(1), concurrency=8)
    one.run()
    asked = [j for j in one.store.kept if j.verdict.status is Status.OK and is_tuned(j.trial)]
    assert 1 < len(asked) <= 8


def test_what_a_policy_knows_from_before_holds_from_the_first_trial() -> None:
    one = scene(lambda _: CONTINUE, begin=Decision(leave=is_tuned))
    one.run()
    assert len(one.judges["j1"].asked) == 100
    stopped = scene(lambda _: CONTINUE, begin=Decision(stop=True))
    stopped.run()
    assert stopped.judges["j1"].asked == []
    assert {j.verdict.reason for j in stopped.store.kept} == {"policy"}


def test_nobody_is_told_of_a_trial_that_was_left_out() -> None:
    told: list[str] = []

    def policy(judgment: Judgment) -> Decision:
        told.append(judgment.trial.system_a)
        return Decision(leave=is_tuned) if len(told) == 1 else CONTINUE

    one = scene(policy, concurrency=1)
    one.run()
    assert len(told) == 101


def test_trials_left_out_while_they_wait_for_their_turn_are_not_sent() -> None:
    one = scene(leaving(1), concurrency=50)
    slow = dataclasses.replace(one.plan.judges[0], requests_per_minute=60)
    one.plan = dataclasses.replace(one.plan, judges=(slow,))
    one.run()
    tuned = [j for j in one.store.kept if is_tuned(j.trial)]
    assert sum(j.verdict.status is Status.OK for j in tuned) <= 3
    assert {j.verdict.reason for j in tuned if not j.calls} == {"policy"}


def test_a_policy_hears_at_once_of_all_that_a_judge_which_is_gone_will_not_answer() -> None:
    gone: list[Judgment] = []

    def policy(judgment: Judgment) -> Decision:
        gone.extend([judgment] if judgment.trial.judge == "j2" else [])
        return Decision(stop=len(gone) == 100)

    refused = JudgeUnavailable("the key was refused")
    both = {"j1": always(ANSWER), "j2": always(refused)}
    one = Scene(plan(items(50), [judge("j1"), judge("j2")]), both, policy=policy, concurrency=2)
    assert one.run().state == "done"
    assert len(one.judges["j1"].asked) < 20
    assert one.store.statuses["not_asked"] > 150
    assert len(one.store.kept) == len(one.store.current) == 200


class Slow(Memory):
    """A store whose commits outlast the next look at the budget."""

    def append(self, run_id: str, judgments: Sequence[Judgment]) -> None:
        time.sleep(0.02)
        super().append(run_id, judgments)


def test_a_run_that_is_decided_by_the_last_call_of_its_budget_is_done() -> None:
    """One call fits, of 0.003 dollars or so at the most; what it says decides the run."""
    priced = judge(usd_per_mtok_in=1.0, usd_per_mtok_out=1.0)

    def policy(judgment: Judgment) -> Decision:
        is_known = judgment.verdict.status is Status.OK
        return Decision(stop=is_known, leave=(lambda _: True) if is_known else None)

    one = Scene(plan(items(50), [priced]), {"j1": always(ANSWER)}, Slow(), policy=policy)
    one.max_cost_usd = 0.004
    assert one.run().state == "done"
    assert 0 < len(one.judges["j1"].asked) < 5
    assert Status.NOT_ASKED in one.store.statuses


# -- judges that wait for a policy ---------------------------------------------------------------


def tiers(one: Scene) -> Callable[[Judgment], Decision]:
    """Hands every trial on to the judge after the one that it was of."""
    names = [judge.judge for judge in one.plan.judges]

    def policy(judgment: Judgment) -> Decision:
        place = names.index(judgment.trial.judge) + 1
        if place == len(names):
            return CONTINUE
        following = dataclasses.replace(judgment.trial, judge=names[place])
        trials = {t.trial_id: (t, p) for t, p in one.plan.trials(one.plan.judges[place])}
        return Decision(
            add=tuple(
                pair
                for pair in trials.values()
                if (pair[0].item_id, pair[0].order) == (following.item_id, following.order)
            )
        )

    return policy


def test_what_is_handed_on_to_a_judge_that_is_gone_is_handed_on_once_more() -> None:
    """The second judge stops while most of its workers have nothing to do and wait."""
    refused = JudgeUnavailable("the key was refused")
    replies = {"j1": always(ANSWER), "j2": always(refused), "j3": always(ANSWER)}
    made = plan(items(12), [judge("j1"), judge("j2"), judge("j3")])
    one = Scene(made, replies, policy=lambda _: CONTINUE, concurrency=5, waiting=("j2", "j3"))
    one.policy = tiers(one)
    assert one.run().state == "done"
    answered = [j for j in one.store.kept if j.verdict.status is Status.OK]
    assert {j.trial.judge for j in answered} == {"j1", "j3"}
    assert len(answered) == 48
    assert len(one.store.current) == 72


def test_a_judge_that_stops_while_its_other_workers_wait_is_still_given_up() -> None:
    """One question at a time comes to the second judge, so that one worker stops it and four only wait."""
    refused = JudgeUnavailable("the key was refused")
    replies = {"j1": always(ANSWER), "j2": always(refused), "j3": always(ANSWER)}
    made = plan(items(3), [judge("j1", max_concurrency=1), judge("j2"), judge("j3")])
    one = Scene(made, replies, concurrency=5, waiting=("j2", "j3"), delays={"j2": 0.1})
    one.policy = tiers(one)
    assert one.run().state == "done"
    assert len(one.judges["j2"].asked) == 1
    assert len(one.judges["j3"].asked) == 6
    assert len(one.store.current) == 18


def test_trials_that_no_policy_asked_for_are_recorded_at_the_end_and_not_sent() -> None:
    made = plan(items(12), [judge("j1"), judge("j2")])
    one = Scene(
        made,
        {"j1": always(ANSWER), "j2": always(ANSWER)},
        policy=lambda _: CONTINUE,
        begin=Decision(leave=lambda trial: trial.judge == "j2"),
        waiting=("j2",),
    )
    assert one.run().state == "done"
    assert one.judges["j2"].asked == []
    left = [j for j in one.store.kept if j.trial.judge == "j2"]
    assert {j.verdict.reason for j in left} == {"policy"}
    assert len(left) == 24
