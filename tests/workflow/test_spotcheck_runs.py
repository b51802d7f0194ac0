"""Spot checks of stored runs: the file that a person fills in, and the report that counts the marks."""

from __future__ import annotations

import asyncio
import csv
import dataclasses
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import InputError
from judge.report.sections.spotcheck import sentence
from judge.store import open_store
from judge.types import JudgeModel
from judge.workflow import judging, runs, score, spotcheck
from judge.workflow.compare import prepared
from judge.workflow.options import Options
from judge.workflow.running import World
from judge.workflow.spotcheck_file import COLUMNS, guarded, read, unguarded, write

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"
BASE, TUNED = EXAMPLES / "base.jsonl", EXAMPLES / "tuned.jsonl"
SIM = JudgeModel("sim", "simulated", "sim-fair", families=frozenset({"x"}), simulated=True)
LONG = dataclasses.replace(SIM, judge="long", model="sim-long", families=frozenset({"y"}))

Row = dict[str, str]


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(
        judges=(SIM, LONG), store=str(tmp_path / "store.db"), out=tmp_path / "out", limit=12
    )


@pytest.fixture
def run_id(options: Options) -> str:
    what = prepared(BASE, TUNED, options)
    return str(asyncio.run(judging.judged(what, options, World())).run_id)


def cells(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def filled(path: Path, change: Callable[[int, Row], None]) -> Path:
    """The file as a spreadsheet saves it, with other cells."""
    rows = cells(path)
    for n, row in enumerate(rows):
        change(n, row)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def marked(path: Path, marks: str) -> Path:
    """r is right, w wrong, u unsure, - not marked; rows past the last letter stay unmarked."""
    names = {"r": "right", "w": " Wrong ", "u": "unsure", "-": ""}
    return filled(path, lambda n, row: row.update(mark=names[marks[n]] if n < len(marks) else ""))


# -- drawing -------------------------------------------------------------------------------------


def test_the_file_shows_what_the_judge_saw_and_said(options: Options, run_id: str) -> None:
    drawn = spotcheck.drawn(run_id, options, n=8)
    assert drawn.path == options.folder(run_id) / "spotcheck.csv"
    assert (drawn.n, drawn.judges, drawn.items) == (8, Counter(sim=4, long=4), 8)
    with open_store(options.store) as store:
        for row in cells(drawn.path):
            item = store.item(run_id, row["item_id"])
            (judgment,) = (
                j
                for j in store.judgments(run_id, row["item_id"])
                if (j.trial.judge, j.trial.order) == (row["judge"], row["order"])
            )
            texts = {r.system: "\n\n".join(r.turns) for r in item.responses}
            first, second = ("tuned", "base") if row["order"] == "AB" else ("base", "tuned")
            won = {"a": "tuned is better", "b": "base is better", "tie": "tie"}
            assert row["shown_first"] == first
            assert row["response_shown_first"] == guarded(texts[first])
            assert row["response_shown_second"] == guarded(texts[second])
            assert row["verdict"] == won[str(judgment.verdict.label)]
            assert row["explanation"] == judgment.verdict.explanation
            assert (row["mark"], row["note"]) == ("", "")


def test_a_score_is_drawn_with_its_one_answer(options: Options) -> None:
    what = score.prepared([TUNED], options)
    run_id = str(asyncio.run(judging.judged(what, options, World())).run_id)
    row = cells(spotcheck.drawn(run_id, options, n=1).path)[0]
    assert row["verdict"] in "12345"
    assert (row["order"], row["shown_first"], row["response_shown_second"]) == ("", "tuned", "")


def test_the_same_seed_draws_the_same_and_another_does_not(
    options: Options, run_id: str, tmp_path: Path
) -> None:
    def ids(name: str, seed: int | None) -> list[str]:
        drawn = spotcheck.drawn(run_id, options, n=6, seed=seed, out=tmp_path / name)
        return [row["spot_id"] for row in cells(drawn.path)]

    assert ids("a.csv", None) == ids("b.csv", 0)
    assert ids("a.csv", 1) != ids("b.csv", 2)


def test_more_than_there_are_gives_all_there_are(options: Options, run_id: str) -> None:
    drawn = spotcheck.drawn(run_id, options, n=1000)
    assert (drawn.n, drawn.asked) == (48, 1000)
    with pytest.raises(InputError, match="was drawn before"):
        spotcheck.drawn(run_id, options, n=1, again=True)


def test_a_file_with_a_mark_or_a_note_is_never_overwritten(options: Options, run_id: str) -> None:
    path = spotcheck.drawn(run_id, options, n=4).path
    spotcheck.drawn(run_id, options, n=5)
    assert len(cells(path)) == 5
    for column in ("mark", "note"):
        filled(path, lambda n, row, column=column: row.update({column: "right"}))  # type: ignore[misc]
        before = path.read_bytes()
        with pytest.raises(InputError, match="not overwritten; --again"):
            spotcheck.drawn(run_id, options, n=4)
        assert path.read_bytes() == before
        filled(path, lambda n, row: row.update(mark="", note=""))


def test_again_draws_others_into_another_file_and_the_report_counts_both(
    options: Options, run_id: str
) -> None:
    first = marked(spotcheck.drawn(run_id, options, n=4).path, "rrrr")
    second = spotcheck.drawn(run_id, options, n=4, again=True)
    assert second.path.name == "spotcheck-2.csv"
    known = {row.fragment for row in read(first)}
    assert not known & {row.fragment for row in read(second.path)}
    marked(second.path, "wwww")
    found = runs.reported(run_id, options).report.spotcheck
    assert found is not None
    assert found.files == ["spotcheck.csv", "spotcheck-2.csv"]
    assert (found.judges[-1].right, found.judges[-1].wrong) == (4, 4)


def test_a_file_that_is_no_spot_check_is_left_alone(
    options: Options, run_id: str, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("name,age\nx,1\n", "utf-8")
    with pytest.raises(InputError, match="no column `spot_id`, so this is no spot check"):
        spotcheck.drawn(run_id, options, out=other)
    assert other.read_text("utf-8") == "name,age\nx,1\n"
    with pytest.raises(InputError, match=r"is a \.csv file"):
        spotcheck.drawn(run_id, options, out=tmp_path / "x.txt")


def test_a_run_without_explanations_has_nothing_to_draw(options: Options) -> None:
    silent = JudgeModel(
        "silent", "scripted", "x", parameters={"replies": ['{"reasoning": "", "label": "A"}']}
    )
    what = prepared(BASE, TUNED, dataclasses.replace(options, judges=(silent,)))
    run_id = str(asyncio.run(judging.judged(what, options, World())).run_id)
    with pytest.raises(InputError, match="has an explanation to check"):
        spotcheck.drawn(run_id, options)


# -- cells that would run as formulas ------------------------------------------------------------


@given(st.text())
def test_a_guarded_cell_never_begins_like_a_formula_and_comes_back_whole(text: str) -> None:
    cell = guarded(text)
    assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert unguarded(cell) == text


def test_hostile_texts_are_written_as_texts(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    hostile = ['=HYPERLINK("http://127.0.0.1","x")', "+1", "-1", "@SUM(1)", "\t=1", "\x1b[2J\ud800"]
    row = dict.fromkeys(COLUMNS, "")
    write(path, [row | {"spot_id": f"{n}of6-{n:012d}", "prompt": t} for n, t in enumerate(hostile)])
    kept = [row["prompt"] for row in cells(path)]
    assert kept[0] == f"'{hostile[0]}"
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in kept)
    assert kept[5] == "\\x1b[2J\\ud800"
    assert len(read(path)) == 6


# -- reading marks -------------------------------------------------------------------------------


def test_the_report_says_what_a_person_marked(options: Options, run_id: str) -> None:
    """8 right, 1 wrong, 1 unsure, 2 unmarked: Wilson's interval of 8 of 9 is 56.5 to 98.0 %."""
    path = marked(spotcheck.drawn(run_id, options, n=12).path, "rrrrwurrrr--")
    result = runs.reported(run_id, options)
    found = result.report.spotcheck
    assert found is not None
    whole = found.judges[-1]
    assert (whole.drawn, whole.marked, whole.right, whole.wrong, whole.unsure) == (12, 10, 8, 1, 1)
    assert sum(row.drawn for row in found.judges[:-1]) == 12
    assert "A person marked 8 of 9 explanations right" in sentence(found)
    assert "56.5 to 98.0 %" in sentence(found)
    assert "Spot check of explanations" in result.text()
    assert [spot.spot_id for spot in found.unmarked] == [r["spot_id"] for r in cells(path)[-2:]]
    assert spotcheck.checked(run_id, options, path) == found


def test_what_is_drawn_and_not_marked_is_a_list_to_mark_on_the_page(
    options: Options, run_id: str
) -> None:
    path = spotcheck.drawn(run_id, options, n=4).path
    result = runs.reported(run_id, options)
    assert "none is marked yet" in result.text()
    assert "☐" not in result.text()
    assert result.html().count("☐ right") == 4
    marked(path, "rrrr")
    assert "☐" not in runs.reported(run_id, options).html()


def test_a_report_without_a_draw_has_no_such_section(options: Options, run_id: str) -> None:
    result = runs.reported(run_id, options)
    assert result.report.spotcheck is None
    assert "Spot check" not in result.html()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mark": "yes"}, r"spotcheck\.csv, row 3: mark 'yes' is unknown; write right, wrong"),
        ({"spot_id": "02of04"}, r"row 3: spot_id '02of04' is unknown"),
        (
            {"spot_id": "2of4-0123456789ab"},
            r"row 3: spot_id 2of4-0123456789ab is no verdict of run",
        ),
    ],
)
def test_what_a_row_says_that_cannot_be_is_an_error_with_its_row(
    options: Options, run_id: str, change: Row, said: str
) -> None:
    path = spotcheck.drawn(run_id, options, n=4).path
    filled(path, lambda n, row: row.update(change) if n == 1 else None)
    with pytest.raises(InputError, match=said):
        spotcheck.checked(run_id, options, path)
    with pytest.raises(InputError, match=said):
        runs.reported(run_id, options)


def test_a_row_that_stands_twice_is_an_error(options: Options, run_id: str) -> None:
    path = spotcheck.drawn(run_id, options, n=4).path
    first = cells(path)[0]["spot_id"]
    filled(path, lambda n, row: row.update(spot_id=first) if n == 1 else None)
    with pytest.raises(InputError, match=r"row 3: .* stands above as well"):
        spotcheck.checked(run_id, options, path)


def test_one_judgment_marked_in_two_files_is_an_error(options: Options, run_id: str) -> None:
    path = spotcheck.drawn(run_id, options, n=4).path
    path.with_name("spotcheck-2.csv").write_bytes(path.read_bytes())
    with pytest.raises(InputError, match=r"stands in .* too; keep one"):
        runs.reported(run_id, options)


def test_rows_that_were_deleted_are_warned_of(options: Options, run_id: str) -> None:
    path = marked(spotcheck.drawn(run_id, options, n=4).path, "rrrr")
    lines = cells(path)
    write(path, lines[:3])
    result = runs.reported(run_id, options)
    assert result.report.spotcheck is not None
    assert result.report.spotcheck.lost == 1
    assert any("1 row of the spot check's draw gone" in w for w in result.report.warnings)


def test_a_run_that_goes_on_is_reported_whatever_became_of_the_marks(
    options: Options, run_id: str
) -> None:
    path = spotcheck.drawn(run_id, options, n=4).path
    filled(path, lambda n, row: row.update(mark="nonsense"))
    result = asyncio.run(runs.resumed(run_id, options, World()))
    assert result.report.spotcheck is None
    assert any("the spot check is left out" in w for w in result.report.warnings)


def test_an_empty_file_of_marks_is_an_error(options: Options, run_id: str) -> None:
    path = spotcheck.drawn(run_id, options, n=4).path
    path.write_text(",".join(COLUMNS) + "\n", "utf-8")
    with pytest.raises(InputError, match="has no rows"):
        runs.reported(run_id, options)
