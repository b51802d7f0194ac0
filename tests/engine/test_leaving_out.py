"""A policy that leaves some trials out while others are still asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from factories import items, judge, plan
from test_live import ANSWER, Scene, always

from judge.engine.live import CONTINUE, Decision
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
