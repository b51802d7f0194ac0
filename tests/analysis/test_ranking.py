"""One ranking from a verdict table: the panel's strengths, who met whom, and real data."""

from __future__ import annotations

import csv
import dataclasses
import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import evalica
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.aggregate import analyze
from judge.analysis.pairwise_models import models_of
from judge.analysis.ranking import Ranking, ranked
from judge.controls import position, verbosity
from judge.records import read_labels, read_verdicts
from judge.stats.panel import family_groups
from judge.table import VerdictTable, from_rows

DATA = Path(__file__).parents[3] / "shared" / "data"
PANDALM = DATA / "pandalm" / "testset_with_judges.jsonl"
ALPACA = DATA / "alpaca_eval" / "preferences.jsonl"

Row = dict[str, Any]
Families = dict[str, frozenset[str]]


def rows(
    truth: dict[str, float], items: int, *, judge: str = "j1", seed: int = 0, ties: float = 0.0
) -> list[Row]:
    """Verdicts on all pairs in both orders; a share of them are ties."""
    rng = np.random.default_rng(seed)
    found = []
    for item, (a, b), order in itertools.product(
        range(items), itertools.combinations(truth, 2), ("AB", "BA")
    ):
        p = 1 / (1 + math.exp(truth[b] - truth[a]))
        label = "tie" if rng.random() < ties else ("a" if rng.random() < p else "b")
        pair = {"system_a": a, "system_b": b, "judge": judge, "order": order}
        found.append({"item_id": f"i{item:03d}", **pair, "label": label})
    return found


def table(of: Sequence[Row]) -> VerdictTable:
    return from_rows("pairwise", of)


def ranking(of: Sequence[Row], families: Families | None = None, **options: Any) -> Ranking:
    """As aggregate.analyze makes it, without what else that does."""
    verdicts = table(of)
    judges = {str(row["judge"]): frozenset[str]() for row in of}
    models = models_of(verdicts, position.term, verbosity.term)
    found = ranked(verdicts, models, family_groups(families or judges), **options)
    assert found is not None
    return found


def order(found: Ranking) -> list[str]:
    return [row.system for row in found.systems]


FOUR = {"best": 1.5, "good": 0.35, "fair": 0.3, "bad": -1.2}


# -- what comes out ------------------------------------------------------------------------------


def test_the_best_the_doubtful_and_the_worst_stand_where_they_belong() -> None:
    found = ranking(rows(FOUR, 60, seed=2))
    assert (order(found)[0], order(found)[3]) == ("best", "bad")
    assert [(row.rank_low, row.rank_high) for row in found.systems] == [
        (1, 1),
        (2, 3),
        (2, 3),
        (4, 4),
    ]
    assert [row.letters for row in found.systems] == [("a",), ("b",), ("b",), ("c",)]
    assert found.systems[0].p_best is not None
    assert found.systems[0].p_best > 0.99
    assert sum(row.strength.value or 0 for row in found.systems) == pytest.approx(0)
    assert sum(row.win_probability.value or 0 for row in found.systems) == pytest.approx(2)
    assert found.transitivity.p_value is not None
    assert found.transitivity.p_value > 0.05
    assert (found.connected, found.judge, found.members, found.judges) == (True, "j1", ("j1",), ())


def test_every_estimate_says_how_many_pairs_stand_behind_it_and_how_many_are_missing() -> None:
    """60 items, three pairs a system: 180; 5 pairs of good and bad have a verdict that nobody read."""
    of = rows(FOUR, 60)
    lost = [r for r in of if (r["system_a"], r["system_b"], r["order"]) == ("good", "bad", "AB")][
        :5
    ]
    for row in lost:
        row["label"] = ""
    for system in ranking(of).systems:
        for e in (system.strength, system.win_probability):
            is_hit = system.system in ("good", "bad")
            assert (e.n, e.n_missing) == ((175, 5) if is_hit else (180, 0))
            assert e.n_clusters == 60
            assert e.ci_low is not None


def test_a_panel_has_the_mean_of_its_members_and_their_own_orders() -> None:
    one = rows(FOUR, 40, judge="j1")
    two = rows({"best": 0.2, "good": 0.9, "fair": 0.1, "bad": -1.0}, 40, judge="j2", seed=1)
    alone = [ranking(part) for part in (one, two)]
    panel = ranking([*one, *two])
    assert (panel.judge, panel.members) == ("panel", ("j1", "j2"))
    for row in panel.systems:
        own = [next(r for r in r1.systems if r.system == row.system) for r1 in alone]
        values = [r.strength.value for r in own]
        assert row.strength.value == pytest.approx(sum(v or 0 for v in values) / 2)
        rates = [r.win_probability.value for r in own]
        assert row.win_probability.value == pytest.approx(sum(v or 0 for v in rates) / 2)
    assert [j.systems for j in panel.judges] == [tuple(order(r)) for r in alone]
    assert all(j.kendall_tau.value is not None and not j.kendall_tau.se for j in panel.judges)


def test_judges_of_one_family_have_one_vote() -> None:
    of = [row for n in range(3) for row in rows(FOUR, 30, judge=f"j{n}", seed=n)]
    families = {"j0": frozenset({"x"}), "j1": frozenset({"x"}), "j2": frozenset({"y"})}
    panel = ranking(of, families=families)
    alone = {n: ranking(rows(FOUR, 30, judge=f"j{n}", seed=n)) for n in range(3)}

    def value(found: Ranking, system: str) -> float:
        return next(r.strength.value or 0 for r in found.systems if r.system == system)

    for system in FOUR:
        own = [value(alone[n], system) for n in range(3)]
        expected = (own[0] / 2 + own[1] / 2 + own[2]) / 2
        assert value(panel, system) == pytest.approx(expected)


def test_against_a_baseline_it_is_the_position_adjusted_win_rate_of_the_comparison() -> None:
    of = [*rows(FOUR, 40, judge="j1"), *rows(FOUR, 40, judge="j2", seed=4)]
    found = analyze(table(of), baseline="fair")
    assert found.ranking is not None
    rates = {r.system: r.position_adjusted for r in found.comparisons if r.judge == "panel"}
    for row in found.ranking.systems:
        if row.system == "fair":
            assert row.win_probability.value is None
            assert "baseline" in row.win_probability.note
            continue
        e, adjusted = row.win_probability, rates[row.system]
        assert (e.value, e.se) == pytest.approx((adjusted.value, adjusted.se))
        assert (e.ci_low, e.ci_high) == pytest.approx((adjusted.ci_low, adjusted.ci_high))


def test_a_judge_that_leans_to_the_first_shown_ranks_as_it_would_without() -> None:
    """Each system is shown first half the time, and the term takes the lean: the order is the same."""
    fair = ranking(rows(FOUR, 200))
    leaning = rows(FOUR, 200)
    for n, row in enumerate(leaning):
        if n % 3 == 0:
            row["label"] = "a" if row["order"] == "AB" else "b"
    found = ranking(leaning)
    assert {order(found)[0], order(found)[3]} == {order(fair)[0], order(fair)[3]}
    assert "without" not in found.note


# -- where there is no ranking -------------------------------------------------------------------


def test_two_systems_are_compared_and_not_ranked() -> None:
    assert analyze(table(rows({"new": 1.0, "base": 0.0}, 20))).ranking is None


def test_answers_that_are_not_systems_are_not_ranked() -> None:
    assert analyze(dataclasses.replace(table(rows(FOUR, 4)), comparable=False)).ranking is None


def test_scores_are_not_ranked() -> None:
    of = [{"item_id": "i", "system": s, "judge": "j", "score": 1.0} for s in "abc"]
    assert analyze(from_rows("single", of)).ranking is None


def test_systems_that_never_met_are_not_ranked_and_the_parts_are_named() -> None:
    of = [*rows({"a": 1.0, "b": 0.0, "e": 0.5}, 4), *rows({"c": 1.0, "d": 0.0}, 4)]
    found = analyze(table(of))
    assert found.ranking is not None
    assert (found.ranking.connected, found.ranking.systems) == (False, ())
    assert found.ranking.components == (("a", "b", "e"), ("c", "d"))
    assert any("no ranking: the judged pairs do not join" in w for w in found.warnings)


def test_a_panel_is_not_ranked_where_one_of_its_judges_left_a_system_out() -> None:
    """A mean over judges who saw other systems would compare judges and not systems."""
    of = [*rows(FOUR, 20), *rows({"best": 1.0, "good": 0.0, "bad": -1.0}, 20, judge="j2")]
    found = ranking(of)
    assert not found.connected
    assert found.components == (("bad", "best", "good"), ("fair",))
    assert "j2" in found.note


def test_an_unbeaten_system_has_no_interval_and_its_rank_is_as_wide_as_may_be() -> None:
    of = rows(FOUR, 30)
    for row in of:
        if "best" in (row["system_a"], row["system_b"]):
            row["label"] = "a" if row["system_a"] == "best" else "b"
    found = ranking(of)
    best = found.systems[0]
    assert best.system == "best"
    assert (best.strength.ci_low, best.p_best, best.rank_low, best.rank_high) == (None, None, 1, 4)
    assert "only the prior" in best.strength.note
    assert "0.5 pseudo-verdicts" in found.note
    assert found.transitivity.note
    bad = next(row for row in found.systems if row.system == "bad")
    assert bad.rank_low == 3  # good and fair are surely better; of best nothing is known for sure


def test_verdicts_of_one_item_give_an_order_and_no_interval() -> None:
    found = ranking([{**row, "cluster": "one"} for row in rows(FOUR, 30)])
    for row in found.systems:
        assert row.strength.value is not None
        assert (row.strength.ci_low, row.p_best) == (None, None)
        assert (row.rank_low, row.rank_high) == (1, 4)


def test_nothing_but_ties_makes_all_equal() -> None:
    found = ranking([{**row, "label": "tie"} for row in rows(FOUR, 20)])
    for row in found.systems:
        assert row.strength.value == pytest.approx(0)
        assert (row.rank_low, row.rank_high, row.letters) == (1, 4, ("a",))
        assert row.p_best == pytest.approx(0.25)


# -- ties ----------------------------------------------------------------------------------------


def test_davidsons_ties_have_a_parameter_and_win_probabilities_near_those_of_half_ties() -> None:
    """Strengths are on another scale; win probabilities are what both models publish."""
    of = rows(FOUR, 80, ties=0.3)
    half, davidson = ranking(of), ranking(of, ties="davidson")
    assert [order(davidson)[n] for n in (0, 3)] == [order(half)[n] for n in (0, 3)]
    assert davidson.tie_parameter.value is not None
    assert half.tie_parameter.value is None
    low, high = davidson.tie_parameter.ci_low, davidson.tie_parameter.ci_high
    assert low is not None
    assert high is not None
    assert 0 < low < davidson.tie_parameter.value < high
    rates = {row.system: row.win_probability.value or 0 for row in half.systems}
    for row in davidson.systems:
        assert row.win_probability.value == pytest.approx(rates[row.system], abs=0.03)
    spread = [found.systems[0].strength.value or 0 for found in (davidson, half)]
    assert spread[0] > 1.2 * spread[1]


@pytest.mark.parametrize(
    ("change", "why"),
    [({"p_a": 0.7}, "probabilities"), ({"label": "a"}, "always won or lost")],
)
def test_davidsons_ties_are_refused_with_a_reason(change: Row, why: str) -> None:
    found = analyze(table([{**row, **change} for row in rows(FOUR, 4)]), ties="davidson")
    assert found.ranking is not None
    assert found.ranking.systems == ()
    assert why in found.ranking.note
    assert any(why in warning for warning in found.warnings)


def test_repeats_share_the_weight_of_a_presentation() -> None:
    of = rows(FOUR, 40, ties=0.2)
    again = [{**row, "repeat": repeat} for row in of for repeat in (1, 2)]
    once, twice = (ranking(part, ties="davidson") for part in (of, again))
    for a, b in zip(once.systems, twice.systems, strict=True):
        assert a.strength.value == pytest.approx(b.strength.value, abs=1e-6)


# -- the command's own rule ----------------------------------------------------------------------


def test_where_a_ranking_is_wanted_nothing_is_compared_without_a_named_baseline() -> None:
    star = [row for row in rows(FOUR, 4) if "good" in (row["system_a"], row["system_b"])]
    usual, wanted = analyze(table(star)), analyze(table(star), ranks=True)
    assert (usual.baseline, wanted.baseline) == ("good", None)
    assert (len(usual.comparisons), len(wanted.comparisons)) == (3, 0)
    whole = analyze(table(rows(FOUR, 4)), ranks=True)
    assert not any("name a baseline" in warning for warning in whole.warnings)
    assert len(analyze(table(star), ranks=True, baseline="good").comparisons) == 3


# -- properties ----------------------------------------------------------------------------------


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 1000), st.permutations([*FOUR]))
def test_new_names_rename_the_ranking_and_change_nothing_else(seed: int, names: list[str]) -> None:
    of = rows(FOUR, 15, seed=seed)
    named = dict(zip(FOUR, names, strict=True))
    sides = ("system_a", "system_b")
    other = [{**row, **{side: named[row[side]] for side in sides}} for row in of]
    first, second = ranking(of), ranking(other)
    for row in first.systems:
        again = next(r for r in second.systems if r.system == named[row.system])
        assert again.strength.value == pytest.approx(row.strength.value, abs=1e-6)
        assert (again.rank_low, again.rank_high) == (row.rank_low, row.rank_high)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 1000))
def test_turning_the_pairs_changes_nothing(seed: int) -> None:
    of = rows(FOUR, 15, seed=seed, ties=0.2)
    label, turned = {"a": "b", "b": "a", "tie": "tie"}, {"AB": "BA", "BA": "AB"}
    other = [
        {
            **row,
            "system_a": row["system_b"],
            "system_b": row["system_a"],
            "label": label[row["label"]],
            "order": turned[row["order"]],
        }
        for row in of
    ]
    first, second = ranking(of), ranking(other)
    assert order(first) == order(second)
    for a, b in zip(first.systems, second.systems, strict=True):
        assert a.strength.value == pytest.approx(b.strength.value, abs=1e-8)
        assert a.strength.se == pytest.approx(b.strength.se, abs=1e-8)


# -- real data -----------------------------------------------------------------------------------

pandalm = pytest.mark.skipif(
    not PANDALM.is_file(),
    reason=f"PandaLM's test set is not part of the repository, not at {PANDALM}",
)
alpaca_eval = pytest.mark.skipif(
    not ALPACA.is_file(), reason=f"AlpacaEval's data is not part of the repository, not at {ALPACA}"
)


@pytest.fixture(scope="module")
def people() -> list[Row]:
    """PandaLM's three annotators as three repeats of one judge."""
    return [
        {
            "item_id": label.item_id,
            "system_a": label.system_a,
            "system_b": label.system_b,
            "judge": "people",
            "repeat": int(label.rater.removeprefix("annotator")),
            "label": label.label,
        }
        for label in read_labels(PANDALM, format="pandalm")
    ]


@pandalm
def test_people_rank_pandalms_systems_as_evalica_does(people: list[Row]) -> None:
    """Published elsewhere for the same labels: llama 2.063, pythia 1.076, bloom .982, opt .784, cerebras
    .585, as evalica's scores; bloom and pythia are not told apart.
    """
    found = ranking(people)
    assert order(found) == ["llama-7b", "pythia-6.9b", "bloom-7b", "opt-7b", "cerebras-gpt-6.7B"]
    winners = {"a": evalica.Winner.X, "b": evalica.Winner.Y, "tie": evalica.Winner.Draw}
    other = evalica.bradley_terry(
        [row["system_a"] for row in people],
        [row["system_b"] for row in people],
        [winners[row["label"]] for row in people],
        tolerance=1e-12,
        limit=100_000,
    )
    logs = np.log(other.scores)
    for row in found.systems:
        expected = float(logs[row.system] - logs.mean())
        assert row.strength.value == pytest.approx(expected, abs=1e-6)
    letters = {row.system: {*row.letters} for row in found.systems}
    assert letters["bloom-7b"] & letters["pythia-6.9b"]
    assert not letters["llama-7b"] & letters["pythia-6.9b"]
    assert found.systems[0].rank_high == 1


@pandalm
def test_davidsons_model_orders_them_alike(people: list[Row]) -> None:
    assert order(ranking(people, ties="davidson")) == order(ranking(people))


@pandalm
def test_both_judges_of_pandalm_swap_bloom_and_pythia() -> None:
    found = analyze(read_verdicts(PANDALM, format="pandalm")).ranking
    assert found is not None
    assert order(found)[:3] == ["llama-7b", "bloom-7b", "pythia-6.9b"]
    assert found.systems[1].rank_high >= 3


@alpaca_eval
def test_against_one_baseline_the_ranking_has_the_published_win_rates() -> None:
    """29 systems met nobody else, so the win probability of each is its raw win rate."""
    with (ALPACA.parent / "published.csv").open(encoding="utf-8", newline="") as file:
        published = {row["model"]: float(row["win_rate"]) / 100 for row in csv.DictReader(file)}
    verdicts = read_verdicts(ALPACA, format="alpaca_eval")
    models = models_of(verdicts, position.term, verbosity.term)
    found = ranked(verdicts, models, {judge: 0 for judge, _, _ in models}, baseline="baseline")
    assert found is not None
    rates = {row.system: row.win_probability.value for row in found.systems}
    assert rates.pop("baseline") is None
    assert rates == pytest.approx(published, abs=1e-6)
    assert "form no loop" in found.transitivity.note
    top = found.systems[0]
    assert (top.system, top.rank_low, top.rank_high) == ("NullModel", 1, 1)
