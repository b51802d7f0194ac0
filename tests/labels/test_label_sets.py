"""A set of labels is read by name, checked as a whole, and a locked version stays as it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.errors import InputError
from judge.labels.sets import LOCK, list_label_sets, places, read_items, read_label_set
from judge.lock_lines import append_lines
from judge.types import Scale

TOML = """\
name = "mine"
version = VERSION
source = "human"
mode = "pairwise"
criterion = ""
description = "Two pairs"
licence = "CC0"
raters = ["ann", "bob"]
created = "2026-11-21"
"""
SINGLE = """\
name = "mine"
version = VERSION
source = "human"
mode = "single"
raters = ["ann"]
rubric = "helpfulness-single@1"

[scale]
level = "ordinal"
labels = ["bad", "fair", "good"]
values = [1, 2, 3]
"""
ITEMS = [
    {"item_id": f"i{k}", "prompt": f"Question {k}?", "responses": {"x": "yes", "y": "no"}}
    for k in range(2)
]
LABELS = [
    {"item_id": f"i{k}", "rater": rater, "system_a": "x", "system_b": "y", "label": "a"}
    for k in range(2)
    for rater in ("ann", "bob")
]
SCORED = [{"item_id": "i0", "rater": "ann", "system": "x", "label": "good", "score": 3}]


def jsonl(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def write(
    root: Path,
    *,
    version: int = 1,
    toml: str = TOML,
    change: tuple[str, str] = ("", ""),
    labels: list[dict[str, Any]] = LABELS,
    items: list[dict[str, Any]] = ITEMS,
) -> Path:
    """A version's folder, with one text of its set.toml changed."""
    assert change[0] in toml
    folder = root / "mine" / f"v{version}"
    folder.mkdir(parents=True, exist_ok=True)
    text = toml.replace("VERSION", str(version)).replace(*change, 1) if change[0] else toml
    (folder / "set.toml").write_text(text.replace("VERSION", str(version)))
    (folder / "labels.jsonl").write_text(jsonl(labels))
    (folder / "items.jsonl").write_text(jsonl(items))
    (folder / "DATASHEET.md").write_text("# Datasheet\n")
    return folder


def test_the_packaged_set_is_there_locked_and_says_that_it_is_invented() -> None:
    found = read_label_set("support-synthetic", search=places()[1:])
    assert (found.id, found.source, found.locked) == ("support-synthetic@1", "synthetic", True)
    assert (len(found.labels), found.mode, found.criterion) == (72, "pairwise", "")
    assert len(read_items(found)) == 24


def test_a_set_is_found_by_name_version_folder_and_its_own_file(tmp_path: Path) -> None:
    first, second = write(tmp_path), write(tmp_path, version=2)
    search = [tmp_path]
    assert read_label_set("mine", search=search).path == second
    assert read_label_set("mine@1", search=search).path == first
    for path in (first, tmp_path / "mine", first / "labels.jsonl"):
        assert read_label_set(path, search=search).name == "mine"
    assert read_label_set(tmp_path / "mine", search=search).version == 2
    assert [one.id for one in list_label_sets(search)] == ["mine@1", "mine@2"]


def test_ones_own_folder_goes_before_the_packaged(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    write(own)
    write(other, version=2)
    assert read_label_set("mine", search=[own, other]).version == 1
    assert read_label_set("mine@2", search=[own, other]).version == 2


def test_naming_the_file_of_a_set_does_not_hide_that_its_labels_are_invented(
    tmp_path: Path,
) -> None:
    folder = write(tmp_path, change=('"human"', '"synthetic"'))
    found = read_label_set(folder / "labels.jsonl", search=[])
    assert (found.source, found.id) == ("synthetic", "mine@1")


def test_a_plain_file_has_no_version_and_counts_as_peoples(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text(jsonl(LABELS))
    found = read_label_set(path, search=[])
    assert (found.id, found.is_set, found.source, found.raters) == (
        "some.jsonl",
        False,
        "human",
        ("ann", "bob"),
    )
    assert found.fingerprint.startswith("sha256:")


def test_the_scale_of_a_set_comes_with_its_criterion(tmp_path: Path) -> None:
    write(tmp_path, toml=SINGLE, labels=SCORED)
    found = read_label_set("mine", search=[tmp_path])
    assert found.scales == {"": Scale("ordinal", ("bad", "fair", "good"), (1.0, 2.0, 3.0))}
    assert found.rubric == "helpfulness-single@1"


@settings(deadline=None, max_examples=20)
@given(order=st.permutations(range(4)))
def test_the_fingerprint_does_not_hang_on_the_order_of_rows(order: list[int]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        write(Path(name))
        first = read_label_set("mine", search=[Path(name)]).fingerprint
        write(Path(name), labels=[LABELS[k] for k in order], items=ITEMS[::-1])
        assert read_label_set("mine", search=[Path(name)]).fingerprint == first


# -- the lock ------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["labels", "items", "set"])
def test_a_locked_version_that_was_edited_is_refused(tmp_path: Path, what: str) -> None:
    write(tmp_path)
    one = read_label_set("mine", search=[tmp_path])
    append_lines(tmp_path / LOCK, [f"{one.id} {one.fingerprint}"])
    assert read_label_set("mine", search=[tmp_path]).locked
    if what == "labels":
        write(tmp_path, labels=[{**LABELS[0], "label": "b"}, *LABELS[1:]])
    elif what == "items":
        write(tmp_path, items=[{**ITEMS[0], "prompt": "Another?"}, ITEMS[1]])
    else:
        write(tmp_path, change=("CC0", "none"))
    with pytest.raises(
        InputError, match=r"mine@1 was changed after it was locked: .*add a new version v2"
    ):
        read_label_set("mine", search=[tmp_path])


def test_another_folder_cannot_hold_another_set_under_a_locked_name(tmp_path: Path) -> None:
    own, packaged = tmp_path / "own", tmp_path / "packaged"
    write(packaged)
    one = read_label_set("mine", search=[packaged])
    append_lines(packaged / LOCK, [f"{one.id} {one.fingerprint}"])
    write(own, change=("Two pairs", "Other pairs"))
    with pytest.raises(InputError, match="locked as another set"):
        read_label_set("mine", search=[own, packaged])


def test_a_lock_that_is_none_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / LOCK).write_text("mine@1 md5:1\n")
    with pytest.raises(InputError, match=r"labels.lock, line 1: is not `name@N sha256:...`"):
        read_label_set("mine", search=[tmp_path])


# -- what is wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("licence", "license"), "key `license` is unknown; did you mean `licence`"),
        (('"human"', '"people"'), "key `source`"),
        (
            ('raters = ["ann", "bob"]', 'raters = ["ann"]'),
            r"does not name: add them to `raters` \(bob\)",
        ),
        (('["ann", "bob"]', '["ann", "bob", "cy"]'), r"raters of set.toml without a label.*\(cy\)"),
        (('["ann", "bob"]', '["ann", "bob", "ann"]'), "'ann' is named twice"),
        (('"pairwise"', '"single"'), r"not of single answers, as mode = 'single' says"),
        (('criterion = ""', 'criterion = "tone"'), "criteria other than set.toml's 'tone'"),
        (("version = 1", "version = 3"), r"holds mine@3; that belongs into mine/v3"),
        (('"2026-11-21"', '"yesterday"'), "key `created`"),
        (('name = "mine"', ""), "key `name` is missing"),
    ],
)
def test_a_set_that_contradicts_itself_says_where(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    toml = TOML.replace("VERSION", "1")
    write(tmp_path, toml=toml, change=change)
    with pytest.raises(InputError, match=said):
        read_label_set("mine", search=[tmp_path])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"items": ITEMS[:1]}, r"labelled items that items.jsonl lacks: add them \(i1\)"),
        (
            {"items": [ITEMS[0], {**ITEMS[1], "responses": {"x": "yes"}}]},
            r"response .* lacks: .*\(i1 \(y\)",
        ),
        ({"items": [ITEMS[0], ITEMS[0]]}, "row 2: item_id 'i0' stands in row 1 too"),
        ({"items": [{"item_id": "i0", "prompt": "?"}]}, "row 1: `responses` is None"),
        ({"items": [{**ITEMS[0], "item_id": ""}]}, "row 1: `item_id` is empty"),
        ({"items": []}, "items.jsonl: is empty"),
        ({"labels": []}, "labels.jsonl: is empty"),
        ({"labels": [*LABELS, LABELS[0]]}, "row 5, field `rater`: repeats row 1"),
    ],
)
def test_files_that_do_not_fit_together_are_named(
    tmp_path: Path, rows: dict[str, Any], said: str
) -> None:
    write(tmp_path, **rows)
    with pytest.raises(InputError, match=said):
        read_label_set("mine", search=[tmp_path])


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ({"label": "great"}, "great"),
        ({"label": "good", "score": 2}, "good"),
        ({"score": 2.5}, "2.5"),
    ],
)
def test_a_label_off_the_scale_is_refused(tmp_path: Path, label: dict[str, Any], said: str) -> None:
    row = {"item_id": "i0", "rater": "ann", "system": "x", **label}
    write(tmp_path, toml=SINGLE, labels=[row])
    with pytest.raises(InputError, match=rf"off the scale bad, fair, good: .*i0 by ann: {said}"):
        read_label_set("mine", search=[tmp_path])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("values = [1, 2, 3]", "values = [3, 2, 1]"), "they must increase"),
        (("values = [1, 2, 3]", "values = [1, 2]"), "2 numbers for 3 labels"),
        (('"ordinal"', '"nominal"'), "a nominal scale has no numbers"),
        (('"fair"', '"bad"'), "stands there twice"),
        (('mode = "single"', 'mode = "pairwise"'), "pairs are labelled a, b or tie"),
    ],
)
def test_a_scale_that_is_none_is_refused(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    write(tmp_path, toml=SINGLE, labels=SCORED, change=change)
    with pytest.raises(InputError, match=said):
        read_label_set("mine", search=[tmp_path])


def test_an_unknown_name_says_what_there_is(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(
        InputError, match=r"no set of labels mien; did you mean mine\? known: mine@1"
    ):
        read_label_set("mien", search=[tmp_path])
    with pytest.raises(InputError, match="no set of labels mine@7"):
        read_label_set("mine@7", search=[tmp_path])
    with pytest.raises(InputError, match="there is no such file"):
        read_label_set(tmp_path / "gone.jsonl", search=[tmp_path])


def test_a_folder_that_is_no_set_says_so(tmp_path: Path) -> None:
    (tmp_path / "Some Folder").mkdir()
    with pytest.raises(InputError, match=r"holds no set.toml"):
        read_label_set(tmp_path / "Some Folder", search=[])


def test_a_copy_of_a_set_elsewhere_is_that_set(tmp_path: Path) -> None:
    """A folder that is no v<N> is taken as it is: nothing says that it should be another version."""
    shutil.copytree(write(tmp_path / "a"), tmp_path / "copy")
    assert read_label_set(tmp_path / "copy", search=[]).id == "mine@1"
