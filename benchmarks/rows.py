"""What a large verdict table takes: seconds and memory, to read it and to report on it.

    python benchmarks/rows.py [ROWS [read] [analyze]]

A table of that many verdicts (a million) by three judges, each pair in both orders, is written as JSONL
and as CSV; each is read, and analyzed, in a process of its own. Memory is the most that process held
beyond what it held once everything was imported.
"""

from __future__ import annotations

import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROWS = 1_000_000
JUDGES = 3
FIELDS = "item_id system_a system_b judge order label len_a len_b category explanation".split()  # noqa: SIM905


def verdicts(count: int) -> Iterator[dict[str, Any]]:
    """So many rows; the longer answer wins a little more often than not."""
    draw = random.Random(7)
    for n in range(count):
        item, rest = divmod(n, 2 * JUDGES)
        a, b = draw.randrange(200, 2000), draw.randrange(200, 2000)
        yield {
            "item_id": f"item-{item:07}",
            "system_a": "new",
            "system_b": "base",
            "judge": f"judge-{rest // 2}",
            "order": "AB" if rest % 2 else "BA",
            "label": draw.choices(("a", "b", "tie"), (5 + (a > b), 5, 1))[0],
            "len_a": a,
            "len_b": b,
            "category": f"kind-{item % 8}",
            "explanation": f"Both answer; {draw.randrange(10**9)} decides it, and the other is vague.",
        }


def written(folder: Path, count: int) -> list[Path]:
    """The same table as JSONL and as CSV."""
    lines, table = folder / "verdicts.jsonl", folder / "verdicts.csv"
    with lines.open("w", encoding="utf-8") as a, table.open("w", encoding="utf-8", newline="") as b:
        writer = csv.DictWriter(b, FIELDS)
        writer.writeheader()
        for row in verdicts(count):
            a.write(json.dumps(row) + "\n")
            writer.writerow(row)
    return [lines, table]


def peak_mb() -> float:
    """The most memory that this process held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(path: Path, what: str) -> str:
    """Seconds and megabytes of reading or analyzing a table, in words; run in a process of its own."""
    from judge.records import read_verdicts
    from judge.workflow.analyze import analyzed
    from judge.workflow.options import Options

    small = path.with_name("small.jsonl")  # loads what is only loaded on first use
    analyzed(small, Options()).json()
    before, began = peak_mb(), time.perf_counter()
    table = read_verdicts(path) if what == "read" else analyzed(path, Options()).table
    seconds, megabytes = time.perf_counter() - began, peak_mb() - before
    return f"{path.suffix} {what}: {len(table.frame):,} rows, {seconds:.1f} s, {megabytes:.0f} MB"


def main(count: int, parts: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as name:
        written(Path(name), 60)[0].rename(Path(name) / "small.jsonl")
        for path in written(Path(name), count):
            for what in parts:
                subprocess.run([sys.executable, __file__, str(path), what], check=True)


if __name__ == "__main__":
    if sys.argv[1:] and not sys.argv[1].isdigit():
        print(measured(Path(sys.argv[1]), sys.argv[2]))
    else:
        rows = int(sys.argv[1]) if sys.argv[1:] else ROWS
        main(rows, tuple(sys.argv[2:]) or ("read", "analyze"))
