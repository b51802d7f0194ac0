"""The commands about rubrics, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Done, judge

ROOT = Path(__file__).parents[1]


def rubrics(folder: Path, *arguments: str) -> Done:
    return judge(folder, "rubrics", *arguments)


def own(folder: Path, version: int, text: str) -> Path:
    """A version of a rubric `mine` in the folder's own rubrics."""
    path = folder / "rubrics" / "mine" / f"v{version}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("VERSION", str(version)), "utf-8")
    return path


MINE = """\
name = "mine"
version = VERSION
mode = "single"
system = "Rate it."
user = "{{ boundary }}{{ response }}"
scale = { level = "ordinal", labels = ["bad", "good"], values = [0, 1] }
criteria = [{ name = "all", question = "Is it good?" }]
"""


def test_the_list_fits_80_columns_and_a_bad_file_hides_no_other(tmp_path: Path) -> None:
    own(tmp_path, 1, MINE)
    own(tmp_path, 2, "name =")
    done = rubrics(tmp_path, "list")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert "mine@1" in lines[2]
    assert "bad, good" in lines[2]
    assert "`judge rubrics show mine@2` says why" in done.stdout
    assert "mt-bench-reference-single@1" in done.stdout
    assert "v2.toml" in rubrics(tmp_path, "show", "mine@2").stderr


def test_show_names_the_variants_and_shows_one(tmp_path: Path) -> None:
    whole = rubrics(tmp_path, "show", "summary").stdout
    assert "--variant NAME" in whole
    assert str(ROOT / "rubrics" / "summary" / "v1.toml") in whole
    one = rubrics(tmp_path, "show", "summary", "--variant", "paraphrase-1")
    assert "Two summaries of one text are before you." in one.stdout
    assert "Two summaries of one text are before you." not in whole
    none = rubrics(tmp_path, "show", "summary", "--variant", "gone")
    assert (none.returncode, none.stdout) == (2, "")
    assert "known: paraphrase-1" in none.stderr


@pytest.mark.parametrize(("new", "said"), [("mine@1", "Same:"), ("mine@2", "Different in system.")])
def test_diff_says_whether_two_versions_differ_and_ends_with_0(
    tmp_path: Path, new: str, said: str
) -> None:
    own(tmp_path, 1, MINE)
    own(tmp_path, 2, MINE.replace("Rate it.", "Rate this."))
    done = rubrics(tmp_path, "diff", "mine@1", new)
    assert done.returncode == 0
    assert said in done.stdout
    assert ("  - Rate it.\n  + Rate this.\n" in done.stdout) is (new == "mine@2")


def test_diff_takes_a_file_and_names_the_known_for_an_unknown_one(tmp_path: Path) -> None:
    draft = own(tmp_path, 1, MINE).rename(tmp_path / "draft.toml")
    assert "Different" in rubrics(tmp_path, "diff", "helpfulness-single", str(draft)).stdout
    done = rubrics(tmp_path, "diff", "helpfulness", "helpfullness@1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean helpfulness?" in done.stderr
    assert "correctness@1" in done.stderr


def test_schema_is_the_one_in_docs(tmp_path: Path) -> None:
    printed = rubrics(tmp_path, "schema").stdout
    assert json.loads(printed)["$id"] == "judge.rubric/1"
    assert printed == (ROOT / "docs" / "rubric.schema.json").read_text("utf-8")


def test_check_warns_of_wordings_and_only_strict_makes_it_an_error(tmp_path: Path) -> None:
    path = own(tmp_path, 1, MINE)
    done = rubrics(tmp_path, "check")
    assert done.returncode == 0
    assert "mine@1  rubrics/mine/v1.toml" in done.stdout
    assert "length, system: says nothing about length" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    for named in ("mine", "mine@1", "rubrics", str(path)):
        assert rubrics(tmp_path, "check", "--strict", named).returncode == 1
    good = rubrics(tmp_path, "check", "--strict", "helpfulness", "summary-single@1")
    assert (good.returncode, good.stdout) == (0, "2 rubrics: every rubric is in order.\n")


def test_check_as_json_names_each_rule_with_its_key_and_remedy(tmp_path: Path) -> None:
    own(tmp_path, 1, MINE)
    own(tmp_path, 2, "name =")
    done = rubrics(tmp_path, "check", "--json", "mine@1", "rubrics", "rubrics/mine/v1.toml")
    assert done.returncode == 2  # a file that cannot be used goes before warnings
    found = json.loads(done.stdout)
    assert found["schema"] == "judge.rubric_lint/1"
    (error,) = found["errors"]
    assert "v2.toml" in error
    (one,) = found["rubrics"]  # once, however often it is named
    assert (one["rubric"], one["file"]) == ("mine@1", "rubrics/mine/v1.toml")
    assert {"rule", "key", "also", "said", "remedy"} == set(one["warnings"][0])


def test_check_of_what_is_not_there_ends_with_2(tmp_path: Path) -> None:
    for named, why in (("gone", "there is no rubric gone"), ("gone/", "no such folder")):
        done = rubrics(tmp_path, "check", named)
        assert done.returncode == 2
        assert why in done.stdout + done.stderr


def test_packaged_rubrics_are_in_order(tmp_path: Path) -> None:
    done = rubrics(tmp_path, "check", "--strict", str(ROOT / "rubrics"))
    assert (done.returncode, done.stdout) == (0, "16 rubrics: every rubric is in order.\n")


def test_a_folder_without_rubrics_is_not_in_order(tmp_path: Path) -> None:
    done = rubrics(tmp_path, "check", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "holds no rubric" in done.stderr


def test_check_of_one_rubrics_folder_or_of_another_file_says_what_to_name(tmp_path: Path) -> None:
    path = own(tmp_path, 1, MINE)
    (tmp_path / "notes.txt").write_text("Rate it.", "utf-8")
    for named, why in (
        ("rubrics/mine", f"name rubrics/mine/{path.name}, or the folder that it stands in"),
        ("./notes.txt", "notes.txt: is a file and no rubric"),
    ):
        done = rubrics(tmp_path, "check", named)
        assert (done.returncode, done.stdout) == (2, "")
        assert why in " ".join(done.stderr.split())
