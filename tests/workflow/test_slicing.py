"""Slices and several checkpoints over whole runs: what is chosen, what is refused, what is said."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from judge import api
from judge.errors import InputError
from judge.store import open_store
from judge.table import from_rows
from judge.types import Item, JudgeModel, Response, digest_text
from judge.workflow import judging, reporting, runs, score, slicing
from judge.workflow.analyze import analyzed
from judge.workflow.compare import prepared
from judge.workflow.export import verdict_rows, written
from judge.workflow.options import Options
from judge.workflow.reporting import Result
from judge.workflow.running import World

RIGHT, HALF, WRONG = "From nine to six.", "From nine, I think.", "Blue cheese."

# A judge that knows the answers and is seldom wrong.
SIM = JudgeModel(
    "sim",
    "simulated",
    "sim-fair:skill=40",
    families=frozenset({"x"}),
    parameters={
        "planted": {digest_text(RIGHT): 1.0, digest_text(HALF): 0.5, digest_text(WRONG): 0.0}
    },
    simulated=True,
)


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(judges=(SIM,), store=str(tmp_path / "store.db"), out=tmp_path / "out")


def responses(folder: Path, system: str, texts: Sequence[str], **columns: Sequence[Any]) -> Path:
    """A file of answers; the prompt of item n has about n hundred characters."""
    rows = []
    for n, text in enumerate(texts):
        own = {name: values[n] for name, values in columns.items()}
        prompt = f"When is harbour {n} open? " + "Please be brief. " * 6 * n
        row = {"item_id": f"i{n}", "prompt": prompt, "response": text}
        rows.append(json.dumps({k: v for k, v in (row | own).items() if v is not None}))
    path = folder / f"{system}.jsonl"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def halves(good: int, n: int = 30) -> list[str]:
    """Right answers to the shortest prompts, wrong ones to the others."""
    return [RIGHT if k < good else WRONG for k in range(n)]


def files(folder: Path, **columns: Sequence[Any]) -> tuple[Path, Path]:
    """BASE is half right everywhere; NEW is right on the shorter half and lost on the longer."""
    base = responses(folder, "base", [HALF] * 30, **columns)
    return base, responses(folder, "new", halves(15), **columns)


def ran(base: Path, new: Path | Sequence[Path], options: Options) -> Result:
    return asyncio.run(judging.judged(prepared(base, new, options), options, World()))


def labels(result: Result) -> list[str]:
    rows = [*(result.report.comparisons or []), *(result.report.scores or [])]
    return list(dict.fromkeys(row.slice for row in rows if row.slice))


# -- what is shown by itself ---------------------------------------------------------------------


def test_a_collapse_on_long_prompts_is_seen_at_once(options: Options, tmp_path: Path) -> None:
    result = ran(*files(tmp_path), options)
    text = " ".join(result.text().split())
    head = text[: text.index("Comparisons")]
    assert "new wins 100.0 % on short prompts and 0.0 % on long ones (p < 0.001)" in head
    assert "the whole hides a difference" in head
    assert "By prompt length: share of items that new wins" in text
    assert labels(result) == [f"prompt_length={s}" for s in ("short", "medium", "long")]
    assert (result.report.comparisons or [])[0].slice == ""


def test_where_nothing_differs_one_line_says_what_would_have_been_seen(
    options: Options, tmp_path: Path
) -> None:
    base, _ = files(tmp_path)
    new = responses(tmp_path, "new", [RIGHT if n % 2 else WRONG for n in range(30)])
    text = " ".join(ran(base, new, options).text().split())
    assert "Checked by prompt length: no difference between slices was shown" in text
    assert "hides a difference" not in text


def test_categories_and_prompt_length_are_shown_unless_switched_off(
    options: Options, tmp_path: Path
) -> None:
    base, new = files(tmp_path, category=["fact", "chat"] * 15)
    lengths = [f"prompt_length={s}" for s in ("short", "medium", "long")]
    assert labels(ran(base, new, options)) == ["category=chat", "category=fact", *lengths]
    off = dataclasses.replace(options, slices=("none",))
    result = ran(base, new, off)
    assert (labels(result), result.report.slicings) == ([], None)
    assert "Checked by" not in result.text()


@pytest.mark.parametrize("category", [["one"] * 30, [f"c{n}" for n in range(30)]])
def test_one_category_or_more_than_twenty_are_not_shown_by_themselves(
    category: list[str], options: Options, tmp_path: Path
) -> None:
    result = ran(*files(tmp_path, category=category), options)
    assert all(label.startswith("prompt_length=") for label in labels(result))


def test_scores_have_slices_too(options: Options, tmp_path: Path) -> None:
    base, new = files(tmp_path)
    chosen = dataclasses.replace(options, baseline="base")
    what = score.prepared([base, new], chosen)
    result = asyncio.run(judging.judged(what, chosen, World()))
    assert labels(result) == [f"prompt_length={s}" for s in ("short", "medium", "long")]
    text = " ".join(result.text().split())
    assert "above base on short prompts and" in text
    assert "below base on long ones" in text


# -- what is asked for ---------------------------------------------------------------------------


def test_a_column_of_the_items_makes_slices_also_after_the_run(
    options: Options, tmp_path: Path
) -> None:
    base, new = files(tmp_path, topic=["sea", "land", None] * 10)
    chosen = dataclasses.replace(options, slices=("topic",))
    result = ran(base, new, chosen)
    assert labels(result) == ["topic=land", "topic=sea", "topic=(none)"]
    again = runs.reported(str(result.run_id), options)
    assert again.report.comparisons == result.report.comparisons


def test_numbers_of_a_column_are_cut_into_thirds(options: Options, tmp_path: Path) -> None:
    base, new = files(tmp_path, difficulty=[n / 10 for n in range(30)])
    result = ran(base, new, dataclasses.replace(options, slices=("difficulty",)))
    assert labels(result) == [f"difficulty={s}" for s in ("low", "middle", "high")]
    assert "low is up to 0.9, middle up to 1.9, high is above 1.9" in result.text()


def test_a_column_that_one_file_alone_has_counts_where_nothing_contradicts_it(
    options: Options, tmp_path: Path
) -> None:
    base = responses(tmp_path, "base", [HALF] * 30, topic=["sea", "land"] * 15)
    new = responses(tmp_path, "new", halves(15), seconds=[*range(30)])
    result = ran(base, new, dataclasses.replace(options, slices=("topic",)))
    assert labels(result) == ["topic=land", "topic=sea"]


def test_a_column_in_which_the_systems_differ_is_no_column_of_the_items(tmp_path: Path) -> None:
    own = {"base": {"seconds": 1}, "new": {"seconds": 2}, "topic": "sea"}
    item = Item("i1", ("p",), (Response("base", ("x",)), Response("new", ("y",))), metadata=own)
    assert slicing.of_items([item]).names == ("prompt_length", "topic")


def test_an_unknown_column_is_refused_before_anything_is_asked(
    options: Options, tmp_path: Path
) -> None:
    base, new = files(tmp_path, topic=["sea", "land"] * 15)
    with pytest.raises(InputError, match=r"--slice colour: no such column.*prompt_length, topic"):
        prepared(base, new, dataclasses.replace(options, slices=("colour",)))
    with pytest.raises(InputError, match="--slice none means no slices"):
        prepared(base, new, dataclasses.replace(options, slices=("none", "topic")))


def test_a_column_that_tells_nothing_apart_is_said_to(options: Options, tmp_path: Path) -> None:
    base, new = files(tmp_path, topic=["sea"] * 30)
    result = ran(base, new, dataclasses.replace(options, slices=("topic",)))
    assert labels(result) == []
    assert any("--slice topic: the items are not told apart" in w for w in result.report.warnings)


# -- a table recorded elsewhere ------------------------------------------------------------------


def rows(n: int = 12, **columns: Sequence[Any]) -> list[dict[str, Any]]:
    shared = {"system_a": "new", "system_b": "base", "judge": "j", "label": "a"}
    return [
        {"item_id": f"i{k}", **shared, **{name: v[k] for name, v in columns.items()}}
        for k in range(n)
    ]


def chosen(asked: Sequence[str], *table: dict[str, Any]) -> slicing.Chosen:
    return slicing.chosen(asked, slicing.of_table(from_rows("pairwise", table)))


def test_a_table_has_slices_by_its_category_its_prompts_and_its_own_columns() -> None:
    made = rows(category=["a", "b"] * 6, len_prompt=range(12), topic=["x", "y", "z"] * 4)
    assert [s.name for s in chosen((), *made).slices] == ["category", "prompt_length"]
    (topic,) = chosen(("topic",), *made).slices
    assert topic.values == ("x", "y", "z")


def test_a_table_without_such_columns_has_no_slices_and_says_what_it_has() -> None:
    assert chosen((), *rows()) == slicing.Chosen()
    with pytest.raises(InputError, match="told apart by nothing: their rows have no such columns"):
        chosen(("topic",), *rows())


def test_a_column_of_verdicts_and_not_of_items_is_refused() -> None:
    twice = [
        *rows(mood=["up"] * 12, order=["AB"] * 12),
        *rows(mood=["down"] * 12, order=["BA"] * 12),
    ]
    with pytest.raises(InputError, match=r"--slice mood: item 'i0' has several values"):
        chosen(("mood",), *twice)


def test_a_usual_slicing_that_cannot_be_made_is_a_warning_and_no_error() -> None:
    twice = [
        *rows(category=["up"] * 12, order=["AB"] * 12),
        *rows(category=["down"] * 12, order=["BA"] * 12),
    ]
    found = chosen((), *twice)
    assert found.slices == ()
    assert "no slices by category" in found.warnings[0]


def test_too_few_lengths_are_said() -> None:
    (warning,) = chosen(("prompt_length",), *rows(len_prompt=[5, 9] * 6)).warnings
    assert "fewer than three different lengths" in warning


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_an_export_carries_the_prompts_length_and_gives_the_same_slices(
    ending: str, options: Options, tmp_path: Path
) -> None:
    result = ran(*files(tmp_path), options)
    found = verdict_rows(str(result.run_id), options.store)
    with open_store(options.store) as store:
        lengths = {item.item_id: len(item.prompt[0]) for item in store.items(str(result.run_id))}
    assert {row["item_id"]: row["len_prompt"] for row in found} == lengths
    read = analyzed(written(found, tmp_path / f"v.{ending}"), Options())
    assert read.report.comparisons == result.report.comparisons
    assert read.report.slicings == result.report.slicings


def test_a_slice_that_is_worse_does_not_close_the_gate(options: Options, tmp_path: Path) -> None:
    """23 of 30 are won, and the seven of one category lost: 2 x .5^7 is .016, and after Holm .031."""
    kinds = ["common"] * 23 + ["rare"] * 7
    base, _ = files(tmp_path, category=kinds)
    new = responses(tmp_path, "new", halves(23), category=kinds)
    result = ran(base, new, dataclasses.replace(options, fail_if=("worse",)))
    assert (result.report.comparisons or [])[0].conclusion == "better"
    assert any(r.slice and r.conclusion == "worse" for r in result.report.comparisons or [])
    assert result.exit_code == reporting.DONE


# -- several checkpoints -------------------------------------------------------------------------


def checkpoints(folder: Path) -> tuple[Path, list[Path]]:
    base, _ = files(folder)
    return base, [responses(folder, f"step{n}", halves(n)) for n in (10, 20, 25)]


def test_every_checkpoint_is_held_against_the_base_in_one_run(
    options: Options, tmp_path: Path
) -> None:
    base, new = checkpoints(tmp_path)
    result = ran(base, new, options)
    whole = [row for row in result.report.comparisons or [] if not row.slice]
    assert [(row.system, row.baseline) for row in whole] == [
        ("step10", "base"),
        ("step20", "base"),
        ("step25", "base"),
    ]
    assert [round(30 * (row.raw.value or 0)) for row in whole] == [10, 20, 25]
    assert all("Holm over 3 comparisons" in row.notes[0] for row in whole)
    assert result.report.judges[0].planned == 3 * 30 * 2
    page = result.html()
    assert "step10, step20 and step25 against base" in page


def test_the_best_of_several_checkpoints_is_warned_of(options: Options, tmp_path: Path) -> None:
    base, new = checkpoints(tmp_path)
    (warning,) = (w for w in ran(base, new, options).report.warnings if "best of" in w)
    assert warning.startswith("whoever picks the best of 3 systems (step25)")
    assert "hold out items for the final number" in warning
    assert not any("best of" in w for w in ran(base, new[0], options).report.warnings)


def test_an_item_that_one_checkpoint_lacks_is_left_out_of_its_comparison_alone(
    options: Options, tmp_path: Path
) -> None:
    base, new = checkpoints(tmp_path)
    lines = new[0].read_text("utf-8").splitlines()
    new[0].write_text("\n".join(lines[:-2]) + "\n", encoding="utf-8")
    result = ran(base, new, options)
    counts = {r.system: r.raw.n for r in result.report.comparisons or [] if not r.slice}
    assert counts == {"step10": 28, "step20": 30, "step25": 30}
    assert any(
        "step10 and are left out of its comparison: i28, i29" in w for w in result.report.warnings
    )


def test_python_callers_name_one_file_or_several(tmp_path: Path) -> None:
    base, new = checkpoints(tmp_path)
    shared: dict[str, Any] = {"judges": [SIM], "out": tmp_path / "out"}
    one = api.compare(base, new[0], store=str(tmp_path / "1.db"), **shared)
    two = api.compare(str(base), [str(p) for p in new[:2]], store=str(tmp_path / "2.db"), **shared)
    assert {row.system for row in one.report.comparisons or []} == {"step10"}
    assert {row.system for row in two.report.comparisons or []} == {"step10", "step20"}


def test_compare_without_a_file_to_compare_is_refused(options: Options, tmp_path: Path) -> None:
    base, _ = files(tmp_path)
    with pytest.raises(InputError, match="needs a file of responses to hold against BASE"):
        prepared(base, [], options)
