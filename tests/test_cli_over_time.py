"""Runs over time and spot checks on the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from command_line import judge
from test_cli import BASE, SIM, TUNED


def run_ids(folder: Path) -> list[str]:
    """The runs, oldest first."""
    lines = judge(folder, "runs").stdout.splitlines()
    return [line.split()[0] for line in lines if not line.startswith(" ")][::-1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs on the same ten items, the second one of shorter answers."""
    folder = tmp_path_factory.mktemp("runs")
    lines = [json.loads(line) for line in Path(TUNED).read_text("utf-8").splitlines()]
    short = [{**line, "system": "short", "response": line["response"][:40]} for line in lines]
    (folder / "short.jsonl").write_text("".join(json.dumps(s) + "\n" for s in short), "utf-8")
    for new in (TUNED, "short.jsonl"):
        assert judge(folder, "compare", BASE, new, *SIM, "--limit", "10").returncode == 0
    return folder


def test_runs_says_what_one_needs_to_choose_and_fits_80_columns(folder: Path) -> None:
    told = judge(folder, "runs").stdout
    assert "short against base; 10 items; helpfulness@1; sim-fair" in told
    assert "tuned against base; 10 items; helpfulness@1; sim-fair" in told
    assert told.count("done") == 2
    assert max(map(len, told.splitlines())) <= 80


def test_diff_says_what_moved_and_what_differs(folder: Path) -> None:
    done = judge(folder, "diff", *run_ids(folder))
    assert (done.returncode, done.stderr) == (0, "")
    assert "paired difference" in done.stdout
    assert "responses of tuned / short" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_diff_as_json_is_the_diff_and_nothing_else(folder: Path) -> None:
    done = judge(folder, "diff", *run_ids(folder), "--map", "short=tuned", "--json")
    told = json.loads(done.stdout)
    assert told["schema"] == "judge.diff/1"
    assert [run["run_id"] for run in told["runs"]] == run_ids(folder)
    assert told["changes"][0]["systems"] == ["tuned", "short"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("diff", "latest"), "two runs or more"),
        (("diff", "latest", "latest"), "named twice"),
        (("diff", "latest", "gone"), "no run named gone"),
        (("diff", "latest", "latest", "--store", "gone.db"), "no store at gone.db"),
        (("diff", "latest", "x", "--map", "new"), "NEW=OLD"),
        (("spotcheck", "latest", "--n", "0"), "--n 0"),
        (("spotcheck", "gone"), "no run named gone"),
        (("spotcheck", "latest", "--marks", "gone.csv"), "there is no such file"),
    ],
)
def test_what_must_change_is_said_with_exit_code_2(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = judge(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_spot_check_is_drawn_marked_and_reported(folder: Path) -> None:
    drawn = judge(folder, "spotcheck", "latest", "--n", "5")
    assert drawn.returncode == 0
    assert "5 judgments drawn at random" in drawn.stderr
    path = folder / drawn.stdout.strip()
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "mark": "right"} for row in rows)
    said = "A person marked 5 of 5 explanations right"
    assert said in judge(folder, "report", "latest").stdout
    assert said in judge(folder, "spotcheck", "latest", "--marks", str(path)).stdout
    told = json.loads(judge(folder, "spotcheck", "latest", "--marks", str(path), "--json").stdout)
    assert told["judges"][0]["right"] == 5
    assert judge(folder, "spotcheck", "latest").returncode == 2


def test_a_spot_check_names_the_command_that_counts_its_marks(folder: Path) -> None:
    """A report finds the files of its run's folder; any other file has to be named."""
    newest = run_ids(folder)[-1]
    inside = judge(folder, "spotcheck", "latest", "--n", "2", "--again")
    assert f"run `judge report {newest}`" in inside.stderr
    outside = judge(folder, "spotcheck", "latest", "--n", "2", "--out", "my marks.csv")
    assert f"run `judge spotcheck {newest} --marks 'my marks.csv'`" in outside.stderr
