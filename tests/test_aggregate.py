"""The rules that decide a number: panel, baseline, missing verdicts, conclusions, warnings."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.aggregate import Analysis, Comparison, ScoreRow, analyze
from judge.errors import InputError
from judge.table import from_rows, turned
from judge.types import Estimate

Row = dict[str, Any]


def pair(item: int | str, label: str | None, **fields: Any) -> Row:
    shared = {"item_id": f"i{item}", "system_a": "new", "system_b": "base", "judge": "j"}
    return shared | {"label": label} | fields


def pairs(labels: str, **fields: Any) -> Iterator[Row]:
    """A row per letter: w is won, l lost, t a tie, - could not be read."""
    names = {"w": "a", "l": "b", "t": "tie", "-": None}
    return (pair(item, names[letter], **fields) for item, letter in enumerate(labels))


def answers(scores: list[float | None], **fields: Any) -> Iterator[Row]:
    """A row per score; None could not be read."""
    for item, score in enumerate(scores):
        yield {"item_id": f"i{item}", "system": "new", "judge": "j", "score": score} | fields


def compared(*rows: Row, **options: Any) -> Analysis:
    return analyze(from_rows("pairwise", rows), **options)


def scored(*rows: Row, **options: Any) -> Analysis:
    return analyze(from_rows("single", rows), **options)


def row_of(found: Analysis, judge: str, system: str = "new") -> Comparison:
    (row,) = (r for r in found.comparisons if (r.judge, r.system) == (judge, system))
    return row


def score_of(
    found: Analysis, judge: str = "j", system: str = "new", criterion: str = ""
) -> ScoreRow:
    key = (judge, system, criterion)
    (row,) = (r for r in found.scores if (r.judge, r.system, r.criterion) == key)
    return row


# -- baseline ------------------------------------------------------------------------------------


def test_the_one_system_in_every_pair_is_the_baseline() -> None:
    found = compared(pair(1, "a"), pair(1, "b", system_a="base", system_b="other"))
    assert found.baseline == "base"
    assert {row.system for row in found.comparisons} == {"new", "other"}


def test_of_two_systems_the_first_rows_second_is_the_baseline() -> None:
    turned_round = pair(2, "a", system_a="base", system_b="new")
    assert compared(pair(1, "a"), turned_round).baseline == "base"
    assert compared(turned_round, pair(1, "a")).baseline == "new"


def test_a_named_baseline_goes_before_both() -> None:
    found = compared(*pairs("www"), baseline="new")
    (row,) = found.comparisons
    assert (row.system, row.baseline, row.raw.value) == ("base", "new", 0.0)


def test_without_an_evident_baseline_nothing_is_compared_and_a_warning_says_so() -> None:
    """Three systems, each pair once: none is in all of them."""
    rows = [pair(1, "a"), pair(1, "a", system_b="x"), pair(1, "a", system_a="base", system_b="x")]
    found = compared(*rows)
    assert (found.baseline, found.comparisons) == (None, ())
    assert any("name a baseline" in warning for warning in found.warnings)
    assert len(found.judges) == 1


def test_systems_that_never_met_the_baseline_are_named() -> None:
    rows = [pair(1, "a"), pair(1, "a", system_a="x", system_b="y")]
    found = compared(*rows, baseline="base")
    assert any(w.startswith("never paired with base") and "x, y" in w for w in found.warnings)


@pytest.mark.parametrize("rows", [[pair(1, "a")]])
def test_a_baseline_that_is_not_there_is_refused_with_those_that_are(rows: list[Row]) -> None:
    with pytest.raises(InputError, match=r"no system 'gpt'.*base, new"):
        compared(*rows, baseline="gpt")
    with pytest.raises(InputError, match=r"no system 'gpt'.*new"):
        scored(*answers([1.0]), baseline="gpt")


def test_answers_that_are_not_systems_are_never_compared() -> None:
    table = from_rows("pairwise", pairs("wwl"), comparable=False)
    found = analyze(table)
    assert (found.baseline, found.comparisons) == (None, ())
    assert found.judges[0].ok == 3
    with pytest.raises(InputError, match="none to compare"):
        analyze(table, baseline="base")


# -- panel ---------------------------------------------------------------------------------------


def test_a_sole_judge_has_no_panel_and_concludes_itself() -> None:
    (row,) = compared(*pairs("w" * 12)).comparisons
    assert (row.judge, row.members, row.conclusion, row.basis) == ("j", ("j",), "better", "raw")


def test_three_judges_of_one_family_have_one_vote() -> None:
    """Family x: 1, 1, 1; family y: 0. The panel says .5 and not .75."""
    rows = [*pairs("ll", judge="z", judge_families="y")]
    for judge in ("j1", "j2", "j3"):
        rows += pairs("ww", judge=judge, judge_families="x")
    found = compared(*rows)
    assert row_of(found, "panel").raw.value == 0.5
    assert row_of(found, "panel").members == ("j1", "j2", "j3", "z")
    assert not any("family" in warning for warning in found.warnings)


def test_families_that_overlap_are_one_family() -> None:
    """x+y joins x and y; with z that is two families: (1 + 0) / 2."""
    families = {"j1": "x", "j2": "x+y", "j3": "y"}
    rows = [r for j, f in families.items() for r in pairs("w", judge=j, judge_families=f)]
    rows += pairs("l", judge="j4", judge_families="z")
    assert row_of(compared(*rows), "panel").raw.value == 0.5


def test_families_given_go_before_those_of_the_table() -> None:
    rows = [
        *pairs("w", judge="j1", judge_families="x"),
        *pairs("w", judge="j2", judge_families="x"),
    ]
    rows += pairs("l", judge="j3", judge_families="y")
    given = {"j2": frozenset({"z"})}
    assert row_of(compared(*rows), "panel").raw.value == 0.5
    assert row_of(compared(*rows, families=given), "panel").raw.value == pytest.approx(2 / 3)


def test_judges_without_a_declared_family_are_named_in_one_warning() -> None:
    rows = [r for j in ("j1", "j2", "j3") for r in pairs("w", judge=j)]
    found = compared(*rows, families={"j3": frozenset({"x"})})
    (warning,) = (w for w in found.warnings if "family" in w)
    assert "j1, j2:" in warning


def test_an_item_needs_every_family_in_the_panel() -> None:
    found = compared(*pairs("wlw", judge="j1"), *pairs("w-", judge="j2"))
    panel = row_of(found, "panel").raw
    assert (panel.value, panel.n, panel.n_missing) == (1.0, 1, 2)
    assert (row_of(found, "j2").raw.n, row_of(found, "j2").raw.n_missing) == (1, 1)


def test_an_item_that_a_policy_kept_from_a_judge_is_not_missing_in_the_panel() -> None:
    stopped = pair(1, None, judge="j2", status="not_asked", reason="policy")
    found = compared(*pairs("wl", judge="j1"), pair(0, "a", judge="j2"), stopped)
    panel = row_of(found, "panel").raw
    assert (panel.n, panel.n_missing) == (1, 0)
    assert (row_of(found, "j2").raw.n, row_of(found, "j2").raw.n_missing) == (1, 0)
    judge = next(row for row in found.judges if row.judge == "j2")
    assert (judge.planned, judge.not_asked, judge.missing_share) == (2, 1, 0)


def test_an_item_that_was_stopped_by_the_budget_is_missing() -> None:
    stopped = pair(1, None, status="not_asked", reason="budget")
    found = compared(pair(0, "a"), stopped)
    assert row_of(found, "j").raw.n_missing == 1
    assert found.judges[0].missing_share == 0.5


def test_wordings_of_a_judge_have_rows_and_are_members_of_the_panel() -> None:
    """j: (1 + 0) / 2 over two wordings; k: 1; the panel (.5 + 1) / 2."""
    rows = [*pairs("ww", rubric="h@1"), *pairs("ll", rubric="h@1", variant="v")]
    found = compared(*rows, *pairs("ww", judge="k", rubric="h@1"))
    panel = row_of(found, "panel")
    assert panel.members == ("j (h@1)", "j (h@1, v)", "k")
    assert panel.raw.value == 0.75
    assert (panel.rubric, panel.variant) == ("h@1", "")
    assert [r.raw.value for r in found.comparisons if r.judge == "j"] == [1.0, 0.0]
    assert len(found.judges) == 3


# -- missing verdicts ----------------------------------------------------------------------------


def test_missing_pairs_are_bounded_by_the_worst_and_the_best_case() -> None:
    """Three of four won, one missing: .75 of four if it was lost, 1.0 if it was won."""
    row = row_of(compared(*pairs("www-")), "j")
    assert (row.raw.value, row.raw.n, row.raw.n_missing) == (1.0, 3, 1)
    assert "1 of 4 pairs" in row.raw.note
    assert "0.750" in row.raw.note
    assert "1.000" in row.raw.note


def test_without_any_verdict_there_is_no_number_and_no_conclusion() -> None:
    row = row_of(compared(*pairs("---")), "j")
    assert (row.raw.value, row.raw.n_missing, row.conclusion, row.basis) == (None, 3, None, None)
    assert row.smallest_detectable is None


def test_what_is_not_computed_is_null_with_a_note() -> None:
    found = compared(*pairs("wl"))
    (row,) = found.comparisons
    for estimate in (
        row.length_controlled,
        row.human_corrected,
        found.judges[0].verbosity.coefficient,
    ):
        assert estimate.value is None
        assert estimate.note
    assert row.human_corrected.note == "no human labels"


# -- conclusions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "conclusion"),
    [
        ("w" * 11 + "l", "better"),
        ("l" * 11 + "w", "worse"),
        ("wl" * 6, "no difference shown"),
        ("w" * 5, "no difference shown"),  # 2 x .5^5 = .0625
        ("w" * 6, "better"),  # 2 x .5^6 = .03125
        ("w", "no difference shown"),
    ],
)
def test_the_conclusion_is_what_the_test_shows(labels: str, conclusion: str) -> None:
    (row,) = compared(*pairs(labels)).comparisons
    assert (row.conclusion, row.basis) == (conclusion, "raw")


def test_equivalent_needs_a_stated_margin() -> None:
    labels = "wl" * 60 + "t" * 80
    (without,) = compared(*pairs(labels)).comparisons
    (wide,) = compared(*pairs(labels), equivalence_margin=0.1).comparisons
    (narrow,) = compared(*pairs(labels), equivalence_margin=0.01).comparisons
    assert without.conclusion == "no difference shown"
    assert wide.conclusion == "equivalent"
    assert any("0.1 of 0.5" in note for note in wide.notes)
    assert narrow.conclusion == "no difference shown"


def test_a_judge_that_ties_always_shows_no_equivalence() -> None:
    (row,) = compared(*pairs("t" * 40), equivalence_margin=0.1).comparisons
    assert row.conclusion == "no difference shown"


def test_clusters_that_cancel_show_nothing() -> None:
    """18 items in six clusters of two won and one lost: .667, and no spread to judge it by."""
    rows = [pair(n, "aab"[n % 3], cluster=f"c{n // 3}") for n in range(18)]
    (row,) = compared(*rows, equivalence_margin=0.4).comparisons
    assert row.raw.value == pytest.approx(2 / 3)
    assert (row.conclusion, row.notes, row.smallest_detectable) == ("no difference shown", (), None)
    assert row.raw.note == "no interval: no spread between clusters"


def test_holm_goes_over_the_rows_that_conclude() -> None:
    """p of one system: 2 x .5^6 = .031; as the smallest of three it is .094."""
    alone = compared(*pairs("w" * 6))
    others = [r for s in ("x", "y") for r in pairs("wlwlwl", system_a=s)]
    among = compared(*pairs("w" * 6), *others)
    assert row_of(alone, "j").conclusion == "better"
    assert row_of(among, "j").conclusion == "no difference shown"
    assert any("p = 0.0938" in n and "Holm over 3" in n for n in row_of(among, "j").notes)


def test_judges_of_a_panel_are_not_counted_as_tests() -> None:
    rows = [r for j in ("j1", "j2", "j3") for r in pairs("w" * 6, judge=j)]
    found = compared(*rows)
    assert row_of(found, "panel").conclusion == "better"
    assert {r.conclusion for r in found.comparisons if r.judge != "panel"} == {None}


def test_the_smallest_detectable_difference_stands_with_every_comparison() -> None:
    (row,) = compared(*pairs("wwll" * 5)).comparisons
    assert row.raw.se is not None
    assert row.smallest_detectable == pytest.approx(2.801585 * row.raw.se, rel=1e-6)


@pytest.mark.parametrize(
    "options",
    [{"confidence": 95}, {"confidence": 0.4}, {"equivalence_margin": 5}, {"equivalence_margin": 0}],
)
def test_an_impossible_confidence_or_margin_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(InputError, match=r"give a (share|difference)"):
        compared(*pairs("w"), **options)


# -- scores --------------------------------------------------------------------------------------


def test_scores_average_repeats_and_say_what_is_missing() -> None:
    rows = [*answers([1, 3, None], repeat=1), *answers([3, None, None], repeat=2)]
    raw = score_of(scored(*rows)).raw
    assert (raw.value, raw.n, raw.n_missing) == (2.5, 2, 1)
    assert raw.note == "1 answer without a score left out"


def test_the_difference_is_paired_by_item() -> None:
    """Differences 1, 1, 1: se 0 where the scores themselves vary."""
    rows = [*answers([2, 3, 4]), *answers([1, 2, 3], system="base")]
    found = score_of(scored(*rows, baseline="base")).difference_from_baseline
    assert (found.value, found.se, found.n) == (1.0, 0.0, 3)


def test_the_clusters_of_the_difference_are_those_of_the_items() -> None:
    """Differences 1, 0 in one cluster and 1, 1 in another: mean .75, sums of deviations -+.5, se .25."""
    clusters = ["c0", "c0", "c1", "c1"]
    rows = [*answers([2, 2, 2, 2]), *answers([1, 2, 1, 1], system="base")]
    rows = [row | {"cluster": clusters[int(row["item_id"][1])]} for row in rows]
    found = score_of(scored(*rows, baseline="base")).difference_from_baseline
    assert (found.value, found.n, found.n_clusters) == (0.75, 4, 2)
    assert found.se == pytest.approx(0.25)  # sqrt(2 / 1 x (.25 + .25)) / 4


def test_answers_without_a_counterpart_are_left_out_of_the_difference_and_said() -> None:
    rows = [*answers([2, 3, 4, 5]), *answers([1, None, 4], system="base")]
    found = score_of(scored(*rows, baseline="base")).difference_from_baseline
    assert (found.value, found.n, found.n_missing) == (0.5, 2, 1)
    assert found.note == "1 answer without a counterpart left out"


def test_without_a_baseline_there_is_no_difference_and_a_note() -> None:
    found = scored(*answers([1, 2]))
    row = score_of(found)
    assert (row.difference_from_baseline.value, found.baseline) == (None, None)
    assert row.difference_from_baseline.note == "no baseline named"
    assert row.adjusted.value is None


def test_several_judges_have_a_panel_by_family() -> None:
    """Family x scores (1 + 3) / 2, family y 4: the panel 3."""
    rows = [*answers([1.0], judge_families="x"), *answers([3.0], judge="k", judge_families="x")]
    found = scored(*rows, *answers([4.0], judge="z", judge_families="y"))
    panel = score_of(found, "panel")
    assert (panel.raw.value, panel.members) == (3.0, ("j", "k", "z"))


def test_a_panel_does_not_mix_rubrics() -> None:
    """One rubric goes to 5, the other to 100."""
    rows = [*answers([4.0], rubric="five"), *answers([90.0], judge="k", rubric="hundred")]
    found = scored(*rows)
    assert {(r.judge, r.raw.value) for r in found.scores} == {("j", 4.0), ("k", 90.0)}


def test_a_nominal_criterion_has_no_mean_for_judge_or_panel() -> None:
    rows = [r for j in ("j", "k") for r in answers([None], judge=j, label="warm", criterion="tone")]
    found = scored(*rows, *answers([3.0]))
    nominal = [row for row in found.scores if row.criterion == "tone"]
    assert {row.judge for row in nominal} == {"j", "k", "panel"}
    assert {row.raw.note for row in nominal} == {"labels without numbers have no mean"}


def test_a_failed_answer_to_a_nominal_criterion_is_missing() -> None:
    rows = [
        r
        for j in ("j", "k")
        for label in ("warm", None)
        for r in answers([None], judge=j, label=label, criterion="tone", item_id=f"i-{label}")
    ]
    for row in scored(*rows).scores:
        assert (row.raw.value, row.raw.n_missing) == (None, 1)
        assert row.raw.note == "labels without numbers have no mean"


def test_a_failed_answer_is_missing_under_every_criterion() -> None:
    rows = [*answers([3.0, None]), *answers([2.0], criterion="tone")]
    assert score_of(scored(*rows), criterion="tone").raw.n_missing == 1


# -- how each judge did --------------------------------------------------------------------------


def test_every_status_is_counted_and_planned_is_their_sum() -> None:
    lost = ["unparsed", "refused", "truncated", "failed", "not_asked"]
    rows = [pair(n, None, status=s, reason="budget") for n, s in enumerate(lost)]
    (judge,) = compared(pair("ok", "a"), *rows).judges
    counts = {name: getattr(judge, name) for name in ["ok", *lost]}
    assert counts == dict.fromkeys(["ok", *lost], 1)
    assert judge.planned == 6
    assert judge.missing_share == pytest.approx(5 / 6)
    assert (judge.wanted, judge.missing) == (6, 5)


def test_not_asked_without_a_reason_is_no_missing_verdict() -> None:
    (judge,) = compared(pair(0, "a"), pair(1, None, status="not_asked")).judges
    assert (judge.planned, judge.not_asked, judge.missing_share) == (2, 1, 0)
    assert (judge.wanted, judge.missing) == (1, 0)


def test_a_judge_that_only_a_policy_stopped_lacks_nothing() -> None:
    found = compared(pair(0, None, status="not_asked", reason="policy"))
    assert (found.judges[0].missing_share, found.comparisons) == (0.0, ())


def test_a_single_trial_has_the_first_status_that_is_not_ok() -> None:
    rows = [
        *answers([3.0]),
        *answers([None], criterion="x", status="truncated"),
        *answers([None], criterion="y", status="refused"),
    ]
    (judge,) = scored(*rows).judges
    assert (judge.planned, judge.ok, judge.truncated, judge.refused) == (1, 0, 1, 0)


def test_repeats_of_an_order_give_its_stability() -> None:
    """AB: w, w, l = 2/3; BA: w, w, w = 1."""
    rows = [pair(0, label, repeat=n, order="AB") for n, label in enumerate("aab")]
    rows += [pair(0, "a", repeat=n, order="BA") for n in range(3)]
    (judge,) = compared(*rows).judges
    assert judge.repetition_stability.value == pytest.approx(5 / 6)


def test_single_scores_have_a_stability_and_no_position() -> None:
    (judge,) = scored(*answers([1, 2], repeat=1), *answers([1, 3], repeat=2)).judges
    assert judge.repetition_stability.value == 0.75
    assert judge.position.first_shown_rate.note == "single answers have no order"


def test_what_a_simulated_judge_gave_says_so() -> None:
    found = compared(*pairs("wl"), *pairs("wl", judge="sim", simulated=True))
    assert found.simulated
    assert {row.judge: row.simulated for row in found.judges} == {"j": False, "sim": True}
    assert not compared(*pairs("wl")).simulated


# -- warnings ------------------------------------------------------------------------------------


def test_a_judge_that_lacks_more_than_5_percent_is_named_with_its_counts() -> None:
    found = compared(*pairs("w" * 18 + "--"), *pairs("w" * 19 + "-", judge="k"))
    assert [w for w in found.warnings if "no verdict" in w] == [
        "judge j gave no verdict on 2 of 20 trials (10.0%)"
    ]


def test_few_clusters_are_warned_of() -> None:
    assert any("new 9" in w for w in compared(*pairs("w" * 9)).warnings)
    assert not any("clusters" in w for w in compared(*pairs("w" * 10)).warnings)
    assert any("new 2" in w for w in scored(*answers([1, 2])).warnings)


def test_a_missing_order_is_warned_of_with_the_field_to_log() -> None:
    found = compared(*pairs("wl"), *pairs("wl", judge="k", order="AB"))
    (warning,) = (w for w in found.warnings if "order not recorded" in w)
    assert "for j:" in warning
    assert "`order`" in warning


def test_pairs_in_one_order_among_pairs_in_both_are_warned_of() -> None:
    rows = [*pairs("wll", order="AB"), *pairs("wl", order="BA")]
    assert any("1 of 3 pairs" in w for w in compared(*rows).warnings)
    assert not any("one order" in w for w in compared(*rows[:2], *rows[3:]).warnings)


def one_order_warning(*rows: Row) -> str:
    (warning,) = (w for w in compared(*rows).warnings if "one order" in w)
    return warning


def test_a_system_that_is_always_shown_first_cannot_be_told_from_position() -> None:
    """Written either way round: (new, base) in AB is (base, new) in BA."""
    other_way = {"system_a": "base", "system_b": "new", "order": "BA"}
    rows = [*pairs("wll", order="AB"), pair("x", "a", **other_way)]
    said = one_order_warning(*rows)
    assert said.startswith("4 of 4 pairs (by judge) were asked in one order only")
    assert "all of them show the same system first" in said
    assert "cannot be told apart" in said


def test_nearly_all_first_is_warned_of_like_all_and_a_mixture_is_not() -> None:
    fixed = list(pairs("w" * 39, order="AB"))
    assert "nearly all of them" in one_order_warning(*fixed, pair("x", "a", order="BA"))
    mixed = [pair(n, "a", order=("AB", "BA")[n % 2]) for n in range(20)]
    assert "told apart" not in one_order_warning(*mixed)


def test_a_pair_that_a_policy_stopped_between_its_orders_was_not_asked_in_one_order() -> None:
    stopped = pair(0, None, order="BA", status="not_asked", reason="policy")
    found = compared(pair(0, "a", order="AB"), stopped)
    assert not any("one order" in w for w in found.warnings)


def test_rows_without_an_order_among_rows_with_one_are_counted() -> None:
    rows = [*pairs("wl", order="AB"), *pairs("wl", order="BA"), pair("x", "a")]
    (warning,) = (w for w in compared(*rows).warnings if "`order`" in w)
    assert warning.startswith("1 of 5 rows have no `order`")


def test_labels_that_contradict_their_p_a_are_counted() -> None:
    rows = [
        pair(0, "a", p_a=0.1),
        pair(1, "b", p_a=0.9),
        pair(2, "tie", p_a=0.9),
        pair(3, "a", p_a=0.5),
        pair(4, "b", p_a=0.2),
    ]
    (warning,) = (w for w in compared(*rows).warnings if "p_a" in w)
    assert warning.startswith("label and p_a name different winners in 2 of 5 rows")
    assert not any("p_a" in w for w in compared(*rows[2:]).warnings)


def test_an_empty_table_is_analyzed_to_nothing_with_a_warning() -> None:
    for found in (compared(), scored()):
        assert (found.comparisons, found.scores, found.judges) == ((), (), ())
        assert found.warnings == ("the table has no verdicts",)


# -- invariances ---------------------------------------------------------------------------------


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    """Rows of two judges about two systems and a baseline, in both orders, some without a verdict."""
    return [
        pair(
            item,
            draw(st.sampled_from(["a", "b", "tie", None])),
            system_a=system,
            judge=judge,
            order=order,
            cluster=f"c{item // 2}",
        )
        for item in range(draw(st.integers(1, 5)))
        for system in ("s1", "s2")
        for judge in ("j1", "j2")
        for order in ("AB", "BA")
    ]


def assert_same(left: Analysis, right: Analysis) -> None:
    """Equal but for the rounding of sums."""
    assert list(numbers(left)) == pytest.approx(list(numbers(right)), abs=1e-9, nan_ok=True)
    assert left.warnings == right.warnings


def numbers(found: Analysis) -> Iterator[float]:
    for row in found.comparisons:
        yield from estimate_numbers(row.raw)
    for judge in found.judges:
        yield from (judge.planned, judge.ok, judge.unparsed, judge.position.n_pairs)
        yield -1 if judge.position.p_value is None else judge.position.p_value
        for name in ("consistency", "preference_fairness", "first_shown_rate"):
            yield from estimate_numbers(getattr(judge.position, name))


def estimate_numbers(e: Estimate) -> Iterator[float]:
    for field in dataclasses.fields(e):
        value = getattr(e, field.name)
        if not isinstance(value, str):
            yield float("nan") if value is None else value


@settings(max_examples=12, deadline=None)
@given(tables(), st.data())
def test_neither_the_order_of_rows_nor_the_writing_of_pairs_changes_anything(
    rows: list[Row], data: st.DataObject
) -> None:
    table = from_rows("pairwise", rows)
    expected = analyze(table, baseline="base")
    shuffled = from_rows("pairwise", data.draw(st.permutations(rows)))
    assert_same(analyze(shuffled, baseline="base"), expected)
    some = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    marked = table.frame.index.isin([index for index, chosen in enumerate(some) if chosen])
    assert_same(analyze(turned(table, marked), baseline="base"), expected)


@settings(max_examples=12, deadline=None)
@given(tables())
def test_the_baseline_turned_round_is_one_minus_the_win_rate(rows: list[Row]) -> None:
    only = [row for row in rows if row["system_a"] == "s1"]
    one, other = compared(*only, baseline="base"), compared(*only, baseline="s1")
    for judge in ("j1", "j2", "panel"):
        left, right = row_of(one, judge, "s1").raw, row_of(other, judge, "base").raw
        assert (left.n, left.n_missing) == (right.n, right.n_missing)
        if left.value is not None and right.value is not None:
            assert left.value == pytest.approx(1 - right.value)


def test_a_p_value_is_never_said_to_be_nothing() -> None:
    """100 of 101 items won: t = 49.5 on 100 degrees of freedom, far below what is worth digits."""
    row = row_of(compared(*pairs("w" * 100 + "l"), baseline="base"), "j")
    assert "p < 0.0001 against 0.5" in row.notes
    assert row_of(compared(*pairs("wwl"), baseline="base"), "j").notes[-1].startswith("p = 0.")
