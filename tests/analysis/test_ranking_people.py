"""People's own order beside a ranking: the model of the judges, who changed places, and real data."""

from __future__ import annotations

import dataclasses
import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from judge.aggregate import Analysis, analyze
from judge.analysis import people
from judge.analysis.ranking_people import PeopleOrder, ordered
from judge.records import read_labels, read_verdicts
from judge.report import build, people_words
from judge.report.schema import Report
from judge.report.schema_base import RunModel
from judge.table import VerdictTable, from_rows
from judge.types import HumanLabel

PANDALM = Path(__file__).parents[3] / "shared/data/pandalm/testset_with_judges.jsonl"
N = 30


def verdicts(order: str) -> VerdictTable:
    """Verdicts of one judge who puts the systems in this order, and errs on every sixth pair."""
    rows = []
    for k, (a, b) in itertools.product(range(N), itertools.combinations("abc", 2)):
        better = "a" if (order.index(a) < order.index(b)) == (k % 6 > 0) else "b"
        rows.append(
            {"item_id": f"i{k}", "system_a": a, "system_b": b, "judge": "j", "label": better}
        )
    return from_rows("pairwise", rows)


def said(order: str, *raters: str, items: int = N, pairs: Any = None) -> list[HumanLabel]:
    """What raters said who put the systems in this order, and err on every sixth pair."""
    return [
        HumanLabel(
            f"i{k}",
            rater,
            system_a=a,
            system_b=b,
            label="a" if (order.index(a) < order.index(b)) == (k % 6 > 0) else "b",
        )
        for k in range(items)
        for a, b in pairs or itertools.combinations("abc", 2)
        for rater in raters
    ]


def analyzed(judged: str, labels: list[HumanLabel]) -> Analysis:
    return analyze(verdicts(judged), labels=labels, ranks=True)


def people_of(judged: str, labels: list[HumanLabel]) -> PeopleOrder:
    found = analyzed(judged, labels).people_order
    assert found is not None
    return found


def report_of(judged: str, labels: list[HumanLabel]) -> Report:
    return build.build(analyzed(judged, labels), run=RunModel(command="analyze"))


def sentence(judged: str, labels: list[HumanLabel]) -> str:
    ranking = report_of(judged, labels).ranking
    assert ranking is not None
    assert ranking.people is not None
    return people_words.sentence(ranking.people)


def test_people_who_say_what_the_judge_says_give_its_order_and_its_strengths() -> None:
    whole = analyzed("abc", said("abc", "ann"))
    assert whole.ranking is not None
    assert whole.people_order is not None
    judged = {row.system: row.strength.value for row in whole.ranking.systems}
    for row in whole.people_order.systems:
        assert row.strength.value == pytest.approx(judged[row.system], abs=1e-9)
    (against,) = whole.people_order.judges
    assert (against.kendall_tau.value, against.swaps) == (1.0, ())
    assert sentence("abc", said("abc", "ann")).endswith("put the systems in the same order.")


def test_two_systems_that_changed_places_are_named_with_people_first() -> None:
    """People: a, b, c; the judge: b, a, c. Of three pairs one is turned: tau = (2 - 1) / 3."""
    found = people_of("bac", said("abc", "ann"))
    (against,) = found.judges
    assert against.kendall_tau.value == pytest.approx(1 / 3)
    (swap,) = against.swaps
    assert (swap.first, swap.then, swap.is_told) == ("a", "b", True)
    told = sentence("bac", said("abc", "ann"))
    assert "they put a before b" in told
    assert "do not tell" not in told


def test_a_swap_that_peoples_own_labels_do_not_tell_apart_is_said_to_be_one() -> None:
    """Two items: no clusters to speak of, so nobody is told apart."""
    assert "their labels do not tell the two apart" in sentence("bac", said("abc", "ann", items=7))


def test_a_reversed_order_has_tau_minus_one() -> None:
    (against,) = people_of("cba", said("abc", "ann")).judges
    assert against.kendall_tau.value == -1.0
    assert len(against.swaps) == 3


def test_raters_of_a_pair_weigh_one_pair_together() -> None:
    """Twice the same rater's words say the same, with the same number of pairs."""
    one, two = people_of("abc", said("abc", "ann")), people_of("abc", said("abc", "ann", "bob"))
    assert (one.n_pairs, two.n_pairs, two.n_raters) == (3 * N, 3 * N, 2)
    assert [row.strength for row in one.systems] == [row.strength for row in two.systems]


def test_labels_of_two_systems_only_give_no_order_and_say_why() -> None:
    found = people_of("abc", said("abc", "ann", pairs=[("a", "b")]))
    assert (found.systems, found.judges) == ((), ())
    assert found.note == "people labelled pairs of fewer than 3 systems"


def test_labels_that_do_not_join_the_systems_give_no_order_and_say_so() -> None:
    systems = [("a", "b"), ("c", "d")]
    rows = [
        {"item_id": f"i{k}", "system_a": x, "system_b": y, "judge": "j", "label": "a"}
        for k in range(N)
        for x, y in itertools.combinations("abcd", 2)
    ]
    labels = [
        HumanLabel(f"i{k}", "ann", system_a=x, system_b=y, label="a")
        for k in range(N)
        for x, y in systems
    ]
    found = analyze(from_rows("pairwise", rows), labels=labels, ranks=True).people_order
    assert found is not None
    assert found.systems == ()
    assert "the labelled pairs do not join all systems" in found.note


def test_without_labels_or_without_a_ranking_there_is_nothing_to_compare() -> None:
    assert analyzed("abc", []).people_order is None
    assert ordered([], None) is None


@pytest.mark.skipif(not PANDALM.exists(), reason="../shared/data is not here")
def test_pandalms_people_are_ordered_as_evalica_orders_their_majority() -> None:
    """evalica 0.4.2, Bradley-Terry on the majority labels, geometric mean 1: llama 2.063, pythia 1.076,
    bloom .982, opt .784, cerebras .585. Ours are log-odds above the mean: exp gives the same scale.
    """
    table = read_verdicts(PANDALM, format="pandalm")
    labels = read_labels(PANDALM, format="pandalm")
    groups = {name: n for n, name in enumerate(table.frame["judge"].cat.categories)}
    whole = analyze(table, ranks=True)
    (one,) = people.labelled(table, labels, groups)
    assert (one.majority >= 0).all()
    ratings = one.majority[:, None]
    majority = dataclasses.replace(
        one, ratings=ratings, numbers=np.array([0.0, 0.5, 1.0])[ratings], raters=("majority",)
    )
    found = ordered([majority], whole.ranking)
    assert found is not None
    scores = {row.system: math.exp(row.strength.value or 0.0) for row in found.systems}
    assert list(scores) == ["llama-7b", "pythia-6.9b", "bloom-7b", "opt-7b", "cerebras-gpt-6.7B"]
    assert [*scores.values()] == pytest.approx([2.063, 1.076, 0.982, 0.784, 0.585], abs=6e-4)
    gpt = next(row for row in found.judges if row.judge == "gpt-3.5-turbo")
    assert [(s.first, s.then, s.is_told) for s in gpt.swaps] == [("pythia-6.9b", "bloom-7b", False)]
