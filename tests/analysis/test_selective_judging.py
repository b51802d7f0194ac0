"""Confidence from what a judge said, and the threshold above which it may decide alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from judge import table
from judge.aggregate import analyze
from judge.analysis import confidence
from judge.analysis.agree_asked import AgreeAsked
from judge.analysis.people_scales import PAIRS
from judge.analysis.selective import CONTINUUM, OF_HALF, OF_SPLIT, Selective
from judge.errors import InputError
from judge.types import PANEL, HumanLabel, Scale, Status, Verdict


def row(item: str, order: str, label: str, judge: str = "j", **more: Any) -> dict[str, Any]:
    named = {"item_id": item, "system_a": "new", "system_b": "base", "judge": judge}
    return named | {"order": order, "label": label} | more


def sure(*rows: dict[str, Any]) -> list[tuple[float, int]]:
    found = confidence.of_rows("pairwise", table.from_rows("pairwise", rows).frame, PAIRS)
    return [*zip(found["confidence"].round(6), found["said"], strict=True)]


# -- confidence ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ab", "ba", "expected"),
    [
        ("a", "a", (1.0, 2)),
        ("b", "b", (1.0, 0)),
        ("tie", "tie", (1.0, 1)),
        ("a", "b", (0.5, 1)),
        ("a", "tie", (0.5, 2)),
        ("tie", "b", (0.5, 0)),
    ],
)
def test_two_orders_are_sure_or_not_and_a_draw_goes_to_the_side_of_the_mean(
    ab: str, ba: str, expected: tuple[float, int]
) -> None:
    assert sure(row("1", "AB", ab), row("1", "BA", ba)) == [expected]


def test_repeats_weigh_within_their_order() -> None:
    """AB: a, a, b; BA: a: the share of a is (2/3 + 1) / 2 = .8333."""
    rows = [row("1", "AB", label, repeat=n) for n, label in enumerate("aab", 1)]
    assert sure(*rows, row("1", "BA", "a")) == [(0.833333, 2)]


def test_probabilities_give_that_of_the_likelier_side() -> None:
    """p = (.9 + .3) / 2 = .6, though the labels name two winners."""
    rows = [row("1", "AB", "a", p_a=0.9), row("1", "BA", "b", p_a=0.3)]
    assert sure(*rows) == [(0.6, 2)]
    assert sure(row("1", "AB", "a", p_a=0.9), row("1", "BA", "b")) == [(0.5, 1)]


def test_an_order_without_a_verdict_leaves_no_confidence() -> None:
    [(found, said)] = sure(row("1", "AB", "a"), row("1", "BA", "", status="refused"))
    assert np.isnan(found)
    assert said == -1


def test_the_panel_has_the_share_of_its_votes() -> None:
    """Families {j, k} and {m}: j and k share one vote, so a has 1/4 + 1/4 + 0 of a half each."""
    said = {"j": "a", "k": "b", "m": "b"}
    rows = [
        row("1", order, label, judge) for judge, label in said.items() for order in ("AB", "BA")
    ]
    found = confidence.of_rows("pairwise", table.from_rows("pairwise", rows).frame, PAIRS)
    panel = confidence.of_panel("pairwise", found, PAIRS, {"j": 0, "k": 0, "m": 1})
    assert panel["confidence"].tolist() == [0.75]
    assert panel["said"].tolist() == [0]


@pytest.mark.parametrize("seed", range(20))
def test_a_run_is_as_sure_while_it_goes_on_as_its_report_is_afterwards(seed: int) -> None:
    """The engine asks verdicts, the report a table: both by one rule."""
    random = np.random.default_rng(seed)
    said: dict[tuple[str, str], list[Verdict]] = {("", "AB"): [], ("", "BA"): []}
    rows = []
    for shown, verdicts in said.items():
        for repeat in range(1, 4):
            label, p = str(random.choice(["a", "b", "tie"])), float(random.random())
            has_p, is_ok = random.random() < 0.5, random.random() < 0.8
            status = Status.OK if is_ok else Status.REFUSED
            own = Verdict(status, label, p_a=p if has_p else None) if is_ok else Verdict(status)
            verdicts.append(own)
            told = {"p_a": p} if has_p and is_ok else {}
            given = label if is_ok else ""
            rows.append(row("1", shown[1], given, repeat=repeat, status=str(status), **told))
    ours = confidence.of_verdicts("pairwise", said)
    [(theirs, _)] = sure(*rows)
    assert (ours is None and np.isnan(theirs)) or ours == pytest.approx(theirs, abs=1e-6)


# -- thresholds ----------------------------------------------------------------------------------


def rows(n: int, **errors: tuple[float, float]) -> Iterator[dict[str, Any]]:
    """judge -> (share of pairs that it is unsure of, share of the sure ones that are wrong)."""
    random = np.random.default_rng(20261121)
    for judge, (unsure, wrong) in errors.items():
        for k in range(n):
            first = "b" if random.random() < wrong else "a"
            second = first if random.random() >= unsure else ("a" if first == "b" else "b")
            yield row(f"i{k}", "AB", first, judge)
            yield row(f"i{k}", "BA", second, judge)


def labels(n: int, *, split: bool = False, **more: Any) -> list[HumanLabel]:
    sides = {"system_a": "new", "system_b": "base", "label": "a"} | more
    names = ("dev", "calib", "test")
    return [
        HumanLabel(item_id=f"i{k}", rater="r", split=names[k % 3] if split else None, **sides)
        for k in range(n)
    ]


def measured(
    n: int, said: list[HumanLabel], *, risk: float = 0.1, **errors: tuple[float, float]
) -> dict[str, Selective]:
    cascade = ("cheap", "dear") if len(errors) > 1 else ()
    found = analyze(
        table.from_rows("pairwise", rows(n, **errors)),
        baseline="base",
        labels=said,
        agree=AgreeAsked(risk=risk, cascade=cascade),
    )
    return {one.kind if one.kind == "cascade" else one.judge: one for one in found.selective}


def test_a_judge_is_trusted_where_it_is_sure_and_right() -> None:
    [one] = measured(300, labels(300), j=(0.3, 0.02)).values()
    assert one.threshold == 1.0
    assert one.fitted_on == OF_HALF
    assert one.coverage.value == pytest.approx(0.7, abs=0.1)
    assert one.agreement.value is not None
    assert one.agreement.value > 0.93
    assert one.n_fit + one.coverage.n == 300
    assert one.agreement_all.value == pytest.approx(0.7, abs=0.1)  # a pair that flips is not right
    assert (one.orders, one.repeats) == (2, 1)


def test_a_judge_that_is_often_wrong_decides_nothing_and_says_why() -> None:
    [one] = measured(300, labels(300), j=(0.3, 0.3)).values()
    assert one.threshold is None
    assert one.coverage.value is None
    assert "no confidence is high enough" in one.why
    assert one.agreement_all.value is not None


def test_splits_that_were_recorded_are_kept_apart() -> None:
    [one] = measured(300, labels(300, split=True), j=(0.3, 0.02)).values()
    assert (one.fitted_on, one.n_fit, one.coverage.n) == (OF_SPLIT, 100, 100)


def test_labels_of_mostly_easy_pairs_guarantee_nothing_of_all_pairs() -> None:
    """Right on 97 % of easy pairs, of which all are labelled, and on 60 % of hard ones, of which a tenth."""
    random = np.random.default_rng(11)
    judged, said = [], []
    for k in range(900):
        is_hard = k % 2 == 0
        label = "a" if random.random() < (0.6 if is_hard else 0.97) else "b"
        judged += [row(f"i{k}", order, label, "j") for order in ("AB", "BA")]
        prob = 0.1 if is_hard else 1.0
        if random.random() < prob:
            said.append(dataclasses.replace(labels(1)[0], item_id=f"i{k}", inclusion_prob=prob))
    found = analyze(
        table.from_rows("pairwise", judged),
        baseline="base",
        labels=said,
        agree=AgreeAsked(risk=0.1),
    )
    [one] = found.selective
    assert one.threshold is None
    assert any("left out at random" in note for note in one.notes)


def test_pairs_without_a_majority_are_left_out_and_counted() -> None:
    other = [dataclasses.replace(one, rater="s", label="b") for one in labels(40)]
    [one] = measured(300, labels(300) + other, j=(0.3, 0.02)).values()
    assert one.n_undecided == 40
    assert one.n_fit + one.coverage.n == 260


def test_one_pair_of_a_cluster_serves_to_find_a_threshold() -> None:
    clustered = [
        one | {"cluster": f"c{int(one['item_id'][1:]) // 3}"} for one in rows(300, j=(0.3, 0.02))
    ]
    found = analyze(table.from_rows("pairwise", clustered), baseline="base", labels=labels(300))
    [one] = found.selective
    assert one.n_fit + one.coverage.n_clusters == 100
    assert any("one of a cluster" in note for note in one.notes)


def test_a_cascade_has_one_threshold_and_says_who_decides() -> None:
    found = measured(600, labels(600), cheap=(0.5, 0.02), dear=(0.1, 0.02))
    one = found["cascade"]
    assert one.threshold == 1.0
    cheap, dear = one.tiers
    assert cheap.reached == one.coverage.n
    assert dear.reached == cheap.reached - cheap.decides
    assert one.calls_saved == pytest.approx(cheap.decides / (2 * cheap.reached))
    assert one.coverage.value is not None
    assert one.coverage.value > (found["cheap"].coverage.value or 1)
    assert found[PANEL].kind == "panel"


def test_a_cascade_of_judges_that_are_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="no judge 'dear' in the verdicts, which are of j"):
        analyze(
            table.from_rows("pairwise", rows(30, j=(0.3, 0.02))),
            baseline="base",
            labels=labels(30),
            agree=AgreeAsked(cascade=("j", "dear")),
        )


def test_without_labels_there_is_nothing() -> None:
    assert measured(30, [], j=(0.3, 0.02)) == {}


def scored(*scores: float) -> table.VerdictTable:
    return table.from_rows(
        "single",
        [
            {"item_id": f"i{k}", "system": "s", "judge": "j", "repeat": n, "score": score}
            for k in range(200)
            for n, score in enumerate(scores, 1)
        ],
    )


def test_scores_agree_where_they_are_the_same_point() -> None:
    said = [HumanLabel(item_id=f"i{k}", rater="r", system="s", score=4.0) for k in range(200)]
    five = Scale("ordinal", ("1", "2", "3", "4", "5"), (1.0, 2.0, 3.0, 4.0, 5.0))
    [one] = analyze(scored(4, 4, 5), labels=said, scales={"": five}).selective
    assert one.threshold == pytest.approx(2 / 3)
    assert one.agreement.value == 1.0
    [other] = analyze(scored(5, 5, 4), labels=said, scales={"": five}).selective
    assert other.threshold is None


def test_scores_of_a_continuum_are_refused() -> None:
    said = [HumanLabel(item_id=f"i{k}", rater="r", system="s", score=k / 199) for k in range(200)]
    [one] = analyze(scored(0.5), labels=said).selective
    assert (one.threshold, one.why) == (None, CONTINUUM)
