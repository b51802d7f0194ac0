"""Length given what is right: a judge without skill is never said to favour it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from scipy.special import expit

from judge import records
from judge.analysis.gold import Gold, gold_of, side
from judge.analysis.pairwise_models import JudgeModels, models_of
from judge.controls import position, verbosity
from judge.controls.length_given_gold import NO_LABELS, TOO_SURE, measure
from judge.controls.verbosity import GivenGold, term
from judge.table import from_rows

N = 200


def models(seed: int, *, skill: float = 0.0, length: float = 0.0) -> tuple[JudgeModels, Gold]:
    """A judge of pairs whose right answer is the shorter in about 3 of 4."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(50, 900, (2, N))
    right = np.where(rng.random(N) < 0.25, 1, -1) * np.sign(a - b + 0.5)
    scale = float(np.sqrt(np.mean((a - b) ** 2.0)))
    rows = []
    for order in ("AB", "BA"):
        p = expit(skill * right + length * np.tanh((a - b) / scale))
        wins = rng.random(N) < p
        rows += [
            {
                "item_id": f"i{i}",
                "system_a": "output_1",
                "system_b": "output_2",
                "judge": "j",
                "order": order,
                "label": "a" if wins[i] else "b",
                "len_a": int(a[i]),
                "len_b": int(b[i]),
            }
            for i in range(N)
        ]
    table = from_rows("pairwise", rows, comparable=False)
    (found,) = models_of(table, position.term, term).values()
    sides = {(f"i{i}", "output_1", "output_2"): float(right[i]) for i in range(N)}
    return found, Gold(sides)


def test_an_able_judge_that_ignores_length_goes_with_the_shorter_and_is_not_said_to_favour_it() -> (
    None
):
    """The right answer is mostly the shorter: without labels the judge seems to dislike length."""
    own, gold = models(1, skill=1.5)
    alone, given = verbosity.measure(own), measure(own, gold)
    assert alone.p_value is not None
    assert alone.p_value < 1e-3
    assert given.p_value is not None
    assert given.p_value > 0.05
    assert given.gold.value == pytest.approx(1.5, abs=0.5)


def test_a_judge_that_favours_length_is_found_with_its_gap_of_errors() -> None:
    given = measure(*models(2, skill=1.0, length=1.5))
    assert given.p_value is not None
    assert given.p_value < 1e-6
    assert given.gap.ci_low is not None
    assert given.gap.ci_low > 0
    assert given.error_shorter.value is not None
    assert given.error_longer.value is not None
    assert given.gap.value == pytest.approx(given.error_shorter.value - given.error_longer.value)


@pytest.mark.parametrize("seed", range(3))
def test_the_model_is_that_of_statsmodels_without_strengths_where_answers_are_no_systems(
    seed: int,
) -> None:
    own, gold = models(seed, skill=0.8, length=0.4)
    rows = own.rows
    design = np.column_stack(
        [np.where(rows["order"] == "AB", 1.0, -1.0), side(rows, gold), term(rows).column]
    )
    groups = rows["cluster"].cat.codes.to_numpy()
    other = sm.GLM(rows["y"].to_numpy(), design, family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": groups}
    )
    given = measure(own, gold)
    for e, place in ((given.gold, 1), (given.coefficient, 2)):
        assert e.value == pytest.approx(other.params[place], abs=1e-7)
        assert e.se == pytest.approx(other.bse[place], rel=1e-6)


def test_the_gap_has_the_interval_of_a_regression_of_errors_on_which_is_right() -> None:
    """CR1 of the slope of an indicator; its factor (n-1)/(n-2) is not in a difference of two means."""
    own, gold = models(3, length=1.0)
    pairs = verbosity.pair_means(own.rows)
    known = side(pairs, gold)
    wrong = np.where(known > 0, 1 - pairs["y"], pairs["y"])
    shorter = (known * (pairs["len_a"] - pairs["len_b"]) < 0).astype(float)
    used = pairs["len_a"] != pairs["len_b"]
    fit = sm.OLS(wrong[used], sm.add_constant(shorter[used])).fit(
        cov_type="cluster", cov_kwds={"groups": pairs.loc[used, "cluster"].cat.codes}
    )
    n = int(used.sum())
    gap = measure(own, gold).gap
    assert gap.value == pytest.approx(fit.params.iloc[1], abs=1e-12)
    assert gap.se == pytest.approx(fit.bse.iloc[1] * np.sqrt((n - 2) / (n - 1)), rel=1e-9)


def test_without_a_label_on_any_pair_everything_is_null_with_a_note() -> None:
    own, _ = models(4)
    given = measure(own, Gold({("elsewhere", "x", "y"): 1.0}, n_undecided=2))
    assert (given.p_value, given.longer_right, given.n_undecided) == (None, None, 2)
    for e in (given.coefficient, given.gold, given.gap, given.error_longer, given.error_shorter):
        assert (e.value, e.note) == (None, NO_LABELS)


def test_a_judge_that_is_always_right_cannot_be_told_from_its_labels() -> None:
    own, gold = models(5)
    right = own.rows.assign(y=(side(own.rows, gold) > 0).astype(float))
    given = measure(replace(own, rows=right), gold)
    assert given.coefficient.value is None
    assert given.coefficient.note == f"not computed: {TOO_SURE}"
    assert (given.error_longer.value, given.error_shorter.value) == (0.0, 0.0)


def test_the_expectation_of_a_coin_is_exactly_nothing() -> None:
    own, gold = models(6)
    given = measure(replace(own, rows=own.rows.assign(y=0.5)), gold)
    assert given.coefficient.value == 0.0
    assert given.gap.value == 0.0


# -- LLMBar ----------------------------------------------------------------------------------------

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "llmbar"
here = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"LLMBar is not part of the repository and not at {DATA}"
)

# Error where the shorter answer is right, where the longer is, and the gap, as computed by others with
# the prompt Vanilla, a pair whose orders disagree being half an error.
PUBLISHED = {
    "Falcon": (0.477, 0.323, 0.154),
    "PaLM2": (0.306, 0.257, 0.050),
    "GPT-4": (0.174, 0.106, 0.068),
    "ChatGPT-0301": (0.582, 0.350, 0.233),
    "ChatGPT": (0.681, 0.385, 0.296),
    "LLaMA2": (0.685, 0.209, 0.476),
}


@pytest.fixture(scope="module")
def llmbar() -> tuple[dict[str, JudgeModels], Gold]:
    table = records.read_verdicts(
        DATA / "verdicts.jsonl", format="llmbar", beside={"items": DATA / "items.jsonl"}
    )
    vanilla = table.frame[table.frame["rubric"] == "Vanilla"]
    found = models_of(replace(table, frame=vanilla), position.term, term)
    gold = gold_of(records.read_labels(DATA / "items.jsonl", format="llmbar"))
    return {judge: own for (judge, _, _), own in found.items()}, gold


@here
@pytest.mark.parametrize("judge", PUBLISHED)
def test_error_gaps_of_six_judges_are_the_published_ones(
    llmbar: tuple[dict[str, JudgeModels], Gold], judge: str
) -> None:
    """To three digits; two pairs of LLaMA2 and four of PaLM2 lack a verdict in one order and are left out."""
    judges, gold = llmbar
    given = measure(judges[judge], gold)
    found = (given.error_shorter.value, given.error_longer.value, given.gap.value)
    slack = 2e-3 if judge in ("LLaMA2", "PaLM2") else 6e-4
    assert found == pytest.approx(PUBLISHED[judge], abs=slack)
    if judge not in ("LLaMA2", "PaLM2"):
        assert given.gap.n == 417
        assert given.longer_right == pytest.approx(0.271, abs=5e-4)


@here
def test_a_bias_of_length_is_found_where_errors_differ_and_not_where_the_labels_explain_it(
    llmbar: tuple[dict[str, JudgeModels], Gold],
) -> None:
    """Alone, GPT-4 and PaLM2 go with the shorter, as the labels do; given these GPT-4 leans the other way."""
    judges, gold = llmbar
    alone = {name: verbosity.measure(own).coefficient.value or 0.0 for name, own in judges.items()}
    given = {name: measure(own, gold) for name, own in judges.items()}
    assert alone["GPT-4"] < 0
    assert alone["PaLM2"] < 0
    assert (given["GPT-4"].coefficient.value or 0.0) > 0
    surely = {name for name, g in given.items() if g.p_value is not None and g.p_value < 0.001}
    assert surely == {"ChatGPT", "ChatGPT-0301", "Falcon", "LLaMA2"}


def coins(own: JudgeModels, gold: Gold, runs: int) -> Iterator[GivenGold]:
    """What is measured of judges that toss a coin for every verdict. Seeds: 0 to runs - 1."""
    for seed in range(runs):
        y = np.random.default_rng(seed).integers(0, 2, len(own.rows)).astype(float)
        yield measure(replace(own, rows=own.rows.assign(y=y)), gold)


def flagged(found: Iterator[GivenGold]) -> int:
    return sum(given.p_value is not None and given.p_value < 0.05 for given in found)


@here
def test_a_fair_coin_on_llmbar_is_flagged_no_more_often_than_1_in_20(
    llmbar: tuple[dict[str, JudgeModels], Gold],
) -> None:
    """Three other tools call it biased at p = 1e-19. 100 coins, 2,000 in the slow test."""
    judges, gold = llmbar
    n = flagged(coins(judges["GPT-4"], gold, 100))
    assert stats.binomtest(n, 100, 0.05, alternative="greater").pvalue > 0.01


@here
@pytest.mark.slow
def test_2000_fair_coins_on_llmbar_are_flagged_in_at_most_5_percent(
    llmbar: tuple[dict[str, JudgeModels], Gold],
) -> None:
    judges, gold = llmbar
    n = flagged(coins(judges["GPT-4"], gold, 2000))
    assert stats.binomtest(n, 2000, 0.05, alternative="greater").pvalue > 0.05


def test_fair_coins_are_flagged_no_more_often_than_1_in_20_where_the_shorter_is_right() -> None:
    """Drawn data in place of the real; 100 coins."""
    own, gold = models(7)
    n = flagged(coins(own, gold, 100))
    assert stats.binomtest(n, 100, 0.05, alternative="greater").pvalue > 0.01


def test_labels_reach_the_report_as_json() -> None:
    from judge.aggregate import analyze
    from judge.report.build import build
    from judge.report.schema import to_json
    from judge.types import HumanLabel

    rows = [
        {"item_id": f"i{n}", "system_a": "x", "system_b": "y", "judge": "j", "label": "ab"[n % 2]}
        | {"len_a": 10 + n % 7, "len_b": 12}
        for n in range(30)
    ]
    labels = [
        HumanLabel(f"i{n}", "r", system_a="y", system_b="x", label="ab"[n % 3 == 0])
        for n in range(30)
    ]
    report = build(analyze(from_rows("pairwise", rows), labels=labels), run={"command": "analyze"})
    given = json.loads(to_json(report))["judges"][0]["length"]["given_gold"]
    assert given["gap"]["value"] is not None
    assert given["coefficient"]["n"] == 30
