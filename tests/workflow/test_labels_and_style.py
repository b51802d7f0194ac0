"""Labels beside a table of verdicts, and style beside length, through the commands."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

from command_line import judge

from judge.types import Item, JudgeModel, Response
from judge.workflow import judging, runs
from judge.workflow.compare import prepared
from judge.workflow.options import Options
from judge.workflow.reporting import Result
from judge.workflow.running import World
from judge.workflow.styling import with_styles

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"
SIM = JudgeModel("sim", "simulated", "sim-fair", families=frozenset({"x"}), simulated=True)


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def verdicts(folder: Path, n: int = 60) -> None:
    """A judge that names the longer answer every second time that it is wrong."""
    rows = [
        {"item_id": f"i{k}", "system_a": "new", "system_b": "base", "judge": "j", "order": order}
        | {"label": "a" if (k * 7 + len(order) + (order == "BA")) % 3 else "b"}
        | {"len_a": 100 + 13 * (k % 11), "len_b": 160}
        for k in range(n)
        for order in ("AB", "BA")
    ]
    write(folder / "verdicts.jsonl", rows)


PAIR = {"system_a": "new", "system_b": "base"}


def sha256(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def told(folder: Path, *arguments: object) -> dict[str, Any]:
    done = judge(folder, "analyze", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_labels_of_pairs_are_the_gold_that_length_is_measured_given(tmp_path: Path) -> None:
    verdicts(tmp_path)
    labels = [
        {"item_id": f"i{k}", "rater": "r", "system_a": "base", "system_b": "new"}
        | {"label": "ab"[k % 2]}
        for k in range(40)
    ]
    write(tmp_path / "labels.jsonl", labels)
    alone = told(tmp_path, "verdicts.jsonl")["judges"][0]["length"]
    given = told(tmp_path, "verdicts.jsonl", "--labels", "labels.jsonl")["judges"][0]["length"]
    assert alone["given_gold"] is None
    assert given["given_gold"]["coefficient"]["n"] == 40
    assert given["given_gold"]["gap"]["value"] is not None


def test_the_files_beside_the_verdicts_stand_in_the_provenance(tmp_path: Path) -> None:
    verdicts(tmp_path)
    write(tmp_path / "labels.jsonl", [{"item_id": "i1", "rater": "r", "label": "a"} | PAIR])
    found = told(tmp_path, "verdicts.jsonl", "--labels", "labels.jsonl")["run"]
    assert found["labels"].pop("fingerprint").startswith("sha256:")
    assert found["labels"] == {
        "file": "labels.jsonl",
        "sha256": sha256(tmp_path / "labels.jsonl"),
        "rows": 1,
        "format": "native",
        "set": None,
        "origin": None,
        "locked": None,
    }
    assert found["padded"] is None
    scores = [{"item_id": f"i{k}", "system": "x", "judge": "j"} for k in range(9)]
    write(tmp_path / "s.jsonl", [row | {"score": 1, "len": 10} for row in scores])
    write(tmp_path / "p.jsonl", [row | {"score": 2, "len": 20} for row in scores])
    run = told(tmp_path, "s.jsonl", "--padded", "p.jsonl", "--length-penalty", "0.5")["run"]
    assert run["padded"]["sha256"] == sha256(tmp_path / "p.jsonl")
    assert (run["length_penalty"], run["labels"]) == (0.5, None)


def test_labels_of_other_items_are_said_to_fit_nothing(tmp_path: Path) -> None:
    verdicts(tmp_path)
    label = {"item_id": "q", "rater": "r", "system_a": "new", "system_b": "base", "label": "a"}
    write(tmp_path / "labels.jsonl", [label])
    done = judge(tmp_path, "analyze", "verdicts.jsonl", "--labels", "labels.jsonl")
    assert done.returncode == 2
    assert "no label is of an item that was judged: verdicts have items such as i0" in done.stderr


def test_a_format_with_labels_of_its_own_reads_them(tmp_path: Path) -> None:
    """LLMBar's rows hold the label beside the verdicts: one file plays both parts."""
    rows = [
        {"subset": "s", "idx": k, "judge": "j", "strategy": "v", "label": 1 + k % 2}
        | {"winner_order_ab": str(1 + k % 3 % 2), "winner_order_ba": str(1 + k % 5 % 2)}
        | {"input": f"q{k}", "output_1": "x" * (5 + k % 7), "output_2": "y" * 8}
        for k in range(40)
    ]
    write(tmp_path / "rows.jsonl", rows)
    found = told(tmp_path, "rows.jsonl", "--format", "llmbar", "--labels", "rows.jsonl")
    assert found["judges"][0]["length"]["given_gold"]["gold"]["n"] == 40
    sides = {"system_a": "output_1", "system_b": "output_2"}
    own = [{"item_id": "s/0", "rater": "r", "label": "a"} | sides]
    write(tmp_path / "own.jsonl", own)
    ours = told(tmp_path, "rows.jsonl", "--format", "llmbar", "--labels", "own.jsonl")["run"]
    assert ours["labels"]["format"] == "native"


def test_analyze_without_the_columns_of_style_says_which_to_log(tmp_path: Path) -> None:
    verdicts(tmp_path)
    done = judge(tmp_path, "analyze", "verdicts.jsonl", "--style")
    assert done.returncode == 2
    assert "the verdicts lack the column headers_a" in done.stderr


def test_counts_of_a_runs_answers_are_joined_to_either_side() -> None:
    from judge.table import from_rows

    texts = {"new": "# a\n- b\n**c**", "base": "plain"}
    item = Item("i1", ("q",), tuple(Response(name, (text,)) for name, text in texts.items()))
    row = {"item_id": "i1", "system_a": "base", "system_b": "new", "judge": "j", "label": "a"}
    frame = with_styles(from_rows("pairwise", [row]), [item]).frame
    assert frame[["headers_a", "headers_b", "bold_b", "list_items_b"]].iloc[0].tolist() == [
        *(0, 1, 1, 1)
    ]


def ran(options: Options) -> Result:
    what = prepared(EXAMPLES / "base.jsonl", EXAMPLES / "tuned.jsonl", options)
    return asyncio.run(judging.judged(what, options, World()))


def test_a_run_with_style_has_its_coefficients_and_keeps_them_when_reported_again(
    tmp_path: Path,
) -> None:
    options = Options(judges=(SIM,), store=str(tmp_path / "s.db"), out=tmp_path / "out", style=True)
    found = ran(options)
    assert found.report.judges[0].length.style
    assert found.report.comparisons is not None
    assert "--style" not in found.report.comparisons[0].style_controlled.note
    again = runs.reported(found.run_id or "", options)
    assert again.report.judges[0].length == found.report.judges[0].length
    plain = ran(dataclasses.replace(options, style=False, limit=5))
    assert plain.report.judges[0].length.style == {}
