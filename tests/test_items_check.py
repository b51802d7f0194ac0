"""A set of items before anything is spent: each fault is found, and is not found where it is not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from judge.items_check import Issue, ItemsReport, checked
from judge.items_lock import drift, prints
from judge.report.doctor import plain_json
from judge.report.items_check import payload, text
from judge.types import Item, Response

SYSTEMS = ("base", "new")


def item(n: int, prompt: str | None = None, **more: Any) -> Item:
    answers = tuple(Response(s, (f"{s} answers {n}",)) for s in SYSTEMS)
    fields = {"reference": "r", "category": "c", **more}
    words = prompt or " ".join(f"q{n}-{k}" for k in range(12))
    return Item(f"i{n}", (words,), fields.pop("responses", answers), **fields)


def report(*items: Item) -> ItemsReport:
    return checked(items, SYSTEMS)


def issue(name: str, *items: Item) -> Issue:
    (found,) = [one for one in report(*items).issues if one.name == name]
    return found


GOOD = tuple(item(n) for n in range(20))


def test_a_sound_set_has_no_fault_and_every_check_is_listed() -> None:
    assert [(i.name, i.count, i.note) for i in report(*GOOD).issues] == [
        (name, 0, "")
        for name in (
            *("empty_prompts", "empty_responses", "absent_responses", "identical_responses"),
            *("shared_prompts", "duplicates", "near_duplicates"),
            *("references_missing", "categories_missing"),
        )
    ]


@pytest.mark.parametrize(
    ("name", "fault", "first"),
    [
        ("empty_prompts", item(90, prompt=" \n"), "i90"),
        (
            "empty_responses",
            item(90, responses=(Response("base", ("",)), Response("new", ("x",)))),
            "i90 (base)",
        ),
        ("absent_responses", item(90, responses=(Response("base", ("x",)),)), "i90 (new)"),
        (
            "identical_responses",
            item(90, responses=(Response("base", ("same",)), Response("new", ("same",)))),
            "i90 (base = new)",
        ),
        ("shared_prompts", replace(item(90), prompt=GOOD[3].prompt), "i3 = i90"),
        ("duplicates", replace(GOOD[3], item_id="i90"), "i90 = i3"),
        ("near_duplicates", item(90, prompt=GOOD[3].prompt[0] + " more"), "i3 ~ i90 (0.95)"),
        ("references_missing", item(90, reference=None), "i90"),
        ("categories_missing", item(90, category=None), "i90"),
    ],
)
def test_each_fault_is_found_where_it_is(name: str, fault: Item, first: str) -> None:
    """The near duplicate: 24 words with a 25th, 20 of 21 5-grams in common, .952."""
    found = issue(name, *GOOD, fault)
    assert found.first == (first,)
    assert found.count == (2 if name == "shared_prompts" else 1)
    assert found.note


def test_one_prompt_with_other_responses_is_shared_and_no_duplicate() -> None:
    other = replace(item(90), prompt=GOOD[3].prompt)
    assert issue("duplicates", *GOOD, other).count == 0


def test_identical_prompts_are_not_counted_as_near_too() -> None:
    assert issue("near_duplicates", *GOOD, replace(GOOD[3], item_id="i90")).count == 0


def test_responses_that_differ_by_a_space_are_not_identical() -> None:
    pair = (Response("base", ("same",)), Response("new", ("same ",)))
    assert issue("identical_responses", item(1, responses=pair)).count == 0


def test_the_smallest_difference_is_said_of_all_and_of_each_category() -> None:
    """(1.959964 + 0.841621) * 0.5 / sqrt(16) = .35020, / sqrt(4) = .70040; scores twice that."""
    items = [item(n, category="much" if n < 12 else "little") for n in range(16)]
    every, much, little = report(*items).sizes
    assert (every.category, much.category, little.category) == ("", "much", "little")
    assert every.win_rate == pytest.approx(0.35020, abs=1e-5)
    assert every.score == pytest.approx(0.70040, abs=1e-5)
    assert little.win_rate == pytest.approx(0.70040, abs=1e-5)


def test_items_of_one_cluster_show_no_more_than_one() -> None:
    one = report(*(item(n, cluster="c") for n in range(9))).sizes[0]
    assert (one.items, one.clusters) == (9, 1)
    assert one.win_rate == report(item(1)).sizes[0].win_rate


def test_items_without_two_responses_show_no_win_rate() -> None:
    alone = item(1, responses=(Response("base", ("x",)),))
    size = report(alone).sizes[0]
    assert (size.win_rate, size.score is None) == (None, False)


def test_lengths_are_of_the_nearest_rank() -> None:
    """Of 1..20 the 95 % rank is ceil(19) = 19th; the lower median of twenty the 10th."""
    found = report(*(item(n, prompt="x" * n) for n in range(1, 21))).prompts
    assert found is not None
    assert (found.shortest, found.median, found.p95, found.longest) == (1, 10, 19, 20)


def test_an_empty_set_is_reported_and_not_refused() -> None:
    found = report()
    assert (found.items, found.prompts, found.sizes[0].win_rate) == (0, None, None)


def test_the_text_fits_80_columns_and_names_the_first_of_many() -> None:
    hidden = "i\x1b[31m" + "long " * 40
    faulty = [replace(i, item_id=f"{hidden}{n}", reference=None) for n, i in enumerate(GOOD)]
    said = text(report(*faulty), None, None, "x/items.lock")
    assert max(map(len, said.splitlines())) <= 80
    assert "\x1b" not in said
    assert "20 of 20 items" in said
    assert "A rubric that needs a reference refuses such a set" in " ".join(said.split())
    assert "Not locked" in said


def test_many_categories_are_counted_and_not_all_shown() -> None:
    said = text(report(*(item(n, category=f"c{n}") for n in range(30))), None, None, "l")
    assert "and 20 smaller categories" in said


def test_json_holds_every_field_and_the_lock() -> None:
    told = json.loads(plain_json(payload(report(*GOOD), None, None, "l")))
    assert set(told) == {
        *("schema", "items", "clusters", "systems", "prompts", "responses", "sizes", "issues"),
        *("warnings", "lock"),
    }
    assert (told["schema"], told["lock"]) == ("judge.items/1", None)


def test_what_changed_in_an_item_is_told_apart() -> None:
    now = [
        *(replace(GOOD[0], prompt=("other",)), replace(GOOD[1], reference=None)),
        *(replace(GOOD[2], category="d"), replace(GOOD[3], responses=(), cluster="z")),
        *GOOD[5:],
        item(90),
    ]
    found = drift(prints(GOOD), prints(now))
    assert (found.added, found.removed) == (("i90",), ("i4",))
    assert found.changed == {"prompt": ("i0",), "reference": ("i1",), "category": ("i2",)}
