"""Carries out a recipe: from items to judgments in the store."""

from __future__ import annotations

import asyncio
import functools
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Protocol

from judge import registry
from judge.engine.feed import Feed
from judge.engine.lane import Lane
from judge.engine.live import CONTINUE, LiveRun, Outcome, Policy, Settings, Tools
from judge.engine.pace import Pacer
from judge.engine.retry import Patience
from judge.plan import Plan
from judge.providers import Provider
from judge.store import Store, items_hash
from judge.types import Item, JudgeModel, Judgment, Run
from judge.workflow import anchors, audit_targets, early_stopping, escalation
from judge.workflow.escalation import Trials
from judge.workflow.recipe import Recipe, from_config, to_config

# What a run's numbers can hang on besides our own code.
PACKAGES = ("judge", "anthropic", "httpx2", "numpy", "openai", "pandas", "scipy")


class Progress(Protocol):
    """Someone who watches a run."""

    def begin(self, planned: Mapping[str, int], settled: int) -> None: ...
    def advance(self, judgment: Judgment) -> None: ...
    def end(self, outcome: Outcome | None) -> None: ...


class Silence:
    """A watcher that says nothing."""

    def begin(self, planned: Mapping[str, int], settled: int) -> None:
        pass

    def advance(self, judgment: Judgment) -> None:
        pass

    def end(self, outcome: Outcome | None) -> None:
        pass


@dataclass(frozen=True, slots=True)
class World:
    """What a run meets outside: keys, time, chance, who watches, and who may interrupt it.

    environ: where keys are looked up by the names that the judges give. grace_s: how long an
    interrupted run waits for calls in flight; timeout_s: for one answer.
    """

    environ: Mapping[str, str] = field(default_factory=dict)
    progress: Progress = field(default_factory=Silence)
    interrupt: asyncio.Event = field(default_factory=asyncio.Event)
    patience: Patience = field(default_factory=Patience)
    policy: Policy = field(default=lambda _: CONTINUE)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    grace_s: float = 10.0
    timeout_s: float = 120.0


def started(recipe: Recipe, items: Sequence[Item], store: Store, world: World) -> Run:
    """The record of a new run, stored with its items. Nothing is asked yet."""
    plan = recipe.plan(items)
    moment = world.now()
    run = Run(
        run_id=f"{moment:%Y%m%d-%H%M%S}-{random.SystemRandom().randbytes(3).hex()}",
        command=recipe.command,
        config=to_config(recipe),
        items_hash=items_hash(items),
        seed=recipe.seed,
        revision=version("judge"),
        packages={name: version(name) for name in PACKAGES},
        planned=dict.fromkeys((judge.judge for judge in recipe.judges), _count(recipe, plan)),
        state="running",
        started_at=_iso(moment),
    )
    store.start_run(run, items)
    return run


def _count(recipe: Recipe, plan: Plan) -> int:
    """How many trials one judge has at most."""
    if recipe.audit is not None:
        plan = recipe.plan(audit_targets.of_one_target(recipe, plan.items))
    return plan.count()


@asynccontextmanager
async def connections(
    judges: Sequence[JudgeModel], world: World
) -> AsyncIterator[Mapping[str, Provider]]:
    """Judge -> its API, closed at the end. Raises InputError where a key is needed and absent."""
    async with AsyncExitStack() as stack:
        providers = {}
        for judge in judges:
            provider = providers[judge.judge] = _connected(judge, world)
            stack.push_async_callback(provider.aclose)
        yield providers


async def carried_out(
    run: Run, providers: Mapping[str, Provider], store: Store, world: World
) -> Outcome:
    """Asks what is not settled yet, and records how the run ended.

    Raises InputError where another process carries out the same run.
    """
    with store.claim(run.run_id):
        store.finish_run(run.run_id, state="running")
        return await _held(run, providers, store, world)


async def _held(run: Run, providers: Mapping[str, Provider], store: Store, world: World) -> Outcome:
    recipe = from_config(run.config)
    plan = recipe.plan(store.items(run.run_id))
    settled = store.settled(run.run_id)
    early = early_stopping.resumed(recipe, plan, store, run.run_id, settled)
    onward = escalation.resumed(recipe, plan, store, run.run_id, settled)
    targets = audit_targets.resumed(recipe, plan, store, run.run_id, settled)
    settled |= early.settled | onward.settled | targets.settled
    spent = sum(account.booked_usd for account in store.accounting(run.run_id).values())

    # A fresh run buys every answer anew, but its own only once.
    only = run.run_id if recipe.fresh else None

    anew = anchors.Anew(store, recipe, run.run_id)

    def lane(judge: JudgeModel) -> Lane:
        now, later = _now_and_later(recipe, plan, judge)
        feed = Feed(anew.noted(now), anew, settled=settled, only_run=only, later=later)
        return Lane(judge, providers[judge.judge], _pacer(judge, world), feed, world.patience)

    live = LiveRun(
        plan,
        [lane(judge) for judge in recipe.judges],
        store,
        run.run_id,
        _settings(recipe, world, spent),
        _tools(recipe, world),
        functools.reduce(
            early_stopping.both, (early.policy, onward.policy, targets.policy, world.policy)
        ),
        world.progress.advance,
        targets.begin if recipe.audit else onward.begin if recipe.escalate else early.begin,
    )
    world.progress.begin(run.planned, len(settled - targets.settled))
    outcome = None
    try:
        outcome = await live.carry_out(world.interrupt)
    finally:
        world.progress.end(outcome)
        _finish(run, store, outcome, world)
    return outcome


def _now_and_later(recipe: Recipe, plan: Plan, judge: JudgeModel) -> tuple[Trials, Trials]:
    """What a judge is asked from the start, and what a policy may add."""
    if recipe.audit is not None:
        return audit_targets.now_and_later(recipe, plan, judge)
    return escalation.now_and_later(recipe.escalate, plan, judge)


def _connected(judge: JudgeModel, world: World) -> Provider:
    connect: Any = registry.load("providers", judge.provider)
    key = world.environ.get(judge.api_key_env) if judge.api_key_env else None
    provider: Provider = connect(judge, api_key=key, timeout_s=world.timeout_s)
    return provider


def _pacer(judge: JudgeModel, world: World) -> Pacer:
    pacer = Pacer(world.clock, world.sleep)
    if judge.requests_per_minute:
        pacer.ceiling_per_s = judge.requests_per_minute / 60
    if judge.tokens_per_minute:
        pacer.tokens_per_s = judge.tokens_per_minute / 60
    return pacer


def _settings(recipe: Recipe, world: World, spent_usd: float) -> Settings:
    return Settings(
        concurrency=recipe.concurrency,
        max_cost_usd=recipe.max_cost_usd,
        spent_usd=spent_usd,
        grace_s=world.grace_s,
    )


def _tools(recipe: Recipe, world: World) -> Tools:
    return Tools(
        clock=world.clock,
        sleep=world.sleep,
        now=lambda: _iso(world.now()),
        uniform=random.Random(recipe.seed).random,
    )


def _finish(run: Run, store: Store, outcome: Outcome | None, world: World) -> None:
    costs = [account.cost_usd for account in store.accounting(run.run_id).values()]
    store.finish_run(
        run.run_id,
        state=outcome.state if outcome else "interrupted",
        ended_at=_iso(world.now()),
        cost_usd=None if None in costs else sum(c for c in costs if c is not None),
        stopped=outcome.stopped if outcome else {},
    )


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def with_limits(run: Run, *, max_cost_usd: float | None, concurrency: int | None) -> Run:
    """The run, what is left of it under other limits than it began with; None leaves a limit."""
    recipe = from_config(run.config)
    changed = replace(
        recipe,
        max_cost_usd=recipe.max_cost_usd if max_cost_usd is None else max_cost_usd,
        concurrency=recipe.concurrency if concurrency is None else concurrency,
    )
    return replace(run, config=to_config(changed))
