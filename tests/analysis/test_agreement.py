"""The agreement pack of small tables whose numbers are known by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtr

from judge import table
from judge.aggregate import analyze
from judge.analysis.agree_asked import AgreeAsked
from judge.analysis.agreement_records import Agreement, JudgeAgreement, deciding
from judge.analysis.agreement_slices import FEWEST, TOO_FEW, TwoParts, from_rest
from judge.stats.slices import by_value
from judge.table import VerdictTable
from judge.types import HumanLabel, Scale

QUICK = AgreeAsked(replicates=50)


def verdict(item: str, label: str, **more: Any) -> dict[str, Any]:
    pair = {"item_id": item, "system_a": "new", "system_b": "base", "judge": "j"}
    return pair | {"label": label} | more


def said(item: str, rater: str, label: str, **more: Any) -> HumanLabel:
    sides = {"system_a": "new", "system_b": "base"} | more
    return HumanLabel(item_id=item, rater=rater, label=label, **sides)


def pairs(*rows: dict[str, Any]) -> VerdictTable:
    return table.from_rows("pairwise", rows)


def found_in(verdicts: VerdictTable, labels: list[HumanLabel], **more: Any) -> Agreement:
    agreement = analyze(verdicts, labels=labels, agree=QUICK, **more).agreement
    assert agreement is not None
    return agreement


def row(agreement: Agreement, judge: str = "j") -> JudgeAgreement:
    return next(one for one in agreement.judges if one.judge == judge)


def test_without_labels_of_what_was_judged_there_is_no_agreement() -> None:
    verdicts = pairs(verdict("1", "a"))
    assert analyze(verdicts).agreement is None
    assert analyze(verdicts, labels=[said("other", "r", "a")]).agreement is None


def test_percent_kappa_and_base_rate_are_those_of_the_label_table() -> None:
    """Judge a a b b tie; rater a b b b b: 3 of 5 agree; chance .4 * .2 + .4 * .8 = .4: kappa 1/3."""
    judged, rated = [*list("aab"), "b", "tie"], list("abbbb")
    one = row(
        found_in(
            pairs(*(verdict(str(n), label) for n, label in enumerate(judged))),
            [said(str(n), "r", label) for n, label in enumerate(rated)],
        )
    )
    assert one.percent.value == pytest.approx(0.6)
    assert one.cohen_kappa.value == pytest.approx(1 / 3)
    assert (one.commonest_label, one.commonest_rate) == ("b", pytest.approx(0.8))
    assert "always saying b would agree on 0.800" in one.percent.note
    assert one.cohen_kappa_linear.note == "the labels have no order"
    assert [(m.label, m.judge, m.people) for m in one.marginals] == [
        ("b", pytest.approx(0.4), pytest.approx(0.8)),
        ("tie", pytest.approx(0.2), 0.0),
        ("a", pytest.approx(0.4), pytest.approx(0.2)),
    ]
    assert one.confusion.counts == ((2, 0, 0), (1, 0, 0), (1, 0, 1))


def test_a_missing_verdict_is_counted_by_its_status_and_is_no_label() -> None:
    rows = [verdict("1", "a", order=o) for o in ("AB", "BA")]
    rows += [verdict("2", "b", order="AB"), verdict("2", "", order="BA", status="refused")]
    rows += [verdict("3", "b", order=o) for o in ("AB", "BA")]
    labels = [said(item, "r", "a") for item in "123"]
    one = row(found_in(pairs(*rows), labels))
    assert (one.n_items, one.percent.n, one.percent.n_missing) == (2, 2, 1)
    assert (one.lacking.refused, one.lacking.unparsed, one.lacking.failed) == (1, 0, 0)
    assert one.confusion.lacking == (0, 0, 1)
    assert one.percent.value == 0.5


def test_a_unit_that_a_judge_was_not_asked_about_is_not_missing() -> None:
    rows = [verdict(item, "a") for item in "12"] + [verdict("3", "a", judge="k")]
    found = found_in(pairs(*rows), [said(item, "r", "a") for item in "123"])
    assert (row(found).n_items, row(found).percent.n_missing) == (2, 0)


def test_the_panel_and_each_judge_have_a_row_and_the_panel_decides() -> None:
    rows = [verdict(item, "a", judge=judge) for item in "12" for judge in "jk"]
    found = found_in(pairs(*rows), [said(item, "r", "a") for item in "12"])
    assert [one.judge for one in found.judges] == ["j", "k", "panel"]
    assert [one.judge for one in deciding(found.judges)] == ["panel"]


def test_one_rater_gives_no_ceiling_and_no_test() -> None:
    one = row(found_in(pairs(verdict("1", "a"), verdict("2", "b")), [said("1", "r", "a")]))
    assert one.human_ceiling.value is None
    assert one.human_ceiling.note
    assert (one.alt_test.passed, one.alt_test.winning_rate) == (None, None)


def test_a_constant_judge_and_constant_people_are_undefined_with_a_note() -> None:
    rows = [verdict(str(n), "a") for n in range(4)]
    one = row(found_in(pairs(*rows), [said(str(n), "r", "a") for n in range(4)]))
    for e in (one.cohen_kappa, one.krippendorff_alpha, one.spearman, one.pearson):
        assert e.value is None
        assert e.note
    assert one.percent.value == 1.0


def test_units_without_a_majority_are_left_out_of_it_and_counted() -> None:
    rows = [verdict("1", "a"), verdict("2", "a")]
    labels = [said("1", "x", "a"), said("1", "y", "a"), said("2", "x", "a"), said("2", "y", "b")]
    found = found_in(pairs(*rows), labels)
    one = row(found)
    assert (one.majority.n_without, one.majority.accuracy.n) == (1, 1)
    assert one.percent.value == 0.75
    assert (found.raters.n_without, found.raters.majority) == (1, (0, 0, 1))


def test_a_panel_of_votes_that_cancel_out_says_tie() -> None:
    """Of three judges a third, a half and two thirds say a: .5, were it not for rounding."""
    rows = [
        verdict("1", "a" if n < wins else "b", judge=judge, order=order, repeat=repeat)
        for judge, wins in (("j", 2), ("k", 3), ("l", 4))
        for n, (order, repeat) in enumerate((o, r) for o in ("AB", "BA") for r in range(3))
    ]
    found = found_in(pairs(*rows), [said("1", "r", "tie")])
    assert row(found, "panel").percent.value == 1.0


def test_the_seed_and_the_replicates_asked_for_are_those_of_every_interval() -> None:
    rng = np.random.default_rng(1)
    scores = rng.integers(1, 6, (40, 2)).tolist()
    verdicts = table.from_rows("single", [scored(str(n), s) for n, (s, _) in enumerate(scores)])
    labels = [rated(str(n), "r", s) for n, (_, s) in enumerate(scores)]
    one, other = (row(found_in(verdicts, labels, seed=seed)) for seed in (1, 2))
    for name in ("icc", "cohen_kappa", "gwet_ac2", "spearman", "krippendorff_alpha"):
        first, then = getattr(one, name), getattr(other, name)
        assert first.value == then.value
        assert first.se != then.se, name
        assert " 50 " in first.method, name


def test_what_has_no_order_is_undefined_under_its_own_name() -> None:
    one = row(found_in(pairs(verdict("1", "a")), [said("1", "r", "a")]))
    assert (one.icc.name, one.gwet_ac2.name, one.cohen_kappa_linear.name) == (
        *("icc", "gwet_ac2", "cohen_kappa"),
    )


# -- single answers ------------------------------------------------------------------------------


def scored(item: str, score: float, **more: Any) -> dict[str, Any]:
    return {"item_id": item, "system": "s", "judge": "j", "score": score} | more


def rated(item: str, rater: str, score: float, **more: Any) -> HumanLabel:
    return HumanLabel(**{"item_id": item, "rater": rater, "system": "s", "score": score} | more)


def test_the_whole_scale_enters_the_chance_agreement_of_ac2() -> None:
    """Judge 1 2 3, rater 1 2 2: mean distance 1/3, by chance 7/9: linear kappa 1 - 3/7 on any scale."""
    verdicts = table.from_rows("single", [scored(str(n), n) for n in (1, 2, 3)])
    labels = [rated("1", "r", 1), rated("2", "r", 2), rated("3", "r", 2)]
    five = {"": Scale("ordinal", tuple("12345"), (1.0, 2.0, 3.0, 4.0, 5.0))}
    short, whole = row(found_in(verdicts, labels)), row(found_in(verdicts, labels, scales=five))
    assert short.cohen_kappa_linear.value == pytest.approx(4 / 7)
    assert whole.cohen_kappa_linear.value == pytest.approx(4 / 7)
    assert short.gwet_ac2.value != pytest.approx(whole.gwet_ac2.value)


def test_each_criterion_has_its_rows_the_overall_one_first() -> None:
    rows = [scored(str(n), n % 3 + 1, criterion=c) for n in range(4) for c in ("style", "")]
    labels = [rated(str(n), "r", n % 3 + 1, criterion=c) for n in range(4) for c in ("style", "")]
    found = found_in(table.from_rows("single", rows), labels)
    assert [one.criterion for one in found.judges] == ["", "style"]
    assert (found.raters.criterion, [one.criterion for one in found.further_raters]) == (
        *("", ["style"]),
    )


def test_systems_and_items_have_their_own_correlations() -> None:
    """Three systems whose means people and judge order alike, though not within each item."""
    people = {"x": (1, 3), "y": (2, 4), "z": (3, 5)}
    judged = {"x": (2, 2), "y": (3, 3), "z": (5, 4)}
    rows = [
        scored(str(n), value, system=s) for s, own in judged.items() for n, value in enumerate(own)
    ]
    labels = [
        rated(str(n), "r", value, system=s)
        for s, own in people.items()
        for n, value in enumerate(own)
    ]
    one = row(found_in(table.from_rows("single", rows), labels))
    assert one.system_level.spearman.value == pytest.approx(1.0)
    assert one.within_item.spearman.value == pytest.approx(1.0)
    assert one.spearman.value is not None
    assert one.spearman.value < 1.0


def test_of_pairs_the_second_system_has_what_is_left_of_the_first_ones_share() -> None:
    sides = [("x", "y"), ("y", "z"), ("x", "z")]
    rows = [verdict(str(n), "a", system_a=a, system_b=b) for n, (a, b) in enumerate(sides)]
    labels = [said(str(n), "r", "a", system_a=a, system_b=b) for n, (a, b) in enumerate(sides)]
    one = row(found_in(pairs(*rows), labels))
    assert one.system_level.kendall_tau.value == pytest.approx(
        1.0
    )  # x above y above z on both sides


@pytest.mark.parametrize(("times", "is_said"), [(1, False), (2, True)])
def test_scores_that_run_far_beyond_peoples_are_asked_about(times: int, is_said: bool) -> None:
    """Scores to 10 against labels to 5 are one scale of ten points, on which hardly any two are equal."""
    points = [1, 2, 3, 4, 5, 5, 4]
    rows = [scored(str(n), times * point) for n, point in enumerate(points)]
    labels = [rated(str(n), "r", point) for n, point in enumerate(points)]
    found = analyze(table.from_rows("single", rows), labels=labels, agree=QUICK)
    said_so = [one for one in found.warnings if "are they on one scale?" in one]
    assert bool(said_so) == is_said
    if is_said:
        assert said_so[0].startswith("labels run from 1 to 5 and scores of j from 2 to 10")


# -- slices --------------------------------------------------------------------------------------


def sliced(right: dict[str, tuple[int, int]]) -> JudgeAgreement:
    """A judge that is right on so many of so many items of each kind."""
    kinds = {f"{kind}{n}": kind for kind, (_, many) in right.items() for n in range(many)}
    rows = [
        verdict(item, "a" if int(item[1:]) < right[kind][0] else "b")
        for item, kind in kinds.items()
    ]
    labels = [said(item, "r", "a") for item in kinds]
    return row(found_in(pairs(*rows), labels, slices=[by_value("kind", kinds)]))


def test_a_slice_that_is_judged_worse_is_found_and_a_small_one_refused() -> None:
    one = sliced({"x": (38, 40), "y": (20, 40), "z": (3, FEWEST - 1)})
    found = {part.slice: part for part in one.slices}
    assert found["kind=x"].percent.value == pytest.approx(0.95)
    rest = (20 + 3) / (40 + FEWEST - 1)
    assert found["kind=x"].difference.value == pytest.approx(0.95 - rest)
    assert found["kind=x"].p_value is not None
    assert found["kind=x"].p_value < 0.01
    small = found["kind=z"]
    assert (small.n_items, small.percent.value, small.p_value) == (FEWEST - 1, None, None)
    assert small.percent.note == TOO_FEW


def test_a_slice_on_which_the_judge_is_always_right_is_not_taken_for_certain() -> None:
    """20 of 20 against 27 of 30: the usual p, whose spread of the slice is 0, would be far smaller."""
    one = sliced({"x": (20, 20), "y": (27, 30)})
    (part,) = [part for part in one.slices if part.slice == "kind=x"]
    assert part.p_value is not None
    assert part.p_value > 0.1


def test_where_all_is_the_same_nothing_differs() -> None:
    one = sliced({"x": (20, 20), "y": (30, 30)})
    assert {part.p_value for part in one.slices} == {1.0}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_a_part_and_the_rest_differ_by_what_the_rest_and_the_part_do(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 2, 60).astype(float)
    inside = np.arange(60) < 30
    clusters = rng.integers(0, 25, 60)
    one, p = from_rest(TwoParts(values, inside, clusters), 0.95)
    other, q = from_rest(TwoParts(values, ~inside, clusters), 0.95)
    assert one.value == pytest.approx(-(other.value or 0.0))
    assert p == pytest.approx(q)
    assert p is None or 0 <= p <= 1


def share_found(
    n_inside: int, n: int, rates: tuple[float, float], size: int, seed: int
) -> tuple[float, float]:
    """How often a difference is found at .05, and is covered, in 2,000 runs; clusters of `size` correlate."""
    rng = np.random.default_rng(seed)
    clusters, inside = np.arange(n) // size, np.arange(n) < n_inside
    found, covers = 0, 0
    for _ in range(2_000):
        pull = rng.normal(size=n)[clusters] if size > 1 else rng.normal(size=n)
        chance = ndtr((pull + rng.normal(size=n)) / np.sqrt(2))
        values = (chance < np.where(inside, *rates)).astype(float)
        e, p = from_rest(TwoParts(values, inside, clusters), 0.95)
        found += p is not None and p < 0.05
        low, high = (e.ci_low, e.ci_high) if e.ci_low is not None else (-1.0, 1.0)
        covers += low <= rates[0] - rates[1] <= (high or 0.0)
    return found / 2_000, covers / 2_000


@pytest.mark.slow
@pytest.mark.parametrize("seed", [20261121, 5551212])  # it was chosen on the first
@pytest.mark.parametrize(
    ("n_inside", "n", "rate", "size"),
    [(25, 80, 0.8, 1), (20, 200, 0.95, 1), (50, 100, 0.6, 1), (60, 240, 0.8, 6)],
)
def test_slices_that_do_not_differ_are_found_to_in_no_more_than_5_of_100_cases(
    n_inside: int, n: int, rate: float, size: int, seed: int
) -> None:
    """With a slice's own spread alone, which is often none, it would be 34 of 100 in the second case."""
    found, _ = share_found(n_inside, n, (rate, rate), size, seed)
    assert stats.binom.sf(round(2_000 * found) - 1, 2_000, 0.05) > 1e-4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_inside", "n", "rates", "size"),
    [(20, 60, (0.5, 0.9), 1), (30, 200, (0.6, 0.85), 1), (48, 240, (0.5, 0.85), 6)],
)
def test_the_difference_of_a_slice_is_covered(
    n_inside: int, n: int, rates: tuple[float, float], size: int
) -> None:
    _, covers = share_found(n_inside, n, rates, size, 5551212)
    assert stats.binom.cdf(round(2_000 * covers), 2_000, 0.93) > 1e-4


# -- disagreements -------------------------------------------------------------------------------


def test_disagreements_are_worst_first_then_of_one_mind_then_by_id() -> None:
    judged = {"near": "tie", "split": "a", "far2": "a", "far1": "a", "same": "a"}
    people = {
        "near": ("a", "a"),
        "split": ("b", "a"),
        "far2": ("b", "b"),
        "far1": ("b", "b"),
        "same": ("a", "a"),
    }
    labels = [said(i, f"r{n}", v) for i, own in people.items() for n, v in enumerate(own)]
    found = found_in(pairs(*(verdict(i, v) for i, v in judged.items())), labels).disagreements
    assert [(one.item_id, one.distance) for one in found] == [
        ("far1", 1.0),
        ("far2", 1.0),
        ("near", 0.5),  # as far as split, and people are of one mind
        ("split", 0.5),
    ]
    assert [(s.rater, s.label) for s in found[3].people] == [("r0", "b"), ("r1", "a")]
    assert (found[0].judge_value, found[0].people_value) == (1.0, 0.0)


def test_words_without_numbers_are_as_far_apart_as_people_disagree() -> None:
    verdicts = table.from_rows("single", [scored("1", None, label="rude")])  # type: ignore[arg-type]
    labels = [
        HumanLabel(item_id="1", rater=r, system="s", label=v)
        for r, v in (("x", "kind"), ("y", "rude"))
    ]
    (one,) = found_in(verdicts, labels).disagreements
    assert (one.distance, one.judge_value) == (0.5, None)
