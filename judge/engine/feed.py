"""Gives the workers of one judge their next trial, with the stored answer where one exists.

The plan's iterator is read in small chunks, each with one look into the store, so that memory stays
flat and an answer that was paid for is never bought again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

from judge.types import Call, Prompt, Trial

CHUNK = 64


class Answers(Protocol):
    """The part of the store that a feed needs."""

    def answers(
        self, content_keys: Collection[str], run_id: str | None = None
    ) -> Mapping[str, Call]: ...


@dataclass(frozen=True, slots=True)
class Task:
    """A trial to judge; answer: the stored call that already answers it."""

    trial: Trial
    prompt: Prompt
    answer: Call | None = None


class Feed:
    """One judge's trials that are not settled yet, in the plan's order.

    only_run: the run whose answers count; None for every run's. later: trials that are asked only once a
    policy adds them.
    """

    def __init__(
        self,
        trials: Iterator[tuple[Trial, Prompt]],
        store: Answers,
        *,
        settled: Collection[str] = (),
        only_run: str | None = None,
        later: Iterable[tuple[Trial, Prompt]] = (),
    ) -> None:
        self._trials = trials
        self._store = store
        self._settled = settled
        self._only_run = only_run
        self._later = later
        self._added: set[str] = set()
        self._ready: deque[Task] = deque()
        self._filling = asyncio.Lock()

    async def next(self) -> Task | None:
        """The next task, None at the end."""
        while not self._ready:
            async with self._filling:
                if not self._ready and not await self._fill():
                    return None
        return self._ready.popleft()

    async def add(self, trials: Collection[tuple[Trial, Prompt]]) -> None:
        """Puts trials that a policy asked for before all others."""
        self._added.update(trial.trial_id for trial, _ in trials)
        tasks = await asyncio.to_thread(self._tasks, list(trials))
        self._ready.extendleft(reversed(tasks))

    @property
    def is_ready(self) -> bool:
        """True where a task can be taken at once."""
        return bool(self._ready)

    async def looked_up(self, task: Task) -> Task:
        """The task with the answer that came to its content since it was fed."""
        key = task.prompt.content_key
        known = await asyncio.to_thread(self._store.answers, [key], self._only_run)
        return replace(task, answer=known.get(key))

    def rest(self) -> Iterator[Trial]:
        """The trials that nobody has taken; empties the feed."""
        while self._ready:
            yield self._ready.popleft().trial
        yield from (t for t, _ in self._trials if t.trial_id not in self._settled)

    def never_added(self) -> Iterator[Trial]:
        """The trials that wait for a policy which did not ask for them."""
        known = self._added
        for trial, _ in self._later:
            if trial.trial_id not in known and trial.trial_id not in self._settled:
                yield trial

    async def _fill(self) -> bool:
        # Prompts are made in a thread: a run with much behind it must not hold up calls in flight.
        chunk = await asyncio.to_thread(lambda: list(islice(self._trials, CHUNK)))
        self._ready.extend(await asyncio.to_thread(self._tasks, chunk))
        return bool(chunk)

    def _tasks(self, trials: Collection[tuple[Trial, Prompt]]) -> list[Task]:
        waiting = [(t, p) for t, p in trials if t.trial_id not in self._settled]
        keys = {t.content_key for t, _ in waiting}
        known = self._store.answers(keys, self._only_run) if keys else {}
        return [Task(t, p, known.get(t.content_key)) for t, p in waiting]
