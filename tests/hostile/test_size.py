"""A large table is read in bounded memory."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "rows.py"

# Measured: about 1.4 kB a row. Twice that is a copy of the table too many.
BYTES_A_ROW = 3000


def measured(rows: int) -> dict[str, float]:
    """What was done -> megabytes, for a table of so many rows."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(rows), "analyze"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.findall(r"(\.\w+ \w+): ([\d,]+) rows, [\d.]+ s, (\d+) MB", done.stdout)
    assert {count for _, count, _ in found} == {f"{rows:,}"}
    return {what: float(megabytes) for what, _, megabytes in found}


def check(rows: int) -> None:
    found = measured(rows)
    assert found.keys() == {".jsonl analyze", ".csv analyze"}
    assert {w: mb for w, mb in found.items() if mb * 2**20 > BYTES_A_ROW * rows} == {}


def test_two_hundred_thousand_verdicts_take_a_bounded_amount_of_memory() -> None:
    check(200_000)


@pytest.mark.slow
def test_a_million_verdicts_take_five_times_as_much() -> None:
    check(1_000_000)
