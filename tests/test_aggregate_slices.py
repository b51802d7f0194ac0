"""Slices of the items: a planted collapse is found, nothing is found where nothing is, and the whole
stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.aggregate import Analysis, Comparison, analyze
from judge.analysis.asked import Asked
from judge.analysis.outcome import Outcome, raw
from judge.stats.comparisons import cells
from judge.stats.slices import Slice, by_length, by_value, tells_apart
from judge.stats.slicings import of_comparisons
from judge.table import VerdictTable, from_rows

Row = dict[str, Any]

TOPICS = ("chat", "code", "math")


def verdicts(
    wins: Sequence[str], judges: Sequence[str] = ("j",), system: str = "new", **fields: Any
) -> list[Row]:
    """A row per item and judge: w is won, l lost, t a tie, - could not be read."""
    label = {"w": "a", "l": "b", "t": "tie", "-": None}
    return [
        {"item_id": f"i{n}", "system_a": system, "system_b": "base", "judge": j, "label": label[w]}
        | fields
        for n, w in enumerate(wins)
        for j in judges
    ]


def by(name: str, values: Sequence[str | None]) -> Slice:
    return by_value(name, {f"i{n}": value for n, value in enumerate(values)})


def table(rows: Sequence[Row]) -> VerdictTable:
    return from_rows("pairwise", rows)


def counted(rows: Sequence[Row], by_slice: Slice) -> Outcome:
    """What analyze counts before it fits its models, which slices have no part in."""
    groups = {judge: n for n, judge in enumerate(sorted({row["judge"] for row in rows}))}
    apart = [by_slice] if tells_apart(by_slice, [row["item_id"] for row in rows]) else []
    return raw(table(rows), "base", groups, apart, Asked(slices=[by_slice]))


def sliced(found: Analysis, label: str, judge: str = "j", system: str = "new") -> Comparison:
    key = (label, judge, system)
    (row,) = (r for r in found.comparisons if (r.slice, r.judge, r.system) == key)
    return row


def drawn(n: int, seed: int, rates: Sequence[float]) -> tuple[list[Row], Slice]:
    """n items of growing prompts, won with the rate of their third, and the slices by length."""
    rng = np.random.default_rng(seed)
    third = np.arange(n) * len(rates) // n
    won = rng.random(n) < np.asarray(rates)[third]
    rows = verdicts(["w" if w else "l" for w in won])
    return rows, by_length("prompt_length", {f"i{k}": 10.0 * k for k in range(n)})


# -- the rows ------------------------------------------------------------------------------------


def test_a_slice_has_the_win_rate_of_its_items_and_the_whole_stays_as_it_was() -> None:
    """wwlw on a: .75; llwl on b: .25; .5 in all."""
    rows = table(verdicts("wwlwllwl"))
    topic = by("topic", list("aaaabbbb"))
    found = analyze(rows, slices=[topic])
    assert sliced(found, "topic=a").raw.value == 0.75
    assert sliced(found, "topic=b").raw.value == 0.25
    assert found.comparisons[0] == analyze(rows).comparisons[0]
    assert [row.slice for row in found.comparisons] == ["", "topic=a", "topic=b"]


def test_rows_of_the_whole_come_first_in_their_order() -> None:
    rows = [*verdicts("wl" * 6, ["j", "k"]), *verdicts("lw" * 6, ["j", "k"], system="other")]
    found = analyze(table(rows), slices=[by("topic", TOPICS * 4)])
    plain = analyze(table(rows))
    assert found.comparisons[: len(plain.comparisons)] == plain.comparisons
    rest = found.comparisons[len(plain.comparisons) :]
    assert {row.slice for row in rest} == {f"topic={t}" for t in TOPICS}
    assert {(r.system, r.judge) for r in rest} == {
        (s, j) for s in ("new", "other") for j in ("j", "k", "panel")
    }


def test_items_without_a_value_are_a_slice_of_their_own_and_come_last() -> None:
    found = analyze(table(verdicts("wwllww")), slices=[by("topic", ["b", "a", "b", None, "", "a"])])
    assert [r.slice for r in found.comparisons] == ["", "topic=a", "topic=b", "topic=(none)"]
    assert sliced(found, "topic=(none)").raw.n == 2


def test_a_slicing_that_gives_all_items_one_value_shows_nothing() -> None:
    found = analyze(table(verdicts("wlwl")), slices=[by("topic", ["a"] * 4)])
    assert (len(found.comparisons), found.slicings) == (1, ())


def test_missing_pairs_are_counted_in_their_slice() -> None:
    found = analyze(table(verdicts("ww-wlll-")), slices=[by("topic", list("aaaabbbb"))])
    assert [sliced(found, f"topic={s}").raw.n_missing for s in "ab"] == [1, 1]
    assert "0.750 if all of them were lost" in sliced(found, "topic=a").raw.note


def test_the_panel_of_a_slice_needs_the_families_of_the_whole() -> None:
    """k saw items of a only: in b no item has a panel value, as it has none in the whole."""
    rows = [*verdicts("wwll", ["j"]), *verdicts("ww", ["k"])]
    found = analyze(table(rows), slices=[by("topic", list("aabb"))])
    assert sliced(found, "topic=a", "panel").raw.value == 1.0
    beyond = sliced(found, "topic=b", "panel").raw
    assert (beyond.value, beyond.n_missing) == (None, 2)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from("wlt-"), min_size=4, max_size=20),
    st.lists(st.sampled_from(["a", "b", "c", None]), min_size=20, max_size=20),
)
def test_the_slices_make_up_the_whole(wins: list[str], topics: list[str | None]) -> None:
    """Counts add up, and the mean of the slices by their counts is the win rate of the whole."""
    found = counted(verdicts(wins, ["j", "k"]), by("topic", topics[: len(wins)]))
    for judge in ("j", "k", "panel"):
        own = [row.raw for row in found.comparisons if row.judge == judge]
        whole, parts = own[0], own[1:]
        if not parts:
            continue
        assert sum(e.n for e in parts) == whole.n
        assert sum(e.n_missing for e in parts) == whole.n_missing
        if whole.value is not None:
            total = sum((e.value or 0.0) * e.n for e in parts)
            assert total / whole.n == pytest.approx(whole.value)


# -- conclusions ---------------------------------------------------------------------------------


def test_holm_goes_over_the_slices_shown_apart_from_the_whole() -> None:
    """a: six of six won, p 2 x .5^6 = .031; over two slices .0625. b: three of six, p 1."""
    rows = table(verdicts("wwwwww" + "wlwlwl"))
    found = analyze(rows, slices=[by("topic", list("aaaaaabbbbbb"))])
    row = sliced(found, "topic=a")
    assert (row.conclusion, row.basis) == ("no difference shown", "raw")
    assert row.p_value == pytest.approx(0.0625)
    assert row.notes == ("p = 0.0625 against 0.5, Holm over 2 of 2 slices shown",)
    assert found.comparisons[0].notes == analyze(rows).comparisons[0].notes


def test_holm_goes_over_all_slicings_and_systems() -> None:
    """Two topics and three levels of two systems are ten; a level has four items, too few to test."""
    rows = [*verdicts("w" * 12), *verdicts("wl" * 6, system="other")]
    slices = [by("topic", list("ab") * 6), by("level", list("xyz") * 4)]
    row = sliced(analyze(table(rows), slices=slices), "topic=a")
    assert row.p_value == pytest.approx(4 * 2 * 0.5**6)
    assert row.notes == ("p = 0.125 against 0.5, Holm over 4 of 10 slices shown",)


def test_a_slice_of_few_clusters_has_a_number_and_no_conclusion_and_says_so() -> None:
    found = analyze(table(verdicts("w" * 20)), slices=[by("topic", ["a"] * 16 + ["b"] * 4)])
    few = sliced(found, "topic=b")
    assert (few.raw.value, few.conclusion, few.basis, few.p_value) == (1.0, None, None, None)
    assert few.notes == ("no conclusion from 4 clusters: 5 are needed",)
    many = sliced(found, "topic=a")
    assert many.conclusion == "better"
    assert many.notes[0].endswith("Holm over 1 of 2 slices shown")


def test_judges_of_a_panel_conclude_nothing_in_slices() -> None:
    found = analyze(table(verdicts("w" * 12, ["j", "k"])), slices=[by("topic", list("ab") * 6)])
    concluded = {(r.judge, r.slice) for r in found.comparisons if r.conclusion and r.slice}
    assert concluded == {("panel", "topic=a"), ("panel", "topic=b")}


def test_slices_warn_of_no_few_clusters_of_their_own() -> None:
    found = analyze(table(verdicts("wl" * 10)), slices=[by("topic", ["a"] * 17 + ["b"] * 3)])
    assert not any("clusters" in warning for warning in found.warnings)


# -- whether slices differ -----------------------------------------------------------------------


def test_a_collapse_on_long_prompts_is_found() -> None:
    rows, length = drawn(90, 1, (0.85, 0.6, 0.15))
    found = analyze(table(rows), slices=[length])
    (slicing,) = found.slicings
    assert slicing.differs
    assert slicing.p_value is not None
    assert slicing.p_value < 0.001
    assert slicing.slices == tuple(f"prompt_length={s}" for s in ("short", "medium", "long"))
    assert (slicing.unit, slicing.baseline, slicing.judge) == ("rate", "base", "j")
    assert sliced(found, "prompt_length=short").conclusion == "better"
    assert sliced(found, "prompt_length=long").conclusion == "worse"
    assert found.comparisons[0].conclusion == "no difference shown"


def test_a_table_without_a_difference_is_seldom_accused() -> None:
    """100 tables: 5 is right, and three standard errors of it are 6.5."""
    rows, length = drawn(45, 0, (0.65, 0.65, 0.65))
    (cell,) = cells(table(rows), "base", {"j": 0})
    accused = 0
    for seed in range(100):
        won = np.random.default_rng(seed).random(45) < 0.65
        again = replace(cell, values=cell.values.assign(value=won.astype(float)))
        accused += bool(of_comparisons([again], "base", [length], 0.95)[0].differs)
    assert accused <= 11


def test_holm_goes_over_the_slicings() -> None:
    rows, length = drawn(90, 3, (0.8, 0.65, 0.55))
    alone = analyze(table(rows), slices=[length]).slicings[0].p_value
    others = [by(name, TOPICS * 30) for name in ("topic", "level")]
    among = analyze(table(rows), slices=[length, *others]).slicings[0].p_value
    assert alone is not None
    assert among == pytest.approx(3 * alone)


def test_small_slices_are_left_out_of_the_test_and_said_to_be() -> None:
    topics = ["a"] * 10 + ["b"] * 10 + ["c"] * 4
    (slicing,) = analyze(table(verdicts("wl" * 12)), slices=[by("topic", topics)]).slicings
    assert slicing.slices == ("topic=a", "topic=b")
    assert "1 slice of fewer than 5 clusters of items left out of the test" in slicing.note


def test_one_large_slice_alone_cannot_be_tested_and_says_why() -> None:
    topics = ["a"] * 10 + ["c"] * 4
    (slicing,) = analyze(table(verdicts("wl" * 7)), slices=[by("topic", topics)]).slicings
    assert (slicing.p_value, slicing.differs, slicing.smallest_detectable) == (None, None, None)
    assert "fewer than two slices" in slicing.note


# -- single answers ------------------------------------------------------------------------------


def answers(scores: Sequence[float], system: str = "new", **fields: Any) -> list[Row]:
    return [
        {"item_id": f"i{n}", "system": system, "judge": "j", "score": score} | fields
        for n, score in enumerate(scores)
    ]


def test_overall_scores_have_slices_and_criteria_have_none() -> None:
    rows = [*answers([5, 4, 2, 1]), *answers([3, 3, 3, 3], criterion="tone")]
    found = analyze(from_rows("single", rows), slices=[by("topic", list("aabb"))])
    own = {(row.slice, row.criterion): row.raw.value for row in found.scores}
    assert own == {("", ""): 3.0, ("", "tone"): 3.0, ("topic=a", ""): 4.5, ("topic=b", ""): 1.5}


def test_the_difference_from_the_baseline_is_taken_within_the_slice() -> None:
    rows = [*answers([5, 4, 2, 1]), *answers([3, 3, 3, 3], "base")]
    found = analyze(from_rows("single", rows), baseline="base", slices=[by("topic", list("aabb"))])
    own = {r.slice: r.difference_from_baseline.value for r in found.scores if r.system == "new"}
    assert own == {"": 0.0, "topic=a": 1.5, "topic=b": -1.5}


def test_scores_that_fall_in_a_slice_are_found_and_compared_with_the_baselines() -> None:
    """new falls from 5 to 2 on b, and the baseline from 4 to 1: the difference is the same."""
    rng = np.random.default_rng(8)
    topics = ["a", "b"] * 15
    fall = np.array([0.0 if t == "a" else -3.0 for t in topics])
    rows = [
        *answers((5 + fall + rng.normal(0, 0.5, 30)).tolist()),
        *answers((4 + fall + rng.normal(0, 0.5, 30)).tolist(), "base"),
    ]
    both = from_rows("single", rows)
    alone = {s.system: s for s in analyze(both, slices=[by("topic", topics)]).slicings}
    assert {s: one.differs for s, one in alone.items()} == {"new": True, "base": True}
    (against,) = analyze(both, baseline="base", slices=[by("topic", topics)]).slicings
    assert (against.system, against.baseline, against.differs) == ("new", "base", False)
    assert against.unit == "score"


# -- clusters of very unequal size ---------------------------------------------------------------


def of_clusters(sizes: Sequence[int], wins: Sequence[str], prefix: str = "i") -> list[Row]:
    """verdicts() whose items belong to clusters of these sizes, in their order."""
    clusters = [f"{prefix}{n}" for n, size in enumerate(sizes) for _ in range(size)]
    return [
        row | {"cluster": cluster} for row, cluster in zip(verdicts(wins), clusters, strict=True)
    ]


def test_a_slice_that_one_cluster_fills_concludes_nothing_and_is_not_tested() -> None:
    """16 of 24 items are one document: (16 + 8)^2 / (16^2 + 8) = 2.2 clusters of equal size."""
    rows = of_clusters([16] + [1] * 8 + [1] * 12, "w" * 24 + "wl" * 6)
    topics = by("topic", ["a"] * 24 + ["b"] * 12)
    found = analyze(table(rows), slices=[topics])
    full = sliced(found, "topic=a")
    assert (full.conclusion, full.p_value) == (None, None)
    assert full.notes == (
        "no conclusion: items are so unevenly spread over 9 clusters that they are worth 2.2; 5 are "
        "needed",
    )
    assert found.slicings[0].slices == ("topic=b",)
    assert "1 slice worth fewer than 5 clusters of items left out" in found.slicings[0].note


def test_what_slices_would_have_shown_counts_that_there_are_several() -> None:
    """Four slices: the size that is shown at 5 % / 4, (2.4977 + 0.8416) standard errors."""
    found = analyze(table(verdicts("wwl" * 16)), slices=[by("topic", list("abcd") * 12)])
    row = sliced(found, "topic=a")
    assert row.raw.se is not None
    assert row.smallest_detectable == pytest.approx(3.33933 * row.raw.se, rel=1e-4)


def test_several_claims_of_equivalence_are_corrected_for_being_several() -> None:
    """100 items of even luck: TOST p = .02 alone, .16 as one of eight."""
    wins = "wl" * 50
    alone = analyze(table(verdicts(wins)), equivalence_margin=0.105)
    assert alone.comparisons[0].conclusion == "equivalent"
    many = [row for n in range(8) for row in verdicts(wins, system=f"s{n}")]
    among = analyze(table(many), baseline="base", equivalence_margin=0.105)
    assert {row.conclusion for row in among.comparisons} == {"no difference shown"}


def test_large_numbers_that_differ_are_not_one_slice() -> None:
    found = by_value("id", {"i1": 1_000_001, "i2": 1_000_002, "i3": 0.1})
    assert found.values == ("0.1", "1000001", "1000002")
