"""An event loop whose clock jumps to the next timer, so that hours of waiting take no time.

Work handed to threads takes real time: while some is under way the clock stands still.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _JumpingSelector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    """Polls without waiting; what the loop would have waited is added to its clock."""

    now = 0.0
    in_threads = 0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or (timeout > 0 and self.in_threads):
            return super().select(None)
        self.now += max(timeout, 0.0)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def run_in_executor(self, *args: Any) -> Any:
        self._jumping.in_threads += 1
        future = super().run_in_executor(*args)
        future.add_done_callback(self._back)
        return future

    def _back(self, _: Any) -> None:
        self._jumping.in_threads -= 1


def run(main: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine, run in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
