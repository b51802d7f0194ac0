"""Labels and verdicts are lined up unit by unit, in the verdicts' orientation, and nothing is made up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from judge import table
from judge.analysis.people import labelled, of_split
from judge.errors import InputError
from judge.types import HumanLabel, Scale


def pair(item: str, order: str, label: str, **more: Any) -> dict[str, Any]:
    return {
        "item_id": item,
        "system_a": "new",
        "system_b": "base",
        "judge": "j",
        "order": order,
        "label": label,
    } | more


def said(item: str, rater: str, label: str, **more: Any) -> HumanLabel:
    sides = {"system_a": "new", "system_b": "base"} | more
    return HumanLabel(item_id=item, rater=rater, label=label, **sides)


def pairs(*rows: dict[str, Any]) -> table.VerdictTable:
    return table.from_rows("pairwise", rows)


def test_a_verdict_that_flips_is_half_right_and_no_tie() -> None:
    verdicts = pairs(pair("1", "AB", "a"), pair("1", "BA", "b"))
    [one] = labelled(verdicts, [said("1", "r", "a")], {"j": 0})
    [voice] = one.voices
    assert one.scale.labels == ("b", "tie", "a")
    assert voice.shares.tolist() == [[0.5, 0.0, 0.5]]
    assert float((voice.shares * one.votes).sum()) == 0.5
    assert voice.values.tolist() == [0.5]


def test_a_pair_without_a_verdict_in_one_order_is_missing_and_has_no_share() -> None:
    verdicts = pairs(pair("1", "AB", "a"), pair("1", "BA", "", status="refused"))
    [one] = labelled(verdicts, [said("1", "r", "a")], {"j": 0})
    assert one.voices[0].n_missing == 1
    assert np.isnan(one.voices[0].shares).all()


def test_labels_are_turned_as_the_verdicts_are() -> None:
    verdicts = pairs(pair("1", "AB", "a"), pair("2", "AB", "b"))
    turned = said("1", "r", "b", system_a="base", system_b="new")
    [one] = labelled(verdicts, [turned, said("2", "r", "b")], {"j": 0})
    assert one.human.tolist() == [1.0, 0.0]
    assert one.units[["system_a", "system_b"]].drop_duplicates().values.tolist() == [
        ["new", "base"]
    ]


def test_a_rater_who_contradicts_himself_has_no_label_of_that_pair() -> None:
    verdicts = pairs(pair("1", "AB", "a"))
    twice = [said("1", "r", "a", order_shown="AB"), said("1", "r", "b", order_shown="BA")]
    [one] = labelled(verdicts, [*twice, said("1", "s", "a")], {"j": 0})
    assert one.n_contradicting == 1
    assert one.ratings.tolist() == [[-1, 2]]


def test_the_majority_takes_more_than_half_of_the_raters() -> None:
    verdicts = pairs(pair("1", "AB", "a"), pair("2", "AB", "a"))
    given = [said("1", r, v) for r, v in (("x", "a"), ("y", "a"), ("z", "b"))]
    given += [said("2", "x", "a"), said("2", "y", "b")]
    [one] = labelled(verdicts, given, {"j": 0})
    assert one.majority.tolist() == [2, -1]


def test_a_panel_has_a_vote_a_family_and_names_the_side_of_their_mean() -> None:
    rows = [pair("1", "AB", v, judge=j) for j, v in (("j", "a"), ("k", "a"), ("l", "b"))]
    [one] = labelled(pairs(*rows), [said("1", "r", "a")], {"j": 0, "k": 0, "l": 1})
    panel = one.voices[-1]
    assert (panel.judge, panel.members) == ("panel", ("j", "k", "l"))
    assert panel.values.tolist() == [0.5]
    assert panel.shares.tolist() == [[0.0, 1.0, 0.0]]


def single(item: str, judge: str, score: float, **more: Any) -> dict[str, Any]:
    return {"item_id": item, "system": "s", "judge": judge, "score": score} | more


def rated(item: str, rater: str, score: float, **more: Any) -> HumanLabel:
    return HumanLabel(item_id=item, rater=rater, system="s", score=score, **more)


def test_the_scale_has_the_whole_numbers_that_nobody_used() -> None:
    verdicts = table.from_rows("single", [single("1", "j", 1.0), single("2", "j", 5.0)])
    [one] = labelled(verdicts, [rated("1", "r", 2), rated("2", "r", 5)], {"j": 0})
    assert one.scale == Scale("ordinal", ("1", "2", "3", "4", "5"), (1.0, 2.0, 3.0, 4.0, 5.0))
    assert one.ratings.tolist() == [[1], [4]]


def test_a_score_off_a_given_scale_is_refused() -> None:
    verdicts = table.from_rows("single", [single("1", "j", 7.0)])
    scale = Scale("ordinal", ("1", "2"), (1.0, 2.0))
    with pytest.raises(InputError, match=r"verdicts: '?7'? is not on the scale 1, 2"):
        labelled(verdicts, [rated("1", "r", 2)], {"j": 0}, scales={"": scale})


def test_many_different_numbers_are_a_continuum_without_labels() -> None:
    verdicts = table.from_rows("single", [single(str(n), "j", n / 7) for n in range(40)])
    [one] = labelled(verdicts, [rated(str(n), "r", n / 7) for n in range(40)], {"j": 0})
    assert one.scale == Scale("interval", ())
    assert one.human[3] == pytest.approx(3 / 7)
    assert one.voices[0].values[3] == pytest.approx(3 / 7)


def test_a_label_of_what_nobody_judged_is_counted() -> None:
    verdicts = pairs(pair("1", "AB", "a"))
    [one] = labelled(verdicts, [said("1", "r", "a"), said("9", "r", "a")], {"j": 0})
    assert one.n_unjudged == 1
    assert len(one.units) == 1


def test_numbers_are_reported_on_the_labels_for_testing() -> None:
    given = [said(str(n), "r", "a", split=s) for n, s in enumerate(("dev", "calib", "test"))]
    assert [label.split for label in of_split(given)] == ["test"]
    assert [label.split for label in of_split(given[:2])] == ["calib"]
    assert len(of_split(given, "all")) == 3
