"""Files of responses, verdicts and labels are read alike, and a bad row is named."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from pandas.testing import assert_frame_equal

from judge.errors import InputError
from judge.records import (
    _data_folder,
    data_folder,
    read_labels,
    read_responses,
    read_verdicts,
    rows,
)
from judge.types import digest_text

ROOT = Path(__file__).parents[1]
CONTRACT = Path(__file__).parent / "contract"


def write(path: Path, *records: Any) -> Path:
    """The records in the file that the path's ending asks for."""
    names = list(dict.fromkeys(name for record in records for name in record))
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(r) + "\n" for r in records), "utf-8")
    elif path.suffix == ".json":
        path.write_text(json.dumps(records), "utf-8")
    elif path.suffix == ".parquet":
        filled = [{name: record.get(name) for name in names} for record in records]
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(filled), path)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(records)
    return path


def raw(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def refusal(path: Path) -> str:
    """What is said of a file whose rows cannot be read; the file is named."""
    with pytest.raises(InputError) as caught:
        list(rows(path))
    assert str(path) in str(caught.value)
    return str(caught.value)


def response_refusal(*paths: Path, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        read_responses(paths, **options)
    return str(caught.value)


# -- rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["jsonl", "json", "csv", "parquet"])
def test_rows_are_the_same_in_every_kind_of_file(tmp_path: Path, kind: str) -> None:
    records = [
        {"item_id": "i,1", "response": 'Say "yes",\nthen no.', "category": None},
        {"item_id": "i2", "response": "café", "category": "x"},
    ]
    path = write(tmp_path / f"a.{kind}", *records)
    assert [values for _, values in rows(path)] == records


def test_row_numbers_are_those_of_an_editor_or_a_spreadsheet(tmp_path: Path) -> None:
    lines = raw(tmp_path / "a.jsonl", b'{"a":1}\n\n{"a":2}\r\n')
    table = raw(tmp_path / "a.csv", b'a,b\n"x\ny",1\nz,2\n')
    assert list(rows(lines)) == [(1, {"a": 1}), (3, {"a": 2})]
    assert [number for number, _ in rows(table)] == [2, 3]
    assert [number for number, _ in rows(write(tmp_path / "a.json", {}, {}))] == [1, 2]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, {"prompt": "p"})
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert list(next(rows(path))[1]) == ["prompt"]


def test_only_a_line_feed_ends_a_line_of_jsonl(tmp_path: Path) -> None:
    path = raw(tmp_path / "a.jsonl", '{"a": "x\u2028y\x85z"}\n'.encode())
    assert list(rows(path)) == [(1, {"a": "x\u2028y\x85z"})]


def test_jsonl_and_csv_are_streamed(tmp_path: Path) -> None:
    """The first row is there although a later one cannot be read."""
    for name, data in (("a.jsonl", b'{"a":"1"}\n{'), ("a.csv", b"a\n1\n1,2\n")):
        reading = rows(raw(tmp_path / name, data))
        assert next(reading)[1] == {"a": "1"}
        with pytest.raises(InputError):
            next(reading)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"a": 1}\n{"a": "cut o', ["row 2", "not JSON", "cut off"]),
        (b'{"a": NaN}\n', ["row 1", "NaN", "null"]),
        (b'{"a": [-Infinity]}\n', ["row 1", "-Infinity"]),
        (b'{"a": 1e999}\n', ["row 1", "1e999", "too large"]),
        (b'{"a": ' + b"9" * 5000 + b"}\n", ["row 1", "too large"]),
        (b'{"a": 1, "a": 2}\n', ["row 1", "`a`", "twice"]),
        (b'{"a": {"b": 1, "b": 2}}\n', ["row 1", "`b`", "twice"]),
        (b'{"a": 1}\n[1]\n', ["row 2", "list", "not an object"]),
        (b'{"a": 1}{"a": 2}\n', ["row 1", "not JSON"]),
        (b'{"a": 1}\n{"a": "\xff"}\n', ["row 2", "UTF-8"]),
        (b"[" * 100_000, ["row 1", "nested too deep"]),
    ],
)
def test_a_bad_line_of_jsonl_is_named_with_its_remedy(
    tmp_path: Path, data: bytes, said: list[str]
) -> None:
    message = refusal(raw(tmp_path / "a.jsonl", data))
    assert [part for part in said if part not in message] == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"data": [{"a": 1}]}', ["one object", "`data`"]),
        (b'{"a": 1}', ["one object", "put [ ] around it"]),
        (b'{"a": 1}\n{"a": 2}\n', ["not JSON", ".jsonl"]),
        (b"3", ["no list"]),
        (b'[{"a": 1}, 2]', ["row 2", "not an object"]),
        (b"", ["empty"]),
        ('[{"a": 1}]'.encode("utf-16"), ["UTF-8"]),
    ],
)
def test_a_json_file_that_is_no_list_of_objects_is_refused(
    tmp_path: Path, data: bytes, said: list[str]
) -> None:
    message = refusal(raw(tmp_path / "a.json", data))
    assert [part for part in said if part not in message] == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a,b\n1,2,3\n", ["row 2", "3 cells", "header has 2"]),
        (b"a,b\n1,2\n1\n", ["row 3", "1 cells"]),
        (b"a,a\n1,2\n", ["`a` twice"]),
        (b'a,b\n1,"2\n', ["row 2", "quote", "never closed"]),
        (b"a,b\n1,\xff\n", ["row 2", "UTF-8"]),
        (b'a,b\n1,"x\ny"\n2,\xff\n', ["row 3", "UTF-8"]),
        (b"a;b\n1;2\n", ["semicolons", "commas"]),
        (b"a,b\n1,\0\n", ["row 2", "NUL"]),
    ],
)
def test_a_bad_csv_file_is_refused(tmp_path: Path, data: bytes, said: list[str]) -> None:
    message = refusal(raw(tmp_path / "a.csv", data))
    assert [part for part in said if part not in message] == []


def test_a_csv_cell_may_be_as_long_as_a_response(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", {"a": "x" * 300_000})
    assert len(next(rows(path))[1]["a"]) == 300_000


def test_the_nameless_index_column_of_pandas_gets_a_name(tmp_path: Path) -> None:
    assert list(rows(raw(tmp_path / "a.csv", b",a\n0,x\n"))) == [(2, {"column_1": "0", "a": "x"})]


def test_parquet_values_become_what_json_can_carry(tmp_path: Path) -> None:
    record = {"n": float("nan"), "d": date(2024, 5, 1), "x": Decimal("1.5"), "l": [{"k": "v"}]}
    path = write(tmp_path / "a.parquet", record)
    assert list(rows(path)) == [(1, {"n": None, "d": "2024-05-01", "x": 1.5, "l": [{"k": "v"}]})]


@pytest.mark.parametrize(("value", "said"), [(float("inf"), "infinite"), (b"raw", "bytes")])
def test_parquet_values_that_json_cannot_carry_are_refused(
    tmp_path: Path, value: object, said: str
) -> None:
    message = refusal(write(tmp_path / "a.parquet", {"a": 1, "v": value}))
    assert said in message
    assert "row 1, field `v`" in message


def test_long_decimal_ids_of_parquet_do_not_become_one(tmp_path: Path) -> None:
    """As floats both would be 12345678901234567168."""
    ids = ["12345678901234567890", "12345678901234567891"]
    records = [{"item_id": Decimal(i), "prompt": f"p{i}", "response": "r"} for i in ids]
    path = write(tmp_path / "a.parquet", *records)
    assert [item.item_id for item in read_responses([path]).items] == ids
    halves = write(tmp_path / "b.parquet", {"a": Decimal("2.50"), "b": Decimal("2.00")})
    assert [values for _, values in rows(halves)] == [{"a": 2.5, "b": 2}]


def test_a_file_that_only_pretends_to_be_parquet_is_refused(tmp_path: Path) -> None:
    assert "no sound Parquet file" in refusal(raw(tmp_path / "a.parquet", b"PAR1 not at all PAR1"))


def test_without_pyarrow_the_extra_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", {"a": 1})
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from pathlib import Path; from judge.records import rows\n"
        f"list(rows(Path({str(path)!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert "InputError" in done.stderr
    assert "pip install 'judge[parquet]'" in done.stderr


def test_importing_records_loads_neither_pandas_nor_pyarrow() -> None:
    code = "import sys, judge.records; print(*{'pandas', 'pyarrow', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout.strip()) == (0, "")


def test_other_files_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    message = refusal(raw(tmp_path / "a.xlsx", b""))
    assert ".xlsx" in message
    assert ".jsonl, .json, .csv, .parquet" in message
    assert "no such file" in refusal(tmp_path / "missing.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    assert "is a folder" in refusal(tmp_path / "folder.jsonl")


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.parquet"])
def test_a_file_without_rows_is_refused(tmp_path: Path, name: str) -> None:
    data = {"a.jsonl": b"\n", "a.json": b"[]", "a.csv": b"prompt,response\n"}
    path = tmp_path / name
    if name in data:
        raw(path, data[name])
    else:
        pyarrow.parquet.write_table(pyarrow.table({"prompt": pyarrow.array([], "string")}), path)
    assert "holds no rows" in response_refusal(path)
    for read in (read_verdicts, read_labels):
        with pytest.raises(InputError, match="holds no rows"):
            read(path)


# -- responses -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["jsonl", "json", "csv", "parquet"])
def test_two_files_become_items_with_both_responses(tmp_path: Path, kind: str) -> None:
    base = write(
        tmp_path / f"base.{kind}",
        {"instruction": "p1", "output": "b1", "category": "x"},
        {"instruction": "p2", "output": "b2", "category": "y"},
    )
    new = write(
        tmp_path / f"tuned.{kind}",
        {"question": "p2", "answer": "t2"},
        {"question": "p1", "answer": "t1"},
    )
    read = read_responses([base, new])
    assert read.systems == ("base", "tuned")
    assert [item.prompt for item in read.items] == [("p1",), ("p2",)]
    assert [[r.turns[0] for r in item.responses] for item in read.items] == [
        ["b1", "t1"],
        ["b2", "t2"],
    ]
    assert [item.category for item in read.items] == ["x", "y"]
    assert read.items[0].item_id == "p-" + digest_text("p1")[7:23]
    assert (read.unpaired, read.warnings) == ({}, ())
    assert read.mappings == (
        f"{base}: response <- output, prompt <- instruction, category <- category",
        f"{new}: response <- answer, prompt <- question",
    )


def test_many_systems_may_stand_in_one_file(tmp_path: Path) -> None:
    path = write(
        tmp_path / "all.jsonl",
        *({"item_id": 7, "prompt": "p", "response": s, "system": s} for s in "xyz"),
    )
    (item,) = read_responses([path]).items
    assert (item.item_id, item.cluster) == ("7", "7")
    assert [response.system for response in item.responses] == ["x", "y", "z"]


def test_rows_without_item_id_join_the_item_of_their_prompt(tmp_path: Path) -> None:
    """Whichever file comes first."""
    named = write(tmp_path / "a.jsonl", {"item_id": "i1", "prompt": "p", "response": "a"})
    bare = write(tmp_path / "b.jsonl", {"prompt": "p", "response": "b"})
    for paths in ([named, bare], [bare, named]):
        (item,) = read_responses(paths).items
        assert item.item_id == "i1"
        assert {r.system for r in item.responses} == {"a", "b"}


def test_a_row_whose_prompt_belongs_to_two_items_must_say_which(tmp_path: Path) -> None:
    named = write(
        tmp_path / "a.jsonl",
        {"item_id": "i1", "prompt": "p", "response": "a"},
        {"item_id": "i2", "prompt": "p", "response": "a"},
    )
    bare = write(tmp_path / "b.jsonl", {"prompt": "p", "response": "b"})
    message = response_refusal(named, bare)
    assert f"{bare}, row 1, field `item_id`" in message
    assert "'i1'" in message
    assert f"{named}, row 2" in message


def test_an_empty_cell_of_a_csv_is_an_empty_response_and_nothing_else(tmp_path: Path) -> None:
    """A CSV cannot say null: a system that answered nothing would be left out where it lost."""
    data = b"item_id,prompt,response,category,note\n1,p,,,\n2,q,r,,x\n"
    found = read_responses([raw(tmp_path / "s.csv", data)])
    assert [item.responses[0].turns for item in found.items] == [("",), ("r",)]
    assert [(item.category, item.metadata) for item in found.items] == [
        (None, {}),
        (None, {"note": "x"}),
    ]
    assert found.warnings == ("1 of 2 responses of s are empty; they are judged as such",)


@pytest.mark.parametrize("field", ["item_id", "system", "category", "cluster"])
def test_a_lone_surrogate_in_a_name_is_refused_and_in_a_text_kept(
    tmp_path: Path, field: str
) -> None:
    row = {"item_id": "i", "prompt": "p \ud83d", "response": "r \ud83d", "reference": "\ud83d"}
    (item,) = read_responses([write(tmp_path / "a.jsonl", row)]).items
    assert (item.responses[0].turns, item.reference) == (("r \ud83d",), "\ud83d")
    said = response_refusal(write(tmp_path / "b.jsonl", row, row | {field: "x\ud83d"}))
    assert f"b.jsonl, row 2, field `{field}`: 'x\\ud83d' holds half a character (U+D83D)" in said
    assert "write the name without it" in said


def test_a_file_whose_name_is_not_utf_8_names_no_system(tmp_path: Path) -> None:
    path = tmp_path / "x\udcff.jsonl"
    said = response_refusal(write(path, {"prompt": "p", "response": "r"}))
    assert "system 'x\\udcff' holds half a character" in said


def test_a_null_response_is_unpaired_and_an_empty_one_is_kept_and_counted(tmp_path: Path) -> None:
    a = write(
        tmp_path / "a.jsonl",
        *({"prompt": p, "response": r} for p, r in (("p", ""), ("q", None), ("r", "text"))),
    )
    b = write(tmp_path / "b.jsonl", *({"prompt": p, "response": "b"} for p in "pqs"))
    read = read_responses([a, b])
    ids = {item.prompt[0]: item.item_id for item in read.items}
    assert [item.prompt[0] for item in read.items] == ["p", "q", "r", "s"]
    assert read.unpaired == {"a": (ids["q"], ids["s"]), "b": (ids["r"],)}
    assert read.warnings == ("1 of 2 responses of a are empty; they are judged as such",)
    empty = read.items[0].response("a")
    assert empty is not None
    assert empty.turns == ("",)


def test_unknown_columns_are_metadata_of_the_item_or_of_its_response(tmp_path: Path) -> None:
    a = write(
        tmp_path / "a.jsonl",
        {"prompt": "p", "response": "a", "topic": "x", "took_s": 1, "logprobs": [0.5], "b": 1},
    )
    b = write(tmp_path / "b.jsonl", {"prompt": "p", "response": "b", "topic": "x", "took_s": 2})
    (item,) = read_responses([a, b]).items
    assert item.metadata == {
        "topic": "x",
        "a": {"took_s": 1, "logprobs": [0.5], "b": 1},
        "b": {"took_s": 2},
    }


def test_items_of_one_prompt_are_one_cluster_unless_the_file_says(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        {"item_id": "i1", "prompt": "p", "response": "a"},
        {"item_id": "i2", "prompt": "p", "response": "a"},
        {"item_id": "i3", "prompt": "p", "response": "a", "cluster": "own"},
        {"item_id": "i4", "prompt": "q", "response": "a"},
    )
    read = read_responses([path])
    shared = "p-" + digest_text("p")[7:23]
    assert [item.cluster for item in read.items] == [shared, shared, "own", "i4"]
    assert any("3 items share their prompt" in warning for warning in read.warnings)


def test_a_warning_says_where_item_ids_do_not_match_though_prompts_do(tmp_path: Path) -> None:
    a = write(tmp_path / "a.jsonl", {"item_id": "1", "prompt": "p", "response": "a"})
    b = write(tmp_path / "b.jsonl", {"item_id": "x1", "prompt": "p", "response": "b"})
    read = read_responses([a, b])
    assert read.unpaired == {"a": ("x1",), "b": ("1",)}
    assert any("item_ids may not match" in warning for warning in read.warnings)


def test_one_name_for_the_systems_of_two_files_is_refused(tmp_path: Path) -> None:
    a = write(tmp_path / "base.jsonl", {"prompt": "p", "response": "a"})
    b = write(tmp_path / "base.csv", {"prompt": "p", "response": "b"})
    message = response_refusal(a, b)
    assert "'base'" in message
    assert str(a) in message
    assert str(b) in message
    assert "'base'" in response_refusal(a, a)


def test_one_item_twice_for_a_system_is_refused_with_both_rows(tmp_path: Path) -> None:
    row = {"prompt": "p", "response": "a"}
    path = write(tmp_path / "a.jsonl", row, {"prompt": "q", "response": "a"}, row)
    message = response_refusal(path)
    assert f"{path}, row 3" in message
    assert f"{path}, row 1" in message


@pytest.mark.parametrize("name", ["reference", "category", "cluster", "prompt"])
def test_what_an_item_has_once_must_agree_in_all_its_rows(tmp_path: Path, name: str) -> None:
    row = {"item_id": "i", "prompt": "p", "response": "a"}
    a = write(tmp_path / "a.jsonl", {**row, name: "one"})
    b = write(tmp_path / "b.jsonl", {**row, name: "another"})
    message = response_refusal(a, b)
    assert f"{b}, row 1, field `{name}`" in message
    assert f"{a}, row 1" in message


def test_a_reference_in_one_of_two_files_is_the_items(tmp_path: Path) -> None:
    a = write(tmp_path / "a.jsonl", {"prompt": "p", "response": "a"})
    b = write(tmp_path / "b.jsonl", {"prompt": "p", "response": "a", "reference": 42})
    assert read_responses([a, b]).items[0].reference == "42"


def test_map_holds_for_the_files_that_have_the_column(tmp_path: Path) -> None:
    a = write(tmp_path / "a.jsonl", {"prompt": "p", "text": "a", "output": "other"})
    b = write(tmp_path / "b.jsonl", {"prompt": "p", "output": "b"})
    read = read_responses([a, b], columns={"response": "text"})
    assert [r.turns for r in read.items[0].responses] == [("a",), ("b",)]
    assert read.items[0].metadata == {"a": {"output": "other"}}
    assert read.mappings[0] == f"{a}: response <- text, prompt <- prompt"


def test_a_map_to_a_column_that_no_file_has_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"prompt": "p", "response": "a"})
    assert "no file has a column `gold`" in response_refusal(path, columns={"reference": "gold"})


def test_no_file_at_all_is_refused() -> None:
    assert "name at least one" in response_refusal()


# -- verdicts and labels -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["two_systems", "soft_no_order", "single", "half_missing"])
@pytest.mark.parametrize("kind", ["json", "csv", "parquet"])
def test_verdict_tables_read_the_same_from_every_kind_of_file(
    tmp_path: Path, name: str, kind: str
) -> None:
    source = CONTRACT / f"{name}.jsonl"
    records = [values for _, values in rows(source)]
    copy = write(tmp_path / f"{name}.{kind}", *records)
    expected, read = read_verdicts(source), read_verdicts(copy)
    assert read.mode == expected.mode
    assert len(expected.frame) == len(records)
    assert_frame_equal(read.frame, expected.frame)


def test_an_unknown_format_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'nativ'.*native"):
        read_verdicts(tmp_path / "a.jsonl", format="nativ")


def test_a_bad_verdict_is_named_by_its_row_of_the_spreadsheet(tmp_path: Path) -> None:
    row = {"item_id": "i", "system_a": "x", "system_b": "y", "judge": "j", "label": "a"}
    path = write(tmp_path / "v.csv", row, {**row, "item_id": "k", "label": "c"})
    with pytest.raises(InputError, match=r"v\.csv, row 3, field `label`"):
        read_verdicts(path)


def test_labels_are_read_from_csv_as_from_jsonl(tmp_path: Path) -> None:
    records = [
        {"item_id": "1", "rater": "r", "system": "x", "score": 4, "inclusion_prob": 0.5},
        {"item_id": "2", "rater": "r", "system": "x", "label": "5", "split": "test"},
    ]
    lines = read_labels(write(tmp_path / "l.jsonl", *records))
    table = read_labels(write(tmp_path / "l.csv", *records))
    assert lines == table
    assert [label.score for label in lines] == [4.0, None]


# -- data that came with the package -------------------------------------------------------------


def test_data_of_a_checkout_stand_beside_the_package() -> None:
    assert data_folder("rubrics") == ROOT / "rubrics"


def test_data_of_an_installed_copy_are_its_own_and_not_its_neighbours(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "judge"
    (package.parent / "examples").mkdir(parents=True)
    assert _data_folder(package, "examples") == package.parent / "examples"
    (package / "data" / "examples").mkdir(parents=True)
    assert _data_folder(package, "examples") == package / "data" / "examples"
    with pytest.raises(InputError, match="install judge again"):
        _data_folder(package, "rubrics")
