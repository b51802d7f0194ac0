"""What a verdict table supports: each finding where its fields are there, and where they are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from judge.doctor import Diagnosis, Finding
from judge.doctor.files import of_verdicts
from judge.table import from_rows, mode_of
from judge.types import HumanLabel

FAMILIES = {
    "j1": frozenset({"north"}),
    "j2": frozenset({"south"}),
    "new": frozenset({"north"}),
    "base": frozenset({"east"}),
}


def row(item: int, judge: str = "j1", **more: Any) -> dict[str, Any]:
    shared = {"system_a": "new", "system_b": "base", "judge": judge, "label": "a"}
    return {"item_id": f"i{item}", **shared, **more}


def rows(items: int = 40, judge: str = "j1", **more: Any) -> list[dict[str, Any]]:
    """One verdict an item and order, who wins changing from item to item."""
    return [
        row(n, judge, order=order, label="ab"[n % 2], **more)
        for n in range(items)
        for order in ("AB", "BA")
    ]


def label(item: int, rater: str = "r1", said: str = "a", **more: Any) -> HumanLabel:
    return HumanLabel(f"i{item}", rater, system_a="new", system_b="base", label=said, **more)


def labels(items: int, *raters: str, **more: Any) -> list[HumanLabel]:
    return [label(n, rater, "ab"[n % 2], **more) for n in range(items) for rater in raters]


def diagnosis(
    found: Sequence[Mapping[str, Any]],
    said: Sequence[HumanLabel] = (),
    *,
    comparable: bool = True,
    families: Mapping[str, frozenset[str]] | None = None,
) -> Diagnosis:
    mode = mode_of({name for one in found for name in one})
    return of_verdicts(from_rows(mode, found, comparable=comparable), said, families=families or {})


def finding(name: str, *given: Any, **more: Any) -> Finding:
    (found,) = [f for f in diagnosis(*given, **more).findings if f.name == name]
    return found


def without(found: Sequence[Mapping[str, Any]], *names: str) -> list[dict[str, Any]]:
    """The same rows with those columns empty, one row for each that then differ."""
    kept = [{k: v for k, v in one.items() if k not in names} for one in found]
    return [one for n, one in enumerate(kept) if one not in kept[:n]]


# -- position and repeats ------------------------------------------------------------------------


def test_no_order_is_not_identified_and_says_what_to_log() -> None:
    found = finding("position", without(rows(), "order"))
    assert found.standing == "not_identified"
    assert found.reason == "order is recorded on 0 of 40 rows"
    assert found.remedy.startswith("log `order`: AB where system_a was shown first")
    assert found.fields == ("order",)


def test_both_orders_make_position_available() -> None:
    found = finding("position", rows())
    assert (found.standing, found.reason) == (
        "available",
        "verdicts in both orders on 40 of 40 pairs (by judge and wording)",
    )


def test_one_order_does_not_measure_position() -> None:
    found = finding("position", [r for r in rows() if r["order"] == "AB"])
    assert (found.standing, found.reason) == (
        "not_identified",
        "no pair was asked in both orders",
    )


def test_a_pair_that_lacks_a_verdict_in_one_order_does_not_count_as_both() -> None:
    lost = [r | ({"label": ""} if r["order"] == "BA" else {}) for r in rows()]
    found = finding("position", lost)
    assert found.standing == "not_identified"
    assert "40 pairs asked in both orders lack a verdict in one" in found.reason


def test_many_lost_orders_limit_position_and_few_do_not() -> None:
    def lost(n: int) -> list[dict[str, Any]]:
        return [{**r, "label": ""} if i < n else r for i, r in enumerate(rows())]

    assert finding("position", lost(2)).standing == "available"  # 2 rows of one pair: 2.5 %
    assert finding("position", lost(8)).standing == "limited"  # 4 pairs of 40: 10 %


def test_a_judge_without_an_order_is_named() -> None:
    found = finding("position", [*rows(), *without(rows(judge="j2"), "order")])
    assert found.standing == "limited"
    assert "order is recorded on 80 of 120 rows" in found.reason
    assert "j2 without a pair in both orders" in found.reason


@pytest.mark.parametrize("name", ["order_noise", "repetition_stability"])
def test_repeats_in_the_same_order_tell_noise(name: str) -> None:
    found = finding(name, rows())
    assert found.standing == "not_identified"
    assert found.fields == ("repeat",)
    again = [*rows(repeat=1), *rows(12, repeat=2)]
    found = finding(name, again)
    assert found.standing == "available"
    assert "24" in found.reason  # 12 items in two orders


def test_the_other_order_is_not_a_repeat() -> None:
    assert finding("repetition_stability", rows()).reason == (
        "0 of 80 questions were answered more than once"
    )


def test_repeats_without_both_orders_measure_stability_and_not_position() -> None:
    again = [r for r in [*rows(repeat=1), *rows(repeat=2)] if r["order"] == "AB"]
    assert finding("repetition_stability", again).standing == "available"
    assert finding("order_noise", again).standing == "not_identified"


# -- win rates -----------------------------------------------------------------------------------


def test_a_win_rate_of_both_orders_is_available_with_what_it_cannot_show() -> None:
    found = finding("win_rate", rows())
    assert found.standing == "available"
    # (1.959964 + 0.841621) * 0.5 / sqrt(40) = 0.22149
    assert "40 independent items; a difference under 22.1 points may go unseen" in found.reason


def test_items_of_one_cluster_are_one_independent_item() -> None:
    found = finding("win_rate", [{**r, "cluster": "c"} for r in rows()])
    assert found.standing == "limited"
    assert "one cluster of items has no interval" in found.reason


def test_without_an_order_position_may_be_part_of_a_win_rate() -> None:
    found = finding("win_rate", without(rows(), "order"))
    assert (found.standing, found.fields) == ("limited", ("order",))


def test_one_order_limits_a_win_rate_only_where_it_is_always_the_same() -> None:
    fixed = [r for r in rows() if r["order"] == "AB"]
    drawn = [r for n, r in enumerate(rows()) if (n % 4 == 0 or n % 4 == 3)]
    assert len(drawn) == len(fixed) == 40
    assert "the same system first" in finding("win_rate", fixed).reason
    assert finding("win_rate", drawn).standing == "available"


def test_one_order_is_the_same_order_however_the_pair_is_written() -> None:
    """(new, base, AB) and (base, new, BA) both show new first."""
    fixed = [r for r in rows() if r["order"] == "AB"]
    turned = {"system_a": "base", "system_b": "new", "order": "BA"}
    mixed = [{**r, **turned} if n % 2 else r for n, r in enumerate(fixed)]
    assert "the same system first" in finding("win_rate", mixed).reason


def test_texts_that_are_not_systems_have_no_win_rate_panel_ranking_correction_or_gate() -> None:
    both = [*rows(), *rows(judge="j2")]
    for name in ("win_rate", "panel", "ranking", "correction", "gates", "self_preference"):
        found = finding(name, both, labels(40, "r1"), comparable=False)
        assert found.standing == "not_identified", name
        assert "not the answers of two systems" in found.reason
    assert finding("agreement", both, labels(40, "r1"), comparable=False).standing == "available"


def test_three_systems_in_a_ring_have_no_evident_baseline_and_no_gate() -> None:
    ring = [
        {**r, "system_a": a, "system_b": b}
        for a, b in (("x", "y"), ("y", "z"), ("z", "x"))
        for r in rows()
    ]
    assert "--baseline" in finding("win_rate", ring).remedy
    assert finding("gates", ring).standing == "not_identified"
    assert finding("ranking", ring).standing == "available"


def test_a_table_that_a_policy_cut_short_concludes_nothing_by_itself() -> None:
    left = rows(20, status="not_asked", reason="policy")
    cut = [*rows(), *({**r, "item_id": f"x{r['item_id']}", "label": None} for r in left)]
    for name in ("win_rate", "gates"):
        found = finding(name, cut)
        assert found.standing == "limited"
        assert "40 trials were stopped by a policy" in found.reason


def test_lost_verdicts_limit_a_win_rate() -> None:
    lost = [{**r, "label": ""} if n < 8 else r for n, r in enumerate(rows())]
    assert "4 of 40 pairs (by judge) lack a verdict" in finding("win_rate", lost).reason


def test_a_table_without_a_verdict_supports_nothing_and_breaks_nothing() -> None:
    empty = [{**r, "label": ""} for r in rows()]
    found = diagnosis(empty, labels(40, "r1", "r2"))
    assert {f.standing for f in found.findings if f.name != "category_slices"} == {"not_identified"}
    assert found.needs == ()


# -- panel, ranking, slices ----------------------------------------------------------------------


def test_a_panel_takes_two_judges_on_the_same_items_with_declared_families() -> None:
    assert finding("panel", rows()).reason == "one judge (j1)"
    both = [*rows(), *rows(judge="j2")]
    assert finding("panel", both, families=FAMILIES).standing == "available"
    assert "no family is declared for j1, j2" in finding("panel", both).reason
    apart = [*rows(), *({**r, "item_id": f"x{r['item_id']}"} for r in rows(judge="j2"))]
    found = finding("panel", apart, families=FAMILIES)
    assert (found.standing, found.reason) == (
        "not_identified",
        "0 of 80 pairs have a value from every family",
    )


def test_judges_of_one_family_are_one_vote() -> None:
    both = [*rows(), *rows(judge="j2")]
    alike = {"j1": frozenset({"north"}), "j2": frozenset({"north"})}
    assert "have one vote" in finding("panel", both, families=alike).reason


def test_families_of_the_table_count_as_declared() -> None:
    both = [*rows(judge_families="north"), *rows(judge="j2", judge_families="south")]
    assert finding("panel", both).standing == "available"


def test_systems_that_never_met_are_not_ranked() -> None:
    apart = [*rows(), *({**r, "system_a": "x", "system_b": "y"} for r in rows())]
    found = finding("ranking", apart)
    assert found.standing == "not_identified"
    assert "2 groups that never met" in found.reason


def test_two_systems_are_compared_and_not_ranked() -> None:
    found = finding("ranking", rows())
    assert found.standing == "not_identified"
    assert "three or more" in found.reason


def test_each_judge_must_join_all_systems_for_a_ranking() -> None:
    apart = [*rows(), *({**r, "system_b": "third", "judge": "j2"} for r in rows())]
    found = finding("ranking", apart)
    assert found.standing == "not_identified"
    assert "the pairs judged by j1" in found.reason


def test_a_system_that_always_wins_has_no_strength_of_its_own() -> None:
    third = [
        {**r, "system_a": "top", "system_b": b, "label": "a"}
        for b in ("new", "base")
        for r in rows()
    ]
    found = finding("ranking", [*rows(), *third])
    assert found.standing == "limited"
    assert "a prior bounds them" in found.reason


def test_categories_are_counted_in_independent_items() -> None:
    by_category = [{**r, "category": "early" if n < 20 else "late"} for n, r in enumerate(rows())]
    assert finding("category_slices", by_category).reason == (
        "2 categories of 10 to 30 independent items"
    )
    assert finding("category_slices", rows()).fields == ("category",)
    assert finding("category_slices", rows(category="one")).standing == "not_identified"


# -- length, families, wording -------------------------------------------------------------------


def lengths(a: Sequence[int], b: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {**r, "len_a": a[n // 2 % len(a)], "len_b": b[n // 2 % len(b)]}
        for n, r in enumerate(rows(60))
    ]


def test_lengths_are_needed_and_must_differ() -> None:
    assert finding("length", rows()).fields == ("len_a", "len_b")
    assert finding("length", lengths([10], [10])).standing == "not_identified"
    assert finding("length", lengths([10, 30], [20, 20])).standing == "available"


def test_length_that_goes_with_the_system_cannot_be_told_from_it() -> None:
    """Differences 90 and 110: x = tanh(d / sqrt((90^2 + 110^2) / 2)) is .711, .798.

    R2 = mean(x)^2 / mean(x^2) = .5693 / .5712 = .997, so the variance grows by more than 10.
    """
    found = finding("length", lengths([100, 120], [10, 10]))
    assert "one system is nearly always the longer" in found.reason


def test_few_pairs_are_too_few_for_length() -> None:
    few = lengths([10, 30], [20, 20])[:98]  # 49 pairs
    assert "49 pairs are under the 50" in finding("length", few).reason


def test_the_comparison_with_fewest_pairs_decides_whether_they_are_too_few_for_length() -> None:
    """60 pairs in all, 40 and 20 of two comparisons: neither has the 50 that control takes."""
    both = [
        {**r, "system_a": "new" if n < 80 else "other"}
        for n, r in enumerate(lengths([10, 30], [20, 20]))
    ]
    assert "20 pairs are under the 50" in finding("length", both).reason


def test_scores_of_people_say_how_much_of_length_is_bias() -> None:
    answers = [
        {"item_id": f"i{n}", "system": "new", "judge": "j1", "score": n % 5, "len": 100 + n}
        for n in range(60)
    ]
    alone = finding("length", answers)
    assert alone.standing == "limited"
    assert "--padded" in alone.remedy
    said = [
        HumanLabel(f"i{n}", "r1", system="new", label=None, score=float(n % 4)) for n in range(60)
    ]
    assert finding("length", answers, said).standing == "available"


def test_self_preference_takes_a_judge_of_the_systems_family_and_one_of_another() -> None:
    both = [*rows(), *rows(judge="j2")]
    found = finding("self_preference", both, families=FAMILIES)
    assert found.standing == "available"
    assert "answers of j1's own family, and others judged them too" in found.reason
    alone = finding("self_preference", rows(), families=FAMILIES)
    assert alone.standing == "not_identified"
    assert "add a judge of another family" in alone.reason


def test_people_do_not_take_the_place_of_a_judge_of_another_family() -> None:
    said = labels(40, "r1")
    found = finding("self_preference", rows(), said, families=FAMILIES)
    assert found.standing == "not_identified"


def test_an_undeclared_judge_is_no_witness_against_the_family() -> None:
    known = {name: found for name, found in FAMILIES.items() if name != "j2"}
    both = [*rows(), *rows(judge="j2")]
    assert finding("self_preference", both, families=known).standing == "not_identified"


def test_a_judge_of_no_systems_family_has_nothing_to_prefer() -> None:
    found = finding("self_preference", rows(judge="j2"), families=FAMILIES)
    assert (found.standing, found.remedy) == ("not_identified", "")


def test_several_rubrics_are_not_several_wordings() -> None:
    two = [*rows(rubric="x@1"), *rows(rubric="y@1")]
    found = finding("wording", two)
    assert found.standing == "not_identified"
    assert "2 rubrics are 2 questions" in found.reason


def test_wordings_need_repeats_to_be_told_from_noise() -> None:
    two = [*rows(rubric="x@1"), *rows(rubric="x@1", variant="short")]
    assert finding("wording", two).fields == ("repeat",)
    again = [*two, *rows(12, rubric="x@1", repeat=2)]
    assert finding("wording", again).standing == "available"


# -- people --------------------------------------------------------------------------------------


def test_without_labels_all_that_needs_people_says_so() -> None:
    for name in ("agreement", "human_ceiling", "alt_test", "correction", "selective"):
        found = finding(name, rows())
        assert (found.standing, found.reason) == ("not_identified", "no labels by people")
        assert "--labels" in found.remedy


def test_labels_meet_verdicts_however_the_pair_is_written() -> None:
    turned = [
        HumanLabel(f"i{n}", "r", system_a="base", system_b="new", label="ab"[n % 2])
        for n in range(40)
    ]
    found = diagnosis(rows(), turned)
    assert found.labels is not None
    assert (found.labels.units, found.labels.judged) == (40, 40)


def test_labels_of_other_systems_do_not_count() -> None:
    other = [HumanLabel("i1", "r", system_a="new", system_b="other", label="a")]
    found = finding("agreement", rows(), other)
    assert found.reason == "none of the 1 labelled pairs has a verdict"


def test_labels_of_answers_beside_verdicts_on_pairs_are_warned_of() -> None:
    found = diagnosis(rows(), [HumanLabel("i1", "r", system="new", score=3.0)])
    assert found.warnings == ("1 of 1 labels are not of pairs, as the verdicts are",)


def test_few_labels_limit_agreement_and_one_class_leaves_kappa_without_a_value() -> None:
    assert finding("agreement", rows(), labels(30, "r1")).standing == "available"
    assert "fewer than 30" in finding("agreement", rows(), labels(29, "r1")).reason
    same = [label(n) for n in range(40)]
    assert "kappa and alpha have no value" in finding("agreement", rows(), same).reason


def test_a_judge_without_a_verdict_on_what_is_labelled_is_named() -> None:
    other = [{**r, "item_id": f"x{r['item_id']}"} for r in rows(judge="j2")]
    found = finding("agreement", [*rows(), *other], labels(40, "r1"))
    assert "j2: no verdict on what is labelled" in found.reason


def test_the_human_ceiling_takes_two_raters_of_one_thing() -> None:
    found = finding("human_ceiling", rows(), labels(40, "r1"))
    assert found.reason == "0 of 40 labelled pairs have two raters or more"
    both = [*labels(40, "r1"), *labels(35, "r2")]
    assert finding("human_ceiling", rows(), both).standing == "available"
    assert finding("alt_test", rows(), both).standing == "limited"
    assert finding("alt_test", rows(), labels(40, "a", "b", "c")).standing == "available"
    assert finding("alt_test", rows(), labels(29, "a", "b", "c")).standing == "not_identified"


def test_correction_takes_a_random_part_that_says_how_it_was_drawn() -> None:
    drawn = labels(30, "r1", inclusion_prob=0.75)
    assert finding("correction", rows(), drawn).standing == "available"
    bare = finding("correction", rows(), labels(30, "r1"))
    assert (bare.standing, bare.fields) == ("not_identified", ("inclusion_prob",))
    assert "recorded on 0 of these 30, and labels that were picked by hand" in bare.reason
    assert "judge labels draw" in bare.remedy
    few = finding("correction", rows(), labels(29, "r1", inclusion_prob=0.75))
    assert (few.standing, "decides nothing" in few.reason) == ("limited", True)
    tried = labels(30, "r1", inclusion_prob=0.75, split="dev")
    assert finding("correction", rows(), tried).standing == "not_identified"
    assert finding("correction", rows(), labels(14, "r1")).standing == "not_identified"


def test_judging_alone_takes_enough_labels_to_find_a_threshold_on() -> None:
    """22 units, none wrong, are the fewest that show at most 0.1 wrong but for a chance of 0.1."""
    assert finding("selective", rows(60), labels(43, "r1")).standing == "not_identified"
    assert "takes 22" in finding("selective", rows(60), labels(43, "r1")).reason
    assert finding("selective", rows(60), labels(44, "r1")).standing == "limited"
    assert finding("selective", rows(60), labels(60, "r1")).standing == "available"
    calib = labels(22, "r1", split="calib")
    assert "22 (of split calib)" in finding("selective", rows(60), calib).reason
    split = [label(n, rater, said) for n in range(60) for rater, said in (("x", "a"), ("y", "b"))]
    assert finding("selective", rows(60), split).reason.startswith("0 pairs on which most raters")


def test_where_everything_is_labelled_there_is_nothing_to_correct() -> None:
    found = finding("correction", rows(), labels(40, "r1", inclusion_prob=1.0))
    assert found.standing == "limited"
    assert "the people's own rate is the answer" in found.reason


def test_calibration_takes_probabilities_and_not_labels_in_disguise() -> None:
    said = labels(40, "r1")
    soft = [{**r, "p_a": 0.5 + (n % 7) / 20, "label": ""} for n, r in enumerate(rows())]
    hard = [{**r, "p_a": float(r["label"] == "a")} for r in rows()]
    assert finding("calibration", rows(), said).fields == ("p_a",)
    assert finding("calibration", hard, said).reason == "p_a has two values at most"
    assert finding("calibration", soft, said).reason == "40 pairs with p_a and a label; under 50"
    assert finding("calibration", soft).reason == "no labels by people"


# -- single answers ------------------------------------------------------------------------------


def answers(**more: Any) -> list[dict[str, Any]]:
    shared = {"judge": "j1", "score": 3, **more}
    return [
        {"item_id": f"i{n}", "system": s, **shared, "score": 1 + n % 5}
        for n in range(40)
        for s in ("new", "base")
    ]


def test_scores_are_available_and_what_is_of_pairs_is_not() -> None:
    names = {f.name: f.standing for f in diagnosis(answers()).findings}
    assert names["scores"] == "available"
    assert names["position"] == names["gates"] == names["ranking"] == "not_identified"


def test_labels_of_a_nominal_scale_are_no_scores() -> None:
    bare = [{k: v for k, v in r.items() if k != "score"} | {"label": "good"} for r in answers()]
    found = finding("scores", bare)
    assert (found.standing, found.fields) == ("not_identified", ("score",))


def test_criteria_meet_the_labels_of_the_same_criterion_alone() -> None:
    said = [HumanLabel(f"i{n}", "r", system="new", criterion="tone", score=2) for n in range(40)]
    assert finding("agreement", answers(), said).standing == "not_identified"
    assert finding("agreement", answers(criterion="tone"), said).standing == "limited"


def test_every_finding_has_a_reason_and_a_stable_name() -> None:
    pairs, single = diagnosis(rows()), diagnosis(answers())
    assert [f.name for f in pairs.findings] == [
        *("win_rate", "panel", "category_slices", "prompt_length_slices", "ranking", "gates"),
        *("position", "order_noise", "repetition_stability", "length", "self_preference"),
        *("wording", "agreement", "human_ceiling", "alt_test", "correction"),
        *("selective", "calibration"),
    ]
    assert [f.name for f in single.findings][1:] == [f.name for f in pairs.findings][1:]
    assert all(f.reason and f.title for f in (*pairs.findings, *single.findings))
    for f in (*pairs.findings, *single.findings):
        assert f.standing != "available" or not (f.remedy or f.fields), f.name


# -- slices that a report would not have ---------------------------------------------------------


@pytest.mark.parametrize("name", ["category_slices", "prompt_length_slices"])
def test_where_nothing_is_compared_there_is_nothing_to_slice(name: str) -> None:
    told = [
        {**r, "category": "ab"[n // 40], "len_prompt": 10.0 * (n // 2)}
        for n, r in enumerate(rows())
    ]
    assert finding(name, told).standing == "available"
    bare = finding(name, told, comparable=False)
    assert (bare.standing, bare.reason) == (
        "not_identified",
        "the two texts of a pair are not the answers of two systems in this source",
    )
    unread = finding(name, [{**r, "label": ""} for r in told])
    assert (unread.standing, unread.reason) == ("not_identified", "no row has a verdict")


def test_lengths_that_cannot_be_cut_into_thirds_are_no_slices() -> None:
    two = [{**r, "len_prompt": 10.0 + n // 40} for n, r in enumerate(rows())]
    assert finding("prompt_length_slices", two).standing == "not_identified"
    assert "fewer than three" in finding("prompt_length_slices", two).reason
    more = [{**r, "len_prompt": 10.0 + n // 2} for n, r in enumerate(rows())]
    assert finding("prompt_length_slices", more).standing == "available"


def test_an_item_with_two_categories_or_lengths_is_in_no_slice() -> None:
    two = [{**r, "category": "ab"[n % 2], "len_prompt": 10.0 + n} for n, r in enumerate(rows())]
    for name in ("category_slices", "prompt_length_slices"):
        found = finding(name, two)
        assert found.standing == "not_identified"
        assert "40 items have several" in found.reason


def test_more_categories_than_a_report_shows_are_limited_and_far_more_are_none() -> None:
    def of(n_categories: int) -> Finding:
        found = [
            {**r, "category": f"c{n // 2 % n_categories}"} for n, r in enumerate(rows(items=200))
        ]
        return finding("category_slices", found)

    assert of(4).standing == "available"
    assert of(20).standing == "available"
    assert "--slice category" in of(21).remedy
    assert of(51).standing == "not_identified"


def test_a_pair_whose_other_order_was_stopped_has_no_win_rate() -> None:
    """The report leaves such a pair out: its one verdict would let position in."""
    stopped = [
        {**r, "label": "", "status": "not_asked", "reason": "policy"} if r["order"] == "BA" else r
        for r in rows()
    ]
    assert finding("win_rate", stopped).standing == "not_identified"
