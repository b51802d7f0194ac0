"""Carry out every study and write docs/audit-power.md.

python -m benchmarks.audit [--quick] [--only TEXT] [--out FILE]
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

from benchmarks.audit import page
from benchmarks.audit.study import STUDIES, Share, runs_of, shares
from benchmarks.simulations.study import Floats, carried_out, gathered

PROCESSES = 2
CHUNK = 50
QUICK = 0.05  # of the runs
DOCS = Path(__file__).parents[2] / "docs" / "audit-power.md"

Task = tuple[int, int, int]  # the study's place, its first run and the one after its last


def carried(task: Task) -> dict[str, Floats]:
    """What was found in some runs of one study."""
    place, first, last = task
    return carried_out(STUDIES[place], range(first, last))


def all_shares(studies: Sequence[int], share: float) -> list[Share]:
    """The shares of the studies in these places, each told on stderr when it is done."""
    ends = {s: runs_of(STUDIES[s], share) for s in studies}
    tasks = [(s, n, min(n + CHUNK, ends[s])) for s in studies for n in range(0, ends[s], CHUNK)]
    found: list[Share] = []
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        chunks = pool.imap(carried, tasks)
        for place in studies:
            began, parts = time.perf_counter(), range(0, ends[place], CHUNK)
            found += shares(STUDIES[place], gathered([next(chunks) for _ in parts]))
            print(
                f"{time.perf_counter() - began:6.1f} s  {STUDIES[place].name}",
                file=sys.stderr,
                flush=True,
            )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog=page.COMMAND, description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the runs")
    parser.add_argument("--only", default="", help="studies whose group or name has this in it")
    parser.add_argument("--out", type=Path, default=DOCS)
    said = parser.parse_args()
    chosen = [i for i, s in enumerate(STUDIES) if said.only in f"{s.group}/{s.name}"]
    found = all_shares(chosen, QUICK if said.quick else 1.0)
    said.out.write_text(page.page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
