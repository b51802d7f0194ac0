"""Carry out every study and write docs/simulations.md.

python -m benchmarks.simulations [--runs N] [--only TEXT] [--out FILE]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

# Two processes on two cores: a third and fourth thread of linear algebra would only get in the way.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks.simulations import page
from benchmarks.simulations.registry import STUDIES
from benchmarks.simulations.study import (
    RUNS,
    AlarmResult,
    Floats,
    IntervalResult,
    Study,
    carried_out,
    gathered,
    results,
    runs_of,
)

PROCESSES = 2
CHUNK = 250
DOCS = Path(__file__).parents[2] / "docs" / "simulations.md"

Result = IntervalResult | AlarmResult
Task = tuple[int, int, int]  # the study's place, its first run and the one after its last


def carried(task: Task) -> dict[str, Floats]:
    """The numbers of some runs of one study."""
    place, first, last = task
    return carried_out(STUDIES[place], range(first, last))


def all_results(studies: Sequence[int], runs: int) -> list[Result]:
    """The results of the studies in these places, each told on stderr when it is done."""
    starts = {s: range(0, runs_of(STUDIES[s], runs), CHUNK) for s in studies}
    tasks = [(s, n, min(n + CHUNK, starts[s].stop)) for s in studies for n in starts[s]]
    found: list[Result] = []
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        chunks = pool.imap(carried, tasks)
        for place in studies:
            began, study = time.perf_counter(), STUDIES[place]
            found += results(study, gathered([next(chunks) for _ in starts[place]]))
            told(study, time.perf_counter() - began)
    return found


def told(study: Study, seconds: float) -> None:
    print(f"{seconds:6.1f} s  {study.group}: {study.name}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog=page.COMMAND, description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--only", default="", help="studies whose group or name has this in it")
    parser.add_argument("--out", type=Path, default=DOCS)
    said = parser.parse_args()
    chosen = [i for i, s in enumerate(STUDIES) if said.only in f"{s.group}/{s.name}"]
    found = all_results(chosen, said.runs)
    said.out.write_text(page.page(found, said.runs), encoding="utf-8")


if __name__ == "__main__":
    main()
