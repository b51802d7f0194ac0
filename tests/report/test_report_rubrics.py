"""Rubrics as people see them: one in full, all in a table, two by what tells them apart."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from factories import FIVE, pairwise, single
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from judge.errors import InputError
from judge.report import rubric_diff, rubrics
from judge.report.rubrics import Found
from judge.types import Criterion, Rubric, Scale, Wording

STEER = "\x1b[2J\u202eevil"
NOYES = Scale("ordinal", ("no", "yes"), (0.0, 1.0))

VARIED = pairwise(
    variants=(Wording("short", "Compare.", "U"), Wording("long", "Please compare.", "U"))
)
ANCHORED = single(
    criteria=(
        Criterion("accuracy", "Is it right?", {str(n): f"level {n}" for n in range(1, 6)}, 2.0),
        Criterion("tone", "Is it kind?", {"no": "rude", "yes": "kind"}, 1.0, NOYES),
    )
)


# -- one -----------------------------------------------------------------------------------------


def test_a_rubric_shows_scales_weights_anchors_and_how_to_see_a_variant() -> None:
    shown = rubrics.text(ANCHORED, file="mine/v1.toml")
    assert "scale: ordinal, 1 | 2 | 3 | 4 | 5\n" in shown
    assert "file: mine/v1.toml\n" in shown
    assert "  accuracy: Is it right?\n      weight: 2\n      1: level 1\n" in shown
    assert "  tone: Is it kind?\n      scale: ordinal, no = 0 | yes = 1\n      no: rude\n" in shown
    assert "variants" not in shown
    told = rubrics.text(VARIED)
    assert "\n  short\n  long\n  (`judge rubrics show test@1 --variant NAME` shows one)" in told
    assert "tie is a tie" in told


def test_a_variant_shows_its_own_templates_instead_of_the_rubrics() -> None:
    shown = rubrics.text(VARIED, "long")
    assert "wording: the variant long" in shown
    assert "    Please compare.\n" in shown
    assert "You compare two responses." not in shown
    assert "You compare two responses." in rubrics.text(VARIED)


def test_an_unknown_variant_names_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"test@1 has no variant gone; known: short, long"):
        rubrics.text(VARIED, "gone")
    with pytest.raises(InputError, match=r"known: \(none\)"):
        rubrics.text(pairwise(), "gone")


@pytest.mark.parametrize("field", ["description", "system", "user"])
def test_nothing_in_a_rubric_can_steer_the_terminal(field: str) -> None:
    rubric = dataclasses.replace(VARIED, **{field: STEER})
    other = dataclasses.replace(VARIED, criteria=(Criterion(STEER, STEER),))
    found = [Found("x@1", rubric, True), Found(STEER, None, False)]
    for shown in (
        rubrics.text(rubric),
        rubrics.text(other),
        rubrics.overview(found),
        rubric_diff.text(rubric, other),
    ):
        assert shown.replace("\n", "").isprintable()


# -- all -----------------------------------------------------------------------------------------


def test_the_table_has_a_row_of_facts_and_the_description_for_each() -> None:
    found = [
        Found("test@1", pairwise(description="Which is better."), True),
        Found("test-single@1", single(description="How good."), False),
        Found("guided@1", single(needs_reference=True, scale=NOYES), False),
    ]
    assert rubrics.overview(found).splitlines() == [
        "rubric         mode      labels       reference  state",
        "-------------  --------  -----------  ---------  ----------",
        "test@1         pairwise  A, tie, B    –          locked",
        "  Which is better.",
        "test-single@1  single    1 to 5       –          not locked",
        "  How good.",
        "guided@1       single    no, yes      needed     not locked",
    ]


def test_a_rubric_that_cannot_be_used_hides_no_other() -> None:
    table = rubrics.overview([Found("bad@1", None, False), Found("test@1", pairwise(), True)])
    assert "`judge rubrics show bad@1` says why" in table
    assert "test@1" in table


@given(st.lists(st.tuples(st.text(min_size=1), st.text(max_size=200), st.booleans()), max_size=4))
def test_no_line_of_the_table_is_wider_than_80_cells(
    rows: list[tuple[str, str, bool]],
) -> None:
    scale = Scale("ordinal", ("a very long label", "b"), (0.0, 1.0))
    table = rubrics.overview(
        Found(name, single(description=about, scale=scale) if usable else None, usable)
        for name, about, usable in rows
    )
    assert max(map(cell_len, table.split("\n"))) <= 80


# -- two -----------------------------------------------------------------------------------------


def fields(old: Rubric, new: Rubric) -> dict[str, tuple[str, ...]]:
    return {change.field: change.lines for change in rubric_diff.changes(old, new)}


@pytest.mark.parametrize("rubric", [VARIED, ANCHORED], ids=["pairwise", "single"])
def test_a_rubric_differs_in_nothing_from_itself(rubric: Rubric) -> None:
    assert fields(rubric, rubric) == {}
    shown = rubric_diff.text(rubric, rubric)
    assert "Same: there is nothing to tell them apart." in shown
    assert "may be pooled" in shown
    assert shown.count(rubric.fingerprint) == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"mode": "pairwise"}, {"mode": ("- single", "+ pairwise")}),
        ({"needs_reference": True}, {"needs_reference": ("- false", "+ true")}),
        ({"description": "new"}, {"description": ("- ", "+ new")}),
        ({"system": "You score a response.\n"}, {"system": ("  You score a response.", "+ ")}),
        (
            {"scale": dataclasses.replace(FIVE, values=(1.0, 2.0, 3.0, 4.0, 5.5))},
            {
                "scale": (
                    "- ordinal, 1 | 2 | 3 | 4 | 5",
                    "+ ordinal, 1 | 2 | 3 | 4 | 5 = 5.5",
                )
            },
        ),
        (
            {"criteria": (Criterion("clarity", "Is it clear?"), Criterion("tone", "Kind?"))},
            {
                "criteria": ("- accuracy", "  clarity", "+ tone"),
                "criterion accuracy": ("- accuracy: Is it right?",),
                "criterion tone": ("+ tone: Kind?",),
            },
        ),
        (
            {"criteria": single().criteria[::-1]},
            {"criteria": ("+ clarity", "  accuracy", "- clarity")},
        ),
        (
            {"criteria": (single().criteria[0], Criterion("clarity", "Is it clear?", {}, 0.5))},
            {"criterion clarity": ("  clarity: Is it clear?", "+     weight: 0.5")},
        ),
        (
            {"variants": (Wording("w", "S", "U"),)},
            {
                "variants": ("+ w",),
                "variant w": ("+ system:", "+ S", "+ user:", "+ U"),
            },
        ),
    ],
)
def test_each_field_that_changed_is_told_with_its_lines(
    change: dict[str, Any], expected: dict[str, tuple[str, ...]]
) -> None:
    assert fields(single(), single(**change)) == expected


def test_an_anchor_that_changed_is_shown_between_its_neighbours() -> None:
    accuracy = ANCHORED.criteria[0]
    anchors = {**accuracy.anchors, "3": "in between"}
    changed = dataclasses.replace(accuracy, anchors=anchors)
    new = dataclasses.replace(ANCHORED, criteria=(changed, ANCHORED.criteria[1]))
    assert fields(ANCHORED, new) == {
        "criterion accuracy": (
            "      1: level 1",
            "      2: level 2",
            "-     3: level 3",
            "+     3: in between",
            "      4: level 4",
            "      5: level 5",
        )
    }


def test_far_apart_changes_of_a_template_are_parted_by_dots() -> None:
    lines = [f"line {n}" for n in range(20)]
    old = single(system="\n".join(lines))
    new = single(system="\n".join(["first", *lines[1:-1], "last"]))
    told = fields(old, new)["system"]
    assert told == (
        *("- line 0", "+ first", "  line 1", "  line 2", "..."),
        *("  line 17", "  line 18", "- line 19", "+ last"),
    )


@given(st.text(alphabet="ab\n ", max_size=20), st.text(alphabet="ab\n ", max_size=20))
def test_whatever_changes_the_fingerprint_by_a_template_is_shown(one: str, other: str) -> None:
    old, new = single(user=one), single(user=other)
    assert bool(fields(old, new)) == (old.fingerprint != new.fingerprint)


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (single(version=2), "Different in name or version only"),
        (single(version=2, system="x"), "Different in system. Their verdicts stand under two"),
        (single(version=2, system="x"), "compared side by side, on the same items and judges, to"),
        (single(name="other", system="x"), "as answers to two questions."),
        (single(description="x"), "Different in what no judge sees: description. Their verdicts"),
        (single(description="x"), "may be pooled"),
        (pairwise(name="test-single"), "nor compared: one says which of two is better"),
        (single(scale=NOYES), "nor their numbers compared: the scales differ"),
        (
            single(criteria=(Criterion("accuracy", "Is it right?", scale=NOYES),)),
            "Not so the labels of accuracy: the scales differ.",
        ),
    ],
)
def test_what_verdicts_of_both_are_good_for_is_said(new: Rubric, said: str) -> None:
    shown = rubric_diff.text(single(), new)
    assert said in " ".join(shown.split())
    is_one = single().fingerprint == new.fingerprint
    assert ("may not be pooled" in shown) is not is_one
