"""Whatever is given: one bounded message that says what, where and what to do, and nothing half-done."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from bad_inputs import CASES, HEAD, PAGE, Case, at, prepare, report, run, table_row

from judge.report.words import is_hidden

MOST_CHARACTERS = 3000


def held(folder: Path, but: tuple[str, ...] = ()) -> dict[str, str]:
    """Name -> what is there: a file's hash, or that it is something else."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if name.parts[0] in but:
            continue
        plain = path.is_file() and not path.is_symlink()
        found[str(name)] = hashlib.sha256(path.read_bytes()).hexdigest() if plain else "no file"
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_input_is_named_or_handled(case: Case, tmp_path: Path) -> None:
    prepare(tmp_path, case)
    before = held(tmp_path)
    done = run(tmp_path, case)
    assert done.code == case.code, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert len(done.stderr) <= MOST_CHARACTERS
    assert [char for char in done.stderr if is_hidden(char) and char != "\n"] == []
    told = report(done) if case.sees else {}
    said = "\n".join([done.stderr, *told.get("warnings", [])])
    assert [part for part in case.says if part not in said] == [], said
    for place, value in case.sees.items():
        assert at(told, place) == value, place
    assert held(tmp_path, but=case.writes) == before
    if case.code == 2:
        assert done.stdout == ""
    for name in case.writes:
        (folder,) = (tmp_path / name / "runs").iterdir()
        assert {path.name for path in folder.iterdir()} == {"report.json", "report.html"}
    assert table_row(case, done) in PAGE.read_text("utf-8").splitlines()


def test_the_page_has_a_line_for_each_case_and_no_other() -> None:
    text = PAGE.read_text("utf-8")
    assert text.startswith(HEAD)
    names = [line.split(" | ")[0].removeprefix("| ") for line in text[len(HEAD) :].splitlines()]
    assert names == [case.name for case in CASES]
    assert len(set(names)) == len(names) >= 55
    assert str(Path.home()) not in text
