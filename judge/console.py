"""What a person at a terminal sees while a run goes on, always on stderr; stdout is the result."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from judge.types import Status
from judge.workflow.running import World

if TYPE_CHECKING:
    from judge.engine.live import Outcome
    from judge.plan import Forecast
    from judge.types import Judgment

T = TypeVar("T")

# Without a terminal a line is written each time that another tenth is done.
PLAIN_STEPS = 10

# Characters of one message.
LONGEST = 2000


def say(text: str) -> None:
    """A line on stderr, or a few: harmless, and cut where somebody's data made it endless."""
    from judge.report.words import clean_lines

    cut = text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} ... {text[-LONGEST // 2 :]}"
    sys.stderr.write(f"{clean_lines(cut)}\n")
    sys.stderr.flush()


def show(text: str) -> None:
    """A result on stdout. A reader that went away, as `head` does, does not change what came out."""
    try:
        # As bytes: a text of the data may hold half of a surrogate pair, which no encoding has.
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered goes nowhere, so that the interpreter's own flush at exit is silent.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def forecast_line(forecast: Forecast) -> str:
    """What a run is expected to need, in one line."""
    cost = "cost unknown" if forecast.cost_usd is None else f"about ${forecast.cost_usd:.2f}"
    line = f"{forecast.calls:,} calls, {cost} and {_duration(forecast.duration_s)}"
    return f"{line}; {blind_spot(forecast)}" if forecast.smallest_difference else line


def blind_spot(forecast: Forecast) -> str:
    """What so many items cannot show."""
    smallest = forecast.smallest_difference or 0.0
    size = f"{100 * smallest:.0f} points"
    if forecast.mode == "single":
        size = f"{smallest:.2f} standard deviations of the scores"
    return f"a difference under {size} may go unseen with {forecast.items} items"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@dataclass
class PlainLines:
    """Progress for logs: a line for every tenth."""

    _planned: int = 0
    _done: int = 0
    _faults: int = 0

    def begin(self, planned: Mapping[str, int], settled: int) -> None:
        self._planned, self._done = sum(planned.values()), settled
        if settled:
            say(f"{settled:,} of {self._planned:,} trials are settled already")

    def advance(self, judgment: Judgment) -> None:
        before = self._tenths()
        self._done += 1
        self._faults += judgment.verdict.status is not Status.OK
        if self._tenths() > before:
            faults = f", {self._faults:,} without a verdict" if self._faults else ""
            say(f"{self._done:,} of {self._planned:,} trials{faults}")

    def end(self, outcome: Outcome | None) -> None:
        pass

    def _tenths(self) -> int:
        return self._done * PLAIN_STEPS // max(self._planned, 1)


@dataclass
class Bars:
    """Progress for a terminal: a bar a judge."""

    _progress: Progress = field(
        default_factory=lambda: Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[faults]}"),
            console=Console(stderr=True),
        )
    )
    _faults: dict[str, int] = field(default_factory=dict)

    def begin(self, planned: Mapping[str, int], settled: int) -> None:
        if settled:
            say(f"{settled:,} trials are settled already")
        self._tasks = {
            judge: self._progress.add_task(judge, total=total, faults="")
            for judge, total in planned.items()
        }
        self._progress.start()

    def advance(self, judgment: Judgment) -> None:
        judge = judgment.trial.judge
        is_fault = judgment.verdict.status is not Status.OK
        self._faults[judge] = self._faults.get(judge, 0) + is_fault
        faults = f"{self._faults[judge]} without a verdict" if self._faults[judge] else ""
        self._progress.update(self._tasks[judge], advance=1, faults=faults)

    def end(self, outcome: Outcome | None) -> None:
        self._progress.stop()


def in_world(work: Callable[[World], Awaitable[T]]) -> T:
    """The result of work done in the world of this process: its keys, its terminal, its Ctrl-C."""

    async def main() -> T:
        interrupt = asyncio.Event()
        _on_ctrl_c(interrupt)
        progress = Bars() if sys.stderr.isatty() else PlainLines()
        return await work(World(environ=os.environ, progress=progress, interrupt=interrupt))

    try:
        return asyncio.run(main())
    except asyncio.CancelledError:
        say("given up; what was answered is kept, and `judge resume latest` goes on")
        raise SystemExit(130) from None


def _on_ctrl_c(interrupt: asyncio.Event) -> None:
    """The first Ctrl-C lets calls in flight land, the second does not wait for them."""
    loop, main = asyncio.get_running_loop(), asyncio.current_task()

    def first() -> None:
        say("stopping: calls in flight are finished first (Ctrl-C again to give them up)")
        interrupt.set()
        if main is not None:
            loop.add_signal_handler(signal.SIGINT, main.cancel)

    # Not every platform and thread can have handlers; there Ctrl-C ends the process as it always did.
    with suppress(NotImplementedError, RuntimeError, ValueError):
        loop.add_signal_handler(signal.SIGINT, first)
