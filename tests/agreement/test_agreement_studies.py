"""The studies of agreement in docs/simulations.md: few runs of some, and that their worlds are as stated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

if not (Path(__file__).parents[2] / "benchmarks" / "simulations").is_dir():
    pytest.skip("the benchmarks are not part of this copy", allow_module_level=True)

from benchmarks.simulations import of_agreement as studies
from benchmarks.simulations.study import (
    SEED,
    IntervalResult,
    carried_out,
    interval_result,
)
from judge.agreement.ratings import Ratings
from judge.types import Level

SURELY = 1e-4  # a bound that chance alone passes once in ten thousand tests
RUNS = 20


def test_every_study_has_a_name_of_its_own() -> None:
    names = [f"{one.group}/{one.name}" for one in (*studies.studies(), *studies.alarms())]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("size", [1, 4])
def test_intervals_cover_what_they_are_held_to(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studies, "HUGE", 20_000)
    level: Level = "ordinal" if size == 1 else "nominal"
    study = studies.coverage(studies.Raters(level, 100, size=size, n_orders=2, gaps=0.1))
    targets = study.targets()
    for name, drawn in carried_out(study, range(RUNS)).items():
        found = interval_result(study, name, targets[name], drawn)
        assert isinstance(found, IntervalResult)
        k = round(found.covers.share * found.covers.runs)
        assert stats.binom.cdf(k, found.covers.runs, 0.93) > SURELY, f"{name}: {k}"


def test_the_judge_of_the_alt_test_is_exactly_epsilon_worse() -> None:
    """E d = (2a - 1)(a - b): the judge's wins are fewer by that share, here .2, whatever the clusters."""
    for size in (1, 4):
        found = studies.tested_once(0.2, 40_000, size, np.random.default_rng(SEED))
        for one in found.raters:
            assert one.rater_wins is not None
            assert one.judge_wins is not None
            assert one.rater_wins - one.judge_wins == pytest.approx(0.2, abs=0.015)


def test_a_judge_that_is_too_bad_seldom_passes() -> None:
    study = studies.just_as_bad(0.2, 60, 1)
    for name, drawn in carried_out(study, range(200)).items():
        assert stats.binom.sf(int(drawn[:, 0].sum()) - 1, 200, 0.05) > SURELY, name


# What the way to make intervals was not chosen on: labels of which one is common, a judge that is nearly
# always right, one that lacks a verdict on a fifth of the units.
OTHERS = {
    "one label common": ((0.93, 0.05, 0.02), 0.85, 0.0, 100),
    "nearly always right": ((0.5, 0.3, 0.2), 0.97, 0.0, 60),
    "a judge with gaps": ((0.5, 0.3, 0.2), 0.8, 0.2, 60),
}
CHANCE_CORRECTED = ("Cohen kappa", "Krippendorff alpha", "Gwet AC1")


def of_other(name: str, n_units: int | None, random: np.random.Generator) -> Ratings:
    shares, sees, gaps, few = OTHERS[name]
    n = n_units or few
    truth = random.choice(3, size=n, p=shares)
    guess = random.choice(3, size=(n, 4), p=shares)
    labels = np.where(random.random((n, 4)) < sees, truth[:, None], guess)
    r = studies.ratings_of(labels[:, 3:], labels[:, :3], np.arange(n), "nominal")
    lacks = random.random(n) < gaps
    return replace(r, shares=np.where(lacks[:, None], np.nan, r.shares))


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_intervals_cover_in_worlds_that_they_were_not_chosen_on(name: str) -> None:
    random = np.random.default_rng(424242)
    huge = of_other(name, 200_000, random)
    many = replace(huge, clusters=np.arange(200_000) % 100)
    truths = studies.coefficients(many, SEED, 2)
    covers = dict.fromkeys(CHANCE_CORRECTED, 0)
    for run in range(500):
        found = studies.coefficients(of_other(name, None, random), run, 399)
        for coefficient in CHANCE_CORRECTED:
            e, truth = found[coefficient], truths[coefficient].value
            assert truth is not None
            is_held = e.ci_low is None or e.ci_low <= truth <= (e.ci_high or 0.0)
            covers[coefficient] += is_held
    for coefficient, k in covers.items():
        assert stats.binom.cdf(k, 500, 0.93) > SURELY, f"{coefficient}: {k}"
