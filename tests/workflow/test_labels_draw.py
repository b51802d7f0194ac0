"""From a draw to labels and back: nothing is lost, nothing is given away, nothing is half done."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from judge import check_labels, draw_labels, import_labels, plan_labels
from judge.errors import InputError
from judge.labels.key import Key, blind_rows, human_label, parse_key, row_places
from judge.labels.sets import read_label_set
from judge.records import read_labels
from judge.report import labels_draw
from judge.types import HumanLabel
from judge.workflow.labels.files import read_key
from judge.workflow.labels.importing import LabelsImported

Row = dict[str, str]


def responses(
    folder: Path, n: int = 30, systems: tuple[str, ...] = ("base", "tuned")
) -> list[Path]:
    """A file a system, whose texts name nobody; one begins like a formula of a spreadsheet."""
    paths = []
    for number, system in enumerate(systems):
        rows = [
            {"item_id": f"item-{k}", "prompt": f"=SUM({k})", "response": f"-text {number} of {k}"}
            | {"category": "easy" if k % 3 else "hard"}
            for k in range(n)
        ]
        path = folder / f"{system}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        paths.append(path)
    return paths


def filled(path: Path, answer: Callable[[Row], str]) -> list[Row]:
    """The rows of a rater's file after the rater wrote in it."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["label"] = answer(row)
    save(path, rows)
    return rows


def save(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def longer(row: Row) -> str:
    """The answer of the second system (text 1), wherever it is shown."""
    return "1" if "text 1" in row["answer_1"] else "2"


def drawn(folder: Path, n: int = 12, **more: Any) -> tuple[list[Path], Path]:
    """The raters' files and the key."""
    draw = draw_labels(responses(folder), n=n, out=folder / "lab.csv", seed=7, **more)
    return list(draw.files), draw.key_path


def test_labels_come_back_in_the_frame_of_the_item_whatever_was_shown_first(tmp_path: Path) -> None:
    files, key = drawn(tmp_path, raters=("ann", "bob"))
    for file in files:
        filled(file, longer)
    found = import_labels(files, key, out=tmp_path / "labels.jsonl")
    assert len(found.labels) == 24
    assert {(one.system_a, one.system_b, one.label) for one in found.labels} == {
        ("base", "tuned", "b")
    }
    assert {one.inclusion_prob for one in found.labels} == {12 / 30}
    for rater in ("ann", "bob"):
        shown = [one.order_shown for one in found.labels if one.rater == rater]
        assert (shown.count("AB"), shown.count("BA")) == (6, 6)
    assert read_labels(tmp_path / "labels.jsonl") == found.labels


def test_a_raters_file_says_nothing_of_systems_items_or_order(tmp_path: Path) -> None:
    files, key = drawn(tmp_path, raters=("ann", "bob"))
    texts = [path.read_text(encoding="utf-8-sig") for path in files]
    for word in ("base", "tuned", "item-", "AB", "easy", "hard", "dev", "0.4"):
        assert not any(word in text for text in texts), word
    ids = [[row["row_id"] for row in filled(path, lambda _: "")] for path in files]
    assert not set(ids[0]) & set(ids[1])
    assert [n.name for n in files] == ["lab-ann.csv", "lab-bob.csv"]
    assert read_key(key).raters == ["ann", "bob"]


def test_no_cell_runs_as_a_formula(tmp_path: Path) -> None:
    (path,), _ = drawn(tmp_path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert any(cell.startswith("'=SUM") for cell in cells)
    assert not any(cell.startswith(("=", "-", "+", "@")) for cell in cells)


def test_the_same_seed_draws_the_same_and_another_does_not(tmp_path: Path) -> None:
    files = responses(tmp_path)
    texts = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        done = draw_labels(files, n=9, out=tmp_path / f"{name}.csv", seed=seed)
        texts.append(done.files[0].read_bytes())
    assert texts[0] == texts[1] != texts[2]


def test_jsonl_serves_as_well_as_csv(tmp_path: Path) -> None:
    files = responses(tmp_path, systems=("one",))
    done = draw_labels(files, n=5, out=tmp_path / "lab.jsonl", rubric="helpfulness-single")
    rows = [json.loads(line) for line in done.files[0].read_text().splitlines()]
    scale = rows[0]["choices"].split(" / ")
    rows[0]["label"], rows[1]["label"] = scale[0], float(scale[1])
    done.files[0].write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = import_labels(
        done.files, done.key_path, out=tmp_path / "l.jsonl", raters={"lab.jsonl": "ann"}
    )
    assert sorted(one.label or "" for one in found.labels) == sorted(scale[:2])
    (counts,) = found.raters
    assert (counts.rater, counts.labelled, counts.empty, counts.absent) == ("ann", 2, 3, 0)


def test_a_part_of_the_rows_is_read_and_the_rest_counted(tmp_path: Path) -> None:
    (path,), key = drawn(tmp_path)
    rows = filled(path, longer)
    rows[0]["label"] = ""
    save(path, rows[:7])
    found = import_labels([path], key, out=tmp_path / "l.jsonl")
    assert [(c.rater, c.labelled, c.empty, c.absent) for c in found.raters] == [("lab", 6, 1, 5)]


# -- strata, items and further draws -------------------------------------------------------------


def test_strata_have_probabilities_of_their_own(tmp_path: Path) -> None:
    """10 hard of 30: a draw of 12 gives 4 of 10 and 8 of 20."""
    done = draw_labels(responses(tmp_path), n=12, out=tmp_path / "l.csv", stratify="category")
    assert done.strata == {"easy": 0.4, "hard": 0.4}


def test_verdicts_make_strata_and_more_are_drawn_where_they_are_divided(tmp_path: Path) -> None:
    files = responses(tmp_path)
    rows = [
        {"item_id": f"item-{k}", "system_a": "base", "system_b": "tuned", "judge": judge}
        | {"label": "a" if k < 20 or judge == "j" else "b"}
        for k in range(30)
        for judge in ("j", "i")
    ]
    (tmp_path / "v.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    plain: dict[str, Any] = {"n": 12, "stratify": "judge-score", "items": files}
    done = draw_labels(tmp_path / "v.jsonl", out=tmp_path / "l.csv", allocation="neyman", **plain)
    assert done.strata == {"0.5": 0.5, "1": pytest.approx(7 / 20)}  # 10 x .5 = 5 and 20 x .3 = 6
    with pytest.raises(InputError, match="name the responses with --items"):
        draw_labels(tmp_path / "v.jsonl", out=tmp_path / "m.csv", n=12)


def test_whole_items_can_be_drawn_so_that_systems_are_compared_on_the_same(tmp_path: Path) -> None:
    files = responses(tmp_path)
    done = draw_labels(files, n=5, out=tmp_path / "l.csv", mode="single", by="item")
    units = read_key(done.key_path).units
    assert done.drawn == 10
    assert {unit.inclusion_prob for unit in units} == {5 / 30}
    systems: dict[str, set[str | None]] = {}
    for unit in units:
        systems.setdefault(unit.item_id, set()).add(unit.system)
    assert list(systems.values()) == [{"base", "tuned"}] * 5


def test_a_further_draw_adds_to_the_first_with_probabilities_of_both(tmp_path: Path) -> None:
    """12 and 6 of 30: 18/30 each, and the first files are read with the second key."""
    (first,), key = drawn(tmp_path)
    more = draw_labels(responses(tmp_path), n=6, out=tmp_path / "more.csv", extend=key)
    assert (more.drawn, more.total) == (6, 18)
    filled(first, longer)
    filled(more.files[0], longer)
    found = import_labels(
        [first, *more.files],
        more.key_path,
        out=tmp_path / "l.jsonl",
        raters={"lab.csv": "ann", "more.csv": "ann"},
    )
    assert len(found.labels) == 18
    assert {one.inclusion_prob for one in found.labels} == {0.6}
    assert {one.label for one in found.labels} == {"b"}


def test_a_further_draw_from_something_else_is_refused(tmp_path: Path) -> None:
    _, key = drawn(tmp_path)
    with pytest.raises(InputError, match="probabilities of the first draw no longer hold"):
        draw_labels(responses(tmp_path, n=31), n=6, out=tmp_path / "more.csv", extend=key)
    with pytest.raises(InputError, match="--seed 8: the draw that --extend names had 7"):
        draw_labels(responses(tmp_path), n=6, out=tmp_path / "more.csv", extend=key, seed=8)
    with pytest.raises(InputError, match="only 30 to draw from"):
        draw_labels(responses(tmp_path), n=19, out=tmp_path / "more.csv", extend=key)
    assert not (tmp_path / "more.csv").exists()


# -- import(export) is the identity --------------------------------------------------------------


@pytest.fixture(scope="module")
def pair_key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    folder = tmp_path_factory.mktemp("draw")
    return read_key(drawn(folder, n=20, raters=("ann", "bob"))[1])


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(st.sampled_from(["a", "b", "tie"]), min_size=20, max_size=20))
def test_what_a_rater_means_is_what_is_read(pair_key: Key, said: list[str]) -> None:
    """Whoever prefers a system writes the number that it has in their row, and that system has it again."""
    wanted = dict(zip((unit.unit_id for unit in pair_key.units), said, strict=True))
    places = row_places(pair_key)
    items = {item.item_id: item for item in pair_key.items}
    for rater in pair_key.raters:
        for row in blind_rows(pair_key, rater, 1):
            place = places[row["row_id"]]
            unit, meant = place.unit, wanted[place.unit.unit_id]
            text = items[unit.item_id].responses[
                str(unit.system_a if meant == "a" else unit.system_b)
            ][0]
            written = "tie" if meant == "tie" else "1" if row["answer_1"] == text else "2"
            read = human_label(pair_key, place, rater, written)
            assert (read.item_id, read.rater, read.label) == (unit.item_id, rater, meant)
            assert (read.split, read.inclusion_prob) == (unit.split, unit.inclusion_prob)


def test_a_key_comes_back_as_it_was_and_an_edited_one_is_known(pair_key: Key) -> None:
    value = pair_key.model_dump(mode="json")
    assert parse_key(json.loads(json.dumps(value)), "key") == pair_key
    value["units"][0]["inclusion_prob"] = 0.9
    with pytest.raises(InputError, match="was edited after the draw"):
        parse_key(value, "key")


@pytest.mark.parametrize(
    ("labelled", "unlabelled", "is_too_few", "said"),
    [
        (24, 0, False, ""),
        (
            21,
            3,
            False,
            "3 of the 24 drawn have no label by anybody: the others count as drawn at random",
        ),
        (8, 16, True, "a correction by these labels will be refused"),
    ],
)
def test_drawn_rows_that_never_come_back_are_said_and_whether_correction_will_refuse(
    tmp_path: Path, labelled: int, unlabelled: int, is_too_few: bool, said: str
) -> None:
    """24 of 30 drawn: 8 labelled where 24 are expected has p < 1e-9, 21 p = .16."""
    (path,), key = drawn(tmp_path, n=24)
    save(path, filled(path, longer)[:labelled])
    found = import_labels([path], key, out=tmp_path / "labels.jsonl")
    assert (found.unlabelled, found.is_too_few) == (unlabelled, is_too_few)
    told = labels_draw.imported(
        labels=labelled,
        drawn=24,
        raters=found.raters,
        unlabelled=found.unlabelled,
        is_too_few=found.is_too_few,
    )
    assert said in told
    assert ("no label" in told) is (unlabelled > 0)


# -- bad input -----------------------------------------------------------------------------------


def spoilt(folder: Path, change: Callable[[list[Row]], None]) -> LabelsImported:
    """What comes of a file in which one thing was changed."""
    (path,), key = drawn(folder)
    rows = filled(path, longer)
    change(rows)
    save(path, rows)
    return import_labels([path], key, out=folder / "labels.jsonl")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda rows: rows[2].update(label="3"),
            r"row 4, field `label`: '3' is unknown; write 1, 2 or tie",
        ),
        (lambda rows: rows[2].update(label="base"), "'base' is unknown"),
        (lambda rows: rows[1].update(row_id="x"), r"row 3: row_id x is no row of this draw"),
        (lambda rows: rows[1].update(row_id=""), r"row_id \(empty\) is no row"),
        (
            lambda rows: rows.append(rows[0]),
            r"row 14: row_id \w+ of rater lab stands in .*row 2 too",
        ),
        (lambda rows: [row.pop("label") for row in rows], "no column `label`"),
        (lambda rows: [row.update(label="") for row in rows], "nobody wrote a label yet"),
    ],
)
def test_a_spoilt_file_says_what_and_where_and_nothing_is_written(
    tmp_path: Path, change: Callable[[list[Row]], None], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        spoilt(tmp_path, change)
    assert not (tmp_path / "labels.jsonl").exists()


def test_rows_of_two_raters_in_one_file_and_one_rater_twice_are_refused(tmp_path: Path) -> None:
    (ann, bob), key = drawn(tmp_path, raters=("ann", "bob"))
    both = [*filled(ann, longer), *filled(bob, longer)]
    save(tmp_path / "both.csv", both)
    with pytest.raises(InputError, match="is a row of rater bob, and others are of ann"):
        import_labels(tmp_path / "both.csv", key, out=tmp_path / "l.jsonl")
    save(tmp_path / "again.csv", both[:12])
    with pytest.raises(InputError, match=r"of rater ann stands in .*lab-ann\.csv, row 2 too"):
        import_labels([ann, tmp_path / "again.csv"], key, out=tmp_path / "l.jsonl")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"n": 0}, "--n 0: must be 1 or more"),
        ({"n": 99}, "only 30 to draw from"),
        ({"out": "lab.txt"}, "name a .csv or a .jsonl file"),
        ({"raters": ("ann", "ann")}, "name each rater once"),
        ({"raters": ("a/b", "a:b")}, "two of them have the same file"),
        ({"stratify": "length"}, "--stratify length: use none, judge-score or category"),
        ({"stratify": "judge-score"}, "no verdicts are known"),
        ({"allocation": "neyman"}, "--allocate neyman: needs verdicts"),
        ({"rubric": "helpfulness-single"}, "is single, and the draw is pairwise"),
        ({"by": "page"}, "--by page"),
        ({"shares": (0.5, 0.5, 0.5)}, "sum to 1"),
        ({"extend": "base.jsonl"}, "name the .key.json of the draw"),
    ],
)
def test_a_draw_that_cannot_be_is_refused_and_writes_nothing(
    tmp_path: Path, more: dict[str, Any], said: str
) -> None:
    files = responses(tmp_path)
    given_ = {"n": 5, "out": "lab.csv", **more}
    with chdir(tmp_path), pytest.raises(InputError, match=said):
        draw_labels(files, **given_)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base.jsonl", "tuned.jsonl"]


def test_what_people_wrote_is_never_overwritten(tmp_path: Path) -> None:
    drawn(tmp_path)
    with pytest.raises(InputError, match="may hold what people wrote"):
        drawn(tmp_path)


# -- a set of it ---------------------------------------------------------------------------------


def test_an_import_makes_a_set_that_reads_checks_and_comes_in_versions(tmp_path: Path) -> None:
    files, key = drawn(tmp_path, raters=("ann", "bob"), set_name="mine", rubric="helpfulness")
    for file in files:
        filled(file, longer)
    with chdir(tmp_path):
        first = import_labels(files, key, set_name="mine", created="2026-11-21")
        second = import_labels(files, key, set_name="mine")
        assert (first.set_id, second.set_id) == ("mine@1", "mine@2")
        one = read_label_set("mine@1")
        assert (one.labels, one.rubric, one.raters) == (
            first.labels,
            "helpfulness@1",
            ("ann", "bob"),
        )
        assert check_labels("mine").holds
        report = check_labels(tmp_path / "calibration" / "mine" / "v1" / "labels.jsonl")
        assert report.name == "mine@1"


def test_labels_of_single_answers_make_a_set_with_its_scale(tmp_path: Path) -> None:
    files = responses(tmp_path, systems=("one",))
    done = draw_labels(files, n=4, out=tmp_path / "lab.csv", rubric="helpfulness-single")
    key = read_key(done.key_path)
    scale = key.of_scale()
    assert scale is not None
    rows = filled(done.files[0], lambda _: scale.labels[-1].upper())
    assert len(rows) == 4
    with chdir(tmp_path):
        found = import_labels(done.files, done.key_path, set_name="scored")
        one = read_label_set("scored")
    assert one.scale == replace(scale, tie_label=None)
    assert {label.score for label in found.labels} == {scale.values[-1]}


def test_a_plan_by_name_and_by_file_is_the_same(tmp_path: Path) -> None:
    one = read_label_set("support-synthetic")
    rows = [
        {"item_id": label.item_id, "system_a": label.system_a, "system_b": label.system_b}
        | {"judge": "j", "label": label.label}
        for label in one.labels
        if label.rater == "r1"
    ]
    (tmp_path / "v.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    by_name = plan_labels(tmp_path / "v.jsonl", "support-synthetic")
    assert by_name == plan_labels(tmp_path / "v.jsonl", one.path / "labels.jsonl")
    assert by_name.pilot[0].n == 24
    with pytest.raises(InputError, match="name the labels of the pilot"):
        plan_labels(tmp_path / "v.jsonl")
    with pytest.raises(InputError, match="--rate: the pilot says it"):
        plan_labels(tmp_path / "v.jsonl", "support-synthetic", rate=0.5)


def test_a_label_has_no_field_that_an_import_could_not_fill() -> None:
    """A field that is added to labels must be thought of here."""
    assert set(HumanLabel.__dataclass_fields__) == {
        *("item_id", "rater", "system", "system_a", "system_b", "criterion", "label", "score"),
        *("order_shown", "labelled_at", "inclusion_prob", "split"),
    }
