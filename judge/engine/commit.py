"""The one writer of a run: gathers judgments and commits them in groups.

A worker's slot is free once its judgment is committed, not once it is answered: whatever ends the
process, at most the calls in flight are lost. The queue is bounded, so a slow disk slows the calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from judge.types import Judgment

Append = Callable[[Sequence[Judgment]], None]

LARGEST_GROUP = 256
QUEUE_SIZE = 1024


class Writer:
    """Commits judgments in groups on a thread of its own; use as an async context manager."""

    def __init__(self, append: Append) -> None:
        self._append = append
        self._queue: asyncio.Queue[tuple[Judgment, asyncio.Future[None]] | None] = asyncio.Queue(
            QUEUE_SIZE
        )
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="judge-writer")

    async def __aenter__(self) -> Writer:
        self._task = asyncio.create_task(self._work())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._queue.put(None)
        await self._task
        self._thread.shutdown()

    async def commit(self, judgment: Judgment) -> None:
        """Returns when the judgment is on disk; raises what the store raised where it is not."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._queue.put((judgment, done))
        await done

    async def _work(self) -> None:
        while (first := await self._queue.get()) is not None:
            group, ended = [first], False
            while len(group) < LARGEST_GROUP and not self._queue.empty():
                following = self._queue.get_nowait()
                if following is None:
                    ended = True
                    break
                group.append(following)
            await self._write(group)
            if ended:
                return

    async def _write(self, group: list[tuple[Judgment, asyncio.Future[None]]]) -> None:
        loop = asyncio.get_running_loop()
        written = loop.run_in_executor(self._thread, self._append, [j for j, _ in group])
        await asyncio.wait([written])
        error = written.exception()
        for _, done in group:
            if done.cancelled():
                continue
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)
