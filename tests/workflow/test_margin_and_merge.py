"""--margin and --merge: from the flag, judge.toml and Python to the numbers and the provenance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import judge

from judge import analyze, compare
from judge.api import report_run
from judge.errors import InputError
from judge.report.schema import Comparison
from judge.workflow.config import parse_config
from judge.workflow.options import merged
from judge.workflow.reporting import Result
from judge.workflow.running import World

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"


def pair(item: int, first: str, second: str) -> list[dict[str, Any]]:
    shared = {"item_id": f"i{item}", "system_a": "new", "system_b": "base", "judge": "j"}
    return [shared | {"order": "AB", "label": first}, shared | {"order": "BA", "label": second}]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """100 pairs: 44 won, 48 lost, 2 turned to the first, 2 to the second, 4 won in one order alone."""
    said = [("a", "a")] * 44 + [("b", "b")] * 48 + [("a", "b")] * 2 + [("b", "a")] * 2
    said += [("a", "tie"), ("tie", "a")] * 2
    path = tmp_path / "verdicts.jsonl"
    rows = [row for n, (first, second) in enumerate(said) for row in pair(n, first, second)]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def only(result: Result) -> Comparison:
    (row,) = result.report.comparisons or []
    return row


def test_with_a_margin_equivalent_and_no_position_bias_can_be_said(table: Path) -> None:
    with_margin = analyze(table, baseline="base", margin=0.2)
    row = only(with_margin)
    assert row.conclusion == "equivalent"
    assert "no position bias beyond 20 points" in with_margin.text()
    assert "margin" in with_margin.html()
    assert with_margin.report.run.margin == 0.2
    without = analyze(table, baseline="base")
    plain = only(without)
    assert plain.conclusion == "no difference shown"
    assert "no position bias" not in without.text()
    assert without.report.run.margin is None


def test_the_tie_rule_changes_the_raw_rate_and_stands_in_the_provenance(table: Path) -> None:
    """44 + 2 + 4 * .75 = 49 of 100, and 48 where the four are worth a half."""
    usual, other = (
        analyze(table, baseline="base", merge=merge)
        for merge in ("average", "tie-on-inconsistency")
    )
    for result, value in ((usual, 0.49), (other, 0.48)):
        row = only(result)
        assert row.raw.value == pytest.approx(value)
    assert other.report.run.merge == "tie-on-inconsistency"
    assert "counts as a tie" in " ".join(only(other).notes)
    assert "tie-on-inconsistency" in other.html()


def test_consistent_only_is_refused_before_anything_is_read() -> None:
    with pytest.raises(InputError, match="consistent-only: leaving out the pairs"):
        analyze("no such file", merge="consistent-only")


@pytest.mark.parametrize("margin", [0, 0.5, -0.1, 5])
def test_a_margin_that_cannot_be_is_refused(margin: float) -> None:
    with pytest.raises(InputError, match="--margin"):
        merged(parse_config({}, "judge.toml"), (), margin=margin)


def test_the_file_sets_both_and_a_flag_goes_before_it() -> None:
    said = parse_config({"run": {"margin": 0.1, "merge": "tie-on-inconsistency"}}, "judge.toml")
    from_file, with_flag = merged(said, ()), merged(said, (), margin=0.05, merge="average")
    assert (from_file.margin, from_file.merge) == (0.1, "tie-on-inconsistency")
    assert (with_flag.margin, with_flag.merge) == (0.05, "average")


@pytest.mark.parametrize(
    ("run", "named"),
    [({"merge": "consistent-only"}, "key `run.merge`"), ({"margin": 0.7}, "run.margin")],
)
def test_what_the_file_cannot_mean_is_named(run: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError, match=named):
        parse_config({"run": run}, "judge.toml")


def test_a_run_keeps_both_and_its_report_made_again_has_them(tmp_path: Path) -> None:
    kept: dict[str, Any] = {"store": str(tmp_path / "store.db"), "out": tmp_path / "out"}
    result = compare(
        EXAMPLES / "base.jsonl",
        EXAMPLES / "tuned.jsonl",
        judges=["simulated/sim-fair"],
        limit=10,
        margin=0.1,
        merge="tie-on-inconsistency",
        world=World(),
        **kept,
    )
    assert result.run_id is not None
    again = report_run(result.run_id, **kept)
    for report in (result.report, again.report):
        assert (report.run.margin, report.run.merge) == (0.1, "tie-on-inconsistency")
        (entry,) = report.judges
        assert entry.position.equivalence is not None
        assert entry.position.equivalence.margin == 0.1


def test_the_flags_do_the_same_on_the_command_line(table: Path, tmp_path: Path) -> None:
    flags = ("--margin", "0.2", "--merge", "tie-on-inconsistency", "--baseline", "base", "--json")
    done = judge(tmp_path, "analyze", table, *flags)
    assert done.returncode == 0
    run = json.loads(done.stdout)["run"]
    assert (run["margin"], run["merge"]) == (0.2, "tie-on-inconsistency")
    refused = judge(tmp_path, "analyze", table, "--merge", "consistent-only")
    assert refused.returncode == 2
    assert "use average or tie-on-inconsistency" in refused.stderr
