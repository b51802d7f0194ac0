"""What cannot be known has no value and says why: over everything that an analysis gives.

Estimates are found by looking, so that one which an analysis begins to give is held to this as well.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from judge.aggregate import Analysis, analyze
from judge.analysis.agree_asked import AgreeAsked
from judge.stats.slices import Slice
from judge.table import from_rows
from judge.types import Estimate, HumanLabel

Rows = list[dict[str, Any]]

FEW = AgreeAsked(replicates=99)  # what has no value has none with more resamples either


def pairs(
    n: int,
    label: Callable[[int, str], str | None],
    *,
    judges: Iterable[str] = ("j",),
    orders: Iterable[str] = ("AB", "BA"),
    systems: tuple[str, str] = ("new", "base"),
    lengths: Callable[[int], tuple[int, int]] | None = lambda i: (100 + 7 * i, 150),
    **fields: Any,
) -> Rows:
    """Rows of both orders. label: item, order -> what the judge said in the item's own frame."""
    return [
        {
            "item_id": f"i{i}",
            "system_a": systems[0],
            "system_b": systems[1],
            "judge": judge,
            "label": label(i, order),
        }
        | ({"order": order} if order else {})
        | (dict(zip(("len_a", "len_b"), lengths(i), strict=True)) if lengths else {})
        | fields
        for judge in judges
        for order in orders
        for i in range(n)
    ]


def scores(n: int, score: Callable[[int, str], float | None], **fields: Any) -> Rows:
    return [
        {"item_id": f"i{i}", "system": system, "judge": "j", "score": score(i, system)} | fields
        for system in ("new", "base")
        for i in range(n)
    ]


def mixed(i: int, order: str) -> str:
    """New wins two in three, and a little oftener when it is shown first."""
    return "b" if i % 3 == 0 or (i % 7 == 1 and order == "BA") else "a"


def first_shown(i: int, order: str) -> str:
    return "a" if order == "AB" else "b"


def people(
    said: Callable[[int], str], *raters: str, n: int = 60, **fields: Any
) -> dict[str, list[HumanLabel]]:
    """Labels of pairs. said: item -> what every rater says of it."""
    return {
        "labels": [
            HumanLabel(f"i{i}", r, system_a="new", system_b="base", label=said(i), **fields)
            for i in range(n)
            for r in raters
        ]
    }


def rated(said: Callable[[int], float], *raters: str, n: int = 60) -> dict[str, list[HumanLabel]]:
    """Labels of single answers."""
    return {
        "labels": [
            HumanLabel(f"i{i}", r, system="new", score=said(i)) for i in range(n) for r in raters
        ]
    }


def ab(i: int) -> str:
    return "ab"[i % 2]


LABELLED: dict[str, tuple[str, Rows, dict[str, Any]]] = {
    "labels: one": ("pairwise", pairs(60, mixed), people(ab, "r", n=1)),
    "labels: one of one rater, drawn": (
        "pairwise",
        pairs(60, mixed),
        people(ab, "r", n=1, inclusion_prob=0.5),
    ),
    "labels: one rater": ("pairwise", pairs(60, mixed), people(ab, "r")),
    "labels: a constant judge": ("pairwise", pairs(60, lambda i, o: "a"), people(ab, "r", "s")),
    "labels: constant people": ("pairwise", pairs(60, mixed), people(lambda i: "a", "r", "s")),
    "labels: everybody constant": (
        "pairwise",
        pairs(60, lambda i, o: "a"),
        people(lambda i: "a", "r", "s", "t"),
    ),
    "labels: one item": ("pairwise", pairs(1, mixed), people(ab, "r", "s", "t", n=1)),
    "labels: one cluster": (
        "pairwise",
        pairs(60, mixed, cluster="c"),
        people(ab, "r", "s", "t", n=40, inclusion_prob=0.6),
    ),
    "labels: all verdicts missing": (
        "pairwise",
        pairs(60, lambda i, o: None),
        people(ab, "r", "s", "t", n=40, inclusion_prob=0.6),
    ),
    "labels: raters who share no item": (
        "pairwise",
        pairs(60, mixed),
        {"labels": [*people(ab, "r", n=30)["labels"], *people(ab, "s")["labels"][30:]]},
    ),
    "labels: all of split dev": ("pairwise", pairs(60, mixed), people(ab, "r", "s", split="dev")),
    "labels of scores: constant": (
        "single",
        scores(60, lambda i, s: 1.0 + i % 5),
        rated(lambda i: 3.0, "r", "s"),
    ),
    "labels of scores: constant judge": (
        "single",
        scores(60, lambda i, s: 4.0),
        rated(lambda i: 1.0 + i % 5, "r"),
    ),
    "labels of scores: one item": (
        "single",
        scores(1, lambda i, s: 3.0),
        rated(lambda i: 2.0, "r", "s", n=1),
    ),
    "labels of scores: all missing": (
        "single",
        scores(9, lambda i, s: None),
        rated(lambda i: 3.0, "r", n=9),
    ),
    "labels of scores: a continuum": (
        "single",
        scores(60, lambda i, s: 0.01 * i + (s == "new")),
        rated(lambda i: 0.013 * i, "r", "s"),
    ),
}

CASES: dict[str, tuple[str, Rows, dict[str, Any]]] = {
    "nothing at all": ("pairwise", [], {}),
    "no scores at all": ("single", [], {}),
    "constant ratings": ("single", scores(60, lambda i, s: 4.0), {"baseline": "base"}),
    "ratings of one item": ("single", scores(1, lambda i, s: 3.0), {"baseline": "base"}),
    "ratings without a verdict": ("single", scores(9, lambda i, s: None), {"baseline": "base"}),
    "ratings of one cluster": (
        "single",
        scores(60, lambda i, s: float(1 + i % 5), cluster="c"),
        {"baseline": "base"},
    ),
    "one cluster": ("pairwise", pairs(60, mixed, cluster="c"), {}),
    "one item": ("pairwise", pairs(1, mixed), {}),
    "all ties": ("pairwise", pairs(60, lambda i, o: "tie"), {}),
    "always won": ("pairwise", pairs(60, lambda i, o: "a"), {}),
    "always the first shown": ("pairwise", pairs(60, first_shown), {}),
    "always the longer": (
        "pairwise",
        pairs(60, lambda i, o: "a" if 100 + 7 * i > 150 else "b"),
        {},
    ),
    "single judge": ("pairwise", pairs(60, mixed), {}),
    "two judges of unknown family": ("pairwise", pairs(60, mixed, judges=("j", "k")), {}),
    "one order": ("pairwise", pairs(60, mixed, orders=("AB",)), {}),
    "order not recorded": ("pairwise", pairs(60, mixed, orders=("",)), {}),
    "lengths not known": ("pairwise", pairs(60, mixed, lengths=None), {}),
    "equally long": ("pairwise", pairs(60, mixed, lengths=lambda i: (100, 100)), {}),
    "no pair of nearly equal length": (
        "pairwise",
        pairs(60, mixed, lengths=lambda i: (100 + i, 500)),
        {},
    ),
    "all unparsed": ("pairwise", pairs(60, lambda i, o: None), {}),
    "one order unparsed": (
        "pairwise",
        pairs(60, lambda i, o: None if o == "BA" else mixed(i, o)),
        {},
    ),
    "an empty stratum": (
        "pairwise",
        pairs(60, lambda i, o: None if i < 30 else mixed(i, o)),
        {"slices": [Slice("early", {f"i{i}": str(i < 30) for i in range(60)}, ("True", "False"))]},
    ),
    "systems that never met": (
        "pairwise",
        [
            *pairs(30, mixed),
            *pairs(30, mixed, systems=("other", "another")),
        ],
        {"baseline": "base"},
    ),
    "labels of nothing that was judged": (
        "pairwise",
        pairs(60, mixed),
        {"labels": [HumanLabel("x", "r", system_a="new", system_b="base", label="a")]},
    ),
    "labels without a winner": (
        "pairwise",
        pairs(60, mixed),
        {
            "labels": [
                HumanLabel(f"i{i}", "r", system_a="new", system_b="base", label="tie")
                for i in range(60)
            ]
        },
    ),
    **LABELLED,
}


@cache
def analysed(name: str) -> Analysis:
    mode, rows, options = CASES[name]
    return analyze(from_rows(mode, rows), agree=FEW, **options)  # type: ignore[arg-type]


def estimates(value: Any, path: str = "") -> Iterator[tuple[str, Estimate]]:
    """Every estimate in a result, with its place."""
    if isinstance(value, Estimate):
        yield path, value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from estimates(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from estimates(one, f"{path}[{key}]")
    elif isinstance(value, tuple | list):
        for place, one in enumerate(value):
            yield from estimates(one, f"{path}[{place}]")


@pytest.mark.parametrize("name", CASES)
def test_what_has_no_value_says_why_and_nothing_is_not_a_number(name: str) -> None:
    """No value, then no interval and a note; a value without an interval has a note; never NaN."""
    for path, e in estimates(analysed(name)):
        numbers = [n for n in (e.value, e.se, e.ci_low, e.ci_high) if n is not None]
        assert all(math.isfinite(n) for n in numbers), path
        assert (e.ci_low is None) == (e.ci_high is None), path
        if e.value is None:
            assert (e.se, e.ci_low, e.note != "") == (None, None, True), path
        elif e.ci_low is None:
            assert e.note, path
        else:
            assert e.ci_high is not None
            assert e.ci_low <= e.value <= e.ci_high, path


def number(found: Any, path: str) -> Any:
    """A place in an analysis, as in "comparisons[0].raw"."""
    for part in path.replace("[", ".").replace("]", "").split("."):
        found = found[int(part)] if part.isdigit() else getattr(found, part)
    return found


@pytest.mark.parametrize(
    ("name", "path", "said"),
    [
        ("ratings without a verdict", "scores[0].raw", "9 answers without a score"),
        ("all unparsed", "comparisons[0].raw", "lack a verdict"),
        ("one order unparsed", "comparisons[0].raw", "lack a verdict"),
        ("all unparsed", "comparisons[0].position_adjusted", "no pair has all its verdicts"),
        ("all unparsed", "comparisons[0].length_controlled", "no pair has all its verdicts"),
        ("all unparsed", "judges[0].position.consistency", "no pair has a verdict in both orders"),
        ("all unparsed", "judges[0].position.coefficient", "no pair has all its verdicts"),
        ("order not recorded", "judges[0].position.consistency", "order not recorded"),
        ("order not recorded", "judges[0].position.coefficient", "order not recorded"),
        ("one order", "comparisons[0].position_adjusted", "collinear"),
        ("always the first shown", "comparisons[0].position_adjusted", "separated"),
        ("always the longer", "comparisons[0].length_controlled", "separated"),
        ("always the longer", "judges[0].verbosity.coefficient", "separated"),
        ("lengths not known", "comparisons[0].length_controlled", "length not known"),
        ("lengths not known", "judges[0].verbosity.coefficient", "length not known"),
        ("equally long", "comparisons[0].length_controlled", "equally long"),
        ("no pair of nearly equal length", "comparisons[0].matched_length", "nearly equal length"),
        ("single judge", "comparisons[0].family_adjusted", ""),
        ("two judges of unknown family", "comparisons[2].family_adjusted", "famil"),
        ("single judge", "comparisons[0].human_corrected", "no human labels"),
        ("single judge", "judges[0].repeats.stability", ""),
    ],
)
def test_a_number_that_cannot_be_is_null_with_this_reason(name: str, path: str, said: str) -> None:
    e = number(analysed(name), path)
    assert e.value is None
    assert said in e.note
    assert e.note


@pytest.mark.parametrize(
    ("name", "path", "value", "said"),
    [
        ("one cluster", "comparisons[0].raw", None, "one cluster"),
        ("one cluster", "comparisons[0].position_adjusted", None, "one cluster"),
        ("one cluster", "judges[0].position.preference_fairness", None, "one cluster"),
        ("ratings of one cluster", "scores[0].raw", None, "one cluster"),
        ("constant ratings", "scores[0].raw", 4.0, "every value is the same"),
        ("all ties", "comparisons[0].raw", 0.5, "every value is the same"),
        ("all ties", "comparisons[0].position_adjusted", 0.5, "no spread"),
        ("always won", "comparisons[0].position_adjusted", None, "only the prior"),
    ],
)
def test_a_value_without_a_spread_stands_alone_and_says_why(
    name: str, path: str, value: float | None, said: str
) -> None:
    e = number(analysed(name), path)
    assert e.value is not None
    assert value is None or e.value == pytest.approx(value)
    assert (e.ci_low, e.ci_high) == (None, None)
    assert said in e.note


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[0] == "pairwise"])
def test_nothing_is_concluded_of_what_has_no_value_or_no_spread(name: str) -> None:
    """What decides is the number of the row's basis, and where no judge said anything nothing does."""
    for row in analysed(name).comparisons:
        decides = row.human_corrected if row.basis == "human_corrected" else row.raw
        if row.raw.value is None or decides.value is None:
            assert row.conclusion is None
        elif decides.ci_low is None:
            assert row.conclusion in (None, "no difference shown")


def test_the_slice_without_a_verdict_is_there_with_its_count() -> None:
    found = analysed("an empty stratum")
    empty = [row for row in found.comparisons if row.slice and row.raw.value is None]
    assert [row.raw.n_missing for row in empty] == [30]
    assert empty[0].conclusion is None
