"""Carries out a plan against live judges: a fixed pool of workers a judge over the plan's iterator.

Each trial passes the same stages: a stored answer is read again, else the judge is asked (pacer,
retries, at most one re-ask of an unreadable answer), and the judgment is committed before the worker
takes the next. Faults become statuses; only a broken store ends the run.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Protocol

from judge import parse
from judge.engine.budget import Budget, BudgetReached, cost_usd
from judge.engine.commit import Writer
from judge.engine.feed import Answers, Task
from judge.engine.lane import Lane, Stopwatch
from judge.engine.pace import Clock, Sleep
from judge.engine.retry import retrying
from judge.errors import JudgeError, ProviderError, RateLimited, TransientError
from judge.plan import ANSWER_TOKENS, CHARACTERS_PER_TOKEN, Plan
from judge.types import (
    Call,
    Completion,
    Judgment,
    Prompt,
    Rubric,
    Status,
    Trial,
    Verdict,
)

NOT_ASKED_BATCH = 256

# What ends a run, what goes before the others last. A run that is decided needs no more of its budget.
_ENDS = ("", "budget", "policy", "interrupted")

# Keys of new answers that are kept: more than the tasks that all lanes can hold ready.
RECENT_ANSWERS = 50_000


class Store(Answers, Protocol):
    """The part of the store that the engine needs."""

    def append(self, run_id: str, judgments: Sequence[Judgment]) -> None: ...


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy wants after a judgment: stop the run, ask these trials too, or leave some out.

    leave: true of the trials that need not be asked any more, besides those left out before.
    """

    stop: bool = False
    add: tuple[tuple[Trial, Prompt], ...] = ()
    leave: Callable[[Trial], bool] | None = None


CONTINUE = Decision()
Policy = Callable[[Judgment], Decision]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a plan is carried out. grace_s: how long an interrupted run waits for calls in flight."""

    concurrency: int = 64
    max_cost_usd: float | None = None
    spent_usd: float = 0.0
    grace_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Tools:
    """The world as the engine sees it. now: ISO 8601, UTC; uniform: draws from [0, 1)."""

    clock: Clock
    sleep: Sleep
    now: Callable[[], str]
    uniform: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. state: "done", "interrupted" or "budget"; stopped: judge -> why."""

    state: str
    stopped: Mapping[str, str]


class _Stopped(Exception):
    """The run or its judge was stopped before this trial was answered."""


@dataclass
class LiveRun:
    """A plan being carried out. begin: what the policy makes of what is stored already."""

    plan: Plan
    lanes: Sequence[Lane]
    store: Store
    run_id: str
    settings: Settings
    tools: Tools
    policy: Policy
    on_judgment: Callable[[Judgment], None]
    begin: Decision = CONTINUE
    halted: str = ""
    _leave: list[Callable[[Trial], bool]] = field(default_factory=list)
    _asking: dict[str, asyncio.Future[bool]] = field(default_factory=dict)
    _answered: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _working: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._rubrics: dict[str, Rubric] = {r.id: r for r, _ in self.plan.wordings}
        self._lanes = {lane.judge.judge: lane for lane in self.lanes}
        self._budget = Budget(self.settings.max_cost_usd, self.settings.spent_usd)

    async def carry_out(self, interrupt: asyncio.Event) -> Outcome:
        """Runs every lane to its end, a stop of the policy or budget, or the interrupt."""
        async with Writer(lambda group: self.store.append(self.run_id, group)) as self._writer:
            await self._follow(self.begin)
            await self._work(interrupt)
            await self._leave_rest(interrupt)
        state = self.halted if self.halted in ("budget", "interrupted") else "done"
        return Outcome(state, {n.judge.judge: n.stopped for n in self.lanes if n.stopped})

    async def _work(self, interrupt: asyncio.Event) -> None:
        seats = [lane for lane in self.lanes for _ in range(self._seats(lane))]
        self._working = len(seats)
        try:
            async with asyncio.TaskGroup() as group:
                workers = [group.create_task(self._worker(lane)) for lane in seats]
                watch = group.create_task(self._watch(interrupt, workers))
                await asyncio.wait(workers)
                watch.cancel()
        except* JudgeError as errors:
            raise _first(errors) from None

    async def _give_up(self, lane: Lane) -> None:
        """Tells the policy of all that a judge which is gone will not answer: it may wait for that."""
        async with lane.giving_up:
            async for judgment in self._unsent(lane, lane.feed.rest()):
                await self._follow(self.policy(judgment))

    def _is_deserted(self, lane: Lane) -> bool:
        return lane.left == self._seats(lane)

    def _seats(self, lane: Lane) -> int:
        concurrency = self.settings.concurrency
        return min(concurrency, lane.judge.max_concurrency or concurrency)

    async def _watch(
        self, interrupt: asyncio.Event, workers: Collection[asyncio.Task[None]]
    ) -> None:
        """On interrupt no trial is begun; what is in flight gets its grace, then is given up."""
        await interrupt.wait()
        self._halt("interrupted")
        await asyncio.wait(workers, timeout=self.settings.grace_s)
        for worker in workers:
            worker.cancel()

    def _halt(self, why: str) -> None:
        self.halted = max(self.halted, why, key=_ENDS.index)
        self._tell()

    def _tell(self) -> None:
        """Wakes the workers that wait for something to do."""
        self._news.set()
        self._news = asyncio.Event()

    def _goes_on(self, lane: Lane) -> bool:
        return not (self.halted or lane.stopped)

    async def _worker(self, lane: Lane) -> None:
        while self._goes_on(lane):
            task = await lane.feed.next()
            if task is not None:
                await self._carry(lane, task)
            elif not await self._more(lane):
                if self._goes_on(lane):
                    return
                self._working += 1  # as any who leaves, until what is left of the lane is given up
        lane.left += 1
        self._tell()
        if self._is_deserted(lane) and not self.halted:
            await self._give_up(lane)
            lane.is_given_up = True
            self._tell()
        while not (self.halted or lane.is_given_up):
            await self._news.wait()
        self._working -= 1
        self._tell()

    async def _more(self, lane: Lane) -> bool:
        """True once a policy added trials to an empty lane, False once nobody works any more."""
        self._working -= 1
        if not self._working:
            self._tell()
        while self._working and self._goes_on(lane) and not lane.feed.is_ready:
            await self._news.wait()
        if lane.feed.is_ready and self._goes_on(lane):
            self._working += 1
            return True
        return False

    async def _carry(self, lane: Lane, task: Task) -> None:
        """A task brought to its committed judgment, and what the policy makes of that."""
        if self._is_left(task.trial):
            await self._not_asked(lane, task.trial)
            return
        judgment: Judgment | None
        try:
            judgment = await self._judged(lane, task)
        except BudgetReached:
            self._halt("budget")
            await lane.feed.add([(task.trial, task.prompt)])  # what is in flight may decide the run
            return
        except _Stopped:
            judgment = await self._not_asked(lane, task.trial)
        if judgment is not None:
            self.on_judgment(judgment)
            await self._follow(self.policy(judgment))

    async def _not_asked(self, lane: Lane, trial: Trial) -> Judgment | None:
        """The record of a trial that was stopped; an interrupted run comes back to it instead."""
        if self.halted == "interrupted":
            return None
        return await self._committed(Judgment(trial, self._unasked(lane, trial)))

    def _is_left(self, trial: Trial) -> bool:
        return any(leave(trial) for leave in self._leave)

    def _unasked(self, lane: Lane, trial: Trial) -> Verdict:
        reason = "judge stopped" if lane.stopped else self.halted
        return Verdict(Status.NOT_ASKED, reason="policy" if self._is_left(trial) else reason)

    async def _follow(self, decision: Decision) -> None:
        if decision.leave is not None:
            self._leave.append(decision.leave)
        if decision.stop:
            self._halt("policy")
        added = _by_judge(decision.add)
        for judge, trials in added.items():
            await self._lanes[judge].feed.add(trials)
        if added:
            self._tell()
        for lane in map(self._lanes.__getitem__, added):
            if lane.stopped and self._is_deserted(lane) and not self.halted:
                await self._give_up(lane)  # nobody is left to find out that it answers no more

    async def _judged(self, lane: Lane, task: Task) -> Judgment:
        """The committed judgment of a task; trials that share a content are asked only once."""
        task = await self._apart(lane, task)
        key = task.prompt.content_key
        if task.answer is not None and not self._is_first_try(task.trial, task.answer):
            verdict = self._read(task.trial, task.answer)
            return await self._committed(Judgment(task.trial, verdict, reused=task.answer.call_id))
        done = self._asking[key] = asyncio.get_running_loop().create_future()
        try:
            return await self._asked(lane, task)
        finally:
            del self._asking[key]
            done.set_result(key in self._answered)

    async def _apart(self, lane: Lane, task: Task) -> Task:
        """The task once nobody else asks for its content, with the answer that somebody got.

        Returns at once after its last look at who asks, so that two can never ask together.
        """
        key = task.prompt.content_key
        is_news = key in self._answered
        while task.answer is None or self._is_first_try(task.trial, task.answer):
            other = self._asking.get(key)
            if other is not None:
                is_news = await asyncio.shield(other)
            elif not is_news:
                return task
            if is_news:
                task = await lane.feed.looked_up(task)
                is_news = False
        return task

    def _remember(self, key: str) -> None:
        """Keeps the key of a new answer for as long as tasks fed before it may wait."""
        self._answered[key] = None
        if len(self._answered) > RECENT_ANSWERS:
            self._answered.popitem(last=False)

    async def _committed(self, judgment: Judgment) -> Judgment:
        await self._writer.commit(judgment)
        for call in judgment.calls:
            if call.completion is not None:
                self._remember(call.content_key)
        return judgment

    def _read(self, trial: Trial, call: Call) -> Verdict:
        reading = self._lanes[trial.judge].judge.reading
        return parse.read_call(call, trial, self._rubrics[trial.rubric], reading)

    def _is_first_try(self, trial: Trial, call: Call) -> bool:
        """True for an unreadable answer that was not asked for once more."""
        return not call.reask and self._read(trial, call).status is Status.UNPARSED

    async def _asked(self, lane: Lane, task: Task) -> Judgment:
        """The committed judgment of a task that is sent, and sent once more if it is unreadable.

        The first answer is committed before the second is asked for: it was paid for.
        """
        trial = task.trial
        if task.answer is None:
            first = await self._call(lane, trial, task.prompt)
            judgment = await self._committed(Judgment(trial, self._read(trial, first), (first,)))
            if judgment.verdict.status is not Status.UNPARSED:
                return judgment
        else:
            verdict = self._read(trial, task.answer)
            judgment = Judgment(trial, verdict, reused=task.answer.call_id)
        try:
            second = await self._call(lane, trial, parse.reask(task.prompt))
        except (BudgetReached, _Stopped):
            return judgment if task.answer is None else await self._committed(judgment)
        reread = self._read(trial, second)
        kept = judgment.verdict if reread.status is Status.FAILED else reread
        return await self._committed(Judgment(trial, kept, (second,)))

    async def _call(self, lane: Lane, trial: Trial, prompt: Prompt) -> Call:
        """One request with its retries, as it goes into the store. Raises BudgetReached, _Stopped."""
        asked_at = self.tools.now()
        watch = Stopwatch(self.tools.clock)
        completion, error, attempts = await self._attempts(lane, trial, prompt, watch)
        return Call(
            content_key=prompt.content_key,
            request=prompt.request,
            marker=prompt.marker,
            reask=prompt.reask,
            completion=completion,
            error=error,
            attempts=attempts,
            cost_usd=cost_usd(lane.judge, completion),
            booked_usd=watch.booked_usd,
            asked_at=asked_at,
        )

    async def _attempts(
        self, lane: Lane, trial: Trial, prompt: Prompt, watch: Stopwatch
    ) -> tuple[Completion | None, str, int]:
        """The completion, or the error that ended the attempts, and how many there were."""
        controller = retrying(
            lane.patience_now(),
            lane.pacer,
            elapsed_s=watch.elapsed_s,
            sleep=self.tools.sleep,
            uniform=self.tools.uniform,
        )
        attempts = 0
        try:
            async for attempt in controller:
                with attempt:
                    attempts += 1
                    completion = await self._attempt(lane, trial, prompt, watch)
        except ProviderError as error:
            lane.note_failure(error)
            return None, str(error), attempts
        lane.note_answer()
        return completion, "", attempts

    async def _attempt(
        self, lane: Lane, trial: Trial, prompt: Prompt, watch: Stopwatch
    ) -> Completion:
        """One request in its turn; what it says of the limit goes to the pacer.

        The reservation counts as spent where nobody knows what the request did cost.
        """
        reserved = await self._budget.reserve(lane.judge, prompt)
        spent = 0.0
        try:
            started = await self._turn(lane, prompt, watch)
            if not self._goes_on(lane) or self._is_left(trial):
                raise _Stopped
            spent = reserved
            completion = await lane.provider.complete(lane.judge, prompt)
            cost = cost_usd(lane.judge, completion)
            spent = reserved if cost is None else cost
        except ProviderError as error:
            is_billed = isinstance(error, TransientError) and error.may_have_cost
            spent = reserved if is_billed else 0.0
            if isinstance(error, RateLimited):
                watch.is_limited = True
                lane.pacer.limited(started, error.retry_after_s)
            raise
        finally:
            watch.booked_usd += spent
            await self._budget.settle(reserved, spent)
        lane.pacer.passed(started)
        return completion

    async def _turn(self, lane: Lane, prompt: Prompt, watch: Stopwatch) -> float:
        """When the request may start. The wait does not count towards the item's deadline.

        It does where the item was refused by the limit and nobody was answered since: a server that
        refuses everybody for good must not hold a run for ever.
        """
        begun, answered = self.tools.clock(), lane.answered
        started = await lane.pacer.start(_size(prompt))
        if not watch.is_limited or lane.answered > answered:
            watch.paused_s += self.tools.clock() - begun
        watch.is_limited = False
        return started

    async def _leave_rest(self, interrupt: asyncio.Event) -> None:
        """Records every trial that was planned and never sent, with who stopped it."""
        for lane in self.lanes:
            async for _ in self._unsent(lane, chain(lane.feed.rest(), lane.feed.never_added())):
                if interrupt.is_set():
                    self._halt("interrupted")

    async def _unsent(self, lane: Lane, rest: Iterator[Trial]) -> AsyncIterator[Judgment]:
        """What a lane has left, recorded as never sent; none of it where the run will come back."""
        while self.halted != "interrupted" and (batch := await _batch(rest)):
            unasked = [Judgment(trial, self._unasked(lane, trial)) for trial in batch]
            for judgment in await asyncio.gather(*map(self._committed, unasked)):
                yield judgment


def _size(prompt: Prompt) -> float:
    """About how many tokens a request takes of a limit on tokens."""
    return (len(prompt.system) + len(prompt.user)) / CHARACTERS_PER_TOKEN + ANSWER_TOKENS


async def _batch(trials: Iterator[Trial]) -> list[Trial]:
    """The next so many trials; made in a thread, as their prompts take time."""
    return await asyncio.to_thread(lambda: list(islice(trials, NOT_ASKED_BATCH)))


def _by_judge(
    trials: Iterable[tuple[Trial, Prompt]],
) -> dict[str, list[tuple[Trial, Prompt]]]:
    found: dict[str, list[tuple[Trial, Prompt]]] = {}
    for trial, prompt in trials:
        found.setdefault(trial.judge, []).append((trial, prompt))
    return found


def _first(errors: BaseExceptionGroup[JudgeError]) -> BaseException:
    """The first error of a group, groups within it opened."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
