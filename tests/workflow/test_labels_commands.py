"""`judge labels ...`, and sets by name wherever a command takes --labels."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from command_line import judge

from judge.labels.sets import read_items, read_label_set
from judge.records import data_folder

SET = "support-synthetic"


def verdicts(folder: Path, rubric: str = "") -> None:
    """A judge that says what the first rater of the packaged set says, but for every fifth pair."""
    one = read_label_set(SET)
    rows = [
        {"item_id": label.item_id, "system_a": label.system_a, "system_b": label.system_b}
        | {"judge": "j", "label": "b" if n % 5 == 0 else label.label, "rubric": rubric}
        for n, label in enumerate(label for label in one.labels if label.rater == "r1")
    ]
    (folder / "v.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def own_copy(folder: Path) -> Path:
    """The packaged set as one's own, which may be edited."""
    place = folder / "calibration" / "mine" / "v1"
    shutil.copytree(data_folder("calibration") / SET / "v1", place)
    toml = place / "set.toml"
    toml.write_text(toml.read_text().replace(f'"{SET}"', '"mine"'))
    return place


def told(folder: Path, *arguments: object, code: int = 0) -> dict[str, Any]:
    done = judge(folder, *arguments, "--json")
    assert done.returncode == code, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_set_is_named_where_labels_are_and_invented_ones_are_said_to_be(tmp_path: Path) -> None:
    verdicts(tmp_path)
    report = told(tmp_path, "analyze", "v.jsonl", "--labels", SET)
    labels = report["run"]["labels"]
    assert (labels["set"], labels["origin"], labels["locked"]) == (f"{SET}@1", "synthetic", True)
    assert labels["fingerprint"] == read_label_set(SET).fingerprint
    assert report["warnings"][0].startswith(f"the labels of {SET}@1 are invented")
    shown = judge(tmp_path, "analyze", "v.jsonl", "--labels", SET).stdout
    assert "are invented" in shown


def test_labels_by_people_are_not_said_to_be_invented(tmp_path: Path) -> None:
    verdicts(tmp_path)
    place = own_copy(tmp_path)
    toml = place / "set.toml"
    toml.write_text(toml.read_text().replace('"synthetic"', '"human"'))
    report = told(tmp_path, "analyze", "v.jsonl", "--labels", "mine")
    assert not any("invented" in warning for warning in report["warnings"])
    assert (report["run"]["labels"]["origin"], report["run"]["labels"]["locked"]) == (
        "human",
        False,
    )


def test_check_exits_2_where_something_must_be_mended_and_0_for_what_is_to_know(
    tmp_path: Path,
) -> None:
    assert told(tmp_path, "labels", "check", SET)["holds"]
    place = own_copy(tmp_path)
    rows = [json.loads(line) for line in (place / "labels.jsonl").read_text().splitlines()]
    rows[0]["split"] = "test" if rows[0]["split"] != "test" else "dev"
    del rows[1]["inclusion_prob"]
    (place / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = told(tmp_path, "labels", "check", "mine", code=2)
    counts = {one["name"]: one["count"] for one in found["findings"] if one["count"]}
    assert counts == {"several_splits": 1, "no_inclusion_prob": 1}
    done = judge(tmp_path, "labels", "check", "mine")
    assert (done.returncode, "items in several splits" in done.stderr) == (2, True)


def test_check_shows_every_contradiction_of_a_set_that_cannot_be_read(tmp_path: Path) -> None:
    place = own_copy(tmp_path)
    toml = place / "set.toml"
    toml.write_text(toml.read_text().replace('"r3"]', '"r4"]'))
    assert judge(tmp_path, "analyze", "v.jsonl", "--labels", "mine").returncode == 2
    found = told(tmp_path, "labels", "check", "mine", code=2)
    (files,) = (one for one in found["findings"] if one["name"] == "files")
    assert files["count"] == 2
    assert "r4" in files["first"][0]
    assert "r3" in files["first"][1]


def test_check_holds_labels_to_verdicts(tmp_path: Path) -> None:
    verdicts(tmp_path, rubric="safety@1")
    place = own_copy(tmp_path)
    toml = place / "set.toml"
    toml.write_text(toml.read_text() + 'rubric = "helpfulness"\n')
    found = told(tmp_path, "labels", "check", "mine", "--verdicts", "v.jsonl")
    (other,) = (one for one in found["findings"] if one["name"] == "other_rubric")
    assert other["first"] == ["safety@1 (24 verdicts)"]


def test_a_set_is_locked_once_and_then_never_changes(tmp_path: Path) -> None:
    place = own_copy(tmp_path)
    first = judge(tmp_path, "labels", "lock", "mine")
    assert first.stdout == f"mine@1 {read_label_set(place).fingerprint}\n"
    assert (tmp_path / "calibration" / "labels.lock").read_text() == first.stdout
    assert judge(tmp_path, "labels", "lock", "mine").stdout == "mine@1 is locked already\n"
    assert (tmp_path / "calibration" / "labels.lock").read_text() == first.stdout
    (place / "labels.jsonl").write_text((place / "labels.jsonl").read_text().split("\n", 1)[1])
    for command in (("labels", "check", "mine"), ("labels", "lock", "mine")):
        done = judge(tmp_path, *command)
        assert done.returncode == 2
        assert "was changed after it was locked" in done.stderr
    assert "cannot be used" in judge(tmp_path, "labels", "list").stdout


def test_a_set_without_a_datasheet_or_with_gaps_is_not_locked(tmp_path: Path) -> None:
    place = own_copy(tmp_path)
    sheet = place / "DATASHEET.md"
    text = sheet.read_text()
    sheet.write_text(f"{text}\nTO FILL IN: who\n")
    assert "still says 'TO FILL IN'" in judge(tmp_path, "labels", "lock", "mine").stderr
    sheet.unlink()
    assert "has no DATASHEET.md" in judge(tmp_path, "labels", "lock", "mine").stderr
    assert not (tmp_path / "calibration" / "labels.lock").exists()


def test_sets_are_listed_with_whose_labels_they_hold(tmp_path: Path) -> None:
    own_copy(tmp_path)
    said = judge(tmp_path, "labels", "list").stdout
    assert "mine@1  pairwise, 72 labels by 3 raters, invented labels, not locked" in said
    assert f"{SET}@1  pairwise, 72 labels by 3 raters, invented labels, locked" in said


def test_a_plan_is_printed_with_the_numbers_that_it_holds(tmp_path: Path) -> None:
    done = judge(tmp_path, "labels", "plan", "--rate", "0.7")
    assert done.returncode == 0
    assert "have people label 323" in done.stdout
    assert "at\n  most 2x" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    assert [
        one["labels"] for one in told(tmp_path, "labels", "plan", "--rate", "0.7")["needs"]
    ] == [*(323, 294, 243, 165, 117, 62)]


def test_a_plan_from_a_pilot_is_a_range(tmp_path: Path) -> None:
    verdicts(tmp_path)
    plan = told(
        tmp_path, "labels", "plan", "v.jsonl", SET, "--half-width", "0.1", "--items", "2000"
    )
    (need,) = plan["pilot"]
    assert need["labels_low"] < need["labels"] < need["labels_high"]
    shown = judge(
        tmp_path, "labels", "plan", "v.jsonl", SET, "--half-width", "0.1", "--items", "2000"
    )
    assert f"{need['labels_low']} to {need['labels_high']} items" in shown.stdout.replace("\n", " ")
    assert "The pilot is small" in shown.stdout


def test_what_is_drawn_from_a_run_is_what_it_judged(tmp_path: Path) -> None:
    one = read_label_set(SET)
    for system in ("base", "tuned"):
        rows = [
            {"item_id": item.item_id, "prompt": item.prompt[0], "response": response.turns[0]}
            for item in read_items(one)
            if (response := item.response(system)) is not None
        ]
        (tmp_path / f"{system}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run = judge(tmp_path, "compare", "base.jsonl", "tuned.jsonl", "--judge", "scripted/always-A")
    assert run.returncode == 0, run.stderr
    options = ("--n", "6", "--out", "lab.csv", "--raters", "ann,bob", "--stratify", "judge-score")
    done = judge(tmp_path, "labels", "draw", "latest", *options)
    assert done.stdout == "lab-ann.csv\nlab-bob.csv\n", done.stderr
    key = json.loads((tmp_path / "lab.key.json").read_text())
    assert key["rubric"].startswith("helpfulness@")
    assert len(key["units"]) == 6
    assert [stratum["name"] for stratum in key["strata"]] == [
        "0.5"
    ]  # always A: half of both orders
    checked = told(tmp_path, "labels", "check", SET, "--verdicts", "latest")
    assert {one["name"] for one in checked["findings"] if one["count"]} == set()


def test_a_draw_and_its_import_through_the_commands(tmp_path: Path) -> None:
    rows = "".join(
        json.dumps({"item_id": f"i{k}", "prompt": "p", "response": f"r{k}"}) + "\n"
        for k in range(9)
    )
    (tmp_path / "one.jsonl").write_text(rows)
    done = judge(tmp_path, "labels", "draw", "one.jsonl", "--n", "3", "--out", "l.jsonl")
    assert done.stdout == "l.jsonl\n"
    assert "3 answers drawn of 9" in done.stderr
    lines = [json.loads(line) for line in (tmp_path / "l.jsonl").read_text().splitlines()]
    text = "".join(json.dumps({**row, "label": "4"}) + "\n" for row in lines)
    (tmp_path / "l.jsonl").write_text(text)
    options = ("--key", "l.key.json", "--rater", "ann", "--out", "labels.jsonl")
    done = judge(tmp_path, "labels", "import", "l.jsonl", *options)
    assert (done.stdout, done.returncode) == ("labels.jsonl\n", 0)
    assert "ann: 3 labelled" in done.stderr
    found = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text().splitlines()]
    assert {(row["score"], row["rater"]) for row in found} == {(4.0, "ann")}
