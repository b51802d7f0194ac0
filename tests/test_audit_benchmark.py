"""The audits of docs/audit-power.md: a few of each kind, their generator, and what the page holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

ROOT = Path(__file__).parents[1]
if not (ROOT / "benchmarks" / "audit").is_dir():
    pytest.skip("the benchmarks are not part of this copy", allow_module_level=True)

from benchmarks.audit import page, statements, tables  # noqa: E402
from benchmarks.audit.judges import (  # noqa: E402
    CLEAN,
    NOISE,
    PLANTED,
    Judge,
    items,
    truth,
    verdicts,
)
from benchmarks.audit.study import (  # noqa: E402
    CLEAN_RUNS,
    FOUND_AT_LEAST,
    KNOWN,
    OWN,
    RESAMPLED,
    RUNS,
    SIZES,
    STUDIES,
    Share,
    planted,
    quiet_studies,
    shares,
)
from benchmarks.simulations.study import SEED, carried_out  # noqa: E402
from judge.table import from_rows, to_rows  # noqa: E402

PAGE = ROOT / "docs" / "audit-power.md"
MANY = 100_000
FEW = 6
SURELY = 1e-4  # a bound that chance alone passes once in ten thousand tests

# What is resampled takes seconds an audit; the page has it.
QUIET = [study for study in quiet_studies() if RESAMPLED not in study.name]
named = {study.name: study for study in STUDIES}


# -- the judges ----------------------------------------------------------------------------------


@pytest.mark.parametrize("judge", [CLEAN, *PLANTED], ids=lambda judge: judge.name)
def test_every_judge_changes_its_mind_on_a_tenth_of_the_items(judge: Judge) -> None:
    random = np.random.default_rng(SEED)
    of, is_first = items(judge, MANY, random), random.random(MANY) < 0.5
    once, again = (verdicts(of, is_first, random, np.zeros(MANY)) for _ in range(2))
    assert (once != again).mean() == pytest.approx(NOISE, abs=0.005)


def test_position_adds_its_points_to_the_first_shown_rate() -> None:
    random = np.random.default_rng(SEED)
    judge = Judge("position", position=0.15)
    of, is_first = items(judge, MANY, random), random.random(MANY) < 0.5
    won = verdicts(of, is_first, random, np.zeros(MANY)) == 1
    assert (won == is_first).mean() == pytest.approx(0.65, abs=0.006)


@pytest.mark.parametrize("is_known", [False, True])
def test_what_is_true_of_a_clean_judge_is_what_many_verdicts_say(is_known: bool) -> None:
    random = np.random.default_rng(SEED)
    of, nothing = items(CLEAN, MANY, random), np.zeros(MANY)
    b, r = (verdicts(of, nothing == 0, random, nothing) for _ in range(2))
    is_a = ~of.is_a_better if is_known else b == 0  # whether the target is a
    p = verdicts(of, nothing == 0, random, np.where(is_a, -6.0, 6.0))
    lost = (b == 0) == is_a
    true, right = truth(is_known=is_known), (b == 1) == of.is_a_better
    assert b.mean() == pytest.approx(true.win_rate, abs=0.006)
    assert right.mean() == pytest.approx(true.right, abs=0.004)
    assert (right & ((r == 1) == of.is_a_better)).mean() == pytest.approx(true.twice, abs=0.005)
    assert ((r == 1) == is_a)[lost].mean() == pytest.approx(true.success, abs=0.004)
    assert ((p == 1) == is_a)[lost].mean() == pytest.approx(true.null_success, abs=0.001)
    assert (b != r).mean() == pytest.approx(true.flipping(2), abs=0.005)


# -- the tables ----------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [tables.battery, tables.wordings, tables.scores])
def test_a_table_is_one_that_could_have_been_read(made) -> None:  # type: ignore[no-untyped-def]
    table, _ = made(CLEAN, 20, np.random.default_rng(SEED))
    again = from_rows(table.mode, to_rows(table)).frame
    assert (again.dtypes == table.frame.dtypes).all()
    assert again.astype(object).equals(table.frame.astype(object))


def test_targets_are_the_losers_of_the_first_verdict_or_the_worse_answers() -> None:
    """A target's derived system stands in its own place."""
    for is_known in (False, True):
        judge = Judge("steady", position=0.0)
        table, asked = tables.battery(judge, 40, np.random.default_rng(SEED), is_known=is_known)
        frame = table.frame.astype({"system_a": str, "system_b": str, "label": str})
        shown = frame[(frame["system_a"] + frame["system_b"]).str.contains("identity")]
        said = frame[(frame["system_a"] == "a") & (frame["system_b"] == "b")]
        once = said[said["repeat"] == 1]
        first = dict(
            zip(zip(once["item_id"], once["order"], strict=True), once["label"], strict=True)
        )
        for row in shown.itertuples():
            loser = "a" if str(row.system_a) != "a" else "b"
            if is_known:
                assert asked.targets[str(row.item_id)] == loser
            else:
                assert first[row.item_id, row.order] != loser


# -- a small version of the page -----------------------------------------------------------------


@pytest.mark.parametrize("study", QUIET, ids=lambda study: study.name)
def test_few_audits_of_a_clean_judge_say_little_that_is_false(study) -> None:  # type: ignore[no-untyped-def]
    """No statement so often that it cannot be false in 5 %, and most of them never."""
    found = shares(study, carried_out(study, range(FEW)))
    assert len(found) > 1
    for one in found:
        assert stats.binom.sf(one.k - 1, one.runs, 0.05) > SURELY, f"{one.name}: {one.k}"
    assert sum(one.k for one in found) < 0.15 * sum(one.runs for one in found)


@pytest.mark.parametrize(
    "one",
    [p for p in planted() if p.effect == "as planted" and p.n_items == SIZES[-1]],
    ids=lambda one: one.name,
)
def test_what_is_planted_is_found_in_400_items(one) -> None:  # type: ignore[no-untyped-def]
    study = named[one.name]
    (found,) = (
        s for s in shares(study, carried_out(study, range(FEW))) if s.name == statements.FOUND
    )
    assert stats.binom.cdf(found.k, FEW, FOUND_AT_LEAST) > SURELY


# -- the page ------------------------------------------------------------------------------------


def test_a_share_is_over_from_its_lower_bound_on() -> None:
    """Of 1,000: the bound of Clopper and Pearson is .0502 at 63 and .0493 at 62."""
    over = page.first_over(1000)
    assert Share("", "", over, 1000).lower > 0.05 >= Share("", "", over - 1, 1000).lower
    exact = stats.binomtest(over, 1000, alternative="greater").proportion_ci(0.95).low
    assert Share("", "", over, 1000).lower == pytest.approx(exact)
    assert Share("", "", 0, 1000).lower == 0.0


def test_every_study_has_a_name_of_its_own() -> None:
    assert len(named) == len(STUDIES)


@pytest.fixture(scope="module")
def written() -> str:
    if not PAGE.is_file():
        pytest.skip("docs/audit-power.md is not part of this copy")
    return PAGE.read_text(encoding="utf-8")


def test_the_page_names_its_command_seed_and_runs(written: str) -> None:
    assert f"Written by `{page.COMMAND}`; seed {SEED}." in written
    assert f"Shares of {RUNS} audits" in written
    assert f"{CLEAN_RUNS:,} audits of each kind" in written


def test_the_page_has_every_study(written: str) -> None:
    for study in quiet_studies():
        assert f"### {study.name[0].upper()}{study.name[1:]}" in written
    rows = [line.split(" | ") for line in written.splitlines() if line.startswith("| ")]
    told = {(row[0].removeprefix("| "), row[1], row[2]) for row in rows}
    assert {(p.judge.name, p.targets or "-", p.effect) for p in planted()} <= told


def test_the_page_holds_that_each_effect_is_found(written: str) -> None:
    """The bold share of every effect planted whole, in audits of the largest size."""
    rows = [line.strip("| ").split(" | ") for line in written.splitlines() if "as planted" in line]
    whole = [row for row in rows if row[0] in {judge.name for judge in PLANTED}]
    assert {row[1] for row in whole} == {"-", OWN, KNOWN}
    for row in whole:
        assert float(row[-2].strip("*%")) >= 100 * FOUND_AT_LEAST, row
