"""`judge doctor` and `judge items` as a person meets them: text, JSON, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import judge

ROOT = Path(__file__).parents[1]
BASE = ROOT / "examples" / "data" / "base.jsonl"
TUNED = ROOT / "examples" / "data" / "tuned.jsonl"
TABLE = ROOT / "tests" / "contract" / "two_systems.jsonl"


def test_doctor_says_what_is_missing_in_80_columns_and_exits_0(tmp_path: Path) -> None:
    done = judge(tmp_path, "doctor", TABLE)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Not identified from this file" in done.stdout
    assert "log `len_a` and `len_b`" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert list(tmp_path.iterdir()) == []


def test_doctor_gives_json_and_nothing_else(tmp_path: Path) -> None:
    told = json.loads(judge(tmp_path, "doctor", TABLE, "--json").stdout)
    assert (told["schema"], told["kind"], told["file"]) == (
        *("judge.doctor/1", "verdicts"),
        "two_systems.jsonl",
    )


def test_doctor_takes_the_families_of_judge_toml(tmp_path: Path) -> None:
    (tmp_path / "judge.toml").write_text('[families]\n"^j" = ["north"]\n', "utf-8")
    said = " ".join(judge(tmp_path, "doctor", TABLE).stdout.split())
    assert "all judges are of one family" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("doctor", "gone.jsonl"), "gone.jsonl"),
        (("doctor", TABLE, "--format", "gone"), "known: native"),
        (("doctor", TABLE, "--labels", "gone.jsonl"), "gone.jsonl"),
        (("items", "check", "gone.jsonl"), "gone.jsonl"),
        (("items", "check", BASE, "--lock", "gone.lock"), "gone.lock"),
        (("items", "lock", BASE, "--lock", "gone/items.lock"), "--lock"),
    ],
)
def test_what_must_change_is_said_with_exit_code_2(
    tmp_path: Path, arguments: tuple[object, ...], said: str
) -> None:
    done = judge(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_items_are_checked_locked_and_held_to_their_lock(tmp_path: Path) -> None:
    lines = BASE.read_text("utf-8").splitlines(keepends=True)
    mine = tmp_path / "mine.jsonl"
    mine.write_text("".join(lines), "utf-8")
    first = judge(tmp_path, "items", "check", mine, TUNED)
    assert first.returncode == 0
    assert "identical responses of two systems: 3 of 80 pairs" in first.stdout
    assert "Not locked" in first.stdout
    assert max(map(len, first.stdout.splitlines())) <= 80

    assert "80 items" in judge(tmp_path, "items", "lock", mine).stdout
    assert "The lock holds" in judge(tmp_path, "items", "check", mine, TUNED).stdout

    mine.write_text("".join(lines[1:]), "utf-8")
    drifted = judge(tmp_path, "items", "check", mine, "--json")
    assert drifted.returncode == 2
    told = json.loads(drifted.stdout)
    assert (told["lock"]["holds"], len(told["lock"]["removed"])) == (False, 1)
    assert "1 item removed" in drifted.stderr

    refused = judge(tmp_path, "items", "lock", mine)
    assert refused.returncode == 2
    assert "--reason" in refused.stderr
    again = judge(tmp_path, "items", "lock", mine, "--reason", "the first was ambiguous")
    assert "79 items" in again.stdout
    held = judge(tmp_path, "items", "check", mine)
    assert held.returncode == 0
    assert "the first was ambiguous" in held.stdout.replace("\n", " ")
