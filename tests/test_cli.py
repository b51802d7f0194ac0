"""The command line as a person meets it: text, exit codes, and errors that say what to do."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from command_line import NO_KEYS, judge

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples" / "data"
BASE, TUNED = str(EXAMPLES / "base.jsonl"), str(EXAMPLES / "tuned.jsonl")
CONTRACT = ROOT / "tests" / "contract"
SIM = ("--judge", "simulated/sim-fair")


def test_compare_says_the_conclusion_first_and_fits_80_columns(tmp_path: Path) -> None:
    done = judge(tmp_path, "compare", BASE, TUNED, *SIM, "--limit", "20")
    assert done.returncode == 0
    first, second = done.stdout.split("\n\n")[:2]
    assert "of 20 items" in first.replace("\n", " ")
    assert "not checked against people" in second.replace("\n", " ")
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "40 calls" in done.stderr
    (folder,) = (tmp_path / ".judge" / "runs").iterdir()
    assert {path.name for path in folder.iterdir()} == {"report.json", "report.html"}


def test_json_is_the_report_and_nothing_else_is_on_stdout(tmp_path: Path) -> None:
    done = judge(tmp_path, "compare", BASE, TUNED, *SIM, "--limit", "5", "--json")
    told = json.loads(done.stdout)
    assert told["schema"] == "judge.report/1"
    assert told["comparisons"][0]["system"] == "tuned"
    assert told["comparisons"][0]["baseline"] == "base"


def test_a_dry_run_makes_no_call_and_no_file(tmp_path: Path) -> None:
    done = judge(tmp_path, "compare", BASE, TUNED, *SIM, "--dry-run")
    assert done.returncode == 0
    assert "160 calls" in done.stdout
    assert "80 items" in done.stdout
    assert "Nothing was asked." in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("compare", BASE, TUNED), "--judge openai/MODEL"),
        (("compare", BASE, "gone.jsonl", *SIM), "gone.jsonl"),
        (("compare", BASE, TUNED, "--judge", "openai/gpt"), "OPENAI_API_KEY"),
        (("compare", BASE, TUNED, *SIM, "--max-cost", "1"), "price"),
        (("compare", BASE, TUNED, *SIM, "--map", "response"), "FIELD=COLUMN"),
        (("compare", BASE, TUNED, "--judge", "nonsense/x"), "nonsense"),
        (("analyze", "gone.jsonl"), "gone.jsonl"),
        (("analyze", str(CONTRACT / "single.jsonl"), "--baseline", "gone"), "gone"),
        (("analyze", str(CONTRACT / "single.jsonl"), "--format", "gone"), "known: native"),
        (("report", "latest"), "no run"),
        (("show", "latest", "x"), "no run"),
        (("rubrics", "show", "gone"), "gone"),
        (("check",), "--judge openai/MODEL"),
        (("simulate", "--host", "0.0.0.0"), "127.0.0.1"),
    ],
    ids=lambda value: " ".join(map(str, value))[-40:] if isinstance(value, tuple) else "",
)
def test_what_must_change_is_said_in_one_message_with_exit_code_2(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = judge(tmp_path, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("table", "code"),
    [("two_systems", 0), ("soft_no_order", 0), ("half_missing", 3), ("single", 0)],
)
def test_recorded_verdicts_need_no_key(tmp_path: Path, table: str, code: int) -> None:
    done = judge(tmp_path, "analyze", str(CONTRACT / f"{table}.jsonl"), "--json")
    assert done.returncode == code
    assert json.loads(done.stdout)["run"]["source"]["file"] == f"{table}.jsonl"


def test_a_run_can_be_listed_shown_exported_and_analyzed(tmp_path: Path) -> None:
    assert judge(tmp_path, "compare", BASE, TUNED, *SIM, "--limit", "10").returncode == 0
    listed = judge(tmp_path, "runs").stdout
    assert "compare" in listed
    assert "done" in listed
    table = tmp_path / "verdicts.csv"
    assert judge(tmp_path, "export", "latest", "--out", str(table)).returncode == 0
    item = table.read_text("utf-8").splitlines()[1].split(",")[0]
    shown = judge(tmp_path, "show", listed.split()[0], item).stdout
    assert "shown tuned then base" in shown
    assert "shown base then tuned" in shown
    again = json.loads(judge(tmp_path, "analyze", str(table), "--json").stdout)
    run = json.loads(judge(tmp_path, "report", "latest", "--json").stdout)
    assert again["comparisons"] == run["comparisons"]


def test_init_writes_a_config_that_reads_and_never_overwrites(tmp_path: Path) -> None:
    done = judge(tmp_path, "init", environ={**NO_KEYS, "OPENAI_API_KEY": "sk-secret"})
    assert done.returncode == 0
    text = (tmp_path / "judge.toml").read_text("utf-8")
    assert "sk-secret" not in text
    assert [j["provider"] for j in tomllib.loads(text)["judges"]] == ["openai"]
    again = judge(tmp_path, "init")
    assert (again.returncode, "exists" in again.stderr) == (2, True)
    assert (tmp_path / "judge.toml").read_text("utf-8") == text


def test_flags_override_the_file(tmp_path: Path) -> None:
    (tmp_path / "judge.toml").write_text(
        '[[judges]]\nid = "mine"\nprovider = "simulated"\nmodel = "sim-fair"\n'
        '[run]\nrepeats = 3\nstore = "elsewhere.db"\n',
        "utf-8",
    )
    done = judge(
        tmp_path, "compare", BASE, TUNED, "--limit", "4", "--repeats", "2", "--json", "--out", "o"
    )
    told = json.loads(done.stdout)
    assert told["run"]["repeats"] == 2
    assert told["judges"][0]["judge"] == "mine"
    assert told["judges"][0]["planned"] == 16
    assert (tmp_path / "elsewhere.db").exists()
    assert (tmp_path / "o" / "report.json").exists()


def test_check_says_what_each_judge_can_do(tmp_path: Path) -> None:
    done = judge(tmp_path, "check", *SIM)
    assert done.returncode == 0
    assert "sim-fair: ok" in done.stdout


def test_rubrics_are_listed_shown_and_in_order() -> None:
    assert "helpfulness@1" in judge(ROOT, "rubrics", "list").stdout
    shown = judge(ROOT, "rubrics", "show", "helpfulness").stdout
    assert "A | tie | B" in shown
    assert "{{ boundary }}" in shown
    assert judge(ROOT, "rubrics", "check").returncode == 0


def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(tmp_path: Path) -> None:
    slow = ("--judge", "simulated/sim-fair:latency_s=0.2", "--concurrency", "2")
    command = [sys.executable, "-m", "judge", "compare", BASE, TUNED, *slow]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        store = tmp_path / ".judge" / "store.db"
        deadline = time.monotonic() + 30
        while not store.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "judge resume" in errors
    assert "Traceback" not in errors
    done = judge(tmp_path, "resume", "latest", "--concurrency", "64", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["judges"][0]["ok"] == 160


def test_a_second_ctrl_c_gives_up_and_says_how_to_go_on(tmp_path: Path) -> None:
    slow = ("--judge", "simulated/sim-fair:latency_s=30", "--concurrency", "2")
    command = [sys.executable, "-m", "judge", "compare", BASE, TUNED, *slow]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 30
        while not list(tmp_path.glob(".judge/*.lock")) and time.monotonic() < deadline:
            time.sleep(0.05)
        for _ in range(2):
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "judge resume latest" in errors
    assert "Traceback" not in errors


def test_every_command_finds_the_store_that_the_file_names(tmp_path: Path) -> None:
    (tmp_path / "judge.toml").write_text('[run]\nstore = "elsewhere/s.db"\n', "utf-8")
    done = judge(tmp_path, "compare", BASE, TUNED, *SIM, "--limit", "2", "--json")
    item = json.loads(judge(tmp_path, "export", "latest").stdout.splitlines()[0])["item_id"]
    assert json.loads(done.stdout)["run"]["run_id"] in judge(tmp_path, "runs").stdout
    assert "shown tuned then base" in judge(tmp_path, "show", "latest", item).stdout
    assert judge(tmp_path, "report", "latest").returncode == 0
    assert not (tmp_path / ".judge" / "store.db").exists()


def test_a_reader_that_goes_away_does_not_change_the_exit_code(tmp_path: Path) -> None:
    table = CONTRACT / "half_missing.jsonl"
    done = subprocess.run(
        [
            "bash",
            "-c",
            f"{sys.executable} -m judge analyze {table} | true; echo ${{PIPESTATUS[0]}}",
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.stdout.strip() == "3"
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_a_forecast_of_scores_counts_in_standard_deviations(tmp_path: Path) -> None:
    """2.80 x 1 / sqrt(80) = 0.31 standard deviations, which is no number of points."""
    done = judge(tmp_path, "score", TUNED, *SIM, "--dry-run")
    assert "under 0.31 standard deviations of the scores may go unseen" in done.stdout
    assert "points" not in done.stdout


def test_a_port_that_is_none_is_refused(tmp_path: Path) -> None:
    done = judge(tmp_path, "simulate", "--port", "99999")
    assert done.returncode == 2
    assert "--port" in done.stderr


def test_a_run_kept_elsewhere_says_what_finds_it_there_and_no_file_does(tmp_path: Path) -> None:
    place = str(tmp_path / "mine.db")
    done = judge(tmp_path, "compare", BASE, TUNED, *SIM, "--limit", "3", "--store", place)
    assert f"--store{place}" in "".join(done.stdout.split())  # a long path is broken over lines
    folder = next((tmp_path / ".judge" / "runs").iterdir())
    assert all(str(tmp_path) not in path.read_text("utf-8") for path in folder.iterdir())
    again = judge(tmp_path, "report", "latest", "--store", place).stdout
    assert f"--store{place}" in "".join(again.split())
    assert "--store" not in judge(tmp_path, "compare", BASE, TUNED, *SIM, "--limit", "3").stdout
