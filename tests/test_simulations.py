"""The studies of docs/simulations.md: few runs of some of them, their own pieces, and the page's head."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from judge.aggregate import analyze
from judge.controls import position
from judge.stats.proportions import mcnemar_exact
from judge.table import from_rows
from judge.types import PANEL, Estimate

ROOT = Path(__file__).parents[1]
if not (ROOT / "benchmarks" / "simulations").is_dir():
    pytest.skip("the benchmarks are not part of this copy", allow_module_level=True)

from benchmarks.simulations import alarms, estimators, page, planted, reported  # noqa: E402
from benchmarks.simulations.registry import STUDIES  # noqa: E402
from benchmarks.simulations.study import (  # noqa: E402
    RUNS,
    SEED,
    Alarms,
    Coverage,
    IntervalResult,
    Target,
    carried_out,
    covered,
    gathered,
    interval_result,
    random_of,
    results,
)
from benchmarks.simulations.verdicts import World, draw, endless  # noqa: E402

FEW = 120
SURELY = 1e-4  # a bound that chance alone passes once in ten thousand tests
PAGE = ROOT / "docs" / "simulations.md"

named = {f"{study.group}/{study.name}": study for study in STUDIES}


# -- a small version of the table ----------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Planted biases/all, 100 items, 4 a cluster",
        "Other intervals/scores 1 to 5, 100 items, 4 a cluster",
        "Other intervals/five systems, 100 items, one order",
    ],
)
def test_intervals_cover_what_they_are_held_to(name: str) -> None:
    """Within what so few runs allow: 95 % of 120 is 114, and chance alone goes down to 100."""
    study = named[name]
    found = results(study, carried_out(study, range(FEW)))
    for r in found:
        assert isinstance(r, IntervalResult)
        held = r.covers if r.target.is_held or r.covers_limit is None else r.covers_limit
        k = round(held.share * held.runs)
        assert stats.binom.cdf(k, held.runs, 0.93) > SURELY, f"{r.name} covers {held.share}"
        assert stats.binom.sf(k - 1, held.runs, 0.97) > SURELY, f"{r.name} covers {held.share}"


def test_what_takes_a_bias_out_is_unbiased_and_what_does_not_is_not() -> None:
    study = named["Planted biases/length, 400 items, 1 a cluster"]
    found = {r.name: r for r in results(study, carried_out(study, range(60)))}
    for name, r in found.items():
        assert isinstance(r, IntervalResult)
        if r.target.is_held:
            assert abs(r.bias) < 4 * r.bias_error, name
    raw = found[estimators.RAW]
    assert isinstance(raw, IntervalResult)
    assert raw.bias > 8 * raw.bias_error


@pytest.mark.parametrize(
    "name",
    [
        "False alarms/nothing planted, 100 items, 4 a cluster",
        "False alarms/length given gold, 419 pairs, a fair coin",
        "False alarms/ranks of 5 systems, 100 items",
    ],
)
def test_findings_of_nothing_are_rare(name: str) -> None:
    study = named[name]
    assert isinstance(study, Alarms)
    for statement, drawn in carried_out(study, range(FEW)).items():
        if statement not in study.rivals:
            k = int(drawn[:, 0].sum())
            assert stats.binom.sf(k - 1, FEW, 0.05) > SURELY, f"{statement}: {k} of {FEW}"


def test_the_rule_for_position_is_the_controls() -> None:
    """The p value of a table of the same verdicts."""
    first, second = alarms.verdicts_of(0.3, np.random.default_rng(SEED))
    shown = {"AB": first, "BA": second}
    rows = [
        {"item_id": f"i{i}", "system_a": "a", "system_b": "b", "judge": "j", "order": order}
        | {"label": "a" if won else "b"}
        for order, wins in shown.items()
        for i, won in enumerate(wins)
    ]
    found = position.measure(from_rows("pairwise", rows))
    ours = mcnemar_exact(int((first & ~second).sum()), int((second & ~first).sum()))
    assert found.p_value == found.p_value_clustered == pytest.approx(ours)


def test_a_judge_that_seldom_agrees_with_itself_is_not_called_biased_for_it() -> None:
    """At consistency .1 the rival's rule is at 14.5 %."""
    drawn = alarms.position_lean(0.1)
    found = [drawn(np.random.default_rng([SEED, run])) for run in range(500)]
    ours, rival = (sum(f[name] for f in found) for name in (alarms.LEANS, alarms.RIVAL))
    assert stats.binom.sf(ours - 1, 500, 0.05) > SURELY
    assert stats.binom.sf(rival - 1, 500, 0.05) < SURELY
    assert rival / 500 == pytest.approx(0.145, abs=0.05)


# -- the path of the report ----------------------------------------------------------------------


def same(reported: Estimate, ours: Estimate) -> None:
    for field in ("value", "se", "ci_low", "ci_high"):
        assert getattr(reported, field) == pytest.approx(getattr(ours, field), abs=1e-7), field
    assert reported.n_clusters == ours.n_clusters


def test_the_report_gives_the_numbers_that_the_studies_are_of() -> None:
    world = World(sizes=(2,), position=0.5, length=0.5, family=0.1)
    drawn = draw(world, np.random.default_rng(SEED))
    # Lengths are whole characters in a table.
    b = np.floor(drawn.length_b)
    difference = np.floor(drawn.length_b + drawn.difference) - b
    drawn = replace(drawn, difference=difference, length_b=b)
    ours = estimators.estimates(drawn)
    found = analyze(reported.table_of(drawn), baseline=reported.BASE)
    rows = {row.judge: row for row in found.comparisons}
    same(rows["j0"].raw, ours[estimators.RAW])
    same(rows["j0"].position_adjusted, ours[estimators.POSITION])
    same(rows["j0"].length_controlled, ours[estimators.LENGTH])
    same(rows[PANEL].raw, ours[estimators.PANEL_RAW])
    same(rows[PANEL].position_adjusted, ours[estimators.PANEL_POSITION])
    same(rows[PANEL].length_controlled, ours[estimators.PANEL_LENGTH])
    same(rows[PANEL].family_adjusted, ours[estimators.FAMILY])
    judge = next(row for row in found.judges if row.judge == "j0")
    same(judge.verbosity.coefficient, ours[estimators.LENGTH_COEFFICIENT])
    same(judge.position.coefficient, ours[estimators.POSITION_COEFFICIENT])
    same(judge.position.first_shown_rate, ours[estimators.FIRST_SHOWN])


# -- the pieces ----------------------------------------------------------------------------------


def test_the_copula_leaves_every_probability_as_it_is() -> None:
    """The mean verdict of many draws is the model's, in each order; ties are half."""
    world = World(n_items=4000, sizes=(1,), position=0.8)
    y = draw(world, np.random.default_rng(1)).y
    expected = [expit(0.4 + 0.8), expit(0.4 - 0.8)]
    assert y.mean(axis=(0, 1)) == pytest.approx(expected, abs=0.02)
    assert set(np.unique(y)) == {0.0, 0.5, 1.0}


def test_the_two_orders_of_a_pair_go_together() -> None:
    y = draw(World(n_items=4000, sizes=(1,)), np.random.default_rng(2)).y
    assert np.corrcoef(y[0, :, 0], y[0, :, 1])[0, 1] > 0.3
    assert np.corrcoef(y[0, :, 0], y[1, :, 0])[0, 1] > 0.1


@pytest.mark.parametrize("bias", planted.BIASES)
def test_the_truth_does_not_depend_on_what_was_planted(bias: str) -> None:
    world = World(**planted.BIASES[bias])  # type: ignore[arg-type]
    assert endless(world).unbiased == pytest.approx(float(expit(0.4)))


def test_a_run_hangs_on_the_seed_its_study_and_its_number_alone() -> None:
    study = named["Other intervals/scores 1 to 5, 30 items, 1 a cluster"]
    both, later = (carried_out(study, runs)["mean score"] for runs in (range(4), range(2, 4)))
    assert np.array_equal(both[2:], later)
    other = named["Other intervals/scores 1 to 5, 100 items, 1 a cluster"]
    assert random_of(study, 0).random() != random_of(other, 0).random()


def test_every_study_has_a_name_of_its_own() -> None:
    assert len(named) == len(STUDIES)


def test_coverage_is_held_to_the_band_by_an_exact_test() -> None:
    """Of 2,000: 1,840 is below .93 with p = .046, 1,841 with .055; 1,953 is above .97 with .047."""

    def verdict(k: int) -> str:
        high = np.where(np.arange(2000) < k, 1.0, -1.0)
        return covered(np.full(2000, -2.0), high, 0.0).verdict

    assert [verdict(k) for k in (1840, 1841, 1952, 1953)] == ["under", "ok", "ok", "over"]


def test_what_has_no_interval_is_counted_and_not_covered() -> None:
    study = Coverage("g", "n", lambda random: {}, dict)
    drawn = np.array([[0.5, 0.4, 0.6, 0], [0.5, 0.45, 0.7, 0], [0.5, np.nan, np.nan, 0]])
    found = interval_result(study, "e", Target(0.5), drawn)
    assert (found.undefined, found.covers.runs, found.covers.share) == (1, 2, 1.0)


def test_a_name_that_some_runs_lack_is_undefined_in_these() -> None:
    first, second = {"a": np.ones((2, 4))}, {"a": np.ones((1, 4)), "b": np.zeros((1, 4))}
    found = gathered([first, second])
    assert found["a"].shape == (3, 4)
    assert list(np.isnan(found["b"][:, 0])) == [True, True, False]


def test_what_the_note_warns_of_is_counted() -> None:
    warns = Estimate("e", 0.5, ci_low=0.4, ci_high=0.6, note="the interval may be too narrow")
    quiet = Estimate("e", 0.5, ci_low=0.4, ci_high=0.6)
    study = Coverage("g", "n", lambda random: {"warns": warns, "quiet": quiet}, dict)
    drawn = carried_out(study, range(3))
    shares = {
        name: interval_result(study, name, Target(0.5), d).warned for name, d in drawn.items()
    }
    assert shares == {"warns": 1.0, "quiet": 0.0}


def test_a_guarantee_may_cover_more_often_than_it_says() -> None:
    study = Coverage("g", "n", lambda random: {}, dict)
    drawn = np.tile([0.5, 0.0, 1.0, 0.0], (2000, 1))
    assert interval_result(study, "e", Target(0.5), drawn).verdict == "over"
    assert interval_result(study, "e", Target(0.5, at_least=True), drawn).verdict == "ok"


# -- the page ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written() -> str:
    if not PAGE.is_file():
        pytest.skip("docs/simulations.md is not part of this copy")
    return PAGE.read_text(encoding="utf-8")


def test_the_page_names_its_command_seed_and_runs(written: str) -> None:
    assert f"Written by `{page.COMMAND}`; seed {SEED}, {RUNS:,} runs a study." in written


def test_the_page_has_every_study_and_no_other(written: str) -> None:
    rows = [line for line in written.splitlines() if line.startswith("| ")]
    told = {line.split(" | ")[0].removeprefix("| ").strip() for line in rows}
    assert told - {"", "study", "---"} == {study.name for study in STUDIES}
