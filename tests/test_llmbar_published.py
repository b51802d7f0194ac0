"""LLMBar, 10,056 verdict pairs of six judges: the published counts, and what our own rule makes of them.

The source counts two unreadable verdicts as positional agreement. Its counts are reproduced by its
rule, from what the verdict table holds; our rule leaves such pairs out and counts them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy import stats

from judge import records
from judge.aggregate import Analysis, analyze
from judge.table import VerdictTable

DATA = Path(__file__).parents[1].parent / "shared" / "data" / "llmbar"
LABELS = {"1": "a", "2": "b", None: None}

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"LLMBar is not part of the repository and not at {DATA}"
)


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def item_id(row: dict[str, Any]) -> str:
    return f"{row['subset']}/{row['idx']}"


def native(pair: dict[str, Any]) -> list[dict[str, Any]]:
    """The two rows of a verdict pair; None is an answer that could not be read."""
    shared = {
        "item_id": item_id(pair),
        "system_a": "output_1",
        "system_b": "output_2",
        "judge": pair["judge"],
        "rubric": pair["strategy"],
    }
    return [
        shared | {"order": order, "label": LABELS[pair[f"winner_order_{order.lower()}"]]}
        for order in ("AB", "BA")
    ]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> VerdictTable:
    path = tmp_path_factory.mktemp("llmbar") / "verdicts.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for pair in lines("verdicts.jsonl"):
            for row in native(pair):
                file.write(json.dumps(row) + "\n")
    return records.read_verdicts(path)


@pytest.fixture(scope="module")
def analysis(table: VerdictTable) -> Analysis:
    return analyze(table)


@pytest.fixture(scope="module")
def both(table: VerdictTable) -> pd.DataFrame:
    """One row per judge, wording and item: labels ab and ba ("" where unreadable), gold, subset."""
    frame = table.frame[["judge", "rubric", "item_id", "order", "label"]].astype(str)
    wide = frame.pivot(index=["judge", "rubric", "item_id"], columns="order", values="label")
    gold = {item_id(row): LABELS[str(row["label"])] for row in lines("items.jsonl")}
    found = wide.reset_index()
    found["gold"] = found["item_id"].map(gold)
    found["subset"] = found["item_id"].str.rsplit("/", n=1).str[0]
    return found


def test_all_verdicts_are_read_and_the_unreadable_are_unparsed(table: VerdictTable) -> None:
    pairs = lines("verdicts.jsonl")
    unreadable = sum(
        p[key] is None for p in pairs for key in ("winner_order_ab", "winner_order_ba")
    )
    counts = table.frame["status"].value_counts()
    assert unreadable > 0
    assert (counts["ok"], counts["unparsed"]) == (2 * 10056 - unreadable, unreadable)


def test_every_published_count_comes_out_by_the_rule_of_the_source(both: pd.DataFrame) -> None:
    found = both.assign(
        correct_False=both["AB"] == both["gold"],
        correct_True=both["BA"] == both["gold"],
        equal=both["AB"] == both["BA"],
    )
    found["correct_both"] = found["correct_False"] & found["correct_True"]
    names = ["correct_False", "correct_True", "correct_both", "equal"]
    groups = found.groupby(["subset", "judge", "rubric"])[names].agg(["sum", "size"])
    published = lines("published_statistics.jsonl")
    assert len(groups) == len(published) == 120
    for row in published:
        own = (str(row["subset"]), str(row["judge"]), str(row["strategy"]))
        for name in names:
            count, total = (groups[(name, of)].to_dict()[own] for of in ("sum", "size"))
            assert row[name].startswith(f"{count} / {total} ="), (row, name)


def test_by_our_rule_pairs_with_a_missing_verdict_are_left_out_and_counted(
    analysis: Analysis, both: pd.DataFrame
) -> None:
    both = both.assign(missing=(both["AB"] == "") | (both["BA"] == ""))
    some_missing = 0
    for row in analysis.judges:
        own = both[(both["judge"] == row.judge) & (both["rubric"] == row.rubric)]
        there = own[~own["missing"]]
        consistency = row.position.consistency
        assert (row.position.n_pairs, consistency.n_missing) == (len(there), own["missing"].sum())
        assert consistency.value == pytest.approx((there["AB"] == there["BA"]).mean(), abs=1e-12)
        some_missing += consistency.n_missing
    assert some_missing > 0


# judge: pairs, consistency, first-shown rate, inconsistent pairs that went to the first shown / all.
# Computed by others from the same verdicts (prompt Vanilla), to four digits.
VANILLA = {
    "GPT-4": (419, 0.9284, 0.5119, 20, 30),
    "ChatGPT": (419, 0.6587, 0.6468, 133, 143),
    "ChatGPT-0301": (419, 0.5776, 0.6706, 160, 177),
    "LLaMA2": (417, 0.7530, 0.5588, 76, 103),
    "PaLM2": (415, 0.7229, 0.5614, 83, 115),
    "Falcon": (419, 0.4153, 0.7757, 238, 245),
}


@pytest.mark.parametrize("judge", VANILLA)
def test_position_agrees_with_independent_tools(analysis: Analysis, judge: str) -> None:
    n, consistency, first_shown, primacy, inconsistent = VANILLA[judge]
    (row,) = (r for r in analysis.judges if (r.judge, r.rubric) == (judge, "Vanilla"))
    found = row.position
    assert found.n_pairs == n
    assert found.consistency.value == pytest.approx(consistency, abs=5e-5)
    assert found.first_shown_rate.value == pytest.approx(first_shown, abs=5e-5)
    expected = (inconsistent - 2 * primacy) / n
    assert found.preference_fairness.value == pytest.approx(expected, abs=1e-12)
    sign_test = stats.binomtest(primacy, inconsistent).pvalue
    assert found.p_value == pytest.approx(sign_test, rel=1e-9)


@pytest.mark.parametrize(
    ("judge", "p"), [("GPT-4", 0.099), ("LLaMA2", 1.4e-6), ("Falcon", 3.5e-61)]
)
def test_the_sign_test_has_the_published_p_value(analysis: Analysis, judge: str, p: float) -> None:
    (row,) = (r for r in analysis.judges if (r.judge, r.rubric) == (judge, "Vanilla"))
    assert row.position.p_value == pytest.approx(p, rel=0.05)


# The first-shown rate's interval by cluster with normal quantiles, by others, to four digits; and the
# position coefficient's side.
INTERVALS = {
    "GPT-4": (0.4992, 0.5247),
    "ChatGPT": (0.6226, 0.6710),
    "ChatGPT-0301": (0.6441, 0.6972),
    "LLaMA2": (0.5356, 0.5820),
    "PaLM2": (0.5368, 0.5861),
    "Falcon": (0.7503, 0.8011),
}


@pytest.mark.parametrize("judge", INTERVALS)
def test_the_interval_by_cluster_is_the_published_one_but_for_t(
    analysis: Analysis, judge: str
) -> None:
    """Theirs is normal on our standard error; ours, t(G-1), is a third of a percent wider."""
    (row,) = (r for r in analysis.judges if (r.judge, r.rubric) == (judge, "Vanilla"))
    e = row.position.first_shown_rate
    assert e.value is not None
    assert e.se is not None
    z = float(stats.norm.ppf(0.975))
    assert (e.value - z * e.se, e.value + z * e.se) == pytest.approx(INTERVALS[judge], abs=6e-5)
    assert (e.ci_low, e.ci_high) == pytest.approx(INTERVALS[judge], abs=2e-4)


def test_each_judge_has_a_coefficient_on_the_side_of_its_first_shown_rate(
    analysis: Analysis,
) -> None:
    for row in analysis.judges:
        found = row.position
        rate, if_equal = found.first_shown_rate.value, found.first_shown_if_equal.value
        assert rate is not None
        assert if_equal is not None
        assert (rate - 0.5) * (if_equal - 0.5) >= 0
        assert [n.judge for n in found.no_skill] == ["fair coin", "always first"]
