"""Rubric files are checked as a whole when they are read, and a locked version stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from judge.errors import InputError
from judge.records import data_folder
from judge.rubric_files import check_rubrics, list_rubrics, lock_rubrics, read_rubric
from judge.types import Criterion, Scale, Wording

PAIRWISE = '''\
name = "NAME"
version = VERSION
mode = "pairwise"
description = "Which helps more"
source = "written for this project"
licence = "Apache-2.0"
system = """You compare two responses. {{ answer_format }}"""
user = """{{ boundary }}
{{ question }}
{{ response_a }}
{{ response_b }}
{% for c in criteria %}{{ c.name }}: {{ c.question }}
{% endfor %}{{ scale | join(", ") }}"""

[scale]
level = "nominal"
labels = ["A", "tie", "B"]
tie_label = "tie"

[[criteria]]
name = "accuracy"
question = "Which is right?"
'''

SINGLE = '''\
name = "NAME"
version = VERSION
mode = "single"
needs_reference = true
system = "You score one response."
user = """{{ boundary }}{{ question }}{{ reference }}{{ response }}"""

[scale]
level = "ordinal"
labels = ["1", "2", "3"]
values = [1, 2, 3]

[[criteria]]
name = "accuracy"
question = "How right is it?"
weight = 2

[criteria.anchors]
"1" = "wrong"
"2" = "partly"
"3" = "right"

[[criteria]]
name = "tone"
question = "Is it polite?"
scale = { level = "nominal", labels = ["no", "yes"] }
'''


def write(
    folder: Path,
    name: str = "mine",
    version: int = 1,
    text: str = PAIRWISE,
    change: tuple[str, str] = ("", ""),
) -> Path:
    """A version's file in that folder, with one text in it changed."""
    assert change[0] in text
    path = folder / name / f"v{version}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    changed = text.replace(*change, 1) if change[0] else text
    path.write_text(changed.replace("NAME", name, 1).replace("VERSION", str(version), 1), "utf-8")
    return path


def refusal(path: Path) -> str:
    """What is said of a rubric that cannot be used; its file is named."""
    with pytest.raises(InputError) as caught:
        read_rubric(str(path), search=[])
    assert str(path) in str(caught.value)
    return str(caught.value)


# -- reading -------------------------------------------------------------------------------------


def test_a_pairwise_rubric_is_read_with_all_its_fields(tmp_path: Path) -> None:
    rubric = read_rubric(str(write(tmp_path)), search=[])
    assert (rubric.id, rubric.mode, rubric.needs_reference) == ("mine@1", "pairwise", False)
    assert rubric.scale == Scale("nominal", ("A", "tie", "B"), (), "tie")
    assert rubric.criteria == (Criterion("accuracy", "Which is right?"),)
    assert rubric.description == "Which helps more"
    assert (rubric.source, rubric.licence) == ("written for this project", "Apache-2.0")
    assert rubric.user.startswith("{{ boundary }}\n")


def test_a_single_rubric_is_read_with_anchors_and_a_criterions_own_scale(tmp_path: Path) -> None:
    rubric = read_rubric(str(write(tmp_path, text=SINGLE)), search=[])
    accuracy, tone = rubric.criteria
    assert rubric.scale.values == (1.0, 2.0, 3.0)
    assert accuracy.anchors == {"1": "wrong", "2": "partly", "3": "right"}
    assert (accuracy.weight, accuracy.scale) == (2.0, None)
    assert tone.scale == Scale("nominal", ("no", "yes"))


def test_variants_are_read_and_checked_as_the_rubrics_own_wording(tmp_path: Path) -> None:
    variant = '\n[[variants]]\nname = "short"\nsystem = "Compare."\nuser = "USER"\n'
    good = "{{ boundary }}{{ response_a }}{{ response_b }}"
    rubric = read_rubric(
        str(write(tmp_path, text=PAIRWISE + variant, change=("USER", good))), search=[]
    )
    assert rubric.variants == (Wording("short", "Compare.", good),)
    bad = write(
        tmp_path, text=PAIRWISE + variant, change=("USER", "{{ boundary }}{{ response_a }}")
    )
    assert "key `variants[0].user`: does not show `response_b`" in refusal(bad)
    twice = write(tmp_path, text=PAIRWISE + 2 * variant.replace("USER", good))
    assert "key `variants`: 'short' is used twice" in refusal(twice)


def test_the_fingerprint_hangs_on_the_words_and_not_on_how_numbers_are_written(
    tmp_path: Path,
) -> None:
    def fingerprint(change: tuple[str, str]) -> str:
        return read_rubric(str(write(tmp_path, text=SINGLE, change=change)), search=[]).fingerprint

    first = fingerprint(("", ""))
    assert fingerprint(("values = [1, 2, 3]", "values = [1.0, 2.0, 3.0]")) == first
    assert fingerprint(("weight = 2\n", "weight = 2.0\n")) == first
    assert fingerprint(("How right", "How very right")) != first


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    path = write(tmp_path)
    first = read_rubric(str(path), search=[]).fingerprint
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_rubric(str(path), search=[]).fingerprint == first


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('mode = "pairwise"', 'mode = "both"'), "key `mode`"),
        (('mode = "pairwise"\n', ""), "key `mode` is missing"),
        (("version = VERSION", 'version = "1"'), "key `version`"),
        (("version = VERSION", "version = 0"), "key `version`"),
        (('name = "NAME"', 'name = "My Rubric"'), "key `name`"),
        (("licence =", "license ="), "key `license` is unknown; did you mean `licence`?"),
        (("tie_label =", "tie_lable ="), "key `scale.tie_lable` is unknown; did you mean `tie_l"),
        (
            ("question = ", "questoin = "),
            "`criteria[0].questoin` is unknown; did you mean `question`",
        ),
        (('["A", "tie", "B"]', '["A", 0, "B"]'), "key `scale.labels[1]`"),
        (('["A", "tie", "B"]', '["A"]'), "key `scale.labels`"),
        (('["A", "tie", "B"]', '["A", "tie", "a"]'), "key `scale.labels`: 'A' is used twice"),
        (('["A", "tie", "B"]', '["A", "tie", " "]'), "key `scale.labels`: ' ' is blank"),
        (('["A", "tie", "B"]', '["A ", "tie", "B"]'), "key `scale.labels`: a label begins or ends"),
        (('["A", "tie", "B"]', '["tie", "A", "B"]'), "key `scale.labels`: a pairwise scale has"),
        (('tie_label = "tie"\n', ""), "key `scale.labels`: a pairwise scale has"),
        (('["A", "tie", "B"]', '["A", "B"]'), "key `scale.labels`: a pairwise scale has"),
        (('tie_label = "tie"\n', 'tie_label = "tie"\nvalues = [0, 1, 2]\n'), "key `scale.values`"),
        (('level = "nominal"', 'level = "ordinal"'), "`scale.values`: 0 numbers for 3 labels"),
        (('question = "Which', 'weight = 0\nquestion = "Which'), "key `criteria[0].weight`"),
        (('question = "Which', 'weight = inf\nquestion = "Which'), "key `criteria[0].weight`"),
        (
            ('question = "Which', 'anchors = { "A" = "x" }\nquestion = "Which'),
            "key `criteria[0].anchors`: describe levels of single answers",
        ),
    ],
)
def test_a_bad_key_of_a_pairwise_rubric_is_named(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    assert said in refusal(write(tmp_path, change=change))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("values = [1, 2, 3]", "values = [1, 2]"), "`scale.values`: 2 numbers for 3 labels"),
        (("values = [1, 2, 3]", "values = [1, 3, 2]"), "`scale.values`: must increase"),
        (("values = [1, 2, 3]", "values = [1, 1, 2]"), "`scale.values`: must increase"),
        (("values = [1, 2, 3]", "values = [1, 2, nan]"), "`scale.values[2]`"),
        (("values = [1, 2, 3]", 'values = [1, 2, 3]\ntie_label = "2"'), "`scale.tie_label`"),
        (('"2" = "partly"\n', ""), "`criteria[0].anchors`: describe every label (1, 2, 3)"),
        (('"2" = "partly"', '"4" = "more"\n"2" = "partly"'), "`criteria[0].anchors`"),
        (('name = "tone"', 'name = "Accuracy"'), "`criteria`: 'accuracy' is used twice"),
        (('["no", "yes"]', '["no", "NO"]'), "`criteria[1].scale.labels`: 'no' is used twice"),
    ],
)
def test_a_bad_key_of_a_single_rubric_is_named(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    assert said in refusal(write(tmp_path, text=SINGLE, change=change))


def test_a_two_label_pairwise_scale_has_no_tie(tmp_path: Path) -> None:
    old = 'labels = ["A", "tie", "B"]\ntie_label = "tie"'
    path = write(tmp_path, change=(old, 'labels = ["A", "B"]'))
    assert read_rubric(str(path), search=[]).scale.tie_label is None


def test_every_problem_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, change=('name = "NAME"', 'name = "X Y"\nowner = 1'))
    assert len(refusal(path).splitlines()) == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"name = ", "is not TOML"),
        (b'name = "a"\nname = "b"\n', "is not TOML"),
        (b'name = "\xff"', "is not UTF-8"),
        (b"a = " + b"[" * 20_000, "nested too deep"),
        (b"", "key `name` is missing"),
    ],
)
def test_a_file_that_is_no_sound_toml_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(data)
    assert said in refusal(path)


# -- templates -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "user", "said"),
    [
        ("", "{{ boundary }}{{ response_a }}", "`user`: does not show `response_b`"),
        ("", "{{ response_a }}{{ boundary }}{{ response_b }}", "before any judged text"),
        ("", "{{ response_a }}{{ response_b }}", "before any judged text"),
        ("", "{{ question|upper }}{{ boundary }}{{ response_a }}{{ response_b }}", "before any"),
        (
            "",
            "{% if not question %}{{ boundary }}{% endif %}{{ response_a }}{{ response_b }}",
            "before any judged text",
        ),
        (
            "",
            "{% set q = question %}{{ q }}{{ boundary }}{{ response_a }}{{ response_b }}",
            "before any judged text",
        ),
        ("", "{{ boundary }}{{ response_a|indent }}{{ response_b }}", "does not show `response_a`"),
        ("", "{{ boundary }}{{ response }}", "unknown variable `response`"),
        ("", "{{ boundary }}{{ responce_a }}", "unknown variable `responce_a`"),
        ("", "{% for i in range(9) %}{% endfor %}", "unknown variable `range`"),
        ("", "{{ boundary }}{{ lipsum() }}", "unknown variable `lipsum`"),
        ("", "{{ boundary }}{{ scale|random }}", "`user`: line 1 of the template"),
        ("", "line\n{{ boundary }", "`user`: line 2 of the template"),
        ("", "{{ boundary | no_such_filter }}", "`user`: line 1 of the template"),
        ("", "{{ boundary }}{{ criteria[0].nam }}", "cannot be rendered"),
        ("", "{{ boundary }}{{ criteria[7].name }}", "cannot be rendered"),
        ("", "{{ boundary }}{{ 1 / 0 }}", "cannot be rendered"),
        ("", "{% include 'x' %}", "cannot be rendered"),
        ("", "{{ ''.__class__.__mro__ }}", "cannot be rendered"),
        ("{{ question }}", "", "`system`: uses `question`"),
        ("{{ response_b }}", "", "`system`: uses `response_b`"),
        ("{{ boundary }}", "", "`system`: uses `boundary`"),
        ("{{ criteria[0].nam }}", "", "`system`: cannot be rendered"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused(
    tmp_path: Path, system: str, user: str, said: str
) -> None:
    sound = "{{ boundary }}{{ question }}{{ response_a }}{{ response_b }}"
    head, _, rest = PAIRWISE.partition("system = ")
    tail = rest[rest.index("[scale]") :]
    templates = f"system = '''{system}'''\nuser = '''{user or sound}'''\n"
    assert said in refusal(write(tmp_path, text=head + templates + tail))


def test_a_rubric_that_needs_a_reference_shows_it(tmp_path: Path) -> None:
    path = write(tmp_path, text=SINGLE, change=("{{ reference }}", ""))
    assert "key `user`: does not show `reference`" in refusal(path)


# -- finding -------------------------------------------------------------------------------------


def test_a_name_means_its_highest_version_and_name_at_n_that_version(tmp_path: Path) -> None:
    for version in (1, 2, 10):
        write(tmp_path, version=version)
    assert read_rubric("mine", search=[tmp_path]).version == 10
    assert read_rubric("mine@2", search=[tmp_path]).version == 2


def test_the_first_folder_of_the_search_path_wins(tmp_path: Path) -> None:
    own, packaged = tmp_path / "own", tmp_path / "packaged"
    write(own, change=("Which helps more", "own"))
    write(packaged, change=("Which helps more", "packaged"))
    write(packaged, version=2)
    write(packaged, name="other")
    search = [tmp_path / "absent", own, packaged]
    assert read_rubric("mine", search=search).description == "own"
    assert read_rubric("mine@2", search=search).version == 2
    assert [file.id for file in list_rubrics(search)] == ["mine@1", "mine@2", "other@1"]
    assert list_rubrics(search)[0].path == own / "mine" / "v1.toml"


def test_an_unknown_rubric_names_the_nearest_and_where_was_looked(tmp_path: Path) -> None:
    write(tmp_path, name="helpfulness")
    with pytest.raises(InputError) as caught:
        read_rubric("helpfullness", search=[tmp_path])
    assert "did you mean helpfulness?" in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    for name in ("helpfulness@2", "helpfulness@latest", "helpfulness@", ""):
        with pytest.raises(InputError):
            read_rubric(name, search=[tmp_path])


def test_a_version_stands_where_its_name_says(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.rename(path.with_name("v2.toml"))
    assert "belongs into mine/v1.toml" in refusal(path.with_name("v2.toml"))


def test_a_loose_file_may_have_any_name(tmp_path: Path) -> None:
    path = write(tmp_path).rename(tmp_path / "draft.toml")
    assert read_rubric(str(path), search=[]).id == "mine@1"
    assert "no such file" in refusal(tmp_path / "missing.toml")
    (tmp_path / "folder.toml").mkdir()
    assert "is a folder" in refusal(tmp_path / "folder.toml")


# -- the lock ------------------------------------------------------------------------------------


def test_locking_adds_a_line_for_each_new_version_and_rewrites_none(tmp_path: Path) -> None:
    rubric = read_rubric(str(write(tmp_path)), search=[])
    first = lock_rubrics(tmp_path)
    assert first == (f"mine@1 {rubric.fingerprint}",)
    lock = tmp_path / "rubrics.lock"
    lock.write_text("# ours\n" + lock.read_text("utf-8").rstrip("\n"), "utf-8")
    before = lock.read_text("utf-8")
    write(tmp_path, version=2)
    (second,) = lock_rubrics(tmp_path)
    assert lock.read_text("utf-8") == f"{before}\n{second}\n"
    assert lock_rubrics(tmp_path) == ()
    assert [file.locked for file in list_rubrics([tmp_path])] == [True, True]


@pytest.mark.parametrize("by", ["mine", "mine@1", "path"])
def test_a_locked_version_that_was_edited_is_refused(tmp_path: Path, by: str) -> None:
    path = write(tmp_path)
    lock_rubrics(tmp_path)
    write(tmp_path, change=("Which is right?", "Which is more right?"))
    with pytest.raises(
        InputError, match=r"was changed after it was locked: restore it, or add a n"
    ):
        read_rubric(str(path) if by == "path" else by, search=[tmp_path])
    with pytest.raises(InputError, match=r"v2\.toml"):
        lock_rubrics(tmp_path)
    (problem,) = check_rubrics(tmp_path)
    assert "mine@1 was changed" in problem


def test_a_new_version_beside_a_locked_one_may_be_edited(tmp_path: Path) -> None:
    write(tmp_path)
    lock_rubrics(tmp_path)
    write(tmp_path, version=2, change=("Which is right?", "Which is more right?"))
    assert read_rubric("mine", search=[tmp_path]).criteria[0].question == "Which is more right?"
    assert [file.locked for file in list_rubrics([tmp_path])] == [True, False]


@pytest.mark.parametrize("by", ["mine", "mine@1", "draft.toml"])
@pytest.mark.parametrize("first", [True, False])
def test_an_id_that_is_locked_as_another_text_anywhere_is_refused(
    tmp_path: Path, by: str, first: bool
) -> None:
    """A folder that shadows the packaged one, or a loose file, would give one id two texts."""
    own, packaged = tmp_path / "own", tmp_path / "packaged"
    write(packaged)
    lock_rubrics(packaged)
    path = write(own, change=("Which is right?", "Which is longer?"))
    name = str(path.rename(tmp_path / by)) if by.endswith(".toml") else by
    search = [own, packaged] if first or by == name else [packaged, own]
    with pytest.raises(InputError) as caught:
        read_rubric(name, search=search)
    assert f"mine@1 is locked as another text in {packaged}" in str(caught.value)
    assert "give it a new version or name" in str(caught.value)


def test_a_lock_elsewhere_blocks_neither_its_own_text_nor_other_names(tmp_path: Path) -> None:
    own, packaged = tmp_path / "own", tmp_path / "packaged"
    write(packaged)
    lock_rubrics(packaged)
    loose = write(own).rename(tmp_path / "draft.toml")
    write(own, name="ours", change=("Which is right?", "Which is longer?"))
    write(own, version=2, change=("Which is right?", "Which is longer?"))
    for name in (str(loose), "ours", "mine@1", "mine@2"):
        assert read_rubric(name, search=[own, packaged]).version in (1, 2)


def test_nothing_is_locked_where_one_file_is_at_fault(tmp_path: Path) -> None:
    write(tmp_path, name="a")
    write(tmp_path, name="b", change=("{{ boundary }}", ""))
    with pytest.raises(InputError):
        lock_rubrics(tmp_path)
    assert not (tmp_path / "rubrics.lock").exists()


def test_a_locked_version_whose_file_is_gone_is_a_problem(tmp_path: Path) -> None:
    path = write(tmp_path)
    lock_rubrics(tmp_path)
    path.unlink()
    (problem,) = check_rubrics(tmp_path)
    assert "mine@1 is locked but its file is gone" in problem


@pytest.mark.parametrize(
    "line", ["mine@1", "mine@1 md5:abc", "mine sha256:" + "0" * 64, "mine@1 sha256:" + "1" * 64]
)
def test_a_damaged_lock_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    write(tmp_path)
    lock_rubrics(tmp_path)
    with (tmp_path / "rubrics.lock").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(InputError, match=r"rubrics\.lock, line 2"):
        read_rubric("mine", search=[tmp_path])


def test_a_folder_that_is_not_there_is_no_folder_in_order(tmp_path: Path) -> None:
    for act in (check_rubrics, lock_rubrics):
        with pytest.raises(InputError, match="no such folder"):
            act(tmp_path / "rubrics")


def test_the_rubrics_that_come_with_the_package_are_in_order() -> None:
    folder = data_folder("rubrics")
    assert {"helpfulness@1", "helpfulness-single@1", "correctness@1"} <= {
        file.id for file in list_rubrics([folder])
    }
    assert check_rubrics(folder) == ()
